"""Merge trees: arborescences and forests, SciPy linkage, Newick text, cuts in time."""

import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy

from numerics import sphere
from numerics.coarsening.forecast import compare_with_forecast
from numerics.coarsening.result import CoarsenStatus
from numerics.coarsening.run import coarsen
from numerics.coarsening.trees import clusters_at, linkage, merge_tree, newick
from numerics.coarsening.verdict import stationary_verdict
from theory import SA, USA

pytestmark = pytest.mark.extras


def circle(*angles):
    theta = np.asarray(angles, dtype=float)
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def simulated(log_times, sizes=None):
    """A tree with leaves 0…n−1 where each merge joins the next leaves to the last cluster."""
    sizes = sizes or [2] * len(log_times)
    tree, top, leaf = nx.DiGraph(), 0, 1
    n = sum(sizes) - len(sizes) + 1
    for k in range(n):
        tree.add_node(k, log_time=-math.inf, mass=1.0)
    for k, (time, size) in enumerate(zip(log_times, sizes, strict=True)):
        tree.add_node(n + k, log_time=time, mass=0.0)
        tree.add_edges_from((n + k, child) for child in (top, *range(leaf, leaf + size - 1)))
        top, leaf = n + k, leaf + size - 1
    return tree


@pytest.fixture(scope="module")
def finished():
    return coarsen(sphere.random_points(40, 3, rng=1), beta=81, model=SA, rtol=1e-6)


@pytest.mark.slow
def test_arborescence(finished):
    tree = merge_tree(finished)
    assert nx.is_arborescence(tree)
    leaves = [node for node, degree in tree.out_degree() if degree == 0]
    assert sorted(leaves) == list(range(40))
    for node in set(tree) - set(leaves):
        children = list(tree.successors(node))
        assert tree.nodes[node]["mass"] == pytest.approx(
            sum(tree.nodes[c]["mass"] for c in children)
        )
        assert all(tree.nodes[c]["log_time"] <= tree.nodes[node]["log_time"] for c in children)
        assert tree.nodes[node]["energy_after"] >= tree.nodes[node]["energy_before"]
        assert tree.nodes[node]["position"].shape == (3,)
        assert tree.nodes[node]["ill_conditioned"] is False


@pytest.mark.slow
def test_forest_of_an_unfinished_run():
    result = coarsen(sphere.random_points(40, 3, rng=1), beta=81, log_t_end=10, rtol=1e-6)
    assert result.status is CoarsenStatus.HORIZON
    tree = merge_tree(result)
    assert nx.is_branching(tree) and not nx.is_arborescence(tree)
    count = nx.number_weakly_connected_components(tree)
    assert 1 < count < 40
    assert len(clusters_at(tree, math.inf)) == count
    assert len(newick(tree).splitlines()) == count
    with pytest.raises(ValueError, match=f"forest with roots={count}. Pass top="):
        linkage(tree)
    with pytest.raises(ValueError, match="got top=1"):
        linkage(tree, top=1.0)
    with pytest.raises(ValueError, match="got top=inf"):
        linkage(tree, top=math.inf)
    matrix = linkage(tree, top=10.0)
    assert hierarchy.is_valid_linkage(matrix)
    assert (matrix[-(count - 1) :, 2] == matrix[-1, 2]).all()
    labels = hierarchy.fcluster(matrix, matrix[-1, 2] - 1e-9, "distance")
    assert groups(labels) == set(clusters_at(tree, 10.0))


def groups(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def test_stationary_run_gives_a_forest():
    tree = merge_tree(coarsen(circle(0.5, -0.5, np.pi - 0.5, np.pi + 0.5), beta=9))
    assert nx.is_branching(tree) and not nx.is_arborescence(tree)
    assert clusters_at(tree, 100.0) == (frozenset({0, 1}), frozenset({2, 3}))


@pytest.mark.slow
def test_linkage_is_read_by_scipy(finished):
    tree = merge_tree(finished)
    matrix = linkage(tree)
    assert matrix.shape == (39, 4)
    assert hierarchy.is_valid_linkage(matrix) and hierarchy.is_monotonic(matrix)
    drawn = hierarchy.dendrogram(matrix, no_plot=True)
    assert sorted(drawn["leaves"]) == list(range(40))
    finite = np.array([m.log_time for m in finished.merges if m.log_time > -math.inf])
    assert matrix[-len(finite) :, 2] == pytest.approx(finite - finite[0] + 1)
    times = [merge.log_time for merge in finished.merges]
    for first, second in list(itertools.pairwise(times))[::4]:
        middle = 0.5 * (first + second)
        labels = hierarchy.fcluster(matrix, middle - finite[0] + 1, "distance")
        assert groups(labels) == set(clusters_at(tree, middle))


def test_multiway_merges_become_rows_of_one_height():
    tree = simulated([-math.inf, 2.0, 5.0], [3, 4, 2])
    matrix = linkage(tree)
    assert hierarchy.is_valid_linkage(matrix)
    assert matrix[:, 2].tolist() == [0, 0, 1, 1, 1, 4]
    assert matrix[:, 3].tolist() == [2, 3, 2, 3, 6, 7]
    assert newick(tree) == "(6:4,(3:1,4:1,5:1,(0:0,1:0,2:0)7:1)8:3)9;"


def test_duplicates_and_single_particles():
    tree = merge_tree(coarsen(np.repeat(circle(0, 1), 3, axis=0), beta=9))
    assert nx.is_arborescence(tree)
    assert sorted(tree.successors(6)) == [0, 1, 2]
    assert tree.nodes[6]["log_time"] == -math.inf
    assert clusters_at(tree, -math.inf) == (frozenset({0, 1, 2}), frozenset({3, 4, 5}))
    assert linkage(tree)[:, 2].tolist() == [0, 0, 0, 0, 1]
    one = merge_tree(coarsen([[1.0, 0.0]], beta=9))
    assert list(one) == [0] and nx.is_arborescence(one)
    assert linkage(one).shape == (0, 4)
    assert newick(one) == "0;"
    assert clusters_at(one, 0.0) == (frozenset({0}),)
    same = merge_tree(coarsen([[1.0, 0.0]] * 4, beta=9))
    assert linkage(same)[:, 2].tolist() == [0, 0, 0]
    assert newick(same) == "(0:0,1:0,2:0,3:0)4;"


def test_newick_of_a_long_chain_needs_no_recursion():
    text = newick(simulated([float(k) for k in range(3000)]))
    assert text.count("(") == text.count(")") == 3000


@pytest.mark.slow
def test_newick_branch_lengths(finished):
    tree = merge_tree(finished)
    text = newick(tree)
    assert text.endswith(";") and text.count("(") == text.count(")") == len(finished.merges)
    # every leaf is as far from the root as the root is high
    depth = 0.0
    root = max(tree)
    node = 0
    while node != root:
        label = next(part for part in text.replace("(", ",").replace(")", ",").split(",")
                     if part.split(":")[0] == str(node))  # fmt: skip
        depth += float(label.split(":")[1])
        (node,) = tree.predecessors(node)
    assert depth == pytest.approx(linkage(tree)[-1, 2])


@pytest.mark.slow
def test_cut_at_a_merge_includes_it(finished):
    tree = merge_tree(finished)
    for merge in finished.merges[5::9]:
        assert len(clusters_at(tree, merge.log_time)) == len(
            clusters_at(tree, np.nextafter(merge.log_time, -np.inf))
        ) - (len(merge.children) - 1)
    with pytest.raises(ValueError, match="log_time=nan"):
        clusters_at(tree, math.nan)


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(
    rows=st.lists(
        st.lists(st.integers(-3, 3), min_size=2, max_size=2).filter(any), min_size=1, max_size=7
    ),
    beta=st.sampled_from([0, 4, 40]),
    model=st.sampled_from([SA, USA]),
)
def test_tree_invariants(rows, beta, model):
    result = coarsen(sphere.project(rows), beta=beta, model=model, rtol=1e-6, max_steps=1500)
    tree = merge_tree(result)
    assert nx.is_branching(tree)
    assert nx.is_arborescence(tree) == (len(clusters_at(tree, math.inf)) == 1)
    if result.status is CoarsenStatus.CONSENSUS:
        assert nx.is_arborescence(tree)
    elif result.status is CoarsenStatus.STATIONARY:
        assert not nx.is_arborescence(tree)
    end = max([0.0, result.log_times[-1]])
    matrix = linkage(tree, top=end)
    assert len(matrix) == len(rows) - 1
    if len(rows) > 1:
        assert hierarchy.is_valid_linkage(matrix)
    for time in (-math.inf, 0.0, 2.0, math.inf):
        cut = clusters_at(tree, time)
        assert sorted(itertools.chain.from_iterable(cut)) == list(range(len(rows)))


@pytest.mark.parametrize(
    "take", [merge_tree, newick, linkage, clusters_at, compare_with_forecast, stationary_verdict]
)
@pytest.mark.parametrize("others", [(), ([[1.0, 0.0]],), ([[1.0, 0.0]], 2.0, 3.0)])
def test_a_model_in_place_of_a_result_is_answered_with_how_to_get_one(take, others):
    with pytest.raises(TypeError, match=r"Expected a .* but got .*=SA, a model; .*coarsen\(points"):
        take(SA, *others)
