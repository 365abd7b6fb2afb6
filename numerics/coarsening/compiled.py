"""The pair loops of the coarsening integrator compiled with numba (the extra `fast`).

Inner loops over contiguous buffers that the compiler turns into vector instructions.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.all_pairs import rates_of_first
from numerics.coarsening.exponents import Exponents, exponents, sharpness
from numerics.coarsening.pairs import CLOCK_ACCURACY
from numerics.compiled_pulls import pull
from numerics.machine_code import exponential, jit

IndexArray: TypeAlias = NDArray[np.int32]


@jit
def squares_after(x: FloatArray, i: int, squares: FloatArray) -> None:
    """Fill squares[j] = |x_i − x_j|² for j > i.

    Loops from 0 over slices become vector instructions; loops from i + 1 don't.
    """
    out = squares[i + 1 :]
    out[:] = 0.0
    for k in range(x.shape[0]):
        own = x[k, i]
        row = x[k, i + 1 :]
        for q in range(len(out)):
            t = row[q] - own
            out[q] += t * t


@jit
def exponents_after(x: FloatArray, i: int, kernel: Exponents, out: FloatArray) -> None:
    """Fill out[j] = ψ(|x_i − x_j|²/2) for j > i."""
    squares_after(x, i, out)
    row = out[i + 1 :]
    for q in range(len(row)):
        row[q] *= 0.5
    exponents(row, kernel, row)


@jit
def weighty(
    x: FloatArray, log_masses: FloatArray, kernel: Exponents, normalised: bool, threshold: float
) -> tuple[IntArray, IndexArray]:
    """Pairs i < j whose pull may exceed e^threshold, row after row: (offsets, indices).

    The pull is at most the larger mass times e^ψ, normalised over the smaller one's own weight.
    """
    m = x.shape[1]
    offsets = np.empty(m + 1, np.int64)
    indices = np.empty(m * (m - 1) // 2, np.int32)  # memory is taken only where it is written
    squares = np.empty(m)
    found = 0
    for i in range(m):
        offsets[i] = found
        exponents_after(x, i, kernel, squares)
        mass = log_masses[i]
        for j in range(i + 1, m):
            other = log_masses[j]
            advantage = abs(other - mass) - kernel.own if normalised else max(other, mass)
            if advantage + squares[j] > threshold:
                indices[found] = j
                found += 1
    offsets[m] = found
    return offsets, indices[:found].copy()


@jit
def half_squares(x: FloatArray, offsets: IntArray, indices: IndexArray, half: FloatArray) -> None:
    """Fill half[q] = |x_i − x_j|²/2 along a list."""
    d, m = x.shape
    for i in range(m):
        low, high = offsets[i], offsets[i + 1]
        if low == high:
            continue
        out = half[low:high]
        near = indices[low:high]
        out[:] = 0.0
        for k in range(d):
            own = x[k, i]
            if high - low == m - 1 - i:
                others = x[k, i + 1 :]
                for q in range(len(out)):
                    t = others[q] - own
                    out[q] += t * t
            else:
                row = x[k]
                for q in range(len(out)):
                    t = row[near[q]] - own
                    out[q] += t * t
        for q in range(len(out)):
            out[q] *= 0.5


@jit
def largest_weight_of_all(x: FloatArray, log_masses: FloatArray, kernel: Exponents) -> float:
    """Find the exponent amax = max(log m_j + ψ(e_ij)) over all pairs."""
    m = x.shape[1]
    best = np.full(m, -np.inf)
    squares = np.empty(m)
    for i in range(m):
        exponents_after(x, i, kernel, squares)
        mass = log_masses[i]
        others, row, out = log_masses[i + 1 :], squares[i + 1 :], best[i + 1 :]
        for q in range(len(out)):
            t = (others[q] if others[q] > mass else mass) + row[q]
            out[q] = t if t > out[q] else out[q]
    return float(best.max())


@jit
def largest_weight(
    x: FloatArray,
    log_masses: FloatArray,
    kernel: Exponents,
    offsets: IntArray,
    indices: IndexArray,
    half: FloatArray,
) -> float:
    """Fill half[q] = |x_i − x_j|²/2 along the list and return amax over it."""
    half_squares(x, offsets, indices, half)
    best = -np.inf
    row = np.empty(x.shape[1])
    for i in range(x.shape[1]):
        mass = log_masses[i]
        low = offsets[i]
        count = offsets[i + 1] - low
        exponents(half[low : low + count], kernel, row)
        for q in range(count):
            best = max(best, max(mass, log_masses[indices[low + q]]) + row[q])
    return float(best)


def _sum_terms(terms: FloatArray, count: int) -> float:
    """Sum of the first terms, in whatever order vector registers like best."""
    total = 0.0
    for q in range(count):
        total += terms[q]
    return total


_sum_terms = jit(_sum_terms, fastmath={"reassoc", "nsz"})


@jit
def _add_listed(
    x: FloatArray,
    masses: FloatArray,
    i: int,
    e: FloatArray,
    near: IndexArray,
    q_ij: FloatArray,
    sign: FloatArray,
    radial: FloatArray,
    u: FloatArray,
    weight: FloatArray,
    effort: FloatArray,
) -> None:
    """Add the pairs of row i with the points `near`; `sign` and `radial` are scratch space."""
    count = len(near)
    mass = masses[i]
    for q in range(count):
        j = near[q]
        w = q_ij[q]
        close = e[q] <= 1.0
        sign[q] = -1.0 if close else 1.0
        radial[q] = e[q] if close else e[q] - 2.0
        weight[i] += w * masses[j]
        weight[j] += w * mass
    if len(effort):
        for q in range(count):
            j = near[q]
            w = q_ij[q]
            length = np.sqrt(max(e[q] * (2.0 - e[q]), 0.0)) if e[q] <= 1.0 else 1.0
            effort[i] += w * masses[j] * length
            effort[j] += w * mass * length
    for k in range(x.shape[0]):
        row = x[k]
        out = u[k]
        own = row[i]
        total = 0.0
        for q in range(count):
            j = near[q]
            other = row[j]
            total += q_ij[q] * masses[j] * pull(own, other, sign[q], radial[q])
            out[j] += q_ij[q] * mass * pull(other, own, sign[q], radial[q])
        out[i] += total


@jit
def pair_sums(
    x: FloatArray,
    masses: FloatArray,
    kernel: Exponents,
    amax: float,
    offsets: IntArray,
    indices: IndexArray,
    half: FloatArray,
    u: FloatArray,
    weight: FloatArray,
    effort: FloatArray,
) -> None:
    """Add every pair of the list to both of its rows of u, weight and, unless empty, effort."""
    d, m = x.shape
    q_ij = np.empty(m)
    sign = np.empty(m)
    radial = np.empty(m)
    terms = np.empty(m)
    for i in range(m):
        low = offsets[i]
        count = offsets[i + 1] - low
        if count == 0:
            continue
        e = half[low : low + count]
        near = indices[low : low + count]
        exponents(e, kernel, q_ij)
        for q in range(count):
            q_ij[q] = exponential(q_ij[q] - amax)
        mass = masses[i]
        if count == m - 1 - i:  # all the others: without the indirection the loops vectorise
            others = masses[i + 1 :]
            weight_out = weight[i + 1 :]
            for q in range(count):
                close = e[q] <= 1.0
                sign[q] = -1.0 if close else 1.0
                radial[q] = e[q] if close else e[q] - 2.0
                terms[q] = q_ij[q] * others[q]
                weight_out[q] += q_ij[q] * mass
            weight[i] += _sum_terms(terms, count)
            if len(effort):
                effort_out = effort[i + 1 :]
                for q in range(count):
                    square = e[q] * (2.0 - e[q])
                    length = np.sqrt(square if square > 0.0 else 0.0) if e[q] <= 1.0 else 1.0
                    terms[q] = q_ij[q] * others[q] * length
                    effort_out[q] += q_ij[q] * mass * length
                effort[i] += _sum_terms(terms, count)
            for k in range(d):
                own = x[k, i]
                row = x[k, i + 1 :]
                out = u[k, i + 1 :]
                for q in range(count):
                    terms[q] = q_ij[q] * others[q] * pull(own, row[q], sign[q], radial[q])
                    out[q] += q_ij[q] * mass * pull(row[q], own, sign[q], radial[q])
                u[k, i] += _sum_terms(terms, count)
            continue
        _add_listed(x, masses, i, e, near, q_ij, sign, radial, u, weight, effort)


@jit
def _moving_first(sizes: FloatArray, limit: float) -> tuple[IntArray, int]:
    """Give a permutation with the points of size > limit first, and how many they are."""
    m = len(sizes)
    order = np.empty(m, np.int64)
    count = 0
    for i in range(m):
        if sizes[i] > limit:
            order[count] = i
            count += 1
    back = count
    for i in range(m):
        if not sizes[i] > limit:
            order[back] = i
            back += 1
    return order, count


@jit
def _permuted(x: FloatArray, order: IntArray) -> FloatArray:
    """Copy the columns of x in the given order."""
    d, m = x.shape
    out = np.empty((d, m))
    for k in range(d):
        for i in range(m):
            out[k, i] = x[k, order[i]]
    return out


@jit
def clock_sum(
    x: FloatArray,
    u: FloatArray,
    floor: float,
    apart: float,
    offsets: IntArray,
    indices: IndexArray,
) -> float:
    """R⁴: fourth powers of the pair rates and of the single rates.

    The list holds at least the pairs nearer than `apart`. Of the other pairs those of two slow
    points are left out: together they are below `CLOCK_ACCURACY` of the sum.
    """
    d, m = x.shape
    sizes = np.zeros(m)
    for k in range(d):
        for i in range(m):
            sizes[i] += u[k, i] * u[k, i]
    largest = 0.0
    total = 0.0
    for i in range(m):
        largest = max(largest, sizes[i])
        total += sizes[i] * sizes[i]
    # m²/2 pairs of rates below 2·slow·largest/apart, against a sum of at least largest⁴
    slow = apart * (CLOCK_ACCURACY / (8.0 * m * m)) ** 0.25
    limit = slow * slow * largest
    order, moving = _moving_first(sizes, limit)
    xs = _permuted(x, order)
    us = _permuted(u, order)
    f2 = floor * floor
    total += rates_of_first(xs, us, moving, f2)
    if moving < m:
        for i in range(m):
            if sizes[i] > limit:
                continue
            for q in range(offsets[i], offsets[i + 1]):
                j = indices[q]
                if sizes[j] > limit:
                    continue
                distance = f2
                speed = 0.0
                for k in range(d):
                    a = x[k, j] - x[k, i]
                    b = u[k, j] - u[k, i]
                    distance += a * a
                    speed += b * b
                rate = speed / distance
                total += rate * rate
    return total


@jit
def _listed_errors(
    before: FloatArray,
    after: FloatArray,
    first: FloatArray,
    second: FloatArray,
    kernel: Exponents,
    floor: float,
    offsets: IntArray,
    indices: IndexArray,
    sizes: FloatArray,
    negligible: float,
) -> tuple[float, float]:
    """Squares of the two error norms over the pairs of the list whose points both err little."""
    norm_one, norm_two = 0.0, 0.0
    f2 = floor * floor
    d, m = before.shape
    wide, sharp = np.empty(1), np.empty(1)
    for i in range(m):
        if sizes[i] > negligible:
            continue
        for q in range(offsets[i], offsets[i + 1]):
            j = indices[q]
            if sizes[j] > negligible:
                continue
            square_old, square_new, gap_one, gap_two = 0.0, 0.0, 0.0, 0.0
            for k in range(d):
                square_old += (before[k, j] - before[k, i]) ** 2
                square_new += (after[k, j] - after[k, i]) ** 2
                gap_one += (first[k, j] - first[k, i]) ** 2
                gap_two += (second[k, j] - second[k, i]) ** 2
            wide[0] = max(square_old, square_new)
            sharpness(wide, kernel, sharp)
            factor = 1.0 / (wide[0] + f2) + sharp[0]
            norm_one = max(norm_one, gap_one * factor)
            norm_two = max(norm_two, gap_two * factor)
    return norm_one, norm_two


@jit
def error_squares(
    before: FloatArray,
    after: FloatArray,
    first: FloatArray,
    second: FloatArray,
    kernel: Exponents,
    floor: float,
    apart: float,
    offsets: IntArray,
    indices: IndexArray,
) -> tuple[float, float]:
    """Squares of the two error norms.

    The list holds at least the pairs nearer than `apart` at `after`.
    """
    d, m = before.shape
    one, two = np.zeros(m), np.zeros(m)
    for k in range(d):
        for i in range(m):
            one[i] += first[k, i] * first[k, i]
            two[i] += second[k, i] * second[k, i]
    norm_one = 0.0
    norm_two = 0.0
    for i in range(m):
        # written so that a NaN is kept: the step is then rejected
        if not one[i] <= norm_one:
            norm_one = one[i]
        if not two[i] <= norm_two:
            norm_two = two[i]
    if not (np.isfinite(norm_one) and np.isfinite(norm_two)):
        return np.nan, np.nan
    # A pair outside the list weighs at most `weight`: with errors below 1/(2·weight) of the
    # largest single one it cannot be the maximum, and is skipped.
    beta = kernel.beta
    weight = np.sqrt(max(1.0 / apart**2 + (beta * apart) ** 2, 0.25 + 4.0 * beta * beta))
    negligible = (0.5 / weight) ** 2
    sizes = np.empty(m)
    for i in range(m):
        sizes[i] = max(
            one[i] / norm_one if norm_one > 0.0 else 0.0,
            two[i] / norm_two if norm_two > 0.0 else 0.0,
        )
    order, moving = _moving_first(sizes, negligible)
    a = _permuted(before, order)
    b = _permuted(after, order)
    e = _permuted(first, order)
    g = _permuted(second, order)
    old, new, e_gap, g_gap = np.empty((4, m))
    best_one, best_two = np.zeros((2, m))
    f2 = floor * floor
    for i in range(moving):
        was, now = old[i + 1 :], new[i + 1 :]
        e_row, g_row = e_gap[i + 1 :], g_gap[i + 1 :]
        e_best, g_best = best_one[i + 1 :], best_two[i + 1 :]
        was[:] = 0.0
        now[:] = 0.0
        e_row[:] = 0.0
        g_row[:] = 0.0
        for k in range(d):
            ak, bk, ek, gk = a[k, i + 1 :], b[k, i + 1 :], e[k, i + 1 :], g[k, i + 1 :]
            ai, bi, ei, gi = a[k, i], b[k, i], e[k, i], g[k, i]
            for j in range(len(was)):
                t = ak[j] - ai
                was[j] += t * t
                t = bk[j] - bi
                now[j] += t * t
                t = ek[j] - ei
                e_row[j] += t * t
                t = gk[j] - gi
                g_row[j] += t * t
        for j in range(len(was)):
            was[j] = was[j] if was[j] > now[j] else now[j]
        sharpness(was, kernel, now)
        for j in range(len(was)):
            scale = 1.0 / (was[j] + f2) + now[j]
            t = e_row[j] * scale
            e_best[j] = t if t > e_best[j] else e_best[j]
            t = g_row[j] * scale
            g_best[j] = t if t > g_best[j] else g_best[j]
    for j in range(m):
        norm_one = max(norm_one, best_one[j])
        norm_two = max(norm_two, best_two[j])
    if moving < m:
        listed = _listed_errors(
            before, after, first, second, kernel, floor, offsets, indices, sizes, negligible
        )
        norm_one = max(norm_one, listed[0])
        norm_two = max(norm_two, listed[1])
    return norm_one, norm_two


@jit
def close_pairs(
    x: FloatArray,
    moved: IntArray,
    component: IntArray,
    radius2: float,
    core2: float,
    offsets: IntArray,
    indices: IndexArray,
) -> tuple[IntArray, IntArray]:
    """Pairs of the list, one of them moved, near and of different components, or very near."""
    d, m = x.shape
    is_moved = np.zeros(m, np.bool_)
    for i in moved:
        is_moved[i] = True
    firsts = np.empty(64, np.int64)
    seconds = np.empty(64, np.int64)
    found = 0
    for i in range(m):
        for q in range(offsets[i], offsets[i + 1]):
            j = indices[q]
            if not (is_moved[i] or is_moved[j]):
                continue
            square = 0.0
            for k in range(d):
                t = x[k, j] - x[k, i]
                square += t * t
            if square < core2 or (square < radius2 and component[i] != component[j]):
                if found == len(firsts):
                    firsts = np.concatenate((firsts, np.empty_like(firsts)))
                    seconds = np.concatenate((seconds, np.empty_like(seconds)))
                firsts[found] = i
                seconds[found] = j
                found += 1
    return firsts[:found], seconds[:found]
