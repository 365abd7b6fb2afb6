"""Saddles on the circle: Problem 3 for every n, any masses and every β >= -13/50.

Main results
------------
- d = 2, any n and masses, every β >= -13/50: every critical point but consensus is a strict saddle,
  so that from almost every start all tokens meet.

How it is proved
----------------
The places of a critical point without a direction of ascent are close to each other: a bump on each
gap between them, integrated against the fourth derivative of their potential, bounds the integral
of |f''''| from below by 8 A (1/τ + 1/π), where f(θ) = e^{β cos θ}/β, A = -f''(0) and f'' > 0 on (τ,
π]. Balls show that it is smaller, for all β at once. The rule is `CIRCLE_SADDLES`, with its proof.

References
----------
Problem 3 of arXiv 2312.10794, Section 7. In print: masses 1/n and β >= -0.16, and false below -2/3
where 3 divides n, arXiv 2507.22857, which isn't used. Between -2/3 and -13/50 nothing is shown for
every n; "Saddles below zero" has three to seven tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Integer, Rational

from proofs_checks.claim import (
    IN_THE_PLANE,
    Budget,
    Claim,
    Conclusion,
    Control,
    Equivalent,
    Hypothesis,
    Verdict,
)
from proofs_checks.decide import bending
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    CURVATURE,
    ONLY_SPEED,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    by_statement,
    climbs_curvature,
    gap,
    off_curvature,
    polygon_is_maximum,
    statement_of,
)
from proofs_checks.propositions import Subject
from proofs_checks.theorems import LEAST_HEAT, almost_every_start, as_sheet
from theory.models import REPULSIVE, USA


@dataclass(frozen=True)
class OnCircle:
    """Every critical point but consensus is a strict saddle, for every β >= low.

    Attributes
    ----------
    low : Expr
    factor : Expr
        ``∫|f''''| < factor A (1/τ + 1/π)`` for these β.
    """

    low: Expr
    factor: Expr


HELD = OnCircle(LEAST_HEAT, Integer(8))


def refute_on_circle(
    flow: Flow, prediction: OnCircle | None, budget: Budget
) -> Counterexample | None:
    """Give a triangle that is a local maximum, or a β at which the inequality fails."""
    off, sign = off_curvature(flow, CURVATURE), climbs_curvature(flow)
    if off or prediction is None or sign is None:
        return Counterexample(off) if off else None
    if sign == -1 or prediction.low < Rational(-2, 3):
        found = polygon_is_maximum(3, sign, prediction.low)
        if found:
            return Counterexample(f"{flow.name}: {found}")
    value = bending(prediction.low)
    if value.a <= prediction.factor:
        return None
    return Counterexample(
        f"β = {prediction.low}: ∫|f''''| is {value.mid:.5g} A (1/τ + 1/π), more than "
        f"{prediction.factor} of it"
    )


def decide_on_circle(flow: Flow, prediction: OnCircle) -> Sheet:
    """Conclude by the typed rule, and at β = 0 by Theorem 4.1."""
    said = "d = 2: every critical point but consensus is a strict saddle"
    if prediction.low < HELD.low or prediction.factor != HELD.factor:
        return Sheet((gap(said, f"it is shown for β >= {HELD.low}, by the factor 8"),))
    found = almost_every_start("circle", Subject.of(flow.model, flow.values))
    if found is None:
        return Sheet((gap(said, f"{flow.name}: no energy of pairs m_i m_j e^(β g) climbs"),))
    words, own = found
    sheet = as_sheet(own.says, own.found, own.names)
    cold = by_statement(
        statement_of(THEOREM_4_1), flow, THEOREM_4_1.prediction, "β = 0: Theorem 4.1"
    )
    scope = {"n": "symbolic", "d": "2", "masses": "symbolic", "beta": f">= {prediction.low}"}
    summary = f"{words}; ∫|f''''| < 8 A (1/τ + 1/π) in balls for all β at once; β = 0: Theorem 4.1"
    return Sheet((*sheet.steps, cold), scope, summary=summary)


ON_CIRCLE: Statement[OnCircle] = Statement(
    "",
    "d = 2, every n and masses: every critical point but consensus is a strict saddle",
    decide_on_circle,
    refute=refute_on_circle,
)


def _warm_enough(**parameters: float) -> float:
    return parameters["beta"] - float(HELD.low)


SADDLES_ON_THE_CIRCLE = Claim(
    "Saddles on the circle",
    "d = 2, every n, any masses, every β >= -13/50: every critical point but consensus is a strict "
    "saddle, as ∫|f''''| < 8 A (1/τ + 1/π), f(θ) = e^(β cos θ)/β, A = -f''(0), f'' > 0 on (τ, π].",
    USA,
    HELD,
    ON_CIRCLE,
    (
        Control("β >= -7/10", prediction=replace(HELD, low=Rational(-7, 10))),
        Control("β >= -27/100", prediction=replace(HELD, low=Rational(-27, 100))),
        Control("7 in place of 8", prediction=replace(HELD, factor=Integer(7))),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.CERTIFIED,
    (IN_THE_PLANE, Hypothesis("β >= -13/50", _warm_enough)),
    origin="extension",
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        ONLY_SPEED,
        Equivalent("the statement is on the energy alone", ("*.velocity: *",)),
        Equivalent(
            "said of fewer β",
            ("prediction.low: + 1", "prediction.low: sign*", "prediction.low: ÷ 2"),
        ),
        Equivalent("a weaker inequality", ("prediction.factor: + 1", "prediction.factor: × 2")),
    ),
)
CLAIMS = (SADDLES_ON_THE_CIRCLE,)
