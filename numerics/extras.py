"""Whether numba, the extra `fast`, can be imported, and what to do where it can't."""

from __future__ import annotations

import importlib


def numba_works() -> bool:
    """Whether numba can be imported; an installed one may not fit the NumPy beside it."""
    try:
        importlib.import_module("numba")
    except ImportError:
        return False
    return True


def require_numba() -> None:
    """Refuse ``backend="numba"`` where numba can't be imported.

    Raises
    ------
    ModuleNotFoundError
    """
    if not numba_works():
        raise ModuleNotFoundError(
            "Expected numba to be importable but got backend='numba'; install it with "
            "pip install 'attnflow[fast]' or use backend='numpy'."
        )
