"""(6.11) of tokens with lengths, beside runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proofs_checks import check_model
from proofs_checks.own_model.divided_runs import derive_near, divided_of
from proofs_checks.proof import Flow
from tests.proofs_checks.residual_vectors import outputs, run, unit
from theory.models import catalogue
from theory.symbols import r


def test_rows_of_lengths():
    report = check_model(catalogue("pre-LN"), only=["(4.5)", "(6.11)"])
    assert [row.evidence.word for row in report.rows] == ["PROVED"] * 2
    assert "ρ + t <= r_j(0)" in report["(4.5)"].sentence and report["(4.5)"].sheet.typed
    assert "(h (1 + t/r_0)^(1 - (2 |β| + 1)/h))" in report["(6.11)"].sentence
    assert report["(6.11)"].sheet.typed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["LNS", "LNS with scores", "peri-LN"])
def test_rows_of_other_lengths(name):
    report = check_model(catalogue(name), only=["(4.5)", "(6.11)"])
    assert report["(6.11)"].word == "PROVED"
    assert report["(4.5)"].word == ("REFUTED" if name == "peri-LN" else "PROVED")


@pytest.mark.slow
def test_tokens_without_lengths_whose_outputs_have_length_one():
    """nGPT: |x - y| grows at α (1 + (1 + 2β)/h) at most, one token beside equal angles."""
    evidence = check_model(catalogue("nGPT"), only="(6.11)")["(6.11)"]
    assert evidence.word == "PROVED" and "e^((1 + (2*beta + 1)/h) alpha*t)" in evidence.sentence
    rng, hot, step = np.random.default_rng(2), 0.7, 2e-3
    for noise in (1e-3, 0.3):
        frame = np.eye(3)
        states = [unit(frame + noise * rng.standard_normal((3, 3))), frame]
        off = np.linalg.norm(states[0] - frame, axis=1).max()
        height = min(3**-0.5, np.linalg.inv(states[0] @ states[0].T).sum() ** -0.5)
        for count in range(1, 400):
            states = [unit(x + step * outputs(x, hot, True)) for x in states]
            gap = np.abs(states[0] @ states[0].T - states[1] @ states[1].T).max()
            rate = 1 + (1 + 2 * hot) / height
            assert gap <= 2 * off * np.exp(rate * step * count) + 1e-6


def test_lengths_of_another_law_have_no_residual_vectors():
    own = catalogue("pre-LN")
    twice = replace(own, velocity={**own.velocities, r: 2 * own.velocities[r]})
    for model in (twice, catalogue("SA"), catalogue("causal + pre-LN"), catalogue("sink + pre-LN")):
        assert divided_of(Flow.of(model)) is None and derive_near(Flow.of(model)) is None


def test_other_lengths_part_the_angles_of_orthonormal_tokens():
    """Why the scope wants one length: at 1, 2, 4 there is a gap though ε_0 = 0."""
    (_, end), *_ = [*run(np.diag([1.0, 2.0, 4.0]), 1.5)][-1:]
    products = (unit(end) @ unit(end).T)[np.triu_indices(3, 1)]
    assert np.ptp(products) > 0.05
