"""Pictures of mean-field runs: the density over time on the circle, or along the axis of a sphere.

Functions draw on `ax`, or on a new figure, and return it. Once concentrated, quantiles are drawn
in place of the density.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from numerics.arguments import FloatArray
from numerics.continuity import MeanField
from numerics.plot.style import new_axes

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
            cmap="viridis",
            shading="gouraud",
            rasterized=True,
        )
        if ax.figure is not None:
            ax.figure.colorbar(mesh, ax=ax, label="density (uniform = 1)")
    late = run.times[~smooth]
    if late.size:
        rows = np.array([run.quantiles(float(time), _LEVELS) for time in late])
        turned = np.mod(rows, 2 * np.pi) if run.d == 2 else rows
        ax.plot(np.repeat(late, _LEVELS.size), turned.ravel(), ".", color="0.2", markersize=1.5)
        ax.axvline(run.resolved_until, color="0.4", linestyle=":", linewidth=1)
    ax.set(xlabel=r"$t$", xlim=(float(run.times[0]), float(run.times[-1])))
    _label_places(run, ax.set_ylabel, ax.set_ylim)
    words = "; dots: 1% to 99% quantiles" if late.size else ""
    ax.set_title(f"{run.model}, $d$ = {run.d}{words}", fontsize=10)
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
    """
    ax = new_axes() if ax is None else ax
    places = _places(run)
    times = run.times[run.times <= run.resolved_until]
    chosen = np.unique(np.linspace(0, times.size - 1, count).round().astype(int))
    for row in chosen:
        shade = 0.85 * (1 - row / max(times.size - 1, 1))
        ax.semilogy(
            places,
            np.maximum(_density(run, times[row], places), 1e-300),
            color=(shade, shade, 1 - 0.3 * (1 - shade)),
            label=f"$t$ = {times[row]:.3g}",
        )
    _label_places(run, ax.set_xlabel, ax.set_xlim)
    ax.set_ylabel("density (uniform = 1)")
    ax.legend(fontsize=8)
    ax.set_title(f"{run.model}, $d$ = {run.d}", fontsize=10)
    return ax


def _places(run: MeanField) -> FloatArray:
    return np.linspace(0, 2 * np.pi, _PLACES) if run.d == 2 else np.linspace(-1, 1, _PLACES)


def _density(run: MeanField, time: float, places: FloatArray) -> FloatArray:
    found = run.density(float(time), places)
    assert found is not None  # the time is before resolved_until
    return found


def _label_places(run: MeanField, label: object, limits: object) -> None:
    assert callable(label) and callable(limits)
    label(r"$\theta$" if run.d == 2 else r"$u = \langle x, w\rangle$")
    limits((0, 2 * np.pi) if run.d == 2 else (-1, 1))
