"""Thousands of independent systems at once, each with its own steps."""

from numerics.ensembles.problem import ClosePairs, check_times
from numerics.ensembles.run import Ensemble, ensemble
from numerics.ensembles.status import EnsembleStatus

__all__ = ["ClosePairs", "Ensemble", "EnsembleStatus", "check_times", "ensemble"]
