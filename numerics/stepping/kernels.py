"""Velocities of the compiled loop: the fused forms by products (numba).

Row b of the parameters is β, the shift of the exponents, the factor of the sums, and whether they
are divided by the sum of the weights.
"""

from __future__ import annotations

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.fused.compiled import THIN, WIDEST, sums_of_rows
from numerics.machine_code import SLOT, jit, sums_in_a_slot, turn_into_weights
from numerics.stepping.columns import project_out
from numerics.stepping.ledger import ROUNDING
from numerics.stepping.signature import velocity
from numerics.stepping.velocity import COLUMNS, DIMENSION, FIRST, START


def takes(n: int, d: int) -> bool:
    """Whether `products` is for points of this shape; NumPy's products are better for others."""
    return d <= THIN or n <= WIDEST


def scratch(d: int, m: int) -> int:
    """How many numbers both forms want for blocks of m columns."""
    if d > THIN:
        return max(2 * m * m, (d + 2) * m)
    return max(8 * SLOT, (2 * d + 4) * m)


def _by_matrices(
    u: FloatArray, mass: FloatArray, p: FloatArray, out: FloatArray, scratch: FloatArray
) -> None:
    """Velocity in many dimensions: all but two products happens on the n×n weights."""
    m = u.shape[1]
    gram = scratch[: m * m].reshape((m, m))
    weights = scratch[m * m : 2 * m * m].reshape((m, m))
    np.dot(u.T, u, gram)
    turn_into_weights(gram, p[0], p[1], mass, p[3] > 0.0, p[2], weights)
    np.dot(u, weights.T, out)


_by_matrices = jit(_by_matrices)


def _in_a_slot(
    x: FloatArray, s: int, m: int, masses: FloatArray, first: int, beta: float, shift: float,
    factor: float, normalised: bool, out: FloatArray, scratch: FloatArray,
) -> float:  # fmt: skip
    """Velocity in the plane on few columns; the largest sum of a row's weights as used."""
    a, q = scratch[: 5 * SLOT], scratch[5 * SLOT : 8 * SLOT]
    one, two, place = np.uint64(s), np.uint64(s + m), np.uint64(first)
    for j in range(m):
        i = np.uint64(j)  # unsigned, so that no index can count from the end
        a[j], a[SLOT + j], mass = x[one + i], x[two + i], masses[place + i]
        a[2 * SLOT + j], a[3 * SLOT + j] = a[j] * mass, a[SLOT + j] * mass
        a[4 * SLOT + j] = mass
    sums_in_a_slot(a, q, m, beta, shift)
    top = 1.0
    if not normalised:
        top = 0.0
        for j in range(m):
            top = max(top, q[2 * SLOT + j])
            q[2 * SLOT + j] = 1.0
    for j in range(m):
        i = np.uint64(j)
        share = factor / q[2 * SLOT + j]
        v, w = q[j] * share, q[SLOT + j] * share
        radial = v * a[j] + w * a[SLOT + j]
        out[one + i], out[two + i] = v - radial * a[j], w - radial * a[SLOT + j]
    return top


_in_a_slot = jit(_in_a_slot, fastmath={"contract"})


def _by_rows(
    u: FloatArray, mass: FloatArray, p: FloatArray, out: FloatArray, scratch: FloatArray
) -> float:
    """Pull in few dimensions; the largest sum of a row's weights as used."""
    d, m = u.shape
    w = scratch[: (d + 1) * m].reshape((d + 1, m))
    sums = scratch[(d + 1) * m : (2 * d + 2) * m].reshape((d + 1, m))
    w[d] = mass
    for k in range(d):
        for j in range(m):
            w[k, j] = u[k, j] * mass[j]
    sums_of_rows(u, w, sums, p[0], p[1], scratch[(2 * d + 2) * m :])
    factor, top = p[2], 1.0
    if p[3] > 0.0:
        for i in range(m):
            sums[d, i] = factor / sums[d, i]
    else:
        top = 0.0
        for i in range(m):
            top = max(top, sums[d, i])
            sums[d, i] = factor
    for k in range(d):
        for i in range(m):
            out[k, i] = sums[k, i] * sums[d, i]
    return top


_by_rows = jit(_by_rows)


def _keep_together(mass: FloatArray, out: FloatArray) -> None:
    """Columns without mass move like the first one to the last bit: long steps would part them."""
    d, m = out.shape
    j = m - 1
    while mass[j] == 0.0:
        for a in range(d):
            out[a, j] = out[a, 0]
        j -= 1


_keep_together = jit(_keep_together)


def _products(
    t: float,
    x: FloatArray,
    out: FloatArray,
    blocks: IntArray,
    masses: FloatArray,
    parameters: FloatArray,
    scratch: FloatArray,
) -> float:
    """Velocity of ± P_i Σ_j m_j e^{β<x_i,x_j>} x_j, over the row sum if normalised."""
    bound = 0.0
    for b in range(blocks.shape[0]):
        s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
        beta, shift = parameters[b, 0], parameters[b, 1]
        factor, normalised = parameters[b, 2], parameters[b, 3]
        first = blocks[b, FIRST]
        if d == 2 and m <= SLOT:
            largest = _in_a_slot(
                x, s, m, masses, first, beta, shift, factor, normalised > 0.0, out, scratch
            )
        else:
            u, v = x[s : s + d * m].reshape((d, m)), out[s : s + d * m].reshape((d, m))
            mass = masses[first : first + m]
            if d > THIN:
                _by_matrices(u, mass, parameters[b], v, scratch)
                largest = 1.0 if normalised > 0.0 else mass.sum() * np.exp(abs(beta) - shift)
            else:
                largest = _by_rows(u, mass, parameters[b], v, scratch)
                project_out(u, v, scratch)
            _keep_together(mass, v)
        bound = max(bound, ROUNDING * (1.0 + abs(beta)) * largest * abs(factor))
    return bound


products = velocity(_products)
