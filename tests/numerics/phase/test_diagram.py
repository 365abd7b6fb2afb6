"""The statistic of a diagram, its errors, and where its front crosses."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import binom

from numerics import sphere
from numerics.ensembles import ensemble
from numerics.phase.diagram import PhaseDiagram
from numerics.phase.run import phase_diagram
from theory import SA

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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
