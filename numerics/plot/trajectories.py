"""Pictures of trajectories: circle, sphere, inner products and energy against time.

Each function draws on the `ax` given or on one of a new figure of its own and returns the axes; no
pyplot state is touched, so that any backend and any thread will do. `ax.figure.savefig` saves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm

from numerics.arguments import FloatArray
from numerics.plot.style import (
    BLUE,
    COLOURS,
    SEQUENCE,
    angle_ticks,
    cyclic,
    draw_sphere,
    heading,
    new_axes,
    view_of,
)

if TYPE_CHECKING:
    from numerics.integration import Trajectory


def _sample(trajectory: Trajectory, samples: int, log: bool) -> tuple[FloatArray, FloatArray, str]:
    """Abscissae (time,), points (time, ..., n, d), and the label of the axis.

    Equidistant times by the continuous extension; the stored layers of a map. The scaled clock is
    drawn in log10 t, since its times may underflow.
    """
    if samples < 2:
        raise ValueError(f"Expected at least 2 samples but got samples={samples!r}; give more.")
    stored = trajectory.points
    if trajectory.clock == "layers":
        times, points, label = trajectory.times, stored, "layer"
    elif log or trajectory.clock == "scaled":
        logs = trajectory.log_times[np.isfinite(trajectory.log_times)]
        if logs.size < 2:
            raise ValueError(
                f"Expected at least two positive times but got {logs.size}; "
                "integrate further or draw against linear time."
            )
        grid = np.linspace(logs[0], logs[-1], samples)
        grid[[0, -1]] = logs[[0, -1]]
        points = trajectory.at(log_time=grid)
        times, label = grid / np.log(10.0), r"$\log_{10}\, t$"
    else:
        times = np.linspace(trajectory.times[0], trajectory.times[-1], samples)
        points, label = trajectory.at(times), r"time $t$"
    return times, points, label


def _sample_one(
    trajectory: Trajectory, samples: int, log: bool, system: int
) -> tuple[FloatArray, FloatArray, str]:
    """Like `_sample`, for one system of the batch: points (time, n, d)."""
    times, points, label = _sample(trajectory, samples, log)
    systems = int(np.prod(points.shape[1:-2]))
    if not -systems <= system < systems:
        raise ValueError(
            f"Expected a system below {systems} but got system={system!r}; "
            "systems are counted along the flattened batch axes."
        )
    return times, points.reshape(points.shape[0], -1, *points.shape[-2:])[:, system], label


def _require_dimension(trajectory: Trajectory, d: int, other: str) -> None:
    if trajectory.points.shape[-1] != d:
        raise ValueError(
            f"Expected points in dimension {d} but got d={trajectory.points.shape[-1]}; "
            f"draw them with `{other}`."
        )


def _colours(start: FloatArray) -> Any:
    """One colour a particle: by its initial angle, so that neighbours look alike."""
    n, d = start.shape
    if n <= len(COLOURS):
        return list(COLOURS[:n])
    return cyclic(np.arctan2(start[:, min(1, d - 1)], start[:, 0]) / (2 * np.pi))


def unwound(angles: FloatArray) -> FloatArray:
    """Make angles continuous in time, with ends on the turn that the widest gap leaves whole.

    Particles that are together in the end are so on the picture, wherever a cluster lies.

    Parameters
    ----------
    angles : ndarray
        Shape (time, n), in radians.

    Returns
    -------
    ndarray
        Shape (time, n); each column differs from what is given by whole turns.

    Examples
    --------
    >>> unwound(np.array([[3.0, -3.0], [3.14, -3.14]])).round(2)
    array([[3.  , 3.28],
           [3.14, 3.14]])
    """
    lines = np.unwrap(angles, axis=0)
    ends = np.sort(lines[-1] % (2 * np.pi))
    gaps = np.diff(ends, append=ends[0] + 2 * np.pi)
    widest = int(np.argmax(gaps))
    low = ends[widest] + gaps[widest] / 2
    low -= 2 * np.pi * np.ceil(low / (2 * np.pi) - 1e-9)  # the middle is in (-π, π]
    return np.asarray(lines - 2 * np.pi * np.floor((lines[-1] - low) / (2 * np.pi)))


def plot_angles(
    trajectory: Trajectory,
    ax: Axes | None = None,
    *,
    samples: int = 400,
    log: bool = False,
    system: int = 0,
) -> Axes:
    """Draw the angles of points on the circle against time.

    Parameters
    ----------
    trajectory : Trajectory
        With d = 2.
    ax : Axes, optional
        Where to draw.
    samples : int
        Times drawn (the stored layers for a map).
    log : bool
        Whether to draw against log10 t.
    system : int
        Which system of a batch, along the flattened batch axes.

    Returns
    -------
    Axes
        The axes drawn on. Angles are continuous in time, and what is one cluster in the end is
        drawn once, at ±π too.

    Raises
    ------
    ValueError
        If d ≠ 2, or there is no such system.
    """
    _require_dimension(trajectory, 2, "plot_sphere or plot_inner_products")
    ax = new_axes() if ax is None else ax
    times, points, label = _sample_one(trajectory, samples, log, system)
    angles = unwound(np.arctan2(points[..., 1], points[..., 0]))
    for column, colour in zip(angles.T, _colours(points[0]), strict=True):
        ax.plot(times, column, color=colour, linewidth=1.1)
    low, high = float(angles.min()), float(angles.max())
    ax.set_yticks(*angle_ticks(low, high))
    margin = 0.04 * (high - low) + 0.02
    ax.set(xlabel=label, ylabel=r"angle $\theta_i$", xlim=(times[0], times[-1]))
    ax.set_ylim(low - margin, high + margin)
    _head(trajectory, ax)
    return ax


def _head(trajectory: Trajectory, ax: Any, more: str = "") -> None:
    """Write the title: the model, sizes and scalar parameters."""
    names = {"eta": r"$\eta$"}
    n, d = trajectory.points.shape[-2:]
    known = {
        name: float(value)
        for name, value in trajectory.field.parameters.items()
        if not callable(value) and np.ndim(value) == 0
    }
    beta = known.pop("beta", None)
    others = tuple(f"{names.get(name, name)} = {value:g}" for name, value in known.items())
    parts = (*others, more) if more else others
    heading(ax, model=trajectory.field.model.name, n=n, d=d, beta=beta, more=parts)


def plot_disc(
    trajectory: Trajectory,
    ax: Axes | None = None,
    *,
    samples: int = 400,
    log: bool = False,
    system: int = 0,
) -> Axes:
    """Draw points on the circle in the disc, time running outward to the unit circle.

    Parameters and errors are those of :func:`plot_angles`. Rings mark thirds of the time.

    Parameters
    ----------
    trajectory : Trajectory
        The run.
    ax : Axes, optional
        Axes to draw into; new ones by default.
    samples : int, optional
        Number of times drawn.
    log : bool, optional
        Whether time is drawn in logarithms.
    system : int, optional
        Which system of a batch.

    Returns
    -------
    Axes
        The axes drawn on, of equal aspect and without frame.
    """
    _require_dimension(trajectory, 2, "plot_sphere or plot_inner_products")
    ax = new_axes(size=(4.6, 4.8)) if ax is None else ax
    times, points, label = _sample_one(trajectory, samples, log, system)
    span = times[-1] - times[0]
    fraction = (times - times[0]) / span if span else np.ones_like(times)
    radius = 0.25 + 0.75 * fraction
    ring = np.linspace(0, 2 * np.pi, 257)
    for mark in (0.0, 1 / 3, 2 / 3, 1.0):
        r = 0.25 + 0.75 * mark
        ax.plot(
            r * np.cos(ring),
            r * np.sin(ring),
            color="0.75" if mark < 1 else "0.3",
            linewidth=0.6 if mark < 1 else 1.0,
            zorder=0,
        )
        ax.annotate(
            f"{times[0] + mark * span:.3g}",
            (0, -r),
            ha="center",
            va="center",
            fontsize="x-small",
            color="0.35",
            zorder=4,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85},
        )
    colours = _colours(points[0])
    for i, colour in enumerate(colours):
        path = radius[:, None] * points[:, i, :]
        ax.plot(path[:, 0], path[:, 1], color=colour, linewidth=1.1)
        ax.plot(*path[-1], "o", color=colour, markersize=4, zorder=3)
    ax.set_aspect("equal")
    ax.set_axis_off()
    _head(trajectory, ax, f"radius: {label}")
    return ax


def plot_sphere(
    trajectory: Trajectory,
    ax: Any = None,
    *,
    samples: int = 400,
    system: int = 0,
    view: tuple[float, float] | None = None,
) -> Any:
    """Draw paths on the sphere in three dimensions, faint where they are on the far side.

    Parameters
    ----------
    trajectory : Trajectory
        With d = 3.
    ax : Axes3D, optional
        Axes with projection "3d".
    samples, system : int, optional
        As in :func:`plot_angles`.
    view : (elevation, azimuth) in degrees, optional
        Default: the mean of the final points in front, a little to the side.

    Returns
    -------
    Axes3D
        The axes drawn on; small dots are the start, large ones the end.

    Raises
    ------
    ValueError
        If d ≠ 3, the axes are flat, or there is no such system.
    """
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    _require_dimension(trajectory, 3, "plot_angles or plot_inner_products")
    ax = new_axes("3d", (4.8, 4.8)) if ax is None else ax
    if getattr(ax, "name", "") != "3d":
        raise ValueError(
            "Expected axes with projection '3d' but got ax of projection "
            f"{getattr(ax, 'name', None)!r}; make them with add_subplot(projection='3d')."
        )
    _, points, _ = _sample_one(trajectory, samples, False, system)
    eye = draw_sphere(ax, view_of(points[-1].mean(axis=0)) if view is None else view)

    for i, colour in enumerate(_colours(points[0])):
        path = points[:, i]
        segments = np.stack([path[:-1], path[1:]], axis=1)
        shade = np.where(segments.mean(axis=1) @ eye > 0, 1.0, 0.3)
        rgba = np.tile(matplotlib.colors.to_rgba(colour), (len(segments), 1))
        rgba[:, 3] = shade
        ax.add_collection3d(Line3DCollection(segments, colors=rgba, linewidths=1.3))
        for point, size in ((path[0], 8), (path[-1], 26)):
            alpha = 1.0 if point @ eye > 0 else 0.35
            ax.scatter(*point, color=[colour], s=size, alpha=alpha, depthshade=False)
    _head(trajectory, ax)
    return ax


def inner_product_histogram(points: FloatArray, bins: int = 60) -> tuple[FloatArray, FloatArray]:
    """Count the inner products of different particles.

    Parameters
    ----------
    points : ndarray
        Shape (time, n, d), unit rows.
    bins : int
        Equal bins over [−1, 1].

    Returns
    -------
    fractions : ndarray
        Shape (time, bins), each row of sum 1: the fraction of the n(n−1)/2 pairs i < j.
    edges : ndarray
        Shape (bins + 1,).

    Raises
    ------
    ValueError
        If n < 2 (there is no pair) or bins < 1.

    Examples
    --------
    >>> inner_product_histogram(np.array([[[1.0, 0.0], [0.0, 1.0]]]), bins=3)[0]
    array([[0., 1., 0.]])
    """
    n = points.shape[-2]
    if n < 2:
        raise ValueError(f"Expected at least two particles but got n={n}; one has no pairs.")
    if bins < 1:
        raise ValueError(f"Expected at least one bin but got bins={bins!r}; give more.")
    edges = np.linspace(-1.0, 1.0, bins + 1)
    upper = np.triu_indices(n, 1)
    fractions = np.empty((points.shape[0], bins))
    for row, x in zip(fractions, points, strict=True):
        products = np.clip((x @ x.T)[upper], -1.0, 1.0)
        row[:] = np.histogram(products, bins=edges)[0] / products.size
    return fractions, edges


def plot_inner_products(
    trajectory: Trajectory,
    ax: Axes | None = None,
    *,
    bins: int = 60,
    samples: int = 200,
    log: bool = False,
    system: int = 0,
) -> Axes:
    """Draw the histogram of the inner products ⟨x_i, x_j⟩, i ≠ j, over time.

    The diagonal, which is always 1, is left out: it would fake a cluster.

    Parameters
    ----------
    trajectory : Trajectory
        Of any dimension, n ≥ 2.
    ax : Axes, optional
        Where to draw.
    bins : int
        Bins over [−1, 1].
    samples, log, system : int, optional
        As in :func:`plot_angles`.

    Returns
    -------
    Axes
        The axes drawn on, with a colour bar for the fraction of pairs (logarithmic).

    Raises
    ------
    ValueError
        If n < 2 or there is no such system.
    """
    times, points, label = _sample_one(trajectory, samples, log, system)
    if trajectory.field.model.space != "sphere":
        points = points / np.maximum(np.linalg.norm(points, axis=-1, keepdims=True), 1e-300)
    fractions, edges = inner_product_histogram(points, bins)
    ax = new_axes() if ax is None else ax
    half = np.diff(times) / 2 if times.size > 1 else np.array([0.5])
    borders = np.concatenate([[times[0] - half[0]], times[:-1] + half, [times[-1] + half[-1]]])
    n = points.shape[-2]
    mesh = ax.pcolormesh(
        borders,
        edges,
        np.ma.masked_equal(fractions.T, 0.0),
        norm=LogNorm(vmin=min(2.0 / (n * (n - 1)), 0.5), vmax=1.0),
        cmap=f"{SEQUENCE}_r",
        rasterized=True,
    )
    if ax.figure is not None:
        ax.figure.colorbar(mesh, ax=ax, label="fraction of pairs")
    ax.set(
        xlabel=label,
        ylabel=r"$\langle x_i, x_j\rangle$, $i \neq j$",
        ylim=(-1.02, 1.02),
        xlim=(borders[0], borders[-1]),
    )
    _head(trajectory, ax)
    return ax


def plot_energy(
    trajectory: Trajectory,
    ax: Axes | None = None,
    *,
    samples: int = 400,
    log: bool = False,
) -> Axes:
    """Draw the energy against time, one line for each system of a batch.

    In the scaled clock, where the energy isn't representable, log ΣΣ m_i m_j e^{β⟨x_i,x_j⟩}.

    Parameters
    ----------
    trajectory : Trajectory
        Of a model with an energy.
    ax : Axes, optional
        Where to draw.
    samples, log : int, optional
        As in :func:`plot_angles`.

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        If the model has no energy.
    """
    field = trajectory.field
    if field.model.energy is None:
        raise ValueError(
            f"Expected a model with an energy but got model={field.model.name!r}; "
            "draw its inner products with `plot_inner_products`."
        )
    ax = new_axes() if ax is None else ax
    times, points, label = _sample(trajectory, samples, log)
    if trajectory.clock == "scaled":
        values = np.asarray(field.log_energy(points))
        name = r"$\log\sum_{ij} m_i m_j e^{\beta\langle x_i, x_j\rangle}$"
    else:
        values = np.asarray(field.energy(points))
        name = "energy"
    lines = values.reshape(values.shape[0], -1)
    segments = [np.column_stack([times, line]) for line in lines.T]
    width = 1.4 if len(segments) == 1 else 0.8
    ax.add_collection(LineCollection(segments, colors=BLUE, linewidths=width))
    ax.autoscale_view()
    ax.set(xlabel=label, ylabel=name, xlim=(times[0], times[-1]))
    _head(trajectory, ax)
    return ax
