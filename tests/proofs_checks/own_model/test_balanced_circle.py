"""(7.1) of Sinkhorn's weights: the convolutions are those of the compiled velocity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.own_model.balanced_circle import as_softmax
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import SA, SINKHORN, Model, catalogue
from theory.symbols import X, beta, t

ROW = "(7.1) continuity"


def potential(kernel: np.ndarray, masses: np.ndarray) -> np.ndarray:
    """e^p, of which e^p_i Σ_j K_ij e^p_j m_j = 1, by Sinkhorn's iteration."""
    scale = np.ones(len(masses))
    for _ in range(2000):
        scale = np.sqrt(scale / (kernel @ (scale * masses)))
    return scale


def test_it_is_a_quotient_of_convolutions_with_the_weighted_measure() -> None:
    angles, masses = np.array([0.1, 1.3, 2.9, 4.4]), np.array([0.4, 0.3, 0.2, 0.1])
    gap = angles[:, None] - angles[None, :]
    kernel = np.exp(1.3 * np.cos(gap))
    weighted = masses * potential(kernel, masses)
    assert potential(kernel, masses) * (kernel @ weighted) == pytest.approx(1)
    expected = -(kernel * np.sin(gap)) @ weighted / (kernel @ weighted)
    field = compile_model(SINKHORN, beta=1.3, masses=masses)
    points = np.array([np.cos(angles), np.sin(angles)]).T
    along = np.array([-np.sin(angles), np.cos(angles)]).T
    assert (field(points) * along).sum(axis=1) == pytest.approx(expected, abs=1e-9)
    plain = -(kernel * np.sin(gap)) @ masses / (kernel @ masses)
    assert abs(plain - expected).max() > 1e-3  # of ν itself it isn't


def test_rows() -> None:
    evidence = check_model(SINKHORN, only=ROW)[ROW]
    assert evidence.verdict is Verdict.PROVED and "e^p ν" in evidence.sentence
    timed = Tangent(X, (1 + t) * SINKHORN.velocity.field)
    for model in (SA, catalogue("causal"), Model("timed", timed, parameters=(beta,))):
        assert as_softmax(Flow.of(model)) is None
    pushed = replace(
        SINKHORN, velocity=Tangent(X, -SINKHORN.velocity.field), energy=None, metric=None
    )
    moved = as_softmax(Flow.of(pushed))
    assert moved is not None and moved.model.velocity.field == -SA.velocity.field
