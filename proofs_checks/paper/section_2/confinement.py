"""Confinement: tokens stay on the sphere.

How it is proved
----------------
The row algebra reduces <x_i, x_i'> to 0 for SA, USA, (2.3), (2.7), (2.8), attention with V = Q^T
K symmetric, V = -I, Sinkhorn attention, and the projection of any field. The reduction is exact
for every n, d and all matrices; the numbers of heads are fixed. Points are drawn only to refute
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

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    SCALAR,
    SYMBOLIC,
    RowAlgebra,
    floats,
    models_of,
    off_sphere,
    seen,
    settle,
    unprojected,
)
from theory.atoms import Tangent
from theory.engines import inner, residual
from theory.layers import feed_forward, multi_head
from theory.models import QKV, REPULSIVE, SA, SINKHORN, SYMMETRIC_QKV, USA, Model
from theory.symbols import V, X, d, n


def check_confinement(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Compare ``<x_i, x_i'>`` with the prediction (zero) in the Gram algebra, for every row.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Expr
        The value of ``<x_i, x_i'>``.
    budget : Budget
        Points to draw for a counterexample.
    """
    residuals, legends, broken = [], [], []
    for one in models_of(model):
        algebra = RowAlgebra()
        radial = inner(algebra.vector(X), algebra.vector(one.velocity)) - prediction
        left = residual(radial)
        residuals.append((one.name, left))
        if left != 0:
            broken.append(one)
            legends.append(algebra.legend)

    def refute(rng: np.random.Generator) -> str:
        try:
            return off_sphere(broken[0].velocity, rng, prediction)
        except NotImplementedError:
            field, points = floats(broken[0], rng)
            radial = np.sum(points * field(points), axis=-1) - float(prediction)
            return seen("<x_i, x_i'> is off", radial, points)

    names = ", ".join(one.name for one in models_of(model))
    return settle(
        residuals,
        refute,
        budget,
        f"<x_i, x_i'> for {names}",
        legend="; ".join(legends),
        scope={**SYMBOLIC, "models": names},
        identity=tuple(
            HadamardProduct(X, one.velocity) * OneMatrix(d, 1) - prediction * OneMatrix(n, 1)
            for one in models_of(model)
        ),
    )


_FIELD = MatrixSymbol("F", n, d)


_ANY = Model("P F for any field F", Tangent(X, _FIELD), parameters=(_FIELD,))


CONFINEMENT = Claim(
    label="Confinement",
    statement="Tokens stay on the sphere: <x_i, x_i'> = 0 for SA, USA, (2.3), (2.7), (2.8).",
    model=(SA, USA, QKV, multi_head(2), feed_forward(1), SYMMETRIC_QKV, REPULSIVE, SINKHORN, _ANY),
    prediction=S.Zero,
    check=check_confinement,
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
