"""How fast tokens move along runs: speeds against a bound."""

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
from theory.symbols import beta


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
