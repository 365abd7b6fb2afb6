"""Clusters: chains, ties, ambiguity, batches, distances near 0 and π."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics import sphere
from numerics.clusters import Clusters, ClusterStatus, find_clusters


def circle(*angles):
    theta = np.asarray(angles, dtype=float)
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def test_a_chain_is_one_cluster():
    points = circle(0, 0.9e-3, 1.8e-3)
    similar = np.linalg.norm(points[:, None] - points, axis=-1) <= 1e-3
    assert np.linalg.matrix_rank(similar.astype(float)) == 3  # what rank counting would say
    found = find_clusters(points)
    assert found.count == 1 and found.labels.tolist() == [0, 0, 0]


def test_labels_follow_the_order_of_appearance():
    points = circle(2.0, 0.0, 2.0 + 1e-5, 1.0, 1e-5)
    found = find_clusters(points)
    assert found.labels.tolist() == [0, 1, 0, 2, 1]
    assert found.count == 3
    assert found.persistence == pytest.approx(1e5, rel=1e-4)
    assert found.status is ClusterStatus.CLEAR and not found.ambiguous


def test_loose_groups_are_ambiguous():
    found = find_clusters(circle(0.0, 0.1, 0.3, 0.4), eps=0.15)
    assert found.labels.tolist() == [0, 0, 1, 1]
    assert found.persistence == pytest.approx(2.0)
    assert found.status is ClusterStatus.AMBIGUOUS and found.ambiguous
    assert "eps" in found.status.message
    assert "at least" in ClusterStatus.CLEAR.message


def test_a_ring_of_linked_points_is_ambiguous():
    found = find_clusters(circle(*np.linspace(0, 2 * np.pi, 40, endpoint=False)), eps=0.2)
    assert found.count == 1
    assert found.persistence == pytest.approx(1.0)
    assert found.ambiguous


def test_the_threshold_counts_as_linked():
    points = circle(0.0, 0.5)
    exact = float(sphere.geodesic_distance(points[0], points[1]))
    assert find_clusters(points, eps=exact).count == 1
    assert find_clusters(points, eps=np.nextafter(exact, 0)).count == 2


def test_distances_below_rounding_of_the_inner_product():
    points = sphere.project([[1, 0, 0], [1, 1e-10, 0], [1, 0, 3e-9]])
    found = find_clusters(points, eps=1e-9)
    assert found.labels.tolist() == [0, 0, 1]
    assert found.persistence == pytest.approx(30, rel=1e-2)


def test_antipodes_single_points_and_duplicates():
    pair = find_clusters([[0, 1], [0, -1]])
    assert pair.count == 2 and pair.persistence == np.inf
    assert find_clusters([[0, 1], [0, -1]], eps=np.pi).count == 1
    one = find_clusters([[1.0]])
    assert one.count == 1 and one.labels.tolist() == [0] and one.persistence == np.inf
    same = find_clusters([[0.6, 0.8]] * 4, eps=0.0)
    assert same.count == 1 and same.persistence == np.inf and not same.ambiguous


def test_batches():
    stack = np.stack([circle(0, 0, 2), circle(0, 0.1, 0.3), circle(1, 2, 3)])
    found = find_clusters(stack.reshape(3, 1, 3, 2), eps=0.15)
    assert isinstance(found, Clusters)
    assert found.labels.shape == (3, 1, 3)
    assert found.count.tolist() == [[2], [2], [3]]
    assert found.persistence.shape == (3, 1)
    assert found.ambiguous.tolist() == [[False], [True], [False]]
    assert found.status is ClusterStatus.AMBIGUOUS
    for k in range(3):
        alone = find_clusters(stack[k], eps=0.15)
        assert alone.labels.tolist() == found.labels[k, 0].tolist()
        assert alone.persistence == found.persistence[k, 0]


@pytest.mark.parametrize("eps", [-1e-3, 4.0, np.nan])
def test_wrong_distance(eps):
    with pytest.raises(ValueError, match=f"Expected a geodesic distance .* got eps={eps}"):
        find_clusters(circle(0, 1), eps=eps)


def test_wrong_points():
    with pytest.raises(ValueError, match="points"):
        find_clusters([[1.0, 1.0]])


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
)
def test_clusters_are_the_components_of_the_graph(steps, reach, random):
    angles = np.array(steps) * 0.05
    found = find_clusters(circle(*angles), eps=(reach + 0.5) * 0.05)
    ordered = np.sort(angles)
    gaps = np.diff(ordered) > (reach + 0.5) * 0.05
    assert found.count == 1 + gaps.sum()
    by_value = dict(zip(ordered, np.r_[0, np.cumsum(gaps)], strict=True))
    expected = np.array([by_value[angle] for angle in angles])
    together = found.labels[:, None] == found.labels
    assert np.array_equal(together, expected[:, None] == expected)
    order = list(range(len(steps)))
    random.shuffle(order)
    shuffled = find_clusters(circle(*angles[order]), eps=(reach + 0.5) * 0.05)
    assert np.array_equal(
        shuffled.labels[:, None] == shuffled.labels, together[np.ix_(order, order)]
    )
    assert shuffled.persistence == pytest.approx(found.persistence)
