"""(D.12), (D.13), (D.14): the lowest token over the limit x* rises.

Main results
------------
(D.12): α' >= α Σ_j A_ij (1 - g_ij) for t >= 1/n, where α >= γ(1/n)/2 > 0.
(D.13): Σ_j A_ij (1 - g_ij) >= (1 - α)/(n e^{2β}), x* in the tokens' cone.
(D.14): α' >= α(1/n)(1 - α)/(n e^{2β}) for t >= 1/n where α(1/n) > 0.

How it is proved
----------------
(D.12) is the rate of a least height, by the check of the heights in Section 6. (D.13) keeps of
the sum over j the token with the least product, whose weight is at least κ/n, κ = e^{-2β};
(6.6), that this product is at most α, is cited, and so is (D.12). Exact for every n, d, β >= 0
and masses 1/n. Two tokens, and all but one in one place, refute wrong bounds.

References
----------
arXiv 2312.10794, Appendix D, (D.12) to (D.14); Section 6, (6.2), (6.5) and (6.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

from sympy import Expr, Integer, Rational, S, Symbol, exp, simplify

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.decide import enclose
from proofs_checks.paper.section_6.eq_6_2_6_5_heights import HeightBound, check_height
from proofs_checks.proof import (
    FASTER,
    HEAT,
    HEIGHT,
    LEVEL,
    SCOPE_WARM_EQUAL_MASSES,
    SPEED,
    doubt,
    never_exceeds,
    smallest_weight,
)
from theory.models import REPULSIVE, SA, Model, attention_form
from theory.symbols import beta, n, z

FIRST_HEIGHT = Symbol("alpha_1", positive=True)
"""α(1/n)."""


_LIFT = HEIGHT * (1 - z)


def check_lift(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Derive the rate of the lowest token's height over the limit, or give two that rise slower.

    Two tokens that attract each other with equal weights meet at their bisector, the limit x*.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        Summand of the lower bound of α' over j, in ``HEIGHT`` and ``z`` = g_ij.
    budget : Budget
        Passed on.
    """
    _, reason = smallest_weight(model)
    if reason:
        return doubt(model, reason, budget.rng)
    for level in (Rational(4, 5), Rational(12, 13), Rational(3, 5)):
        g = 2 * level**2 - 1
        rate, bound = level * (1 - g), prediction.subs({HEIGHT: level, z: g})
        if rate < bound:
            return Evidence(
                Verdict.REFUTED,
                f"{model.name}, two tokens at the height {level} over their bisector, which is x*, "
                f"g = {g}, t = 1/2: over A_12 α' is {rate} < {bound}",
                {"n": "2", "d": "2"},
            )
    return check_height(model, HeightBound(prediction), budget)


STEP_D_12 = Claim(
    "(D.12)",
    "α' >= α Σ_j A_ij (1 - g_ij) for the token that is lowest over the limit x*, t >= 1/n, where "
    "α >= γ(1/n)/2 > 0.",
    SA,
    _LIFT,
    check_lift,
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


def check_late(model: Model, prediction: LateInequality, budget: Budget) -> Evidence:
    """Keep of the sum over j the token with the least product, whose weight is at least κ/n.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : LateInequality
        The bound.
    budget : Budget
        Not used.
    """
    found = _slower_tokens(model, prediction)
    if found:
        return Evidence(Verdict.REFUTED, found, {"n": "2, 200", "d": "2"})
    weight, reason = smallest_weight(model)
    if reason and prediction.derivative:
        return doubt(model, reason, budget.rng)
    if reason:
        return Evidence(Verdict.UNDECIDED, reason)
    derived = weight / n * (1 - LEVEL) * (FIRST_HEIGHT if prediction.derivative else 1)
    ratio = simplify(derived / prediction.right)
    enough = not ratio.free_symbols - {beta, n} and ratio != 0
    if not enough or not never_exceeds(S.One, ratio):
        return Evidence(Verdict.UNDECIDED, f"derived over claimed is {ratio}")
    last = "; α rises, so α >= α(1/n) for t >= 1/n" if prediction.derivative else ""
    return Evidence(
        Verdict.PROVED,
        f"Σ A_ij (1-g_ij) >= (κ/n)(1 - min g) >= (κ/n)(1-α) with κ = {weight}{last}",
        {**SCOPE_WARM_EQUAL_MASSES, "t": "symbolic, >= 1/n"},
        ("(6.6): min_j g_ij <= α", "(D.12)"),
        identity=(model.velocity, derived, prediction.right),
    )


_THIRTEEN = LateInequality(exp(-2 * beta) / n * (1 - LEVEL), derivative=False)


_FOURTEEN = LateInequality(FIRST_HEIGHT * exp(-2 * beta) / n * (1 - LEVEL), derivative=True)


STEP_D_13 = Claim(
    "(D.13)",
    "Σ_j A_ij (1 - g_ij) >= (1 - α)/(n e^{2β}) for the lowest token, x* in the tokens' cone.",
    SA,
    _THIRTEEN,
    check_late,
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
    "α' >= α(1/n)(1 - α)/(n e^{2β}) for t >= 1/n, x* in the tokens' cone, α(1/n) > 0; how large, "
    "by (D.9), isn't assumed.",
    SA,
    _FOURTEEN,
    check_late,
    (
        Control(
            "the factor α(1/n) dropped",
            prediction=replace(_FOURTEEN, right=exp(-2 * beta) / n * (1 - LEVEL)),
        ),
        Control(
            "e^{2β} -> e^β",
            prediction=replace(_FOURTEEN, right=FIRST_HEIGHT * exp(-beta) / n * (1 - LEVEL)),
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
