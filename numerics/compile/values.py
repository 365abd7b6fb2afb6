"""Values that a model is evaluated at: its parameters as they are bound, and times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sympy import MatrixSymbol

from numerics.arguments import refuse_gradients, shown


def check_time(t: Any) -> None:
    """Refuse a time that isn't a finite real number."""
    if not (isinstance(t, int | float | np.floating | np.integer) and np.isfinite(t)):
        raise ValueError(f"Expected a finite time but got t={t!r}.")


def bound_value(parameter: Any, value: Any) -> Any:
    """Check one parameter value and give it the shape that broadcasts over (..., n, d)."""
    name = str(parameter)
    refuse_gradients(value, name)
    try:
        if np.asarray(value).dtype.kind in "US":
            raise TypeError
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"Expected {name} real but got {name}={shown(value)}.") from error
    if array.size == 0 and not isinstance(value, np.ndarray):  # an array may be an empty batch
        raise ValueError(
            f"Expected {name} a number, or one for each system of a batch, but got {name}="
            f"{shown(value)}; give at least one."
        )
    if not np.all(np.isfinite(array)):
        raise ValueError(f"Expected {name} finite but got {name}={shown(value)}.")
    if not isinstance(parameter, MatrixSymbol):
        return array[()] if array.ndim == 0 else array[..., None, None]
    if array.ndim < 2:
        raise ValueError(
            f"Expected {name} a matrix of shape {parameter.shape} but got {name} of shape "
            f"{array.shape}."
        )
    if parameter.shape[0] == parameter.shape[1] and array.shape[-1] != array.shape[-2]:
        raise ValueError(f"Expected {name} square but got {name} of shape {array.shape}.")
    return array


@contextmanager
def evaluating(name: str, size: int, dimension: int, t: float) -> Iterator[None]:
    """Leave what overflows to the caller's finiteness check, and say where a model divides by 0.

    Raises
    ------
    ZeroDivisionError
        Of numbers of Python, such as 1/(n-2).
    """
    try:
        with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
            yield
    except ZeroDivisionError as error:
        where = f"a value at n={size}, d={dimension}, t={t} but got {name}"
        words = f"Expected {where}, which divides by 0; give other points or parameters."
        raise ZeroDivisionError(words) from error
