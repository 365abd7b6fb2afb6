"""Pictures of limits on R^d: the hull of leading parts over time, shapes of a sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.spatial import ConvexHull, QhullError

from numerics.arguments import FloatArray
from numerics.limits import LimitShape, Shape, ShapeSweep
from numerics.plot.style import COLOURS, RED, heading, new_axes, sequential

__all__ = ["plot_hull", "plot_shapes"]

_COLOURS = {
    Shape.POINT: COLOURS[0],
    Shape.POLYTOPE: COLOURS[1],
    Shape.HYPERPLANES: COLOURS[4],
    Shape.POLYTOPE_TIMES_SUBSPACE: COLOURS[5],
    Shape.ORIGIN: COLOURS[3],
    Shape.SCATTERED: COLOURS[2],
    Shape.ESCAPE: "black",
    Shape.UNKNOWN: "#e4e4e4",
    Shape.KERNEL: COLOURS[6],
}
_MOMENTS = 6


def _outline(points: FloatArray) -> FloatArray:
    """Corners of the hull in the plane, closed; of points on a line, its ends."""
    try:
        corners = points[ConvexHull(points).vertices]
    except (QhullError, ValueError):
        along = points - points.mean(axis=0)
        axis = np.linalg.svd(along)[2][0]
        ends = along @ axis
        corners = points[[int(ends.argmin()), int(ends.argmax())]]
    return np.vstack([corners, corners[:1]])


def plot_hull(found: LimitShape, ax: Axes | None = None) -> Axes:
    """Draw how leading parts move and how their hull shrinks, late outlines darker.

    Of more than two dimensions the two principal ones at the start are drawn; one dimension is
    drawn over time.

    Parameters
    ----------
    found : LimitShape
        Eigenvalues that were found, with multiplicities.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    paths, times = found.run.leading, found.run.times
    rate = max(found.run.growth, 1e-12)
    name = "z" if found.run.growth else "x"
    if paths.shape[-1] == 1:
        for path in paths[..., 0].T:
            ax.plot(times, path, color="0.55", linewidth=0.8)
        ax.plot(np.full(paths.shape[1], times[-1]), paths[-1, :, 0], "o", color=RED, ms=4)
        ax.set(xlabel="t", ylabel="leading coordinate of z")
        heading(ax, n=paths.shape[1], more=f"shape: {found.shape.value}")
        return ax
    axes = np.eye(2)
    if paths.shape[-1] > 2:
        axes = np.linalg.svd(paths[0] - paths[0].mean(axis=0))[2][:2]
    plane = paths @ axes.T
    for path in plane.transpose(1, 0, 2):
        ax.plot(*path.T, color="0.75", linewidth=0.7, zorder=1)
    last = min(times[-1], 6.0 / rate) if found.run.growth else times[-1]
    moments = np.linspace(0.0, last, _MOMENTS)
    if not found.run.growth:
        moments = np.append(0.0, np.geomspace(max(times[1], last * 1e-5), last, _MOMENTS - 1))
    for share, moment in zip(np.linspace(0.25, 1.0, _MOMENTS), moments, strict=True):
        step = min(int(np.searchsorted(times, moment)), len(times) - 1)
        colour = sequential(1 - share)
        label = f"t = {times[step]:.3g}"
        ax.plot(*_outline(plane[step]).T, color=colour, linewidth=1.2, label=label, zorder=2)
    ax.plot(*plane[0].T, "o", color="0.45", ms=3, zorder=3)
    ax.plot(*plane[-1].T, "o", color=RED, ms=5, zorder=4)
    ax.set_aspect("equal", adjustable="datalim")
    principal = " (principal axes)" if paths.shape[-1] > 2 else ""
    ax.set(xlabel=f"{name}₁{principal}", ylabel=f"{name}₂{principal}")
    ax.legend(frameon=False, fontsize="small", loc="best")
    heading(ax, n=paths.shape[1], more=f"shape: {found.shape.value}")
    return ax


def plot_shapes(found: ShapeSweep, ax: Axes | None = None) -> Axes:
    """Draw the share of runs that end in each shape: a cell a spectrum of V and sign of Q^T K.

    A frame marks cells of which Table 1 speaks in every run; the number is the most places.

    Parameters
    ----------
    found : ShapeSweep
        Eigenvalues that were found, with multiplicities.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    height = 1.2 + 0.42 * len(found.values)
    ax = new_axes(size=(2.6 + 1.1 * len(found.scores), height + 1.0)) if ax is None else ax
    runs, used = found.shapes.shape[-1], dict[Shape, Any]()
    for i, value in enumerate(found.values):
        for j, score in enumerate(found.scores):
            left = j - 0.45
            for shape, count in found.count(value, score).items():
                width = 0.9 * count / runs
                bar = ax.barh(i, width, 0.8, left, color=_COLOURS[shape], linewidth=0)
                used.setdefault(shape, bar)
                left += width
            if found.rows[i, j].any(axis=-1).all():
                ax.barh(i, 0.9, 0.8, j - 0.45, fill=False, edgecolor="black", linewidth=1.2)
    ax.set_xticks(range(len(found.scores)), found.scores)
    ax.set_yticks(range(len(found.values)), found.values)
    ax.invert_yaxis()
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set(xlabel="Q^T K", ylabel="V")
    heading(ax, n=found.n, d=found.d, beta=found.beta, more="framed: Table 1")
    ax.legend(
        list(used.values()),
        [shape.value for shape in used],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=3,
        frameon=False,
        fontsize="small",
    )
    return ax
