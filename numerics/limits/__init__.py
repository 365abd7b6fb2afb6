"""Limits of attention without projection: shapes, Table 1, and set-valued hardmax dynamics."""

from numerics.limits.branches import (
    EventKind,
    Hardmax,
    HardmaxBranch,
    HardmaxEvent,
    HardmaxStatus,
)
from numerics.limits.hypotheses import RowHypothesis, table_1
from numerics.limits.polytopes import places, vertices
from numerics.limits.rescaled import LimitStatus, RescaledRun, rescaled_run
from numerics.limits.shape import CLEAR, NEAR, LimitShape, Shape, limit_shape
from numerics.limits.solutions import hardmax
from numerics.limits.sweep import ShapeSweep, sweep_limit_shapes
from numerics.limits.symmetric import SymmetricLevels, symmetric_levels
from numerics.limits.triples import SCORES, VALUES

__all__ = [
    "CLEAR",
    "NEAR",
    "SCORES",
    "VALUES",
    "EventKind",
    "Hardmax",
    "HardmaxBranch",
    "HardmaxEvent",
    "HardmaxStatus",
    "LimitShape",
    "LimitStatus",
    "RescaledRun",
    "RowHypothesis",
    "Shape",
    "ShapeSweep",
    "SymmetricLevels",
    "hardmax",
    "limit_shape",
    "places",
    "rescaled_run",
    "sweep_limit_shapes",
    "symmetric_levels",
    "table_1",
    "vertices",
]
