"""Close pairs and the merging of columns, for systems that attract each other (numba)."""

from __future__ import annotations

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.machine_code import REORDERED, SLOT, inlined, jit


def _count_in_plane(
    x: FloatArray, multiple: FloatArray, bound: float, twice: FloatArray, found: FloatArray
) -> float:
    """Count pairs of different columns in the plane, up to SLOT of them; twice is flat scratch."""
    m = x.shape[1]
    for j in range(m):
        twice[j] = twice[m + j] = x[0, j]
        twice[2 * SLOT + j] = twice[2 * SLOT + m + j] = x[1, j]
        twice[4 * SLOT + j] = twice[4 * SLOT + m + j] = multiple[j]
        found[j] = 0.0
    for s in range(1, m // 2 + 1):
        share = 1.0 if 2 * s < m else 0.5
        for j in range(m):
            a = twice[j] - twice[j + s]
            b = twice[2 * SLOT + j] - twice[2 * SLOT + j + s]
            number = share * twice[4 * SLOT + j] * twice[4 * SLOT + j + s]
            found[j] += number if a * a + b * b <= bound else 0.0
    total = 0.0
    for j in range(m):
        total += found[j]
    return total


def _add_squares(x: FloatArray, y: FloatArray, square: FloatArray) -> None:
    for j in range(square.shape[0]):
        gap = x[j] - y[j]
        square[j] += gap * gap


def _sum_close(square: FloatArray, one: FloatArray, two: FloatArray, bound: float) -> float:
    total = 0.0
    for j in range(square.shape[0]):
        total += one[j] * two[j] if square[j] <= bound else 0.0
    return total


_count_in_plane = inlined(_count_in_plane, fastmath={"contract"})
_add_squares = inlined(_add_squares, fastmath={"contract"})
_sum_close = inlined(_sum_close, fastmath=REORDERED)


def count(
    x: FloatArray, multiple: FloatArray, bound: float, twice: FloatArray, square: FloatArray
) -> int:
    """Count the pairs of particles within a distance; column j is multiple[j] of them.

    The columns are compared with themselves shifted by s = 1 … m/2 places: all loops are whole.
    """
    d, m = x.shape
    total = 0.0
    for j in range(m):
        total += multiple[j] * (multiple[j] - 1.0) / 2.0
    if d == 2 and m <= SLOT:
        return int(total + _count_in_plane(x, multiple, bound, twice.reshape(-1), square) + 0.5)
    for j in range(m):
        for k in range(d):
            twice[k, j] = twice[k, j + m] = x[k, j]
        twice[d, j] = twice[d, j + m] = multiple[j]
    for s in range(1, m // 2 + 1):
        two = twice[d, s : s + m]
        for j in range(m):
            square[j] = 0.0
        for k in range(d):
            _add_squares(x[k], twice[k, s : s + m], square)
        found = _sum_close(square, multiple, two, bound)
        total += found if 2 * s < m else found / 2.0
    return int(total + 0.5)


count = inlined(count)


def merge(
    x: FloatArray, mass: FloatArray, multiple: FloatArray, label: IntArray, size: int, bound: float
) -> int:
    """Merge those of the first `size` columns within a distance, in place; how many are left."""
    d = x.shape[0]
    target = np.arange(size)
    for i in range(size):
        if target[i] != i:
            continue
        for j in range(i + 1, size):
            square = 0.0
            for a in range(d):
                square += (x[a, i] - x[a, j]) ** 2
            if square <= bound and target[j] == j:
                target[j] = i
    left = 0
    for i in range(size):
        if target[i] != i:
            target[i] = target[target[i]]  # its representative has its place already
            continue
        for a in range(d):
            x[a, i] *= mass[i]
        for j in range(i + 1, size):
            if target[j] == i:
                for a in range(d):
                    x[a, i] += mass[j] * x[a, j]
                mass[i] += mass[j]
                multiple[i] += multiple[j]
        length = 0.0
        for a in range(d):
            length += x[a, i] * x[a, i]
        for a in range(d):
            x[a, left] = x[a, i] / np.sqrt(length)
        mass[left] = mass[i]
        multiple[left] = multiple[i]
        target[i] = left
        left += 1
    for i in range(label.shape[0]):
        label[i] = target[label[i]]
    return left


merge = jit(merge)
