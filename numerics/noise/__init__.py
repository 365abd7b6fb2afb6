"""Noise: paths of a model that is driven by it, by schemes of weak order 1 and 2."""

from numerics.noise.brownian import SCHEMES, step_multiplier
from numerics.noise.run import NoisyRun, NoisyStatus, noisy

__all__ = ["SCHEMES", "NoisyRun", "NoisyStatus", "noisy", "step_multiplier"]
