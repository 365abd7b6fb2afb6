"""E.Lemma 6.4 proof: (A.10) makes |x_i'| integrable, as Lemma 6.6 needs; the printed proof doesn't.

How it is proved
----------------
With Lemma 6.4's bound D <= D(0) e^{-λt} of the gnomonic diameter, P_x y = P_x(y-x) gives
|x_i'| <= D (e^β D for USA), so that the integral of |x_i'| is finite. |x_i'| is watched along
drawn runs. Cited: Lemma 6.6.

References
----------
arXiv 2312.10794, the proof of Lemma 6.4; (A.10).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, S, Symbol, cos, exp, oo, pi, simplify, sin
from sympy import integrate as antiderivative

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import CONE_STATEMENT
from proofs_checks.paper.section_6.lemma_6_6_barbalat import LEMMA_6_6, Barbalat
from proofs_checks.proof import (
    AUTONOMOUS,
    CONTINUOUS,
    ON_SPHERE,
    OWN_VALUES,
    POSITIVE_WEIGHTS,
    R0,
    SCOPE_WARM,
    SMALLEST,
    TRIANGLE,
    ByModel,
    ConeRate,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    by_statement,
    cone_rate_of,
    contraction_algebra,
    derived,
    gap,
    least_weight,
    never_exceeds,
    statement_of,
    subjects,
    watch_speeds,
)
from proofs_checks.said import say, saying
from theory.engines import inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, t, z


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
    rate, top = cone_rate_of(flow), _largest_weight(flow)
    if top is None or rate is None:
        return None
    return VanishingSpeed(rate, ByModel(top, top))


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
        return CONE_STATEMENT.refute(flow, None if prediction is None else prediction.rate, budget)
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
    if flow.still_form is not None and not flow.normalised:
        weight = flow.still_form.scale * flow.still_form.kernel
        here = (say(0, "<=", beta), say(z, "<=", 1))
        sums = saying(sums, say(weight, "<=", speed, here))
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
    premises=(ON_SPHERE, OWN_VALUES, CONTINUOUS, AUTONOMOUS, POSITIVE_WEIGHTS),
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
            "the rate of Lemma 6.4 holds with e^{-2β²} too, as is said there",
            ("prediction.rate.softmax: β -> β²",),
        ),
        Equivalent(
            "a larger bound",
            ("prediction.speed.softmax: + 1", "prediction.speed.plain: e^u -> e^2u"),
        ),
    ),
)


CLAIMS = (ERRATUM_LEMMA_6_4,)
