"""Ranges of functions of one number by their form, with symbols for parameters.

Sums, products, powers, exponentials, logarithms and positive parts are enclosed one in another, so
the ends are exact for a monotone function that holds its variable once, and otherwise bounds.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from sympy import (
    Abs,
    Add,
    Expr,
    Max,
    Mul,
    Pow,
    S,
    exp,
    expand,
    log,
    powsimp,
    simplify,
    sympify,
)

from theory.bounded import simplified
from theory.positive_part import PositivePart
from theory.symbols import z

Range = tuple[Expr, Expr]


def enclosure(body: Expr, low: Any, high: Any) -> Range | None:
    """Return l and u with l <= f <= u where z is between two numbers; None where that isn't read.

    Parameters
    ----------
    body : Expr
        f, in ``theory.symbols.z``.
    low, high : Expr
        Least and greatest z.

    Examples
    --------
    >>> enclosure(1 + z**2, -2, 2), enclosure(exp(-z) / 3, -1, 1), enclosure(1 / z, -1, 1)
    ((1, 5), (exp(-1)/3, E/3), None)
    """
    if z not in body.free_symbols:
        return body, body
    if body == z:
        return S(low), S(high)
    if isinstance(body, Add):
        parts = [enclosure(one, low, high) for one in body.args]
        sides = [one for one in parts if one is not None]
        if len(sides) < len(parts):
            return None
        return Add(*(a for a, _ in sides)), Add(*(b for _, b in sides))
    if isinstance(body, Mul):
        return _product(body, low, high)
    if not isinstance(body, exp | log | PositivePart | Pow):
        return None
    inside = enclosure(body.args[0], low, high)
    return None if inside is None else _monotone(body, *inside)


def _monotone(body: Expr, low: Expr, high: Expr) -> Range | None:
    """Return the range of a function that rises, or of a power, of what is between two numbers."""
    if isinstance(body, exp) or (isinstance(body, log) and low.is_positive):
        return body.func(low), body.func(high)
    if isinstance(body, PositivePart) and body.args[1] > 0:
        return PositivePart(low, body.args[1]), PositivePart(high, body.args[1])
    if not isinstance(body, Pow) or not body.exp.is_number or not body.exp.is_real:
        return None
    ends = low**body.exp, high**body.exp
    if low.is_positive:
        return ends if body.exp.is_positive else ends[::-1]
    if not (body.exp.is_integer and body.exp.is_positive):
        return None
    if body.exp.is_odd or low.is_nonnegative:
        return ends
    return (S.Zero, ends[1]) if low == -high else None


def _product(body: Mul, low: Any, high: Any) -> Range | None:
    """Return the range of a product: of a constant and one factor, or of factors that are >= 0."""
    ahead, rest = body.as_independent(z, as_Add=False)
    if ahead != 1:
        inside = enclosure(rest, low, high)
        if inside is None:
            return None
        if ahead.is_nonnegative:
            return ahead * inside[0], ahead * inside[1]
        if ahead.is_nonpositive:
            return ahead * inside[1], ahead * inside[0]
        size = Abs(ahead) * inside[1]
        return (-size, size) if inside[0] == -inside[1] else None
    parts = [enclosure(one, low, high) for one in body.args]
    sides = [one for one in parts if one is not None and one[0].is_nonnegative]
    if len(sides) < len(parts):
        return None
    return Mul(*(a for a, _ in sides)), Mul(*(b for _, b in sides))


def log_slope(body: Expr, reach: Any) -> Expr | None:
    """Return a bound of |f'|/f for -c <= z <= c, of f > 0 there; None where it isn't read.

    Positive parts of multiples of z are 0 on one side of 0 and those multiples on the other.

    Examples
    --------
    >>> b = S(3)
    >>> log_slope(PositivePart(b * z, 1) + exp(-PositivePart(-b * z, 1)), S.One)
    3
    >>> log_slope(2 + z, S.One), log_slope(1 + 2 * z, S.One)
    (1, None)
    """
    found: list[Expr] = []
    for piece, low, high in _pieces(body, reach):
        inside, slope = enclosure(piece, low, high), piece.diff(z)
        if inside is None or not inside[0].is_positive:
            return None
        ends, least = enclosure(simplified(slope / piece), low, high), S.One
        if ends is None:  # the quotient isn't read as one: its parts are
            ends, least = enclosure(slope, low, high), inside[0]
        if ends is None:
            return None
        found += [end / least for end in ends]
    return reduce(_larger, map(Abs, found)) if found else None


def _larger(a: Expr, b: Expr) -> Expr:
    """Return the larger of two numbers, as it stands where their difference has a sign."""
    apart = simplified(a - b)
    return a if apart.is_nonnegative else b if apart.is_nonpositive else Max(a, b)


def _pieces(body: Expr, reach: Any) -> tuple[tuple[Expr, Any, Any], ...]:
    """Return what a function is on each side of 0, with the ends; () where it breaks elsewhere."""
    kinks = {part: part.args[0].diff(z) for part in body.atoms(PositivePart)}
    if not kinks:
        return ((body, -reach, reach),)
    straight = all(part.args[0] == slope * z for part, slope in kinks.items())
    if not straight or any(
        slope.is_nonnegative is None and slope.is_nonpositive is None for slope in kinks.values()
    ):
        return ()

    def on(sign: int) -> Expr:
        of = {
            part: part.args[0] ** part.args[1] if (sign * slope).is_nonnegative else S.Zero
            for part, slope in kinks.items()
        }
        return body.xreplace(of)

    return ((on(1), 0, reach), (on(-1), -reach, 0))


def _positive_terms(total: Expr) -> tuple[Expr, ...]:
    """Return the terms of a sum of exponentials and of positive numbers; () for others."""
    terms = Add.make_args(total)
    known = all(term.is_positive for term in terms)
    return terms if known else ()


def _above(total: Expr) -> Expr | None:
    """Return what 1/D is at most, D a sum of positive terms."""
    terms = _positive_terms(total)
    fixed = [term for term in terms if z not in term.free_symbols]
    if any(term.is_number for term in fixed):
        return 1 / Add(*(term for term in fixed if term.is_number))
    for term in terms:
        factor, rest = term.as_independent(z, as_Add=False)
        if isinstance(rest, exp) and (top := largest(rest.args[0])) is not None:
            return exp(top) / factor
    return 1 / fixed[0] if fixed else None


def largest(expr: Any) -> Expr | None:
    """Return what |expr| is at most for -1 <= z <= 1; None where that isn't read off.

    Examples
    --------
    >>> largest(1 / (1 + exp(-3 * z))), largest(z**3 - 2 * z), largest(log(3 - z)), largest(1 / z)
    (1, 3, log(4), None)
    """
    expr = sympify(expr)
    if z not in expr.free_symbols:
        return Abs(expr)
    if expr == z:
        return S.One
    if isinstance(expr, Add | Mul):
        parts = [largest(part) for part in expr.args]
        return None if None in parts else expr.func(*parts)
    if isinstance(expr, exp):
        top = largest(expr.args[0])
        return None if top is None else exp(top)
    if isinstance(expr, PositivePart) and expr.args[1] >= 0:
        top = largest(expr.args[0])
        return None if top is None else top ** expr.args[1]
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        top = largest(expr.base) if expr.exp > 0 else _above(expr.base)
        if top is not None:
            return top ** abs(expr.exp)
    inside = enclosure(expr, -S.One, S.One)
    return None if inside is None else _larger(*map(Abs, inside))


def size_and_slope(kernel: Expr) -> tuple[Expr, Expr] | None:
    """Return what |k| and |k'| are at most; of k = 1/D |k'/k| is at most that of the terms of D."""
    if z not in kernel.free_symbols:
        return Abs(kernel), S.Zero
    terms = _positive_terms(expand(powsimp(expand(1 / kernel))))
    if terms and (most := _above(Add(*terms))) is not None:
        paces = [largest(simplify(term.diff(z) / term)) for term in terms]
        return None if None in paces else (most, most * Add(*paces))
    top, slope = largest(kernel), largest(kernel.diff(z))
    return None if top is None or slope is None else (top, slope)


__all__ = ["enclosure", "largest", "log_slope", "size_and_slope"]
