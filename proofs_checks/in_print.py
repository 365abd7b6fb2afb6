"""What is in print and not proved by us: said beside rows that aren't decided, and in Figure 2.

Nothing is concluded from it. An entry a result, with the row of `check_model` it would settle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Rational, S, oo


@dataclass(frozen=True)
class Printed:
    """A result of the literature on weights e^{βg}, masses 1/n, for every n.

    Attributes
    ----------
    source : str
        Where it is printed.
    row : str
        Row of ``check_model`` that it would settle.
    dimension : int
    low, high : Expr
        Range of β, ends included.
    """

    source: str
    row: str
    dimension: int
    low: Expr
    high: Expr = oo

    @property
    def range(self) -> str:
        """Range of β in words."""
        low = f"β >= {float(self.low):g}"
        return low if self.high == oo else f"{float(self.low):g} <= β <= {float(self.high):g}"

    @property
    def words(self) -> str:
        """Say where it is printed, and for which β.

        Examples
        --------
        >>> IN_PRINT[0].words
        'in print: arXiv 2507.22857, β >= -0.16'
        """
        return f"in print: {self.source}, {self.range}"


IN_PRINT = (
    Printed("arXiv 2507.22857", "circle", 2, Rational(-16, 100)),
    Printed("arXiv 2405.18273", "circle", 2, S.Zero, S.One),
)
"""The first that speaks is said: the widest range stands first."""


def printed_for(row: str, heat: Any) -> str:
    """Name what is in print for a row at weights e^{cg}, c = ``heat``, or "".

    Examples
    --------
    >>> printed_for("circle", 2), printed_for("circle", -1), printed_for("Lemma 6.4", 2)
    ('in print: arXiv 2507.22857, β >= -0.16, masses 1/n', '', '')
    """
    for result in IN_PRINT:
        if result.row == row and result.low <= heat <= result.high:
            return f"{result.words}, masses 1/n"
    return ""


__all__ = ["IN_PRINT", "Printed", "printed_for"]
