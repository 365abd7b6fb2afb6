"""(3.11), (3.12)-(3.14): gradient flows of E.

Main results
------------
- (3.11): USA is x_i' = (1/m_i) grad_i E, n grad E for equal masses.
- (3.12)-(3.14): with V = Q^T K symmetric, attention is a gradient flow in a metric.

How it is proved
----------------
A theorem on energies of pairs: E' = Σ_i g_i <x_i', v_i> along every curve of tokens, for the
velocity v as it is written and g > 0, with g = m for USA and g = m_i Z_i for symmetric V = Q^T K.
Exact for symbolic n, d, β, masses and V. Rational points, enclosed by intervals, are drawn only to
refute.

References
----------
arXiv 2312.10794, (3.11) to (3.14).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, HadamardProduct, OneMatrix, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Hypothesis, Part, Verdict
from proofs_checks.proof import Counterexample, Flow, Statement, Witness, energy_of, row_defect
from proofs_checks.theorems import Concludes, Conclusion, Refusal, in_metric, of_stated
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


def _off_metric(flow: Flow, prediction: WeightedMetric, rng: np.random.Generator) -> str:
    """Compare ``g_i x_i'`` with ``P_i dE/dx_i`` at a drawn point."""
    model = flow.model
    climb = Tangent(X, energy_gradient(energy_of(model)))
    scaled = DiagMatrix(prediction.weights) * model.velocity
    point = Witness(rng, [model.velocity, climb, scaled], symmetric=prediction.symmetric)
    at = point.evaluator()
    return row_defect(at(scaled), at(climb), "g_{i} x_{i}' - P dE/dx_{i}", point)


DRAWN = 2
"""Points that are drawn: analytic sides that differ do so at almost every one."""


def refute_metric(
    flow: Flow, prediction: WeightedMetric | None, budget: Budget
) -> Counterexample | None:
    """Find a rational point where the velocity isn't the gradient of the energy."""
    if prediction is None or flow.model.energy is None:
        return None
    for case in range(1, DRAWN + 1):
        with suppress(NotImplementedError):  # a point of no enclosure
            if found := _off_metric(flow, prediction, budget.rng):
                return Counterexample(found, cases=case)
    return None


def conclude_metric(flow: Flow, prediction: WeightedMetric) -> Conclusion | Refusal:
    """Say that the velocity is the gradient of the stated energy in a metric."""
    return of_stated(in_metric, flow, prediction.weights, prediction.symmetric)


IN_METRIC: Statement[WeightedMetric] = Statement(
    "",
    "x_i' = v_i, dE = Σ_i g_i <dx_i, v_i>, g_i > 0",
    Concludes(conclude_metric),
    derive_metric,
    refute_metric,
    typed=True,
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
