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
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from proofs_checks.claim import Claim, Verdict

CONCLUDE_CONSENSUS = (
    "Theorem 6.1",
    "Theorem 6.3",
    "Theorem 4.1",
    "Theorem 4.3",
    "Theorem 5.1",
    "Problem 3",
)
"""Labels of the claims that end in: almost every initial condition forms one cluster."""


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
    """

    n: int
    dimensions: tuple[int, ...]
    betas: NDArray[np.float64]
    labels: tuple[str, ...]
    covered: NDArray[np.bool_]

    @property
    def open(self) -> NDArray[np.bool_]:
        """Cells that no claim covers, shape (b, dimensions)."""
        return np.asarray(~self.covered.any(axis=0))

    def text(self) -> str:
        """Table of the intervals of β that each claim covers, a dimension a block."""
        lines = [f"One cluster for almost every initial condition, n = {self.n}:"]
        for column, d in enumerate(self.dimensions):
            lines.append(f"  d = {d}")
            rows = [*zip(self.labels, self.covered[:, :, column], strict=True)]
            for label, cells in [*rows, ("no claim", self.open[:, column])]:
                if cells.any():
                    lines.append(f"    {label:<22} β in {self._spans(cells)}")
        return "\n".join(lines)

    def _spans(self, cells: NDArray[np.bool_]) -> str:
        """Describe the runs of covered values on the grid of β."""
        edges = np.flatnonzero(np.diff(np.concatenate(([0], cells.astype(int), [0]))))
        parts = []
        for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
            end = "…" if last == cells.size - 1 else f"{self.betas[last]:.4g}"
            parts.append(f"[{self.betas[first]:.4g}, {end}]")
        return ", ".join(parts)


def regime_map(
    n: int,
    dimensions: Sequence[int] | None = None,
    betas: Any = None,
    claims: Sequence[Claim] | None = None,
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
    >>> found.open[:, 0], found.open[:, 1]
    (array([False,  True, False]), array([False, False, False]))
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
        for name in CONCLUDE_CONSENSUS
        for claim in claims
        if claim.label.startswith(name) and claim.expected in decided and claim.hypotheses
    ]
    covered = np.array(
        [
            [[not claim.unmet(n=n, d=d, beta=beta) for d in dimensions] for beta in grid]
            for claim in asked
        ],
        dtype=bool,
    ).reshape(len(asked), grid.size, len(dimensions))
    return RegimeMap(
        int(n), tuple(map(int, dimensions)), grid, tuple(claim.label for claim in asked), covered
    )


_COLOURS = ("#1b7837", "#5aae61", "#2166ac", "#4393c3", "#92c5de", "#762a83", "#b2abd2")


def plot_regimes(regimes: RegimeMap, ax: Axes | None = None) -> Any:
    """Draw the map: β upwards, a column for each d, the first covering claim as colour.

    Cells that no claim covers are red. Hatched cells lie in an exponential rate's reach as well
    (Theorem 6.3). The lowest row is β = 0.
    """
    if ax is None:
        figure = Figure(figsize=(7.5, 5.0), layout="constrained", dpi=150)
        ax = figure.add_subplot()
    order = sorted(range(len(regimes.labels)), key=lambda k: regimes.labels[k] == "Theorem 6.3")
    cells = np.full(regimes.open.shape, len(order))
    for code, k in reversed([*enumerate(order)]):
        cells[regimes.covered[k]] = code
    colours = [*(_COLOURS[k % len(_COLOURS)] for k in range(len(order))), "#d73027"]
    positive = regimes.betas[regimes.betas > 0]
    floor = positive[0] ** 2 / positive[1] if positive.size > 1 else positive[0] / 2
    levels = np.where(regimes.betas > 0, regimes.betas, floor)
    edges = np.sqrt(levels[1:] * levels[:-1])
    edges = np.concatenate(([levels[0] * levels[0] / edges[0]], edges, [levels[-1]]))
    columns = np.arange(len(regimes.dimensions) + 1)
    ax.pcolormesh(
        columns,
        edges,
        cells,
        cmap=ListedColormap(colours),
        norm=BoundaryNorm(np.arange(-0.5, len(order) + 1.5), len(colours)),
        edgecolors="none",
    )
    for label, covered in zip(regimes.labels, regimes.covered, strict=True):
        if label == "Theorem 6.3":
            for column in np.flatnonzero(covered.any(axis=0)):
                ax.fill_between(
                    [column, column + 1], edges[0], edges[-1], hatch="//",
                    facecolor="none", edgecolor="white", linewidth=0.0,
                )  # fmt: skip
    for column in columns[1:-1]:
        ax.axvline(column, color="white", linewidth=1.0)
    ax.set_yscale("log")
    ax.set_ylim(edges[0], edges[-1])
    ax.set_xlim(0, len(regimes.dimensions))
    ax.set_xticks(columns[:-1] + 0.5, [str(d) for d in regimes.dimensions])
    marks = {
        r"$1/n$": 1 / regimes.n,
        r"$1$": 1.0,
        r"$(n-1)^2/\pi^2$": (regimes.n - 1) ** 2 / math.pi**2,
    }
    shown = {name: at for name, at in marks.items() if edges[0] < at < edges[-1]}
    ax.set_yticks(list(shown.values()), list(shown))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("$d$")
    ax.set_ylabel(r"$\beta$")
    ax.set_title(f"Which claim gives one cluster almost surely, $n$ = {regimes.n}")
    seen = [code for code in range(len(order) + 1) if np.any(cells == code)]
    names = [*(regimes.labels[k] for k in order), "no claim"]
    handles = [Patch(color=colours[code], label=names[code]) for code in seen]
    if (
        "Theorem 6.3" in regimes.labels
        and regimes.covered[regimes.labels.index("Theorem 6.3")].any()
    ):
        handles.append(Patch(facecolor="0.6", edgecolor="white", hatch="//",
                             label="Theorem 6.3: exponential rate"))  # fmt: skip
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return ax


__all__ = ["CONCLUDE_CONSENSUS", "RegimeMap", "plot_regimes", "regime_map"]
