"""(3.4): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
from sympy import DiagMatrix, HadamardProduct, exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.eq_3_4_weak_form import WEAK_FORM
from proofs_checks.proof import PROBES
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import SA, USA
from theory.symbols import X, beta, m, z


def run(claim, model=None, prediction=None):
    model = claim.model if model is None else model
    prediction = claim.prediction if prediction is None else prediction
    return claim.check(model, prediction, Budget(20, np.random.default_rng(3)))


def test_weak_form_of_usa():
    kernel = Elementwise(exp(beta * z), PROBES * X.T)
    field = Tangent(PROBES, kernel * DiagMatrix(m) * X)
    assert run(WEAK_FORM, USA, field).verdict is Verdict.PROVED
    without = Tangent(PROBES, kernel * X)
    assert run(WEAK_FORM, USA, without).verdict is Verdict.REFUTED
    splitting = run(
        WEAK_FORM, replace(USA, velocity=Tangent(X, Elementwise(exp(beta * z), X * X.T) * X))
    )
    assert "splitting token 1" in splitting.detail


TWIN = replace(SA, velocity=Tangent(X, RowSoftmax(beta * X * X.T, HadamardProduct(m, m)) * X))


def test_own_twin_is_refuted():
    evidence = run(WEAK_FORM, TWIN)
    assert evidence.verdict is Verdict.REFUTED and " = " in evidence.detail
