"""C11: on the circle the largest angle between two solutions of SA grows at most at 2(1+β).

How it is proved
----------------
The rate is the logarithmic sup norm of the Jacobian of the derived angle equation: for each set
of tokens one expression must be positive over all angles and β in [0, 6]. Its sign is certified
on a subdivision tree, and the checker replays it in balls. n = 2; a full run adds n = 3.

References
----------
The constant 2(1+β) is `theory.predictions.chord_lipschitz`; no paper states it for angles.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from sympy import Expr, S, Symbol, diff

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import HEAT, decided_positive, unreached
from theory.derivations import circle_angles
from theory.models import SA, USA, Model
from theory.predictions import chord_lipschitz
from theory.symbols import beta


@dataclass(frozen=True)
class CircleGrowth:
    """Rate at which the largest angle between two solutions grows at most, for β in [0, top]."""

    rate: Expr
    top: int


def check_circle_growth(model: Model, prediction: CircleGrowth, budget: Budget) -> Evidence:
    """Certify ``rate + 2 Σ_{j in S} J_1j > 0`` for every set S of tokens but the first.

    J, the Jacobian of the angles, has zero row sums as the rates are of differences of angles, so
    its logarithmic sup norm is ``2 max_S (-Σ_S J_1j)`` over such sets, for the first token and by
    symmetry for each.

    Parameters
    ----------
    model : Model
        A flow with β.
    prediction : CircleGrowth
        The rate.
    budget : Budget
        ``full`` adds three tokens.
    """
    boxes, scope = 0, "2, 3" if budget.full else "2"
    for count in (2, 3) if budget.full else (2,):
        angles = [Symbol(name, real=True) for name in "xyw"[:count]]
        reduced = circle_angles(model)
        if not reduced.proved:
            return unreached(model, f"{model.name}: the angles aren't shown to suffice", budget.rng)
        rate = reduced.rates(angles)[0]
        row = [diff(rate, angle).subs(angles[0], 0) for angle in angles[1:]]
        for chosen in product((0, 1), repeat=count - 1):
            parts = [e for e, used in zip(row, chosen, strict=True) if used]
            slack = prediction.rate + 2 * sum(parts, S.Zero)
            # 44/7 > 2π: whole circles.
            box = {angle: (0, "44/7") for angle in angles[1:]}
            box = {s: e for s, e in box.items() if s in slack.free_symbols}
            found, used = decided_positive(slack, {**box, beta: (0, prediction.top)})
            if found is not None:
                return Evidence(found[0], f"{model.name}, n = {count}: {found[1]}")
            boxes += used
    return Evidence(
        Verdict.CERTIFIED,
        f"{model.name}: the logarithmic sup norm of the Jacobian is below {prediction.rate}; "
        f"{boxes} boxes",
        {"n": scope, "d": "2", "beta": f"[0, {prediction.top}]", "masses": "1/n"},
    )


C11 = Claim(
    "C11",
    "On the circle, n = 2 (full: 3) and β in [0, 6]: the largest angle between two solutions of SA "
    "grows at most at the rate 2(1+β).",
    SA,
    CircleGrowth(chord_lipschitz(), 6),
    check_circle_growth,
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
