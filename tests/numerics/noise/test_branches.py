"""The ordered branch and the states at one noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ive

from numerics import ordered_branch, stationary_states
from theory import SA, USA
from theory.predictions import landau_coefficient, mode_growth_rate

ANGLES = 2 * np.pi * np.arange(4096) / 4096


def convolved(hot: float, density: np.ndarray) -> np.ndarray:
    kernel = np.exp(hot * np.cos(ANGLES))
    return np.fft.irfft(np.fft.rfft(kernel) * np.fft.rfft(density), 4096) / 4096


@settings(deadline=None, max_examples=12)
@given(hot=st.floats(0.3, 9.0), share=st.floats(0.3, 0.97), model=st.sampled_from([SA, USA]))
def test_states_solve_the_fixed_point_equation(hot: float, share: float, model: object) -> None:
    """ν ∝ exp((h*ν)/(βκ)) for USA, ν ∝ (h*ν)^{1/(βκ)} for SA; mass 1, positive."""
    threshold = ive(1, hot) / hot / (ive(0, hot) if model is SA else np.exp(-hot))
    noise = share * threshold
    uniform, *ordered = stationary_states(model, noise, hot)  # type: ignore[arg-type]
    assert uniform.order_parameter == 0 and not uniform.stable
    assert len(ordered) == 1 and ordered[0].stable
    density = ordered[0].density(ANGLES)
    pull = convolved(hot, density)
    expected = np.log(pull) / (hot * noise) if model is SA else pull / (hot * noise)
    expected = np.exp(expected - expected.max())
    expected /= expected.mean()
    assert np.abs(density / density.max() - expected / expected.max()).max() < 1e-8
    assert density.min() >= 0 and density.mean() == pytest.approx(1, abs=1e-9)
    assert (density * np.cos(ANGLES)).mean() == pytest.approx(ordered[0].order_parameter, abs=1e-9)


def test_two_stable_states_and_one_between() -> None:
    uniform, between, ordered = stationary_states(USA, 5.1, 5.0)
    assert [state.stable for state in (uniform, between, ordered)] == [True, False, True]
    assert ordered.order_parameter == pytest.approx(0.828, abs=5e-4)
    assert ordered.free_energy is not None and between.free_energy is not None
    assert ordered.free_energy < 0 < between.free_energy
    assert len(stationary_states(USA, 5.5, 5.0)) == 1


def test_rates_of_the_uniform_state() -> None:
    for model, d, hot in ((USA, 2, 5.0), (SA, 2, 3.0), (USA, 4, 2.0), (SA, 3, 9.0)):
        noise = 0.7
        (uniform, *_) = stationary_states(model, noise, hot, d)
        rates = [
            float(mode_growth_rate(k, hot, d, model.name, noise=noise).evalf())
            for k in range(1, 12)
        ]
        assert uniform.growth_rate == pytest.approx(max(rates), rel=1e-10)


@pytest.mark.slow
def test_linearised_rate_against_a_run() -> None:
    """Decay to the ordered state of a perturbed density, by finite differences in time."""
    hot, noise, size = 3.0, 1.0, 128
    state = stationary_states(USA, noise, hot)[-1]
    theta = 2 * np.pi * np.arange(size) / size
    wave = np.fft.rfftfreq(size, 1 / size)
    kernel = np.fft.rfft(np.exp(hot * np.cos(theta))).real / size
    start = state.density(theta)
    density = start * (1 + 1e-4 * np.cos(theta))
    density /= density.mean()

    def change(values: np.ndarray) -> np.ndarray:
        modes = np.fft.rfft(values)
        field = np.fft.irfft(1j * wave * modes * kernel / hot, size)
        flux = np.fft.rfft(values * field)
        return np.fft.irfft(-1j * wave * flux - noise * wave**2 * modes, size)

    step, distances = 2e-4, []
    for k in range(20001):
        if k in (10000, 20000):
            distances.append(np.abs(density - start).max())
        half = density + step / 2 * change(density)
        density = density + step * change(half)
    rate = np.log(distances[1] / distances[0]) / 2.0
    assert rate == pytest.approx(state.growth_rate, rel=1e-3)


@pytest.mark.parametrize(
    ("model", "hot", "d"),
    [(USA, 2.0, 2), (USA, 4.0, 3), (SA, 3.0, 2), (SA, 3.0, 5), (USA, 1.1, 16)],
)
def test_the_branch_leaves_as_the_landau_coefficient_says(
    model: object, hot: float, d: int
) -> None:
    branch = ordered_branch(model, hot, d)  # type: ignore[arg-type]
    small = (branch.order > 4e-3) & (branch.order < 3e-2)
    share = branch.kappas[small] / branch.kappa_uniform - 1
    name = model.name  # type: ignore[attr-defined]
    expected = float(landau_coefficient(hot, d, name).evalf())
    fit = np.polynomial.Polynomial.fit(branch.order[small] ** 2, share, 1).convert()
    assert fit.coef[1] == pytest.approx(expected, rel=2e-2)


def test_stability_changes_at_the_fold() -> None:
    for hot, d in ((3.0, 2), (5.0, 2), (3.0, 3)):
        branch = ordered_branch(USA, hot, d)
        assert int(np.argmax(branch.kappas)) == pytest.approx(int(np.argmax(branch.stable)), abs=1)
        assert np.count_nonzero(np.diff(branch.stable.astype(int))) == 1
        assert branch.free_energy is not None and branch.free_energy[-1] < 0


def test_least_noise() -> None:
    branch = ordered_branch(USA, 3.0, kappa_least=0.1)
    assert branch.kappas[-1] < 0.1 <= branch.kappas[-2]
    assert branch.order[-1] > 0.99
    for wrong in (0.0, -1.0, 2.0):
        with pytest.raises(ValueError, match="kappa_least"):
            ordered_branch(USA, 3.0, kappa_least=wrong)
    with pytest.raises(ValueError, match="noise > 0"):
        stationary_states(USA, 0.0, 3.0)


def test_places_of_a_density() -> None:
    state = stationary_states(USA, 0.2, 2.0, 3)[-1]
    heights, weights = np.polynomial.legendre.leggauss(200)
    density = state.density(heights)
    assert density @ weights / 2 == pytest.approx(1, rel=1e-12)
    assert (density * heights) @ weights / 2 == pytest.approx(state.order_parameter, rel=1e-10)
    with pytest.raises(ValueError, match="inner products"):
        state.density(1.5)
