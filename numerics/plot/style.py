"""What all pictures share: new axes without pyplot, and the empty sphere."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from numerics.arguments import FloatArray


class Picture(Figure):  # type: ignore[misc, unused-ignore]
    """A figure that a notebook shows, whether or not pyplot has been imported."""

    def _repr_png_(self) -> bytes:
        """Bytes of the picture."""
        stream = BytesIO()
        self.savefig(stream, format="png")
        return stream.getvalue()


def new_axes(projection: str | None = None, size: tuple[float, float] = (6.0, 4.2)) -> Any:
    """Make axes on a figure of their own, outside pyplot."""
    figure = Picture(figsize=size, layout="constrained", dpi=150)
    return figure.add_subplot(projection=projection)


def view_of(centre: FloatArray) -> tuple[float, float]:
    """Elevation and azimuth, in degrees, from which a place is seen obliquely."""
    if np.linalg.norm(centre) < 1e-6:
        centre = np.array([1.0, 1.0, 0.6])
    elevation = np.degrees(np.arctan2(centre[2], np.hypot(centre[0], centre[1])))
    return (
        float(np.clip(elevation * 0.7 + 12, -60, 60)),
        float(np.degrees(np.arctan2(centre[1], centre[0])) + 30),
    )


def draw_sphere(ax: Any, view: tuple[float, float]) -> FloatArray:
    """Draw an empty sphere, its far side faint, and return the direction of the eye."""
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    ax.view_init(*view)
    up, around = np.radians(view)
    eye = np.array([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)])
    ring = np.linspace(0, 2 * np.pi, 121)
    lines = [_parallel(level, ring) for level in np.radians([-60, -30, 0, 30, 60])]
    lines += [_meridian(angle, ring) for angle in np.radians([0, 30, 60, 90, 120, 150])]
    grid = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in lines])
    front = grid.mean(axis=1) @ eye > 0
    ax.add_collection3d(Line3DCollection(grid[~front], colors="0.90", linewidths=0.5))
    ax.add_collection3d(Line3DCollection(grid[front], colors="0.75", linewidths=0.5))
    ax.plot(*_circle_about(eye, ring), color="0.55", linewidth=0.8)
    ax.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))
    ax.set_box_aspect((1, 1, 1), zoom=1.35)
    ax.set_axis_off()
    return eye


def _parallel(level: float, ring: FloatArray) -> FloatArray:
    c, s = np.cos(level), np.sin(level)
    return np.stack([c * np.cos(ring), c * np.sin(ring), np.full_like(ring, s)], axis=1)


def _meridian(angle: float, ring: FloatArray) -> FloatArray:
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.cos(ring) * c, np.cos(ring) * s, np.sin(ring)], axis=1)


def _circle_about(axis: FloatArray, ring: FloatArray) -> FloatArray:
    """Great circle perpendicular to a unit vector, shape (3, len(ring))."""
    other = np.eye(3)[int(np.argmin(np.abs(axis)))]
    first = np.cross(axis, other)
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    return np.asarray(np.outer(first, np.cos(ring)) + np.outer(second, np.sin(ring)))
