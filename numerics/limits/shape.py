"""The limit shape of attention with matrices Q, K, V: Table 1's geometric tests, with numbers.

Hypotheses of the rows are evaluated first; the shape is told from the run alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, check_order
from numerics.limits.hypotheses import RowHypothesis, table_1
from numerics.limits.polytopes import Places, affine_rank, hull_growth, places, vertices
from numerics.limits.rescaled import LimitStatus, RescaledRun, checked_matrices, rescaled_run
from numerics.records import Result
from theory.models import PURE_ATTENTION, Model

NEAR = 1e-6
"""Distance, relative to the extent at the start, within which points are in one place."""

LEVELS, CLEAR = 3, 1e3
"""Levels that row 2 allows, and how much larger gaps are than spreads."""

SLOPE, SLOPE_ERROR, DECADES = -0.5, 0.1, 100.0
"""Slope of log max|x| over the last two decades of time where tokens tend to the origin."""


_ZERO, _GONE = 1e-9, 1e-3


class Shape(Enum):
    """What the tokens end as."""

    POINT = "point"
    POLYTOPE = "polytope"
    HYPERPLANES = "hyperplanes"
    POLYTOPE_TIMES_SUBSPACE = "polytope x subspace"
    ORIGIN = "origin"
    SCATTERED = "scattered"
    ESCAPE = "escape"
    UNKNOWN = "unknown"
    KERNEL = "kernel"

    @property
    def message(self) -> str:
        """What it means."""
        return {
            Shape.POINT: "All tokens meet in one point.",
            Shape.POLYTOPE: "Tokens end at the vertices of a convex polytope.",
            Shape.HYPERPLANES: "The leading coordinate ends at three levels at most: parallel "
            "hyperplanes, along which tokens are free.",
            Shape.POLYTOPE_TIMES_SUBSPACE: "Leading parts end at the vertices of a convex "
            "polytope; the other parts are free.",
            Shape.ORIGIN: "All tokens tend to the origin, about like t^(-1/2).",
            Shape.SCATTERED: "Tokens have come to rest at places that are no vertices of their "
            "hull, or on more than three levels.",
            Shape.ESCAPE: "Tokens of (9.1) grow without bound although e^(tV) doesn't, or faster.",
            Shape.UNKNOWN: "The leading parts have not come to rest: see the status of the run.",
            Shape.KERNEL: "V is singular, and nothing grows: parts along its kernel never move, "
            "the others tend to 0, like t^(-1/2) or faster.",
        }[self]


@dataclass(frozen=True, eq=False)
class LimitShape(Result):
    """A limit shape, with the numbers that it was told from.

    Lengths are relative to the extent of the leading parts at the start: the largest distance
    from their mean. Leading parts are z of (9.3) along F, the eigenspace of V for the eigenvalues
    of largest real part if that is positive; otherwise x of (9.1), all of it.

    Parameters
    ----------
    shape : Shape
        The shape.
    hypotheses : tuple of RowHypothesis
        Those of Table 1's four rows.
    run : RescaledRun
        The run that it is read from.
    leading_dimension : int
        Dimension of F; d without growth.
    rank : int
        Dimension of the affine hull of the leading parts at the end.
    levels : int
        Number of places at which leading parts end.
    gap_ratio : float
        Smallest gap between two of them over the largest spread of one; infinite for one place.
    vertices : ndarray, shape (count, leading_dimension)
        Those places that are vertices of their hull.
    to_vertices : float
        Largest distance of a leading part from a vertex.
    hull_growth : float
        Largest increase of a support function of the hull, in 64 directions and over all steps.
    spread : float
        Largest diameter of a place.
    slope : float
        Slope of log max|x| in log t over the last two decades of the run, for a singular V of the
        parts beside its kernel; NaN where e^{tV} grows, the run is shorter, or V is 0.
    """

    _shown = (
        "shape",
        "vertices",
        "rank",
        "levels",
        "gap_ratio",
        "to_vertices",
        "spread",
        "hull_growth",
        "hypotheses",
    )

    shape: Shape
    hypotheses: tuple[RowHypothesis, ...]
    run: RescaledRun
    leading_dimension: int
    rank: int
    levels: int
    gap_ratio: float
    vertices: FloatArray
    to_vertices: float
    hull_growth: float
    spread: float
    slope: float

    @property
    def rows(self) -> tuple[int, ...]:
        """Rows of Table 1 whose hypotheses hold."""
        return tuple(row.row for row in self.hypotheses if row.holds)

    @property
    def message(self) -> str:
        """The shape and the status in words."""
        return f"{self.shape.message} {self.run.status.message}"


def decay_slope(times: FloatArray, lengths: FloatArray, begin: float, end: float) -> float:
    """Slope of log lengths in log times over [begin, end], by least squares at 41 points.

    Examples
    --------
    >>> t = np.geomspace(1.0, 1e5, 400)
    >>> round(decay_slope(t, 3 / np.sqrt(t), 1e3, 1e5), 6)
    -0.5
    """
    at = np.linspace(np.log(begin), np.log(end), 41)
    kept = (times > 0) & (lengths > 0)
    values = np.interp(at, np.log(times[kept]), np.log(lengths[kept]))
    return float(np.polyfit(at, values, 1)[0])


def _slope(run: RescaledRun) -> float:
    begin = run.times[-1] / DECADES
    inside = int(np.sum(run.times >= begin))
    if run.growth or run.times[-1] * run.parts.norm < DECADES**2 or inside < 10:
        return float("nan")
    falling = run.scaled[..., run.parts.size :] if _has_kernel(run) else run.leading
    lengths = np.linalg.norm(falling, axis=-1).max(axis=1)
    if not (lengths[run.times >= begin] > 0).all():
        return float("nan")
    return decay_slope(run.times, lengths, begin, float(run.times[-1]))


def _has_kernel(run: RescaledRun) -> bool:
    """Whether F is the kernel of V: a part of x that never moves, as V on the rest decays."""
    return not run.growth and bool(np.abs(run.parts.head).max() <= _ZERO * run.parts.norm)


def _on_kernel(run: RescaledRun) -> bool:
    """Whether the parts beside the kernel are gone at the end: where they decay exponentially."""
    beside = np.abs(run.scaled[..., run.parts.size :])
    return beside.size > 0 and bool(beside[-1].max() <= _GONE * beside[0].max())


def _told(run: RescaledRun, found: Places, to_vertices: float, slope: float, d: int) -> Shape:
    """Tell the shape from what the leading parts do."""
    if run.status is LimitStatus.ESCAPED:
        return Shape.ESCAPE
    if _has_kernel(run) and (slope <= SLOPE + SLOPE_ERROR or _on_kernel(run)):
        return Shape.KERNEL
    if not run.growth and abs(slope - SLOPE) <= SLOPE_ERROR:
        return Shape.ORIGIN
    if not run.status.settled:
        return Shape.UNKNOWN
    free = bool(run.growth) and run.parts.size < d
    clear = found.count == 1 or found.gap >= CLEAR * found.spread
    if found.count == 1 and not free:
        return Shape.POINT
    if free and run.parts.size == 1:
        return Shape.HYPERPLANES if found.count <= LEVELS and clear else Shape.SCATTERED
    if to_vertices > NEAR:
        return Shape.SCATTERED
    return Shape.POLYTOPE_TIMES_SUBSPACE if free else Shape.POLYTOPE


def limit_shape(
    points: ArrayLike,
    Q: ArrayLike,
    K: ArrayLike,
    V: ArrayLike,
    beta: float = 1.0,
    t_end: float | None = None,
    *,
    model: Model = PURE_ATTENTION,
) -> LimitShape:
    """Follow attention on R^d to its limit and tell its shape.

    Parameters
    ----------
    points : array_like, shape (n, d)
        Tokens at the start, anywhere in R^d; n >= 2 and d >= 2.
    Q, K : array_like, shape (k, d)
        Query and key matrices.
    V : array_like, shape (d, d)
        Value matrix; it may be singular.
    beta : float
        Inverse temperature, >= 0.
    t_end : float, optional
        Time at which the run ends at the latest; see `rescaled_run`.
    model : Model
        A flow on R^d with the parameters beta, Q, K, V; (9.1) by default. The hypotheses are those
        of (9.1) in any case.

    Returns
    -------
    LimitShape
        The shape with its evidence.

    Raises
    ------
    TypeError, ValueError
        For n < 2, d < 2, shapes that don't fit, complex or infinite entries, β < 0.

    References
    ----------
    arXiv 2312.10794, Table 1 and Problem 5.

    Examples
    --------
    >>> eye = np.eye(2)
    >>> found = limit_shape([[1, 0], [-0.5, 0.8], [0.2, 0.1]], eye, eye, eye)
    >>> found.shape.name, found.rows, found.levels, found.rank
    ('POLYTOPE', (1, 3), 2, 1)
    """
    check_order("limit_shape(points, Q, K, V, model=...)", points, model)
    start, query, key, value, heat = checked_matrices(points, Q, K, V, beta)
    run = rescaled_run(start, query, key, value, heat, t_end, model=model)
    paths = run.leading
    first, last = paths[0], paths[-1]
    extent = float(np.linalg.norm(first - first.mean(axis=0), axis=1).max()) or 1.0
    found = places(last, NEAR * extent)
    corners = found.centres[vertices(found.centres, NEAR * extent)]
    away = np.linalg.norm(last[:, None, :] - corners[None, :, :], axis=-1).min(axis=1)
    to_vertices, slope = float(away.max()) / extent, _slope(run)
    floor = np.finfo(float).eps * extent
    return LimitShape(
        _told(run, found, to_vertices, slope, value.shape[0]),
        table_1(query, key, value, heat),
        run,
        paths.shape[-1],
        affine_rank(last, NEAR * extent),
        found.count,
        found.gap / max(found.spread, floor),
        corners,
        to_vertices,
        hull_growth(paths) / extent,
        found.spread / extent,
        slope,
    )
