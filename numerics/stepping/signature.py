"""The type of a compiled velocity, for numba (the extra `fast`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from numba import types

from numerics.machine_code import jit

_F = TypeVar("_F", bound=Callable[..., float])

_NUMBERS, _ROWS, _TABLE = types.float64[::1], types.float64[:, ::1], types.int64[:, ::1]

VELOCITY = types.float64(types.float64, _NUMBERS, _NUMBERS, _TABLE, _NUMBERS, _ROWS, _NUMBERS)
"""(t, x, out, blocks, masses, parameters, scratch) -> bound, see `CompiledVelocity`."""


def velocity(function: _F) -> _F:
    """Compile a velocity when its module is imported, or take the machine code kept beside it."""
    return jit(function, VELOCITY)
