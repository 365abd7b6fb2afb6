"""Where an event is: a change of sign over a step, and its zero by full steps of the method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq


def crossed(direction: float, before: float, after: float) -> bool:
    """Whether a value changed sign, rising or falling or either as its direction says."""
    rising = before < 0 <= after
    falling = before > 0 >= after
    if direction > 0:
        return rising
    if direction < 0:
        return falling
    return rising or falling


def locate(
    event: Callable[[float, Any], float],
    real: Callable[[float], float],
    reach: Callable[[float], Any],
    start: tuple[float, Any],
    end: tuple[float, Any],
) -> tuple[float, Any]:
    """Find the zero of an event inside a step: clock time and points.

    Parameters
    ----------
    event : callable
        Of plain time and points.
    real : callable
        Turns clock time into plain time.
    reach : callable
        The points at a clock time, by a full step of the method from the start of the step: as
        accurate as an accepted step.
    start, end : pairs of time and points
        Of the step; the event has different signs there. What is met in a step below the spacing of
        times is met at its end.
    """
    if start[0] == end[0]:
        return end

    def state(t: float) -> Any:
        return start[1] if t == start[0] else end[1] if t == end[0] else reach(t)

    eps = float(np.finfo(float).eps)
    width = abs(end[0] - start[0])
    root = float(
        brentq(
            lambda t: event(real(t), state(t)),
            start[0],
            end[0],
            xtol=max(4 * eps * width, 1e-300),
            rtol=4 * eps,
        )
    )
    return root, state(root)
