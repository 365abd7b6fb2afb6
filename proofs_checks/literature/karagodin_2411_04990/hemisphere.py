"""Hemisphere under a mask: consensus where a token is reached from all.

Main results
------------
- From an open hemisphere, V = I and any Q, K, β: if some token is reached from all along who sees
  whom (a strongly connected graph, a window, a causal mask), all tokens tend to one point,
  exponentially.
- If none is, two groups see nobody else: put at two points they stand still for ever.

How it is proved
----------------
A theorem on models in pull form: in gnomonic coordinates y_i' = Σ_j a_ij (y_j - y_i), a_ij = A_ij
s_j/s_i, as in Lemma 6.4; heights never fall, so a_ij has a positive least value along the edges of
a fixed graph, e^(-|β|) for β of either sign. A path of at most n-1 edges leads from every token to
the one reached from all. Without such a token there are two closed groups.

References
----------
Extends Lemma 6.4 of arXiv 2312.10794 to the masks of arXiv 2411.04990. Graphs: L. Moreau, IEEE
Trans. Automat. Control 50 (2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Matrix

from numerics.compile import compile_model
from numerics.sphere import project
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CONTINUOUS,
    FASTER,
    LEAST,
    LED,
    LIMIT_POINT,
    ON_SPHERE,
    OWN_VALUES,
    PAIR,
    PATHS,
    SCHEDULED,
    SEES,
    TIME_CHANGE,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apart,
    apply,
    contraction_algebra,
    derived,
    gap,
    masked_attention,
    parted_groups,
    parting_pair,
    short,
    sight_of,
    subjects,
    with_tau,
)
from proofs_checks.proof.kinds import SIGHTED
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    in_its_time,
    meeting,
    sight_in,
    with_time,
    words_of,
)
from theory.atoms import RowSoftmax, Tangent
from theory.derivations import gnomonic
from theory.masks import GRAPH, Mask
from theory.models import SA, Model
from theory.recorded import is_recording
from theory.symbols import X, beta, m, n


def _graph(rows: list[list[int]]) -> Mask:
    """Mask of a graph for as many tokens as it has."""
    return Mask(GRAPH, Mask.graph(Matrix(rows)).parameter, n)


WINDOW = Model("window", Tangent(X, RowSoftmax(beta * X * X.T, m, mask=Mask.band(1)) * X))

RING = masked_attention("ring", _graph([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]]))

TREE = masked_attention("tree", _graph([[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 1]]))

_PAIRS = [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]

PARTED = masked_attention("two pairs", _graph(_PAIRS))

BLIND = masked_attention("blind", Mask.band(0))


@dataclass(frozen=True)
class Hemisphere:
    """Tokens of an open hemisphere, or of a closed one, tend to one point."""

    open: bool = True


def derive_hemisphere(flow: Flow) -> Hemisphere | None:
    """Return that it is about open hemispheres."""
    return None if sight_of(flow) is None else Hemisphere()


def refute_hemisphere(
    flow: Flow, prediction: Hemisphere | None, budget: Budget
) -> Counterexample | None:
    """Find groups or pairs that never meet, or tokens of a closed hemisphere that don't."""
    if found := parting_pair(flow) or parted_groups(flow):
        return found
    if found := _apart(flow, budget):
        return found
    if prediction is None or prediction.open or sight_of(flow) is None:
        return None
    text = "token 1 at (1, 0), the others at (-1, 0), in a closed hemisphere: P_x(-x) = 0"
    return Counterexample(f"{text}, all stand still")


def _apart(flow: Flow, budget: Budget) -> Counterexample | None:
    """Two tokens that see each other and don't approach, as their weight isn't positive."""
    sight = sight_of(flow)
    if sight is None or sight.mask is not None or sight.attracts:
        return None
    text = apart(flow, budget.rng)
    return Counterexample(text, PAIR) if text else None


def _coordinates(flow: Flow) -> Step:
    text = "y_i' = Σ_j a_ij (y_j - y_i), a_ij = c A_ij s_j/s_i; s_i' = c Σ_j A_ij (s_j - g_ij s_i)"
    try:
        found = gnomonic(flow.model)
    except ValueError as error:
        return gap(text, str(error))
    if is_recording():
        return Step(text, How.DERIVED, formal=tuple(part.value for part in found.proof))
    return Step(text, How.DERIVED) if found.proved else gap(text, "not proved")


def decide(flow: Flow, prediction: Hemisphere) -> Sheet:
    """Prove that the gnomonic diameter shrinks by a factor, where no rate of its own is known."""
    sees, led = SEES.test(flow), LED.test(flow)
    coordinates = _coordinates(flow)
    sight = sight_of(flow)
    most = "1" if sight is None else sight.most
    text = f"A_ij >= κ m_j, κ > 0, where i sees j, else 0; Σ_j A_ij <= S = {most}"
    weights = Step(
        text, sees.how, sees.outcome, f"{sees.evidence}, on the compact set of heights >= r0"
    )
    heights = apply(LEAST, "min_i s_i never falls: s_i >= r0", coordinates, weights)
    start = Step("r0 > 0: an open hemisphere", How.DERIVED)
    if not prediction.open:
        start = gap("r0 > 0", "r0 is 0 in a closed hemisphere")
    text = "a_ij >= α = c r0 κ min m where i sees j, Σ_j a_ij <= M = c S/r0: D(t+1) <= (1-η) D(t)"
    leader = None if sight is None else sight.leader
    shrinks = apply(PATHS, text, coordinates, weights, heights, start, led, leader=leader)
    nearer = derived("|N(y)-N(y')| <= |y-y'| for |y|, |y'| >= 1", contraction_algebra())
    meets = apply(LIMIT_POINT, "x_i -> x*, |x_i-x*| <= D", shrinks, nearer)
    steps = [coordinates, weights, heights, start, led, shrinks, nearer, meets]
    schedule = flow.schedule
    if schedule is not None and not schedule.constant:
        total, factor = schedule.total, schedule.factor
        steps.append(apply(TIME_CHANGE, "τ = ∫s -> ∞", meets, factor=factor, total=total))
    return Sheet(
        tuple(steps),
        {
            "n": "symbolic" if sight is None else sight.tokens,
            "d": "symbolic",
            "beta": "symbolic, of either sign",
            "masses": "symbolic, sum 1",
        },
        subjects(flow.model),
        "y_i' = Σ_j a_ij (y_j-y_i), a_ij >= α where i sees j: D falls by 1-η, η = e^{-M} min(1, "
        "α/(n-1))^{n-1}, in each unit of time; |x_i-x*| <= D",
    )


def watch(flow: Flow, prediction: Hemisphere, budget: Budget) -> Trial:
    """Run five tokens of a hemisphere to t = 300; of claims, which say every β, at β < 0 too."""
    sight = sight_of(flow)
    if sight is None or flow.given or flow.model.parameters != (beta,):
        return Trial(silent=f"{flow.name}: no numbers to run it at")
    worst, tolerance = 0.0, 1e-4
    for _ in range(max(1, budget.cases // 4)):
        points = budget.rng.normal(size=(5, 3))
        points[:, -1] = np.abs(points[:, -1]) + 0.2
        warm = float(budget.rng.uniform(-1 if flow.from_zero else 0, 1))
        field = compile_model(flow.model, beta=warm)
        end = integrate(field, project(points), 300.0, rtol=1e-9).points[-1]
        worst = max(worst, float(np.abs(end - end[0]).max()))
        if worst > tolerance:
            said = f"β = {warm:.3g}, x(0) = {short(project(points))}: apart by {worst:.2g} at t = "
            return Trial(f"{said}300", 1 - worst / tolerance, budget.cases)
    return Trial(margin=1 - worst / tolerance, cases=budget.cases)


_SAID = "a token reached from all: consensus from an open hemisphere, exponentially"


def conclude_hemisphere(flow: Flow, prediction: Hemisphere) -> Conclusion | Refusal:
    """Say how D falls, for β of either sign if that is known, and that all tokens meet."""
    if not prediction.open:
        return Refusal("heights may be 0 in a closed hemisphere")
    found = sight_in(flow, either=True)
    if isinstance(found, Refusal):
        found = sight_in(flow)
    return found if isinstance(found, Refusal) else in_its_time(flow, meeting(*found))


def say_hemisphere(flow: Flow, prediction: Hemisphere) -> str:
    """Say it at the model's own rate."""
    own = conclude_hemisphere(flow, prediction)
    if isinstance(own, Refusal):
        return with_tau(flow, _SAID)
    said = f"from an open hemisphere, h <= <x_i(0),w>: consensus, {words_of(own, 0)}"
    return with_time(flow, own, f"a token reached from all: {said}")


HEMISPHERE: Statement[Hemisphere] = Statement(
    "hemisphere under a mask",
    _SAID,
    Concludes(conclude_hemisphere, decide),
    derive_hemisphere,
    refute_hemisphere,
    watch,
    domain=(SIGHTED,),
    premises=(ON_SPHERE, OWN_VALUES, CONTINUOUS, SEES, SCHEDULED, LED),
    says=say_hemisphere,
    typed=True,
)


CONSENSUS = Claim(
    "Masked hemisphere",
    "V = I, every β; no mask, a window of 1, and any Q, K under a ring, a tree, a causal mask: "
    "some token is reached from all, and tokens of an open hemisphere tend to one point, "
    "exponentially.",
    (SA, WINDOW, RING, TREE, masked_attention("causal", Mask.causal())),
    Hemisphere(),
    HEMISPHERE,
    (
        Control("V = -I", model=(masked_attention("window, V = -I", Mask.band(1), sign=-1),)),
        Control("two pairs that don't see each other", model=(PARTED,)),
        Control("tokens that see themselves alone", model=(BLIND,)),
        Control("a closed hemisphere", prediction=Hemisphere(open=False)),
    ),
    Verdict.PROVED,
    cases=4,
    origin="extension",
    equivalents=(FASTER, AT_EVERY_BETA),
)


CLAIMS = (CONSENSUS,)
