"""Noise: stationary states of the mean field, the branch of order, transitions."""

from numerics.noise.branches import Branch, ordered_branch, stationary_states
from numerics.noise.stationary import StationaryState
from numerics.noise.transitions import Transition, transition

__all__ = [
    "Branch",
    "StationaryState",
    "Transition",
    "ordered_branch",
    "stationary_states",
    "transition",
]
