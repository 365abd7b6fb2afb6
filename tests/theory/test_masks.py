"""Masks: who sees whom, the facts of each, and attention restricted to it."""

import pickle

import networkx as nx
import numpy as np
import pytest
from sympy import Matrix, MatrixSymbol, exp

from theory.atoms import MaskedSoftmax, RowSoftmax
from theory.energy import interaction_energy
from theory.masks import Mask
from theory.models import gradient_flow
from theory.positive_part import PositivePart
from theory.symbols import X, beta, d, m, n, z

W = MatrixSymbol("W", n, n)
CYCLE = Matrix([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
TREE = Matrix([[1, 0, 0], [1, 0, 0], [0, 1, 0]])
MASKS = [
    (Mask.causal(), lambda i, j: j <= i),
    (Mask.strictly_causal(), lambda i, j: j < i),
    (Mask.band(0), lambda i, j: i == j),
    (Mask.band(2), lambda i, j: abs(i - j) <= 2),
    (Mask.bipartite(2), lambda i, j: (i < 2) != (j < 2)),
    (Mask.cross(1), lambda i, j: j < 1),
    (Mask.cross(2), lambda i, j: j < 2),
]


@pytest.mark.parametrize(("mask", "sees"), MASKS, ids=[str(mask) for mask, _ in MASKS])
def test_entries_and_facts_agree(mask, sees):
    for count in (3, 5):
        table = np.array(mask.on(count), dtype=int)
        expected = [[int(sees(i, j)) for j in range(count)] for i in range(count)]
        assert table.tolist() == expected
        graph = nx.from_numpy_array(table, create_using=nx.DiGraph)
        assert mask.strongly_connected == nx.is_strongly_connected(graph)
        assert mask.triangular == bool(np.all(table == np.tril(table)))
        assert mask.symmetric == bool(np.all(table == table.T))
        assert mask.everybody_sees == bool(np.all(table.any(axis=1)))
        reached = [set(nx.descendants(graph, i)) | {i} for i in graph]
        assert mask.leader == bool(set.intersection(*reached))


@pytest.mark.parametrize(
    ("matrix", "connected", "leader"), [(CYCLE, True, True), (TREE, False, True)]
)
def test_facts_of_a_graph_are_read_off_its_matrix(matrix, connected, leader):
    mask = Mask.graph(matrix)
    assert (mask.strongly_connected, mask.leader) == (connected, leader)
    assert Mask.graph(W).strongly_connected is None
    assert Mask.graph(Matrix([[1, 0], [0, 1]])).leader is False


def test_masked_softmax_is_softmax_of_what_is_seen():
    atom = RowSoftmax(beta * X * X.T, m, mask=Mask.band(1))
    assert isinstance(atom, MaskedSoftmax)
    assert atom.func(*atom.args) == atom
    assert pickle.loads(pickle.dumps(atom)) == atom
    assert RowSoftmax(beta * X * X.T, m, mask=None) == RowSoftmax(beta * X * X.T, m)
    scores, masses = Matrix(3, 3, lambda i, j: i - 2 * j), Matrix([1, 2, 3])
    entries = RowSoftmax(scores, masses, mask=Mask.band(1, 3)).as_explicit()
    assert entries[0, 2] == 0
    assert (entries[0, 1] - 2 * exp(-2) / (1 + 2 * exp(-2))).simplify() == 0
    blind = RowSoftmax(scores, masses, mask=Mask.strictly_causal(3)).as_explicit()
    assert list(blind.row(0)) == [0, 0, 0]
    assert list(blind.row(1)) == [1, 0, 0]


def test_wrong_masks_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match="Expected width an integer >= 0 but got width=-1"):
        Mask.band(-1)
    with pytest.raises(ValueError, match="Expected first an integer >= 1 but got first=0"):
        Mask.bipartite(0)
    with pytest.raises(ValueError, match="Expected first an integer >= 1 but got first=0"):
        Mask.cross(0)
    with pytest.raises(ValueError, match="square matrix of who sees whom"):
        Mask.graph(X)
    with pytest.raises(ValueError, match="zeros in row 1"):
        Mask.graph(Matrix([[1, 0], [0, 0]]))
    with pytest.raises(ValueError, match="entries 0 and 1 but got 2"):
        Mask.graph(Matrix([[1, 2], [0, 1]]))
    with pytest.raises(TypeError, match="Expected mask a Mask"):
        RowSoftmax(beta * X * X.T, m, mask=W)
    with pytest.raises(ValueError, match="of the scores' shape"):
        RowSoftmax(beta * X * X.T, m, mask=Mask.causal(d))
    with pytest.raises(NotImplementedError, match="first row is zero"):
        RowSoftmax(beta * X * X.T, m, mask=Mask.strictly_causal()).elementary()


def test_a_pair_of_whom_one_does_not_see_the_other():
    assert Mask.causal().unseen == (1, 2, 2)
    assert Mask.strictly_causal().unseen == (1, 1, 2)
    assert Mask.band(2).unseen == (1, 4, 4)
    assert Mask.bipartite(1).unseen == (1, 1, 3)
    assert Mask.cross(1).unseen == (1, 2, 3)
    assert Mask.graph(W).unseen is None
    assert Mask.graph(Matrix([[1, 1], [1, 1]])).unseen is None


def test_who_sees_itself():
    for mask, sees in MASKS:
        own = all(sees(i, i) for i in range(4))
        assert mask.everybody_sees_itself == own, mask
    assert not Mask.graph(W).everybody_sees_itself, "a graph that isn't known"
    assert not Mask.graph(CYCLE).everybody_sees_itself
    assert not Mask.graph(TREE).everybody_sees_itself
    assert Mask.graph(Matrix([[1, 1], [0, 1]])).everybody_sees_itself


@pytest.mark.parametrize("kernel", [z**3, PositivePart(z, 2)], ids=str)
def test_a_row_sum_holds_the_own_term_only_where_it_is_seen(kernel):
    """A kernel that vanishes somewhere is divided under a band, and refused where i is blind."""
    energy = interaction_energy(kernel, mask=Mask.band(2))
    assert gradient_flow(energy, flow="softmax").velocity.has(Mask.band(2))
    with pytest.raises(ValueError, match=r"h' > 0 .*as tokens don't see themselves"):
        gradient_flow(interaction_energy(kernel, mask=Mask.bipartite(2)), flow="softmax")
    assert gradient_flow(interaction_energy(exp(z), mask=Mask.bipartite(2)), flow="softmax")


def test_a_graph_is_printed_on_one_line():
    assert str(Mask.graph(Matrix([[1, 0], [1, 1]]))) == "Mask(graph [[1, 0], [1, 1]])"
