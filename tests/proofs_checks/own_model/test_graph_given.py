"""A graph that is left open under its hypothesis, beside runs; and graphs of other models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.by_graph import softmax_of_graph
from proofs_checks.own_model.graph_given import OF_GIVEN_GRAPHS
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import catalogue
from theory.symbols import t

GRAPH = catalogue("graph")
ROW, *LATE = OF_GIVEN_GRAPHS


def _end(graph):
    """Spread of five tokens of a hemisphere at t = 20."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(len(graph), 3))
    x[:, 0] = np.abs(x[:, 0]) + 0.3
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    field = compile_model(GRAPH, beta=1.0, W=graph)
    for _ in range(400):
        x = x + 0.05 * field.unchecked(x)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    return np.abs(x - x[0]).max()


def test_it_is_proved_with_its_hypothesis_and_its_converse():
    evidence = check_model(GRAPH, only=ROW)[ROW]
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.holds
    assert evidence.scope["W"] == "given: some token is reached from all"
    assert "else an open set of starts there doesn't meet" in evidence.sentence


@pytest.mark.slow
def test_runs_meet_where_some_token_is_reached_from_all():
    ring = np.roll(np.eye(5), 1, axis=1)
    star = np.zeros((5, 5))
    star[:, 2] = 1
    pairs = np.kron(np.eye(2), np.ones((2, 2)))
    assert _end(ring) < 1e-3 and _end(star) < 1e-6 and _end(pairs) > 1e-2


@pytest.mark.parametrize("name", ["SA", "causal", "window", "encoder-decoder", "low-rank heads"])
def test_other_models_leave_no_graph_open(name):
    assert softmax_of_graph(Flow.of(catalogue(name))) is None


def test_hostile_twins():
    """Tokens that are pushed, a clock that ends, and a graph that is given."""
    for field in (-GRAPH.velocity.field, t * GRAPH.velocity.field, GRAPH.velocity.field * (1 - t)):
        twin = replace(GRAPH, name="twin", velocity=Tangent(GRAPH.velocity.points, field))
        assert OF_GIVEN_GRAPHS[ROW].ask(Flow.of(twin)).verdict is not Verdict.PROVED
    assert softmax_of_graph(Flow.of(GRAPH, W=np.eye(3))) is None


def test_the_least_weight_is_above_zero_where_all_see_all_alone():
    """κ of a given graph is 0 where one token isn't seen; of all ones it is that of SA."""
    free = check_model(GRAPH, only=LATE)
    for row in LATE:
        assert free[row].verdict is Verdict.PROVED and "all see all" in free[row].detail
    for graph in (np.tril(np.ones((3, 3))), np.ones((3, 3)) - np.eye(3)):
        given = check_model(GRAPH, only=LATE, W=graph)
        assert {row.evidence.verdict for row in given.rows} == {Verdict.VACUOUS}
    assert {
        row.evidence.verdict for row in check_model(GRAPH, only=LATE, W=np.ones((3, 3))).rows
    } == {Verdict.PROVED}
