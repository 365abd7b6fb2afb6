"""Sums over all pairs in two and three dimensions, row by row in registers.

Where no pair can be left out, a row that meets every other point twice is faster than one that
writes each pair to both of its points: nothing is stored between, and loops become vectors.
"""

from __future__ import annotations

import numpy as np

from numerics.arguments import FloatArray
from numerics.machine_code import REORDERED, exponential, jit


def _pulls_in_plane(
    x: FloatArray, masses: FloatArray, beta: float, amax: float, u: FloatArray, weight: FloatArray
) -> None:
    """Add Σ_{j≠i} w_ij p_ij, w_ij = m_j e^{−β e_ij − amax}, to u, and Σ_{j≠i} w_ij to weight."""
    x0, x1 = x[0], x[1]
    for i in range(x0.shape[0]):
        f0, f1 = x0[i], x1[i]
        a0, a1, along, total = 0.0, 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            u0, u1 = x0[j] - f0, x1[j] - f1
            half = 0.5 * (u0 * u0 + u1 * u1)
            w = masses[j] * exponential(-beta * half - amax)
            w = w if j != i else 0.0
            near = half <= 1.0  # the pull is that of `numerics.pulls.pull`
            u0 = u0 if near else x0[j] + f0
            u1 = u1 if near else x1[j] + f1
            a0 += w * u0
            a1 += w * u1
            along += w * (half if near else half - 2.0)
            total += w
        u[0, i] += a0 + along * f0
        u[1, i] += a1 + along * f1
        weight[i] += total


def _pulls_in_space(
    x: FloatArray, masses: FloatArray, beta: float, amax: float, u: FloatArray, weight: FloatArray
) -> None:
    """Do what `_pulls_in_plane` does for d = 3."""
    x0, x1, x2 = x[0], x[1], x[2]
    for i in range(x0.shape[0]):
        f0, f1, f2 = x0[i], x1[i], x2[i]
        a0, a1, a2, along, total = 0.0, 0.0, 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            u0, u1, u2 = x0[j] - f0, x1[j] - f1, x2[j] - f2
            half = 0.5 * (u0 * u0 + u1 * u1 + u2 * u2)
            w = masses[j] * exponential(-beta * half - amax)
            w = w if j != i else 0.0
            near = half <= 1.0
            u0 = u0 if near else x0[j] + f0
            u1 = u1 if near else x1[j] + f1
            u2 = u2 if near else x2[j] + f2
            a0 += w * u0
            a1 += w * u1
            a2 += w * u2
            along += w * (half if near else half - 2.0)
            total += w
        u[0, i] += a0 + along * f0
        u[1, i] += a1 + along * f1
        u[2, i] += a2 + along * f2
        weight[i] += total


def _rates_in_plane(x: FloatArray, u: FloatArray, count: int, f2: float) -> float:
    """Σ (|u_i − u_j|²/(|x_i − x_j|² + f²))² over the pairs with i among the first `count`."""
    total = 0.0
    for i in range(count):
        x0, x1, u0, u1 = x[0, i + 1 :], x[1, i + 1 :], u[0, i + 1 :], u[1, i + 1 :]
        a0, a1, b0, b1 = x[0, i], x[1, i], u[0, i], u[1, i]
        for j in range(x0.shape[0]):
            c0, c1, d0, d1 = x0[j] - a0, x1[j] - a1, u0[j] - b0, u1[j] - b1
            rate = (d0 * d0 + d1 * d1) / (f2 + (c0 * c0 + c1 * c1))
            total += rate * rate
    return total


def _rates_in_space(x: FloatArray, u: FloatArray, count: int, f2: float) -> float:
    """Do what `_rates_in_plane` does for d = 3."""
    total = 0.0
    for i in range(count):
        x0, x1, x2 = x[0, i + 1 :], x[1, i + 1 :], x[2, i + 1 :]
        u0, u1, u2 = u[0, i + 1 :], u[1, i + 1 :], u[2, i + 1 :]
        a0, a1, a2, b0, b1, b2 = x[0, i], x[1, i], x[2, i], u[0, i], u[1, i], u[2, i]
        for j in range(x0.shape[0]):
            c0, c1, c2 = x0[j] - a0, x1[j] - a1, x2[j] - a2
            d0, d1, d2 = u0[j] - b0, u1[j] - b1, u2[j] - b2
            rate = (d0 * d0 + d1 * d1 + d2 * d2) / (f2 + (c0 * c0 + c1 * c1 + c2 * c2))
            total += rate * rate
    return total


_pulls_in_plane = jit(_pulls_in_plane, fastmath=REORDERED)
_pulls_in_space = jit(_pulls_in_space, fastmath=REORDERED)
_rates_in_plane = jit(_rates_in_plane, fastmath=REORDERED)
_rates_in_space = jit(_rates_in_space, fastmath=REORDERED)


@jit
def pulls_of_all(
    x: FloatArray, masses: FloatArray, beta: float, amax: float, u: FloatArray, weight: FloatArray
) -> None:
    """Add the pulls of all points on each, d = 2 or 3, to u, and their weights to weight."""
    if len(x) == 2:
        _pulls_in_plane(x, masses, beta, amax, u, weight)
    else:
        _pulls_in_space(x, masses, beta, amax, u, weight)


@jit
def rates_of_first(x: FloatArray, u: FloatArray, count: int, f2: float) -> float:
    """Sum of fourth powers of the rates of pairs with one of the first points."""
    if len(x) == 2:
        return _rates_in_plane(x, u, count, f2)
    if len(x) == 3:
        return _rates_in_space(x, u, count, f2)
    d, m = x.shape
    sums, square, change = np.zeros(m), np.empty(m), np.empty(m)
    for i in range(count):
        near, gap, row = square[i + 1 :], change[i + 1 :], sums[i + 1 :]
        near[:] = f2
        gap[:] = 0.0
        for k in range(d):
            xk, uk = x[k, i + 1 :], u[k, i + 1 :]
            xi, ui = x[k, i], u[k, i]
            for j in range(len(near)):
                a = xk[j] - xi
                b = uk[j] - ui
                near[j] += a * a
                gap[j] += b * b
        for j in range(len(near)):
            rate = gap[j] / near[j]
            row[j] += rate * rate
    total = 0.0
    for j in range(m):
        total += sums[j]
    return total


@jit
def crossings(origin: FloatArray, slopes: FloatArray, square: float) -> FloatArray:
    """Bisect for the fraction of a step at which each pair comes as near as that."""
    d, count = origin.shape
    out = np.empty(count)
    for p in range(count):
        low, high = 0.0, 1.0
        for _ in range(54):
            theta = 0.5 * (low + high)
            rest = 1.0 - theta
            total = 0.0
            for k in range(d):
                value = slopes[6, k, p] * theta + slopes[5, k, p]
                value = (value * rest + slopes[4, k, p]) * theta + slopes[3, k, p]
                value = (value * rest + slopes[2, k, p]) * theta + slopes[1, k, p]
                gap = origin[k, p] + (value * rest + slopes[0, k, p]) * theta
                total += gap * gap
            if total >= square:
                low = theta
            else:
                high = theta
        out[p] = high
    return out
