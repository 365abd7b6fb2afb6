"""Fast sums over pairs on the circle and on S², with a stated error."""

from numerics.fastsum.choice import break_even, choose, fast_field
from numerics.fastsum.field import SUMS, FastField

__all__ = [
    "SUMS",
    "FastField",
    "break_even",
    "choose",
    "fast_field",
]
