"""Lemma 6.4, E.Lemma 6.4 proof: tokens of an open hemisphere meet, exponentially.

Main results
------------
- Lemma 6.4: they converge to one point, at a rate λ = r0 e^{-2β} (USA e^{-β}).
- E.Lemma 6.4 proof: (A.10) makes |x_i'| integrable, as Lemma 6.6 needs; the proof doesn't.

How it is proved
----------------
`decide` writes the proof for any flow. The gnomonic identity is derived, and the Gram algebra
reduces the contraction of the projection; with the least weight κ they give D' <= -λ D for the
gnomonic diameter D, in the time ∫s of a flow with a schedule. λ is compared with r0 κ exactly, for
symbolic β, n, d and masses. The erratum adds P_x y = P_x(y-x), hence |x_i'| <= D (e^β D for USA).
Watched along drawn runs: D in the first, |x_i'| in the second. Cited in the erratum: Lemma 6.6.

References
----------
arXiv 2312.10794, Lemma 6.4 and its proof; (A.10).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Function, Rational, S, Symbol, cos, exp, oo, pi, simplify, sin
from sympy import integrate as antiderivative

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.lemma_6_6_barbalat import LEMMA_6_6, Barbalat
from proofs_checks.proof import (
    AUTONOMOUS,
    CONE,
    CONTRACTION,
    FASTER,
    GRONWALL,
    IMPLICATION,
    LEAST,
    LIMIT_POINT,
    ON_SPHERE,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    R0,
    SCHEDULED,
    SCOPE_WARM,
    SMALLEST,
    TIME_CHANGE,
    TRIANGLE,
    ByModel,
    ConeRate,
    Counterexample,
    Flow,
    How,
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
    never_exceeds,
    slow_clock,
    slow_pair,
    statement_of,
    subjects,
    watch_hemispheres,
    watch_speeds,
    weights_step,
)
from theory.derivations import gnomonic
from theory.engines import inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, t, z


def derive_cone(flow: Flow) -> ConeRate | None:
    """Return ``λ = r0 κ`` with κ the least weight, in the flow's own time."""
    if not flow.attracts.holds or flow.schedule is None:
        return None
    rate = R0 * least_weight(flow)
    clock = t if flow.schedule.constant else Function("tau")(t)
    return TimedCone(rate, rate, clock)


def refute_cone(flow: Flow, prediction: ConeRate | None, budget: Budget) -> Counterexample | None:
    """Tokens of an open hemisphere that never meet, or meet more slowly than λ says."""
    rate = None if prediction is None else prediction.of(flow.model)
    heats = flow.heats
    if rate is not None:
        heats = tuple(h for h in heats if rate.subs({R0: Rational(1, 2), beta: h}).is_positive)
    found = apart(flow, budget.rng, heats)
    if not found and rate is not None:
        found = slow_pair(flow, rate)
        if not found and not isinstance(prediction, TimedCone):
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
    if excess_rate(rate, R0 * least):
        return gap(text, f"λ = {rate} exceeds the derived r0·min weight {R0 * least}")
    return Step(text, How.DECIDED, evidence="log of the quotient is <= 0 for β >= 0")


def _identity_step(flow: Flow) -> Step:
    text = "y_i' = Σ_j A_ij (s_j/s_i)(y_j - y_i) and s_i' = Σ_j A_ij (s_j - g_ij s_i)"
    try:
        proved = gnomonic(flow.model).proved
    except ValueError as error:
        return gap(text, str(error))
    return Step(text, How.DERIVED) if proved else gap(text, "not proved")


def decide(flow: Flow, prediction: ConeRate) -> Sheet:
    """Prove the contraction (A.10) of the gnomonic diameter at the predicted rate."""
    rate = prediction.of(flow.model)
    identity = _identity_step(flow)
    weights, compared = weights_step(flow), _rate_step(flow, rate)
    heights = apply(LEAST, "min_i s_i never falls: s_i >= r0", identity, flow.attracts)
    shrinks = apply(
        CONTRACTION,
        "a_ij = A_ij s_j/s_i >= r0 κ m_j: D' <= -r0 κ D",
        identity,
        weights,
        heights,
        rate=rate,
    )
    decay = apply(GRONWALL, "D(τ) <= D(0) e^{-r0 κ τ}", shrinks, rate=rate)
    nearer = derived("|N(y)-N(y')| <= |y-y'| for |y|, |y'| >= 1", contraction_algebra())
    meets = apply(LIMIT_POINT, "x_i -> x*, |x_i-x*| <= D", decay, nearer)
    bound = apply(IMPLICATION, "D <= D(0) e^{-λτ}", decay, compared)
    steps = [identity, weights, heights, shrinks, decay, nearer, meets, compared, bound]
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
        {**SCOPE_WARM, "masses": "symbolic, sum 1"},
        subjects(flow.model, rate),
        "y_i' = Σ A_ij (s_j/s_i)(y_j-y_i), A_ij s_j/s_i >= r0·κ·m_j: D' <= -λ D as λ <= r0·κ, "
        f"λ = {rate}, κ = {least_in_words(flow)}{clock}; |x_i-x*| <= D",
    )


def watch(flow: Flow, prediction: ConeRate, budget: Budget) -> Trial:
    """Watch D along runs from random hemispheres."""
    return watch_hemispheres(flow, prediction.of(flow.model), budget)


CONE_STATEMENT: Statement[ConeRate] = Statement(
    "Lemma 6.4",
    "from an open hemisphere: consensus, exponentially in ∫s",
    decide,
    derive_cone,
    refute_cone,
    watch,
    premises=(ON_SPHERE, OWN_VALUES, SCHEDULED, POSITIVE_WEIGHTS),
    bound=True,
)


LEMMA_6_4 = Claim(
    "Lemma 6.4",
    "Tokens of an open hemisphere converge to one point, at a rate λ = r0 e^{-2β} (USA e^{-β}).",
    (SA, USA),
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
    ),
    Verdict.PROVED,
    (WARM,),
    cases=6,
    equivalents=(
        FASTER,
        Equivalent(
            "a lower rate, for r0 <= 1",
            (
                "prediction.softmax: sign",
                "prediction.softmax: e^u*",
                "prediction.softmax: squared",
                "prediction.plain: sign",
                "prediction.plain: squared",
            ),
        ),
        Equivalent("a lower rate", ("prediction.plain: e^u*",)),
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


@dataclass(frozen=True)
class VanishingSpeed:
    """``|x_i'| <= speed · D(0) e^{-λt}``, D(0) the gnomonic diameter, so ∫|x_i'| is finite.

    Attributes
    ----------
    rate : ConeRate
        λ, in ``R0`` and ``beta``.
    speed : ByModel
    absolute : bool or None
        Whether |f| is integrable, or its primitive bounded only, where f -> 0 is concluded; None
        if that isn't said.
    """

    rate: ConeRate
    speed: ByModel
    absolute: bool | None = True


def derive_speed(flow: Flow) -> VanishingSpeed | None:
    """Return the rate of Lemma 6.4, and the largest weight."""
    rate, top = derive_cone(flow), _largest_weight(flow)
    return None if rate is None or top is None else VanishingSpeed(rate, ByModel(top, top))


def _largest_weight(flow: Flow) -> Expr | None:
    """S with Σ_j A_ij <= S, if the kernel doesn't decrease."""
    form = flow.still_form
    if form is None or least_weight(flow) == SMALLEST:
        return None
    return form.scale if form.normalised else (form.scale * form.kernel).subs(z, 1)


def refute_speed(
    flow: Flow, prediction: VanishingSpeed | None, budget: Budget
) -> Counterexample | None:
    """Give f = cos t for a bounded primitive; or break Lemma 6.4."""
    if prediction is None or prediction.absolute:
        return refute_cone(flow, None if prediction is None else prediction.rate, budget)
    if prediction.absolute is None:
        return None
    f = cos(t)
    primitive = antiderivative(f, t)
    ends = [(f - 1).subs(t, 2 * pi * k) for k in range(3)]
    bounded = simplify(primitive**2 + f.diff(t) ** 2 - 2 * sin(t) ** 2) == 0
    if any(ends) or not bounded:
        return None
    return Counterexample(
        f"f = {f}: its primitive {primitive} and its slope {f.diff(t)} are bounded by 1, and "
        "f(2πk) = 1 for every k: f doesn't tend to 0, so |f| must be integrable"
    )


def decide_speed(flow: Flow, prediction: VanishingSpeed) -> Sheet:
    """Prove that (A.10) makes |x_i'| integrable, as Lemma 6.6 needs."""
    rate, speed = prediction.rate.of(flow.model), prediction.speed.of(flow.model)
    cone = by_statement(CONE_STATEMENT, flow, prediction.rate, f"D <= D(0) e^(-λt), λ = {rate}")
    x, y, a = vectors("x y a", unit="x y")
    rest = inner(a, project(x, y - x) - project(x, y))
    tangent = derived("P_x y = P_x(y-x)", residual(rest))
    nearer = derived("|x_j-x_i| <= |y_j-y_i| <= D for |y| >= 1", contraction_algebra())
    top = _largest_weight(flow)
    text = f"Σ_j A_ij <= {speed}"
    enough = top is not None and never_exceeds(top, speed)
    sums = Step(text, How.DECIDED) if enough else gap(text, f"derived: {top}")
    slow = apply(TRIANGLE, f"|x_i'| <= Σ_j A_ij |x_j-x_i| <= ({speed}) D", tangent, nearer, sums)
    lam = Symbol("lambda", positive=True)
    left = antiderivative(exp(-lam * t), (t, 0, oo)) - 1 / lam
    total = derived("∫ D(0) e^(-λt) dt = D(0)/λ < ∞", left)
    text = "f = <x_i',w> -> 0 needs ∫|f| < ∞"
    needs = Step(text, How.DERIVED, evidence="|f| <= |x_i'|")
    if not prediction.absolute:
        needs = gap(text, "of the printed bounds only the height is monotone")
    ends = by_statement(statement_of(LEMMA_6_6), flow, Barbalat(), "Lemma 6.6: f -> 0")
    summary = (
        "P_x y = P_x(y-x), so |x_i'| <= Σ_j a_ij |x_j-x_i| <= D(t), times e^β for USA, and D(t) <= "
        "D(0)e^{-λt} (A.10): ∫|x_i'| <= D(0)/λ is finite and Lemma 6.6 applies"
    )
    steps = (cone, tangent, nearer, sums, slow, total, needs, ends)
    words = {**SCOPE_WARM, "masses": "symbolic, sum 1"}
    return Sheet(steps, words, (*subjects(flow.model, rate), rest), summary)


def watch_speed(flow: Flow, prediction: VanishingSpeed, budget: Budget) -> Trial:
    """Watch |x_i'| along runs."""
    if prediction.absolute is None:
        return Trial(silent="the step isn't about a bound")
    return watch_speeds(
        flow, prediction.rate.of(flow.model), prediction.speed.of(flow.model), budget
    )


INTEGRABLE: Statement[VanishingSpeed] = Statement(
    "",
    "|x_i'| is integrable, and tends to 0",
    decide_speed,
    derive_speed,
    refute_speed,
    watch_speed,
    premises=(ON_SPHERE, OWN_VALUES, AUTONOMOUS, POSITIVE_WEIGHTS),
)


_VANISHING = VanishingSpeed(
    ConeRate(R0 * exp(-2 * beta), R0 * exp(-beta)), ByModel(S.One, exp(beta))
)


ERRATUM_LEMMA_6_4 = Claim(
    "E.Lemma 6.4 proof",
    "Lemma 6.6 needs ∫|<x_i',w>| < ∞: (A.10) gives it, |x_i'| <= D(0)e^{-λt}; the proof doesn't.",
    (SA, USA),
    _VANISHING,
    INTEGRABLE,
    (
        Control(
            "speed / 50", prediction=replace(_VANISHING, speed=ByModel(S.One / 50, exp(beta) / 50))
        ),
        Control(
            "SA rate r0 e^{-2β} -> r0 e^{2β}",
            prediction=replace(_VANISHING, rate=ConeRate(R0 * exp(2 * beta), R0 * exp(-beta))),
        ),
        Control(
            "a bounded primitive, with f' bounded", prediction=replace(_VANISHING, absolute=False)
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control("Lemma 6.6 applied as printed", prediction=replace(_VANISHING, absolute=None)),
    cases=4,
    origin="erratum",
    kind="gap",
    equivalents=(
        Equivalent(
            "a lower rate, for r0 <= 1",
            (
                "prediction.rate.*: sign",
                "prediction.rate.*: e^u -> e^2u",
                "prediction.rate.*: squared",
            ),
        ),
        Equivalent(
            "x_i at the angle a to w: <x_i,x_j> >= -sin a, s_j/s_i >= r0/cos a, and e^{-β sin "
            "a}/cos a >= e^{a²/2-βa} >= e^{-β²/2}: a_ij >= m_j r0 e^{-β²/2}",
            ("prediction.rate.plain: β -> β²",),
        ),
        Equivalent(
            "a larger bound",
            ("prediction.speed.softmax: + 1", "prediction.speed.plain: e^u -> e^2u"),
        ),
    ),
)


CLAIMS = (LEMMA_6_4, ERRATUM_LEMMA_6_4)
