"""Where attention on R^d ends: runs of (9.1) and (9.3), limit shapes, sweeps over matrices."""

from numerics.limits.hypotheses import RowHypothesis
from numerics.limits.rescaled import LimitStatus, RescaledRun, rescaled_run
from numerics.limits.shape import LimitShape, Shape, limit_shape
from numerics.limits.sweep import ShapeSweep, sweep_limit_shapes
from numerics.limits.triples import SCORES, VALUES

__all__ = [
    "SCORES",
    "VALUES",
    "LimitShape",
    "LimitStatus",
    "RescaledRun",
    "RowHypothesis",
    "Shape",
    "ShapeSweep",
    "limit_shape",
    "rescaled_run",
    "sweep_limit_shapes",
]
