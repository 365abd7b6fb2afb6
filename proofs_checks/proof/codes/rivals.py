"""Codes of the same size with less energy than a named one, found in interval arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sympy import Expr, Integer, Rational, S, sqrt

from proofs_checks.decide import enclose, interval
from theory.codes import PointCode
from theory.symbols import beta, z


def rival_codes(size: int, dimension: int) -> Iterator[tuple[str, Counter[Expr]]]:
    """Yield families of codes of the same size in a space, by their inner products."""
    yield "single point, repeated,", Counter({S.One: size * (size - 1)})
    if dimension < 3:
        return
    for step in range(1, 20):
        h = Rational(step, 20)
        ring = {h**2: 8, 2 * h**2 - 1: 4}
        if size == 5:
            yield f"square pyramid, base at height -{h}", Counter(ring) + Counter({-h: 8})
        if size == 8:
            across = {-(h**2) + sign * (1 - h**2) / sqrt(2): 16 for sign in (1, -1)}
            both = Counter({t: 2 * c for t, c in ring.items()})
            yield f"square antiprism at heights ±{h}", both + Counter(across)


def _energy(kernel: Expr, products: Counter[Expr], hot: Expr) -> Any:
    values = (c * enclose(kernel, {beta: hot, z: t}) for t, c in products.items())
    return sum(values, interval(0))


def beaten_code(kernel: Expr, name: str, code: PointCode) -> str:
    """Find a code of the same size with less energy, in interval arithmetic, or return ""."""
    products = Counter(code.inner_products)
    for hot in (Integer(1), Integer(4), Integer(16), Integer(40)):
        own = _energy(kernel, products, hot)
        for rival, others in rival_codes(code.n, code.d):
            value = _energy(kernel, others, hot)
            if value.b < own.a:
                ratio = float((own / value).mid)
                return f"at β = {hot} the {rival} beats the {name}: energy ratio {ratio:.6f}"
    return ""
