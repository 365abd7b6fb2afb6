"""Reading the initial density: a function or values, at the nodes, with their masses.

A density is with respect to the uniform probability measure (uniform = 1): of the angle on the
circle, of u = <x,w> on S^{d-1}. It is used as given, or refused; never normalised.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import make_interp_spline

from numerics.arguments import FloatArray, as_float, shown
from numerics.continuity.circle import Circle
from numerics.continuity.multipliers import Multipliers, gauss_nodes
from numerics.continuity.zonal import Zonal

Density: TypeAlias = Callable[[FloatArray], ArrayLike] | ArrayLike
"""A function of an array of angles (of u for d > 2), or values at equally spaced ones."""

FEWEST = 8
"""Fewest values that say anything about a density."""

CLOSE = 1e-6
"""How far the mass may be from 1: what quadrature makes of a density with corners."""

_FORM = "a function of an array, or values at equally spaced places"


def place(
    density: Density, law: Multipliers, nodes: int, d: int
) -> tuple[Circle | Zonal, FloatArray]:
    """Put nodes on the circle or the sphere, with the density's masses, and give ρ₀ there.

    Raises
    ------
    TypeError, ValueError
        For values that aren't real, finite and >= 0, or whose mean isn't 1.
    """
    if d == 2:
        labels = 2 * math.pi * np.arange(nodes) / nodes
        values = _checked(_on_circle(density, labels), d)
        masses = values / nodes
    else:
        heights, weights = gauss_nodes(nodes, d)
        labels = np.arccos(heights[::-1])
        values = _checked(_on_sphere(density, heights), d)[::-1].copy()
        masses = weights[::-1] * values
    mass = math.fsum(masses)
    if abs(mass - 1) > CLOSE:
        raise ValueError(
            f"Expected a density with mean 1 over the uniform measure but got mean={mass:.9g}; "
            f"divide it by {mass:.9g}{'' if mass > 0 else ', or give another'}."
        )
    return (Circle if d == 2 else Zonal)(law, labels, masses), values


def count_of(density: Density) -> int:
    """Count the values of a density given by values; 0 for a function."""
    return 0 if callable(density) else _values(density).size


def _values(density: Any) -> FloatArray:
    if isinstance(density, str | bytes | dict | set) or density is None:
        raise TypeError(f"Expected {_FORM} but got density={shown(density)}; give one of them.")
    values = as_float(density, "density")
    if values.ndim != 1 or values.size < FEWEST:
        raise ValueError(
            f"Expected at least {FEWEST} values in one row but got density of shape "
            f"{values.shape}; give {_FORM}."
        )
    return values


def _on_circle(density: Density, labels: FloatArray) -> FloatArray:
    if callable(density):
        return _called(density, labels)
    values = _checked(_values(density), 2)
    if values.size == labels.size:
        return values
    # The trigonometric polynomial through the values.
    series = np.fft.rfft(values) / values.size
    if values.size % 2 == 0:
        series[-1] /= 2
    finer = np.zeros(labels.size // 2 + 1, dtype=complex)
    finer[: series.size] = series
    finer[-1] *= 1 if labels.size // 2 >= series.size else 2
    return _no_overshoot(np.fft.irfft(finer * labels.size, labels.size), values)


def _on_sphere(density: Density, heights: FloatArray) -> FloatArray:
    if callable(density):
        return _called(density, heights)
    values = _checked(_values(density), 3)
    grid = np.linspace(-1.0, 1.0, values.size)
    return _no_overshoot(make_interp_spline(grid, values, k=5)(heights), values)


def _no_overshoot(found: FloatArray, values: FloatArray) -> FloatArray:
    """Refuse a curve through values >= 0 that dips below 0 by more than rounding."""
    if found.min() < -1e-9 * values.max():
        raise ValueError(
            "Expected values that a smooth curve >= 0 goes through but got a curve that reaches "
            f"{found.min():.3g} between them; give more values, or a function."
        )
    return np.maximum(found, 0.0)


def _called(density: Callable[[FloatArray], ArrayLike], places: FloatArray) -> FloatArray:
    found = as_float(density(places), "density(places)")
    if found.ndim == 0:
        return np.full(places.shape, float(found))
    if found.shape != places.shape:
        raise ValueError(
            f"Expected a value for each of {places.size} places but got density(places) of shape "
            f"{found.shape}; write the function for arrays, with numpy."
        )
    return found


def _checked(values: FloatArray, d: int) -> FloatArray:
    bad = ~(np.isfinite(values) & (values >= 0))
    if np.any(bad):
        k = int(np.argmax(bad))
        raise ValueError(
            f"Expected a finite density >= 0 but got density={values[k]:g} at "
            f"{'angle' if d == 2 else 'u ='} number {k} of {values.size}; repair it there."
        )
    return values


__all__ = ["Density", "count_of", "place"]
