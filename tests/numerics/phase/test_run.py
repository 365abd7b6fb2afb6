"""Phase diagrams: pairs, extended and interrupted runs, stopped systems, what is refused."""

import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest

from numerics import sphere
from numerics.ensembles import ClosePairs, EnsembleStatus, ensemble
from numerics.phase.front import finite_size_front, gamma_front
from numerics.phase.persistence import cluster_persistence
from numerics.phase.random_matrices import MATRICES
from numerics.phase.run import phase_diagram
from theory import QKV, SA, USA
from theory.layers import DISCRETE_SA
from theory.models import PURE_ATTENTION

TIMES = np.linspace(0.0, 30.0, 61)
small = partial(phase_diagram, n=12, betas=[0.5, 4.0, 9.0], times=TIMES, runs=12, rng=3)


@pytest.fixture(scope="module")
def diagram():
    return small()


def test_pairs_are_exchangeable():
    """Averaging over pairs and looking at the first pair only: Remark 2.2, within four errors."""
    starts = sphere.random_points(10, 2, 5, batch=400)

    def first(points):
        return np.vecdot(points[..., 0, :], points[..., 1, :]) >= 1 - 1e-3

    shared = {"t_eval": [5.0, 15.0], "beta": 4.0}
    one = ensemble(SA, starts, observe=first, **shared).observed.mean(axis=1)
    pairs = ensemble(SA, starts, observe=ClosePairs(1e-3), **shared).observed.mean(axis=1) / 45
    assert np.all(np.abs(one - pairs) < 4 * np.sqrt(one * (1 - one) / 400))


@pytest.mark.slow
def test_more_runs_extend_fewer_in_any_order(diagram, tmp_path):
    few = small(runs=5, out=tmp_path)
    np.testing.assert_array_equal(few.counts, diagram.counts[:5])
    with ThreadPoolExecutor(2) as executor:
        np.testing.assert_array_equal(small(executor=executor).counts, diagram.counts)
    with pytest.raises(ValueError, match=r"delta is 0\.001 there, 0\.01 now"):
        small(runs=5, out=tmp_path, delta=1e-2)
    with pytest.raises(ValueError, match="betas has 3 values there, 2 values now"):
        small(runs=5, out=tmp_path, betas=[1.0, 2.0])


@pytest.mark.slow
def test_more_runs_go_on_in_the_folder_of_fewer(tmp_path):
    """Byte for byte the folder that one call of the larger number writes."""
    whole, grown = tmp_path / "whole", tmp_path / "grown"
    fresh = small(runs=20, out=whole)
    small(runs=16, out=grown)
    assert len(list(grown.glob("chunk-*.npz"))) == 16
    extended = small(runs=20, out=grown)
    np.testing.assert_array_equal(extended.counts, fresh.counts)
    assert len(list(grown.glob("chunk-*.npz"))) == 20
    for path in whole.glob("chunk-*.npz"):
        assert path.read_bytes() == (grown / path.name).read_bytes()
    sweeps = [json.loads((f / "manifest.json").read_text())["sweep"] for f in (whole, grown)]
    assert sweeps[0] == sweeps[1]
    with pytest.raises(ValueError, match="number of cells is 20 there, 16 now"):
        small(runs=16, out=grown)


@pytest.mark.full
def test_processes_give_the_same_bits(diagram):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        np.testing.assert_array_equal(small(executor=executor).counts, diagram.counts)


@pytest.mark.slow
def test_an_interrupted_diagram_resumes(diagram, tmp_path):
    def stop(done, total):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(out=tmp_path, progress=stop)
    kept = {p: p.stat().st_mtime_ns for p in tmp_path.glob("chunk-*.npz")}
    assert 3 <= len(kept) < 12
    np.testing.assert_array_equal(small(out=tmp_path).counts, diagram.counts)
    assert all(p.stat().st_mtime_ns == when for p, when in kept.items())


def test_errors_name_what_was_expected():
    for change, words in (
        ({"n": 1}, "n=1"),
        ({"runs": 0}, "runs=0"),
        ({"statistic": "median"}, "statistic"),
        ({"betas": []}, "betas"),
        ({"betas": [np.nan]}, "betas"),
        ({"delta": 0.0}, "delta"),
        ({"model": PURE_ATTENTION}, "sphere"),
        ({"model": QKV}, "matrices"),
        ({"times": [1.0, 0.0]}, "ascending"),
        ({"rtol": 1.0}, "tolerance"),
        ({"betas": "a"}, "real numbers"),
        ({"times": "a"}, "real numbers"),
        ({"delta": "a"}, "delta='a'"),
        ({"model": "SA"}, "theory.Model but got model='SA'"),
        ({"model": DISCRETE_SA}, "flow"),
        ({"matrices": "a"}, "matrices='a'"),
        ({"matrices": MATRICES["a"], "model": SA}, "model=SA.*beta"),
        ({"matrices": lambda rng, d: np.eye(d)}, "ndarray"),
    ):
        with pytest.raises((ValueError, TypeError), match=words) as caught:
            phase_diagram(**{"d": 2, "runs": 1, "times": [0.0, 1.0], **change})
        assert "cell" not in str(caught.value)  # before anything is computed
    for change, words in (
        ({"runs": 0}, "runs=0"),
        ({"runs": 2.5}, "runs=2.5"),
        ({"n": 0}, "n=0"),
        ({"model": "SA"}, "model='SA'"),
        ({"beta": "a"}, "beta='a'"),
        ({"eps": -1}, "eps=-1"),
        ({"times": "a"}, "times"),
    ):
        with pytest.raises((ValueError, TypeError), match=words):
            cluster_persistence(**{"beta": 1.0, "n": 3, "runs": 1, **change})
    for change, words in (
        ({"model": PURE_ATTENTION}, "SA or USA"),
        ({"model": "SA"}, "model='SA'"),
        ({"delta": 1.0}, "delta=1.0"),
        ({"betas": [[1.0]]}, "one-dimensional"),
        ({"betas": [np.inf]}, "finite"),
        ({"n": 2.5}, "n=2.5"),
    ):
        for front, size in ((gamma_front, {}), (finite_size_front, {"d": 64})):
            with pytest.raises(ValueError, match=words):
                front(**{"betas": [1.0], "n": 4, **size, **change})
    for d in (np.nan, 32.5, np.inf):
        with pytest.raises(ValueError, match=f"d={d}"):
            finite_size_front([1.0], 4, d)
    with pytest.raises(ValueError, match="d=0"):
        MATRICES["a"](0, 0)
    with pytest.raises(ValueError, match="rng='x'"):
        MATRICES["a"]("x", 3)


@pytest.mark.slow
def test_a_stopped_system_is_marked_and_not_counted():
    found = phase_diagram(d=2, n=6, betas=[1.0, 800.0], times=[0.0, 5.0], runs=2, model=USA)
    assert found.complete.tolist() == [True, False]
    assert (found.status[:, 1] == EnsembleStatus.OVERFLOW).all()
