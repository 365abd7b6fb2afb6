"""The type of a compiled velocity, for numba (the extra `fast`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.core.types import WrapperAddressProtocol

from numerics.machine_code import jit

_NUMBERS, _ROWS, _TABLE = types.float64[::1], types.float64[:, ::1], types.int64[:, ::1]

VELOCITY = types.float64(types.float64, _NUMBERS, _NUMBERS, _TABLE, _NUMBERS, _ROWS, _NUMBERS)
"""(t, x, out, blocks, masses, parameters, scratch) -> bound, see `CompiledVelocity`."""


class Address(WrapperAddressProtocol):
    """Machine code of a velocity, known to the loop by its type and its address alone."""

    def __init__(self, function: Callable[..., float]) -> None:
        compiled: Any = jit(function, VELOCITY)
        self._code = compiled.overloads[VELOCITY.args]

    def __wrapper_address__(self) -> int:
        """Where the code is."""
        name = self._code.fndesc.llvm_cfunc_wrapper_name
        return int(self._code.library.get_pointer_to_function(name))

    def signature(self) -> Any:
        """Its type."""
        return VELOCITY


def velocity(function: Callable[..., float]) -> Address:
    """Compile a velocity when its module is imported, or take the machine code kept beside it."""
    return Address(function)
