"""(3.4): the tokens' measure solves the continuity equation of X[mu] weakly.

How it is proved
----------------
The row algebra reduces x_i' - X[mu](x_i), and the rate of Σ m_i <b,x_i>^p minus its flux, to 0,
with symbolic b, p, n, d and masses. X[mu] is read: it uses mu through integrals only. Cited: the
span of the powers <b,x>^p is dense in C^1 of the sphere. Rational points, also with one token
split in two, are drawn only to refute.

References
----------
arXiv 2312.10794, (3.4).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, MatrixSymbol, OneMatrix, Symbol, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Control, Verdict
from proofs_checks.proof import (
    ON_SPHERE,
    PROBES,
    SYMBOLIC,
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
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import Evaluator, differential, residual
from theory.models import CAUSAL, SA, Model
from theory.symbols import X, beta, d, m, n, z

TEST_DIRECTION = MatrixSymbol("b", d, 1)


TEST_POWER = Symbol("p", integer=True, positive=True)


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


def weak_left(flow: Flow, prediction: MatrixExpr) -> Any:
    """Three residuals of the continuity equation of a field.

    ``x_i' - X[mu](x_i)``; whatever enters X[mu] but through integrals against mu; and the weak
    form for the test functions ``<b, x>^p`` with symbolic b and p.
    """
    algebra, velocity, stray = RowAlgebra(), flow.model.velocity, beyond_integrals(prediction)
    masses = algebra.column(m)
    moment = Elementwise(z**TEST_POWER, X * TEST_DIRECTION)
    test = Elementwise(z**TEST_POWER, PROBES * TEST_DIRECTION)
    rate = masses * algebra.column(differential(moment, X, velocity))
    flux = masses * algebra.column(at_tokens(differential(test, PROBES, prediction)))
    here = algebra.vector(at_tokens(prediction))
    parts = (
        ("x_i' - X[mu](x_i)", vector_difference(algebra.vector(velocity), here)),
        ("not an integral against mu", ", ".join(map(str, stray)) or 0),
        ("d/dt Σ m_i <b,x_i>^p", residual(rate - flux)),
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


WEAKLY: Statement[MatrixExpr] = vanishes(
    "(3.4)",
    "the tokens' measure solves mu_t + div(X[mu] mu) = 0 weakly",
    Vanishing(
        weak_left,
        weak_at_a_point,
        "d/dt Σ m_i <b,x_i>^p - Σ m_i <grad, X[mu](x_i)>, and X[mu] reads mu by integrals only",
        {**SYMBOLIC, "test functions": "<b,x>^p, b and p symbolic"},
        ("the span of the powers <b,x>^p is dense in C^1 of the sphere",),
        confined=False,
    ),
    field_of,
    domain=(UNLABELLED,),
    premises=(ON_SPHERE,),
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
