"""E.(6.12), (6.12): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Rational, log

from proofs_checks.paper.section_6.eq_6_12_level_set import ERRATUM_6_12, LEVEL_SET
from proofs_checks.proof import unprojected
from theory.models import USA
from theory.symbols import gamma, t


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_median_time_of_two_tokens():
    law = ERRATUM_6_12.prediction.law
    delta = next(iter(law.free_symbols - {t}))
    median = log((2 - delta) / delta) / 2
    assert float(law.subs(t, median).subs(delta, Rational(1, 7))) == pytest.approx(0.5, abs=1e-14)


def test_the_printed_form_carries_its_counterexample(reports):
    found = dict(reports["E.(6.12)"].controls)
    assert "empty" in found["the set P(s) = level"].detail


TWINS = {
    "level set with 2T": replace(LEVEL_SET, prediction=2 * LEVEL_SET.prediction),
    "level set with T of γ²": replace(
        LEVEL_SET, prediction=LEVEL_SET.prediction.subs(gamma, gamma**2)
    ),
    "(6.12) with δ²": changed(ERRATUM_6_12, law=ERRATUM_6_12.prediction.law / 2),
    "(6.12) without P": replace(ERRATUM_6_12, model=(unprojected(USA),), printed=None),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
