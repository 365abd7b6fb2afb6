"""(4.3): P(S_0^m) -> 1, with an exact law for n = d = 2.

How it is proved
----------------
The limit is a theorem on Theorem 4.1: where almost every start ends in consensus, its share of
clustered starts tends to 1. The law follows from how the inner product of two tokens moves, γ' =
1 - γ²: tan(φ/2) falls like e^{-t}. Watched: the shares of clustered draws at t = 1, 2, 4, for n =
2 within 5σ of the law, and that no run leaves S_0^m, for n = 2 and 4. Cited: dominated convergence.

References
----------
arXiv 2312.10794, (4.3); Theorem 4.1; (4.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import (
    Expr,
    Rational,
    S,
    atan,
    exp,
    pi,
    sqrt,
)

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    AUTONOMOUS,
    COLD_ONLY,
    ON_SPHERE,
    Counterexample,
    Flow,
    Statement,
    Trial,
    apart,
    at_zero,
    half_angle_rate,
    never_meet_in_time,
    refute_off_sphere,
    short,
    unrun,
)
from proofs_checks.proof.kinds import HEATED
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    clustered_law,
    cold_starts,
    subject_in,
)
from theory.bounded import vanishes
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, t, z


@dataclass(frozen=True)
class ClusteredLaw:
    """Probability that two uniform tokens of the circle are ``near``-clustered at time t, β = 0."""

    near: Expr
    law: Expr


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


def conclude_law(flow: Flow, prediction: ClusteredLaw) -> Conclusion | Refusal:
    """Say what share of starts is clustered late, and of two tokens on the circle at each t.

    Examples
    --------
    >>> conclude_law(Flow.of(SA), _CLUSTERED).found.by.name
    'and'
    """
    subject = subject_in(flow.at(beta=0) if beta in flow.model.parameters else flow)
    if isinstance(subject, Refusal):
        return subject
    cold = cold_starts(subject, 2, null=True)
    if isinstance(cold, Refusal) or isinstance(cold.found, Refusal):
        return cold
    return clustered_law(subject, prediction.near, prediction.law, cold.found)


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
    Concludes(conclude_law, words=(("beta", "0"), ("law", "n = 2, d = 2, masses 1/2"))),
    derive_law,
    refute_law,
    watch_law,
    domain=(HEATED, COLD_ONLY),
    premises=tuple(map(at_zero, (ON_SPHERE, ATTENTION, AUTONOMOUS))),
    typed=True,
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
