"""States of several blocks: what a model of them is, and what is refused."""

import pickle
from dataclasses import replace

import pytest
from sympy import DiagMatrix, Dict, MatrixSymbol, OneMatrix, Symbol

from theory import SA, USA, Block, Model
from theory.atoms import Elementwise
from theory.symbols import X, beta, d, m, n, z

r = MatrixSymbol("r", n, 1)
count = Symbol("l", integer=True, positive=True)
Y = MatrixSymbol("Y", count, d)
p = MatrixSymbol("p", n, 1)
SLOW = DiagMatrix(Elementwise(1 / z, r)) * SA.velocity
PARTS = (Block(X), Block(r, "positive"))
GROWN = Model("grown", {X: SLOW, r: OneMatrix(n, 1)}, blocks=PARTS)


def test_most_models_have_one_block_and_space_is_short_for_it():
    assert SA.blocks == (Block(X, "sphere"),)
    assert SA.velocities == {X: SA.velocity}
    free = replace(USA, space="euclidean")
    assert free.blocks == (Block(X, "euclidean"),)
    assert replace(free, space="sphere") == replace(USA, space="sphere")
    spelled = Model("SA", {X: SA.velocity}, blocks=(Block(X, "euclidean"),))
    assert (spelled.velocity, spelled.space) == (SA.velocity, "euclidean")


def test_several_blocks_have_a_velocity_each():
    assert isinstance(GROWN.velocity, Dict)
    assert list(GROWN.velocities) == [X, r]
    assert GROWN.space == "sphere"
    assert pickle.loads(pickle.dumps(GROWN)) == GROWN
    assert hash(GROWN) == hash(replace(GROWN))
    assert str(GROWN).startswith("grown: X' = ")
    assert "r' = 1" in str(GROWN)
    assert GROWN.subs({beta: 2}).velocities[X] == SLOW.subs(beta, 2)
    assert GROWN.subs({beta: 2}).velocities[r] == OneMatrix(n, 1)


def test_constant_blocks_and_other_sizes_are_known_symbols():
    cross = Elementwise(z, X * Y.T) * OneMatrix(count, 1)
    model = Model(
        "cross",
        {X: DiagMatrix(cross) * DiagMatrix(p) * X},
        blocks=(Block(X, "euclidean"), Block(Y, "constant"), Block(p, "constant")),
    )
    assert model.velocities == {X: DiagMatrix(cross) * DiagMatrix(p) * X}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"velocity": SLOW, "blocks": PARTS}, "Expected a velocity for each block"),
        ({"velocity": {X: SLOW}, "blocks": PARTS}, "one for every block that moves"),
        ({"velocity": {X: SLOW, r: X}, "blocks": PARTS}, r"Expected velocity\[r\] of shape"),
        ({"velocity": {X: SLOW, r: r}, "blocks": PARTS[::-1]}, "Expected the tokens X first"),
        (
            {"velocity": {X: SLOW, r: r}, "blocks": (*PARTS, Block(r, "positive"))},
            "each symbol in one block",
        ),
        (
            {"velocity": {X: SLOW, r: r}, "blocks": PARTS, "space": "euclidean"},
            "Expected space or blocks but got space='euclidean'",
        ),
        ({"velocity": SLOW}, "add them to parameters"),
    ],
)
def test_wrong_blocks_are_refused_with_the_remedy(arguments, message):
    with pytest.raises(ValueError, match=message):
        Model("wrong", **arguments)


def test_a_block_has_a_space_that_fits_its_symbol():
    with pytest.raises(ValueError, match="Expected space one of"):
        Block(X, "torus")
    with pytest.raises(ValueError, match="one number a row for a simplex block"):
        Block(X, "simplex")
    with pytest.raises(TypeError, match="Expected symbol a MatrixSymbol"):
        Block(beta, "positive")
    assert not Block(m, "constant").moves
