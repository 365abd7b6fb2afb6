"""The cone of Lemma 6.4: gnomonic coordinates contract at a rate, exactly and along runs.

Also two tokens that never meet or approach more slowly, which refute a rate, and the values that
runs sample for a model's parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import numpy as np
from sympy import (
    Expr,
    MatrixSymbol,
    Symbol,
    exp,
    expand_log,
    lambdify,
    log,
)

from numerics.compile import VelocityField, compile_model
from numerics.integration import IntegrationStatus, Trajectory, integrate
from numerics.sphere import random_points
from proofs_checks.claim import Budget
from proofs_checks.proof.alphabet import HOT, Array
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hemispheres import random_hemisphere
from proofs_checks.proof.sheet import How, Step
from proofs_checks.proof.verdict import Trial
from proofs_checks.proof.weights import R0, smallest_of_form
from theory.bounded import simplified
from theory.engines import inner, residual, vectors
from theory.models import Model, attention_form
from theory.symbols import beta, t

STEPS = 500
"""Most steps of a run that a trial makes; those of SA and USA take at most a hundred."""


class TooManyStepsError(Exception):
    """A run isn't finished within `STEPS`, such as one with weights e^{e^β}."""


def _run(field: VelocityField, points: Array, times: Array) -> Trajectory:
    """Integrate to the last time, or give up."""
    run = integrate(field, points, float(times[-1]), t_eval=times, rtol=1e-9, max_steps=STEPS)
    if run.status is IntegrationStatus.MAX_STEPS:
        raise TooManyStepsError
    return run


def watch_limit(
    model: Model, points: Array, hot: Array, constant: Array, speed: Array
) -> tuple[str, float]:
    """Compare ``|x_i(t) - x*|`` with its bound; the violation found, and the least margin.

    The limit is what the tokens agree on late; where they don't yet, the case isn't used.
    """
    field = compile_model(model, **sampled_values(model, beta=hot))
    times = np.geomspace(0.02, 60.0, 12)
    run = _run(field, points, times)
    end = run.points[-1].mean(axis=-2)
    end /= np.linalg.norm(end, axis=-1, keepdims=True)
    spread = np.linalg.norm(run.points[-1] - end[:, None, :], axis=-1).max(axis=-1)
    worst = np.inf
    for time, state in zip((0.0, *run.times[:-3]), (points, *run.points[:-3]), strict=True):
        apart = np.linalg.norm(state - end[:, None, :], axis=-1).max(axis=-1)
        bound = constant * np.exp(-speed * time)
        slack = np.where(spread < 1e-6, bound * (1 + 1e-6) + 1e-5 - apart, np.inf)
        case = int(np.argmin(slack))
        if slack[case] < 0:
            text = (
                f"{model.name}, β = {hot[case]:.4g}, x(0) = "
                f"{np.array2string(points[case], precision=3)}: at t = {time:.3g} "
                f"max |x_i - x*| = {apart[case]:.4g} > {bound[case]:.4g}"
            )
            return text.replace("\n", ""), float(slack[case])
        worst = min(worst, float(np.min(slack / (np.abs(bound) * 1e-6 + 1e-5))))
    return "", worst


@dataclass(frozen=True)
class ConeRate:
    """``D(t) <= D(0) e^{-λ t}`` with D the diameter in gnomonic coordinates.

    Attributes
    ----------
    softmax, plain : Expr
        λ in ``R0`` and ``beta``, with and without the division by the row sum.
    """

    softmax: Expr
    plain: Expr

    def of(self, model: Model) -> Expr:
        """Return the rate that speaks of a model."""
        form = attention_form(model)
        return self.softmax if form is not None and form.normalised else self.plain


@dataclass(frozen=True)
class TimedCone(ConeRate):
    """A rate in another time than t.

    Attributes
    ----------
    clock : Expr
        ``D <= D(0) e^{-λ clock}``: the time ``∫s`` of a flow with a schedule.
    """

    clock: Expr = t


SMALLEST = Symbol("kappa", positive=True)
"""Smallest weight over the inner products that occur, where it is in no closed form."""


def least_weight(flow: Flow) -> Expr:
    """Largest κ shown to have A_ij >= κ m_j for Σ m = 1; `SMALLEST` without a closed form."""
    if flow.still_form is not None:
        weight, reason = smallest_of_form(flow.still_form, flow.name)
        # A weight that vanishes at -1 still is positive over an open hemisphere.
        if not reason and weight != 0:
            return weight
    return SMALLEST


def least_in_words(flow: Flow, low: str = "2r0²-1") -> str:
    """Write the least weight as a formula, or say what it is the least of, from a product on."""
    least = least_weight(flow)
    if least != SMALLEST:
        return str(least)
    if flow.still_form is None:
        return "min A_ij/m_j over the sphere, > 0 as it is compact"
    return f"{'min k/max k' if flow.normalised else 'min k'} over [{low}, 1]"


def weights_step(flow: Flow) -> Step:
    """Step on the least weight: A_ij >= κ m_j."""
    least = least_weight(flow)
    if least == SMALLEST:
        return replace(flow.attracts, text=f"A_ij >= κ m_j, κ = {least_in_words(flow)}")
    text = f"A_ij >= κ m_j, κ = {least}"
    return Step(text, How.DECIDED, evidence="the kernel is positive and doesn't decrease")


def _patient(watch: Callable[..., Trial]) -> Callable[..., Trial]:
    """Say that there was nothing to see where runs take too many steps."""

    @wraps(watch)
    def watched(flow: Flow, *rest: Any) -> Trial:
        try:
            return watch(flow, *rest)
        except TooManyStepsError:
            return Trial(silent=f"{flow.name}: a run takes more than {STEPS} steps")

    return watched


@_patient
def watch_hemispheres(flow: Flow, rate: Expr, budget: Budget) -> Trial:
    """Watch the gnomonic diameter along runs from random hemispheres, against a rate."""
    silent = matrix_parameters(flow.model)
    if silent or flow.given or not flow.autonomous.holds or rate.free_symbols - {R0, beta}:
        return Trial(silent=silent or f"{flow.name}: no numbers to run it at")
    worst = np.inf
    for size, dimension in ((2, 2), (5, 3)):
        points = random_hemisphere(budget.cases, size, dimension, budget.rng)
        hot = budget.rng.uniform(0.25, 2.5, budget.cases)
        found, margin = watch_cone(flow.model, points, np.eye(dimension)[-1], hot, rate)
        worst = min(worst, margin)
        if found:
            return Trial(found, margin, budget.cases)
    return Trial("", worst, budget.cases)


@_patient
def watch_independent(flow: Flow, rate: Expr, constant: Expr, budget: Budget) -> Trial:
    """Watch the diameter and the distance to the limit from random independent tokens."""
    named = set(map(str, flow.model.parameters))
    if named - {"beta"} or flow.given or not flow.autonomous.holds:
        return Trial(silent=f"{flow.name}: no numbers to run it at")
    if rate.free_symbols - {R0, beta}:
        return Trial(silent=f"{flow.name}: {rate} has no number")
    worst = np.inf
    for size, dimension in ((2, 2), (3, 4)):
        points = np.asarray(random_points(size, dimension, budget.rng, budget.cases))
        hot = budget.rng.uniform(0.25, 2.0, budget.cases)
        solved = np.linalg.solve(points @ points.swapaxes(-1, -2), np.ones((size, 1)))
        pole = (points.swapaxes(-1, -2) @ solved)[..., 0]
        pole /= np.linalg.norm(pole, axis=-1, keepdims=True)
        found, margin = watch_cone(flow.model, points, pole, hot, rate)
        if not found:
            worst = min(worst, margin)
            lowest = gnomonic_extent(points, pole)[0]
            bounds = tuple(
                np.broadcast_to(lambdify((R0, beta), value, "numpy")(lowest, hot), hot.shape)
                for value in (constant, rate)
            )
            found, margin = watch_limit(flow.model, points, hot, *bounds)
        worst = min(worst, margin)
        if found:
            return Trial(found, margin, budget.cases)
    return Trial("", worst, budget.cases)


def matrix_parameters(model: Model) -> str:
    """Say which parameters of a model are matrices, which the experiments here don't sample."""
    names = [str(p) for p in model.parameters if isinstance(p, MatrixSymbol)]
    return f"{model.name}: experiments need scalar parameters, not {names}" if names else ""


def sampled_values(model: Model, **sampled: Array) -> dict[str, Any]:
    """Values of the parameters that a model has, 1 for those that aren't sampled."""
    return {str(p): sampled.get(str(p), 1.0) for p in model.parameters}


def excess_rate(predicted: Expr, derived: Expr) -> bool:
    """Whether the predicted rate may exceed the derived one for some β >= 0."""
    ratio = simplified((predicted / derived).subs(beta, HOT))
    if ratio == 1:
        return False
    return not expand_log(log(ratio), force=True).expand().is_nonpositive


def gnomonic_extent(points: Array, pole: Array) -> tuple[Array, Array]:
    """Smallest height and diameter of the gnomonic coordinates, over the last axes."""
    heights = np.einsum("...id,...d->...i", points, pole)
    flat = points / np.where(heights > 0, heights, np.nan)[..., None]
    gaps = np.linalg.norm(flat[..., :, None, :] - flat[..., None, :, :], axis=-1)
    return heights.min(axis=-1), gaps.max(axis=(-2, -1))


def watch_cone(
    model: Model,
    points: Array,
    pole: Array,
    hot: Array,
    rate: Expr,
) -> tuple[str, float]:
    """Compare D(t) with its bound along trajectories; the violation found, and the least margin."""
    field = compile_model(model, **sampled_values(model, beta=hot))
    times = np.geomspace(0.02, 3.0, 7)
    run = _run(field, points, times)
    lowest, start = gnomonic_extent(points, pole)
    speed = np.asarray(lambdify((R0, beta), rate, "numpy")(lowest, hot))
    worst = np.inf
    # At t = 0 the bound is on the data itself; afterwards rounding and integration are allowed.
    for time, state in zip((0.0, *run.times), (points, *run.points), strict=True):
        diameter = gnomonic_extent(state, pole)[1]
        bound = start * np.exp(-speed * time)
        slack = bound * (1 + 1e-6) + 1e-7 - diameter
        if not np.all(slack >= 0):
            # A token below the equator has no diameter: that too is a violation.
            case = int(np.argmin(np.where(np.isnan(slack), -np.inf, slack)))
            seen = (
                "a token has left the hemisphere"
                if np.isnan(diameter[case])
                else f"the diameter is {diameter[case]:.4g}, the bound {bound[case]:.4g}"
            )
            text = (
                f"{model.name}, n = {points.shape[-2]}, d = {points.shape[-1]}, "
                f"β = {hot[case]:.4g}, x(0) = {np.array2string(points[case], precision=3)}: at "
                f"t = {time:.3g} {seen}"
            )
            return text.replace("\n", ""), float(np.nan_to_num(slack[case], nan=-1.0))
        worst = min(worst, float(np.min(slack / (bound * 1e-6 + 1e-7))))
    return "", worst


def contraction_algebra() -> Expr:
    """Reduce the sum of squares behind |N(y)-N(y')| <= |y-y'| for |y|,|y'| >= 1."""
    a, b = Symbol("a", real=True), Symbol("b", real=True)
    u, v = vectors("u v", unit="u v")
    long, short = u * a - v * b, u - v
    nonnegative = (a - b) ** 2 + 2 * (a * b - 1) * (1 - inner(u, v))
    return residual(inner(long, long) - inner(short, short) - nonnegative)


CONE = ConeRate(R0 * exp(-2 * beta), R0 * exp(-beta))
