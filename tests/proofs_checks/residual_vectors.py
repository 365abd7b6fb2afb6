"""Runs of residual vectors v_i, which outputs move, apart from our own code."""

import numpy as np


def outputs(vectors, hot, divided=False):
    """A_i of tokens v_i/|v_i|, masses 1/n, or A_i/|A_i|."""
    x = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = np.exp(hot * x @ x.T)
    out = weights / weights.sum(axis=1, keepdims=True) @ x
    return out / np.linalg.norm(out, axis=1, keepdims=True) if divided else out


def run(vectors, hot, pace=lambda time: 1.0, until=1.0, divided=False, steps=400):
    """Yield times and residual vectors, by the midpoint rule."""
    step = until / steps
    for count in range(steps):
        time = step * (count + 0.5)
        half = vectors + step / 2 * pace(time) * outputs(vectors, hot, divided)
        vectors = vectors + step * pace(time) * outputs(half, hot, divided)
        yield step * (count + 1), vectors


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
