"""Starts from which solutions end, beside the compiled model, and what Remark 3.1 says of each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from theory.models import catalogue

ROW = "Remark 3.1"


def asked(model, **given):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=ROW, **given)[ROW]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pre-LN", "m = (1, 2e^(2β)): X' = 0, r_1' = -1/3"),
        ("peri-LN", "m = (1, 2e^(2β)): X' = 0, r_1' = -1:"),
        ("mix-LN", "r_1' = -1/3 from t = tau on, 0 before"),
        ("causal + pre-LN", "m = (2e^(2β), 1): X' = 0, r_2' = -1/3"),
        ("nGPT", "m = (1, e^(2β)): the velocity has no value there"),
    ],
)
def test_opposite_tokens_pull_a_length_down(name, said):
    evidence = asked(name)
    assert evidence.verdict is Verdict.REFUTED and said in evidence.detail


@pytest.mark.parametrize("hot", [0.5, 2.0])
def test_the_rate_of_a_length_is_that_of_the_compiled_model(hot):
    field = compile_model(catalogue("pre-LN"), beta=hot)
    masses = np.array([1, 2 * np.exp(2 * hot)])
    lengths = np.array([[0.3], [2.0]])
    state = {"X": np.array([[1.0, 0], [-1, 0]]), "r": lengths}
    rates = replace(field, masses=masses).unchecked(state)
    assert np.allclose(rates["X"], 0) and np.isclose(np.ravel(rates["r"])[0], -1 / 3)
    assert "r_1' = -1/3" in asked("pre-LN", beta=hot).detail


@pytest.mark.slow
def test_remark_3_1_and_the_scope_of_other_rows_are_one_decision():
    """ "existence: not shown" stands in a scope where, and only where, Remark 3.1 isn't proved."""
    for name in ("moving masses", "causal", "nGPT", "pre-LN"):
        report = check_model(catalogue(name), only=[ROW, "(4.2)"])
        shown = report[ROW].verdict is Verdict.PROVED
        assert report["(4.2)"].verdict is Verdict.PROVED
        assert ("existence" in report["(4.2)"].scope) is not shown


def test_equal_tokens_pull_lengths_down_where_velocities_are_turned():
    model = catalogue("LNS with scores")
    back = {symbol: -rate for symbol, rate in model.velocities.items()}
    evidence = asked(replace(model, velocity=back))
    assert evidence.verdict is Verdict.REFUTED
    assert "x_2 = x_1, m = (1, 1): X' = 0, r_1' = -1: a small r_1 falls to 0" in evidence.detail
