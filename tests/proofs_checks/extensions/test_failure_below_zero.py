"""Failure below zero, by NumPy alone: flat to second order, and the energy rises beyond it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from proofs_checks.extensions.failure_below_zero import FAILURE_BELOW_ZERO
from proofs_checks.proof.three_clusters import FAILURES, C, Failure, balance, balanced


def _clusters(failure: Failure) -> tuple[np.ndarray, float]:
    """Angles of the tokens, and β in full digits: the root whose β is the stated one."""
    force = balance(failure.lone, failure.pair, failure.hot)
    third = [-0.5] if failure.lone == failure.pair else []
    cosines = [*third, *(float(root) for root in balanced(force))]
    said = float(failure.value)
    cosine = min(cosines, key=lambda c: abs(float(failure.hot.subs(C, c)) - said))
    angle, hot = np.arccos(cosine), float(failure.hot.subs(C, cosine))
    sizes = (failure.lone, failure.pair, failure.pair)
    return np.repeat([0.0, angle, -angle], sizes), hot


@pytest.mark.every(4)
@pytest.mark.parametrize("failure", FAILURES, ids=lambda f: f"n={f.tokens}")
def test_no_ascent_to_second_order_and_one_beyond_it(failure: Failure) -> None:
    """So the sentence says "to second order": these clusters are no local maximum."""
    angles, hot = _clusters(failure)
    apart = angles[:, None] - angles[None]
    weights = np.exp(hot * np.cos(apart))
    bends = weights * (np.cos(apart) - hot * np.sin(apart) ** 2)
    np.testing.assert_allclose((weights * np.sin(apart)).sum(axis=1), 0, atol=1e-9)
    hessian = bends - np.diag(bends.sum(axis=1))
    assert np.linalg.eigvalsh(hessian)[-1] <= 1e-9

    def rise(step: np.ndarray) -> float:
        moved = angles + 0.05 * step / np.linalg.norm(step)
        return float((np.exp(hot * np.cos(moved[:, None] - moved[None])) - weights).sum() / hot)

    starts = np.random.default_rng(0).normal(size=(12, len(angles)))
    found = max(-minimize(lambda step: -rise(step) / 2, start).fun for start in starts)
    assert found > 4e-5  # of order 0.05³: no rounding
    assert "to second order" in FAILURE_BELOW_ZERO.statement
