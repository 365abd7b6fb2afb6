"""(D.9), (D.11), (D.9) dimensions: the dimension from which Theorem 6.9 speaks.

Main results
------------
(D.9): d/log d >= 16 c(β)²/γ(1/n)² makes |g_ij - γ| <= γ/2 at t = 1/n.
(D.11): then every unit x* in the tokens' cone has <x_i, x*> >= γ/2.
(D.9) dimensions: it asks for log10 d >= 12.002 (n = 2, β = 0) etc.

How it is proved
----------------
(D.9) puts the threshold into (D.5), (D.6), (D.7), cited, and into the growth that the check of
(D.1) proves; signs of coefficients decide, for every n and β >= 0. (D.11) is exact algebra on
the cone, citing (6.4). A run of two tokens refutes thresholds that are too low. The least
dimensions are enclosed by intervals, and certificates on them are checked in balls.

References
----------
arXiv 2312.10794, Appendix D, (D.9) and (D.11); Theorem 6.9; (6.4), (D.1), (D.5) to (D.7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, Integer, Max, OneMatrix, Rational, S, Symbol, exp, expand, log, sqrt

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from numerics.integration import integrate
from proofs_checks.certificates import certify_dimension, enclosure_of
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.paper.appendix_d.eq_d_1_d_2_d_4_lipschitz import check_growth
from proofs_checks.proof import (
    COMBINATION,
    EVENT,
    PRINTED_GROWTH,
    ROOM,
    SCOPE_WARM_EQUAL_MASSES,
    THETA,
    as_rational,
    enclosure_ends,
    leaves_sphere,
    nonnegative_from_one,
    off_curve,
    rejected,
    six_digits,
    without_temperature,
)
from theory.derivations import circle_angles
from theory.models import REPULSIVE, SA, USA, Model
from theory.predictions import chord_lipschitz, equiangular_time
from theory.symbols import X, beta, d, n, t

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


def check_dimension(model: Model, prediction: Dimension, budget: Budget) -> Evidence:
    """Put the threshold in (D.6), (D.7) and the growth 2(1+β); run two tokens to refute.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Dimension
        The threshold, the time and what is claimed there.
    budget : Budget
        Not used.
    """
    if prediction.time < 0:
        raise ValueError(f"Expected a time >= 0 but got time={prediction.time}.")
    found = leaves_sphere(model, budget.rng) or _far_pair(model, prediction)
    if found:
        return Evidence(Verdict.REFUTED, found, {"n": "2"})
    grown = check_growth(model, PRINTED_GROWTH, budget)
    if grown.verdict is not Verdict.PROVED:
        return grown
    if prediction.time < 1:
        return Evidence(Verdict.UNDECIDED, "γ at an earlier time is less than γ(1/n)")
    # |g_ij - γ| <= 2 √2 e^{2(1+β)t} √(log d/d), and γ >= γ(1/n): logarithm of (share γ)² over that.
    rate = chord_lipschitz(beta)
    spare = 10 * prediction.power * Max(1, beta) - 2 * rate * prediction.time / n
    constant = log(prediction.share**2 * prediction.constant / 8)
    if not nonnegative_from_one(spare + constant):
        return Evidence(Verdict.UNDECIDED, f"the sign of {spare + constant} is unknown")
    table = ", ".join(
        f"({size}, {hot:g}): 10^{_log10_dimension(size, hot):.3f}"
        for size, hot in ((2, 0.0), (2, 1.0), (32, 1.0), (2, 9.0))
    )
    bound = 2 * sqrt(2) * exp(rate * t) * sqrt(log(d) / d)
    return Evidence(
        Verdict.PROVED,
        f"|g_ij - γ| <= {bound}; at t = {prediction.time}/n log(({prediction.share} γ)²/bound²) is "
        f"at least {spare + constant} >= 0. Least d with 16 c²/γ² for (n, β): {table}",
        {**SCOPE_WARM_EQUAL_MASSES, "d": "symbolic, >= n"},
        ("(D.5)", "(D.6): chords of at most √2 √(log d/d)", "(D.7)", *grown.assumptions),
        identity=(model.velocity, bound, spare + constant, d / log(d)),
    )


STEP_D_9 = Claim(
    "(D.9)",
    "d/log d >= 16 c(β)²/γ(1/n)² makes |g_ij - γ| <= γ/2 at t = 1/n for tokens with (D.5), with "
    "room: 32 e^{4(1+β)/n}/γ(1/n)² is enough.",
    SA,
    Dimension(),
    check_dimension,
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


def check_start(model: Any, prediction: StartHeight, budget: Budget) -> Evidence:
    """Bound <x_i,x*> below by the least product, x* being a unit vector in the tokens' cone.

    Parameters
    ----------
    model : object
        Not used: the statement is about points and their cone.
    prediction : StartHeight
        The fraction, and how far products are from γ.
    budget : Budget
        Not used.
    """
    if prediction.share < 0:
        raise ValueError(f"Expected a share >= 0 but got share={prediction.share}.")
    floor = 1 - prediction.share
    if floor < prediction.fraction:
        return Evidence(
            Verdict.REFUTED,
            f"two tokens, γ = 2/5, <x_1,x_2> = {floor} γ, x* = x_1 in their cone: <x_2,x*> = "
            f"{floor * Rational(2, 5)} < {prediction.fraction} γ",
        )
    low, excess, tail = (Symbol(name, nonnegative=True) for name in ("g", "s", "E"))
    gap = expand(low * (1 + excess) + tail - low)
    if not (floor >= 0 and gap.is_nonnegative):
        return Evidence(Verdict.UNDECIDED, f"least product {floor} γ, α - min g = {gap}")
    return Evidence(
        Verdict.PROVED,
        f"g_ij >= {floor} γ; <x_i,x*> = Σ θ_k g_ik >= min g Σ θ, the difference being {gap}, and "
        "Σ θ >= |Σ θ x| = 1",
        SCOPE_WARM_EQUAL_MASSES,
        ("(6.4): x* = Σ θ_k x_k with θ >= 0", "(D.9), for α at t = 1/n"),
        identity=(X * COMBINATION, low * (OneMatrix(1, n) * THETA)),
    )


STEP_D_11 = Claim(
    "(D.11)",
    "Where |g_ij - γ| <= γ/2, as at t = 1/n by (D.9), every unit x* in the tokens' cone has "
    "<x_i, x*> >= γ/2: so α(1/n) >= γ(1/n)/2.",
    None,
    StartHeight(),
    check_start,
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


@dataclass(frozen=True)
class Dimensions:
    """Least dimension of (D.9): ``d/log d >= factor e^{2 rate max(1, β)}/γ_β(1/n)²``.

    Attributes
    ----------
    table : tuple of (n, β, decimals of log10 d)
    factor, rate : int
    """

    table: tuple[tuple[int, int, str], ...]
    factor: int = 16
    rate: int = 10


def check_dimensions(model: Model, prediction: Dimensions, budget: Budget) -> Evidence:
    """Compare both sides of (D.9) beside the decimals predicted, γ(1/n) enclosed by its T(γ).

    Parameters
    ----------
    model : Model
        The flow whose γ is meant.
    prediction : Dimensions
    budget : Budget
        Not used.
    """
    inner = Symbol("inner", positive=True)
    lost = leaves_sphere(model, budget.rng)
    if lost:
        return Evidence(Verdict.REFUTED, lost)
    name = "SA" if circle_angles(model).normaliser is not None else "USA"
    wrong = off_curve(model, name)
    if wrong:
        return Evidence(Verdict.REFUTED, wrong)
    for size, hot, decimals in prediction.table:
        unit = Rational(1, 2 * 10 ** len(decimals.partition(".")[2]))
        curve = equiangular_time(inner, hot, size, name) - Rational(1, size)
        guess = Fraction(float(equiangular_gamma(1 / size, float(hot), size, name)))
        low, high = (as_rational(guess * (1 + Fraction(sign, 10**9))) for sign in (-1, 1))
        if not (
            enclosure_ends(curve, {inner: low})[1] < 0 < enclosure_ends(curve, {inner: high})[0]
        ):
            return Evidence(Verdict.UNDECIDED, f"γ(1/{size}) isn't within 1e-9 of {float(guess)}")
        need = log(prediction.factor) + 2 * prediction.rate * max(1, hot)
        gaps = []
        for shift, value in ((-unit, high), (unit, low)):
            u = (Rational(decimals) + shift) * log(10)
            gaps.append(enclosure_ends(u - log(u) - need + 2 * log(value)))
        if gaps[0][0] > 0 or gaps[1][1] < 0:
            return Evidence(
                Verdict.REFUTED,
                f"{name}, n = {size}, β = {hot}: log(d/log d) less its bound at log10 d = "
                f"{decimals} is {six_digits(gaps[0][0])}",
            )
        certificate = certify_dimension(hot, size)
        failed = rejected(certificate)
        if failed is not None:
            return failed
        found = [as_rational(end) for end in enclosure_of(certificate)]
        place = Rational(decimals)
        if not place - unit < found[0] < found[1] < place + unit:
            return Evidence(Verdict.UNDECIDED, f"n = {size}, β = {hot}: log10 d in {found}")
    rows = "; ".join(f"n = {a}, β = {b}: 10^{c}" for a, b, c in prediction.table)
    scope = {"n": "2, 32", "beta": "0, 1, 9"}
    return Evidence(Verdict.CERTIFIED, f"(D.9) asks for d at least {rows}", scope)


_TABLE = (
    (2, 0, "12.002"),
    (2, 1, "12.423"),
    (2, 9, "89.508"),
    (32, 1, "16.920"),
    (32, 9, "91.932"),
)


DIMENSIONS = Claim(
    "(D.9) dimensions",
    "Theorem 6.9 thresholds: d/log d >= 16 c²/γ(1/n)² needs log10 d >= 12.002 (n = 2, β = 0) etc.",
    SA,
    Dimensions(_TABLE),
    check_dimensions,
    (
        Control("16 -> 4", prediction=Dimensions(_TABLE, factor=4)),
        Control("c = e^{10 max} -> e^{9 max}", prediction=Dimensions(_TABLE, rate=9)),
        Control("γ of USA", model=USA),
        Control("last digit", prediction=Dimensions((*_TABLE[:4], (32, 9, "91.933")))),
    ),
    Verdict.CERTIFIED,
    origin="extension",
)


CLAIMS = (STEP_D_9, STEP_D_11, DIMENSIONS)
