"""Gradients and potentials row by row, for (3.4) to (3.14): dE/dX, slopes, h * mu at any points.

Every residual is derived from the model's velocity and energy, for every n and d; defects are
shown in one direction at a drawn rational point.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from sympy import Expr, ImmutableMatrix, Rational, eye
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof.identity import MOVE, PROBE_MOVE, at_tokens
from proofs_checks.proof.row_algebra import PROBES, SYMBOLIC, RowAlgebra
from proofs_checks.proof.witness import Witness, decimal, excludes_zero
from theory.atoms import Elementwise, Tangent
from theory.energy import energy_gradient
from theory.engines import Vector, differential, inner, residual, vectors
from theory.masks import Mask
from theory.models import Model
from theory.symbols import X, beta, m, n

NONZERO = {**SYMBOLIC, "beta": "symbolic, nonzero"}
"""Scope of a proof about the energy, which has a pole at β = 0."""


def vector_difference(left: Vector, right: Vector) -> Expr:
    """Residual of an equality of vectors: the difference against an arbitrary vector a."""
    (probe,) = vectors("a")
    return residual(inner(probe, left - right))


def energy_of(model: Model) -> MatrixExpr:
    """Energy of a model; a model without one is an error."""
    if model.energy is None:
        raise ValueError(
            f"Expected a model with an energy but got model={model.name}; "
            "make it with gradient_flow or dataclasses.replace(model, energy=...)."
        )
    return model.energy


def gradient_row(algebra: RowAlgebra, model: Model) -> tuple[MatrixExpr, Vector, Expr]:
    """dE/dX, its row i, and the residual of <dE/dX, U> against the differential of the energy."""
    energy = energy_of(model)
    matrix = energy_gradient(energy)
    row = algebra.vector(matrix)
    moved = algebra.density(differential(energy, X, MOVE), MOVE)
    return matrix, row, residual(moved - inner(algebra.vector(MOVE), row))


def row_dot(left: Any, right: Any) -> Any:
    """Inner product of two rows of numbers or intervals."""
    return sum(a * b for a, b in zip(left, right, strict=True))


def orthonormal_apart(model: Model, rng: np.random.Generator) -> tuple[str, int] | None:
    """Find orthonormal tokens whose inner products leave 0 at different rates, enclosed.

    The axes, then a frame of other directions, which coordinates one by one tell apart.
    """
    if model.kind != "flow" or model.space != "sphere":
        return None
    hidden = [mask.unseen[2] for mask in model.velocity.atoms(Mask) if mask.unseen]
    size = max([3, *hidden])  # of fewer each sees all
    size = Witness(rng, [model.velocity], tokens=size).sizes[n]  # that of a given mask
    point = Witness(rng, [model.velocity], tokens=size, width=size)
    if beta in point.scalars:
        point.scalars[beta] = abs(point.scalars[beta])  # the statement is for β >= 0
    normal = ImmutableMatrix(range(1, size + 1))
    mirrored = eye(size) - 2 * normal * normal.T / normal.dot(normal)
    for frame in (eye(size), mirrored):
        rows = frame.tolist()
        point.matrices |= {X: rows, m: [[Rational(1, size)]] * size}
        try:
            moves = point.evaluator()(model.velocity)
        except NotImplementedError:
            return None
        pairs = combinations(range(size), 2)
        rates = {(i, j): row_dot(moves[i], rows[j]) + row_dot(moves[j], rows[i]) for i, j in pairs}
        for one, other in combinations(rates, 2):
            if excludes_zero(rates[one] - rates[other]):
                said = ", ".join(
                    f"<x_{i + 1},x_{j + 1}>' = {decimal(rates[i, j])}" for i, j in (one, other)
                )
                return f"{model.name}, orthonormal tokens: at t = 0 {said} at {point}", size
    return None


def row_defect(left: Any, right: Any, text: str, point: Witness) -> str:
    """Name the first coordinate where two enclosed matrices surely differ, or ""."""
    for i, (first, second) in enumerate(zip(left, right, strict=True), start=1):
        for j, (a, b) in enumerate(zip(first, second, strict=True), start=1):
            if excludes_zero(a - b):
                return f"{text.format(i=i)}: coordinate {j} is {decimal(a - b)} at {point}"
    return ""


def potential_slope(algebra: RowAlgebra, potential: MatrixExpr) -> Expr:
    """``<u, grad φ(x_i)>``, the spherical gradient of a potential given at ``PROBES``."""
    tangent = Tangent(PROBES, PROBE_MOVE)
    return algebra.column(at_tokens(differential(potential, PROBES, tangent)))


def slope_defect(model: Model, potential: MatrixExpr, rng: np.random.Generator) -> str:
    """Compare velocity and gradient in one direction at a drawn point."""
    tangent = Tangent(PROBES, PROBE_MOVE)
    slope = at_tokens(differential(potential, PROBES, tangent))
    point = Witness(rng, [model.velocity, slope])
    at = point.evaluator()
    values = zip(at(slope), at(MOVE), at(model.velocity), strict=True)
    for i, (found, u, velocity) in enumerate(values, start=1):
        own = row_dot(u, velocity)
        if excludes_zero(found[0] - own):
            ratio = f", ratio {decimal(found[0] / own)}" if excludes_zero(own) else ""
            return (
                f"<u, grad> = {decimal(found[0])}, <u, x_{i}'> = {decimal(own)}{ratio} at {point}"
            )
    return ""


def convolution(kernel: Any) -> MatrixExpr:
    """``(h * mu)(y)`` at the rows of ``PROBES``."""
    return Elementwise(kernel, PROBES * X.T) * m
