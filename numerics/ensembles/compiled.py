"""The loop of `numerics.ensembles` compiled with numba (the extra `fast`): a system at a time.

A whole trajectory of a fused form runs in one compiled call: Dormand–Prince 5(4), its continuous
extension, the count of close pairs and the merging of particles; the pair sums are those of
`numerics.machine_code`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import RK45

from numerics.arguments import FloatArray, IntArray
from numerics.machine_code import (
    REORDERED,
    exponential,
    jit,
    sums_in_plane,
    sums_in_space,
    turn_into_weights,
)

_STAGES = np.zeros((7, 6))  # the last stage is at the end of the step
_STAGES[:6, :5], _STAGES[6] = RK45.A, RK45.B
_ERROR, _EXTENSION = np.ascontiguousarray(RK45.E), np.ascontiguousarray(RK45.P)

SLOT = 256  # columns in the plane that are worked on in one flat array
LANES = 8  # columns are filled up to whole vectors: a remainder would cost as much as several
FINISHED, CONSENSUS, MAX_STEPS, OVERFLOW = 0, 1, 2, 3


def _unit(y: FloatArray, out: FloatArray, length: FloatArray) -> None:
    """Normalise the columns of y."""
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


def _project_out(u: FloatArray, v: FloatArray, radial: FloatArray) -> None:
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


_project_out = jit(_project_out, fastmath={"contract"})


def _small_plane(a: FloatArray, p: FloatArray, m: int, beta: float, shift: float) -> None:
    """Sum over the pairs of up to SLOT columns in the plane, m a multiple of four.

    a holds x_0, x_1 and the three rows of weights, p the three sums, each from a multiple of SLOT
    on: constant distances show the compiler that nothing overlaps, and four rows at a time leave
    neither sums across lanes nor many loads.
    """
    for i in range(m):
        p[i] = 0.0
        p[SLOT + i] = 0.0
        p[2 * SLOT + i] = 0.0
    for j in range(0, m, 4):
        r0, s0 = beta * a[j], beta * a[SLOT + j]
        r1, s1 = beta * a[j + 1], beta * a[SLOT + j + 1]
        r2, s2 = beta * a[j + 2], beta * a[SLOT + j + 2]
        r3, s3 = beta * a[j + 3], beta * a[SLOT + j + 3]
        u0, v0, w0 = a[2 * SLOT + j], a[3 * SLOT + j], a[4 * SLOT + j]
        u1, v1, w1 = a[2 * SLOT + j + 1], a[3 * SLOT + j + 1], a[4 * SLOT + j + 1]
        u2, v2, w2 = a[2 * SLOT + j + 2], a[3 * SLOT + j + 2], a[4 * SLOT + j + 2]
        u3, v3, w3 = a[2 * SLOT + j + 3], a[3 * SLOT + j + 3], a[4 * SLOT + j + 3]
        for i in range(m):
            x, y = a[i], a[SLOT + i]
            e0, e1 = exponential(r0 * x + s0 * y - shift), exponential(r1 * x + s1 * y - shift)
            e2, e3 = exponential(r2 * x + s2 * y - shift), exponential(r3 * x + s3 * y - shift)
            p[i] += (e0 * u0 + e1 * u1) + (e2 * u2 + e3 * u3)
            p[SLOT + i] += (e0 * v0 + e1 * v1) + (e2 * v2 + e3 * v3)
            p[2 * SLOT + i] += (e0 * w0 + e1 * w1) + (e2 * w2 + e3 * w3)


_small_plane = jit(_small_plane, fastmath={"contract"})


def _velocity(
    u: FloatArray,
    mass: FloatArray,
    beta: float,
    shift: float,
    normalised: bool,
    scale: float,
    w: FloatArray,
    p: FloatArray,
    row: FloatArray,
    gram: FloatArray,
    weights: FloatArray,
    out: FloatArray,
) -> None:
    """Velocity at unit columns u, but for d = 2, 3 by matrix products; all else is scratch."""
    d, m = u.shape
    if d not in (2, 3):
        np.dot(u.T, u, gram)
        turn_into_weights(gram, beta, shift, mass, normalised, scale, weights)
        np.dot(u, weights.T, out)
        return
    if d == 2 and m <= SLOT:
        a = w.reshape(-1)
        q = p.reshape(-1)
        for j in range(m):
            a[j], a[SLOT + j] = u[0, j], u[1, j]
            a[2 * SLOT + j], a[3 * SLOT + j] = u[0, j] * mass[j], u[1, j] * mass[j]
            a[4 * SLOT + j] = mass[j]
        _small_plane(a, q, m, beta, shift)
        for i in range(m):
            factor = scale / q[2 * SLOT + i] if normalised else scale
            out[0, i], out[1, i] = q[i] * factor, q[SLOT + i] * factor
        _project_out(u, out, row)
        return
    for j in range(m):
        w[d, j] = mass[j]
    for k in range(d):
        for j in range(m):
            w[k, j] = u[k, j] * mass[j]
    if d == 2:
        sums_in_plane(u, w, p, beta, shift)
    else:
        sums_in_space(u, w, p, beta, shift)
    for i in range(m):
        p[d, i] = scale / p[d, i] if normalised else scale
    for k in range(d):
        for i in range(m):
            out[k, i] = p[k, i] * p[d, i]
    _project_out(u, out, row)


_velocity = jit(_velocity)


def _combine(
    y: FloatArray, k: FloatArray, coefficients: FloatArray, h: float, out: FloatArray
) -> None:
    """Write y + h Σ_s c_s k_s to out."""
    d, m = y.shape
    for a in range(d):
        for i in range(m):
            out[a, i] = y[a, i]
    for s in range(coefficients.shape[0]):
        factor = h * coefficients[s]
        if factor != 0.0:
            for a in range(d):
                for i in range(m):
                    out[a, i] += factor * k[s, a, i]


_combine = jit(_combine, fastmath={"contract"})


def _largest(v: FloatArray, square: FloatArray) -> float:
    """Largest length of a column."""
    d, m = v.shape
    for i in range(m):
        square[i] = 0.0
    for a in range(d):
        for i in range(m):
            square[i] += v[a, i] * v[a, i]
    top = 0.0
    for i in range(m):
        if not square[i] <= top:
            top = square[i]
    return float(np.sqrt(top))


_largest = jit(_largest, fastmath={"contract"})


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


_count_in_plane = jit(_count_in_plane, fastmath={"contract"})
_add_squares = jit(_add_squares, fastmath={"contract"})
_sum_close = jit(_sum_close, fastmath=REORDERED)


def _count(
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


_count = jit(_count)


def _merge(
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


_merge = jit(_merge)


def _padded(
    x: FloatArray, mass: FloatArray, multiple: FloatArray, size: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Copy the first `size` columns, and ghosts without mass up to a multiple of LANES."""
    d = x.shape[0]
    m = (size + LANES - 1) // LANES * LANES
    columns, weights, numbers = np.empty((d, m)), np.zeros(m), np.zeros(m)
    for j in range(m):
        for k in range(d):
            columns[k, j] = x[k, j if j < size else 0]
        if j < size:
            weights[j], numbers[j] = mass[j], multiple[j]
    return columns, weights, numbers


_padded = jit(_padded)


def _write(x: FloatArray, label: IntArray, out: FloatArray) -> None:
    n, d = out.shape
    for i in range(n):
        for a in range(d):
            out[i, a] = x[a, label[i]]


_write = jit(_write)


def _solve(
    start: FloatArray,
    masses: FloatArray,
    beta: float,
    shift: float,
    normalised: bool,
    scale: float,
    attractive: bool,
    times: FloatArray,
    rtol: float,
    delta: float,
    max_steps: int,
    tables: tuple[FloatArray, FloatArray, FloatArray],
    points: FloatArray,
    counts: NDArray[np.int32],
    work: IntArray,
) -> int:
    """Follow one system through all times; fills points or counts, steps and evaluations."""
    stages, errors, extension = tables
    d, n = start.shape
    want_points = points.shape[0] > 0
    all_pairs = n * (n - 1) // 2
    close, merging = 2.0 * delta, rtol * rtol
    label = np.arange(n)
    x, mass, multiple = _padded(start, masses, np.ones(n), n)
    t, h, at, attempts, grow = 0.0, 0.0, 0, 0, 10.0
    end = times[-1]
    size = n
    while True:  # once for each number of columns
        m = x.shape[1]
        k = np.empty((7, d, m))
        y, u, trial = np.empty((d, m)), np.empty((d, m)), np.empty((d, m))
        flat = d == 2 and m <= SLOT
        columns = 2 * SLOT if flat else m  # room for the slots
        w, p, row = np.empty((d + 1, columns)), np.empty((d + 1, columns)), np.empty(m)
        twice, nothing = np.empty((d + 1, 2 * columns)), np.zeros((d, m))
        side = 0 if d in (2, 3) else m
        gram, weights = np.empty((side, side)), np.empty((side, side))
        _velocity(x, mass, beta, shift, normalised, scale, w, p, row, gram, weights, k[0])
        work[1] += 1
        if h == 0.0:  # Hairer, Nørsett, Wanner, section II.4
            speed = _largest(k[0], row)
            first = min(0.01 / speed if speed > 0 else 1e-6, max(end, 1e-300))
            _combine(x, k[0:1], np.ones(1), first, y)
            _unit(y, u, row)
            _velocity(u, mass, beta, shift, normalised, scale, w, p, row, gram, weights, k[1])
            work[1] += 1
            for a in range(d):
                for i in range(m):
                    trial[a, i] = k[1, a, i] - k[0, a, i]
            steepest = max(speed, _largest(trial, row) / first)
            h = min(100 * first, (0.01 * rtol / steepest) ** 0.2 if steepest > 0 else first)
        inside = 0  # pairs inside columns
        for j in range(size):
            inside += int(multiple[j] * (multiple[j] - 1.0) / 2.0 + 0.5)
        while at < times.shape[0] and times[at] <= t:
            if want_points:
                _write(x, label, points[at])
            else:
                counts[at] = _count(x, multiple, close, twice, row)
                if attractive and counts[at] == all_pairs:
                    for q in range(at, times.shape[0]):
                        counts[q] = all_pairs
                    return CONSENSUS
            at += 1
        if size == 1 and attractive:
            for q in range(at, times.shape[0]):
                if want_points:
                    _write(x, label, points[q])
                else:
                    counts[q] = all_pairs
            return CONSENSUS
        while True:
            if at >= times.shape[0]:
                return FINISHED
            if attempts >= max_steps:
                return MAX_STEPS
            attempts += 1
            last = h >= (end - t) * (1 - 1e-12)
            if last:
                h = end - t
            for s in range(1, 7):
                _combine(x, k, stages[s, :s], h, y)
                _unit(y, u, row)
                _velocity(u, mass, beta, shift, normalised, scale, w, p, row, gram, weights, k[s])
            work[1] += 6
            _combine(nothing, k, errors, h, y)
            _project_out(u, y, row)
            error = _largest(y, row) / rtol
            if not error <= 1.0:
                h *= max(0.2, 0.9 * error**-0.2) if np.isfinite(error) else 0.2
                grow = 1.0
                if h < 1e-15 * t or h < 1e-300:
                    return OVERFLOW
                continue
            work[0] += 1
            arrived = end if last else t + h
            if at < times.shape[0] and times[at] <= arrived:
                # The extension x + h Σ_q θ^{q+1} Σ_s P_sq k_s: its sums once for all times.
                power = np.empty((4, d, m))
                for q in range(4):
                    _combine(nothing, k, extension[:, q], h, power[q])
                while at < times.shape[0] and times[at] <= arrived:
                    theta = min((times[at] - t) / h, 1.0)
                    for a in range(d):
                        for i in range(m):
                            value = power[3, a, i] * theta + power[2, a, i]
                            value = (value * theta + power[1, a, i]) * theta + power[0, a, i]
                            y[a, i] = x[a, i] + theta * value
                    _unit(y, trial, row)
                    if want_points:
                        _write(trial, label, points[at])
                    else:
                        counts[at] = _count(trial, multiple, close, twice, row)
                        if attractive and counts[at] == all_pairs:
                            for q in range(at, times.shape[0]):
                                counts[q] = all_pairs
                            return CONSENSUS
                    at += 1
            t = arrived
            for a in range(d):
                for i in range(m):
                    x[a, i], k[0, a, i] = u[a, i], k[6, a, i]
            h *= min(grow, 0.9 * max(error, 1e-12) ** -0.2)
            grow = 10.0
            if attractive and _count(x, multiple, merging, twice, row) > inside:
                size = _merge(x, mass, multiple, label, size, merging)
                x, mass, multiple = _padded(x, mass, multiple, size)
                break


_solve = jit(_solve)


def march(
    form: object,
    starts: FloatArray,
    masses: FloatArray,
    beta: FloatArray,
    times: FloatArray,
    rtol: float,
    delta: float | None,
    max_steps: int,
) -> tuple[FloatArray, NDArray[np.int32], IntArray, IntArray]:
    """Points (k, time, n, d), or counts (k, time) where delta is given; work and statuses."""
    count, n, d = starts.shape
    normalised, scale = bool(form.normalised), float(form.scale)  # type: ignore[attr-defined]
    shape = (count, times.size, n, d) if delta is None else (count, 0, n, d)
    points = np.full(shape, np.nan)
    counts = np.full((count, 0 if delta is None else times.size), -1, dtype=np.int32)
    work, status = np.zeros((count, 2), dtype=np.int64), np.zeros(count, dtype=np.int64)
    for s in range(count):
        status[s] = _solve(
            np.ascontiguousarray(starts[s].T),
            masses[min(s, masses.shape[0] - 1)],
            float(beta[s]),
            max(float(beta[s]), 0.0) if normalised else 0.0,
            normalised,
            scale,
            scale > 0,
            times,
            rtol,
            -1.0 if delta is None else delta,
            max_steps,
            (_STAGES, _ERROR, _EXTENSION),
            points[s],
            counts[s],
            work[s],
        )
    return points, counts, work, status


__all__ = ["march"]
