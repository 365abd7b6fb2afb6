"""The fused pair loop of `numerics.fused` compiled with numba (the extra `fast`).

One system a loop body, its coordinates as contiguous rows; e^a by range reduction, a polynomial
and the exponent bits, so that the compiler turns every inner loop into vector instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

Array = NDArray[np.float64]
_F = TypeVar("_F", bound=Callable[..., Any])

THIN = 16  # more coordinates than this are left to matrix products
WIDEST = 256  # so many rows at most, where the dimension is large as well
ROWWISE = 1024  # up to here symmetry costs more than it saves in two and three dimensions
BLOCK = 512  # columns at a time: their coordinates and sums stay in the first-level cache


def _jit(function: _F, **options: Any) -> _F:
    """Compile on first call, and keep the machine code beside the byte code where that can be."""
    options = {"error_model": "numpy", "nogil": True, **options}
    try:
        return cast(_F, numba.njit(cache=True, **options)(function))
    except RuntimeError:  # pragma: no cover - no folder to write to
        return cast(_F, numba.njit(**options)(function))


def _bitcast(context: Any, value: Any) -> Any:
    """Reinterpret 8 bytes: a float64 as int64 and back."""
    target = types.int64 if isinstance(value, types.Float) else types.float64

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

    return target(value), generate


_as_bits: Any = intrinsic(_bitcast)

# e^a = 2^k e^r, a = k ln 2 + r, |r| ≤ ln(2)/2. Adding 1.5·2^52 rounds a·log2(e) to the integer k
# and leaves it in the low bits of the sum; ln 2 is split so that k·_LN2_HIGH is exact.
_LOG2_E = 1.4426950408889634
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
_ROUND = 6755399441055744.0
_CUT = -708.0  # below, the result would be subnormal: flushed to 0
# 1/2! … 1/13!: the first term left out is below 5e-18
_C2, _C3, _C4, _C5 = 1 / 2, 1 / 6, 1 / 24, 1 / 120
_C6, _C7, _C8, _C9 = 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880
_C10, _C11, _C12, _C13 = 1 / 3628800, 1 / 39916800, 1 / 479001600, 1 / 6227020800


def _exp(a: float) -> float:
    """e^a for a < 709, to 2 ulp; 0 below −708."""
    s = max(a, _CUT)
    u = s * _LOG2_E + _ROUND
    k = u - _ROUND
    r = (s - k * _LN2_HIGH) - k * _LN2_LOW
    square = r * r  # pairs of coefficients: half the latency of Horner's chain
    p = _C13 * r + _C12
    p = p * square + (_C11 * r + _C10)
    p = p * square + (_C9 * r + _C8)
    p = p * square + (_C7 * r + _C6)
    p = p * square + (_C5 * r + _C4)
    p = p * square + (_C3 * r + _C2)
    p = 1.0 + (r + square * p)
    scale: float = _as_bits((_as_bits(u) << 52) + (np.int64(1023) << 52))
    return p * scale if a >= _CUT else 0.0


_exp = _jit(_exp, fastmath={"contract"})


def _exponentials(a: Array) -> None:
    """Replace a by its exponential."""
    for q in range(a.shape[0]):
        a[q] = _exp(a[q])


exponentials = _jit(_exponentials, fastmath={"contract"})


def _dot(a: Array, b: Array) -> float:
    total = 0.0
    for q in range(a.shape[0]):
        total += a[q] * b[q]
    return total


def _sum(a: Array) -> float:
    total = 0.0
    for q in range(a.shape[0]):
        total += a[q]
    return total


_REORDERED = {"reassoc", "contract", "nsz"}
_dot = _jit(_dot, fastmath=_REORDERED)
_sum = _jit(_sum, fastmath=_REORDERED)


def _add_multiple(out: Array, factor: float, a: Array) -> None:
    for q in range(out.shape[0]):
        out[q] += factor * a[q]


_add_multiple = _jit(_add_multiple, fastmath={"contract"})


def _one_system(
    xt: Array, w: Array, p: Array, beta: float, shift: float, e: Array, share: int, shares: int
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
                _add_multiple(row, beta * xt[k, i], xt[k, start:last])
            exponentials(row)
            for k in range(d):
                p[k, i] += _dot(row, w[k, start:last])
            p[d, i] += _dot(row, w[d, start:last])
            skip = 1 if start == i else 0  # the diagonal is counted once
            tail = row[skip:]
            for k in range(d + 1):
                _add_multiple(p[k, start + skip : last], w[k, i], tail)


_one_system = _jit(_one_system, fastmath={"contract"})


def _plane(xt: Array, w: Array, p: Array, beta: float, shift: float) -> None:
    """Do what `_one_system` does for d = 2, every row by itself and in registers."""
    x0, x1 = xt[0], xt[1]
    w0, w1, w2 = w[0], w[1], w[2]
    for i in range(x0.shape[0]):
        f0, f1 = beta * x0[i], beta * x1[i]
        a0, a1, a2 = 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            e = _exp(f0 * x0[j] + f1 * x1[j] - shift)
            a0 += w0[j] * e
            a1 += w1[j] * e
            a2 += w2[j] * e
        p[0, i], p[1, i], p[2, i] = a0, a1, a2


def _space(xt: Array, w: Array, p: Array, beta: float, shift: float) -> None:
    """Do what `_one_system` does for d = 3, every row by itself and in registers."""
    x0, x1, x2 = xt[0], xt[1], xt[2]
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    for i in range(x0.shape[0]):
        f0, f1, f2 = beta * x0[i], beta * x1[i], beta * x2[i]
        a0, a1, a2, a3 = 0.0, 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            e = _exp(f0 * x0[j] + f1 * x1[j] + f2 * x2[j] - shift)
            a0 += w0[j] * e
            a1 += w1[j] * e
            a2 += w2[j] * e
            a3 += w3[j] * e
        p[0, i], p[1, i], p[2, i], p[3, i] = a0, a1, a2, a3


_plane = _jit(_plane, fastmath=_REORDERED)
_space = _jit(_space, fastmath=_REORDERED)


def _begin(x: Array, mass: Array, xt: Array, w: Array) -> None:
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


_begin = _jit(_begin)


def _finish(
    xt: Array, w: Array, p: Array, shift: float, normalised: bool, scale: float, out: Array
) -> float:
    """Turn the sums into the velocity; overwrites w and p."""
    d, n = xt.shape
    total = _dot(p[d], w[d]) * np.exp(shift)
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
    for k in range(d):
        for i in range(n):
            out[i, k] = p[k, i] - radial[i] * xt[k, i]
    return total


_finish = _jit(_finish)


def _system(
    x: Array,
    beta: float,
    shift: float,
    mass: Array,
    normalised: bool,
    scale: float,
    scratch: Array,
    out: Array,
) -> float:
    """Velocity of one system and ``ΣΣ m_i m_j e^{β<x_i,x_j>}``."""
    n, d = x.shape
    xt, w, p = scratch[:d], scratch[d : 2 * d + 1], scratch[2 * d + 1 : 3 * d + 2]
    _begin(x, mass, xt, w)
    if d == 2 and n <= ROWWISE:
        _plane(xt, w, p, beta, shift)
    elif d == 3 and n <= ROWWISE:
        _space(xt, w, p, beta, shift)
    else:
        _one_system(xt, w, p, beta, shift, scratch[3 * d + 2], 0, 1)
    return _finish(xt, w, p, shift, normalised, scale, out)


_system = _jit(_system)


def _weigh(
    gram: Array,
    beta: float,
    shift: float,
    mass: Array,
    normalised: bool,
    scale: float,
    w: Array,
) -> float:
    """Turn <x_i,x_j> into the weights of the velocity, its radial part on the diagonal."""
    n = gram.shape[0]
    energy = 0.0
    for i in range(n):
        g, row = gram[i], w[i]
        total, radial = 0.0, 0.0
        for j in range(n):
            e = mass[j] * _exp(beta * g[j] - shift)
            row[j] = e
            total += e
            radial += e * g[j]
        energy += mass[i] * total
        factor = scale / total if normalised else scale
        for j in range(n):
            row[j] *= factor
        row[i] -= factor * radial
    return energy


_weigh = _jit(_weigh, fastmath=_REORDERED)


def _all_wide(
    x: Array,
    beta: Array,
    shift: Array,
    masses: Array,
    normalised: bool,
    scale: float,
    out: Array,
    sums: Array,
) -> None:
    """Many dimensions: two matrix products a system, all else on the n×n weights."""
    count, n, _ = x.shape
    gram, w = np.empty((n, n)), np.empty((n, n))
    for s in range(count):
        mass = masses[min(s, masses.shape[0] - 1)]
        np.dot(x[s], x[s].T, gram)
        sums[s] = _weigh(gram, beta[s], shift[s], mass, normalised, scale, w) * np.exp(shift[s])
        np.dot(w, x[s], out[s])


_all_wide = _jit(_all_wide)


def _one(
    x: Array, beta: float, shift: float, mass: Array, normalised: bool, scale: float
) -> tuple[Array, float]:
    out = np.empty(x.shape)
    scratch = np.empty((3 * x.shape[1] + 3, x.shape[0]))
    return out, _system(x, beta, shift, mass, normalised, scale, scratch, out)


_one = _jit(_one)


def _all_systems(
    x: Array,
    beta: Array,
    shift: Array,
    masses: Array,
    normalised: bool,
    scale: float,
    out: Array,
    sums: Array,
) -> None:
    count, n, d = x.shape
    scratch = np.empty((3 * d + 3, n))
    for s in range(count):
        mass = masses[min(s, masses.shape[0] - 1)]
        sums[s] = _system(x[s], beta[s], shift[s], mass, normalised, scale, scratch, out[s])


_all_systems = _jit(_all_systems)

_EQUAL = np.empty(0)


def _plain(array: Array) -> Array:
    """Copy what is read-only or strided: numba would compile another loop, with other last bits."""
    flags = array.flags
    return array if flags.c_contiguous and flags.writeable else np.array(array, order="C")


def single(
    form: Any, x: Array, beta: float, shift: float, masses: Array | None
) -> tuple[Array, float]:
    """Velocity of one system and ``ΣΣ m_i m_j e^{β<x_i,x_j>}``."""
    mass = _EQUAL if masses is None else _plain(masses)
    return _one(_plain(x), beta, shift, mass, form.normalised, form.scale)


def systems(
    form: Any,
    x: Array,
    beta: Array,
    shift: Array,
    masses: Array | None,
    out: Array,
    sums: Array | None,
    threads: int = 1,
) -> bool:
    """Fill ``out`` and ``sums`` as `numerics.fused` does; False leaves it to matrix products."""
    count, n, d = x.shape
    if d > THIN and (n > WIDEST or 2 * d < n):
        return False
    if masses is not None:
        weights = masses[..., 0]
    else:
        weights = np.empty((1, 0)) if d <= THIN else np.full((1, n), 1.0 / n)
    rates, shifts = beta[:, 0, 0], shift[:, 0, 0]
    if threads > 1 and d <= THIN and n > ROWWISE:
        for s in range(count):
            mass = weights[min(s, weights.shape[0] - 1)]
            total = _shared(form, x[s], rates[s], shifts[s], mass, out[s], threads)
            if sums is not None:
                sums[s] = total
        return True
    run = _all_systems if d <= THIN else _all_wide
    run(
        _plain(x),
        _plain(rates),
        _plain(shifts),
        _plain(weights),
        form.normalised,
        form.scale,
        out,
        np.empty(x.shape[0]) if sums is None else sums,
    )
    return True


def _shared(
    form: Any, x: Array, beta: float, shift: float, mass: Array, out: Array, threads: int
) -> float:
    """One large system, its blocks of columns shared among threads that add up sums of their own.

    The bits depend on the number of threads.
    """
    n, d = x.shape
    xt, w, p = np.empty((d, n)), np.empty((d + 1, n)), np.empty((threads, d + 1, n))
    _begin(_plain(x), _plain(mass), xt, w)

    def run(share: int) -> None:
        _one_system(xt, w, p[share], beta, shift, np.empty(n), share, threads)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))
    return float(_finish(xt, w, p.sum(axis=0), shift, form.normalised, form.scale, out))


__all__ = ["exponentials", "single", "systems"]
