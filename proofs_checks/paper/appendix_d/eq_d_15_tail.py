"""(D.15), E.(D.15): |g_ij - γ| <= C e^{-λt}, with the factor 4 that the paper omits.

Main results
------------
(D.15): on the event (D.5) |g_ij - γ| <= max{4(1-α), 1-γ} <= C e^{-λt}, λ = γ(1/n)/(2n e^{2β}).
E.(D.15): 1 - <x_i,x_j> <= 4 (1-α), α = min <x_i,x*>; printed without the 4.

How it is proved
----------------
|x-y|² <= 2|x-x*|² + 2|y-x*|² is reduced in the Gram algebra, and gives the factor 4; rational
tokens show that less is too little. (D.8) and (D.10) are cited and joined: the rate of (D.10) is
the smaller, by the signs of coefficients, for every n >= 2 and β >= 0. No runs.

References
----------
arXiv 2312.10794, Appendix D, (D.15), (D.8), (D.10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Poly, Rational, S, Symbol, exp, expand, simplify, tanh

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    EVENT,
    FASTER,
    HEAT,
    SCOPE_WARM_EQUAL_MASSES,
    SCOPE_WARM_EQUAL_MASSES_FROM_TWO,
    START,
    doubt,
    smallest_weight,
    subjects,
)
from theory.derivations import equiangular
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import beta, gamma, n


def check_factor(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Prove ``1 - <x,y> <= factor (1-α)`` for <x,p>, <y,p> >= α, or find a rational example."""
    x, y, p = vectors("x y p", unit="x y p")
    apart, first, second, middle = x - y, x - p, y - p, x + y - p * 2
    square = 2 * inner(first, first) + 2 * inner(second, second) - inner(apart, apart)
    identity = residual(square - inner(middle, middle))
    # 1 - <x,y> = |x-y|²/2 <= |x-p|² + |y-p|² = 2(1-<x,p>) + 2(1-<y,p>) <= 4 (1-α).
    for slope in (Rational(1, 3), Rational(1, 10), Rational(1, 100), Rational(1, 1000)):
        c, s = (1 - slope**2) / (1 + slope**2), 2 * slope / (1 + slope**2)
        gap = 1 - (c**2 - s**2)
        if gap > prediction * (1 - c):
            detail = (
                f"x* = (1, 0), tokens ({c}, ±{s}): 1 - <x_i,x_j> = {gap} > "
                f"{prediction} (1-α) = {prediction * (1 - c)}"
            )
            return Evidence(Verdict.REFUTED, detail)
    if identity != 0 or prediction < 4:
        return Evidence(Verdict.UNDECIDED, f"the parallelogram identity leaves {identity}")
    return Evidence(
        Verdict.PROVED,
        "|x-y|² <= 2|x-x*|² + 2|y-x*|², the difference being |x+y-2x*|²; 4 is approached",
        {**SCOPE_WARM_EQUAL_MASSES_FROM_TWO, "masses": "any"},
        identity=subjects(model, prediction),
    )


ERRATUM_D_15 = Claim(
    "E.(D.15)",
    "1 - <x_i,x_j> <= 4 (1-α), α = min <x_i,x*>; (D.15) omits the factor 4.",
    (SA, USA),
    Integer(4),
    check_factor,
    (
        Control("4 -> 39/10", prediction=Rational(39, 10)),
        Control("4 -> 2", prediction=Integer(2)),
    ),
    Verdict.PROVED,
    printed=Control("as printed: factor 1", prediction=S.One),
    origin="erratum",
    kind="formula",
    about=frozenset(),
    equivalents=(
        Equivalent("no model enters: it is about three points", ("*.velocity: *",)),
        Equivalent("a larger bound", ("prediction: + 1", "prediction: × 2")),
    ),
)


@dataclass(frozen=True)
class Tail:
    """``|g_ij - γ| <= C e^{-rate t}``: the factor of (1-α), the rate, and whether data are near.

    Attributes
    ----------
    factor, rate : Expr
    event : bool
        Whether it is said on the event (D.5) alone, or of any data.
    """

    factor: Expr
    rate: Expr
    event: bool = True


_FAST, _SLOW = n / (n + exp(beta / 2)), START / (2 * n) * exp(-2 * beta)


def check_tail(model: Model, prediction: Tail, budget: Budget) -> Evidence:
    """Join (D.8) and (D.10): the rate is the smaller of theirs, the factor at least 4.

    Refuted by a rate beyond the one at which the equiangular γ tends to 1 along the flow.

    Parameters
    ----------
    model : Model
        The flow, whose least weight is the rate of (D.10).
    prediction : Tail
        Factor and rate.
    budget : Budget
        Passed on.
    """
    if not prediction.event:
        return Evidence(
            Verdict.REFUTED,
            "n = 2, tokens x and -x: g_12 = -1 at every t, as P_x x = 0, and γ tends to 1: "
            "|g_12 - γ| tends to 2, which no C e^(-λt) bounds",
            {"n": "2", "d": ">= 2"},
        )
    joined = check_factor(model, prediction.factor, budget)
    if joined.verdict is not Verdict.PROVED:
        return joined
    weight, reason = smallest_weight(model)
    if reason:
        return doubt(model, reason, budget.rng)
    slow = START / (2 * n) * weight
    late = simplify(-equiangular(model).rate.diff(gamma).subs(gamma, 1))
    put = {n: 2, beta: 0, START: tanh(S.Half)}
    if (prediction.rate - late).subs(put).evalf(20) > 1e-12:
        return Evidence(
            Verdict.REFUTED,
            f"n = 2, β = 0, orthonormal tokens: 1-γ falls like e^(-{late.subs(put)} t), no C gives "
            f"e^(-{prediction.rate.subs(put).n(5)} t)",
            {"n": "2", "beta": "0"},
        )
    # γ(1/n) <= 1; with r = e^{β/2} = 1+q, n = 2+k no coefficient of 2n² r⁴ - (n + r) is negative.
    q, k = Symbol("q", nonnegative=True), Symbol("k", nonnegative=True)
    spread = Poly(expand(2 * (2 + k) ** 2 * (1 + q) ** 4 - (2 + k) - (1 + q)), q, k)
    if simplify(prediction.rate - slow) != 0 or not all(c >= 0 for c in spread.coeffs()):
        return Evidence(Verdict.UNDECIDED, f"the rate {prediction.rate} is not {slow}")
    return Evidence(
        Verdict.PROVED,
        f"|g_ij-γ| <= max(1-g_ij, 1-γ) <= max({prediction.factor}(1-α), 1-γ); the rate of (D.10) "
        f"is the smaller: λ = {slow} <= {_FAST}; C = max(4 e^(1/(2n e^(2β))), "
        "½ e^(n² e^β/(2(n + e^(β/2)))))",
        {**SCOPE_WARM_EQUAL_MASSES, "n": "symbolic, >= 2", "data": "on the event (D.5)"},
        ("(D.8), from t = n e^β/2 on", "(D.10)", *joined.assumptions),
        identity=(*joined.identity, prediction.rate, slow, _FAST),
    )


STEP_D_15 = Claim(
    "(D.15)",
    "On the event (D.5): |g_ij - γ| <= max{4(1-α), 1-γ} <= C e^{-λt}, λ = γ(1/n)/(2n e^{2β}) by "
    "(D.8), (D.10); C of n and β.",
    SA,
    Tail(Integer(4), _SLOW),
    check_tail,
    (
        Control("4 -> 1, as printed", prediction=Tail(S.One, _SLOW)),
        Control("λ -> 3, where (6.1) allows 2", prediction=Tail(Integer(4), Integer(3))),
        Control("of any data", prediction=Tail(Integer(4), _SLOW, False)),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (WARM, EVENT),
    equivalents=(
        FASTER,
        Equivalent(
            "at every temperature 1-α and 1-γ fall like e^{-2t}, (6.1), uniformly over the "
            "compact set α(1/n) >= γ(1/n)/2, and λ < 2",
            HEAT,
        ),
        Equivalent("a larger bound", ("prediction.factor: + 1", "prediction.factor: × 2")),
        Equivalent(
            "1-α and 1-γ fall like e^{-2t}, (6.1), uniformly over the compact set α(1/n) >= "
            "γ(1/n)/2, and the rate is below 2",
            ("prediction.rate: *",),
        ),
    ),
)


CLAIMS = (STEP_D_15, ERRATUM_D_15)
