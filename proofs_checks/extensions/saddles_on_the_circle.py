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
π]. Balls show that it is smaller, for all β at once. The rule is `CIRCLE_SADDLES`, with its proof;
the flow at β = 0 is asked by itself, as the energy of USA is divided by β.

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
from proofs_checks.proof import (
    CURVATURE,
    ONLY_SPEED,
    Counterexample,
    Flow,
    Statement,
    climbs_curvature,
    off_curvature,
    polygon_is_maximum,
)
from proofs_checks.theorems import (
    LEAST_HEAT,
    Concludes,
    Refusal,
    saddles_on_circle,
    subject_in,
)
from proofs_checks.theorems import Conclusion as Concluded
from theory.models import REPULSIVE, USA
from theory.symbols import beta


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
    claimed = CURVATURE if beta in flow.model.parameters else CURVATURE.subs(beta, 0)
    off, sign = off_curvature(flow, claimed), climbs_curvature(flow)
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


def conclude_on_circle(flow: Flow, prediction: OnCircle) -> Concluded | Refusal:
    """Say that all but consensus are strict saddles, why, and that tokens meet."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    return saddles_on_circle(subject, prediction.factor, prediction.low)


ON_CIRCLE: Statement[OnCircle] = Statement(
    "",
    "d = 2, every n and masses: every critical point but consensus is a strict saddle",
    Concludes(conclude_on_circle, words=(("d", "2"),)),
    refute=refute_on_circle,
    typed=True,
)


def _warm_enough(**parameters: float) -> float:
    return parameters["beta"] - float(HELD.low)


SADDLES_ON_THE_CIRCLE = Claim(
    "Saddles on the circle",
    "d = 2, every n, any masses, every β >= -13/50: every critical point but consensus is a strict "
    "saddle, as ∫|f''''| < 8 A (1/τ + 1/π), f(θ) = e^(β cos θ)/β, A = -f''(0), f'' > 0 on (τ, π].",
    (USA, USA.subs({beta: 0})),
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
