"""Which loop runs: the compiled one for fused forms where numba works, else the array loop."""

from __future__ import annotations

import importlib
import math
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from numerics.arguments import FloatArray
from numerics.compile import VelocityField
from numerics.extras import numba_works
from numerics.fastsum import FastField
from numerics.fused import HEAVY, LARGE, SMALL, FusedForm, recognise
from numerics.stepping.clock import Clock
from numerics.stepping.fields import Field, steepness
from numerics.stepping.velocity import CompiledVelocity
from theory.models import attention_form

_FEW = 16
"""Dimensions up to which the printed kernel's loops beat products of matrices."""

STEEP = 700.0
"""Exponents up to which USA's weights are numbers without a shift."""


@lru_cache(maxsize=1)
def load_loop() -> Any:
    """Import the compiled loop."""
    return importlib.import_module("numerics.stepping.compiled")


@lru_cache(maxsize=1)
def _load_kernels() -> Any:
    return importlib.import_module("numerics.stepping.kernels")


def fits(form: FusedForm | None, field: VelocityField, log_rate: float | None = None) -> bool:
    """Whether the compiled loop has a velocity for a field: a fused form at moderate β.

    Its pair sums shift all exponents by one constant, in a scaled clock by the rate of the clock.
    """
    if form is None or callable(field.parameters[form.name]):
        return False
    beta = np.asarray(field.parameters[form.name])
    low, high = float(beta.min(initial=0.0)), float(beta.max(initial=0.0))
    if form.normalised:
        return -SMALL <= low and high <= LARGE
    if log_rate is not None:
        return 0.0 <= low and high <= LARGE
    return -SMALL <= low and high <= STEEP


def compiled_velocity(
    form: FusedForm, beta: FloatArray, log_rate: float | None = None, precise: bool = False
) -> CompiledVelocity:
    """Velocities of a fused form at some β, in plain time or in a clock of the rate e^log_rate."""
    kernels = _load_kernels()
    rate = 0.0 if log_rate is None else log_rate
    rows = np.empty((beta.size, 4))
    rows[:, 0] = beta.reshape(-1)
    rows[:, 1] = np.maximum(rows[:, 0], 0.0) if form.normalised else rate
    rows[:, 2] = form.scale * (np.exp(-rate) if form.normalised else 1.0)
    rows[:, 3] = form.normalised
    differences = importlib.import_module("numerics.stepping.pull_kernels").differences
    first = differences if precise else kernels.products
    return CompiledVelocity(first, rows, kernels.scratch, differences)


def velocity_of_run(field: Field, points: Any, clock: Clock) -> CompiledVelocity | None:
    """Velocity of a single run; None where the array loop is to run it.

    That is for models without a fused form, arrays of other libraries, fast sums, a field that was
    compiled as it is printed, and large systems in many dimensions or shared among threads. Other
    kernels are printed for numba where "numba" was asked for: compiling one takes a second.
    """
    if isinstance(field, FastField) or not isinstance(points, np.ndarray):
        return None
    form = recognise(field.model) if getattr(field, "backend", "plain") != "plain" else None
    if form is None and getattr(field, "backend", "plain") == "numba":
        return _printed(field, points, clock)
    if form is None or not fits(form, field, clock.log_rate) or not numba_works():
        return None
    if not _load_kernels().takes(*points.shape[-2:]):
        return None
    if field.threads > 1 and points.size * points.shape[-2] >= HEAVY * points.shape[-1]:
        return None
    beta = np.broadcast_to(field.parameters[form.name], (*points.shape[:-2], 1, 1))
    return compiled_velocity(form, beta, clock.log_rate, field.precise)


def _printed(field: VelocityField, points: FloatArray, clock: Clock) -> CompiledVelocity | None:
    """Velocity of a kernel that is printed for numba, in plain time."""
    form, parameters = attention_form(field.model), field.model.parameters
    if form is None or field.model.space != "sphere" or clock.log_rate is not None:
        return None
    scale, scalars = sp.sympify(form.scale), all(isinstance(q, sp.Symbol) for q in parameters)
    changing = any(callable(value) for value in field.parameters.values())
    if not scale.is_number or not scalars or changing or points.shape[-1] > _FEW:
        return None
    kernels = importlib.import_module("numerics.stepping.pull_kernels")
    velocity = kernels.printed(sp.sympify(form.kernel), parameters)
    if velocity is None:
        return None
    batch = points.shape[:-2]
    values = [np.broadcast_to(v, (*batch, 1, 1)).reshape(-1) for v in field.values(0.0)]
    count = math.prod(batch)
    ends = [float(scale), form.normalised, steepness(field, 0.0)]
    columns = [*values, *(np.broadcast_to(end, batch).reshape(-1) for end in ends)]
    rows = np.stack([np.broadcast_to(column, count) for column in columns], axis=1)
    return CompiledVelocity(velocity, rows.astype(np.float64), lambda d, m: 1, velocity)
