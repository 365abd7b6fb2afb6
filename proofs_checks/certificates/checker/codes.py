"""Checks certificates of universal optimality: sharp codes minimise Σ e^{β<x_i,x_j>}, every β > 0.

With the inner products t_1 < … < t_m of the code as double nodes of Newton's interpolation,

    h = Σ_{j<2m} f[s_0, …, s_j] N_j,   N_j = Π_{i<j} (t - s_i),   s = t_1, t_1, t_2, t_2, …,

lies below f = e^{βt}, as f - h = f[s_0, …, s_{2m-1}, t] Π (t - t_i)². All divided differences are
positive, so h has zonal coefficients >= 0 of degree 1 and more at every β if every N_j has. Then
Σ_{i≠j} f >= Σ_{i≠j} h >= n² h_0 - n h(1), and a (2m-1)-design with these inner products attains it.

All of it is exact: numbers are polynomials in an algebraic θ with rational coefficients, reduced by
a polynomial that vanishes at θ. A zero is a polynomial that reduces to 0; only signs are taken in
balls.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from proofs_checks.certificates.checker.texts import (
    DIVIDED_DIFFERENCES,
    ZONAL_SUMS,
    code_statement,
)
from proofs_checks.certificates.format import Rejected, ball_arithmetic, demand_fields, rational

INDICES = "0123456789abcdefghijklmnopqrstuvwxyz"
"""Indices of inner products in the rows of a Gram matrix; "=" stands on its diagonal."""

_MOST_POINTS = 1000

Number = tuple[Fraction, ...]
"""Coefficients in 1, θ, θ², …."""


class _Numbers:
    """Numbers that are polynomials in θ, reduced by a monic polynomial that vanishes there."""

    def __init__(self, polynomial: list[int], low: Fraction, high: Fraction, flint: Any) -> None:
        self.polynomial, self.degree, self.flint = polynomial, len(polynomial) - 1, flint
        root = _ball(low, flint).union(_ball(high, flint))
        values = [self._at(polynomial, _ball(end, flint)) for end in (low, high)]
        rising = values[0] < 0 and values[1] > 0
        falling = values[0] > 0 and values[1] < 0
        slope = self._at([k * c for k, c in enumerate(polynomial)][1:], root)
        if not ((rising and slope > 0) or (falling and slope < 0)):
            raise Rejected("the polynomial is not seen to have exactly one root between the ends")
        # Halving keeps the root inside; the balls of signs need it to many digits.
        for _ in range(2 * flint.ctx.prec):
            middle = (low + high) / 2
            value = self._at(polynomial, _ball(middle, flint))
            if not (value > 0 or value < 0):
                break
            if (value > 0) == rising:
                high = middle
            else:
                low = middle
        self.root = _ball(low, flint).union(_ball(high, flint))

    def _at(self, coefficients: Any, place: Any) -> Any:
        """Value of a polynomial, in balls."""
        found = self.flint.arb(0)
        for coefficient in reversed(coefficients):
            found = found * place + coefficient
        return found

    def times(self, left: Number, right: Number) -> Number:
        found = [Fraction(0)] * (2 * self.degree - 1)
        for i, a in enumerate(left):
            for j, b in enumerate(right):
                found[i + j] += a * b
        return tuple(self.reduced(found))

    def reduced(self, found: list[Any]) -> list[Any]:
        """Reduce by the polynomial; entries may be matrices."""
        for place in range(len(found) - 1, self.degree - 1, -1):
            lead = found.pop()
            for k in range(self.degree):
                shifted = place - self.degree + k
                found[shifted] = found[shifted] - lead * self.polynomial[k]
        return found

    def whole(self, value: int | Fraction) -> Number:
        return (Fraction(value), *(Fraction(0),) * (self.degree - 1))

    def ball(self, number: Number) -> Any:
        return self._at([_ball(c, self.flint) for c in number], self.root)

    def positive(self, number: Number) -> bool:
        """Whether a number is certainly > 0."""
        return bool(self.ball(number) > 0)

    def not_negative(self, number: Number) -> bool:
        """Whether a number is 0 exactly, or certainly > 0."""
        return not any(number) or self.positive(number)


def _ball(value: Fraction, flint: Any) -> Any:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _scaled(factor: Fraction | int, number: Number) -> Number:
    return tuple(factor * c for c in number)


def _plus(left: Number, right: Number) -> Number:
    return tuple(a + b for a, b in zip(left, right, strict=True))


def _minus(left: Number, right: Number) -> Number:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _whole(data: Any, low: int, high: int, where: str) -> int:
    if type(data) is not int or not low <= data <= high:
        raise Rejected(f"Expected an integer from {low} to {high} but got {where}={data!r}.")
    return data


def _number(data: Any, degree: int, where: str) -> Number:
    if not isinstance(data, list) or len(data) != degree:
        raise Rejected(f"Expected {degree} coefficients but got {where}={str(data)[:200]}.")
    return tuple(rational(c, where) for c in data)


def _read_root(data: Any) -> tuple[list[int], Fraction, Fraction]:
    """Polynomial, and an interval about θ."""
    demand_fields(data, {"polynomial": list, "low": str, "high": str}, "root")
    if not 2 <= len(data["polynomial"]) <= 40:
        raise Rejected(f"Expected degree 1 to 39 but got polynomial={data['polynomial']!r}.")
    bound = 10**40
    polynomial = [_whole(c, -bound, bound, "polynomial") for c in data["polynomial"]]
    if polynomial[-1] != 1:
        raise Rejected(f"Expected leading coefficient 1 but got polynomial={polynomial}.")
    low, high = rational(data["low"], "low"), rational(data["high"], "high")
    if not low < high:
        raise Rejected(f"Expected low < high but got low={low}, high={high}.")
    return polynomial, low, high


def _check_products(numbers: _Numbers, products: list[Number]) -> None:
    """Refuse nodes that aren't increasing, from -1 on and below 1."""
    one = numbers.whole(1)
    if not numbers.not_negative(_plus(products[0], one)):
        raise Rejected("the first inner product is not seen to be >= -1")
    for k, (before, after) in enumerate(zip(products, [*products[1:], one], strict=True)):
        if not numbers.positive(_minus(after, before)):
            raise Rejected(f"inner product {k + 1} is not seen to be smaller than the next, or 1")


def _check_gram(
    numbers: _Numbers, rows: list[Any], n: int, d: int, products: list[Number]
) -> list[int]:
    """Count the inner products of a Gram matrix, and show that points of S^{d-1} have it.

    ``G² = (n/r) G`` with diagonal 1 makes ``(r/n) G`` a symmetric projection of trace r: positive
    semidefinite of rank r. With r <= d it is the Gram matrix of n unit vectors of R^d.
    """
    if len(rows) != n or any(not isinstance(row, str) or len(row) != n for row in rows):
        raise Rejected(f"Expected {n} rows of {n} letters as the Gram matrix.")
    allowed, counts = INDICES[: len(products)], [0] * len(products)
    for i, row in enumerate(rows):
        for j, letter in enumerate(row):
            if i == j:
                if letter != "=":
                    raise Rejected(
                        f"Expected '=' on the diagonal but got gram[{i}][{i}]={letter!r}."
                    )
            elif letter not in allowed or rows[j][i] != letter:
                raise Rejected(f"gram[{i}][{j}]={letter!r} is no index, or not symmetric")
            else:
                counts[allowed.index(letter)] += 1
    if 0 in counts:
        raise Rejected(f"inner product {counts.index(0) + 1} doesn't occur")
    flint = numbers.flint
    value = dict(zip(allowed, products, strict=True)) | {"=": numbers.whole(1)}
    parts = [
        flint.fmpq_mat(n, n, [_rational(value[c][k], flint) for row in rows for c in row])
        for k in range(numbers.degree)
    ]
    square = [flint.fmpq_mat(n, n) for _ in range(2 * numbers.degree - 1)]
    for i, left in enumerate(parts):
        for j, right in enumerate(parts):
            square[i + j] = square[i + j] + left * right
    square = numbers.reduced(square)
    scale = square[0][0, 0]
    if not 0 < scale or not 1 <= n / scale <= d or (n / scale).q != 1:
        raise Rejected(f"(G²)_11 = {scale} gives no rank n/(G²)_11 from 1 to d = {d}")
    if any(left != part * scale for left, part in zip(square, parts, strict=True)):
        raise Rejected("G² is no multiple of G: the rank isn't shown")
    return counts


def _rational(value: Fraction, flint: Any) -> Any:
    return flint.fmpq(value.numerator, value.denominator)


def _times_t(numbers: _Numbers, row: list[Number], d: int) -> list[Number]:
    """Zonal coefficients of t times a polynomial, by the recurrence of Gegenbauer polynomials.

    ``t Q_0 = Q_1`` and ``(2k+d-2) t Q_k = (k+d-2) Q_{k+1} + k Q_{k-1}``, with ``Q_k(1) = 1``.
    """
    found = [numbers.whole(0)] * (len(row) + 1)
    found[1] = row[0]
    for k, value in enumerate(row[1:], start=1):
        found[k + 1] = _plus(found[k + 1], _scaled(Fraction(k + d - 2, 2 * k + d - 2), value))
        found[k - 1] = _plus(found[k - 1], _scaled(Fraction(k, 2 * k + d - 2), value))
    return found


def _check_newton(numbers: _Numbers, products: list[Number], d: int) -> None:
    """Reject unless N_0, …, N_{2m-1} have zonal coefficients >= 0 of degree 1 and more."""
    row = [numbers.whole(1)]
    for j in range(1, 2 * len(products)):
        node = products[(j - 1) // 2]
        shifted = _times_t(numbers, row, d)
        rest = [numbers.times(node, value) for value in row] + [numbers.whole(0)]
        row = [_minus(a, b) for a, b in zip(shifted, rest, strict=True)]
        for k, coefficient in enumerate(row[1:], start=1):
            if not numbers.not_negative(coefficient):
                raise Rejected(f"the coefficient of degree {k} of N_{j} is not seen to be >= 0")


def _check_design(
    numbers: _Numbers, products: list[Number], counts: list[int], n: int, d: int
) -> None:
    """Reject unless ``n + Σ_t c_t Q_k(t) = 0`` for k = 1, …, 2m - 1, exactly."""
    before, now = [numbers.whole(1)] * len(products), list(products)
    for k in range(1, 2 * len(products)):
        total = numbers.whole(n)
        for count, value in zip(counts, now, strict=True):
            total = _plus(total, _scaled(count, value))
        if any(total):
            raise Rejected(f"the code is no spherical {k}-design: the moment of degree {k} isn't 0")
        step = Fraction(2 * k + d - 2, k + d - 2)
        after = [
            _minus(_scaled(step, numbers.times(t, value)), _scaled(Fraction(k, k + d - 2), old))
            for t, value, old in zip(products, now, before, strict=True)
        ]
        before, now = now, after


def check_code(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Replay Cohn and Kumar's bound for a sharp code: its Gram matrix, design and Newton's form."""
    fields = {"n": int, "d": int, "root": dict, "products": list, "counts": list}
    demand_fields(parameters, fields, "parameters")
    demand_fields(evidence, {"gram": list}, "evidence")
    n = _whole(parameters["n"], 2, _MOST_POINTS, "n")
    d = _whole(parameters["d"], 2, _MOST_POINTS, "d")
    polynomial, low, high = _read_root(parameters["root"])
    if not 1 <= len(parameters["products"]) <= len(INDICES):
        raise Rejected(f"Expected 1 to {len(INDICES)} products but got {parameters['products']!r}.")
    degree = len(polynomial) - 1
    products = [_number(t, degree, f"products[{k}]") for k, t in enumerate(parameters["products"])]
    if len(parameters["counts"]) != len(products):
        raise Rejected(f"Expected a count a product but got counts={parameters['counts']!r}.")
    counts = [_whole(c, 1, n * n, "counts") for c in parameters["counts"]]
    statement = code_statement(parameters)
    with ball_arithmetic(precision) as flint:
        numbers = _Numbers(polynomial, low, high, flint)
        _check_products(numbers, products)
        found = _check_gram(numbers, evidence["gram"], n, d, products)
        if found != counts:
            raise Rejected(f"the Gram matrix has the counts {found}, not {counts}")
        _check_design(numbers, products, counts, n, d)
        _check_newton(numbers, products, d)
    return statement, (ZONAL_SUMS, DIVIDED_DIFFERENCES)


KINDS = {"codes": check_code}

__all__ = ["INDICES", "KINDS", "check_code"]
