"""Theorem 5.1, E.Theorem 5.1: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, S, cos, expand, hessian, integrate, pi, simplify, symbols, zeros

from proofs_checks import check_model
from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_5.theorem_5_1_large_beta import ERRATUM_5_1, THEOREM_5_1
from proofs_checks.proof import quadratic_below_sine
from theory.energy import interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.predictions import large_beta_threshold
from theory.symbols import beta, n, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
COLDER = (SA.subs({beta: beta / 3}), USA.subs({beta: beta / 3}))


def test_a_weaker_statement_is_still_proved():
    budget = Budget(5, np.random.default_rng(0))
    higher = replace(THEOREM_5_1.prediction, threshold=2 * THEOREM_5_1.prediction.threshold)
    assert THEOREM_5_1.check((SA,), higher, budget).verdict is Verdict.PROVED


@pytest.mark.slow
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


def touching(place):
    """Kernel whose profile ``h'z - h''(1-z²)`` is 12 (z - place)² (z - root), with its root."""
    root = -2 * place / (1 + 2 * place**2)
    slope = (12 * (place**2 + 2 * place * root) + 8) + 12 * place**2 * root * z + 4 * z**2
    profile = slope * z - slope.diff(z) * (1 - z**2)
    assert expand(profile - 12 * (z - place) ** 2 * (z - root)) == 0
    return integrate(slope, z), root


def row(kernel):
    model = gradient_flow(interaction_energy(kernel))
    return check_model(model, only=["Theorem 5.1"])["Theorem 5.1"]


@pytest.mark.every(6)
@pytest.mark.parametrize("place", [-Rational(1, 2), -Rational(1, 3), -Rational(1, 4)])
@pytest.mark.parametrize("factor", [1, 3])
def test_a_profile_that_touches_zero_proves_nothing(place, factor):
    kernel, _ = touching(place)
    found = row(factor * kernel)
    assert found.verdict is Verdict.UNDECIDED and f"touches 0 at t = {place}" in found.detail


def test_where_it_touches_the_triangle_has_no_direction_of_ascent_to_second_order():
    kernel, _ = touching(-Rational(1, 2))
    assert expand(kernel - (3 * z + z**2 + 4 * z**3 / 3)) == 0
    angles = symbols("a b c")
    energy = sum(kernel.subs(z, cos(p - q)) for p in angles for q in angles)
    at = dict(zip(angles, (0, 2 * pi / 3, -2 * pi / 3), strict=True))
    assert all(simplify(energy.diff(p).subs(at)) == 0 for p in angles)
    assert simplify(hessian(energy, angles).subs(at)) == zeros(3, 3)


@pytest.mark.slow
@pytest.mark.parametrize("bend", [Rational(1, 100), -Rational(1, 100)])
def test_beside_a_touching_profile_the_sign_decides(bend):
    kernel, _ = touching(-Rational(1, 2))
    found = row(kernel + bend * z**2)
    # the profile moves by 2·bend·(2z² - 1), which is -bend at the place of touching
    proved = found.verdict is Verdict.PROVED
    assert proved if bend > 0 else found.verdict is not Verdict.PROVED and "sign" in found.detail


def test_a_profile_that_touches_zero_at_the_end_is_not_proved():
    kernel, root = touching(-S.One)
    assert root == Rational(2, 3) and expand(kernel.diff(z) - 4 * (1 + z) ** 2) == 0
    assert row(kernel).verdict not in (Verdict.PROVED, Verdict.CERTIFIED)
