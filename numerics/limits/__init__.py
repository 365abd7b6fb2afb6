"""Where attention on R^d ends: runs of (9.1) and (9.3), limit shapes, sweeps over matrices."""

from numerics.limits.rescaled import LimitStatus, RescaledRun, rescaled_run
from numerics.limits.shape import LimitShape, Shape, limit_shape

__all__ = [
    "LimitShape",
    "LimitStatus",
    "RescaledRun",
    "Shape",
    "limit_shape",
    "rescaled_run",
]
