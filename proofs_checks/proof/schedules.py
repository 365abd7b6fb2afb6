"""Schedules: the factor s(t) of a velocity s(t) F(x), its sign, and whether its integral diverges.

Decided exactly for constants, exponentials, powers and rational functions of t and their products,
and for sums of sines and cosines; anything else is left undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Integral,
    Mul,
    Piecewise,
    Poly,
    Rational,
    S,
    cos,
    exp,
    integrate,
    nan,
    oo,
    real_roots,
    sin,
    zoo,
)
from sympy.simplify.fu import TR8

from theory.bounded import simplified, vanishes
from theory.symbols import t, z


@dataclass(frozen=True)
class Schedule:
    """``velocity = s(t) F(x)`` with F free of t.

    Attributes
    ----------
    factor : Expr
        s, in ``t``.
    sign : int or None
        1 or -1 if s has that sign for all t >= 0; 0 if it takes both; None if undecided.
    total : Expr or None
        The supremum of ``|∫_0^t s|`` over t, ``oo`` if it isn't bounded; None if undecided.
    """

    factor: Expr
    sign: int | None
    total: Any

    @property
    def constant(self) -> bool:
        """Whether there is no schedule at all."""
        return t not in self.factor.free_symbols

    @property
    def runs_ahead(self) -> bool:
        """Whether ``τ >= t``: s(0) >= 1, and s is shown not to fall."""
        rises = self.factor.diff(t).subs(t, Dummy("t", nonnegative=True))
        return bool((self.factor.subs(t, 0) - 1).is_nonnegative and rises.is_nonnegative)

    @property
    def negative_at(self) -> Expr | None:
        """Time at which s < 0, parameters being 1; None if none is found."""
        plain = self.factor.xreplace({s: S.One for s in self.factor.free_symbols - {t}})
        times = () if self.sign == 1 else (Rational(k, 4) for k in range(64))
        return next((time for time in times if plain.subs(t, time).is_negative), None)

    @property
    def paces(self) -> tuple[tuple[Expr, Expr], ...]:
        """Values of s at some times, as (time, s), with what parameters are left in them."""
        times = map(Rational, (0, 1, 3, 10, 100, 10**4) if not self.constant else (0,))
        found = ((time, self.factor.subs(t, time)) for time in times)
        return tuple((time, value) for time, value in found if value.is_finite)

    @property
    def elapsed(self) -> Expr | None:
        """``τ(t) = ∫_0^t s``, None where SymPy has no closed form."""
        past, now = Dummy("u", nonnegative=True), Dummy("t", positive=True)
        found = integrate(self.factor.subs(t, past), (past, 0, now))
        return None if found.has(Integral, Piecewise) else simplified(found.subs(now, t))


@lru_cache(maxsize=64)
def schedule_of(factor: Expr) -> Schedule:
    """Decide the sign and the integral of a factor of time.

    Examples
    --------
    >>> schedule_of(1 / (1 + t)).total, schedule_of(exp(-t)).total, schedule_of(cos(t)).sign
    (oo, 1, 0)
    """
    if t not in factor.free_symbols:
        return Schedule(factor, _sign(factor), oo if factor.is_nonzero else S.Zero)
    # A parameter without a value is any positive number.
    swap = {s: Dummy(str(s), positive=True) for s in factor.free_symbols - {t}}
    back = {dummy: s for s, dummy in swap.items()}
    plain = factor.xreplace(swap)
    sign = _sign(plain.subs(t, Dummy("t", nonnegative=True)))
    if plain.has(sin, cos):
        plain = TR8(plain.expand())  # products of waves are sums of waves
        sign = sign or _sign_of_waves(plain)
    if sign is None and _changes_sign(plain):
        sign = 0
    total = _total(plain, sign)
    if total is None:
        total = _total(plain.expand(), sign)
    return Schedule(factor, sign, None if total is None else total.xreplace(back))


def is_nonnegative(factor: Expr) -> bool:
    """Whether a factor is >= 0 at every time t >= 0, for parameters that are positive numbers."""
    swap = {s: Dummy(str(s), positive=True) for s in factor.free_symbols - {t}}
    return bool(factor.xreplace({**swap, t: Dummy("t", nonnegative=True)}).is_nonnegative)


def _sign(value: Expr) -> int | None:
    if value.is_positive:
        return 1
    if value.is_negative:
        return -1
    # Zero at isolated times only: the integral still grows.
    if value.is_nonnegative:
        return 1
    return -1 if value.is_nonpositive else None


def _sign_of_waves(factor: Expr) -> int | None:
    """Sign of a constant plus waves whose amplitudes add up to it at most: zeros are isolated."""
    waves = Add(*(term for term in Add.make_args(factor) if _frequency(term) is not None))
    rest = factor - waves
    size = _amplitude(waves)
    if t in rest.free_symbols or size is None:
        return None
    if (rest - size).is_nonnegative and rest.is_positive:
        return 1
    return -1 if (rest + size).is_nonpositive and rest.is_negative else None


def _changes_sign(factor: Expr) -> bool:
    """Whether exact values at rational times have both signs."""
    if factor.free_symbols != {t} or not (factor.is_polynomial(t) or _is_wave(factor)):
        return False
    signs = set()
    for k in range(0, 64):
        value = factor.subs(t, Rational(k, 4))
        if value.is_positive:
            signs.add(1)
        elif value.is_negative:
            signs.add(-1)
    return len(signs) == 2


def _total(factor: Expr, sign: int | None) -> Any:
    if _is_wave(factor):
        past = integrate(factor, t)
        return _amplitude(past) + abs(past.subs(t, 0)) if _amplitude(past) is not None else None
    growth = _growth(factor)
    if sign in (1, -1) and growth is None and isinstance(factor, Add):
        return oo if _adds_up(factor, sign) else None
    if sign not in (1, -1) or growth is None:
        return None
    rate, power = growth
    if rate.is_positive:
        return oo
    if rate.is_zero:
        return oo if power >= -1 else _integral(factor)
    return _integral(factor) if rate.is_negative else None


def _adds_up(factor: Expr, sign: int) -> bool:
    """Whether a sum has an infinite integral: of a term, the others having its sign or waves."""
    terms = [term for term in Add.make_args(factor) if _frequency(term) is None]
    parts = [schedule_of(term) for term in terms]
    return all(part.sign == sign for part in parts) and any(part.total == oo for part in parts)


def _integral(factor: Expr) -> Any:
    """Value of a convergent integral; None where SymPy has none in closed form."""
    past = Dummy("u", positive=True)
    found = abs(integrate(factor.subs(t, past), (past, 0, oo)))
    return None if found.has(Integral, Piecewise) or not found.is_finite else simplified(found)


def _growth(factor: Expr) -> tuple[Expr, Expr] | None:
    """Read (a, p) in ``|s(t)| ~ c e^{at} t^p``, s continuous on t >= 0; None for other forms."""
    rate: Expr = S.Zero
    power: Expr = S.Zero
    for part in Mul.make_args(factor):
        base, exponent = part.as_base_exp()
        if t not in part.free_symbols:
            continue
        if isinstance(part, exp):
            inside = part.exp
            if not inside.is_polynomial(t) or Poly(inside, t).degree() != 1:
                return None
            rate += Poly(inside, t).coeff_monomial(t)
        elif base.is_polynomial(t) and exponent.is_Rational:
            poly = Poly(base, t)
            if not all(c.is_Rational for c in poly.all_coeffs()):
                return None
            if exponent.is_negative and any(r >= 0 for r in real_roots(poly)):
                return None
            power += poly.degree() * exponent
        else:
            return None
    return rate, power


def _is_wave(factor: Expr) -> bool:
    return all(_frequency(term) is not None for term in Add.make_args(factor))


def _frequency(term: Expr) -> Expr | None:
    """Rate b of a term a·sin(bt + c) or a·cos(bt + c), b nonzero, or None."""
    _, rest = term.as_independent(t, as_Add=False)
    if not isinstance(rest, sin | cos) or not rest.args[0].is_polynomial(t):
        return None
    inside = Poly(rest.args[0], t)
    slope = inside.coeff_monomial(t)
    return slope if inside.degree() == 1 and slope.is_nonzero else None


def _amplitude(wave: Expr) -> Any:
    total: Expr = S.Zero
    for term in Add.make_args(wave):
        if t in term.free_symbols:
            if _frequency(term) is None:
                return None
            total += abs(term.as_independent(t, as_Add=False)[0])
        else:
            total += abs(term)
    return total


def separate(weight: Expr) -> tuple[Expr, Expr] | None:
    """Write a weight in z and t as (s(t), k(z)), or return None where it isn't a product.

    Examples
    --------
    >>> separate(exp(z - t)), separate(exp(t * z))
    ((exp(-t), exp(z)), None)
    """
    if t not in weight.free_symbols:
        return S.One, weight
    swap = {s: Dummy(str(s), positive=True) for s in weight.free_symbols - {t, z}}
    back = {dummy: s for s, dummy in swap.items()}
    parts = _separate(weight.xreplace(swap))
    return None if parts is None else (parts[0].xreplace(back), parts[1].xreplace(back))


def _separate(weight: Expr) -> tuple[Expr, Expr] | None:
    for at in (S.Zero, S.One, S.Half):
        base = weight.subs(t, at)
        anchor = next((p for p in (S.One, S.Half, S.Zero) if base.subs(z, p).is_nonzero), None)
        if anchor is None or base.has(nan, oo, zoo):
            continue
        factor = simplified(weight.subs(z, anchor) / base.subs(z, anchor))
        if z not in factor.free_symbols and vanishes(weight - factor * base):
            return factor, base
        return None
    return None
