"""Models with a mask: rows that ask who sees whom, and a graph that is given as a number matrix."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import MatrixSymbol

from proofs_checks.claim import Verdict
from proofs_checks.own_model import check_model
from theory.atoms import RowSoftmax, Tangent
from theory.masks import Mask
from theory.models import CAUSAL, SA, Model, catalogue
from theory.symbols import X, beta, m, n

W = MatrixSymbol("W", n, n)
GRAPH = Model(
    "graph", Tangent(X, RowSoftmax(beta * X * X.T, m, mask=Mask.graph(W)) * X), parameters=(beta, W)
)
PATH = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
PARTED = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
NEW = (
    "leader induction",
    "rate of followers",
    "consensus spectrum under a mask",
    "hemisphere under a mask",
)


def verdicts(report):
    return {row.name: row.evidence.verdict for row in report.rows}


def test_a_causal_mask():
    only = ("(6.2)", "(6.5)", "(4.2)", "(2.5)", "Lemma 6.4", *NEW)
    found = verdicts(check_model(CAUSAL, only=only))
    assert [found[name] for name in NEW] == [Verdict.PROVED] * 4
    assert found["(6.2)"] is found["(6.5)"] is found["(4.2)"] is Verdict.PROVED
    assert found["(2.5)"] is Verdict.REFUTED and found["Lemma 6.4"] is Verdict.VACUOUS


def test_a_graph_by_its_matrix():
    only = ("Lemma 6.4", "(2.5)", "permutation equivariance", "consensus spectrum", *NEW)
    found = verdicts(check_model(GRAPH, W=PATH, only=only))
    assert [found[name] for name in NEW] == [Verdict.VACUOUS] * 2 + [Verdict.PROVED] * 2
    assert found["Lemma 6.4"] is Verdict.VACUOUS and found["(2.5)"] is Verdict.REFUTED
    assert found["permutation equivariance"] is Verdict.REFUTED
    assert Verdict.UNDECIDED not in {found[name] for name in ("consensus spectrum", *NEW)}


def test_groups_that_do_not_see_each_other():
    parted = ("Lemma 6.4", "(6.3)", "(6.4)", "Theorem 6.3", "Theorem 6.7", NEW[3])
    report = check_model(GRAPH, W=PARTED, only=(*parted, "(6.2)"))
    found = verdicts(report)
    for name in parted:
        assert found[name] is Verdict.REFUTED, name
        assert "tokens 1, 2" in report[name].detail
    assert report["Lemma 6.4"].scope["n"] == "4"
    assert found["(6.2)"] is Verdict.PROVED


def test_everybody_sees_everybody_is_no_mask():
    only = ("(2.5)", "Lemma 6.4", "Theorem 6.3", "Theorem 6.8", *NEW)
    full = verdicts(check_model(GRAPH, W=np.ones((3, 3)), only=only))
    assert full == verdicts(check_model(SA, only=only))


def test_triangular_graphs_are_told():
    only = NEW[:1]
    led = [[1, 0, 0], [1, 1, 0], [0, 1, 1]]
    assert verdicts(check_model(GRAPH, W=led, only=only)) == {NEW[0]: Verdict.PROVED}
    alone = [[1, 0, 0], [0, 1, 0], [1, 1, 1]]
    assert verdicts(check_model(GRAPH, W=alone, only=only)) == {NEW[0]: Verdict.REFUTED}
    assert verdicts(check_model(GRAPH, only=only)) == {NEW[0]: Verdict.UNDECIDED}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([[1, 0], [0, 0]], "Expected a mask in which every token sees some token"),
        ([[1, 0.5], [1, 1]], "Expected entries 0 and 1 but got 1/2"),
        ([[1, 0, 1], [1, 1, 1]], "Expected a square matrix"),
    ],
)
def test_bad_graphs(value, words):
    with pytest.raises(ValueError, match=words):
        check_model(GRAPH, W=value)


@pytest.mark.parametrize("name", ["window", "bipartite", "graph", "causal", "ALiBi", "RoPE"])
@pytest.mark.parametrize("given", [{}, {"beta": 3.0}])
def test_angles_that_part_are_shown(name, given):
    """Samples of few tokens don't tell a window of two places from no mask."""
    found = check_model(catalogue(name), only=("equiangular ODE", "rates of schemes"), **given)
    assert found["equiangular ODE"].verdict is Verdict.REFUTED
    assert found["rates of schemes"].verdict is Verdict.VACUOUS


@pytest.mark.parametrize("name", ["causal + ReLU", "causal + linear", "linear", "ReLU"])
@pytest.mark.parametrize("given", [{}, {"beta": 2.0}])
def test_pairs_that_never_meet_are_shown(name, given):
    """At obtuse angles ReLU weights are 0, linear ones negative, in an open hemisphere too."""
    found = check_model(catalogue(name), only=("Lemma 6.4",), **given)["Lemma 6.4"]
    assert found.verdict is Verdict.REFUTED and "<x" in found.detail


def test_two_groups_of_two_are_about_three_tokens_at_least():
    found = check_model(catalogue("bipartite"), only=("Lemma 6.4", NEW[-1]))
    assert found["Lemma 6.4"].verdict is Verdict.VACUOUS
    assert found[NEW[-1]].verdict is Verdict.PROVED
