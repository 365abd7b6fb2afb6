"""E.(3.7): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp, log

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.eq_3_7_logarithmic_derivative import LOGARITHMIC
from proofs_checks.proof import PROBES
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import SA
from theory.symbols import X, beta, m, z


def run(claim, model=None, prediction=None):
    model = claim.model if model is None else model
    prediction = claim.prediction if prediction is None else prediction
    return claim.check(model, prediction, Budget(20, np.random.default_rng(3)))


def test_printed_37_is_wrong_by_the_factor_beta(reports):
    report = reports["E.(3.7)"]
    assert report.printed.verdict is Verdict.REFUTED
    assert "residual (beta - 1)*" in report.printed.detail
    ratio = report.printed.detail.split("ratio ")[1].split(" ")[0]
    at = report.printed.detail.split("beta = ")[1].split(" ")[0]
    top, _, bottom = at.partition("/")
    assert float(ratio) == pytest.approx(int(top) / int(bottom or 1), rel=1e-5)


def test_constants_inside_the_logarithm_are_free():
    potential = Elementwise(log(z) / beta, Elementwise(7 * exp(beta * z), PROBES * X.T) * m)
    assert run(LOGARITHMIC, prediction=potential).verdict is Verdict.PROVED


def test_own_twin_is_refuted():
    evidence = run(
        LOGARITHMIC, replace(SA, velocity=Tangent(X, RowSoftmax(2 * beta * X * X.T, m) * X))
    )
    assert evidence.verdict is Verdict.REFUTED and " = " in evidence.detail
