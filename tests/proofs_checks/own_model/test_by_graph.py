"""Graphs that refute consensus, by runs, and rows that are said to be open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardProduct, Matrix, Rational, exp

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import check_model
from proofs_checks.claim import Budget, Verdict
from proofs_checks.own_model.by_graph import (
    apart,
    isolated,
    ring_is_stable,
    unknown,
)
from proofs_checks.own_model.simplex_attracts import simplex_attracts
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.masks import GRAPH, Mask
from theory.models import SA, Model, catalogue
from theory.positions import Distances
from theory.symbols import X, beta, m, n, t, z


def graph(*rows: str) -> Model:
    table = Matrix([list(map(int, row)) for row in rows]).as_immutable()
    seen = RowSoftmax(beta * X * X.T, m, mask=Mask(GRAPH, table, n))
    return Model("graph", Tangent(X, seen * X), parameters=(beta,))


RING = graph("11001", "11100", "01110", "00111", "10011")
PAIRS = graph("1100", "1100", "0011", "0011")
LED = graph("1000", "1100", "1010", "0011")


def ask(find: Any, model: Model, **given: Any) -> Any:
    return find(Flow.of(model, **given), None, Budget(1, np.random.default_rng(0)))


def test_two_closed_classes() -> None:
    found = ask(apart, PAIRS)
    assert found.text.startswith("tokens 1, 2 see nobody else, and so do 3, 4")
    assert ask(apart, RING) is None and ask(apart, LED) is None


@pytest.mark.slow
@pytest.mark.parametrize("heat", [0.0, 0.3, 2.25])
def test_a_ring_on_the_circle(heat: float) -> None:
    """A pentagon that is moved a little comes back where cos φ > β sin² φ, and only there."""
    turn = 2 * np.pi * np.arange(5) / 5
    angle = turn + np.random.default_rng(1).normal(scale=0.02, size=5)
    seen = np.eye(5) + np.roll(np.eye(5), 1, 1) + np.roll(np.eye(5), -1, 1)
    for _ in range(6000):
        gap = np.subtract.outer(angle, angle)
        w = seen * np.exp(heat * np.cos(gap))
        angle = angle - 0.1 * (w * np.sin(gap)).sum(axis=1) / w.sum(axis=1)
    kept = np.cos(np.subtract.outer(angle, angle)).min() < 0
    phi = 2 * np.pi / 5
    assert kept == (np.cos(phi) > heat * np.sin(phi) ** 2)
    assert (ask(ring_is_stable, RING, beta=heat) is not None) == kept


@pytest.mark.every(5)
@pytest.mark.parametrize("heat", [-1.0, -0.7, -0.6, -0.2, 1.0])
def test_a_triangle_below_minus_two_thirds(heat: float) -> None:
    """Three tokens near 120° come back below -2/3, and only there."""
    angle = 2 * np.pi * np.arange(3) / 3 + np.array([0.0, 0.05, -0.02])
    for _ in range(3000):
        gap = np.subtract.outer(angle, angle)
        w = np.exp(heat * np.cos(gap))
        angle = angle - 0.4 * (w * np.sin(gap)).sum(axis=1) / w.sum(axis=1)
    assert (np.cos(np.subtract.outer(angle, angle)).min() < 0) == (heat < -2 / 3)
    assert (ask(simplex_attracts, SA, beta=heat) is not None) == (heat < -2 / 3)
    assert ask(simplex_attracts, RING, beta=heat) is None


SCORES, KERNEL = beta * X * X.T, Elementwise(exp(beta * z), X * X.T)


@pytest.mark.parametrize("model", [PAIRS, RING], ids=["pairs", "ring"])
def test_a_mask_that_is_not_all_of_the_sight_refutes_nothing(model: Model) -> None:
    """All see all by another head, before a second softmax, or where the graph is in the scores."""
    seen, everybody = model.velocity.field.args[0], RowSoftmax(SCORES, m)
    fields = (
        seen * X + everybody * X,
        seen * everybody * X,
        RowSoftmax(SCORES + seen.mask, m) * X,
        HadamardProduct(seen.mask, KERNEL) * DiagMatrix(m) * X + KERNEL * DiagMatrix(m) * X,
    )
    for field in fields:
        other = Model("other", Tangent(X, field), parameters=(beta,))
        assert ask(apart, other) is None and ask(ring_is_stable, other) is None, field


def test_a_ring_whose_edges_differ_is_no_ring() -> None:
    """A bias by places joins the first and the last token less; the polygon isn't critical."""
    biased = RowSoftmax(SCORES - Distances(n), m, mask=RING.velocity.field.args[0].mask)
    model = Model("biased", Tangent(X, biased * X), parameters=(beta,))
    assert ask(ring_is_stable, model) is None
    doubled = RowSoftmax(2 * SCORES, m, mask=RING.velocity.field.args[0].mask)
    hotter = Model("hotter", Tangent(X, doubled * X), parameters=(beta,))
    assert ask(ring_is_stable, hotter, beta=Rational(1, 4)) is None  # 2β = 1/2 > 0.3416
    assert ask(ring_is_stable, hotter, beta=Rational(1, 8)) is not None


@pytest.mark.slow
def test_what_is_open() -> None:
    assert unknown("Theorem 6.1", Flow.of(catalogue("RoPE"))).startswith("open for 3 <= d < n")
    assert unknown("Theorem 6.1", Flow.of(catalogue("moving masses"))).startswith("open where mass")
    assert unknown("circle", Flow.of(catalogue("window"))).startswith("open on the circle")
    velocity = SA.velocity
    assert isinstance(velocity, Tangent)
    slow = Model("slow", Tangent(X, exp(-t) * velocity.field), parameters=(beta,))
    for row, model in (("Theorem 6.1", SA), ("circle", SA), ("Theorem 6.1", slow), ("(4.2)", SA)):
        assert unknown(row, Flow.of(model)) == ""


@pytest.mark.slow
def test_rows() -> None:
    for model, row, verdict in (
        (RING, "circle", Verdict.REFUTED),
        (PAIRS, "Theorem 4.1", Verdict.REFUTED),
        (catalogue("RoPE"), "Theorem 6.1", Verdict.OPEN),
        (catalogue("bipartite"), "circle", Verdict.PROVED),
    ):
        found = check_model(model, only=row)[row]
        assert found.verdict is verdict, (row, found.detail)


@pytest.mark.slow
def test_three_tokens_are_independent() -> None:
    """n <= 3 <= d: a graph with a root, and one without; four tokens are dependent for d = 3."""
    found = [
        check_model(graph(*rows), only="Theorem 6.1")["Theorem 6.1"]
        for rows in (("110", "011", "101"), ("10", "01"), ("1100", "0110", "0011", "1001"))
    ]
    words = [row.verdict for row in found]
    assert words[:2] == [Verdict.PROVED, Verdict.REFUTED]
    assert words[2] is Verdict.SUPPORTED
    assert found[0].sentence.startswith("n = 3, d >= 3: consensus almost surely, D <= D(0)")
    assert found[0].scope["d"] == ">= 3"
    seen = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    x = np.random.default_rng(2).normal(size=(3, 3))
    for _ in range(400):
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        weights = seen * np.exp(x @ x.T)
        pull = weights @ x / weights.sum(axis=1, keepdims=True)
        x = x + 0.2 * (pull - (pull * x).sum(axis=1, keepdims=True) * x)
    assert np.abs(x - x[0]).max() < 1e-3


def test_a_constant_in_front_leaves_open_what_is_open():
    model = catalogue("RoPE")
    tripled = replace(model, velocity=Tangent(X, 3 * model.velocity.field))
    for one in (model, tripled):
        assert unknown("Theorem 6.1", Flow.of(one)).startswith("open for 3 <= d < n")


def test_a_graph_that_is_left_open_may_be_of_tokens_alone():
    """W = I_3 is legal: nobody moves; where W is given, or a row says which, nothing is put."""
    flow = Flow.of(catalogue("graph"))
    words, at = isolated("Theorem 5.1", flow)
    (mask,) = at.model.velocity.atoms(Mask)
    assert words == "W = I_3" and mask.parameter == Matrix.eye(3)
    for row in ("leader induction", "hemisphere under a mask"):
        assert isolated(row, flow) is None
    ring = np.roll(np.eye(5), 1, axis=1) + np.eye(5)
    assert isolated("Theorem 5.1", Flow.of(catalogue("graph"), W=ring)) is None
    assert isolated("Theorem 5.1", Flow.of(catalogue("causal"))) is None
    still = compile_model(catalogue("graph"), beta=1.0, W=np.eye(3))(random_points(3, 3, 0))
    assert abs(still).max() < 1e-12


@pytest.mark.slow
def test_rows_of_a_graph_that_is_left_open():
    rows = ["Theorem 4.2", "(4.3)", "Theorem 4.3", "Theorem 5.1", "(6.3)", "Remark 6.5", "(2.5)"]
    report = check_model(catalogue("graph"), only=rows)
    assert {row.evidence.verdict for row in report.rows} == {Verdict.REFUTED}
    ring = np.roll(np.eye(5), 1, axis=1) + np.eye(5)
    given = check_model(catalogue("graph"), only=["Theorem 4.3", "Remark 6.5"], W=ring)
    assert Verdict.REFUTED not in {row.evidence.verdict for row in given.rows}


def test_two_species_beyond_independent_tokens_are_open():
    coder = Flow.of(catalogue("encoder-decoder"))
    assert unknown("Theorem 6.1", coder).startswith("open for 3 <= d < n + l")
    assert unknown("Theorem 4.1", coder) == unknown("circle", coder) == ""
    assert unknown("Theorem 6.1", Flow.of(catalogue("cross-attention"))) == ""


def test_closed_classes_have_modes_of_their_own_at_consensus() -> None:
    """0 is an eigenvalue of D^-1 W - 1 once for each closed class, by numpy."""
    row = "consensus spectrum"
    assert check_model(catalogue("graph"), only=row)[row].detail.startswith("W = I_3: ")
    for model, classes in ((PAIRS, 2), (graph("100", "010", "111"), 2), (RING, 1), (LED, 1)):
        table = np.array(seen_by(model), dtype=float)
        values = np.linalg.eigvals(table / table.sum(axis=1, keepdims=True) - np.eye(len(table)))
        assert (abs(values) < 1e-12).sum() == classes
        assert (check_model(model, only=row)[row].verdict is Verdict.REFUTED) == (classes > 1)


def seen_by(model: Model) -> Any:
    (mask,) = model.velocity.atoms(Mask)
    return mask.parameter.tolist()
