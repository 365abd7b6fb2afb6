"""Closed laws of two tokens: exact at n = 2, orders, mass, positivity, Kirkwood by sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import PairStatus, pair_law
from numerics.hierarchy import pair_force
from numerics.hierarchy.closures import _Kirkwood
from theory import SA, USA, gradient_flow, interaction_energy
from theory.symbols import n, t, z

CUBIC = gradient_flow(interaction_energy(z + z**3 / 5), "cubic")


def test_two_tokens_at_beta_zero_have_a_closed_form():
    # x' = -sin x: tan(x/2) falls like e^{-t}, so the mass of |x| <= a grows as 2 atan(e^t tan a/2).
    linear = gradient_flow(interaction_energy(z), "linear")
    law = pair_law(linear, 2, 1.5, closure="exact", cells=64)
    expected = 2 * np.arctan(np.exp(1.5) * np.tan(law.edges[33:64] / 2)) / np.pi
    found = [law.near_zero(a)[-1] for a in law.edges[33:64]]
    assert np.allclose(found, expected, rtol=0, atol=1e-11)


# While ψ is smooth: at β = 4 it is sharp within a cell soon.
@pytest.mark.parametrize(("beta", "t_end"), [(1.0, 0.1), (4.0, 0.02)])
def test_finite_volumes_are_of_order_two(beta, t_end):
    errors = []
    for cells in (64, 128, 256):
        exact = pair_law(USA, 2, t_end, closure="exact", cells=cells, beta=beta)
        errors.append(pair_law(USA, 2, t_end, cells=cells, beta=beta).distance(exact)[-1])
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert orders.min() > 1.6 and errors[-1] < 2e-5
    # A wrong factor 1/n is far off: the speed of three tokens.
    wrong = pair_law(USA, 3, t_end, closure="chaos", cells=256, beta=beta)
    assert wrong.distance(exact)[-1] > 100 * errors[-1]


@settings(deadline=None, max_examples=15)
@given(
    n=st.integers(2, 12),
    beta=st.floats(0.1, 5.0),
    t_end=st.floats(0.0, 0.6),
    closure=st.sampled_from(["kirkwood", "chaos"]),
)
def test_mass_positivity_and_evenness(n, beta, t_end, closure):
    law = pair_law(USA, n, t_end, closure=closure, cells=64, beta=beta)
    assert np.abs(law.masses.sum(axis=1) - 1).max() < 1e-12
    assert law.masses.min() > 0
    # Kirkwood's field is unstable about an even law: rounding grows by e^{rate t}.
    assert np.abs(law.masses - law.masses[:, ::-1]).max() < 1e-5
    assert law.status in (PairStatus.FINISHED, PairStatus.CONCENTRATED)


def test_kirkwoods_force_is_that_of_plain_sums():
    force, cells = pair_force(USA, beta=2.0), 32
    speed = _Kirkwood(force, 5, cells)
    # Sharp enough that most values of the denominator are below what an FFT resolves.
    masses = np.exp(40.0 * np.cos(speed.centres))
    masses /= masses.sum()
    found = speed.mean_force(masses, 0.0)
    for i in range(cells):
        other = masses[(i - np.arange(cells)) % cells]
        weights = masses * other
        expected = (-force(speed.centres, 0.0) * weights).sum() / weights.sum()
        assert abs(found[i] - expected) < 1e-7 * (1 + abs(expected))


def test_kirkwood_is_right_to_first_order_in_time():
    # v differs from that of chaos by the term of g, whose slope in t is that of the derivation.
    short, force = 1e-4, pair_force(USA, beta=1.25)
    law = pair_law(USA, 3, short, cells=512, beta=1.25)
    speed = _Kirkwood(force, 3, 512)
    found = speed.mean_force(np.roll(law.masses[-1], -256), 0.0) / short
    at = np.argmin(np.abs(speed.edges - 1.0))
    points = 2 * np.pi * np.arange(128) / 128
    a = speed.edges[at] - points
    slope = (1.25 * np.sin(a) ** 2 - np.cos(a)) * np.exp(1.25 * np.cos(a))
    expected = 2 / 3 * (force(points, 0.0) * slope).mean()
    assert abs(found[at] / expected - 1) < 2e-3


def test_time_dependent_kernels():
    pulsed = USA.subs({USA.parameters[0]: 1 + t}, "pulsed")
    exact = pair_law(pulsed, 2, 0.4, closure="exact", cells=128)
    solved = pair_law(pulsed, 2, 0.4, cells=128)
    assert solved.distance(exact)[-1] < 2e-4
    still = pair_law(USA, 2, 0.4, closure="exact", cells=128, beta=1.0)
    assert still.distance(exact)[-1] > 1e-2


def test_a_kernel_that_depends_on_the_number_of_tokens():
    scaled = gradient_flow(interaction_energy(n * z), "scaled")
    plain = gradient_flow(interaction_energy(3 * z), "plain")
    found, expected = (pair_law(model, 3, 0.2, cells=64) for model in (scaled, plain))
    assert np.allclose(found.masses, expected.masses, rtol=1e-12)
    with pytest.raises(ValueError, match="tokens=None"):
        pair_force(scaled)


def test_statuses():
    assert pair_law(USA, 2, 3.0, cells=32, beta=1.0).status is PairStatus.CONCENTRATED
    stopped = pair_law(USA, 3, 1.0, cells=64, beta=1.0, max_steps=3)
    assert stopped.status is PairStatus.MAX_STEPS and np.isnan(stopped.masses[-1]).all()
    assert all(status.message for status in PairStatus)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n": 3, "closure": "exact"}, "n = 2"),
        ({"model": SA}, "random"),
        ({"cells": 33}, "even"),
        ({"closure": "mean field"}, "closure"),
        ({"t_eval": [0.2, 0.1]}, "ascending"),
        ({"t_end": -1.0}, ">= 0"),
        ({"beta": np.nan}, "finite"),
        ({"n": 1}, ">= 2"),
    ],
)
def test_wrong_arguments(change, words):
    given_ = {"model": USA, "n": 2, "t_end": 0.3, "beta": 1.0, **change}
    with pytest.raises((ValueError, TypeError), match=words):
        pair_law(given_.pop("model"), given_.pop("n"), given_.pop("t_end"), **given_)
    with pytest.raises(ValueError, match="parameters"):
        pair_law(USA, 2, 0.1)
