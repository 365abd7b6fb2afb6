"""Appendix C, the formulas: the energy and its Hessian near β = 0 with explicit constants.

The top curvature (C.2) at β = 0 for every n and d, the O(β) of (C.3), the limit (C.4) of the
Hessian in the metric of SA, and Remark C.1, which compares SA with USA.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, S, Symbol, exp, expand, simplify, sqrt

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.appendix_a_b_formulas import (
    ALL_ALIKE,
    CRITICAL,
    OCTAHEDRON,
    SIZES,
    SQUARE_TOKENS,
    SYMBOLIC_SIZES,
    THREE_AGAINST_ONE,
    Rows,
    cold_kernel,
    cold_speed,
    pair_bend,
)
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.identity import Identity, compare
from proofs_checks.row_algebra import unreached
from proofs_checks.section4_small_beta import THEOREM_4_1, P, Q, each, pair_sum
from proofs_checks.section4_thresholds import force_bound, without_temperature
from theory.atoms import Elementwise
from theory.energy import interaction_energy, pair_kernel
from theory.gram import basis_trace, inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA, Model, attention_form, gradient_flow
from theory.symbols import X, beta, d, m, n, z

Array = NDArray[np.float64]


# -- (C.2) -----------------------------------------------------------------------------------


def covariant_jacobian(field: Any, points: Array, step: float = 1e-5) -> Array:
    """``P DF P`` by central differences along geodesics, shape (nd, nd).

    Parameters
    ----------
    field : VelocityField
    points : ndarray, shape (n, d)
    step : float
    """
    size = points.size
    moves = np.eye(size).reshape(size, *points.shape)
    moves -= (moves * points).sum(axis=-1, keepdims=True) * points
    ends = []
    for sign in (1, -1):
        moved = points + sign * step * moves
        ends.append(field(moved / np.linalg.norm(moved, axis=-1, keepdims=True)))
    slope = (ends[0] - ends[1]) / (2 * step)
    slope -= (slope * points).sum(axis=-1, keepdims=True) * points
    return np.asarray(slope.reshape(size, size).T)


@dataclass(frozen=True)
class TopCurvature:
    """Lower bounds of the top eigenvalue of Hess E_0, E_0 = Σ_ij <x_i,x_j>/n; in n and d.

    Attributes
    ----------
    balanced, antipodal : Expr
        At the two kinds of equilibria off consensus.
    least : Expr
        At all of them: the c of the paper.
    tokens : tuple of rows
        Exact equilibria to look at; the bound is sharp at the square.
    """

    balanced: Expr
    antipodal: Expr
    least: Expr
    tokens: tuple[Rows, ...] = CRITICAL


def _balanced_excess() -> Expr:
    """``Σ_z Hess[Pz,Pz] - balanced Σ_z |Pz|²`` at Σ x = 0 with Σ_ij g² at its least, n²/d."""
    x, y, e = vectors("x y e", unit="x y")
    pair = basis_trace(inner(project(x, e), project(y, e)), e)
    length = basis_trace(inner(project(x, e), project(x, e)), e)
    # Σ_ij g_ij² = |Σ x x^T|² >= (tr)²/d = n²/d, by Cauchy-Schwarz.
    summed = 2 / n * (n**2 * pair.subs(inner(x, y), 0) + n**2 / d * pair.coeff(inner(x, y), 2))
    return simplify(summed / (n * length))


def _antipodal_top() -> Expr:
    """Hess E_0[v,v]/|v|² along the relative mode sqrt(q/p) u at x and sqrt(p/q) u at -x."""
    x, u, epsilon = *vectors("x u", unit="x"), Symbol("epsilon", real=True)
    v = project(x, u)
    near, far = sqrt(Q / P), sqrt(P / Q)
    first = x + v * (near * epsilon) - x * (inner(v, v) * near**2 * epsilon**2 / 2)
    second = -x + v * (far * epsilon) + x * (inner(v, v) * far**2 * epsilon**2 / 2)
    total = first * P + second * Q
    bend = 2 * expand(inner(total, total)).coeff(epsilon, 2) / (P + Q)
    return simplify(residual(bend / (inner(v, v) * (P * near**2 + Q * far**2))))


def check_top_curvature(model: Any, prediction: TopCurvature, budget: Budget) -> Evidence:
    """Derive both bounds for every n and d, and compute the top eigenvalue at exact equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        Models; E_0 is 2n times their energy at β = 0.
    prediction : TopCurvature
        The bounds.
    budget : Budget
        Not used: the equilibria are exact.
    """
    worst, cases, seen = np.inf, 0, []
    for flow in each(model):
        cold = cold_kernel(flow)
        if cold is None or z not in cold.free_symbols:
            detail = f"{flow.name}: a pair has {cold} at β = 0, so Hess E_0 is no pair sum or 0"
            return Evidence(Verdict.UNDECIDED if cold is None else Verdict.REFUTED, detail)
        for tokens in (*prediction.tokens, SQUARE_TOKENS):
            points = np.asarray(tokens, dtype=float)
            size, width = points.shape
            # With masses 1/n this is the gradient of E_0 = 2n E.
            climb = gradient_flow(
                interaction_energy(2 * cold.subs(n, size)), f"grad of {flow.name}"
            )
            if cold_speed(climb, tokens) != 0:
                detail = f"{tokens} is no equilibrium of E_0, speed² {cold_speed(climb, tokens)}"
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            jacobian = covariant_jacobian(compile_model(climb), points)
            top = float(np.linalg.eigvalsh((jacobian + jacobian.T) / 2).max())
            kind = prediction.balanced
            if float(np.linalg.norm(points.sum(axis=0))) > 1e-9 or width == 1:
                kind = prediction.antipodal
            put = {n: size, d: width}
            bound = max(float(kind.subs(put)), float(prediction.least.subs(put)))
            cases, worst = cases + 1, min(worst, (top + 1e-6 - bound) / bound)
            seen.append(f"{top:.4f}")
            if top < bound - 1e-6:
                detail = f"{flow.name}, {tokens}: top eigenvalue {top:.6g}, bound {bound:.6g}"
                return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        if top > bound + 1e-6:
            detail = f"{flow.name}: not sharp at the square, where {top:.6g} > {bound:.6g}"
            return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        if simplify(cold.diff(z)) != 1:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair has {cold} at β = 0")
    derived, predicted = (
        (_balanced_excess(), _antipodal_top()),
        (prediction.balanced, prediction.antipodal),
    )
    gaps = tuple(simplify(one - said) for one, said in zip(derived, predicted, strict=True))
    room = [simplify((said - prediction.least).subs(SIZES)) for said in predicted]
    if gaps != (0, 0) or not all(value.is_nonnegative for value in map(_positive_form, room)):
        return Evidence(Verdict.UNDECIDED, f"derived minus predicted {gaps}, room {room}")
    return Evidence(
        Verdict.PROVED,
        "Σ x = 0: along v_i = P_i z, averaged over z, the quotient is >= 2(d-1)/d, as Σ g² >= "
        "n²/d; antipodal: 2, exactly; so c = 2(d-1)/(dn) holds with room n, and 2(d-1)/d is "
        f"attained at the square; seen {', '.join(seen[: len(prediction.tokens)])}",
        {"n": "symbolic, >= 2", "d": "symbolic, >= 2", "beta": "0", "masses": "equal"},
        ("Cauchy-Schwarz",),
        cases,
        worst,
        identity=(*derived, *predicted, prediction.least),
    )


def _positive_form(value: Expr) -> Expr:
    """Write a rational function with expanded numerator and denominator."""
    top, below = value.together().as_numer_denom()
    return expand(top) / expand(below)


_TOP = TopCurvature(2 * (d - 1) / d, Integer(2), 2 * (d - 1) / (d * n))

EQUATION_C_2 = Claim(
    "(C.2)",
    "Off consensus Hess E_0 has top eigenvalue >= 2(d-1)/d (sharp), hence >= c = 2(d-1)/(dn).",
    (SA, USA),
    _TOP,
    check_top_curvature,
    (
        Control("2(d-1)/d -> 2 if Σ x = 0", prediction=replace(_TOP, balanced=Integer(2))),
        Control("c = 2", prediction=replace(_TOP, least=Integer(2))),
        Control("antipodal: n", prediction=replace(_TOP, antipodal=n)),
        Control("consensus too", prediction=replace(_TOP, tokens=(ALL_ALIKE,))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
)


# -- (C.3) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ColdGap:
    """Bounds of the gradient, a token, and of the Hessian of ``E_β - (n/2) E_0``; in n and β.

    E_β = (1/2β) Σ_ij (e^{β<x_i,x_j>} - 1).
    """

    gradient: Expr
    hessian: Expr


def cold_limit(model: Model) -> str:
    """Say how ``E_β - const`` differs from (n/2) E_0 at β = 0, "" if it doesn't."""
    cold = cold_kernel(model)
    if cold is None or simplify(cold.diff(z)) == 1:
        return ""
    value = simplify(cold.subs(z, 1) - cold.subs(z, 0))
    return f"{model.name}: at β = 0 a pair gains {value}, not 1, from inner product 0 to 1"


def _one_apart(size: int, width: int, angle: float) -> Array:
    """All tokens but one at the first axis, and one at an angle to it."""
    points = np.tile(np.eye(width)[0], (size, 1))
    points[-1, :2] = np.cos(angle), np.sin(angle)
    return points


def check_cold_gap(model: Any, prediction: ColdGap, budget: Budget) -> Evidence:
    """Bound h' - 1 and h'' on [-1, 1], and compare with gradients and Hessians at drawn points.

    Parameters
    ----------
    model : Model
        E_β is n² times its energy, up to a constant.
    prediction : ColdGap
        The bounds.
    budget : Budget
        Configurations to draw.
    """
    flow = each(model)[0]
    kernel = None if flow.energy is None else pair_kernel(flow.energy)
    if kernel is None or without_temperature(flow):
        return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy in β")
    other = cold_limit(flow)
    if other:
        return Evidence(Verdict.REFUTED, other)
    worst, cases = np.inf, 0
    # x_i' = (1/n) grad_i E_β for masses 1/n, whatever the model's own velocity is.
    climb = gradient_flow(interaction_energy(kernel), f"grad of {flow.name}", parameters=(beta,))
    cold = compile_model(climb, beta=0.0)
    for size, width in ((2, 2), (4, 3)):
        drawn = [
            (
                np.asarray(random_points(size, width, budget.rng)),
                float(np.exp(budget.rng.uniform(np.log(0.01), np.log(1.5)))),
            )
            for _ in range(budget.cases)
        ]
        # One cluster; and, where β is large, one token that is pulled by all the others.
        drawn += [(_one_apart(size, width, 0.0), 0.5), (_one_apart(size, width, 0.5), 3.0)]
        for points, hot in drawn:
            warm = compile_model(climb, beta=hot)
            lengths = size * np.linalg.norm(warm(points) - cold(points), axis=-1)
            bend = covariant_jacobian(warm, points) - covariant_jacobian(cold, points)
            norm = size * float(np.linalg.norm(bend, 2))
            cases += 1
            for name, found, bound in (
                ("gradient", float(lengths.max()), prediction.gradient),
                ("Hessian", norm, prediction.hessian),
            ):
                allowed = float(bound.subs({n: size, beta: hot}))
                worst = min(worst, 1 - found / allowed)
                if found > allowed * (1 + 1e-6) + 1e-8:
                    shown = np.array2string(points, precision=3).replace("\n", "")
                    detail = (
                        f"{flow.name}, β = {hot:.4g}, X = {shown}: {name} differs by {found:.4g} > "
                        f"{allowed:.4g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
    force, reason = force_bound(climb)
    hottest = Symbol("beta", positive=True)
    slope = kernel.diff(z).subs(beta, hottest)
    bent = slope.diff(z)
    rising = bent.is_positive and bent.diff(z).is_positive
    # |h''s² + (h'-1)(2<v,w> - (..)g)| <= 2 (sup h'' + sup|h'-1|)(|v|²+|w|²), summed over ½ ij.
    derived = 2 * n * (bent.subs(z, 1).subs(hottest, beta) + force)
    ratios = simplify(prediction.gradient / (n * force)), simplify(prediction.hessian / derived)
    if reason or not rising or not all(r.is_number and r >= 1 for r in ratios):
        return Evidence(Verdict.UNDECIDED, f"{reason or ratios}", cases=cases, margin=worst)
    return Evidence(
        Verdict.PROVED,
        "|h'-1| <= e^β-1 and h'' <= βe^β on [-1,1]; s² <= 2(|v|²+|w|²): gradients differ by at "
        f"most {prediction.gradient}, Hessians by {prediction.hessian}, both O(β)",
        {"n": "symbolic", "d": "symbolic", "beta": "symbolic, >= 0", "masses": "1/n"},
        (),
        cases,
        worst,
        identity=(
            pair_sum(n**2 / 2 * (kernel - z)),
            n * force,
            prediction.gradient,
            derived,
            prediction.hessian,
        ),
    )


_GAP = ColdGap(n * (exp(beta) - 1), 2 * n * (beta * exp(beta) + exp(beta) - 1))

EQUATION_C_3 = Claim(
    "(C.3)",
    "E_β - (n/2)E_0: |grad_i| <= n(e^β-1), |Hess| <= 2n(βe^β + e^β - 1): both are O(β).",
    USA,
    _GAP,
    check_cold_gap,
    (
        Control("gradient bound / 20", prediction=replace(_GAP, gradient=_GAP.gradient / 20)),
        Control("Hessian bound / 20", prediction=replace(_GAP, hessian=_GAP.hessian / 20)),
        Control("Hessian O(β²)", prediction=replace(_GAP, hessian=n * beta**2 / 4)),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
)


# -- (C.4) -----------------------------------------------------------------------------------

_E_0 = interaction_energy(2 * z)


def check_metric_limit(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Check ``Hess_{g_β} E_β = factor Hess E_0 + O(β)``, as endomorphisms at equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        Flows whose linearisation at an equilibrium is the endomorphism.
    prediction : Expr
        The factor.
    budget : Budget
        Not used: the equilibria are exact.
    """
    worst, cases, identity = np.inf, 0, list[Any]()
    target = compile_model(gradient_flow(_E_0, "grad E_0"))
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        for tokens in (SQUARE_TOKENS, THREE_AGAINST_ONE, ALL_ALIKE):
            points = np.asarray(tokens, dtype=float)
            limit_map = float(prediction) * covariant_jacobian(target, points)
            for hot in (0.1, 0.01, 0.001):
                warm = covariant_jacobian(compile_model(flow, beta=hot), points)
                gap = float(np.linalg.norm(warm - limit_map, 2))
                # (C.3) over n; then |½ Hess E_0| <= 2 and |Z_i^{-1} - 1| <= e^β - 1 for SA.
                near = 2 * (hot * np.exp(hot) + np.expm1(hot))
                bound = near + np.expm1(hot) * (2 + near)
                cases, worst = cases + 1, min(worst, 1 - gap / bound)
                if gap > bound:
                    detail = (
                        f"{flow.name}, {tokens}: at β = {hot} the endomorphisms differ by {gap:.4g}"
                        f" > {bound:.4g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        cold = cold_kernel(flow)
        if cold is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy")
        other = cold_limit(flow)
        if other:
            return Evidence(Verdict.REFUTED, other)
        # A pair of E_β over the metric's weight, Z_i = n at β = 0, and a pair of E_0.
        near = pair_bend(cold.diff(z)) / n
        identity += [flow.energy, near - prediction * pair_bend(2 / n)]
        left = simplify(expand(identity[-1]))
        if left != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair leaves {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        f"pair by pair, at β = 0: the metric is n times the round one, and the endomorphism is "
        f"{prediction} Hess E_0: residual 0; at equilibria the difference is below its bound, O(β)",
        {"n": "symbolic", "d": "symbolic", "beta": "symbolic, -> 0", "masses": "1/n"},
        ("(C.3)",),
        cases,
        worst,
        identity=tuple(identity),
    )


EQUATION_C_4 = Claim(
    "(C.4)",
    "Hess_{g_β} E_β = ½ Hess_g E_0 + O(β) as endomorphisms: n g at β = 0, and E_β -> (n/2) E_0.",
    (SA, USA),
    S.Half,
    check_metric_limit,
    (
        Control("factor 1/2 -> 1/4", prediction=Rational(1, 4)),
        Control("factor 1/2 -> 2", prediction=Integer(2)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
)


# -- Remark C.1 ------------------------------------------------------------------------------


def check_rate_ratio(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Check that the top rates at an equilibrium differ by a factor in [1/r, r] at most.

    Parameters
    ----------
    model : tuple of Model
        The normalised flow, and the other.
    prediction : Expr
        r in ``beta``.
    budget : Budget
        Temperatures to draw at every equilibrium.
    """
    normalised, plain = model
    worst, cases = np.inf, 0
    for tokens in ((*SQUARE_TOKENS,), (*THREE_AGAINST_ONE,), ((1, 0), (-1, 0)), (*OCTAHEDRON,)):
        points = np.asarray(tokens, dtype=float)
        for hot in (0.1, 0.25, 2.0, 4.0, *budget.rng.uniform(0.2, 3.0, budget.cases)):
            tops = [
                float(np.linalg.eigvals(covariant_jacobian(field, points)).real.max())
                for field in (compile_model(flow, beta=float(hot)) for flow in model)
            ]
            bound = float(prediction.subs(beta, float(hot)))
            ratio = tops[0] / tops[1]
            cases += 1
            worst = min(worst, 1 - ratio / bound, ratio * bound - 1)
            if worst < -1e-6:
                detail = (
                    f"{tokens}, β = {hot:.4g}: top rates {tops[0]:.6g} ({normalised.name}) and "
                    f"{tops[1]:.6g} ({plain.name}), ratio {ratio:.4g}, bound {bound:.4g}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
    form = attention_form(normalised)
    if form is None:
        return unreached(normalised, f"{normalised.name} is no scalar attention", budget.rng)
    kernel = Elementwise(form.kernel, X * X.T)
    same = compare(
        [Identity("Z_i x_i' - x_i'", normalised.velocity, plain.velocity, kernel * m)],
        Budget(2, budget.rng),
    )
    loose = [simplify(form.kernel.subs(z, s) / prediction**s) for s in (-1, 1)]
    if same.verdict is not Verdict.PROVED or loose != [1, 1]:
        return Evidence(
            Verdict.UNDECIDED,
            f"{same.detail}, ends over the bounds {loose}",
            cases=cases,
            margin=worst,
        )
    return Evidence(
        Verdict.PROVED,
        "J of SA is M^{-1} J of USA, M = diag(Z_i), e^{-β} <= Z_i <= e^β, so are the quotients; "
        "a β that makes every equilibrium a strict saddle for USA serves SA",
        {**SYMBOLIC_SIZES, "beta": "symbolic, >= 0", "masses": "symbolic, sum 1"},
        ("Courant-Fischer for the pencil H v = λ M v",),
        cases,
        worst,
        identity=(*same.identity, form.kernel.subs(z, 1) - prediction),
    )


REMARK_C_1 = Claim(
    "Remark C.1",
    "At an equilibrium the positive top rates of SA and USA have a ratio in [e^{-β}, e^β].",
    (SA, USA),
    exp(beta),
    check_rate_ratio,
    (
        Control("e^β -> e^{β/4}", prediction=exp(beta / 4)),
        Control("equal rates", prediction=S.One),
        Control("V = -I", model=(REPULSIVE, USA)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=2,
)

CLAIMS_APPENDIX_C_FORMULAS = (EQUATION_C_2, EQUATION_C_3, EQUATION_C_4, REMARK_C_1)
"""The claims of this file, in paper order."""

__all__ = [
    "CLAIMS_APPENDIX_C_FORMULAS",
    "EQUATION_C_2",
    "EQUATION_C_3",
    "EQUATION_C_4",
    "REMARK_C_1",
    "ColdGap",
    "TopCurvature",
    "check_cold_gap",
    "check_metric_limit",
    "check_rate_ratio",
    "check_top_curvature",
    "cold_limit",
    "covariant_jacobian",
]
