"""Layers x <- F(x), one after another; times count them."""

from __future__ import annotations

import math

import numpy as np

from numerics.arguments import FloatArray
from numerics.integration.events import Event, EventRecord, IntegrationStatus, watch_start
from numerics.integration.trajectory import Trajectory, stored_layers
from numerics.stepping import Clock, Field, blocks_of, crossed, retract


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
    blocks = blocks_of(field, x)
    layers: list[tuple[float, FloatArray]] = [(begin, x)]
    status, layer = IntegrationStatus.FINISHED, begin
    values, records, stop = watch_start(events, layer, x)
    evaluations = 0
    while layer < t_end and stop is None:
        if evaluations >= max_steps:
            status = IntegrationStatus.MAX_STEPS
            break
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            y = np.asarray(field(x, layer) if evaluations == 0 else field.unchecked(x, layer))
            y = retract(y.reshape(1, -1), blocks).reshape(y.shape)
        evaluations += 1
        if not np.all(np.isfinite(y)):
            status = IntegrationStatus.OVERFLOW
            break
        layer, x = layer + 1.0, y
        layers.append((layer, x))
        after = [event(layer, x) for event in events]
        for index, event in enumerate(events):
            if crossed(event.direction, values[index], after[index]):
                records.append(EventRecord(index, layer, x))
                if event.terminal and stop is None:
                    stop = event
        values = after
    if stop is not None:
        status = stop.status
    node_times = np.array([time for time, _ in layers])
    node_points = np.array([state for _, state in layers])
    if t_eval is None:
        times, out = node_times, node_points
    else:
        times = t_eval[t_eval <= layer]
        if status is not IntegrationStatus.FINISHED and (not times.size or times[-1] != layer):
            times = np.append(times, layer)
        out = stored_layers(times, node_times, node_points)
    with np.errstate(divide="ignore"):
        log_times = np.log(times - begin)
    return Trajectory(
        times=times,
        points=out,
        status=status,
        n_steps=len(layers) - 1,
        n_evaluations=evaluations,
        field=field,
        log_times=log_times,
        clock="layers",
        events=tuple(records),
        _nodes=(node_times, node_points),
        _clock=Clock.plain(begin, t_end),
    )


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
