"""Pair sums of the coarsening integrator with NumPy: scaled velocities, clock, error norms.

The equations are those of `numerics.coarsening.run`: with e_ij = |x_i − x_j|²/2 and the largest
weight e^amax factored out, U_i = Σ_j m_j e^{ψ(e_ij) − amax} P_i x_j, ψ = −βe for an exponential; R
is the 4-norm of all relative rates. `numerics.coarsening.neighbour_lists` holds the same class
compiled.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, Protocol

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.kernels import Kernel
from numerics.stepping import extended

Backend = Literal["numpy", "numba"]


DROPPED = -40.0
"""Pairs whose pull is below e^{−40} of the fastest net speed are dropped. The bound on all that was
dropped along a run is `Coarsening.frozen`."""


CANCELLED = -40.0
"""Net speeds below e^{−40} of what the pulls would reach without cancelling are rounding, and don't
lower the limit of `DROPPED` further."""


LARGEST_MASS_RATIO = 1e300
"""Of the masses of one run: every weight and every product of two is then a floating-point number.
"""


_FEW = 64  # pairs whose crossings are found one by one


CLOCK_ACCURACY = 1e-13
"""Relative error allowed in R⁴ when terms are skipped. Position and time are advanced with the
same R, so an error in it doesn't enter either; it must only be below what the step control sees."""


class Speeds(NamedTuple):
    """Scaled velocities at one configuration; the velocity is ``exp(amax + shift) * u``.

    Without row sums it is a factor larger, the largest h': e^β for USA.

    Attributes
    ----------
    u : (d, m) array
        Scaled velocities U.
    weight : (m,) array
        S_i = Σ_{j≠i} m_j q_ij, the total scaled pull with its directions ignored.
    effort : (m,) array
        Σ_{j≠i} m_j q_ij |p_ij|, the sum of the lengths of the pulls (length 1 for points more
        than a right angle apart), of which U_i is what cancellation leaves.
    partition : (m,) array
        Z_i = m_i + e^amax S_i, m_i times the weight on itself where that isn't the largest.
    amax : float
        Logarithm of the largest single weight m_j e^{ψ(e_ij)}.
    shift : float
        Logarithm of a factor that `u` was divided by: 0 but for masses so far apart that the
        fourth powers of U would overflow.
    frozen : float
        Bound on the sum of the pulls on one point that were dropped, in units of the fastest net
        speed.
    """

    u: FloatArray
    weight: FloatArray
    effort: FloatArray
    partition: FloatArray
    amax: float
    shift: float
    frozen: float


class Pairs(Protocol):
    """What the integrator asks of the pair loops; points are columns of a (d, m) array."""

    masses: FloatArray

    def speeds(self, x: FloatArray) -> Speeds:
        """Scaled velocities at the unit columns of `x`."""

    def clock(self, x: FloatArray, u: FloatArray) -> float:
        """Return the 4-norm R of all relative pair rates and single rates."""

    def error_norms(
        self, before: FloatArray, after: FloatArray, first: FloatArray, second: FloatArray
    ) -> tuple[float, float]:
        """Largest weighted difference of two error fields over all pairs and points."""

    def close(
        self, x: FloatArray, moved: IntArray, component: IntArray, radius: float, core: float
    ) -> tuple[IntArray, IntArray]:
        """Pairs nearer than `radius` in different components, and all pairs nearer than `core`.

        Only pairs with at least one point in `moved` are looked at.
        """

    def crossings(self, origin: FloatArray, slopes: FloatArray, square: float) -> FloatArray:
        """Fractions θ of a step at which |x_i − x_j|² falls to `square`, by bisection.

        The difference of each pair at the start (d, k), and the coefficients (7, d, k) of its
        continuous extension.
        """


class NumpyPairs:
    """The pair sums over dense blocks of rows.

    Parameters
    ----------
    masses : (m,) array
        Positive masses of the points.
    kernel : Kernel
        Its exponents ψ.
    normalised : bool
        True divides by Z_i (SA), False does not (USA).
    floor : float
        Separations below it are rounding noise in a velocity difference (f in the equations).
    """

    _BLOCK = 1 << 18  # numbers in one block of a pair matrix: 2 MB, about a second-level cache

    def __init__(self, masses: FloatArray, kernel: Kernel, normalised: bool, floor: float) -> None:
        self.masses = masses
        self._log_masses = np.log(masses)
        self._kernel = kernel
        self._normalised = normalised
        self._floor = floor
        self._seen: tuple[FloatArray | None, FloatArray] = None, masses

    def _blocks(self, x: FloatArray) -> list[slice]:
        """Rows at a time, so that all differences of coordinates fit in one block."""
        m = x.shape[1]
        rows = max(1, self._BLOCK // x.size)
        return [slice(i, min(i + rows, m)) for i in range(0, m, rows)]

    def speeds(self, x: FloatArray) -> Speeds:
        """Scaled velocities at the unit columns of `x`."""
        d, m = x.shape
        blocks = self._blocks(x)
        amax = -np.inf
        for rows in blocks:
            half, exponent = self._logarithms(x, rows)
            amax = max(amax, float((self._log_masses + exponent).max()))
        u = np.empty((d, m))
        weight = np.empty(m)
        effort = np.empty(m)
        for rows in blocks:
            if len(blocks) > 1:  # keeping every block would cost n² numbers of memory
                half, exponent = self._logarithms(x, rows)
            exponent[exponent + self._advantage(rows) < amax + CANCELLED + DROPPED] = -np.inf
            q = np.exp(exponent - amax) * self.masses
            near = half <= 1.0
            s = np.where(near, -1.0, 1.0)
            g = np.where(near, half, half - 2.0)
            own = x[:, rows]
            # `numerics.pulls.pull`, whose radial parts, no longer than it, are added up as numbers
            apart = x[:, None, :] + s * own[:, :, None]
            u[:, rows] = np.einsum("ij,kij->ki", q, apart) + (q * g).sum(axis=1) * own
            weight[rows] = q.sum(axis=1)
            length = np.where(near, np.sqrt(np.maximum(half * (2.0 - half), 0.0)), 1.0)
            effort[rows] = (q * length).sum(axis=1)
        self._seen = (x, half) if len(blocks) == 1 else (None, half)
        partition = self.masses * math.exp(self._kernel.own) + np.exp(amax) * weight
        if self._normalised:
            u /= partition
        largest = float(np.abs(u).max())  # over a mass of its own a speed may be 1e300
        scaled = u / largest if largest > 0.0 else u
        fastest = largest * math.sqrt(np.einsum("km,km->m", scaled, scaled).max())
        gross = float((effort / partition if self._normalised else effort).max())
        limit = max(fastest, gross * math.exp(CANCELLED))
        cut = math.exp(CANCELLED + DROPPED)
        shift = 0.0
        if fastest > 0.0 and not 1e-30 < fastest < 1e30:
            u /= fastest
            shift = math.log(fastest)
        return Speeds(
            u, weight, effort, partition, amax, shift, (m - 1) * cut / limit if limit > 0.0 else 0.0
        )

    def _logarithms(self, x: FloatArray, rows: slice) -> tuple[FloatArray, FloatArray]:
        """e_ij of some rows, and ψ(e_ij), −∞ of a point and itself."""
        half = _half_squares(x, x, rows)
        exponent = self._kernel.exponents(half)
        own = np.arange(rows.start, rows.stop)
        exponent[own - rows.start, own] = -np.inf
        return half, exponent

    def _advantage(self, rows: slice) -> FloatArray:
        """Logarithm of the larger of the two masses of a pair, for SA in units of the smaller."""
        own, other = self._log_masses[rows, None], self._log_masses
        if not self._normalised:
            return np.maximum(own, other)
        return np.asarray(np.abs(own - other) - self._kernel.own)

    def clock(self, x: FloatArray, u: FloatArray) -> float:
        """Return the 4-norm R of all relative pair rates and single rates."""
        total = 0.0
        for rows in self._blocks(x):
            half = self._seen[1] if self._seen[0] is x else _half_squares(x, x, rows)
            squares = 2.0 * half + self._floor**2
            rates = 2.0 * _half_squares(u, u, rows) / squares
            total += 0.5 * float((rates * rates).sum())
        single = (u * u).sum(axis=0)
        return float((total + (single * single).sum()) ** 0.25)

    def error_norms(
        self, before: FloatArray, after: FloatArray, first: FloatArray, second: FloatArray
    ) -> tuple[float, float]:
        """Largest weighted difference of two error fields over all pairs and points."""
        norms = [np.max(np.sum(e * e, axis=0)) for e in (first, second)]
        for rows in self._blocks(before):
            squares = 2.0 * np.maximum(
                _half_squares(before, before, rows), _half_squares(after, after, rows)
            )
            sharp = self._kernel.bounds(0.5 * squares)
            scale = 1.0 / (squares + self._floor**2) + sharp**2 * squares
            for slot, e in enumerate((first, second)):
                worst = np.max(2.0 * _half_squares(e, e, rows) * scale)
                norms[slot] = np.maximum(norms[slot], worst)
        return float(np.sqrt(norms[0])), float(np.sqrt(norms[1]))

    def close(
        self, x: FloatArray, moved: IntArray, component: IntArray, radius: float, core: float
    ) -> tuple[IntArray, IntArray]:
        """Pairs nearer than `radius` in different components, and all pairs nearer than `core`."""
        m = x.shape[1]
        is_moved = np.zeros(m, dtype=bool)
        is_moved[moved] = True
        firsts, seconds = [], []
        rows_at_once = max(1, self._BLOCK // x.size)
        for start in range(0, len(moved), rows_at_once):
            rows = moved[start : start + rows_at_once]
            difference = x[:, None, :] - x[:, rows, None]
            squares = np.einsum("kij,kij->ij", difference, difference)
            apart = component[rows, None] != component
            hit = (apart & (squares < radius**2)) | (squares < core**2)
            i, j = np.nonzero(hit)
            i = rows[i]
            once = (j > i) | ((j != i) & ~is_moved[j])  # a pair of two moved points shows up twice
            firsts.append(np.minimum(i, j)[once])
            seconds.append(np.maximum(i, j)[once])
        if not firsts:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        return np.concatenate(firsts), np.concatenate(seconds)

    def crossings(self, origin: FloatArray, slopes: FloatArray, square: float) -> FloatArray:
        """Fractions θ of a step at which |x_i − x_j|² falls to `square`, by bisection."""
        count = origin.shape[1]
        if count <= _FEW:
            lists = slopes[::-1].T.tolist()
            found = [_crossing(o, s, square) for o, s in zip(origin.T.tolist(), lists, strict=True)]
            return np.array(found)
        low, high = np.zeros(count), np.ones(count)
        for _ in range(54):
            middle = 0.5 * (low + high)
            gap = origin + extended(slopes, middle)
            apart = np.einsum("kp,kp->p", gap, gap) >= square
            low = np.where(apart, middle, low)
            high = np.where(apart, high, middle)
        return high


def _crossing(origin: list[float], slopes: list[list[float]], square: float) -> float:
    """Bisect for one pair: for few of them loops over numbers are faster than over arrays."""
    low, high = 0.0, 1.0
    for _ in range(54):
        theta = 0.5 * (low + high)
        rest = 1.0 - theta
        total = 0.0
        for start, (c7, c6, c5, c4, c3, c2, c1) in zip(origin, slopes, strict=True):
            value = (((c7 * theta + c6) * rest + c5) * theta + c4) * rest + c3
            gap = start + ((value * theta + c2) * rest + c1) * theta
            total += gap * gap
        if total >= square:
            low = theta
        else:
            high = theta
    return high


def _half_squares(x: FloatArray, y: FloatArray, rows: slice) -> FloatArray:
    """|x_i − y_j|²/2 for the columns i in `rows` and all j, from differences of coordinates."""
    difference = y[:, None, :] - x[:, rows, None]
    return 0.5 * np.asarray(np.einsum("kij,kij->ij", difference, difference))
