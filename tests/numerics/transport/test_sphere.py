"""Transport on S^{d−1}: plans against brute force, POT against the linear programme, slices."""

from itertools import permutations

import numpy as np
import pytest

from numerics import sphere, wasserstein
from numerics.transport import sphere as plans

pytestmark = pytest.mark.extras


@pytest.mark.parametrize("p", [1, 2, 3.5])
@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_assignments_meet_all_matchings(p, d):
    rng = np.random.default_rng(d)
    a, b = sphere.random_points(5, d, rng), sphere.random_points(5, d, rng)
    apart = np.array([[sphere.geodesic_distance(x, y) for y in b] for x in a])
    best = min(np.mean(apart[range(5), list(order)] ** p) for order in permutations(range(5)))
    assert wasserstein(a, b, p) == pytest.approx(best ** (1 / p), abs=1e-12)


def test_unequal_masses_are_copies_of_equal_ones():
    rng = np.random.default_rng(1)
    a, b = sphere.random_points(4, 3, rng), sphere.random_points(6, 3, rng)
    copies = np.array([1, 3, 2, 6])
    value = wasserstein(a, b, 2, copies / 12)
    assert value == pytest.approx(
        wasserstein(np.repeat(a, copies, axis=0), np.repeat(b, 2, axis=0)), abs=1e-9
    )
    # Mass scales W₂ by its root.
    assert wasserstein(a, b, 2, copies, np.full(6, 2.0)) == pytest.approx(
        value * np.sqrt(12), abs=1e-9
    )


def test_pot_meets_the_linear_programme():
    pytest.importorskip("ot")
    rng = np.random.default_rng(2)
    a, b = sphere.random_points(30, 4, rng), sphere.random_points(20, 4, rng)
    masses = rng.dirichlet(np.ones(30)), rng.dirichlet(np.ones(20))
    programme = plans._programme(plans.distances(a, b), *masses)
    assert wasserstein(a, b, 1, *masses) == pytest.approx(programme, abs=1e-10)


def test_many_unequal_points_without_pot_are_an_error_that_names_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ot", None)
    rng = np.random.default_rng(0)
    a, b = sphere.random_points(300, 3, rng), sphere.random_points(301, 3, rng)
    with pytest.raises(ModuleNotFoundError, match=r"attnflow\[transport\]"):
        wasserstein(a, b)


def test_slices_stay_below_and_meet_near_points():
    rng = np.random.default_rng(5)
    a = sphere.random_points(1, 3, rng)
    near = sphere.exp_map(a, sphere.tangent(a, 1e-4 * rng.normal(size=(1, 3))))
    many = wasserstein(a, near, method="sliced", slices=4000)
    assert many == pytest.approx(wasserstein(a, near), rel=0.05)
    opposite = wasserstein(a, -a, method="sliced", slices=4000)
    assert opposite == pytest.approx(2.0, rel=0.05)  # the chord, not π
    for p in (1, 2):
        x, y = sphere.random_points(60, 5, rng), sphere.random_points(40, 5, rng)
        assert wasserstein(x, y, p, method="sliced") < wasserstein(x, y, p)
    again = wasserstein(a, near, method="sliced", rng=3)
    assert again == wasserstein(a, near, method="sliced", rng=3)
