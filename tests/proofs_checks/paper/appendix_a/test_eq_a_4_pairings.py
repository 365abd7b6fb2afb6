"""E.(A.4), (A.4): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import S

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.appendix_a.eq_a_4_pairings import EQUATION_A_4, ERRATUM_A_4, Pairings
from theory.models import SA
from theory.symbols import d, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_printed_form_carries_its_counterexample(reports):
    assert "[-2, -3, -2, -3, -2]" in reports["E.(A.4)"].printed.detail


def test_a_weaker_statement_is_still_proved():
    budget = Budget(2, np.random.default_rng(0))
    weaker = replace(EQUATION_A_4.prediction, best=S.One / (d * n))
    found = EQUATION_A_4.check(EQUATION_A_4.model, weaker, budget)
    assert found.verdict is Verdict.PROVED, found.detail


def test_the_bound_holds_n_and_d():
    assert EQUATION_A_4.prediction.best.free_symbols == {n, d}


TWINS = {
    "(A.4) with reflections": changed(ERRATUM_A_4, block=((1, 0), (0, -1))),
    "(A.4) of twice the blocks": changed(EQUATION_A_4, pairings=Pairings(((0, -2), (2, 0)), True)),
    "(A.4) of half the energy": replace(EQUATION_A_4, model=(replace(SA, energy=SA.energy / 2),)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
