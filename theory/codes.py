"""Point codes on the sphere by their inner products: designs, sharpness, Cohn and Kumar's bound.

A code of n points of S^{d-1} with m inner products t_1 < … < t_m between different points is sharp
(Definition 9.1) if it is a spherical (2m-1)-design. Everything here is exact: zonal moments, and
the zonal coefficients of Newton's polynomials N_j = Π_{i<=j} (t - s_i), s = t_1, t_1, t_2, t_2, ….
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from sympy import Expr, cos, pi

from theory.number_fields import (
    RATIONALS,
    Element,
    NumberField,
    cosine_field,
    cosines,
    quadratic_field,
)
from theory.summaries import Summarised


def raised(coefficients: list[Element], d: int, field: NumberField) -> list[Element]:
    """Multiply a sum of zonal polynomials by t.

    ``(2k+d-2) t Q_k = (k+d-2) Q_{k+1} + k Q_{k-1}`` for the zonal polynomials of S^{d-1} with
    ``Q_k(1) = 1``, Gegenbauer's, or Chebyshev's at d = 2.
    """
    found = [field.rational(0)] * (len(coefficients) + 1)
    for k, value in enumerate(coefficients):
        up, down = zonal_step(k, d)
        found[k + 1] = field.plus(found[k + 1], field.scaled(up, value))
        if k:
            found[k - 1] = field.plus(found[k - 1], field.scaled(down, value))
    return found


def zonal_step(k: int, d: int) -> tuple[Fraction, Fraction]:
    """Coefficients of Q_{k+1} and Q_{k-1} in t Q_k.

    Examples
    --------
    >>> zonal_step(1, 3)
    (Fraction(2, 3), Fraction(1, 3))
    """
    if k == 0:
        return Fraction(1), Fraction(0)
    return Fraction(k + d - 2, 2 * k + d - 2), Fraction(k, 2 * k + d - 2)


@dataclass(frozen=True)
class PointCode(Summarised):
    """A code by the inner products of its points, without the points.

    Attributes
    ----------
    n, d : int
        Points, and dimension of the space.
    field : NumberField
        Of the inner products.
    products : tuple
        Inner products between different points, increasing, elements of the field.
    counts : tuple of int
        Ordered pairs of different points with each of them.
    """

    n: int
    d: int
    field: NumberField
    products: tuple[Element, ...]
    counts: tuple[int, ...]

    @property
    def m(self) -> int:
        """Number of inner products between different points."""
        return len(self.products)

    @cached_property
    def inner_products(self) -> Mapping[Expr, int]:
        """Exact inner products with their numbers of ordered pairs."""
        exact = [self.field.expr(t) for t in self.products]
        if self.d == 2 and self.field.root == 2 * cos(2 * pi / self.n):
            # The n-gon's are written as cosines.
            angles = {t: cos(2 * pi * b / self.n) for b, t in enumerate(cosines(self.n))}
            exact = [angles.get(t, shown) for t, shown in zip(self.products, exact, strict=True)]
        return dict(zip(exact, self.counts, strict=True))

    def zonal_moments(self) -> Iterator[Element]:
        """Yield ``Σ_{x,y} Q_k(<x,y>)``, the diagonal with it, for k = 1, 2, ….

        None is negative (Schoenberg); all vanish up to k exactly for a spherical k-design.
        """
        held = self.field
        before = [held.rational(1)] * self.m
        now = list(self.products)
        k = 1
        while True:
            terms = (held.scaled(c, q) for c, q in zip(self.counts, now, strict=True))
            yield held.plus(held.rational(self.n), *terms)
            up, down = zonal_step(k, self.d)
            after = []
            for t, old, last in zip(self.products, before, now, strict=True):
                left = held.plus(held.times(t, last), held.scaled(-down, old))
                after.append(held.scaled(1 / up, left))
            before, now, k = now, after, k + 1

    @cached_property
    def strength(self) -> int:
        """Largest k for which the code is a spherical k-design.

        A design has more points than its strength, so the search ends.
        """
        for k, moment in enumerate(self.zonal_moments(), start=1):
            if any(moment):
                return k - 1
        raise AssertionError("a finite code is no design of every strength")

    @property
    def sharp(self) -> bool:
        """Whether it is a spherical (2m-1)-design: Definition 9.1 with m >= 1."""
        return self.strength >= 2 * self.m - 1

    @cached_property
    def newton(self) -> tuple[tuple[Element, ...], ...]:
        """Zonal coefficients of N_0, …, N_{2m-1}, each constant first."""
        held = self.field
        found = [[held.rational(1)]]
        for j in range(2 * self.m - 1):
            node = held.scaled(-1, self.products[j // 2])
            shifted = raised(found[-1], self.d, held)
            rest = [held.times(node, value) for value in found[-1]] + [held.rational(0)]
            found.append([held.plus(a, b) for a, b in zip(shifted, rest, strict=True)])
        return tuple(map(tuple, found))

    @cached_property
    def newton_positive(self) -> bool:
        """Whether no N_j has a negative coefficient of degree 1 or more."""
        return all(self.field.sign(c) >= 0 for row in self.newton for c in row[1:])


def _code(
    n: int, d: int, field: NumberField, products: Mapping[Element, int], ordered: int = 0
) -> PointCode:
    """Code from the numbers of neighbours of one point, or of ordered pairs."""
    listed = sorted(products, key=field.value)
    return PointCode(
        n, d, field, tuple(listed), tuple(products[t] * (1 if ordered else n) for t in listed)
    )


def simplex(n: int, d: int) -> PointCode:
    """Return the regular simplex of n <= d + 1 points.

    Raises
    ------
    ValueError
        For fewer than two points, or more than d + 1.

    Examples
    --------
    >>> tetrahedron = simplex(4, 3)
    >>> tetrahedron.inner_products, tetrahedron.strength, tetrahedron.sharp
    ({-1/3: 12}, 2, True)
    """
    if not 2 <= n <= d + 1:
        raise ValueError(
            f"Expected 2 to d + 1 = {d + 1} points but got n={n}; a regular simplex of n points "
            "needs n - 1 dimensions."
        )
    return _code(n, d, RATIONALS, {(Fraction(-1, n - 1),): n - 1})


def cross_polytope(d: int) -> PointCode:
    """Return the 2d points ±e_1, …, ±e_d, d >= 2.

    Examples
    --------
    >>> cross_polytope(3).strength
    3
    """
    if d < 2:
        raise ValueError(f"Expected d >= 2 but got d={d}; two points are a simplex.")
    return _code(2 * d, d, RATIONALS, {(Fraction(-1),): 1, (Fraction(0),): 2 * d - 2})


def regular_polygon(n: int) -> PointCode:
    """Return the regular n-gon, n >= 3.

    Examples
    --------
    >>> heptagon = regular_polygon(7)
    >>> heptagon.m, heptagon.strength, heptagon.newton_positive
    (3, 6, True)
    """
    if n < 3:
        raise ValueError(f"Expected n >= 3 but got n={n}; two points are a simplex.")
    found: dict[Element, int] = {}
    for t in cosines(n)[1:]:
        found[t] = found.get(t, 0) + 1
    return _code(n, 2, cosine_field(n), found)


_F = Fraction
_GOLDEN: dict[Element, int] = {
    (_F(0), _F(1, 5)): 5,
    (_F(0), _F(-1, 5)): 5,
    (_F(-1), _F(0)): 1,
}
_SIX_HUNDRED: dict[Element, int] = {(_F(-1), _F(0)): 1, (_F(0), _F(0)): 30}
for _sign in (1, -1):
    _SIX_HUNDRED |= {
        (_F(_sign, 4), _F(_sign, 4)): 12,
        (_F(_sign, 2), _F(0)): 20,
        (_F(-_sign, 4), _F(_sign, 4)): 12,
    }


@lru_cache(maxsize=1)
def named_codes() -> Mapping[str, PointCode]:
    """Return codes that have a name of their own, beside simplices, cross-polytopes and polygons.

    Sharp are the icosahedron, the half 5-cube (16 points), the Schläfli code (27), the equiangular
    code (56) and the roots of E8 (240); the others are not.

    Examples
    --------
    >>> [name for name, code in named_codes().items() if not code.sharp]
    ['600-cell', 'cube', 'dodecahedron', '24-cell', 'triangular bipyramid']
    """
    root_five = quadratic_field(5)
    third, one = _F(1, 3), (_F(-1),)
    return {
        "icosahedron": _code(12, 3, root_five, _GOLDEN),
        "half 5-cube": _code(16, 5, RATIONALS, {(_F(-3, 5),): 5, (_F(1, 5),): 10}),
        "Schläfli code": _code(27, 6, RATIONALS, {(_F(-1, 2),): 10, (_F(1, 4),): 16}),
        "equiangular code": _code(56, 7, RATIONALS, {one: 1, (third,): 27, (-third,): 27}),
        "E8 roots": _code(
            240, 8, RATIONALS, {one: 1, (_F(1, 2),): 56, (_F(0),): 126, (_F(-1, 2),): 56}
        ),
        "600-cell": _code(120, 4, root_five, _SIX_HUNDRED),
        "cube": _code(8, 3, RATIONALS, {one: 1, (third,): 3, (-third,): 3}),
        "dodecahedron": _code(
            20,
            3,
            root_five,
            {
                (_F(-1), _F(0)): 1,
                (third, _F(0)): 6,
                (-third, _F(0)): 6,
                (_F(0), third): 3,
                (_F(0), -third): 3,
            },
        ),
        "24-cell": _code(24, 4, RATIONALS, {one: 1, (_F(1, 2),): 8, (_F(0),): 6, (_F(-1, 2),): 8}),
        "triangular bipyramid": _code(
            5, 3, RATIONALS, {one: 2, (_F(0),): 12, (_F(-1, 2),): 6}, ordered=1
        ),
    }


def code_named(name: str) -> PointCode:
    """Return a code by name: of `named_codes`, of the solids, ``"regular 7-gon"``.

    Raises
    ------
    ValueError
        For a name that isn't known.

    Examples
    --------
    >>> code_named("regular 7-gon").n, code_named("tetrahedron") == simplex(4, 3)
    (7, True)
    """
    if name in named_codes():
        return named_codes()[name]
    polygon = re.fullmatch(r"regular (\d+)-gon", name)
    if polygon and int(polygon[1]) >= 3:
        return regular_polygon(int(polygon[1]))
    solids = {
        "antipodal pair": simplex(2, 3),
        "tetrahedron": simplex(4, 3),
        "octahedron": cross_polytope(3),
    }
    if name not in solids:
        known = ", ".join((*solids, *named_codes()))
        raise ValueError(f"Expected {known} or 'regular 7-gon', … but got name={name!r}.")
    return solids[name]
