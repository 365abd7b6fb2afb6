"""The clock of an integration: plain time, or scaled time where velocities are out of range.

The scaled clock is τ = e^{log_rate} t, log_rate being the log scale at the start.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from numerics.arguments import FloatArray

if TYPE_CHECKING:
    from numerics.compile import VelocityField
    from numerics.fastsum import FastField

    Field: TypeAlias = VelocityField | FastField

Rhs: TypeAlias = Callable[[float, FloatArray], FloatArray]


_LOG_PLAIN = 230.0
"""Largest log of a velocity that the plain clock takes on (e^230 = 1e100)."""


LOG_MAX = 690.0
"""Largest log of a value of the scaled clock."""


def log_size(value: float) -> float:
    """Logarithm of the absolute value; −inf at 0."""
    return math.log(abs(value)) if value != 0 else -math.inf


def capped_exp(value: float) -> float:
    """Exponential, capped where doubles end."""
    return math.exp(min(value, 709.0))


def to_clock(t: FloatArray, log_rate: float) -> FloatArray:
    """Turn times into values of the scaled clock, capped at e^690."""
    with np.errstate(divide="ignore"):
        logs = np.log(np.abs(t)) + log_rate
    return np.asarray(np.sign(t) * np.exp(np.minimum(logs, LOG_MAX)))


def choose_clock(field: Field, x: FloatArray, t: float) -> tuple[FloatArray, float | None]:
    """Points with the batch of the parameters, and the rate of the scaled clock or None."""
    u, log_scale = field.scaled(x, t)
    rate = float(np.max(log_scale))
    batched = np.array(np.broadcast_to(x, u.shape))
    try:
        largest = float(np.max(np.abs(field(x, t))))
    except OverflowError:
        return batched, rate
    if log_size(largest) <= _LOG_PLAIN and rate <= _LOG_PLAIN:
        return batched, None
    return batched, rate
