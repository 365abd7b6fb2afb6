"""Section 4, the formulas: (4.1) at β = 0, the limit (4.3) of probabilities, and (4.5).

(4.1) is derived from SA and USA; (4.3) has an exact law for two tokens on the circle; (4.5) turns
the deviation (4.4) into an explicit β_m.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import (
    DiagMatrix,
    Expr,
    Integer,
    MatMul,
    OneMatrix,
    Rational,
    S,
    atan,
    cos,
    exp,
    expand_trig,
    limit,
    log,
    oo,
    pi,
    simplify,
    sin,
    sqrt,
    tan,
)
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from numerics.integrate import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.identity import Identity, compare
from proofs_checks.row_algebra import SYMBOLIC, RowAlgebra, leaves_sphere, unreached
from proofs_checks.section4_small_beta import THEOREM_4_1, check_beta_zero, each
from proofs_checks.section4_thresholds import (
    ByModel,
    check_monotone_least,
    force_bound,
    without_temperature,
)
from theory.atoms import Elementwise, Tangent
from theory.gram import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.reductions import circle_angles
from theory.reductions import phi as PHI
from theory.symbols import X, beta, m, n, t

Array = NDArray[np.float64]


def _short(points: Array) -> str:
    return np.array2string(points, precision=3).replace("\n", "")


# -- (4.1) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cold:
    """The flow at a value of β, and how fast the barycentre ``M = Σ m_j x_j`` grows.

    Attributes
    ----------
    average : MatrixExpr, shape (n, d)
        F in ``x_i' = P_i F_i``, for masses of sum one.
    growth : Expr
        c in ``d|M|²/dt = c Σ_i m_i |P_i M|²``.
    at : Expr
        β.
    """

    average: MatrixExpr
    growth: Expr
    at: Expr = S.Zero


def _at_value(model: Model, value: Expr) -> MatrixExpr | None:
    """Velocity of scalar attention at a value of β, None for other models."""
    form = attention_form(model)
    if form is None:
        return None
    kernel = Elementwise(form.kernel.subs(beta, value), X * X.T)
    weights: MatrixExpr = MatMul(kernel, DiagMatrix(m), X)
    if form.normalised:
        weights = MatMul(DiagMatrix(MatMul(kernel, m)) ** -1, weights)
    return Tangent(X, MatMul(form.scale.subs(beta, value), weights))


def check_cold(model: Any, prediction: Cold, budget: Budget) -> Evidence:
    """Compare every model at the given β with the formula, and derive the growth of ``|M|²``.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows; a normalised one is compared after multiplication by the total mass.
    prediction : Cold
        The flow and the growth.
    budget : Budget
        Points to draw.
    """
    total = OneMatrix(n, n) * m
    cases, margins, identity = 0, list[float](), list[Any]()
    for flow in each(model):
        velocity, form = _at_value(flow, prediction.at), attention_form(flow)
        if velocity is None or form is None:
            return unreached(flow, f"{flow.name} is no scalar attention", budget.rng)
        same = compare(
            [
                Identity(
                    f"x_i' of {flow.name} at β = {prediction.at} - P_i Σ m_j x_j",
                    velocity,
                    Tangent(X, prediction.average),
                    total if form.normalised else None,
                )
            ],
            budget,
        )
        if same.verdict is not Verdict.PROVED:
            return same
        cases, margins = cases + same.cases, [*margins, same.margin or 0.0]
        identity += same.identity
    # d|M|²/dt = 2<M, Σ m_i x_i'>, with x_i' = P_i M: one summand, for any x_i.
    x, centre = vectors("x M", unit="x")
    velocity_row = centre - x * inner(x, centre)
    mass = RowAlgebra().column(m)
    grown = 2 * mass * inner(centre, velocity_row)
    grown -= prediction.growth * mass * inner(velocity_row, velocity_row)
    left = residual(grown)
    if left != 0:
        value = 2 - prediction.growth
        return Evidence(
            Verdict.REFUTED,
            f"d|M|²/dt = 2 Σ m_i |P_i M|²: minus the predicted one it leaves {value} for one "
            f"token of mass 1 with |P M| = 1 (residual {left})",
        )
    return Evidence(
        Verdict.PROVED,
        "SA and USA at β = 0 are P_i Σ m_j x_j: residual 0; d|M|²/dt - 2 Σ m_i |P_i M|²: residual "
        "0, so |M| never falls",
        {**SYMBOLIC, "beta": str(prediction.at), "masses": "symbolic, sum 1"},
        (),
        cases,
        min(margins),
        identity=(*identity, grown),
    )


_COLD = Cold(OneMatrix(n, n) * DiagMatrix(m) * X, Integer(2))

EQUATION_4_1 = Claim(
    "(4.1)",
    "β = 0: SA and USA are x_i' = P_i Σ_j m_j x_j, and |Σ m_j x_j| never falls.",
    (SA, USA),
    _COLD,
    check_cold,
    (
        Control("β = 1/10", prediction=replace(_COLD, at=Rational(1, 10))),
        Control("d|M|²/dt = Σ m_i |P_i M|²", prediction=replace(_COLD, growth=S.One)),
        Control(
            "tokens counted, not weighed", prediction=replace(_COLD, average=OneMatrix(n, n) * X)
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    cases=3,
)


# -- (4.3) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClusteredLaw:
    """Probability that two uniform tokens of the circle are ``near``-clustered at time t, β = 0."""

    near: Expr
    law: Expr


def half_angle_rate(model: Model) -> Expr | None:
    """Return r in ``tan(φ/2)' = -r tan(φ/2)`` for two tokens at β = 0, None if it isn't constant.

    Parameters
    ----------
    model : Model
        A flow by scalar attention; the tokens are on the circle, with equal masses.
    """
    reduced = circle_angles(model)
    rate = S.Zero
    for top, below in reduced.terms:
        one, other = top.subs(beta, 0).subs(PHI, PHI), top.subs(beta, 0).subs(PHI, -PHI)
        share = Integer(2)
        if below is not None:
            share = below.subs(beta, 0).subs(PHI, 0) + below.subs(beta, 0)
        rate += (one - other) / share
    # φ' = rate, (tan φ/2)' = φ'/(2 cos²(φ/2)) and tan(φ/2) = sin φ/(2 cos²(φ/2)).
    value = simplify(-rate / sin(PHI))
    return None if value.free_symbols else value


def check_clustered_law(model: Any, prediction: ClusteredLaw, budget: Budget) -> Evidence:
    """Join Theorem 4.1 and (4.2), derive the law for n = d = 2, and compare with runs.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : ClusteredLaw
        Level and law.
    budget : Budget
        A hundred draws a case.
    """
    count, worst, total, shown = 100 * budget.cases, np.inf, 0, []
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        field = compile_model(flow, beta=0.0)
        times = np.array([1.0, 2.0, 4.0])
        for size in (2, 4):
            points = np.asarray(random_points(size, 2, budget.rng, count))
            run = integrate(field, points, 4.0, times, rtol=1e-6)
            least = (run.points @ run.points.swapaxes(-1, -2)).min(axis=(-2, -1))
            inside = least > float(prediction.near)
            fractions = inside.mean(axis=1)
            left = np.flatnonzero((inside[:-1] & ~inside[1:]).any(axis=0))
            if left.size:
                detail = f"{flow.name}: x(0) = {_short(points[left[0]])} leaves S_0^m"
                return Evidence(Verdict.REFUTED, detail, cases=count)
            total += count
            shown.append(f"n = {size}: " + ", ".join(f"{value:.3f}" for value in fractions))
            for time, seen in zip(times, fractions, strict=True) if size == 2 else ():
                exact = float(prediction.law.subs(t, time))
                sigma = np.sqrt(max(exact * (1 - exact), 1 / count) / count)
                worst = min(worst, 1 - abs(seen - exact) / (5 * sigma))
                if worst < 0:
                    detail = (
                        f"{flow.name}, n = d = 2, t = {time}: {seen:.4f} of {count} draws are "
                        f"clustered, the law says {exact:.4f}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=total, margin=worst)
    parts = (
        check_beta_zero(model, THEOREM_4_1.prediction, budget),
        check_monotone_least(model, S.Zero, Budget(1, budget.rng)),
    )
    for part in parts:
        if part.verdict is not Verdict.PROVED:
            return Evidence(part.verdict, part.detail, cases=total, margin=worst)
    # cos φ > near iff tan²(φ/2) < (1-near)/(1+near); φ(0) is uniform on [0, π].
    opened = sqrt((1 - prediction.near) / (1 + prediction.near))
    for flow in each(model):
        rate = half_angle_rate(flow)
        if rate is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: tan(φ/2) has no constant rate")
        derived = 2 / pi * atan(opened * exp(rate * t))
        if simplify(derived - prediction.law) != 0 or limit(prediction.law, t, oo) != 1:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: the derived law is {derived}")
    half = simplify(expand_trig(tan(PHI / 2) ** 2 - (1 - cos(PHI)) / (1 + cos(PHI))).rewrite(exp))
    if half != 0:
        return Evidence(Verdict.UNDECIDED, f"tan² of the half angle leaves {half}")
    return Evidence(
        Verdict.PROVED,
        "S_0^m increases (4.2) to a set of probability 1 (Theorem 4.1), so P(S_0^m) -> 1; n = d = "
        f"2: tan(φ/2) falls like e^{{-t}}, P = {prediction.law}; fractions at t = 1, 2, 4 of "
        f"{count} draws: " + "; ".join(shown),
        {**SYMBOLIC, "beta": "0", "law": "n = 2, d = 2, masses 1/2"},
        ("(4.2)", "Theorem 4.1", "continuity of a probability along increasing sets"),
        total,
        float(worst),
        identity=(*parts[0].identity, *parts[1].identity, derived, prediction.law),
    )


_LAW = 2 / pi * atan(exp(t) / sqrt(7))
_CLUSTERED = ClusteredLaw(Rational(3, 4), _LAW)

EQUATION_4_3 = Claim(
    "(4.3)",
    "P(S_0^m) -> 1 as m -> ∞; for n = d = 2 it is (2/π) arctan(e^m/√7).",
    (SA, USA),
    _CLUSTERED,
    check_clustered_law,
    (
        Control("e^m -> e^{m/2}", prediction=replace(_CLUSTERED, law=_LAW.subs(t, t / 2))),
        Control("3/4-clustered -> 0-clustered", prediction=replace(_CLUSTERED, near=S.Zero)),
        Control("√7 -> 7", prediction=replace(_CLUSTERED, law=2 / pi * atan(exp(t) / 7))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    cases=4,
)


# -- (4.5) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class SmallDeviation:
    """``|x_i^β(t) - x_i^0(t)| <= error`` for β <= ``hottest``; near-clustered becomes kept.

    Attributes
    ----------
    hottest : ByModel
        β_m, functions of t.
    error, near, kept : Expr
    """

    hottest: ByModel
    error: Expr
    near: Expr
    kept: Expr


def _groups(count: int) -> Array:
    """Eight tokens of the circle in two groups, 4:4 and 7:1, at most a right angle apart."""
    apart = np.linspace(0.1, np.pi / 2, count)
    angles = [np.where(np.arange(8) < size, 0.0, turn) for size in (4, 7) for turn in apart]
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _facing_pairs(count: int) -> Array:
    """Pairs of tokens of the circle from a right angle to almost opposite ones."""
    half = (np.pi - np.geomspace(1e-3, np.pi / 2, count)) / 2
    return np.stack(
        [
            np.stack([np.cos(half), np.sin(half)], axis=-1),
            np.stack([np.cos(half), -np.sin(half)], axis=-1),
        ],
        axis=1,
    )


def _moved_apart(prediction: SmallDeviation) -> Expr:
    """Least inner product after each of two points ``near`` apart has moved by a chord ``error``.

    A chord e is the angle 2 arcsin(e/2), cos = 1 - e²/2, sin = e sqrt(1 - e²/4); the two move
    in opposite directions.
    """
    e, c = prediction.error, prediction.near
    half, lift = 1 - e**2 / 2, e * sqrt(1 - e**2 / 4)
    twice, turn = 2 * half**2 - 1, 2 * half * lift
    return c * twice - sqrt(1 - c**2) * turn


def _refuse_no_distance(prediction: SmallDeviation) -> None:
    """Refuse numbers that are no inner product, no distance or no temperatures."""
    hottest = [b.subs(t, 2) for b in (prediction.hottest.softmax, prediction.hottest.plain)]
    if prediction.near > 1 or prediction.error < 0 or min(hottest) <= 0:
        raise ValueError(
            f"Expected near <= 1, error >= 0 and β_m > 0 but got near={prediction.near}, "
            f"error={prediction.error}, β_2={hottest}; a control changes one of them within these."
        )


def check_small_deviation(model: Any, prediction: SmallDeviation, budget: Budget) -> Evidence:
    """Put β_m in the bound (4.4), bound the inner products, and watch the hardest systems.

    At late times these are pairs that face each other, at early ones, where β_m is large, a few
    light tokens that a heavy group pulls.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : SmallDeviation
        β_m, the error, and the two inner products.
    budget : Budget
        Pairs and random systems to run.

    Raises
    ------
    ValueError
        If near exceeds 1, the error is negative or a temperature isn't positive.
    """
    _refuse_no_distance(prediction)
    opened = _moved_apart(prediction)
    if opened.evalf(20) < prediction.kept:
        detail = (
            f"two points with inner product {prediction.near}, both moved by {prediction.error}: "
            f"inner product {opened.evalf(6)} < {prediction.kept}"
        )
        return Evidence(Verdict.REFUTED, detail)
    worst, cases, reasons, identity = np.inf, 0, list[str](), list[Any]()
    for flow in each(model):
        lost = leaves_sphere(flow, budget.rng)
        if lost or without_temperature(flow):
            verdict = Verdict.REFUTED if lost else Verdict.UNDECIDED
            return Evidence(verdict, lost or without_temperature(flow))
        hottest = prediction.hottest.of(flow)
        force, reason = force_bound(flow)
        if not reason:
            moved = force.subs(beta, hottest) * (exp(2 * t) - 1) / 2
            gap = simplify(moved - prediction.error)
            # F^β and F^0, whose distance the force bounds; what becomes of it by (4.4).
            identity += [flow.velocity, _at_value(flow, S.Zero), moved - prediction.error]
            reason = "" if gap == 0 else f"{flow.name}: bound (4.4) at β_m minus the error is {gap}"
        reasons += [reason] if reason else []
        pairs = _facing_pairs(6 * budget.cases)
        more = np.asarray(random_points(2, 2, budget.rng, 6 * budget.cases))
        both, groups = np.concatenate([pairs, more]), _groups(6 * budget.cases)
        early = [(groups, time) for time in (0.1, 0.01, 1e-4)]
        for systems, time in (*early, (both, 1.0), (both, 2.0)):
            value = float(hottest.subs(t, time))
            ends = [
                integrate(compile_model(flow, beta=hot), systems, time, rtol=1e-7).points[-1]
                for hot in (0.0, value)
            ]
            apart = np.linalg.norm(ends[0] - ends[1], axis=-1).max(axis=-1)
            case, cases = int(apart.argmax()), cases + len(systems)
            slack = 1 - float(apart[case]) / float(prediction.error)
            worst = min(worst, slack)
            if slack < -1e-5:
                detail = (
                    f"{flow.name}, β = {value:.4g}, t = {time}, x(0) = {_short(systems[case])}: "
                    f"deviation {apart[case]:.4g} > {prediction.error}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
    # <x,y> - <x',y'> = <x-x',y> + <x',y-y'> is at most 2 error.
    x, y, p, q = vectors("x y p q", unit="x y p q")
    split = inner(x, y) - inner(p, q) - inner(x - p, y) - inner(p, y - q)
    if residual(split) != 0 or prediction.near - 2 * prediction.error < prediction.kept:
        reasons.append("near - 2 error < kept")
    if reasons:
        return Evidence(Verdict.UNDECIDED, "; ".join(reasons), cases=cases, margin=worst)
    return Evidence(
        Verdict.PROVED,
        f"f(β_m)(e^{{2m}}-1)/2 = {prediction.error} for the force f of (4.4); <x,y> - <x',y'> = "
        f"<x-x',y> + <x',y-y'> >= -2·{prediction.error}: {prediction.near} becomes "
        f"{prediction.kept} or more; largest deviation {1 - worst:.3f} of the bound",
        {**SYMBOLIC, "beta": "0 <= β <= β_m", "masses": "symbolic, sum 1", "t": "symbolic"},
        ("(4.4)",),
        cases,
        worst,
        identity=tuple(identity),
    )


_GROWN = exp(2 * t) - 1
_DEVIATION = SmallDeviation(
    ByModel(1 / (4 * _GROWN), log(1 + 1 / (4 * _GROWN))),
    Rational(1, 8),
    Rational(3, 4),
    Rational(1, 2),
)

EQUATION_4_5 = Claim(
    "(4.5)",
    "β <= β_m = 1/(4(e^{2t}-1)) for SA, log(1 + 1/(4(e^{2t}-1))) for USA: at time t the deviation "
    "|x_i^β - x_i^0| is at most 1/8, and what is 3/4-clustered at β = 0 is 1/2-clustered.",
    (SA, USA),
    _DEVIATION,
    check_small_deviation,
    (
        Control("error 1/8 -> 1/2", prediction=replace(_DEVIATION, error=S.Half)),
        Control("kept 1/2 -> 5/8", prediction=replace(_DEVIATION, kept=Rational(5, 8))),
        Control(
            "β_m of SA -> 40 β_m",
            prediction=replace(_DEVIATION, hottest=ByModel(10 / _GROWN, _DEVIATION.hottest.plain)),
        ),
        Control(
            "e^{2m} - 1 -> m for USA",
            prediction=replace(_DEVIATION, hottest=ByModel(1 / (4 * _GROWN), log(1 + 1 / t))),
        ),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=3,
)

CLAIMS_SECTION_4_FORMULAS = (EQUATION_4_1, EQUATION_4_3, EQUATION_4_5)
"""The claims of this file, in paper order."""

__all__ = [
    "CLAIMS_SECTION_4_FORMULAS",
    "EQUATION_4_1",
    "EQUATION_4_3",
    "EQUATION_4_5",
    "ClusteredLaw",
    "Cold",
    "SmallDeviation",
    "check_clustered_law",
    "check_cold",
    "check_small_deviation",
    "half_angle_rate",
]
