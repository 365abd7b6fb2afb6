"""(D.12), (D.13), (D.14): the lowest token over the limit x* rises.

Main results
------------
(D.12): α' >= α Σ_j A_ij (1 - g_ij) where α >= 0, as for t >= 1/n, where α >= γ(1/n)/2.
(D.13): Σ_j A_ij (1 - g_ij) >= (1 - α)/(n e^{2β}), x* in the tokens' cone, α = <x_i,x*> >= 0.
(D.14): α' >= α(t_0)(1 - α)/(n e^{2β}) for t >= t_0 where α(t_0) > 0.

How it is proved
----------------
All are theorems. (D.12) is that on least heights, as (6.5) is: it holds while α >= 0. (D.13): for
x* = Σ θ_k x_k the sum S is at least A_ik (1 - g_ik) >= (κ/n)(1 - g_ik), κ = e^{-2β}; so S Σ θ_k is
at least (κ/n)(Σ θ_k - α), and Σ θ_k >= 1. (D.14) is late growth from a time t_0 on at which α > 0,
1/n in the paper; x* is a limit. Every n, d, β >= 0 and masses 1/n. Two tokens, and all but one in
one place, refute wrong bounds.

References
----------
arXiv 2312.10794, Appendix D, (D.12) to (D.14); Section 6, (6.2), (6.5) and (6.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

from sympy import Expr, Integer, Rational, S, Symbol, exp, simplify

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose
from proofs_checks.paper.section_6.eq_6_2_6_5_heights import INEQUALITY_6_5, HeightBound
from proofs_checks.proof import (
    FASTER,
    HEAT,
    HEIGHT,
    LEVEL,
    SPEED,
    Counterexample,
    Flow,
    Statement,
    apart,
    not_asked,
    smallest_weight,
    statement_of,
)
from proofs_checks.theorems import (
    OTHER,
    TOKEN,
    Concludes,
    Conclusion,
    Refusal,
    cone_sum,
    gram,
    height,
    lifted,
    pull_in,
    rising_late,
)
from theory.models import REPULSIVE, SA, Model, attention_form
from theory.symbols import beta, n, z

FIRST_HEIGHT = Symbol("alpha_1", positive=True)
"""α(1/n)."""


_LIFT = HEIGHT * (1 - z)


def refute_lift(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Find tokens that never meet, two that rise slower, or a triple as (6.5) does.

    Two tokens that attract each other with equal weights meet at their bisector, the limit x*.
    """
    if smallest_weight(flow.model)[1]:
        found = apart(flow, budget.rng)
        return Counterexample(found) if found else None
    if prediction is None:
        return None
    for level in (Rational(4, 5), Rational(12, 13), Rational(3, 5)):
        g = 2 * level**2 - 1
        rate, bound = level * (1 - g), prediction.subs({HEIGHT: level, z: g})
        if rate < bound:
            return Counterexample(
                f"{flow.name}, two tokens at the height {level} over their bisector, which is x*, "
                f"g = {g}, t = 1/2: over A_12 α' is {rate} < {bound}",
                {"n": "2", "d": "2"},
            )
    return statement_of(INEQUALITY_6_5).refute(flow, HeightBound(prediction), budget)


def conclude_lift(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that the height of a lowest token rises, as (6.5) does, over a limit as over any w."""
    pull = pull_in(flow)
    here = {HEIGHT: height(TOKEN), z: gram(TOKEN, OTHER)}
    return pull if isinstance(pull, Refusal) else lifted(pull, prediction.xreplace(here))


LIFT: Statement[Expr] = Statement(
    "",
    "the token that is lowest over the limit rises",
    Concludes(conclude_lift),
    not_asked,
    refute_lift,
    typed=True,
)


STEP_D_12 = Claim(
    "(D.12)",
    "α' >= α Σ_j A_ij (1 - g_ij) >= 0 for the token that is lowest over a point, as over the limit "
    "x*, at a height α >= 0.",
    SA,
    _LIFT,
    LIFT,
    (
        Control("the factor α dropped", prediction=1 - z),
        Control("α -> 2α", prediction=2 * _LIFT),
        Control("1 - g_ij -> 1 - g_ij²", prediction=HEIGHT * (1 - z**2)),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        Equivalent(
            "only A_ij >= 0 is used, and n A_ij, β A_ij >= 0 at every temperature",
            ("*.velocity: × β", *SPEED, *HEAT),
        ),
        Equivalent(
            "<x_i,x_j> >= 2r² - 1 for two heights >= r, so r (1 - g) <= 2r (1 - r²) < 1",
            ("prediction: squared",),
        ),
        Equivalent("a lower bound", ("prediction: sign",)),
    ),
)


@dataclass(frozen=True)
class LateInequality:
    """``left >= right``: left the sum of (D.13) or α' of (D.14).

    Attributes
    ----------
    right : Expr
        In ``LEVEL``, ``FIRST``, ``n`` and ``beta``.
    derivative : bool
        Whether left is α'.
    """

    right: Expr
    derivative: bool


def _slower_tokens(model: Model, prediction: LateInequality) -> str:
    """All tokens but one in one place, x* at the other or in the middle: where it fails, or ""."""
    form = attention_form(model)
    if form is None:
        return ""
    hots = (Rational(1, 4), S.One, Integer(4), Integer(8))
    levels = (Rational(1, 100), Rational(1, 2), Rational(9, 10))
    for count, hot, level, middle in product((2, 200), hots, levels, (True, False)):
        # The height of the other token over x*, and the product of the two places.
        height, angle = (level, 2 * level**2 - 1) if middle else (S.One, level)
        near, far = (form.kernel.subs({beta: hot, z: g}) for g in (S.One, angle))
        total = ((count - 1) * near + far) / count if form.normalised else S.One
        # A alone in the sum of (D.13); the factor before it counts for the velocity.
        rise = form.scale * (height - angle * level) if prediction.derivative else 1 - angle
        left = enclose((far / total / count * rise).subs({beta: hot, n: count}))
        put = {n: count, beta: hot, LEVEL: level, FIRST_HEIGHT: level}
        right = enclose(prediction.right.subs(put))
        if left.b < right.a:
            return (
                f"{model.name}, n = {count}, β = {hot}, {count - 1} tokens at acos({level}) from "
                f"x*, one {'opposite' if middle else 'at x*'}, α(1/n) = α: {float(left.mid):.4g} < "
                f"{float(right.mid):.4g}"
            )
    return ""


def refute_late(
    flow: Flow, prediction: LateInequality | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that rise slower; for α' also tokens that never meet."""
    if prediction is None:
        return None
    found = _slower_tokens(flow.model, prediction)
    if found:
        return Counterexample(found, {"n": "2, 200", "d": "2"})
    if prediction.derivative and smallest_weight(flow.model)[1]:
        found = apart(flow, budget.rng)
    return Counterexample(found) if found else None


def conclude_late(flow: Flow, prediction: LateInequality) -> Conclusion | Refusal:
    """Keep of the sum over j the token with the least product, whose weight is at least κ/n."""
    pull, first = pull_in(flow), FIRST_HEIGHT if prediction.derivative else S.One
    rate = simplify(prediction.right / (1 - LEVEL) / first)
    if isinstance(pull, Refusal):
        return pull
    if not rate.is_positive or rate.free_symbols - {beta, n}:
        return Refusal(f"{prediction.right} is no κ (1-α)/n")
    if prediction.derivative:
        return rising_late(pull, first, rate)
    return cone_sum(pull, rate)


LATE_LIFT: Statement[LateInequality] = Statement(
    "",
    "how fast the lowest token rises once it is above",
    Concludes(conclude_late),
    not_asked,
    refute_late,
    typed=True,
)


_THIRTEEN = LateInequality(exp(-2 * beta) / n * (1 - LEVEL), derivative=False)


LATE_RISE = LateInequality(FIRST_HEIGHT * exp(-2 * beta) / n * (1 - LEVEL), derivative=True)


STEP_D_13 = Claim(
    "(D.13)",
    "Σ_j A_ij (1 - g_ij) >= (1 - α)/(n e^{2β}), α = <x_i,x*> >= 0, as of the lowest token; x* a "
    "unit vector in the tokens' cone.",
    SA,
    _THIRTEEN,
    LATE_LIFT,
    (
        Control("e^{2β} -> e^β", prediction=replace(_THIRTEEN, right=exp(-beta) / n * (1 - LEVEL))),
        Control("1-α -> 4(1-α)e^{2β}", prediction=replace(_THIRTEEN, right=4 * (1 - LEVEL) / n)),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        Equivalent(
            "it is about the matrix A, outside of which the factor and the projection stand",
            ("*.velocity: sign", "*.velocity: × β", *SPEED, "*.velocity: no projection"),
        ),
        Equivalent(
            "a lower bound, the left side being at least 0 and the right at most 1",
            ("prediction.right: sign", "prediction.right: e^u*", "prediction.right: squared"),
        ),
    ),
)


STEP_D_14 = Claim(
    "(D.14)",
    "α' >= α(t_0)(1 - α)/(n e^{2β}) for t >= t_0, α = min <x_i,x*>, x* the limit, where "
    "α(t_0) > 0; the paper takes t_0 = 1/n.",
    SA,
    LATE_RISE,
    LATE_LIFT,
    (
        Control(
            "the factor α(1/n) dropped",
            prediction=replace(LATE_RISE, right=exp(-2 * beta) / n * (1 - LEVEL)),
        ),
        Control(
            "e^{2β} -> e^β",
            prediction=replace(LATE_RISE, right=FIRST_HEIGHT * exp(-beta) / n * (1 - LEVEL)),
        ),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        FASTER,
        Equivalent(
            "a lower bound, the left side being at least 0 and the right at most 1",
            ("prediction.right: sign", "prediction.right: e^u*", "prediction.right: squared"),
        ),
        Equivalent(
            "θ_k <= sin a/sin(a+b_k), cos a = α, cos b_k = <x_k,x*>, so nα' is at least the "
            "minimum of sin a sin φ e^{-β(1-cos φ)} over φ in [a, 2a]: at an end if β <= 1, and "
            "above the bound",
            ("prediction.right: β -> β²",),
        ),
        Equivalent("α(1/n) <= 1: (D.13) implies it", ("prediction.derivative: not",)),
    ),
)


CLAIMS = (STEP_D_12, STEP_D_13, STEP_D_14)
