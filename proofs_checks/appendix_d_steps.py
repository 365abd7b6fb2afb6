"""Appendix D step by step: (D.1), (D.2), (D.4), (D.6), (D.7), (D.9), (D.11) to (D.15), two errata.

(D.12), (D.13) and (D.14) are the three links from the least height α = min <x_i, x*> to its
differential inequality. The errata: what (D.10) covers, and from which d Theorem 6.9 says anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from mpmath import iv
from numpy.typing import NDArray
from sympy import (
    Expr,
    Integer,
    Max,
    OneMatrix,
    Poly,
    Rational,
    S,
    Symbol,
    exp,
    expand,
    fraction,
    log,
    simplify,
    sqrt,
    tanh,
    together,
)

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from numerics.integrate import integrate
from numerics.sphere import random_points
from proofs_checks.appendix_c_d import START, check_factor
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.row_algebra import leaves_sphere
from proofs_checks.section4_small_beta import doubt
from proofs_checks.section4_thresholds import chord_algebra, without_temperature
from proofs_checks.section6_clustering import enclose, smallest_weight
from proofs_checks.section6_details import HEIGHT, HeightBound, ProbabilityBound, check_height
from proofs_checks.section6_formulas import COMBINATION, ROOM, THETA, never_exceeds
from theory.gram import inner, residual, vectors
from theory.linearize import antipodal, consensus
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.predictions import chord_lipschitz
from theory.reductions import equiangular
from theory.symbols import X, beta, d, gamma, n, t, z

Array = NDArray[np.float64]

LEVEL = Symbol("alpha", positive=True)
"""α = min <x_i, x*>."""
FIRST = Symbol("alpha_1", positive=True)
"""α(1/n)."""

_HOT = Symbol("beta", nonnegative=True)
_SYMBOLIC = {"n": "symbolic", "d": "symbolic", "beta": "symbolic, >= 0", "masses": "1/n"}
_EULER = {S.Exp1: iv.exp(1)}
PRINTED_GROWTH = 10 * n * Max(1, beta)
"""``log c(β)^n``, the growth rate that the paper prints in (D.1) and (D.4)."""


# -- (D.1), (D.2), (D.4): Lipschitz constants ---------------------------------------------------


def _nonnegative(expr: Expr) -> bool:
    """Whether a rational function of n >= 1 and β >= 0 with max(1, β) is >= 0, by coefficients."""
    low, more = Symbol("w", nonnegative=True), Symbol("k", nonnegative=True)
    signs = []
    # β = w/(1+w) up to 1, β = 1 + w beyond.
    for place, larger in ((low / (1 + low), S.One), (1 + low, 1 + low)):
        plain = expr.subs(Max(1, beta), larger).subs({beta: place, n: 1 + more})
        top, bottom = fraction(together(plain))
        if plain.free_symbols - {low, more}:
            return False
        signs += [c >= 0 for part in (top, bottom) for c in Poly(expand(part), low, more).coeffs()]
    return all(signs)


@lru_cache(maxsize=16)
def _pair_modes(model: Model) -> tuple[tuple[str, Expr], ...]:
    """Rates at which two tokens, together or opposite, move relative to each other."""
    places = (
        ("two opposite tokens", antipodal(model, 1, 1, dimension=2)),
        ("two tokens together", consensus(model)),
    )
    return tuple(
        (name, value) for name, found in places for value, _ in found.eigenvalues if value != 0
    )


def _faster_mode(model: Model, claimed: Expr, growth: bool) -> str:
    """Linear mode of two tokens beyond the claimed rate: of growth only, or in absolute value."""
    for hot in (S.Zero, Rational(1, 4), Integer(1), Integer(6), Integer(8)):
        bound = claimed.subs({n: 2, beta: hot})
        for place, value in _pair_modes(model):
            rate = value.subs({n: 2, beta: hot})
            rate = rate if growth else abs(rate)
            if (rate - bound).evalf(20) > 1e-12:
                return (
                    f"{model.name}, {place}, β = {hot}: a mode changes at the rate "
                    f"{rate.evalf(5)} > {bound.evalf(5)}"
                )
    return ""


def _softmax_heat(model: Model) -> tuple[Expr, str]:
    """β of a softmax ``e^{βz}`` with value matrix I, and why the model is none."""
    form = attention_form(model)
    if form is None or not form.normalised or form.scale != 1:
        return S.Zero, f"{model.name} is no softmax attention with V = I"
    heat = simplify(form.kernel.diff(z) / form.kernel)
    return heat, f"{model.name}: kernel {form.kernel}" if z in heat.free_symbols else ""


def check_growth(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Compare the growth rate of differences of solutions with the proved 2(1+β).

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        The rate, in ``n``, ``beta`` and ``Max(1, beta)``.
    budget : Budget
        Not used.
    """
    found = _faster_mode(model, prediction, growth=True)
    if found:
        return Evidence(Verdict.REFUTED, found, {"n": "2", "d": "2"})
    heat, reason = _softmax_heat(model)
    derived = 2 * (1 + heat)
    if reason or chord_algebra() != 0 or not _nonnegative(prediction - derived):
        return Evidence(Verdict.UNDECIDED, reason or f"{prediction} against {derived}")
    return Evidence(
        Verdict.PROVED,
        f"max|x_j-y_j| grows at most at the rate {derived}, without n, and {prediction} is larger: "
        "by the signs of coefficients for β <= 1 and for β >= 1",
        _SYMBOLIC,
        ("Grönwall's inequality", "(D.3): |dm_i| <= (1+2β) max|dx_j|"),
        identity=(model.velocity, prediction, derived),
    )


STEP_D_1 = Claim(
    "(D.1)",
    "max_j |x_j-y_j|(t) <= c(β)^{nt} max_j |x_j-y_j|(0), c = e^{10 max(1,β)}; true, and loose.",
    SA,
    PRINTED_GROWTH,
    check_growth,
    (
        Control("10 max(1,β) -> 10β", prediction=10 * n * beta),
        Control("10 -> 1/10", prediction=PRINTED_GROWTH / 100),
        Control("V = -I, n dropped, max(1,β)/2", REPULSIVE, Max(1, beta) / 2),
    ),
    Verdict.PROVED,
    (WARM,),
)


def check_average(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Compare the factor with the largest total weight of a row; equal differences attain it.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        Factor of ``max_j |x_j - y_j|``, in ``beta``.
    budget : Budget
        Not used.
    """
    form = attention_form(model)
    if form is None:
        return Evidence(Verdict.UNDECIDED, f"{model.name}: no scalar attention")
    # Of A alone, outside of which form.scale stands: rows sum to 1, without normalisation to at
    # most kernel(1), attained at consensus.
    total = S.One if form.normalised else form.kernel.subs(z, 1)
    for hot in (S.Zero, S.One, Integer(3)):
        gap = (total - prediction).subs({beta: hot, n: 2})
        if gap.is_positive:
            return Evidence(
                Verdict.REFUTED,
                f"{model.name}, β = {hot}, tokens together, all x_j - y_j = u: the average is "
                f"{total.subs({beta: hot, n: 2}).n(6)} u, not {prediction.subs(beta, hot).n(6)} u",
            )
    slack = simplify((prediction - total).subs(beta, _HOT))
    if not (form.kernel.subs(beta, _HOT).is_positive and slack.is_nonnegative):
        return Evidence(Verdict.UNDECIDED, f"weights {form.kernel}, slack {slack}: unknown signs")
    if slack != 0:
        detail = f"{total} is enough, so {prediction} isn't the best factor: {slack} too large"
        return Evidence(Verdict.REFUTED, detail)
    return Evidence(
        Verdict.PROVED,
        f"the weights are positive and sum to {total}: |Σ A_ij (x_j-y_j)| <= "
        "Σ A_ij |x_j-y_j|, attained for equal differences",
        {**_SYMBOLIC, "masses": "symbolic"},
        ("triangle inequality",),
        identity=(model.velocity, prediction),
    )


STEP_D_2 = Claim(
    "(D.2)",
    "|Σ_j A_ij (x_j - y_j)| <= max_j |x_j - y_j|, and 1 is the best factor.",
    SA,
    S.One,
    check_average,
    (
        Control("factor 1 -> 9/10", prediction=Rational(9, 10)),
        Control("the unnormalised flow USA", model=USA),
    ),
    Verdict.PROVED,
    (WARM,),
)


def check_field_lipschitz(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Compare the Lipschitz constant of the field in the norm max_j |x_j| with the proved 3+2β.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        The constant, in ``n``, ``beta`` and ``Max(1, beta)``.
    budget : Budget
        Sampled pairs, 100 a case.
    """
    found = _faster_mode(model, prediction, growth=False)
    if found:
        return Evidence(Verdict.REFUTED, found, {"n": "2", "d": "2"})
    heat, reason = _softmax_heat(model)
    x, y, mean = vectors("x y m", unit="x y")
    turned = x * inner(x, mean) - y * inner(y, mean)
    split = turned - x * inner(x - y, mean) - (x - y) * inner(y, mean)
    derived = 3 + 2 * heat
    proved = not reason and residual(inner(split, split)) == 0
    count, size = 100 * budget.cases, 3
    hot = budget.rng.uniform(0.0, 4.0, count)
    first = np.asarray(random_points(size, 2, budget.rng, count))
    near = 10 ** budget.rng.uniform(-4, 0, (count, 1, 1))
    second = first + near * budget.rng.standard_normal(first.shape)
    second /= np.linalg.norm(second, axis=-1, keepdims=True)
    if without_temperature(model):
        return Evidence(Verdict.UNDECIDED, without_temperature(model))
    field = compile_model(model, beta=hot)
    moved = np.linalg.norm(field(first) - field(second), axis=-1).max(axis=-1)
    bound = np.asarray([float(prediction.subs({n: size, beta: float(b)})) for b in hot])
    used = moved / np.linalg.norm(first - second, axis=-1).max(axis=-1) / bound
    case = int(np.argmax(used))
    margin = 1 - float(used[case])
    if margin < 0:
        return Evidence(
            Verdict.REFUTED,
            f"{model.name}, n = {size}, β = {hot[case]:.4g}: the field changes {used[case]:.4g} "
            "times as much as allowed",
            cases=count,
            margin=margin,
        )
    if not proved or not _nonnegative(prediction - derived):
        return Evidence(Verdict.UNDECIDED, reason or f"{prediction} against {derived}", cases=count)
    return Evidence(
        Verdict.PROVED,
        f"|P_x m - P_y m'| <= |m-m'| + 2|x-y||m'| <= ({derived}) max|x_j-y_j| by (D.2), (D.3): "
        f"without n; {prediction} is larger",
        _SYMBOLIC,
        ("(D.2)", "(D.3): rows of A change by at most 2β max|x_j-y_j|"),
        count,
        margin,
        (model.velocity, prediction, derived),
    )


STEP_D_4 = Claim(
    "(D.4)",
    "|x_i-y_i|(t) <= |x_i-y_i|(0) + 10 max(1,β) n ∫_0^t max_j |x_j-y_j|; 3+2β is enough.",
    SA,
    PRINTED_GROWTH,
    check_field_lipschitz,
    (
        Control("10 max(1,β) -> 10β", prediction=10 * n * beta),
        Control("10 -> 1/10", prediction=PRINTED_GROWTH / 100),
        Control("the Lipschitz constant of the field of USA", model=USA),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
)


# -- (D.6) and (D.7) -------------------------------------------------------------------------


@dataclass(frozen=True)
class Approximation:
    """Factors of ``c^{nt} √(log d/d)`` in (D.6) or (D.7), and the exponent of growth."""

    factor: Expr
    growth: Expr = PRINTED_GROWTH


def check_displacement(model: Model, prediction: Approximation, budget: Budget) -> Evidence:
    """Bound the chord to the nearest orthonormal system by the projection r, then let it grow.

    A token whose projection on the earlier ones has length r moves by √(2-2s), s = √(1-r²).

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Approximation
        ``|x_i - y_i|(0) <= factor r`` and the growth.
    budget : Budget
        Not used.
    """
    grown = check_growth(model, prediction.growth, budget)
    if grown.verdict is not Verdict.PROVED:
        return grown
    for dimension in (3, 10):
        r = sqrt(log(dimension) / dimension)
        chord, allowed = sqrt(2 - 2 * sqrt(1 - r**2)).evalf(20), (prediction.factor * r).evalf(20)
        if chord > allowed:
            return Evidence(
                Verdict.REFUTED,
                f"n = 2, d = {dimension}, <x_1,x_2> = r = √(log d/d) = {r.evalf(5)}: at t = 0 x_2 "
                f"is {chord.n(6)} from y_2, more than {prediction.factor} r = {allowed.n(6)}",
            )
    # log d/d is largest, over whole d, at d = 3.
    s, least = Symbol("s", nonnegative=True), sqrt(1 - log(3) / 3)
    rest = simplify((prediction.factor**2 * (1 - s**2) - (2 - 2 * s)) / (1 - s))
    if not (Poly(rest, s).degree() == 1 and rest.diff(s) > 0 and rest.subs(s, least) >= 0):
        return Evidence(Verdict.UNDECIDED, f"the sign of {rest} is unknown")
    return Evidence(
        Verdict.PROVED,
        f"factor² r² - chord² = (1-s)({rest}) >= 0 for s = √(1-r²) >= √(1 - log 3/3); then "
        f"{grown.detail}",
        {**_SYMBOLIC, "d": "symbolic, >= n"},
        ("(D.5): all projections are at most r = √(log d/d)", *grown.assumptions),
        identity=(*grown.identity, rest),
    )


_ROOT_TWO = Approximation(sqrt(2))

STEP_D_6 = Claim(
    "(D.6)",
    "|x_i-y_i|(t) <= √2 c(β)^{nt} √(log d/d); the paper, with (D.5) for the chord, omits a factor "
    "that √2 is enough for, and 1.056, attained at d = 3.",
    SA,
    _ROOT_TWO,
    check_displacement,
    (
        Control("√2 -> 1, as printed", prediction=Approximation(S.One)),
        Control("√2 -> 21/20", prediction=Approximation(Rational(21, 20))),
        Control("(D.1) with 10 max(1,β) -> 10β", prediction=Approximation(sqrt(2), 10 * n * beta)),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
)


def check_products(model: Model, prediction: Approximation, budget: Budget) -> Evidence:
    """Bound the change of an inner product by that of the tokens; turn an exact pair to refute.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Approximation
        ``|<x_i,x_j> - <y_i,y_j>| <= factor max|x-y|`` and the growth.
    budget : Budget
        Not used.
    """
    grown = check_growth(model, prediction.growth, budget)
    if grown.verdict is not Verdict.PROVED:
        return grown
    x, y, u, v = vectors("x y u v", unit="x y u v")
    split = residual(inner(x, y) - inner(u, v) - inner(x - u, y) - inner(u, y - v))
    for half in (Rational(1, 3), Rational(1, 20)):
        c, s = (1 - half**2) / (1 + half**2), 2 * half / (1 + half**2)
        # y = (e1, e2), both turned by the angle with tan(angle/2) = half towards each other.
        change, square = 2 * c * s, 2 - 2 * c
        if prediction.factor <= 0 or change**2 > prediction.factor**2 * square:
            return Evidence(
                Verdict.REFUTED,
                f"(1,0), (0,1) turned to ({c},{s}), ({s},{c}): the product changes by {change}, "
                f"the tokens by √({square})",
            )
    if split == 0 and prediction.factor > 2:
        detail = f"2 is enough, so {prediction.factor} isn't the best factor"
        return Evidence(Verdict.REFUTED, detail)
    if split != 0 or prediction.factor < 2:
        return Evidence(Verdict.UNDECIDED, f"factor {prediction.factor}, rest {split}")
    return Evidence(
        Verdict.PROVED,
        "<x_i,x_j> - <y_i,y_j> = <x_i-y_i,x_j> + <y_i,x_j-y_j>, <y_i,y_j> = γ by Theorem 6.8; 2 "
        f"is approached; then {grown.detail}",
        {**_SYMBOLIC, "d": "symbolic, >= n"},
        ("Theorem 6.8", "(D.6)", *grown.assumptions),
        identity=grown.identity,
    )


STEP_D_7 = Claim(
    "(D.7)",
    "|<x_i,x_j>(t) - γ(t)| <= 2 max_j |x_j-y_j|(t), and 2 is the best factor.",
    SA,
    Approximation(Integer(2)),
    check_products,
    (
        Control("2 -> 19/10", prediction=Approximation(Rational(19, 10))),
        Control("2 -> 1", prediction=Approximation(S.One)),
        Control(
            "(D.1) with 10 -> 1/10", prediction=Approximation(Integer(2), PRINTED_GROWTH / 100)
        ),
    ),
    Verdict.PROVED,
    (WARM,),
)


# -- (D.9) and (D.11) ------------------------------------------------------------------------


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
    if not _nonnegative(spare + constant):
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
        {**_SYMBOLIC, "d": "symbolic, >= n"},
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
    (ROOM, WARM),
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
        _SYMBOLIC,
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
    (ROOM, WARM),
)


# -- (D.12) to (D.14) ------------------------------------------------------------------------

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
        left = enclose((far / total / count * rise).subs({beta: hot, n: count}), _EULER)
        put = {n: count, beta: hot, LEVEL: level, FIRST: level}
        right = enclose(prediction.right.subs(put), _EULER)
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
    derived = weight / n * (1 - LEVEL) * (FIRST if prediction.derivative else 1)
    ratio = simplify(derived / prediction.right)
    enough = not ratio.free_symbols - {beta, n} and ratio != 0
    if not enough or not never_exceeds(S.One, ratio):
        return Evidence(Verdict.UNDECIDED, f"derived over claimed is {ratio}")
    last = "; α rises, so α >= α(1/n) for t >= 1/n" if prediction.derivative else ""
    return Evidence(
        Verdict.PROVED,
        f"Σ A_ij (1-g_ij) >= (κ/n)(1 - min g) >= (κ/n)(1-α) with κ = {weight}{last}",
        {**_SYMBOLIC, "t": "symbolic, >= 1/n"},
        ("(6.6): min_j g_ij <= α", "(D.12)"),
        identity=(model.velocity, derived, prediction.right),
    )


_THIRTEEN = LateInequality(exp(-2 * beta) / n * (1 - LEVEL), derivative=False)
_FOURTEEN = LateInequality(FIRST * exp(-2 * beta) / n * (1 - LEVEL), derivative=True)

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
            prediction=replace(_FOURTEEN, right=FIRST * exp(-beta) / n * (1 - LEVEL)),
        ),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (WARM,),
)


# -- (D.15) ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tail:
    """``|g_ij - γ| <= C e^{-rate t}``: the factor of (1-α) and the rate."""

    factor: Expr
    rate: Expr


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
        {**_SYMBOLIC, "n": "symbolic, >= 2"},
        ("(D.8), from t = n e^β/2 on", "(D.10)", *joined.assumptions),
        identity=(*joined.identity, prediction.rate, slow, _FAST),
    )


STEP_D_15 = Claim(
    "(D.15)",
    "|g_ij - γ| <= max{4(1-α), 1-γ} <= C e^{-λt}, λ = γ(1/n)/(2n e^{2β}) by (D.8), (D.10); C of n "
    "and β.",
    SA,
    Tail(Integer(4), _SLOW),
    check_tail,
    (
        Control("4 -> 1, as printed", prediction=Tail(S.One, _SLOW)),
        Control("λ -> 3, where (6.1) allows 2", prediction=Tail(Integer(4), Integer(3))),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (WARM,),
)


# -- errata ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """For which data (D.10) is said to hold.

    Attributes
    ----------
    fraction : Expr
        ``α(1/n) >= fraction γ(1/n)`` is asked for t >= 1/n; with 0, only α > 0. Where it is
        positive, (D.14) must give (D.10).
    early : Expr
        ``α >= early`` is asked for t < 1/n.
    """

    fraction: Expr
    early: Expr


def _opposite_pair() -> str:
    """Two tokens of an open hemisphere so nearly opposite that (D.10) fails, n = 2, β = 1."""
    # γ' >= e^{-β}/n up to γ = 1/2 gives γ(1/2) >= e^{-1}/4; α' = 2A_12 α(1-α²) <= α.
    low = iv.exp(-1) / 4
    time = 2 / low
    bound = iv.exp((1 - low * time) / (4 * iv.exp(2)))
    if not bound.b < 0.999:
        return ""
    return (
        f"n = 2, β = 1, α(0) = e^-T/1000 at T = {float(time.mid):.4g}: α(T) <= α(0) e^T, so 1-α >= "
        f"0.999 > {float(bound.b):.6g}, the bound at T"
    )


def _low_token(model: Model) -> str:
    """Three tokens of an open half circle, one of which starts behind the limit's equator."""
    angles = np.array([-1.45, -1.45, 1.45])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    end = integrate(compile_model(model, beta=1.0), points, 60.0, rtol=1e-9).points[-1]
    limit = end.mean(axis=0) / np.linalg.norm(end.mean(axis=0))
    alpha = float((points @ limit).min())
    bound = math.exp(math.exp(-2) / 6)
    if not 1 - alpha > bound:
        return ""
    return (
        f"{model.name}, n = 3, β = 1, angles -1.45, -1.45, 1.45: at t = 0 1-α = {1 - alpha:.4g} > "
        f"{bound:.4g}"
    )


def _late_pair(model: Model) -> str:
    """Two tokens with α(1/n) = γ(1/n)/2, and a time at which their α breaks (D.10), or ""."""
    if without_temperature(model):
        return ""
    for hot in (0.0, 3.0):
        first = float(equiangular_gamma(0.5, hot, 2))
        start = np.array([[first / 2, 1.0], [first / 2, -1.0]])
        start[:, 1] *= math.sqrt(1 - first**2 / 4)
        times = 0.5 + np.linspace(0.0, 2.0, 9) * (1 / first + 4 * math.exp(2 * hot))
        run = integrate(compile_model(model, beta=hot), start, times[-1], times, rtol=1e-9)
        level = run.points[:, :, 0].min(axis=-1)
        bound = np.exp((1 - first * run.times) / (4 * math.exp(2 * hot)))
        worst = int(np.argmax(1 - level - bound))
        if 1 - level[worst] > bound[worst] + 1e-6:
            return (
                f"{model.name}, n = 2, β = {hot:g}, α(1/2) = γ(1/2)/2 = {first / 2:.4g}: at t = "
                f"{run.times[worst]:.4g} 1-α = {1 - level[worst]:.5g} > {bound[worst]:.5g}"
            )
    return ""


def check_coverage(model: Model, prediction: Coverage, budget: Budget) -> Evidence:
    """Derive (D.10) from (D.14), and see which data the derivation and the truth cover.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Coverage
        The conditions.
    budget : Budget
        Not used.
    """
    if prediction.fraction <= 0:
        found = _opposite_pair()
        return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, found)
    if prediction.early < 0:
        found = _low_token(model)
        return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, found)
    if prediction.fraction < S.Half:
        # At β = 0, n = 2, γ(1/2) = tanh(1/2) > 0.46, α = 1 - (1-α_1) e^{-α_1 s/2} at t = 1/2 + s
        # solves (D.14) with equality; beyond the time at which the exponents cross it is too low.
        first = prediction.fraction * tanh(S.Half)
        late = (log(1 / (1 - first)) + S.One) / (tanh(S.Half) / 4 - first / 2)
        bound = (1 - tanh(S.Half) * (late + S.Half)) / 4
        left = log(1 - first) - first * late / 2
        if (left - bound).evalf(20) > 0:
            return Evidence(
                Verdict.REFUTED,
                f"α(1/n) >= {prediction.fraction} γ(1/n), n = 2, β = 0: at t = 1/2 + {late.n(5)} "
                f"(D.14) allows log(1-α) = {left.n(5)} > {bound.n(5)}",
            )
        detail = f"α(1/n) >= {prediction.fraction} γ(1/n) is too little for the derivation"
        return Evidence(Verdict.UNDECIDED, detail)
    weight, reason = smallest_weight(model)
    if reason or not never_exceeds(exp(-2 * beta), weight):
        found = leaves_sphere(model, budget.rng) or _late_pair(model)
        detail = found or reason or f"{model.name}: weights of at least {weight} only"
        return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, detail)
    late, gain, first = (Symbol(s, nonnegative=True) for s in ("s", "f", "u"))
    tokens = Symbol("k", nonnegative=True) + 2
    start = first / (1 + first)  # γ(1/n) < 1
    # Over κ/(2n): exponent of (D.10) minus -2 fraction γ_1 (t - 1/n), at t = 1/n + late.
    gap = 1 - start * (1 / tokens + late) + 2 * (S.Half + gain) * start * late
    # For t < 1/n the exponent 1 - γ_1 t is at least 1 - γ_1/n.
    soon = 1 - start / tokens
    for value in (gap, soon):
        top, bottom = fraction(together(expand(value)))
        symbols = sorted(value.free_symbols, key=str)
        if not all(c >= 0 for part in (top, bottom) for c in Poly(part, *symbols).coeffs()):
            return Evidence(Verdict.UNDECIDED, f"the sign of {value} is unknown")
    return Evidence(
        Verdict.PROVED,
        "t >= 1/n: (D.14) with α(1/n) >= γ(1/n)/2 gives it, the exponents differing by "
        "(1-γ_1/n)/(2n e^{2β}) >= 0; t < 1/n: the right side exceeds 1, so α >= 0 suffices",
        {**_SYMBOLIC, "n": "symbolic, >= 2", "t": "symbolic, >= 0"},
        ("(D.14)", "Grönwall's inequality"),
        identity=(model.velocity, weight / (2 * n) * (1 - START * t)),
    )


ERRATUM_D_10 = Claim(
    "E.(D.10)",
    "(D.14) gives (D.10) for t >= 1/n where α(1/n) >= γ(1/n)/2, by (D.9); for t < 1/n take α >= 0.",
    SA,
    Coverage(S.Half, S.Zero),
    check_coverage,
    (
        Control("t >= 1/n: α(1/n) >= γ(1/n)/2 -> α > 0", prediction=Coverage(S.Zero, S.Zero)),
        Control("t < 1/n: α >= 0 -> α >= -1", prediction=Coverage(S.Half, S.NegativeOne)),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control(
        "as printed: all t, any data with a limit x*", prediction=Coverage(S.Zero, S.NegativeOne)
    ),
    origin="erratum",
)


def check_meaning(model: ProbabilityBound, prediction: Expr, budget: Budget) -> Evidence:
    """Compare ``d > prefactor^root`` in whole numbers at the predicted dimension and the next.

    Parameters
    ----------
    model : ProbabilityBound
        The printed bound ``1 - prefactor d^{-1/root}``.
    prediction : Expr
        Largest d, in ``n``, at which the bound is said to be empty.
    budget : Budget
        Not used.
    """
    powers = []
    if model.prefactor.subs(n, 2) <= 0:
        shown = 1 - model.prefactor.subs(n, 2)
        return Evidence(Verdict.REFUTED, f"n = 2, d = 1: the bound {shown} of a probability is > 1")
    for size in (2, 3, 8, 32):
        claimed = Integer(prediction.subs(n, size))
        exact = Integer(model.prefactor.subs(n, size)) ** model.root
        if claimed != exact:
            place = min(claimed, exact) + 1
            sign = "positive" if place > exact else "at most 0"
            return Evidence(
                Verdict.REFUTED,
                f"n = {size}: at d = {place if place < 10**9 else f'10^{len(str(place)) - 1}'} the "
                f"probability bound is {sign}",
                {"n": str(size)},
            )
        # a number of k digits lies below 10^k, and not below 10^(k-1)
        powers.append(f"n = {size}: d >= 10^{len(str(exact))}")
    return Evidence(
        Verdict.PROVED,
        f"1 - c d^(-1/{model.root}) > 0 iff d > c^{model.root}, in whole numbers; as powers of ten "
        f"it speaks for {', '.join(powers)} and not for the next lower",
        {"n": "2, 3, 8, 32", "d": "every integer"},
    )


ERRATUM_6_9 = Claim(
    "E.Theorem 6.9",
    "The probability of Theorem 6.9 is positive only for d > (2n²)^64, not from (D.9) on.",
    ProbabilityBound(),
    (2 * n**2) ** 64,
    check_meaning,
    (
        Control("(2n²)^64 -> (2n²)^32", prediction=(2 * n**2) ** 32),
        Control("2n² -> n²", prediction=n**128),
        Control("1/64 -> 1/32 in the bound", model=ProbabilityBound(root=32)),
    ),
    Verdict.PROVED,
    printed=Control("as printed: for d from 10^17 on, beyond (D.9)", prediction=Integer(10) ** 17),
    origin="erratum",
)

CLAIMS_APPENDIX_D_STEPS = (
    STEP_D_1,
    STEP_D_2,
    STEP_D_4,
    STEP_D_6,
    STEP_D_7,
    STEP_D_9,
    STEP_D_11,
    STEP_D_12,
    STEP_D_13,
    STEP_D_14,
    STEP_D_15,
)
"""The claims of this file, in paper order."""

ERRATA_APPENDIX_D_STEPS = (ERRATUM_D_10, ERRATUM_6_9)
"""The errata of this file."""

__all__ = [
    "CLAIMS_APPENDIX_D_STEPS",
    "ERRATA_APPENDIX_D_STEPS",
    "ERRATUM_6_9",
    "ERRATUM_D_10",
    "FIRST",
    "LEVEL",
    "PRINTED_GROWTH",
    "STEP_D_1",
    "STEP_D_2",
    "STEP_D_4",
    "STEP_D_6",
    "STEP_D_7",
    "STEP_D_9",
    "STEP_D_11",
    "STEP_D_12",
    "STEP_D_13",
    "STEP_D_14",
    "STEP_D_15",
    "Approximation",
    "Coverage",
    "Dimension",
    "LateInequality",
    "StartHeight",
    "Tail",
    "check_average",
    "check_coverage",
    "check_dimension",
    "check_displacement",
    "check_field_lipschitz",
    "check_growth",
    "check_late",
    "check_lift",
    "check_meaning",
    "check_products",
    "check_start",
    "check_tail",
]
