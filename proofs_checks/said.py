"""What a step says of numbers, as it was written down: an equation or an inequality.

It is kept beside the outcome, so that another program can be asked the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from sympy import Expr, sympify

Relation = Literal["=", "<", "<="]

Step = TypeVar("Step", bound=Any)


@dataclass(frozen=True)
class Said:
    """A relation between two numbers, for all values of their symbols that are allowed.

    Attributes
    ----------
    left : Expr
        Derivatives, integrals and sums are written as such, not carried out.
    relation : {"=", "<", "<="}
    right : Expr
    given : tuple of Said
        What is assumed of the symbols, beyond their own assumptions.
    """

    left: Expr
    relation: Relation
    right: Expr
    given: tuple[Said, ...] = ()


def say(left: Any, relation: Relation, right: Any, given: tuple[Said, ...] = ()) -> Said:
    """Return a relation between numbers.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> say(beta, "<=", beta**2, (say(1, "<=", beta),)).relation
    '<='
    """
    return Said(sympify(left), relation, sympify(right), given)


def saying(step: Step, *what: Said) -> Step:
    """Return a step that keeps what it says: all of these together."""
    return replace(step, formal=what)
