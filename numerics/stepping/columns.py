"""What the compiled loop does with states: sums of stages, lengths of columns, retraction (numba).

A state is a flat array of blocks (d, m): their columns are rows of the points.
"""

from __future__ import annotations

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.machine_code import jit
from numerics.stepping.controller import error
from numerics.stepping.velocity import COLUMNS, DIMENSION, ON_SPHERE, START

error_of = jit(error)


def _unit(y: FloatArray, out: FloatArray, length: FloatArray) -> None:
    """Divide the columns of y by their lengths."""
    d, m = y.shape
    for i in range(m):
        length[i] = 0.0
    for k in range(d):
        for i in range(m):
            length[i] += y[k, i] * y[k, i]
    for i in range(m):
        length[i] = 1.0 / np.sqrt(length[i])
    for k in range(d):
        for i in range(m):
            out[k, i] = y[k, i] * length[i]


_unit = jit(_unit, fastmath={"contract"})


def retract(y: FloatArray, blocks: IntArray, out: FloatArray, length: FloatArray) -> None:
    """Write the state y, with unit columns on the sphere, to out."""
    for b in range(blocks.shape[0]):
        s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
        if blocks[b, ON_SPHERE] == 1:
            part = y[s : s + d * m].reshape((d, m))
            _unit(part, out[s : s + d * m].reshape((d, m)), length)
        else:
            out[s : s + d * m] = y[s : s + d * m]


retract = jit(retract)


def combine(k: FloatArray, weights: FloatArray, count: int, h: float, out: FloatArray) -> None:
    """Write h Σ_s w_s k_s, s < count, to out."""
    for i in range(out.shape[0]):
        out[i] = 0.0
    for s in range(count):
        w = weights[s]
        if w != 0.0:
            row = k[s]
            for i in range(out.shape[0]):
                out[i] += w * row[i]
    for i in range(out.shape[0]):
        out[i] *= h


combine = jit(combine, fastmath={"contract"})


def add(x: FloatArray, y: FloatArray) -> None:
    """Add x to y."""
    for i in range(y.shape[0]):
        y[i] += x[i]


add = jit(add)


def _squares(v: FloatArray, out: FloatArray) -> None:
    """Squares of the lengths of columns."""
    d, m = v.shape
    for i in range(m):
        out[i] = 0.0
    for a in range(d):
        for i in range(m):
            out[i] += v[a, i] * v[a, i]


_squares = jit(_squares, fastmath={"contract"})


def project_out(u: FloatArray, v: FloatArray, radial: FloatArray) -> None:
    """Subtract from the columns of v their parts along the columns of u."""
    d, m = u.shape
    for i in range(m):
        radial[i] = 0.0
    for k in range(d):
        for i in range(m):
            radial[i] += u[k, i] * v[k, i]
    for k in range(d):
        for i in range(m):
            v[k, i] -= radial[i] * u[k, i]


project_out = jit(project_out, fastmath={"contract"})


def largest(v: FloatArray, blocks: IntArray, length: FloatArray) -> float:
    """Length of the largest column of a state; NaN where there is one."""
    top = 0.0
    for b in range(blocks.shape[0]):
        s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
        _squares(v[s : s + d * m].reshape((d, m)), length)
        for i in range(m):
            if not length[i] <= top:
                top = length[i]
    return float(np.sqrt(top))


largest = jit(largest)


def _over(x: FloatArray, y: FloatArray, rtol: float, atol: float, out: FloatArray) -> None:
    """Tolerances of columns that move freely from x to y."""
    d, m = x.shape
    for i in range(m):
        one, two = 0.0, 0.0
        for a in range(d):
            one += x[a, i] * x[a, i]
            two += y[a, i] * y[a, i]
        out[i] = atol + rtol * np.sqrt(max(one, two)) + 1e-300


_over = jit(_over)


def worst(
    x: FloatArray,
    y: FloatArray,
    five: FloatArray,
    three: FloatArray,
    blocks: IntArray,
    rtol: float,
    atol: float,
    room: FloatArray,
) -> float:
    """Error of a step from x to y over the tolerance, from both estimates, which are overwritten.

    The room is three rows of numbers for columns. A NaN is the worst.
    """
    top = 0.0
    for b in range(blocks.shape[0]):
        s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
        after = y[s : s + d * m].reshape((d, m))
        first, second = five[s : s + d * m].reshape((d, m)), three[s : s + d * m].reshape((d, m))
        if blocks[b, ON_SPHERE] == 1:
            project_out(after, first, room[0])
            project_out(after, second, room[0])
            room[2, :m] = rtol + atol
        else:
            _over(x[s : s + d * m].reshape((d, m)), after, rtol, atol, room[2])
        _squares(first, room[0])
        _squares(second, room[1])
        for i in range(m):
            wrong = error_of(np.sqrt(room[0, i]) / room[2, i], np.sqrt(room[1, i]) / room[2, i])
            if not wrong <= top:
                top = wrong
    return top


worst = jit(worst)


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


spread = jit(spread)
