"""Spectra in double precision: shifted QR where the points are floats."""

from __future__ import annotations

import cmath
from typing import Any

from sympy import Expr, Float, Integer, Matrix, S, sympify

from theory.linearize.engine import evaluator_at, require_equilibrium, tangent_jacobian
from theory.linearize.spectrum import TOLERANCE, Spectrum, assembled_spectrum
from theory.models import Model
from theory.symbols import z


def as_number(expr: Any) -> Expr:
    """Evaluate an expression without free symbols."""
    value = sympify(expr).evalf()
    if not value.is_number:
        raise ValueError(
            f"Expected a number for every parameter but got {sorted(map(str, value.free_symbols))} "
            "with float points; use model.subs({beta: 4.0}), or exact points."
        )
    return value


def float_spectrum(
    model: Model, points: Any, weights: list[Expr], matrices: dict[Any, Any]
) -> Spectrum:
    """Spectrum in double precision."""

    def scalar(expr: Any) -> float:
        return float(as_number(expr))

    def apply(body: Expr, value: float) -> float:
        return scalar(body.subs(z, value))

    places = [[scalar(e) for e in row] for row in points.tolist()]
    for place, row in enumerate(places):
        if abs(sum(a * a for a in row) - 1) > TOLERANCE:
            raise ValueError(
                f"Expected unit rows but got points[{place}]={row}; divide it by its length."
            )
    base = evaluator_at(model, points, weights, matrices, scalar, apply)
    residual = Float(max(abs(e) for row in base(model.velocity) for e in row))
    require_equilibrium(model, f"{points.rows} tokens", residual)
    matrix = tangent_jacobian(base, model, places, 0.0, 1.0)
    values = qr_eigenvalues([[complex(e) for e in row] for row in matrix])
    return assembled_spectrum(
        [(cleaned(v), S.One, ()) for v in values],
        f"{points.rows} tokens",
        residual,
        Integer(points.rows),
        Integer(points.cols),
        Matrix(places).rank(iszerofunc=lambda e: abs(e) < TOLERANCE),
        isotropic=not matrices,
    )


def cleaned(value: complex) -> Expr:
    """Drop the rounding in the real and imaginary parts of an eigenvalue."""
    if abs(value) < TOLERANCE:
        return S.Zero
    if abs(value.imag) < TOLERANCE * abs(value):
        return Float(value.real)
    return Float(value.real) + Float(value.imag) * S.ImaginaryUnit


def qr_eigenvalues(matrix: list[list[complex]]) -> list[complex]:
    """Eigenvalues of a small dense matrix: Hessenberg form, then shifted QR with deflation."""
    a, size = [row[:] for row in matrix], len(matrix)
    for column in range(size - 2):
        vector = [a[i][column] for i in range(column + 1, size)]
        length = sum(abs(v) ** 2 for v in vector) ** 0.5
        if length == 0:
            continue
        vector[0] += length * (vector[0] / abs(vector[0]) if vector[0] else 1.0)
        square = sum(abs(v) ** 2 for v in vector)
        for j in range(size):
            dot = sum(v.conjugate() * a[column + 1 + i][j] for i, v in enumerate(vector))
            for i, v in enumerate(vector):
                a[column + 1 + i][j] -= 2 * v * dot / square
        for i in range(size):
            dot = sum(a[i][column + 1 + j] * v for j, v in enumerate(vector))
            for j, v in enumerate(vector):
                a[i][column + 1 + j] -= 2 * dot * v.conjugate() / square
    values: list[complex] = []
    scale = max((abs(e) for row in a for e in row), default=0.0)
    high, steps = size, 0
    while high > 0:
        low = high - 1
        while low > 0 and abs(a[low][low - 1]) > 2.3e-16 * (
            abs(a[low][low]) + abs(a[low - 1][low - 1]) + 1e-3 * scale
        ):
            low -= 1
        if low == high - 1:
            values.append(a[low][low])
            high, steps = low, 0
            continue
        p, q, r, s = (a[i][j] for i in (high - 2, high - 1) for j in (high - 2, high - 1))
        root = cmath.sqrt((p - s) ** 2 / 4 + q * r)
        shift = min(((p + s) / 2 + root, (p + s) / 2 - root), key=lambda w: abs(w - s))
        steps += 1
        if steps % 11 == 0:
            shift += abs(a[high - 1][high - 2])
        if steps > 500:
            raise ArithmeticError(
                f"Expected convergence of the QR iteration but got steps={steps}; use exact points."
            )
        turns = []
        for i in range(low, high):
            a[i][i] -= shift
        for i in range(low, high - 1):
            x, y = a[i][i], a[i + 1][i]
            length = (abs(x) ** 2 + abs(y) ** 2) ** 0.5
            c, w = (x / length, y / length) if length else (1.0 + 0j, 0j)
            turns.append((c, w))
            for j in range(i, high):
                u, v = a[i][j], a[i + 1][j]
                a[i][j] = c.conjugate() * u + w.conjugate() * v
                a[i + 1][j] = c * v - w * u
        for i, (c, w) in zip(range(low, high - 1), turns, strict=True):
            for j in range(low, min(i + 2, high - 1) + 1):
                u, v = a[j][i], a[j][i + 1]
                a[j][i] = u * c + v * w
                a[j][i + 1] = v * c.conjugate() - u * w.conjugate()
        for i in range(low, high):
            a[i][i] += shift
    return values
