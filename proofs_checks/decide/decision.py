"""What a decision about a kernel is: its verdict, its argument, its witness; and the values tried.

Exact algebra comes first (Sturm's theorem on rational functions, positive coefficients), then
interval bisection; what neither decides is UNDECIDED. A sample refutes, and never proves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy import Expr, Rational

from proofs_checks.claim import Verdict

BOX = (Rational(1, 4), Rational(4))
"""Range of a positive parameter where only intervals decide."""


LONG_TEXT = 120
"""Operations up to which the sign of a derivative is asked for."""


GENERIC_VALUES = (Rational(5, 8), Rational(9, 4), Rational(11, 8), Rational(7, 2), Rational(1, 4))


SIMPLE_VALUES = tuple(Rational(a, 4) for a in (0, -2, 2, -4, 4, -3, -1, 1, 3)) + tuple(
    Rational(a, 20) for a in range(-19, 20) if a % 5
)


@dataclass(frozen=True)
class Decision:
    """What was decided, and how.

    Attributes
    ----------
    verdict : Verdict
        PROVED (exact), CERTIFIED (intervals), REFUTED (with a witness) or UNDECIDED.
    detail : str
        The argument, or the witness in words.
    witness : Mapping
        Point and parameter values where the statement fails; empty unless REFUTED.
    scope : Mapping
        The range of each parameter that the decision is about.
    """

    verdict: Verdict
    detail: str
    witness: Mapping[str, Any] = field(default_factory=dict)
    scope: Mapping[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the statement is proved or certified."""
        return self.verdict in (Verdict.PROVED, Verdict.CERTIFIED)

    @property
    def enclosed(self) -> bool:
        """Whether the argument is interval arithmetic."""
        return self.verdict is Verdict.CERTIFIED

    @property
    def refuted(self) -> bool:
        """Whether a witness refutes the statement."""
        return self.verdict is Verdict.REFUTED


def exact(expr: Any) -> Expr:
    """Expression with every float replaced by the exact rational it prints as."""
    expr = sp.sympify(expr)
    floats = expr.atoms(sp.Float)
    return expr.xreplace({f: Rational(str(f)) for f in floats})
