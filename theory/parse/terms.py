"""The terms of a formula, and the budget for enclosing what they take on [-1, 1]."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Expr

from theory.parse.kinks import Split
from theory.parse.ranges import Range

BUDGET = 20_000


@dataclass(frozen=True)
class Term:
    """A piece of a formula: its expression, and how to bound its values."""

    rule: Callable[[Sequence[Range]], Range]
    children: tuple[Term, ...]
    expr: Expr
    text: str
    size: int  # bounds the digits and the degree of anything SymPy may work out
    degree: int | None  # degree in t of a polynomial with rational coefficients, else None
    variable: str = ""  # "t" or a parameter's name, for leaves
    variables: frozenset[str] = frozenset()
    split: Split | None = None  # as a power of an absolute value or a positive part

    @property
    def kinked(self) -> bool:
        """Whether it is not C¹ in t."""
        return self.split is not None and self.has_t and not self.split.smooth

    @property
    def has_t(self) -> bool:
        """Whether it depends on t."""
        return "t" in self.variables

    def enclose(self, box: dict[str, Range], budget: Budget) -> Range:
        """Contain every value that the term takes on the box."""
        budget.spend()
        if self.variable:
            return box[self.variable]
        return self.rule([child.enclose(box, budget) for child in self.children])


class OutOfBudgetError(Exception):
    """The enclosure needs more boxes than the text is worth."""


@dataclass
class Budget:
    """How many boxes an enclosure may still look at."""

    left: int = BUDGET

    def spend(self) -> None:
        """Take one, or raise."""
        self.left -= 1
        if self.left < 0:
            raise OutOfBudgetError
