"""(D.9), (D.11): the dimension from which Theorem 6.9 speaks.

Main results
------------
(D.9): d/log d >= 16 c(β)²/γ(1/n)² makes |g_ij - γ| <= γ/2 at t = 1/n.
(D.11): then every unit x* in the tokens' cone has <x_i, x*> >= γ/2.

How it is proved
----------------
(D.9) puts the threshold into (D.6), (D.7) and the growth of (D.1), decided for the flow, and (D.5),
cited; signs of coefficients decide, for every n and β >= 0. (D.11) is a theorem on vectors in the
cone of unit vectors. A run of two tokens refutes thresholds that are too low.

References
----------
arXiv 2312.10794, Appendix D, (D.9) and (D.11); Theorem 6.9; (6.4), (D.1), (D.5) to (D.7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Integer, Max, Rational, S, exp, log, sqrt

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.appendix_d.eq_d_1_d_2_d_4_lipschitz import STEP_D_1
from proofs_checks.paper.appendix_d.eq_d_6_d_7_displacement import (
    STEP_D_6,
    STEP_D_7,
)
from proofs_checks.paper.appendix_d.eq_d_8_approach import EQUATION_D_8
from proofs_checks.proof import (
    CHAIN,
    EVENT,
    PRINTED_GROWTH,
    ROOM,
    SCOPE_WARM_EQUAL_MASSES,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    at_least,
    by_statement,
    cited,
    gap,
    leaves_sphere,
    not_asked,
    of_no_flow,
    statement_of,
    without_temperature,
)
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import Concludes, Conclusion, start_height
from theory.models import REPULSIVE, SA, Model
from theory.predictions import chord_lipschitz
from theory.symbols import beta, d, n, t

_SIXTEEN = Integer(16)


@dataclass(frozen=True)
class Dimension:
    """``d/log d >= constant c^power / γ(1/n)²`` makes ``|g_ij - γ| <= share γ`` at ``time``/n."""

    constant: Expr = _SIXTEEN
    power: int = 2
    time: Expr = S.One
    share: Expr = S.Half


def _log10_dimension(size: int, hot: float) -> float:
    """log10 of the least d with d/log d >= 16 c²/γ(1/n)², the larger root."""
    gamma = float(equiangular_gamma(1 / size, hot, size))
    return _larger_root(math.log(16) + 20 * max(1.0, hot) - 2 * math.log(gamma)) / math.log(10)


def _larger_root(level: float) -> float:
    """Solve u - log u = level > 1 for u > 1: u is log d where log(d/log d) is the level."""
    u = level + 5
    for _ in range(60):  # a contraction
        u = level + math.log(u)
    return u


def _far_pair(model: Model, prediction: Dimension) -> str:
    """Two tokens in the least dimension allowed whose product is too far from γ, or ""."""
    if without_temperature(model):
        return ""
    for hot in (0.0, 2.0):
        first, time = float(equiangular_gamma(0.5, hot, 2)), float(prediction.time) / 2
        # (D.5): |<x_1,x_2>| <= √(log d/d), which among d >= 2 is largest at d = 3.
        log_d, level = math.log(3), -math.inf
        if prediction.constant > 0:
            level = math.log(float(prediction.constant)) - 2 * math.log(first)
            level += 10 * max(1.0, hot) * prediction.power
        if level > log_d - math.log(log_d):
            log_d = math.log(math.ceil(math.exp(_larger_root(level))))
        low = -math.exp((math.log(log_d) - log_d) / 2)
        points = np.array([[1.0, 0.0], [low, math.sqrt(1 - low**2)]])
        end = points
        if time > 0:
            end = integrate(compile_model(model, beta=hot), points, time, rtol=1e-11).points[-1]
        curve = float(equiangular_gamma(time, hot, 2))
        off, allowed = abs(float(end[0] @ end[1]) - curve), float(prediction.share) * curve
        if off > allowed + 1e-9:
            return (
                f"{model.name}, n = 2, β = {hot:g}, d = 10^{log_d / math.log(10):.3f}, <x_1,x_2> = "
                f"-√(log d/d) = {low:.4g} at first: at t = {time:.3g} |g - γ| = {off:.4g} > "
                f"{prediction.share} γ = {allowed:.4g}"
            )
    return ""


def refute_dimension(
    flow: Flow, prediction: Dimension | None, budget: Budget
) -> Counterexample | None:
    """Run two tokens in the least dimension, or find a mode faster than (D.1) allows."""
    if prediction is None:
        return None
    if prediction.time < 0:
        raise ValueError(f"Expected a time >= 0 but got time={prediction.time}.")
    found = leaves_sphere(flow.model, budget.rng) or _far_pair(flow.model, prediction)
    if found:
        return Counterexample(found, {"n": "2"})
    return statement_of(STEP_D_1).refute(flow, PRINTED_GROWTH, budget)


def decide_dimension(flow: Flow, prediction: Dimension) -> Sheet:
    """Put the threshold in (D.6), (D.7) and the growth 2(1+β)."""
    rate, time = chord_lipschitz(beta), prediction.time
    growth = by_statement(
        statement_of(STEP_D_1), flow, rate, f"(D.1): max|x_j-y_j| grows at most like e^(({rate})t)"
    )
    event = cited("(D.5)")
    text = "(D.6): chords of at most √2 √(log d/d)"
    chords = by_statement(statement_of(STEP_D_6), flow, STEP_D_6.prediction, text)
    text = "(D.7): |g_ij - γ| <= 2 max|x_j-y_j|"
    near = by_statement(statement_of(STEP_D_7), flow, STEP_D_7.prediction, text)
    bound = 2 * sqrt(2) * exp(rate * t) * sqrt(log(d) / d)
    together = apply(CHAIN, f"|g_ij - γ| <= {bound}", growth, event, chords, near)
    text = f"γ >= γ(1/n) at t = {time}/n, γ rising"
    rises = by_statement(
        statement_of(EQUATION_D_8), flow, EQUATION_D_8.prediction, "(D.8): γ' > 0 for 0 <= γ < 1"
    )
    late = Step(text, How.DERIVED) if time >= 1 else gap(text, "γ at an earlier time is less")
    spare = 10 * prediction.power * Max(1, beta) - 2 * rate * time / n
    spare += log(prediction.share**2 * prediction.constant / 8)
    text = f"{prediction.share} >= 0, log(({prediction.share} γ(1/n))²/bound²) >= {spare} >= 0"
    least = gap(text, "a share below 0, or a bound for every d")
    if prediction.share >= 0 and prediction.constant > 0:
        least = at_least(spare, S.Zero, text)
    text = f"|g_ij - γ| <= {prediction.share} γ at t = {time}/n"
    there = apply(CHAIN, text, together, rises, late, least)
    table = ", ".join(
        f"({size}, {hot:g}): 10^{_log10_dimension(size, hot):.3f}"
        for size, hot in ((2, 0.0), (2, 1.0), (32, 1.0), (2, 9.0))
    )
    return Sheet(
        (growth, event, chords, near, together, rises, late, least, there),
        {**SCOPE_WARM_EQUAL_MASSES, "d": "symbolic, >= n"},
        (flow.model.velocity, bound, spare, d / log(d)),
        f"|g_ij - γ| <= {bound}; at t = {time}/n log(({prediction.share} γ)²/bound²) is "
        f"at least {spare} >= 0. Least d with 16 c²/γ² for (n, β): {table}",
    )


NEAR_IN_TIME: Statement[Dimension] = Statement(
    "",
    "inner products are near γ at t = 1/n, in high dimensions",
    decide_dimension,
    not_asked,
    refute_dimension,
)


STEP_D_9 = Claim(
    "(D.9)",
    "d/log d >= 16 c(β)²/γ(1/n)² makes |g_ij - γ| <= γ/2 at t = 1/n for tokens with (D.5), with "
    "room: 32 e^{4(1+β)/n}/γ(1/n)² is enough.",
    SA,
    Dimension(),
    NEAR_IN_TIME,
    (
        Control("16 c² -> 2", prediction=Dimension(Integer(2), 0)),
        Control("t = 1/n -> 1/(10^6 n)", prediction=Dimension(time=Rational(1, 10**6))),
        Control("γ/2 -> γ/10^6", prediction=Dimension(share=Rational(1, 10**6))),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (ROOM, WARM, EVENT),
    equivalents=(
        Equivalent(
            "said of fewer d, as c >= 1; or a larger share of γ",
            (
                "prediction.constant: + 1",
                "prediction.constant: × 2",
                "prediction.power: + 1",
                "prediction.share: + 1",
                "prediction.share: × 2",
            ),
        ),
        Equivalent(
            "32 e^{4(1+β)/n} is enough, and 128 e^{4(1+β)/n} for γ/4: at most 8 c², 16 c and 16 c²",
            ("prediction.constant: ÷ 2", "prediction.power: - 1", "prediction.share: ÷ 2"),
        ),
        Equivalent(
            "γ rises, and 32 e^{8(1+β)/n} <= 16 c² is enough at 2/n", ("prediction.time: + 1",)
        ),
        Equivalent(
            "γ' grows at 2(1+β) at most, γ(1/n) <= γ(1/2n)(1 + e^{(1+β)/n}): 128 e^{4(1+β)/n} "
            "suffice",
            ("prediction.time: ÷ 2",),
        ),
    ),
)


@dataclass(frozen=True)
class StartHeight:
    """``<x_i, x*> >= fraction γ`` for all unit x* in the cone, where ``|g_ij-γ| <= share γ``."""

    fraction: Expr = S.Half
    share: Expr = S.Half


def refute_start(
    flow: Flow, prediction: StartHeight | None, budget: Budget
) -> Counterexample | None:
    """Take two tokens, and one of them as x*."""
    if prediction is None:
        return None
    if prediction.share < 0:
        raise ValueError(f"Expected a share >= 0 but got share={prediction.share}.")
    floor = 1 - prediction.share
    if floor >= prediction.fraction:
        return None
    return Counterexample(
        f"two tokens, γ = 2/5, <x_1,x_2> = {floor} γ, x* = x_1 in their cone: <x_2,x*> = "
        f"{floor * Rational(2, 5)} < {prediction.fraction} γ"
    )


def conclude_start(flow: Flow, prediction: StartHeight) -> Conclusion:
    """Say it of z = Σ θ_k x_k of any length, where products are at least γ less a share of it."""
    return start_height(prediction.fraction, prediction.share)


IN_CONE: Statement[StartHeight] = Statement(
    "",
    "unit vectors in the cone of tokens that are near are near, too",
    Concludes(conclude_start, words=(("n", "symbolic"), ("d", "symbolic"))),
    not_asked,
    refute_start,
    cases=of_no_flow,
    typed=True,
)


STEP_D_11 = Claim(
    "(D.11)",
    "Where |g_ij - γ| <= γ/2, as at t = 1/n by (D.9), every unit x* in the tokens' cone has "
    "<x_i, x*> >= γ/2: so α(1/n) >= γ(1/n)/2.",
    None,
    StartHeight(),
    IN_CONE,
    (
        Control("<x_i, x*> >= γ/2 -> 3γ/4", prediction=StartHeight(Rational(3, 4))),
        Control("|g_ij - γ| <= γ/2 -> 2γ/3", prediction=StartHeight(share=Rational(2, 3))),
    ),
    Verdict.PROVED,
    (ROOM, WARM, EVENT),
    about=frozenset(),
    equivalents=(
        Equivalent(
            "less is claimed, or of fewer tokens",
            ("prediction.fraction: sign", "prediction.fraction: ÷ 2", "prediction.share: ÷ 2"),
        ),
    ),
)


CLAIMS = (STEP_D_9, STEP_D_11)
