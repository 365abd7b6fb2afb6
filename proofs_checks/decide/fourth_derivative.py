"""How large f'''' is beside f''(0), f(θ) = e^{b cos θ}/b, for every b from one on, in balls.

A = -f''(0), and f'' > 0 just beyond τ: cos τ = b sin² τ. Over the circle ‖f''''‖, the integral of
|f''''|, is twice the variation of f''' over [0, π]: cells where f'''' has a sign add up to the
differences of f''' at their ends, and each of the others adds its width times max |f''''|. In
units of A, with c = cos θ:

    f'''' = e^{b(c-1)} (c + 3bc² - 4b s² - 6b² s² c + b³ s⁴),
    f''' = e^{b(c-1)} s (1 + 3bc - b² s²),

s = sin θ, up to the sign of f'''. For large b, u = 1/b, 1 - c = u y and q = b s² = y (2 - uy) keep
this bounded down to u = 0: f''''/b is e^{-y} times uc + 3c² - 4uq - 6cq + q².
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache, reduce

from flint import arb, ctx
from sympy import Rational

from proofs_checks.decide.intervals import PRECISION, Interval

_HOT = 8
"""From this b on u = 1/b is the parameter: u <= 1/8 is small enough for the far part."""
_NEAR = 8
"""The far part is y >= 8, where f'''' has no zero."""
_CELLS, _HALVINGS = 32, 6
"""Cells of [0, π], or of 0 <= y <= 8, and how often one without a sign is halved."""
_WIDEST, _NARROWEST = 0.5, 2.0**-14
"""Boxes of b, or u, are no wider: wider ones show nothing; at b = -13/50 the margin is 0.4 %."""

Formula = Callable[[arb], arb]


def _between(low: float, high: float) -> arb:
    return arb(low).union(arb(high))


def _signed(
    low: float, high: float, slope: Formula, halvings: int = _HALVINGS
) -> Iterator[tuple[float, float, arb]]:
    """Yield cells from low to high, and what encloses a slope there: of one sign, or narrow."""
    value = slope(_between(low, high))
    if value > 0 or value < 0 or halvings == 0:
        yield low, high, value
        return
    middle = (low + high) / 2
    yield from _signed(low, middle, slope, halvings - 1)
    yield from _signed(middle, high, slope, halvings - 1)


def _variation(third: Formula, slope: Formula, end: float) -> arb:
    """Bound the variation over [0, end] of a function whose slope is enclosed."""
    total, sign, start, x = arb(0), 0, arb(0), 0.0
    for k in range(_CELLS):
        low, high = end * k / _CELLS, end * (k + 1) / _CELLS
        for x, after, value in _signed(low, high, slope):
            now = 1 if value > 0 else -1 if value < 0 else 0
            if now == 0 or now != sign:
                here = third(arb(x))
                total += abs(here - start) if sign else 0
                start, sign = here, now
            if now == 0:
                total += abs(value) * (arb(after) - arb(x))
    return total + (abs(third(arb(end)) - start) if sign else 0)


def _share(low: float, high: float) -> arb:
    """Enclose ``‖f''''‖ / (8 A (1/τ + 1/π))`` for b from low to high; of x, θ = π x."""
    b, pi = _between(low, high), arb.pi()

    def slope(x: arb) -> arb:
        c = (pi * x).cos()
        s = 1 - c * c
        return pi * (b * (c - 1)).exp() * (c + b * (3 * c * c - s * (4 + b * (6 * c - b * s))))

    def third(x: arb) -> arb:
        c, sine = (pi * x).cos(), (pi * x).sin()
        return (b * (c - 1)).exp() * sine * (1 + b * (3 * c - b * sine * sine))

    cosines = (2 * one / (1 + (1 + 4 * one * one).sqrt()) for one in map(arb, (low, high)))
    tau = reduce(arb.union, (one.acos() for one in cosines))  # τ falls with b
    return 2 * _variation(third, slope, 1.0) / (8 * (1 / tau + 1 / pi))


def _share_hot(low: float, high: float) -> arb:
    """Enclose what is above ``‖f''''‖ τ/(8 A)`` for u = 1/b from low to high; of y."""
    u = _between(low, high)

    def slope(y: arb) -> arb:
        c, q = 1 - u * y, y * (2 - u * y)
        return u * c + 3 * c * c - q * (4 * u + 6 * c - q)

    def third(y: arb) -> arb:
        c, q = 1 - u * y, y * (2 - u * y)
        return (-y).exp() * q.sqrt() * (u + 3 * c - q)

    near = _variation(third, lambda y: _over_root(y, slope(y), u), float(_NEAR))
    rest = abs(third(arb(_NEAR)))  # f''' is 0 at π
    root = (u * u + 4).sqrt()
    y = (1 + u / (root + 2)) / (u + root)  # 1 - cos τ = u y
    tau = (2 * y).sqrt() / (1 - u * y / 2).sqrt()  # τ √b <= this, by arcsin x <= x/√(1-x²)
    return 2 * (near + rest) * tau / 8


def _over_root(y: arb, value: arb, u: arb) -> arb:
    """Return ``e^{-y} value/√q``, q = y (2 - uy), or its sign where q may be 0."""
    q = y * (2 - u * y)
    return (-y).exp() * value / q.sqrt() if q > 0 else value


def _no_zero_far(high: float) -> bool:
    """Whether ``uc + 3c² - 4s² + q(q - 6c) > 0`` for y >= 8 and 0 < u <= high.

    There q = s²/u >= s²/high, and q = y(1 + c) >= 8(1 + c); q(q - 6c) grows with q from 3c on.
    """
    cells = 64
    for k in range(cells):
        c = _between(2 * k / cells - 1, 2 * (k + 1) / cells - 1)
        s = 1 - c * c
        least = max((s / high).lower(), (_NEAR * (1 + c)).lower(), arb(0))
        grows = least > 3 * c
        rest = _between(0.0, high) * c + 3 * c * c - 4 * s
        if not (grows and rest + least * (least - 6 * c) > 0):
            return False
    return True


def _below_one(share: Callable[[float, float], arb], low: float, high: float) -> int | None:
    """Return in how many boxes from low to high a share is below 1, None where it isn't."""
    boxes, todo = 0, [(low, high)]
    while todo:
        a, b = todo.pop()
        if b - a <= _WIDEST and share(a, b) < 1:
            boxes += 1
        elif b - a < _NARROWEST:
            return None
        else:
            todo += [((a + b) / 2, b), (a, (a + b) / 2)]
    return boxes


@cache
def bends_little(low: Rational) -> str:
    """Enclose that ``‖f''''‖ < 8 A (1/τ + 1/π)`` for every b >= low; "" where it isn't shown.

    Parameters
    ----------
    low : Rational

    Returns
    -------
    str
        In how many boxes.

    Examples
    --------
    >>> bends_little(Rational(-1, 2))
    ''
    """
    first = math.nextafter(float(low), -math.inf)
    with ctx.workprec(PRECISION):
        warm = _below_one(_share, first, float(_HOT)) if first < _HOT else 0
        if warm is None or not _no_zero_far(1 / _HOT):
            return ""
        hot = _below_one(_share_hot, 0.0, 1 / _HOT)
    return "" if hot is None else f"{warm} boxes of b, {hot} of 1/b"


def bending(b: Rational) -> Interval:
    """Enclose ``‖f''''‖ / (A (1/τ + 1/π))`` at one b; `bends_little` says that it is below 8.

    Examples
    --------
    >>> f"{bending(Rational(0)).mid:.5f}"  # 4π/3
    '4.18879'
    """
    low, high = (math.nextafter(float(b), end) for end in (-math.inf, math.inf))
    with ctx.workprec(PRECISION):
        value = 8 * _share(low, high)
        return Interval(value.lower(), value.upper())
