"""Theorem 4.3, E.Theorem 4.3 proof: one cluster at small β.

Main results
------------
- Theorem 4.3: β < -log(1 - min m), so β <= 1/n: almost all data converge to one cluster.
- E.Theorem 4.3 proof: the argument serves every n and d with C = 1; compactness gives no C.

How it is proved
----------------
The Gram algebra derives the trace of the second variation when one token moves. Without ascent
direction Σ_{j≠i} m_j e^{βg} g >= 0; signs of derivatives prove (e^{βc}-1)c <= e^β-1, and the
threshold then puts all tokens in an open hemisphere. Exact for symbolic masses, d and β. The
erratum takes the limit of n β_0 and runs the same check. Cited: Łojasiewicz, the centre-stable
manifold, Lemma 6.4. No point is drawn for the proof.

References
----------
arXiv 2312.10794, Theorem 4.3 and its proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, Integer, Rational, S, exp, limit, log

from proofs_checks.claim import (
    WARM,
    Budget,
    Claim,
    Conclusion,
    Control,
    Equivalent,
    Hypothesis,
    Verdict,
)
from proofs_checks.paper.appendix_b.remark_b_1_inertia import REMARK_B_1
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import (
    ATTENTION,
    CLIMBS,
    HEAT,
    ONE_MASS,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    SCHEDULED,
    SCOPE_WARM_ANY_MASSES,
    SUM,
    Counterexample,
    Domain,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    almost_every_start,
    alone_bend,
    apart,
    apply,
    below_exponential,
    by_statement,
    gap,
    heat,
    heat_share,
    pair_sum,
    reduced,
    small_threshold,
    statement_of,
)
from proofs_checks.proof.kinds import FLOWS, ONE_HEAT, SOME_HEAT
from proofs_checks.said import say, saying
from theory.bounded import simplified
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d, t, z


@dataclass(frozen=True)
class SmallBeta:
    """The inequality and the threshold of Theorem 4.3.

    Attributes
    ----------
    right : Expr
        ``(e^{βc} - 1) c <= right`` for c in [-1, 1]; a function of ``beta``.
    threshold, simple : Expr
        Below them every non-consensus equilibrium is a strict saddle; functions of ``ONE_MASS``.
        Where the weights hold no β they speak of the c in e^{cg}.
    """

    right: Expr
    threshold: Expr
    simple: Expr


def _share(flow: Flow) -> Expr | None:
    """Return a of ``c = a β``; 1 where c is a number."""
    own = heat(flow)
    if own is None or t in own.free_symbols:
        return None
    return heat_share(flow) if beta in own.free_symbols else S.One


def _exponential(flow: Flow) -> Step:
    """Whether the weights are ``s e^{cg}``, with 0 <= c < log 2 if c is a number."""
    text = "weights s(t) e^{cg}, 0 <= c < -log(1 - min m)"
    if flow.form is None:
        return Step(text, How.DERIVED)  # for the premises to say
    own = heat(flow)
    if own is None:
        return Step(text, How.DERIVED)
    first = own.subs(t, 0)
    if first.is_number and (first.is_negative or (first - log(2)).is_nonnegative):
        return Step(text, How.DERIVED, Outcome.FAILS, f"c = {own}, and min m <= 1/2")
    return Step(text, How.DERIVED)


SMALL_HEAT = Domain("β < -log(1 - min m)", _exponential)


def _scaled(flow: Flow, prediction: SmallBeta) -> SmallBeta:
    """Return the prediction in terms of c = a β."""
    share = _share(flow) or S.One
    return SmallBeta(
        prediction.right.subs(beta, beta / share),
        share * prediction.threshold,
        share * prediction.simple,
    )


def derive_small(flow: Flow) -> SmallBeta | None:
    """Return the inequality and the threshold of the flow's own c = a β."""
    share = _share(flow)
    if share is None:
        return None
    return SmallBeta(exp(share * beta) - 1, -log(1 - ONE_MASS) / share, ONE_MASS / share)


def refute_small(flow: Flow, prediction: SmallBeta | None, budget: Budget) -> Counterexample | None:
    """Tokens that never meet at a small β, or an inequality of the argument that fails."""
    # c = 1/3 is below the threshold log 2 of two tokens.
    free = beta in flow.model.parameters and beta not in flow.values and not flow.code
    places = [flow.at(beta=1 / (3 * (_share(flow) or S.One))), flow.cold] if free else [flow]
    for place in places[: 1 + flow.from_zero]:
        found = apart(place, budget.rng)
        if found and place is not flow:
            found = f"β = {place.number()}: {found}"
        if found:
            break
    if found:
        return Counterexample(found, PAIR)
    if prediction is None or _share(flow) is None:
        return None
    said = _scaled(flow, prediction)
    for found in (below_exponential(said.right), small_threshold(said.threshold, said.simple)):
        if found and not found.startswith("undecided"):
            return Counterexample(f"{flow.name}: {found}")
    return None


def decide(flow: Flow, prediction: SmallBeta) -> Sheet:
    """Prove Theorem 4.3: one token's second variations, the inequality, and the threshold."""
    own, said = heat(flow), _scaled(flow, prediction)
    kernel = flow.kernel
    assert own is not None and kernel is not None  # a domain, a premise
    slope = simplified(kernel.diff(z))
    trace, claimed = alone_bend(slope), slope * (own * (1 - z**2) - (d - 1) * z)
    alone = reduced(
        f"one token moves: the trace is Σ_j m_i m_j h'(c(1-g²) - (d-1)g), c = {own}",
        trace - claimed,
    )
    text = "no ascent direction: Σ_{j≠i} m_j e^{cg} g >= 0 for every i"
    average = apply(SUM, text, alone, terms={"e^{cg} c(1-g²)": ">= 0"})
    steps = [alone, average]
    on_interval = (say(-1, "<=", z), say(z, "<=", 1), say(0, "<=", beta))
    one_mass = say(ONE_MASS, "<", 1)
    up_to = (one_mass, say(0, "<=", beta), say(beta, "<=", said.threshold))
    for words, found, sides in (
        (
            "(e^{cg}-1) g <= e^c - 1 on [-1, 1]",
            below_exponential(exp(beta) - 1),
            (say((exp(beta * z) - 1) * z, "<=", exp(beta) - 1, on_interval),),
        ),
        (
            f"(e^{{βg}}-1) g <= {prediction.right}",
            below_exponential(said.right),
            (say((exp(beta * z) - 1) * z, "<=", said.right, on_interval),),
        ),
        (
            f"(1-μ)(e^c - 1) <= μ up to β = {prediction.threshold} >= {prediction.simple}",
            small_threshold(said.threshold, said.simple),
            (
                say((1 - ONE_MASS) * (exp(beta) - 1), "<=", ONE_MASS, up_to),
                say(said.simple, "<=", said.threshold, (one_mass,)),
            ),
        ),
    ):
        step = gap(words, found) if found else Step(words, How.DECIDED)
        steps.append(saying(step, *sides))
    text = "<x_i, Σ m_j x_j> >= m_i - (1-m_i)(e^c - 1) > 0: the tokens are in an open hemisphere"
    inside = apply(SUM, text, *steps, terms={"m_i - (1-m_i)(e^c-1)": "> 0"})
    meets = by_statement(statement_of(LEMMA_6_4), flow, text="Lemma 6.4: only consensus rests")
    text = "every equilibrium but consensus is a strict saddle"
    saddles = apply(SUM, text, inside, meets, terms={"trace": "> 0"})
    steps += [inside, meets, saddles, *almost_every_start(flow, saddles, statement_of(REMARK_B_1))]
    return Sheet(
        tuple(steps),
        {**SCOPE_WARM_ANY_MASSES, "beta": _range(flow), "d": "symbolic, >= 2"},
        (pair_sum(trace), pair_sum(claimed), prediction.threshold),
        "no ascent direction: Σ_{j≠i} m_j e^{βg}g >= 0, so <x_i, Σ m_j x_j> >= m_i - (1-m_i)"
        "(e^β-1) > 0 below -log(1 - min m): a hemisphere, hence consensus; -log(1-μ) > μ",
    )


def _range(flow: Flow) -> str:
    """Range of β, or of the least mass where c is a number."""
    own, share = heat(flow), _share(flow)
    if own is not None and beta not in own.free_symbols:
        return f"c = {own}, min m > {simplified(1 - exp(-own))}"
    if share == 1:
        return "0 <= β < -log(1 - min m), hence β <= 1/n"
    return f"0 <= β < -log(1 - min m)/{share}"


SMALL: Statement[SmallBeta] = Statement(
    "Theorem 4.3",
    "β < -log(1 - min m): consensus from almost every start",
    decide,
    derive_small,
    refute_small,
    domain=(SOME_HEAT, SMALL_HEAT),
    premises=(ONE_HEAT, FLOWS, ATTENTION, SCHEDULED, PAIR_ENERGY, CLIMBS),
    bound=True,
)


def _below(**parameters: float) -> float:
    return float(np.log(parameters["n"] / (parameters["n"] - 1)) - parameters["beta"])


_SMALL = SmallBeta(exp(beta) - 1, -log(1 - ONE_MASS), ONE_MASS)


THEOREM_4_3 = Claim(
    "Theorem 4.3",
    "β < -log(1 - min m) (so β <= 1/n): almost all data converge to one cluster.",
    (SA, USA),
    _SMALL,
    SMALL,
    (
        Control(
            "the argument's inequality with the right side halved",
            prediction=replace(_SMALL, right=(exp(beta) - 1) / 2),
        ),
        Control(
            "the argument said to reach β = 2/n", prediction=replace(_SMALL, simple=2 * ONE_MASS)
        ),
        Control(
            "the argument up to twice its threshold",
            prediction=replace(_SMALL, threshold=-2 * log(1 - ONE_MASS)),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM, Hypothesis("β < log(n/(n-1))", _below)),
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        ONLY_SPEED,
        Equivalent(
            "2β and β² are covered: d >= 3, n = 2, or at most 2 log(3/2) < 1 at d = 2 (Figure 2)",
            HEAT,
        ),
        Equivalent(
            "μ is larger, so the threshold exceeds it too",
            ("prediction.simple: sign", "prediction.simple: squared"),
        ),
        Equivalent("a larger right side", ("prediction.right: e^u*",)),
    ),
)


@dataclass(frozen=True)
class UniformConstant:
    """``β_0 >= constant/n`` for every n; β_0 a function of ``ONE_MASS`` = 1/n, or not given."""

    threshold: Expr | None
    constant: Expr


def derive_uniform(flow: Flow) -> UniformConstant | None:
    """Return the flow's own threshold, and the constant that it has."""
    own = derive_small(flow)
    return None if own is None else UniformConstant(own.threshold, own.simple / ONE_MASS)


def _for_all_sizes(threshold: Expr, constant: Expr) -> SmallBeta:
    return SmallBeta(exp(beta) - 1, threshold, constant * ONE_MASS)


def _scaled_limit(threshold: Expr) -> Expr:
    """Limit of ``n β_0(n)`` as n -> ∞."""
    return limit(threshold / ONE_MASS, ONE_MASS, 0, "+")


def refute_uniform(
    flow: Flow, prediction: UniformConstant | None, budget: Budget
) -> Counterexample | None:
    """Look at n β_0(n) as n -> ∞, else refute the threshold with its constant."""
    if prediction is None:
        return refute_small(flow, None, budget)
    threshold = prediction.threshold
    if threshold is None:
        return None
    if _scaled_limit(threshold) == 0:
        values = ", ".join(
            f"{(size * threshold.subs(ONE_MASS, Rational(1, size))).evalf(4)}"
            for size in (10, 1000)
        )
        return Counterexample(
            f"β_0 = {threshold} with μ = 1/n is positive for every n, yet n β_0 is "
            f"{values} at n = 10, 1000, and tends to 0: no C > 0 has β_0 >= C/n"
        )
    return refute_small(flow, _for_all_sizes(threshold, prediction.constant), budget)


def decide_uniform(flow: Flow, prediction: UniformConstant) -> Sheet:
    """Prove the threshold with its constant, whatever n."""
    if prediction.threshold is None:
        known = "some β_0(n, d) > 0 exists by compactness: nothing printed bounds n β_0 from below"
        return Sheet((gap("β_0 >= C/n", known),))
    scaled = _scaled_limit(prediction.threshold)
    inner_ = decide(flow, _for_all_sizes(prediction.threshold, prediction.constant))
    step = Step(f"n β_0 -> {scaled} > 0", How.DERIVED)
    first = step if scaled.is_positive else gap(step.text, "not shown to be positive")
    return replace(
        inner_,
        steps=(first, *inner_.steps),
        summary=f"n β_0 -> {scaled}, at least 1 for every n; {inner_.summary}",
    )


UNIFORM: Statement[UniformConstant] = Statement(
    "",
    "β < C/n with one C for every n: consensus from almost every start",
    decide_uniform,
    derive_uniform,
    refute_uniform,
    domain=SMALL.domain,
    premises=SMALL.premises,
)


_UNIFORM = UniformConstant(-log(1 - ONE_MASS), S.One)


ERRATUM_THEOREM_4_3 = Claim(
    "E.Theorem 4.3 proof",
    "The argument of 4.3 serves every n and d with C = 1, as (n-1)(e^β - 1) < 1 for β < "
    "log(n/(n-1)); compactness gives some β_0(n, d) > 0 only.",
    (SA, USA),
    _UNIFORM,
    UNIFORM,
    (
        Control("the argument with C = 2", prediction=replace(_UNIFORM, constant=Integer(2))),
        Control(
            "the argument up to twice β_0",
            prediction=replace(_UNIFORM, threshold=-2 * log(1 - ONE_MASS)),
        ),
        Control("β_0 = 1/n²", prediction=replace(_UNIFORM, threshold=ONE_MASS**2)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control(
        "a positive β_0 for each n and d", prediction=replace(_UNIFORM, threshold=None)
    ),
    origin="erratum",
    kind="gap",
    equivalents=(
        ONLY_SPEED,
        Equivalent(
            "2β and β² are covered below β_0 <= log 2: all d >= 3, n <= 4, and β <= 1 at d = 2 "
            "(Figure 2), as 2 log(n/(n-1)) < 1 for n >= 3",
            HEAT,
        ),
        Equivalent("a smaller constant", ("prediction.constant: sign", "prediction.constant: ÷ 2")),
    ),
)


CLAIMS = (THEOREM_4_3, ERRATUM_THEOREM_4_3)
