"""(6.11): inner products stay near γ, early and late.

Main results
------------
(6.11): |g_ij - γ| is at most the lesser of two bounds, of eps0 and of r_0: independent tokens.
(6.11) printed: on the event (D.5), c(β)^{nt} √(log d/d), even without the 2, and C e^{-λt}.

How it is proved
----------------
(6.11): a theorem on two solutions, one of which starts orthonormal and so has one angle, Theorem
6.8. Early <x_i,x_j> - γ is at most 2 max_k |x_k - y_k|, which grows at 2(1+β) at most; late both
inner products are near 1, as D falls from the pole of each start, Lemma 6.4. Watched: runs with n =
2, d = 3 and n = 4, d = 6. As printed: the difference starts at √(log d/d) at most, and its
derivative is bounded by (D.4) and (D.6): 1 + 5q <= (1+q)^5. The second branch is ours, r_0 being at
least (2n)^{-1/2}. Cited: Theorem 6.8, (D.5).

References
----------
arXiv 2312.10794, (6.11); Theorem 6.8; (D.4) to (D.6).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from sympy import Integer, Poly, Rational, S, Symbol, exp, expand_log, log, simplify, sqrt

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Hypothesis, Verdict
from proofs_checks.paper.appendix_d.eq_d_1_d_2_d_4_lipschitz import STEP_D_2, STEP_D_4
from proofs_checks.paper.appendix_d.eq_d_6_d_7_displacement import STEP_D_6
from proofs_checks.proof import (
    ATTENTION,
    CAUCHY_SCHWARZ,
    CHAIN,
    COMPARISON,
    EVENT,
    HOT,
    ON_SPHERE,
    PAIR,
    POSITIVE_WEIGHTS,
    PRINTED_GROWTH,
    R0,
    ROOM,
    SCHEDULED,
    SCOPE_WARM_EQUAL_MASSES,
    SMALLEST,
    TRIANGLE,
    Counterexample,
    Envelope,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    TimedEnvelope,
    ahead_at_the_event,
    apart,
    apply,
    at_least,
    by_statement,
    cited,
    derived,
    fast_start,
    gap,
    least_weight,
    leaves_gamma,
    leaves_sphere,
    monotone_said,
    off_pace,
    size_and_heat,
    statement_of,
    summed_rate,
    watch_envelope,
)
from proofs_checks.proof.kinds import ALIKE
from proofs_checks.said import say, saying
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    H,
    Refusal,
    enveloped,
    in_its_time,
    near_angles,
    near_said,
    sight_in,
    with_time,
)
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA
from theory.predictions import chord_lipschitz, equiangular_rate, normal_form
from theory.symbols import beta, n, t


@lru_cache(maxsize=16)
def _curve_step(flow: Flow, curve: str) -> Step:
    """Step that equiangular tokens of the flow follow the γ of the name."""
    text = "equiangular tokens y_i from orthonormal ones: <y_i,y_j> = γ"
    rate, reason = flow.angle_rate, flow.equal_angles[1]
    if rate is None:
        return gap(text, reason)
    if curve == "own":
        return Step(text, How.DERIVED)
    known = equiangular_rate(model=curve)
    step = derived(f"{text} of {curve}", normal_form(rate - known))
    form = flow.still_form
    return step if form is None else saying(step, say(summed_rate(form), "=", known))


def derive_envelope(flow: Flow) -> Envelope | None:
    """Return both branches with the flow's own growth and least weight, around its own γ."""
    grown, least = size_and_heat(flow), least_weight(flow)
    if grown is None or least == SMALLEST or flow.schedule is None:
        return None
    top, heat = grown
    tail = 2 * (R0**-2 - 1) * exp(-2 * R0 * least * t)
    kind = Envelope if flow.schedule.constant else TimedEnvelope
    return kind(Integer(2), 2 * top * (1 + heat), tail, "own")


def refute_envelope(
    flow: Flow, prediction: Envelope | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that never meet, where γ -> 1; or equiangular ones that leave γ too fast."""
    found = leaves_sphere(flow.model, budget.rng)
    if found or prediction is None or prediction.curve == "own":
        return Counterexample(found) if found else None
    if found := apart(flow, budget.rng):
        return Counterexample(f"γ -> 1, but {found}", PAIR)
    if found := off_pace(flow, prediction):
        return Counterexample(found, {"d": ">= n"})
    if _curve_step(flow, prediction.curve).holds:
        found = fast_start(prediction)
    return Counterexample(f"{flow.name}, {found}", {"n": "2, 64, 10^4"}) if found else None


def _enveloped(flow: Flow, prediction: Envelope) -> Conclusion | Refusal:
    """Say both bounds around the γ that is claimed."""
    found, p, angle = sight_in(flow), prediction, flow.angle_rate
    if isinstance(found, Refusal):
        return found
    if p.curve != "own":
        angle = equiangular_rate(model=p.curve)
    if angle is None or isinstance(p, TimedEnvelope):
        return Refusal("the bounds aren't in t")
    own = enveloped(*found, p.factor, p.rate, p.tail.xreplace({R0: H}), angle)
    return own.found if not isinstance(own, Refusal) and isinstance(own.found, Refusal) else own


def conclude_envelope(flow: Flow, prediction: Envelope) -> Conclusion | Refusal:
    """Say both bounds; where they aren't in t alone, what is known of two solutions of a flow."""
    own, found = _enveloped(flow, prediction), sight_in(flow)
    if prediction.curve != "own" or isinstance(own, Conclusion) or isinstance(found, Refusal):
        return own
    near = near_angles(*found)
    return own if near is None else in_its_time(flow, near)


def say_envelope(flow: Flow, prediction: Envelope) -> str:
    """Say what is concluded of two solutions, where it is that."""
    own = conclude_envelope(flow, prediction)
    if isinstance(own, Refusal) or isinstance(_enveloped(flow, prediction), Conclusion):
        return SENTENCE
    return with_time(flow, own, near_said(own))


SENTENCE = "masses 1/n: independent tokens have |g_ij - γ| <= min(early, late)"
ENVELOPE: Statement[Envelope] = Statement(
    "(6.11)",
    SENTENCE,
    Concludes(conclude_envelope, words=(("d", "symbolic, >= n"), ("masses", "1/n"))),
    derive_envelope,
    refute_envelope,
    watch_envelope,
    domain=(ALIKE,),
    premises=(ON_SPHERE, ATTENTION, SCHEDULED, POSITIVE_WEIGHTS),
    says=say_envelope,
    typed=True,
)

_ENVELOPE = Envelope(
    Integer(2), 2 * (1 + beta), 2 * (R0**-2 - 1) * exp(-2 * R0 * exp(-2 * beta) * t)
)


INEQUALITY_6_11 = Claim(
    "(6.11)",
    "Linearly independent tokens: |g_ij - γ| <= min{2e^{2(1+β)t} eps0, 2(r^{-2}-1) e^{-2re^{-2β}t}}"
    ", r = r0, the height of their hyperplane, or n^{-1/2}, whichever gives more.",
    SA,
    _ENVELOPE,
    ENVELOPE,
    (
        Control("first branch / 100", prediction=replace(_ENVELOPE, factor=Rational(1, 50))),
        Control(
            "tail rate 2re^{-2β} -> 4",
            prediction=replace(_ENVELOPE, tail=2 * (R0**-2 - 1) * exp(-4 * t)),
        ),
        Control("γ of USA", prediction=replace(_ENVELOPE, curve="USA")),
        Control("the flow V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    cases=6,
    equivalents=(
        Equivalent(
            "a larger bound",
            ("prediction.factor: + 1", "prediction.factor: × 2", "prediction.rate: squared"),
        ),
        Equivalent(
            "<y_i,m_i> >= 0 for equiangular y, so differences grow at 3/2 + 2β <= 2 + 2β² at most",
            ("prediction.rate: β -> β²",),
        ),
    ),
)


def refute_printed(
    flow: Flow, prediction: Envelope | None, budget: Budget
) -> Counterexample | None:
    """Find tokens on the event (D.5) that leave γ too fast, or come back too late."""
    if prediction is None:
        return None
    found = leaves_sphere(flow.model, budget.rng) or leaves_gamma(flow.model, prediction.curve)
    found = found or ahead_at_the_event(prediction)
    return Counterexample(f"{flow.name}, {found}", {"n": "2, 10^4"}) if found else None


def _printed_early(flow: Flow, prediction: Envelope, start: Step) -> tuple[Step, ...]:
    """``|g_ij - γ| <= r + ∫ |(g_ij - γ)'| <= r (1 + 5q) <= r (1+q)^5``, 1 + q = e^{2(1+β)t}."""
    rate, chord, q = chord_lipschitz(beta), Rational(5, 4), Symbol("q", nonnegative=True)
    curve = _curve_step(flow, prediction.curve)
    text = f"(D.6): max|x-y| <= {chord} r e^(({rate})t)"
    near = replace(STEP_D_6.prediction, factor=chord, growth=rate)
    chords = by_statement(statement_of(STEP_D_6), flow, near, text)
    text = "(D.4): |x_i'-y_i'| <= (3+2β) max|x-y|"
    field = by_statement(statement_of(STEP_D_4), flow, rate + 1, text)
    mean = by_statement(statement_of(STEP_D_2), flow, S.One, "(D.2): |Σ_j A_ij y_j| <= 1")
    speed = apply(TRIANGLE, "|y_i'| <= 1, a projection of it", mean)
    x, y, v, w = vectors("x y v w")
    left = inner(v, x) - inner(w, y) - inner(v - w, x) - inner(w, x - y)
    split = derived("<v,x> - <w,y> = <v-w,x> + <w,x-y>", residual(left))
    text = "|(g_ij - γ)'| <= 2(4+2β) max|x-y|, v = x_i', w = y_i'"
    moved = apply(TRIANGLE, text, split, curve, field, speed)
    slope = at_least(5 * rate, 2 * chord * (rate + 2), "2(4+2β) (5/4) <= 5·2(1+β)")
    text = f"|g_ij - γ| <= r (1+5q), 1+q = e^(({rate})t)"
    grows = apply(COMPARISON, text, start, moved, chords, slope)
    power = Poly((1 + q) ** 5 - 1 - 5 * q, q)
    text = "1+5q <= (1+q)^5"
    fifth = Step(text, How.DECIDED) if min(power.coeffs()) >= 0 else gap(text, "sign")
    fifth = saying(fifth, say(1 + 5 * q, "<=", (1 + q) ** 5))
    text = f"{prediction.factor} >= 1, {prediction.rate} >= {5 * rate}, n >= 2"
    room = at_least(prediction.rate.subs(n, n + 1), 5 * rate, text)
    room = room if prediction.factor >= 1 else gap(text, f"the factor is {prediction.factor}")
    text = f"|g_ij - γ| <= {prediction.factor} e^(({prediction.rate})t) r"
    early = apply(CHAIN, text, grows, fifth, room)
    return curve, chords, field, mean, speed, split, moved, slope, grows, fifth, room, early


def _printed_late(flow: Flow, prediction: Envelope, start: Step) -> tuple[Step, ...]:
    """Bound r_0 from below by the inner products at t = 0, in our tail."""
    text = "|Σ a_i x_i|² >= Σ a_i² - r Σ_{i≠j} |a_i a_j| >= (1-(n-1)r) Σ a_i²"
    gram = apply(CAUCHY_SCHWARZ, text, start)
    text = "d >= 4n² log d: r <= 1/(2n), 1-(n-1)r >= 1/2"
    room = at_least(1 - (n - 1) / (2 * n), S.Half, text)
    text = "independent tokens; Σ a_i = 1: Σ a_i² >= 1/n, r_0 = min|Σ a_i x_i| >= (2n)^{-1/2}"
    high = apply(CHAIN, text, gram, room)
    text = "(6.11): |g_ij-γ| <= its tail at r_0 or n^{-1/2}"
    ours = by_statement(ENVELOPE, flow, replace(_ENVELOPE, curve=prediction.curve), text)
    height, fall = 2 * (R0**-2 - 1), 2 * exp(-2 * HOT) * R0
    text = "C = 2(ρ^{-2}-1) >= 0 falls, λ = 2ρe^{-2β} rises with ρ <= 1"
    signs = height.diff(R0).is_negative and fall.diff(R0).is_positive
    falls = Step(text, How.DECIDED) if signs else gap(text, "sign")
    falls = saying(falls, *monotone_said(height, fall))
    own = _ENVELOPE.tail.subs(R0, 1 / sqrt(2 * n))
    later = {beta: HOT, t: Symbol("t", nonnegative=True)}
    slack = simplify(expand_log(log(prediction.tail / own), force=True).subs(later))
    text = f"ρ = (2n)^{{-1/2}}: {own} <= {prediction.tail}"
    large = Step(text, How.DECIDED, evidence=f"log of the ratio: {slack}")
    large = large if slack.is_nonnegative else gap(text, f"log of the ratio: {slack}")
    late = apply(CHAIN, f"|g_ij - γ| <= {prediction.tail}", high, ours, falls, large)
    return gram, room, high, ours, falls, large, late


def decide_printed(flow: Flow, prediction: Envelope) -> Sheet:
    """Prove (6.11) as printed, on the event (D.5), with explicit constants."""
    event = cited("(D.5): projections on the earlier tokens are at most r = √(log d/d)")
    text = "|<x_i,x_j>(0)| = |<P x_i,x_j>| <= r, P onto the earlier tokens; γ(0) = 0"
    start = apply(CAUCHY_SCHWARZ, text, event)
    steps = _printed_early(flow, prediction, start), _printed_late(flow, prediction, start)
    both = apply(CHAIN, "|g_ij - γ| <= min of both", steps[0][-1], steps[1][-1])
    return Sheet(
        (event, start, *steps[0], *steps[1], both),
        {**SCOPE_WARM_EQUAL_MASSES, "n": "symbolic, >= 2", "d": "symbolic, d >= 4n² log d"},
        (flow.model.velocity, prediction.rate, prediction.tail),
        "|g_ij - γ| starts at r = √(log d/d) at most, and its derivative gives r(1+5q) <= r(1+q)^5 "
        "= r e^{10(1+β)t}, q = e^{2(1+β)t} - 1: within c(β)^{nt} r, n >= 2, even without the 2; "
        "r_0 >= (2n)^{-1/2} there: our tail has C = 2(2n-1), λ twice that claimed",
    )


PRINTED: Statement[Envelope] = Statement(
    "",
    "on the event (D.5) inner products stay near γ, as printed",
    decide_printed,
    refute=refute_printed,
)


def _high(n: float = 2, d: float = 2, **_: float) -> float:
    return d - 4 * n**2 * float(np.log(d))


def _several(n: float = 2, **_: float) -> float:
    return n - 2


_TAIL = 2 * (2 * n - 1) * exp(-exp(-2 * beta) * t / sqrt(2 * n))
_PRINTED = Envelope(Integer(2), PRINTED_GROWTH, _TAIL)


PRINTED_6_11 = Claim(
    "(6.11) printed",
    "On the event (D.5), d >= 4n² log d, n >= 2: |g_ij - γ| <= min{2c(β)^{nt} √(log d/d), "
    "C e^{-λt}}, C = 2(2n-1), λ = e^{-2β}/√(2n).",
    SA,
    _PRINTED,
    PRINTED,
    (
        Control("2 -> 1/4", prediction=replace(_PRINTED, factor=Rational(1, 4))),
        Control("10 max(1,β) -> 10β", prediction=replace(_PRINTED, rate=10 * n * beta)),
        Control("λ -> 3", prediction=replace(_PRINTED, tail=2 * (2 * n - 1) * exp(-3 * t))),
        Control("γ of USA", prediction=replace(_PRINTED, curve="USA")),
        Control("the flow V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (ROOM, WARM, EVENT, Hypothesis("n >= 2", _several), Hypothesis("d >= 4n² log d", _high)),
    equivalents=(
        Equivalent(
            "a larger bound",
            (
                "prediction.factor: + 1",
                "prediction.factor: × 2",
                "prediction.rate: × n",
                "prediction.rate: β -> β²",
                "prediction.rate: squared",
                "prediction.tail: × n",
            ),
        ),
        Equivalent(
            "the factor 1 is enough: r (1+5q) <= r e^{10(1+β)t}", ("prediction.factor: ÷ 2",)
        ),
        Equivalent(
            "C e^{-2λt} is what is derived, and C >= 1: its square is larger",
            ("prediction.tail: e^u -> e^2u", "prediction.tail: squared"),
        ),
        Equivalent(
            "2λ is derived, and e^{-2β²} <= 2e^{-2β}, as 2β - 2β² <= 1/2 < log 2",
            ("prediction.tail: β -> β²",),
        ),
    ),
)


CLAIMS = (INEQUALITY_6_11, PRINTED_6_11)
