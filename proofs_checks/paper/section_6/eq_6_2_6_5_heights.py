"""(6.2), (6.5), (6.2) acceleration, E.(6.2): the least height rises.

Main results
------------
- (6.2): the least height r >= 0 grows at least at r Σ_j A_ij (1 - g_ij) >= 0.
- (6.5): the same for α = min <x_i, x*> >= 0.
- (6.2) acceleration: |x_i''| <= 3 + 2β (SA), (3 + 2β) e^{2β} (USA).
- E.(6.2): USA has the weights m_j e^{β<x_i,x_j>}; (6.2) omits the 1/n.

How it is proved
----------------
(6.2), (6.5): the Gram algebra gives the rate of the lowest token, pair by pair; no coefficient
of the rate minus the bound is negative, and the weights are positive. The acceleration bound is
derived from x'' in the Gram algebra and the sizes of the attention and of its rate; samples
watch it. The erratum is an identity of the row algebra. Cited: Cauchy-Schwarz.

References
----------
arXiv 2312.10794, (6.2), (6.5) and Lemma 6.6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from mpmath import mp
from sympy import (
    DiagMatrix,
    Expr,
    MatMul,
    Poly,
    Rational,
    S,
    Symbol,
    cos,
    exp,
    expand,
    lambdify,
    simplify,
    sin,
)
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    HEIGHT,
    HOT,
    ONLY_SPEED,
    SCOPE_WARM,
    SCOPE_WARM_ANY_MASSES,
    ByModel,
    Identity,
    compare,
    each,
    leaves_sphere,
    pair_sum,
    random_unit,
    refuse_sign,
    smallest_weight,
    subjects,
    unreached,
    without_temperature,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA, AttentionForm, Model, attention_form
from theory.symbols import X, beta, m, n, z


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
        kernel = (form.scale * form.kernel).subs(beta, HOT)
        heat = simplify(kernel.diff(z) / kernel)
        top = form.scale.subs(beta, HOT) if form.normalised else kernel.subs(z, 1)
        # |w_j| = |<x_i',x_j> + <x_i,x_j'>| <= 2 top, so |m'| <= (2 heat + 1) top²: softmax too,
        # where dA_ij = heat A_ij (w_j - mean w).
        derived = (2 * heat + 3) * top**2
        ratio = simplify(bound.subs(beta, HOT) / derived)
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
        {**SCOPE_WARM_ANY_MASSES, "masses": "symbolic, sum 1"},
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
    equivalents=(
        Equivalent("x'' is the derivative of F along F, even in F", ("*.velocity: sign",)),
        Equivalent("a larger bound", ("prediction.*: squared", "prediction.plain: e^u*")),
        Equivalent(
            "|x''| <= |m|² (1+√2)/2 + |m'| <= 2.21 + 2β <= 3 + 2β²",
            ("prediction.softmax: β -> β²",),
        ),
        Equivalent(
            "|x''|² <= S⁴ + (e^{2β}/2 + 2βS² + e^β S)², S = max e^{βg}√(1-g²): less than its "
            "square",
            ("prediction.plain: β -> β²",),
        ),
    ),
)


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
    refuse_sign(prediction.sign)
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
        {**SCOPE_WARM, "masses": "symbolic"},
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
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("only A_ij >= 0 is used, and β A_ij >= 0", ("*.velocity: × β",)),
        Equivalent(
            "<x_i,x_j> >= 2r² - 1 for two heights >= r, so r (1 - g) <= 2r (1 - r²) < 1",
            ("prediction.bound: squared",),
        ),
    ),
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
    equivalents=INEQUALITY_6_2.equivalents,
)


def check_weights(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``x_i' = P_i Σ_j a_ij x_j`` for a matrix of weights a.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : MatrixExpr, shape (n, n)
        The weights.
    budget : Budget
        Points to draw.
    """
    pulled = Tangent(X, MatMul(prediction, X))
    return compare([Identity("x_i' - P_i Σ_j a_ij x_j", model.velocity, pulled)], budget)


_EXPONENTIALS = Elementwise(exp(beta * z), X * X.T)


_WEIGHTS = _EXPONENTIALS * DiagMatrix(m)


ERRATUM_6_2 = Claim(
    "E.(6.2)",
    "USA has the weights a_ij = e^{β<x_i,x_j>}/n, m_j e^{β<x_i,x_j>}; (6.2) omits the 1/n.",
    USA,
    _WEIGHTS,
    check_weights,
    (
        Control("the weights of SA", prediction=RowSoftmax(beta * X * X.T, m)),
        Control("2/n", prediction=2 * _WEIGHTS),
        Control("the flow SA", model=SA),
    ),
    Verdict.PROVED,
    printed=Control("as printed: e^{β<x_i,x_j>}", prediction=_EXPONENTIALS),
    cases=3,
    origin="erratum",
    kind="formula",
)


CLAIMS = (INEQUALITY_6_2, INEQUALITY_6_5, SECOND_DERIVATIVE, ERRATUM_6_2)
