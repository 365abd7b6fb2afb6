"""Points inside steps: the continuous extension, and halves of a step where it has to be.

The error estimate of a step says nothing on the inside: where a step is as long as stability
allows, an extension of high order is off by a hundred tolerances. Its defect p' − F(p), seen at the
quarters (where that of the leading error θ⁴(1−θ)⁴ is large), tells.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.compile import namespace
from numerics.stepping.arrays import (
    Rules,
    Step,
    Velocities,
    combined,
    lengths,
    picked,
    retract,
    take_step,
    tolerances,
    wide,
)
from numerics.stepping.velocity import ArrayVelocity

QUARTERS = (0.25, 0.75)
"""Where the defect is looked at."""

DEFECT = 3.0
"""|h| times the defect there, over the error that it stands for."""

DEPTH = 6
"""How often a step may be halved."""


def extended(rows: Any, theta: Any) -> Any:
    """Σ_p b_p(θ) rows[p], b as in `Tableau.dense`."""
    value = rows[-1] * (theta if len(rows) % 2 == 1 else 1.0 - theta)
    for p in range(len(rows) - 2, -1, -1):
        value = (value + rows[p]) * (theta if p % 2 == 0 else 1.0 - theta)
    return value


def polynomial(rows: Any, theta: Any) -> tuple[Any, Any]:
    """Value and derivative in θ of Σ_p b_p(θ) rows[p], b as in `Tableau.dense`."""
    value = slope = 0.0 * rows[-1] * theta
    for p in range(len(rows) - 1, -1, -1):
        factor, sign = (theta, 1.0) if p % 2 == 0 else (1.0 - theta, -1.0)
        slope = slope * factor + sign * (value + rows[p])
        value = (value + rows[p]) * factor
    return value, slope


def _extension(velocity: ArrayVelocity | None, rules: Rules, step: Step) -> list[Any]:
    """Coefficients of the extension; the evaluations beyond those of the step."""
    tableau, length = rules.tableau, wide(step.h)
    stages = step.stages
    if len(tableau.c) > tableau.stages + 1:
        stages = list(stages)
    for s in range(tableau.stages + 1, len(tableau.c)):
        there = retract(step.start + length * combined(tableau.a[s, :s], stages), rules.blocks)
        assert velocity is not None
        stages.append(velocity(step.t + tableau.c[s] * step.h, there)[0])
    return [length * combined(row, stages) for row in tableau.dense]


def _holds(velocity: ArrayVelocity, rules: Rules, step: Step, rows: list[Any]) -> Any:
    """Whether the defect of an extension is within the tolerance."""
    over = tolerances(rules, step.start, step.end)
    worst, least = np.zeros(len(step.systems)), rules.rtol
    for theta in QUARTERS:
        value, slope = polynomial(rows, theta)
        there = retract(step.start + value, rules.blocks)
        f, _ = velocity(step.t + theta * step.h, there)
        defect = (slope - wide(step.h) * f) / DEFECT
        worst = np.maximum(worst, lengths(defect, rules.blocks, over))
    # a defect can't be seen below the rounding of the points
    return worst <= max(1.0, 64 * float(np.finfo(np.float64).eps) / (least + rules.atol))


def points_inside(
    velocities: Velocities,
    rules: Rules,
    step: Step,
    which: IntArray,
    times: FloatArray,
    evaluations: IntArray,
    depth: int = DEPTH,
) -> Any:
    """States at times inside steps, on the manifold.

    Parameters
    ----------
    velocities : callable
        Velocities of some systems.
    rules : Rules
        Of the run.
    step : Step
        Steps of some systems.
    which : int array
        For each time, whose step (its place in `step`) it lies in.
    times : float array
        The times.
    evaluations : int array
        Of every system of the run; counted up.
    depth : int
        How often steps may still be halved.

    Returns
    -------
    array
        Shape (times, numbers).
    """
    inside, place = np.unique(which, return_inverse=True)
    part = step.take(inside)
    velocity = velocities(part.systems)[0] if rules.tableau.checked else None
    rows = _extension(velocity, rules, part)
    theta = np.clip((times - part.t[place]) / part.h[place], 0.0, 1.0)
    good = np.ones(len(inside), dtype=bool)
    if velocity is not None:
        evaluations[part.systems] += len(rules.tableau.c) - rules.tableau.stages - 1
        if depth > 0:
            evaluations[part.systems] += len(QUARTERS)
            good = _holds(velocity, rules, part, rows)
    order, parts = [], []
    fine = good[place]
    if fine.any():
        mine = [picked(row, place[fine]) for row in rows]
        value = extended(mine, _column(theta[fine], mine[0]))
        order.append(np.flatnonzero(fine))
        parts.append(retract(picked(part.start, place[fine]) + value, rules.blocks))
    if not fine.all():
        bad = np.flatnonzero(~good)
        numbered = np.zeros(len(inside), dtype=np.int64)
        numbered[bad] = np.arange(bad.size)
        halves = _halves(velocities, rules, part.take(bad), evaluations)
        for half, late in zip(halves, (False, True), strict=True):
            at = np.flatnonzero(~fine & ((theta >= 0.5) == late))
            if at.size:
                order.append(at)
                parts.append(
                    points_inside(
                        velocities,
                        rules,
                        half,
                        numbered[place[at]],
                        times[at],
                        evaluations,
                        depth - 1,
                    )
                )
    return picked(namespace(step.start).concat(parts), np.argsort(np.concatenate(order)))


def _halves(
    velocities: Velocities, rules: Rules, step: Step, evaluations: IntArray
) -> tuple[Step, Step]:
    """Take steps anew as two halves each."""
    velocity, systems = velocities(step.systems)[0], step.systems
    first = take_step(
        velocity, rules, systems, step.t, step.start, (step.stages[0], 0.0), step.h / 2
    )
    middle = step.t + step.h / 2
    last = (first.stages[rules.tableau.stages], 0.0)
    rest = step.t + step.h - middle
    second = take_step(velocity, rules, systems, middle, first.end, last, rest)
    evaluations[systems] += 2 * rules.tableau.stages
    return first, second


def _column(theta: FloatArray, like: Any) -> Any:
    """Fractions, to be multiplied with states."""
    return (
        theta[:, None] if isinstance(like, np.ndarray) else namespace(like).asarray(theta)[:, None]
    )
