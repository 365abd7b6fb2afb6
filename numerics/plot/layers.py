"""Pictures of a trained network: Figure 1's histograms, energies, and where they go."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.arguments import FloatArray
from numerics.plot.style import new_axes
from numerics.trained import LayerReport, LayerStatistics

__all__ = ["plot_layer_energies", "plot_layer_histograms", "plot_layer_shares"]


def plot_layer_histograms(found: LayerStatistics, *, title: str = "") -> Figure:
    """Draw the histogram of ⟨x_i, x_j⟩, i != j, of every layer, as Figure 1 does.

    Parameters
    ----------
    found : LayerStatistics
        What was found.
    title : str

    Returns
    -------
    Figure
    """
    count = len(found.histograms)
    columns = min(count, 4)
    rows = -(-count // columns)
    figure = Figure(figsize=(7.0, 1.7 * rows + 0.5), layout="constrained", dpi=150)
    axes = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
    edges = np.linspace(-1, 1, found.histograms.shape[1] + 1)
    density = found.histograms / np.diff(edges)
    for layer, ax in enumerate(axes):
        if layer >= count:
            ax.set_axis_off()
            continue
        ax.stairs(density[layer], edges, fill=True, color="C0", alpha=0.7)
        ax.axvline(found.mean[layer], color="black", linewidth=0.8)
        ax.set_title(f"layer {layer}" if layer else "before layer 1", fontsize=8)
        ax.tick_params(labelsize=7)
        if layer % columns == 0:
            ax.set_ylabel("density", fontsize=8)
        if layer + columns >= count:
            ax.set_xlabel("⟨x_i, x_j⟩", fontsize=8)
            ax.tick_params(labelbottom=True)
    figure.suptitle(title, fontsize=10)
    return figure


def plot_layer_energies(found: LayerStatistics, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw each energy along the layers, relative to that before the first; falls are marked.

    Parameters
    ----------
    found : LayerStatistics
        What was found.
    ax : Axes, optional
        Where to draw.
    title : str

    Returns
    -------
    Axes
    """
    ax = new_axes() if ax is None else ax
    layers = np.arange(len(found.energies))
    for k, beta in enumerate(found.betas):
        values = found.energies[:, k] / found.energies[0, k]
        ax.plot(layers, values, "o-", color=f"C{k}", markersize=4, label=f"β = {beta:g}")
        falls = np.flatnonzero(np.diff(values) < 0) + 1
        ax.plot(layers[falls], values[falls], "v", color=f"C{k}", markersize=9, fillstyle="none")
    ax.plot([], [], "v", color="0.3", fillstyle="none", markersize=9, label="falls")
    ax.set(xlabel="layer", ylabel="E_β, relative to layer 0")
    ax.set_xticks(layers if len(layers) <= 26 else layers[:: len(layers) // 12])
    ax.legend(fontsize=8, frameon=False)
    ax.set_title(title, fontsize=10)
    return ax


def plot_layer_shares(found: LayerReport, beta_index: int = 0, *, title: str = "") -> Figure:
    """Draw where the energy goes: a row a layer, a column a part; black is the sum.

    Parameters
    ----------
    found : LayerReport
        With shares.
    beta_index : int
        Which of the energies.
    title : str

    Returns
    -------
    Figure

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
    figure = Figure(figsize=(7.5, 0.42 * len(chosen) + 3.4), layout="constrained", dpi=150)
    top, bottom = figure.subplots(2, 1, height_ratios=[2.2, max(len(chosen), 3) / 3])
    _bars(top, chosen)
    _heads(figure, bottom, np.stack([one.heads for one in chosen]))
    figure.suptitle(title, fontsize=10)
    return figure


_PARTS = ("heads, symmetric", "heads, antisymmetric", "constant rows", "neurons", "norms")


def _bars(ax: Any, chosen: list[Any]) -> None:
    """Stack the parts of each layer, those that lower the energy downwards."""
    values = np.array(
        [
            [
                one.symmetric.sum(),
                one.antisymmetric.sum(),
                one.attention_constant + one.neurons_constant,
                one.neurons,
                one.norms.sum(),
            ]
            for one in chosen
        ]
    )
    places = np.arange(1, len(chosen) + 1)
    for sign in (1, -1):
        base = np.zeros(len(chosen))
        for k, name in enumerate(_PARTS):
            part = np.where(sign * values[:, k] > 0, values[:, k], 0.0)
            ax.bar(places, part, 0.6, base, color=f"C{k}", label=name if sign == 1 else None)
            base = base + part
    ax.plot(places, [one.change for one in chosen], "D", color="black", markersize=4, label="sum")
    ax.axhline(0, color="0.4", linewidth=0.6)
    ax.margins(y=0.08)
    ax.use_sticky_edges = False
    ax.set(xlabel="layer", ylabel=f"change of E_{chosen[0].beta:g}")
    ax.set_xticks(places)
    ax.legend(fontsize=7, frameon=False, ncols=2)


def _heads(figure: Figure, ax: Any, heads: FloatArray) -> None:
    """Show the share of each head, both signs in two colours."""
    limit = float(np.abs(heads).max()) or 1.0
    image = ax.imshow(heads, cmap="PuOr_r", vmin=-limit, vmax=limit, aspect="auto")
    ax.set(xlabel="head", ylabel="layer")
    ax.set_xticks(np.arange(heads.shape[1]), np.arange(1, heads.shape[1] + 1), fontsize=7)
    ax.set_yticks(np.arange(len(heads)), np.arange(1, len(heads) + 1), fontsize=7)
    figure.colorbar(image, ax=ax, label="share of a head")
