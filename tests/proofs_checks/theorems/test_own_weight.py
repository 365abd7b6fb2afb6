"""(N): slopes of lengths against numpy, at its border, and who isn't in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Matrix, Symbol

from proofs_checks.propositions import Subject, written
from proofs_checks.theorems import Refusal, Theorem
from proofs_checks.theorems.energy import attached
from proofs_checks.theorems.own_weight import narrow, score_of
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.starts import almost_every_start
from proofs_checks.theorems.states import States
from theory.atoms import RowSoftmax
from theory.masks import GRAPH, Mask
from theory.models import catalogue
from theory.positions import Distances, Rotary
from theory.symbols import X, beta, m, n
from theory.terms import Entry
from theory.weights import SinkSoftmax


def _least(heat: float) -> float:
    return float(np.exp(-heat) if heat <= 1 else 1 / (np.e * heat))


def _slopes(x: Any, masses: Any, heat: float, sink: float = 0.0, seen: Any = 1.0) -> Any:
    g = x @ x.T
    w = np.exp(heat * g) * masses * seen
    return (w * g).sum(axis=1) / (sink + w.sum(axis=1))


def test_own_weight() -> None:
    """Under (N) <x_i, A_i> > 0 at drawn states; at its border it is 0, and beyond negative."""
    rng = np.random.default_rng(2)
    count = 0
    for _ in range(400):
        size, dim, heat = rng.integers(2, 8), rng.integers(2, 4), rng.uniform(0, 5)
        masses = 10 ** rng.uniform(-1.5, 0, size)
        held = (masses.sum() - masses) * _least(heat) < masses * np.exp(heat)
        x = rng.normal(size=(size, dim))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        seen = rng.integers(0, 2, (size, size)) * np.exp(-rng.uniform(0, 1, (size, size)))
        np.fill_diagonal(seen, 1.0)
        count += held.sum()
        for sight in (1.0, seen):  # all, or a mask whose tokens see themselves, farther ones less
            assert (_slopes(x, masses, heat, rng.uniform(0, 2), sight)[held] > 0).all()
    assert count > 500
    for heat in (0.5, 2.0):  # (N) is sharp: one token at g = -min(1, 1/β)
        g = -min(1.0, 1 / heat)
        x = np.array([[1.0, 0], [g, np.sqrt(1 - g**2)]])
        border = np.exp(heat) / _least(heat)
        assert abs(_slopes(x, np.array([1.0, border]), heat)[0]) < 1e-12
    opposed = np.array([[1.0, 0], [-1, 0]])
    shrinks = _slopes(opposed, np.array([1, 2 * np.exp(3)]), 1.5)[0]
    assert shrinks == pytest.approx(-1 / 3)


SLOPE = Symbol("slope", real=True)
NEAR = beta * X * X.T
LOOPS = Mask(GRAPH, Mask.graph(Matrix([[1, 1], [0, 1]])).parameter, n)
TURNED = Rotary(X, 10000) * Rotary(X, 10000).T


@pytest.mark.parametrize(
    ("softmax", "known"),
    [
        (RowSoftmax(NEAR, m), (beta, 0)),
        (RowSoftmax(2 * NEAR, m), (2 * beta, 0)),
        (RowSoftmax(NEAR, m, mask=Mask.band(2)), (beta, 0)),
        (RowSoftmax(NEAR, m, mask=LOOPS), (beta, 0)),
        (RowSoftmax(NEAR - SLOPE * Distances(n), m), (beta, SLOPE)),
        (SinkSoftmax(NEAR, m, 0, Mask.causal()), (beta, 0)),
        # who doesn't see itself, turned rows, far tokens that are favored by their square
        (RowSoftmax(NEAR, m, mask=Mask.bipartite(2)), None),
        (RowSoftmax(NEAR, m, mask=Mask.strictly_causal()), None),
        (
            RowSoftmax(
                NEAR, m, mask=Mask(GRAPH, Mask.graph(Matrix([[0, 1], [1, 0]])).parameter, n)
            ),
            None,
        ),
        (RowSoftmax(beta * TURNED, m), None),
        (RowSoftmax(NEAR + TURNED, m), None),
    ],
)
def test_scores(softmax: Any, known: Any) -> None:
    assert score_of(Entry(softmax, TOKEN, OTHER)) == known


def test_a_slope_of_the_other_sign_favors_far_tokens() -> None:
    """n = 3, weights e^(3|i-j|), x_3 = -x_1: the length of x_1 shrinks though masses are in (N)."""
    x = np.array([[1.0, 0], [1, 0], [-1, 0]])
    away = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    assert _slopes(x, np.ones(3) / 3, 1.0, seen=np.exp(3 * away))[0] < 0
    assert 2 * _least(1.0) < np.e
    own = attached(Subject.of(catalogue("ALiBi + pre-LN"), {_slope(): -3}))
    assert not isinstance(own, Refusal)
    assert isinstance(States(own).narrow, Refusal)


def _slope() -> Any:
    return next(s for s in catalogue("ALiBi + pre-LN").parameters if str(s) == "slope")


@pytest.mark.parametrize(
    "name",
    [
        "window + pre-LN",
        *(pytest.param(k, marks=pytest.mark.slow) for k in ("window + nGPT", "ALiBi + peri-LN")),
    ],
)
def test_masks_and_places(name: str) -> None:
    found = almost_every_start("Theorem 6.1", Subject.of(catalogue(name)))
    assert found is not None and "(N)" in found[0]
    own = found[1]
    assert isinstance(own.found, Theorem) and own.found.says == own.says.then
    assert narrow(beta) in own.says.given
    assert "3 <= d" in map(written, own.says.given)


def test_who_does_not_see_itself_is_not_in_it() -> None:
    assert almost_every_start("Theorem 6.1", Subject.of(catalogue("bipartite + pre-LN"))) is None
