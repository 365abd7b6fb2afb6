"""Theorem 6.3, (6.1), Theorem 6.3 rate: one cluster for d >= n.

Main results
------------
- Theorem 6.3: |x_i - x*| <= C e^{-λt}, with r0 = (1^T G^{-1} 1)^{-1/2}.
- (6.1): the exponent is exactly 1 (SA), e^β (USA); the proof's r0 κ is less.
- Theorem 6.3 rate: simulated tokens meet at the rate of the linearisation.

How it is proved
----------------
Theorem 6.3: G B = I gives the pole w and its height r0; the contraction of A.10, through the
gnomonic identity and the least weight, gives λ and C; both bounds are watched along runs. (6.1):
the derived spectrum at consensus, exact for symbolic n, d and masses 1/n. The rate is SUPPORTED
by late slopes of runs only. Cited: uniform points are almost surely independent; stable fibres
of a normally hyperbolic manifold.

References
----------
arXiv 2312.10794, Theorem 6.3 and (6.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Identity, Integer, Matrix, Rational, S, exp, lambdify, simplify, sqrt
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import (
    WARM,
    Budget,
    Claim,
    Conclusion,
    Control,
    Equivalent,
    Evidence,
    Verdict,
)
from proofs_checks.decide import enclose_smooth
from proofs_checks.proof import (
    AT_CONSENSUS,
    CONE,
    FASTER,
    R0,
    ROOM,
    SCOPE_WARM,
    SCOPE_WARM_ANY_MASSES,
    ByModel,
    ConeRate,
    consensus_spectrum,
    contraction_algebra,
    doubt,
    each,
    excess_rate,
    gnomonic_extent,
    never_exceeds,
    never_meet,
    smallest_weight,
    spectrum_trace,
    subjects,
    watch_cone,
    watch_limit,
    without_temperature,
)
from theory.derivations import gnomonic
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA, attention_form
from theory.symbols import G, beta, d, n, z


@dataclass(frozen=True)
class LinearlyIndependent:
    """Theorem 6.3 for linearly independent tokens: the pole w, its height, C and λ.

    Attributes
    ----------
    inverse : MatrixExpr
        B in ``w = X^T B 1 r0``, ``r0 = (1^T B 1)^{-1/2}``; a function of the Gram matrix G.
    constant : Expr
        C in ``R0``.
    rate : ConeRate
    """

    inverse: MatrixExpr
    constant: Expr
    rate: ConeRate


def _pole_witness(inverse: MatrixExpr) -> str:
    """Exact tokens at which ``w = X^T B 1 r0`` isn't a unit vector of height r0, or ""."""
    low, high = (Rational(3, 5), Rational(4, 5)), (Rational(5, 13), Rational(12, 13))
    tokens = Matrix([[1, 0, 0], [*low, 0], [0, *high]])
    gram = tokens * tokens.T
    matrix = inverse.subs(n, 3).subs(G.subs(n, 3), gram).doit()
    matrix = Matrix(matrix)
    ones = Matrix([1, 1, 1])
    square = (ones.T * matrix * ones)[0]
    heights = list(gram * matrix * ones)  # <x_i, w> / r0
    length = (ones.T * matrix.T * gram * matrix * ones)[0] / square
    if any(value != 1 for value in heights) or length != 1:
        return f"tokens {tokens.tolist()}: <x_i,w>/r0 = {heights}, |w|² = {length}"
    return ""


def _too_far(constant: Expr) -> str:
    """Two equal tokens further from their limit at t = 0 than the constant says, exactly, or "".

    They are at ±φ of the pole w, which they converge to by symmetry: r0 = cos φ, and
    ``|x_i - w|² = 2 - 2 cos φ``.
    """
    for tangent in (Rational(1, 10), Rational(1, 2), Rational(9, 10), Rational(1, 100)):
        low = (1 - tangent**2) / (1 + tangent**2)
        apart, said = (
            enclose_smooth(sqrt(2 - 2 * low), {}),
            enclose_smooth(constant.subs(R0, low), {}),
        )
        if apart.a > said.b:
            return (
                f"two tokens of mass 1/2 at ±acos({low}) of the pole, x* by symmetry: "
                f"|x_1 - x*| = {float(apart.mid):.5g} > C = {float(said.mid):.5g} at t = 0"
            )
    return ""


def check_independent(model: Any, prediction: LinearlyIndependent, budget: Budget) -> Evidence:
    """Prove the pole w exactly, C and λ through the cone, and watch both bounds on random data."""
    if beta in prediction.constant.free_symbols:
        raise ValueError(
            f"Expected a constant in r0 alone but got constant={prediction.constant}; β is in the "
            "rate."
        )
    left = (G * prediction.inverse).doit()
    if left != Identity(n):
        witness = _pole_witness(prediction.inverse)
        if witness:
            return Evidence(Verdict.REFUTED, witness)
        return Evidence(Verdict.UNDECIDED, f"G B = {left} isn't the identity")
    # |w|² = r0² 1^T B G B 1 = r0² 1^T B 1 = 1 and <x_i,w> = r0 (G B 1)_i = r0 follow.
    x, w = vectors("x w", unit="x w")
    apart = x / inner(x, w) - w
    radius = residual(inner(apart, apart) - (inner(x, w) ** -2 - 1))
    derived = 2 * sqrt(R0**-2 - 1)
    worst, reasons = np.inf, [] if radius == 0 else [f"|y-w|² - (s^-2 - 1) = {radius}"]
    far = _too_far(prediction.constant) if prediction.constant.free_symbols <= {R0} else ""
    if far:
        return Evidence(Verdict.REFUTED, far, {"n": "2", "d": ">= 2", "masses": "1/2"})
    ratio = simplify(prediction.constant / derived)
    if not (ratio.is_number and ratio >= 1):
        reasons.append(f"C over the derived bound of D(0) is {ratio}")
    rates = []
    for flow in each(model):
        rate = prediction.rate.of(flow)
        never = never_meet(flow, rate, budget.rng)
        if never is not None:
            return never
        rates.append(f"λ = {rate} ({flow.name})")
        weight, reason = smallest_weight(flow)
        if not reason and not gnomonic(flow).proved:
            reason = f"{flow.name}: the gnomonic identity is not proved"
        if not reason and excess_rate(rate, R0 * weight):
            reason = f"{flow.name}: λ = {rate} exceeds r0·min weight {R0 * weight}"
        reasons += [reason] if reason else []
        for size, dimension in ((2, 2), (3, 4)):
            points = np.asarray(random_points(size, dimension, budget.rng, budget.cases))
            hot = budget.rng.uniform(0.25, 2.0, budget.cases)
            solved = np.linalg.solve(points @ points.swapaxes(-1, -2), np.ones((size, 1)))
            pole = (points.swapaxes(-1, -2) @ solved)[..., 0]
            pole /= np.linalg.norm(pole, axis=-1, keepdims=True)
            found, margin = watch_cone(flow, points, pole, hot, rate)
            if not found:
                worst = min(worst, margin)
                lowest = gnomonic_extent(points, pole)[0]
                bounds = tuple(
                    np.broadcast_to(lambdify((R0, beta), value, "numpy")(lowest, hot), hot.shape)
                    for value in (prediction.constant, rate)
                )
                found, margin = watch_limit(flow, points, hot, *bounds)
            if found:
                return Evidence(Verdict.REFUTED, found, cases=budget.cases, margin=margin)
            worst = min(worst, margin)
    scope = {**SCOPE_WARM, "d": "symbolic, d >= n", "masses": "symbolic, sum 1"}
    if reasons or contraction_algebra() != 0:
        return Evidence(Verdict.SUPPORTED, "; ".join(reasons), scope, (), budget.cases, worst)
    return Evidence(
        Verdict.PROVED,
        f"w = X^T B 1 r0 with B = {prediction.inverse} has <x_i,w> = r0 = (1^T B 1)^(-1/2); "
        f"|x_i-x*| <= C e^(-λ t), C = {prediction.constant} ({ratio} times the derived "
        f"{derived}), {', '.join(rates)}",
        scope,
        ("d >= n independent uniform points are linearly independent almost surely",),
        budget.cases,
        worst,
        identity=subjects(model, prediction.constant),
    )


_INDEPENDENT = LinearlyIndependent(G**-1, 2 * sqrt(R0**-2 - 1), CONE)


THEOREM_6_3 = Claim(
    "Theorem 6.3",
    "d >= n, uniform data: |x_i - x*| <= C e^{-λ t}, with r0 = (1^T G^{-1} 1)^{-1/2}.",
    (SA, USA),
    _INDEPENDENT,
    check_independent,
    (
        Control("G^{-1} -> G", prediction=replace(_INDEPENDENT, inverse=G)),
        Control(
            "SA rate r0 e^{-2β} -> r0 e^{2β}",
            prediction=replace(_INDEPENDENT, rate=replace(CONE, softmax=R0 * exp(2 * beta))),
        ),
        Control("C -> C/4", prediction=replace(_INDEPENDENT, constant=sqrt(R0**-2 - 1) / 2)),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    cases=6,
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        FASTER,
        Equivalent(
            "a lower rate, for r0 <= 1",
            ("prediction.rate*: sign", "prediction.rate*: e^u*", "prediction.rate*: squared"),
        ),
        Equivalent(
            "A_ij s_j/s_i >= m_j r0 e^{-βy}/s_i, y = (1-s_i²)^{1/2}, and -log s_i >= y²/2: at "
            "least m_j r0 e^{-β²/2}",
            ("prediction.rate.plain: β -> β²",),
        ),
        Equivalent(
            "for β >= 2/3 as for USA, Z_i <= e^β being over it; below, with Y = |x_i-w| + |x_j-w| "
            "for the widest pair, λ/r0 >= (1-q)/s_i + p/s_j, where q/(1-q) <= e^{2βY} p/(1-p), so "
            "λ/r0 >= 1 - tanh(βY/2)(1 - Y²/(2(e^{2βY}-1))) >= e^{-2β²} for Y <= 2",
            ("prediction.rate.softmax: β -> β²",),
        ),
    ),
)


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
        for value, count in consensus_spectrum(flow).eigenvalues:
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
        {**SCOPE_WARM_ANY_MASSES, "masses": "1/n"},
        ("a normally hyperbolic manifold of equilibria is foliated by its stable fibres",),
        identity=tuple(
            part
            for flow in each(model)
            for part in (
                spectrum_trace(consensus_spectrum(flow)),
                -prediction.of(flow) * (n - 1) * (d - 1),
            )
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
    equivalents=(AT_CONSENSUS,),
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
    equivalents=(AT_CONSENSUS,),
)


CLAIMS = (THEOREM_6_3, EQUATION_6_1, RATE_6_3)
