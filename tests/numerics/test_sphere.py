"""Points on the sphere: the maps invert each other, distances are exact, bad input is named."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics import sphere
from numerics.arguments import check_masses

EPS = np.finfo(float).eps


def test_random_points_shape_seed_and_length(max_drift) -> None:
    x = sphere.random_points(5, 3, rng=1, batch=(2, 4))
    assert x.shape == (2, 4, 5, 3)
    assert max_drift(x) <= 2 * EPS
    np.testing.assert_array_equal(x, sphere.random_points(5, 3, rng=1, batch=(2, 4)))
    assert not np.array_equal(x, sphere.random_points(5, 3, rng=2, batch=(2, 4)))
    generator = np.random.default_rng(1)
    np.testing.assert_array_equal(x, sphere.random_points(5, 3, rng=generator, batch=(2, 4)))
    seeds = np.random.SeedSequence(1)
    np.testing.assert_array_equal(x, sphere.random_points(5, 3, rng=seeds, batch=(2, 4)))


def test_random_points_are_uniform() -> None:
    x = sphere.random_points(20_000, 3, rng=0)
    # Archimedes: each coordinate is uniform on [-1, 1]; moments within five standard errors.
    assert np.abs(x.mean(axis=0)).max() < 5 * math.sqrt(1 / 3 / 20_000)
    assert np.abs((x**2).mean(axis=0) - 1 / 3).max() < 5 * math.sqrt(4 / 45 / 20_000)


def test_one_dimension_and_one_point() -> None:
    assert set(np.unique(sphere.random_points(50, 1, rng=0))) == {-1.0, 1.0}
    assert sphere.check_points([[1.0]]).shape == (1, 1)
    assert sphere.pairwise_distances([[1.0]]).tolist() == [[0.0]]


@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_project_at_every_scale(scale: float, max_drift) -> None:
    x = sphere.project(np.array([[3.0, -4.0, 12.0]]) * scale)
    assert max_drift(x) <= 2 * EPS
    tolerance = 1e-15 if scale > 1e-305 else 1e-3
    np.testing.assert_allclose(x, np.array([[3.0, -4.0, 12.0]]) / 13, rtol=tolerance)


@given(st.integers(0, 10**6), st.integers(2, 6), st.floats(1e-12, 3.1))
def test_log_inverts_exp(seed: int, d: int, angle: float) -> None:
    rng = np.random.default_rng(seed)
    x = sphere.random_points(4, d, rng)
    v = sphere.tangent(x, rng.standard_normal((4, d)))
    v *= angle / np.linalg.norm(v, axis=-1, keepdims=True)
    y = sphere.exp_map(x, v)
    np.testing.assert_allclose(
        sphere.geodesic_distance(x, y), angle, atol=4e-16, rtol=1e-14 + 1e-16 / angle
    )
    # Near π the direction is only as good as the distance to the antipode.
    tolerance = 1e-15 * (1 + angle / (math.pi - angle)) + 4e-16
    np.testing.assert_allclose(sphere.log_map(x, y), v, atol=4 * tolerance)
    if angle < 1.5:
        inner = np.sum(x * sphere.log_map(x, y), axis=-1)
        assert np.abs(inner).max() <= 8 * EPS * angle


@pytest.mark.parametrize("angle", [1e-300, 1e-17, 1e-8, 1.0, 3.0])
def test_distance_is_relatively_exact(angle: float) -> None:
    y = [math.cos(angle), math.sin(angle)]
    with mp.workdps(50):
        exact = float(mp.atan2(mp.mpf(y[1]), mp.mpf(y[0])))
    assert sphere.geodesic_distance([1.0, 0.0], y) == pytest.approx(exact, rel=4e-16, abs=0)


def test_distance_near_antipode() -> None:
    y = np.array([-1.0, 1e-12])
    gap = math.pi - float(sphere.geodesic_distance([1.0, 0.0], y))
    assert gap == pytest.approx(1e-12, abs=4e-16)
    # The arccosine of the inner product, by contrast, loses it altogether.
    assert math.pi - math.acos(max(-1.0, y[0])) == 0.0


def test_pairwise_distances_and_gram() -> None:
    x = sphere.random_points(6, 4, rng=3, batch=2)
    distances = sphere.pairwise_distances(x)
    np.testing.assert_allclose(np.cos(distances), sphere.gram(x), atol=4 * EPS)
    np.testing.assert_array_equal(distances, np.swapaxes(distances, -1, -2))
    assert np.all(np.diagonal(distances, axis1=-2, axis2=-1) == 0)


def test_duplicates_and_antipodes_are_points() -> None:
    x = [[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]
    np.testing.assert_array_equal(sphere.check_points(x), x)
    np.testing.assert_array_equal(sphere.log_map(x[0], x[1]), [0.0, 0.0])
    with pytest.raises(ValueError, match=r"Expected points that are not antipodal .*y\[1\]"):
        sphere.log_map(x[0], x[1:])


def test_dtypes() -> None:
    assert sphere.check_points([[1, 0], [0, -1]]).dtype == np.float64
    single = sphere.random_points(50, 7, rng=0).astype(np.float32)
    assert sphere.check_points(single).dtype == np.float64
    original = sphere.random_points(3, 2, rng=0)
    assert sphere.check_points(original) is original
    assert check_masses([1, 2], 2).dtype == np.float64
    assert sphere.check_points([[3.0, 4.0]], space="euclidean").tolist() == [[3.0, 4.0]]


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("points", "error", "words"),
    [
        ([[1.0, 0.0], [NAN, 0.0]], ValueError, r"finite .* points\[1\]=\[nan, 0.0\].*repair"),
        ([[INF, 0.0], [1.0, 0.0]], ValueError, r"finite .* points\[0\]=\[inf"),
        ([[1.0, 0.0], [0.0, 1.1]], ValueError, r"length 1 .* points\[1\] .*1\.1; .*sphere.project"),
        ([[[1.0, 0.0]], [[0.0, 2.0]]], ValueError, r"points\[1, 0\] of length=2"),
        ([[1.0, 2e-3]], ValueError, r"points\[0\] of length=1\.000002"),
        ([[0.0, 0.0]], ValueError, r"points\[0\] of length=0"),
        ([1.0, 0.0], ValueError, r"shape \(\.\.\., n, d\) .*points.shape=\(2,\)"),
        (1.0, ValueError, r"points.shape=\(\)"),
        ([], ValueError, r"shape"),
        (np.zeros((0, 3)), ValueError, r"at least one point .*\(0, 3\)"),
        (np.zeros((3, 0)), ValueError, r"at least one point .*\(3, 0\)"),
        ([[1.0, 0.0], [1.0]], ValueError, r"rectangular"),
        ([["a", "b"]], TypeError, r"real numbers .*dtype=<U1"),
        (np.array([[1.0 + 0j, 0.0]]), TypeError, r"real numbers .*complex128"),
        (None, TypeError, r"real numbers .*dtype=object"),
    ],
)
def test_bad_points(points: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=r"Expected .*" + words):
        sphere.check_points(points)


def test_bad_name_and_space() -> None:
    with pytest.raises(ValueError, match=r"start\[0\] of length=3"):
        sphere.check_points([[3.0, 0.0]], name="start")
    with pytest.raises(ValueError, match=r"Expected .* got space='torus'"):
        sphere.check_points([[1.0, 0.0]], space="torus")


@pytest.mark.parametrize(
    ("masses", "error", "words"),
    [
        ([1.0, 0.0, 1.0], ValueError, r"masses\[1\]=0\.0"),
        ([1.0, 1.0, -2.0], ValueError, r"masses\[2\]=-2\.0"),
        ([NAN, 1.0, 1.0], ValueError, r"masses\[0\]=nan"),
        ([1.0, INF, 1.0], ValueError, r"masses\[1\]=inf"),
        ([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]], ValueError, r"masses\[1, 2\]"),
        ([1.0, 1.0], ValueError, r"each of the 3 .*masses.shape=\(2,\)"),
        (1.0, ValueError, r"masses.shape=\(\)"),
        ([], ValueError, r"masses.shape=\(0,\)"),
        (["a", "b", "c"], TypeError, r"real numbers"),
    ],
)
def test_bad_masses(masses: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=r"Expected .*" + words):
        check_masses(masses, 3)


def test_bad_arguments_elsewhere() -> None:
    for n, d in ((0, 2), (2, 0), (2.0, 2), (True, 2)):
        with pytest.raises(ValueError, match="Expected a positive integer"):
            sphere.random_points(n, d)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"positive length but got points\[1\]=0"):
        sphere.project([[1.0, 0.0], [0.0, 0.0]])
    with pytest.raises(ValueError, match=r"finite .* points\[0\]"):
        sphere.project([[NAN, 0.0]])
    with pytest.raises(ValueError, match=r"points.shape=\(2,\)"):
        sphere.pairwise_distances([1.0, 0.0])
