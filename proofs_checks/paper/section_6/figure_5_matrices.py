"""Figure 5, E.Figure 5: phase diagrams with random Q, K and V, and what their labels say of V.

Main results
------------
- Figure 5: fronts and late probabilities of the four panels, at d = 128, n = 32 in full.
- E.Figure 5: the labels of (a), (b), (c) give other panels than those drawn.

How it is proved
----------------
Of Figure 5 there are runs only, with fresh matrices in each: fronts P = 1/2 and late probabilities
are held against intervals that are wider than the panels by several standard errors; (b) is stiff
and followed to t = 2, in full to 30. That Q = K = V = I is SA is checked in floats at one
configuration. The paper prints no variances: those that reproduce the panels are taken.
Of the erratum, the change of time in (a) is derived and the chance of V ⪰ 0 in (b) is bounded; the
two readings of (c) are run with the same draws.

References
----------
arXiv 2312.10794, Figure 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from sympy import Rational, Symbol

from numerics import sphere
from numerics.compile import compile_model
from numerics.phase import MATRICES, PhaseDiagram
from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    ALL_SIGNS,
    LARGER_EVENT,
    Array,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cited,
    derived,
    diagram_of,
    gap,
    level_note,
    row_residual,
    shown_numbers,
    unproved,
)
from theory.bounded import simplified
from theory.models import QKV, SA, Model
from theory.symbols import V, beta


@dataclass(frozen=True)
class Matrices:
    """How Q, K and V of the four panels are drawn: names in ``numerics.random_matrices.MATRICES``.

    The labels print no variances; the defaults reproduce the panels.
    """

    a: str = "a"
    b: str = "b"
    c: str = "c"
    d: str = "d"


_PRINTED, _SMALL = (32, 128), (16, 48)
"""Tokens and dimension of the figure, and of a quick check."""

_BETAS, _FEW = np.array([0.5, 1.0, 2.0, 5.0, 9.0]), np.array([0.5, 2.0, 9.0])

_MORE = ", three times as many for (b)"

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
    (n, d), betas = (_PRINTED, _BETAS) if budget.full else (_SMALL, _FEW)
    runs = 4 * budget.cases if budget.full else budget.cases
    cold = int(np.argmax(betas >= 2))
    slow = np.append(np.arange(0.0, 12.1, 0.5), [20.0, 30.0] if budget.full else [15.0])
    end = float(slow[-1])
    # stiff: eigenvalues of V reach 4√d, so that its panel is followed for a short time
    fast = np.append(np.linspace(0.0, 2.0, 21), [10.0, 30.0] if budget.full else [])
    after = int(np.argmax(fast >= 2))
    scope = {"n": str(n), "d": str(d), "beta": shown_numbers(betas)}
    scope["t"] = f"0 to {end:g}, (b) 0 to {fast[-1]:g}"
    refuted = partial(Trial, scope=scope, cases=runs)

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
    found = panel(prediction.b, fast, runs if budget.full else 3 * runs)
    early, late = np.nan_to_num(found.front(), nan=np.inf), found.probability[:, after]
    drift = float(np.max(np.abs(late - found.probability[:, 15])))
    if not (early.max() < 1 and late[0] > 0.9 and 0.5 < late[-1] < 1 and drift < 0.1):
        return refuted(
            f"(b): half of the pairs are close at t = {shown_numbers(early)}; at t = 2 "
            f"{shown_numbers(late)}, {drift:.2f} from t = 1.5"
        )
    last = shown_numbers(found.probability[:, -1], ".2f")
    words.append(
        f"(b) front at t = {shown_numbers(early, '.2f')}, then P = {shown_numbers(late, '.2f')} ± "
        f"{found.error[-1, after]:.2f} at t = 2, changed by {drift:.2f} from t = 1.5"
        + (f", {last} at t = {end:g}" if budget.full else "")
    )
    margins += [1 - early.max(), late[0] / 0.9 - 1, 1 - drift / 0.1]
    broken = contrast("d", prediction.d)
    if broken:
        return broken
    return Trial(
        "",
        float(min(margins)),
        runs,
        seen=f"β = {shown_numbers(betas)}, {runs} draws a panel{'' if budget.full else _MORE}: "
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


_READ = (
    "the picture is read, it has no data: (a) has its front between t = 5 and 10, (c) few close "
    "pairs from β = 2 on"
)

_SPEED, _HOT = Symbol("c", positive=True), 2.0


def decide_labels(flow: Flow, prediction: Matrices) -> Sheet:
    """Derive what unit variances do in (a), and how rarely a matrix of the GOE is ⪰ 0."""
    faster = flow.model.velocity.xreplace({V: _SPEED * V}).doit()
    left = simplified(row_residual(faster, _SPEED * flow.model.velocity))
    signs = Step("V_ii of the GOE are independent, Gaussian with mean 0", How.DERIVED)
    event = Step("V ⪰ 0 has all V_ii = <e_i, V e_i> >= 0, e_i the basis", How.DERIVED)
    chance = apply(ALL_SIGNS, "P(all V_ii >= 0) = 2^{-d}: one of 2^d signs", signs, event)
    small = Rational(1, 2) ** _PRINTED[1]
    text = f"P(V ⪰ 0) <= 2^{{-d}}, < 10^{{-38}} at d = {_PRINTED[1]}"
    rare = apply(LARGER_EVENT, text, event, chance)
    below = "2^{-128} < 10^{-38}"
    tiny = Step(below, How.DECIDED) if small < Rational(1, 10**38) else gap(below, str(small))
    read = cited(_READ)
    return Sheet(
        (
            derived("V -> cV is x' -> c x': entries of variance 1 put (a) √d times earlier", left),
            *(signs, event, chance, rare, tiny, read),
            unproved(f"(a) and (c) as drawn: V drawn as {prediction.a}, {prediction.c}"),
        ),
    )


def refute_labels(flow: Flow, prediction: Matrices | None, budget: Budget) -> Counterexample | None:
    """Find a V of (b) that isn't ⪰ 0, by one of its diagonal entries, or another flow."""
    other = refute_matrices(flow, prediction, budget)
    if other or prediction is None:
        return other
    for _ in range(_TRIES):
        value = MATRICES[prediction.b](budget.rng, _PRINTED[1])["V"]
        least = int(np.argmin(np.diag(value)))
        if value[least, least] < 0:
            return Counterexample(
                f"(b), V drawn as {prediction.b}: V_ii = {value[least, least]:.3g} for i = "
                f"{least + 1}, so V isn't ⪰ 0, as happens with probability 1 - 2^{{-d}} at least"
            )
    return None


_TRIES = 4


def compare_labels(flow: Flow, prediction: Matrices, budget: Budget) -> Trial:
    """Run (a) to its front, and both readings of (c) with the same draws."""
    (n, d), betas = (_PRINTED, _BETAS) if budget.full else (_SMALL, _FEW)
    runs = 4 * budget.cases if budget.full else 2 * budget.cases
    scope = {"n": str(n), "d": str(d), "beta": shown_numbers(betas), "t": "0 to 12"}
    refuted = partial(Trial, scope=scope, cases=runs)
    times = np.arange(0.0, 12.1, 0.5)
    seed = int(budget.rng.integers(2**31))

    def panel(name: str) -> PhaseDiagram:
        same = replace(budget, rng=np.random.default_rng(seed))
        return diagram_of(flow.model, (n, d), (betas, times), runs, same, 1e-3, MATRICES[name])

    front = np.nan_to_num(panel(prediction.a).front(), nan=np.inf)
    if not (5 < front.min() and front.max() < 10):
        return refuted(
            f"(a), V drawn as {prediction.a}: half of the pairs are close at t = "
            f"{shown_numbers(front)}; drawn is a front between 5 and 10"
        )
    own, other = (panel(name) for name in (prediction.c, _OTHER.get(prediction.c, "c")))
    cold, at = betas >= _HOT, int(np.argmax(times >= 10))
    few, many = (float(one.probability[cold, at].mean()) for one in (own, other))
    shown = (
        f"(c) with V as {prediction.c}: P = {shown_numbers(own.probability[:, at], '.2f')} ± "
        f"{own.error[:, at].max():.2f} at t = 10, transposed "
        f"{shown_numbers(other.probability[:, at], '.2f')} ± {other.error[:, at].max():.2f}"
    )
    if not 4 * few < 3 * many:
        return refuted(f"{shown}: not the reading of fewer close pairs, by a third, at β >= 2")
    return Trial(
        "",
        float(min(front.min() / 5 - 1, 1 - front.max() / 10, 1 - 4 * few / (3 * many))),
        runs,
        seen=f"{runs} draws: (a) front at t = {shown_numbers(front)}; {shown}{level_note(budget)}",
        scope=scope,
    )


_OTHER = {"c": "c-as-printed", "c-as-printed": "c"}

LABELS: Statement[Matrices] = Statement(
    "",
    "what the labels of Figure 5 say of V",
    decide_labels,
    refute=refute_labels,
    trial=compare_labels,
)

ERRATUM_FIGURE_5 = Claim(
    "E.Figure 5",
    "As drawn, V has variance 1/d (a), is a Wishart matrix (b) and (Q^T K)^T/√d (c). As labelled: "
    "(a) is √d times faster, V of the GOE is ⪰ 0 with probability 2^{-d} at most, and V = Q^T K "
    "has a third more close pairs at β >= 2, t = 10.",
    QKV,
    Matrices(),
    LABELS,
    (
        Control("(a) with entries of variance 1", prediction=Matrices(a="a-unscaled")),
        Control("(b) with V of the GOE", prediction=Matrices(b="b-goe")),
        Control("(c) with V = Q^T K", prediction=Matrices(c="c-as-printed")),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    printed=Control(
        "as labelled", prediction=Matrices(a="a-unscaled", b="b-goe", c="c-as-printed")
    ),
    cases=8,
    origin="erratum",
    kind="statement",
)


CLAIMS = (FIGURE_5, ERRATUM_FIGURE_5)
