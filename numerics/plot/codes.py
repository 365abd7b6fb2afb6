"""Pictures of point codes: on the circle or on S², edges at the largest inner product."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgba

from numerics.arguments import FloatArray
from numerics.plot.style import BLUE, ORANGE, draw_sphere, heading, new_axes, view_of
from numerics.point_codes import Codes

__all__ = ["plot_code"]

_NEAR = 1e-6
_MOST_BARS = 40


def nearest_pairs(points: FloatArray) -> list[tuple[int, int]]:
    """Pairs of the largest inner product up to rounding."""
    gram = np.triu(points @ points.T, 1) - 2 * np.tri(len(points))
    return [(int(i), int(j)) for i, j in np.argwhere(gram > gram.max() - _NEAR)]


def plot_code(found: Codes, ax: Any = None, view: tuple[float, float] | None = None) -> Any:
    """Draw a code of the circle or of S²; of more dimensions, its inner products.

    Parameters
    ----------
    found : Codes
        Eigenvalues that were found, with multiplicities.
    ax : Axes, optional
        With projection "3d" for d = 3.
    view : (elevation, azimuth) in degrees, optional
        For d = 3; between the points of one edge and the third nearest to it by default.

    Returns
    -------
    Axes
        Points, with edges between those of the largest inner product; faint on the far side. For
        d > 3 the number of pairs at each inner product.

    Raises
    ------
    ValueError
        If d = 3 and the axes are flat.
    """
    d = found.points.shape[1]
    if d == 2:
        ax = _on_circle(found.points, new_axes(size=(4.8, 4.8)) if ax is None else ax)
    elif d == 3:
        ax = new_axes("3d", (4.8, 4.8)) if ax is None else ax
        if getattr(ax, "name", "") != "3d":
            raise ValueError(
                "Expected axes with projection '3d' but got ax of projection "
                f"{getattr(ax, 'name', None)!r}; make them with add_subplot(projection='3d')."
            )
        _on_sphere(found.points, ax, view)
    else:
        ax = _products(found.points, new_axes() if ax is None else ax)
    n, d = found.points.shape
    heading(ax, n=n, d=d, beta=found.beta, more=_words(found))
    return ax


def _words(found: Codes) -> tuple[str, ...]:
    """Say what is known of a code that was recognised."""
    known = found.recognised
    if known is None:
        return ()
    said = (f"m = {known.m}", f"a {known.strength}-design", f"{known.symmetries} symmetries")
    return (known.name, *said) if known.name else said


def _on_circle(points: FloatArray, ax: Any) -> Any:
    ring = np.linspace(0, 2 * np.pi, 241)
    ax.plot(np.cos(ring), np.sin(ring), color="0.75", linewidth=0.8)
    for i, j in nearest_pairs(points):
        ax.plot(*points[[i, j]].T, color=BLUE, linewidth=1.4)
    ax.plot(*points.T, "o", color=ORANGE, markersize=6)
    ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
    ax.set_axis_off()
    return ax


def _on_sphere(points: FloatArray, ax: Any, view: tuple[float, float] | None) -> None:
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    pairs = nearest_pairs(points)
    if view is None:
        # Over a face near to one edge, turned a little: no two points hide each other.
        first = points[list(pairs[0])].sum(axis=0)
        order = np.argsort(points @ -first)
        view = view_of(points[order[:3]].sum(axis=0) + 0.2 * points[order[0]])
    eye = draw_sphere(ax, view)
    edges = np.array([points[[i, j]] for i, j in pairs])
    depth = edges.mean(axis=1) @ eye
    colours = np.array([to_rgba(BLUE)] * len(edges))
    colours[:, 3] = np.where(depth > 0, 1.0, 0.25)
    ax.add_collection3d(Line3DCollection(edges, colors=colours, linewidths=1.6))
    front = points @ eye > 0
    for side, alpha, size in ((~front, 0.3, 22), (front, 1.0, 34)):
        if side.any():
            ax.scatter(*points[side].T, color=ORANGE, s=size, alpha=alpha, depthshade=False)


def _products(points: FloatArray, ax: Any) -> Any:
    """Numbers of pairs at each inner product; a histogram where there are many."""
    products = np.sort((points @ points.T)[np.triu_indices(len(points), 1)])
    groups = np.split(products, np.flatnonzero(np.diff(products) > _NEAR) + 1)
    if len(groups) <= _MOST_BARS:
        places = [float(group.mean()) for group in groups]
        ax.bar(places, [len(group) for group in groups], width=0.02, color=BLUE)
    else:
        ax.hist(products, bins=np.linspace(-1, 1, 82), color=BLUE)
    ax.set(xlabel="⟨x, y⟩", ylabel="pairs", xlim=(-1.05, 1.05))
    return ax
