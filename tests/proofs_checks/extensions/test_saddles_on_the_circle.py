"""Saddles on the circle: twins, other models, and an independent look at the inequality."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, S

from proofs_checks.claim import Budget, Verdict
from proofs_checks.decide import bending
from proofs_checks.extensions.saddles_on_the_circle import HELD, SADDLES_ON_THE_CIRCLE, OnCircle
from theory import SA, USA
from theory.symbols import beta

CLAIM = SADDLES_ON_THE_CIRCLE
BUDGET = Budget(0, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("prediction", "said"),
    [
        (replace(HELD, low=S(-1)), "local maximum"),
        (replace(HELD, low=Rational(-2, 3) - Rational(1, 100)), "local maximum"),
        (replace(HELD, low=Rational(-1, 2)), "more than 8"),
        (replace(HELD, factor=Rational(79, 10)), "7.9643"),
        (OnCircle(S.Zero, Integer(4)), "more than 4"),
    ],
)
def test_a_twin_is_refuted(prediction, said, refuted):
    assert said in refuted(replace(CLAIM, prediction=prediction)).detail


def test_other_models():
    assert CLAIM.check(SA, HELD, BUDGET).verdict is Verdict.CERTIFIED
    hotter = USA.subs({beta: 2 * beta})
    assert CLAIM.check(hotter, HELD, BUDGET).verdict is Verdict.REFUTED  # another f


def test_another_factor():
    """It is shown of 8, hence of 9, and of nothing below."""
    sheet = replace(CLAIM.check, refute=lambda *_: None)
    for factor, verdict in ((9, Verdict.CERTIFIED), (Rational(799, 100), Verdict.UNDECIDED)):
        found = sheet(USA, replace(HELD, factor=Rational(factor)), BUDGET)
        assert found.verdict is verdict


def test_beta_zero_is_a_model_of_its_own():
    """There the energy has no 1/β; the scope of USA's own sheet is β ≠ 0."""
    warm, cold = CLAIM.model
    assert "nonzero" in CLAIM.check(warm, HELD, BUDGET).scope["beta"]
    assert "beta" not in CLAIM.check(cold, HELD, BUDGET).scope


@pytest.mark.parametrize("heat", [-0.26, -0.1, 0.5, 2.0])
def test_the_quotient(heat):
    """By differences of f''' on a grid, and τ by bisection."""
    angle = np.linspace(0, np.pi, 40001)
    wave = np.expm1(heat * (np.cos(angle) - 1)) / heat
    bend = np.gradient(np.gradient(wave, angle), angle)
    tau = angle[1:-1][np.flatnonzero(np.diff(np.sign(bend[2:-2])) > 0)[-1]]
    c, s = np.cos(angle), np.sin(angle)
    third = np.exp(heat * (c - 1)) * s * (1 + 3 * heat * c - heat**2 * s**2)
    found = 2 * np.abs(np.diff(third)).sum() / (1 / tau + 1 / np.pi)
    assert bending(Rational(str(heat))).mid == pytest.approx(found, rel=1e-3)
