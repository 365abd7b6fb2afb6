"""(4.3): P(S_0^m) -> 1, with an exact law for n = d = 2.

How it is proved
----------------
The limit joins two statements: Theorem 4.1 (probability one in the end) and (4.2) (the sets
increase). The law follows from the derived flow of two tokens on the circle: tan(φ/2) falls like
e^{-t}; SymPy compares it exactly. Watched: the shares of clustered draws at t = 1, 2, 4, for n =
2 within 5σ of the law, and that no run leaves S_0^m, for n = 2 and 4. Cited: continuity of a
probability along increasing sets.

References
----------
arXiv 2312.10794, (4.3); Theorem 4.1; (4.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from sympy import (
    Derivative,
    Expr,
    Function,
    Rational,
    S,
    atan,
    cos,
    exp,
    expand_trig,
    limit,
    oo,
    pi,
    sin,
    sqrt,
    tan,
)

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.paper.section_4.eq_4_2_least_product import MONOTONE
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1, ZERO_BETA
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    AUTONOMOUS,
    COLD_ONLY,
    CONTINUITY,
    ON_SPHERE,
    SYMBOLIC,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    apart,
    at_zero,
    by_statement,
    cited,
    derived,
    gap,
    half_angle_rate,
    never_meet_in_time,
    refute_off_sphere,
    short,
    unrun,
)
from proofs_checks.proof.kinds import HEATED
from proofs_checks.said import Said, say, saying
from proofs_checks.shared_runs import integrate
from theory.bounded import remainder, vanishes
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.predictions import normal_form
from theory.symbols import t, z


@dataclass(frozen=True)
class ClusteredLaw:
    """Probability that two uniform tokens of the circle are ``near``-clustered at time t, β = 0."""

    near: Expr
    law: Expr


@cache
def _half_angle() -> Expr:
    """Reduce ``tan²(φ/2) - (1 - cos φ)/(1 + cos φ)``: zero."""
    left = tan(PHI / 2) ** 2 - (1 - cos(PHI)) / (1 + cos(PHI))
    return normal_form(expand_trig(left).rewrite(exp))


def _half_angle_falls(rate: Expr) -> Said:
    """Say how tan(φ/2) falls along φ' = -r sin φ."""
    phi = Function("phi")(t)
    moves = say(Derivative(phi, t), "=", -rate * sin(phi))
    half = tan(phi / 2)
    return say(Derivative(half, t), "=", -rate * half, (moves, say(0, "<", cos(phi / 2))))


def _law(near: Expr, rate: Expr) -> Expr:
    """Probability that φ(t) is small where tan(φ/2) falls like e^{-rate t} and φ(0) is uniform.

    cos φ > near iff tan²(φ/2) < (1-near)/(1+near).
    """
    return 2 / pi * atan(sqrt((1 - near) / (1 + near)) * exp(rate * t))


def _rate(flow: Flow) -> Expr | None:
    """Rate at which tan(φ/2) of two tokens falls at β = 0, None if it isn't constant."""
    return None if flow.cold.still_form is None else half_angle_rate(flow.model)


def derive_law(flow: Flow) -> ClusteredLaw | None:
    """Return the law of the flow's own rate."""
    rate, near = _rate(flow), Rational(3, 4)
    return None if rate is None else ClusteredLaw(near, _law(near, rate))


def refute_law(
    flow: Flow, prediction: ClusteredLaw | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that leave the sphere, or never meet at β = 0 where the weights are constant."""
    cold = flow.cold  # a pair that is held apart may be clustered where weights aren't constant
    even = cold.still_form is not None and cold.weight is not None and vanishes(cold.weight.diff(z))
    if not even or never_meet_in_time(cold):  # tokens that never meet may be near each other
        return refute_off_sphere(flow, prediction, budget)
    found = apart(cold, budget.rng)
    return Counterexample(f"at β = 0: {found}") if found else None


def decide_law(flow: Flow, prediction: ClusteredLaw) -> Sheet:
    """Join Theorem 4.1 and (4.2), and derive the law for n = d = 2."""
    rises = by_statement(MONOTONE, flow.cold, text="(4.2) at β = 0: S_0^m is in S_0^{m+1}")
    meets = by_statement(ZERO_BETA, flow, text="Theorem 4.1: in the end almost surely one cluster")
    rate, said = _rate(flow), prediction.law
    steps = [rises, meets, cited(CONTINUITY, rises, meets)]
    steps.append(
        saying(
            derived("tan²(φ/2) = (1 - cos φ)/(1 + cos φ)", _half_angle()),
            say(
                tan(PHI / 2) ** 2,
                "=",
                (1 - cos(PHI)) / (1 + cos(PHI)),
                (say(0, "<", cos(PHI / 2)),),
            ),
        )
    )
    text = "n = d = 2, masses 1/2: (tan φ/2)' = -r tan φ/2"
    if rate is None:
        return Sheet((*steps, gap(text, f"{flow.name}: tan(φ/2) has no constant rate")))
    own = _law(prediction.near, rate)
    steps += [
        saying(
            derived(f"{text}, r = {rate}", S.Zero, "φ' + r sin φ: residual 0"),
            _half_angle_falls(rate),
        ),
        derived(
            f"φ(0) uniform on [0, π]: P(cos φ > {prediction.near}) = {said}", remainder(own - said)
        ),
        derived("P -> 1", limit(said, t, oo) - 1),
    ]
    return Sheet(
        tuple(steps),
        {**SYMBOLIC, "beta": "0", "law": "n = 2, d = 2, masses 1/2"},
        (flow.model.velocity, own, said),
        "S_0^m increases (4.2) to a set of probability 1 (Theorem 4.1), so P(S_0^m) -> 1; n = d = "
        f"2: tan(φ/2) falls like e^(-{rate} t), P = {said}",
    )


def watch_law(flow: Flow, prediction: ClusteredLaw, budget: Budget) -> Trial:
    """Compare with runs at β = 0: a hundred draws a case, for n = 2 within 5σ of the law."""
    if unrun(flow):
        return Trial(silent=unrun(flow))
    count, worst, shown = 100 * budget.cases, np.inf, []
    field, times = compile_model(flow.model, beta=0.0), np.array([1.0, 2.0, 4.0])
    for size in (2, 4):
        points = np.asarray(random_points(size, 2, budget.rng, count))
        run = integrate(field, points, 4.0, times, rtol=1e-6)
        least = (run.points @ run.points.swapaxes(-1, -2)).min(axis=(-2, -1))
        inside = least > float(prediction.near)
        fractions = inside.mean(axis=1)
        left = np.flatnonzero((inside[:-1] & ~inside[1:]).any(axis=0))
        if left.size:
            return Trial(f"{flow.name}: x(0) = {short(points[left[0]])} leaves S_0^m", None, count)
        shown.append(f"n = {size}: " + ", ".join(f"{value:.3f}" for value in fractions))
        for time, seen in zip(times, fractions, strict=True) if size == 2 else ():
            exact = float(prediction.law.subs(t, time))
            sigma = np.sqrt(max(exact * (1 - exact), 1 / count) / count)
            worst = min(worst, 1 - abs(seen - exact) / (5 * sigma))
            if worst < 0:
                detail = (
                    f"{flow.name}, n = d = 2, t = {time}: {seen:.4f} of {count} draws are "
                    f"clustered, the law says {exact:.4f}"
                )
                return Trial(detail, worst, count)
    seen = f"fractions at t = 1, 2, 4 of {count} draws: {'; '.join(shown)}"
    return Trial("", float(worst), 2 * count, seen=seen)


LAW: Statement[ClusteredLaw] = Statement(
    "(4.3)",
    "β = 0: P(S_0^m) -> 1, with an exact law for n = d = 2",
    decide_law,
    derive_law,
    refute_law,
    watch_law,
    domain=(HEATED, COLD_ONLY),
    premises=tuple(map(at_zero, (ON_SPHERE, ATTENTION, AUTONOMOUS))),
)


_LAW = 2 / pi * atan(exp(t) / sqrt(7))


_CLUSTERED = ClusteredLaw(Rational(3, 4), _LAW)


EQUATION_4_3 = Claim(
    "(4.3)",
    "P(S_0^m) -> 1 as m -> ∞; for n = d = 2 it is (2/π) arctan(e^m/√7).",
    (SA, USA),
    _CLUSTERED,
    LAW,
    (
        Control("e^m -> e^{m/2}", prediction=replace(_CLUSTERED, law=_LAW.subs(t, t / 2))),
        Control("3/4-clustered -> 0-clustered", prediction=replace(_CLUSTERED, near=S.Zero)),
        Control("√7 -> 7", prediction=replace(_CLUSTERED, law=2 / pi * atan(exp(t) / 7))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    cases=4,
    equivalents=(AT_BETA_ZERO,),
)


CLAIMS = (EQUATION_4_3,)
