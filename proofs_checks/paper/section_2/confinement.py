"""Confinement: tokens stay on the sphere.

How it is proved
----------------
A theorem on what moves along projections, x_i' = P_i F_i as the model's own expression has it, for
any field F: of SA, USA, (2.3), (2.7), (2.8), attention with V = Q^T K symmetric, V = -I, Sinkhorn
attention, for every n, d, every number of heads and neurons, and all matrices; of several blocks
each one on the sphere is asked. What isn't written as a projection the row algebra reduces, and
where it leaves a residual points are drawn: rational ones in intervals, or floats where an operator
isn't enclosed.

References
----------
arXiv 2312.10794, Section 2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Expr, HadamardProduct, MatrixSymbol, OneMatrix, S

from proofs_checks.claim import Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    SCALAR,
    Domain,
    Flow,
    How,
    Outcome,
    RowAlgebra,
    Statement,
    Step,
    Vanishing,
    decimal,
    excludes_zero,
    floats,
    off_sphere,
    seen,
    state_at,
    unprojected,
    vanishes,
)
from proofs_checks.propositions import Subject
from proofs_checks.readings import Asked
from proofs_checks.theorems import Concludes, Conclusion, Refusal, confined, values_in
from theory.atoms import RowNormalize, Tangent
from theory.engines import inner, residual
from theory.layers import feed_forward, multi_head
from theory.models import QKV, REPULSIVE, SA, SINKHORN, SYMMETRIC_QKV, USA, Model
from theory.symbols import V, X, d, heads, n


def derive_radial(flow: Flow) -> Expr:
    """Return 0."""
    return S.Zero


def radial_left(flow: Flow, prediction: Expr) -> Any:
    """Compare ``<x_i, x_i'>`` with the prediction (zero) in the Gram algebra, for every row.

    Of a map it is the length of the image: 1 where the rows are divided by theirs.
    """
    if flow.model.kind == "map":
        if isinstance(flow.model.velocity, RowNormalize):
            return (("|y_i| - 1 of y_i = v_i/|v_i|", prediction),), (flow.model.velocity,)
        raise NotImplementedError("a map that isn't seen to divide its rows by their lengths")
    if len(flow.model.blocks) > 1:
        spheres = [b.symbol for b in flow.model.blocks if b.space == "sphere"]
        parts = [(_radial(symbol), _of_block(flow.model, symbol)) for symbol in spheres]
        return tuple(parts), tuple(flow.model.velocities[symbol] for symbol in spheres)
    algebra, velocity = RowAlgebra(), flow.model.velocity
    radial = inner(algebra.vector(X), algebra.vector(velocity)) - prediction
    compared = HadamardProduct(X, velocity) * OneMatrix(d, 1) - prediction * OneMatrix(n, 1)
    return (("<x_i, x_i'>", residual(radial)),), (compared,)


def _radial(symbol: Any) -> str:
    row = str(symbol).lower()
    return f"<{row}_i, {row}_i'>"


def _of_block(model: Model, symbol: Any) -> Expr:
    """Reduce ``<y_i, P_i F_i>``, for any field F of a block; 1 for what is no projection."""
    velocity = model.velocities[symbol]
    if not isinstance(velocity, Tangent) or velocity.points != symbol:
        return S.One
    algebra = RowAlgebra()
    return residual(inner(algebra.vector(X), algebra.vector(Tangent(X, _FIELD))))


def _off_blocks(model: Model, rng: np.random.Generator) -> str:
    """Draw a state and say which row of a block on the sphere leaves it, or ""."""
    point = state_at(model, rng)
    at = point.evaluator()
    for symbol in (b.symbol for b in model.blocks if b.space == "sphere"):
        row = str(symbol).lower()
        for i, (x, v) in enumerate(zip(at(symbol), at(model.velocities[symbol]), strict=True), 1):
            value = sum(a * b for a, b in zip(x, v, strict=True))
            if excludes_zero(value):
                return f"<{row}_{i}, {row}_{i}'> = {decimal(value)} at {point}"
    return ""


def radial_at_a_point(flow: Flow, prediction: Expr, rng: np.random.Generator) -> str:
    """Look at a rational point, or in floats where an operator isn't enclosed."""
    if len(flow.model.blocks) > 1:
        found = _off_blocks(flow.model, rng)
        return f"{flow.name}: {found}" if found else ""
    try:
        found = off_sphere(flow.model.velocity, rng, prediction)
    except NotImplementedError:
        field, points = floats(flow.model, rng)
        radial = np.sum(points * field(points), axis=-1) - float(prediction)
        found = seen("<x_i, x_i'> is off", radial, points)
    return f"{flow.name}: {found}" if found else ""


def _sphere(flow: Flow) -> Step:
    text = "a flow, or a map of the sphere"
    if flow.model.kind == "map" and flow.model.space != "sphere":
        return Step(text, How.DERIVED, Outcome.FAILS, "the model lives in R^d")
    return Step(text, How.DERIVED, formal=Asked())


_FIELD = MatrixSymbol("F", n, d)


def conclude_confined(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that what is on the sphere moves across itself, while the solution lives."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    return confined(Subject.of(flow.model, values), prediction)


_IN_WORDS: Statement[Expr] = vanishes(
    "confinement",
    "tokens stay on the sphere",
    Vanishing(radial_left, radial_at_a_point, "<x_i, x_i'>", confined=False),
    derive_radial,
    domain=(Domain("a flow, or a map of the sphere", _sphere, kind=True),),
    several_blocks=True,
)
CONFINED = replace(_IN_WORDS, decide=Concludes(conclude_confined, _IN_WORDS.decide), typed=True)


_ANY = Model("P F for any field F", Tangent(X, _FIELD), parameters=(_FIELD,))


CONFINEMENT = Claim(
    label="Confinement",
    statement="Tokens stay on the sphere: <x_i, x_i'> = 0 for SA, USA, (2.3), (2.7), (2.8).",
    model=(
        *(SA, USA, QKV, multi_head(heads), feed_forward(heads)),
        *(SYMMETRIC_QKV, REPULSIVE, SINKHORN, _ANY),
    ),
    prediction=S.Zero,
    check=CONFINED,
    controls=(
        Control("SA without the projection", model=unprojected(SA)),
        Control("USA without the projection", model=unprojected(USA)),
        Control(
            "QKV with a residual term V x_i outside the projection",
            model=replace(QKV, velocity=QKV.velocity + X * V.T),
        ),
    ),
    expected=Verdict.PROVED,
    equivalents=(Equivalent("P_i F is tangent whatever F is", SCALAR),),
)


CLAIMS = (CONFINEMENT,)
