"""The picture of Figure 2: which claim covers which (d, β)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from numerics.plot import COLOURS, drawn_in, heading, new_axes
from proofs_checks.command_line.regimes import RegimeMap

_CLAIMS, _NONE = COLOURS[:-1], "white"


def plot_regimes(regimes: RegimeMap, ax: Axes | None = None) -> Any:
    """Draw the map: β upwards, a column for each d, the first covering claim as colour.

    Cells that no claim covers are white. Hatched cells lie in an exponential rate's reach as well
    (Theorem 6.3). The lowest row is β = 0 alone.
    """
    if ax is None:
        ax = new_axes(size=(7.5, 5.0))
    order = sorted(range(len(regimes.labels)), key=lambda k: regimes.labels[k] == "Theorem 6.3")
    cells = np.full(regimes.open.shape, len(order))
    for code, k in reversed([*enumerate(order)]):
        cells[regimes.covered[k]] = code
    colours = [*(_CLAIMS[k % len(_CLAIMS)] for k in range(len(order))), _NONE]
    positive = regimes.betas[regimes.betas > 0]
    floor = positive[0] ** 2 / positive[1] if positive.size > 1 else positive[0] / 2
    levels = np.where(regimes.betas > 0, regimes.betas, floor)
    edges = np.sqrt(levels[1:] * levels[:-1])
    edges = np.concatenate(([levels[0] * levels[0] / edges[0]], edges, [levels[-1]]))
    if regimes.betas[0] == 0:  # a row of its own, that is seen
        edges[0] = edges[1] * (edges[1] / edges[-1]) ** 0.06
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
        r"$\log\frac{n}{n-1}$": math.log(regimes.n / (regimes.n - 1)),
        r"$1$": 1.0,
        r"$(n-1)^2/\pi^2$": (regimes.n - 1) ** 2 / math.pi**2,
    }
    shown = {name: at for name, at in marks.items() if edges[1] < at < edges[-1]}
    if regimes.betas[0] == 0:
        shown = {"$0$": math.sqrt(edges[0] * edges[1]), **shown}
    ax.set_yticks(list(shown.values()), list(shown))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("$d$")
    ax.set_ylabel(r"$\beta$")
    heading(ax, n=regimes.n, more="which claim gives one cluster almost surely")
    seen = [code for code in range(len(order) + 1) if np.any(cells == code)]
    names = [*(regimes.labels[k] for k in order), "no claim"]
    handles = [
        Patch(facecolor=colours[code], edgecolor="0.5", linewidth=0.5, label=names[code])
        for code in seen
    ]
    if (
        "Theorem 6.3" in regimes.labels
        and regimes.covered[regimes.labels.index("Theorem 6.3")].any()
    ):
        handles.append(Patch(facecolor="0.6", edgecolor="white", hatch="//",
                             label="Theorem 6.3: exponential rate"))  # fmt: skip
    if drawn_in().width is None:
        ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    else:
        ax.figure.legend(
            handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize="small"
        )
    return ax


__all__ = ["plot_regimes"]
