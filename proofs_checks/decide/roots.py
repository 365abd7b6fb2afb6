"""All zeros of a function in an interval, exactly: of polynomials, also in one monotone function.

Roots are rational numbers, roots of rational polynomials, or radicals; ``(e^z - 2)²`` has log 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import sympy as sp
from sympy import Dummy, Expr, Integer, Mul, Poly, Rational, S, Symbol

from theory.bounded import checkpoint
from theory.symbols import d, n, z

_MONOTONE = (sp.exp, sp.log, sp.sinh, sp.tanh, sp.atan)
"""Functions that take each value once, and have an inverse in closed form."""

_DEGREE = 8
"""Most of a polynomial with irrational coefficients: above, radicals are rare and take long."""

Zeros = tuple[tuple[Expr, int], ...]


def exact_zeros(expr: Expr, variable: Symbol, low: Expr, high: Expr) -> Zeros | None:
    """Zeros in a closed interval, increasing, with multiplicities; None where some aren't known.

    Parameters
    ----------
    expr : Expr
        A product; the variable is its only symbol. Zeros of a denominator are among them.
    variable : Symbol
    low, high : Expr
        Ends; ``high`` may be infinite.

    Examples
    --------
    >>> from theory.symbols import z
    >>> exact_zeros((z - 1 / sp.sqrt(2)) ** 2, z, -S.One, S.One)
    ((sqrt(2)/2, 2),)
    >>> exact_zeros((sp.exp(z) - 2) ** 2, z, -S.One, S.One)
    ((log(2), 2),)
    """
    found: dict[Expr, int] = {}
    for factor in Mul.make_args(expr):
        base, power = factor.as_base_exp()
        if variable not in factor.free_symbols:
            continue
        if not power.is_Integer:
            base, power = factor, S.One
        checkpoint()
        zeros = _of_factor(base, variable)
        if zeros is None:
            return None
        for zero, count in zeros.items():
            found[zero] = found.get(zero, 0) + count * abs(int(power))
    inside = [zero for zero in found if bool(low <= zero) and bool(zero <= high)]
    return tuple((zero, found[zero]) for zero in sorted(inside))


def _of_factor(base: Expr, variable: Symbol) -> dict[Expr, int] | None:
    if base.free_symbols != {variable}:
        return None
    if base.is_polynomial(variable):
        return _of_polynomial(Poly(base, variable))
    inner = _generator(base, variable)
    if inner is None:
        return None
    mark = Dummy("w")
    outer = base.xreplace({inner: mark})
    if variable in outer.free_symbols or not outer.is_polynomial(mark):
        return None
    values = _of_polynomial(Poly(outer, mark))
    if values is None:
        return None
    slope, start = Poly(inner.args[0], variable).all_coeffs()
    found = {}
    for value, count in values.items():
        if not _in_range(inner, value):
            continue
        found[(inner.inverse()(value) - start) / slope] = count
    return found


def _generator(base: Expr, variable: Symbol) -> Any:
    """Return the one monotone function, of a linear argument, by which the variable enters."""
    functions = [f for f in base.atoms(*_MONOTONE) if variable in f.free_symbols]
    if len(functions) != 1 or not functions[0].args[0].is_polynomial(variable):
        return None
    return functions[0] if Poly(functions[0].args[0], variable).degree() == 1 else None


def _in_range(inner: Any, value: Expr) -> bool:
    """Whether a function takes a value."""
    if isinstance(inner, sp.exp):
        return bool(value > 0)
    most = {sp.tanh: S.One, sp.atan: sp.pi / 2}.get(inner.func, sp.oo)
    return bool(abs(value) < most)


def _of_polynomial(poly: Poly) -> dict[Expr, int] | None:
    """Real roots of a polynomial, all of them, or None."""
    if all(c.is_Rational for c in poly.all_coeffs()):
        return dict(sp.real_roots(poly, multiple=False))
    if poly.degree() > _DEGREE or not all(c.is_real for c in poly.all_coeffs()):
        return None
    found = sp.roots(poly)
    if sum(found.values()) != poly.degree() or any(zero.is_real is None for zero in found):
        return None
    return {zero: count for zero, count in found.items() if zero.is_real}


def whole_zeros(expr: Expr, count: Symbol, least: int = 2) -> tuple[int, ...]:
    """Whole numbers beside the zeros of an expression and of its slope, from a least one on.

    There an expression in a count may fail to be positive; those that aren't known are left out.

    Examples
    --------
    >>> from theory.symbols import n
    >>> whole_zeros((n - 5) ** 2, n)
    (5,)
    """
    places: set[int] = set()
    for part in (expr, expr.diff(count)):
        checkpoint()
        above = sp.factor(sp.together(part).as_numer_denom()[0])
        zeros = exact_zeros(above, count, Rational(least), sp.oo)
        for zero, _ in zeros or ():
            places |= {int(sp.floor(zero)), int(sp.ceiling(zero))}
    return tuple(sorted(places))


_FEW = (2, 3, 4, 7, 12)
"""Numbers of tokens, or dimensions, at which a sign is looked at first."""


def tried_counts(expr: Expr, counts: list[Symbol]) -> Iterator[tuple[int, ...]]:
    """Yield counts at which a sign is looked at: small ones, and where the expression is least.

    Examples
    --------
    >>> from theory.symbols import n
    >>> [count for (count,) in tried_counts((n - 5) ** 2 + 1, [n])]
    [2, 3, 4, 7, 12, 5]
    """
    few = tuple(product(_FEW, repeat=len(counts)))
    yield from few
    more = ({**dict.fromkeys(_FEW), **_least_at(expr, count)} for count in counts)
    yield from (values for values in product(*more) if values not in few)


def _least_at(expr: Expr, count: Any) -> dict[int, None]:
    """Whole numbers by the zeros of an expression and of its slope, in their order."""
    found: list[int] = []
    for place in (S.Zero, S.Half, S.One):
        at = {
            s: place if s == z else Integer(2) if s in (n, d) else S.One
            for s in expr.free_symbols - {count}
        }
        found += whole_zeros(expr.subs(at), count)
    return dict.fromkeys(found)


__all__ = ["exact_zeros", "tried_counts", "whole_zeros"]
