"""Γ and its correction of order 1/d."""

import numpy as np
import pytest

from numerics.equiangular import equiangular_gap
from numerics.phase.front import finite_size_front, gamma_front
from numerics.phase.run import phase_diagram
from theory import USA


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


@pytest.mark.slow
def test_order_1_over_d_moves_gamma_to_the_front():
    """Ours: the correction explains most of the distance between Γ and uniform tokens."""
    betas = np.array([5.0, 6.0])
    found = phase_diagram(
        d=256, n=16, betas=betas, times=np.linspace(0, 25, 251), runs=400, rng=1, rtol=1e-5
    )
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


@pytest.mark.slow
def test_a_wrong_number_of_tokens_is_told_apart():
    """Control of Figure 3: the curve of n = 32 is not the front of n = 16."""
    betas = np.array([4.5, 5.0])
    found = phase_diagram(
        d=128, n=16, betas=betas, times=np.linspace(0, 20, 201), runs=24, rtol=1e-5
    )
    right, wrong = finite_size_front(betas, 16, 128), gamma_front(betas, 32)
    assert np.all(np.abs(found.front() - right) < 0.2 * np.abs(found.front() - wrong))


def test_fronts_where_numbers_end():
    """e^β is no double beyond 709: Γ is infinite, the correction NaN, and nothing warns."""
    assert gamma_front([1e4], 3)[0] == np.inf
    assert np.isnan(finite_size_front([1e4, 60.0], n=3, d=1024)).all()
    usa = finite_size_front([1.0, 1e4], n=3, d=1024, model=USA)
    assert np.isfinite(usa[0]) and np.isnan(usa[1])
