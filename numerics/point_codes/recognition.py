"""Exact codes from floats: inner products by integer relations, certified by exact algebra.

PSLQ guesses a field and numbers in it; what is believed is checked exactly, that the matrix of
these numbers is positive semidefinite of a rank that the space has, so that the exact code exists
next to the floats. Design strength and symmetries are then those of an exact object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isqrt

import mpmath
import numpy as np
from numpy.typing import ArrayLike
from sympy import Expr, ImmutableMatrix, Integer, factorint

from numerics import sphere
from numerics.arguments import FloatArray, IntArray
from numerics.point_codes.known import known_code
from numerics.point_codes.symmetry import isometric, symmetry_order
from numerics.records import Result
from theory.codes import PointCode, cross_polytope, named_codes, regular_polygon, simplex
from theory.number_fields import (
    RATIONALS,
    Element,
    NumberField,
    cosine_field,
    cosines,
    quadratic_field,
)

TOLERANCE = 1e-9
"""How far inner products of floats may be from the exact ones."""

_APART = 1e-6  # inner products nearer than this are one
_HEIGHT = 400  # of the integer relations
_MOST_CORNERS = 200


class NotRecognised(ValueError):
    """Floats with no exact code of the fields that are tried next to them."""


@dataclass(frozen=True)
class Recognised(Result):
    """The exact code next to points of floats.

    Parameters
    ----------
    name : str
        Of a known code that it is isometric to, "" for others.
    code : PointCode
        Exact inner products and how often each occurs.
    classes : ndarray of int, shape (n, n)
        Index of the inner product of each pair in ``code.products``; m on the diagonal.
    rank : int
        Dimension of the space that the points span, exact.
    symmetries : int
        Permutations of the points that keep all inner products: the order of the symmetry group.
    error : float
        Largest difference between inner products of the floats and the exact ones.
    """

    name: str
    code: PointCode
    classes: IntArray
    rank: int
    symmetries: int
    error: float

    @property
    def m(self) -> int:
        """Number of inner products between different points."""
        return self.code.m

    @property
    def strength(self) -> int:
        """Largest t for which the code is a spherical t-design."""
        return self.code.strength

    @property
    def sharp(self) -> bool:
        """Whether the code is a (2m-1)-design."""
        return self.code.sharp

    @cached_property
    def gram(self) -> ImmutableMatrix:
        """Exact Gram matrix, in SymPy."""
        exact = [*self.code.inner_products, Integer(1)]
        return ImmutableMatrix(*self.classes.shape, lambda i, j: exact[self.classes[i, j]])

    def as_dict(self) -> dict[str, object]:
        """Return what a page or JSON shows.

        Returns
        -------
        Mapping
            Plain data.
        """
        products = {str(t): c for t, c in self.code.inner_products.items()}
        return {
            "name": self.name,
            "inner_products": products,
            "m": self.m,
            "strength": self.strength,
            "sharp": self.sharp,
            "rank": self.rank,
            "symmetries": self.symmetries,
            "error": self.error,
        }


def recognise(points: ArrayLike) -> Recognised:
    """Find the exact code next to points of floats.

    Inner products are looked for in Q, in one field Q(√k), and among cosines of multiples of 2π/n.

    Parameters
    ----------
    points : array_like, shape (n, d)
        Different unit rows, n >= 2 and d >= 2, as precise as `codes` returns them.

    Returns
    -------
    Recognised
        The exact code.

    Raises
    ------
    NotRecognised
        When no exact code of these fields is within `TOLERANCE` of the inner products.
    ValueError
        For fewer than two points or dimensions, and for points that coincide.

    Examples
    --------
    >>> found = recognise(known_code("icosahedron"))
    >>> found.name, found.m, found.strength, found.symmetries
    ('icosahedron', 3, 5, 120)
    >>> list(found.code.inner_products)
    [-1, -sqrt(5)/5, sqrt(5)/5]
    """
    rows = np.asarray(sphere.check_points(points))
    if rows.ndim != 2 or len(rows) < 2 or rows.shape[1] < 2:
        raise ValueError(
            "Expected one code of at least 2 points in at least 2 dimensions but got points.shape="
            f"{rows.shape}; pick one, and at least two of its points."
        )
    gram = rows @ rows.T
    off = ~np.eye(len(rows), dtype=bool)
    if gram[off].max() > 1 - _APART:
        raise ValueError(
            f"Expected different points but got an inner product={gram[off].max():.9g}; drop "
            "repeated ones."
        )
    values, classes = _classes(gram, off)
    field, products = _exact(values, *rows.shape)
    error = max(abs(field.value(t) - gram[classes == k]).max() for k, t in enumerate(products))
    if not error <= TOLERANCE:
        raise NotRecognised(
            f"Expected inner products within {TOLERANCE:g} of exact ones but got {error:.3g} from "
            f"{[str(field.expr(t)) for t in products]}; minimise the points further."
        )
    rank = exact_rank(field, products, classes)
    if not 0 < rank <= rows.shape[1]:
        raise NotRecognised(
            f"Expected a Gram matrix of rank 1 to {rows.shape[1]} without negative eigenvalues but "
            "the exact one nearest to the points is none; minimise the points further."
        )
    counts = tuple(int(np.sum(classes == k)) for k in range(len(products)))
    n, d = rows.shape
    code = PointCode(n, d, field, tuple(products), counts)
    return Recognised(_name(code, classes), code, classes, rank, symmetry_order(classes), error)


def _classes(gram: FloatArray, off: np.ndarray) -> tuple[FloatArray, IntArray]:
    """Means of the inner products that are one up to rounding, and the matrix of their indices."""
    flat = np.sort(gram[off])
    ends = np.flatnonzero(np.diff(flat) > _APART)
    groups = np.split(flat, ends + 1)
    lower = np.array([group[0] for group in groups[1:]]) - _APART / 2
    classes = np.searchsorted(lower, gram).astype(np.int64)
    classes[~off] = len(groups)
    return np.array([group.mean() for group in groups]), classes


def _exact(values: FloatArray, n: int, d: int) -> tuple[NumberField, list[Element]]:
    """Exact numbers next to increasing floats: in Q, in one Q(√k), or cosines of 2πb/n."""
    if d == 2 and n >= 3 and len(values) == n // 2 <= _MOST_CORNERS // 2:
        corner = np.arccos(np.clip(values, -1, 1)) * n / (2 * np.pi)
        if np.abs(corner - np.round(corner)).max() < _APART:
            return cosine_field(n), [cosines(n)[int(b)] for b in np.round(corner)]
    found = [_relation(float(value)) for value in values]
    radicands = {k for k, _, _ in found if k > 1}
    if len(radicands) > 1:
        raise NotRecognised(
            f"Expected inner products in one quadratic field but got square roots of "
            f"{sorted(radicands)}; the exact code is in none of the fields that are tried."
        )
    if not radicands:
        return RATIONALS, [(a,) for _, a, _ in found]
    return quadratic_field(radicands.pop()), [(a, b) for _, a, b in found]


def _relation(value: float) -> tuple[int, Fraction, Fraction]:
    """``(k, a, b)`` with the value a + b√k, k without square factors; k = 1 and b = 0 in Q."""
    plain = Fraction(value).limit_denominator(_HEIGHT)
    if abs(float(plain) - value) < TOLERANCE:
        return 1, plain, Fraction(0)
    powers = [mpmath.mpf(1), mpmath.mpf(value), mpmath.mpf(value) ** 2]
    relation = mpmath.pslq(powers, tol=mpmath.mpf(TOLERANCE), maxcoeff=_HEIGHT, maxsteps=1000)
    if relation is None or relation[2] == 0 or relation[1] ** 2 <= 4 * relation[0] * relation[2]:
        raise NotRecognised(
            "Expected inner products in Q or one Q(√k), or cosines of 2πb/n, but got "
            f"{value:.15g}, of no such form with small numbers: the code may depend on β."
        )
    c, b, a = map(int, relation)
    square, free = _parted(b * b - 4 * a * c)
    middle, half = Fraction(-b, 2 * a), Fraction(square, 2 * abs(a))
    return free, middle, half if value > float(middle) else -half


def _parted(number: int) -> tuple[int, int]:
    """``(s, k)`` with the number s² k and k without square factors."""
    free = 1
    for prime, power in factorint(number).items():
        if power % 2:
            free *= int(prime)
    return isqrt(number // free), free


def exact_rank(field: NumberField, products: list[Element], classes: IntArray) -> int:
    """Rank of an exact Gram matrix, or 0 where it isn't positive semidefinite.

    A tight frame has ``G² = (n/r) G``: then G is n/r times a projection of rank r. Other matrices
    are eliminated, pivot by pivot of the diagonal.
    """
    entries = [*products, field.rational(1)]
    tight = _tight_rank(field, entries, classes)
    return tight or _eliminated_rank(field, entries, classes)


def _tight_rank(field: NumberField, entries: list[Element], classes: IntArray) -> int:
    """Rank r where ``G² = (n/r) G`` in exact integers, else 0."""
    size = len(classes)
    common = int(np.lcm.reduce([a.denominator for entry in entries for a in entry]))
    whole = np.array([[int(a * common) for a in entry] for entry in entries], dtype=object)
    parts = [whole[classes, k] for k in range(field.degree)]
    square = [np.zeros((size, size), dtype=object) for _ in range(2 * field.degree - 1)]
    for i, left in enumerate(parts):
        for j, right in enumerate(parts):
            square[i + j] = square[i + j] + _product(left, right)
    for place in range(len(square) - 1, field.degree - 1, -1):
        lead = square.pop()
        for k in range(field.degree):
            shifted = square[place - field.degree + k]
            square[place - field.degree + k] = shifted - lead * field.minimal[k]
    # The diagonal of G is 1, so n/r is that of G².
    if square[0][0, 0] == 0:
        return 0
    rank = Fraction(size * common**2, int(square[0][0, 0]))
    fits = rank.denominator == 1 and all(
        np.array_equal(part * int(rank), one * (size * common))
        for part, one in zip(square, parts, strict=True)
    )
    return int(rank) if fits else 0


def _product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Exact product of matrices of integers; in 64 bits where they hold it."""
    bound = len(left) * max(abs(left).max(), 1) * max(abs(right).max(), 1)
    if bound < 2**62:
        return (left.astype(np.int64) @ right.astype(np.int64)).astype(object)
    return left @ right


def _eliminated_rank(field: NumberField, entries: list[Element], classes: IntArray) -> int:
    """Rank by symmetric elimination, 0 at a negative pivot or a row without one."""
    rows = [[entries[k] for k in row] for row in classes]
    left, rank = list(range(len(rows))), 0
    while left:
        signs = {i: field.sign(rows[i][i]) for i in left}
        if any(sign < 0 for sign in signs.values()):
            return 0
        pivot = next((i for i in left if signs[i] > 0), None)
        if pivot is None:
            # Only the zero matrix is semidefinite with a zero diagonal.
            return rank if not any(any(rows[i][j]) for i in left for j in left) else 0
        left.remove(pivot)
        inverse, rank = field.inverse(rows[pivot][pivot]), rank + 1
        for i in left:
            factor = field.scaled(-1, field.times(rows[i][pivot], inverse))
            if any(factor):
                for j in left:
                    rows[i][j] = field.plus(rows[i][j], field.times(factor, rows[pivot][j]))
    return rank


def _references(code: PointCode) -> Iterator[tuple[str, PointCode, str]]:
    """Names of codes of this size, with what `known_code` calls them."""
    n, d = code.n, code.d
    if n <= d + 1:
        yield "simplex", simplex(n, d), "simplex"
    if d == 2 and n >= 3:
        yield f"regular {n}-gon", regular_polygon(n), "regular polygon"
    if n == 2 * d and d >= 2:
        yield "cross-polytope", cross_polytope(d), "cross-polytope"
    for name, known in named_codes().items():
        if (known.n, known.d) == (n, d):
            yield name, known, name


def _name(code: PointCode, classes: IntArray) -> str:
    """Name of the known code that is isometric to this one."""
    exact: dict[Expr, int] = dict(code.inner_products)
    for name, known, called in _references(code):
        same = known.counts == code.counts and all(
            abs(float(a) - float(b)) < TOLERANCE
            for a, b in zip(known.inner_products, exact, strict=True)
        )
        if not same:
            continue
        points = known_code(called, code.n)
        gram = points @ points.T
        reference = _classes(gram, ~np.eye(len(points), dtype=bool))[1]
        if isometric(reference, classes):
            return name
    return ""
