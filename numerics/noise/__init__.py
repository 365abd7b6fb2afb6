"""Noise: paths of noisy models; stationary states and transitions of their mean field."""

from numerics.noise.branches import Branch, ordered_branch, stationary_states
from numerics.noise.brownian import SCHEMES, step_multiplier
from numerics.noise.loops import Hysteresis, hysteresis
from numerics.noise.run import NoisyRun, NoisyStatus, noisy
from numerics.noise.stationary import StationaryState
from numerics.noise.transitions import Transition, transition

__all__ = [
    "SCHEMES",
    "Branch",
    "Hysteresis",
    "NoisyRun",
    "NoisyStatus",
    "StationaryState",
    "Transition",
    "hysteresis",
    "noisy",
    "ordered_branch",
    "stationary_states",
    "step_multiplier",
    "transition",
]
