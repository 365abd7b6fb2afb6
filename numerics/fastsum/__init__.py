"""Fast sums over pairs on the circle and on S², with a stated error."""

from numerics.fastsum.choice import BACKENDS, break_even, choose, fast_field
from numerics.fastsum.field import SUMS, TOLERANCE, FastField
from numerics.fastsum.kernel import MAX_MODES, scaled_kernel

__all__ = [
    "BACKENDS",
    "MAX_MODES",
    "SUMS",
    "TOLERANCE",
    "FastField",
    "break_even",
    "choose",
    "fast_field",
    "scaled_kernel",
]
