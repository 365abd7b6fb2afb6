"""Schedules: the factor s(t) of a velocity s(t) F(x), how long it lasts, its sign, its integral.

A flow with a schedule lives as long as s is a finite real number. Decided exactly, where
`decide.half_line` decides; anything else is left undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Dummy,
    Expr,
    I,
    Integral,
    Mul,
    Piecewise,
    Rational,
    S,
    Symbol,
    cos,
    floor,
    integrate,
    log,
    nan,
    oo,
    sin,
    zoo,
)

from proofs_checks.decide import (
    adds_up,
    amplitude,
    as_waves,
    bounds,
    end_of,
    is_wave,
    limit_at,
    moments,
    sign_until,
)
from theory.bounded import primitive, simplified, vanishes
from theory.symbols import beta, eta, t, z


@dataclass(frozen=True)
class Schedule:
    """``velocity = s(t) F(x)`` with F free of t.

    Attributes
    ----------
    factor : Expr
        s, in ``t``.
    sign : int or None
        1 or -1 if s has that sign in its lifetime, where it may be 0 too; 0 if it takes both; None
        if undecided.
    total : Expr or None
        A bound of ``|∫_0^t s|`` in its lifetime, the integral itself where s has a sign; ``oo`` if
        it isn't bounded; None if undecided.
    lifetime : Expr or None
        The first time at which s isn't a finite real number any more, ``oo`` if it always is, 0 if
        it is none at the start; None if undecided. After it nothing is asked of the flow.
    """

    factor: Expr
    sign: int | None
    total: Any
    lifetime: Any = oo

    @property
    def constant(self) -> bool:
        """Whether there is no schedule at all."""
        return t not in self.factor.free_symbols

    @property
    def moment(self) -> Expr:
        """A rational time in its lifetime at which it is looked at: 1, or half of it."""
        if not self.ends:
            return S.One
        early = Rational(1, 64)  # of a lifetime that depends on parameters, which are about 1
        return Rational(floor(32 * self.lifetime), 64) if self.lifetime.is_number else early

    @property
    def positive(self) -> bool:
        """Whether it is a constant > 0."""
        return self.constant and self.sign == 1 and self.total == oo

    @property
    def ends(self) -> bool:
        """Whether it is known to end at a finite time."""
        return self.lifetime not in (None, oo)

    @property
    def at_a_pace(self) -> tuple[Expr, Expr] | None:
        """A time and the pace there, which isn't 0; None if none is found."""
        return next((found for found in self.paces if found[1].is_nonzero), None)

    @property
    def runs_ahead(self) -> bool:
        """Whether ``τ >= t``: s(0) >= 1, and s is shown not to fall."""
        rises = None if self.lifetime is None else _rises(self.factor, self.lifetime)
        return bool((self.factor.subs(t, 0) - 1).is_nonnegative and rises == 1)

    @property
    def negative_at(self) -> Expr | None:
        """Time at which s < 0, parameters being 1; None if none is found."""
        if self.sign == 1 or self.lifetime is None:
            return None
        ones = {s: S.One for s in self.factor.free_symbols - {t} if not s.is_nonpositive}
        plain, end = self.factor.xreplace(ones), self.lifetime.xreplace(ones)
        return next((time for time in moments(end) if plain.subs(t, time).is_negative), None)

    @property
    def paces(self) -> tuple[tuple[Expr, Expr], ...]:
        """Values of s at some times, as (time, s), with what parameters are left in them."""
        if self.constant:
            return ((S.Zero, self.factor),)
        found = ((time, self.factor.subs(t, time)) for time in self.before_end(_LOOKED_AT))
        return tuple((time, value) for time, value in found if value.is_finite)

    def before_end(self, times: tuple[Any, ...]) -> tuple[Expr, ...]:
        """Return the times, where s lasts for ever; else as many parts of its lifetime."""
        if self.lifetime == oo:
            return tuple(map(Rational, times))
        if self.lifetime is None:
            return ()
        return tuple(self.lifetime * Rational(k, len(times)) for k in range(len(times)))

    @property
    def elapsed(self) -> Expr | None:
        """``τ(t) = ∫_0^t s``, None where no closed form is shown to be it."""
        swap, back = _dummies(self.factor)
        found = None if not self.lifetime else _antiderivative(self.factor.xreplace(swap), t)
        return None if found is None else found.xreplace(back)

    @property
    def clock(self) -> Expr:
        """``τ(t) = ∫_0^t s``, as an integral where there is no closed form."""
        past = Dummy("u", nonnegative=True)
        found = self.elapsed
        return Integral(self.factor.subs(t, past), (past, 0, t)) if found is None else found


_LOOKED_AT = (0, 1, 3, 10, 100, 10**4, Rational(1, 7))
"""Times at which a pace is compared: early ones, late ones where it has changed much, and one off
the zeros of common waves."""


@lru_cache(maxsize=64)
def _rises(factor: Expr, end: Expr) -> int | None:
    swap, _ = _dummies(factor)
    return sign_until(factor.diff(t).xreplace(swap), t, end)


def _dummies(factor: Expr) -> tuple[dict[Expr, Expr], dict[Expr, Expr]]:
    """Put positive symbols for those without an assumption, and β: any positive number each.

    Returns what puts them, and what puts them back.
    """
    free = [s for s in factor.free_symbols - {t, z} if s.is_real is None or s in (beta, eta)]
    swap = {s: Dummy(str(s), positive=True) for s in free}
    return swap, {dummy: s for s, dummy in swap.items()}


@lru_cache(maxsize=64)
def schedule_of(factor: Expr) -> Schedule:
    """Decide lifetime, sign and integral of a factor of time.

    Examples
    --------
    >>> from sympy import exp
    >>> schedule_of(1 / (1 + t)).total, schedule_of(exp(-t)).total, schedule_of(cos(t)).sign
    (oo, 1, 0)
    >>> schedule_of(1 / (1 - t)).lifetime, schedule_of(1 / (1 - t)).total
    (1, oo)
    """
    swap, back = _dummies(factor)
    plain = factor.xreplace(swap)
    if t not in factor.free_symbols:
        sign = 1 if plain.is_nonnegative else -1 if plain.is_nonpositive else None
        return Schedule(factor, sign, oo if plain.is_nonzero else S.Zero)
    lifetime = end_of(plain, t)
    if lifetime is None or lifetime == 0:
        return Schedule(factor, None, None, lifetime)
    sign = sign_until(plain, t, lifetime)
    total = _total(plain, sign, lifetime)
    total = None if total is None else total.xreplace(back)
    return Schedule(factor, sign, total, lifetime.xreplace(back))


def parted(coefficient: Expr) -> tuple[Expr, Expr]:
    """Part a coefficient into a constant and a schedule, which isn't negative: s F = (-s)(-F).

    Examples
    --------
    >>> parted(2 / (1 + t)), parted(-1 - t), parted(S.Half)
    ((2, 1/(t + 1)), (-1, t + 1), (1/2, 1))
    """
    constant, moving = coefficient.as_independent(t, as_Add=False)
    return (-constant, -moving) if schedule_of(moving).sign == -1 else (constant, moving)


def _total(factor: Expr, sign: int | None, end: Expr) -> Any:
    waves = as_waves(factor)
    if end == oo and is_wave(waves, t):
        past = integrate(waves, t)
        size = amplitude(past, t)
        return None if size is None else size + abs(past.subs(t, 0))
    if sign in (1, -1):
        infinite = adds_up(factor, t, end)
        return None if infinite is None else oo if infinite else _integral(sign * factor, end)
    return _bounded_by_factors(factor, end)


def _bounded_by_factors(factor: Expr, end: Expr) -> Any:
    """Bound of an integral of waves times what converges; None for other forms."""
    rest, size = S.One, S.One
    for part in Mul.make_args(factor):
        low, high = bounds(part, t)
        if part.has(sin, cos) and low.is_finite and high.is_finite:
            size *= max(abs(low), abs(high))
        else:
            rest *= part
    if rest in (1, factor) or sign_until(rest, t, end) not in (1, -1):
        return None
    return size * abs(_integral(rest, end)) if adds_up(rest, t, end) is False else None


def _integral(factor: Expr, end: Expr) -> Any:
    """Value of a convergent integral of one sign, as it stands where no closed form is known."""
    elapsed = _antiderivative(factor, t)
    found = None if elapsed is None else limit_at(elapsed, t, end)
    if found is None or not found.is_finite:
        return Integral(factor, (t, 0, end))
    return simplified(found)


@lru_cache(maxsize=64)
def _antiderivative(factor: Expr, now: Symbol) -> Expr | None:
    """``∫_0^t s``: its slope reduces to s, it is 0 at 0, and real and finite as long as s is."""
    end = end_of(factor, now)
    if end is None or end == 0:
        return None
    past = Dummy("u", nonnegative=True)
    raw = primitive(as_waves(factor).subs(now, past), past)
    if raw is None or raw.has(Piecewise, I, nan, zoo):
        return None
    raw = raw.subs(past, now)
    # log(-u) is as good as log(u), and real where u < 0.
    turned = {a: log(-a.args[0]) for a in raw.atoms(log) if a.args[0].subs(now, 0).is_negative}
    real = raw.xreplace(turned)
    found = simplified(real - real.subs(now, 0))
    last = end_of(found, now)
    lasts = last is not None and (last == oo or (end != oo and (last - end).is_nonnegative))
    if not lasts or found.subs(now, 0) != 0 or not vanishes(as_waves(found.diff(now) - factor)):
        return None
    return found


def separate(weight: Expr) -> tuple[Expr, Expr] | None:
    """Write a weight in z and t as (s(t), k(z)), or return None where it isn't a product.

    Examples
    --------
    >>> from sympy import exp
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
    free, kernel = weight.as_independent(z, as_Add=False)
    if t not in kernel.free_symbols:
        constant, moving = free.as_independent(t, as_Add=False)
        return moving, constant * kernel
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
