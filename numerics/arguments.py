"""Checks of arguments that every room shares: real arrays, masses, numbers, whole numbers.

An error says what was expected, what came, and what to do.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
"""Real numbers, in doubles: the arrays that every room computes with."""

IntArray: TypeAlias = NDArray[np.int64]
"""Counts, indices and labels."""


def check_whole(value: Any, name: str, least: int) -> None:
    """Validate a whole number, `least` or more.

    Raises
    ------
    ValueError
        For anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(
            f"Expected a whole number >= {least} but got {name}={value!r}; give at least {least}."
        )


def check_number(value: Any, name: str, remedy: str) -> float:
    """Read a finite real number; anything else is an error that ends with the remedy."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"Expected a number but got {name}={value!r}; {remedy}.")
    if not math.isfinite(value):
        raise ValueError(f"Expected a finite number but got {name}={value!r}; {remedy}.")
    return float(value)


def as_float(values: ArrayLike, name: str) -> FloatArray:
    """Real numbers as a float64 array; anything else is a TypeError that names `name`."""
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise ValueError(
            f"Expected a rectangular array of numbers but got {name}={values!r}; "
            "give every row the same length."
        ) from error
    if np.ma.is_masked(values):
        raise ValueError(
            f"Expected an array without gaps but got {name} with masked entries; fill or drop them."
        )
    if array.dtype.kind not in "biuf" and array.size:
        raise TypeError(
            f"Expected an array of real numbers but got {name} of dtype={array.dtype}; "
            "convert it with `numpy.asarray(..., dtype=float)`."
        )
    return array.astype(np.float64, copy=False)


def first_true(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    """Index of the first True."""
    return tuple(int(k) for k in np.argwhere(mask)[0])


def row_name(name: str, index: tuple[int, ...]) -> str:
    """`points[3]`, or `points[0, 3]` inside a batch; `points` itself where there is one row."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def check_finite(array: FloatArray, name: str) -> None:
    """Refuse coordinates that aren't finite; the message names the row."""
    bad = ~np.isfinite(array)
    if np.any(bad):
        index = first_true(bad)
        raise ValueError(
            f"Expected finite coordinates but got {row_name(name, index[:-1])}="
            f"{array[index[:-1]].tolist()}; remove or repair the row."
        )


def check_masses(masses: ArrayLike, n: int) -> FloatArray:
    """Validate masses and return them as float64; they are used as given, never normalised.

    Parameters
    ----------
    masses : array_like
        Shape (n,) or (batch, n): finite, positive, any sum.
    n : int
        Number of particles.

    Returns
    -------
    ndarray
        The masses as float64.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If the length differs from n, or a mass is not finite and positive; the message names it.

    Examples
    --------
    >>> check_masses([1, 2, 0], 3)
    Traceback (most recent call last):
        ...
    ValueError: Expected finite masses > 0 but got masses[2]=0.0; drop particles without mass...
    """
    array = as_float(masses, "masses")
    if array.ndim == 0 or array.shape[-1] != n:
        raise ValueError(
            f"Expected one mass for each of the {n} particles but got masses.shape={array.shape}; "
            f"give an array of shape ({n},) or (..., {n})."
        )
    bad = ~(np.isfinite(array) & (array > 0))
    if np.any(bad):
        index = first_true(bad)
        raise ValueError(
            f"Expected finite masses > 0 but got {row_name('masses', index)}={array[index]}; "
            "drop particles without mass and use V = -I for repulsion."
        )
    return array
