"""Rows on the energy of SA, of models that climb it and state none; beside numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, exp, log, sin, sqrt, tanh

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.attached_energy import OF_ENERGY, with_energy
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, Tangent
from theory.energy import interaction_energy
from theory.models import PRE_LN, Model, catalogue, gradient_flow
from theory.symbols import X, m, r, t, z

ROWS = tuple(row.name for row in OF_ENERGY)


@pytest.mark.parametrize("name", ["pre-LN", "nGPT", "CoD"])
def test_rows_on_the_energy_that_a_model_climbs(name):
    report = check_model(catalogue(name), only=ROWS)
    for row in ROWS:
        assert report[row].verdict is Verdict.PROVED
    assert "of the energy of SA, which" in report["(3.5)"].detail


@pytest.mark.parametrize("name", ["window", "causal", "RoPE", "ALiBi", "encoder-decoder"])
def test_tokens_that_arent_alike_have_no_such_energy(name):
    report = check_model(catalogue(name), only=ROWS)
    assert all(report[row].verdict is not Verdict.PROVED for row in ROWS)


def test_tokens_that_descend_have_none_attached():
    own = {X: -PRE_LN.velocities[X], r: PRE_LN.velocities[r]}
    report = check_model(replace(PRE_LN, name="away", velocity=own), only=(*ROWS, "(3.16)"))
    assert all(report[row].verdict is not Verdict.PROVED for row in (*ROWS, "(3.16)"))


@pytest.mark.every(3)
@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "sink"])
def test_a_metric_that_speeds_weigh(name):
    evidence = check_model(catalogue(name), only="(3.16)")["(3.16)"]
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.holds
    assert evidence.sentence.startswith(
        "the gradient of E in the metric Σ_i m_i w_i <., .>, w_i > 0"
    )


def test_the_metric_of_pre_ln_is_that_of_differences():
    """dE along any move is Σ_i m_i r_i Z_i <x_i', Y_i>, by a difference quotient."""
    rng, hot = np.random.default_rng(1), 1.5
    points = rng.normal(size=(4, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    masses, lengths = rng.uniform(0.2, 2, 4), rng.uniform(0.2, 3, 4)
    field = replace(compile_model(PRE_LN, beta=hot), masses=masses)
    moves = field.unchecked({"X": points, "r": lengths[:, None]})["X"]
    along = rng.normal(size=points.shape)
    along -= np.sum(along * points, axis=1, keepdims=True) * points

    def energy(x):
        return masses @ np.exp(hot * x @ x.T) @ masses / (2 * hot)

    step = 1e-6
    slope = (energy(points + step * along) - energy(points - step * along)) / (2 * step)
    weights = masses * lengths * (np.exp(hot * points @ points.T) @ masses)
    assert np.isclose(slope, np.sum(weights[:, None] * moves * along), rtol=1e-6)


MOVING = ("Theorem 5.1", "Theorem 6.1", "(8.1)", "discrete layer")


def weighed(kernel, *parameters):
    """``x_i' = P_i Σ_j m_j k(g_ij) x_j``, without an energy."""
    field = Elementwise(kernel, X * X.T) * DiagMatrix(m) * X
    return Model("weighed", Tangent(X, field), parameters=parameters)


@pytest.mark.parametrize("potential", [2 * z + z**2 / 2, exp(z), -log(3 - z)], ids=str)
def test_a_velocity_says_what_it_does_beside_its_energy(potential):
    stated = check_model(gradient_flow(interaction_energy(potential)), only=MOVING)
    found = check_model(weighed(potential.diff(z)), only=MOVING)
    assert [row.evidence.word for row in found.rows] == [r.evidence.word for r in stated.rows]
    assert found["(8.1)"].word == "PROVED"


def test_the_energy_climbs_along_steps():
    kernel = 1 + sqrt(1 - z)
    said, other = with_energy(Flow.of(weighed(kernel)))
    assert "z - 2*(1 - z)**(3/2)/3" in said
    own, rng = compile_model(other.model), np.random.default_rng(0)
    x = rng.standard_normal((5, 3))
    for _ in range(100):
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        move = own(x)
        ahead = x + 1e-5 * move
        ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
        rate = (own.energy(ahead) - own.energy(x)) / 1e-5
        assert rate == pytest.approx((move**2).sum() / 5, abs=1e-3)
        x = x + 0.05 * move


@pytest.mark.parametrize(
    "model",
    [
        weighed(sin(exp(z**2)) * tanh(z)),  # its integral has no form
        weighed(1 + t * z),
        catalogue("SA"),
        catalogue("causal"),
        catalogue("pre-LN"),
    ],
    ids=str,
)
def test_other_velocities_have_none_of_weights(model):
    assert isinstance(with_energy(Flow.of(model)), str)


def test_special_functions_are_no_energy_to_enclose():
    steep = Flow.of(weighed(1 - 1 / log((1 - z) / 8)))
    assert isinstance(with_energy(steep), str)
    assert "li(" in with_energy(steep, special=True)[0]
