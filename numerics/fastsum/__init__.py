"""Fast sums over pairs on the circle and on S², with a stated error."""

from numerics.fastsum.choice import break_even, choose, fast_field
from numerics.fastsum.field import SUMS, FastField
from numerics.fastsum.kernel import ScaledKernel, scaled_kernel

__all__ = [
    "SUMS",
    "FastField",
    "ScaledKernel",
    "break_even",
    "choose",
    "fast_field",
    "scaled_kernel",
]
