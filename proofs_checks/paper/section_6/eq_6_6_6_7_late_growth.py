"""(6.7), (6.6): α grows once it is 1/2.

Main results
------------
- (6.7): α' >= (1 - α)/(2n e^{2β}) once α = min <x_i, x*> >= 1/2.
- (6.6): min_j <x_i, x_j> <= α for the token with <x_i, x*> = α >= 0, the least.

How it is proved
----------------
(6.6): a theorem on unit vectors, <x_i,z> = Σ θ_k g_ik and |z| <= Σ θ_k; no model enters.
(6.7): a theorem on models in pull form, of the least weight of their own, masses 1/n. Exact tokens,
or two groups enclosed by intervals, are used only to refute.

References
----------
arXiv 2312.10794, (6.6) and (6.7).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Integer, Rational, S, exp

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    CONTINUOUS,
    FASTER,
    ON_SPHERE,
    OWN_VALUES,
    POSITIVE_WEIGHTS,
    SCHEDULED,
    Counterexample,
    Flow,
    Statement,
    in_own_time,
    least_weight,
    leaves_sphere,
    not_asked,
    of_no_flow,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    cone_product,
    in_its_time,
    nearing,
    pull_in,
)
from theory.models import REPULSIVE, SA, USA, AttentionForm
from theory.symbols import beta, d, n, z


@dataclass(frozen=True)
class LeastProduct:
    """``min_j g_ij <= α`` for a unit vector x* = Σ θ_k x_k, θ >= 0.

    Attributes
    ----------
    largest : bool
        Whether to claim it of max_j g_ij.
    signed : bool
        Whether θ may be negative.
    """

    largest: bool = False
    signed: bool = False


def _dot(a: tuple[Expr, ...], b: tuple[Expr, ...]) -> Expr:
    return sum((p * q for p, q in zip(a, b, strict=True)), S.Zero)


_UP, _DOWN = (Rational(4, 5), Rational(3, 5)), (Rational(4, 5), Rational(-3, 5))
_EAST = (S.One, S.Zero)
_CONES: tuple[tuple[tuple[Expr, ...], tuple[tuple[Expr, Expr], ...], tuple[Expr, Expr]], ...] = (
    ((Rational(5, 8), Rational(5, 8)), (_UP, _DOWN), _EAST),
    ((Rational(1, 3), -S.One, Rational(5, 3)), (_DOWN, _EAST, _UP), (_UP[1], _UP[0])),
)
"""θ, tokens and x*; the first token is the i of the statement."""


def refute_least_product(
    flow: Flow, prediction: LeastProduct | None, budget: Budget
) -> Counterexample | None:
    """Look at exact tokens."""
    if prediction is None:
        return None
    for theta, tokens, end in _CONES:
        summed = tuple(_dot(theta, column) for column in zip(*tokens, strict=True))
        allowed = prediction.signed or min(theta) >= 0
        alpha = _dot(tokens[0], end)
        least = alpha >= 0 and all(_dot(other, end) >= alpha for other in tokens)
        if summed != end or _dot(end, end) != 1 or not (allowed and least):
            continue
        products = [_dot(tokens[0], other) for other in tokens]
        side = max(products) if prediction.largest else min(products)
        if side > alpha:
            return Counterexample(
                f"tokens {tokens}, θ = {theta}: α = {alpha} < {side}",
                {"n": str(len(tokens)), "d": "2"},
            )
    return None


def conclude_least_product(flow: Flow, prediction: LeastProduct) -> Conclusion:
    """Say it of z = Σ θ_k x_k of any length: |z| min_j <x_i,x_j> <= <x_i,z>."""
    return cone_product(prediction.largest, prediction.signed)


LEAST_PRODUCT: Statement[LeastProduct] = Statement(
    "",
    "the least product with the token nearest to the equator is at most α",
    Concludes(conclude_least_product, words=(("n", "symbolic"), ("d", "symbolic"))),
    not_asked,
    refute_least_product,
    cases=of_no_flow,
    typed=True,
)


INEQUALITY_6_6 = Claim(
    "(6.6)",
    "min_j <x_i, x_j> <= α for the token with <x_i, x*> = α >= 0, the least; x* a unit vector in "
    "the tokens' cone.",
    None,
    LeastProduct(),
    LEAST_PRODUCT,
    (
        Control("min -> max", prediction=LeastProduct(largest=True)),
        Control("θ of any sign", prediction=LeastProduct(signed=True)),
    ),
    Verdict.PROVED,
    about=frozenset(),
)


@dataclass(frozen=True)
class LateRate:
    """``α' >= rate (1 - α)`` as soon as α >= least."""

    rate: Expr
    least: Expr = S.Half


@dataclass(frozen=True)
class TimedLate(LateRate):
    """``dα/dτ >= rate (1 - α)`` in the time ``τ = ∫s`` of a flow with a schedule."""


def derive_late(flow: Flow) -> LateRate | None:
    """Return the rate κ/(2n) of the least weight κ, once α >= 1/2, in the flow's own time."""
    if not flow.attracts.holds or flow.schedule is None:
        return None
    kind = LateRate if flow.schedule.constant else TimedLate
    return kind(least_weight(flow) / (2 * n))


def _late_violation(flow: Flow, prediction: LateRate) -> str:
    """Two groups on both sides of a point between them, α' below the bound, with intervals.

    The point is in the cone of the tokens, which is all that the argument knows of x*.
    """
    form = flow.still_form
    if form is None or prediction.rate.free_symbols - {n, beta} or flow.schedule is None:
        return ""
    for time, pace in flow.schedule.paces if not isinstance(prediction, TimedLate) else _STILL:
        found = _late_at(flow, replace(form, scale=form.scale * pace), prediction)
        if found:
            return found if flow.schedule.constant else f"t = {time}, s = {pace}: {found}"
    return ""


_STILL = ((S.Zero, S.One),)
"""Only now, at the pace 1."""


def _late_at(flow: Flow, form: AttentionForm, prediction: LateRate) -> str:
    """Two groups as above, at one time."""
    others = {s: S.One for s in (form.scale * form.kernel).free_symbols - {z, beta, n}} | {d: 2}
    for hot in (Rational(1, 50), Rational(1, 2), Integer(2), Integer(6), Integer(12)):
        for level in (Rational(1, 2), Rational(1, 100), Rational(9, 10)):
            if level < prediction.least:
                continue
            product = 2 * level**2 - 1
            # As many tokens on both sides, or one against nineteen that are lowest too.
            for size, far in ((2, 1), (20, 1)):
                at = {**others, beta: hot, n: size}
                near, apart = (form.kernel.subs({z: g, **at}) for g in (1, product))
                total = (size - far) * near + far * apart if form.normalised else Integer(size)
                weight = form.scale.subs(at) * far * apart / total
                rate = enclose(weight * level * (1 - product))
                bound = enclose(prediction.rate.subs({n: size, beta: hot}) * (1 - level))
                if rate.b < bound.a:
                    return (
                        f"{flow.name}, β = {hot}, {size - far} and {far} tokens at the angles "
                        f"±acos({level}) of x*: α' = {float(rate.mid):.4g} < {float(bound.mid):.4g}"
                    )
    return ""


def refute_late(flow: Flow, prediction: LateRate | None, budget: Budget) -> Counterexample | None:
    """Find tokens that leave the sphere, or two groups at which α' is below the bound."""
    found = leaves_sphere(flow.model, budget.rng)
    if not found and prediction is not None and prediction != derive_late(flow):
        found = _late_violation(flow, prediction)
    return Counterexample(found) if found else None


def conclude_late(flow: Flow, prediction: LateRate) -> Conclusion | Refusal:
    """Say how fast tokens near a point of their cone come nearer."""
    pull = pull_in(flow, still=isinstance(prediction, TimedLate))
    own = pull if isinstance(pull, Refusal) else nearing(pull, prediction.rate, prediction.least)
    return own if isinstance(own, Refusal) else in_its_time(flow, own)


LATE_GROWTH: Statement[LateRate] = in_own_time(
    Statement(
        "(6.7)",
        "α >= 1/2, masses 1/n: α' >= (κ/2n)(1-α), κ the least weight",
        Concludes(conclude_late),
        derive_late,
        refute_late,
        premises=(ON_SPHERE, OWN_VALUES, CONTINUOUS, SCHEDULED, POSITIVE_WEIGHTS),
        bound=True,
        typed=True,
    )
)


INEQUALITY_6_7 = Claim(
    "(6.7)",
    "α' >= (1 - α)/(2n e^{2β}) once α = min <x_i, x*> >= 1/2, for any x* in the tokens' cone.",
    (SA, USA),
    LateRate(exp(-2 * beta) / (2 * n)),
    LATE_GROWTH,
    (
        Control("e^{-2β} -> e^{-β/4}", prediction=LateRate(exp(-beta / 4) / (2 * n))),
        Control("α >= 1/2 -> α >= 0", prediction=LateRate(exp(-2 * beta) / (2 * n), S.Zero)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        FASTER,
        Equivalent(
            "the least weight of USA is then e^{-2β}, as for SA", ("USA.velocity: e^u -> e^2u",)
        ),
        Equivalent(
            "a lower rate, for r0 <= 1",
            ("prediction.rate*: sign", "prediction.rate*: e^u*", "prediction.rate*: squared"),
        ),
        Equivalent(
            "said of α >= 1 only, that is of consensus",
            ("prediction.least: + 1", "prediction.least: × 2"),
        ),
        Equivalent(
            "α' >= min(1, 2α)(1-α²) min_j A_ij, g_ij >= 2α²-1: Σ_j θ_j (h_j - α g_ij) = 1 - α² "
            "for h_j = <x_j,x*> and x* = Σ θ_j x_j, where θ_j <= max(1, 1/(2α))",
            ("prediction.rate: × β", "prediction.rate: β -> β²", "prediction.least: ÷ 2"),
        ),
    ),
)


CLAIMS = (INEQUALITY_6_7, INEQUALITY_6_6)
