"""The simulations behind the figures: the law of the start, diagrams run by run."""

import numpy as np
import pytest

from numerics import sphere
from numerics.ensembles import ClosePairs, ensemble
from numerics.phase import MATRICES
from proofs_checks.claim import Budget
from proofs_checks.proof.simulations import diagram_of, start_law
from theory.models import QKV, SA, USA


@pytest.mark.parametrize(("d", "cap"), [(2, np.arccos(0.9) / np.pi), (3, 0.05)])
def test_the_law_of_the_start_is_that_of_a_cap(d, cap):
    """Archimedes: on the sphere in R^3 a cap's share is half its height."""
    assert start_law(cap, 0.9, 32, d, 10)[0] == pytest.approx(1, abs=1e-9)
    points = sphere.random_points(32, d, 0, batch=400)
    share = ClosePairs(0.1)(points).mean() / 496
    assert start_law(share, 0.9, 32, d, 400)[0] > 0
    assert start_law(share + (1 - share) / 32, 0.9, 32, d, 400)[0] < 0


def test_the_law_of_the_start_has_binomial_variance():
    """Pairs that share a token are independent all the same: measured on 2000 starts."""
    counts = ClosePairs(0.1)(sphere.random_points(16, 2, 1, batch=2000))
    p = np.arccos(0.9) / np.pi
    assert counts.var() == pytest.approx(120 * p * (1 - p), rel=0.15)


@pytest.mark.slow
def test_a_diagram_is_that_of_its_runs_one_by_one():
    grid = np.array([1.0, 5.0]), np.array([0.0, 3.0, 8.0, 20.0])
    budget = Budget(3, np.random.default_rng(4))
    found = diagram_of(SA, (8, 3), grid, 3, budget, 1e-9)
    starts = sphere.random_points(8, 3, np.random.default_rng(4), batch=(3, 1))
    for run, start in enumerate(starts[:, 0]):
        for k, warm in enumerate(grid[0]):
            points = ensemble(SA, start, t_eval=grid[1], rtol=1e-10, beta=warm).points
            np.testing.assert_array_equal(found.counts[run, k], ClosePairs(1e-3)(points))


def test_a_diagram_draws_fresh_matrices_for_each_run():
    grid = np.array([0.5]), np.array([0.0, 4.0, 6.0])
    seen = []

    def draw(rng, d):
        seen.append(MATRICES["a"](rng, d))
        return seen[-1]

    found = diagram_of(QKV, (6, 8), grid, 3, Budget(3, np.random.default_rng(1)), 1e-8, draw)
    assert len(seen) == 3 and not np.allclose(seen[0]["V"], seen[1]["V"])
    rng = np.random.default_rng(1)
    again = [MATRICES["a"](rng, 8) for _ in range(3)]
    for one, start, count in zip(
        again, sphere.random_points(6, 8, rng, batch=(3, 1))[:, 0], found.counts, strict=True
    ):
        points = ensemble(QKV, start, t_eval=grid[1], rtol=1e-9, beta=0.5, **one).points
        np.testing.assert_array_equal(count[0], ClosePairs(1e-3)(points))


def test_systems_that_stop_are_an_error():
    grid = np.array([2000.0]), np.array([0.0, 1.0])
    with pytest.raises((RuntimeError, OverflowError)):
        diagram_of(USA, (4, 2), grid, 1, Budget(1, np.random.default_rng(0)), 1e-6)
