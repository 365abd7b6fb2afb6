"""What a decision about a kernel is: its answer, its argument, its witness; and the values tried.

Exact algebra comes first (Sturm's theorem on rational functions, positive coefficients), then
interval bisection; what neither decides stays UNDECIDED. A sample refutes, and never proves. What
a statement is worth is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import sympy as sp
from sympy import Expr, Rational

BOX = (Rational(1, 4), Rational(4))
"""Range of a positive parameter where only intervals decide."""


LONG_TEXT = 120
"""Operations up to which the sign of a derivative is asked for."""


GENERIC_VALUES = (Rational(5, 8), Rational(9, 4), Rational(11, 8), Rational(7, 2), Rational(1, 4))


WHOLE_VALUES = tuple(map(Rational, (2, 1, 3, 4, 7)))
"""Values of parameters that are whole numbers."""


SIMPLE_VALUES = tuple(Rational(a, 4) for a in (0, -2, 2, -4, 4, -3, -1, 1, 3)) + tuple(
    Rational(a, 20) for a in range(-19, 20) if a % 5
)


class Answer(Enum):
    """What became of a question; the value says how."""

    DECIDED = "it holds, by exact algebra"
    ENCLOSED = "it holds, by interval arithmetic"
    FAILS = "it fails at a witness"
    UNDECIDED = "neither algebra nor intervals decide it"


@dataclass(frozen=True)
class Question:
    """Whether a function of z is positive on an interval, for all positive parameters.

    Attributes
    ----------
    expr : Expr
        In ``theory.symbols.z``; other symbols are positive, n and d integers >= 2.
    low, high : Rational
    strict : bool
        ``> 0`` is asked; otherwise ``>= 0``.
    closed : pair of bool
        Whether each end belongs to the interval.
    """

    expr: Expr
    low: Rational
    high: Rational
    strict: bool = True
    closed: tuple[bool, bool] = (True, True)


@dataclass(frozen=True)
class Decision:
    """What was decided, and how.

    Attributes
    ----------
    answer : Answer
    detail : str
        The argument, or the witness in words.
    witness : Mapping
        Point and parameter values where the statement fails; empty unless it fails.
    scope : Mapping
        The range of each parameter that the decision is about.
    asked : Question, optional
        What was asked, where it is about a sign.
    """

    answer: Answer
    detail: str
    witness: Mapping[str, Any] = field(default_factory=dict)
    scope: Mapping[str, str] = field(default_factory=dict)
    asked: Question | None = field(default=None, compare=False)

    @property
    def holds(self) -> bool:
        """Whether the statement holds, by algebra or by intervals."""
        return self.answer in (Answer.DECIDED, Answer.ENCLOSED)

    @property
    def for_all(self) -> bool:
        """Whether it holds for all values of parameters, none of which is in a box alone."""
        return self.holds and not any(words.startswith("[") for words in self.scope.values())

    @property
    def enclosed(self) -> bool:
        """Whether the argument is interval arithmetic."""
        return self.answer is Answer.ENCLOSED

    @property
    def refuted(self) -> bool:
        """Whether a witness refutes the statement."""
        return self.answer is Answer.FAILS


def exact(expr: Any) -> Expr:
    """Expression with every float replaced by the exact rational it prints as."""
    expr = sp.sympify(expr)
    floats = expr.atoms(sp.Float)
    return expr.xreplace({f: Rational(str(f)) for f in floats})
