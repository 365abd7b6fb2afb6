"""Loops of the noise with particles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from numerics import NoisyStatus, hysteresis, stationary_states
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
