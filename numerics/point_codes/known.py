"""Points of codes with a name: simplices, cross-polytopes, polygons and those of theory.codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations, permutations, product

import numpy as np

from numerics import sphere
from numerics.arguments import FloatArray, check_choice, check_whole

Rows = list[tuple[float, ...]]

_GOLDEN = (1 + np.sqrt(5)) / 2


def _cube(d: int) -> Rows:
    return list(product((1.0, -1.0), repeat=d))


def _cyclic(*row: float) -> Rows:
    """All signs of a row of three and of its rotations, each once."""
    turns = (np.roll(row, k) for k in range(3))
    return sorted({tuple(t * np.array(s) + 0.0) for t in turns for s in _cube(3)})


def _axes(d: int) -> Rows:
    return [tuple(row) for row in np.vstack([np.eye(d), -np.eye(d)])]


def _simplex(n: int) -> Rows:
    """Corners of the unit cube's face, seen from the space across their sum."""
    across = np.linalg.svd(np.ones((1, n)))[2][1:]
    return [tuple(row) for row in across.T]


def _pairs(d: int) -> Rows:
    """All ±e_i ± e_j: the roots of D_d."""
    axes = np.eye(d)
    return [
        tuple(a * axes[i] + b * axes[j]) for i, j in combinations(range(d), 2) for a, b in _cube(2)
    ]


def _half_cube(d: int) -> Rows:
    return [point for point in _cube(d) if np.prod(point) > 0]


def _e8() -> Rows:
    return _pairs(8) + [tuple(np.array(point) / 2) for point in _half_cube(8)]


def _layer_of_e8(count: int) -> Rows:
    """Roots next to one root, or to two adjacent ones, seen from the space across these."""
    roots = np.array(_e8())
    chosen = roots[[0, int(np.argmax(roots @ roots[0] == 1))]][:count]
    across = np.linalg.svd(chosen)[2][count:]
    return [tuple(row) for row in roots[np.all(roots @ chosen.T == 1, axis=1)] @ across.T]


def _six_hundred_cell() -> Rows:
    rows = set(_axes(4)) | {tuple(np.array(point) / 2) for point in _cube(4)}
    for order in permutations(range(4)):
        if sum(a > b for a, b in combinations(order, 2)) % 2 == 0:
            for a, b, c in _cube(3):
                row = (a * _GOLDEN / 2, b / 2, c / _GOLDEN / 2, 0.0)
                rows.add(tuple(row[i] for i in order))
    return sorted(rows)


_NAMED: Mapping[str, Callable[[], Rows]] = {
    "icosahedron": lambda: _cyclic(0, 1, _GOLDEN),
    "half 5-cube": lambda: _half_cube(5),
    "Schläfli code": lambda: _layer_of_e8(2),
    "equiangular code": lambda: _layer_of_e8(1),
    "E8 roots": _e8,
    "600-cell": _six_hundred_cell,
    "cube": lambda: _cube(3),
    "dodecahedron": lambda: _cube(3) + _cyclic(0, 1 / _GOLDEN, _GOLDEN),
    "24-cell": lambda: _pairs(4),
    "triangular bipyramid": lambda: [
        (0, 0, 1),
        (0, 0, -1),
        *((np.cos(a), np.sin(a), 0) for a in 2 * np.pi * np.arange(3) / 3),
    ],
}


def known_code(name: str, n: int = 0) -> FloatArray:
    """Return unit points of a code with a name.

    Parameters
    ----------
    name : str
        ``"simplex"``, ``"regular polygon"`` or ``"cross-polytope"`` of n points, or a name of
        `theory.codes.named_codes`.
    n : int
        Points, for the first three.

    Returns
    -------
    ndarray, shape (n, d)
        In the least dimension that holds them.

    Raises
    ------
    ValueError
        For another name, and for n that has no such code.

    Examples
    --------
    >>> known_code("E8 roots").shape, known_code("simplex", 4).shape
    ((240, 8), (4, 3))
    """
    check_choice(name, "name", (*_FAMILIES, *_NAMED), "see theory.codes.named_codes()")
    if name in _NAMED:
        return sphere.project(np.array(_NAMED[name](), dtype=float))
    check_whole(n, "n", {"simplex": 2, "regular polygon": 3, "cross-polytope": 4}[name])
    if name == "cross-polytope" and n % 2:
        raise ValueError(f"Expected an even number of points but got n={n}; give n = 2d.")
    return sphere.project(np.array(_FAMILIES[name](int(n)), dtype=float))


_FAMILIES: Mapping[str, Callable[[int], Rows]] = {
    "simplex": _simplex,
    "regular polygon": lambda n: [
        (float(np.cos(a)), float(np.sin(a))) for a in 2 * np.pi * np.arange(n) / n
    ],
    "cross-polytope": lambda n: _axes(n // 2),
}
