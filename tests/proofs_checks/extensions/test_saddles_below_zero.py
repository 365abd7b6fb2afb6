"""Saddles below zero, Saddles, unequal masses: twins, forgeries, and what a full run adds."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational

from proofs_checks.certificates import certify_strict_saddles, check
from proofs_checks.certificates import format as certificates
from proofs_checks.claim import Verdict
from proofs_checks.extensions.saddles_below_zero import (
    BELOW,
    SADDLES_BELOW_ZERO,
    SADDLES_OF_UNEQUAL_MASSES,
    WEIGHTED,
    Below,
    Weighted,
)
from proofs_checks.proof.three_clusters import FAILURES


def masses_of(*masses):
    return tuple(map(Rational, masses))


def test_each_is_within_five_thousandths_of_its_failure():
    for below in BELOW:
        assert 0 < below.low - below.failure.value <= Rational(5, 1000)


@pytest.mark.parametrize("place", range(3))
def test_past_the_failure_is_refuted(place, refuted):
    low = FAILURES[place].value - Rational(1, 100)
    twin = replace(SADDLES_BELOW_ZERO, prediction=(Below(FAILURES[place], low),))
    assert "local maximum" in refuted(twin).detail


@pytest.mark.parametrize(
    ("masses", "low"),
    [
        ((2, 1, 1), -3),
        ((4, 2, 2), Rational(-9, 4)),
        ((1, 3, 3), -2),
        ((1, 1, 2, 2), Rational(-7, 10)),
        ((1, 2, 3, 4), -2),
        ((1, 2, "7/2"), -3),
    ],
)
def test_unequal_masses_past_their_failure(masses, low, refuted):
    twin = (Weighted(masses_of(*masses), Rational(low)),)
    refuted(replace(SADDLES_OF_UNEQUAL_MASSES, prediction=twin))


@pytest.mark.slow
def test_what_the_search_does_not_reach_is_not_said(found):
    """Twenty-three tokens' worth of masses are too many for the witness: no verdict either way."""
    twin = (Weighted(masses_of(11, 6, 6), Rational(-3)),)
    evidence = found(replace(SADDLES_OF_UNEQUAL_MASSES, prediction=twin))
    assert evidence.verdict is Verdict.UNDECIDED


@pytest.mark.every(5)
@pytest.mark.parametrize("weighted", WEIGHTED, ids=lambda w: w.shown)
def test_critical_points_of_the_certified_masses_go_uphill(weighted):
    """Newton's method from random angles, Hessians by hand, at β of the certified range."""
    masses = np.array([float(m) for m in weighted.masses])
    weights, rng = np.outer(masses, masses), np.random.default_rng(1)
    for beta in (float(weighted.low), float(weighted.low) / 2, 1.5):
        for _ in range(30):
            angles = rng.uniform(0, 2 * np.pi, len(masses))
            for _ in range(60):
                phi = np.subtract.outer(angles, angles)
                force = -(weights * np.sin(phi) * np.exp(beta * np.cos(phi))).sum(1)
                g = weights * (np.cos(phi) - beta * np.sin(phi) ** 2) * np.exp(beta * np.cos(phi))
                np.fill_diagonal(g, 0.0)
                hessian = g - np.diag(g.sum(1))
                step = np.linalg.lstsq(hessian, -force, rcond=1e-10)[0]
                angles = angles + step * min(1.0, 0.5 / max(np.abs(step).max(), 1e-300))
            if np.abs(force).max() > 1e-9 or abs(np.exp(1j * angles).mean()) > 1 - 1e-9:
                continue
            assert np.linalg.eigvalsh(hessian)[-1] > 1e-9


def test_a_forged_lower_end_is_refused():
    base = certify_strict_saddles(4, low="-1/4", high=0, masses=(1, 1, 2, 2))
    assert check(base).ok
    knots = ["-7/10", *base.evidence["knots"][1:]]
    forged = replace(
        base,
        parameters={**base.parameters, "beta_from": "-7/10"},
        evidence={**base.evidence, "knots": knots},
    )
    assert not check(certificates.reseal(forged)).ok


@pytest.mark.full
def test_seven_tokens_from_minus_three_halves():
    certificate = certify_strict_saddles(7, low="-3/2", high=0)
    assert certificate.parameters["beta_from"] == "-3/2"
    result = check(certificate)
    assert result.ok and "n = 7" in result.statement


@pytest.mark.full
def test_six_tokens_to_within_five_thousandths():
    certificate = certify_strict_saddles(6, low="-6646/10000", high=0)
    reached = Fraction(certificate.parameters["beta_from"])
    assert 0 < reached + Fraction(2, 3) <= Fraction(5, 1000)
    assert check(certificate).ok
