"""(3.4): the tokens' measure solves the continuity equation of X[mu] weakly.

How it is proved
----------------
A theorem on fields that read the measure of the tokens through integrals, for every f in C^1 of the
sphere, with the velocity as it is written. Where x_i' - X[mu](x_i) or what isn't an integral is
left, rational points, also with one token split in two, are drawn to refute.

References
----------
arXiv 2312.10794, (3.4).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, OneMatrix, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Control, Verdict
from proofs_checks.proof import (
    ON_SPHERE,
    PROBES,
    Flow,
    RowAlgebra,
    Statement,
    Vanishing,
    Witness,
    at_tokens,
    beyond_integrals,
    field_of,
    row_defect,
    vanishes,
    vector_difference,
)
from proofs_checks.proof.kinds import UNLABELLED
from proofs_checks.theorems import AlongField, Concludes, weak_solution
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import Evaluator
from theory.models import CAUSAL, SA, Model
from theory.symbols import X, beta, m, n, z


def _split_defect(model: Model, point: Witness, at: Evaluator) -> str:
    """Split the first token into two at the same place: nothing may change."""
    points, masses = point.matrices[X], point.matrices[m]
    parts = [[masses[0][0] / 4], [3 * masses[0][0] / 4]]
    twin = point.evaluator({X: [points[0], *points], m: [*parts, *masses[1:]]})
    before, after = at(model.velocity), twin(model.velocity)
    return row_defect(
        after[1:],
        before,
        "splitting token 1 of mass m_1 into m_1/4 and 3 m_1/4 changes x_{i}'",
        point,
    )


def field_left(flow: Flow, prediction: MatrixExpr) -> Any:
    """``x_i' - X[mu](x_i)``, and whatever enters X[mu] but through integrals against mu."""
    algebra, velocity, stray = RowAlgebra(), flow.model.velocity, beyond_integrals(prediction)
    here = algebra.vector(at_tokens(prediction))
    parts = (
        ("x_i' - X[mu](x_i)", vector_difference(algebra.vector(velocity), here)),
        ("not an integral against mu", ", ".join(map(str, stray)) or 0),
    )
    return parts, (prediction, velocity)


def weak_at_a_point(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> str:
    """Split a token in two, and compare the velocity with the field, at a drawn point."""
    here = at_tokens(prediction)
    point = Witness(rng, [flow.model.velocity, here])
    at = point.evaluator()
    return _split_defect(flow.model, point, at) or row_defect(
        at(flow.model.velocity), at(here), "x_{i}' - X[mu](x_{i})", point
    )


_SOLVES = "the tokens' measure solves mu_t + div(X[mu] mu) = 0 weakly"
_BROKEN: Statement[MatrixExpr] = vanishes(
    "", _SOLVES, Vanishing(field_left, weak_at_a_point, _SOLVES, confined=False), field_of
)
WEAKLY: Statement[MatrixExpr] = Statement(
    "(3.4)",
    _SOLVES,
    Concludes(AlongField(weak_solution), words=(("beta", "symbolic"),)),
    field_of,
    _BROKEN.refute,
    domain=(UNLABELLED,),
    premises=(ON_SPHERE,),
    typed=True,
)


WEAK_FORM = Claim(
    label="(3.4)",
    statement="The tokens' measure solves the continuity equation of X[mu] in the weak sense.",
    model=SA,
    prediction=Tangent(PROBES, RowSoftmax(beta * PROBES * X.T, m) * X),
    check=WEAKLY,
    controls=(
        Control("a causal mask, which sees labels", model=CAUSAL),
        Control(
            "a field that counts tokens in place of their masses",
            model=replace(SA, velocity=Tangent(X, RowSoftmax(beta * X * X.T, OneMatrix(n, 1)) * X)),
        ),
        Control(
            "no normalisation by Z in the field",
            prediction=Tangent(
                PROBES, Elementwise(exp(beta * z), PROBES * X.T) * DiagMatrix(m) * X
            ),
        ),
    ),
    expected=Verdict.PROVED,
)


CLAIMS = (WEAK_FORM,)
