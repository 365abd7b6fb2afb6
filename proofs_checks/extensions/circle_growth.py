"""C11: on the circle the largest angle between two solutions of SA grows at most at 2(1+β).

How it is proved
----------------
The rate is the logarithmic sup norm of the Jacobian of the derived angle equation: for each set
of tokens one expression must be positive over all angles and β in [0, 6]. Its sign is certified
on a subdivision tree, and the checker replays it in balls. n = 2; a full run adds n = 3. Cited:
Dahlquist's bound by the norm.

References
----------
- Dahlquist, Stability and Error Bounds (1958); Söderlind, BIT 46 (2006).
- The constant 2(1+β) is `theory.predictions.chord_lipschitz`; no paper states it for
  angles.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from sympy import Expr, S, Symbol, diff

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    HEAT,
    Counterexample,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    cited,
    derived,
    gap,
    not_asked,
    positive_on_box,
    refute_off_sphere,
)
from theory.derivations import circle_angles
from theory.models import SA, USA
from theory.predictions import chord_lipschitz
from theory.symbols import beta


@dataclass(frozen=True)
class CircleGrowth:
    """Rate at which the largest angle between two solutions grows at most, for β in [0, top]."""

    rate: Expr
    top: int


DAHLQUIST = (
    "Dahlquist: solutions of u' = F(u) part in the largest |u_i - v_i| at most at the rate "
    "max_i (J_ii + Σ_{j≠i} |J_ij|), J the Jacobian between them"
)


def decide(flow: Flow, prediction: CircleGrowth) -> Sheet:
    """Bound the growth by the logarithmic sup norm of the Jacobian of the angles."""
    text = "d = 2, equal masses: θ_i' depends on the angles alone"
    if not circle_angles(flow.model).proved:
        return Sheet((gap(text, f"{flow.name}: the angles aren't shown to suffice"),))
    angles = Step(text, How.DERIVED)
    alike = Step("every token has the equation of the first", How.DERIVED, evidence="symmetry")
    return Sheet((angles, alike, cited(DAHLQUIST, angles)))


def _jacobian(flow: Flow, count: int) -> tuple[list[Symbol], list[Expr], Step]:
    """Angles but the first, J_1j of them with the first at 0, and that the row sums to 0."""
    angles = [Symbol(name, real=True) for name in "xyw"[:count]]
    rate = circle_angles(flow.model).rates(angles)[0]
    turn = Symbol("c", real=True)
    turned = rate.subs({angle: angle + turn for angle in angles}, simultaneous=True)
    text = f"n = {count}: θ_1' sees differences only, so J_11 = -Σ_{{j>1}} J_1j"
    row = [diff(rate, angle).subs(angles[0], 0) for angle in angles[1:]]
    return angles[1:], row, derived(text, turned - rate)


def enclose(flow: Flow, prediction: CircleGrowth, budget: Budget) -> Sheet | Counterexample:
    """Certify ``rate + 2 Σ_{j in S} J_1j > 0`` for every set S of tokens but the first.

    With zero row sums the norm is ``2 max_S (-Σ_S J_1j)`` over such sets, for the first token and
    by symmetry for each.
    """
    steps = []
    counts = (2, 3) if budget.full else (2,)
    for count in counts:
        angles, row, sums = _jacobian(flow, count)
        steps.append(sums)
        for chosen in product((0, 1), repeat=count - 1):
            parts = [e for e, used in zip(row, chosen, strict=True) if used]
            slack = prediction.rate + 2 * sum(parts, S.Zero)
            # 44/7 > 2π: whole circles.
            box = [(angle, 0, "44/7") for angle in angles if angle in slack.free_symbols]
            said = " + ".join(f"J_1{j}" for j, used in enumerate(chosen, start=2) if used) or "0"
            step = positive_on_box(
                f"n = {count}: {prediction.rate} + 2({said}) > 0 for all angles, "
                f"0 <= β <= {prediction.top}",
                slack,
                (*box, (beta, 0, prediction.top)),
            )
            if step.outcome is Outcome.FAILS:
                return Counterexample(f"{flow.name}, n = {count}: {step.evidence}")
            steps.append(step)
    return Sheet(
        tuple(steps),
        {
            "n": ", ".join(map(str, counts)),
            "d": "2",
            "beta": f"[0, {prediction.top}]",
            "masses": "1/n",
        },
        summary=f"{flow.name}: the logarithmic sup norm of the Jacobian is below {prediction.rate}",
    )


GROWTH: Statement[CircleGrowth] = Statement(
    "",
    "on the circle angles grow at most at a constant rate",
    decide,
    not_asked,
    refute_off_sphere,
    search=enclose,
)


C11 = Claim(
    "C11",
    "On the circle, n = 2 (full: 3) and β in [0, 6]: the largest angle between two solutions of SA "
    "grows at most at the rate 2(1+β).",
    SA,
    CircleGrowth(chord_lipschitz(), 6),
    GROWTH,
    (
        Control("2(1+β) -> (1+β)/10", prediction=CircleGrowth((1 + beta) / 10, 6)),
        Control("2(1+β) -> (1+β)/2", prediction=CircleGrowth((1 + beta) / 2, 6)),
        Control("the flow USA", model=USA),
    ),
    Verdict.CERTIFIED,
    cases=10,
    origin="extension",
    equivalents=(
        Equivalent(
            "two tokens: the boxes certify it as well, the bound being larger than the norm",
            ("*.velocity: sign", "*.velocity: × β", *HEAT, "prediction.rate: β -> β²"),
        ),
        Equivalent("a larger bound", ("prediction.rate: squared",)),
        Equivalent("the boxes certify it for β <= 7; or fewer β", ("prediction.top: [+-] 1",)),
    ),
)


CLAIMS = (C11,)
