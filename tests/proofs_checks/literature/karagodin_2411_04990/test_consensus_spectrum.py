"""Modes at consensus under masks, against numerical derivatives of the compiled velocity."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.compile import compile_model
from numerics.sphere import project
from proofs_checks.claim import Verdict
from proofs_checks.literature.karagodin_2411_04990.consensus_spectrum import MODELS, MODES, W
from proofs_checks.proof import Flow, masked_attention
from theory.masks import Mask
from theory.symbols import d

RING = [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]]


def numerical(model, count, width=3, **more):
    """Eigenvalues of a difference quotient at consensus, rows of tangent coordinates."""
    rng = np.random.default_rng(0)
    values = {"Q": rng.normal(size=(2, width)), "K": rng.normal(size=(2, width)), "beta": 1.25}
    field = compile_model(model, **values, **more)
    at = np.repeat(project(rng.normal(size=(1, width))), count, axis=0)
    basis, columns, step = np.linalg.svd(at[:1])[2][1:], [], 1e-6
    for row in range(count):
        for direction in basis:
            move = np.zeros_like(at)
            move[row] = step * direction
            slope = (field(project(at + move)) - field(project(at - move))) / (2 * step)
            columns.append((slope @ basis.T).ravel())
    return np.sort_complex(np.linalg.eigvals(np.array(columns).T))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (MODELS[0], [-1, -1, -1, 0]),
        (MODELS[1], [-3 / 4, -2 / 3, -1 / 2, 0]),
        (MODELS[2], [-1, -1, -1, 0]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_rates_of_four_tokens(model, expected):
    tolerance = 2e-2 if "strictly" in model.name else 1e-5  # a Jordan block is sensitive
    assert np.allclose(numerical(model, 4), np.repeat(expected, 2), atol=tolerance)
    found = MODES.ask(Flow.of(model))
    # The claim covers no mask, as one that hides nothing; of a model without one no row speaks.
    assert found.verdict is Verdict.PROVED if model is not MODELS[0] else not found.applies


def test_a_graph_by_its_matrix():
    seen = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    found = numerical(MODELS[3], 3, W=seen.astype(float))
    wanted = np.linalg.eigvals(seen / seen.sum(axis=1, keepdims=True)) - 1
    assert np.allclose(found, np.sort(np.repeat(wanted.real, d.subs(d, 2))), atol=1e-5)
    asked = MODES.ask(Flow.of(MODELS[3], W=seen))
    assert asked.verdict is Verdict.PROVED and "λ (2 λ + 1) (6 λ + 7)/12" in asked.detail
    assert "λ (λ + 2) (λ^2 + 2 λ + 2)" in MODES.ask(Flow.of(MODELS[3], W=RING)).detail


@pytest.mark.parametrize("mask", [Mask.band(2), Mask.bipartite(1), Mask.graph(W)], ids=str)
def test_other_masks_have_the_matrix(mask):
    more = (W,) if mask.parameter == W else ()
    found = MODES.ask(Flow.of(masked_attention("masked", mask, *more)))
    assert found.verdict is Verdict.PROVED and "Σ_j q_ij u_j + (-1) u_i" in found.detail
