"""What is in print and not proved by us: said in Figure 2.

Nothing is concluded from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational, S, oo


@dataclass(frozen=True)
class Printed:
    """A result of the literature on weights e^{βg}, masses 1/n, for every n.

    Attributes
    ----------
    source : str
        Where it is printed.
    dimension : int
    low, high : Expr
        Range of β, ends included.
    """

    source: str
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
    Printed("arXiv 2507.22857", 2, Rational(-16, 100)),
    Printed("arXiv 2405.18273", 2, S.Zero, S.One),
)
"""The first that speaks is said: the widest range stands first."""


__all__ = ["IN_PRINT", "Printed"]
