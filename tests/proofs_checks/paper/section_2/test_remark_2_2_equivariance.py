"""Remark 2.2, Rotation equivariance: twins of our own and independent mathematics."""

import numpy as np
import pytest
from sympy import MatrixSymbol

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_2.remark_2_2_equivariance import PERMUTATIONS, ROTATIONS
from theory.atoms import RowSoftmax, Tangent
from theory.models import CAUSAL, Model
from theory.symbols import V, X, beta, d, m, n

SCORES = beta * X * X.T
PLACES = MatrixSymbol("P", n, d)


def run(claim, model):
    return claim.check(model, claim.prediction, Budget(20, np.random.default_rng(3)))


TWINS = {
    PERMUTATIONS.label: Model(
        "positions in the dynamics",
        Tangent(X, RowSoftmax(SCORES, m) * X + PLACES),
        parameters=(beta, PLACES),
    ),
    ROTATIONS.label: Model(
        "bilinear scores", Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X), parameters=(beta, V)
    ),
}
BOTH = pytest.mark.parametrize("claim", (PERMUTATIONS, ROTATIONS), ids=lambda c: c.label)


@BOTH
def test_own_twin_is_refuted(claim):
    evidence = run(claim, TWINS[claim.label])
    assert evidence.verdict is Verdict.REFUTED and evidence.cases >= 1


@BOTH
def test_sizes_are_symbolic_and_controls_show_a_point(claim, reports):
    report = reports[claim.label]
    assert {report.evidence.scope[size] for size in ("n", "d", "beta", "masses")} == {"symbolic"}
    for _, evidence in report.controls:
        assert "X = [" in evidence.detail and "beta = 1 " not in evidence.detail


@BOTH
def test_one_broken_model_among_good_ones_is_found(claim):
    evidence = run(claim, (*claim.model[:2], TWINS[claim.label]))
    assert evidence.verdict is Verdict.REFUTED and TWINS[claim.label].name in evidence.detail


def test_causal_attention_rotates_but_sees_labels():
    assert run(ROTATIONS, CAUSAL).verdict is Verdict.PROVED
    assert run(PERMUTATIONS, CAUSAL).verdict is Verdict.REFUTED
