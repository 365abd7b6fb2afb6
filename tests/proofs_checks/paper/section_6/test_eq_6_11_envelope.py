"""(6.11): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import S, exp

from proofs_checks.claim import Verdict, run_check
from proofs_checks.paper.section_6.eq_6_11_envelope import INEQUALITY_6_11
from proofs_checks.proof import R0, Flow
from theory.atoms import Tangent
from theory.models import QKV, SA, USA
from theory.symbols import X, beta, t


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_bound_of_6_11_is_that_of_theorem_6_3_squared():
    tail = INEQUALITY_6_11.prediction.tail
    constant = 2 * (R0**-2 - 1) ** S.Half
    assert (tail.subs(t, 0) - constant**2 / 2).expand() == 0


def test_a_general_value_matrix_lacks_a_hypothesis():
    evidence, error = run_check(replace(INEQUALITY_6_11, model=QKV), "", 1, 0)
    assert evidence.verdict is Verdict.VACUOUS and error is None
    assert "VALUE_IS_IDENTITY" in evidence.detail


TWINS = {
    "(6.11) with a fast tail": changed(
        INEQUALITY_6_11, tail=INEQUALITY_6_11.prediction.tail * exp(-3 * t)
    ),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_other_flows_have_their_own_constants():
    def rate(model, **given):
        evidence = INEQUALITY_6_11.check.ask(Flow.of(model, **given))
        assert evidence.verdict is Verdict.PROVED
        return evidence.prediction.rate

    assert rate(USA).equals(2 * (1 + beta) * exp(beta))
    assert rate(replace(SA, velocity=Tangent(X, 5 * SA.velocity.field))) == 10 * (1 + beta)
    assert rate(SA, beta=2) == 6
