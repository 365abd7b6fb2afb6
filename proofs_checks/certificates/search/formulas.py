"""Expressions for the searches: the checker's nested lists, values in balls, decimals outward."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Add, Expr, Mul, Pow, S, Symbol, cos, exp, log, pi, sin

PRECISION = 128
"""Bits of the searches and of their certificates."""


class NotCertified(ValueError):
    """No certificate was found: the statement is false, or the budget ran out.

    Parameters
    ----------
    message : str
        What was not found.
    witness : Mapping or None
        Values at which the statement certainly fails, if that is the reason.
    """

    def __init__(self, message: str, witness: Mapping[str, Fraction] | None = None) -> None:
        """Keep the values at which the statement fails."""
        super().__init__(message)
        self.witness = witness


_NAMES = {exp: "exp", log: "log", sin: "sin", cos: "cos"}


def formula_of(expr: Expr) -> Any:
    """Write an expression as the nested lists that the checker evaluates.

    Raises
    ------
    ValueError
        For a node other than sums, products, rational powers, exp, log, sin, cos and π.

    Examples
    --------
    >>> formula_of(2 * exp(Symbol("beta")) - 1)
    ['+', '-1', ['*', '2', ['exp', 'beta']]]
    """
    node = _node(expr)
    return node if isinstance(node, list) else ["+", node]


def _node(expr: Expr) -> Any:
    if expr.is_Rational:
        return str(Fraction(int(expr.p), int(expr.q)))
    if expr == pi or isinstance(expr, Symbol):
        return str(expr)
    if expr == S.Exp1:
        return ["exp", "1"]
    if isinstance(expr, Add | Mul):
        parts = sorted((_node(arg) for arg in expr.args), key=str)
        return ["+" if isinstance(expr, Add) else "*", *parts]
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        return ["^", _node(expr.base), int(expr.exp)]
    if isinstance(expr, Pow) and (2 * expr.exp).is_Integer:
        return ["^", ["sqrt", _node(expr.base)], int(2 * expr.exp)]
    if isinstance(expr, Pow) and expr.exp.is_Rational:
        return ["exp", ["*", _node(expr.exp), ["log", _node(expr.base)]]]
    if expr.func in _NAMES:
        return [_NAMES[expr.func], _node(expr.args[0])]
    raise ValueError(f"Expected an elementary expression but got expr={expr}; rewrite it.")


def exact_ball(value: Fraction, flint: Any) -> Any:
    """Ball around a rational number."""
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def exact_fraction(ball: Any) -> Fraction:
    """Give an end of a ball, or another exact one, as a rational number."""
    mantissa, exponent = ball.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def outward(ball: Any, digits: int) -> tuple[Fraction, Fraction]:
    """Decimal interval, ends with so many digits, around a ball."""
    unit = 10**digits
    low, high = exact_fraction(ball.lower()), exact_fraction(ball.upper())
    left, right = Fraction(math.floor(low * unit), unit), Fraction(math.ceil(high * unit), unit)
    if left == low:
        left -= Fraction(1, unit)
    if right == high:
        right += Fraction(1, unit)
    return left, right


def texts(ends: tuple[Fraction, Fraction]) -> list[str]:
    """Write an interval for a certificate."""
    return [str(end) for end in ends]
