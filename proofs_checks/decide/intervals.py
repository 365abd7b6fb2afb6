"""Interval values of expressions over boxes: `enclose`, and `enclose_smooth` for elementary ones.

What can't be enclosed (an unknown function, a division by zero) raises an error and is no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from mpmath import iv
from sympy import Add, Expr, Mul, Pow, Rational, S, cos, exp, pi, sin


def interval_with_pi(value: Expr) -> Any:
    """Interval of an expression in rational numbers and π."""
    return enclose_smooth(value, {pi: iv.pi})


def enclose_smooth(expr: Any, values: dict[Any, Any]) -> Any:
    """Interval value of an expression of sums, products, integer powers, exp, cos and sin."""
    if expr in values:
        return values[expr]
    if expr.is_Rational:
        return iv.mpf(int(expr.p)) / int(expr.q)
    parts = [enclose_smooth(arg, values) for arg in expr.args]
    if isinstance(expr, Add):
        return sum(parts, iv.mpf(0))
    if isinstance(expr, Mul):
        out = iv.mpf(1)
        for part in parts:
            out *= part
        return out
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        return parts[0] ** int(expr.exp)
    if isinstance(expr, Pow) and expr.exp == Rational(1, 2):
        return iv.sqrt(parts[0])
    functions = {exp: iv.exp, cos: iv.cos, sin: iv.sin}
    if expr.func not in functions:
        raise ValueError(f"Expected an elementary expression but got expr={expr}; rewrite it.")
    return functions[expr.func](parts[0])


def _monotone(function: Callable[[Any], Any], x: Any) -> Any:
    low, high = function(iv.mpf(x.a)), function(iv.mpf(x.b))
    return iv.mpf([low.a, high.b])


def _atan(x: Any) -> Any:
    return iv.atan2(x, iv.mpf(1))


def _tanh(x: Any) -> Any:
    return _monotone(lambda a: 1 - 2 / (iv.exp(2 * a) + 1), x)


def _cosh(x: Any) -> Any:
    y = abs(x)
    return _monotone(lambda a: (iv.exp(a) + iv.exp(-a)) / 2, y)


_FUNCTIONS: dict[Any, Callable[[Any], Any]] = {
    sp.exp: iv.exp,
    sp.log: iv.log,
    sp.sin: iv.sin,
    sp.cos: iv.cos,
    sp.tan: iv.tan,
    sp.sinh: lambda x: _monotone(lambda a: (iv.exp(a) - iv.exp(-a)) / 2, x),
    sp.cosh: _cosh,
    sp.tanh: _tanh,
    sp.asin: lambda x: _monotone(lambda a: iv.atan2(a, iv.sqrt(1 - a**2)), x),
    sp.acos: lambda x: iv.pi / 2 - _monotone(lambda a: iv.atan2(a, iv.sqrt(1 - a**2)), x),
    sp.atan: lambda x: _monotone(_atan, x),
    sp.asinh: lambda x: _monotone(lambda a: iv.log(a + iv.sqrt(a**2 + 1)), x),
    sp.atanh: lambda x: _monotone(lambda a: iv.log((1 + a) / (1 - a)) / 2, x),
    sp.Abs: abs,
}


class NoEnclosureError(ValueError):
    """The expression can't be enclosed: an unknown function, a division by zero, a bad domain."""


def enclose(expr: Expr, values: Mapping[Any, Any]) -> Any:
    """Enclosure of an expression over intervals.

    Parameters
    ----------
    expr : Expr
        Built from numbers, symbols, sums, products, powers and the elementary functions.
    values : Mapping
        An ``mpmath.iv`` interval for every symbol.

    Returns
    -------
    mpmath.iv.mpf
        An interval that holds every value.

    Raises
    ------
    NoEnclosureError
        When there is none.

    Examples
    --------
    >>> from mpmath import iv
    >>> from theory.symbols import z
    >>> 2 in enclose(z**2 + 1, {z: iv.mpf([0, 2])})
    True
    """
    known: dict[Any, Any] = dict(values)

    def walk(node: Any) -> Any:
        if node in known:
            return known[node]
        if node.is_Integer:
            value = iv.mpf(int(node))
        elif node.is_Rational:
            value = iv.mpf(int(node.p)) / iv.mpf(int(node.q))
        elif node.is_Float:
            exact = Fraction(float(node))
            value = iv.mpf(exact.numerator) / iv.mpf(exact.denominator)
        elif node is S.Pi:
            value = iv.pi
        elif node is S.Exp1:
            value = iv.e
        elif node.is_Add:
            value = walk(node.args[0])
            for arg in node.args[1:]:
                value = value + walk(arg)
        elif node.is_Mul:
            value = walk(node.args[0])
            for arg in node.args[1:]:
                value = value * walk(arg)
        elif node.is_Pow and node.base is S.Exp1:
            value = iv.exp(walk(node.exp))
        elif node.is_Pow:
            value = _power(walk(node.base), node.exp, walk)
        elif node.func in _FUNCTIONS:
            value = _FUNCTIONS[node.func](walk(node.args[0]))
        else:
            raise NoEnclosureError(
                f"Expected elementary functions but got {node}; no enclosure is known for it."
            )
        known[node] = value
        return value

    try:
        result = walk(sp.sympify(expr))
    except NoEnclosureError:
        raise
    except Exception as error:  # mpmath raises several kinds outside a function's domain
        raise NoEnclosureError(f"Expected a finite value of {expr} but got {error}.") from error
    if not (abs(result.a) < iv.inf and abs(result.b) < iv.inf):
        raise NoEnclosureError(f"Expected a finite value of {expr} but got {result}.")
    return result


def _power(base: Any, exponent: Expr, walk: Callable[[Any], Any]) -> Any:
    if exponent.is_Integer:
        power = int(exponent)
        if power < 0:
            if base.a <= 0 <= base.b:
                raise NoEnclosureError(f"Expected a non-zero denominator but got {base}.")
            return 1 / base ** (-power)
        return base**power
    if exponent.is_Rational and exponent.q == 2 and base.a >= 0:
        root = iv.sqrt(base)
        power = int(exponent.p)
        return root**power if power > 0 else 1 / root ** (-power)
    if base.a <= 0:
        raise NoEnclosureError(f"Expected a positive base but got {base}.")
    return iv.exp(walk(exponent) * iv.log(base))
