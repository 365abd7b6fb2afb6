"""Lemma 6.4: tokens of an open hemisphere meet, exponentially, for arbitrary Q, K with V = I.

How it is proved
----------------
`decide` writes the proof for any flow. The gnomonic identity is derived for any weights, and the
Gram algebra reduces the contraction of the projection; with the least weight κ they give
D' <= -λ D for the gnomonic diameter D, in the time ∫s of a flow with a schedule. κ is e^{-2β}
(USA e^{-β}); with query and key matrices the operator norm bounds the scores, and it is
e^{-2|β||Q^T K|} (e^{-|β||Q^T K|}), β of either sign. λ is compared with r0 κ exactly, for symbolic
β, n, d, masses, Q and K. D is watched along drawn runs. Under a mask the statement on masks is
cited.

References
----------
arXiv 2312.10794, Lemma 6.4; (A.10).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial

from sympy import Expr, Function, Rational, exp

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.literature.karagodin_2411_04990.hemisphere import HEMISPHERE
from proofs_checks.proof import (
    CONE,
    CONTINUOUS,
    CONTRACTION,
    FASTER,
    GRONWALL,
    IMPLICATION,
    LEAST,
    LED,
    LIMIT_POINT,
    NORM,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    R0,
    SCHEDULED,
    SCOPE_WARM,
    SEES,
    SMALLEST,
    TIME_CHANGE,
    ByModel,
    ConeRate,
    Counterexample,
    Flow,
    How,
    Premise,
    Sheet,
    Statement,
    Step,
    TimedCone,
    Trial,
    apart,
    apply,
    by_statement,
    contraction_algebra,
    derived,
    excess_rate,
    gap,
    least_in_words,
    least_weight,
    parted_clumps,
    parted_groups,
    parting_values,
    refute_in_family,
    resting_tokens,
    scope_of_scores,
    sight_of,
    slow_clock,
    slow_pair,
    subjects,
    watch_hemispheres,
    weights_steps,
)
from proofs_checks.proof.kinds import FLOWS
from theory.derivations import gnomonic
from theory.models import QK_SA, QK_USA, QKV, REPULSIVE, SA, USA
from theory.recorded import is_recording
from theory.symbols import beta, t


@dataclass(frozen=True)
class RootedCone:
    """Consensus, exponentially, at a rate that isn't stated: a token is reached from all."""


def _sees_a_root(flow: Flow) -> bool:
    return SEES.test(flow).holds and LED.test(flow).holds


def _weights(flow: Flow) -> Step:
    """Positive weights, or positive ones for the tokens seen, among them one reached from all."""
    step = POSITIVE_WEIGHTS.test(flow)
    return SEES.test(flow) if not step.holds and _sees_a_root(flow) else step


WEIGHTS = Premise("POSITIVE_WEIGHTS", _weights)


def derive_cone(flow: Flow) -> ConeRate | RootedCone | None:
    """Return ``λ = r0 κ`` with κ the least weight, in the flow's own time."""
    if flow.schedule is None:
        return None
    if not flow.attracts.holds:
        return RootedCone() if _sees_a_root(flow) else None
    rate = R0 * least_weight(flow)
    clock = t if flow.schedule.constant else Function("tau")(t)
    return TimedCone(rate, rate, clock=clock)


def refute_cone(
    flow: Flow, prediction: ConeRate | RootedCone | None, budget: Budget
) -> Counterexample | None:
    """Tokens of an open hemisphere that never meet, or meet more slowly than λ says."""
    if isinstance(prediction, RootedCone):
        prediction = None
    timed = isinstance(prediction, TimedCone)
    rate = None if prediction is None else prediction.of(flow.model)
    found = parting_values(flow) or parted_groups(flow) or _refute_rate(budget, timed, flow, rate)
    found = found or parted_clumps(flow) or _of_free_graph(flow) or resting_tokens(flow)
    return found or refute_in_family(flow, prediction, partial(_refute_rate, budget, timed))


def _of_free_graph(flow: Flow) -> Counterexample | None:
    """Give a graph at which nobody moves, where any graph may be given."""
    sight = sight_of(flow)
    if sight is None or sight.mask is None or sight.leader is not None:
        return None
    text = f"{sight.mask.parameter} = I: tokens see themselves alone, and stand still for ever"
    return Counterexample(text, {"n": ">= 2", "d": ">= 2", "masses": "any"})


def _refute_rate(
    budget: Budget, timed: bool, flow: Flow, rate: Expr | None
) -> Counterexample | None:
    """Break one rate at one flow."""
    heats = flow.heats
    if rate is not None:
        heats = tuple(h for h in heats if rate.subs({R0: Rational(1, 2), beta: h}).is_positive)
    found = apart(flow, budget.rng, heats)
    if not found and rate is not None:
        found = slow_pair(flow, rate)
        if not found and not timed:
            found = slow_clock(flow, rate)
    return Counterexample(found, PAIR) if found else None


def _rate_step(flow: Flow, rate: Expr) -> Step:
    """λ <= r0 κ."""
    least = least_weight(flow)
    text = f"λ = {rate} <= r0 κ"
    if rate == R0 * least:
        return Step(text, How.DERIVED, evidence="equal")
    if least == SMALLEST:
        return gap(text, "κ has no closed form here")
    signs = (1,) if flow.scores is None else (1, -1)
    if any(excess_rate(rate, R0 * least, sign) for sign in signs):
        return gap(text, f"λ = {rate} exceeds the derived r0·min weight {R0 * least}")
    asked = "β >= 0" if flow.scores is None else "β of either sign"
    return Step(text, How.DECIDED, evidence=f"log of the quotient is <= 0 for {asked}")


@lru_cache(maxsize=64)
def _identity_step(flow: Flow) -> Step:
    text = "y_i' = Σ_j A_ij (s_j/s_i)(y_j - y_i) and s_i' = Σ_j A_ij (s_j - g_ij s_i)"
    try:
        found = gnomonic(flow.model)
    except ValueError as error:
        return gap(text, str(error))
    if is_recording():
        return Step(text, How.DERIVED, formal=tuple(part.value for part in found.proof))
    return Step(text, How.DERIVED) if found.proved else gap(text, "not proved")


def decide(flow: Flow, prediction: ConeRate | RootedCone) -> Sheet:
    """Prove the contraction (A.10) of the gnomonic diameter at the predicted rate."""
    if isinstance(prediction, RootedCone):
        masked = HEMISPHERE.ask(flow)
        scope, cited = dict(masked.scope), by_statement(HEMISPHERE, flow)
        return Sheet((cited,), scope, subjects(flow.model), masked.detail)
    rate = prediction.at(flow)
    identity = _identity_step(flow)
    weights, compared = weights_steps(flow), _rate_step(flow, rate)
    heights = apply(LEAST, "min_i s_i never falls: s_i >= r0", identity, flow.attracts)
    shrinks = apply(
        CONTRACTION,
        "a_ij = A_ij s_j/s_i >= r0 κ m_j: D' <= -r0 κ D",
        identity,
        weights[-1],
        heights,
        rate=rate,
    )
    decay = apply(GRONWALL, "D(τ) <= D(0) e^{-r0 κ τ}", shrinks, rate=rate)
    nearer = derived("|N(y)-N(y')| <= |y-y'| for |y|, |y'| >= 1", contraction_algebra())
    meets = apply(LIMIT_POINT, "x_i -> x*, |x_i-x*| <= D", decay, nearer)
    bound = apply(IMPLICATION, "D <= D(0) e^{-λτ}", decay, compared)
    steps = [identity, *weights, heights, shrinks, decay, nearer, meets, compared, bound]
    schedule = flow.schedule
    if schedule is not None and not schedule.constant:
        timed = apply(
            TIME_CHANGE, "τ = ∫s -> ∞", meets, factor=schedule.factor, total=schedule.total
        )
        steps.append(timed)
        if not isinstance(prediction, TimedCone):
            ahead, text = schedule.runs_ahead, "τ >= t"
            steps.append(Step(text, How.DECIDED) if ahead else gap(text, f"s = {schedule.factor}"))
    clock = "" if schedule is None or schedule.constant else f", τ = ∫({schedule.factor})dt"
    return Sheet(
        tuple(steps),
        {**SCOPE_WARM, "masses": "symbolic, sum 1", **scope_of_scores(flow)},
        subjects(flow.model, rate),
        "y_i' = Σ A_ij (s_j/s_i)(y_j-y_i), A_ij s_j/s_i >= r0·κ·m_j: D' <= -λ D as λ <= r0·κ, "
        f"λ = {rate}, κ = {least_in_words(flow)}{clock}; |x_i-x*| <= D",
    )


def watch(flow: Flow, prediction: ConeRate | RootedCone, budget: Budget) -> Trial:
    """Watch D along runs from random hemispheres."""
    if isinstance(prediction, RootedCone):
        return Trial(silent="no rate is stated")
    return watch_hemispheres(flow, prediction, budget)


CONE_STATEMENT: Statement[ConeRate | RootedCone] = Statement(
    "Lemma 6.4",
    "from an open hemisphere: consensus, exponentially in ∫s",
    decide,
    derive_cone,
    refute_cone,
    watch,
    premises=(FLOWS, OWN_VALUES, CONTINUOUS, SCHEDULED, WEIGHTS),
    bound=True,
)


def _scored(softmax: Expr, plain: Expr) -> ConeRate:
    """Return the prediction with other rates for query and key matrices alone."""
    return replace(CONE, scored=ByModel(softmax, plain))


_SCORED = CONE.scored or CONE

LEMMA_6_4 = Claim(
    "Lemma 6.4",
    "Tokens of an open hemisphere converge to one point, at a rate λ = r0 e^{-2β} (USA e^{-β}); "
    "with any Q, K and V = I, β of either sign, at r0 e^{-2|β||Q^T K|} (USA e^{-|β||Q^T K|}).",
    (SA, USA, QK_SA, QK_USA),
    CONE,
    CONE_STATEMENT,
    (
        Control(
            "SA rate r0 e^{-2β} -> r0 e^{2β}",
            prediction=replace(CONE, softmax=R0 * exp(2 * beta)),
        ),
        Control(
            "USA rate r0 e^{-β} -> r0 e^{2β}", prediction=replace(CONE, plain=R0 * exp(2 * beta))
        ),
        Control("V = -I", model=(REPULSIVE,)),
        Control("Q, K and any V", model=(QKV,)),
        Control(
            "|Q^T K| halved (SA)",
            prediction=_scored(_SCORED.softmax.subs(NORM, NORM / 2), _SCORED.plain),
        ),
        Control(
            "|Q^T K| halved (USA)",
            prediction=_scored(_SCORED.softmax, _SCORED.plain.subs(NORM, NORM / 2)),
        ),
        Control("|β| -> β (USA)", prediction=_scored(_SCORED.softmax, R0 * exp(-beta * NORM))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=6,
    equivalents=(
        FASTER,
        Equivalent(
            "a lower rate, for r0 <= 1",
            (
                "prediction.*softmax: sign",
                "prediction.*softmax: e^u*",
                "prediction.*softmax: squared",
                "prediction.*plain: sign",
                "prediction.*plain: squared",
            ),
        ),
        Equivalent("a lower rate", ("prediction.*plain: e^u*",)),
        Equivalent(
            "A_ij s_j/s_i >= m_j r0 e^{-βy}/s_i, y = (1-s_i²)^{1/2}, and -log s_i >= y²/2: at "
            "least m_j r0 e^{-β²/2}",
            ("prediction.plain: β -> β²",),
        ),
        Equivalent(
            "for β >= 2/3 as for USA, Z_i <= e^β being over it; below, with Y = |x_i-w| + |x_j-w| "
            "for the widest pair, λ/r0 >= (1-q)/s_i + p/s_j, where q/(1-q) <= e^{2βY} p/(1-p), so "
            "λ/r0 >= 1 - tanh(βY/2)(1 - Y²/(2(e^{2βY}-1))) >= e^{-2β²} for Y <= 2",
            ("prediction.softmax: β -> β²",),
        ),
    ),
)


CLAIMS = (LEMMA_6_4,)
