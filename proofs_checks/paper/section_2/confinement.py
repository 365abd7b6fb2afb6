"""Confinement: tokens stay on the sphere.

How it is proved
----------------
The row algebra reduces <x_i, x_i'> to 0 for SA, USA, (2.3), (2.7), (2.8), attention with V = Q^T
K symmetric, V = -I, Sinkhorn attention, and the projection of any field. The reduction is exact
for every n, d, every number of heads and neurons, and all matrices. Points are drawn only to refute
a flow that leaves a residual: at rational points in intervals, or in floats where an operator
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
    floats,
    off_sphere,
    seen,
    unprojected,
    vanishes,
)
from proofs_checks.readings import Asked
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
    algebra, velocity = RowAlgebra(), flow.model.velocity
    radial = inner(algebra.vector(X), algebra.vector(velocity)) - prediction
    compared = HadamardProduct(X, velocity) * OneMatrix(d, 1) - prediction * OneMatrix(n, 1)
    return (("<x_i, x_i'>", residual(radial)),), (compared,)


def radial_at_a_point(flow: Flow, prediction: Expr, rng: np.random.Generator) -> str:
    """Look at a rational point, or in floats where an operator isn't enclosed."""
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


CONFINED: Statement[Expr] = vanishes(
    "confinement",
    "tokens stay on the sphere",
    Vanishing(radial_left, radial_at_a_point, "<x_i, x_i'>", confined=False),
    derive_radial,
    domain=(Domain("a flow, or a map of the sphere", _sphere, kind=True),),
)


_FIELD = MatrixSymbol("F", n, d)


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
