"""Orders of symmetry groups: by trying all permutations, and those of reflection groups."""

from itertools import permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.point_codes.symmetry import isometric, symmetry_order


def coloured(graph):
    matrix = nx.to_numpy_array(graph, dtype=int)
    np.fill_diagonal(matrix, 2)
    return matrix


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 6), st.integers(0, 10**6), st.integers(1, 3))
def test_all_permutations(n, seed, colours):
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.integers(0, colours, (n, n)), 1)
    matrix = upper + upper.T + colours * np.eye(n, dtype=int)
    kept = sum(
        np.array_equal(matrix[np.ix_(p, p)], matrix) for p in map(list, permutations(range(n)))
    )
    assert symmetry_order(matrix) == kept
    order = rng.permutation(n)
    assert isometric(matrix, matrix[np.ix_(order, order)])


@pytest.mark.parametrize(
    ("graph", "order"),
    [
        (nx.petersen_graph(), 120),
        (nx.hypercube_graph(4), 384),
        (nx.dodecahedral_graph(), 120),
        (nx.frucht_graph(), 1),
        (nx.tutte_graph(), 3),
        (nx.complete_bipartite_graph(4, 4), 1152),
    ],
)
def test_known_graphs(graph, order):
    assert symmetry_order(coloured(graph)) == order


def test_alike_locally_but_not_isometric():
    """Two 4 x 4 rook's and Shrikhande: strongly regular with the same parameters."""
    rook = nx.line_graph(nx.complete_bipartite_graph(4, 4))
    steps = [(0, 1), (1, 0), (1, 1)]
    shrikhande = nx.Graph(
        ((a, b), ((a + i) % 4, (b + j) % 4)) for a in range(4) for b in range(4) for i, j in steps
    )
    assert not isometric(coloured(rook), coloured(shrikhande))
    assert (symmetry_order(coloured(rook)), symmetry_order(coloured(shrikhande))) == (1152, 192)
    assert not isometric(coloured(rook), coloured(nx.cycle_graph(5)))
