"""Remark 3.8: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_3.remark_3_8_conformal import CONFORMAL, LEVEL
from proofs_checks.proof import Flow
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))


def test_the_factor_holds_the_level():
    assert LEVEL in CONFORMAL.prediction.factor.free_symbols


TWINS = {
    "conformal factor of a hotter SA": replace(CONFORMAL, model=HOTTER[0]),
    "conformal factor doubled": changed(CONFORMAL, factor=2 * CONFORMAL.prediction.factor),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_the_factor_of_a_model_is_its_own():
    ask = CONFORMAL.check.ask
    assert ask(Flow.of(SA)).prediction == CONFORMAL.prediction
    assert ask(Flow.of(USA)).prediction.factor == 1
    hot = ask(Flow.of(HOTTER[0]))
    assert hot.verdict.name == "PROVED"
    assert hot.prediction.factor == CONFORMAL.prediction.factor.subs(beta, 3 * beta)
