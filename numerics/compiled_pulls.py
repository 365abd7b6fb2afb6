"""The pulls of `numerics.pulls` compiled with numba (the extra `fast`), for all compiled loops.

A pull p_ij = (x_j − x_i) + e_ij x_i is written from the near one of x_i and −x_i, so that it has
its full relative accuracy at every distance; a row's own weight never enters its sum of pulls.
"""

from __future__ import annotations

import numpy as np

from numerics.arguments import FloatArray
from numerics.machine_code import REORDERED, add_multiple, exponential, jit
from numerics.pulls import pull as definition

COLUMNS = 512  # columns at a time: their rows of scratch stay in the first-level cache


pull = jit(definition, fastmath={"contract"}, inline="always")


def pulls_in_plane(
    xt: FloatArray, mass: FloatArray, p: FloatArray, beta: float, top: float
) -> None:
    """Do what `pulls_of_rows` does for d = 2, in registers."""
    x0, x1 = xt[0], xt[1]
    for i in range(x0.shape[0]):
        f0, f1 = x0[i], x1[i]
        a0, a1, total, length = 0.0, 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            near = f0 * x0[j] + f1 * x1[j] > 0.0
            sign = -1.0 if near else 1.0
            u0, u1 = x0[j] + sign * f0, x1[j] + sign * f1
            half = 0.5 * (u0 * u0 + u1 * u1)
            radial = -sign * half
            w = mass[j] * exponential(top - beta * (half if near else 2.0 - half))
            a0 += w * pull(f0, x0[j], sign, radial)
            a1 += w * pull(f1, x1[j], sign, radial)
            total += w
            length += w * np.sqrt(half * (2.0 - half))
        p[0, i], p[1, i], p[2, i], p[3, i] = a0, a1, total, length


def pulls_in_space(
    xt: FloatArray, mass: FloatArray, p: FloatArray, beta: float, top: float
) -> None:
    """Do what `pulls_of_rows` does for d = 3, in registers."""
    x0, x1, x2 = xt[0], xt[1], xt[2]
    for i in range(x0.shape[0]):
        f0, f1, f2 = x0[i], x1[i], x2[i]
        a0, a1, a2, total, length = 0.0, 0.0, 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            near = f0 * x0[j] + f1 * x1[j] + f2 * x2[j] > 0.0
            sign = -1.0 if near else 1.0
            u0, u1, u2 = x0[j] + sign * f0, x1[j] + sign * f1, x2[j] + sign * f2
            half = 0.5 * (u0 * u0 + u1 * u1 + u2 * u2)
            radial = -sign * half
            w = mass[j] * exponential(top - beta * (half if near else 2.0 - half))
            a0 += w * pull(f0, x0[j], sign, radial)
            a1 += w * pull(f1, x1[j], sign, radial)
            a2 += w * pull(f2, x2[j], sign, radial)
            total += w
            length += w * np.sqrt(half * (2.0 - half))
        p[0, i], p[1, i], p[2, i], p[3, i], p[4, i] = a0, a1, a2, total, length


pulls_in_plane = jit(pulls_in_plane, fastmath=REORDERED)
pulls_in_space = jit(pulls_in_space, fastmath=REORDERED)


def _sides(g: FloatArray, sign: FloatArray) -> None:
    for q in range(g.shape[0]):
        sign[q] = -1.0 if g[q] > 0.0 else 1.0


def _add_squares(own: float, others: FloatArray, sign: FloatArray, square: FloatArray) -> None:
    for q in range(square.shape[0]):
        u = others[q] + sign[q] * own
        square[q] += u * u


def _weights(
    square: FloatArray, sign: FloatArray, mass: FloatArray, beta: float, top: float, w: FloatArray
) -> tuple[float, float]:
    """Turn |x_j + sign x_i|² into weights, and into the radial parts; their sums."""
    total, length = 0.0, 0.0
    for q in range(w.shape[0]):
        half = 0.5 * square[q]
        w[q] = mass[q] * exponential(top - beta * (half if sign[q] < 0.0 else 2.0 - half))
        total += w[q]
        length += w[q] * np.sqrt(half * (2.0 - half))
        square[q] = -sign[q] * half
    return total, length


def _sum_pulls(
    own: float, others: FloatArray, sign: FloatArray, radial: FloatArray, w: FloatArray
) -> float:
    total = 0.0
    for q in range(w.shape[0]):
        total += w[q] * pull(own, others[q], sign[q], radial[q])
    return total


_sides = jit(_sides)
_add_squares = jit(_add_squares, fastmath={"contract"})
_weights = jit(_weights, fastmath=REORDERED)
_sum_pulls = jit(_sum_pulls, fastmath=REORDERED)


def pulls_of_rows(xt: FloatArray, mass: FloatArray, p: FloatArray, beta: float, top: float) -> None:
    """Fill, for every row i, the sums of its pulls with the weights w_ij = m_j e^{top − β e_ij}.

    xt (d, n) holds unit columns. p[:d] gets Σ_j w_ij p_ij, p[d] gets Σ_j w_ij (the own weight is
    counted here and nowhere else), p[d + 1] gets Σ_j w_ij |p_ij|.
    """
    d, n = xt.shape
    scratch = np.empty((4, min(n, COLUMNS)))
    p[:] = 0.0
    for first in range(0, n, COLUMNS):
        last = min(first + COLUMNS, n)
        g, sign = scratch[0, : last - first], scratch[1, : last - first]
        square, w = scratch[2, : last - first], scratch[3, : last - first]
        for i in range(n):
            g[:] = 0.0
            for k in range(d):
                add_multiple(g, xt[k, i], xt[k, first:last])
            _sides(g, sign)
            square[:] = 0.0
            for k in range(d):
                _add_squares(xt[k, i], xt[k, first:last], sign, square)
            total, length = _weights(square, sign, mass[first:last], beta, top, w)
            p[d, i] += total
            p[d + 1, i] += length
            for k in range(d):
                p[k, i] += _sum_pulls(xt[k, i], xt[k, first:last], sign, square, w)


pulls_of_rows = jit(pulls_of_rows)


def velocity_by_pulls(
    xt: FloatArray,
    mass: FloatArray,
    beta: float,
    top: float,
    normalised: bool,
    scale: float,
    p: FloatArray,
    out: FloatArray,
) -> float:
    """Fill the velocity (d, n) at unit columns; return the largest Σ_j |w_ij| |p_ij| of a row.

    p (d + 2, n) is scratch. The weights are m_j e^{top − β e_ij}, over their sum if normalised.
    """
    d, n = xt.shape
    if d == 2:
        pulls_in_plane(xt, mass, p, beta, top)
    elif d == 3:
        pulls_in_space(xt, mass, p, beta, top)
    else:
        pulls_of_rows(xt, mass, p, beta, top)
    largest = 0.0
    for i in range(n):
        factor = 1.0 / p[d, i] if normalised else 1.0
        length = p[d + 1, i] * factor
        if length > largest or np.isnan(length):  # a NaN is kept
            largest = length
        p[d, i] = factor * scale
        p[d + 1, i] = 0.0
    for k in range(d):
        for i in range(n):
            p[k, i] *= p[d, i]
            p[d + 1, i] += xt[k, i] * p[k, i]
    for k in range(d):
        for i in range(n):  # lengths that are off by an ulp leave a radial part
            out[k, i] = p[k, i] - p[d + 1, i] * xt[k, i]
    return largest


velocity_by_pulls = jit(velocity_by_pulls)


def systems_by_pulls(
    x: FloatArray,
    masses: FloatArray,
    beta: FloatArray,
    top: FloatArray,
    normalised: bool,
    scale: float,
    out: FloatArray,
    pulls: FloatArray,
) -> None:
    """Fill the velocities (count, n, d) and the largest pulls (count) of systems x (count, n, d).

    Masses of shape (1 or count, n), or (1, 0) for 1/n each.
    """
    count, n, d = x.shape
    xt, p, velocity = np.empty((d, n)), np.empty((d + 2, n)), np.empty((d, n))
    mass = np.full(n, 1.0 / n)
    for s in range(count):
        if masses.shape[1] > 0:
            mass[:] = masses[min(s, masses.shape[0] - 1)]
        for k in range(d):
            for i in range(n):
                xt[k, i] = x[s, i, k]
        pulls[s] = velocity_by_pulls(xt, mass, beta[s], top[s], normalised, scale, p, velocity)
        for i in range(n):
            for k in range(d):
                out[s, i, k] = velocity[k, i]


systems_by_pulls = jit(systems_by_pulls)


def _single(
    x: FloatArray, masses: FloatArray, beta: float, top: float, normalised: bool, scale: float
) -> tuple[FloatArray, float]:
    out, pulls = np.empty((1, *x.shape)), np.empty(1)
    beta_, top_ = np.full(1, beta), np.full(1, top)
    systems_by_pulls(x.reshape((1, *x.shape)), masses, beta_, top_, normalised, scale, out, pulls)
    return out[0], pulls[0]


_single = jit(_single)


_EQUAL = np.empty((1, 0))


def single_by_pulls(
    x: FloatArray,
    masses: FloatArray | None,
    beta: float,
    top: float,
    normalised: bool,
    scale: float,
) -> tuple[FloatArray, float]:
    """Velocity of one system x (n, d), and its largest pull."""
    if not (x.flags.c_contiguous and x.flags.writeable):  # another loop would be compiled for it
        x = np.array(x, order="C")
    mass = _EQUAL if masses is None else np.array(masses[None], order="C")
    found: tuple[FloatArray, float] = _single(x, mass, beta, top, normalised, scale)
    return found
