"""The array library that points belong to: NumPy, or PyTorch, JAX and others by the array API.

The printed code calls functions of a namespace ``xp`` only, so it runs on whatever library the
points came from, on their device and in their precision, and is differentiable where that is.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

_MADE = ("asarray", "eye", "full", "ones", "zeros")
"""Functions that make arrays, and so must be told on which device."""


class Namespace:
    """An array-API namespace whose new arrays lie beside ``points``, in their precision."""

    def __init__(self, points: Any) -> None:
        if points.ndim >= 2 and not hasattr(points, "mT"):
            raise TypeError(
                "Expected arrays with the attribute mT of the array API, as those of NumPy, "
                "PyTorch and JAX have, but got points of type "
                f"{type(points).__module__}.{type(points).__qualname__}; convert them, "
                "numpy.asarray(points), or of dask call dask.array.map_blocks."
            )
        compat = _compat()
        self._xp = compat.array_namespace(points)
        self._options: dict[str, Any] = {"dtype": points.dtype}
        if not compat.is_jax_array(points):  # a traced JAX array has no device yet
            self._options["device"] = compat.device(points)

    def __getattr__(self, name: str) -> Any:
        """Look a function up; what makes arrays gets dtype and device filled in."""
        function = getattr(self._xp, name)
        if name not in _MADE:
            return function
        return lambda *args, **kwargs: function(*args, **{**self._options, **kwargs})


def _compat() -> Any:
    try:
        return importlib.import_module("array_api_compat")
    except ImportError as error:
        raise ModuleNotFoundError(
            "Expected NumPy arrays, or array_api_compat to be importable for others; install it "
            "with pip install 'attnflow[array]' or convert the points to NumPy."
        ) from error


def is_foreign(points: Any) -> bool:
    """Whether the points are an array of another library than NumPy."""
    if isinstance(points, np.ndarray | np.generic):
        return False
    library = type(points).__module__.partition(".")[0]
    # PyTorch and dask don't say so themselves
    return hasattr(type(points), "__array_namespace__") or library in ("torch", "dask", "cupy")


def namespace(points: Any) -> Any:
    """Return NumPy itself for NumPy arrays, a `Namespace` for arrays of another library.

    Raises
    ------
    ModuleNotFoundError
        For other arrays without the extra ``array``.
    """
    return Namespace(points) if is_foreign(points) else np


def check_foreign_points(points: Any, space: str, tolerance: float) -> Any:
    """Check shape, dtype, finiteness and length of the rows without leaving their library.

    Raises
    ------
    ValueError
        As `numerics.sphere.check_points` does.
    """
    xp = namespace(points)
    if points.ndim < 2 or 0 in points.shape[-2:]:
        raise ValueError(
            f"Expected points of shape (..., n, d) but got points of shape {tuple(points.shape)}; "
            "one row is one token."
        )
    if not xp.isdtype(points.dtype, "real floating"):
        raise ValueError(
            f"Expected real floating points but got points of dtype={points.dtype}; convert them."
        )
    try:
        finite = bool(xp.all(xp.isfinite(points)))
    except Exception as error:  # each library has its own for a value that isn't there yet
        raise ValueError(
            "Expected points with values but got points that are being traced; inside jit, grad or "
            "vmap call field.unchecked(points)."
        ) from error
    if not finite:
        raise ValueError("Expected finite points but got points with NaN or infinite entries.")
    if space == "sphere":
        slack = max(tolerance, 8 * float(xp.finfo(points.dtype).eps))
        rows = points.detach() if hasattr(points, "detach") else points  # no gradient of a check
        worst = float(xp.max(xp.abs(xp.sqrt(xp.sum(rows * rows, axis=-1)) - 1.0)))
        if worst > slack:
            raise ValueError(
                f"Expected points on the unit sphere but got a row of length off by {worst:.3g}; "
                "divide each row by its length."
            )
    return points


__all__ = ["Namespace", "check_foreign_points", "is_foreign", "namespace"]
