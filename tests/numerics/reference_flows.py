"""Ends of SA and USA runs from two integrators that share nothing with ``numerics``.

``exact_end``: Taylor series in fixed-point integers of forty digits and more, for a few tokens.
``stiff_end``: SciPy's solvers on differences of tokens, in a clock that follows both log t and the
fastest pair: with σ' = R + 1/t, R the sum of the weights of the pairs, dx/dσ = F/(R + 1/t) and
d(log t)/dσ = 1/(1 + tR) are bounded at every time, however far apart the merges are.
In both, tokens that have met go on as one of their mass: the mean of a cluster of size δ moves by
O(δ²) of it, so δ is the square root of the accuracy that is asked for, or less.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from operator import mul

import mpmath
import numpy as np
from scipy.integrate import DOP853, LSODA, Radau, solve_ivp

SOLVERS = {"DOP853": DOP853, "LSODA": LSODA, "Radau": Radau}


@dataclass(frozen=True)
class Attention:
    """``x_i' = Σ_j w_ij P_i x_j``, ``w_ij = m_j e^{β<x_i,x_j>}``, over its row's sum if softmax."""

    beta: float
    masses: tuple[float, ...]
    softmax: bool


# ------------------------------------------------------------------------------ a few tokens, exact


def exact_end(points, flow, log_t, digits=40):
    """Tokens at time e^log_t, from rows divided exactly by their lengths; (n, d) floats.

    Taylor's method of an order and a working precision from `digits`, in the clock σ that moves
    the fastest pair at a speed of order 1; time is a series in σ as well. Each step is as long as
    the radius of convergence allows.
    """
    bits = int(3.33 * digits) + 250  # coefficients of a step of length 16 lose 4 bits an order
    with mpmath.workprec(bits):
        frame, rows = _coordinates(points)
        run = _Taylor(flow, rows, bits, digits)
        run.march(mpmath.exp(mpmath.mpf(log_t)))
        one = mpmath.mpf(2) ** -bits
        ends = mpmath.matrix([[one * c for c in row] for row in run.x]) * frame
        return np.array(
            [[float(ends[run.group[i], c]) for c in range(frame.cols)] for i in range(len(points))]
        )


def _coordinates(points):
    """An orthonormal frame of the span of the rows (at most n vectors), unit rows in it."""
    rows = mpmath.matrix([[mpmath.mpf(float(c)) for c in row] for row in points])
    for i in range(rows.rows):
        length = mpmath.norm(rows[i, :])
        for c in range(rows.cols):
            rows[i, c] /= length
    if rows.rows >= rows.cols:
        return mpmath.eye(rows.cols), rows
    q, _ = mpmath.qr(rows.T, mode="skinny")
    return q.T, rows * q


def _convolution(a, b, k):
    """Coefficient k of a product."""
    return sum(map(mul, a[: k + 1], b[k::-1]))


def _lower(a, b, k):
    """Coefficient k of a product, without the term a_0 b_k."""
    return sum(map(mul, a[1 : k + 1], b[k - 1 :: -1])) if k else 0


class _Taylor:
    """Integers in units of 2^-bits: rows x, one for each group of tokens that have met."""

    def __init__(self, flow, rows, bits, digits):
        self.flow, self.bits = flow, bits
        self.order = int(1.15 * digits) + 2
        self.log_tolerance = -(digits + 1) * math.log(10) + bits * math.log(2)
        self.met = self.fixed(mpmath.mpf(10) ** -(digits + 4))  # of 1 − <x_i, x_j>
        self.x = [[self.fixed(rows[i, c]) for c in range(rows.cols)] for i in range(rows.rows)]
        self.masses = [mpmath.mpf(m) for m in flow.masses]
        self.group = list(range(rows.rows))  # the row that each token is in
        self.steps = 0

    def fixed(self, value):
        return int(mpmath.floor(mpmath.ldexp(value, self.bits)))

    def real(self, value):
        return mpmath.ldexp(mpmath.mpf(value), -self.bits)

    def march(self, end):
        time = mpmath.mpf(0)
        while len(self.x) > 1:
            rows, clock, unit = self.series()
            step = self.fixed(self.radius([*rows, [clock]]))
            after = time + unit * self.real(self.value(clock, step))
            if after >= end:
                self.evaluate(rows, self.moment(clock, (end - time) / unit, step))
                return
            time = after
            self.evaluate(rows, step)
            self.join()
            self.steps += 1
            assert self.steps < 5_000, (self.flow, float(time))

    def moment(self, clock, wanted, step):
        """Length of the step, below the given one, in which the wanted time goes by."""
        low, high, wanted = 0, step, self.fixed(wanted)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.value(clock, middle) < wanted else (low, middle)
        return high

    def value(self, series, step):
        value = 0
        for term in reversed(series):
            value = (value * step >> self.bits) + term
        return value

    def radius(self, series):
        """Length of a step, in units, that leaves out less than the tolerance."""
        longest = 16.0
        for k in (self.order - 1, self.order):
            largest = max(abs(c[k]) for row in series for c in row)
            if largest:
                log_largest = float(mpmath.log(largest))
                longest = min(longest, math.exp((self.log_tolerance - log_largest) / k))
        return mpmath.mpf(0.9 * longest)

    def evaluate(self, series, step):
        for row, coefficients in zip(self.x, series, strict=True):
            for c, terms in enumerate(coefficients):
                row[c] = self.value(terms, step)
            length = math.isqrt(sum(c * c for c in row))
            row[:] = [(c << self.bits) // length for c in row]

    def join(self):
        """Make one of two rows that have met."""
        for i, j in itertools.combinations(range(len(self.x)), 2):
            if (1 << self.bits) - (sum(map(mul, self.x[i], self.x[j])) >> self.bits) < self.met:
                a, b = self.fixed(self.masses[i]), self.fixed(self.masses[j])
                mean = [
                    a * p + b * q >> self.bits for p, q in zip(self.x[i], self.x[j], strict=True)
                ]
                length = math.isqrt(sum(c * c for c in mean))
                self.x[i] = [(c << self.bits) // length for c in mean]
                self.masses[i] += self.masses[j]
                del self.x[j], self.masses[j]
                self.group = [i if g == j else g - (g > j) for g in self.group]
                return self.join()

    def kernels(self):
        """e^{-β(1−g_ij)} of the pairs over their sum, and that sum."""
        beta = mpmath.mpf(self.flow.beta)
        kernel = {}
        for i, j in itertools.combinations(range(len(self.x)), 2):
            apart = 1 - self.real(sum(map(mul, self.x[i], self.x[j])) >> self.bits)
            kernel[i, j] = mpmath.exp(-beta * apart)
        total = mpmath.fsum(kernel.values())
        return {pair: self.fixed(value / total) for pair, value in kernel.items()}, total

    def series(self):
        """Taylor coefficients of all rows and of time in σ, and the unit of time.

        dσ/dt is the sum of the kernels of the pairs: the fastest pair moves at a speed of order 1.
        """
        n, bits, pairs = len(self.x), self.bits, list(itertools.combinations(range(len(self.x)), 2))
        start, scale = self.kernels()
        unit = 1 / scale if self.flow.softmax else mpmath.exp(-self.flow.beta) / scale
        masses, beta = [self.fixed(m) for m in self.masses], self.fixed(mpmath.mpf(self.flow.beta))
        scale = self.fixed(scale)
        x, v = [[[c] for c in row] for row in self.x], [[[] for _ in row] for row in self.x]
        clock, speed, slowness = [0], [], []
        cosine, slope, kernel = ({pair: [] for pair in pairs} for _ in range(3))
        weight = {(i, j): [] for i in range(n) for j in range(n) if i != j}
        radial, total, divisor = ([[] for _ in range(n)] for _ in range(3))
        for k in range(self.order):
            for i, j in pairs:
                g = sum(_convolution(p, q, k) for p, q in zip(x[i], x[j], strict=True)) >> bits
                cosine[i, j].append(g)
                slope[i, j].append(beta * g * k >> bits)
                e = (_lower(slope[i, j], kernel[i, j], k) >> bits) // k if k else start[i, j]
                kernel[i, j].append(e)
                weight[i, j].append(masses[j] * e >> bits)
                weight[j, i].append(masses[i] * e >> bits)
            speed.append(sum(kernel[pair][k] for pair in pairs))
            one = (1 << 2 * bits) if k == 0 else 0
            slowness.append((one - _lower(speed, slowness, k)) // speed[0])
            clock.append(slowness[k] // (k + 1))
            for i in range(n):
                others = [j for j in range(n) if j != i]
                radial[i].append(
                    sum(_convolution(weight[i, j], cosine[min(i, j), max(i, j)], k) for j in others)
                    >> bits
                )
                row_sum = scale * sum(weight[i, j][k] for j in others) >> bits
                total[i].append(row_sum + (masses[i] if k == 0 else 0))
                divisor[i].append(_convolution(total[i], speed, k) >> bits)
                below = divisor[i] if self.flow.softmax else speed
                for c in range(len(x[i])):
                    pull = sum(_convolution(weight[i, j], x[j][c], k) for j in others)
                    pull -= _convolution(radial[i], x[i][c], k) + _lower(below, v[i][c], k)
                    v[i][c].append(pull // below[0])
                    x[i][c].append(v[i][c][k] // (k + 1))
        return x, clock, unit


def gap_time(first, last, flow, digits=40):
    """Time in which the angle of two tokens falls from one value to another, by quadrature."""
    with mpmath.workdps(digits + 10):
        a, b = (mpmath.mpf(m) for m in flow.masses)
        beta = mpmath.mpf(flow.beta)

        def slowness(angle):
            e = mpmath.exp(-beta * (1 - mpmath.cos(angle)))
            if flow.softmax:
                rate = b * e / (a + b * e) + a * e / (b + a * e)
            else:
                rate = (a + b) * mpmath.exp(beta * mpmath.cos(angle))
            return 1 / (rate * mpmath.sin(angle))

        nodes = mpmath.linspace(mpmath.mpf(last), mpmath.mpf(first), 1 + int(10 + flow.beta / 5))
        return mpmath.quad(slowness, nodes)


# -------------------------------------------------------------------- many tokens, SciPy's solvers


def stiff_end(points, flow, log_t, rtol=1e-11, solver="DOP853"):
    """Tokens at time e^log_t, shape (n, d)."""
    met = 30 * rtol  # a gap below the tolerance of its tokens would not shrink
    x = np.array(points, dtype=float)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    masses, group = np.array(flow.masses), np.arange(len(x))
    rates, log_rate, _ = _velocity(x, flow, masses)
    log_now = min(log_t, -log_rate - math.log(max(np.abs(rates).max(), 1e-300))) - 40.0
    while len(x) > 1 and log_now < log_t:
        x, log_now = _until_met(x, flow, masses, (log_now, log_t), rtol, solver, met)
        x, masses, group = _joined(x, masses, group, met)
    return x[group]


def _velocity(x, flow, masses):
    """Velocities over e^log_rate, from differences of tokens; log_rate; the sum of the weights."""
    lengths = np.linalg.norm(x, axis=1, keepdims=True)  # drifts; what counts is where x points to
    x = x / lengths
    difference = x[None] - x[:, None]
    e = 0.5 * np.einsum("ijc,ijc->ij", difference, difference)
    exponents = np.log(masses) - flow.beta * e
    if flow.softmax:
        exponents -= np.log(np.sum(np.exp(exponents), axis=1, keepdims=True))
    else:
        exponents += flow.beta
    np.fill_diagonal(exponents, -np.inf)
    log_rate = float(np.max(exponents))
    w = np.exp(exponents - log_rate)
    f = np.einsum("ij,ijc->ic", w, difference) + np.sum(w * e, axis=1)[:, None] * x
    return f * lengths, log_rate, float(np.sum(w))


def _until_met(x, flow, masses, span, rtol, solver, met):
    """Go on to the end, or to the first step after which two tokens have met."""
    shape, (log_start, log_end) = x.shape, span

    def rhs(_, state):
        log_now = state[-1]
        f, log_rate, fastest = _velocity(state[:-1].reshape(shape), flow, masses)
        one = math.exp(min(-log_now - log_rate, 700.0))  # 1/t in the unit of f
        return np.append(f / (fastest + one), one / (fastest + one))

    run = SOLVERS[solver](rhs, 0.0, np.append(x, log_start), math.inf, rtol=rtol, atol=1e-2 * rtol)
    while run.status == "running":
        before = run.y.copy()
        with np.errstate(over="ignore", invalid="ignore"):  # a step too long is taken again
            message = run.step()
        assert run.status != "failed", message
        if run.y[-1] >= log_end:
            return _last_step(before, log_end, flow, masses, rtol, shape), log_end
        x = run.y[:-1].reshape(shape)
        if np.min(_gaps(x)) < met:
            return x, float(run.y[-1])
    raise AssertionError("the clock has no end")


def _last_step(state, log_end, flow, masses, rtol, shape):
    """The rest of the way in log t, which doubles resolve inside one step."""

    def rhs(log_now, flat):
        f, log_rate, _ = _velocity(flat.reshape(shape), flow, masses)
        return (f * math.exp(log_now + log_rate)).reshape(-1)

    run = solve_ivp(rhs, (state[-1], log_end), state[:-1], "DOP853", rtol=rtol, atol=1e-2 * rtol)
    assert run.success, run.message
    end = run.y[:, -1].reshape(shape)
    return end / np.linalg.norm(end, axis=1, keepdims=True)


def _gaps(x):
    upper = np.triu_indices(len(x), 1)
    return np.linalg.norm(x[upper[0]] - x[upper[1]], axis=1)


def _joined(x, masses, group, met):
    """One token of the joint mass for tokens that have met."""
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    close = np.linalg.norm(x[None] - x[:, None], axis=2) < met
    first = np.argmax(close, axis=1)  # the first token of each one's cluster
    place = np.unique(first, return_inverse=True)[1]
    total = np.bincount(place, masses)
    mean = np.stack([np.bincount(place, masses * c) for c in x.T], axis=1)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True), total, place[group]
