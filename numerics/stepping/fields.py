"""Compiled fields as velocities of the array loop, in the clock of a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, reduce
from typing import Any, TypeAlias

import numpy as np
from sympy import MatrixSymbol

from numerics.arguments import FloatArray
from numerics.compile import VelocityField, is_foreign, namespace
from numerics.fastsum import FastField
from numerics.stepping.arrays import shaped
from numerics.stepping.clock import LOG_MAX, LOG_PLAIN, Clock
from numerics.stepping.ledger import EPS, ROUNDING, exhausted
from numerics.stepping.velocity import ArrayVelocity, Block
from theory.models import Model
from theory.symbols import t as time_symbol

Field: TypeAlias = VelocityField | FastField

_LAST = float(np.finfo(np.float64).max)


def blocks_of(field: Field, points: Any) -> tuple[Block, ...]:
    """Give the blocks of a field's points: one, unless the field has its own."""
    own: tuple[Block, ...] | None = getattr(field, "blocks", None)
    return own or (Block(tuple(points.shape), field.model.space == "sphere"),)


def coarseness(points: Any) -> float:
    """How many epsilons of doubles are one of the points' own precision."""
    if not is_foreign(points):
        return 1.0
    return float(namespace(points).finfo(points.dtype).eps) / EPS


def finest(points: Any) -> float:
    """Tolerance of a step below which rows of such points are rounding at any β."""
    return ROUNDING * coarseness(points)


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


def single(
    field: Field, clock: Clock, shape: tuple[int, ...]
) -> tuple[ArrayVelocity, ArrayVelocity | None]:
    """Velocity of one system in the clock of its run, by products and by differences."""
    rate, plain = clock.log_rate or 0.0, clock.log_rate is None
    rounding, steady = of_products(field, rate), _is_steady(field)
    largest = float(np.max(rounding(0.0))) if steady else 0.0

    def moment(t: FloatArray) -> float:
        at = float(t[0])
        if plain:
            return at
        at = clock.real(at)
        return math.copysign(min(abs(at), _LAST), at)

    def products(t: FloatArray, x: Any) -> tuple[Any, Any]:
        points, at = shaped(x, *shape), moment(t)
        bound = coarseness(x) * (largest if steady else float(np.max(rounding(at))))
        if plain:
            return shaped(field.unchecked(points, at), *x.shape), bound
        xp = namespace(x)
        if not bool(xp.all(xp.isfinite(x))):
            return x * math.nan, bound
        if isinstance(field, VelocityField):
            return shaped(field.slowed(points, at, rate), *x.shape), bound
        u, log_scale = field.scaled(points, at)
        return shaped(xp.exp(log_scale - rate)[..., None, None] * u, *x.shape), bound

    def differences(t: FloatArray, x: Any) -> tuple[Any, Any]:
        points, at, xp = shaped(x, *shape), moment(t), namespace(x)
        assert isinstance(field, VelocityField)
        if not bool(xp.all(xp.isfinite(x))):
            return x * math.nan, 0.0
        u, pull, log_scale = field.scaled_differences(points, at, rate)
        factor = xp.exp(log_scale - rate)
        bound = np.max(np.asarray(factor * pull) * (1.0 + steepness(field, at)))
        return shaped(factor[..., None, None] * u, *x.shape), finest(x) * float(bound)

    if not (isinstance(field, VelocityField) and field.has_differences):
        return products, None
    return differences if field.precise else products, differences


def many(field: VelocityField, block: Block) -> tuple[ArrayVelocity, ArrayVelocity | None]:
    """Velocities of many systems of NumPy, each at a time of its own, in both forms."""
    timed = _timed(field.model)
    steep, rounding = steepness(field, 0.0), of_products(field, 0.0)(0.0)

    def rows(x: FloatArray, v: FloatArray, bound: Any) -> tuple[FloatArray, Any]:
        if v.size != x.size:
            v = np.broadcast_to(v, (len(x), *block.shape))
        return v.reshape(x.shape), np.broadcast_to(bound, len(x)) if np.ndim(bound) else bound

    def products(t: FloatArray, x: FloatArray) -> tuple[FloatArray, Any]:
        moment: Any = t[:, None, None] if timed else 0.0
        return rows(x, field.unchecked(x.reshape(-1, *block.shape), moment), rounding)

    def differences(t: FloatArray, x: FloatArray) -> tuple[FloatArray, Any]:
        moment: Any = t[:, None, None] if timed else 0.0
        v, pull = field.unchecked_differences(x.reshape(-1, *block.shape), moment)
        return rows(x, v, ROUNDING * (1.0 + steep) * pull)

    return products, differences if field.has_differences else None


def summed_directly(field: Any) -> VelocityField | None:
    """Give the compiled model behind a field; None for a stand-in with a velocity of its own."""
    direct = field.direct if isinstance(field, FastField) else field
    return direct if isinstance(direct, VelocityField) else None


def steepness(field: Field, t: float) -> Any:
    """|β| of the accuracy contract, shape (...); of a printed kernel the sum of its parameters."""
    direct = summed_directly(field)
    total: Any = 0.0
    assert direct is not None
    for parameter, value in zip(direct.model.parameters, direct.values(t), strict=True):
        if not isinstance(parameter, MatrixSymbol):
            total = total + np.abs(value)
    return total[..., 0, 0] if np.ndim(total) else float(total)


def spent(field: Field, rounding: Any, tolerance: float, times: tuple[float, ...]) -> Any:
    """Whether rounding may have done more to a run than it was to err, shape of the systems."""
    steep: Any = 0.0
    if summed_directly(field) is not None:
        moments = times[:1] if _is_steady(field) else times
        steep = reduce(np.maximum, [steepness(field, min(t, _LAST)) for t in moments])
    return exhausted(rounding, tolerance, steep)


def of_products(field: Field, log_rate: float) -> Callable[[float], Any]:
    """Make the function t -> bound on the rounding of a velocity by products, over e^log_rate.

    On R^d, where rows have no length of their own, nothing is entered.
    """
    direct = summed_directly(field)
    stated = field.tolerance if isinstance(field, FastField) else 0.0
    if direct is None or direct.model.space != "sphere":
        return lambda t: 0.0

    def bound(t: float) -> Any:
        return (ROUNDING * (1.0 + steepness(field, t)) + stated) * direct.weight_limit(t, log_rate)

    if not _is_steady(field):
        return bound
    always = bound(0.0)
    return lambda t: always


def _is_steady(field: Field) -> bool:
    """Whether the bound on the rounding is the same at all times."""
    direct = summed_directly(field)
    if direct is None or direct.model.space != "sphere":
        return True
    values = direct.parameters.values()
    return not (_timed(direct.model) or any(callable(value) for value in values))


@lru_cache(maxsize=256)
def _timed(model: Model) -> bool:
    """Whether a model's velocity depends on time."""
    return time_symbol in model.velocity.free_symbols
