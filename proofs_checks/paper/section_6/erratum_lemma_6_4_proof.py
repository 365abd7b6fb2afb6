"""E.Lemma 6.4 proof: (A.10) makes |x_i'| integrable, as Lemma 6.6 needs; the printed proof doesn't.

How it is proved
----------------
A theorem on models in pull form: over an equator |x_i'| <= D Σ_j p_ij, D the gnomonic diameter. By
the theorem of Lemma 6.4 D <= D(0) e^{-λt}, so |x_i'| <= D(0) e^{-λt} (e^β times that for USA), and
∫|<x_i',w>| is D(0)/λ at most, times that. |x_i'| is watched along drawn runs.

References
----------
arXiv 2312.10794, the proof of Lemma 6.4; (A.10).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, S, cos, exp, pi, simplify, sin
from sympy import integrate as antiderivative

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import CONE_STATEMENT
from proofs_checks.proof import (
    R0,
    SMALLEST,
    ByModel,
    ConeRate,
    Counterexample,
    Flow,
    Statement,
    Trial,
    cone_rate_of,
    least_weight,
    watch_speeds,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    H,
    Refusal,
    sight_in,
    slowing,
)
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, t, z


@dataclass(frozen=True)
class VanishingSpeed:
    """``|x_i'| <= speed · D(0) e^{-λt}``, D the gnomonic diameter; ∫|<x_i',w>| <= speed · D(0)/λ.

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
    if prediction is None:
        return CONE_STATEMENT.refute(flow, None, budget)
    if prediction.absolute:
        rate = prediction.rate.of(flow.model)
        if rate.is_negative:
            return Counterexample(f"λ = {rate} < 0: D(0)/λ is less than any integral of |f|")
        return CONE_STATEMENT.refute(flow, prediction.rate, budget)
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


def conclude_speed(flow: Flow, prediction: VanishingSpeed) -> Conclusion | Refusal:
    """Say that |x_i'| falls like D, and what |<x_i',w>| adds up to at most."""
    if not prediction.absolute:
        return Refusal("of the printed bounds only the height is monotone: ∫|f| may be infinite")
    found = sight_in(flow, still=False)
    if isinstance(found, Refusal):
        return found
    rate = prediction.rate.of(flow.model).xreplace({R0: H, **flow.values})
    return slowing(*found, rate, prediction.speed.of(flow.model))


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
    Concludes(conclude_speed),
    derive_speed,
    refute_speed,
    watch_speed,
    typed=True,
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
