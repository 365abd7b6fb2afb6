"""(6.7), (6.6): α grows once it is 1/2.

Main results
------------
- (6.7): α' >= (1 - α)/(2n e^{2β}) once α = min <x_i, x*> >= 1/2.
- (6.6): min_j <x_i, x_j> <= α for the token with <x_i, x*> = α >= 0, the least.

How it is proved
----------------
(6.6): α = Σ θ_k g_ik is expanded about the least product; the difference has no negative term.
(6.7): α Σ A_ij (1 - g_ij) >= α (κ/n)(1 - α) by (6.5) and (6.6), with the derived least weight κ;
the claimed rate is compared with the derived one for every β >= 0, masses 1/n. Exact tokens, or
two groups enclosed by intervals, are used only to refute. Cited: (6.4), and (6.5).

References
----------
arXiv 2312.10794, (6.6) and (6.7); (6.4) and (6.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, OneMatrix, Rational, S, Symbol, exp, expand, log, simplify

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    COMBINATION,
    FASTER,
    HOT,
    SCOPE_WARM,
    THETA,
    each,
    leaves_sphere,
    smallest_weight,
    subjects,
)
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import X, beta, n, z


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


_LOWEST = Symbol("g", real=True)


def _dot(a: tuple[Expr, ...], b: tuple[Expr, ...]) -> Expr:
    return sum((p * q for p, q in zip(a, b, strict=True)), S.Zero)


def check_least_product(model: Any, prediction: LeastProduct, budget: Budget) -> Evidence:
    """Expand α = Σ θ_k g_ik about the least product, or give exact tokens that refute.

    Parameters
    ----------
    model : object
        Not used: the statement is about points and their cone.
    prediction : LeastProduct
        The hypotheses.
    budget : Budget
        Not used.
    """
    up, down = (Rational(4, 5), Rational(3, 5)), (Rational(4, 5), Rational(-3, 5))
    east = (S.One, S.Zero)
    # (θ, tokens, x*); the first token is the i of the statement.
    trials = [
        ((Rational(5, 8), Rational(5, 8)), (up, down), east),
        ((Rational(1, 3), -S.One, Rational(5, 3)), (down, east, up), (up[1], up[0])),
    ]
    for theta, tokens, end in trials:
        summed = tuple(_dot(theta, column) for column in zip(*tokens, strict=True))
        allowed = prediction.signed or min(theta) >= 0
        alpha = _dot(tokens[0], end)
        least = alpha >= 0 and all(_dot(other, end) >= alpha for other in tokens)
        if summed != end or _dot(end, end) != 1 or not (allowed and least):
            continue
        products = [_dot(tokens[0], other) for other in tokens]
        side = max(products) if prediction.largest else min(products)
        if side > alpha:
            return Evidence(
                Verdict.REFUTED,
                f"tokens {tokens}, θ = {theta}: α = {alpha} < {side}",
                {"n": str(len(tokens)), "d": "2"},
            )
    low, excess, tail = (Symbol(name, nonnegative=True) for name in ("g", "s", "E"))
    # Σ θ = 1 + s, as 1 = |Σ θ x| <= Σ θ, and Σ θ_k (g_ik - g) = E >= 0, g the least, if g >= 0.
    gap = expand(low * (1 + excess) + tail - low)
    if prediction.largest or prediction.signed or not gap.is_nonnegative:
        return Evidence(Verdict.UNDECIDED, f"α - min g = {gap}, of unknown sign")
    return Evidence(
        Verdict.PROVED,
        f"α - min_j g_ij = {gap} with s = Σθ - 1 >= |Σ θ x| - 1 = 0, E = Σ θ_k (g_ik - g) >= 0 if "
        "g >= 0; if g < 0 it is below α >= 0",
        {"n": "symbolic", "d": "symbolic", "masses": "any"},
        ("(6.4): x* = Σ θ_k x_k with θ >= 0",),
        identity=(X * COMBINATION, _LOWEST * (OneMatrix(1, n) * THETA)),
    )


INEQUALITY_6_6 = Claim(
    "(6.6)",
    "min_j <x_i, x_j> <= α for the token with <x_i, x*> = α >= 0, the least; x* a unit vector in "
    "the tokens' cone.",
    None,
    LeastProduct(),
    check_least_product,
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


def _late_violation(flow: Model, prediction: LateRate) -> str:
    """Two groups on both sides of a point between them, α' below the bound, with intervals.

    The point is in the cone of the tokens, which is all that the argument knows of x*.
    """
    form = attention_form(flow)
    if form is None:
        return ""
    others = {s: S.One for s in (form.scale * form.kernel).free_symbols - {z, beta, n}}
    for hot in (Rational(1, 50), Rational(1, 2), Integer(2), Integer(6), Integer(12)):
        for level in (Rational(1, 2), Rational(1, 100), Rational(9, 10)):
            if level < prediction.least:
                continue
            product = 2 * level**2 - 1
            # As many tokens on both sides, or one against nineteen that are lowest too.
            for size, far in ((2, 1), (20, 1)):
                at = {beta: hot, n: size, **others}
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


def check_late_growth(model: Any, prediction: LateRate, budget: Budget) -> Evidence:
    """Derive the rate of (6.7) from (6.5), (6.6) and the least weight; compare, or refute.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows; ``prediction.rate`` must hold for each.
    prediction : LateRate
        Rate and the least α.
    budget : Budget
        Its random source draws points off the sphere.
    """
    # (6.6): α = Σ θ_j g_ij >= (Σ θ) g with Σ θ = 1 + s: α - g >= s g >= 0 for g >= 0.
    s, g = Symbol("s", nonnegative=True), Symbol("g", nonnegative=True)
    lemma = bool(expand((1 + s) * g - g).is_nonnegative) and prediction.least > 0
    for flow in each(model):
        weight, reason = smallest_weight(flow)
        derived = weight * prediction.least / n
        ratio = None if reason or derived == 0 else simplify(derived / prediction.rate)
        enough = ratio is not None and bool(
            (log(ratio.subs(beta, HOT)).expand(force=True)).simplify().is_nonnegative
        )
        if not (lemma and enough):
            found = leaves_sphere(flow, budget.rng) or _late_violation(flow, prediction)
            verdict = Verdict.REFUTED if found else Verdict.UNDECIDED
            return Evidence(verdict, found or reason or f"derived over claimed rate is {ratio}")
    return Evidence(
        Verdict.PROVED,
        "α' >= α Σ A_ij(1-g_ij) >= α (κ/n)(1-min g_ij) >= α (κ/n)(1-α), min g_ij <= α, with κ the "
        f"least weight, at least e^{{-2β}}; α >= {prediction.least}",
        {**SCOPE_WARM, "masses": "1/n"},
        ("(6.4): x* = Σ θ_j x_j with θ >= 0 and Σ θ >= 1", "(6.5)"),
        identity=subjects(model, prediction.rate),
    )


INEQUALITY_6_7 = Claim(
    "(6.7)",
    "α' >= (1 - α)/(2n e^{2β}) once α = min <x_i, x*> >= 1/2, for any x* in the tokens' cone.",
    (SA, USA),
    LateRate(exp(-2 * beta) / (2 * n)),
    check_late_growth,
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
