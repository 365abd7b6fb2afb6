"""Steps of a model with noise: drift and noise, always back to the sphere.

Euler-Maruyama: ``x + F dt + noise``, divided by its length; for Stratonovich noise on V the mean of
the noise at both ends (Heun). Weak order 2: half a step of Brownian motion, a step of the drift by
the midpoint rule, half a step of Brownian motion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.noise.brownian import jump
from numerics.noise.drift import Driven, Velocity
from numerics.noise.streams import Stream
from numerics.rows import dots

NORMAL, UNIFORM = 0, 1

Step = Callable[[FloatArray, float, float], tuple[FloatArray, FloatArray, FloatArray]]
"""``step(points, t, dt)``: the next points, and where the drift was taken, and the drift."""


def project(rows: FloatArray) -> FloatArray:
    """Divide rows near the sphere by their lengths, in place."""
    rows /= np.sqrt(dots(rows, rows))[..., None]
    return rows


def tangent(points: FloatArray, vectors: FloatArray) -> FloatArray:
    """Project vectors to the tangent spaces of unit rows."""
    return np.asarray(vectors - dots(points, vectors)[..., None] * points)


def turned(points: FloatArray) -> FloatArray:
    """Turn unit rows of the circle by a right angle."""
    return np.stack([-points[..., 1], points[..., 0]], axis=-1)


def ambient_noise(
    driven: Driven, root: np.random.SeedSequence, systems: IntArray, shape: tuple[int, int]
) -> Callable[[FloatArray], FloatArray]:
    """Make tangent noise of unit strength, from projected ambient noise."""
    n, d = shape
    if driven.noise.scope == "independent" and d == 2:
        draw = Stream(root, systems.tolist(), NORMAL, (n,))
        return lambda x: draw()[..., None] * turned(x)
    rows = n if driven.noise.scope == "independent" else 1
    draw = Stream(root, systems.tolist(), NORMAL, (rows, d))
    return lambda x: tangent(x, draw())


def euler(
    driven: Driven,
    drift: Velocity,
    root: np.random.SeedSequence,
    systems: IntArray,
    shape: tuple[int, int],
) -> Step:
    """Make the step of Euler and Maruyama."""
    if driven.noise.on is not None:
        return _on_values(driven, drift, root, systems, shape)
    noise = ambient_noise(driven, root, systems, shape)

    def step(x: FloatArray, t: float, dt: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        velocity = drift(x, t)
        moved = noise(x)
        moved *= np.sqrt(2 * dt * driven.kappa(t))
        moved += x
        moved += dt * velocity
        return project(moved), x, velocity

    return step


def _on_values(
    driven: Driven,
    drift: Velocity,
    root: np.random.SeedSequence,
    systems: IntArray,
    shape: tuple[int, int],
) -> Step:
    """Make the step with Brownian matrices on the values y_i."""
    n, d = shape
    rows = n if driven.noise.scope == "independent" else 1
    draw = Stream(root, systems.tolist(), NORMAL, (rows, d, d))
    field = driven.rows
    assert field is not None  # the noise is on a matrix

    def noise(x: FloatArray, t: float, matrices: FloatArray) -> FloatArray:
        carried = field.unchecked(x, t)
        if rows == 1:
            return tangent(x, carried @ matrices[:, 0].mT)
        return tangent(x, np.matmul(matrices, carried[..., None])[..., 0])

    def step(x: FloatArray, t: float, dt: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        velocity, matrices = drift(x, t), draw()
        scale: Any = np.sqrt(2 * dt * driven.kappa(t))
        moved = scale * noise(x, t, matrices)
        if driven.noise.convention == "stratonovich":
            ahead = project(x + moved)
            scale_then: Any = np.sqrt(2 * dt * driven.kappa(t + dt))
            moved = (moved + scale_then * noise(ahead, t + dt, matrices)) / 2
        moved += x
        moved += dt * velocity
        return project(moved), x, velocity

    return step


def weak2(
    driven: Driven,
    drift: Velocity,
    root: np.random.SeedSequence,
    systems: IntArray,
    shape: tuple[int, int],
) -> Step:
    """Make the step of weak order 2, for independent ambient noise."""
    n, d = shape
    coins = Stream(root, systems.tolist(), UNIFORM, (n,))
    normals = Stream(root, systems.tolist(), NORMAL, (n, d)) if d > 2 else None

    def spread(x: FloatArray, s: FloatArray) -> FloatArray:
        """Take a step of Brownian motion."""
        chance, depth = jump(d, s)  # numbers, or (systems, 1)
        coin = coins()
        moves = coin < chance
        along = np.where(moves, 1.0 - depth, 1.0)
        across = np.where(moves, np.sqrt(depth * (2.0 - depth)), 0.0)
        if normals is None:
            across = np.where(coin < chance / 2, across, -across)
            return project(along[..., None] * x + across[..., None] * turned(x))
        direction = project(tangent(x, normals()))
        return project(along[..., None] * x + across[..., None] * direction)

    def step(x: FloatArray, t: float, dt: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        half = driven.kappa(t + dt / 2) * dt / 2
        half = half[..., 0] if half.ndim else half
        x = spread(x, half)
        velocity = drift(x, t)
        middle = drift(project(x + dt / 2 * velocity), t + dt / 2)
        return spread(project(x + dt * middle), half), x, velocity

    return step


STEPS = {"euler": euler, "weak2": weak2}
