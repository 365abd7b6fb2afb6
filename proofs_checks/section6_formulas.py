"""Section 6, label by label: (6.1), (6.3), (6.6), (6.8), (6.9), (6.10), (6.11), and the rates.

The exponential rate of Theorem 6.3 against the one of the linearisation, at β = 0 too, and (6.11)
with explicit constants, as the least of a bound that grows and one that decays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product as product_of
from typing import Any

import numpy as np
from mpmath import iv, mp
from numpy.typing import NDArray
from sympy import (
    Add,
    Expr,
    Integer,
    MatrixSymbol,
    OneMatrix,
    Poly,
    Rational,
    S,
    Symbol,
    cos,
    exp,
    expand,
    expand_log,
    lambdify,
    limit,
    log,
    oo,
    simplify,
    sin,
    sqrt,
)

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma, equiangular_time
from numerics.integrate import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Hypothesis, Verdict
from proofs_checks.row_algebra import unreached
from proofs_checks.section4_small_beta import doubt, each, pair_sum, subjects
from proofs_checks.section4_thresholds import ByModel, without_temperature
from proofs_checks.section6_clustering import R0, enclose, smallest_weight
from proofs_checks.spectra import P, Q
from theory.asymptotics import normal_form
from theory.energy import interaction_energy
from theory.gram import inner, project, residual, vectors
from theory.linearize import Spectrum, antipodal, consensus
from theory.models import (
    REPULSIVE,
    SA,
    USA,
    AttentionForm,
    Model,
    attention_form,
    gradient_flow,
)
from theory.predictions import chord_lipschitz, equiangular_rate
from theory.reductions import NotClosed, equiangular, gnomonic
from theory.symbols import X, beta, d, gamma, n, t, z

Array = NDArray[np.float64]

_HOT = Symbol("beta", nonnegative=True)
_SYMBOLIC = {"n": "symbolic", "d": "symbolic", "beta": "symbolic, >= 0", "masses": "symbolic"}


def _room(**parameters: float) -> float:
    return parameters["d"] - parameters["n"]


ROOM = Hypothesis("d >= n", _room)
"""n orthonormal tokens have room."""


@lru_cache(maxsize=16)
def _consensus(model: Model) -> Spectrum:
    return consensus(model)


@lru_cache(maxsize=16)
def _antipodal(model: Model) -> Spectrum:
    return antipodal(model, P, Q)


def _trace(spectrum: Spectrum) -> Expr:
    """Sum of all eigenvalues with their multiplicities, in n and d."""
    return Add(*(value * count for value, count in spectrum.eigenvalues))


def never_exceeds(small: Expr, large: Expr) -> bool:
    """Whether a product of exponentials is at most another, for every β >= 0 and n >= 1."""
    ratio = simplify((large / small).subs(beta, _HOT))
    tokens = Symbol("n", integer=True, positive=True)
    left = expand_log(log(ratio.subs(n, tokens)), force=True).expand()
    return bool(ratio == 1 or left.is_nonnegative)


# -- (6.1) and the rates ---------------------------------------------------------------------


def check_exponent(model: Any, prediction: ByModel, budget: Budget) -> Evidence:
    """Compare the best exponent of (6.1) with the spectrum at consensus and with A.10's λ.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : ByModel
        The rate at which ``max_i |x_i - x*|`` tends to 0.
    budget : Budget
        Not used.
    """
    parts = []
    for flow in each(model):
        rate = prediction.of(flow)
        for value, count in _consensus(flow).eigenvalues:
            gap = simplify(value + rate)
            if value != 0 and gap != 0:
                at = {beta: Rational(5, 4)}
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}: near consensus {count} modes change like e^(μt) with μ = "
                    f"{value}, {value.subs(at).n(6)} at β = 5/4, not {(-rate).subs(at).n(6)}",
                )
        weight, reason = smallest_weight(flow)
        if reason or not gnomonic(flow).proved:
            return doubt(flow, reason or f"{flow.name}: A.10 is not proved", budget.rng)
        # r0 <= 1, so λ = r0 κ <= rate when κ is.
        if not never_exceeds(weight, rate):
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: λ = r0 {weight} against {rate}")
        parts.append(f"{flow.name}: λ = r0 {weight} <= {rate}")
    return Evidence(
        Verdict.PROVED,
        "all modes at consensus but rotations have one rate, so max |x_i - x*| e^{rate t} has a "
        "limit > 0 along every run to consensus that isn't there already; the guaranteed rate is "
        f"smaller, {'; '.join(parts)}",
        {**_SYMBOLIC, "masses": "1/n"},
        ("a normally hyperbolic manifold of equilibria is foliated by its stable fibres",),
        identity=tuple(
            part
            for flow in each(model)
            for part in (_trace(_consensus(flow)), -prediction.of(flow) * (n - 1) * (d - 1))
        ),
    )


_RATE = ByModel(S.One, exp(beta))

EQUATION_6_1 = Claim(
    "(6.1)",
    "max_i |x_i - x*| <= C e^{-λt}: along runs to consensus that aren't at consensus the exponent "
    "is exactly 1 (SA), e^β (USA); the proof's r0 κ is less.",
    (SA, USA),
    _RATE,
    check_exponent,
    (
        Control("SA: 1 -> e^{-2β}, the proof's", prediction=ByModel(exp(-2 * beta), exp(beta))),
        Control("USA: e^β -> 1", prediction=ByModel(S.One, S.One)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
)


_SLOPE = 2e-3  # relative tolerance of a late slope


def check_slope(model: Any, prediction: ByModel, budget: Budget) -> Evidence:
    """Measure the late slope along runs from independent tokens of a hemisphere.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : ByModel
        The slope of ``-log max |x_i - x_j|`` late in a run, in ``beta`` and ``R0``.
    budget : Budget
        Runs a temperature; more temperatures in full.
    """
    worst, count, least = np.inf, 0, np.inf
    tokens = 4
    hots = (0.0, 0.4, 0.9, 1.5) if budget.full else (0.4, 1.2)
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        weight, _ = smallest_weight(flow)
        for hot in hots:
            points = np.asarray(random_points(tokens, 5, budget.rng, budget.cases))
            points[..., -1] = np.abs(points[..., -1]) + 0.8
            points /= np.linalg.norm(points, axis=-1, keepdims=True)
            form = attention_form(flow)
            kernel = form.kernel if form is not None else S.One
            here = {beta: hot, z: 1, n: tokens}
            top = 1.0 if form is None or form.normalised else float(kernel.subs(here))
            # In units of the time 1/top the runs of both models look alike.
            times = np.linspace(6.0, 10.0, 5) / top
            run = integrate(compile_model(flow, beta=hot), points, times[-1], times, rtol=1e-11)
            apart = run.points[:, :, :, None] - run.points[:, :, None, :]
            wide = np.log(np.linalg.norm(apart, axis=-1).max(axis=(-2, -1)))
            slope = -(wide[-1] - wide[-2]) / (times[-1] - times[-2])
            open_ = points[..., -1].min(axis=-1)
            rate = lambdify((R0, beta), prediction.of(flow), "numpy")(open_, hot)
            off = np.abs(slope - rate) / np.abs(rate)
            guaranteed = open_ * float(weight.subs({beta: hot, n: tokens}))
            case = int(np.argmax(off))
            margin = 1 - float(off[case]) / _SLOPE
            count += budget.cases
            if margin < 0:
                wanted = float(np.broadcast_to(rate, slope.shape)[case])
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}, n = 4, d = 5, β = {hot}: the slope is {slope[case]:.6g}, not "
                    f"{wanted:.6g}",
                    cases=count,
                    margin=margin,
                )
            worst, least = min(worst, margin), min(least, float((slope / guaranteed).min()))
    return Evidence(
        Verdict.SUPPORTED,
        f"late slopes agree with the linearisation to {_SLOPE * (1 - worst):.1e}; "
        f"they are at least {least:.3g} times A.10's guaranteed rate",
        {"n": "4", "d": "5", "beta": ", ".join(map(str, hots)), "t": "[9, 10] over the rate"},
        (),
        count,
        worst,
    )


RATE_6_3 = Claim(
    "Theorem 6.3 rate",
    "Simulated tokens meet at the rate of the linearisation, 1 (SA) and e^β (USA), not at A.10's.",
    (SA, USA),
    _RATE,
    check_slope,
    (
        Control("A.10's λ", prediction=ByModel(R0 * exp(-2 * beta), R0 * exp(-beta))),
        Control("USA: e^β -> 1", prediction=ByModel(S.One, S.One)),
        Control("1 -> 2 (the rate of 1 - g_ij)", prediction=ByModel(Integer(2), exp(beta))),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=4,
    origin="extension",
)


@dataclass(frozen=True)
class ColdRates:
    """Rates at β = 0, for both models.

    Attributes
    ----------
    consensus, relative, internal : Expr
        Off consensus; of p tokens against q; inside the cluster of p.
    gap : Expr
        1 - γ(t) from orthonormal tokens.
    """

    consensus: Expr
    relative: Expr
    internal: Expr
    gap: Expr


def check_cold_rates(model: Any, prediction: ColdRates, budget: Budget) -> Evidence:
    """Derive the spectra and the equiangular equation, and put β = 0.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : ColdRates
        The rates.
    budget : Budget
        Not used.
    """
    for flow in each(model):
        at_one = [v.subs(beta, 0) for v, _ in _consensus(flow).eigenvalues if v != 0]
        found = [(simplify(v.subs(beta, 0)), k) for v, k in _antipodal(flow).eigenvalues]
        mirrored = prediction.internal.subs({P: Q, Q: P}, simultaneous=True)
        # A cluster of p tokens has p - 1 modes inside, in each tangent direction.
        wanted = (
            (prediction.relative, d - 1),
            (prediction.internal, (P - 1) * (d - 1)),
            (mirrored, (Q - 1) * (d - 1)),
        )
        if any(simplify(v - prediction.consensus) != 0 for v in at_one):
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: at consensus {at_one}, not {prediction.consensus}",
            )
        for value, count in wanted:
            if not any(simplify(value - v) == 0 == simplify(count - k) for v, k in found):
                at = {P: 3, Q: 2, d: 4}
                rates = [(v.subs(at), k.subs(at)) for v, k in found]
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}, p = 3, q = 2, d = 4: rates with multiplicities {rates}, "
                    f"{(value.subs(at), count.subs(at))} is none of them",
                )
        rate = _equiangular(flow).rate.subs(beta, 0)
        left = normal_form(prediction.gap.diff(t) + rate.subs(gamma, 1 - prediction.gap))
        start = simplify(prediction.gap.subs(t, 0))
        if left != 0 or start != 1:
            at_three = {n: 3, t: 1}
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: 1-γ starts at {start} and (1-γ)' + γ' is {left.subs(at_three).n(6)} "
                "at n = 3, t = 1",
            )
    end = limit((prediction.gap * exp(2 * t)).subs(n, 3), t, oo)
    return Evidence(
        Verdict.PROVED,
        f"consensus {prediction.consensus}; p against q: {prediction.relative}, always unstable, "
        f"and {prediction.internal} inside; 1-γ solves its equation and e^(2t)(1-γ) -> {end} = n "
        "(n = 3): twice the rate of |x_i-x*|",
        {"n": "symbolic", "d": "symbolic", "beta": "0", "masses": "1/n"},
        identity=(
            *(_trace(_consensus(flow)).subs(beta, 0) for flow in each(model)),
            prediction.consensus * (n - 1) * (d - 1),
            *(_equiangular(flow).rate.subs(beta, 0) for flow in each(model)),
            prediction.gap.diff(t),
        ),
    )


_COLD = ColdRates(S.NegativeOne, S.One, -(P - Q) / (P + Q), n / (exp(2 * t) + n - 1))

RATES_4_1 = Claim(
    "Theorem 4.1 rates",
    "β = 0: consensus attracts at rate 1, p against q repel at rate 1, 1-γ = n/(e^{2t}+n-1).",
    (SA, USA),
    _COLD,
    check_cold_rates,
    (
        Control("consensus -1 -> -2", prediction=replace(_COLD, consensus=Integer(-2))),
        Control("relative 1 -> 2q/(p+q)", prediction=replace(_COLD, relative=2 * Q / (P + Q))),
        Control("e^{2t} -> e^t", prediction=replace(_COLD, gap=n / (exp(t) + n - 1))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    origin="extension",
)


# -- (6.3) -----------------------------------------------------------------------------------

_HEIGHT, _RISE, _GAP = (Symbol(name, nonnegative=True) for name in ("r", "e", "u"))


@dataclass(frozen=True)
class EqualityCase:
    """Where the least height r stops rising: with r > least, only at ``1 - <x_i,x_j> = gap``."""

    least: Expr = S.Zero
    strict: bool = True
    gap: Expr = S.Zero


def check_equality(model: Any, prediction: EqualityCase, budget: Budget) -> Evidence:
    """Derive where the inequality (6.2) is an equality, and what tokens look like there.

    The summand of d/dt <x_i,w> is ``A_ij (e + r(1-g_ij))`` with e >= 0 the excess height of x_j:
    for A_ij > 0 and r > 0 it vanishes only if e = 0 and x_j = x_i. So all limit points of the
    tokens, where r has stopped rising, are consensus: one x* by Lemma 6.6 and the shrinking cones.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : EqualityCase
        Least height and the claimed equality case.
    budget : Budget
        Not used.
    """
    x, y, w = vectors("x y w", unit="x y w")
    own = inner(project(x, y), w).subs({inner(y, w): _HEIGHT + _RISE, inner(x, w): _HEIGHT})
    summand = expand(expand(own.subs(inner(x, y), z)).subs(z, 1 - _GAP))
    for flow in each(model):
        form = attention_form(flow)
        if form is None:
            return doubt(flow, f"{flow.name}: no scalar attention", budget.rng)
        weight = (form.scale * form.kernel).subs({beta: Rational(3, 4), n: 2})
        for place in (Rational(k, 4) for k in range(-3, 4)):
            if weight.subs(z, place) <= 0:
                value = weight.subs(z, place) * (1 - place)
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}, two tokens at g = {place} with equal heights r over their "
                    f"bisector: r'/r is a positive multiple of {value} <= 0, and they are apart",
                )
        _, reason = smallest_weight(flow)
        if reason:
            return doubt(flow, reason, budget.rng)
    if prediction.gap != 0:
        value = summand.subs({_HEIGHT: 1, _RISE: 0, _GAP: prediction.gap})
        return Evidence(
            Verdict.REFUTED, f"r = 1, e = 0, 1-g = {prediction.gap}: the summand is {value}, not 0"
        )
    if not prediction.strict:
        value = summand.subs({_HEIGHT: 0, _RISE: 0})
        return Evidence(
            Verdict.REFUTED,
            f"tokens (1, 0), (-1, 0), w = (0, 1): r = 0, the summand is {value}, and <x,y> = -1",
        )
    parts = Poly(summand, _HEIGHT, _RISE, _GAP)
    if not all(c >= 0 for c in parts.coeffs()) or parts.coeff_monomial(_HEIGHT * _GAP) <= 0:
        return Evidence(Verdict.UNDECIDED, f"the summand is {summand}")
    if parts.coeff_monomial(_RISE) <= 0 or prediction.least < 0:
        return Evidence(Verdict.UNDECIDED, f"the summand is {summand}")
    return Evidence(
        Verdict.PROVED,
        f"the summand {summand}, r > 0, vanishes only for e = u = 0: limits of tokens coincide; "
        "the cones of the tokens shrink, so all have the same limit x*",
        _SYMBOLIC,
        (
            "Lemma 6.6 on r', which is integrable as r <= 1 rises",
            "compactness: every sequence of times has limit points",
        ),
        identity=subjects(model, pair_sum(own.subs(inner(x, y), z))),
    )


EQUATION_6_3 = Claim(
    "(6.3)",
    "In an open hemisphere (6.2) is an equality at consensus only, hence x_i(t) -> x* for all i.",
    (SA, USA),
    EqualityCase(),
    check_equality,
    (
        Control("r > 0 -> r >= 0, a closed hemisphere", prediction=EqualityCase(strict=False)),
        Control("equality also at g = 1/2", prediction=EqualityCase(gap=S.Half)),
        Control(
            "weights that vanish at g = 0",
            model=gradient_flow(interaction_energy(z**2 / 2), "quadratic"),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
)


def _acceleration_identity() -> Expr:
    """``|x''|² <= (|m'| + 2|m|²)²`` from x'' = P m' - <x',m> x - <x,m> x': its algebra, reduced."""
    x, mean, change = vectors("x m c", unit="x")
    moved = project(x, mean)
    second = project(x, change) - x * inner(moved, mean) - moved * inner(x, mean)
    # The part along x is -|x'|², the rest P_x(m' - <x,m> m); both are bounded by Cauchy-Schwarz.
    along = residual(inner(second, x) + inner(moved, moved))
    across = second + x * inner(moved, moved) - project(x, change - mean * inner(x, mean))
    return along**2 + residual(inner(across, across))


def _fast_pair(flow: Model, form: AttentionForm, bound: Expr) -> str:
    """Two tokens of unequal masses of which the first accelerates more than the bound, or ""."""
    own, angle = Symbol("a", positive=True), Symbol("theta", positive=True)
    near, far = (form.kernel.subs(z, g) for g in (S.One, cos(angle)))
    speeds = []
    for mass in (own, 1 - own):
        total = mass * near + (1 - mass) * far if form.normalised else S.One
        speeds.append((form.scale * (1 - mass) * far * sin(angle) / total).subs(n, 2))
    # θ' = -(r1 + r2), and x1'' is -r1² x1 plus r1' along the circle.
    along = speeds[0].diff(angle) * (speeds[0] + speeds[1])
    square = lambdify((own, angle, beta), speeds[0] ** 4 + along**2, "mpmath")
    weight = lambdify((angle, beta), far / near, "mpmath")
    allowed = lambdify(beta, bound, "mpmath")
    with mp.workdps(30):
        for hot in (mp.mpf(k) for k in (1, 4, 16, 64, 256)):
            for turn in (0.5 / mp.sqrt(hot), mp.mpf(1) / 2, mp.mpf(1), mp.mpf(3) / 2):
                # A light token sees the heavy one, with softmax as two thirds of all.
                light = weight(turn, hot) / 2 if form.normalised else mp.mpf(1) / 1000
                light /= 1 + light
                seen, most = mp.sqrt(square(light, turn, hot)), allowed(hot)
                if seen > most * (1 + mp.mpf(10) ** -9):
                    return (
                        f"{flow.name}, β = {mp.nstr(hot, 4)}, two tokens {mp.nstr(turn, 4)} apart, "
                        f"the first of mass {mp.nstr(light, 4)} of 1: |x''| = {mp.nstr(seen, 5)} > "
                        f"{mp.nstr(most, 5)}"
                    )
    return ""


def check_acceleration(model: Any, prediction: ByModel, budget: Budget) -> Evidence:
    """Bound ``|x_i''|`` by ``|m_i'| + 2 |m_i|²``, m_i the attention; compare with samples.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : ByModel
        The bound, in ``beta``.
    budget : Budget
        Sampled configurations, 100 a case and at least 1000.
    """
    count, worst, reasons = max(100 * budget.cases, 1000), np.inf, []
    if _acceleration_identity() != 0:
        reasons.append("the formula of x'' leaves a rest")
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        bound = prediction.of(flow)
        form = attention_form(flow)
        if form is None:
            return unreached(flow, f"{flow.name}: no scalar attention", budget.rng)
        found = _fast_pair(flow, form, bound)
        if found:
            return Evidence(Verdict.REFUTED, found, {"n": "2", "d": "2"})
        kernel = (form.scale * form.kernel).subs(beta, _HOT)
        heat = simplify(kernel.diff(z) / kernel)
        top = form.scale.subs(beta, _HOT) if form.normalised else kernel.subs(z, 1)
        # |w_j| = |<x_i',x_j> + <x_i,x_j'>| <= 2 top, so |m'| <= (2 heat + 1) top²: softmax too,
        # where dA_ij = heat A_ij (w_j - mean w).
        derived = (2 * heat + 3) * top**2
        ratio = simplify(bound.subs(beta, _HOT) / derived)
        if not (ratio.is_number and ratio >= 1):
            reasons.append(f"{flow.name}: claimed over derived bound is {ratio}")
        hot = budget.rng.uniform(0.0, 3.0, count)
        points = np.asarray(random_points(3, 2, budget.rng, count))
        field = compile_model(flow, beta=hot)
        speed, step = field(points), 1e-5 / float(np.exp(3.0))
        ahead, behind = points + step * speed, points - step * speed
        change = field.unchecked(ahead, 0.0) - field.unchecked(behind, 0.0)
        seen = np.linalg.norm(change / (2 * step), axis=-1).max(axis=-1)
        allowed = np.broadcast_to(lambdify(beta, bound, "numpy")(hot), seen.shape)
        used = np.where(allowed > 0, seen / np.abs(allowed), np.inf)
        case = int(np.argmax(used))
        worst = min(worst, 1 - float(used[case]))
        if worst < 0:
            shown = np.array2string(points[case], precision=3).replace("\n", "")
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}, β = {hot[case]:.4g}, x = {shown}: |x''| = {seen[case]:.4g} > "
                f"{allowed[case]:.4g}",
                cases=count,
                margin=worst,
            )
    if reasons:
        return Evidence(Verdict.UNDECIDED, "; ".join(reasons), cases=count, margin=worst)
    return Evidence(
        Verdict.PROVED,
        "x'' = P m' - |x'|² x - <x,m> x', |m| <= 1 (USA e^β), |m'| <= (1+2β)|m|²_max: bounded for "
        "each β, which is all that Lemma 6.6 needs",
        {**_SYMBOLIC, "masses": "symbolic, sum 1"},
        ("Cauchy-Schwarz",),
        count,
        worst,
        subjects(model, prediction.softmax, prediction.plain),
    )


_ACCELERATION = ByModel(3 + 2 * beta, (3 + 2 * beta) * exp(2 * beta))

SECOND_DERIVATIVE = Claim(
    "(6.2) acceleration",
    "|x_i''| <= 3 + 2β (SA), (3 + 2β) e^{2β} (USA), the bound that Lemma 6.6 is used with.",
    (SA, USA),
    _ACCELERATION,
    check_acceleration,
    (
        Control("SA bound / 10", prediction=replace(_ACCELERATION, softmax=(3 + 2 * beta) / 10)),
        Control(
            "USA e^{2β} -> e^{β/2}/2",
            prediction=replace(_ACCELERATION, plain=(3 + 2 * beta) * exp(beta / 2) / 2),
        ),
        Control("USA in place of SA", model=(USA.subs({beta: 2 * beta}),)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=10,
)


# -- (6.6) -----------------------------------------------------------------------------------


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
THETA = MatrixSymbol("theta", n, 1)
"""Coefficients θ_k >= 0 of x* in the cone of the tokens."""
COMBINATION = X.T * THETA
"""x* as a combination of the tokens."""


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
)


# -- (6.8) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class LateDecay:
    """``1 - α(t) <= prefactor e^{-rate (t-t0)}`` once α(t0) >= 1/2.

    Behind it stands ``α' >= rate (1-α)``, claimed of every x* in the cone of the tokens.
    """

    rate: ByModel
    prefactor: Expr = S.Half


_EULER = {S.Exp1: iv.exp(1)}


def _slow_tokens(flow: Model, form: AttentionForm, rate: Expr) -> str:
    """All tokens but one at +60° from x*, one at -60°: ``α' < rate (1-α)`` at once, or ""."""
    product = Rational(-1, 2)
    for count, hot in product_of((2, 64), (S.Zero, S.Half, S.One, Integer(4), Integer(12))):
        near, far = (form.kernel.subs({beta: hot, z: g}) for g in (S.One, product))
        total = ((count - 1) * near + far) / count if form.normalised else S.One
        weight = form.scale.subs({beta: hot, n: count}) * far / total / count
        grown = enclose(weight.subs(n, count) * S.Half * (1 - product), _EULER)
        wanted = enclose(rate.subs({n: count, beta: hot}) / 2, _EULER)
        if grown.b < wanted.a:
            return (
                f"{flow.name}, n = {count}, β = {hot}, {count - 1} at 60° from x*, one at -60°: α' "
                f"= {float(grown.b):.4g} < {float(wanted.a):.4g}, so 1-α exceeds the bound at once"
            )
    return ""


def check_late_decay(model: Any, prediction: LateDecay, budget: Budget) -> Evidence:
    """Integrate (6.7) by Grönwall; or find two tokens at ±60° that fall behind at once.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : LateDecay
        Rates and prefactor.
    budget : Budget
        Not used.
    """
    if prediction.prefactor < S.Half:
        return Evidence(
            Verdict.REFUTED,
            f"tokens at ±60° from x*: at t = t0 1-α = 1/2 > {prediction.prefactor}",
        )
    for flow in each(model):
        rate, form = prediction.rate.of(flow), attention_form(flow)
        if form is None:
            return unreached(flow, f"{flow.name}: no scalar attention", budget.rng)
        found = _slow_tokens(flow, form, rate) if prediction.prefactor == S.Half else ""
        if found:
            return Evidence(Verdict.REFUTED, found, {"n": "2, 64", "d": "2"})
        least, reason = smallest_weight(flow)
        if reason or not never_exceeds(rate, least / (2 * n)):
            return doubt(flow, reason or f"{rate} exceeds {least / (2 * n)}", budget.rng)
    return Evidence(
        Verdict.PROVED,
        "(6.7): α' >= (κ/2n)(1-α), so (1-α) e^{κt/2n} falls from at most 1/2; κ = e^{-2β} for SA "
        "(printed: e^{-β}) and e^{-β} for USA, as printed",
        {**_SYMBOLIC, "masses": "1/n"},
        ("(6.7)", "Grönwall's inequality"),
        identity=subjects(model, prediction.rate.softmax, prediction.rate.plain),
    )


_DECAY = LateDecay(ByModel(exp(-2 * beta) / (2 * n), exp(-beta) / (2 * n)))

INEQUALITY_6_8 = Claim(
    "(6.8)",
    "α' >= κ(1-α)/2n for α >= ½, x* in the cone: 1-α <= ½ e^{-κ(t-t0)/2n}; κ = e^{-2β}, e^{-β}.",
    (SA, USA),
    _DECAY,
    check_late_decay,
    (
        Control(
            "SA: κ = e^{-β}, as printed",
            prediction=LateDecay(ByModel(exp(-beta) / (2 * n), exp(-beta) / (2 * n))),
        ),
        Control("USA: κ = 1", prediction=LateDecay(ByModel(exp(-2 * beta) / (2 * n), 1 / (2 * n)))),
        Control("prefactor 1/2 -> 1/4", prediction=replace(_DECAY, prefactor=Rational(1, 4))),
    ),
    Verdict.PROVED,
    (WARM,),
)


# -- (6.9) and (6.10) ------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _equiangular(model: Model) -> Any:
    return equiangular(model)


def check_rate(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Derive γ' for symbolic n from the Gram flow at (1-γ)I + γJ and compare.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        γ', in ``gamma``, ``n`` and ``beta``.
    budget : Budget
        Not used.
    """
    try:
        found = _equiangular(model)
    except (ValueError, NotClosed) as error:
        return Evidence(Verdict.UNDECIDED, str(error))
    gap = normal_form(found.rate - prediction)
    if gap != 0:
        at = {n: 3, gamma: Rational(1, 4), beta: Rational(5, 4)}
        return Evidence(
            Verdict.REFUTED,
            f"{model.name}: γ' is {found.rate.subs(at).n(6)}, not {prediction.subs(at).n(6)}, at "
            "n = 3, γ = 1/4, β = 5/4",
        )
    if not found.proved:
        return Evidence(Verdict.UNDECIDED, f"{model.name}: the equiangular set isn't invariant")
    return Evidence(
        Verdict.PROVED,
        f"G = (1-γ)I + γJ is invariant with γ' = {found.rate}: residual 0",
        {"n": "symbolic, >= 2", "d": "symbolic, >= n", "beta": "symbolic", "masses": "1/n"},
        ("Picard-Lindelöf uniqueness",),
        identity=(model.velocity, found.rate, prediction),
    )


def _rate_claim(label: str, model: Model, other: Model, right: Expr, wrong: Expr) -> Claim:
    name, shown = model.name, "" if model is USA else " n/(e^β + (n-1)e^{βγ})"
    factor = (n - 1) * gamma + 1
    return Claim(
        label,
        f"{name}: equiangular tokens have γ' = (2/n) e^{{βγ}} (1-γ)((n-1)γ+1){shown}.",
        model,
        right,
        check_rate,
        (
            Control("the factor 2 dropped", prediction=right / 2),
            Control("(n-1)γ+1 -> (n-2)γ+1", prediction=right / factor * ((n - 2) * gamma + 1)),
            Control(f"the flow {other.name}", model=other),
            Control("the other normalisation", prediction=wrong),
        ),
        Verdict.PROVED,
        (ROOM, WARM),
    )


_SOFTMAX_RATE, _PLAIN_RATE = (equiangular_rate(model=name) for name in ("SA", "USA"))
EQUATION_6_9 = _rate_claim("(6.9)", SA, USA, _SOFTMAX_RATE, _PLAIN_RATE)
EQUATION_6_10 = _rate_claim("(6.10)", USA, SA, _PLAIN_RATE, _SOFTMAX_RATE)


# -- (6.11) ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Envelope:
    """``|g_ij - γ| <= min{factor e^{rate t} eps0, tail}``, tail the larger for the two starts.

    Attributes
    ----------
    factor, rate : Expr
        In ``beta``.
    tail : Expr
        In ``R0``, the least height of a start, ``beta`` and ``t``.
    curve : {"SA", "USA"}
        Whose γ.
    """

    factor: Expr
    rate: Expr
    tail: Expr
    curve: str = "SA"


def _envelope_algebra() -> Expr:
    """Reduce the two identities that carry (6.11): both vanish."""
    x, y, u, v = vectors("x y u v", unit="x y u v")
    split = inner(x, y) - inner(u, v) - inner(x - u, y) - inner(u, y - v)
    chord = 1 - inner(x, y) - inner(x - y, x - y) / 2
    return residual(split) ** 2 + residual(chord) ** 2


def _rides(model: Model, curve: str) -> bool:
    """Whether equiangular tokens of a model follow the γ of the name."""
    return normal_form(_equiangular(model).rate - equiangular_rate(model=curve)) == 0


def _fast_start(prediction: Envelope) -> str:
    """Equiangular tokens at γ = δ, that is γ(t+s) against γ(t): a time at which (6.11) fails.

    The orthonormal system nearest to them, their polar factor, is eps0 away.
    """
    curve = prediction.curve
    for count, hot in product_of((64, 10**4), (0.0, 0.25)):
        shift = 1e-2 / count
        # The least eigenvalue is 1-δ, the one of (1, ..., 1) is 1 + (n-1)δ.
        diagonal = 1 + (np.sqrt(1 + (count - 1) * shift) - 1) / count
        diagonal -= (1 - 1 / count) * (1 - np.sqrt(1 - shift))
        start = np.sqrt(2 - 2 * diagonal)
        early = float(equiangular_time(0.5, hot, count, curve))
        late = early + float(equiangular_time(shift, hot, count, curve))
        off = float(equiangular_gamma(late, hot, count, curve)) - 0.5
        bound = float(prediction.factor * exp(prediction.rate * early).subs(beta, hot)) * start
        if off > bound * (1 + 1e-6):
            return (
                f"n = {count}, β = {hot}, all products {shift:.3g} at first, eps0 = {start:.3g}: "
                f"at t = {early:.4g} they are {off:.4g} above γ = 1/2, more than {bound:.4g}"
            )
    # At β = 0 1-γ = n/(e^{2t}+n-1), so with e^{2s} = 2 and n = 2 all is exact.
    low = Rational(1, 3)
    for time in (Integer(4), Integer(12)):
        off = 2 / (exp(2 * time) + 1) - 2 / (2 * exp(2 * time) + 1)
        tails = [
            prediction.tail.subs({beta: 0, t: time, R0: height}).evalf(30)
            for height in (sqrt(S.Half), sqrt((1 + low) / 2))
        ]
        if off.evalf(30) > max(tails):
            return (
                f"n = 2, β = 0, <x_1,x_2> = {low} at first: at t = {time} it is {off.evalf(5)} "
                f"above γ, more than {max(tails).evalf(5)}"
            )
    return ""


def check_envelope(model: Model, prediction: Envelope, budget: Budget) -> Evidence:
    """Prove both branches of (6.11) with explicit constants, and watch them along runs.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Envelope
        The two branches.
    budget : Budget
        Runs a size.
    """
    if without_temperature(model):
        return Evidence(Verdict.UNDECIDED, without_temperature(model))
    weight, reason = smallest_weight(model)
    form = attention_form(model)
    reasons = [reason] if reason else []
    if form is None or not form.normalised or prediction.curve != model.name:
        reasons.append(f"γ of {prediction.curve} for the flow {model.name}")
    if _envelope_algebra() != 0 or not gnomonic(model).proved:
        reasons.append("the identities are not proved")
    if not reasons and _rides(model, prediction.curve):
        found = _fast_start(prediction)
        if found:
            return Evidence(Verdict.REFUTED, f"{model.name}, {found}", {"n": "2, 64, 10^4"})
    growth = simplify(prediction.rate.subs(beta, _HOT) / chord_lipschitz(_HOT))
    if not (prediction.factor >= 2 and growth.is_number and growth >= 1):
        reasons.append(f"first branch: factor {prediction.factor}, rate {growth} of 2(1+β)")
    derived = 2 * (R0**-2 - 1) * exp(-2 * R0 * weight * t)
    if not reason and simplify(prediction.tail / derived - 1) != 0:
        reasons.append(f"second branch: not {derived}")
    times = np.asarray([0.05, 0.3, 1.0, 2.5, 6.0, 15.0, 40.0])
    worst, rng = np.inf, budget.rng
    tail = lambdify((R0, beta, t), prediction.tail, "numpy")
    for size, dimension in ((2, 3), (4, 6)):
        frame = np.eye(dimension)[:size]
        noise = np.geomspace(1e-4, 1, budget.cases)[:, None, None]
        points = frame + noise * rng.standard_normal((budget.cases, size, dimension))
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        start = np.linalg.norm(points - frame, axis=-1).max(axis=-1)
        gram = points @ points.swapaxes(-1, -2)
        ones = np.ones((size, 1))
        opened = 1 / np.sqrt((ones.T @ np.linalg.solve(gram, ones))[:, 0, 0])
        hot = rng.uniform(0.1, 1.2, budget.cases)
        run = integrate(compile_model(model, beta=hot), points, times[-1], times, rtol=1e-9)
        speed = lambdify(beta, prediction.rate, "numpy")(hot)
        upper = np.triu_indices(size, 1)
        for time, state in zip(run.times, run.points, strict=True):
            curve = np.asarray(
                [float(equiangular_gamma(time, float(b), size, prediction.curve)) for b in hot]
            )
            products = (state @ state.swapaxes(-1, -2))[:, upper[0], upper[1]]
            off = np.abs(products - curve[:, None]).max(axis=-1)
            first = float(prediction.factor) * np.exp(speed * time) * start
            second = np.maximum(tail(opened, hot, time), tail(size**-0.5, hot, time))
            bound = np.minimum(first, second)
            allowed = bound * (1 + 1e-6) + 1e-8
            slack = np.where(allowed > 0, 1 - off / np.abs(allowed), -1.0)
            case = int(np.argmin(slack))
            if slack[case] < 0:
                return Evidence(
                    Verdict.REFUTED,
                    f"{model.name}, n = {size}, d = {dimension}, β = {hot[case]:.4g}, eps0 = "
                    f"{start[case]:.3g}: at t = {time:.3g} |g_ij - γ| = {off[case]:.4g} > "
                    f"{bound[case]:.4g}",
                    cases=2 * budget.cases,
                    margin=float(slack[case]),
                )
            worst = min(worst, float(slack[case]))
    if reasons:
        return Evidence(Verdict.UNDECIDED, "; ".join(reasons), cases=2 * budget.cases, margin=worst)
    return Evidence(
        Verdict.PROVED,
        "g_ij - γ = <x_i-y_i,x_j> + <y_i,x_j-y_j> <= 2 max|x-y|, which grows at 2(1+β) at most; "
        "and |g_ij-γ| <= max(1-g_ij, 1-γ), each |x_i-x_j|²/2 <= D²/2 of A.10. By (D.6) eps0 is at "
        "most 1.056 √(log d/d): the printed first branch, whose 10n max(1,β) is larger, lacks that "
        "factor and no more",
        {**_SYMBOLIC, "d": "symbolic, >= n", "masses": "1/n"},
        ("Theorem 6.8", "A.13: the one-sided Lipschitz constant 2(1+β)", "A.10: D' <= -λD"),
        2 * budget.cases,
        worst,
        (model.velocity, _equiangular(model).rate, prediction.rate, prediction.tail),
    )


_ENVELOPE = Envelope(
    Integer(2), 2 * (1 + beta), 2 * (R0**-2 - 1) * exp(-2 * R0 * exp(-2 * beta) * t)
)

INEQUALITY_6_11 = Claim(
    "(6.11)",
    "Linearly independent tokens: |g_ij - γ| <= min{2e^{2(1+β)t} eps0, 2(r^{-2}-1) e^{-2re^{-2β}t}}"
    ", r = r0, the height of their hyperplane, or n^{-1/2}, whichever gives more.",
    SA,
    _ENVELOPE,
    check_envelope,
    (
        Control("first branch / 100", prediction=replace(_ENVELOPE, factor=Rational(1, 50))),
        Control(
            "tail rate 2re^{-2β} -> 4",
            prediction=replace(_ENVELOPE, tail=2 * (R0**-2 - 1) * exp(-4 * t)),
        ),
        Control("γ of USA", prediction=replace(_ENVELOPE, curve="USA")),
        Control("the flow V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    cases=6,
)

CLAIMS_SECTION_6_FORMULAS = (
    RATES_4_1,
    EQUATION_6_1,
    RATE_6_3,
    SECOND_DERIVATIVE,
    EQUATION_6_3,
    INEQUALITY_6_6,
    INEQUALITY_6_8,
    EQUATION_6_9,
    EQUATION_6_10,
    INEQUALITY_6_11,
)
"""The claims of this file, in paper order."""

__all__ = [
    "CLAIMS_SECTION_6_FORMULAS",
    "COMBINATION",
    "EQUATION_6_1",
    "EQUATION_6_3",
    "EQUATION_6_9",
    "EQUATION_6_10",
    "INEQUALITY_6_6",
    "INEQUALITY_6_8",
    "INEQUALITY_6_11",
    "RATES_4_1",
    "RATE_6_3",
    "ROOM",
    "SECOND_DERIVATIVE",
    "THETA",
    "ColdRates",
    "Envelope",
    "EqualityCase",
    "LateDecay",
    "LeastProduct",
    "check_acceleration",
    "check_cold_rates",
    "check_envelope",
    "check_equality",
    "check_exponent",
    "check_late_decay",
    "check_least_product",
    "check_rate",
    "check_slope",
    "never_exceeds",
]
