"""Steps of Brownian motion on the sphere: what they multiply harmonics by, and a law of order 2."""

from __future__ import annotations

from sympy import Expr, Symbol, exp

from theory import symbols
from theory.predictions.arguments import NONNEGATIVE, Value, positive_number, whole_number, within

STEP = Symbol("s", positive=True)
"""κ dt: the strength of the noise times the step."""


def brownian_multiplier(degree: Value, s: Expr = STEP, d: Value = symbols.d) -> Expr:
    """Give the number by which Brownian motion multiplies harmonics of degree l in a time t.

    ``e^{-l(l+d-2)s}`` with s = κt, κ its strength. Source: the generator is κΔ (extension).

    Parameters
    ----------
    degree : number or Expr
        Degree of the harmonics, >= 0.
    s : Expr, optional
        Time that is scaled by the noise.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> brownian_multiplier(2, d=3)
    exp(-6*s)
    """
    degree, d = whole_number(degree, "degree", 0), whole_number(d, "d", 2)
    s = within(s, "s", NONNEGATIVE, "it is a time.")
    return exp(-degree * (degree + d - 2) * s)


def jump_law(s: Expr = STEP, d: Value = symbols.d) -> tuple[Expr, Expr]:
    """Chance p and depth w of a step of weak order 2: ``1 - <x,x'>`` is w or, else, 0.

    ``p w`` and ``p w²`` are the first two moments of the motion's own 1 - <x,x'>, so that degrees
    1 and 2 are met exactly, and 0 <= w <= 2: w is a ratio of moments on [0, 2]. Source: none that
    we know; on the circle it is the angle ±sqrt(6s) with chances 1/6 to leading order, as in the
    three-point law of weak order 2 (extension).

    Parameters
    ----------
    s : Expr, optional
        Time that is scaled by the noise.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    tuple[Expr, Expr]
        Both, exact.

    Examples
    --------
    >>> chance, depth = jump_law(d=2)
    >>> chance.limit(STEP, 0), (depth / STEP).limit(STEP, 0)
    (1/3, 3)
    """
    s, d = positive_number(s, "s"), whole_number(d, "d", 2)
    first = 1 - brownian_multiplier(1, s, d)
    second = 2 * first - (d - 1) / d * (1 - brownian_multiplier(2, s, d))
    return first**2 / second, second / first
