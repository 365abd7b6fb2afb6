"""Consensus from a hemisphere exactly where a token is reached from all, on random graphs."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Matrix, MatrixSymbol

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import project
from proofs_checks.claim import Verdict
from proofs_checks.literature.karagodin_2411_04990.hemisphere import HEMISPHERE, PARTED, RING
from proofs_checks.proof import Flow, masked_attention, parted_groups
from proofs_checks.proof.sight import closed_groups
from theory.masks import Mask
from theory.symbols import n

W = MatrixSymbol("W", n, n)
GRAPH = masked_attention("graph", Mask.graph(W), W)


def drawn(seed):
    rng = np.random.default_rng(seed)
    return (np.eye(4) + (rng.random((4, 4)) < 0.25) > 0).astype(float)


@pytest.mark.every(5)
@pytest.mark.parametrize("seed", range(12))
def test_verdicts_are_what_runs_do(seed):
    seen = drawn(seed)
    verdict = HEMISPHERE.ask(Flow.of(GRAPH, W=seen)).verdict
    groups = closed_groups(Matrix(seen.astype(int)))
    assert verdict is (Verdict.PROVED if len(groups) == 1 else Verdict.REFUTED)
    rng = np.random.default_rng(seed)
    start = rng.normal(size=(4, 3))
    start[:, -1] = np.abs(start[:, -1]) + 0.5
    values = {"beta": 0.5, "Q": rng.normal(size=(2, 3)), "K": rng.normal(size=(2, 3)), "W": seen}
    end = integrate(compile_model(GRAPH, **values), project(start), 200.0).points[-1]
    assert (np.abs(end - end[0]).max() < 1e-4) == (verdict is Verdict.PROVED)


def test_a_witness_stands_still():
    found = parted_groups(Flow.of(PARTED))
    assert found is not None and parted_groups(Flow.of(RING)) is None
    table = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]], dtype=float)
    points = np.array([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8], [0.6, 0.8]])
    values = {"beta": 0.5, "Q": np.eye(2), "K": np.eye(2), "W": table}
    assert np.abs(compile_model(GRAPH, **values)(points)).max() < 1e-15
