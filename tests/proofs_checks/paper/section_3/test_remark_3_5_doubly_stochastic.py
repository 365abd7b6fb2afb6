"""Remark 3.5: twins of our own, the sheet's steps, and Sinkhorn's iteration at seven tokens."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Piecewise, Rational, S

from numerics.compile import compile_model
from proofs_checks.discovery import questions
from proofs_checks.paper.section_3.remark_3_5_doubly_stochastic import DOUBLY_STOCHASTIC
from proofs_checks.proof import Flow
from proofs_checks.theorems.plans import SCALING
from theory.models import SA, SINKHORN
from theory.symbols import n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "half the gradient": changed(DOUBLY_STOCHASTIC, factor=Rational(1, 2)),
    "row sums 2": changed(DOUBLY_STOCHASTIC, marginal=S(2)),
    "row sums 1 for n <= 4 only": changed(
        DOUBLY_STOCHASTIC, marginal=Piecewise((S.One, n <= 4), (S(2), True))
    ),
    "the gradient for n = 2, 3, 4 only": changed(
        DOUBLY_STOCHASTIC, factor=1 + (n - 2) * (n - 3) * (n - 4)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_only_the_potential_is_cited(found):
    evidence = found(DOUBLY_STOCHASTIC)
    assert evidence.verdict.name == "PROVED"
    assert evidence.assumptions == (SCALING,)
    assert evidence.scope["n"] == evidence.scope["masses"] == "symbolic"


def potential(scores, masses):
    """Sinkhorn's iteration, damped: ``Σ_j e^{p_i + S_ij + p_j} m_j = 1``."""
    p = np.zeros(len(masses))
    for _ in range(2000):
        p = (p - np.log(np.exp(scores) @ (masses * np.exp(p)))) / 2
    return p


def test_seven_tokens_against_sinkhorns_iteration():
    rng = np.random.default_rng(7)
    count, dim, hot = 7, 3, 1.3
    x = rng.normal(size=(count, dim))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    masses = rng.uniform(0.5, 2, count)

    def energy(points):
        return -(masses @ potential(hot * points @ points.T, masses)) / hot

    p = potential(hot * x @ x.T, masses)
    weights = np.exp(p[:, None] + hot * x @ x.T + p) * masses
    assert weights.sum(axis=1) == pytest.approx(np.ones(count), abs=1e-12)
    assert masses @ weights == pytest.approx(masses, abs=1e-12)
    slope = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-5
        slope[place] = (energy(x + step) - energy(x - step)) / 2e-5
    pull = weights @ x
    assert slope / masses[:, None] == pytest.approx(pull, abs=1e-8)
    field = compile_model(SINKHORN, beta=hot, masses=masses)(x)
    tangent = pull - np.sum(pull * x, axis=1, keepdims=True) * x
    assert field == pytest.approx(tangent, abs=1e-9)


def test_a_model_is_asked_whether_it_is_sinkhorns():
    row = questions()["Remark 3.5"]
    found = row.ask(Flow.of(SINKHORN))
    assert (found.verdict.name, found.prediction) == ("PROVED", DOUBLY_STOCHASTIC.prediction)
    assert not row.ask(Flow.of(SA)).applies
    twice = replace(SINKHORN, energy=2 * SINKHORN.energy)
    found = row.ask(Flow.of(twice))
    assert (found.verdict.name, found.prediction.factor) == ("PROVED", Rational(1, 2))
