"""Theorem 5.1, E.Theorem 5.1: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, pi

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_5.theorem_5_1_large_beta import ERRATUM_5_1, THEOREM_5_1
from proofs_checks.proof import quadratic_below_sine
from theory.models import SA, USA
from theory.predictions import large_beta_threshold
from theory.symbols import beta, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
COLDER = (SA.subs({beta: beta / 3}), USA.subs({beta: beta / 3}))


def test_a_weaker_statement_is_still_proved():
    budget = Budget(5, np.random.default_rng(0))
    higher = replace(THEOREM_5_1.prediction, threshold=2 * THEOREM_5_1.prediction.threshold)
    assert THEOREM_5_1.check((SA,), higher, budget).verdict is Verdict.PROVED


def test_a_hotter_model_is_proved_a_fortiori():
    budget = Budget(2, np.random.default_rng(0))
    assert THEOREM_5_1.check(HOTTER, THEOREM_5_1.prediction, budget).verdict is Verdict.PROVED


def test_the_printed_form_carries_its_counterexample(reports):
    assert "n = 8" in reports["E.Theorem 5.1"].printed.detail


def test_the_threshold_agrees_with_the_prediction():
    simple = THEOREM_5_1.prediction.threshold
    put = {symbol: 6 if symbol == n else 3 for symbol in simple.free_symbols}
    assert float(simple.subs(put)) == pytest.approx(float(large_beta_threshold(6, 3, "simple")))
    assert THEOREM_5_1.unmet(n=8, d=2, beta=4.0) == ("β >= (d-1)(n-1)²/π²",)


def test_the_quadratic_below_the_sine():
    assert quadratic_below_sine() == ""
    assert "< 0" in quadratic_below_sine(Rational(6, 5))


TWINS = {
    "5.1 from (n-1)²/(2π²) on": changed(THEOREM_5_1, threshold=(n - 1) ** 2 / (2 * pi**2)),
    "5.1 of colder models": replace(THEOREM_5_1, model=COLDER),
    "printed arcs with 2π/3": changed(ERRATUM_5_1, length=2 * pi / 3),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
