"""Bad input: every error says `Expected … but got …`, and an unknown name the nearest ones."""

import re

import numpy as np
import pytest
from sympy import Matrix, MatrixSymbol, OneMatrix

from numerics import compile_model
from proofs_checks import check_model
from theory import Block, Mask, Model, catalogue
from theory.symbols import X, d, n

POINTS = np.array([[1.0, 0.0], [0.6, 0.8]])
LENGTHS = np.ones((2, 1))
R = MatrixSymbol("r", n, 1)


def pre_ln(state):
    return compile_model(catalogue("pre-LN"), beta=1.0)(state)


def masses(values):
    return compile_model(catalogue("SA"), beta=1.0, masses=values)(POINTS)


def moving(values):
    field = compile_model(catalogue("moving masses"), beta=1.0, alpha=1.0)
    return field({"X": POINTS, "m": np.asarray(values)})


CASES = {
    "unknown name": (lambda: catalogue("caussal"), "causal"),
    "unknown part": (lambda: catalogue("RoPE + snik"), "sink"),
    "two parts of a slot": (lambda: catalogue("causal + window"), "'causal' and 'window'"),
    "a model is no part": (lambda: catalogue("RoPE + Sinkhorn"), "Sinkhorn"),
    "a row that sees nobody": (lambda: Mask.graph(Matrix([[1, 0], [0, 0]])), "row 1"),
    "a mask of other numbers": (lambda: Mask.graph(Matrix([[2, 0], [0, 1]])), "entries 0 and 1"),
    "a mask that isn't square": (lambda: Mask.graph(Matrix([[1, 0]])), "square"),
    "a graph given as numbers with a blind row": (
        lambda: compile_model(catalogue("graph"), beta=1.0, W=np.array([[1, 0], [0, 0]])),
        "row 1",
    ),
    "a negative width": (lambda: Mask.band(-1), "width"),
    "missing block": (lambda: pre_ln({"X": POINTS}), "blocks ['X', 'r']"),
    "unknown block": (lambda: pre_ln({"X": POINTS, "r": LENGTHS, "s": LENGTHS}), "blocks"),
    "no state at all": (lambda: pre_ln(POINTS), "blocks"),
    "wrong block shape": (lambda: pre_ln({"X": POINTS, "r": np.ones((3, 1))}), "r of shape"),
    "negative lengths": (lambda: pre_ln({"X": POINTS, "r": -LENGTHS}), "r positive"),
    "tokens off the sphere": (lambda: pre_ln({"X": 2 * POINTS, "r": LENGTHS}), "length 1"),
    "not a number": (lambda: pre_ln({"X": POINTS, "r": np.nan * LENGTHS}), "r"),
    "negative masses": (lambda: masses([0.5, -0.5]), "masses"),
    "negative moving masses": (lambda: moving([1.5, -0.5]), "m positive"),
    "missing parameter": (lambda: compile_model(catalogue("nGPT"), beta=1.0), "alpha"),
    "unknown parameter": (lambda: check_model(catalogue("SA"), gamma=1.0), "gamma"),
    "unknown space": (lambda: Block(R, "torus"), "space"),
    "a column of two numbers": (lambda: Block(MatrixSymbol("r", n, 2), "positive"), "one number"),
    "a block twice": (
        lambda: Model("twice", {X: X}, blocks=(Block(X), Block(X))),
        "each symbol in one block",
    ),
    "no velocity of a block": (
        lambda: Model("still", {X: X}, parameters=(), blocks=(Block(X), Block(R, "positive"))),
        "velocities of",
    ),
    "velocity of the wrong shape": (
        lambda: Model(
            "wide",
            {X: X, R: OneMatrix(n, d)},
            parameters=(),
            blocks=(Block(X), Block(R, "positive")),
        ),
        "velocity[r]",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_says_what_was_expected(case):
    call, words = CASES[case]
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    text = str(caught.value)
    assert re.match(r"Expected .+ but got .+", text, flags=re.S), text
    assert words in text, text
