"""What the compiled loop does with states: sums of stages, lengths of columns, retraction (numba).

A state is a flat array of blocks (d, m), whose columns are rows of the points.
"""

from __future__ import annotations

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.machine_code import inlined
from numerics.stepping.controller import error
from numerics.stepping.velocity import COLUMNS, DIMENSION, FAR, ON_SPHERE, START

error_of = inlined(error)


def part(x: FloatArray, blocks: IntArray, b: int) -> FloatArray:
    """View block b of a state as columns (d, m)."""
    s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
    return x[s : s + d * m].reshape((d, m))


part = inlined(part)


def squares(v: FloatArray, out: FloatArray) -> None:
    """Squares of the lengths of columns."""
    d, m = v.shape
    for i in range(m):
        out[i] = 0.0
    for a in range(d):
        for i in range(m):
            out[i] += v[a, i] * v[a, i]


squares = inlined(squares, fastmath={"contract"})


def _unit(y: FloatArray, s: int, d: int, m: int, out: FloatArray, length: FloatArray) -> None:
    """Divide the columns of a block by their lengths; no view of it is made, which would cost."""
    for i in range(m):
        length[i] = 0.0
    for k in range(d):
        at = np.uint64(s + k * m)  # unsigned, so that no index can count from the end
        for i in range(m):
            length[i] += y[at + np.uint64(i)] * y[at + np.uint64(i)]
    for i in range(m):
        length[i] = 1.0 / np.sqrt(length[i]) if length[i] <= FAR else np.nan
    for k in range(d):
        at = np.uint64(s + k * m)
        for i in range(m):
            out[at + np.uint64(i)] = y[at + np.uint64(i)] * length[i]


_unit = inlined(_unit, fastmath={"contract"})


def retract(y: FloatArray, blocks: IntArray, out: FloatArray, length: FloatArray) -> None:
    """Write the state y, with unit columns on the sphere, to out."""
    for b in range(blocks.shape[0]):
        s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
        if blocks[b, ON_SPHERE] == 1:
            _unit(y, s, d, m, out, length)
        else:
            for i in range(s, s + d * m):
                out[i] = y[i]


retract = inlined(retract)


def finite(x: FloatArray) -> bool:
    """Whether a state is all numbers."""
    wrong = 0
    for i in range(x.shape[0]):
        wrong += 0 if np.isfinite(x[i]) else 1
    return wrong == 0


finite = inlined(finite)


def combine(k: FloatArray, weights: FloatArray, count: int, h: float, out: FloatArray) -> None:
    """Write h Σ_s w_s k_s, s < count, to out."""
    n = out.shape[0]
    for i in range(n):
        out[i] = weights[0] * k[0, i]
    for s in range(1, count):
        w = weights[s]
        if w != 0.0:
            for i in range(n):
                out[i] += w * k[s, i]
    for i in range(n):
        out[i] *= h


combine = inlined(combine, fastmath={"contract"})


def ahead(x: FloatArray, k: FloatArray, a: FloatArray, s: int, h: float, out: FloatArray) -> None:
    """Write x + h Σ_r a_sr k_r, r < s, to out."""
    n = out.shape[0]
    for i in range(n):
        out[i] = a[s, 0] * k[0, i]
    for r in range(1, s):
        w = a[s, r]
        if w != 0.0:
            for i in range(n):
                out[i] += w * k[r, i]
    for i in range(n):
        out[i] = x[i] + h * out[i]


ahead = inlined(ahead, fastmath={"contract"})


def copy(x: FloatArray, y: FloatArray) -> None:
    """Write x to y."""
    for i in range(y.shape[0]):
        y[i] = x[i]


copy = inlined(copy)


def extended(rows: FloatArray, x: FloatArray, theta: float, value: FloatArray) -> None:
    """Write x + Σ_p b_p(θ) rows[p], with b as in `Tableau.dense`, to value."""
    rest, last = 1.0 - theta, rows.shape[0] - 1
    if last % 2 == 0:
        for i in range(value.shape[0]):
            value[i] = rows[last, i] * theta
        last -= 1
    else:
        for i in range(value.shape[0]):
            value[i] = 0.0
    for p in range(last, 0, -2):
        for i in range(value.shape[0]):
            value[i] = ((value[i] + rows[p, i]) * rest + rows[p - 1, i]) * theta
    for i in range(value.shape[0]):
        value[i] += x[i]


extended = inlined(extended, fastmath={"contract"})


def slope(rows: FloatArray, theta: float, value: FloatArray, out: FloatArray) -> None:
    """Write the derivative in θ of what `extended` adds to out; value is scratch."""
    for i in range(value.shape[0]):
        value[i] = 0.0
        out[i] = 0.0
    for p in range(rows.shape[0] - 1, -1, -1):
        factor, sign = (theta, 1.0) if p % 2 == 0 else (1.0 - theta, -1.0)
        for i in range(value.shape[0]):
            out[i] = out[i] * factor + sign * (value[i] + rows[p, i])
            value[i] = (value[i] + rows[p, i]) * factor


slope = inlined(slope)


def project_out(u: FloatArray, v: FloatArray, radial: FloatArray) -> None:
    """Subtract from the columns of v their parts along those of u."""
    d, m = u.shape
    for i in range(m):
        radial[i] = 0.0
    for k in range(d):
        for i in range(m):
            radial[i] += u[k, i] * v[k, i]
    for k in range(d):
        for i in range(m):
            v[k, i] -= radial[i] * u[k, i]


project_out = inlined(project_out, fastmath={"contract"})


def largest(v: FloatArray, blocks: IntArray, length: FloatArray) -> float:
    """Length of the largest column of a state; NaN where there is one."""
    top = 0.0
    for b in range(blocks.shape[0]):
        squares(part(v, blocks, b), length)
        for i in range(blocks[b, COLUMNS]):
            if length[i] > top or np.isnan(length[i]):
                top = length[i]
    return float(np.sqrt(top))


largest = inlined(largest)


def tolerances(
    x: FloatArray, y: FloatArray, blocks: IntArray, b: int, rtol: float, atol: float,
    out: FloatArray, spare: FloatArray,
) -> None:  # fmt: skip
    """Tolerances of the columns of a block over a step from x to y."""
    m = blocks[b, COLUMNS]
    if blocks[b, ON_SPHERE] == 1:
        for i in range(m):
            out[i] = rtol + atol
        return
    squares(part(x, blocks, b), out)
    squares(part(y, blocks, b), spare)
    for i in range(m):
        out[i] = atol + rtol * np.sqrt(max(out[i], spare[i])) + 1e-300


tolerances = inlined(tolerances)


def worst(
    x: FloatArray, y: FloatArray, five: FloatArray, three: FloatArray, both: bool,
    blocks: IntArray, rtol: float, atol: float, one: FloatArray, two: FloatArray, over: FloatArray,
) -> float:  # fmt: skip
    """Error of a step from x to y over the tolerance, from its estimates, which are overwritten.

    The last three arrays are scratch; `both` is whether there is a second estimate. A NaN is the
    worst.
    """
    top = 0.0
    for b in range(blocks.shape[0]):
        tolerances(x, y, blocks, b, rtol, atol, over, one)
        first, second = part(five, blocks, b), part(three, blocks, b)
        m, project = blocks[b, COLUMNS], blocks[b, ON_SPHERE] == 1
        if both:
            if project:
                project_out(part(y, blocks, b), second, two)
            squares(second, two)
        else:
            for i in range(m):
                two[i] = 0.0
        if project:
            project_out(part(y, blocks, b), first, one)
        squares(first, one)
        for i in range(m):
            one[i] = error_of(one[i], two[i]) / over[i]
        for i in range(m):
            if one[i] > top or np.isnan(one[i]):  # nothing is larger than a NaN
                top = one[i]
    return top


worst = inlined(worst)


def spread(x: FloatArray, blocks: IntArray) -> float:
    """Largest squared distance of a column from the first one of its block."""
    top = 0.0
    for b in range(blocks.shape[0]):
        s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
        for i in range(1, m):
            square = 0.0
            for a in range(d):
                gap = x[s + a * m + i] - x[s + a * m]
                square += gap * gap
            top = max(top, square)
    return top


spread = inlined(spread)
