"""Tokens that stand still in an open hemisphere, against velocities computed by hand."""

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardProduct, Rational, S, exp, log, sqrt, sympify

from proofs_checks.claim import Verdict
from proofs_checks.own_model import check_model
from proofs_checks.proof import (
    Flow,
    parted_clumps,
    resting,
    resting_near_consensus,
    resting_tokens,
)
from theory import catalogue
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.hardmax import Hardmax, TopK
from theory.models import SA, USA, Model, gradient_flow
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, n, z

CONE, SPECTRUM, SURELY = "Lemma 6.4", "consensus spectrum", "Theorem 6.3"


def weighted(kernel):
    """``x_i' = P_i Σ_j m_j k(g_ij) x_j``."""
    kernel = sympify(kernel)
    return Model(f"k = {kernel}", Tangent(X, Elementwise(kernel, X * X.T) * DiagMatrix(m) * X))


def top(count):
    """Attention to the greatest scores alone."""
    return Model(f"top-{count}", Tangent(X, TopK(beta * X * X.T, m, count) * X))


HARD = Model("hardmax", Tangent(X, Hardmax(X * X.T, m) * X), parameters=())
CUT = HadamardProduct(
    Elementwise(PositivePart(z - Rational(4, 5), 1), X * X.T),
    Elementwise(exp(beta * z), X * X.T),
)
NEAR = Model("near ones alone", Tangent(X, CUT * DiagMatrix(m) * X))


def top_velocity(points, count, hot):
    """Velocity of attention to the greatest scores, in plain numbers."""
    scores = np.round(hot * points @ points.T, 12)
    least = np.sort(scores, axis=1)[:, -count][:, None]
    weights = np.where(scores >= least, np.exp(scores), 0.0)
    field = weights / weights.sum(axis=1, keepdims=True) @ points
    return field - np.sum(field * points, axis=1, keepdims=True) * points


def on_circle(angles):
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kernel", "place"),
    [
        ((z - 1 / sqrt(2)) ** 2, 1 / sqrt(2)),
        ((z + 1 / sqrt(3)) ** 2, -1 / sqrt(3)),
        (z**2 - sqrt(2) * z + S.Half, 1 / sqrt(2)),
        ((exp(z) - 2) ** 2, log(2)),
        ((z**2 - Rational(1, 7)) ** 2, -1 / sqrt(7)),
    ],
    ids=str,
)
def test_pairs_rest_at_irrational_zeros(kernel, place):
    report = check_model(weighted(kernel), only=[CONE, SPECTRUM])
    assert report[CONE].verdict is Verdict.REFUTED and f"= {place}" in report[CONE].detail
    assert report[SPECTRUM].verdict is Verdict.PROVED


@pytest.mark.slow
def test_an_energy_whose_slope_has_an_irrational_zero():
    climbing = gradient_flow(interaction_energy((z - 1 / sqrt(2)) ** 3), "cube")
    report = check_model(climbing, only=[CONE, SPECTRUM, "Theorem 6.8"])
    assert report[CONE].verdict is report["Theorem 6.8"].verdict is Verdict.REFUTED
    assert report[SPECTRUM].verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("kernel", "count"),
    [((n - 5) ** 2, 5), ((n - 17) ** 2, 17), ((n - 5) ** 2 + (z - 1 / sqrt(2)) ** 2, 5)],
    ids=str,
)
@pytest.mark.slow
def test_a_number_of_tokens_that_rest(kernel, count):
    found = check_model(weighted(kernel), only=[CONE])[CONE]
    assert found.verdict is Verdict.REFUTED and found.scope["n"] == str(count)


@pytest.mark.slow
def test_a_number_of_tokens_at_which_nothing_moves_has_no_stable_consensus():
    found = check_model(weighted((n - 5) ** 2), only=[SPECTRUM])[SPECTRUM]
    assert found.verdict is Verdict.REFUTED and "n = 5" in found.detail
    held = check_model(weighted((n - S.Half) ** 2), only=[CONE, SPECTRUM])
    assert held[CONE].verdict is held[SPECTRUM].verdict is Verdict.PROVED


@pytest.mark.every(2)
@pytest.mark.parametrize("model", [top(2), top(3), HARD], ids=lambda model: model.name)
def test_clumps_that_see_themselves_alone_rest_at_every_angle(model):
    report = check_model(model, only=[CONE, SPECTRUM, SURELY])
    for name in (CONE, SPECTRUM, SURELY):
        assert report[name].verdict is Verdict.REFUTED
    assert "every c in (-1, 1)" in report[SPECTRUM].detail
    # Open sets refute what is said of almost every start too.
    assert "own clump" in report[CONE].detail and report[CONE].detail == report[SURELY].detail


@pytest.mark.slow
def test_one_start_refutes_nothing_of_almost_every_start():
    """Five clumps at the angle of the zero rest; tokens beside them may move on."""
    found = check_model(weighted((n - 5) ** 2 + (z - 1 / sqrt(2)) ** 2), only=[CONE, SURELY])
    assert found[CONE].verdict is Verdict.REFUTED
    assert found[SURELY].verdict is not Verdict.REFUTED
    still = check_model(weighted((n - 5) ** 2), only=[CONE, SURELY])
    assert still[SURELY].verdict is Verdict.REFUTED and "nothing moves" in still[CONE].detail


def test_scores_that_turn_round_select_others():
    """Attention to the farthest ones: clumps don't see themselves alone."""
    far = Model("farthest", Tangent(X, TopK(-beta * X * X.T, m, 2) * X))
    assert parted_clumps(Flow.of(far)) is None
    assert parted_clumps(Flow.of(top(2))) is not None


@pytest.mark.parametrize("count", [2, 3])
def test_the_clumps_rest_in_plain_numbers(count):
    for apart in (1.0, 1e-3):
        angles = np.repeat([0.0, apart], count)
        assert np.abs(top_velocity(on_circle(angles), count, 1.0)).max() < 1e-15


def test_two_clusters_for_ever_from_an_open_set():
    """At 0, .05, 1, 1.05 each pair sees itself alone, and contracts in its own arc."""
    angles = np.array([0.0, 0.05, 1.0, 1.05])
    for _ in range(400):
        moved = top_velocity(on_circle(angles), 2, 1.0)
        angles = angles + 0.1 * np.einsum("id,id->i", moved, on_circle(angles + np.pi / 2))
    assert np.ptp(angles[:2]) < 1e-6 and np.ptp(angles[2:]) < 1e-6
    assert angles[2] - angles[1] > 0.9


@pytest.mark.slow
def test_weights_that_vanish_over_an_interval():
    assert check_model(weighted(PositivePart(z - S.Half, 1)), only=[CONE])[CONE].verdict is (
        Verdict.REFUTED
    )
    found = resting_tokens(Flow.of(NEAR))
    assert found is not None and "c = 3/5" in found.text
    assert resting_near_consensus(Flow.of(NEAR)) is None  # near tokens attract


def test_no_tokens_rest_where_weights_are_positive():
    added = Model("two heads", Tangent(X, RowSoftmax(beta * X * X.T, m) * X + USA.velocity.field))
    for flow in map(Flow.of, (SA, USA, added)):
        assert resting_tokens(flow) is None and resting_near_consensus(flow) is None


@pytest.mark.parametrize("name", ["nGPT", "positive features", "SA"])
def test_nothing_exact_is_computed_of_tokens_that_move(name, monkeypatch):
    monkeypatch.setattr(resting, "_stands", None)
    assert resting_tokens(Flow.of(catalogue(name))) is None
