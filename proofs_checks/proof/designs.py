"""Sharp codes by name, their inner products, design strength, Cohn and Kumar's interpolants."""

from __future__ import annotations

from collections import Counter
from itertools import permutations, product
from typing import Any

from sympy import Expr, Matrix, Poly, Rational, S, chebyshevt, expand, gegenbauer, radsimp, sqrt

from proofs_checks.decide import enclose, interval
from theory.symbols import beta, z


def _signs(*values: Any) -> list[tuple[Any, ...]]:
    """All sign changes of a vector, each once."""
    return sorted(
        {tuple(a * s for a, s in zip(values, signs, strict=True)) for signs in _CUBE}, key=str
    )


_CUBE = list(product((1, -1), repeat=3))


def code(name: str) -> list[tuple[Any, ...]]:
    """Exact points of a named code in R^3, all of one length (not normalised)."""
    phi = (1 + sqrt(5)) / 2
    height = sqrt(3) / 2
    table: dict[str, list[tuple[Any, ...]]] = {
        "antipodal pair": [(0, 0, 1), (0, 0, -1)],
        "tetrahedron": [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)],
        "octahedron": [p for axis in ((1, 0, 0), (0, 1, 0), (0, 0, 1)) for p in _signs(*axis)],
        "icosahedron": [
            p for axis in ((0, 1, phi), (1, phi, 0), (phi, 0, 1)) for p in _signs(*axis)
        ],
        "cube": [tuple(p) for p in _CUBE],
        "triangular bipyramid": [
            (0, 0, 1),
            (0, 0, -1),
            (1, 0, 0),
            (-Rational(1, 2), height, 0),
            (-Rational(1, 2), -height, 0),
        ],
    }
    if name not in table:
        raise ValueError(f"Expected a code among {tuple(table)} but got name={name!r}.")
    return table[name]


def inner_products(points: list[tuple[Any, ...]]) -> Counter[Expr]:
    """Exact inner products of ordered pairs of different points, with their multiplicities."""
    length = expand(sum(S(a) * a for a in points[0]))
    raw = Counter(
        expand(sum((S(a) * b for a, b in zip(x, y, strict=True)), S.Zero))
        for x, y in permutations(points, 2)
    )
    found: Counter[Expr] = Counter()
    for value, count in raw.items():
        found[radsimp(value / length)] += count
    return found


def _zonal(degree: int, dimension: int) -> Expr:
    """Zonal polynomial of a degree: Gegenbauer's, or Chebyshev's on the circle."""
    if dimension == 2:
        return chebyshevt(degree, z)
    return gegenbauer(degree, Rational(dimension - 2, 2), z)


def strength(products: Counter[Expr], size: int, dimension: int, most: int = 12) -> int:
    """Largest t <= most for which the code is a spherical t-design, exactly."""
    for degree in range(1, most + 1):
        zonal = _zonal(degree, dimension)
        total = size * zonal.subs(z, 1)
        total += sum((count * zonal.subs(z, t) for t, count in products.items()), S.Zero)
        if radsimp(expand(total)) != 0:
            return degree - 1
    return most


def coefficients(degree: int, dimension: int) -> Matrix:
    """Matrix that takes monomial coefficients to zonal ones, exactly."""
    columns = []
    for k in range(degree + 1):
        ascending = Poly(_zonal(k, dimension), z).all_coeffs()[::-1]
        columns.append(ascending + [S.Zero] * (degree + 1 - len(ascending)))
    return Matrix(columns).T.inv()


def interpolant(kernel: Expr, nodes: list[Expr], hot: Expr) -> list[Any]:
    """Interval coefficients, constant first, of the Hermite interpolant with double nodes."""
    put = {beta: interval(hot)}
    slope = kernel.diff(z)
    places = [node for node in nodes for _ in range(2)]
    at = [interval(node) for node in places]
    table = [enclose(kernel, {**put, z: value}) for value in at]
    newton = [table[0]]
    for order in range(1, len(at)):
        table = [
            enclose(slope, {**put, z: at[i]})
            if places[i] == places[i + order]
            else (table[i + 1] - table[i]) / (at[i + order] - at[i])
            for i in range(len(at) - order)
        ]
        newton.append(table[0])
    monomials = [newton[-1]]
    for coefficient, node in zip(newton[-2::-1], at[-2::-1], strict=True):
        shifted = [interval(0), *monomials]
        monomials = [a - node * b for a, b in zip(shifted, [*monomials, interval(0)], strict=True)]
        monomials[0] += coefficient
    return monomials
