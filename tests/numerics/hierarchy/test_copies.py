"""Copies of n tokens: scores of (8.1), the law of two tokens, its error; at full size too."""

import numpy as np
import pytest

from numerics import pair_law, pair_samples
from numerics.hierarchy import spread_starts
from numerics.transport import cell_distance
from theory import USA


def von_mises(rng, shape):
    return rng.vonmises(0.0, 1.0, shape)


@pytest.mark.slow
def test_scores_tell_the_sign_of_g():
    samples = pair_samples(USA, 3, [0.25], copies=20_000, rng=1, rtol=1e-5, beta=4.0)
    assert samples.complete and samples.differences.shape == (1, 20_000)
    assert np.abs(samples.residual_scores()).max() < 4
    assert np.abs(samples.residual_scores(sign=-1.0)).max() > 8
    assert np.abs(samples.residual_scores(sign=0.0)).max() > 4


def test_two_tokens_obey_it_copy_by_copy():
    samples = pair_samples(USA, 2, [0.3], copies=500, beta=2.0)
    assert np.abs(samples.residual_scores()).max() < 2


def test_a_token_stays_uniform_and_a_wrong_start_is_seen():
    good = pair_samples(USA, 3, [0.0, 0.5], copies=2000, rtol=1e-4, beta=2.0)
    assert good.uniformity()[1].min() > 1e-4
    wrong = pair_samples(USA, 3, [0.0, 0.5], copies=2000, rtol=1e-4, start=von_mises, beta=2.0)
    assert wrong.uniformity()[1].max() < 1e-50


def test_the_law_of_two_tokens_is_the_exact_one():
    times = [0.0, 0.5]
    samples = pair_samples(
        USA, 2, times, copies=4096, rng=2, rtol=1e-6, start=spread_starts, beta=1.0
    )
    exact = pair_law(USA, 2, 0.5, closure="exact", t_eval=times, cells=64, beta=1.0)
    law = samples.law(64)
    assert exact.distance(law).max() < 5e-3
    assert np.array_equal(law.masses, law.masses[:, ::-1])
    # The error is one of independent parts: an upper estimate for spread starts.
    assert (exact.distance(law) < 2 * samples.error(64)).all()


@pytest.mark.slow
def test_the_bootstrap_is_the_error_of_independent_copies():
    exact = pair_law(USA, 2, 0.3, closure="exact", cells=64, beta=1.0)
    words = {"copies": 3000, "rtol": 1e-4, "beta": 1.0}
    found = [pair_samples(USA, 2, [0.3], rng=seed, **words) for seed in range(20)]
    true = [cell_distance(one.law(64).masses - exact.masses[-1])[0] for one in found]
    drawn = np.concatenate([one.scatter(64, draws=50)[0] for one in found])
    assert np.mean(drawn) == pytest.approx(np.mean(true), rel=0.2)
    assert np.std(drawn) == pytest.approx(np.std(true), rel=0.5)
    assert np.array_equal(found[0].scatter(64), found[0].scatter(64))
    with pytest.raises(ValueError, match="parts"):
        found[0].scatter(64, parts=1)


def test_streams_are_reproducible():
    one, two = (pair_samples(USA, 2, [0.1], copies=10, rng=7, beta=1.0).angles for _ in "ab")
    assert np.array_equal(one, two)
    other = pair_samples(USA, 2, [0.1], copies=10, rng=8, beta=1.0).angles
    assert not np.array_equal(one, other)
    with pytest.raises(ValueError, match="shape"):
        pair_samples(USA, 2, [0.1], copies=10, start=lambda rng, shape: np.zeros(3), beta=1.0)


@pytest.mark.full
@pytest.mark.parametrize("beta", [1.0, 4.0])
@pytest.mark.parametrize("n", [3, 5])
def test_8_1_in_twelve_bins_at_full_size(n, beta):
    samples = pair_samples(USA, n, [0.25], copies=400_000, rng=1, beta=beta)
    assert np.abs(samples.residual_scores(12)).max() < 4
    assert np.abs(samples.residual_scores(12, sign=-1.0)).max() > 20


@pytest.mark.full
@pytest.mark.parametrize("beta", [1.0, 4.0])
@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_closures_against_copies(n, beta):
    times = [0.25, 0.5]
    samples = pair_samples(USA, n, times, copies=100_000, rng=3, rtol=1e-6, beta=beta)
    law, error = samples.law(256), samples.error(256)
    laws = {
        closure: pair_law(USA, n, 0.5, closure=closure, t_eval=times, cells=256, beta=beta)
        for closure in ("kirkwood", "chaos")
    }
    distances = {closure: one.distance(law) for closure, one in laws.items()}
    if n == 2:
        assert all((found < 3 * error).all() for found in distances.values())
        return
    # Chaos stays behind by many errors; Kirkwood's closure is nearer to ψ, early the more so.
    assert (distances["chaos"] > 2 * error).all()
    assert (distances["kirkwood"] < distances["chaos"]).all()
    assert (laws["chaos"].near_zero(0.5) < law.near_zero(0.5) - 2e-3).all()
    if beta == 1.0:
        assert distances["kirkwood"][0] < 3 * error[0]
