"""A model of one's own, and the NumPy code that a training loop would run.

Attention whose weights are an exponential and a constant, so that far tokens are pulled too. The
text is what the mathematics is derived from; the functions are what must agree with it.
"""

from __future__ import annotations

import numpy as np

KERNEL = "exp(beta*t)/beta + t/4"
"""h(t): tokens climb E = ½ Σ m_i m_j h(<x_i,x_j>), so they move with weights h'(<x_i,x_j>)."""


def velocity(points: np.ndarray, beta: float = 2.0) -> np.ndarray:
    """Velocity of n tokens of mass 1/n on the sphere, shape (n, d)."""
    products = points @ points.T
    weights = np.exp(beta * products) + 0.25
    pull = weights @ points / len(points)
    return pull - np.sum(pull * points, axis=1, keepdims=True) * points


def layer(points: np.ndarray, step: float = 0.1) -> np.ndarray:
    """Apply a residual layer: a step along the velocity, then normalisation."""
    moved = points + step * velocity(points)
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)
