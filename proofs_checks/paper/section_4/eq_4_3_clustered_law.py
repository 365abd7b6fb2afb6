"""(4.3): P(S_0^m) -> 1, with an exact law for n = d = 2.

How it is proved
----------------
The limit joins two checks: Theorem 4.1 (probability one in the end) and (4.2) (the sets
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
from typing import Any

import numpy as np
from sympy import Expr, Rational, S, atan, cos, exp, expand_trig, limit, oo, pi, simplify, sqrt, tan

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.paper.section_4.theorem_4_2_eq_4_2_clustered_in_time import check_monotone_least
from proofs_checks.proof import (
    AT_BETA_ZERO,
    SYMBOLIC,
    each,
    half_angle_rate,
    short,
    without_temperature,
)
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.symbols import t


@dataclass(frozen=True)
class ClusteredLaw:
    """Probability that two uniform tokens of the circle are ``near``-clustered at time t, β = 0."""

    near: Expr
    law: Expr


def check_clustered_law(model: Any, prediction: ClusteredLaw, budget: Budget) -> Evidence:
    """Join Theorem 4.1 and (4.2), derive the law for n = d = 2, and compare with runs.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : ClusteredLaw
        Level and law.
    budget : Budget
        A hundred draws a case.
    """
    count, worst, total, shown = 100 * budget.cases, np.inf, 0, []
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        field = compile_model(flow, beta=0.0)
        times = np.array([1.0, 2.0, 4.0])
        for size in (2, 4):
            points = np.asarray(random_points(size, 2, budget.rng, count))
            run = integrate(field, points, 4.0, times, rtol=1e-6)
            least = (run.points @ run.points.swapaxes(-1, -2)).min(axis=(-2, -1))
            inside = least > float(prediction.near)
            fractions = inside.mean(axis=1)
            left = np.flatnonzero((inside[:-1] & ~inside[1:]).any(axis=0))
            if left.size:
                detail = f"{flow.name}: x(0) = {short(points[left[0]])} leaves S_0^m"
                return Evidence(Verdict.REFUTED, detail, cases=count)
            total += count
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
                    return Evidence(Verdict.REFUTED, detail, cases=total, margin=worst)
    parts = (
        THEOREM_4_1.check(model, THEOREM_4_1.prediction, budget),
        check_monotone_least(model, S.Zero, Budget(1, budget.rng)),
    )
    for part in parts:
        if part.verdict is not Verdict.PROVED:
            return Evidence(part.verdict, part.detail, cases=total, margin=worst)
    # cos φ > near iff tan²(φ/2) < (1-near)/(1+near); φ(0) is uniform on [0, π].
    opened = sqrt((1 - prediction.near) / (1 + prediction.near))
    for flow in each(model):
        rate = half_angle_rate(flow)
        if rate is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: tan(φ/2) has no constant rate")
        derived = 2 / pi * atan(opened * exp(rate * t))
        if simplify(derived - prediction.law) != 0 or limit(prediction.law, t, oo) != 1:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: the derived law is {derived}")
    half = simplify(expand_trig(tan(PHI / 2) ** 2 - (1 - cos(PHI)) / (1 + cos(PHI))).rewrite(exp))
    if half != 0:
        return Evidence(Verdict.UNDECIDED, f"tan² of the half angle leaves {half}")
    return Evidence(
        Verdict.PROVED,
        "S_0^m increases (4.2) to a set of probability 1 (Theorem 4.1), so P(S_0^m) -> 1; n = d = "
        f"2: tan(φ/2) falls like e^{{-t}}, P = {prediction.law}; fractions at t = 1, 2, 4 of "
        f"{count} draws: " + "; ".join(shown),
        {**SYMBOLIC, "beta": "0", "law": "n = 2, d = 2, masses 1/2"},
        ("(4.2)", "Theorem 4.1", "continuity of a probability along increasing sets"),
        total,
        float(worst),
        identity=(*parts[0].identity, *parts[1].identity, derived, prediction.law),
    )


_LAW = 2 / pi * atan(exp(t) / sqrt(7))


_CLUSTERED = ClusteredLaw(Rational(3, 4), _LAW)


EQUATION_4_3 = Claim(
    "(4.3)",
    "P(S_0^m) -> 1 as m -> ∞; for n = d = 2 it is (2/π) arctan(e^m/√7).",
    (SA, USA),
    _CLUSTERED,
    check_clustered_law,
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
