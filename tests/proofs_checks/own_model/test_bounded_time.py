"""Where all of a flow's time is bounded: rows on ends, and pairs that stay wide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Max, cos, exp, lambdify

from proofs_checks import check_model
from theory.models import SA, USA, Model
from theory.symbols import t

ENDS = ("Theorem 4.2", "(4.3)", "Remark 6.5", "hemisphere under a mask")
BOUNDED = (exp(-t), exp(-(t**2)), (1 + t) ** -2, cos(t), Max(0, 1 - t))


def paced(model: Model, pace: object) -> Model:
    return replace(model, name="paced", velocity=pace * model.velocity)


@pytest.mark.slow
@pytest.mark.parametrize("row", ENDS)
@pytest.mark.parametrize("pace", BOUNDED, ids=str)
def test_distinct_tokens_never_meet(pace: object, row: str) -> None:
    for model in (SA, USA):
        found = check_model(paced(model, pace), only=row)[row]
        assert found.word == "REFUTED" and "|∫s dt| <= " in found.detail, (model.name, found.detail)


@pytest.mark.slow
@pytest.mark.parametrize("row", ENDS)
@pytest.mark.parametrize("pace", [1 / (1 + t), 1 / (2 + cos(t))], ids=str)
def test_where_time_goes_on_they_do(pace: object, row: str) -> None:
    slow = row == "Remark 6.5" and pace == 1 / (1 + t)
    assert check_model(paced(SA, pace), only=row)[row].word == ("REFUTED" if slow else "PROVED")


def test_a_pair_stays_wide_along_its_run() -> None:
    """β = 0, e^{-t}: from <x_1,x_2> = -tanh 1 it stays below 0, and from 1/10 more it doesn't."""
    ends = []
    for start in (-np.tanh(1.0), -np.tanh(0.9)):
        angle, step, speed = np.arccos(start), 1e-3, lambdify(t, exp(-t))
        for k in range(20000):
            angle -= step * speed((k + 0.5) * step) * np.sin(angle)
        ends.append(np.cos(angle))
    assert ends[0] < 1e-3 and ends[1] > 0.05
    found = check_model(paced(SA, exp(-t)), only="(4.3)")["(4.3)"]
    assert found.word == "REFUTED" and "<x_1,x_2>(0) <= -tanh(1)" in found.detail
