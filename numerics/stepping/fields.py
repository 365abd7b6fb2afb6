"""Compiled fields as velocities of the array loop, in the clock of a run."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from numerics.arguments import FloatArray
from numerics.compile import VelocityField, namespace
from numerics.fastsum import FastField
from numerics.stepping.clock import LOG_MAX, LOG_PLAIN, Clock
from numerics.stepping.velocity import ArrayVelocity, Block
from theory.models import Model
from theory.symbols import t as time_symbol

Field: TypeAlias = VelocityField | FastField

_LAST = float(np.finfo(np.float64).max)


def block_of(field: Field, points: Any) -> Block:
    """Give the block of a field's points."""
    return Block(tuple(points.shape), field.model.space == "sphere")


def choose_clock(
    field: Field, points: Any, begin: float, end: float, log_span: float
) -> tuple[Any, Clock]:
    """Points with the batch of the parameters, and the clock of a run over e^log_span from them."""
    u, log_scale = field.scaled(points, begin)
    speed = float(namespace(points).max(log_scale))
    batched = namespace(points).broadcast_to(points, u.shape)
    try:
        velocity = field(points, begin)
        largest = float(namespace(velocity).max(namespace(velocity).abs(velocity)))
    except OverflowError:
        largest = math.inf
    fits = largest <= math.exp(LOG_PLAIN) and speed <= LOG_PLAIN
    if fits and log_span <= LOG_MAX:
        return batched, Clock.plain(begin, end)
    return batched, Clock.scaled(begin, math.copysign(1.0, end - begin), log_span, speed)


def single(field: Field, clock: Clock, block: Block) -> ArrayVelocity:
    """Velocity of one system, in the clock of its run."""

    def plain(t: FloatArray, x: Any) -> tuple[Any, Any]:
        return field.unchecked(x.reshape(block.shape), float(t[0])).reshape(x.shape), 0.0

    def scaled(t: FloatArray, x: Any) -> tuple[Any, Any]:
        xp = namespace(x)
        if not bool(xp.all(xp.isfinite(x))):
            return x * math.nan, 0.0
        moment = math.copysign(min(abs(clock.real(float(t[0]))), _LAST), clock.real(float(t[0])))
        u, log_scale = field.scaled(x.reshape(block.shape), moment)
        factor = xp.exp(log_scale - (clock.log_rate or 0.0))
        return (factor[..., None, None] * u).reshape(x.shape), 0.0

    return plain if clock.log_rate is None else scaled


def many(field: VelocityField, block: Block) -> ArrayVelocity:
    """Velocities of many systems of NumPy, each at a time of its own."""
    timed = _timed(field.model)

    def velocity(t: FloatArray, x: FloatArray) -> tuple[FloatArray, float]:
        moment: Any = t[:, None, None] if timed else 0.0
        v = field.unchecked(x.reshape(-1, *block.shape), moment)
        return np.broadcast_to(v, (len(x), *block.shape)).reshape(x.shape), 0.0

    return velocity


@lru_cache(maxsize=256)
def _timed(model: Model) -> bool:
    """Whether a model's velocity depends on time."""
    return time_symbol in model.velocity.free_symbols
