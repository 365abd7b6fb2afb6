"""Figure 2 from the claims themselves: which theorem gives one cluster at which (d, β), n fixed.

A cell is covered by a claim when each of the claim's own hypotheses is met there. Nothing about
the regimes is written in this file but which claims conclude that one cluster forms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from proofs_checks.claim import Claim, Conclusion, Verdict


@dataclass(frozen=True)
class RegimeMap:
    """Which claims cover which (d, β) at a given n.

    Attributes
    ----------
    n : int
    dimensions : tuple of int
    betas : ndarray, shape (b,)
        Increasing, at least 0.
    labels : tuple of str
        The claims asked.
    covered : ndarray of bool, shape (labels, b, dimensions)
        Whether the hypotheses of a claim are met in a cell.
    formulas : tuple of str
        Range of β that each claim asks for, in n and d.
    """

    n: int
    dimensions: tuple[int, ...]
    betas: NDArray[np.float64]
    labels: tuple[str, ...]
    covered: NDArray[np.bool_]
    formulas: tuple[str, ...] = ()

    @property
    def open(self) -> NDArray[np.bool_]:
        """Cells that no claim covers, shape (b, dimensions)."""
        return np.asarray(~self.covered.any(axis=0))

    def text(self) -> str:
        """Table of the ranges of β that each claim covers, a dimension a block."""
        lines = [f"One cluster for almost every initial condition, n = {self.n}:"]
        said = self.formulas or ("",) * len(self.labels)
        for column, d in enumerate(self.dimensions):
            lines.append(f"  d = {d}")
            for label, formula, cells in zip(
                self.labels, said, self.covered[:, :, column], strict=True
            ):
                lines += [f"    {label:<22} {formula}".rstrip()] if cells.any() else []
            lines += [f"    {'no claim':<22} {words}" for words in self._gaps(column)]
        return "\n".join(lines)

    def _gaps(self, column: int) -> list[str]:
        """Name the claims between whose ranges there is none."""
        cells = self.open[:, column]
        edges = np.flatnonzero(np.diff(np.concatenate(([0], cells.astype(int), [0]))))
        found = []
        for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
            ends = [self._claim_at(first - 1, column), self._claim_at(last + 1, column)]
            below, above = ends
            if below and above:
                found.append(f"between {below} and {above}")
            else:
                found.append(f"above {below}" if below else f"below {above}" if above else "any β")
        return found

    def _claim_at(self, place: int, column: int) -> str:
        """First claim that covers a cell, "" beyond the grid."""
        if not 0 <= place < self.betas.size:
            return ""
        return self.labels[int(np.argmax(self.covered[:, place, column]))]


def regime_map(
    n: int,
    dimensions: Sequence[int] | None = None,
    betas: Any = None,
    claims: Sequence[Claim[Any, Any]] | None = None,
) -> RegimeMap:
    """Ask every claim that concludes consensus where its hypotheses are met (Figure 2).

    Parameters
    ----------
    n : int
        Number of tokens, at least 2.
    dimensions : sequence of int, optional
        Dimensions d >= 2; by default 2, 3, 4 and n - 1, n, n + 1.
    betas : array_like, optional
        Values of β; by default 0 and a grid beyond n²/π², with 1/n, log(n/(n-1)), 1,
        (n-1)²/π² and n²/π² in it.
    claims : sequence of Claim, optional
        ``CLAIMS`` by default.

    Raises
    ------
    ValueError
        If n, a dimension or a β is out of range.

    Examples
    --------
    >>> found = regime_map(8, dimensions=[2, 3], betas=[0.1, 2.0, 10.0])
    >>> found.covered[found.labels.index("Theorem 5.1"), :, 0], int(found.open.sum())
    (array([False, False,  True]), 0)
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 2:
        raise ValueError(f"Expected at least two tokens but got n={n!r}.")
    if dimensions is None:
        dimensions = sorted({2, 3, 4, max(2, n - 1), n, n + 1})
    if any(isinstance(d, bool) or not isinstance(d, int | np.integer) or d < 2 for d in dimensions):
        raise ValueError(f"Expected dimensions d >= 2 but got dimensions={dimensions!r}.")
    if betas is None:
        top = max(4.0, 2.0 * n**2 / math.pi**2)
        marks = (1 / n, math.log(n / (n - 1)), 1.0, (n - 1) ** 2 / math.pi**2, n**2 / math.pi**2)
        betas = np.unique([0.0, *np.geomspace(1 / (8 * n), top, 240), *marks])
    grid = np.atleast_1d(np.asarray(betas, dtype=np.float64))
    if grid.ndim != 1 or not np.all(np.isfinite(grid)) or np.any(grid < 0):
        raise ValueError(f"Expected finite β >= 0 but got betas={betas!r}.")
    grid = np.unique(grid)
    if claims is None:
        from proofs_checks import CLAIMS

        claims = CLAIMS
    decided = (Verdict.PROVED, Verdict.CERTIFIED)
    asked = [
        claim
        for claim in claims
        if claim.concludes is Conclusion.CONSENSUS
        and claim.expected in decided
        and claim.hypotheses
    ]
    # First what is said of every β, for large d; then in the order of the paper.
    asked.sort(key=lambda claim: any(claim.unmet(n=n, d=n + 3, beta=beta) for beta in (0.0, 1e300)))
    covered = np.array(
        [
            [[not claim.unmet(n=n, d=d, beta=beta) for d in dimensions] for beta in grid]
            for claim in asked
        ],
        dtype=bool,
    ).reshape(len(asked), grid.size, len(dimensions))
    formulas = tuple(", ".join(h.text for h in c.hypotheses if "β" in h.text) for c in asked)
    labels = tuple(claim.label for claim in asked)
    return RegimeMap(int(n), tuple(map(int, dimensions)), grid, labels, covered, formulas)


__all__ = ["RegimeMap", "regime_map"]
