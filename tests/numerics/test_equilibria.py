"""Spectra at floats against closed forms, exact spectra and a central-difference Jacobian."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sympy import Matrix, Rational, cos, exp, pi, sin

from numerics import polish, spectrum_at, sphere
from theory import SA, USA, gradient_flow, interaction_energy
from theory.linearize import Stability, consensus, polygon, simplex, weighted_clusters_on_circle
from theory.models import QKV, Model
from theory.symbols import K, Q, V, beta, d, n, z


def circle(*angles: float) -> list[list[float]]:
    return [[math.cos(a), math.sin(a)] for a in angles]


def listed(spectrum: Any, values: Any = None) -> np.ndarray:
    at = spectrum.at(values or {})
    return np.sort([float(v.evalf()) for v, k in at.eigenvalues for _ in range(int(k))])


def numeric_spectrum(points: Any, masses: Any, hot: float, normalised: bool) -> np.ndarray:
    """Eigenvalues of a difference quotient of a velocity written out here."""
    x = np.asarray(points, float)
    masses = np.asarray(masses, float)

    def velocity(x: np.ndarray) -> np.ndarray:
        weights = np.exp(hot * x @ x.T) * masses
        if normalised:
            weights = weights / weights.sum(1, keepdims=True)
        pull = weights @ x
        return np.asarray(pull - (pull * x).sum(1, keepdims=True) * x)

    frames = [np.linalg.svd(row[None])[2][1:] for row in x]
    columns = []
    for i, frame in enumerate(frames):
        for tangent in frame:
            ends = []
            for sign in (1, -1):
                moved = x.copy()
                moved[i] = math.cos(1e-5) * x[i] + sign * math.sin(1e-5) * tangent
                ends.append(velocity(moved))
            slope = (ends[0] - ends[1]) / 2e-5
            columns.append(np.concatenate([f @ s for f, s in zip(frames, slope, strict=True)]))
    return np.sort(np.linalg.eigvals(np.array(columns).T).real)


@pytest.mark.every(3)
@pytest.mark.parametrize("hot", [1, 10, 15, 40, 90, 300])
def test_an_antipodal_pair_is_a_saddle_at_every_beta(hot: int) -> None:
    spectrum = spectrum_at(SA.subs({beta: hot}), [[1.0, 0.0], [-1.0, 0.0]])
    assert spectrum.stable is Stability.UNSTABLE
    (zero, _), (rate, many) = spectrum.eigenvalues
    assert zero == 0 and many == 1
    expected = 2 / (exp(2 * hot) + 1)
    assert abs(rate / expected.evalf(20) - 1) < Rational(1, 10**13)


def test_what_no_digits_tell_from_zero_is_said_to_be_below_resolution() -> None:
    spectrum = spectrum_at(SA.subs({beta: 1500}), [[1.0, 0.0], [-1.0, 0.0]])
    assert spectrum.unresolved == 1 and spectrum.stable is Stability.UNRESOLVED
    assert "960 digits" in spectrum.stable.message
    flat = gradient_flow(interaction_energy((z - 1) ** 3))  # h'(1) = 0: truly degenerate
    assert spectrum_at(flat, [[1.0, 0.0], [1.0, 0.0]]).stable is Stability.UNRESOLVED


@pytest.mark.every(3)
@pytest.mark.parametrize(("model", "hot"), [(SA, 15), (USA, 15), (SA, 40)])
def test_slow_is_no_equilibrium(model: Model, hot: int) -> None:
    points = circle(0.0, 2.2)
    with pytest.raises(ValueError, match=r"none within 1e-08 of them.*polish"):
        spectrum_at(model.subs({beta: hot}), points)
    with pytest.raises(ValueError, match="raise within"):
        polish(model.subs({beta: hot}), points)


@pytest.mark.slow
@pytest.mark.parametrize("model", [SA, USA])
def test_seven_tokens_against_a_difference_quotient(model: Model) -> None:
    points = circle(*(2 * math.pi * b / 7 for b in range(7)))
    spectrum = spectrum_at(model.subs({beta: 1.3}), points)
    numeric = numeric_spectrum(points, np.full(7, 1 / 7), 1.3, model is SA)
    assert 0 <= spectrum.residual < 1e-12
    assert listed(spectrum) == pytest.approx(numeric, abs=1e-7)
    assert listed(spectrum) == pytest.approx(listed(polygon(model, 7), {beta: 1.3}), abs=1e-12)
    assert spectrum.stable is Stability.UNSTABLE


@pytest.mark.slow
@pytest.mark.parametrize("model", [SA, USA])
def test_tokens_of_a_cluster_move_like_massless_ones(model: Model) -> None:
    masses, counts = [0.3, 0.35, 0.35], [3, 1, 2]
    angle = {beta: Rational(1, 2)}
    points = polish(model.subs(angle), circle(0.0, 2.0, -2.0), masses, within=0.5)
    clustered = spectrum_at(model.subs(angle), points, masses, counts=counts)
    tokens = np.repeat(points, counts, axis=0)
    each = np.repeat(np.array(masses) / counts, counts)
    whole = spectrum_at(model.subs(angle), tokens, each.tolist())
    assert listed(clustered) == pytest.approx(listed(whole), abs=1e-12)
    assert listed(clustered) == pytest.approx(
        numeric_spectrum(tokens, each, 0.5, model is SA), abs=1e-7
    )
    assert clustered.tokens == 6


def test_exact_and_float_clusters_agree() -> None:
    turns = [0, pi / 2, pi, 3 * pi / 2]
    exact = weighted_clusters_on_circle(
        SA, turns, [Rational(1, 5), Rational(3, 10)] * 2, [2, 1, 1, 1]
    )
    floats = spectrum_at(
        SA.subs({beta: 3}),
        [[float(cos(a)), float(sin(a))] for a in turns],
        [0.2, 0.3] * 2,
        counts=[2, 1, 1, 1],
    )
    assert listed(floats) == pytest.approx(listed(exact, {beta: 3}), abs=1e-12)


@pytest.mark.slow
def test_a_rough_cluster_is_polished_to_consensus_and_to_a_simplex() -> None:
    rng = np.random.default_rng(0)
    near = sphere.project(np.array([1.0, 0, 0]) + 1e-3 * rng.normal(size=(5, 3)))
    still = polish(USA.subs({beta: 2}), near)
    assert np.abs(still - still[0]).max() < 1e-15
    spectrum = spectrum_at(USA.subs({beta: 2}), still)
    assert spectrum.stable is Stability.STABLE
    expected = consensus(USA).at({beta: 2, n: 5, d: 3})
    assert listed(spectrum) == pytest.approx(listed(expected), rel=1e-13)
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / math.sqrt(3)
    rough = sphere.project(corners + 1e-2 * rng.normal(size=(4, 3)))
    gram = (still := polish(USA.subs({beta: 2}), rough)) @ still.T
    assert gram == pytest.approx((4 * np.eye(4) - 1) / 3, abs=1e-15)
    found = listed(spectrum_at(USA.subs({beta: 2}), still))
    assert found == pytest.approx(listed(simplex(USA, 4), {beta: 2}), abs=1e-13)


def test_a_model_with_matrices_has_no_rotations() -> None:
    value = Matrix([[2, 0], [0, 1]])
    given = {Q: Matrix([[1, 0], [0, 1]]), K: Matrix([[1, 0], [0, 1]]), V: value}
    spectrum = spectrum_at(QKV.subs({beta: 1}), [[1.0, 0.0]] * 2, matrices=given)
    # along the larger eigenvector of V: the difference at rate -2, the mean at 1 - 2
    assert listed(spectrum) == pytest.approx([-2, -1], abs=1e-14)
    assert spectrum.rotations == 0 and spectrum.stable is Stability.STABLE


def test_errors_name_the_remedy() -> None:
    cool = SA.subs({beta: 1})
    cases = [
        (lambda: spectrum_at(SA, [[1.0, 0.0]]), r"model\.subs"),
        (lambda: spectrum_at(cool, [[[1.0, 0.0]]]), "pick one"),
        (lambda: spectrum_at(cool, [[1.0, 0.0]], [-1.0]), "finite masses > 0"),
        (lambda: spectrum_at(cool, [[1.0, 0.0]], counts=[0]), "one a cluster"),
        (lambda: spectrum_at(QKV.subs({beta: 1}), [[1.0, 0.0]], counts=[2]), "one row a token"),
        (lambda: spectrum_at(QKV.subs({beta: 1}), [[1.0, 0.0]]), "matrices="),
        (lambda: polish(cool, [[2.0, 0.0]]), "length 1"),
    ]
    for action, message in cases:
        with pytest.raises(ValueError, match=message):
            action()
