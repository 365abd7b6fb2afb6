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
from sympy import DiagMatrix, MatMul, MatrixSymbol, OneMatrix, Symbol, Transpose, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import (
    PROBES,
    SYMBOLIC,
    RowAlgebra,
    Witness,
    at_tokens,
    row_defect,
    settle,
    vector_difference,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import Evaluator, differential, residual
from theory.models import CAUSAL, SA, Model
from theory.symbols import X, beta, d, m, n, z

TEST_DIRECTION = MatrixSymbol("b", d, 1)


TEST_POWER = Symbol("p", integer=True, positive=True)


def _is_integral(expr: Any) -> bool:
    """Whether a sum over tokens is ``∫ f(<y, Cx>) x dmu(x)`` or ``∫ f(<y, Cx>) dmu(x)``."""
    letters = expr.args if isinstance(expr, MatMul) else ()
    if not letters or not isinstance(letters[0], Elementwise):
        return False
    scores = letters[0].expr
    inside = scores.args if isinstance(scores, MatMul) else ()
    return (
        letters[1:] in ((DiagMatrix(m), X), (m,))
        and inside[:1] == (PROBES,)
        and inside[-1:] == (Transpose(X),)
        and not any(letter.free_symbols & {X, m, PROBES} for letter in inside[1:-1])
    )


def check_weak_form(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check that the tokens' empirical measure solves the continuity equation of a field.

    Three residuals: ``x_i' - X[mu](x_i)``; whatever enters X[mu] but through integrals against
    mu; and the weak form for the test functions ``<b, x>^p`` with symbolic b and p.

    Parameters
    ----------
    model : Model
        The flow of the tokens.
    prediction : MatrixExpr
        X[mu] at the rows of ``PROBES``.
    budget : Budget
        Points to draw for a counterexample.
    """
    algebra, probing = RowAlgebra(), RowAlgebra()
    here = at_tokens(prediction)
    probing.vector(prediction)
    stray = [e for e in probing.names if e != PROBES and not _is_integral(e)]
    masses = algebra.column(m)
    moment = Elementwise(z**TEST_POWER, X * TEST_DIRECTION)
    test = Elementwise(z**TEST_POWER, PROBES * TEST_DIRECTION)
    rate = masses * algebra.column(differential(moment, X, model.velocity))
    flux = masses * algebra.column(at_tokens(differential(test, PROBES, prediction)))
    residuals = [
        (
            "x_i' - X[mu](x_i)",
            vector_difference(algebra.vector(model.velocity), algebra.vector(here)),
        ),
        ("not an integral against mu", ", ".join(map(str, stray)) or 0),
        ("d/dt Σ m_i <b,x_i>^p", residual(rate - flux)),
    ]

    def refute(rng: np.random.Generator) -> str:
        point = Witness(rng, [model.velocity, here])
        at = point.evaluator()
        return _split_defect(model, point, at) or row_defect(
            at(model.velocity), at(here), "x_{i}' - X[mu](x_{i})", point
        )

    return settle(
        residuals,
        refute,
        budget,
        "d/dt Σ m_i <b,x_i>^p - Σ m_i <grad, X[mu](x_i)>, and X[mu] reads mu by integrals only",
        legend=algebra.legend,
        scope={**SYMBOLIC, "test functions": "<b,x>^p, b and p symbolic"},
        assumptions=("the span of the powers <b,x>^p is dense in C^1 of the sphere",),
        identity=(prediction, model.velocity),
    )


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


WEAK_FORM = Claim(
    label="(3.4)",
    statement="The tokens' measure solves the continuity equation of X[mu] in the weak sense.",
    model=SA,
    prediction=Tangent(PROBES, RowSoftmax(beta * PROBES * X.T, m) * X),
    check=check_weak_form,
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
