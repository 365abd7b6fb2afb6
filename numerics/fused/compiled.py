"""The fused pair loop of `numerics.fused.loops` compiled with numba (the extra `fast`).

One system a loop body, its coordinates as contiguous rows.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from numerics.arguments import FloatArray
from numerics.machine_code import (
    REORDERED,
    add_multiple,
    exponentials,
    jit,
    sums_in_plane,
    sums_in_space,
    turn_into_weights,
)

THIN = 16  # more coordinates than this are left to matrix products


WIDEST = 256  # so many rows at most, where the dimension is large as well


ROWWISE = 1024  # up to here symmetry costs more than it saves in two and three dimensions


BLOCK = 512  # columns at a time: their coordinates and sums stay in the first-level cache


def dot(a: FloatArray, b: FloatArray) -> float:
    """Give <a, b>."""
    total = 0.0
    for q in range(a.shape[0]):
        total += a[q] * b[q]
    return total


dot = jit(dot, fastmath=REORDERED)


def one_system(
    xt: FloatArray,
    w: FloatArray,
    p: FloatArray,
    beta: float,
    shift: float,
    e: FloatArray,
    share: int,
    shares: int,
) -> None:
    """Fill the sums p[k] = Σ_j K_ij m_j x_jk and p[d] = Σ_j K_ij m_j for every row i.

    xt (d, n) holds the coordinates, w (d + 1, n) them and 1 times the masses; e is scratch. Each
    exponential is used for both its rows. A thread does its share of the blocks of columns.
    """
    d, n = xt.shape
    p[:] = 0.0
    for first in range(share * BLOCK, n, shares * BLOCK):
        last = min(first + BLOCK, n)
        for i in range(last):
            start = max(first, i)
            row = e[: last - start]
            factor = beta * xt[0, i]
            column = xt[0, start:last]
            for q in range(row.shape[0]):
                row[q] = factor * column[q] - shift
            for k in range(1, d):
                add_multiple(row, beta * xt[k, i], xt[k, start:last])
            exponentials(row)
            for k in range(d):
                p[k, i] += dot(row, w[k, start:last])
            p[d, i] += dot(row, w[d, start:last])
            skip = 1 if start == i else 0  # the diagonal is counted once
            tail = row[skip:]
            for k in range(d + 1):
                add_multiple(p[k, start + skip : last], w[k, i], tail)


one_system = jit(one_system, fastmath={"contract"})


@jit
def sums_of_rows(
    xt: FloatArray, w: FloatArray, p: FloatArray, beta: float, shift: float, e: FloatArray
) -> None:
    """Fill the sums of `one_system` in whatever way is fastest for that shape."""
    d, n = xt.shape
    if d == 2 and n <= ROWWISE:
        sums_in_plane(xt, w, p, beta, shift)
    elif d == 3 and n <= ROWWISE:
        sums_in_space(xt, w, p, beta, shift)
    else:
        one_system(xt, w, p, beta, shift, e, 0, 1)


def begin(x: FloatArray, mass: FloatArray, xt: FloatArray, w: FloatArray) -> None:
    """Write the coordinates as rows, plain and times the masses; no masses mean 1/n each."""
    n, d = x.shape
    if mass.shape[0] == 0:
        w[d, :] = 1.0 / n
    else:
        w[d, :] = mass
    for k in range(d):
        for j in range(n):
            xt[k, j] = x[j, k]
            w[k, j] = x[j, k] * w[d, j]


begin = jit(begin)


def _finish(
    xt: FloatArray,
    w: FloatArray,
    p: FloatArray,
    normalised: bool,
    scale: float,
    projected: bool,
    out: FloatArray,
) -> None:
    """Turn the sums into the velocity, or what it projects; overwrites w and p."""
    d, n = xt.shape
    if normalised:
        for i in range(n):
            p[d, i] = scale / p[d, i]
    else:
        p[d, :] = scale
    radial = w[d]  # no longer needed
    radial[:] = 0.0
    for k in range(d):
        for i in range(n):
            p[k, i] *= p[d, i]
            radial[i] += xt[k, i] * p[k, i]
    if not projected:
        radial[:] = 0.0
    for k in range(d):
        for i in range(n):
            out[i, k] = p[k, i] - radial[i] * xt[k, i]


_finish = jit(_finish)


def _system(
    x: FloatArray,
    beta: float,
    shift: float,
    mass: FloatArray,
    normalised: bool,
    scale: float,
    projected: bool,
    scratch: FloatArray,
    out: FloatArray,
) -> None:
    """Velocity of one system."""
    d = x.shape[1]
    xt, w, p = scratch[:d], scratch[d : 2 * d + 1], scratch[2 * d + 1 : 3 * d + 2]
    begin(x, mass, xt, w)
    sums_of_rows(xt, w, p, beta, shift, scratch[3 * d + 2])
    _finish(xt, w, p, normalised, scale, projected, out)


_system = jit(_system)


def _all_wide(
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray,
    normalised: bool,
    scale: float,
    out: FloatArray,
) -> None:
    """Many dimensions: two matrix products a system, all else on the n×n weights."""
    count, n, _ = x.shape
    gram, w = np.empty((n, n)), np.empty((n, n))
    for s in range(count):
        mass = masses[min(s, masses.shape[0] - 1)]
        np.dot(x[s], x[s].T, gram)
        turn_into_weights(gram, beta[s], shift[s], mass, normalised, scale, w)
        np.dot(w, x[s], out[s])


_all_wide = jit(_all_wide)


def _one(
    x: FloatArray,
    beta: float,
    shift: float,
    mass: FloatArray,
    normalised: bool,
    scale: float,
    projected: bool,
) -> FloatArray:
    out = np.empty(x.shape)
    scratch = np.empty((3 * x.shape[1] + 3, x.shape[0]))
    _system(x, beta, shift, mass, normalised, scale, projected, scratch, out)
    return out


_one = jit(_one)


def _all_systems(
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray,
    normalised: bool,
    scale: float,
    projected: bool,
    out: FloatArray,
) -> None:
    count, n, d = x.shape
    scratch = np.empty((3 * d + 3, n))
    for s in range(count):
        mass = masses[min(s, masses.shape[0] - 1)]
        _system(x[s], beta[s], shift[s], mass, normalised, scale, projected, scratch, out[s])


_all_systems = jit(_all_systems)


def _pair_sum(xt: FloatArray, mass: FloatArray, rate: float, e: FloatArray) -> float:
    """ΣΣ m_i m_j e^{rate <x_i,x_j>}, every pair once; e is scratch."""
    d, n = xt.shape
    total = 0.0
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        for i in range(last):
            start = max(first, i)
            row = e[: last - start]
            factor = rate * xt[0, i]
            column = xt[0, start:last]
            for q in range(row.shape[0]):
                row[q] = factor * column[q]
            for k in range(1, d):
                add_multiple(row, rate * xt[k, i], xt[k, start:last])
            exponentials(row)
            found = 2.0 * dot(row, mass[start:last])
            if start == i:
                found -= row[0] * mass[i]  # the diagonal is counted once
            total += mass[i] * found
    return total


_pair_sum = jit(_pair_sum, fastmath={"contract"})


def _pair_sums(x: FloatArray, rates: FloatArray, masses: FloatArray, out: FloatArray) -> None:
    """Fill ΣΣ m_i m_j e^{rate <x_i,x_j>} of every system (count, n, d)."""
    count, n, d = x.shape
    xt, e = np.empty((d, n)), np.empty(n)
    for s in range(count):
        for k in range(d):
            for i in range(n):
                xt[k, i] = x[s, i, k]
        out[s] = _pair_sum(xt, masses[min(s, masses.shape[0] - 1)], rates[s], e)


pair_sums = jit(_pair_sums)


_EQUAL = np.empty(0)


def plain(array: FloatArray) -> FloatArray:
    """Copy what is read-only or strided: numba would compile another loop, with other last bits."""
    flags = array.flags
    return array if flags.c_contiguous and flags.writeable else np.array(array, order="C")


def single(
    form: Any, x: FloatArray, beta: float, shift: float, masses: FloatArray | None
) -> FloatArray:
    """Velocity of one system."""
    mass = _EQUAL if masses is None else plain(masses)
    return _one(plain(x), beta, shift, mass, form.normalised, form.scale, form.projected)


def systems(
    form: Any,
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray | None,
    out: FloatArray,
    threads: int = 1,
) -> bool:
    """Fill ``out`` as `numerics.fused` does; False leaves it to matrix products."""
    count, n, d = x.shape
    if d > THIN and (n > WIDEST or 2 * d < n or not form.projected):
        return False
    if masses is not None:
        weights = masses[..., 0]
    else:
        weights = np.empty((1, 0)) if d <= THIN else np.full((1, n), 1.0 / n)
    rates, shifts = beta[:, 0, 0], shift[:, 0, 0]
    if threads > 1 and d <= THIN and n > ROWWISE:
        for s in range(count):
            mass = weights[min(s, weights.shape[0] - 1)]
            _shared(form, x[s], rates[s], shifts[s], mass, out[s], threads)
        return True
    given = plain(x), plain(rates), plain(shifts), plain(weights), form.normalised, form.scale
    if d <= THIN:
        _all_systems(*given, form.projected, out)
    else:
        _all_wide(*given, out)
    return True


def _shared(
    form: Any,
    x: FloatArray,
    beta: float,
    shift: float,
    mass: FloatArray,
    out: FloatArray,
    threads: int,
) -> None:
    """One large system, its blocks of columns shared among threads that add up sums of their own.

    The bits depend on the number of threads.
    """
    n, d = x.shape
    xt, w, p = np.empty((d, n)), np.empty((d + 1, n)), np.empty((threads, d + 1, n))
    begin(plain(x), plain(mass), xt, w)

    def run(share: int) -> None:
        one_system(xt, w, p[share], beta, shift, np.empty(n), share, threads)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))
    _finish(xt, w, p.sum(axis=0), form.normalised, form.scale, form.projected, out)
