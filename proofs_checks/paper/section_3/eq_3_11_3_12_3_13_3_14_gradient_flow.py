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

from proofs_checks.claim import Claim, Control, Hypothesis, Part, Verdict
from proofs_checks.proof import (
    NONZERO,
    Flow,
    How,
    Outcome,
    Premise,
    RowAlgebra,
    Sheet,
    Statement,
    Step,
    Vanishing,
    Witness,
    energy_of,
    gradient_row,
    row_defect,
    vanishes,
    vector_difference,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import energy_gradient
from theory.models import SA, SYMMETRIC_QKV, USA
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


def derive_metric(flow: Flow) -> WeightedMetric | None:
    """Return the metric that is derived from velocity and energy."""
    found = flow.climb.metric
    symmetric = frozenset(p for p in flow.model.parameters if flow.is_symmetric(p))
    return None if found is None else WeightedMetric(found, symmetric)


def metric_left(flow: Flow, prediction: WeightedMetric) -> Any:
    """``g_i x_i' = P_i dE/dx_i``: the flow is the gradient of its energy in a metric."""
    model, algebra = flow.model, RowAlgebra(prediction.symmetric)
    ascent, _, own = gradient_row(algebra, model)
    moved = algebra.vector(model.velocity) * algebra.column(prediction.weights)
    parts = (
        ("dE", own),
        (
            "<a, g_i x_i' - P_i dE/dx_i>",
            vector_difference(moved, algebra.vector(Tangent(X, ascent))),
        ),
    )
    compared = DiagMatrix(prediction.weights) * model.velocity
    return parts, (compared - Tangent(X, energy_gradient(energy_of(model))),)


def metric_at_a_point(flow: Flow, prediction: WeightedMetric, rng: np.random.Generator) -> str:
    """Compare both sides at a drawn point."""
    model = flow.model
    climb = Tangent(X, energy_gradient(energy_of(model)))
    scaled = DiagMatrix(prediction.weights) * model.velocity
    point = Witness(rng, [model.velocity, climb, scaled], symmetric=prediction.symmetric)
    at = point.evaluator()
    return row_defect(at(scaled), at(climb), "g_{i} x_{i}' - P dE/dx_{i}", point)


def _energetic(flow: Flow) -> Step:
    text = "the model states an energy"
    outcome = Outcome.FAILS if flow.model.energy is None else Outcome.HOLDS
    return Step(text, How.DERIVED, outcome, "" if flow.model.energy is not None else "none")


_REDUCED: Statement[WeightedMetric] = vanishes(
    "",
    "g_i x_i' = P_i dE/dx_i",
    Vanishing(metric_left, metric_at_a_point, "g_i x_i' - P_i dE/dx_i", NONZERO, confined=False),
    derive_metric,
    premises=(Premise("ENERGETIC", _energetic),),
)


def decide(flow: Flow, prediction: WeightedMetric) -> Sheet:
    """Reduce the difference to 0, and say which matrices are symmetric."""
    sheet = _REDUCED.decide(flow, prediction)
    named = {str(matrix): "symbolic, symmetric" for matrix in prediction.symmetric}
    return replace(sheet, words={**sheet.words, **named})


IN_METRIC = replace(_REDUCED, decide=decide)


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
    check=IN_METRIC,
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
    check=IN_METRIC,
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
