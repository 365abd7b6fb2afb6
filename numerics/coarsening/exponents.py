"""The exponents of a kernel in compiled loops: −βe, or the panels of any other kernel.

What stands in `numerics.coarsening.kernels` for arrays, here for numba.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numerics.arguments import FloatArray
from numerics.coarsening.kernels import FIRST, HIGH, LOW, SLOPE, TERMS, TOP, Kernel
from numerics.machine_code import jit


class Exponents(NamedTuple):
    """A kernel as the loops see it; the attributes are those of `Kernel`."""

    beta: float
    table: FloatArray
    own: float
    lipschitz: float


def exponents_of(kernel: Kernel) -> Exponents:
    """Hand a kernel to the loops."""
    return Exponents(kernel.steepness, kernel.table, kernel.own, kernel.lipschitz)


@jit
def _panel(table: FloatArray, e: float) -> int:
    """Find the panel that holds e."""
    low, high = 0, len(table) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if table[middle, LOW] <= e:
            low = middle
        else:
            high = middle - 1
    return low


@jit
def _exponent(table: FloatArray, e: float) -> float:
    """ψ(e) by Clenshaw's sum."""
    row = table[_panel(table, e)]
    at = (2.0 * e - (row[LOW] + row[HIGH])) / (row[HIGH] - row[LOW])
    at = min(1.0, max(-1.0, at))
    one, two = 0.0, 0.0
    for k in range(FIRST + TERMS - 1, FIRST, -1):
        one, two = row[k] + 2.0 * at * one - two, one
    return float(row[FIRST] + at * one - two)


@jit
def exponents(e: FloatArray, kernel: Exponents, out: FloatArray) -> None:
    """Fill out = ψ(e); the two may be the same array."""
    if len(kernel.table) == 0:
        for q in range(len(e)):
            out[q] = -kernel.beta * e[q]
        return
    for q in range(len(e)):
        out[q] = _exponent(kernel.table, e[q])


@jit
def sharpness(square: FloatArray, kernel: Exponents, out: FloatArray) -> None:
    """Fill out with ψ'² |x − y|²: how sharply exponents depend on distances of that square."""
    if len(kernel.table) == 0:
        b2 = kernel.beta * kernel.beta
        for q in range(len(square)):
            out[q] = b2 * square[q]
        return
    for q in range(len(square)):
        slope = kernel.table[_panel(kernel.table, 0.5 * square[q]), SLOPE]
        out[q] = slope * slope * square[q]


@jit
def reach_of(kernel: Exponents, drop: float) -> float:
    """Give a distance beyond which exponents are below −drop."""
    if len(kernel.table) == 0:
        return np.sqrt(max(2.0 * drop / kernel.beta, 0.0)) if kernel.beta > 0.0 else 2.0
    for k in range(len(kernel.table) - 1, -1, -1):
        if kernel.table[k, TOP] >= -drop:
            return np.sqrt(2.0 * kernel.table[k, HIGH])
    return 0.0


@jit
def change_rate(kernel: Exponents, reach: float) -> float:
    """Bound how fast exponents change with distances up to `reach`."""
    return kernel.beta * reach if len(kernel.table) == 0 else kernel.lipschitz
