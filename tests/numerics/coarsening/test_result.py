"""Results: energy staircase, dense output, trees; frozen and equivariant."""

import dataclasses
import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics import sphere
from numerics.coarsening.result import MERGE_DISTANCE, Coarsening, CoarsenStatus
from numerics.coarsening.run import coarsen
from theory import SA, USA

pytestmark = pytest.mark.extras

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def rotation(d, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


def energy(points, masses, beta):
    gap = points[:, None] - points
    return float(masses @ np.exp(-beta * np.sum(gap * gap, axis=-1) / 2) @ masses)


# --- energy, dense output ------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
@pytest.mark.parametrize(("d", "beta"), [(2, 81), (3, 400), (16, 81)])
def test_energy_staircase(d, beta, model):
    masses = np.random.default_rng(9).uniform(0.2, 1, 32)
    masses /= masses.sum()
    result = coarsen(sphere.random_points(32, d, rng=9), beta=beta, model=model, masses=masses)
    assert np.diff(result.energies).min() > -1e-14
    assert np.diff(result.log_times[1:]).min() >= 0
    assert result.energies[0] == pytest.approx(energy(result.points, masses, beta), abs=1e-14)
    assert result.energies[-1] == pytest.approx(1.0, abs=1e-15)
    finite = [merge for merge in result.merges if merge.log_time > -math.inf]
    for first, second in itertools.pairwise(finite):
        assert first.energy_before <= first.energy_after == second.energy_before
        if second.log_time - first.log_time > 3:
            x = result.at(0.5 * (first.log_time + second.log_time))
            labels = np.zeros(32, dtype=int)
            alive = {k: frozenset([k]) for k in range(32)}
            for merge in result.merges:
                if merge.log_time <= first.log_time:
                    alive[merge.cluster] = frozenset().union(*map(alive.pop, merge.children))
            for label, particles in enumerate(alive.values()):
                labels[list(particles)] = label
            cluster_masses = np.bincount(labels, masses)
            centres = np.array([masses[labels == c] @ x[labels == c] for c in range(len(alive))])
            plateau = energy(sphere.project(centres), cluster_masses, beta)
            assert energy(x, masses, beta) == pytest.approx(plateau, abs=1e-12)
            assert first.energy_after == pytest.approx(plateau, abs=1e-6)
    assert finite[-1].energy_after == pytest.approx(1.0)


@pytest.mark.slow
def test_dense_output(members):
    points = sphere.random_points(24, 3, rng=10)
    result = coarsen(points, beta=40)
    assert np.array_equal(result.at(-math.inf), result.points)
    assert np.abs(result.points - points).max() < 1e-15
    times = [result.merges[10].log_time, -math.inf, 2.0, 1e6, result.log_times[7]]
    together = result.at(times)
    assert together.shape == (5, 24, 3)
    for k, time in enumerate(times):
        assert np.abs(together[k] - result.at(time)).max() < 1e-14
    assert np.abs(np.linalg.norm(together, axis=-1) - 1).max() < 1e-15
    inside = members(result)
    for merge in [m for m in result.merges[3::5] if m.log_time < 12]:
        x = result.at(merge.log_time)
        first, second = (sorted(inside[c]) for c in merge.children)
        gap = np.linalg.norm(x[first][:, None] - x[second], axis=-1).min()
        assert gap == pytest.approx(MERGE_DISTANCE, rel=1e-5)
        centre = result.masses[first + second] @ x[first + second]
        assert merge.position == pytest.approx(sphere.project(centre), abs=1e-9)
    # Continuous over the steps, but for the collapses. At log t = 20 even the neighbouring
    # floating-point number is a visible stretch of the way.
    for time in [t for t in result.log_times[2:-1:9] if t < 12]:
        before = result.at(np.nextafter(time, -np.inf))
        assert np.abs(before - result.at(time)).max() < 1e-7
    with pytest.raises(ValueError, match="got log_time=nan"):
        result.at(math.nan)
    with pytest.raises(ValueError, match=r"log_time\.shape="):
        result.at([[1.0]])


@pytest.mark.slow
def test_dense_output_survives_keyframes_and_pickling():
    result = coarsen(sphere.random_points(24, 3, rng=11), beta=400, rtol=1e-9)
    again = pickle.loads(pickle.dumps(result))
    assert result.steps > 300
    for time in (5.0, 100.0, 300.0, 500.0):
        assert np.array_equal(result.at(time), again.at(time))


@st.composite
def lattice_points(draw, max_n=6):
    d = draw(st.integers(2, 3))
    coordinate = st.integers(-4, 4)
    rows = st.lists(coordinate, min_size=d, max_size=d).filter(any)
    return sphere.project(draw(st.lists(rows, min_size=1, max_size=max_n)))


runs = {
    "points": lattice_points(),
    "beta": st.sampled_from([0, 1, 4, 20, 81]),
    "model": st.sampled_from([SA, USA]),
}


# --- properties ----------------------------------------------------------------------------------


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(**runs, masses=st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_tree_invariants(points, beta, model, masses, members):
    masses = np.array(masses[: len(points)], dtype=float)
    result = coarsen(points, beta=beta, model=model, masses=masses, rtol=1e-6, max_steps=2000)
    n = len(points)
    alive = {k: masses[k] for k in range(n)}
    last = -math.inf
    for k, merge in enumerate(result.merges):
        assert merge.cluster == n + k and len(merge.children) >= 2
        assert merge.children == tuple(sorted(merge.children))
        assert merge.mass == pytest.approx(sum(alive.pop(c) for c in merge.children))
        alive[merge.cluster] = merge.mass
        assert merge.log_time >= last
        last = merge.log_time
        assert merge.energy_after >= merge.energy_before - 1e-12 * masses.sum() ** 2
        assert np.linalg.norm(merge.position) == pytest.approx(1)
    if result.status is CoarsenStatus.CONSENSUS:
        assert len(alive) == 1
    assert np.diff(result.energies).min(initial=0) > -1e-13 * masses.sum() ** 2
    assert result.final_masses.sum() == pytest.approx(masses.sum())
    assert np.bincount(result.final_labels, masses) == pytest.approx(result.final_masses)
    start = [merge for merge in result.merges if merge.log_time == -math.inf]
    together = {frozenset(members(result)[m.cluster]) for m in start}
    same = {
        frozenset(np.flatnonzero(np.abs(points - p).max(axis=1) < 1e-4).tolist()) for p in points
    }
    assert together == {group for group in same if len(group) > 1}  # duplicates merge at the start


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(**runs, seed=st.integers(0, 3))
def test_unmarked_merges_are_equivariant(points, beta, model, seed, members):
    n, d = points.shape
    result = coarsen(points, beta=beta, model=model, rtol=1e-7, max_steps=1000, check=True)
    assume(result.status is not CoarsenStatus.MAX_STEPS)
    order = np.random.default_rng(seed).permutation(n)
    moved = coarsen(
        points[order] @ rotation(d, seed), beta=beta, model=model, rtol=1e-7, max_steps=4000
    )
    inside, other = members(result), members(moved)
    times = {frozenset(int(order[p]) for p in other[m.cluster]): m.log_time for m in moved.merges}
    for merge in result.merges:
        if not merge.ill_conditioned:
            time = times[inside[merge.cluster]]
            assert time == merge.log_time or abs(time - merge.log_time) < 2e-5


# --- arguments -----------------------------------------------------------------------------------


def test_results_are_frozen():
    result = coarsen(circle(0, 1), beta=1.0)
    assert isinstance(result, Coarsening) and (result.n, result.d) == (2, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.beta = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.merges[0].mass = 2.0
    for status in CoarsenStatus:
        assert status.message.endswith(".")
