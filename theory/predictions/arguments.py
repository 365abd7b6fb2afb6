"""How closed forms read their arguments: the model, whole numbers, β, positive numbers."""

from __future__ import annotations

from typing import Any, TypeAlias

from sympy import Abs, Expr, Rational, sympify

Value: TypeAlias = Any
"""What SymPy can read as a scalar: a number, a symbol, an expression."""


MODELS = ("SA", "USA")
"""Names of the models that predictions are written for."""


HALF = Rational(1, 2)


def is_sa(model: str) -> bool:
    """Tell whether the model is SA; refuse anything but SA and USA."""
    if model not in MODELS:
        raise ValueError(
            f"Expected one of {', '.join(MODELS)} but got model={model!r}; "
            "closed forms are known for the paper's two models only."
        )
    return model == "SA"


def whole_number(value: Value, name: str, least: int) -> Expr:
    """Read a whole number or a symbol for one.

    Parameters
    ----------
    value : number or Expr
        What was given.
    name : str
        Name of the argument, for messages.
    least : int
        The least number that is taken.

    Returns
    -------
    Expr
        The number as an Integer, or the symbol.
    """
    count = sympify(value)
    if count.is_number and not (count.is_Integer and count >= least):
        raise ValueError(
            f"Expected a whole number >= {least} but got {name}={value}; "
            "pass such a number or a symbol."
        )
    return count


def inverse_temperature(value: Value) -> Expr:
    """Read β >= 0; the statements of this file are not made for β < 0."""
    beta = sympify(value)
    if beta.is_number and (not beta.is_finite or beta < 0):
        raise ValueError(
            f"Expected a finite inverse temperature >= 0 but got beta={value}; "
            "the closed form holds for attraction only."
        )
    return beta


def positive_number(value: Value, name: str) -> Expr:
    """Read a positive number, or a symbol for one."""
    number = sympify(value)
    if number.is_number and not (number.is_finite and number > 0):
        raise ValueError(f"Expected a positive number but got {name}={value}; pass one > 0.")
    return number


def score_bound(beta: Value, norm: Value | None) -> Expr:
    """Bound of ``|β <Qx, Ky>|`` on the sphere: β >= 0 for Q = K = I, else ``|β||QᵀK|``."""
    if norm is None:
        return inverse_temperature(beta)
    size, hot = sympify(norm), sympify(beta)
    if hot.is_number and not (hot.is_real and hot.is_finite):
        raise ValueError(f"Expected a finite real β but got beta={beta}; pass a number.")
    if size.is_number and not (size.is_finite and size >= 0):
        raise ValueError(f"Expected an operator norm >= 0 but got norm={norm}; pass one.")
    return Abs(hot) * size
