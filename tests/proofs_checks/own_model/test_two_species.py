"""Rows of two species against runs and states of compiled models, and twins that aren't proved."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Integer, MatrixSymbol, OneMatrix, exp

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.two_species import OF_SPECIES, species_of
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax, Tangent
from theory.blocks import Block
from theory.models import Model, catalogue
from theory.symbols import X, beta, d, m

CROSS, CODER = catalogue("cross-attention"), catalogue("encoder-decoder")
Y = CODER.blocks[1].symbol
SIZE = Y.shape[0]


def softmax(rows, columns, scale=beta):
    """Softmax over a block; of tokens by their masses."""
    masses = m if columns == X else OneMatrix(columns.shape[0], 1)
    return RowSoftmax(scale * rows * columns.T, masses) * columns


def pair(of_x, of_y, name="twin"):
    """A model of two species."""
    return Model(
        name,
        {X: Tangent(X, of_x), Y: Tangent(Y, of_y)},
        parameters=(beta,),
        blocks=(Block(X), Block(Y)),
    )


BOTH = pair(softmax(X, X) + softmax(X, Y), softmax(Y, X) + softmax(Y, Y), "mutual")
HIGH = pair(2 * softmax(X, Y), softmax(Y, Y) + softmax(Y, X), "no own sight")


def _hemisphere(rng, count, dim):
    x = rng.normal(size=(count, dim))
    x[:, 0] = np.abs(x[:, 0]) + 0.2
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def _all(state):
    return np.vstack([state["X"], state["Y"]])


@pytest.mark.parametrize("model", [CODER, BOTH, HIGH], ids=lambda model: model.name)
def test_runs_stay_below_the_bound(model):
    """D(t) <= D(0) e^(-h κ t), and heights never fall; some run comes near the first."""
    rng, step, best = np.random.default_rng(1), 5e-3, np.inf
    own = species_of(Flow.of(model))
    share = own.bound * own.common.shape[0]
    for heat in (0.0, 2.0):
        field, rate = compile_model(model, beta=heat), float(share.subs(beta, heat))
        for _ in range(3):
            state = {"X": _hemisphere(rng, 3, 3), "Y": _hemisphere(rng, 2, 3)}
            low = _all(state)[:, 0].min()
            start = _diameter(state)
            for k in range(1, 61):
                move = field.unchecked(state)
                state = {a: v + step * move[a] for a, v in state.items()}
                state = {a: v / np.linalg.norm(v, axis=1, keepdims=True) for a, v in state.items()}
                assert _all(state)[:, 0].min() >= low - 1e-4
                bound = start * np.exp(-low * rate * k * step)
                best = min(best, bound / _diameter(state))
                assert _diameter(state) <= bound * (1 + 1e-3)
    assert best < 1.2


def _diameter(state):
    points = _all(state)
    points = points / points[:, :1]
    return np.linalg.norm(points[:, None] - points[None], axis=2).max()


@pytest.mark.slow
def test_late_growth():
    """α' >= κ/(2l) (1-α) at late states, x* the limit of a longer run."""
    rng, heat = np.random.default_rng(2), 1.0
    field = compile_model(CODER, beta=heat)
    state = {"X": _hemisphere(rng, 3, 3), "Y": _hemisphere(rng, 2, 3)}
    path = []
    for _ in range(6000):
        move = field.unchecked(state)
        path.append((state, move))
        state = {a: v + 5e-3 * move[a] for a, v in state.items()}
        state = {a: v / np.linalg.norm(v, axis=1, keepdims=True) for a, v in state.items()}
    limit = state["X"][0]
    for now, move in path[:1500:50]:
        heights, rates = _all(now) @ limit, _all(move) @ limit
        low = int(np.argmin(heights))
        if heights[low] >= 0.5:
            assert rates[low] >= np.exp(-2 * heat) / 4 * (1 - heights[low]) - 1e-9


def test_scope_and_share():
    found = species_of(Flow.of(CODER))
    assert (found.common, found.bound, found.closed) == (Y, exp(-2 * Abs(beta)) / SIZE, True)
    assert species_of(Flow.of(HIGH)).bound == found.bound
    assert not species_of(Flow.of(BOTH)).closed
    assert species_of(Flow.of(CROSS)).common is None
    assert species_of(Flow.of(CODER, beta=-2)).bound == exp(-4) / SIZE


@pytest.mark.parametrize(
    "twin",
    [
        pair(softmax(X, X) - softmax(X, Y), softmax(Y, Y)),  # one pull of the other sign
        pair(softmax(X, X) + softmax(X, Y), -softmax(Y, Y)),
        pair(softmax(X, X), softmax(Y, Y)),  # two closed classes
        pair(softmax(X, X) + softmax(X, Y), 0 * softmax(Y, Y) + softmax(Y, X)),  # none sees Y and X
    ],
    ids=["pushed", "parted", "two classes", "crossed"],
)
def test_hostile_twins_have_no_consensus(twin):
    own = species_of(Flow.of(twin))
    assert own is None or own.common is None
    for row in ("Lemma 6.4", "Theorem 6.3", "Theorem 6.7", "(6.8)", "Remark 6.5"):
        assert OF_SPECIES[row].ask(Flow.of(twin)).verdict is not Verdict.PROVED


def test_one_species_is_not_asked_here():
    for name in ("SA", "pre-LN", "moving masses", "USA"):
        assert species_of(Flow.of(catalogue(name))) is None


@pytest.mark.slow
def test_rows():
    coder, cross = (check_model(one, only=list(OF_SPECIES)) for one in (CODER, CROSS))
    assert {row.evidence.verdict for row in coder.rows} == {Verdict.PROVED}
    assert all(row.evidence.sheet.holds for row in coder.rows)
    typed = {row.name for row in coder.rows if row.evidence.sheet.typed}
    assert typed == set(OF_SPECIES) - {"Theorem 6.3", "Theorem 6.7"}
    assert "existence" not in coder["Lemma 6.4"].scope
    proved = {row.name for row in cross.rows if row.evidence.verdict is Verdict.PROVED}
    assert proved == {"(6.2)", "(6.4)", "(6.5)"}


def test_keys_of_a_number():
    keys = MatrixSymbol("Y", 1, d)
    one = Model(
        "one key",
        {X: Tangent(X, RowSoftmax(beta * X * keys.T, OneMatrix(1, 1)) * keys)},
        parameters=(beta,),
        blocks=(Block(X), Block(keys, "constant")),
    )
    assert species_of(Flow.of(one)).common is None
    evidence = check_model(one, only="Lemma 6.4")["Lemma 6.4"]
    assert evidence.verdict is not Verdict.REFUTED
    assert SIZE != Integer(1)
