"""(6.11) of a sink: its bounds by numbers along runs, and models whose bounds aren't known."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import Verdict
from proofs_checks.own_model.near_angles import NEAR, derive_near
from proofs_checks.proof import Flow
from theory.models import Model, catalogue


def _model(name: str) -> Model:
    model = catalogue(name)
    assert isinstance(model, Model)
    return model


@pytest.mark.slow
def test_inner_products_of_a_sink_stay_near_the_angle() -> None:
    """Early 2 e^(2(1+β)t) ε_0 along runs by Euler steps, from near orthonormal tokens."""
    found, hot, step = NEAR.ask(Flow.of(_model("softmax-off-by-one"))), 1.0, 1e-3
    assert found.verdict is Verdict.PROVED and "2*beta + 2" in found.sentence
    field = compile_model(_model("softmax-off-by-one"), beta=hot)
    rng = np.random.default_rng(3)
    for size in (1e-3, 1e-2):
        even = np.eye(4)[:3]
        points = even + size * rng.normal(size=even.shape)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        begin = np.linalg.norm(points - even, axis=1).max()
        for k in range(1500):
            points, even = (p + step * np.asarray(field.unchecked(p)) for p in (points, even))
            points, even = (p / np.linalg.norm(p, axis=1, keepdims=True) for p in (points, even))
            apart = np.abs(points @ points.T - even @ even.T).max()
            assert apart <= 2 * np.exp(2 * (1 + hot) * (k + 1) * step) * begin


@pytest.mark.parametrize("name", ["pre-LN", "linear", "repulsive"])
def test_where_a_bound_is_missing_nothing_is_joined(name: str) -> None:
    assert derive_near(Flow.of(_model(name))) is None


def test_labels_and_directions_have_no_angle() -> None:
    for name in ("causal", "positive features"):
        assert not NEAR.ask(Flow.of(_model(name))).applies
