"""The cone of Lemma 6.4: gnomonic coordinates contract at a rate, exactly and along runs.

Also two tokens that never meet or approach more slowly, which refute a rate, and the values that
runs sample for a model's parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Integer,
    MatrixSymbol,
    Rational,
    S,
    Symbol,
    exp,
    expand_log,
    lambdify,
    log,
    simplify,
)

from numerics.compile import compile_model
from numerics.integration import integrate
from proofs_checks.claim import Budget, Evidence, Verdict
from proofs_checks.proof.alphabet import HOT, Array
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hemispheres import random_hemisphere
from proofs_checks.proof.pairs import pair_trap
from proofs_checks.proof.verdict import Trial
from proofs_checks.proof.weights import R0, smallest_of_form
from proofs_checks.proof.witness import leaves_sphere
from theory.engines import inner, residual, vectors
from theory.models import Model, attention_form
from theory.symbols import beta, n, t, z


def watch_limit(
    model: Model, points: Array, hot: Array, constant: Array, speed: Array
) -> tuple[str, float]:
    """Compare ``|x_i(t) - x*|`` with its bound; the violation found, and the least margin.

    The limit is what the tokens agree on late; where they don't yet, the case isn't used.
    """
    field = compile_model(model, **sampled_values(model, beta=hot))
    times = np.geomspace(0.02, 60.0, 12)
    run = integrate(field, points, float(times[-1]), t_eval=times, rtol=1e-9)
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


def least_in_words(flow: Flow) -> str:
    """Write the least weight as a formula, or say what it is the least of."""
    least = least_weight(flow)
    if least != SMALLEST:
        return str(least)
    if flow.still_form is None:
        return "e^{-2 max|S_ij|} of the scores S"
    return f"{'min k/max k' if flow.normalised else 'min k'} over [2r0²-1, 1]"


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


def matrix_parameters(model: Model) -> str:
    """Say which parameters of a model are matrices, which the experiments here don't sample."""
    names = [str(p) for p in model.parameters if isinstance(p, MatrixSymbol)]
    return f"{model.name}: experiments need scalar parameters, not {names}" if names else ""


def sampled_values(model: Model, **sampled: Array) -> dict[str, Any]:
    """Values of the parameters that a model has, 1 for those that aren't sampled."""
    return {str(p): sampled.get(str(p), 1.0) for p in model.parameters}


def excess_rate(predicted: Expr, derived: Expr) -> bool:
    """Whether the predicted rate may exceed the derived one for some β >= 0."""
    ratio = simplify((predicted / derived).subs(beta, HOT))
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
    run = integrate(field, points, float(times[-1]), t_eval=times, rtol=1e-9)
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


def never_meet(flow: Model, rate: Expr, rng: np.random.Generator) -> Evidence | None:
    """Evidence of tokens that never meet or of a model that can't be sampled, None otherwise."""
    trap = leaves_sphere(flow, rng)
    for heat in (S.One, S.Zero):
        if not trap and rate.subs({R0: Rational(1, 2), beta: heat}).is_positive:
            trap = pair_trap(flow, hot=(heat,))
    trap = trap or _slow_pair(flow, rate)
    if trap:
        return Evidence(Verdict.REFUTED, trap, {"n": "2", "d": ">= 2", "masses": "1/2"})
    matrices = matrix_parameters(flow)
    return Evidence(Verdict.UNDECIDED, matrices) if matrices else None


def _slow_pair(flow: Model, rate: Expr) -> str:
    """Two tokens at ±acos(r0) of the pole that approach slower than the rate, exactly, or "".

    Their gnomonic distance D = 2 tan has D' = -2 A_12 D, from g = 2 r0² - 1 on. Where even the
    rate at g = 1, which it tends to, is too slow, no constant in front of the exponential helps.
    """
    form = attention_form(flow)
    if form is None or not rate.free_symbols <= {R0, beta}:
        return ""
    weight = form.scale * form.kernel
    weight = 2 * weight / (form.kernel.subs(z, 1) + form.kernel) if form.normalised else weight
    for hot in (Rational(1, 2), Integer(3), Integer(30), Integer(64)):
        for low in (Rational(1, 2), Rational(3, 10), Rational(1, 10), Rational(1, 16)):
            others = {s: S.One for s in weight.free_symbols - {z, beta, n}}
            at = {beta: hot, n: 2, **others}
            seen, late = (weight.subs({z: g, **at}).evalf(30) for g in (2 * low**2 - 1, S.One))
            said = rate.subs({R0: low, beta: hot}).evalf(30)
            if late < said * (1 - Rational(1, 10**9)):
                return (
                    f"{flow.name}, n = 2, β = {hot}, r0 = {low}: two tokens on both sides of the "
                    f"pole approach it, at last at the rate {late.n(5)} < {said.n(5)}"
                )
            if seen < said * (1 - Rational(1, 10**9)):
                return (
                    f"{flow.name}, n = 2, β = {hot}, r0 = {low}: two tokens on both sides of the "
                    f"pole contract at the rate {seen.n(5)} < {said.n(5)}"
                )
    return ""


CONE = ConeRate(R0 * exp(-2 * beta), R0 * exp(-beta))
