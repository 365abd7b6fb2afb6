"""(D.15), E.(D.15): |g_ij - γ| <= C e^{-λt}, with the factor 4 that the paper omits.

Main results
------------
(D.15): on the event (D.5) |g_ij - γ| <= max{4(1-α), 1-γ} <= C e^{-λt}, λ = γ(1/n)/(2n e^{2β}).
E.(D.15): 1 - <x_i,x_j> <= 4 (1-α), α = min <x_i,x*>; printed without the 4.

How it is proved
----------------
A theorem on three unit vectors gives the factor 4: 0 <= |x+y-2x*|², by the parallelogram; rational
tokens show that less is too little. (D.8), (D.10) and (D.11), decided for the flow, are joined: the
rate of (D.10) is the smaller, by the signs of coefficients, for every n >= 2 and β >= 0. No runs.

References
----------
arXiv 2312.10794, Appendix D, (D.15), (D.8), (D.10).
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Abs,
    Expr,
    Integer,
    Max,
    Mul,
    Poly,
    Rational,
    S,
    Symbol,
    exp,
    expand,
    simplify,
    tanh,
)

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.appendix_d.eq_d_8_approach import EQUATION_D_8
from proofs_checks.paper.appendix_d.eq_d_9_d_11_dimension import STEP_D_11
from proofs_checks.paper.appendix_d.eq_d_10_alignment import ERRATUM_D_10
from proofs_checks.proof import (
    CHAIN,
    EVENT,
    FASTER,
    HEAT,
    SCOPE_WARM_EQUAL_MASSES,
    START,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apart,
    apply,
    by_statement,
    derived,
    equiangular_speed,
    gap,
    not_asked,
    of_no_flow,
    smallest_weight,
    statement_of,
)
from proofs_checks.said import say, saying
from proofs_checks.theorems import Concludes, Conclusion, near_a_point
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, gamma, n


def refute_factor(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Find two rational tokens on both sides of x* that are too far apart."""
    if prediction is None:
        return None
    for slope in (Rational(1, 3), Rational(1, 10), Rational(1, 100), Rational(1, 1000)):
        c, s = (1 - slope**2) / (1 + slope**2), 2 * slope / (1 + slope**2)
        off = 1 - (c**2 - s**2)
        if off > prediction * (1 - c):
            return Counterexample(
                f"x* = (1, 0), tokens ({c}, ±{s}): 1 - <x_i,x_j> = {off} > "
                f"{prediction} (1-α) = {prediction * (1 - c)}"
            )
    return None


def conclude_factor(flow: Flow, prediction: Expr) -> Conclusion:
    """Say it of three unit vectors, by the parallelogram."""
    return near_a_point(prediction)


NEAR_LIMIT: Statement[Expr] = Statement(
    "",
    "tokens near x* are near each other",
    Concludes(conclude_factor, words=(("alpha", "symbolic"),)),
    not_asked,
    refute_factor,
    cases=of_no_flow,
    typed=True,
)


ERRATUM_D_15 = Claim(
    "E.(D.15)",
    "1 - <x_i,x_j> <= 4 (1-α), α = min <x_i,x*>; (D.15) omits the factor 4.",
    (SA, USA),
    Integer(4),
    NEAR_LIMIT,
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


def refute_tail(flow: Flow, prediction: Tail | None, budget: Budget) -> Counterexample | None:
    """Take an antipodal pair, tokens that never meet, or a rate beyond that of γ along the flow."""
    if prediction is None:
        return None
    if not prediction.event:
        return Counterexample(
            "n = 2, tokens x and -x: g_12 = -1 at every t, as P_x x = 0, and γ tends to 1: "
            "|g_12 - γ| tends to 2, which no C e^(-λt) bounds",
            {"n": "2", "d": ">= 2"},
        )
    witness = refute_factor(flow, prediction.factor, budget)
    if witness is not None:
        return witness
    if smallest_weight(flow.model)[1]:
        found = apart(flow, budget.rng)
        return Counterexample(found) if found else None
    late = simplify(-equiangular_speed(flow.model).diff(gamma).subs(gamma, 1))
    put = {n: 2, beta: 0, START: tanh(S.Half)}
    if (prediction.rate - late).subs(put).evalf(20) > 1e-12:
        return Counterexample(
            f"n = 2, β = 0, orthonormal tokens: 1-γ falls like e^(-{late.subs(put)} t), no C gives "
            f"e^(-{prediction.rate.subs(put).n(5)} t)",
            {"n": "2", "beta": "0"},
        )
    return None


def _slower() -> Step:
    """Whether the rate of (D.10) is the smaller: γ(1/n) <= 1, r = e^{β/2} = 1+q, n = 2+k."""
    q, k = Symbol("q", nonnegative=True), Symbol("k", nonnegative=True)
    spread = Poly(expand(2 * (2 + k) ** 2 * (1 + q) ** 4 - (2 + k) - (1 + q)), q, k)
    text = f"{_SLOW} <= {_FAST}, as γ_1 = γ(1/n) <= 1"
    if all(c >= 0 for c in spread.coeffs()):
        step = Step(text, How.DECIDED, evidence="2n² r⁴ - n - r has no negative coefficient")
        return saying(step, say(1 / (2 * (2 + k) * (1 + q) ** 4), "<=", (2 + k) / (3 + k + q)))
    return gap(text, "sign unknown")


def decide_tail(flow: Flow, prediction: Tail) -> Sheet:
    """Join (D.8) and (D.10): the rate is the smaller of theirs, the factor at least 4."""
    weight, reason = smallest_weight(flow.model)
    if reason:
        return Sheet((gap("A_ij >= κ/n > 0", reason),))
    slow = START / (2 * n) * weight
    close = by_statement(NEAR_LIMIT, flow, prediction.factor, "E.(D.15): 1-g_ij <= 4(1-α)")
    g = Symbol("g", real=True)
    distance = saying(
        Step("|g_ij-γ| <= max(1-g_ij, 1-γ)", How.DERIVED, evidence="g_ij, γ <= 1"),
        say(Abs(g - gamma), "<=", Max(1 - g, 1 - gamma), (say(g, "<=", 1), say(gamma, "<=", 1))),
    )
    both = apply(CHAIN, f"|g_ij-γ| <= max({prediction.factor}(1-α), 1-γ)", distance, close)
    text = "(D.8): 1-γ <= ½ e^{-n(t-ne^β/2)/(n+e^{β/2})}, t >= n e^β/2"
    curve = by_statement(statement_of(EQUATION_D_8), flow, EQUATION_D_8.prediction, text)
    text = "(D.11): α(1/n) >= γ_1/2 on the event (D.5)"
    event = by_statement(statement_of(STEP_D_11), flow, STEP_D_11.prediction, text)
    if not prediction.event:
        event = gap("α(1/n) >= γ_1/2 of any data", "(D.11) is said on the event (D.5)")
    text = "(D.10): 1-α <= e^{(1-γ_1 t)/(2n e^{2β})} where α(1/n) >= γ_1/2"
    align = by_statement(statement_of(ERRATUM_D_10), flow, ERRATUM_D_10.prediction, text)
    rate = derived(f"λ = {slow}", simplify(prediction.rate - slow))
    rate = saying(rate, say(Mul(START / (2 * n), weight, evaluate=False), "=", prediction.rate))
    slower = _slower()
    constant = "C = max(4 e^(1/(2n e^(2β))), ½ e^(n² e^β/(2(n + e^(β/2)))))"
    text = "t < n e^β/2: λt <= γ_1 e^{-β}/4 <= 1/4, so C e^(-λt) >= 4 e^(-1/4) > 1 >= 1-γ"
    soon = derived(text, simplify(slow * n * exp(beta) / 2 - START * exp(-beta) / 4))
    reached = Mul(slow, n * exp(beta) / 2, evaluate=False)
    started = (say(START, "<=", 1), say(0, "<=", beta))
    soon = saying(
        soon,
        say(reached, "=", START * exp(-beta) / 4),
        say(START * exp(-beta) / 4, "<=", Rational(1, 4), started),
    )
    joined = apply(
        CHAIN, f"|g_ij-γ| <= C e^(-λt), {constant}", both, curve, event, align, rate, slower, soon
    )
    return Sheet(
        (close, distance, both, curve, event, align, rate, slower, soon, joined),
        {**SCOPE_WARM_EQUAL_MASSES, "n": "symbolic, >= 2", "data": "on the event (D.5)"},
        (flow.model.velocity, prediction.rate, slow, _FAST),
        f"|g_ij-γ| <= max(1-g_ij, 1-γ) <= max({prediction.factor}(1-α), 1-γ); the rate of (D.10) "
        f"is the smaller: λ = {slow} <= {_FAST}; {constant}",
    )


TAIL: Statement[Tail] = Statement(
    "",
    "on the event (D.5) inner products stay near γ, exponentially",
    decide_tail,
    not_asked,
    refute_tail,
)


STEP_D_15 = Claim(
    "(D.15)",
    "On the event (D.5): |g_ij - γ| <= max{4(1-α), 1-γ} <= C e^{-λt}, λ = γ(1/n)/(2n e^{2β}) by "
    "(D.8), (D.10); C of n and β.",
    SA,
    Tail(Integer(4), _SLOW),
    TAIL,
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
