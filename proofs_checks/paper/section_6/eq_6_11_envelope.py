"""(6.11): inner products stay near γ, early and late.

Main results
------------
(6.11): |g_ij - γ| is at most the lesser of two bounds, of eps0 and of r_0: independent tokens.
(6.11) printed: on the event (D.5), c(β)^{nt} √(log d/d), even without the 2, and C e^{-λt}.

How it is proved
----------------
First branch: <x_i,x_j> - γ splits in the Gram algebra, and two solutions part at the rate
2(1+β) at most. Second branch: 1 - <x_i,x_j> is at most half the square of the gnomonic diameter D,
and D falls at the rate r times the least weight. The claimed constants are compared with the
derived ones, exactly. Watched: runs with n = 2, d = 3 and n = 4, d = 6. As printed: the difference
starts at √(log d/d) at most, and its derivative is bounded by (D.4) and (D.6): 1 + 5q <= (1+q)^5.
The second branch is ours, r_0 being at least (2n)^{-1/2}. Cited: Theorem 6.8, (D.5).

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
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.paper.section_6.theorem_6_8_equiangular import THEOREM_6_8
from proofs_checks.proof import (
    ATTENTION,
    CAUCHY_SCHWARZ,
    CHAIN,
    COMPARISON,
    EVENT,
    GRONWALL,
    HOT,
    MEAN_VALUE,
    ON_SPHERE,
    PAIR,
    POSITIVE_WEIGHTS,
    PRINTED_GROWTH,
    R0,
    ROOM,
    SCHEDULED,
    SCOPE_WARM_ANY_MASSES,
    SCOPE_WARM_EQUAL_MASSES,
    SMALLEST,
    SUM,
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
    chord_algebra,
    cited,
    derived,
    early_said,
    fast_start,
    gap,
    in_own_time,
    in_time,
    least_weight,
    leaves_gamma,
    leaves_sphere,
    monotone_said,
    off_pace,
    size_and_heat,
    statement_of,
    summed_rate,
    tail_said,
    watch_envelope,
)
from proofs_checks.proof.kinds import ALIKE
from proofs_checks.said import say, saying
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


def _first_branch(flow: Flow, prediction: Envelope) -> tuple[Step, ...]:
    """Two solutions part at most at the rate 2S(1+h)."""
    grown = size_and_heat(flow)
    apart_ = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    text = "|m| <= S, |m - m'| <= S(1+2h) max|x-y|"
    moved = gap(text, "the weights are no c e^{hg}")
    top, heat = (S.One, S.Zero) if grown is None else grown
    if grown is not None:
        bound = Step(f"S = {top}, k'/k = h = {heat}", How.DERIVED)
        moved = apply(MEAN_VALUE, text, bound)
    terms = {"|x-y|²": ">= 0"}
    grows = apply(SUM, "(max|x-y|)' <= 2S(1+h) max|x-y|", apart_, moved, terms=terms)
    rate = 2 * top * (1 + heat)
    early = apply(GRONWALL, f"max|x-y| <= e^(({rate})t) eps0", grows, rate=-rate)
    ratio = simplify((prediction.rate / rate).subs(beta, HOT))
    text = f"2 <= {prediction.factor} and {rate} <= {prediction.rate}"
    large = prediction.factor >= 2 and ratio.is_number and ratio >= 1
    said = Step(text, How.DECIDED) if large else gap(text, f"over the derived rate: {ratio}")
    said = saying(said, early_said(top, heat, prediction.factor, prediction.rate))
    return apart_, moved, grows, early, said


def _second_branch(flow: Flow, prediction: Envelope) -> tuple[Step, ...]:
    """1 - g_ij = |x_i-x_j|²/2 is at most D²/2, and D falls."""
    x, y, w = vectors("x y w", unit="x y w")
    chord = derived("1 - <x,y> = |x-y|²/2", residual(1 - inner(x, y) - inner(x - y, x - y) / 2))
    text = "w = X^T G^{-1} 1 r_0 has |w| = 1, <x_i,w> = r_0, r_0 = (1^T G^{-1} 1)^{-1/2}"
    pole = Step(text, How.DERIVED, evidence="G G^{-1} = 1, of independent tokens")
    cone = by_statement(statement_of(LEMMA_6_4), flow, text="A.10: |x_i-x_j| <= D <= D(0) e^{-λt}")
    gnomonic = x / inner(x, w) - w
    radius = residual(inner(gnomonic, gnomonic) - (inner(x, w) ** -2 - 1))
    wide = derived("|x/s - w|² = s^{-2} - 1, s >= r: D(0)²/2 <= 2(r^{-2}-1)", radius)
    own = 2 * (R0**-2 - 1) * exp(-2 * R0 * least_weight(flow) * t)
    text = f"1 - g_ij, 1 - γ <= {own}, r_0 the height of each start"
    late = apply(SUM, text, chord, pole, cone, wide, terms={"1 - g_ij": ">= 0", "1 - γ": ">= 0"})
    left = simplify(prediction.tail / own - 1)
    same = derived(f"this is {prediction.tail}", left)
    same = saying(same, tail_said(least_weight(flow), prediction.tail))
    return chord, pole, cone, wide, late, same


def decide(flow: Flow, prediction: Envelope) -> Sheet:
    """Prove both branches of (6.11) with explicit constants."""
    x, y, u, v = vectors("x y u v", unit="x y u v")
    left = inner(x, y) - inner(u, v) - inner(x - u, y) - inner(u, y - v)
    split = derived("g_ij - γ = <x_i-y_i,x_j> + <y_i,x_j-y_j>", residual(left))
    curve = _curve_step(flow, prediction.curve)
    solved = by_statement(statement_of(THEOREM_6_8), flow, text="Theorem 6.8: γ rises to 1")
    first, second = _first_branch(flow, prediction), _second_branch(flow, prediction)
    timed, clock = in_time(flow, prediction, first[-2], second[-2])
    near = apply(TRIANGLE, "|g_ij - γ| <= 2 max|x-y|", split, curve, solved, first[-2])
    text = "|g_ij - γ| <= max(1-g_ij, 1-γ)"
    far = apply(TRIANGLE, text, second[-2], solved)
    return Sheet(
        (split, curve, solved, *first, near, *second, far, *timed),
        {**SCOPE_WARM_ANY_MASSES, "d": "symbolic, >= n", "masses": "1/n", **clock},
        (flow.model.velocity, flow.angle_rate, prediction.rate, prediction.tail),
        "g_ij - γ = <x_i-y_i,x_j> + <y_i,x_j-y_j> <= 2 max|x-y|, which grows at "
        f"{prediction.rate} at most; and |g_ij-γ| <= max(1-g_ij, 1-γ), each |x_i-x_j|²/2 <= D²/2 "
        "of A.10",
    )


ENVELOPE: Statement[Envelope] = in_own_time(
    Statement(
        "(6.11)",
        "masses 1/n: independent tokens have |g_ij - γ| <= min(early, late)",
        decide,
        derive_envelope,
        refute_envelope,
        watch_envelope,
        domain=(ALIKE,),
        premises=(ON_SPHERE, ATTENTION, SCHEDULED, POSITIVE_WEIGHTS),
    )
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
