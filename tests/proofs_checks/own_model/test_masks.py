"""Models with a mask: rows that ask who sees whom, and a graph that is given as a number matrix."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardProduct, Matrix, MatrixSymbol, cosh, exp

from proofs_checks.claim import Verdict
from proofs_checks.own_model import check_model
from proofs_checks.own_model.check import subject_of
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.masks import GRAPH as GRAPH_KIND
from theory.masks import Mask
from theory.models import CAUSAL, SA, Model, catalogue
from theory.symbols import X, beta, m, n, z

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


@pytest.mark.slow
def test_a_causal_mask():
    only = ("(6.2)", "(6.5)", "(4.2)", "(2.5)", "Lemma 6.4", *NEW)
    found = verdicts(check_model(CAUSAL, only=only))
    assert [found[name] for name in NEW] == [Verdict.PROVED] * 4
    assert found["(6.2)"] is found["(6.5)"] is found["(4.2)"] is Verdict.PROVED
    assert found["(2.5)"] is Verdict.REFUTED and found["Lemma 6.4"] is Verdict.PROVED


@pytest.mark.slow
def test_a_graph_by_its_matrix():
    only = ("Lemma 6.4", "(2.5)", "permutation equivariance", "consensus spectrum", *NEW)
    found = verdicts(check_model(GRAPH, W=PATH, only=only))
    assert [found[name] for name in NEW] == [None] * 2 + [Verdict.PROVED] * 2
    assert found["Lemma 6.4"] is Verdict.PROVED and found["(2.5)"] is Verdict.REFUTED
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


@pytest.mark.slow
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
    assert verdicts(check_model(GRAPH, only=only)) == {NEW[0]: None}  # W is no such mask


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


@pytest.mark.every(6)
@pytest.mark.parametrize("name", ["window", "bipartite", "graph", "causal", "ALiBi", "RoPE"])
@pytest.mark.parametrize("given", [{}, {"beta": 3.0}])
def test_angles_that_part_are_shown(name, given):
    """Samples of few tokens don't tell a window of two places from no mask."""
    found = check_model(catalogue(name), only=("equiangular ODE", "rates of schemes"), **given)
    assert found["equiangular ODE"].verdict is Verdict.REFUTED
    assert not found["rates of schemes"].applies


@pytest.mark.slow
@pytest.mark.parametrize("name", ["causal + ReLU", "causal + linear", "linear", "ReLU"])
@pytest.mark.parametrize("given", [{}, {"beta": 2.0}])
def test_pairs_that_never_meet_are_shown(name, given):
    """At obtuse angles ReLU weights are 0, linear ones negative, in an open hemisphere too."""
    found = check_model(catalogue(name), only=("Lemma 6.4",), **given)["Lemma 6.4"]
    assert found.verdict is Verdict.REFUTED and "<x" in found.detail


@pytest.mark.slow
def test_two_groups_of_two_are_about_three_tokens_at_least():
    found = check_model(catalogue("bipartite"), only=("Lemma 6.4", NEW[-1]))
    assert found["Lemma 6.4"].verdict is found[NEW[-1]].verdict is Verdict.PROVED
    assert found["Lemma 6.4"].scope["n"] == "symbolic, >= 3"


HEADS = {
    "softmax": lambda mask: RowSoftmax(beta * X * X.T, m, mask=mask),
    "not divided": lambda mask: (
        HadamardProduct(mask, Elementwise(exp(beta * z), X * X.T)) * DiagMatrix(m)
    ),
}


@pytest.mark.every(8)
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize(
    ("mask", "verdict"),
    [
        (Mask.causal(), Verdict.PROVED),
        (Mask.strictly_causal(), Verdict.PROVED),
        (Mask.band(1), Verdict.PROVED),
        (Mask.band(0), Verdict.REFUTED),
    ],
    ids=str,
)
def test_a_hemisphere_under_a_mask(head, mask, verdict):
    """They meet if some token is reached from all; a window of 0 leaves each alone."""
    model = Model("masked", Tangent(X, head(mask) * X), parameters=(beta,))
    assert verdicts(check_model(model, only=("Lemma 6.4",))) == {"Lemma 6.4": verdict}
    away = Model("away", Tangent(X, -head(mask) * X), parameters=(beta,))
    if verdict is Verdict.PROVED:
        found = verdicts(check_model(away, only=("Lemma 6.4",)))["Lemma 6.4"]
        assert found in (Verdict.REFUTED, Verdict.UNDECIDED, Verdict.VACUOUS)


SUCCESSORS = {
    "each sees the next": ([[0, 1, 0], [0, 0, 1], [1, 0, 0]], Verdict.PROVED),
    "all see one": ([[1, 0, 0], [1, 0, 0], [1, 0, 0]], Verdict.PROVED),
    "a chain": ([[1, 0, 0], [1, 0, 0], [0, 1, 0]], Verdict.PROVED),
    "two that see each other": ([[0, 1], [1, 0]], Verdict.PROVED),
    "two that see themselves": ([[1, 0], [0, 1]], Verdict.REFUTED),
    "a pair, and one alone": ([[0, 1, 0], [1, 0, 0], [0, 0, 1]], Verdict.REFUTED),
    "one token": ([[1]], Verdict.PROVED),
}


@pytest.mark.slow
@pytest.mark.parametrize(("graph", "verdict"), SUCCESSORS.values(), ids=SUCCESSORS)
def test_graphs_in_which_every_token_sees_one(graph, verdict):
    """x_i' = P_i x_{f(i)}: all meet if f has one cycle, as a run from a hemisphere shows."""
    only = ("Lemma 6.4", "rates of schemes", "equiangular ODE", "consensus spectrum")
    report = check_model(GRAPH, W=np.array(graph), only=only)
    assert report["Lemma 6.4"].verdict is verdict
    assert all("zip" not in row.evidence.detail for row in report.rows)
    successor = np.argmax(graph, axis=1)
    points = np.random.default_rng(1).normal(size=(len(graph), 3)) + np.array([0, 0, 2.0])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    for _ in range(4000):
        pull = points[successor]
        points = points + 0.05 * (pull - np.sum(pull * points, axis=1, keepdims=True) * points)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    assert bool(np.abs(points - points[0]).max() < 1e-6) is (verdict is Verdict.PROVED)


def test_a_graph_that_may_be_any():
    """One at which nobody moves is legal; where a token is reached from all is another row's."""
    found = check_model(GRAPH, only=("Lemma 6.4",))["Lemma 6.4"]
    assert found.verdict is Verdict.REFUTED and found.detail.startswith("W = I")


KERNELS = {  # weight k = h', its sign on (-1, 1] at a symbol β > 0, and at β = 2
    "sinh(beta*t)": ("PROVED", "PROVED"),
    "beta*t + t**3": ("PROVED", "PROVED"),
    "beta*t + t**2": ("REFUTED", "PROVED"),  # β + 2z, at -1 for β < 2
    "cosh(beta*t)": ("REFUTED", "REFUTED"),
    "-exp(beta*t)": ("REFUTED", "REFUTED"),
    "log(2+t)": ("PROVED", "PROVED"),
    "(t-1/2)**3": ("REFUTED", "REFUTED"),  # 0 at 1/2
}


@pytest.mark.slow
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_hemisphere_is_spoken_of_by_form(kernel):
    """The sign of weights decides what is true, and not whether it is said."""
    for given, wanted in zip(({}, {"beta": 2}), KERNELS[kernel], strict=True):
        if given and "beta" not in kernel:
            continue
        report = check_model(kernel, only=["hemisphere under a mask", "Lemma 6.4"], **given)
        assert {row.evidence.word for row in report.rows} == {wanted}


@pytest.mark.parametrize("mask", [Mask.causal(), Mask.band(1)], ids=str)
@pytest.mark.parametrize(
    ("kernel", "wanted"),
    [
        (beta * cosh(beta * z), "PROVED"),
        (beta + 2 * z, "UNDECIDED"),  # positive for β > 2
        (-exp(beta * z), "UNDECIDED"),
    ],
    ids=str,
)
def test_kernels_under_a_mask(kernel, wanted, mask):
    weights = HadamardProduct(mask, Elementwise(kernel, X * X.T)) * DiagMatrix(m)
    model = Model("masked", Tangent(X, weights * X), parameters=(beta,))
    only = ["hemisphere under a mask"]
    assert check_model(model, only=only)[only[0]].verdict.name == wanted
    if kernel == beta + 2 * z:
        assert check_model(model, only=only, beta=3)[only[0]].verdict is Verdict.PROVED
        # 0 at opposite tokens, which other rows on a mask speak of too
        assert check_model(model, only=only, beta=2)[only[0]].verdict is Verdict.UNDECIDED


def test_samples_are_of_as_many_tokens_as_a_graph_has():
    """Two pairs that don't see each other: twice as many zeros as rotations give."""
    mask = Mask(GRAPH_KIND, Mask.graph(Matrix(PARTED)).parameter, n)
    model = Model("pairs", Tangent(X, RowSoftmax(beta * X * X.T, m, mask=mask) * X))
    found = check_model(model, only=["consensus spectrum"])["consensus spectrum"]
    assert found.verdict is Verdict.REFUTED and "tokens 1, 2 see nobody else" in found.detail
    assert subject_of(model, 0, None, "wasserstein", None, {}).tokens == 4


def test_a_graph_given_entry_by_entry_is_of_its_own_number_of_tokens():
    seen = Matrix([[1, 0, 1], [1, 1, 0], [0, 0, 1]])
    field = RowSoftmax(beta * X * X.T, m, mask=Mask(GRAPH_KIND, seen, n)) * X
    report = check_model(Model("seen", Tangent(X, field)), only=["Theorem 6.1", "(6.2)"])
    assert {row.evidence.verdict for row in report.rows} == {Verdict.PROVED}
    assert {row.evidence.scope["n"] for row in report.rows} == {"3"}
