"""Figure 5: phase diagrams with random Q, K and V.

How it is proved
----------------
Nothing is: runs only, with fresh matrices in each. Fronts P = 1/2 and late
probabilities of the four panels are held against intervals that are wider than the panels by
several standard errors; (b) is stiff and followed to t = 2 only. That Q = K = V = I is SA is
checked in floats at one configuration. The paper prints no variances: those that reproduce the
panels are taken.

References
----------
arXiv 2312.10794, Figure 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from numerics import sphere
from numerics.compile import compile_model
from numerics.phase import MATRICES, PhaseDiagram
from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    Array,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    diagram_of,
    level_note,
    shown_numbers,
    unproved,
)
from theory.models import QKV, SA, Model
from theory.symbols import beta


@dataclass(frozen=True)
class Matrices:
    """How Q, K and V of the four panels are drawn: names in ``numerics.random_matrices.MATRICES``.

    The labels print no variances; the defaults reproduce the panels.
    """

    a: str = "a"
    b: str = "b"
    c: str = "c"
    d: str = "d"


_ROUNDING = 1e-12
"""How far apart two velocities may be that are the same but for rounding."""


def _off_self_attention(model: Model, budget: Budget) -> float:
    """How far the velocity with Q = K = V = I is from that of SA."""
    points = sphere.random_points(8, 5, budget.rng)
    identity: dict[str, Any] = MATRICES["identity"](budget.rng, 5)
    own = compile_model(model, beta=1.7, **identity)(points)
    return float(np.max(np.abs(own - compile_model(SA, beta=1.7)(points))))


def decide(flow: Flow, prediction: Matrices) -> Sheet:
    """Say what is proved: that tokens stay on the sphere."""
    variances = Step(
        "Q, K, V of each panel are drawn as its label says",
        How.CITED,
        cites=("variances of the ensembles aren't printed: those that reproduce the panels",),
    )
    fronts = unproved(
        f"fronts and late probabilities for Q, K, V drawn as {prediction.a}, {prediction.b}, "
        f"{prediction.c}, {prediction.d}"
    )
    return Sheet((flow.on_sphere, variances, fronts))


def refute_matrices(
    flow: Flow, prediction: Matrices | None, budget: Budget
) -> Counterexample | None:
    """With Q = K = V = I the flow must be (SA), which makes it Figure 3 again."""
    off = _off_self_attention(flow.model, budget)
    if off <= _ROUNDING:
        return None
    return Counterexample(f"Q = K = V = I: {off:.2g} off the velocity of SA")


def simulate(flow: Flow, prediction: Matrices, budget: Budget) -> Trial:
    """Compare fronts and late probabilities of the four panels; fresh matrices in each run.

    The intervals of the statement are wider than the panels by several standard errors of the
    runs drawn.
    """
    n, d = (32, 128) if budget.full else (16, 48)
    runs = 4 * budget.cases if budget.full else budget.cases
    betas = np.array([0.5, 1.0, 2.0, 5.0, 9.0] if budget.full else [0.5, 2.0, 9.0])
    cold = int(np.argmax(betas >= 2))
    slow = np.append(np.arange(0.0, 12.1, 0.5), 20.0 if budget.full else 15.0)
    end = float(slow[-1])
    scope = {"n": str(n), "d": str(d), "beta": shown_numbers(betas)}
    scope["t"] = f"0 to {end:g}, (b) 0 to 2"
    refuted = partial(Trial, scope=scope, cases=runs)
    # stiff: eigenvalues of V reach 4√d, so that its panel is followed for a short time
    fast = np.linspace(0.0, 2.0, 21)

    def panel(name: str, times: Array, number: int) -> PhaseDiagram:
        return diagram_of(flow.model, (n, d), (betas, times), number, budget, 1e-3, MATRICES[name])

    words, margins = [], []

    def contrast(label: str, name: str) -> Trial | None:
        """(c), (d): one cluster at small β, fewer close pairs from β = 2 on."""
        found = panel(name, slow, runs)
        late, error = found.probability[:, -1], found.error[:, -1]
        less = late[0] - late[cold:].max()
        if not (late[0] > 0.5 and less > 0.2):
            return refuted(
                f"({label}): at t = {end:g} the probability is {shown_numbers(late)} "
                f"at β = {shown_numbers(betas)}"
            )
        words.append(
            f"({label}) P = {shown_numbers(late, '.2f')} ± {error.max():.2f} at t = {end:g}"
        )
        margins.extend([less / 0.2 - 1, late[0] / 0.5 - 1])
        return None

    # (a): one front at all β, then mostly one cluster
    found = panel(prediction.a, slow, runs)
    front, late = np.nan_to_num(found.front(), nan=np.inf), found.probability[:, -1]
    if not (5 < front.min() and front.max() < 10 and late.min() > 0.8):
        return refuted(
            f"(a): half of the pairs are close at t = {shown_numbers(front)}; "
            f"at t = {end:g} {shown_numbers(late)}"
        )
    words.append(
        f"(a) front at t = {shown_numbers(front)}, P = {shown_numbers(late, '.2f')} at t = {end:g}"
    )
    margins += [front.min() / 5 - 1, 1 - front.max() / 10, late.min() / 0.8 - 1]
    broken = contrast("c", prediction.c)
    if broken:
        return broken
    # (b): an early front, then a plateau below 1 at the largest β; rare enough to need more runs
    found = panel(prediction.b, fast, 3 * runs)
    early, late = np.nan_to_num(found.front(), nan=np.inf), found.probability[:, -1]
    drift = float(np.max(np.abs(late - found.probability[:, found.times.size * 3 // 4])))
    if not (early.max() < 1 and late[0] > 0.9 and 0.5 < late[-1] < 1 and drift < 0.1):
        return refuted(
            f"(b): half of the pairs are close at t = {shown_numbers(early)}; at t = 2 "
            f"{shown_numbers(late)}, {drift:.2f} from t = 1.5"
        )
    words.append(
        f"(b), followed to t = 2 only: front at t = {shown_numbers(early, '.2f')}, then P = "
        f"{shown_numbers(late, '.2f')} ± {found.error[-1, -1]:.2f}, changed by {drift:.2f} from "
        "t = 1.5"
    )
    margins += [1 - early.max(), late[0] / 0.9 - 1, 1 - drift / 0.1]
    broken = contrast("d", prediction.d)
    if broken:
        return broken
    return Trial(
        "",
        float(min(margins)),
        runs,
        seen=f"β = {shown_numbers(betas)}, {runs} draws a panel, {3 * runs} for (b): "
        f"{'; '.join(words)}; Q = K = V = I is SA to {_ROUNDING:g}{level_note(budget)}",
        scope=scope,
    )


PANELS: Statement[Matrices] = Statement(
    "",
    "phase diagrams with random Q, K, V: fronts and late probabilities of the panels",
    decide,
    refute=refute_matrices,
    trial=simulate,
)


FIGURE_5 = Claim(
    "Figure 5",
    "Q = K = V = I is SA. P = 1/2 is passed (a) between t = 5 and 10, (b) before 1; then P > 0.8 "
    "(a), and at β = 9 a plateau 0.5 < P < 1 from t = 1.5 to 2 (b). (c), (d) late: P > 0.5 at "
    "β = 0.5, less by 0.2 for all β >= 2 drawn.",
    QKV,
    Matrices(),
    PANELS,
    (
        Control("(a) with V = (QᵀK)ᵀ of (c)", prediction=Matrices(a="c")),
        Control("(b) with V of the GOE, indefinite", prediction=Matrices(b="b-goe")),
        Control("(c) with Q = K = V = I: Figure 3", prediction=Matrices(c="identity")),
        Control("β -> 2β in the flow", model=QKV.subs({beta: 2 * beta})),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=8,
)


CLAIMS = (FIGURE_5,)
