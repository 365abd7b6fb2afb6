"""Where attention on R^d ends: runs of (9.1) and (9.3), limit shapes, sweeps over matrices."""

from numerics.limits.hypotheses import RowHypothesis, table_1
from numerics.limits.polytopes import places, vertices
from numerics.limits.rescaled import LimitStatus, RescaledRun, rescaled_run
from numerics.limits.shape import CLEAR, NEAR, LimitShape, Shape, limit_shape
from numerics.limits.sweep import ShapeSweep, sweep_limit_shapes
from numerics.limits.triples import SCORES, VALUES

__all__ = [
    "CLEAR",
    "NEAR",
    "SCORES",
    "VALUES",
    "LimitShape",
    "LimitStatus",
    "RescaledRun",
    "RowHypothesis",
    "Shape",
    "ShapeSweep",
    "limit_shape",
    "places",
    "rescaled_run",
    "sweep_limit_shapes",
    "table_1",
    "vertices",
]
