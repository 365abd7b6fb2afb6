"""Letters in place of special functions and powers: what holds for all numbers holds for them."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Pow, Symbol, besseli, sympify
from sympy import gamma as gamma_function

_KINDS = (besseli, gamma_function)


def _is_special(part: Any) -> bool:
    """Whether it is a special function, or a power with symbols in its exponent."""
    if isinstance(part, Pow):
        return bool(part.exp.free_symbols) and not part.base.is_number
    return isinstance(part, _KINDS)


def lettered(*parts: Any) -> tuple[Expr, ...]:
    """Put one positive letter for each special function and each power, in all parts alike.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> lettered(beta * besseli(1, beta), besseli(1, beta) ** 2)
    (B_1*beta, B_1**2)
    """
    exprs = [sympify(part) for part in parts]
    found = [p for e in exprs for p in _specials(e)]
    names = {p: Symbol(f"B_{k}", positive=True) for k, p in enumerate(dict.fromkeys(found), 1)}
    return tuple(expr.xreplace(names) for expr in exprs)


def _specials(expr: Any) -> list[Any]:
    """Outermost special functions and powers, in the order in which they are met."""
    if _is_special(expr):
        return [expr]
    return [found for part in expr.args for found in _specials(part)]
