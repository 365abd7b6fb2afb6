"""Numbers of clusters over many starts: reproducible in any order, and right for each run."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from numerics import sphere
from numerics.coarsening.counts import ClusterCounts, cluster_counts
from numerics.coarsening.run import coarsen
from numerics.coarsening.trees import clusters_at, merge_tree
from theory import SA, USA

TIMES = np.array([-np.inf, 0.0, 2.0, 5.0, 10.0, np.inf])


@pytest.fixture(scope="module")
def counts():
    return cluster_counts(10, 2, 30.0, 4, TIMES, rng=7)


@pytest.mark.slow
def test_counts_fall_from_n_to_one(counts):
    assert counts.counts.shape == (4, 6)
    assert (np.diff(counts.counts, axis=1) <= 0).all()
    assert (counts.counts[:, 0] <= 10).all()
    assert (counts.counts[:, -1] == 1).all()
    assert counts.unfinished == 0
    assert counts.runs == 4


@pytest.mark.slow
def test_counts_are_those_of_the_trees(counts):
    for k in range(2):
        seed = np.random.SeedSequence(7, spawn_key=(k,))
        tree = merge_tree(
            coarsen(sphere.random_points(10, 2, np.random.default_rng(seed)), beta=30.0, rtol=1e-6)
        )
        assert counts.counts[k].tolist() == [len(clusters_at(tree, time)) for time in TIMES]


@pytest.mark.slow
def test_executor_and_number_of_runs_change_nothing(counts):
    with ThreadPoolExecutor(2) as executor:
        other = cluster_counts(10, 2, 30.0, 3, TIMES, rng=7, executor=executor)
    np.testing.assert_array_equal(other.counts, counts.counts[:3])


@pytest.mark.slow
def test_sources_of_randomness(counts):
    same = cluster_counts(10, 2, 30.0, 1, TIMES, rng=np.random.SeedSequence(7))
    np.testing.assert_array_equal(same.counts, counts.counts[:1])
    draws = [cluster_counts(5, 2, 9.0, 1, [1.0], np.random.default_rng(3)) for _ in range(2)]
    np.testing.assert_array_equal(draws[0].counts, draws[1].counts)


@pytest.mark.slow
def test_a_finite_last_time_gives_the_same_counts(counts):
    cut = cluster_counts(10, 2, 30.0, 2, TIMES[:5], rng=7)
    np.testing.assert_array_equal(cut.counts, counts.counts[:2, :5])


@pytest.mark.slow
def test_usa_is_faster():
    sa = cluster_counts(8, 3, 20.0, 2, [0.0], rng=1, model=SA)
    usa = cluster_counts(8, 3, 20.0, 2, [0.0], rng=1, model=USA)
    assert (usa.counts <= sa.counts).all()


def test_statistics():
    table = np.array([[4, 2, 1], [4, 3, -1], [4, 3, 1]])
    found = ClusterCounts(np.arange(3.0), table, 4, 2, 9.0, SA)
    assert found.unfinished == 1
    np.testing.assert_allclose(found.mean, [4, 8 / 3, 1])
    np.testing.assert_array_equal(found.quantile(0.5), [4, 3, 1])
    assert found.quantile([0.25, 0.75]).shape == (2, 3)
    np.testing.assert_allclose(
        found.histogram(), [[0, 0, 0, 1], [0, 1 / 3, 2 / 3, 0], [1, 0, 0, 0]]
    )


@pytest.mark.parametrize("times", [[], [1.0, 0.0], [np.nan], [[1.0]]])
def test_bad_times(times):
    with pytest.raises(ValueError, match="Expected ascending"):
        cluster_counts(4, 2, 1.0, 1, times)


def test_bad_runs():
    with pytest.raises(ValueError, match="runs=0"):
        cluster_counts(4, 2, 1.0, 0, [0.0])
