"""Figure 2 from the claims themselves: which theorem gives one cluster at which (d, β), n fixed.

A cell is covered by a claim when each of the claim's own hypotheses is met there. Nothing about
the regimes is written in this file but which claims conclude that one cluster forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
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
    spoken : ndarray of bool, shape (labels, dimensions)
        Whether a claim speaks of some β in a dimension.
    gaps : tuple of str
        For each dimension the ranges of β of which no claim speaks, between semicolons.
    """

    n: int
    dimensions: tuple[int, ...]
    betas: NDArray[np.float64]
    labels: tuple[str, ...]
    covered: NDArray[np.bool_]
    formulas: tuple[str, ...] = ()  # a file of an earlier version has none of these, for pictures
    spoken: NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), dtype=bool))
    gaps: tuple[str, ...] = ()

    @property
    def open(self) -> NDArray[np.bool_]:
        """Cells that no claim covers, shape (b, dimensions)."""
        return np.asarray(~self.covered.any(axis=0))

    def text(self) -> str:
        """Table of the ranges of β that each claim covers, a dimension a block; no grid."""
        lines = [f"One cluster for almost every initial condition, n = {self.n}:"]
        for column, d in enumerate(self.dimensions):
            lines.append(f"  d = {d}")
            for label, formula, spoken in zip(
                self.labels, self.formulas, self.spoken[:, column], strict=True
            ):
                lines += [f"    {label:<22} {formula}".rstrip()] if spoken else []
            gaps = self.gaps[column]
            lines += [f"    {'no claim':<22} {gap}" for gap in gaps.split("; ") if gap]
        return "\n".join(lines)


_LOOKED_AT = (0.0, *np.geomspace(1e-6, 1e12, 121).tolist())
"""Values of β between which a claim is taken to begin or to cease at most once."""

_HALVINGS = 64

_ELSE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": ">"}
"""What holds where a hypothesis on β isn't met; of β = 0, above it."""


def _met(claim: Claim[Any, Any], n: int, d: int, beta: float) -> bool:
    return not claim.unmet(n=n, d=d, beta=beta)


def _edges(claim: Claim[Any, Any], n: int, d: int) -> list[float]:
    """Both sides of each β at which a claim begins or ceases to speak, by halving."""
    said = [_met(claim, n, d, beta) for beta in _LOOKED_AT]
    found = []
    for k, (low, high) in enumerate(pairwise(_LOOKED_AT)):
        if said[k] != said[k + 1]:
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                low, high = (
                    (middle, high) if _met(claim, n, d, middle) == said[k] else (low, middle)
                )
            found += [low, high]
    return found


def _otherwise(claims: Sequence[Claim[Any, Any]], n: int, d: int, beta: float) -> list[str]:
    """Say what holds instead of the hypotheses on β that claims miss there."""
    missed = [
        h.text.split() for c in claims for h in c.hypotheses if h.margin(n=n, d=d, beta=beta) < 0
    ]
    return [f"{name} {_ELSE[sign]} {value}" for name, sign, value in missed if name == "β"]


def _gaps(claims: Sequence[Claim[Any, Any]], n: int, d: int) -> str:
    """Ranges of β >= 0 of which no claim speaks, in the words of those beside them."""
    edges = {edge for claim in claims for edge in _edges(claim, n, d)}
    betas = sorted({*edges, *_LOOKED_AT})
    spoken = [[claim for claim in claims if _met(claim, n, d, beta)] for beta in betas]
    found = []
    for speaks, run in groupby(range(len(betas)), key=lambda k: bool(spoken[k])):
        if not speaks:
            cells = list(run)
            first, last = cells[0], cells[-1]
            below = spoken[first - 1] if first else []
            above = spoken[last + 1] if last + 1 < len(betas) else []
            ends = _otherwise(below, n, d, betas[first]) + _otherwise(above, n, d, betas[last])
            found.append(", ".join(dict.fromkeys(ends)) or "any β")
    return "; ".join(found)


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
        Values of β of the cells; by default 0 and a grid beyond the thresholds of all claims, and
        these in it. What `RegimeMap.text` says doesn't depend on them.
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
    if betas is None:
        edges = {edge for claim in asked for d in dimensions for edge in _edges(claim, n, d)}
        least, top = 1 / (8 * n), 1.25 * max({4.0, *edges})
        marks = (edge for edge in edges if edge > least)
        betas = np.unique([0.0, *np.geomspace(least, top, 240), *marks])
    grid = np.atleast_1d(np.asarray(betas, dtype=np.float64))
    if grid.ndim != 1 or not np.all(np.isfinite(grid)) or np.any(grid < 0):
        raise ValueError(f"Expected finite β >= 0 but got betas={betas!r}.")
    grid = np.unique(grid)
    shape = len(asked), grid.size, len(dimensions)
    met = [_met(claim, n, d, beta) for claim in asked for beta in grid for d in dimensions]
    spoken = [
        any(_met(claim, n, d, beta) for beta in _LOOKED_AT) for claim in asked for d in dimensions
    ]
    return RegimeMap(
        int(n),
        tuple(map(int, dimensions)),
        grid,
        tuple(claim.label for claim in asked),
        np.array(met, dtype=bool).reshape(shape),
        tuple(", ".join(h.text for h in c.hypotheses if "β" in h.text) for c in asked),
        np.array(spoken, dtype=bool).reshape(shape[::2]),
        tuple(_gaps(asked, n, d) for d in dimensions),
    )


__all__ = ["RegimeMap", "regime_map"]
