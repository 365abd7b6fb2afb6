"""Loops of the noise with particles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.special import iv

from numerics import NoisyStatus, hysteresis, noisy, stationary_states
from proofs_checks.proof.stationary import with_noise
from theory import USA


def test_a_loop_resumes_leg_by_leg(tmp_path: Path) -> None:
    """The same call finds what is there; another seed is refused."""
    seen: list[tuple[int, int]] = []
    arguments = {"beta": 2.0, "kappas": [0.5, 1.5], "n": 100, "time": 1.0, "dt": 0.01}
    first = hysteresis(**arguments, out=tmp_path, progress=lambda a, b: seen.append((a, b)))
    again = hysteresis(**arguments, out=tmp_path)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert np.array_equal(first.order, again.order)
    assert np.array_equal(first.order, hysteresis(**arguments).order)
    with pytest.raises(ValueError, match="seed"):
        hysteresis(**arguments, out=tmp_path, rng=1)


@pytest.mark.slow
def test_above_all_thresholds_order_is_lost() -> None:
    loop = hysteresis(beta=2.0, kappas=[0.3, 3.0], n=400, time=4.0, dt=0.01)
    assert loop.status is NoisyStatus.FINISHED
    expected = stationary_states(USA, 0.3, 2.0)[-1].order_parameter
    assert loop.order[0] == pytest.approx(expected, abs=0.02)
    assert loop.order[1] < 0.12
    assert loop.at(0.3)[0] == loop.order[0] and loop.at(0.3)[1] == loop.order[2]
    with pytest.raises(ValueError, match="noise of the loop"):
        loop.at(0.7)


@pytest.mark.parametrize(
    "wrong", [{"kappas": [2.0, 1.0]}, {"kappas": [1.0]}, {"n": 1}, {"time": 0.0}, {"dt": -1.0}]
)
def test_what_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        hysteresis(**{"beta": 1.0, "kappas": [1.0, 2.0], "n": 10, **wrong})  # type: ignore[arg-type]


@pytest.mark.full
def test_hysteresis_at_beta_5() -> None:
    """At κ = 5.1: 0.828 ± 0.02 on the way up, below 0.15 on the way down; n = 10⁴."""
    loop = hysteresis(beta=5.0, kappas=[4.7, 5.1, 5.5], dt=5e-3)
    up, down = loop.at(5.1)
    assert loop.status is NoisyStatus.FINISHED
    assert up == pytest.approx(0.828, abs=0.02)
    assert down < 0.15


@pytest.mark.full
def test_a_thousand_tokens_leave_the_uniform_state() -> None:
    """At κ = 5.1 the uniform state is stable for n → ∞; fluctuations of a thousand end it."""
    angles = np.broadcast_to(2 * np.pi * np.arange(1000) / 1000, (4, 1000))
    starts = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    times = [0.0, 1.0, 40.0]
    run = noisy(with_noise(USA), starts, 40.0, 0.01, "weak2", 1, t_eval=times, beta=5.0, kappa=5.1)
    order = np.linalg.norm(run.points.mean(axis=-2), axis=-1)
    assert order[1].max() < 0.27  # below the unstable state between the two
    assert np.count_nonzero(order[2] > 0.7) >= 1


def euler_in_the_angle(
    tokens: int, systems: int, dt: float, projected: bool, rng: np.random.Generator
) -> float:
    """Order of USA at β = 5, κ = 5.1, over t in [5, 10], by steps that are not ours."""
    size, modes = np.sqrt(2 * 5.1 * dt), np.arange(1, 21)
    slopes = 2 * modes * iv(modes, 5.0) / 5.0
    angles, read = rng.normal(0.0, 0.5, (systems, tokens)), []
    for step in range(round(10 / dt)):
        wave, power, pull = np.exp(1j * angles), 1.0, np.zeros_like(angles)
        for slope in slopes:
            power = power * wave
            pull += slope * np.imag(power.mean(axis=1, keepdims=True) * power.conj())
        along, across = size * rng.standard_normal((2, *angles.shape))
        moved = dt * pull + across
        angles = angles + (moved if projected else np.arctan2(moved, 1 + along))
        if step * dt >= 5:
            read.append(np.abs(np.exp(1j * angles).mean(axis=1)).mean())
    return float(np.mean(read))


@pytest.mark.slow
def test_a_step_of_euler_in_the_angle_reads_072() -> None:
    """Controls of 0.828 ± 0.02: dt = 0.004 is too long for an Euler step, more so unprojected.

    The angle's Euler step reads 0.746 for n → ∞ (its map of densities, by quadrature), 0.743 with
    10⁴ tokens, 0.72 with 10³, where fluctuations count near its fold; at dt = 0.005 it is 0.716
    for n → ∞. The step of `noisy`, divided by its length, reads 0.819 at dt = 0.004, with the Itô
    term put in by hand 0.790. Noise that isn't projected, divided by its length, loses order.
    """
    rng = np.random.default_rng(0)
    assert euler_in_the_angle(1000, 4, 0.004, True, rng) == pytest.approx(0.72, abs=0.03)
    assert euler_in_the_angle(1000, 2, 0.004, False, rng) < 0.65
