"""Points on the unit sphere S^{d-1}: drawing, projecting, moving, measuring, checking.

Rows are points: arrays have shape (..., n, d), leading axes are batches. Distances are geodesic and
exact near 0 and π, 2·atan2(|x−y|, |x+y|); the checks are those that every entry point runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import (
    FloatArray,
    as_float,
    check_choice,
    check_finite,
    check_together,
    first_true,
    row_name,
    shown,
)

Rng: TypeAlias = int | Sequence[int] | np.random.SeedSequence | np.random.Generator | None
"""What is taken as a source of randomness (SPEC 7): a seed, or a generator to go on with."""


SPHERE_TOLERANCE = 1e-6
"""How far from 1 the length of a row may be before `check_points` refuses it."""


def seed_sequence(rng: Rng) -> np.random.SeedSequence:
    """Root of the seeds of many independent parts, whatever was given as ``rng`` (SPEC 7).

    Parameters
    ----------
    rng : seed, SeedSequence, Generator or None
        Source of randomness (SPEC 7).

    Returns
    -------
    np.random.SeedSequence
        The root.

    Raises
    ------
    ValueError
        For anything that seeds nothing.
    """
    if isinstance(rng, np.random.SeedSequence):
        return rng
    if isinstance(rng, np.random.Generator):
        return np.random.SeedSequence(int(rng.integers(2**63)))
    try:
        return np.random.SeedSequence(rng)
    except (TypeError, ValueError, OverflowError):
        raise _no_seed(rng) from None


def generator(rng: Rng) -> np.random.Generator:
    """Make a generator of whatever was given as ``rng`` (SPEC 7).

    Parameters
    ----------
    rng : seed, SeedSequence, Generator or None
        Source of randomness (SPEC 7).

    Returns
    -------
    np.random.Generator
        The generator.

    Raises
    ------
    ValueError
        For anything that seeds nothing.
    """
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError, OverflowError):
        raise _no_seed(rng) from None


def _no_seed(rng: object) -> ValueError:
    return ValueError(
        "Expected a seed (an integer >= 0), a SeedSequence, a Generator or None but got "
        f"rng={shown(rng)}; pass rng=0, for example."
    )


def _norms(vectors: FloatArray) -> FloatArray:
    """Lengths (..., 1) of the rows, without overflow or underflow of the squares."""
    with np.errstate(over="ignore", under="ignore"):
        squares = np.sum(vectors * vectors, axis=-1, keepdims=True)
    if np.all((squares > 1e-200 * vectors.shape[-1]) & (squares < 1e200)):
        return np.asarray(np.sqrt(squares))  # every scale below is 1
    scale = np.max(np.abs(vectors), axis=-1, keepdims=True)
    safe = np.where((scale > 1e-100) & (scale < 1e100), 1.0, np.where(scale > 0, scale, 1.0))
    scaled = vectors / safe
    return np.asarray(safe * np.sqrt(np.sum(scaled * scaled, axis=-1, keepdims=True)))


def random_points(n: int, d: int, rng: Rng = None, batch: int | tuple[int, ...] = ()) -> FloatArray:
    """Draw independent uniform points on the sphere.

    Parameters
    ----------
    n, d : int
        Number of points and dimension of the ambient space, both at least 1.
    rng : seed, SeedSequence, Generator or None
        Passed to `numpy.random.default_rng` (SPEC 7).
    batch : int or tuple of int
        Leading axes.

    Returns
    -------
    ndarray
        Shape (*batch, n, d).

    Raises
    ------
    ValueError
        If n or d is not a positive integer, an axis of the batch not one >= 0, rng seeds nothing,
        or memory doesn't hold the points.

    Examples
    --------
    >>> random_points(4, 3, rng=0, batch=2).shape
    (2, 4, 3)
    """
    for name, value in (("n", n), ("d", d)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
            raise ValueError(
                f"Expected a positive integer but got {name}={shown(value)}; "
                "a configuration has at least one point in at least one dimension."
            )
    axes = batch if isinstance(batch, tuple | list) else (batch,)
    for axis in axes:
        if not isinstance(axis, int | np.integer) or isinstance(axis, bool) or axis < 0:
            raise ValueError(
                f"Expected a whole number >= 0, or a tuple of them, but got batch={shown(batch)}; "
                "leave it out for one system."
            )
    source = generator(rng)
    try:
        draws = source.standard_normal((*map(int, axes), int(n), int(d)))
    except (ValueError, MemoryError, OverflowError) as error:
        raise ValueError(
            f"Expected as many points as memory holds but got n={shown(n)}, d={shown(d)} and "
            f"batch={shown(batch)}; draw them in parts."
        ) from error
    return project(draws) if draws.size else draws


def project(points: ArrayLike) -> FloatArray:
    """Normalise the rows, the nearest point on the sphere: N(y) = y/|y|.

    Parameters
    ----------
    points : array_like
        Shape (..., d). Integers and float32 become float64.

    Returns
    -------
    ndarray
        Same shape, rows of length 1 to within an ulp or two.

    Raises
    ------
    ValueError
        If a row is zero or not finite; the message names the row.

    Examples
    --------
    >>> project([[3, 4], [0, -2]])
    array([[ 0.6,  0.8],
           [ 0. , -1. ]])
    """
    array = as_float(points, "points")
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(
            f"Expected rows of at least one coordinate but got points.shape={array.shape}; "
            "the last axis holds the coordinates."
        )
    check_finite(array, "points")
    if array.size == 0:
        return array.copy()
    lengths = _norms(array)
    zero = lengths[..., 0] == 0.0
    if np.any(zero):
        row = row_name("points", first_true(zero))
        raise ValueError(
            f"Expected rows of positive length but got {row}=0; "
            "a zero row has no direction: drop it or draw it again."
        )
    unit = array / lengths
    # A second pass takes the last ulp (and subnormal rows) out of the length.
    return np.asarray(unit / np.sqrt(np.sum(unit * unit, axis=-1, keepdims=True)))


def tangent(points: ArrayLike, vectors: ArrayLike) -> FloatArray:
    """Project vectors to the tangent spaces: P_x v = v − ⟨x, v⟩ x, row by row.

    Parameters
    ----------
    points, vectors : array_like
        Shapes (..., d), broadcast against each other; the rows of `points` are unit vectors.

    Returns
    -------
    ndarray
        The projected vectors.

    Examples
    --------
    >>> tangent([1.0, 0.0], [5.0, 2.0])
    array([0., 2.])
    """
    x, v = as_float(points, "points"), as_float(vectors, "vectors")
    check_together(x, v, ("points", "vectors"))
    return np.asarray(v - np.sum(x * v, axis=-1, keepdims=True) * x)


def exp_map(points: ArrayLike, vectors: ArrayLike) -> FloatArray:
    """Follow geodesics for unit time: exp_x(v) = cos|v| x + sin|v| v/|v|.

    Parameters
    ----------
    points, vectors : array_like
        Shapes (..., d), broadcast against each other. The vectors are projected to the tangent
        spaces first.

    Returns
    -------
    ndarray
        Points on the sphere.

    Examples
    --------
    >>> exp_map([1.0, 0.0], [0.0, np.pi / 2]).round(12)
    array([0., 1.])
    """
    x = as_float(points, "points")
    v = tangent(x, vectors)
    angle = _norms(v)
    return project(np.cos(angle) * x + np.sinc(angle / np.pi) * v)


def log_map(x: ArrayLike, y: ArrayLike) -> FloatArray:
    """Give the tangent vector at x that leads to y: the inverse of `exp_map`.

    Parameters
    ----------
    x, y : array_like
        Unit rows, shapes (..., d), broadcast against each other.

    Returns
    -------
    ndarray
        Tangent vectors at x of length `geodesic_distance(x, y)`.

    Raises
    ------
    ValueError
        If y = −x: every direction leads there, none is the shortest.

    Examples
    --------
    >>> log_map([1.0, 0.0], [0.0, 1.0]).round(6)
    array([0.      , 1.570796])
    """
    a, b = as_float(x, "x"), as_float(y, "y")
    check_together(a, b, ("x", "y"))
    a, b = np.broadcast_arrays(a, b)
    near = np.sum(a * b, axis=-1, keepdims=True) >= 0
    # y − x and y + x have the same tangent part as y and no cancellation near 0 and π.
    direction = tangent(a, np.where(near, b - a, b + a))
    length = _norms(direction)
    angle = geodesic_distance(a, b)[..., None]
    lost = (length == 0.0) & ~near
    if np.any(lost):
        index = first_true(lost[..., 0])
        raise ValueError(
            "Expected points that are not antipodal but got "
            f"{row_name('y', index)}=-{row_name('x', index)}; "
            "the shortest path is not unique there: move one of the points or treat the pair apart."
        )
    return np.asarray(direction * (angle / np.where(length > 0, length, 1.0)))


def geodesic_distance(x: ArrayLike, y: ArrayLike) -> FloatArray:
    """Measure the angle between unit vectors, 2·atan2(|x−y|, |x+y|), in [0, π].

    Unlike the arccosine of the inner product it keeps its relative accuracy near 0 and its
    absolute accuracy near π.

    Parameters
    ----------
    x, y : array_like
        Shapes (..., d), broadcast against each other.

    Returns
    -------
    ndarray
        Shape (...).

    Examples
    --------
    >>> float(geodesic_distance([1.0, 0.0], [1.0, 1e-12]))
    1e-12
    """
    a, b = as_float(x, "x"), as_float(y, "y")
    check_together(a, b, ("x", "y"))
    return np.asarray(2.0 * np.arctan2(_norms(a - b)[..., 0], _norms(a + b)[..., 0]))


_AT_ONCE = 16_384
"""Differences of so many coordinates are held at once: a call a row would cost more."""


def pairwise_distances(points: ArrayLike) -> FloatArray:
    """Measure the geodesic distances between all rows.

    Parameters
    ----------
    points : array_like
        Shape (..., n, d), unit rows.

    Returns
    -------
    ndarray
        Shape (..., n, n), symmetric, zero diagonal. Memory n² per system, not n²·d.

    Examples
    --------
    >>> pairwise_distances([[1.0, 0.0], [-1.0, 0.0]]).round(6)
    array([[0.      , 3.141593],
           [3.141593, 0.      ]])
    """
    x = _rows(points)
    n = x.shape[-2]
    distances = np.zeros((*x.shape[:-1], n))
    if x.size * n <= _AT_ONCE:
        low, high = np.triu_indices(n, 1)
        found = geodesic_distance(x[..., low, :], x[..., high, :])
        distances[..., low, high] = distances[..., high, low] = found
        return distances
    for i in range(n - 1):
        row = geodesic_distance(x[..., i : i + 1, :], x[..., i + 1 :, :])
        distances[..., i, i + 1 :] = row
        distances[..., i + 1 :, i] = row
    return distances


def gram(points: ArrayLike) -> FloatArray:
    """Give the inner products G_ij = ⟨x_i, x_j⟩.

    Parameters
    ----------
    points : array_like
        Shape (..., n, d).

    Returns
    -------
    ndarray
        Shape (..., n, n).

    Examples
    --------
    >>> gram([[1.0, 0.0], [0.6, 0.8]])
    array([[1. , 0.6],
           [0.6, 1. ]])
    """
    x = _rows(points)
    return np.asarray(x @ np.swapaxes(x, -1, -2))


def _rows(points: ArrayLike) -> FloatArray:
    """Read an array of rows, d >= 1."""
    x = as_float(points, "points")
    if x.ndim < 2 or x.shape[-1] == 0:
        raise ValueError(
            f"Expected an array of shape (..., n, d) but got points.shape={x.shape}; "
            "one point is an array of shape (1, d)."
        )
    return x


def check_points(points: ArrayLike, name: str = "points", space: str = "sphere") -> FloatArray:
    """Validate a configuration and return it as float64.

    Integers and float32 become float64. n = 1, d = 1, duplicates and antipodal pairs are legal.

    Parameters
    ----------
    points : array_like
        Shape (..., n, d).
    name : str
        What the messages call the array.
    space : {"sphere", "euclidean"}
        Whether the rows must have length 1 (to within 1e-6; the values are not altered).

    Returns
    -------
    ndarray
        The points as float64, not copied if they were that already.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If the shape is not (..., n, d) with n, d ≥ 1, an entry is not finite or a row is off the
        sphere. The message names the row and what to do.

    Examples
    --------
    >>> check_points([[1, 0], [0, 2]])
    Traceback (most recent call last):
        ...
    ValueError: Expected rows of length 1 but got points[1] of length=2; normalise ...
    """
    check_choice(space, "space", ("sphere", "euclidean"), "choose one of the two")
    array = as_float(points, name)
    if array.ndim < 2:
        raise ValueError(
            f"Expected an array of shape (..., n, d) but got {name}.shape={array.shape}; "
            "rows are points: one point is an array of shape (1, d)."
        )
    if array.size == 0:
        raise ValueError(
            f"Expected at least one point in at least one dimension but got {name}.shape="
            f"{array.shape}; give a non-empty array of shape (..., n, d)."
        )
    check_finite(array, name)
    if space == "sphere":
        lengths = _norms(array)[..., 0]
        off = np.abs(lengths - 1.0) > SPHERE_TOLERANCE
        if np.any(off):
            index = first_true(off)
            raise ValueError(
                f"Expected rows of length 1 but got {row_name(name, index)} of length="
                f"{lengths[index]:.9g}; normalise them with `sphere.project`."
            )
    return array
