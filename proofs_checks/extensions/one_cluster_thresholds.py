"""Theorem 4.3, largest β_0; Theorem 5.1, smallest β_1: what the two arguments give at most.

Main results
------------
- β < β_0(n) = ½ log(k/(k-1)), k = ⌊n/2⌋: one cluster from almost every start; n <= 3: every β. More
  than 1/(n-1), so C = 1. For even n the moves of one token give no more; for odd n the inequality
  Σ_{j≠i} e^{βg} g >= 0 doesn't. Other masses: -½ log(1 - 2 min m).
- β > β_1(n, d) = (d-1) cos a/sin² a, a = π/(n-1): the same, n >= 4; n <= 3: every β > 0. At most
  (d-1)(n-1)²/π². Trees of arcs τ* give no more.

How it is proved
----------------
β_0: where no token alone has an ascent direction, Σ_{j≠i} m_j e^{βg} g >= 0. Between its ends the
convex λ g e^{βg} is below the chord g + μ/(1-μ), which puts all tokens in an open hemisphere. For
equal masses Σ g <= -1 and convexity leave products of ±1 and one 0 at most. Half the tokens against
the other half are no longer moved from β_0 on. β_1: a theorem on strict saddles by short arcs: the
profile (d-1) cos a - β sin² a is negative above β_1, where (n-1) τ* < π, and not at or below it.

References
----------
arXiv 2312.10794, Theorems 4.3 and 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Derivative, Expr, Rational, S, Symbol, cos, exp, log, pi, simplify, sin

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.appendix_b.remark_b_1_inertia import REMARK_B_1
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import (
    ANALYTIC,
    ATTENTION,
    CLIMBS,
    EXTREME,
    HEMISPHERE,
    ON_SPHERE,
    ONE_MASS,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    POSITIVE_WEIGHTS,
    STRICT_CUTS,
    SUM,
    WARM_ONLY,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    almost_every_start,
    alone_bend,
    apart,
    apply,
    by_statement,
    chord_above,
    derived,
    gap,
    heat,
    heat_share,
    largest_pull,
    opposed_moves,
    statement_of,
)
from proofs_checks.said import say, saying
from proofs_checks.theorems import Concludes, Conclusion, Refusal, smallest_starts, subject_in
from theory.models import REPULSIVE, SA, USA
from theory.predictions import small_beta_threshold
from theory.symbols import beta, d, n, z

HALF = Symbol("k", integer=True, positive=True)
"""⌊n/2⌋"""


@dataclass(frozen=True)
class LargestSmall:
    """The largest β_0 that the moves of one token give.

    Attributes
    ----------
    threshold : Expr
        For any masses, in the least one, ``ONE_MASS``.
    equal : Expr
        For n equal masses, in ``HALF`` >= 2.
    """

    threshold: Expr
    equal: Expr


def refute_largest(
    flow: Flow, prediction: LargestSmall | None, budget: Budget
) -> Counterexample | None:
    """Tokens that never meet, an even n that one token's moves don't settle, or a larger β_0."""
    for place in (flow.at(beta=Rational(1, 3)), flow.cold):
        found = apart(place, budget.rng)
        if found:
            return Counterexample(f"β = {place.number()}: {found}", PAIR)
    own = heat(flow)
    if prediction is None or own is None:
        return None
    masses, equal = (own.subs(beta, e) for e in (prediction.threshold, prediction.equal))
    for threshold in (
        lambda k: masses.subs(ONE_MASS, Rational(1, 2 * k)),
        lambda k: equal.subs(HALF, k),
    ):
        found = opposed_moves(threshold)
        if found:
            return Counterexample(f"{flow.name}, c = {own}: {found}")
    return None


def _one_token(flow: Flow, prediction: LargestSmall, share: Expr) -> list[Step]:
    """Conclude that the tokens are in an open hemisphere, from one token's second variations."""
    kernel = flow.kernel
    assert kernel is not None  # a premise
    slope, own = simplify(kernel.diff(z)), share * beta
    claimed = slope * (own * (1 - z**2) - (d - 1) * z)
    words = f"one token moves: the trace is Σ_j m_i m_j h'(c(1-g²) - (d-1)g), c = {own}"
    alone = derived(words, simplify(alone_bend(slope) - claimed))
    text = "no ascent direction: Σ_{j≠i} m_j e^{cg} g >= 0 for every i"
    average = apply(SUM, text, alone, terms={"e^{cg} c(1-g²)": ">= 0"})
    text = "n >= 3, μ = min m <= 1/3: λ g e^{cg} <= g + μ/(1-μ) on [-1, 1], = for g = 1 only"
    why = chord_above(share * prediction.threshold)
    evidence = f"λ = e^{{-c}}/(1-μ); convex in g; at -1 it holds below {prediction.threshold}"
    chord = gap(text, why) if why else Step(text, How.DECIDED, evidence=evidence)
    text = "<x_i, Σ m_j x_j> >= m_i - μ(1-m_i)/(1-μ) >= 0, 0 for no i: an open hemisphere"
    terms = {"m_i - μ(1-m_i)/(1-μ)": ">= 0", "if all g = 1, Σ m_j": "> 0"}
    inside = apply(SUM, text, average, chord, terms=terms)
    two = apply(SUM, "n = 2: g >= 0, an open hemisphere", average, terms={"m e^{cg}": "> 0"})
    return [alone, average, chord, inside, two]


def _equal_masses(prediction: LargestSmall, share: Expr, average: Step) -> list[Step]:
    """Conclude the same for equal masses, k = ⌊n/2⌋; c at the threshold exceeds 1/(n-1)."""
    text = "g e^{cg} is convex and rises on [-1, 1] for c <= 1"
    left = [*filter(None, largest_pull())]
    convex = derived(text, left[0] if left else S.Zero, "2 + cg > 0 and 1 + cg >= 0")
    g, warm = Symbol("g", real=True), Symbol("c", positive=True)
    curve = g * exp(warm * g)
    slope, bend = (1 + warm * g) * exp(warm * g), warm * (2 + warm * g) * exp(warm * g)
    convex = saying(
        convex,
        say(Derivative(curve, g), "=", slope),
        say(Derivative(slope, g), "=", bend),
        *(
            say(0, "<=", e, (say(-1, "<=", g), say(warm, "<=", 1)))
            for e in (1 + warm * g, 2 + warm * g)
        ),
    )
    text = "n-1 products, Σ g <= -1: Σ e^{cg} g is largest at k-1 times 1, k times -1, 0 for odd n"
    most = apply(EXTREME, text, convex, cut=1)
    warm = share * prediction.equal
    more = Symbol("r", nonnegative=True)
    pull = (HALF - 1) * exp(warm) - HALF * exp(-warm)
    text = f"(k-1) e^c - k e^{{-c}} = 0 at c = {warm}, < 0 before it; k >= 2"
    ends = derived(text, simplify(pull.subs(HALF, 2 + more)), "it rises with c")
    cool = Step("that c is at most 1", How.DECIDED, evidence="it falls with k >= 2")
    if not (1 - warm.subs(HALF, 2)).is_positive:
        cool = gap(cool.text, f"c = {warm}")
    ratio, u = Symbol("x", positive=True), Symbol("u", positive=True)
    steep = simplify((log((1 + u) / (1 - u)) / 2 - u).diff(u).subs(u, ratio / (1 + ratio)))
    text = "c > 1/(2k-1) >= 1/(n-1) > 1/n: artanh u > u at u = 1/(2k-1)"
    above = Step(text, How.DECIDED, evidence=f"slope {steep} at u = x/(1+x)")
    same = simplify(exp(2 * warm) - HALF / (HALF - 1))
    if same != 0 or not steep.is_positive:
        above = gap(text, f"e^(2c) - k/(k-1) = {same}")
    few = Step(
        "k = 1, n <= 3: Σ g <= -1 leaves no g > 0, so Σ e^{cg} g < 0 at every c", How.DECIDED
    )
    text = "equal masses: Σ_{j≠i} g > -1 for every i, so <x_i, Σ x_j> > 0, an open hemisphere"
    inside = apply(SUM, text, average, most, ends, cool, few, terms={"1 + Σ_{j≠i} g": "> 0"})
    return [convex, most, ends, cool, above, few, inside]


def decide_largest(flow: Flow, prediction: LargestSmall) -> Sheet:
    """Prove Theorem 4.3 up to the largest β_0, and that the argument ends there for even n."""
    share = heat_share(flow)
    if share is None:
        return Sheet((gap("weights e^{cg}, c = aβ", f"c = {heat(flow)}"),))
    steps = _one_token(flow, prediction, share)
    steps += _equal_masses(prediction, share, steps[1])
    meets = by_statement(statement_of(LEMMA_6_4), flow, text=HEMISPHERE)
    text = "every equilibrium but consensus is a strict saddle"
    saddles = apply(SUM, text, *steps, meets, terms={"trace": "> 0"})
    ends = almost_every_start(flow, saddles, statement_of(REMARK_B_1))
    warm = share * prediction.threshold.subs(ONE_MASS, 1 / (2 * HALF + 2))
    pull = simplify(HALF * exp(warm) - (HALF + 1) * exp(-warm))
    text = "even n, half against half: Σ_{j≠i} e^{cg} g = 0 at the thresholds, > 0 above; Σ x_j = 0"
    steps += [meets, saddles, *ends, derived(text, pull, "(k-1) e^c = k e^{-c}, n = 2k")]
    found = {size: small_beta_threshold(size, form="largest") for size in (4, 6, 8, 16)}
    rows = ", ".join(f"{size}: {value.evalf(5)}" for size, value in found.items())
    return Sheet(
        tuple(steps),
        {
            "n": "symbolic",
            "d": "symbolic, >= 2",
            "beta": f"0 <= β < {prediction.equal}; other masses {prediction.threshold}",
            "masses": "1/n; symbolic, min m = μ",
        },
        (flow.model.velocity, prediction.threshold, prediction.equal, share),
        f"β_0 = {prediction.equal}, k = ⌊n/2⌋, at n = {rows}; more than 1/(n-1), so C = 1; "
        f"{prediction.threshold} for other masses",
    )


LARGEST: Statement[LargestSmall] = Statement(
    "",
    "the largest β_0 of Theorem 4.3's argument",
    decide_largest,
    refute=refute_largest,
    domain=(WARM_ONLY,),
    premises=(ON_SPHERE, ATTENTION, PAIR_ENERGY, CLIMBS),
)


_LARGEST = LargestSmall(log(1 - 2 * ONE_MASS) / -2, log(HALF / (HALF - 1)) / 2)


SMALL_THRESHOLD = Claim(
    "Theorem 4.3, largest β_0",
    "β < ½ log(k/(k-1)), k = ⌊n/2⌋, more than 1/(n-1) (n <= 3: every β): almost all data converge "
    "to one cluster; for even n the moves of one token give no more.",
    (SA, USA),
    _LARGEST,
    LARGEST,
    (
        Control("β_0 = 1/(2k-2)", prediction=replace(_LARGEST, equal=1 / (2 * HALF - 2))),
        Control(
            "log(n/(n-1)) as the largest",
            prediction=replace(_LARGEST, threshold=-log(1 - ONE_MASS)),
        ),
        Control("1/(2k-1) as the largest", prediction=replace(_LARGEST, equal=1 / (2 * HALF - 1))),
        Control("twice β_0", prediction=replace(_LARGEST, threshold=-log(1 - 2 * ONE_MASS))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    origin="extension",
    equivalents=(ONLY_SPEED,),
)


@dataclass(frozen=True)
class SmallestLarge:
    """The smallest β_1 from which n - 1 arcs τ* are shorter than π, in ``n`` and ``d``; n >= 4."""

    threshold: Expr


def _excess(prediction: SmallestLarge, own: Expr) -> Expr:
    """Profile ``(d-1) cos a - c sin² a`` there, a = π/(n-1): its sign is that of τ* - a."""
    angle = pi / (n - 1)
    return (d - 1) * cos(angle) - own.subs(beta, prediction.threshold) * sin(angle) ** 2


def refute_smallest(
    flow: Flow, prediction: SmallestLarge | None, budget: Budget
) -> Counterexample | None:
    """Tokens that never meet, or numbers at which (n-1) τ* isn't π at the threshold."""
    found = apart(flow.at(beta=1), budget.rng)
    if found:
        return Counterexample(f"β = 1: {found}", PAIR)
    own = heat(flow)
    if prediction is None or own is None:
        return None
    for size in (4, 5, 9):
        for room in (2, 3):
            put = {n: size, d: room}
            place = prediction.threshold.subs(put)
            value = _excess(prediction, own).subs(put).evalf(20)
            if abs(value) > Rational(1, 10**9):
                word = "more" if value > 0 else "less"
                return Counterexample(
                    f"{flow.name}, n = {size}, d = {room}, β = {place.evalf(6)}: the profile at "
                    f"π/{size - 1} is {value.evalf(5)}, so that (n-1) τ* is {word} than π there"
                )
    return None


def conclude_smallest(flow: Flow, prediction: SmallestLarge) -> Conclusion | Refusal:
    """Claim consensus above the threshold, for n <= 3 at every β > 0, and the profile below it."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    return smallest_starts(subject, prediction.threshold)


SMALLEST: Statement[SmallestLarge] = Statement(
    "",
    "the smallest β_1 of Theorem 5.1's argument",
    Concludes(conclude_smallest, warm=True),
    refute=refute_smallest,
    domain=(WARM_ONLY,),
    premises=(
        ON_SPHERE, ATTENTION, PAIR_ENERGY, CLIMBS, ANALYTIC, POSITIVE_WEIGHTS, STRICT_CUTS,
    ),
    typed=True,
)  # fmt: skip


_ANGLE = pi / (n - 1)
_SMALLEST = SmallestLarge((d - 1) * cos(_ANGLE) / sin(_ANGLE) ** 2)
_HALF = _ANGLE / 2


LARGE_THRESHOLD = Claim(
    "Theorem 5.1, smallest β_1",
    "β > (d-1) cos a/sin² a, a = π/(n-1), at most (d-1)(n-1)²/π² (n <= 3: every β > 0): almost all "
    "data converge to one cluster; trees of arcs τ* give no more.",
    (SA, USA),
    _SMALLEST,
    SMALLEST,
    (
        Control("half of β_1", prediction=SmallestLarge(_SMALLEST.threshold / 2)),
        Control(
            "(d-1)(n-1)²/π² as the smallest",
            prediction=SmallestLarge((d - 1) * (n - 1) ** 2 / pi**2),
        ),
        Control(
            "a = π/(2(n-1)), as printed",
            prediction=SmallestLarge((d - 1) * cos(_HALF) / sin(_HALF) ** 2),
        ),
        Control("without d - 1", prediction=SmallestLarge(_SMALLEST.threshold / (d - 1))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        Equivalent("β >= β_1 > 0: only the speed changes", ("*.velocity: × β",)),
    ),
)


CLAIMS = (SMALL_THRESHOLD, LARGE_THRESHOLD)
