"""Pictures of mean-field runs: the density over time on the circle, or along the axis of a sphere.

Functions draw on `ax`, or on a new figure, and return it. Once concentrated, quantiles are drawn
in place of the density.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LogNorm

from numerics.arguments import FloatArray
from numerics.continuity import MeanField
from numerics.plot.style import SEQUENCE, angle_ticks, heading, new_axes, sequential

__all__ = ["plot_density", "plot_density_profiles"]

_PLACES = 401
_LEVELS = np.linspace(0.01, 0.99, 50)


def plot_density(run: MeanField, ax: Axes | None = None) -> Axes:
    """Draw the density over (t, θ), or (t, u), in colours; quantiles where it has concentrated.

    Parameters
    ----------
    run : MeanField
        What to draw; at its own times.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    places = _places(run)
    smooth = run.times <= run.resolved_until
    times = run.times[smooth]
    table = np.array([_density(run, time, places) for time in times])
    floor = max(float(table.min()), 1e-3 * float(table.max()), 1e-300)
    if times.size > 1:
        mesh = ax.pcolormesh(
            times,
            places,
            np.maximum(table.T, floor),
            norm=LogNorm(floor, max(float(table.max()), 1.0001 * floor)),
            cmap=SEQUENCE,
            shading="gouraud",
            rasterized=True,
        )
        if ax.figure is not None:
            ax.figure.colorbar(mesh, ax=ax, label="density (uniform = 1)")
    late = run.times[~smooth]
    if late.size:
        rows = np.array([run.quantiles(float(time), _LEVELS) for time in late])
        low, _ = _range(run)
        turned = low + np.mod(rows - low, 2 * np.pi) if run.d == 2 else rows
        ax.plot(np.repeat(late, _LEVELS.size), turned.ravel(), ".", color="0.2", markersize=1.5)
        ax.axvline(run.resolved_until, color="0.4", linestyle=":", linewidth=1)
    ax.set(xlabel=r"$t$", xlim=(float(run.times[0]), float(run.times[-1])))
    _label_places(run, ax.yaxis, ax.set_ylim)
    _head(run, ax, "dots: 1% to 99% quantiles" if late.size else "")
    return ax


def plot_density_profiles(run: MeanField, ax: Axes | None = None, count: int = 6) -> Axes:
    """Draw the density over θ, or u, at a few times; log scale.

    Parameters
    ----------
    run : MeanField
        What to draw.
    ax : Axes, optional
        Where to draw.
    count : int
        Times at most, among those with a density.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    places = _places(run)
    times = run.times[run.times <= run.resolved_until]
    chosen = np.unique(np.linspace(0, times.size - 1, count).round().astype(int))
    for row in chosen:
        ax.semilogy(
            places,
            np.maximum(_density(run, times[row], places), 1e-300),
            color=sequential(1 - row / max(times.size - 1, 1)),
            label=f"$t$ = {times[row]:.3g}",
        )
    _label_places(run, ax.xaxis, ax.set_xlim)
    ax.set_ylabel("density (uniform = 1)")
    ax.legend(fontsize="small", frameon=False)
    _head(run, ax)
    return ax


def _head(run: MeanField, ax: Axes, more: str = "") -> None:
    heading(ax, model=run.model, n=r"$\infty$", d=run.d, more=more)


def _places(run: MeanField) -> FloatArray:
    return np.linspace(*_range(run), _PLACES)


def _range(run: MeanField) -> tuple[float, float]:
    """Limits of the places; the circle is cut where it is emptiest at the end, so in no cluster."""
    if run.d != 2:
        return -1.0, 1.0
    ends = run.quantiles(float(run.times[-1]), _LEVELS)
    places = np.sort(np.mod(ends, 2 * np.pi))
    gaps = np.diff(places, append=places[0] + 2 * np.pi)
    widest = int(np.argmax(gaps))
    cut = float(places[widest] + gaps[widest] / 2)
    tidy = round(cut / (np.pi / 4)) * np.pi / 4
    cut = tidy if abs(tidy - cut) < 0.4 * gaps[widest] else cut
    cut = (cut + 1e-9) % (2 * np.pi) - 1e-9
    return (cut - 2 * np.pi, cut) if cut > np.pi / 2 else (cut, cut + 2 * np.pi)


def _density(run: MeanField, time: float, places: FloatArray) -> FloatArray:
    found = run.density(float(time), places)
    assert found is not None  # the time is before resolved_until
    return found


def _label_places(run: MeanField, axis: Axis, limits: Callable[..., Any]) -> None:
    low, high = _range(run)
    axis.set_label_text(r"angle $\theta$" if run.d == 2 else r"$u = \langle x, w\rangle$")
    if run.d == 2:
        axis.set_ticks(*angle_ticks(low, high))
    limits(low, high)
