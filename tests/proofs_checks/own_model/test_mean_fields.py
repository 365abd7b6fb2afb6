"""Heads and layers as they are read off a velocity, and models that aren't sums of such."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import OneMatrix, simplify

from proofs_checks.own_model.mean_fields import Head, Layer, fields_of, force, pace
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import CAUSAL, SA, catalogue
from theory.symbols import X, beta, m, n, t, z
from theory.weights import SinkSoftmax


def fields(name, **given):
    return fields_of(Flow.of(catalogue(name) if isinstance(name, str) else name, **given))


def test_parts_of_each_block():
    (own,) = fields("low-rank heads").values()
    assert [str(part.size) for part in own] == ["|V_1|", "|V_2|"]
    assert [str(part.reach) for part in own] == ["beta*|Q_1^T K_1|", "beta*|Q_2^T K_2|"]
    coder = fields("encoder-decoder")
    assert [str(p) for p in coder] == ["X", "Y"] and len(coder[X]) == 2
    layer, head = fields("MLP block")[X]
    assert isinstance(layer, Layer) and isinstance(head, Head) and head.over == X


@pytest.mark.parametrize(
    ("name", "rate", "cold", "apart"),
    [
        ("SA", "2*beta + 2", "2", "beta"),
        ("encoder-decoder", "4*beta + 4", "4", "2*beta"),
        ("cross-attention", "beta + 1", "1", "beta"),
    ],
)
def test_rates_of_plain_heads(name, rate, cold, apart):
    found = fields(name)
    assert [str(pace(found)), str(pace(found, hot=False)), str(force(found))] == [rate, cold, apart]


def test_numbers_are_put_in():
    assert pace(fields("SA", beta=-3)) == 8
    assert simplify(force(fields("repulsive")) - beta) == 0


@pytest.mark.parametrize(
    "field",
    [
        t * SA.velocity.field,  # a clock
        RowSoftmax(beta * X * X.T, OneMatrix(n, 1)) * X,  # tokens counted
        RowSoftmax(beta * X * X.T + Elementwise(z**2, X * X.T), m) * X,  # a sum of scores
        SinkSoftmax(beta * X * X.T, m, 1) * X,  # rows of other sums
        RowSoftmax(beta * X * X.T, m) * RowSoftmax(beta * X * X.T, m) * X,
    ],
    ids=["clock", "counted", "sum", "sink", "twice"],
)
def test_other_fields_are_not_read(field):
    twin = replace(SA, name="twin", velocity=Tangent(X, field), energy=None)
    assert fields_of(Flow.of(twin)) is None


def test_other_models_are_not_read():
    for name in ("pre-LN", "USA", "discrete layer", "no projection", "RoPE", "ALiBi", "nGPT"):
        assert fields(name) is None
    assert fields(CAUSAL) is None
