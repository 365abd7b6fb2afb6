"""Section 6, the steps: (6.2), (6.4), (6.5), (6.7), Remarks 6.2 and 6.5, Lemma 6.6, Theorem 6.9.

Also the level set (6.12), the map of regimes of Figure 2, the pathwise form of Theorem 6.9, which
holds where the printed one is vacuous, and the erratum of Theorem 6.8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise, permutations
from typing import Any

import numpy as np
from mpmath import iv
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import betainc
from sympy import (
    Add,
    Dummy,
    Expr,
    Identity,
    Integer,
    Matrix,
    Poly,
    Rational,
    S,
    Sum,
    Symbol,
    Trace,
    cancel,
    exp,
    expand,
    eye,
    integrate,
    lambdify,
    log,
    oo,
    pi,
    simplify,
    together,
    zeros,
)

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from numerics.integrate import integrate as run_flow
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Hypothesis, Verdict
from proofs_checks.row_algebra import leaves_sphere, random_unit
from proofs_checks.section4_small_beta import doubt, each, pair_sum, subjects
from proofs_checks.section6_clustering import (
    THEOREM_6_1,
    enclose,
    smallest_weight,
)
from theory.gram import inner, project, vectors
from theory.linearize import Spectrum, antipodal, consensus
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.predictions import equiangular_time, theorem_6_9_dimension
from theory.reductions import equiangular
from theory.symbols import beta, d, gamma, n, z

Array = NDArray[np.float64]

_SYMBOLIC = {"n": "symbolic", "d": "symbolic", "beta": "symbolic, >= 0"}
_HOT = Symbol("beta", nonnegative=True)


def _room(**parameters: float) -> float:
    return parameters["d"] - parameters["n"]


_ROOM = Hypothesis("d >= n", _room)


# -- (6.2) and (6.5) -------------------------------------------------------------------------

HEIGHT = Symbol("r", real=True)
"""Least height ``<x_i, w>`` over the equator of w, or α = min <x_i, x*>."""
_RISE = Symbol("e", nonnegative=True)  # height of x_j over that of x_i
_GAP = Symbol("u", nonnegative=True)  # 1 - g_ij


@dataclass(frozen=True)
class HeightBound:
    """``d/dt <x_i, w> >= Σ_j A_ij bound >= 0`` for the lowest token.

    Attributes
    ----------
    bound : Expr
        In ``HEIGHT`` and ``z`` = g_ij.
    sign : int
        Sign of the least height: 1, or -1.
    """

    bound: Expr
    sign: int = 1


def _has_nonnegative_terms(expr: Expr, sign: int) -> bool:
    """Whether a polynomial in r, e, 1-g has no negative coefficient, r having the given sign."""
    size = Symbol("s", nonnegative=True)
    plain = expand(expr.subs({z: 1 - _GAP}).subs(HEIGHT, sign * size))
    return all(c >= 0 for c in Poly(plain, size, _RISE, _GAP).coeffs())


def _height_counterexample(
    flow: Model, prediction: HeightBound, rng: np.random.Generator, tries: int
) -> str:
    """Rational tokens x, y and a pole at which one of the two inequalities fails."""
    form = attention_form(flow)
    if form is None:
        return ""
    kernel = (form.scale * form.kernel).subs(beta, Rational(3, 4))
    for _ in range(tries):
        x, y, w = (random_unit(rng, 3) for _ in range(3))
        dot = [[sum(a * b for a, b in zip(p, q, strict=True)) for q in (y, w)] for p in (x, y)]
        (g, low), (_, high) = dot
        if high < low or low * prediction.sign <= 0 or g == 1:
            continue
        weight = 1 if kernel.subs(z, g) > 0 else -1
        rate = weight * (high - g * low)
        bound = weight * prediction.bound.subs({HEIGHT: low, z: g})
        if rate < bound or bound < 0:
            return (
                f"{flow.name}, tokens {x}, {y}, pole {w}: heights {low} <= {high}, g = {g}: over "
                f"|A_12| the rate is {rate}, the bound {bound}"
            )
    return ""


def _refuse_sign(sign: int) -> None:
    if sign not in (1, -1):
        raise ValueError(f"Expected a sign 1 or -1 but got sign={sign}.")


def check_height(model: Any, prediction: HeightBound, budget: Budget) -> Evidence:
    """Derive the rate of the least height, pair by pair, and decide both inequalities.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : HeightBound
        The lower bound of the rate and the sign of the height.
    budget : Budget
        Drawn triples in the search for a counterexample, 50 a case.
    """
    _refuse_sign(prediction.sign)
    x, y, w = vectors("x y w", unit="x y w")
    own = inner(project(x, y), w).subs({inner(y, w): HEIGHT + _RISE, inner(x, w): HEIGHT})
    derived = expand(own.subs(inner(x, y), z))
    for flow in each(model):
        _, reason = smallest_weight(flow)
        holds = _has_nonnegative_terms(derived - prediction.bound, prediction.sign)
        if reason or not (holds and _has_nonnegative_terms(prediction.bound, prediction.sign)):
            found = leaves_sphere(flow, budget.rng) or _height_counterexample(
                flow, prediction, budget.rng, 50 * budget.cases
            )
            verdict = Verdict.REFUTED if found else Verdict.UNDECIDED
            return Evidence(verdict, found or reason or f"rate {derived}", cases=budget.cases)
    return Evidence(
        Verdict.PROVED,
        f"summand of d/dt <x_i,w> minus the bound is {expand(derived - prediction.bound)} with "
        f"e = <x_j - x_i, w> >= 0, and A_ij > 0; the bound {prediction.bound} is >= 0",
        {**_SYMBOLIC, "masses": "symbolic"},
        identity=(pair_sum(derived - prediction.bound), pair_sum(prediction.bound)),
    )


_LIFT = HeightBound(HEIGHT * (1 - z))

INEQUALITY_6_2 = Claim(
    "(6.2)",
    "The least height r >= 0 over the equator of w grows at least at r Σ_j A_ij (1 - g_ij) >= 0.",
    (SA, USA),
    _LIFT,
    check_height,
    (
        Control("r < 0", prediction=replace(_LIFT, sign=-1)),
        Control("1 - g_ij -> 1 + g_ij", prediction=HeightBound(HEIGHT * (1 + z))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
)

INEQUALITY_6_5 = Claim(
    "(6.5)",
    "α' >= α Σ_j A_ij (1 - g_ij) for α = min <x_i, x*> >= 0.",
    (SA, USA),
    _LIFT,
    check_height,
    (
        Control("the factor α dropped", prediction=HeightBound(1 - z)),
        Control("α < 0", prediction=replace(_LIFT, sign=-1)),
        Control("twice the bound", prediction=HeightBound(2 * HEIGHT * (1 - z))),
    ),
    Verdict.PROVED,
    (WARM,),
)


# -- (6.4) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cone:
    """``sign x* = Σ_k θ_k x_k(t)`` with θ >= 0 and Σ θ >= least, at every time."""

    sign: int = 1
    least: Expr = S.One


def check_limit_cone(model: Any, prediction: Cone, budget: Budget) -> Evidence:
    """Check that the limit lies in the cone of the tokens at every time.

    The tokens' rows obey X' = (A - c)X with A >= 0 and c diagonal, so X(t+s) = M X(t) with M >= 0:
    the cones shrink. ``1 = |Σ θ x| <= Σ θ``. Nonnegative least squares watch it along runs.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Cone
        Sign of the limit and least sum.
    budget : Budget
        Runs a model.
    """
    _refuse_sign(prediction.sign)
    least = float(prediction.least)
    worst, cases, reasons = np.inf, 0, []
    times = np.asarray([0.0, 0.5, 2.0, 40.0])
    for flow in each(model):
        _, reason = smallest_weight(flow)
        if reason:
            doubted = doubt(flow, reason, budget.rng)
            if doubted.verdict is Verdict.REFUTED:
                return doubted
            reasons.append(reason)
        points = np.asarray(random_points(4, 3, budget.rng, budget.cases))
        points[..., -1] = np.abs(points[..., -1]) + 0.3
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        hot = budget.rng.uniform(0.2, 1.2, budget.cases)
        run = run_flow(compile_model(flow, beta=hot), points, 40.0, t_eval=times, rtol=1e-9)
        end = run.points[-1].mean(axis=-2)
        end /= np.linalg.norm(end, axis=-1, keepdims=True)
        for time, state in zip(run.times[:-1], run.points[:-1], strict=True):
            for case, tokens in enumerate(state):
                theta, miss = nnls(tokens.T, prediction.sign * end[case])
                slack = min(1e-7 - miss, theta.sum() - least + 1e-7)
                if slack < 0:
                    shown = np.array2string(points[case], precision=3).replace("\n", "")
                    return Evidence(
                        Verdict.REFUTED,
                        f"{flow.name}, β = {hot[case]:.4g}, x(0) = {shown}: at t = {time:.3g} the "
                        f"residual is {miss:.3g} and Σ θ = {theta.sum():.6g}",
                        cases=cases + case + 1,
                        margin=slack / 1e-7,
                    )
                worst = min(worst, slack / 1e-7)
        cases += budget.cases
    scope = {**_SYMBOLIC, "masses": "symbolic"}
    if reasons or prediction.sign != 1 or not prediction.least <= 1:
        return Evidence(Verdict.SUPPORTED, "; ".join(reasons), scope, (), cases, worst)
    return Evidence(
        Verdict.PROVED,
        "A_ij > 0: X(t+s) = M X(t) with M >= 0, the closed cones shrink and hold the limit; "
        "1 = |Σ θ_k x_k| <= Σ θ_k; watched by nonnegative least squares",
        scope,
        (
            "Lemma 6.4: the tokens of an open hemisphere converge to one point x*",
            "a linear system with nonnegative off-diagonal entries preserves the positive orthant",
        ),
        cases,
        worst,
        identity=subjects(model),
    )


CONE_6_4 = Claim(
    "(6.4)",
    "The limit x* of tokens in a hemisphere is Σ θ_k x_k(t), θ >= 0, Σ θ >= 1, at every time.",
    (SA, USA),
    Cone(),
    check_limit_cone,
    (
        Control("x* -> -x*", prediction=Cone(-1)),
        Control("Σ θ >= 1 -> Σ θ >= 2", prediction=Cone(1, Integer(2))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
)


# -- (6.7) -----------------------------------------------------------------------------------


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
                rate = enclose(weight * level * (1 - product), {})
                bound = enclose(prediction.rate.subs({n: size, beta: hot}) * (1 - level), {})
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
            (log(ratio.subs(beta, _HOT)).expand(force=True)).simplify().is_nonnegative
        )
        if not (lemma and enough):
            found = leaves_sphere(flow, budget.rng) or _late_violation(flow, prediction)
            verdict = Verdict.REFUTED if found else Verdict.UNDECIDED
            return Evidence(verdict, found or reason or f"derived over claimed rate is {ratio}")
    return Evidence(
        Verdict.PROVED,
        "α' >= α Σ A_ij(1-g_ij) >= α (κ/n)(1-min g_ij) >= α (κ/n)(1-α), min g_ij <= α, with κ the "
        f"least weight, at least e^{{-2β}}; α >= {prediction.least}",
        {**_SYMBOLIC, "masses": "1/n"},
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
)


# -- Remarks 6.2 and 6.5 ---------------------------------------------------------------------


def _spectrum(flow: Model, place: str) -> Spectrum:
    return consensus(flow) if place == "consensus" else antipodal(flow)


@dataclass(frozen=True)
class Divergence:
    """Divergence of the flow at consensus, with and without the division by Z_i."""

    softmax: Expr
    plain: Expr


def check_divergence(model: Any, prediction: Divergence, budget: Budget) -> Evidence:
    """Compare the trace of the linearisation at consensus, which must not vanish.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Divergence
        The trace.
    budget : Budget
        Not used.
    """
    for flow in each(model):
        form = attention_form(flow)
        claimed = prediction.softmax if form and form.normalised else prediction.plain
        found = consensus(flow).eigenvalues
        trace = sum((value * count for value, count, *_ in found), start=S.Zero)
        gap = simplify(trace - claimed)
        if gap != 0:
            at = {n: 3, d: 2, beta: Rational(5, 4)}
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: the divergence at consensus is {trace}, {trace.subs(at)} at n = 3, "
                f"d = 2, β = 5/4, not {claimed.subs(at)}",
            )
        more = Symbol("s", positive=True)
        sign = simplify(trace.subs({n: more + 1}).subs(d, Symbol("l", positive=True) + 1))
        if not sign.is_negative:
            return Evidence(
                Verdict.REFUTED if trace == 0 else Verdict.UNDECIDED,
                f"{flow.name}: the divergence {trace} isn't negative, e.g. at n = 3, d = 2",
            )
    return Evidence(
        Verdict.PROVED,
        "div F < 0 at consensus, where F = 0: div(ρF) = 0 forces ρ = 0 there; and a.e. point being "
        "attracted by the null set of consensus, none but it is recurrent",
        {"n": "symbolic, >= 2", "d": "symbolic, >= 3", "beta": "symbolic, >= 0", "masses": "1/n"},
        (
            "Poincaré recurrence",
            "Theorem 6.1: almost every point converges to consensus, for d >= 3",
        ),
        identity=(prediction.softmax, prediction.plain),
    )


_TRACE = -(n - 1) * (d - 1)

REMARK_6_2 = Claim(
    "Remark 6.2",
    "No smooth measure is invariant: at consensus div F = -(n-1)(d-1) (USA: times e^β), not 0.",
    (SA, USA),
    Divergence(_TRACE, exp(beta) * _TRACE),
    check_divergence,
    (
        Control("divergence 0", prediction=Divergence(S.Zero, S.Zero)),
        Control("-n(d-1)", prediction=Divergence(-n * (d - 1), exp(beta) * _TRACE)),
        Control("USA without e^β", prediction=Divergence(_TRACE, _TRACE)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_6_1.hypotheses,
)


@dataclass(frozen=True)
class Attracting:
    """A set of equilibria of dimension d - 1, attracting at the rates, exponentially.

    Attributes
    ----------
    place : {"consensus", "antipodal"}
    softmax, plain : Expr
        Slowest rate off the set, with and without the division by Z_i.
    """

    place: str
    softmax: Expr
    plain: Expr


def check_attracting(model: Any, prediction: Attracting, budget: Budget) -> Evidence:
    """Check that all eigenvalues but the rotations are at most minus the rate.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Attracting
        The set and the rates.
    budget : Budget
        Not used.
    """
    for flow in each(model):
        form = attention_form(flow)
        rate = prediction.softmax if form and form.normalised else prediction.plain
        spectrum = _spectrum(flow, prediction.place)
        zero = sum((c for v, c, *_ in spectrum.eigenvalues if v == 0), start=S.Zero)
        if simplify(zero - (d - 1)) != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: 0 has multiplicity {zero}")
        for value, count, *_ in spectrum.eigenvalues:
            if value == 0:
                continue
            sizes = {s: Integer(2) for s in value.free_symbols if s != beta}
            excess = (value + rate).subs(beta, _HOT)
            if sizes:
                excess = excess.subs(sizes)
            if not simplify(excess).is_nonpositive:
                for hot in (Rational(5, 4), Rational(1, 4)):
                    at = value.subs(sizes).subs(beta, hot).n(6)
                    found = bool(at > -rate.subs(beta, hot))
                    if found:
                        break
                detail = (
                    f"{flow.name}, {prediction.place}: eigenvalue {value} (times {count}), {at} at "
                    f"β = {hot}, two tokens a cluster; claimed at most {-rate}"
                )
                return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, detail)
    return Evidence(
        Verdict.PROVED,
        f"{prediction.place}: 0 with multiplicity d-1, the dimension of the set; all others at "
        f"most {-prediction.softmax} (SA), {-prediction.plain} (USA)",
        {**_SYMBOLIC, "masses": "1/n"},
        ("a normally hyperbolic manifold of equilibria is exponentially stable",),
        identity=subjects(model, prediction.softmax, prediction.plain),
    )


REMARK_6_5 = Claim(
    "Remark 6.5",
    "Consensus is exponentially stable as a set, at the rate 1 (SA) and e^β (USA).",
    (SA, USA),
    Attracting("consensus", S.One, exp(beta)),
    check_attracting,
    (
        Control(
            "consensus -> antipodal clusters",
            prediction=Attracting("antipodal", S.One, exp(beta)),
        ),
        Control("rate 2 for SA", prediction=Attracting("consensus", Integer(2), exp(beta))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
)


# -- Lemma 6.6 -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Barbalat:
    """``∫ |f| >= constant |f(t)|²/L`` near t when |f'| <= L; so an integrable f tends to 0.

    Attributes
    ----------
    constant : Expr
    bounded_slope, integrable : bool
        The two hypotheses.
    """

    constant: Expr = S.Half
    bounded_slope: bool = True
    integrable: bool = True


def check_barbalat(model: Any, prediction: Barbalat, budget: Budget) -> Evidence:
    """Integrate the least function that the hypotheses allow, or give a function that refutes.

    Parameters
    ----------
    model : object
        Not used.
    prediction : Barbalat
        Constant and hypotheses.
    budget : Budget
        Not used.
    """
    level, slope = Symbol("f", positive=True), Symbol("L", positive=True)
    s, k = Symbol("s", real=True), Symbol("k", integer=True, positive=True)
    if not prediction.integrable:
        constant = S.One
        return Evidence(
            Verdict.REFUTED,
            f"f = {constant}: f' = {constant.diff(s)} is bounded, and f doesn't tend to 0",
        )
    if not prediction.bounded_slope:
        # Triangles of height 1 and width 2^-k at s = k.
        area = Sum(integrate(1 - s * 2 ** (k + 1), (s, 0, 2 ** (-k - 1))) * 2, (k, 1, oo)).doit()
        top = (1 - s * 2 ** (k + 1)).subs(s, 0)
        verdict = Verdict.REFUTED if area.is_finite and top == 1 else Verdict.UNDECIDED
        return Evidence(
            verdict, f"triangles of height {top} and width 2^-k at s = k: ∫|f| = {area}, no limit"
        )
    least = integrate(level - slope * s, (s, 0, level / slope))
    ratio = simplify(least / (level**2 / slope))
    if prediction.constant != ratio and prediction.constant < 0:
        raise ValueError(f"Expected a constant >= 0 but got constant={prediction.constant}.")
    if prediction.constant > ratio:
        return Evidence(
            Verdict.REFUTED,
            f"f(s) = max(0, 1 - s) with L = 1: the integral from 0 to 1 is "
            f"{least.subs({level: 1, slope: 1})} < {prediction.constant}",
        )
    return Evidence(
        Verdict.PROVED,
        f"|f(s)| >= |f(t)| - L(s-t) on [t, t + |f(t)|/L], whose integral is {least}; if "
        "|f(t_k)| >= c at times t_k -> ∞, disjoint intervals add up to ∞",
        {"f": "any differentiable function", "L": "symbolic"},
    )


LEMMA_6_6 = Claim(
    "Lemma 6.6",
    "If |f| is integrable and f' bounded, f tends to 0: ∫|f| near t is >= |f(t)|²/(2L).",
    None,
    Barbalat(),
    check_barbalat,
    (
        Control("f' not bounded", prediction=Barbalat(bounded_slope=False)),
        Control("f not integrable", prediction=Barbalat(integrable=False)),
        Control("|f(t)|²/(2L) -> |f(t)|²/L", prediction=Barbalat(S.One)),
    ),
    Verdict.PROVED,
)


# -- Theorem 6.9 -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ProbabilityBound:
    """The printed probability ``1 - prefactor d^{-1/root}`` and what multiplies the time.

    Attributes
    ----------
    prefactor : Expr
        In ``n``.
    root : int
    """

    prefactor: Expr = 2 * n**2
    root: int = 64


def _power_of_ten(number: Integer) -> str:
    """Digits after the first three are dropped: ``d.dd·10^e`` of a whole number."""
    digits = str(number)
    return f"{digits[0]}.{digits[1:3]}·10^{len(digits) - 1}" if len(digits) > 4 else digits


def check_printed_probability(
    model: ProbabilityBound, prediction: Expr, budget: Budget
) -> Evidence:
    """Decide in whole numbers from which dimension on the printed probability is positive.

    ``1 - c d^{-1/r} > 0`` if and only if ``d > c^r``, compared at the predicted d and the next.

    Parameters
    ----------
    model : ProbabilityBound
        The printed bound.
    prediction : Expr
        Largest dimension, in n, at which the bound says nothing.
    budget : Budget
        Not used.
    """
    sizes, parts = (2, 3, 8, 32), []
    if model.prefactor.subs(n, 2) <= 0:
        detail = f"1 - ({model.prefactor.subs(n, 2)}) d^(-1/{model.root}) is positive for every d"
        return Evidence(Verdict.REFUTED, detail, {"n": "2"})
    for size in sizes:
        claimed = Integer(prediction.subs(n, size))
        factor = Integer(model.prefactor.subs(n, size))
        positive = [bool(place > factor**model.root) for place in (claimed, claimed + 1)]
        if positive != [False, True]:
            place, word = (claimed, "positive") if positive[0] else (claimed + 1, "not positive")
            return Evidence(
                Verdict.REFUTED,
                f"n = {size}: 1 - {factor} d^(-1/{model.root}) is {word} at d = "
                f"{_power_of_ten(place)}",
                {"n": str(size)},
            )
        parts.append(f"n = {size}: d > {_power_of_ten(claimed)}")
    least = Integer(prediction.subs(n, 2))
    # Beyond: the bound 2 c^{nt} sqrt(log d / d) stays below 2 while nt log c < log(d/log d)/2.
    size = least + 1
    width = iv.log(iv.mpf(int(size)))
    horizon = (width - iv.log(width)) / 2 / (10 * 2)
    detail = (
        f"the probability is positive only for {'; '.join(parts)}; even there (n = 2, β <= 1) the "
        f"first bound is below 2 only for t < {float(horizon.b):.4g}"
    )
    if least <= Integer(10) ** 18:
        return Evidence(Verdict.SUPPORTED, detail, {"n": "2, 3, 8, 32"})
    return Evidence(Verdict.VACUOUS, detail, {"n": "2, 3, 8, 32, exact", "d": "any up to 10^57"})


def _threshold(n: float = 2, d: float = 2, **_: float) -> float:
    return 1.0 if Integer(int(d)) > theorem_6_9_dimension(int(n)) else -1.0


THEOREM_6_9 = Claim(
    "Theorem 6.9",
    "As printed, the probability is positive only for d > (2n²)^64, at least 6·10^57.",
    ProbabilityBound(),
    (2 * n**2) ** 64,
    check_printed_probability,
    (
        Control("(2n²)^64 -> (2n²)^32", prediction=(2 * n**2) ** 32),
        Control("2n² -> n²", prediction=n**128),
        Control("exponent 1/64 -> 1/4 in the bound", model=ProbabilityBound(root=4)),
    ),
    Verdict.VACUOUS,
    (Hypothesis("d > (2n²)^64", _threshold), WARM),
)


_TWO = Integer(2)


@dataclass(frozen=True)
class Pathwise:
    """``|g_ij(t) - γ(t)| <= factor e^{rate t} eps0``, and the law of eps0.

    Attributes
    ----------
    rate : Expr
        In ``beta``.
    factor : Expr
    curve : str
        Whose γ: "SA" or "USA".
    extra : int
        γ is taken at n + extra tokens.
    shape : tuple of Expr
        Parameters of the Beta law of the squared projection on i earlier tokens.
    """

    rate: Expr
    factor: Expr = _TWO
    curve: str = "SA"
    extra: int = 0
    shape: tuple[Expr, Expr] = (Symbol("i") / 2, (d - Symbol("i")) / 2)


def _orthonormal(points: Array) -> Array:
    """Gram-Schmidt of the rows, with positive products <x_i, y_i>."""
    factor, triangle = np.linalg.qr(points.swapaxes(-1, -2))
    signs = np.sign(np.diagonal(triangle, axis1=-2, axis2=-1))
    return np.asarray((factor * signs[..., None, :]).swapaxes(-1, -2))


def _law_defect(shape: tuple[Expr, Expr], rng: np.random.Generator) -> tuple[str, float]:
    """Compare the probability that all projections are small with its product of Beta laws."""
    strange = {s for part in shape for s in part.free_symbols} - {Symbol("i"), d}
    if strange:
        raise ValueError(f"Expected a law in i and d but got shape={shape} with {strange}.")
    size, dimension, count = 3, 5, 4000
    points = np.asarray(random_points(size, dimension, rng, count))
    frame = _orthonormal(points)
    products = np.einsum("cid,cjd->cij", points, frame) ** 2
    worst = np.inf
    for square in (0.1, 0.3, 0.6):
        inside = np.ones(count, dtype=bool)
        exact = 1.0
        for i in range(1, size):
            inside &= products[:, i, :i].sum(axis=-1) <= square
            a, b = (float(part.subs({Symbol("i"): i, d: dimension})) for part in shape)
            exact *= float(betainc(a, b, square))
        deviation = max(np.sqrt(exact * (1 - exact) / count), 1e-4)
        slack = 1 - abs(inside.mean() - exact) / (4 * deviation)
        if not slack >= 0:  # no number where there is no such law
            return (
                f"n = {size}, d = {dimension}: P(all squared projections <= {square}) is "
                f"{inside.mean():.4f} in {count} draws, the law says {exact:.4f}"
            ), float(slack)
        worst = min(worst, float(slack))
    return "", worst


def _many_tokens(prediction: Pathwise) -> str:
    """Follow 400 equiangular tokens that start at a small γ0, on the curve itself, or ""; β = 1/50.

    The last is γ0 ((n-1)/(1 + (n-2)γ0))^{1/2} =: r off the span of the others, so that
    eps0² = 2 - 2 (1-r²)^{1/2}; the inner products all leave γ together, up to n/4 times as far.
    """
    size, hot, start = 400, 0.02, 1e-6
    projected = start * np.sqrt((size - 1) / (1 + (size - 2) * start))
    distance = projected / np.sqrt((1 + np.sqrt(1 - projected**2)) / 2)
    times = np.linspace(0.5, 6.0, 12)
    curve = partial(equiangular_gamma, beta=hot, n=size, model=prediction.curve)
    # γ rises from 0 at the rate 2/(e^β + n - 1), by start in the time ahead.
    ahead = start * (np.exp(hot) + size - 1) / 2
    off = np.abs(curve(times + ahead) - curve(times))
    speed = float(prediction.rate.subs(beta, hot))
    bound = float(prediction.factor) * np.exp(speed * times) * distance
    case = int(np.argmax(off - bound))
    if off[case] <= bound[case] * (1 + 1e-3):
        return ""
    return (
        f"n = {size}, β = {hot}, <x_i,x_j> = {start} at first: at t = {times[case]:.3g} "
        f"|g_ij - γ| = {off[case]:.4g} > {bound[case]:.4g}, with eps0 = {distance:.4g}"
    )


def check_pathwise(model: Model, prediction: Pathwise, budget: Budget) -> Evidence:
    """Follow tokens that start near an orthonormal tuple, and draw the law of their distance.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Pathwise
        The bound and the law.
    budget : Budget
        Trajectories of each size.
    """
    rng, worst, cases = budget.rng, np.inf, 0
    times = np.asarray([0.1, 0.4, 1.0, 2.0])
    for size, dimension in ((2, 3), (4, 6)):
        count = budget.cases
        frame = _orthonormal(np.asarray(random_points(size, dimension, rng, count)))
        noise = rng.normal(size=frame.shape) * 10 ** rng.uniform(-6, -1, (count, 1, 1))
        points = frame + noise
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        frame = _orthonormal(points)
        start = np.linalg.norm(points - frame, axis=-1).max(axis=-1)
        hot = rng.uniform(0.25, 2.0, count)
        field = compile_model(model, beta=hot)
        run = run_flow(field, points, float(times[-1]), t_eval=times, rtol=1e-10)
        curves = np.asarray(
            [
                equiangular_gamma(run.times, float(b), size + prediction.extra, prediction.curve)
                for b in hot
            ]
        )
        speed = np.broadcast_to(lambdify(beta, prediction.rate, "numpy")(hot), (count,))
        upper = np.triu_indices(size, 1)
        for place, (time, state) in enumerate(zip(run.times, run.points, strict=True)):
            gram = (state @ state.swapaxes(-1, -2))[:, upper[0], upper[1]]
            off = np.abs(gram - curves[:, place, None]).max(axis=-1)
            bound = float(prediction.factor) * np.exp(speed * time) * start
            # A bound below zero is none: the slack is then negative, not above one.
            slack = (bound * (1 + 1e-6) + 1e-8 - off) / (np.abs(bound) + 1e-8)
            case = int(np.argmin(slack))
            if slack[case] < 0:
                return Evidence(
                    Verdict.REFUTED,
                    f"n = {size}, d = {dimension}, β = {hot[case]:.4g}, eps0 = {start[case]:.3g}: "
                    f"at t = {time:.3g} |g_ij - γ| = {off[case]:.4g} > {bound[case]:.4g}",
                    cases=cases + count,
                    margin=float(slack[case]),
                )
            worst = min(worst, float(slack[case]))
        cases += count
    many = _many_tokens(prediction)
    if many:
        return Evidence(Verdict.REFUTED, many, cases=cases)
    text, slack_of_law = _law_defect(prediction.shape, rng)
    if text:
        return Evidence(Verdict.REFUTED, text, cases=cases, margin=slack_of_law)
    return Evidence(
        Verdict.SUPPORTED,
        "|g_ij - γ| <= 2 e^{2(1+β)t} max|x_i(0)-y_i(0)|, y by Gram-Schmidt; squared projections "
        "are independent Beta(i/2, (d-i)/2): 4 sigma of 4000 draws",
        {"n": "2, 4, 400", "d": "3, 6", "beta": "[0.25, 2]", "t": "[0, 2]", "law": "n = 3, d = 5"},
        (),
        cases,
        min(worst, slack_of_law),
    )


_PATH = Pathwise(2 * (1 + beta))

PATHWISE = Claim(
    "Theorem 6.9 pathwise",
    "|g_ij - γ| <= 2 e^{2(1+β)t} eps0, eps0 the distance to Gram-Schmidt, of an exact Beta law.",
    SA,
    _PATH,
    check_pathwise,
    (
        Control("γ of USA", prediction=replace(_PATH, curve="USA")),
        Control("γ of n + 1 tokens", prediction=replace(_PATH, extra=1)),
        Control(
            "2 e^{2(1+β)t} -> e^{-2(1+β)t}/10",
            prediction=Pathwise(-2 * (1 + beta), Rational(1, 10)),
        ),
        Control("Beta(i/2, d/2)", prediction=replace(_PATH, shape=(Symbol("i") / 2, d / 2))),
    ),
    Verdict.SUPPORTED,
    (_ROOM, WARM),
    cases=8,
    origin="extension",
)


# -- (6.12) ----------------------------------------------------------------------------------

_MORE = Symbol("m", positive=True)  # n - 1


@lru_cache(maxsize=8)
def _equiangular_rate(model: Model) -> Expr:
    return equiangular(model).rate


@lru_cache(maxsize=64)
def _settled(expr: Expr) -> Expr:
    """Return the normal form of a rational function of γ, n and exponentials, in m = n - 1."""
    powers: dict[Expr, Symbol] = {}

    def power(node: Expr) -> Expr:
        out: Expr = S.One
        for term in Add.make_args(expand(node.args[0])):
            count, rest = term.as_coeff_Mul()
            out *= powers.setdefault(rest, Dummy("s", positive=True)) ** count
        return out

    plain = expr.subs(n, _MORE + 1).replace(lambda node: isinstance(node, exp), power)
    return cancel(together(plain)).subs({s: exp(rest) for rest, s in powers.items()})


def _time_bounds(rate: Expr, hot: Any, size: int, pieces: int) -> Any:
    """Interval around ∫ dγ/γ' from 0 to 0.999, a sum over pieces equally long in log(...)."""
    low = lambdify((gamma, beta, n), 1 / rate, [{"exp": iv.exp}, "math"])
    delta = iv.mpf(1) / 1000
    top = iv.log(((size - 1) * (1 - delta) + 1) / delta)
    total, previous = iv.mpf(0), iv.mpf(0)
    for place in range(1, pieces + 1):
        growth = iv.exp(top * place / pieces) - 1
        level = 1 - delta if place == pieces else growth / (growth + size)
        inside = iv.mpf([previous.a, level.b])
        total += (level - previous) * low(inside, hot, size)
        previous = level
    return total


def check_level_set(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Check that T(1-δ) is the time of the level set, and that there is one β for each time.

    Parameters
    ----------
    model : Model
        The flow, whose equiangular equation gives γ'.
    prediction : Expr
        T(γ) in ``gamma``, ``beta`` and ``n``.
    budget : Budget
        Not used.
    """
    rate = _equiangular_rate(model)
    at = {gamma: Rational(1, 2), beta: Rational(5, 4), n: 4}
    value = (prediction.diff(gamma) * rate).subs(at).n(15)
    if abs(value - 1) > Rational(1, 10**6):
        return Evidence(
            Verdict.REFUTED, f"γ' dT/dγ = {value.n(6)}, not 1, at γ = 1/2, β = 5/4, n = 4"
        )
    gap = _settled(prediction.diff(gamma) * rate - 1)
    if gap != 0:
        return Evidence(Verdict.UNDECIDED, f"γ' dT/dγ - 1 = {gap}")
    start = _settled(prediction.subs(gamma, 0))
    if start != 0:
        return Evidence(Verdict.REFUTED, f"T(0) = {start}: {start.subs({beta: 1, _MORE: 3}).n(6)}")
    place = Symbol("s", positive=True)
    slower = simplify((1 / rate).diff(beta).subs(n, _MORE + 1).subs(gamma, 1 / (1 + place)))
    if not slower.is_positive:
        return Evidence(Verdict.UNDECIDED, f"d/dβ of 1/γ' is {slower}, of unknown sign")
    ends = (iv.mpf("6.8"), iv.mpf("7.05"))
    low, high = (_time_bounds(rate, hot, 32, 250) for hot in ends)
    crossing = (
        f"for n = 32, δ = 0.001 it passes t = 30 at a β in [{float(ends[0].a):.4g}, "
        f"{float(ends[1].b):.4g}]: T <= {float(low.b):.4g}, then T >= {float(high.a):.4g}"
    )
    if not (low.b < 30 < high.a):
        return Evidence(Verdict.UNDECIDED, crossing)
    return Evidence(
        Verdict.PROVED,
        "γ' dT/dγ - 1, T(0): residual 0; 1/γ' increases with β, so the level set is the graph "
        f"t = T(1-δ), β increasing with t; {crossing}",
        {"n": "symbolic, >= 2", "beta": "symbolic, > 0", "delta": "symbolic", "d": ">= n"},
        ("Theorem 6.8", "Picard-Lindelöf uniqueness"),
        identity=(prediction,),
    )


LEVEL_SET = Claim(
    "(6.12)",
    "The level set γ(t) = 1-δ is the graph of t = T_SA(1-δ), and T increases with β.",
    SA,
    equiangular_time(model="SA"),
    check_level_set,
    (
        Control("T of USA", prediction=equiangular_time(model="USA")),
        Control("T of n + 1 tokens", prediction=equiangular_time(n=n + 1, model="SA")),
        Control("T(γ) -> T(γ) + 1/10", prediction=equiangular_time(model="SA") + Rational(1, 10)),
        Control("the flow USA", model=USA),
    ),
    Verdict.PROVED,
    (_ROOM, WARM),
)


# -- Figure 2 --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A theorem that gives one cluster for β in an interval, ends included, in some dimensions.

    Attributes
    ----------
    source : str
    first, last : Expr
        Range of d, in ``n``.
    low, high : Expr
        Range of β, in ``n`` and ``d``.
    """

    source: str
    first: Expr
    last: Expr
    low: Expr
    high: Expr

    def interval(self, size: int, dimension: int) -> tuple[Expr, Expr] | None:
        """Return the ends of the range of β to 40 digits, or None where d is out of range."""
        at = {n: size, d: dimension}
        if not self.first.subs(at) <= dimension <= self.last.subs(at):
            return None
        return self.low.subs(at).evalf(40), self.high.subs(at).evalf(40)


@dataclass(frozen=True)
class OpenStrip:
    """The region of Figure 2 without a result: d in a range, low < β < high.

    Attributes
    ----------
    dimension : int
    low, high : Expr
        Ends of the range of β, in ``n``.
    empty : int
        The largest n for which it is empty.
    """

    dimension: int
    low: Expr
    high: Expr
    empty: int = 4

    def interval(self, size: int) -> tuple[Expr, Expr]:
        """Return the ends of the range of β to 40 digits."""
        return self.low.subs(n, size).evalf(40), self.high.subs(n, size).evalf(40)


_TREE = (d - 1) * (n - 1) ** 2 / pi**2
CITED = "Theorem 4.3, β <= 1 at d = 2, cited: arXiv 2405.18273"
"""The one rule of Figure 2 that no claim proves."""

RULES = (
    Rule("Theorem 6.1", Integer(3), oo, S.Zero, oo),
    Rule("Theorem 6.3", n, oo, S.Zero, oo),
    Rule("Theorem 4.3, β <= 1/n", Integer(2), oo, S.Zero, 1 / n),
    Rule(CITED, Integer(2), Integer(2), S.Zero, S.One),
    Rule("Theorem 5.1, β >= (d-1)(n-1)²/π²", Integer(2), oo, _TREE, oo),
)
"""What the theorems cover; each holds for almost every initial condition."""


def _at_least(value: Expr, least: int, *, strict: bool = False) -> bool:
    """Whether value >= 0 (or > 0) for every n >= least: by its coefficients in n - least."""
    excess = Dummy("k", nonnegative=True)
    fraction = together(value.subs(n, least + excess))
    numerator, denominator = (Poly(part, excess) for part in fraction.as_numer_denom())
    if not all(c.is_positive or c.is_zero for c in denominator.coeffs()):
        return False
    signs = all(c.is_nonnegative for c in numerator.coeffs())
    return signs and not (strict and not numerator.eval(0).is_positive)


def _uncovered(model: Any, prediction: OpenStrip) -> str:
    """Prove for symbolic n that the rules leave open the strip alone, or say what isn't shown.

    At d = 2 the rules for every n cover [0, max of the upper ends] and [min of the lower ends, oo).
    """
    whole = (S.Zero, oo)
    if not any(
        (r.low, r.high) == whole and r.last == oo and r.first.is_number and r.first <= 3
        for r in model
    ):
        return "no rule for every d >= 3 and β >= 0"
    if prediction.dimension != 2:
        return f"the argument is for d = 2, not d = {prediction.dimension}"
    rules = [r for r in model if r.first.is_number and r.first <= 2 <= r.last]
    # Rules for some n at d = 2, such as d >= n, only add to what is covered: n = 2 = d.
    uppers = [r.high.subs(d, 2) for r in rules if r.low == 0]
    lowers = [r.low.subs(d, 2) for r in rules if r.high == oo]
    if any(r.low != 0 and r.high != oo for r in rules):
        return "a rule for β between two thresholds"
    ends = (prediction.low, uppers, 1, "low"), (prediction.high, lowers, -1, "high")
    for end, found, sign, name in ends:
        if not any(simplify(value - end) == 0 for value in found):
            return f"no rule ends at {name} = {end}"
        if not all(_at_least(sign * (end - value), 2) for value in found):
            return f"a rule passes {name} = {end}"
    gap = prediction.high - prediction.low
    if not (
        all(gap.subs(n, size).is_nonpositive for size in range(2, prediction.empty + 1))
        and _at_least(gap, prediction.empty + 1, strict=True)
    ):
        return f"the strip is not shown to be empty exactly for n <= {prediction.empty}"
    odd = [r for r in model if not r.first.is_number and r.first != n]
    return f"rules with d from {odd[0].first}" if odd else ""


def check_map(model: Any, prediction: OpenStrip, budget: Budget) -> Evidence:
    """Prove for every n what no rule covers; look for a counterexample at and between thresholds.

    Parameters
    ----------
    model : tuple of Rule
        The theorems with their hypotheses.
    prediction : OpenStrip
        What is left open.
    budget : Budget
        Not used.
    """
    lines: dict[str, list[tuple[float, list[str]]]] = {}
    sizes, count = (2, 3, 4, 5, 8, 32), 0
    for size in sizes:
        low, high = prediction.interval(size)
        for dimension in sorted({2, 3, size}):
            spans = [(r.source, r.interval(size, dimension)) for r in model]
            active = [(source, span) for source, span in spans if span is not None]
            ends = {low, high, *(e for _, span in active for e in span if e.is_finite)}
            finite = sorted(ends, key=float)
            middles = [(a + b) / 2 for a, b in pairwise(finite)]
            for hot in (*finite, *middles, finite[-1] + 1):
                names = [source for source, (a, b) in active if a <= hot <= b]
                said = dimension == prediction.dimension and bool(low < hot < high)
                count += 1
                if said == bool(names):
                    found = f"covered by {names[0]}" if names else "covered by no theorem: OPEN"
                    return Evidence(
                        Verdict.REFUTED,
                        f"n = {size}, d = {dimension}, β = {float(hot):.4g} is {found}",
                        {"n": str(size), "d": str(dimension)},
                        cases=count,
                    )
                if dimension == 2 and size in (4, 8):
                    lines.setdefault(f"n = {size}", []).append((float(hot), names))
        if (size <= prediction.empty) == bool(low < high):
            found = f"n = {size}: the strip from {low.n(5)} to {high.n(5)} is "
            found += "not empty" if low < high else "empty"
            return Evidence(Verdict.REFUTED, found, {"n": str(size)}, cases=count)
    reason = _uncovered(model, prediction)
    if reason:
        return Evidence(Verdict.UNDECIDED, reason, cases=count)
    shown = "; ".join(
        f"{name}, d = 2: open for "
        + (", ".join(f"β = {hot:.3g}" for hot, names in rows if not names) or "no β")
        for name, rows in lines.items()
    )
    return Evidence(
        Verdict.PROVED,
        "d >= 3 is Theorem 6.1; at d = 2 the upper ends are at most 1 and the lower ends at least "
        "(n-1)²/π², for n = 2 + k by the signs of coefficients; (n-1)² < π² iff n - 1 <= 3; "
        f"{shown}; the strip drawn up to n²/π² is covered from (n-1)²/π² on",
        {"n": "symbolic, >= 2", "d": "every d >= 2", "beta": "every β >= 0"},
        tuple(r.source for r in model),
        count,
        identity=(prediction.low, prediction.high),
    )


FIGURE_2 = Claim(
    "Figure 2",
    "The theorems, with β <= 1 at d = 2 cited (arXiv 2405.18273), cover all (d, β) for every "
    "n >= 2 but d = 2, 1 < β < (n-1)²/π², which is empty iff n <= 4.",
    RULES,
    OpenStrip(2, S.One, (n - 1) ** 2 / pi**2),
    check_map,
    (
        Control("no open strip", prediction=OpenStrip(2, S.One, S.One)),
        Control("open up to n²/π², as drawn", prediction=OpenStrip(2, S.One, n**2 / pi**2)),
        Control("empty for n <= 5", prediction=OpenStrip(2, S.One, (n - 1) ** 2 / pi**2, 5)),
        Control("without Theorem 6.1", model=RULES[1:]),
        Control("without the cited rule", model=(*RULES[:3], RULES[4])),
        Control(
            "Theorem 5.1 with the printed proof's 4(d-1)(n-1)²/π²",
            model=(*RULES[:-1], replace(RULES[-1], low=4 * _TREE)),
        ),
    ),
    Verdict.PROVED,
)


# -- Theorem 6.8, an erratum -----------------------------------------------------------------


@dataclass(frozen=True)
class OrthonormalTuple:
    """Which (n, d) have n orthonormal tokens, and up to where P_π = Σ e_{π(i)} e_i^T sums.

    Attributes
    ----------
    excess : Expr
        Nonnegative where they are said to exist, in ``n`` and ``d``.
    last : Expr
        Last i of the sum.
    """

    excess: Expr
    last: Expr


def check_orthonormal(model: Any, prediction: OrthonormalTuple, budget: Budget) -> Evidence:
    """Compare the rank of I_n with d, and the trace of P_π^T P_π with that of I_d.

    Small n and d are enumerated for a counterexample only.

    Parameters
    ----------
    model : object
        Not used: the statement is about initial conditions.
    prediction : OrthonormalTuple
        Admissible sizes and the sum.
    budget : Budget
        Not used.
    """
    # A Gram matrix of points of R^d has rank at most d, and I_n has rank n; e_1, …, e_n exist for
    # n <= d. Σ_{i<=l} e_{π(i)} e_i^T has P^T P = Σ_{i<=l} e_i e_i^T, of trace l, for distinct π(i).
    label = Dummy("i", integer=True, positive=True)
    traced = Sum(S.One, (label, 1, prediction.last))
    gaps = (
        simplify(prediction.excess - (d - n)),
        simplify(traced.doit() - Trace(Identity(d)).doit()),
    )
    for size in range(2, 6):
        for dimension in range(2, 5):
            at = {n: size, d: dimension}
            said = bool(prediction.excess.subs(at) >= 0)
            if said and eye(size).rank() > dimension:
                return Evidence(
                    Verdict.REFUTED,
                    f"n = {size}, d = {dimension}: the Gram matrix I_{size} has rank {size} > "
                    f"{dimension}",
                )
            if not said and size <= dimension:
                return Evidence(
                    Verdict.REFUTED, f"n = {size} basis vectors of R^{dimension} are orthonormal"
                )
            if not said:
                continue
            for order in permutations(range(dimension)):
                matrix = zeros(dimension, dimension)
                last = int(prediction.last.subs(at))
                if last > dimension:
                    detail = f"d = {dimension}: the sum to i = {last} has no e_{last}"
                    return Evidence(Verdict.REFUTED, detail)
                for i in range(last):
                    matrix[order[i], i] = 1
                if matrix.T * matrix != eye(dimension):
                    return Evidence(
                        Verdict.REFUTED,
                        f"n = {size}, d = {dimension}, π = {order}: P^T P = "
                        f"{Matrix(matrix.T * matrix).tolist()}",
                    )
    if gaps != (0, 0):
        return Evidence(Verdict.UNDECIDED, f"excess minus d - n, trace minus d: {gaps}")
    return Evidence(
        Verdict.PROVED,
        "a Gram matrix in R^d has rank at most d, I_n has rank n, and e_1, …, e_n are there for "
        "n <= d; P^T P = Σ_{i<=l} e_i e_i^T has trace l, and I_d has trace d: orthogonal iff l = d",
        {"n": "symbolic", "d": "symbolic, every permutation"},
        identity=(prediction.excess, traced - Trace(Identity(d))),
    )


ERRATUM_THEOREM_6_8 = Claim(
    "E.Theorem 6.8",
    "Orthogonal tokens need d >= n, and P_π sums over i = 1, …, d; printed: any d, n, and i <= n.",
    None,
    OrthonormalTuple(d - n, d),
    check_orthonormal,
    (
        Control("d >= n - 1", prediction=OrthonormalTuple(d - n + 1, d)),
        Control("P_π sums to d - 1", prediction=OrthonormalTuple(d - n, d - 1)),
        Control("P_π sums to n", prediction=OrthonormalTuple(d - n, n)),
    ),
    Verdict.PROVED,
    printed=Control("d, n >= 2 arbitrary, the sum to n", prediction=OrthonormalTuple(d + n, n)),
    origin="erratum",
)

CLAIMS_SECTION_6_DETAILS = (
    FIGURE_2,
    REMARK_6_2,
    INEQUALITY_6_2,
    CONE_6_4,
    INEQUALITY_6_5,
    INEQUALITY_6_7,
    REMARK_6_5,
    LEMMA_6_6,
    THEOREM_6_9,
    PATHWISE,
    LEVEL_SET,
)
"""The claims of this file, in paper order."""

ERRATA_SECTION_6_DETAILS = (ERRATUM_THEOREM_6_8,)
"""The errata of this file."""

__all__ = [
    "CLAIMS_SECTION_6_DETAILS",
    "CONE_6_4",
    "ERRATA_SECTION_6_DETAILS",
    "ERRATUM_THEOREM_6_8",
    "FIGURE_2",
    "HEIGHT",
    "INEQUALITY_6_2",
    "INEQUALITY_6_5",
    "INEQUALITY_6_7",
    "LEMMA_6_6",
    "LEVEL_SET",
    "PATHWISE",
    "REMARK_6_2",
    "REMARK_6_5",
    "RULES",
    "THEOREM_6_9",
    "Attracting",
    "Barbalat",
    "Cone",
    "Divergence",
    "HeightBound",
    "LateRate",
    "OpenStrip",
    "OrthonormalTuple",
    "Pathwise",
    "ProbabilityBound",
    "Rule",
    "check_attracting",
    "check_barbalat",
    "check_divergence",
    "check_height",
    "check_late_growth",
    "check_level_set",
    "check_limit_cone",
    "check_map",
    "check_orthonormal",
    "check_pathwise",
    "check_printed_probability",
]
