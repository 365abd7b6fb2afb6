"""Resumable sweeps of a function over many cells, and the executors that run them."""

from numerics.sweeps.executors import open_executor
from numerics.sweeps.folder import SweepError
from numerics.sweeps.grids import Grid, SweepResult, grid
from numerics.sweeps.run import check_progress, reporting, sweep

__all__ = [
    "Grid",
    "SweepError",
    "SweepResult",
    "check_progress",
    "grid",
    "open_executor",
    "reporting",
    "sweep",
]
