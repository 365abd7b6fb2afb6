"""(6.4): the limit x* lies in the cone of the tokens at every time.

How it is proved
----------------
A theorem on models in pull form, x_i' = P_i Σ_j p_ij x_j with p_ij >= 0: tokens of an open
hemisphere meet, and X(t+s) = M X(t) with M >= 0, so the closed cones shrink and hold the limit;
1 = |Σ θ x| <= Σ θ. Watched: nonnegative least squares find θ along drawn runs, n = 4, d = 3.

References
----------
arXiv 2312.10794, (6.4); Lemma 6.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls
from sympy import Expr, Rational, S

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CONTINUOUS,
    ONLY_SPEED,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    SCHEDULED,
    Counterexample,
    Flow,
    Statement,
    Trial,
    apart,
    of_tokens,
    parted_groups,
    refuse_sign,
    short,
    without_temperature,
)
from proofs_checks.proof.kinds import FLOWS
from proofs_checks.shared_runs import integrate as run_flow
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    held_in_cone,
    in_its_time,
    sight_in,
    with_time,
)
from theory.models import SA, USA


@dataclass(frozen=True)
class Cone:
    """``sign x* = Σ_k θ_k x_k(t)`` with θ >= 0 and Σ θ >= least, at every time."""

    sign: int = 1
    least: Expr = S.One


def derive_cone(flow: Flow) -> Cone:
    """Return the limit itself, and the sum 1 that the triangle inequality gives."""
    return Cone()


def refute_cone(flow: Flow, prediction: Cone | None, budget: Budget) -> Counterexample | None:
    """Find tokens that never meet, or the end, where all tokens are x* and Σ θ is 1 exactly."""
    if groups := parted_groups(flow):
        return groups
    found = apart(flow, budget.rng)
    if found:
        return Counterexample(found, PAIR)
    if prediction is None:
        return None
    refuse_sign(prediction.sign)
    if prediction.sign != 1:
        return Counterexample("all tokens at x*: -x* = Σ θ_k x* has Σ θ = -1, no θ >= 0")
    if prediction.least > 1:
        return Counterexample(
            f"all tokens at x*, where runs end: x* = Σ θ_k x* has Σ θ = 1 < {prediction.least}"
        )
    return None


def conclude_limit(flow: Flow, prediction: Cone) -> Conclusion | Refusal:
    """Say that tokens of an open hemisphere meet, at a point of their cone at every time."""
    found = sight_in(flow)
    if isinstance(found, Refusal):
        return found
    return in_its_time(flow, held_in_cone(*found, prediction.sign, prediction.least))


def say_limit(flow: Flow, prediction: Cone) -> str:
    """Say it in the time of a flow."""
    own = conclude_limit(flow, prediction)
    if isinstance(own, Refusal):
        return ""
    said = "from an open hemisphere x_i -> x*, in the cone of the tokens at every time"
    return with_time(flow, own, said)


def watch(flow: Flow, prediction: Cone, budget: Budget) -> Trial:
    """Find θ by nonnegative least squares along runs."""
    missing = without_temperature(flow.model)
    if missing or flow.given:
        return Trial(silent=missing or "no runs at given parameters")
    least, worst, times = float(prediction.least), np.inf, np.asarray([0.0, 0.5, 2.0, 40.0])
    points = np.asarray(random_points(4, 3, budget.rng, budget.cases))
    points[..., -1] = np.abs(points[..., -1]) + 0.3
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    hot = budget.rng.uniform(0.2, 1.2, budget.cases)
    run = run_flow(compile_model(flow.model, beta=hot), points, 40.0, t_eval=times, rtol=1e-9)
    end = run.points[-1].mean(axis=-2)
    end /= np.linalg.norm(end, axis=-1, keepdims=True)
    for time, state in zip(run.times[:-1], run.points[:-1], strict=True):
        for case, tokens in enumerate(state):
            theta, miss = nnls(tokens.T, prediction.sign * end[case])
            slack = min(1e-7 - miss, theta.sum() - least + 1e-7)
            if slack < 0:
                detail = (
                    f"{flow.name}, β = {hot[case]:.4g}, x(0) = {short(points[case])}: at t = "
                    f"{time:.3g} the residual is {miss:.3g} and Σ θ = {theta.sum():.6g}"
                )
                return Trial(detail, slack / 1e-7, case + 1)
            worst = min(worst, slack / 1e-7)
    return Trial("", worst, budget.cases)


LIMIT: Statement[Cone] = Statement(
    "(6.4)",
    "the limit x* is in the cone of the tokens at every time",
    Concludes(conclude_limit),
    derive_cone,
    of_tokens(refute_cone),
    watch,
    premises=(FLOWS, OWN_VALUES, CONTINUOUS, SCHEDULED, POSITIVE_WEIGHTS),
    several_blocks=True,
    says=say_limit,
    typed=True,
)


CONE_6_4 = Claim(
    "(6.4)",
    "The limit x* of tokens in a hemisphere is Σ θ_k x_k(t), θ >= 0, Σ θ >= 1, at every time.",
    (SA, USA),
    Cone(),
    LIMIT,
    (
        Control("x* -> -x*", prediction=Cone(-1)),
        Control("Σ θ >= 1 -> Σ θ >= 1 + 1e-6", prediction=Cone(1, 1 + Rational(1, 10**6))),
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
