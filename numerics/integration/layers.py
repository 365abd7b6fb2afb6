"""Layers x <- F(x), one after another; times count them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from numerics.arguments import FloatArray
from numerics.integration.course import Course
from numerics.integration.events import Event, IntegrationStatus
from numerics.integration.trajectory import Trajectory
from numerics.stepping import EIGHT, Clock, Field, Rules, Taken, blocks_of, retract


def iterate_layers(
    field: Field,
    x: FloatArray,
    begin: float,
    t_end: float,
    t_eval: FloatArray | None,
    events: tuple[Event, ...],
    max_steps: int,
) -> Trajectory:
    """Apply a map layer by layer; times count the layers."""
    _check_layers(field, begin, t_end, t_eval)
    rules = Rules(EIGHT, blocks_of(field, x), 0.0, 0.0, max_steps)
    course = Course(Clock.plain(begin, t_end), x, t_eval, events)
    status, layer, evaluations = IntegrationStatus.FINISHED, begin, 0
    while layer < t_end and course.stop is None:
        if evaluations >= max_steps:
            status = IntegrationStatus.MAX_STEPS
            break
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            y = np.asarray(field(x, layer) if evaluations == 0 else field.unchecked(x, layer))
            y = retract(y.reshape(1, -1), rules.blocks).reshape(y.shape)
        evaluations += 1
        if not np.all(np.isfinite(y)):
            status = IntegrationStatus.OVERFLOW
            break
        course.visit(Taken(layer, layer + 1.0, x, y))
        layer, x = layer + 1.0, y
    run = course.trajectory(field, rules, status)
    return replace(run, n_evaluations=evaluations, clock="layers")


def _check_layers(field: Field, begin: float, t_end: float, t_eval: FloatArray | None) -> None:
    """Refuse times that aren't numbers of layers, and layers backward."""
    for name, value in (("t_start", begin), ("t_end", t_end)):
        if value != math.floor(value):
            raise ValueError(
                f"Expected a whole number of layers but got {name}={value!r}; "
                f"the model {field.model.name!r} is a map."
            )
    if t_end < begin:
        raise ValueError(
            f"Expected t_end >= t_start for a map but got t_end={t_end!r}; "
            "layers are not run backward."
        )
    if t_eval is not None and np.any(t_eval != np.floor(t_eval)):
        bad = float(t_eval[t_eval != np.floor(t_eval)][0])
        raise ValueError(
            f"Expected whole numbers of layers but got t_eval value={bad!r}; "
            f"the model {field.model.name!r} is a map."
        )
