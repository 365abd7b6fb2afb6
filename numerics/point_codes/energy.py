"""The energy H_β of a code in log form, with gradient and second derivatives on the sphere.

Σ over pairs of different points alone, ``L = log Σ_{i≠j} e^{β<x_i,x_j>}``: the diagonal n e^β is
the same for all codes and drowns the pairs of well separated points. Coordinates are w_i, tangent
vectors at x_i, of the point ``(x_i + w_i)/|x_i + w_i|``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import logsumexp

from numerics.arguments import FloatArray


def log_pairs(points: FloatArray, beta: float) -> FloatArray:
    """``log Σ_{i≠j} e^{β<x_i,x_j>}`` of codes, shape (...)."""
    return np.asarray(logsumexp(_scores(points, beta), axis=(-2, -1)))


def log_energy(log_sum: FloatArray | float, n: int, beta: float) -> FloatArray:
    """``log H_β`` from the logarithm of the sum over pairs: ``H_β = (n e^β + Σ)/(2β n²)``."""
    return np.asarray(np.logaddexp(np.log(n) + beta, log_sum) - np.log(2 * beta * n**2))


def _scores(points: FloatArray, beta: float) -> FloatArray:
    scores = beta * (points @ np.swapaxes(points, -1, -2))
    places = np.arange(points.shape[-2])
    scores[..., places, places] = -np.inf
    return np.asarray(scores)


@dataclass
class Chart:
    """``n L/(2β)`` about one code, a function of tangent vectors in orthonormal coordinates.

    Its value is 0 at the code: rises are summed pair by pair, where L itself would have lost them.

    Attributes
    ----------
    points : ndarray, shape (n, d)
        Unit rows, where the coordinates are 0.
    beta : float
    """

    points: FloatArray
    beta: float
    axes: FloatArray = field(init=False)
    """Bases of the tangent spaces, shape (n, d - 1, d)."""
    _start: tuple[FloatArray, FloatArray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Take the bases from reflections of the axes to the points."""
        size, d = self.points.shape
        rows = np.arange(size)
        # The reflection that takes the axis of the largest entry to ∓x_i has the others tangent.
        largest = np.argmax(np.abs(self.points), axis=1)
        mirror = self.points.copy()
        mirror[rows, largest] += np.sign(self.points[rows, largest])
        mirror /= np.linalg.norm(mirror, axis=1, keepdims=True)
        full = np.eye(d) - 2 * mirror[:, :, None] * mirror[:, None, :]
        self.axes = full[np.arange(d) != largest[:, None]].reshape(size, d - 1, d)
        self._start = self._weights(self.points)

    def moved(self, flat: FloatArray) -> FloatArray:
        """Points of the coordinates, shape (n, d)."""
        ahead = self.points + self._vectors(flat)
        return np.asarray(ahead / np.linalg.norm(ahead, axis=1, keepdims=True))

    def value_and_gradient(self, flat: FloatArray) -> tuple[float, FloatArray]:
        """Value, and gradient in the coordinates."""
        lengths, points = self._ahead(flat)
        scores, weights = self._weights(points)
        pull = len(points) * (weights @ points)
        across = (pull - _along(pull, points) * points) / lengths
        return len(points) * self._rise(scores) / (2 * self.beta), self._coordinates(across)

    def hessian_product(self, flat: FloatArray, direction: FloatArray) -> FloatArray:
        """Second derivatives in the coordinates, times a direction: exact."""
        lengths, points = self._ahead(flat)
        _, weights = self._weights(points)
        pull = len(points) * (weights @ points)
        step = self._vectors(direction)
        stretch = _along(step, points)
        turn = (step - stretch * points) / lengths
        change = turn @ points.T
        change = weights * (change + change.T)
        bent = self.beta * (change - weights * change.sum())
        pull_change = len(points) * (bent @ points + weights @ turn)
        # Derivative of P_x pull / |x + w|.
        height = _along(pull, points)
        drop = (_along(pull_change, points) + _along(pull, turn)) * points + height * turn
        across = (pull_change - drop) / lengths - stretch / lengths**2 * (pull - height * points)
        return self._coordinates(across)

    def _vectors(self, flat: FloatArray) -> FloatArray:
        size, d = self.points.shape
        return np.asarray((flat.reshape(size, 1, d - 1) @ self.axes)[:, 0])

    def _coordinates(self, rows: FloatArray) -> FloatArray:
        return np.asarray((self.axes @ rows[:, :, None]).ravel())

    def _ahead(self, flat: FloatArray) -> tuple[FloatArray, FloatArray]:
        ahead = self.points + self._vectors(flat)
        lengths = np.linalg.norm(ahead, axis=1, keepdims=True)
        return lengths, ahead / lengths

    def _rise(self, scores: FloatArray) -> float:
        """``L`` less its value at the code: pair by pair where the sums are near."""
        before, shares = self._start
        change = scores - before
        if np.abs(change).max() <= 1:
            near = float(np.sum(shares * np.expm1(change)))
            if near > -0.5:
                return float(np.log1p(near))
        off = ~np.eye(len(scores), dtype=bool)
        return float(logsumexp(scores[off]) - logsumexp(before[off]))

    def _weights(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``β<x_i,x_j>``, 0 on the diagonal, and the weights of the pairs, of sum 1."""
        scores = _scores(points, self.beta)
        weights = np.exp(scores - scores.max())
        np.fill_diagonal(scores, 0.0)
        return scores, weights / weights.sum()


def _along(rows: FloatArray, others: FloatArray) -> FloatArray:
    """Inner products of rows, as a column."""
    return np.asarray(np.einsum("ij,ij->i", rows, others)[:, None])
