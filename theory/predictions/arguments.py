"""How closed forms read their arguments: the model, whole numbers, β, positive numbers."""

from __future__ import annotations

from numbers import Number
from typing import Any, TypeAlias

from sympy import Abs, Expr, Interval, Rational, S, SympifyError, oo, sympify

from theory.models import SA, USA, Model, attention_form

Value: TypeAlias = Any
"""What SymPy can read as a scalar: a number, a symbol, an expression."""


Dynamics: TypeAlias = str | Model
"""One of `MODELS`, or a model with the velocity of one of them."""


MODELS = ("SA", "USA")
"""Names of the models that predictions are written for."""


HALF = Rational(1, 2)


POSITIVE, NONNEGATIVE, UNIT = Interval.open(0, oo), Interval(0, oo), Interval(0, 1)


def is_sa(model: Dynamics) -> bool:
    """Tell whether a model is SA; refuse all but SA and USA, and models that move as they do.

    Examples
    --------
    >>> is_sa("SA"), is_sa(USA)
    (True, False)
    """
    if isinstance(model, Model):
        known = {attention_form(paper): paper.name for paper in (SA, USA)}
        plain = (model.kind, model.space, model.noise) == ("flow", "sphere", None)
        name = known.get(attention_form(model)) if plain else None
    else:
        name = model if isinstance(model, str) and model in MODELS else None
    if name is None:
        shown = model.name if isinstance(model, Model) else model
        raise ValueError(
            f"Expected one of {', '.join(MODELS)} but got model={shown!r}; "
            "closed forms are known for the paper's two models only."
        )
    return name == "SA"


def require_model(model: Model) -> None:
    """Refuse what is no model, in words."""
    if not isinstance(model, Model):
        raise ValueError(
            f"Expected a model but got model={model!r}; pass SA, USA or a Model of your own."
        )


def choice(value: Any, name: str, options: tuple[Any, ...]) -> None:
    """Refuse what is none of some words or numbers."""
    if not isinstance(value, str | Number) or value not in options:
        listed = ", ".join(map(str, options))
        raise ValueError(f"Expected one of {listed} but got {name}={value!r}; choose one.")


def within(value: Value, name: str, domain: Interval, remedy: str) -> Expr:
    """Read a number of an interval, or a symbol or expression whose values may lie in it.

    Parameters
    ----------
    value : number or Expr
        What was given.
    name : str
        Name of the argument, for messages.
    domain : Interval
        Where the closed form holds; ``S.Reals`` for any finite number.
    remedy : str
        What to do, in the caller's words.

    Returns
    -------
    Expr
        The value.

    Raises
    ------
    ValueError
        For a number outside, and symbols whose assumptions leave nothing inside.

    Examples
    --------
    >>> within(HALF, "gamma", UNIT, "pass one.")
    1/2
    """
    number = readable(value)
    if number is None or _outside(number, domain):
        raise ValueError(f"Expected {_words(domain)} but got {name}={value}; {remedy}")
    return number


def _outside(number: Expr, domain: Interval) -> bool:
    """Whether a number, or what assumptions say of symbols, is outside of an interval."""
    if number.is_extended_real is False:
        return True
    if number.is_number or number.is_Symbol:
        return bool(domain.contains(number) == False)  # noqa: E712 (a relation, or S.false)
    return bool((number - domain.start).is_negative or (number - domain.end).is_positive)


def readable(value: Value) -> Expr | None:
    """Read what SymPy can as a scalar; None for anything else, and for matrices."""
    try:
        read = sympify(value)
    except SympifyError:
        return None
    scalar = isinstance(read, Expr) and read.is_commutative and not read.is_Matrix
    return read if scalar else None


def _words(domain: Interval) -> str:
    """Write an interval as an error says it."""
    if domain == S.Reals:
        return "a finite real number"
    if domain.end == oo:
        return f"a number {'>' if domain.left_open else '>='} {domain.start}"
    low, high = ("(" if domain.left_open else "["), (")" if domain.right_open else "]")
    return f"a number in {low}{domain.start}, {domain.end}{high}"


def real_temperature(value: Value) -> Expr:
    """Read β of either sign, where the closed form is an identity at every β."""
    return within(value, "beta", S.Reals, "pass a number or a symbol.")


MOST = 100_000
"""Of numbers whose factorials are written out, of a fifth of a million digits: a moment's work."""
TERMS = 1000
"""Of sums that are written out: SymPy takes up to 17 seconds for as many terms."""


def whole_number(value: Value, name: str, least: int, most: int | None = None) -> Expr:
    """Read a whole number or a symbol for one.

    Parameters
    ----------
    value : number or Expr
        What was given.
    name : str
        Name of the argument, for messages.
    least : int
        The least number that is taken.
    most : int, optional
        The largest one, where an exact value of more would have no end.

    Returns
    -------
    Expr
        The number as an Integer, or the symbol.
    """
    count = readable(value)
    none = count is None or count.is_integer is False or (count - least).is_negative
    if count is None or none or (count.is_number and not count.is_Integer):
        raise ValueError(
            f"Expected a whole number >= {least} but got {name}={value}; "
            "pass such a number or a symbol."
        )
    if most is not None:
        written_out(count, name, most)
    return count


def written_out(number: Expr, name: str, most: int) -> None:
    """Refuse a number that is too large for an exact value to be written out."""
    if number.is_number and number > most:
        raise ValueError(
            f"Expected a number <= {most} but got {name}={number}; the exact value "
            f"would be written out: take what is known of large {name}."
        )


def inverse_temperature(value: Value) -> Expr:
    """Read β >= 0; the statements of this file are not made for β < 0."""
    return within(value, "beta", NONNEGATIVE, "the closed form holds for attraction only.")


def positive_number(value: Value, name: str) -> Expr:
    """Read a positive number, or a symbol for one."""
    return within(value, name, POSITIVE, "pass such a number or a symbol.")


def score_bound(beta: Value, norm: Value | None) -> Expr:
    """Bound of ``|β <Qx, Ky>|`` on the sphere: β >= 0 for Q = K = I, else ``|β||QᵀK|``."""
    if norm is None:
        return inverse_temperature(beta)
    size = within(norm, "norm", NONNEGATIVE, "an operator norm is no less.")
    return Abs(real_temperature(beta)) * size
