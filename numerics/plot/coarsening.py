"""Pictures of coarsening runs, all against log10 t: who merges when, and the energy staircase.

Dendrogram, energy with its plateaus, angles on the circle or tracks on the sphere, numbers of
clusters over many runs, and a film. Functions draw on `ax`, or on a new figure, and return it.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening import (
    ClusterCounts,
    Coarsening,
    CoarsenStatus,
    Comparison,
    compare_with_forecast,
)
from numerics.plot.style import (
    BLUE,
    ORANGE,
    RED,
    SEQUENCE,
    angle_ticks,
    cyclic,
    draw_sphere,
    heading,
    new_axes,
    view_of,
)
from numerics.plot.trajectories import unwound
from numerics.provenance import film_with

__all__ = [
    "animate",
    "plot_cluster_counts",
    "plot_dendrogram",
    "plot_space_time",
    "plot_sphere_tracks",
    "plot_staircase",
]

_LOG10 = math.log(10.0)
_LABEL = r"$\log_{10}\, t$"


def _head(result: Coarsening, ax: Any) -> None:
    heading(ax, model=result.model.name, n=result.n, d=result.d, beta=result.beta)


def _hot(beta: float) -> str:
    return "" if math.isnan(beta) else rf", $\beta$ = {beta:g}"


def _order(result: Coarsening) -> list[int]:
    """Particles in the order of the tree's leaves; on the circle merging neighbours keep places."""
    angle = np.arctan2(result.points[:, 1], result.points[:, 0]) if result.d > 1 else None
    key = np.arange(result.n, dtype=np.float64) if angle is None else angle
    inside = {k: [k] for k in range(result.n)}
    for merge in result.merges:
        parts = sorted((inside.pop(c) for c in merge.children), key=lambda p: float(key[p[0]]))
        inside[merge.cluster] = [p for part in parts for p in part]
    return [p for part in sorted(inside.values(), key=lambda p: float(key[p[0]])) for p in part]


def _window(result: Coarsening) -> tuple[float, float]:
    """Limits of log t that show every merge, with a margin."""
    times = [merge.log_time for merge in result.merges if merge.log_time > -math.inf]
    if not times:
        end = float(result.log_times[-1])
        end = end if math.isfinite(end) else 0.0
        return end - _LOG10, end + _LOG10
    low, high = times[0], times[-1]
    if result.status is CoarsenStatus.HORIZON:
        high = max(high, float(result.log_times[-1]))
    margin = max(0.04 * (high - low), 0.3)
    return low - margin, high + margin


def _colours(result: Coarsening) -> FloatArray:
    """One colour a particle, by its place in the tree: particles of a cluster look alike."""
    rank = np.empty(result.n)
    rank[_order(result)] = np.arange(result.n) / max(result.n, 1)
    return cyclic(rank)


def plot_dendrogram(result: Coarsening, ax: Axes | None = None) -> Axes:
    """Draw the merge tree, log10 t to the right.

    Parameters
    ----------
    result : Coarsening
        A run, finished or not.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Merges that are marked ill-conditioned have a ring.
    """
    ax = new_axes() if ax is None else ax
    low, high = (value / _LOG10 for value in _window(result))
    colours = _colours(result)
    place = np.empty(result.n + len(result.merges))
    place[_order(result)] = np.arange(result.n)
    time = np.full(place.size, low)
    shade: list[Any] = [*colours] + [None] * len(result.merges)
    size = np.ones(place.size)
    segments, tints = [], []
    doubtful = []
    open_nodes = set(range(result.n))
    for merge in result.merges:
        children = list(merge.children)
        weights = size[children]
        node = merge.cluster
        size[node] = weights.sum()
        place[node] = weights @ place[children] / size[node]
        time[node] = max(merge.log_time / _LOG10, low)
        largest = children[int(np.argmax(weights))]
        shade[node] = shade[largest]
        for child in children:
            segments.append([(time[child], place[child]), (time[node], place[child])])
            tints.append(shade[child])
        ends = place[children]
        segments.append([(time[node], ends.min()), (time[node], ends.max())])
        tints.append(shade[node])
        if merge.ill_conditioned:
            doubtful.append((time[node], place[node]))
        open_nodes -= set(children)
        open_nodes.add(node)
    for node in open_nodes:
        segments.append([(time[node], place[node]), (high, place[node])])
        tints.append(shade[node])
    width = 1.3 if result.n <= 64 else 0.8
    ax.add_collection(
        LineCollection(segments, colors=tints, linewidths=width, capstyle="projecting")
    )
    if doubtful:
        ax.plot(*zip(*doubtful, strict=True), "o", mfc="none", mec=RED, label="ill-conditioned")
        ax.legend(loc="lower right", frameon=False)
    ax.set(xlim=(low, high), ylim=(-1, result.n), xlabel=_LABEL)
    if result.n <= 40:
        ax.set_yticks(range(result.n), [str(k) for k in _order(result)], fontsize="xx-small")
        ax.set_ylabel("particle")
    else:
        ax.set_yticks([])
        ax.set_ylabel(f"{result.n} particles")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    _head(result, ax)
    return ax


def plot_staircase(
    result: Coarsening,
    ax: Axes | None = None,
    *,
    comparison: tuple[Comparison, ...] | None = None,
) -> Axes:
    """Draw the energy against log10 t, and the heights that the clusters foretell.

    Parameters
    ----------
    result : Coarsening
        A run, finished or not.
    ax : Axes, optional
        Where to draw.
    comparison : tuple of Comparison, optional
        As `numerics.compare_with_forecast` returns it, if it is at hand.

    Returns
    -------
    Axes
        Dashes are ΣΣ m_a m_b e^{−β(1−<c_a,c_b>)} of the clusters after each merge.
    """
    ax = new_axes() if ax is None else ax
    low, high = _window(result)
    keep = result.log_times > -np.inf
    times, energies = result.log_times[keep], result.energies[keep]
    start, end = float(result.energies[0]), float(result.energies[-1])
    times = np.concatenate([[low], times, [max(high, times[-1] if times.size else high)]])
    energies = np.concatenate([[start], energies, [end]])
    ax.plot(times / _LOG10, energies, color=BLUE, linewidth=1.6, label="energy of the particles")
    found = compare_with_forecast(result) if comparison is None else comparison
    levels = []
    for before, after in itertools.pairwise(found):
        first, last = max(before.merge.log_time, low), after.merge.log_time
        if last - first > 0.004 * (high - low):
            levels.append([(first / _LOG10, after.plateau), (last / _LOG10, after.plateau)])
    if levels:
        dashes = LineCollection(
            levels, colors=ORANGE, linewidths=1.4, linestyles=(0, (3, 2)), zorder=3
        )
        dashes.set_label("energy of the clusters, as points")
        ax.add_collection(dashes)
    ax.legend(loc="upper left", frameon=False, fontsize="small")
    ax.set(
        xlim=(low / _LOG10, high / _LOG10),
        xlabel=_LABEL,
        ylabel=r"$\sum_{ij} m_i m_j\, e^{-\beta(1-\langle x_i, x_j\rangle)}$",
    )
    ax.margins(y=0.12)
    _head(result, ax)
    return ax


def _sampled(result: Coarsening, samples: int) -> tuple[FloatArray, FloatArray]:
    """Log times, and positions (time, n, d), dense where merges are."""
    low, high = _window(result)
    finished = result.status in (CoarsenStatus.CONSENSUS, CoarsenStatus.STATIONARY)
    if not finished:
        high = float(result.log_times[-1])
    steps = result.log_times[(result.log_times > low) & (result.log_times < high)]
    if steps.size > samples:
        steps = steps[np.linspace(0, steps.size - 1, samples).astype(int)]
    times = np.unique(np.concatenate([[low], steps, np.linspace(low, high, 60)]))
    return times, result.at(times)


def plot_space_time(result: Coarsening, ax: Axes | None = None, *, samples: int = 400) -> Axes:
    """Draw the angles of points on the circle against log10 t, with the merges.

    Parameters
    ----------
    result : Coarsening
        With d = 2.
    ax : Axes, optional
        Where to draw.
    samples : int
        Steps of the run that are drawn.

    Returns
    -------
    Axes
        Angles are continuous in time, so that a cluster is drawn once. Circles are merges, of a
        size that grows with the mass.

    Raises
    ------
    ValueError
        If d ≠ 2.
    """
    if result.d != 2:
        raise ValueError(
            f"Expected points on the circle but got d={result.d}; draw them with "
            "plot_sphere_tracks (d = 3) or plot_dendrogram."
        )
    ax = new_axes() if ax is None else ax
    times, points = _sampled(result, samples)
    angles = unwound(np.arctan2(points[..., 1], points[..., 0]))
    segments = [np.column_stack([times / _LOG10, column]) for column in angles.T]
    ax.add_collection(LineCollection(segments, colors=_colours(result), linewidths=1.0))
    figure: Any = ax.figure
    scale = 1.0 if figure is None else min(1.0, figure.get_figwidth() / 6)
    member = {k: k for k in range(result.n)}
    for merge in result.merges:
        member[merge.cluster] = member[merge.children[0]]
        if merge.log_time > -np.inf:
            size = (2 + 6 * math.sqrt(merge.mass / result.masses.sum())) * scale
            height = math.atan2(merge.position[1], merge.position[0])
            line = float(np.interp(merge.log_time, times, angles[:, member[merge.cluster]]))
            height += 2 * np.pi * round((line - height) / (2 * np.pi))
            ax.plot(merge.log_time / _LOG10, height, "o", color="0.15", markersize=size)
    margin = 0.03 * (angles.max() - angles.min() + 0.1)
    bottom, top = float(angles.min() - margin), float(angles.max() + margin)
    ax.set_yticks(*angle_ticks(bottom, top))
    ax.set(xlim=(times[0] / _LOG10, times[-1] / _LOG10), ylim=(bottom, top))
    ax.set(xlabel=_LABEL, ylabel=r"angle $\theta$")
    _head(result, ax)
    return ax


def plot_sphere_tracks(result: Coarsening, ax: Any = None, *, samples: int = 300) -> Any:
    """Draw the tracks of clusters on the sphere, faint on the far side.

    Parameters
    ----------
    result : Coarsening
        With d = 3.
    ax : Axes3D, optional
        Axes with projection "3d".
    samples : int
        Steps of the run that are drawn.

    Returns
    -------
    Axes3D
        Small dots are the start; circles are merges, of an area that grows with the mass, dark
        where they are late in log t.

    Raises
    ------
    ValueError
        If d ≠ 3, or the axes are flat.
    """
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    if result.d != 3:
        raise ValueError(
            f"Expected points on the sphere in three dimensions but got d={result.d}; draw them "
            "with plot_space_time (d = 2) or plot_dendrogram."
        )
    ax = new_axes("3d", (5.6, 4.8)) if ax is None else ax
    if getattr(ax, "name", "") != "3d":
        raise ValueError(
            "Expected axes with projection '3d' but got ax of projection "
            f"{getattr(ax, 'name', None)!r}; make them with add_subplot(projection='3d')."
        )
    eye = draw_sphere(ax, view_of(result.final_masses @ result.final_points))
    low, high = _window(result)
    _, points = _sampled(result, samples)
    for i, colour in enumerate(_colours(result)):
        path = points[:, i]
        segments = np.stack([path[:-1], path[1:]], axis=1)
        rgba = np.tile(colour, (len(segments), 1))
        rgba[:, 3] = np.where(segments.mean(axis=1) @ eye > 0, 0.9, 0.25)
        ax.add_collection3d(Line3DCollection(segments, colors=rgba, linewidths=1.1))
        alpha = 1.0 if path[0] @ eye > 0 else 0.3
        ax.scatter(*path[0], color=[colour], s=6, alpha=alpha, depthshade=False)
    late = [merge for merge in result.merges if merge.log_time > -np.inf]
    if late:
        places = np.array([merge.position for merge in late])
        masses = np.array([merge.mass for merge in late]) / result.masses.sum()
        marks = ax.scatter(
            *(1.005 * places).T,
            c=[merge.log_time / _LOG10 for merge in late],
            s=8 + 110 * masses,
            cmap=f"{SEQUENCE}_r",
            vmin=low / _LOG10,
            vmax=high / _LOG10,
            edgecolors="black",
            linewidths=0.5,
            depthshade=False,
            alpha=np.where(places @ eye > 0, 1.0, 0.3),
        )
        ax.figure.colorbar(marks, ax=ax, label=f"merge at {_LABEL}", shrink=0.6, pad=0.02)
    _head(result, ax)
    return ax


def plot_cluster_counts(counts: ClusterCounts, ax: Axes | None = None) -> Axes:
    """Draw the distribution of the number of clusters against log10 t.

    Parameters
    ----------
    counts : ClusterCounts
        As `numerics.cluster_counts` returns it.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The shade is the fraction of runs, the line the mean, the dashes the quartiles.
    """
    ax = new_axes() if ax is None else ax
    finite = np.isfinite(counts.log_times)
    times = counts.log_times[finite] / _LOG10
    if times.size < 2:
        raise ValueError(
            f"Expected at least two finite times but got {times.size}; count at more log_times."
        )
    fractions = counts.histogram()[finite]
    edges = np.concatenate(
        [[1.5 * times[0] - 0.5 * times[1]], 0.5 * (times[1:] + times[:-1]), [times[-1]]]
    )
    mesh = ax.pcolormesh(
        edges,
        np.arange(0.5, counts.n + 1),
        np.ma.masked_equal(fractions.T, 0.0),
        cmap="Blues",
        vmin=0,
        vmax=1,
        rasterized=True,
    )
    if ax.figure is not None:
        ax.figure.colorbar(mesh, ax=ax, label="fraction of runs")
    ax.plot(times, counts.mean[finite], color=ORANGE, linewidth=1.6, label="mean")
    for k, quartile in enumerate(counts.quantile([0.25, 0.75])):
        label = "quartiles" if k == 0 else None
        ax.plot(times, quartile[finite], color=ORANGE, linestyle="--", linewidth=0.9, label=label)
    ax.set_yscale("log")
    ticks = [k for k in (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= counts.n]
    ax.set_yticks(ticks, [str(k) for k in ticks])
    ax.minorticks_off()
    ax.set(
        xlim=(times[0], times[-1]),
        ylim=(0.8, counts.n * 1.15),
        xlabel=_LABEL,
        ylabel="number of clusters",
    )
    sizes: dict[str, Any] = {"n": counts.n, "d": counts.d, "beta": counts.beta}
    heading(ax, model=counts.model.name, more=f"{counts.runs} runs", **sizes)
    ax.legend(loc="upper right", frameon=False, fontsize="small")
    return ax


def animate(
    result: Coarsening,
    path: str | PathLike[str],
    *,
    frames: int = 90,
    fps: int = 15,
    record: Mapping[str, Any] | None = None,
) -> None:
    """Write a GIF of the points, and of the energy below them, in equal steps of log t.

    Parameters
    ----------
    result : Coarsening
        With d = 2 or 3.
    path : path
        The file to write.
    frames, fps : int
        Number of pictures, and pictures a second.
    record : Mapping, optional
        How it was made, for the comment of the file (`numerics.provenance.recorded` reads it);
        versions and a digest of the sources by default.

    Raises
    ------
    ValueError
        If d is neither 2 nor 3, or frames < 2.
    """
    if result.d not in (2, 3):
        raise ValueError(
            f"Expected points in dimension 2 or 3 but got d={result.d}; "
            "draw plot_dendrogram instead."
        )
    if frames < 2:
        raise ValueError(f"Expected at least 2 frames but got frames={frames}; ask for more.")
    low, high = _window(result)
    if result.status not in (CoarsenStatus.CONSENSUS, CoarsenStatus.STATIONARY):
        high = float(result.log_times[-1])
    times = np.linspace(low, high, frames)
    points = result.at(times)
    counts: IntArray = result.n - np.array(
        [sum(len(m.children) - 1 for m in result.merges if m.log_time <= time) for time in times],
        dtype=np.int64,
    )
    figure = Figure(figsize=(4.2, 5.4), dpi=90)
    flat = result.d == 2
    top: Any = figure.add_axes((0.08, 0.30, 0.84, 0.62), projection=None if flat else "3d")
    below = figure.add_axes((0.17, 0.10, 0.77, 0.16))
    colours = _colours(result)
    artist: Any
    if flat:
        ring = np.linspace(0, 2 * np.pi, 257)
        top.plot(np.cos(ring), np.sin(ring), color="0.7", linewidth=0.8, zorder=0)
        artist = top.scatter(*points[0].T, c=colours, s=28, zorder=3)
        top.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal")
        top.set_axis_off()
    else:
        eye = draw_sphere(top, view_of(result.final_masses @ result.final_points))
        artist = top.scatter(*points[0].T, c=colours, s=22, depthshade=False)
    keep = result.log_times > -np.inf
    stairs = np.concatenate([[low], result.log_times[keep], [high]]) / _LOG10
    heights = np.concatenate([result.energies[:1], result.energies[keep], result.energies[-1:]])
    below.plot(stairs, heights, color=BLUE, linewidth=1.2)
    line = below.axvline(times[0] / _LOG10, color=ORANGE, linewidth=1.2)
    below.set(xlim=(low / _LOG10, high / _LOG10), xlabel=_LABEL, ylabel="energy")
    title = figure.text(0.5, 0.95, "", ha="center")

    def draw(k: int) -> tuple[Any, ...]:
        if flat:
            artist.set_offsets(points[k])
        else:
            artist._offsets3d = tuple(points[k].T)
            shades = colours.copy()
            shades[:, 3] = np.where(points[k] @ eye > 0, 1.0, 0.25)
            artist.set_facecolors(shades)
            artist.set_edgecolors(shades)
        line.set_xdata([times[k] / _LOG10] * 2)
        plural = "s" if counts[k] > 1 else ""
        exponent = times[k] / _LOG10
        title.set_text(
            rf"$t = 10^{{{exponent:.2f}}}$   {counts[k]} cluster{plural}{_hot(result.beta)}"
        )
        return artist, line, title

    film = FuncAnimation(figure, draw, frames=frames, blit=False)
    film.save(os.fspath(path), writer=PillowWriter(fps=fps))
    file = Path(path)
    file.write_bytes(film_with(file.read_bytes(), record))
