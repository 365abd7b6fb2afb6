"""The loop of `numerics.fused.intervals` compiled with numba (the extra `fast`).

Every row sums over its own stretch of columns: under a causal mask half the exponentials of SA.
"""

from __future__ import annotations

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.fused.compiled import begin, dot, plain
from numerics.machine_code import REORDERED, exponential, exponentials, jit


def _in_plane(
    xt: FloatArray,
    w: FloatArray,
    first: IntArray,
    last: IntArray,
    p: FloatArray,
    beta: float,
    shift: float,
) -> None:
    """Sum every row over its columns, for d = 2, in registers."""
    for i in range(xt.shape[1]):
        start, stop = first[i], last[i]
        x0, x1 = xt[0, start:stop], xt[1, start:stop]
        w0, w1, w2 = w[0, start:stop], w[1, start:stop], w[2, start:stop]
        f0, f1 = beta * xt[0, i], beta * xt[1, i]
        a0, a1, a2 = 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            e = exponential(f0 * x0[j] + f1 * x1[j] - shift)
            a0 += w0[j] * e
            a1 += w1[j] * e
            a2 += w2[j] * e
        p[0, i], p[1, i], p[2, i] = a0, a1, a2


_in_plane = jit(_in_plane, fastmath=REORDERED)


def _in_space(
    xt: FloatArray,
    w: FloatArray,
    first: IntArray,
    last: IntArray,
    p: FloatArray,
    beta: float,
    shift: float,
) -> None:
    """Sum every row over its columns, for d = 3, in registers."""
    for i in range(xt.shape[1]):
        start, stop = first[i], last[i]
        x0, x1, x2 = xt[0, start:stop], xt[1, start:stop], xt[2, start:stop]
        w0, w1, w2, w3 = w[0, start:stop], w[1, start:stop], w[2, start:stop], w[3, start:stop]
        f0, f1, f2 = beta * xt[0, i], beta * xt[1, i], beta * xt[2, i]
        a0, a1, a2, a3 = 0.0, 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            e = exponential(f0 * x0[j] + f1 * x1[j] + f2 * x2[j] - shift)
            a0 += w0[j] * e
            a1 += w1[j] * e
            a2 += w2[j] * e
            a3 += w3[j] * e
        p[0, i], p[1, i], p[2, i], p[3, i] = a0, a1, a2, a3


_in_space = jit(_in_space, fastmath=REORDERED)


def _in_many(
    xt: FloatArray,
    w: FloatArray,
    first: IntArray,
    last: IntArray,
    p: FloatArray,
    beta: float,
    shift: float,
    e: FloatArray,
) -> None:
    """Sum every row over its columns, for any d; e is scratch."""
    d, n = xt.shape
    for i in range(n):
        start, stop = first[i], last[i]
        row = e[: stop - start]
        row[:] = -shift
        for k in range(d):
            factor, column = beta * xt[k, i], xt[k, start:stop]
            for q in range(row.shape[0]):
                row[q] += factor * column[q]
        exponentials(row)
        for k in range(d + 1):
            p[k, i] = dot(row, w[k, start:stop])


_in_many = jit(_in_many, fastmath={"contract"})


def _outputs(
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray,
    first: IntArray,
    last: IntArray,
    out: FloatArray,
) -> None:
    """Fill the means over the columns of every row of systems (count, n, d)."""
    count, n, d = x.shape
    scratch = np.empty((3 * d + 3, n))
    xt, w, p = scratch[:d], scratch[d : 2 * d + 1], scratch[2 * d + 1 : 3 * d + 2]
    for s in range(count):
        begin(x[s], masses[min(s, masses.shape[0] - 1)], xt, w)
        if d == 2:
            _in_plane(xt, w, first, last, p, beta[s], shift[s])
        elif d == 3:
            _in_space(xt, w, first, last, p, beta[s], shift[s])
        else:
            _in_many(xt, w, first, last, p, beta[s], shift[s], scratch[3 * d + 2])
        for i in range(n):
            part = 1.0 / p[d, i] if last[i] > first[i] else 0.0
            for k in range(d):
                out[s, i, k] = p[k, i] * part


_outputs = jit(_outputs)


def outputs(
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray | None,
    columns: tuple[IntArray, IntArray],
    out: FloatArray,
) -> None:
    """Fill ``out`` as `numerics.fused.intervals` does."""
    weights = np.empty((1, 0)) if masses is None else masses[..., 0]
    _outputs(plain(x), plain(beta[:, 0, 0]), plain(shift[:, 0, 0]), plain(weights), *columns, out)
