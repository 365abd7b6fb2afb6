"""Integrals over an interval, enclosed by Arb: of functions that are analytic between their folds.

What isn't seen to be analytic off the line (an absolute value, a power without a cut) has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from itertools import pairwise
from operator import add, mul
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpq
from sympy import Expr, Rational, S

from proofs_checks.decide.intervals import Interval, NoEnclosureError

_BITS = 64
"""Working precision: a coefficient of 1e-9 has its sign."""
_WHOLE = (sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.erf)
"""Functions without a cut: at a pole Arb has no number."""
_CUT = {sp.asin: "real", sp.acos: "real", sp.atanh: "real", sp.atan: "imag", sp.asinh: "imag"}
"""Functions that are analytic where that part of a number is less than 1 in size."""


def integral(expr: Expr, symbol: Any, ends: Sequence[tuple[Expr, Any]]) -> Interval:
    """Enclose the integral of a function, given on pieces of an interval.

    Parameters
    ----------
    expr : Expr
        Of the symbol alone, with dummies for what differs from piece to piece.
    symbol : Symbol
    ends : sequence of (Expr, dict)
        The ends of the pieces in order, each with what is put for dummies on the piece that starts
        there; the last one ends the interval.

    Raises
    ------
    NoEnclosureError
        When there is none.

    Examples
    --------
    >>> from theory.symbols import z
    >>> integral(sp.exp(z), z, [(S.Zero, {}), (S.One, {})])
    [1.71828182845905, 1.71828182845905]
    """
    with ctx.workprec(_BITS):
        total = arb(0)
        for (low, put), (high, _) in pairwise(ends):
            piece = expr.xreplace(put)
            if piece == 0:
                continue
            first, last = (_value(end, symbol, None, False) for end in (low, high))
            found = acb.integral(partial(_value, piece, symbol), first, last)
            total += found.real
        return Interval(total.lower(), total.upper())


def _value(expr: Any, symbol: Any, at: Any, analytic: bool) -> Any:
    """Value of an expression in complex balls; where it must be analytic and isn't, no number."""

    def value(node: Any) -> Any:
        if node == symbol and at is not None:
            return at
        if node.is_Rational:
            return acb(fmpq(int(node.p), int(node.q)))
        if node is S.Pi or node is S.Exp1:
            return acb.pi() if node is S.Pi else acb(1).exp()
        if node.is_Add or node.is_Mul:
            return reduce(add if node.is_Add else mul, map(value, node.args))
        if isinstance(node, sp.exp) or (node.is_Pow and node.base is S.Exp1):
            return value(node.exp).exp()
        if node.is_Pow and node.exp.is_Rational:
            return _power(value(node.base), node.exp, analytic)
        if isinstance(node, sp.log):
            return value(node.args[0]).log(analytic=analytic)
        if node.func in _CUT:
            inside = value(node.args[0])
            if analytic and not getattr(inside, _CUT[node.func]).abs_upper() < 1:
                return acb("nan")
            return getattr(inside, node.func.__name__)()
        if isinstance(node, _WHOLE):
            return getattr(value(node.args[0]), type(node).__name__)()
        raise NoEnclosureError(f"Expected an analytic function but got {node}; none is known.")

    return value(expr)


def _power(base: Any, exponent: Rational, analytic: bool) -> Any:
    if exponent.is_Integer or (2 * exponent).is_Integer:
        root = base if exponent.is_Integer else base.sqrt(analytic=analytic)
        count = int(exponent if exponent.is_Integer else 2 * exponent)
        power = reduce(mul, [root] * abs(count), acb(1))
        return power if count >= 0 else 1 / power
    return base.pow(acb(fmpq(int(exponent.p), int(exponent.q))), analytic=analytic)


__all__ = ["integral"]
