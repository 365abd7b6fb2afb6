"""Particles against the continuity equation: rates in n, and what doesn't converge."""

import numpy as np
import pytest

from numerics import mean_field, mean_field_distances
from proofs_checks.extensions.mean_field_limit import sphere_slope
from theory import SA, USA
from theory.predictions import transport_lipschitz


def density(angle):
    return 1 + np.cos(angle) / 2 + np.cos(2 * angle) / 4


@pytest.mark.slow
@pytest.mark.parametrize("beta", [1.0, 4.0])
def test_quantile_starts_fall_like_one_over_n(beta):
    found = mean_field_distances(SA, density, (50, 200, 800), 2.0, 2, "quantile", beta=beta, rng=1)
    slope, error = found.slope()
    assert slope == pytest.approx(-1, abs=1e-3) and error < 1e-3
    for p in (1, 2):
        assert np.log(found.growth) <= float(transport_lipschitz(beta, "SA", p)) * found.t_end


@pytest.mark.slow
def test_independent_starts_fall_like_the_root_of_n():
    found = mean_field_distances(SA, density, (50, 800), 0.5, 12, beta=4.0, rng=2)
    slope, error = found.slope()
    assert abs(slope + 0.5) < 4 * error < 0.5
    assert found.mean == pytest.approx(found.end.mean(axis=1))
    # At the start n E W_2² is near ∫∫ (min(F,F') - FF')/(ρρ'), whatever n: the same at both sizes.
    ratio = (50 * found.start[0] ** 2).mean() / (800 * found.start[1] ** 2).mean()
    assert 0.3 < ratio < 3


def test_another_equation_is_not_approached():
    other = mean_field(SA, density, 2.0, [2.0], beta=1.5)
    limit = lambda angle: other.density(2.0, angle)  # noqa: E731
    found = mean_field_distances(SA, density, (50, 800), 2.0, 1, "quantile", limit=limit, beta=1.0)
    assert found.slope()[0] > -0.1


@pytest.mark.slow
def test_a_concentrated_limit_is_compared_by_quantiles():
    run = mean_field(USA, density, 0.6, [0.6], beta=4.0)
    found = mean_field_distances(USA, density, (100,), 0.6, 1, "quantile", beta=4.0)
    assert run.resolved_until < 0.6 and 0 < found.end[0, 0] < 0.1
    with pytest.raises(ValueError, match="two sizes"):
        found.slope()


def test_a_run_as_the_limit_and_what_is_told():
    run, told = mean_field(SA, density, 1.0, [0.5, 1.0], beta=1.0), []
    words = {"starts": "quantile", "beta": 1.0}
    given = mean_field_distances(
        SA, density, (50,), 0.5, 2, limit=run, progress=lambda *done: told.append(done), **words
    )
    own = mean_field_distances(SA, density, (50,), 0.5, 2, **words)
    assert given.end == pytest.approx(own.end, rel=1e-6)
    assert told == [(1, 2), (2, 2)]
    with pytest.raises(ValueError, match=r"reaches t_end=2 but got limit"):
        mean_field_distances(SA, density, (50,), 2.0, 1, limit=run, beta=1.0)


REFUSED = {
    "another mass": {"density": lambda a: 2 * density(a)},
    "other starts": {"starts": "grid"},
    "no time": {"t_end": 0.0},
    "p = 3": {"p": 3},
    "no runs": {"runs": 0},
    "no tokens": {"sizes": (0,)},
}


@pytest.mark.parametrize("changed", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(changed):
    given = {"density": density, "sizes": (10,), "t_end": 0.1, "runs": 1, **changed}
    with pytest.raises(ValueError, match=r"Expected .* but got"):
        mean_field_distances(SA, beta=1.0, **given)


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param((60, 125, 250, 500), marks=pytest.mark.slow),
        pytest.param((125, 250, 500, 1000, 2000), marks=pytest.mark.full),
    ],
    ids=max,
)
def test_on_the_sphere_two_systems_part_like_the_root_of_log_n_over_n(sizes):
    slope, error = sphere_slope(SA, sizes, 6, np.random.default_rng(0))
    assert abs(slope - 0.5) < 4 * error + 0.03


@pytest.mark.full
@pytest.mark.parametrize("beta", [1.0, 4.0])
@pytest.mark.parametrize(("starts", "rate", "room"), [("iid", -0.5, 0.05), ("quantile", -1, 1e-3)])
def test_a_hundred_thousand_tokens(beta, starts, rate, room):
    sizes = (100, 1000, 10_000, 100_000)
    found = mean_field_distances(SA, density, sizes, 2.0, 20, starts, beta=beta)
    assert found.slope()[0] == pytest.approx(rate, abs=room)
