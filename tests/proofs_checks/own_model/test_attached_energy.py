"""Rows on the energy of SA, of models that climb it and state none; beside numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.attached_energy import OF_ENERGY
from theory.models import PRE_LN, catalogue
from theory.symbols import X, r

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
