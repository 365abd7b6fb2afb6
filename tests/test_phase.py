"""Phase diagrams: the paper's statistic, its errors, Γ and its correction, matrices, command."""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from numerics import sphere
from numerics.ensembles import ClosePairs, EnsembleStatus, ensemble
from numerics.equiangular import equiangular_gap
from numerics.phase import (
    MATRICES,
    PhaseDiagram,
    cluster_persistence,
    finite_size_front,
    gamma_front,
    phase_diagram,
)
from numerics.plot import phase as pictures
from proofs_checks.command_line import phase as command
from theory import QKV, SA, USA
from theory.layers import DISCRETE_SA
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
    # half of Wilson's interval at one standard error: the roots of (p' - p)² = p'(1 - p')/12
    for value, error in zip(p.ravel(), every.error.ravel(), strict=True):
        roots = np.roots([1 + 1 / 12, -2 * value - 1 / 12, value**2])
        assert abs(error - abs(roots[0] - roots[1]) / 2) < 1e-7
    assert every.error.min() > 0.03


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
    for change in ({"delta": 1e-2}, {"runs": 12}):  # more runs need another folder
        with pytest.raises(ValueError, match="another"):
            small(**{"runs": 5, "out": tmp_path, **change})


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


def test_the_error_is_that_of_the_bootstrap():
    diagram = small(runs=24)
    rng = np.random.default_rng(0)
    values = diagram.counts / diagram.pairs
    means = [values[rng.integers(0, 24, 24)].mean(axis=0) for _ in range(4000)]
    expected = np.std(means, axis=0) * np.sqrt(24 / 23)  # of the sample variance
    np.testing.assert_allclose(diagram.error, expected, rtol=0.08, atol=1e-12)
    low, high = diagram.band(resamples=4000)
    inside = (low <= diagram.probability) & (diagram.probability <= high)
    assert inside.mean() > 0.99
    width = (high - low)[diagram.error > 0.02] / diagram.error[diagram.error > 0.02]
    assert np.all((width > 2.7) & (width < 5.5))  # 4.14 for Student's t


def test_few_runs_are_no_certainty():
    """No error of one run, no 95% band of fewer than 20, and bands of 20 that cover."""
    one = made_up([[[0, 3, 6]]])
    assert np.isnan(one.error).all() and np.isnan(one.front_band()).all()
    assert np.isnan(one.band()).all()
    two = made_up([[[0, 3]], [[0, 6]]])
    np.testing.assert_allclose(two.error, [[0, 0.25]])  # |6 - 3|/6/2
    rng = np.random.default_rng(1)
    for runs, coverage in ((19, 0.95), (4, 0.95), (9, 0.9)):
        few = made_up(rng.integers(0, 7, (runs, 2, 3)))
        assert np.isnan(few.band(coverage)).all()
        assert np.isnan(few.front_band(coverage=coverage)).all()
    # 2000 experiments beside each other, each with 20 (or 10) runs of mean 0.3
    for runs, level in ((20, 0.95), (10, 0.9)):
        many = made_up(rng.binomial(6, 0.3, (runs, 2000, 1)))
        low, high = many.band(level)
        assert np.mean((low <= 0.3) & (0.3 <= high)) > level - 0.015
    # the time at which a rising share passes 1/2: the truth is 1
    starts = rng.binomial(6, 0.5, (20, 400, 1))
    low, high = made_up(np.concatenate([0 * starts, starts, 0 * starts + 6], axis=2)).front_band()
    assert np.mean((low <= 1.0) & (1.0 <= high)) > 0.93
    # "all": exact at any number of runs, and never a width of 0
    sure = made_up(np.full((4, 1, 2), 6), "all")
    assert sure.error.min() > 0.09 and sure.band()[0, 0, 0] < 0.5
    with pytest.raises(ValueError, match="resamples=0"):
        sure_pairs = made_up(np.full((40, 1, 2), 6))
        sure_pairs.band(resamples=0)


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
    band = made_up(counts * 20).front_band()
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


def test_fronts_where_numbers_end():
    """e^β is no double beyond 709: Γ is infinite, the correction NaN, and nothing warns."""
    assert gamma_front([1e4], 3)[0] == np.inf
    assert np.isnan(finite_size_front([1e4, 60.0], n=3, d=1024)).all()
    usa = finite_size_front([1.0, 1e4], n=3, d=1024, model=USA)
    assert np.isfinite(usa[0]) and np.isnan(usa[1])


def test_matrices_take_seeds():
    """SPEC 7: a seed, or the generator that it makes."""
    for draw in MATRICES.values():
        one, two = draw(3, 4), draw(np.random.default_rng(3), 4)
        for name in "QKV":
            np.testing.assert_array_equal(one[name], two[name])


def test_clusters_of_stopped_systems_are_refused():
    with pytest.raises(ArithmeticError, match=r"2 of 2 that were stopped.*coarsen"):
        cluster_persistence(800.0, n=4, runs=2, model=USA)


def test_a_stopped_system_is_marked_and_not_counted():
    found = phase_diagram(2, 6, [1.0, 800.0], [0.0, 5.0], runs=2, model=USA)
    assert found.complete.tolist() == [True, False]
    assert (found.status[:, 1] == EnsembleStatus.OVERFLOW).all()


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
    assert "d2: SA, n=8, d=2, delta=0.001, 4 runs" in shown and "order 1/d" in shown
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


def test_the_command_marks_stopped_systems(tmp_path, capsys):
    """Nothing is printed, written or drawn of them but that they were stopped."""
    grid = ("--betas", "1", "800", "2", "--times", "0", "5", "6")
    words = ("--model", "USA", "--n", "6", "--d", "2", "--runs", "2", *grid)
    assert command.run(arguments(*words, out=tmp_path)) == 1
    shown = capsys.readouterr().out
    row = next(line for line in shown.splitlines() if line.strip().startswith("800"))
    assert row.split()[1:3] == ["-", "-"] and "0.000" not in row
    assert "coarsen" in shown and "--rtol" not in shown
    rows = json.loads((tmp_path / "phase.json").read_text())["diagrams"][0]["rows"]
    assert rows[0]["probability_at_end"] is not None and rows[0]["stopped"] == 0
    assert rows[1]["probability_at_end"] is rows[1]["error_at_end"] is None
    assert rows[1]["stopped"] == 2


def test_the_command_shows_no_errors_of_one_run(capsys):
    grid = ("--betas", "0.5", "9", "3", "--times", "0", "20", "21")
    assert command.run(arguments("--n", "6", "--d", "2", "2", "--runs", "1", *grid)) == 0
    shown = capsys.readouterr().out
    assert shown.count("d2: ") == 1  # each dimension once
    assert "± -" in shown and "0.000" not in shown and "standard error -" in shown
    assert "95% band of the front needs 20 runs" in shown and " to " not in shown
    assert command.run(arguments("--n", "6", "--d", "2", "--runs", "20", *grid)) == 0
    shown = capsys.readouterr().out
    assert "95% band" in shown and "- to" not in shown and "to -" not in shown
    words = ("--figure", "5", "--d", "4", "--matrices", "a", "a", "--n", "4", "--runs", "1", *grid)
    command.run(arguments(*words))
    shown = capsys.readouterr().out
    assert "Gamma" not in shown and shown.count("matrices_a") == 1


def test_an_interrupted_command_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "phase_diagram", interrupted)
    for out, expected in ((tmp_path, "the same command goes on"), (None, "with --out")):
        with pytest.raises(KeyboardInterrupt):
            command.run(arguments(*QUICK, out=out))
        assert expected in capsys.readouterr().err


def test_help_fits_the_width(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    parser = argparse.ArgumentParser(prog="attnflow phase")
    command.add_arguments(parser)
    text = parser.format_help()
    assert max(map(len, text.splitlines())) <= 80
    assert "PANEL" in text and "identity" in text and "64 tokens" in text


def test_pictures_say_what_they_show():
    stopped = np.zeros((3, 2), dtype=bool)
    stopped[0, 1] = True
    counts = np.tile([[0, 3, 6], [0, 6, 6]], (3, 1, 1))
    diagram = replace(made_up(counts), unfinished=stopped)
    figure = pictures.draw_figure([diagram, diagram])
    heading = figure.get_suptitle()
    assert all(part in heading for part in ("SA", "$n$ = 4", r"$\delta$ = 0.001", "3 runs"))
    ax = pictures.plot_phase(diagram)
    assert np.ma.getmaskarray(ax.collections[0].get_array())[1].all()  # β = 2 is left grey
    labels = ax.get_legend_handles_labels()[1]
    assert any(r"d \to \infty" in label for label in labels) and "95% band" not in labels
    assert not pictures.plot_bands(diagram).collections  # no bands of 3 runs
    assert "radius is time" in pictures.draw_metastable([4.0], [0.0, 1.0], 8).get_suptitle()
    with pytest.raises(ArithmeticError, match="stopped"):
        pictures.draw_metastable([800.0], [0.0, 1.0], 4, model=USA)


def test_the_command_refuses_what_does_not_fit(capsys):
    for words, expected in (
        (("--matrices", "a"), "--figure 5"),
        (("--figure", "5", "--model", "USA"), "--figure 3"),
        (("--betas", "9", "0", "10"), "LOW < HIGH"),
        (("--jobs", "0"), "jobs=0"),
        (("--betas", "1", "inf", "3"), "finite"),
        (("--times", "0", "5", "1e12"), "at most 10000"),
        (("--betas", "1", "5", "1e9"), "at most 10000"),
        (("--times", "-1", "5", "3"), "times"),
        (("--runs", "0"), "runs=0"),
        (("--n", "1"), "n=1"),
        (("--d", "2", "0"), "d=0"),
        (("--delta", "2"), "delta=2"),
        (("--rtol", "1"), "rtol=1"),
    ):
        with pytest.raises(ValueError, match=expected):
            command.run(arguments(*words))
        assert capsys.readouterr().err == ""  # nothing was begun
