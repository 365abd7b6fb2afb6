"""Waves: sums of sines and cosines of one variable, and continuous functions of them."""

from __future__ import annotations

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Function,
    Max,
    Min,
    Poly,
    S,
    Symbol,
    asinh,
    atan,
    cos,
    cosh,
    erf,
    exp,
    powsimp,
    sin,
    sinh,
    tanh,
)
from sympy.simplify.fu import TR8

CONTINUOUS = (exp, sin, cos, sinh, cosh, tanh, atan, asinh, erf, Abs, Min, Max)
"""Functions that are finite and continuous wherever their arguments are finite."""


def as_waves(expr: Expr) -> Expr:
    """Write products and powers of sines and cosines as sums, and hyperbolic ones by exponentials.

    Examples
    --------
    >>> from sympy.abc import t
    >>> as_waves(sin(t) ** 2), as_waves(exp(-t) * cosh(t))
    (1/2 - cos(2*t)/2, 1/2 + exp(-2*t)/2)
    """
    plain = expr.rewrite((sinh, cosh), exp) if expr.has(sinh, cosh) else expr
    return TR8(powsimp(plain.expand()))


def frequency(term: Expr, t: Symbol) -> Expr | None:
    """Return the rate b of a term a·sin(bt + c) or a·cos(bt + c), b nonzero, or None."""
    _, rest = term.as_independent(t, as_Add=False)
    if not isinstance(rest, sin | cos) or not rest.args[0].is_polynomial(t):
        return None
    inside = Poly(rest.args[0], t)
    slope = inside.coeff_monomial(t)
    return slope if inside.degree() == 1 and slope.is_nonzero else None


def is_wave(expr: Expr, t: Symbol) -> bool:
    """Whether it is a sum of sines and cosines, without a constant."""
    return all(frequency(term, t) is not None for term in Add.make_args(expr))


def amplitude(wave: Expr, t: Symbol) -> Expr | None:
    """Return the sum of the sizes of constants and waves, or None if there are other terms."""
    total: Expr = S.Zero
    for term in Add.make_args(wave):
        if t in term.free_symbols and frequency(term, t) is None:
            return None
        total += abs(term.as_independent(t, as_Add=False)[0] if t in term.free_symbols else term)
    return total


def is_periodic(expr: Expr, t: Symbol) -> bool:
    """Whether it is a continuous function of sines and cosines with a common period.

    Examples
    --------
    >>> from sympy import pi
    >>> from sympy.abc import t
    >>> is_periodic(abs(sin(2 * t)) + cos(3 * t), t), is_periodic(sin(t) + sin(pi * t), t)
    (True, False)
    """
    waves = [part for part in expr.atoms(sin, cos) if t in part.free_symbols]
    rates = [frequency(wave, t) for wave in waves]
    if not rates or any(rate is None or not (rate / rates[0]).is_rational for rate in rates):
        return False
    plain = expr.xreplace({wave: Dummy("w", real=True) for wave in waves})
    return t not in plain.free_symbols and all(
        isinstance(part, CONTINUOUS) for part in plain.atoms(Function)
    )


__all__ = ["CONTINUOUS", "amplitude", "as_waves", "frequency", "is_periodic", "is_wave"]
