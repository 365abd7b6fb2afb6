"""How fast tokens move and meet along runs: late slopes, and speeds against a bound."""

from __future__ import annotations

import numpy as np
from sympy import Expr, lambdify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget
from proofs_checks.proof.alphabet import short
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import without_temperature
from proofs_checks.proof.verdict import Trial
from proofs_checks.proof.weights import R0
from proofs_checks.shared_runs import integrate
from theory.symbols import beta, n, z

SLOPE = 2e-3
"""Relative tolerance of a late slope."""


def late_slopes(flow: Flow, rate: Expr, budget: Budget) -> Trial:
    """Measure the slope of ``-log max |x_i - x_j|`` late in runs from tokens of a hemisphere.

    Parameters
    ----------
    flow : Flow
    rate : Expr
        What it is said to be, in ``beta`` and ``R0``.
    budget : Budget
        Runs a temperature; more temperatures in full.
    """
    missing = without_temperature(flow.model)
    if missing or flow.given:
        return Trial(silent=missing or "no runs at given parameters")
    worst, count, tokens = np.inf, 0, 4
    for hot in (0.0, 0.4, 0.9, 1.5) if budget.full else (0.4, 1.2):
        points = np.asarray(random_points(tokens, 5, budget.rng, budget.cases))
        points[..., -1] = np.abs(points[..., -1]) + 0.8
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        form, here = flow.still_form, {beta: hot, z: 1, n: tokens}
        top = 1.0 if form is None or form.normalised else float(form.kernel.subs(here))
        # In units of the time 1/top the runs of all models look alike.
        times = np.linspace(6.0, 10.0, 5) / top
        run = integrate(compile_model(flow.model, beta=hot), points, times[-1], times, rtol=1e-11)
        apart = run.points[:, :, :, None] - run.points[:, :, None, :]
        wide = np.log(np.linalg.norm(apart, axis=-1).max(axis=(-2, -1)))
        slope = -(wide[-1] - wide[-2]) / (times[-1] - times[-2])
        wanted = lambdify((R0, beta), rate, "numpy")(points[..., -1].min(axis=-1), hot)
        off = np.abs(slope - wanted) / np.abs(wanted)
        case = int(np.argmax(off))
        margin = 1 - float(off[case]) / SLOPE
        count += budget.cases
        if margin < 0:
            detail = (
                f"{flow.name}, n = 4, d = 5, β = {hot}: the slope is {slope[case]:.6g}, not "
                f"{float(np.broadcast_to(wanted, slope.shape)[case]):.6g}"
            )
            return Trial(detail, margin, count)
        worst = min(worst, margin)
    return Trial("", worst, count)


def watch_speeds(flow: Flow, rate: Expr, speed: Expr, budget: Budget) -> Trial:
    """Compare ``|x_i'|`` with ``speed D(0) e^{-rate t}``, D(0) the gnomonic diameter.

    Runs start in hemispheres, and from a light token beside the pole, where all the mass is.
    """
    missing = without_temperature(flow.model)
    if missing or flow.given:
        return Trial(silent=missing or "no runs at given parameters")
    worst, cases, pole = np.inf, 0, np.array([0.0, 0.0, 1.0])
    beside = np.tile(pole, (1, 16, 1))
    beside[0, 0] = np.sin(0.1), 0.0, np.cos(0.1)
    points = np.asarray(random_points(4, 3, budget.rng, budget.cases))
    points[..., 2] = np.abs(points[..., 2]) + 0.5
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    drawn = budget.rng.uniform(0.25, 1.5, budget.cases)
    for start, hot in ((points, drawn), (beside, np.array([0.5]))):
        field, times = compile_model(flow.model, beta=hot), np.array([0.0, 0.5, 1.0, 2.0, 4.0])
        run = integrate(field, start, 4.0, times, rtol=1e-9)
        heights = start @ pole
        flat = start / heights[..., None]
        spread = np.linalg.norm(flat[:, :, None] - flat[:, None], axis=-1).max(axis=(-2, -1))
        decay = lambdify((R0, beta), rate, "numpy")(heights.min(axis=-1), hot)
        allowed = lambdify(beta, speed, "numpy")(hot) + np.zeros_like(hot)
        for time, state in zip(run.times, run.points, strict=True):
            found = np.linalg.norm(field(state), axis=-1).max(axis=-1)
            bound = allowed * spread * np.exp(-decay * time)
            slack = (bound - found) / np.abs(bound) + 1e-6
            case, cases = int(slack.argmin()), cases + len(start)
            worst = min(worst, float(slack[case]))
            if worst < 0:
                detail = (
                    f"{flow.name}, β = {hot[case]:.4g}, x(0) = {short(start[case])}: |x_i'| = "
                    f"{found[case]:.4g} > {bound[case]:.4g} at t = {time}"
                )
                return Trial(detail, worst, cases)
    return Trial("", worst, cases)
