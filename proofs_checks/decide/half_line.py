"""Functions of one variable on [0, T): where they end, their sign, and whether they add up.

`end_of` is the first place at which an expression isn't a finite real number any more, `sign_until`
its sign up to there, `adds_up` whether its integral up to there is infinite. Each answers None
where it can't decide. Symbols other than the variable keep their assumptions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import (
    Abs,
    AccumBounds,
    Add,
    Dummy,
    Expr,
    Float,
    Heaviside,
    Interval,
    Max,
    Min,
    Mul,
    Piecewise,
    Poly,
    Pow,
    Rational,
    S,
    Symbol,
    asinh,
    atan,
    ceiling,
    cos,
    cot,
    csc,
    erf,
    exp,
    limit,
    log,
    nan,
    oo,
    pi,
    piecewise_fold,
    real_roots,
    sec,
    sin,
    sinh,
    tan,
    tanh,
)

from proofs_checks.decide.waves import CONTINUOUS, amplitude, as_waves, frequency, is_periodic
from theory.bounded import BUDGET, checkpoint, cost, deciding

_ENTIRE = (*CONTINUOUS, Heaviside)
"""Functions that are finite wherever their arguments are."""

_RISING = (exp, sinh, tanh, atan, asinh, erf, Heaviside)
"""Those of them that never fall."""

_JUST_AFTER = Rational(1, 1024)
"""How far after its end a root or a logarithm is seen not to be real."""

_CONVERGENT = (Rational(3, 2), Rational(2), Rational(11, 10))
"""Powers p > 1 for which t^{-p} is compared with; close to the end T, (T-t)^{p-2}."""


_EARLY, _LATE = Rational(100), Rational(10**4)
"""Times between which a function must have come nearer to its limit."""

_NEARER = Rational(9, 10)
"""By what factor at least: even 1/log t is halved."""


@deciding()
def end_of(expr: Expr, t: Symbol) -> Expr | None:
    """Return the least t >= 0 at which an expression isn't finite and real; oo if it always is.

    Examples
    --------
    >>> from sympy.abc import t
    >>> end_of(1 / (1 - t), t), end_of(1 / (1 + t), t), end_of(1 + tan(t) ** 2, t)
    (1, oo, pi/2)
    """
    if expr.has(*_STEPS):
        return _end_of_pieces(_pieces(expr, t), t)
    found = _end(expr.rewrite(sin) if expr.has(sec, csc, cot) else expr, t)
    if found is None or found == oo or found == 0:
        return found
    return found if _stops_at(expr, t, found) else None


_STEPS = (Piecewise, Heaviside, Max, Min)

_Pieces = list[tuple[Expr, Expr, Expr]] | None


def _pieces(expr: Expr, t: Symbol) -> _Pieces:
    """Read (part, a, b): the expression on [a, b), as a function of t - a; None if that isn't read.

    Values at single times are left out.
    """
    folded = piecewise_fold(expr.rewrite(Piecewise))
    if not isinstance(folded, Piecewise):
        return [(folded, S.Zero, oo)]
    left, found = Interval(S.Zero, oo), []
    for part, condition in folded.args:
        try:
            here = left.intersect(condition.as_set())
            left = left - condition.as_set()
        except (NotImplementedError, TypeError, AttributeError):
            return None
        if here.measure == 0:
            continue
        if not isinstance(here, Interval):
            return None
        found.append((part.subs(t, t + here.inf), here.inf, here.sup))
    return sorted(found, key=lambda piece: piece[1])


def rest_of(expr: Expr, t: Symbol) -> Expr | None:
    """Return a time within a stretch on which a function is 0; None if none is found.

    Examples
    --------
    >>> from sympy.abc import t
    >>> rest_of(Piecewise((0, t < 1), (1, True)), t), rest_of(Max(0, 5 - t), t), rest_of(t**2, t)
    (1/2, 6, None)
    """
    pieces = _pieces(expr, t) if expr.has(*_STEPS) else ()
    still = ((low, high) for part, low, high in pieces or () if part == 0)
    return next((low + (1 if high == oo else (high - low) / 2) for low, high in still), None)


def _end_of_pieces(pieces: _Pieces, t: Symbol) -> Expr | None:
    for part, low, high in pieces or ():
        end = end_of(part, t)
        if end is None or end == high - low != oo:
            return None
        if end < high - low:
            return low + end
    return None if pieces is None else oo


def _sign_of_pieces(pieces: _Pieces, t: Symbol, end: Expr) -> int | None:
    signs = {
        sign_until(part, t, Min(high, end) - low)
        for part, low, high in pieces or ()
        if part != 0 and low < end
    }
    if pieces is None or None in signs:
        return None
    return 1 if not signs else signs.pop() if len(signs) == 1 else 0


def _stops_at(expr: Expr, t: Symbol, end: Expr) -> bool:
    """Whether it is infinite at the end, or not real behind it: no gap that a limit closes."""
    if expr.subs(t, end + _JUST_AFTER).is_real is False:
        return True
    found = limit_at(expr, t, end)
    return found in (oo, -oo)


@deciding()
def limit_at(expr: Expr, t: Symbol, end: Expr) -> Any:
    """Return the limit from below, infinite ones too, or None where it isn't known."""
    checkpoint()
    return _limit_at(expr, t, end)


@lru_cache(maxsize=256)
def _limit_at(expr: Expr, t: Symbol, end: Expr) -> Any:
    """Ask SymPy, and look at numbers: rows of one model ask for the same few limits."""
    signed = all(s.is_positive or s.is_negative for s in expr.free_symbols - {t})
    if not signed or cost(expr) > BUDGET:
        return None
    try:
        found = limit(expr, t, end, "-")
    except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    if found.has(AccumBounds) or not found.is_extended_real:
        return None  # it turns for ever, as sin does, or isn't real
    return found if _comes_nearer(expr, t, end, found) else None


def _comes_nearer(expr: Expr, t: Symbol, end: Expr, found: Expr) -> bool:
    """Whether late values are nearer to a limit than early ones: SymPy's limits may be wrong.

    It has log(2) for ``t + log(2/(1 + e^t))``, say, as 0.
    """
    put = {s: -S.One if s.is_negative else S.One for s in (expr.free_symbols | end.free_symbols)}
    put.pop(t, None)
    plain, said, last = (part.xreplace(put) for part in (expr, found, end))
    times = (_EARLY, _LATE) if last == oo else (last - 1 / _EARLY, last - 1 / _LATE)
    early, late = (plain.subs(t, time).evalf(30) for time in times)
    if not (early.is_real and late.is_real) or said is nan:  # oo sign(a - b) where a = b
        return False
    if said in (oo, -oo):
        return bool(abs(late) > abs(early))
    off = abs(early - said.evalf(30))
    return bool(abs(late - said.evalf(30)) <= _NEARER * off or off < Float("1e-20"))


def _least(places: list[Expr | None]) -> Expr | None:
    return None if None in places else Min(*places)


def _end(expr: Expr, t: Symbol) -> Expr | None:
    checkpoint()
    if t not in expr.free_symbols:
        return S.Zero if expr.is_real is False or expr.is_finite is False else oo
    if expr == t:
        return oo
    inside = [_end(arg, t) for arg in expr.args if isinstance(arg, Expr)]
    if isinstance(expr, (Add, Mul, *_ENTIRE)):
        return _least(inside)
    if isinstance(expr, Piecewise):
        inside = [_end(part, t) for part, _ in expr.args]
        return oo if all(end == oo for end in inside) else None
    if isinstance(expr, Pow):
        base, power = expr.as_base_exp()
        if not power.is_integer and base.subs(t, 0).is_negative:
            return S.Zero
        return _least([*inside, _end_of_power(base, power, t)])
    if isinstance(expr, log):
        start = expr.args[0].subs(t, 0)
        return S.Zero if start.is_negative else _least([*inside, first_zero(expr.args[0], t)])
    if isinstance(expr, tan):
        return _least([*inside, first_zero(cos(expr.args[0]), t)])
    return None


def _end_of_power(base: Expr, power: Expr, t: Symbol) -> Expr | None:
    """First pole of a negative power, or first place behind which a root isn't real."""
    if power.is_nonnegative and (power.is_integer or sign_until(base, t, oo) == 1):
        return oo
    zero = first_zero(base, t)
    return None if power.is_nonnegative and zero == 0 else zero


def first_zero(expr: Expr, t: Symbol) -> Expr | None:
    """Return the least t >= 0 at which an expression is 0; None if unknown.

    It is oo where there is none before the expression ends.

    Examples
    --------
    >>> from sympy.abc import t
    >>> first_zero(2 - t**2, t), first_zero(cos(t), t), first_zero(exp(-t) - S.Half, t)
    (sqrt(2), pi/2, log(2))
    """
    checkpoint()
    if t not in expr.free_symbols:
        return S.Zero if expr.is_zero else oo if expr.is_nonzero else None
    low, high = bounds(expr, t)
    if low.is_positive or high.is_negative or _assumed(expr, t) in (1, -1):
        return oo
    if isinstance(expr, exp):
        return oo
    if isinstance(expr, Mul):
        return _least([first_zero(part, t) for part in expr.args])
    if isinstance(expr, Pow):
        base, power = expr.as_base_exp()
        return first_zero(base, t) if power.is_positive else oo if power.is_negative else None
    if isinstance(expr, sin | tan | cos):
        return _zero_of_wave(expr, t)
    if isinstance(expr, Abs):
        return first_zero(expr.args[0], t)
    if isinstance(expr, log):
        return first_zero(expr.args[0] - 1, t)
    if expr.is_polynomial(t):
        return _zero_of_polynomial(expr, t)
    return _zero_of_sum(expr, t)


def _zero_of_wave(expr: Expr, t: Symbol) -> Expr | None:
    inside = Poly(expr.args[0], t) if expr.args[0].is_polynomial(t) else None
    if inside is None or inside.degree() != 1:
        return None
    slope, shift = inside.all_coeffs()
    shift += pi / 2 if isinstance(expr, cos) else 0
    if slope.is_negative:
        slope, shift = -slope, -shift
    if not slope.is_positive or not shift.is_number:
        return None
    return (pi * ceiling(shift / pi) - shift) / slope


def _zero_of_polynomial(expr: Expr, t: Symbol) -> Expr | None:
    poly = Poly(expr, t)
    if all(c.is_Rational for c in poly.all_coeffs()):
        return min((root for root in real_roots(poly) if root >= 0), default=oo)
    if poly.degree() != 1:
        return None
    root = -poly.nth(0) / poly.nth(1)
    return oo if root.is_negative else root if root.is_nonnegative else None


def _zero_of_sum(expr: Expr, t: Symbol) -> Expr | None:
    """Zero of a monotone function that starts away from it, or of ``a e^{bt} + c``."""
    if expr.has(*_STEPS):  # it may jump over 0
        return None
    start, slope = expr.subs(t, 0), _assumed(expr.diff(t), t, strict=False)
    if (start.is_positive and slope == 1) or (start.is_negative and slope == -1):
        return oo
    rest, moving = expr.as_independent(t, as_Add=True)
    size, wave = moving.as_independent(t, as_Add=False)
    if not isinstance(wave, exp) or not (wave.exp / t).is_number:
        return None
    level = -rest / size
    if level.is_nonpositive:
        return oo
    root = log(level) / (wave.exp / t) if level.is_positive else None
    return None if root is None else oo if root.is_negative else root


def _assumed(expr: Expr, t: Symbol, strict: bool = True) -> int | None:
    """Sign that SymPy reads off an expression for t >= 0; strict: it is nowhere 0."""
    plain = expr.subs(t, Dummy("t", nonnegative=True))
    if plain.is_positive or (not strict and plain.is_nonnegative):
        return 1
    return -1 if plain.is_negative or (not strict and plain.is_nonpositive) else None


_EVERYWHERE = (-oo, oo)


@lru_cache(maxsize=1024)
def bounds(expr: Expr, t: Symbol) -> tuple[Expr, Expr]:
    """Return numbers that enclose an expression for every t >= 0, infinite where none is found.

    Examples
    --------
    >>> from sympy.abc import t
    >>> bounds(1 / (2 + sin(t)), t), bounds(exp(-(t**2)), t)
    ((1/3, 1), (0, 1))
    """
    if t not in expr.free_symbols:
        return (expr, expr) if expr.is_finite and expr.is_real else _EVERYWHERE
    if expr == t:
        return S.Zero, oo
    if isinstance(expr, sin | cos):
        return -S.One, S.One
    if isinstance(expr, _RISING):
        low, high = bounds(expr.args[0], t)
        return expr.func(low), expr.func(high)
    if isinstance(expr, Add | Mul):
        low, high = bounds(expr.args[0], t)
        join = _add if isinstance(expr, Add) else _multiply
        for part in expr.args[1:]:
            low, high = join((low, high), bounds(part, t))
        return low, high
    if isinstance(expr, Pow):
        return _power(bounds(expr.base, t), expr.exp)
    return _EVERYWHERE


_Bounds = tuple[Expr, Expr]


def _add(left: _Bounds, right: _Bounds) -> _Bounds:
    return left[0] + right[0], left[1] + right[1]


def _multiply(left: _Bounds, right: _Bounds) -> _Bounds:
    ends = [S.Zero if 0 in (a, b) else a * b for a in left for b in right]
    if not all(end.is_comparable or end in (oo, -oo) for end in ends):
        same = left[0].is_nonnegative and right[0].is_nonnegative
        return (ends[0], ends[3]) if same else _EVERYWHERE
    return min(ends), max(ends)


def _power(base: _Bounds, power: Expr) -> _Bounds:
    low, high = base
    if not power.is_Rational:
        return _EVERYWHERE
    if power.is_even and not (low.is_nonnegative or high.is_nonpositive):
        least = S.Zero, Max(-low, high) ** abs(power)
        return least if power.is_positive else (least[1] ** -1, oo)
    if high.is_nonpositive and power.is_integer:
        sign = 1 if power.is_even else -1
        ends = _power((-high, -low), power)
        return ends if sign == 1 else (-ends[1], -ends[0])
    if not low.is_nonnegative:
        return _EVERYWHERE
    if power.is_positive:
        return low**power, high**power
    return high**power, oo if low == 0 else low**power


@deciding()
def sign_until(expr: Expr, t: Symbol, end: Expr) -> int | None:
    """Return 1 or -1 if an expression has that sign on [0, end), 0 if it takes both.

    It may be 0 there too, anywhere.

    Examples
    --------
    >>> from sympy.abc import t
    >>> sign_until(1 / (1 - t), t, S.One), sign_until(1 - t, t, oo), sign_until(sin(t) ** 2, t, oo)
    (1, 0, 1)
    """
    checkpoint()
    if expr.has(*_STEPS):
        return _sign_of_pieces(_pieces(expr, t), t, end)
    found = _assumed(expr, t, strict=False) or _sign(expr, t, end)
    if found is None and expr.has(sin, cos):
        found = _sign_of_waves(as_waves(expr), t)
    return 0 if found is None and _changes_sign(expr, t, end) else found


def _sign(expr: Expr, t: Symbol, end: Expr) -> int | None:
    low, high = bounds(expr, t)
    if low.is_nonnegative or high.is_nonpositive:
        return 1 if low.is_nonnegative else -1
    if isinstance(expr, Mul):
        signs = [sign_until(part, t, end) for part in expr.args]
        return None if None in signs or 0 in signs else int(Mul(*signs))
    if isinstance(expr, log):
        return _definite(sign_until(expr.args[0] - 1, t, end))
    if isinstance(expr, Pow) and expr.exp.is_even:
        return 1
    if isinstance(expr, Pow) and expr.exp.is_integer:
        return _definite(sign_until(expr.base, t, end))
    if isinstance(expr, Pow) and expr.exp.is_real:
        return 1  # as it is real before the end
    if isinstance(expr, Add):
        signs = [sign_until(part, t, end) for part in expr.args]
        if len(set(signs)) == 1 and signs[0] in (1, -1):
            return signs[0]
    zero, start = first_zero(expr, t), expr.subs(t, 0)
    if zero == oo or (zero is not None and (zero - end).is_nonnegative):
        return 1 if start.is_positive else -1 if start.is_negative else None
    return _sign_of_polynomial(expr, t) if expr.is_polynomial(t) and end == oo else None


def _definite(sign: int | None) -> int | None:
    return sign if sign in (1, -1) else None


def _sign_of_polynomial(expr: Expr, t: Symbol) -> int | None:
    poly = Poly(expr, t)
    if not all(c.is_Rational for c in poly.all_coeffs()):
        return None
    odd = any(r > 0 and k % 2 for r, k in _roots(poly))
    return None if odd else 1 if poly.LC() > 0 else -1


def _roots(poly: Poly) -> list[tuple[Expr, int]]:
    found = real_roots(poly)
    return [(root, found.count(root)) for root in dict.fromkeys(found)]


def _sign_of_waves(expr: Expr, t: Symbol) -> int | None:
    """Sign of a constant plus waves whose amplitudes add up to it at most: zeros are isolated."""
    waves = Add(*(part for part in Add.make_args(expr) if frequency(part, t) is not None))
    rest, size = expr - waves, amplitude(waves, t)
    if t in rest.free_symbols or size is None:
        return None
    if (rest - size).is_nonnegative and rest.is_positive:
        return 1
    return -1 if (rest + size).is_nonpositive and rest.is_negative else None


def moments(end: Expr) -> tuple[Expr, ...]:
    """Return times before an end at which values are looked at: 64 of them."""
    if end == oo:
        return tuple(Rational(k, 4) for k in range(64))
    return tuple(end * Rational(k, 64) for k in range(64))


def _changes_sign(expr: Expr, t: Symbol, end: Expr) -> bool:
    """Whether exact values before the end have both signs."""
    if expr.free_symbols != {t}:
        return False
    values = [expr.subs(t, time) for time in moments(end)]
    return any(v.is_positive for v in values) and any(v.is_negative for v in values)


@deciding()
def adds_up(expr: Expr, t: Symbol, end: Expr) -> bool | None:
    """Whether the integral of an expression of one sign on [0, end) is infinite.

    Examples
    --------
    >>> from sympy import sqrt
    >>> from sympy.abc import t
    >>> adds_up(1 / (1 - t), t, S.One), adds_up(1 / sqrt(1 - t), t, S.One)
    (True, False)
    >>> adds_up(1 / (2 + sin(t)), t, oo), adds_up(exp(-(t**2)), t, oo)
    (True, False)
    """
    if expr.has(*_STEPS):  # what comes before the last piece is bounded
        pieces = _pieces(expr, t)
        last = pieces[-1] if pieces else None
        if last is None or last[1] >= end:
            return None
        return False if last[0] == 0 else adds_up(last[0], t, end - last[1])
    for rule in (_stays_away, _by_factors, _by_periods, _by_terms, _by_comparison):
        checkpoint()
        found = rule(expr, t, end)
        if found is not None:
            return found
    plain = as_waves(expr)
    return adds_up(plain, t, end) if plain != expr else None


def _stays_away(expr: Expr, t: Symbol, end: Expr) -> bool | None:
    """Whether it is beyond a nonzero number at all times, and has all of them."""
    low, high = bounds(expr, t)
    return True if end == oo and (low.is_positive or high.is_negative) else None


def _by_factors(expr: Expr, t: Symbol, end: Expr) -> bool | None:
    """Leave out factors between two numbers of one sign, and waves before what converges."""
    if not isinstance(expr, Mul) or end != oo:
        return None
    sizes = {part: bounds(part, t) for part in expr.args}
    bounded = {part: (a, b) for part, (a, b) in sizes.items() if a.is_finite and b.is_finite}
    tame = [part for part, (a, b) in bounded.items() if a.is_positive or b.is_negative]
    if tame and len(tame) < len(expr.args):
        return adds_up(Mul(*(part for part in expr.args if part not in tame)), t, end)
    rest = Mul(*(part for part in expr.args if part not in bounded or not part.has(sin, cos)))
    if rest == expr or sign_until(rest, t, end) not in (1, -1):
        return None
    return False if adds_up(rest, t, end) is False else None


def _by_periods(expr: Expr, t: Symbol, end: Expr) -> bool | None:
    """Leave out a periodic factor, which is bounded, before what rises or falls.

    Over each period what falls is at least its value at the end of it, what rises at the start.
    """
    parts = [part for part in Mul.make_args(expr) if is_periodic(part, t)]
    wave, rest = Mul(*parts), Mul(*(p for p in Mul.make_args(expr) if p not in parts))
    if end != oo or not is_periodic(wave, t) or not wave.subs(t, _OFF_ZEROS).is_nonzero:
        return None
    if t not in rest.free_symbols:
        return True
    if sign_until(rest, t, end) not in (1, -1):
        return None
    found = adds_up(rest, t, end)
    monotone = found is False or sign_until(rest.diff(t), t, end) in (1, -1)
    return found if monotone else None


_OFF_ZEROS = Rational(1, 7)
"""A time at which common waves aren't 0."""


def _by_terms(expr: Expr, t: Symbol, end: Expr) -> bool | None:
    """Of a sum: one that adds up, the others having its sign or being waves; or none does."""
    if not isinstance(expr, Add):
        return None
    terms = [part for part in expr.args if frequency(part, t) is None]
    signs = {sign_until(part, t, end) for part in terms}
    if len(signs) != 1 or not signs <= {1, -1}:
        return None
    found = [adds_up(part, t, end) for part in terms]
    if any(found):
        return True
    return False if len(terms) == len(expr.args) and None not in found else None


def _by_comparison(expr: Expr, t: Symbol, end: Expr) -> bool | None:
    """Compare with a power of t, or of the distance from the end."""
    if expr.has(sin, cos) and end == oo:
        return None
    now = Dummy("t", positive=True)
    left = now if end == oo else end - now
    plain = expr.subs(t, now)
    critical = limit_at(left * plain, now, end)
    if critical is None or not critical.is_zero:
        return True if critical is not None and critical.is_zero is False else None
    for power in _CONVERGENT:
        found = limit_at(left ** (power if end == oo else 2 - power) * plain, now, end)
        if found is not None and found.is_finite:
            return False
    return None
