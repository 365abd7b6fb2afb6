"""Polar coordinates, frozen blocks and swapped ones, against runs of the models they come from."""

import numpy as np
import pytest
from sympy import MatrixSymbol

from numerics import compile_model, integrate, sphere
from theory import Block, Model, catalogue, polar
from theory.atoms import RowNormalize, RowSoftmax
from theory.models import PRE_LN, PURE_ATTENTION
from theory.symbols import X, beta, d, m, n, r

UNIT = RowNormalize(X)
SUMS = Model("sums", RowSoftmax(beta * UNIT * UNIT.T, m) * UNIT, space="euclidean")


def test_pre_ln_is_attention_of_normalised_tokens():
    found = polar(SUMS)
    assert found.velocity == PRE_LN.velocity
    assert found.blocks == PRE_LN.blocks


@pytest.mark.parametrize(
    "model",
    [
        SUMS,
        Model("peri", RowNormalize(SUMS.velocity), space="euclidean"),
        Model("lengths", RowSoftmax(beta * X * X.T, m) * X, space="euclidean"),
        PURE_ATTENTION,
    ],
    ids=lambda model: model.name,
)
def test_polar_runs_are_those_of_the_vectors(model):
    rng = np.random.default_rng(6)
    vectors = rng.normal(size=(4, 3))
    given = {"beta": 0.7}
    if model is PURE_ATTENTION:
        given |= {key: rng.normal(size=(3, 3)) / 3 for key in ("Q", "K", "V")}
    lengths = np.linalg.norm(vectors, axis=1)
    start = {"X": vectors / lengths[:, None], "r": lengths}
    plain = integrate(compile_model(model, **given), vectors, 1.0, rtol=1e-10)
    found = integrate(compile_model(polar(model), **given), start, 1.0, rtol=1e-10)
    rebuilt = found.state["r"][-1].reshape(-1, 1) * found.points[-1]
    assert np.allclose(rebuilt, plain.points[-1], atol=1e-7)


def test_polar_keeps_other_blocks():
    keys = MatrixSymbol("Y", 3, d)
    field = RowSoftmax(beta * UNIT * keys.T, MatrixSymbol("w", 3, 1)) * keys
    blocks = (Block(X, "euclidean"), Block(keys, "constant"))
    model = Model("read", {X: field}, parameters=(beta, MatrixSymbol("w", 3, 1)), blocks=blocks)
    assert [str(b.symbol) for b in polar(model).blocks] == ["X", "r", "Y"]


def test_polar_needs_vectors():
    with pytest.raises(ValueError, match="Expected a flow in R"):
        polar(PRE_LN)
    named = Model(
        "r",
        X + r * MatrixSymbol("e", 1, d),
        parameters=(r, MatrixSymbol("e", 1, d)),
        space="euclidean",
    )
    with pytest.raises(ValueError, match="rename it"):
        polar(named)


def test_frozen_and_swapped_species():
    model = catalogue("encoder-decoder")
    keys = model.blocks[1].symbol
    rng = np.random.default_rng(0)
    first, second = (sphere.random_points(size, 3, rng=rng) for size in (4, 5))
    whole = compile_model(model, beta=1.3)({"X": first, "Y": second})
    fixed = model.freeze(keys)
    assert not fixed.blocks[1].moves
    frozen = compile_model(fixed, beta=1.3)({"X": first, "Y": second})
    assert np.array_equal(frozen["X"], whole["X"])
    swapped = model.swap(keys)
    turned = compile_model(swapped, beta=1.3)({"X": second, "Y": first})
    assert np.allclose(turned["X"], whole["Y"]) and np.allclose(turned["Y"], whole["X"])
    encoder = swapped.freeze(swapped.blocks[1].symbol)
    assert list(encoder.velocities) == [X]


def test_what_cannot_be_frozen_or_swapped():
    with pytest.raises(ValueError, match="swap it"):
        PRE_LN.freeze(X)
    with pytest.raises(ValueError, match="Expected a further block"):
        PRE_LN.freeze(m)
    with pytest.raises(ValueError, match="rows as long"):
        PRE_LN.swap(r)
    assert PRE_LN.freeze(r).velocities.keys() == {X} and n in X.shape
