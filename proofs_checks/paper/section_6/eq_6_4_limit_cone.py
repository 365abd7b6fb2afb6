"""(6.4): the limit x* lies in the cone of the tokens at every time.

How it is proved
----------------
The rows obey X' = (A - c) X with A > 0, as the least weight shows, so X(t+s) = M X(t) with M >=
0: the closed cones shrink and hold the limit; and 1 = |Σ θ x| <= Σ θ. This is an argument; the
code checks the weights' sign. Watched: nonnegative least squares find θ along drawn runs with n
= 4, d = 3. Cited: Lemma 6.4; such linear systems preserve the positive orthant.

References
----------
arXiv 2312.10794, (6.4); Lemma 6.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls
from sympy import Expr, Integer, S

from numerics.compile import compile_model
from numerics.integration import integrate as run_flow
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    ONLY_SPEED,
    SCOPE_WARM,
    doubt,
    each,
    refuse_sign,
    smallest_weight,
    subjects,
)
from theory.models import SA, USA


@dataclass(frozen=True)
class Cone:
    """``sign x* = Σ_k θ_k x_k(t)`` with θ >= 0 and Σ θ >= least, at every time."""

    sign: int = 1
    least: Expr = S.One


def check_limit_cone(model: Any, prediction: Cone, budget: Budget) -> Evidence:
    """Check that the limit lies in the cone of the tokens at every time.

    The tokens' rows obey X' = (A - c)X with A >= 0 and c diagonal, so X(t+s) = M X(t) with M >= 0:
    the cones shrink. ``1 = |Σ θ x| <= Σ θ``. Nonnegative least squares watch it along runs.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Cone
        Sign of the limit and least sum.
    budget : Budget
        Runs a model.
    """
    refuse_sign(prediction.sign)
    least = float(prediction.least)
    worst, cases, reasons = np.inf, 0, []
    times = np.asarray([0.0, 0.5, 2.0, 40.0])
    for flow in each(model):
        _, reason = smallest_weight(flow)
        if reason:
            doubted = doubt(flow, reason, budget.rng)
            if doubted.verdict is Verdict.REFUTED:
                return doubted
            reasons.append(reason)
        points = np.asarray(random_points(4, 3, budget.rng, budget.cases))
        points[..., -1] = np.abs(points[..., -1]) + 0.3
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        hot = budget.rng.uniform(0.2, 1.2, budget.cases)
        run = run_flow(compile_model(flow, beta=hot), points, 40.0, t_eval=times, rtol=1e-9)
        end = run.points[-1].mean(axis=-2)
        end /= np.linalg.norm(end, axis=-1, keepdims=True)
        for time, state in zip(run.times[:-1], run.points[:-1], strict=True):
            for case, tokens in enumerate(state):
                theta, miss = nnls(tokens.T, prediction.sign * end[case])
                slack = min(1e-7 - miss, theta.sum() - least + 1e-7)
                if slack < 0:
                    shown = np.array2string(points[case], precision=3).replace("\n", "")
                    return Evidence(
                        Verdict.REFUTED,
                        f"{flow.name}, β = {hot[case]:.4g}, x(0) = {shown}: at t = {time:.3g} the "
                        f"residual is {miss:.3g} and Σ θ = {theta.sum():.6g}",
                        cases=cases + case + 1,
                        margin=slack / 1e-7,
                    )
                worst = min(worst, slack / 1e-7)
        cases += budget.cases
    scope = {**SCOPE_WARM, "masses": "symbolic"}
    if reasons or prediction.sign != 1 or not prediction.least <= 1:
        return Evidence(Verdict.SUPPORTED, "; ".join(reasons), scope, (), cases, worst)
    return Evidence(
        Verdict.PROVED,
        "A_ij > 0: X(t+s) = M X(t) with M >= 0, the closed cones shrink and hold the limit; "
        "1 = |Σ θ_k x_k| <= Σ θ_k; watched by nonnegative least squares",
        scope,
        (
            "Lemma 6.4: the tokens of an open hemisphere converge to one point x*",
            "a linear system with nonnegative off-diagonal entries preserves the positive orthant",
        ),
        cases,
        worst,
        identity=subjects(model),
    )


CONE_6_4 = Claim(
    "(6.4)",
    "The limit x* of tokens in a hemisphere is Σ θ_k x_k(t), θ >= 0, Σ θ >= 1, at every time.",
    (SA, USA),
    Cone(),
    check_limit_cone,
    (
        Control("x* -> -x*", prediction=Cone(-1)),
        Control("Σ θ >= 1 -> Σ θ >= 2", prediction=Cone(1, Integer(2))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("Σ θ >= 1 implies it", ("prediction.least: sign", "prediction.least: ÷ 2")),
    ),
)


CLAIMS = (CONE_6_4,)
