"""Pictures of a trained network: Figure 1's histograms, energies, and where they go."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from numerics.arguments import FloatArray
from numerics.plot.style import (
    BLUE,
    COLOURS,
    Picture,
    drawn_in,
    heading,
    legend_beside,
    new_axes,
    new_figure,
)
from numerics.trained import BatchReport, LayerReport

__all__ = [
    "plot_layer_energies",
    "plot_layer_histograms",
    "plot_layer_means",
    "plot_layer_shares",
]


def _facts(found: LayerReport | BatchReport) -> dict[str, Any]:
    if isinstance(found, BatchReport):
        return {"model": f"{found.name}, {len(found.reports)} texts"}
    return {"model": found.name, "n": len(found.statistics.labels[0])}


def plot_layer_histograms(found: LayerReport | BatchReport) -> Picture:
    """Draw the histogram of ⟨x_i, x_j⟩, i != j, of every layer, as Figure 1 does.

    Parameters
    ----------
    found : LayerReport or BatchReport
        What was found; of a batch each text has the same weight.

    Returns
    -------
    Figure
        Means are black lines.
    """
    if isinstance(found, BatchReport):
        histograms, means = found.histograms, found.means.mean(axis=0)
    else:
        histograms, means = found.statistics.histograms, found.statistics.mean
    count = len(histograms)
    width = drawn_in().width
    columns = min(count, 4 if width is None or width > 4 else 2)
    rows = -(-count // columns)
    figure = new_figure((7.0, 1.7 * rows + 0.5))
    axes = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
    edges = np.linspace(-1, 1, histograms.shape[1] + 1)
    density = histograms / np.diff(edges)
    for layer, ax in enumerate(axes):
        if layer >= count:
            ax.set_axis_off()
            continue
        ax.stairs(density[layer], edges, fill=True, color=BLUE, alpha=0.7)
        ax.axvline(means[layer], color="black", linewidth=0.8)
        ax.set_title(f"layer {layer}" if layer else "before layer 1", fontsize="small")
        ax.tick_params(labelsize="small")
        if layer % columns == 0:
            ax.set_ylabel("density", fontsize="small")
        if layer + columns >= count:
            ax.set_xlabel(r"$\langle x_i, x_j\rangle$", fontsize="small")
            ax.tick_params(labelbottom=True)
    heading(figure, **_facts(found))
    return figure


def plot_layer_energies(found: LayerReport, ax: Axes | None = None) -> Axes:
    """Draw each energy along the layers, relative to that before the first; falls are marked.

    Parameters
    ----------
    found : LayerReport
        What was found.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    seen = found.statistics
    layers = np.arange(len(seen.energies))
    marks = ("o", "s", "D", "^")
    for k, beta in enumerate(seen.betas):
        values, colour = seen.energies[:, k] / seen.energies[0, k], COLOURS[k % len(COLOURS)]
        mark = f"{marks[k % len(marks)]}-"
        ax.plot(layers, values, mark, color=colour, markersize=4, label=rf"$\beta$ = {beta:g}")
        falls = np.flatnonzero(np.diff(values) < 0) + 1
        ax.plot(layers[falls], values[falls], "v", color=colour, markersize=10, fillstyle="none")
    ax.plot([], [], "v", color="0.3", fillstyle="none", markersize=10, label="has fallen")
    ax.set(xlabel="layer", ylabel=r"$E_\beta$, relative to layer 0")
    ax.set_xticks(layers if len(layers) <= 26 else layers[:: len(layers) // 12])
    heading(ax, **_facts(found))
    legend_beside(ax)
    return ax


def plot_layer_shares(found: LayerReport, beta_index: int = 0) -> Picture:
    """Draw where the energy goes: bars of the parts, diamonds their sum; below, head by head.

    Parameters
    ----------
    found : LayerReport
        With shares.
    beta_index : int
        Which of the energies.

    Returns
    -------
    Figure
        The figure.

    Raises
    ------
    ValueError
        Without shares: a report of hidden states alone.
    """
    if not found.shares:
        raise ValueError(
            "Expected a report with energy shares but got one of hidden states alone; give the "
            "network, too."
        )
    chosen = [row[beta_index] for row in found.shares]
    figure = new_figure((7.5, 0.42 * len(chosen) + 3.4))
    top, bottom = figure.subplots(2, 1, height_ratios=[2.2, max(len(chosen), 3) / 3])
    _bars(top, chosen)
    _heads(figure, bottom, np.stack([one.heads for one in chosen]))
    heading(figure, beta=chosen[0].beta, **_facts(found))
    return figure


def _bars(ax: Any, chosen: list[Any]) -> None:
    """Stack the parts of each layer, those that lower the energy downwards."""
    groups = [one.groups() for one in chosen]
    values = np.array([list(group.values()) for group in groups])
    places = np.arange(1, len(chosen) + 1)
    for sign in (1, -1):
        base = np.zeros(len(chosen))
        for k, name in enumerate(groups[0]):
            part = np.where(sign * values[:, k] > 0, values[:, k], 0.0)
            ax.bar(places, part, 0.6, base, color=COLOURS[k], label=name if sign == 1 else None)
            base = base + part
    ax.plot(places, [one.change for one in chosen], "D", color="black", markersize=4, label="sum")
    ax.axhline(0, color="0.4", linewidth=0.6)
    ax.margins(y=0.08)
    ax.use_sticky_edges = False
    ax.set(xlabel="layer", ylabel=r"change of $E_\beta$")
    ax.set_xticks(places)
    if drawn_in().width is None:  # bars may stand anywhere: the legend isn't among them
        ax.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    else:
        legend_beside(ax)


def _heads(figure: Any, ax: Any, heads: FloatArray) -> None:
    """Show the share of each head, both signs in two colours."""
    limit = float(np.abs(heads).max()) or 1.0
    image = ax.imshow(heads, cmap="PuOr_r", vmin=-limit, vmax=limit, aspect="auto")
    ax.set(xlabel="head", ylabel="layer")
    count = heads.shape[1]
    step = 1 if count <= 16 else -(-count // 12)
    shown = np.arange(0, count, step)
    ax.set_xticks(shown, shown + 1, fontsize="small")
    ax.set_yticks(np.arange(len(heads)), np.arange(1, len(heads) + 1), fontsize="small")
    figure.colorbar(image, ax=ax, label="share of a head")


def plot_layer_means(found: BatchReport, ax: Axes | None = None) -> Axes:
    """Draw the mean of ⟨x_i, x_j⟩, i != j, along the layers, a line a text and their mean.

    Parameters
    ----------
    found : BatchReport
        What was found.
    ax : Axes, optional
        Where to draw; new ones by default.

    Returns
    -------
    Axes
        What was drawn on.
    """
    ax = new_axes() if ax is None else ax
    layers = np.arange(found.means.shape[1])
    ax.plot(layers, found.means.T, color=BLUE, alpha=0.35, linewidth=0.8)
    ax.plot(layers, found.means.mean(axis=0), "o-", color="black", markersize=3)
    ax.set_xticks(layers if len(layers) <= 26 else layers[:: len(layers) // 12])
    ax.set_xlabel("layer")
    ax.set_ylabel(r"mean $\langle x_i, x_j\rangle$")
    heading(ax, **_facts(found))
    return ax
