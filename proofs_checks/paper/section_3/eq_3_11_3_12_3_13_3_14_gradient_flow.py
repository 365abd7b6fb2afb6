"""(3.11), (3.12)-(3.14): gradient flows of E.

Main results
------------
- (3.11): USA is x_i' = (1/m_i) grad_i E, n grad E for equal masses.
- (3.12)-(3.14): with V = Q^T K symmetric, attention is a gradient flow in a metric.

How it is proved
----------------
The row algebra reduces g_i x_i' - P_i dE/dx_i to 0, with g = m for USA and g = m_i Z_i for
symmetric V = Q^T K; the closed form of dE is held against the differential of the energy. Exact
for symbolic n, d, β, masses and V. Rational points, enclosed by intervals, are drawn only to
refute.

References
----------
arXiv 2312.10794, (3.11) to (3.14).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, HadamardProduct, OneMatrix, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Evidence, Hypothesis, Part, Verdict
from proofs_checks.proof import (
    NONZERO,
    RowAlgebra,
    Witness,
    gradient_row,
    row_defect,
    settle,
    vector_difference,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import energy_gradient
from theory.models import SA, SYMMETRIC_QKV, USA, Model
from theory.symbols import V, X, beta, m, n, z


@dataclass(frozen=True)
class WeightedMetric:
    """The inner product ``Σ_i g_i <a_i, b_i>`` on tangent vectors.

    Attributes
    ----------
    weights : MatrixExpr, shape (n, 1)
        The weights g.
    symmetric : frozenset of MatrixSymbol
        Matrices that the statement assumes to be symmetric.
    """

    weights: MatrixExpr
    symmetric: frozenset[Any] = frozenset()


def check_gradient_structure(model: Model, prediction: WeightedMetric, budget: Budget) -> Evidence:
    """Check ``g_i x_i' = P_i dE/dx_i``: the flow is the gradient of its energy in a metric.

    Parameters
    ----------
    model : Model
        The flow with its energy.
    prediction : WeightedMetric
        The metric, and which matrices are symmetric.
    budget : Budget
        Points to draw for a counterexample.
    """
    symmetric = prediction.symmetric
    algebra = RowAlgebra(symmetric)
    ascent, _, own = gradient_row(algebra, model)
    climb = Tangent(X, ascent)
    moved = algebra.vector(model.velocity) * algebra.column(prediction.weights)
    scaled = DiagMatrix(prediction.weights) * model.velocity

    def refute(rng: np.random.Generator) -> str:
        point = Witness(rng, [model.velocity, climb, scaled], symmetric=symmetric)
        at = point.evaluator()
        return row_defect(at(scaled), at(climb), "g_{i} x_{i}' - P dE/dx_{i}", point)

    names = sorted(map(str, symmetric))
    return settle(
        [
            ("dE", own),
            ("<a, g_i x_i' - P dE/dx_i>", vector_difference(moved, algebra.vector(climb))),
        ],
        refute,
        budget,
        f"g_i x_i' - P_i dE/dx_i with g = {prediction.weights}",
        legend=algebra.legend,
        scope={**NONZERO, **{name: "symbolic, symmetric" for name in names}},
        identity=(
            DiagMatrix(prediction.weights) * model.velocity
            - Tangent(X, energy_gradient(model.energy)),
        ),
    )


def _symmetry(matrix: Any = None, **_: Any) -> float:
    """Minus the largest entry of ``V - V^T``; 0 when no matrix is given."""
    if matrix is None:
        return 0.0
    array = np.asarray(matrix, dtype=float)
    return -float(np.max(np.abs(array - array.T), initial=0.0))


ROUND_GRADIENT = Claim(
    label="(3.11)",
    statement="USA is the gradient flow x_i' = (1/m_i) grad_i E, n grad E for equal masses.",
    model=USA,
    prediction=WeightedMetric(m),
    check=check_gradient_structure,
    controls=(
        Control("factor n omitted: x_i' = grad_i E", prediction=WeightedMetric(OneMatrix(n, 1))),
        Control("the normalised flow SA", model=SA),
    ),
    expected=Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


_VALUE_SUM = Elementwise(exp(beta * z), X * V * X.T) * m


_VALUE_METRIC = WeightedMetric(HadamardProduct(m, _VALUE_SUM), frozenset({V}))


WEIGHTED_GRADIENT = Claim(
    label="(3.12)-(3.14)",
    statement="With V = Q^T K symmetric, attention is a gradient flow in the metric with m_i Z_i.",
    model=SYMMETRIC_QKV,
    prediction=_VALUE_METRIC,
    check=check_gradient_structure,
    controls=(
        Control("V not symmetric", prediction=replace(_VALUE_METRIC, symmetric=frozenset())),
        Control("the unweighted metric", prediction=replace(_VALUE_METRIC, weights=m)),
        Control(
            "value matrix I in place of V = Q^T K",
            model=replace(
                SYMMETRIC_QKV, velocity=Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X)
            ),
        ),
    ),
    expected=Verdict.PROVED,
    hypotheses=(Hypothesis("V = Q^T K symmetric", _symmetry),),
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (ROUND_GRADIENT, WEIGHTED_GRADIENT)
