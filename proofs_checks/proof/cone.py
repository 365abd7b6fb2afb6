"""The cone of Lemma 6.4: gnomonic coordinates contract at a rate, exactly and along runs.

Also two tokens that never meet or approach more slowly, which refute a rate, and the values that
runs sample for a model's parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
from sympy import (
    Expr,
    MatrixSymbol,
    Symbol,
    expand_log,
    lambdify,
    log,
)

from numerics.compile import VelocityField, compile_model
from numerics.integration import IntegrationStatus, Trajectory
from numerics.sphere import random_points
from proofs_checks.claim import Budget
from proofs_checks.proof.alphabet import HOT, Array, short
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hemispheres import random_hemisphere
from proofs_checks.proof.models import ByModel
from proofs_checks.proof.score_twins import drawn_matrices
from proofs_checks.proof.scores import NORM, scores_of
from proofs_checks.proof.verdict import Trial
from proofs_checks.proof.weights import R0, smallest_of_form
from proofs_checks.shared_runs import integrate
from theory.bounded import simplified
from theory.engines import inner, residual, vectors
from theory.models import Model
from theory.predictions import cone_rate
from theory.symbols import K, Q, beta

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
    model: Model,
    points: Array,
    hot: Array,
    constant: Array,
    speed: Array,
    matrices: Mapping[str, Any],
) -> tuple[str, float]:
    """Compare ``|x_i(t) - x*|`` with its bound; the violation found, and the least margin.

    The limit is what the tokens agree on late; where they don't yet, the case isn't used.
    """
    field = compile_model(model, **sampled_values(model, beta=hot, **matrices))
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
                f"{model.name}, β = {hot[case]:.4g}{in_words(matrices)}, x(0) = "
                f"{np.array2string(points[case], precision=3)}: at t = {time:.3g} "
                f"max |x_i - x*| = {apart[case]:.4g} > {bound[case]:.4g}"
            )
            return text.replace("\n", ""), float(slack[case])
        worst = min(worst, float(np.min(slack / (np.abs(bound) * 1e-6 + 1e-5))))
    return "", worst


@dataclass(frozen=True)
class ConeRate(ByModel):
    """``D(t) <= D(0) e^{-λ t}`` with D the diameter in gnomonic coordinates.

    λ is in ``R0`` and ``beta``, and in ``NORM`` with query and key matrices.
    """


@dataclass(frozen=True)
class TimedCone(ConeRate):
    """A rate in the flow's own time ∫s, not in t."""


SMALLEST = Symbol("kappa", positive=True)
"""Smallest weight over the inner products that occur, where it is in no closed form."""


def least_weight(flow: Flow) -> Expr:
    """Largest κ shown to have A_ij >= κ m_j for Σ m = 1; `SMALLEST` without a closed form."""
    if flow.scores is not None:
        return flow.scores.least(flow.norm)
    if flow.still_form is not None:
        weight, reason = smallest_of_form(flow.still_form, flow.name)
        # A weight that vanishes at -1 still is positive over an open hemisphere.
        if not reason and weight != 0:
            return weight
    return SMALLEST


def cone_rate_of(flow: Flow) -> ConeRate | None:
    """Return ``λ = r0 κ`` with κ the least weight, in the flow's own time."""
    if flow.schedule is None or not flow.attracts.holds:
        return None
    rate = R0 * least_weight(flow)
    return TimedCone(rate, rate)


def _patient(watch: Callable[..., Trial]) -> Callable[..., Trial]:
    """Say that there was nothing to see where runs take too many steps."""

    @wraps(watch)
    def watched(flow: Flow, *rest: Any) -> Trial:
        try:
            return watch(flow, *rest)
        except TooManyStepsError:
            return Trial(silent=f"{flow.name}: a run takes more than {STEPS} steps")

    return watched


def scope_of_scores(flow: Flow) -> dict[str, str]:
    """Scope that query and key matrices add: β of either sign."""
    if flow.scores is None:
        return {}
    known = flow.norm != NORM
    matrices = f"|{flow.scores.named}| <= {flow.norm}" if known else "symbolic"
    return {"beta": "symbolic, of either sign", "Q, K": matrices}


@_patient
def watch_hemispheres(flow: Flow, said: ConeRate, budget: Budget) -> Trial:
    """Watch the gnomonic diameter along runs from random hemispheres, against a rate."""
    rate, silent = said.of(flow.model), matrix_parameters(flow.model)
    if silent or flow.given or not flow.autonomous.holds or rate.free_symbols - {R0, beta, NORM}:
        return Trial(silent=silent or f"{flow.name}: no numbers to run it at")
    worst = np.inf
    for size, dimension, opposed in ((2, 2, True), (5, 3, False)):
        points = random_hemisphere(budget.cases, size, dimension, budget.rng)
        hot = drawn_heats(flow.model, 2.5, budget)
        matrices, norm = drawn_matrices(flow.model, dimension, budget.rng, opposed=opposed)
        pole, at = np.eye(dimension)[-1], rate.subs(NORM, norm)
        found, margin = watch_cone(flow.model, points, pole, hot, at, matrices)
        worst = min(worst, margin)
        if found:
            return Trial(found, margin, budget.cases)
    return Trial("", worst, budget.cases)


def drawn_heats(model: Model, hottest: float, budget: Budget) -> Array:
    """Draw β from 1/4 up, of either sign where a model has query and key matrices."""
    hot = budget.rng.uniform(0.25, hottest, budget.cases)
    if scores_of(model) is None:
        return np.asarray(hot)
    return np.asarray(hot * np.where(np.arange(budget.cases) % 2, 1.0, -1.0))


@_patient
def watch_independent(flow: Flow, said: ConeRate, constant: Expr, budget: Budget) -> Trial:
    """Watch the diameter and the distance to the limit from random independent tokens."""
    named, rate = set(map(str, flow.model.parameters)), said.of(flow.model)
    if named - {"beta", "Q", "K"} or flow.given or not flow.autonomous.holds:
        return Trial(silent=f"{flow.name}: no numbers to run it at")
    if rate.free_symbols - {R0, beta, NORM}:
        return Trial(silent=f"{flow.name}: {rate} has no number")
    worst = np.inf
    for size, dimension in ((2, 2), (3, 4)):
        points = np.asarray(random_points(size, dimension, budget.rng, budget.cases))
        hot = drawn_heats(flow.model, 2.0, budget)
        matrices, norm = drawn_matrices(flow.model, dimension, budget.rng, opposed=size == 2)
        at = rate.subs(NORM, norm)
        solved = np.linalg.solve(points @ points.swapaxes(-1, -2), np.ones((size, 1)))
        pole = (points.swapaxes(-1, -2) @ solved)[..., 0]
        pole /= np.linalg.norm(pole, axis=-1, keepdims=True)
        found, margin = watch_cone(flow.model, points, pole, hot, at, matrices)
        if not found:
            worst = min(worst, margin)
            lowest = gnomonic_extent(points, pole)[0]
            allowed, speed = (
                np.broadcast_to(lambdify((R0, beta), value, "numpy")(lowest, hot), hot.shape)
                for value in (constant, at)
            )
            found, margin = watch_limit(flow.model, points, hot, allowed, speed, matrices)
        worst = min(worst, margin)
        if found:
            return Trial(found, margin, budget.cases)
    return Trial("", worst, budget.cases)


def in_words(matrices: Mapping[str, Any]) -> str:
    """Write matrices, for the detail of a counterexample."""
    return "".join(f", {name} = {short(value)}" for name, value in matrices.items())


def matrix_parameters(model: Model) -> str:
    """Say which parameters of a model are matrices that the experiments here don't sample."""
    names = [str(p) for p in model.parameters if isinstance(p, MatrixSymbol) and p not in (Q, K)]
    return f"{model.name}: experiments need scalar parameters, not {names}" if names else ""


def sampled_values(model: Model, **sampled: Array | float) -> dict[str, Any]:
    """Values of the parameters that a model has, 1 for those that aren't sampled."""
    return {str(p): sampled.get(str(p), 1.0) for p in model.parameters}


def excess_rate(predicted: Expr, derived: Expr, sign: int = 1) -> bool:
    """Whether the predicted rate may exceed the derived one for some β >= 0, or some -β >= 0."""
    ratio = simplified((predicted / derived).subs(beta, sign * HOT))
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
    matrices: Mapping[str, Any],
) -> tuple[str, float]:
    """Compare D(t) with its bound along trajectories; the violation found, and the least margin."""
    field = compile_model(model, **sampled_values(model, beta=hot, **matrices))
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
                f"β = {hot[case]:.4g}{in_words(matrices)}, x(0) = "
                f"{np.array2string(points[case], precision=3)}: at "
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


CONE = ConeRate(
    cone_rate(R0),
    cone_rate(R0, model="USA"),
    ByModel(cone_rate(R0, norm=NORM), cone_rate(R0, model="USA", norm=NORM)),
)
