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

import numpy as np
from scipy.optimize import nnls
from sympy import Expr, Rational, S

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CONTINUOUS,
    HEMISPHERE,
    LIMIT_POINT,
    ONLY_SPEED,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    SCHEDULED,
    SCOPE_WARM,
    TRIANGLE,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apart,
    apply,
    by_statement,
    cited,
    derived,
    gap,
    parted_groups,
    refuse_sign,
    short,
    statement_of,
    subjects,
    without_temperature,
)
from proofs_checks.proof.kinds import FLOWS
from proofs_checks.shared_runs import integrate as run_flow
from theory.engines import inner, project, residual, vectors
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


def decide(flow: Flow, prediction: Cone) -> Sheet:
    """Prove that the limit lies in the cone of the tokens at every time.

    The tokens' rows obey X' = (A - c)X with A >= 0 and c diagonal, so X(t+s) = M X(t) with M >= 0:
    the cones shrink. ``1 = |Σ θ x| <= Σ θ``.
    """
    positive = flow.attracts
    x, y, w = vectors("x y w", unit="x")
    left = residual(inner(project(x, y), w) - (inner(y, w) - inner(x, y) * inner(x, w)))
    rows = derived("x_i' = Σ_j A_ij x_j - c_i x_i", left, "P_i y = y - <x_i,y> x_i")
    orthant = cited(ORTHANT, positive, rows)
    meets = by_statement(statement_of(LEMMA_6_4), flow, text=f"{HEMISPHERE}: x_i -> x*")
    held = "x*" if prediction.sign == 1 else f"{prediction.sign} x*"
    text = f"X(t+s) = M X(t), M >= 0: {held} is in the closed cone of the tokens at t"
    inside = gap(text, "x* is shown")
    if prediction.sign == 1:
        inside = apply(LIMIT_POINT, text, orthant, meets)
    least = apply(TRIANGLE, "1 = |Σ θ_k x_k| <= Σ θ_k", inside)
    steps = [positive, rows, orthant, meets, inside, least]
    text = f"Σ θ >= {prediction.least}"
    steps.append(Step(text, How.DERIVED) if prediction.least <= 1 else gap(text, "1 is proved"))
    return Sheet(
        tuple(steps),
        {**SCOPE_WARM, "masses": "symbolic"},
        subjects(flow.model),
        "A_ij > 0: X(t+s) = M X(t) with M >= 0, the closed cones shrink and hold the limit; "
        "1 = |Σ θ_k x_k| <= Σ θ_k; watched by nonnegative least squares",
    )


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


ORTHANT = "a linear system with nonnegative off-diagonal entries preserves the positive orthant"
LIMIT: Statement[Cone] = Statement(
    "(6.4)",
    "the limit x* is in the cone of the tokens at every time",
    decide,
    derive_cone,
    refute_cone,
    watch,
    premises=(FLOWS, OWN_VALUES, CONTINUOUS, SCHEDULED, POSITIVE_WEIGHTS),
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
