"""Phase diagrams: the paper's statistic, its errors, Γ and its correction, matrices, command."""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from numerics import sphere
from numerics.ensemble import ClosePairs, ensemble
from numerics.equiangular import equiangular_gap
from numerics.front import finite_size_front, gamma_front
from numerics.phase import PhaseDiagram, cluster_persistence, phase_diagram
from numerics.random_matrices import MATRICES
from proofs_checks import phase as command
from theory import QKV, SA, USA
from theory.models import PURE_ATTENTION

TIMES = np.linspace(0.0, 30.0, 61)
small = partial(phase_diagram, n=12, betas=[0.5, 4.0, 9.0], times=TIMES, runs=12, rng=3)


@pytest.fixture(scope="module")
def diagram():
    return small()


def made_up(counts, statistic="pairs"):
    counts = np.asarray(counts)
    return PhaseDiagram(
        betas=np.arange(1.0, counts.shape[1] + 1),
        times=np.arange(float(counts.shape[2])),
        counts=counts,
        unfinished=np.zeros(counts.shape[:2], dtype=bool),
        n=4,
        d=2,
        delta=1e-3,
        model=SA,
        statistic=statistic,
    )


def test_probability_is_the_mean_fraction_of_ordered_pairs(diagram):
    assert diagram.probability.shape == diagram.error.shape == (3, 61)
    # by hand, from the same starts
    total = np.zeros((3, 61))
    for k in range(12):
        seed = np.random.SeedSequence(3, spawn_key=(k,))
        start = sphere.random_points(12, 2, np.random.default_rng(seed))
        points = ensemble(SA, start, t_eval=TIMES, beta=diagram.betas, rtol=1e-9).points
        close = sphere.gram(points) >= 1 - 1e-3
        total += (close.sum(axis=(-2, -1)) - 12).T / (12 * 11)
    np.testing.assert_allclose(diagram.probability, total / 12, atol=2e-3)
    assert diagram.probability[0, -1] == 1.0 and diagram.probability[2, -1] < 0.8
    assert not diagram.unfinished.any()


def test_all_close_is_rarer_than_a_close_pair(diagram):
    every = small(statistic="all")
    np.testing.assert_array_equal(every.counts, diagram.counts)
    assert np.all(every.probability <= diagram.probability)
    assert every.probability[2, -1] < diagram.probability[2, -1]
    p = every.probability
    np.testing.assert_allclose(every.error, np.sqrt(p * (1 - p) / 12))


def test_pairs_are_exchangeable():
    """Averaging over pairs and looking at the first pair only: Remark 2.2, within four errors."""
    starts = sphere.random_points(10, 2, 5, batch=400)

    def first(points):
        return np.vecdot(points[..., 0, :], points[..., 1, :]) >= 1 - 1e-3

    shared = {"t_eval": [5.0, 15.0], "beta": 4.0}
    one = ensemble(SA, starts, observe=first, **shared).observed.mean(axis=1)
    pairs = ensemble(SA, starts, observe=ClosePairs(1e-3), **shared).observed.mean(axis=1) / 45
    assert np.all(np.abs(one - pairs) < 4 * np.sqrt(one * (1 - one) / 400))


def test_more_runs_extend_fewer_in_any_order(diagram, tmp_path):
    few = small(runs=5, out=tmp_path)
    np.testing.assert_array_equal(few.counts, diagram.counts[:5])
    with ThreadPoolExecutor(2) as executor:
        np.testing.assert_array_equal(small(executor=executor).counts, diagram.counts)
    with pytest.raises(ValueError, match="another"):
        small(runs=5, out=tmp_path, delta=1e-2)


@pytest.mark.slow
def test_processes_give_the_same_bits(diagram):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        np.testing.assert_array_equal(small(executor=executor).counts, diagram.counts)


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


def test_the_error_is_that_of_the_bootstrap(diagram):
    rng = np.random.default_rng(0)
    values = diagram.counts / diagram.pairs
    means = [values[rng.integers(0, 12, 12)].mean(axis=0) for _ in range(4000)]
    np.testing.assert_allclose(diagram.error, np.std(means, axis=0), rtol=0.08, atol=1e-12)
    low, high = diagram.band(resamples=4000)
    inside = (low <= diagram.probability) & (diagram.probability <= high)
    assert inside.mean() > 0.99
    width = (high - low)[diagram.error > 0.02] / diagram.error[diagram.error > 0.02]
    assert np.all((width > 2.5) & (width < 5))  # 3.92 for a normal distribution


def test_the_binomial_band_covers():
    """Clopper–Pearson covers at least 95% at each p, and is never empty."""
    hits = np.arange(21)
    counts = np.where(np.arange(20)[:, None] < hits, 6, 0)[:, None, :]
    low, high = made_up(counts, "all").band()
    for p in (0.02, 0.3, 0.5, 0.97):
        covered = (low[0] <= p) & (p <= high[0])
        assert binom.pmf(hits, 20, p)[covered].sum() >= 0.95
    assert low[0, 0] == 0 and 0 < high[0, 0] < 0.2 and high[0, -1] == 1


def test_the_front_is_the_first_crossing():
    counts = [[[0, 0, 2, 4, 6], [0, 6, 6, 6, 6], [0, 0, 1, 1, 1]]]
    front = made_up(counts * 3).front(0.5)
    np.testing.assert_allclose(front, [2.5, 0.5, np.nan])
    band = made_up(counts * 3).front_band()
    np.testing.assert_allclose(band, [front, front])
    with pytest.raises(ValueError, match="level"):
        made_up(counts).front(0.0)


def test_gamma_is_the_level_set_and_not_the_printed_curve():
    """(6.12), E10: at t = 30, n = 32, the printed curve reads 6.45, the level set 6.9."""
    betas = np.linspace(6, 7.5, 16)
    times = gamma_front(betas, 32)
    for beta, when in zip(betas, times, strict=True):
        assert abs(equiangular_gap(when, beta, 32) / 1e-3 - 1) < 1e-8
    assert abs(np.interp(30.0, times, betas) - 6.91) < 0.02
    assert np.all(np.diff(times) > 0)
    assert abs(gamma_front([0.0], 32)[0] - 0.5 * np.log(32 / 1e-3 - 31)) < 1e-10
    assert np.all(gamma_front(betas, 32, model=USA) < 0.1 * times)  # control


def test_order_1_over_d_moves_gamma_to_the_front():
    """Ours: the correction explains most of the distance between Γ and uniform tokens."""
    betas = np.array([5.0, 6.0])
    found = phase_diagram(256, 16, betas, np.linspace(0, 25, 251), runs=400, rng=1, rtol=1e-5)
    front = found.front()
    early, late = found.front_band()
    limit = gamma_front(betas, 16)
    corrected = finite_size_front(betas, 16, 256)
    assert np.all(np.abs(front - limit) > 2 * np.abs(front - corrected))
    # what is left is of order 1/d² and the noise of the runs
    assert np.all(np.abs(front - corrected) < (late - early) + 0.02 * limit)
    # the correction falls as 1/d
    far = finite_size_front(betas, 16, 25600) - limit
    np.testing.assert_allclose(far * 100 / (corrected - limit), 1.0, atol=0.25)
    with pytest.raises(ValueError, match="d >= n"):
        finite_size_front(betas, 16, 8)


def test_a_wrong_number_of_tokens_is_told_apart():
    """Control of Figure 3: the curve of n = 32 is not the front of n = 16."""
    betas = np.array([4.5, 5.0])
    found = phase_diagram(128, 16, betas, np.linspace(0, 20, 201), runs=24, rtol=1e-5)
    right, wrong = finite_size_front(betas, 16, 128), gamma_front(betas, 32)
    assert np.all(np.abs(found.front() - right) < 0.2 * np.abs(found.front() - wrong))


def test_the_matrices_of_figure_5():
    rng = np.random.default_rng(0)
    drawn = {name: draw(rng, 200) for name, draw in MATRICES.items()}
    score = {name: m["Q"].T @ m["K"] for name, m in drawn.items()}
    for name in "abcd":
        assert abs(np.var(score[name]) - 1) < 0.05
    symmetric = {name: np.allclose(b, b.T) for name, b in score.items()}
    assert symmetric["b"] and symmetric["d"] and not symmetric["a"] and not symmetric["c"]
    assert abs(np.var(drawn["a"]["V"]) * 200 - 1) < 0.05
    np.testing.assert_allclose(drawn["c"]["V"], score["c"].T / np.sqrt(200), atol=1e-12)
    printed = drawn["c-as-printed"]
    np.testing.assert_allclose(printed["V"], score["c-as-printed"] / np.sqrt(200), atol=1e-12)
    np.testing.assert_allclose(drawn["d"]["V"], score["d"] / np.sqrt(201), atol=1e-12)
    spectrum = np.linalg.eigvalsh(drawn["b"]["V"])
    assert spectrum[0] > -1e-9 and 0.8 * 4 * np.sqrt(200) < spectrum[-1] < 1.1 * 4 * np.sqrt(200)
    assert np.linalg.eigvalsh(drawn["b-goe"]["V"])[0] < -1  # control: indefinite


def test_figure_5_and_its_controls():
    times = np.linspace(0, 20, 41)
    shared = {"d": 16, "n": 8, "betas": [0.5, 5.0], "times": times, "runs": 6, "rng": 2}
    plain = phase_diagram(**shared, rtol=1e-8)
    same = phase_diagram(**shared, rtol=1e-8, matrices=MATRICES["identity"])
    assert np.abs(plain.counts.astype(int) - same.counts.astype(int)).max() <= 1
    panels = {name: phase_diagram(**shared, matrices=MATRICES[name]) for name in "ac"}
    assert panels["a"].model.name == "QKV"
    assert panels["a"].probability[1, -1] > panels["c"].probability[1, -1] + 0.1
    # V larger by √d: the same path, √d faster
    shared = {**shared, "runs": 2, "rtol": 1e-8, "betas": [5.0]}
    slow = phase_diagram(**shared, matrices=MATRICES["a"])
    fast = phase_diagram(**{**shared, "times": times / 4}, matrices=MATRICES["a-unscaled"])
    assert np.abs(slow.counts.astype(int) - fast.counts.astype(int)).max() <= 1


def test_clusters_persist_at_large_beta_and_not_at_small():
    """Figure 4: more clusters at larger β, the same at t = 18 and 30 for most starts."""
    times = [0.0, 18.0, 30.0]
    found = {b: cluster_persistence(b, 64, times=times, runs=40, rng=0) for b in (0.5, 4.0, 9.0)}
    mean = {beta: one.counts[:, 2].mean() for beta, one in found.items()}
    assert 1 <= mean[0.5] < 1.5 < mean[4.0] < mean[9.0]
    assert found[9.0].constant(18, 30) > 0.6 and found[4.0].constant(18, 30) > 0.6
    for beta, clusters in ((4.0, 2), (9.0, 3)):  # the numbers drawn
        assert found[beta].histogram()[2, clusters - 1] > 0.4
    assert np.all(found[9.0].counts[:, 2] <= found[9.0].counts[:, 1])
    np.testing.assert_allclose(found[4.0].histogram().sum(axis=1), 1.0)
    with pytest.raises(ValueError, match="two times"):
        found[4.0].constant(20, 25)


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
    ):
        with pytest.raises(ValueError, match=words):
            phase_diagram(**{"d": 2, "runs": 1, "times": [0.0, 1.0], **change})
    with pytest.raises(ValueError, match="SA or USA"):
        gamma_front([1.0], 4, model=PURE_ATTENTION)


def arguments(*words, out=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=out)
    command.add_arguments(parser)
    return parser.parse_args(words)


QUICK = ("--n", "8", "--runs", "4", "--betas", "0.5", "9", "4", "--times", "0", "20", "11")


def test_the_command_writes_data_and_pictures(tmp_path, capsys):
    words = ("--figure", "3", "--d", "2", "16", *QUICK)
    assert command.run(arguments(*words, out=tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "d2: SA, n=8, d=2, 4 runs" in shown and "order 1/d" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    for name in ("phase_d2.npz", "phase_d16.png", "bands_d2.png", "figure3.png", "phase.json"):
        assert (tmp_path / name).stat().st_size > 1000
    assert (tmp_path / "phase_d2.nc").exists() == (find_spec("xarray") is not None)
    with np.load(tmp_path / "phase_d2.npz", allow_pickle=False) as data:
        expected = phase_diagram(2, 8, data["betas"], data["times"], runs=4)
        np.testing.assert_array_equal(data["probability"], expected.probability)
    chunks = {p: p.stat().st_mtime_ns for p in tmp_path.glob("runs_d2/chunk-*.npz")}
    assert len(chunks) == 4
    assert command.run(arguments(*words, out=tmp_path)) == 0
    assert all(p.stat().st_mtime_ns == when for p, when in chunks.items())


def test_the_command_counts_clusters_and_draws_matrices(tmp_path, capsys):
    capsys.readouterr()
    assert command.run(arguments("--json", "--figure", "4", *QUICK, out=tmp_path)) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["beta"] for one in data["clusters"]] == [9.0, 4.0]
    assert abs(sum(data["clusters"][0]["fractions"][-1]) - 1) < 1e-9
    assert data["diagrams"][0]["rows"][0]["gamma"] > 0
    for name in ("clusters.png", "circle.png", "clusters.npz"):
        assert (tmp_path / name).exists()
    words = ("--json", "--figure", "5", "--d", "8", "--matrices", "a", "d", *QUICK)
    assert command.run(arguments(*words)) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in data["diagrams"]] == ["matrices_a_d8", "matrices_d_d8"]
    assert data["diagrams"][0]["rows"][0]["gamma"] is None


def test_the_command_refuses_what_does_not_fit():
    for words, expected in (
        (("--matrices", "a"), "--figure 5"),
        (("--figure", "5", "--model", "USA"), "--figure 3"),
        (("--betas", "9", "0", "10"), "LOW < HIGH"),
        (("--jobs", "0"), "jobs=0"),
    ):
        with pytest.raises(ValueError, match=expected):
            command.run(arguments(*words))
