"""Theorem 6.7: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, binomial

from proofs_checks.claim import Verdict, run_check
from proofs_checks.paper.section_6 import theorem_6_7_wendel
from proofs_checks.paper.section_6.theorem_6_7_wendel import COUNT, THEOREM_6_7
from proofs_checks.proof import How
from proofs_checks.proof.verdict import ContradictionError
from theory.symbols import d, n


def test_wendel_on_the_circle():
    for size in range(1, 12):
        assert THEOREM_6_7.prediction.at(size, 2) == Rational(size, 2 ** (size - 1))


def test_neither_schlaefli_nor_wendel_is_taken_for_granted(reports):
    evidence = reports["Theorem 6.7"].evidence
    assert evidence.assumptions == ()
    assert not any(step.how is How.CITED for step in evidence.sheet.steps)


def test_a_wrong_count_is_a_gap(monkeypatch, found):
    monkeypatch.setattr(theorem_6_7_wendel, "listed_cones", lambda points: points.shape[0])
    sheet = found(THEOREM_6_7).sheet
    assert any("cells were counted" in step.evidence for step in sheet.missing)


def test_random_draws_do_not_refute_an_exact_formula(monkeypatch):
    monkeypatch.setattr(
        theorem_6_7_wendel, "hemispherical", lambda points: np.zeros(len(points), dtype=bool)
    )
    evidence, error = run_check(THEOREM_6_7, None, 0)
    assert evidence.verdict is Verdict.UNDECIDED
    assert isinstance(error, ContradictionError)  # a proof against an experiment: one is wrong


def test_a_weaker_bound_is_proved(found):
    half = replace(THEOREM_6_7.prediction, prefactor=2 ** (-n))
    assert found(replace(THEOREM_6_7, prediction=half)).verdict is Verdict.PROVED


def test_wendel_is_refuted_by_an_exact_mismatch_only(found):
    off = replace(THEOREM_6_7.prediction, last=d)
    evidence = found(replace(THEOREM_6_7, prediction=off))
    assert evidence.verdict is Verdict.REFUTED
    assert "exactly it is" in evidence.detail


TWINS = {
    "(k+1) C(n-1, k)": replace(
        THEOREM_6_7,
        prediction=replace(THEOREM_6_7.prediction, summand=(COUNT + 1) * binomial(n - 1, COUNT)),
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
