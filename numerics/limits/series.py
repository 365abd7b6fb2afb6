"""Taylor series of hardmax motion between events: tokens, scores and sliding weights.

Between events (9.5) is ``Z' = (W Z - Z) V^T``, row i of W with support in the argmax set of token
i. Weights are constant, or make ties last (sliding); both have series that converge, and a step is
so short that they are right to rounding. Roots of what they say are times of events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.optimize import linprog

from numerics.arguments import FloatArray
from theory.summaries import Summarised

ORDER = 24
"""Terms of a step; the signs after a tie are read off the first `LEADING`."""

LEADING = 4

SINGULAR = 1e-9
"""Singular values below this share of the largest are 0: ties that say the same."""

Sets: TypeAlias = tuple[tuple[int, ...], ...]
"""For each token, the tokens that it follows."""


@dataclass(frozen=True)
class Matrices:
    """Scores ``S = Z B Z^T`` with ``B = Q^T K``, values V, and whether weights may be unequal.

    ``convex`` is Filippov's reading; otherwise token i takes the plain mean over its argmax set.
    """

    scores: FloatArray
    values: FloatArray
    convex: bool

    def size(self, points: FloatArray) -> float:
        """Size of scores, against which a tie is told from a gap."""
        most = float(np.abs(points).max()) ** 2 * points.shape[1]
        return max(float(np.abs(self.scores).max()) * most, np.finfo(float).tiny)


@dataclass(frozen=True)
class Series(Summarised):
    """Coefficients of Z, W and S in powers of the time since the start of the step.

    ``loose`` says that the ties don't determine the weights, ``free`` not even the velocity.
    """

    points: FloatArray
    weights: FloatArray
    scores: FloatArray
    loose: bool = False
    free: bool = False

    def at(self, time: float) -> FloatArray:
        """Tokens at a time since the start."""
        return evaluate(self.points, time)

    def length(self) -> float:
        """How long the series are right to rounding; infinite at rest."""
        return min(_length(self.points), _length(self.scores), _length(self.weights))


def evaluate(coefficients: FloatArray, time: float) -> FloatArray:
    """Value of a power series, Horner's way."""
    value = coefficients[-1]
    for term in coefficients[-2::-1]:
        value = value * time + term
    return np.asarray(value)


def _length(coefficients: FloatArray) -> float:
    size = max(float(np.abs(coefficients[0]).max()), np.finfo(float).tiny)
    lengths = [np.inf]
    for order in range(ORDER - 2, ORDER + 1):
        last = float(np.abs(coefficients[order]).max())
        if last > 0:
            lengths.append((0.1 * np.finfo(float).eps * size / last) ** (1 / order))
    return min(lengths)


def _score_term(points: FloatArray, form: FloatArray, order: int) -> FloatArray:
    return np.asarray(
        sum(points[k] @ form @ points[order - k].T for k in range(order + 1)), dtype=float
    )


def expand(
    points: FloatArray,
    sets: Sets,
    matrices: Matrices,
    order: int = ORDER,
    *,
    centred: bool = True,
) -> Series | None:
    """Series of the motion in which every token follows its set, None if ties can't last.

    Parameters
    ----------
    points : ndarray, shape (n, d)
    sets : Sets
    matrices : Matrices
    order : int
        Terms beyond the first.
    centred : bool
        Whether weights that ties don't determine are far from 0; the motion is the same.

    Returns
    -------
    Series or None
    """
    if matrices.convex and any(len(followed) > 1 for followed in sets):
        return _slide(points, sets, matrices, order, centred)
    z, w, s = _empty(points, sets, matrices, order)
    for k in range(order):
        z[k + 1] = (w[0] @ z[k] - z[k]) @ matrices.values.T / (k + 1)
        s[k + 1] = _score_term(z, matrices.scores, k + 1)
    found = Series(z, w, s)
    return found if _ties_last(found, sets, matrices) else None


def _ties_last(series: Series, sets: Sets, matrices: Matrices) -> bool:
    """Whether the scores of each set agree along the motion."""
    tolerance = 1e-10 * matrices.size(series.points[0])
    for i, (first, *others) in enumerate(sets):
        for k in others:
            parts = np.abs(series.scores[1:, i, first] - series.scores[1:, i, k])
            if parts.max() > tolerance:
                return False
    return True


def slack(points: FloatArray, sets: Sets, matrices: Matrices) -> float:
    """Largest smallest weight that keeps the ties; negative where no weights >= 0 do."""
    system = _System(points, sets, matrices)
    z, w, s = _empty(points, sets, matrices, 1)
    return float(system.centred(system.solve(z, w, s, 0)[0]).min())


def _empty(
    points: FloatArray, sets: Sets, matrices: Matrices, order: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Series with their first terms; rows of unknown weights are zero."""
    n = len(points)
    z = np.zeros((order + 1, *points.shape))
    w, s = np.zeros((order + 1, n, n)), np.zeros((order + 1, n, n))
    z[0] = points
    for i, followed in enumerate(sets):
        if not (matrices.convex and len(followed) > 1):
            w[0, i, list(followed)] = 1 / len(followed)
    s[0] = _score_term(z, matrices.scores, 0)
    return z, w, s


class _System:
    """The linear system for the weights that keep ties, the same at every order."""

    def __init__(self, points: FloatArray, sets: Sets, matrices: Matrices) -> None:
        self.matrices = matrices
        self.held = [i for i, followed in enumerate(sets) if len(followed) > 1]
        self.unknown = [(i, j) for i in self.held for j in sets[i]]
        self.pairs = [(i, sets[i][0], k) for i in self.held for k in sets[i][1:]]
        self.moves = np.zeros((len(self.unknown), *points.shape))
        for column, (i, j) in enumerate(self.unknown):
            self.moves[column, i] = matrices.values @ points[j]
        form = matrices.scores
        change = self.moves @ form @ points.T + points @ form @ self.moves.swapaxes(1, 2)
        rows = np.array([change[:, i, a] - change[:, i, k] for i, a, k in self.pairs])
        sums = np.array([[float(i == row) for i, _ in self.unknown] for row in self.held])
        self.size = max(float(np.abs(rows).max()), np.finfo(float).tiny)
        self.full = np.vstack([rows / self.size, sums])
        _, sizes, right = np.linalg.svd(self.full)
        self.null = right[int((sizes > SINGULAR * sizes[0]).sum()) :].T
        self.inverse = np.linalg.pinv(self.full, rcond=SINGULAR)

    @property
    def free(self) -> bool:
        """Whether some change of the weights moves tokens and keeps all ties."""
        loose = np.tensordot(self.null.T, self.moves, 1)
        return bool(loose.size and np.abs(loose).max() > 1e-9 * np.abs(self.moves).max())

    def solve(
        self, z: FloatArray, w: FloatArray, s: FloatArray, k: int
    ) -> tuple[FloatArray, float]:
        """Weights of order k, and how far from keeping the ties they are; z and s get a term."""
        form = self.matrices.scores
        moved = sum((w[p] @ z[k - p] for p in range(k + 1)), -z[k])
        z[k + 1] = moved @ self.matrices.values.T / (k + 1)
        s[k + 1] = _score_term(z, form, k + 1)
        rest = np.array([s[k + 1, i, a] - s[k + 1, i, b] for i, a, b in self.pairs]) * (k + 1)
        right = np.concatenate([-rest / self.size, np.full(len(self.held), float(k == 0))])
        shares = self.inverse @ right
        off = np.abs(self.full @ shares - right).max() / max(1.0, float(np.abs(right).max()))
        return shares, float(off)

    def centred(self, shares: FloatArray) -> FloatArray:
        """Of all weights that keep the ties as well, those whose smallest is largest."""
        if not self.null.size:
            return shares
        bounds = [(None, None)] * (self.null.shape[1] + 1)
        cost = np.append(np.zeros(self.null.shape[1]), -1.0)
        below = np.hstack([-self.null, np.ones((len(shares), 1))])
        found = linprog(cost, below, shares, bounds=bounds, method="highs")
        return np.asarray(shares + self.null @ found.x[:-1]) if found.success else shares


def _slide(
    points: FloatArray, sets: Sets, matrices: Matrices, order: int, centred: bool
) -> Series | None:
    """Filippov's motion: order by order, the weights that keep the ties solve a linear system."""
    system = _System(points, sets, matrices)
    z, w, s = _empty(points, sets, matrices, order)
    for k in range(order):
        with np.errstate(over="ignore", invalid="ignore"):  # where no weights move the scores
            shares, off = system.solve(z, w, s, k)
        if not (np.isfinite(shares).all() and (k >= LEADING or off <= 1e-11)):
            return None
        if k == 0 and centred:
            shares = system.centred(shares)
        for share, (i, j) in zip(shares, system.unknown, strict=True):
            w[k, i, j] = share
        z[k + 1] += np.tensordot(shares, system.moves, 1) / (k + 1)
        s[k + 1] = _score_term(z, matrices.scores, k + 1)
    return Series(z, w, s, bool(system.null.size), system.free)


def first_sign(coefficients: FloatArray, size: float) -> int:
    """Sign of a series for small positive times: of its first term that isn't rounding, or 0."""
    for term in coefficients:
        if abs(term) > size:
            return 1 if term > 0 else -1
    return 0


def first_fall(coefficients: FloatArray, length: float, noise: float) -> float | None:
    """First time in [0, length] at which a series that is >= 0 falls below 0, or touches it.

    Parameters
    ----------
    coefficients : ndarray, shape (order + 1,)
    length : float
    noise : float
        What is rounding: a value below it is no fall.

    Returns
    -------
    float or None
    """
    scaled = coefficients * length ** np.arange(len(coefficients))
    if scaled[0] - np.abs(scaled[1:]).sum() > 0 or np.abs(scaled).sum() <= noise:
        return None
    kept = np.flatnonzero(np.abs(scaled) > 1e-18 * np.abs(scaled).max())[-1] + 1
    roots = np.roots(scaled[:kept][::-1])
    near = roots[(np.abs(roots.imag) < 1e-5) & (roots.real > -1e-6) & (roots.real <= 1)]
    if scaled[0] <= 0:
        near = np.append(near, 0.0)
    places = np.unique(np.clip(near.real, 0.0, 1.0))
    if not places.size:
        return None
    ends = np.append(places[1:], 1.0)
    previous = 0.0
    for place, end in zip(places, ends, strict=True):
        after = float(evaluate(scaled, (place + end) / 2))
        last = float(evaluate(scaled, end))
        before = float(evaluate(scaled, (previous + place) / 2))
        if after < -noise or (end == 1.0 and last < -noise):
            return length * _polished(scaled, place)
        slope = scaled[1:] * np.arange(1.0, len(scaled))
        bottom = _polished(slope, place)
        touches = abs(float(evaluate(scaled, bottom))) <= noise
        if touches and min(before, after) > 1e3 * noise and 0 < bottom < 1:
            return length * bottom
        previous = place
    return None


def _polished(coefficients: FloatArray, root: float) -> float:
    """Newton's method from a root that is nearly right; the old one where it runs away."""
    slope = coefficients[1:] * np.arange(1, len(coefficients))
    found = root
    for _ in range(4):
        steep = float(evaluate(slope, found))
        if steep == 0:
            return root
        found -= float(evaluate(coefficients, found)) / steep
    return min(max(found, 0.0), 1.0) if abs(found - root) < 1e-3 else root
