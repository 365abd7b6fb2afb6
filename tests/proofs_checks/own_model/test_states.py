"""Velocities at explicit states, beside the compiled field."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, Symbol, exp

from numerics.compile import compile_model
from proofs_checks.own_model.states import has_rows_alone, short, velocities_at
from proofs_checks.proof import Flow
from theory.models import catalogue
from theory.symbols import X, r

TOKENS = [[Rational(3, 5), Rational(4, 5)], [1, 0], [Rational(-4, 5), Rational(3, 5)]]


def test_both_blocks_are_those_of_the_compiled_model():
    flow = Flow.of(catalogue("peri-LN"), beta=2)
    found = velocities_at(flow, TOKENS, [1, 2, 3], [1, 2, 5])
    field = compile_model(catalogue("peri-LN"), beta=2.0)
    points, lengths = np.array(TOKENS, dtype=float), np.array([[1.0], [2], [5]])
    moves = replace(field, masses=np.array([1.0, 2, 3])).unchecked({"X": points, "r": lengths})
    for symbol in (X, r):
        rows = [[float(entry) for entry in row] for row in found[symbol]]
        assert np.allclose(rows, moves[str(symbol)])


def test_which_states_are_written():
    assert has_rows_alone(Flow.of(catalogue("pre-LN")))
    assert not has_rows_alone(Flow.of(catalogue("cross-attention")))
    assert not has_rows_alone(Flow.of(catalogue("discrete layer")))
    assert not has_rows_alone(Flow.of(catalogue("graph")))


def test_what_exponentials_are_of_is_cancelled_first():
    s = Symbol("s", positive=True)
    assert short(exp((1 - s**2) / (1 - s)) * exp(-s)) == exp(1)
    with pytest.raises(NotImplementedError, match="operations"):
        short(sum(exp(k * s) / (1 + k * s) for k in range(2, 120)))
