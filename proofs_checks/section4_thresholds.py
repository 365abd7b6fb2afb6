"""Section 4 with explicit constants: (4.2), (4.4), Theorems 4.2 and 4.3, Lipschitz bounds.

The deviation |x^β - x^0| of (4.4), the monotone least inner product of (4.2), the threshold
β < -log(1 - min m) of Theorem 4.3 (A.14), and the growth constants of A.13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv
from sympy import (
    Expr,
    HadamardProduct,
    Integer,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    Symbol,
    exp,
    lambdify,
    log,
    simplify,
)

from numerics.compile import compile_model
from numerics.integrate import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Hypothesis, Verdict
from proofs_checks.row_algebra import RowAlgebra, leaves_sphere
from proofs_checks.section4_small_beta import (
    CENTRE_STABLE,
    LOJASIEWICZ,
    THEOREM_4_1,
    check_beta_zero,
    doubt,
    each,
    energy_slope,
    geodesic,
    pair_sum,
    pair_trap,
    products,
    subjects,
)
from theory.atoms import Tangent
from theory.gram import basis_trace, inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.predictions import chord_lipschitz, geodesic_lipschitz, temperature_deviation
from theory.symbols import X, beta, d, n, t, z

Array = NDArray[np.float64]

MASS = Symbol("mu", positive=True)
"""Least mass, of a total of 1; 1/n for equal masses."""

_HOT = Symbol("beta", nonnegative=True)
_SYMBOLIC = {"n": "symbolic", "d": "symbolic", "beta": "symbolic, >= 0", "masses": "symbolic"}


def _short(points: Array) -> str:
    return np.array2string(points, precision=3).replace("\n", "")


def without_temperature(model: Model) -> str:
    """Say that a model can't be run at several β, "" if it can."""
    if beta in model.parameters:
        return ""
    return f"{model.name} has the parameters {model.parameters}, without β"


def _softmax(model: Model) -> bool:
    form = attention_form(model)
    return form is not None and form.normalised


# -- (4.4) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ByModel:
    """A prediction with and without the division by the row sum."""

    softmax: Expr
    plain: Expr

    def of(self, model: Model) -> Expr:
        """Return the one that speaks of a model."""
        return self.softmax if _softmax(model) else self.plain


_OTHER, _FIRST, _SECOND = (MatrixSymbol(name, n, d) for name in ("Y", "M", "N"))


_APART = X - _OTHER
CHORD = (
    products(_APART, Tangent(X, _FIRST) - Tangent(_OTHER, _SECOND))
    - products(_APART, _FIRST - _SECOND)
    + HadamardProduct(products(X, _FIRST) + products(_OTHER, _SECOND), products(_APART, _APART)) / 2
)
"""``<x-y, P_x m - P_y m'> - <x-y, m-m'> + ½(<x,m>+<y,m'>)|x-y|²``, row by row: zero.

With |m|, |m'| <= 1 it gives ``<x-y, P_x m - P_y m'> <= |x-y||m-m'| + |x-y|²``.
"""


def chord_algebra() -> Expr:
    """Reduce ``CHORD`` for two systems of unit rows: zero when the identity holds."""
    return residual(RowAlgebra(units=(X, _OTHER)).column(CHORD))


def force_bound(model: Model) -> tuple[Expr, str]:
    """Bound of ``|F^β - F^0|`` for a token and total mass 1, and why there is none, if so.

    With softmax dF/dβ is the covariance of ∂_β log k(g_ij) and x_j, at most its supremum when it
    is c·g; without, |k - 1| is largest at g = 1 when k rises and k(1) + k(-1) >= 2.
    """
    form = attention_form(model)
    if form is None:
        return S.Zero, f"{model.name}: the weights are no function of the inner products"
    kernel = (form.scale * form.kernel).subs(beta, _HOT)
    if simplify(kernel.subs(_HOT, 0)) != 1:
        return S.Zero, f"{model.name}: the weight at β = 0 is {kernel.subs(_HOT, 0)}, not 1"
    if form.normalised:
        slope = simplify(kernel.diff(_HOT) / kernel / z)
        if slope.free_symbols or not slope.is_positive:
            return S.Zero, f"{model.name}: ∂ log k/∂β over z is {slope}, not a positive constant"
        return slope * beta, ""
    rate = simplify(kernel.diff(z) / kernel)
    spread = simplify(kernel.subs(z, 1) * kernel.subs(z, -1))
    if not kernel.is_positive or not rate.is_nonnegative or spread != 1:
        return S.Zero, f"{model.name}: the kernel {kernel} isn't e^(cβz)"
    # k(1) + k(-1) - 2 = (k(1) - 1)²/k(1) >= 0 when k(1) k(-1) = 1.
    return (kernel.subs(z, 1) - 1).subs(_HOT, beta), ""


def _deviation(
    model: Model, bound: Expr, hot: Array, points: Array, times: Array
) -> tuple[str, float]:
    """Compare the flows at β and at 0 with the bound; the violation, and the least margin."""
    warm = integrate(compile_model(model, beta=hot), points, float(times[-1]), times, rtol=1e-10)
    cold = integrate(
        compile_model(model, beta=np.zeros_like(hot)), points, float(times[-1]), times, rtol=1e-10
    )
    apart = np.linalg.norm(warm.points - cold.points, axis=-1).max(axis=-1)
    allowed = np.asarray(lambdify((t, beta), bound, "numpy")(times[:, None], hot[None, :]))
    allowed = np.broadcast_to(allowed, apart.shape)
    slack = allowed + 1e-8 - apart
    # A bound below zero is no bound: its slack is negative and must stay so.
    scaled = slack / (np.abs(allowed) + 1e-8)
    place = np.unravel_index(int(np.argmin(scaled)), slack.shape)
    worst = float(scaled[place])
    if worst < 0:
        text = (
            f"{model.name}, β = {hot[place[1]]:.4g}, t = {times[place[0]]:.3g}, "
            f"x(0) = {_short(points[place[1]])}: deviation {apart[place]:.4g}, "
            f"bound {allowed[place]:.4g}"
        )
        return text, worst
    return "", worst


def _token_and_group(hot: Array, rng: np.random.Generator) -> Array:
    """Return eleven tokens of the circle that pull at a twelfth, from about acos(1 - 1/(2β))."""
    angles = np.arccos(1 - rng.uniform(0.3, 0.8, hot.shape) / hot)[:, None]
    angles = angles * np.linspace(0.98, 1.02, 12)
    angles[:, 0] = 0.0
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def check_deviation(model: Any, prediction: ByModel, budget: Budget) -> Evidence:
    """Prove D' <= 2 D + |F^β - F^0| and its solution, and compare with pairs of runs."""
    reasons = [] if chord_algebra() == 0 else ["the chord identity fails"]
    worst = np.inf
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        bound = prediction.of(flow)
        force, reason = force_bound(flow)
        if not reason:
            ratio = simplify(bound / (force * (exp(2 * t) - 1) / 2))
            if not (ratio.is_number and ratio >= 1):
                reason = f"{flow.name}: bound over the derived one is {ratio}"
        if reason:
            lost = leaves_sphere(flow, budget.rng)
            if lost:
                return Evidence(Verdict.REFUTED, lost)
            reasons.append(reason)
        points = np.asarray(random_points(4, 2, budget.rng, budget.cases))
        hot = np.exp(budget.rng.uniform(np.log(0.02), np.log(1.5), budget.cases))
        found, margin = _deviation(flow, bound, hot, points, np.array([0.1, 0.5, 1.0, 2.0]))
        if found:
            return Evidence(Verdict.REFUTED, found, cases=budget.cases, margin=margin)
        # Late times are for small β; at large β the flows part at once, most of all a token that
        # a group pulls from the angle at which e^{βg} (1 - g²)^{1/2} is large.
        hot = budget.rng.uniform(2.0, 8.0, budget.cases)
        points = _token_and_group(hot, budget.rng)
        found, early = _deviation(flow, bound, hot, points, np.array([1e-6, 1e-5]))
        if found:
            return Evidence(Verdict.REFUTED, found, cases=budget.cases, margin=early)
        # At small β a token between two opposite groups, at 45 degrees, feels most of the change.
        hot = budget.rng.uniform(0.02, 0.3, budget.cases)
        points = _token_and_group(np.full_like(hot, 0.6), budget.rng)
        points[:, 2::2] *= -1
        found, mild = _deviation(flow, bound, hot, points, np.array([1e-3, 1e-2]))
        if found:
            return Evidence(Verdict.REFUTED, found, cases=budget.cases, margin=mild)
        worst = min(worst, margin, early, mild)
    if reasons:
        return Evidence(
            Verdict.UNDECIDED, "; ".join(reasons), _SYMBOLIC, cases=budget.cases, margin=worst
        )
    return Evidence(
        Verdict.PROVED,
        "D = max_i |x_i^β - x_i^0| has D' <= 2 D + f, f = β (softmax: a covariance of g_ij and "
        "x_j) or e^β - 1, hence D <= f (e^{2t} - 1)/2",
        {**_SYMBOLIC, "masses": "symbolic, sum 1", "t": "symbolic, >= 0"},
        ("Grönwall's inequality",),
        budget.cases,
        worst,
        identity=(CHORD, prediction.softmax, prediction.plain),
    )


_DEVIATION = ByModel(temperature_deviation(model="SA"), temperature_deviation(model="USA"))

EQUATION_4_4 = Claim(
    "(4.4)",
    "|x_i^β(t) - x_i^0(t)| <= β(e^{2t}-1)/2 (SA), (e^β-1)(e^{2t}-1)/2 (USA).",
    (SA, USA),
    _DEVIATION,
    check_deviation,
    (
        Control(
            "SA bound / 1000", prediction=replace(_DEVIATION, softmax=_DEVIATION.softmax / 1000)
        ),
        Control("USA bound / 1000", prediction=replace(_DEVIATION, plain=_DEVIATION.plain / 1000)),
        Control(
            "e^{2t} - 1 -> (e^{2t} - 1)^4 / 1000 (too small at first)",
            prediction=replace(_DEVIATION, softmax=beta * (exp(2 * t) - 1) ** 4 / 1000),
        ),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=8,
)


# -- (4.2) -----------------------------------------------------------------------------------


def _least_pair_rates(model: Model, points: Array, hot: Array) -> tuple[Array, Array]:
    """Least inner product of each system, and the least rate among the pairs that attain it."""
    velocity = compile_model(model, beta=hot)(points)
    gram = points @ points.swapaxes(-1, -2)
    rate = velocity @ points.swapaxes(-1, -2)
    rate = rate + rate.swapaxes(-1, -2)
    off = gram + 2 * np.eye(gram.shape[-1])
    flat = off.reshape(len(points), -1)
    place = flat.argmin(axis=1)
    rows = np.arange(len(points))
    return flat[rows, place], rate.reshape(len(points), -1)[rows, place]


_LEAST = products(X, _OTHER)
GRAM_TERM = (
    products(Tangent(X, _FIRST), _OTHER)
    - products(_FIRST, _OTHER)
    + _LEAST
    - HadamardProduct(_LEAST, OneMatrix(n, 1) - products(X, _FIRST))
)
"""``<P_x w, y> - (<w,y> - <x,y>) - <x,y> (1 - <x,w>)``, row by row: zero."""


def check_monotone_least(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Prove that min g_ij doesn't decrease once it is >= the predicted threshold."""
    left = residual(RowAlgebra(units=(X, _OTHER, _FIRST)).column(GRAM_TERM))
    reasons = [] if left == 0 else [f"the Gram flow's term differs by {left}"]
    if prediction < 0:
        reasons.append(f"g_ij (1 - g_ik) may be negative for g_ij >= {prediction}")
    floor, worst, count = float(prediction), np.inf, 300 * budget.cases
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        form = attention_form(flow)
        if form is None or not (form.scale * form.kernel).is_positive:
            lost = leaves_sphere(flow, budget.rng)
            if lost:
                return Evidence(Verdict.REFUTED, lost)
            reasons.append(f"{flow.name}: the weights aren't positive")
        for size, dimension in ((3, 2), (4, 3)):
            points = np.asarray(random_points(size, dimension, budget.rng, count))
            # Pull towards the first token so that all ranges of the minimum are met.
            pull = budget.rng.uniform(0, 1.5, (count, 1, 1))
            points = points + pull * points[:, :1]
            points /= np.linalg.norm(points, axis=-1, keepdims=True)
            hot = budget.rng.uniform(0.2, 4.0, count)
            least, rate = _least_pair_rates(flow, points, hot)
            rate = np.where(least >= floor, rate, np.inf)
            case = int(np.argmin(rate))
            if rate[case] < -1e-12:
                detail = (
                    f"{flow.name}, β = {hot[case]:.4g}, x = {_short(points[case])}: "
                    f"min g = {least[case]:.4g} has g' = {rate[case]:.4g} < 0"
                )
                return Evidence(Verdict.REFUTED, detail, cases=count, margin=float(rate[case]))
            worst = min(worst, float(rate[case]))
    if reasons:
        return Evidence(Verdict.UNDECIDED, "; ".join(reasons), cases=4 * count, margin=worst)
    return Evidence(
        Verdict.PROVED,
        "at a least pair g' is the sum of A_ik((g_kj - g) + g(1 - g_ik)) and its mirror, each "
        ">= 0 for g >= 0: S_0^k lies in S_0^{k+1}",
        _SYMBOLIC,
        ("Danskin: the derivative of a minimum is that of an attaining pair",),
        4 * count,
        worst,
        identity=(GRAM_TERM,),
    )


EQUATION_4_2 = Claim(
    "(4.2)",
    "min_ij <x_i,x_j> never decreases once it is >= 0: S_0^k is contained in S_0^{k+1}, the sets "
    "at the integer times k and k + 1.",
    (SA, USA),
    S.Zero,
    check_monotone_least,
    (
        Control("min >= 0 -> min >= -9/10", prediction=Rational(-9, 10)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
)


# -- Theorem 4.2 -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ClusteredInTime:
    """Tokens ``near``-clustered at time k at β = 0 are ``kept``-clustered for all β <= β_k.

    Attributes
    ----------
    beta_softmax, beta_plain : Expr
        β_k as a function of t = k, a whole number.
    near, error, kept : Expr
        Least inner product at β = 0, deviation allowed by (4.4), least inner product at β.
    """

    beta_softmax: Expr
    beta_plain: Expr
    near: Expr
    error: Expr
    kept: Expr


def _opened(near: Expr, error: Expr) -> float:
    """Inner product of two points of inner product ``near`` after each has moved ``error``."""
    turn = 2 * np.arcsin(min(float(error) / 2, 1.0))
    return float(np.cos(min(np.arccos(float(near)) + 2 * turn, np.pi)))


def _refuse_clustered(prediction: ClusteredInTime) -> None:
    """Refuse numbers that are no inner products, no distance or no temperatures."""
    hottest = [b.subs(t, 2) for b in (prediction.beta_softmax, prediction.beta_plain)]
    if prediction.near > 1 or prediction.error < 0 or min(hottest) <= 0:
        raise ValueError(
            f"Expected near <= 1, error >= 0 and β_k > 0 but got near={prediction.near}, "
            f"error={prediction.error}, β_2={hottest}."
        )


def _parted(flow: Model, hottest: Expr, prediction: ClusteredInTime) -> str:
    """Twelve tokens that are clustered at t = 2 at β = 0 but not at β_2, or ""; for a fast flow.

    They are balanced but for a small shift. Between the shifts that send them at β_2 to one side
    and to the other there is one that leaves them balanced, where β = 0 sends them to a side.
    """
    time, hot = 2.0, float(hottest.subs(t, 2))
    balanced, shifts = np.arccos([0.9, -0.3, -0.6]), np.linspace(-1e-2, 1e-2, 41)
    for _ in range(4):
        half = balanced + shifts[:, None] * [1.0, 0.0, 0.0]
        angles = np.concatenate([half, half, -half, -half], axis=1)
        points = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        cold, warm = (
            integrate(compile_model(flow, beta=b), points, time, rtol=1e-8).points[-1]
            for b in (0.0, hot)
        )
        least = [(x @ x.swapaxes(-1, -2)).min(axis=(-2, -1)) for x in (cold, warm)]
        inside = least[0] > float(prediction.near)
        gap = np.where(inside, least[1] - float(prediction.kept), np.inf)
        case = int(np.argmin(gap))
        if gap[case] < -1e-3:
            return (
                f"{flow.name}, n = 12, angles ±{_short(half[case])}, each twice: at t = 2 min g = "
                f"{least[0][case]:.4g} at β = 0 but {least[1][case]:.4g} at β = {hot:.3g}"
            )
        turns = np.flatnonzero(np.diff(np.sign(warm[..., 0].sum(axis=-1))))
        if not len(turns):
            return ""
        shifts = np.linspace(shifts[turns[0]], shifts[turns[0] + 1], 41)
    return ""


def check_clustered(model: Any, prediction: ClusteredInTime, budget: Budget) -> Evidence:
    """Join (4.2), (4.4) and Theorem 4.1, and bound P(S_0^k) from below by sampling."""
    _refuse_clustered(prediction)
    if prediction.near - 2 * prediction.error < prediction.kept:
        opened = _opened(prediction.near, prediction.error)
        if opened < prediction.kept:
            detail = (
                f"two points with inner product {prediction.near}, each moved by "
                f"{prediction.error}, have inner product {opened:.4g} < {prediction.kept}"
            )
            return Evidence(Verdict.REFUTED, detail)
        return Evidence(Verdict.UNDECIDED, "near - 2 error < kept")
    limit = check_beta_zero(model, THEOREM_4_1.prediction, budget)
    if limit.verdict is not Verdict.PROVED:
        # Two tokens that never meet at a small β refute more than the argument.
        traps = (pair_trap(flow, hot=(Rational(1, 100),)) for flow in each(model))
        found = [*filter(None, traps), f"at β = 0: {limit.detail}"]
        return Evidence(limit.verdict, "; ".join(found))
    count = 50 * budget.cases
    reasons, bounds, worst, total = [], [], np.inf, 0
    for flow in each(model):
        hottest = prediction.beta_softmax if _softmax(flow) else prediction.beta_plain
        force, reason = force_bound(flow)
        if not reason:
            gap = simplify(force.subs(beta, hottest) * (exp(2 * t) - 1) / 2 - prediction.error)
            reason = "" if gap == 0 else f"{flow.name}: bound at β_k minus the error is {gap}"
        parted = _parted(flow, hottest, prediction) if reason else ""
        if parted:
            return Evidence(Verdict.REFUTED, parted)
        reasons += [reason] if reason else []
        points = np.asarray(random_points(4, 2, budget.rng, count))
        cold = integrate(compile_model(flow, beta=0.0), points, 4.0, np.array([2.0, 4.0]), 1e-6)
        for time, state in zip((2, 4), cold.points, strict=True):
            gram = state @ state.swapaxes(-1, -2)
            inside = gram.min(axis=(-2, -1)) > float(prediction.near)
            hits = int(inside.sum())
            lower = float(betaincinv(hits, count - hits + 1, 0.005)) if hits else 0.0
            value = float(hottest.subs(t, time))
            bounds.append(f"{flow.name}: P >= {lower:.3f} for β <= {value:.2g}")
            some = points[inside][:20]
            if not len(some):
                continue
            warm = integrate(compile_model(flow, beta=value), some, float(time), rtol=1e-6)
            final = warm.points[-1]
            least = (final @ final.swapaxes(-1, -2)).min(axis=(-2, -1))
            case, total = int(np.argmin(least)), total + len(some)
            worst = min(worst, float(least[case]) - float(prediction.kept))
            if worst < -1e-4:
                detail = (
                    f"{flow.name}, β = {value:.3g}, x(0) = {_short(some[case])}: in S_0^{time}, "
                    f"but min g = {least[case]:.4g} at t = {time}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=count, margin=worst)
    if reasons:
        return Evidence(Verdict.UNDECIDED, "; ".join(reasons), cases=total, margin=worst)
    return Evidence(
        Verdict.PROVED,
        "P(S_β) >= P(S_0^k) for β <= β_k, and P(S_0^k) -> 1 by Theorem 4.1; at n = 4, d = 2, "
        f"99.5 % Clopper-Pearson bounds from {count} draws: " + "; ".join(bounds),
        {**_SYMBOLIC, "beta": "-> 0", "masses": "symbolic, sum 1"},
        ("(4.2)", "(4.4)", "Lemma 6.4 with w = x_1", *limit.assumptions),
        total,
        worst,
        identity=subjects(model, prediction.beta_softmax, prediction.beta_plain),
    )


_GROWN = exp(2 * t) - 1
_CLUSTERED = ClusteredInTime(
    1 / (4 * _GROWN), log(1 + 1 / (4 * _GROWN)), Rational(3, 4), Rational(1, 8), Rational(1, 2)
)

THEOREM_4_2 = Claim(
    "Theorem 4.2",
    "P(S_β) -> 1 as β -> 0; explicitly, at the integer times k = 1, 2, …, P(S_β) >= P(S_0^k) for "
    "β <= b_k = 1/(4(e^{2k} - 1)) (SA), for β <= log(1 + b_k) (USA).",
    (SA, USA),
    _CLUSTERED,
    check_clustered,
    (
        Control("error 1/8 -> 1/2", prediction=replace(_CLUSTERED, error=Rational(1, 2))),
        Control("SA's b_k -> 40", prediction=replace(_CLUSTERED, beta_softmax=Integer(40))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    cases=3,
)


# -- Theorem 4.3 -----------------------------------------------------------------------------


@dataclass(frozen=True)
class SmallBeta:
    """The inequality and the threshold of Theorem 4.3.

    Attributes
    ----------
    right : Expr
        ``(e^{βc} - 1) c <= right`` for c in [-1, 1]; a function of ``beta``.
    threshold, simple : Expr
        Below them every non-consensus equilibrium is a strict saddle; functions of ``MASS``.
    """

    right: Expr
    threshold: Expr
    simple: Expr


def _inequality(right: Expr) -> str:
    """Prove ``(e^{βc}-1) c <= right`` on [-1,1], β >= 0; a counterexample, or what is undecided."""
    a, r, c = (Symbol(name, nonnegative=True) for name in "arc")
    left = (exp(_HOT * c) - 1) * c
    # Rising for c >= 0, with e^{βc} = 1 + r; and left(-a) <= left(a).
    rising = left.diff(c).subs(exp(_HOT * c), 1 + r).expand()
    mirror = left.subs(c, -a) - left.subs(c, a)
    square = -a * (exp(_HOT * a / 2) - exp(-_HOT * a / 2)) ** 2
    gap = simplify(right.subs(beta, _HOT) - left.subs(c, 1))
    proved = rising.is_nonnegative and simplify((mirror - square).expand()) == 0
    if proved and gap.is_nonnegative:
        return ""
    for hot in (Rational(1, 3), Integer(2), Integer(5)):
        for place in (S.One, Rational(1, 2), -S.One):
            value = ((exp(hot * place) - 1) * place - right.subs(beta, hot)).evalf(20)
            if value > 0:
                return (
                    f"the argument's inequality fails, β = {hot}, c = {place}: left - right = "
                    f"{value.evalf(5)} > 0"
                )
    return "undecided: the inequality's sign"


def _threshold(prediction: SmallBeta) -> str:
    """Prove ``(1-μ)(e^β-1) < μ`` below the threshold, and threshold > simple, on (0, 1)."""
    if beta in prediction.threshold.free_symbols | prediction.simple.free_symbols:
        raise ValueError(
            f"Expected thresholds of β in the mass but got threshold={prediction.threshold}, "
            f"simple={prediction.simple}."
        )
    ratio = Symbol("r", positive=True)
    at = {MASS: ratio / (1 + ratio)}
    excess = (1 - MASS) * (exp(prediction.threshold) - 1) - MASS
    value = simplify(excess.subs(at))
    gain = prediction.threshold - prediction.simple
    slope = simplify(gain.diff(MASS).subs(at))
    if value == 0 and simplify(gain.subs(MASS, 0)) == 0 and slope.is_positive:
        return ""
    for tokens in (2, 3, 8):
        point = {MASS: Rational(1, tokens)}
        if excess.subs(point).evalf(20) > 1e-12:
            hot = prediction.threshold.subs(point)
            return (
                f"the argument's inequality fails, n = {tokens}, β = {hot}: (n-1)(e^β-1) - 1 = "
                f"{(tokens * excess.subs(point)).evalf(5)} > 0"
            )
        if gain.subs(point).evalf(20) < 0:
            return (
                f"beyond the argument, n = {tokens}: {prediction.simple.subs(point)} exceeds "
                f"its threshold {prediction.threshold.subs(point)} by "
                f"{-gain.subs(point).evalf(5)}"
            )
    return f"undecided: the threshold leaves (1-μ)(e^β-1) - μ = {value}, slope {slope}"


def _alone(slope: Expr) -> Expr:
    """Trace of the second variation of h(<x,y>) when x alone moves, y at rest."""
    step = Symbol("epsilon", real=True)
    x, y, u = vectors("x y u", unit="x y")
    product = inner(geodesic(x, project(x, u), step), y)
    first = product.diff(step).subs(step, 0)
    second = product.diff(step, 2).subs(step, 0)
    traced = slope.diff(z) * basis_trace((first**2).expand(), u) + slope * basis_trace(second, u)
    return residual(traced.subs(inner(x, y), z))


def check_small_beta(model: Any, prediction: SmallBeta, budget: Budget) -> Evidence:
    """Prove Theorem 4.3: one token's second variations, the inequality, and the threshold."""
    sides: list[Any] = []
    for flow in each(model):
        slope, reason = energy_slope(flow)
        if reason:
            return doubt(flow, reason, budget.rng)
        trace, said = _alone(slope), slope * (beta * (1 - z**2) - (d - 1) * z)
        sides += [pair_sum(trace), pair_sum(said)]
        expected = simplify(trace - said)
        opposite = simplify(trace.subs({z: -1, beta: Rational(1, 3), d: 3}))
        if not opposite.is_positive:
            # β = 1/3 is below the threshold log 2 of two tokens.
            apart = pair_trap(flow, hot=(Rational(1, 3),))
            detail = (
                f"{flow.name}: an antipodal pair in d = 3 at β = 1/3 has trace {opposite} <= 0 "
                "when one token moves: not shown a saddle"
            )
            verdict = Verdict.REFUTED if apart else Verdict.UNDECIDED
            return Evidence(verdict, "; ".join(part for part in (apart, detail) if part))
        if expected != 0:
            detail = f"{flow.name}: the trace minus h'(β(1-g²) - (d-1)g) is {expected}"
            return Evidence(Verdict.UNDECIDED, detail)
    for found in (_inequality(prediction.right), _threshold(prediction)):
        if found:
            undecided = found.startswith("undecided")
            return Evidence(Verdict.UNDECIDED if undecided else Verdict.REFUTED, found)
    if simplify(prediction.right - (exp(beta) - 1)) != 0:
        return Evidence(Verdict.UNDECIDED, f"the threshold belongs to e^β - 1, not {prediction}")
    return Evidence(
        Verdict.PROVED,
        "no ascent direction: Σ_{j≠i} m_j e^{βg}g >= 0, so <x_i, Σ m_j x_j> >= m_i - (1-m_i)"
        "(e^β-1) > 0 below -log(1 - min m): a hemisphere, hence consensus; -log(1-μ) > μ",
        {**_SYMBOLIC, "beta": "0 <= β < -log(1 - min m), hence β <= 1/n", "d": "symbolic, >= 2"},
        (LOJASIEWICZ, CENTRE_STABLE, "Lemma 6.4"),
        identity=(*sides, prediction.threshold),
    )


def _below(**parameters: float) -> float:
    return float(np.log(parameters["n"] / (parameters["n"] - 1)) - parameters["beta"])


_SMALL = SmallBeta(exp(beta) - 1, -log(1 - MASS), MASS)

THEOREM_4_3 = Claim(
    "Theorem 4.3",
    "β < -log(1 - min m) (so β <= 1/n): almost all data converge to one cluster.",
    (SA, USA),
    _SMALL,
    check_small_beta,
    (
        Control(
            "the argument's inequality with the right side halved",
            prediction=replace(_SMALL, right=(exp(beta) - 1) / 2),
        ),
        Control("the argument said to reach β = 2/n", prediction=replace(_SMALL, simple=2 * MASS)),
        Control(
            "the argument up to twice its threshold",
            prediction=replace(_SMALL, threshold=-2 * log(1 - MASS)),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM, Hypothesis("β < log(n/(n-1))", _below)),
)


# -- Lipschitz constants -----------------------------------------------------------------------


@dataclass(frozen=True)
class GrowthRates:
    """Bounds of the growth of ``max_i |x_i - y_i|`` and of the largest geodesic distance."""

    chord: ByModel
    geodesic: ByModel


def _pairs(count: int, size: int, dimension: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Pairs of systems from nearly equal to far apart, some of them near antipodal ones."""
    first = np.asarray(random_points(size, dimension, rng, count))
    poles = np.where(rng.random((count, size, 1)) < 0.5, 1.0, -1.0) * np.eye(dimension)[0]
    tight = rng.random((count, 1, 1)) < 0.5
    first = np.where(tight, poles + 0.05 * first, first)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    size_of = np.exp(rng.uniform(-9, 0, (count, 1, 1)))
    second = first + size_of * rng.standard_normal(first.shape)
    return first, second / np.linalg.norm(second, axis=-1, keepdims=True)


OPPOSED = np.array([1e-9, 0.5, 0.5])
"""Masses of the tokens of ``opposed``: the first feels the others alone."""


def opposed(count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Pairs of three tokens on the circle of which the first turns against the two others.

    Distances grow fastest there: the two are at π ± s of the first, which they flank for s near π,
    and every token of the second system has turned by the same small angle.
    """
    spread = rng.uniform(0, np.pi, (count, 1)) * (rng.random((count, 1)) < 0.8)
    angles = np.concatenate([np.zeros((count, 1)), np.pi + spread * [1.0, -1.0]], axis=1)
    # The others a little less, so that the distance of the first is the largest.
    turned = angles + np.array([1e-6, -0.999e-6, -0.999e-6])
    first, second = (np.stack([np.cos(a), np.sin(a)], axis=-1) for a in (angles, turned))
    return first, second


def growth(
    model: Model, first: Array, second: Array, hot: Array, masses: Any = None
) -> tuple[Array, Array]:
    """Rates of the logarithms of the largest chord and of the largest geodesic distance."""
    field = compile_model(model, beta=hot, masses=masses)
    f, s = field(first), field(second)
    apart = first - second
    square = np.einsum("bik,bik->bi", apart, apart)
    rows, chord = np.arange(len(first)), square.argmax(axis=1)
    top = square[rows, chord]
    rate = np.einsum("bik,bik->bi", apart, f - s)[rows, chord] / top
    # For unit vectors d<x,y>/dt = -½ d|x-y|²/dt, and dist = 2 arcsin(|x-y|/2) rises with it.
    half = np.sqrt(top) / 2
    return rate, rate * half / (np.arcsin(half) * np.sqrt(np.maximum(1 - half**2, 1e-30)))


def _off_maximum(model: Model, constant: Expr) -> str:
    """Where a constant isn't ``max_g |k| (1-g)(1+2c(1+g))``, c = k'/k, without |k| for softmax.

    That is the rate of the largest geodesic distance for a kernel k = s e^{cg}, a pair at a time.
    """
    form = attention_form(model)
    if form is None:
        return f"{model.name}: no scalar attention"
    kernel = form.scale * form.kernel
    heat = simplify(kernel.diff(z) / kernel)
    rate = (1 - z) * (1 + 2 * heat * (1 + z)) * (1 if form.normalised else kernel)
    others = {s: Integer(2) for s in rate.free_symbols - {z, beta}}
    value = lambdify((z, beta), rate.subs(others), "numpy")
    places = np.linspace(-1, 1, 2001)
    for hot in (0.1, 0.6, 1.5, 4.0):
        most, said = float(value(places, hot).max()), float(constant.subs(beta, hot))
        if abs(said - most) > 1e-4 * most:
            return f"{model.name}, β = {hot}: the maximum over g is {most:.6g}, not {said:.6g}"
    return ""


def check_growth(model: Any, prediction: GrowthRates, budget: Budget) -> Evidence:
    """Compare instantaneous growth of the distance of two systems with the constants."""
    identity, worst, count, cases = chord_algebra(), np.inf, 200 * budget.cases, 0
    if identity != 0:
        return Evidence(Verdict.UNDECIDED, f"the chord identity leaves {identity}")
    closest: dict[str, float] = {}
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        lost = leaves_sphere(flow, budget.rng)
        off = lost or _off_maximum(flow, prediction.geodesic.of(flow))
        if off:
            return Evidence(Verdict.REFUTED, off)
        for (first, second), masses in (
            (_pairs(count, 2, 2, budget.rng), None),
            (_pairs(count, 3, 2, budget.rng), None),
            (_pairs(count, 5, 3, budget.rng), None),
            (opposed(count, budget.rng), OPPOSED),
        ):
            hot = np.exp(budget.rng.uniform(np.log(0.05), np.log(6.0), len(first)))
            rates = growth(flow, first, second, hot, masses)
            for name, rate in zip(("chord", "geodesic"), rates, strict=True):
                constant = getattr(prediction, name).of(flow)
                bound = np.asarray(lambdify(beta, constant, "numpy")(hot))
                bound = np.broadcast_to(bound, rate.shape)
                # Where the bound is below zero every faster rate exceeds it, by any measure.
                failed = np.where(rate > bound, np.inf, 0.0)
                used = np.divide(rate, bound, out=failed, where=bound > 0)
                case = int(np.argmax(used))
                closest[f"{flow.name} {name}"] = max(
                    closest.get(f"{flow.name} {name}", 0.0), float(used[case])
                )
                worst = min(worst, 1 - float(used[case]))
                if used[case] > 1 + 1e-5:
                    detail = (
                        f"{flow.name}, β = {hot[case]:.4g}, x = {_short(first[case])}, "
                        f"y = {_short(second[case])}: {name} rate {rate[case]:.4g} > "
                        f"{bound[case]:.4g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=len(first), margin=worst)
            cases += len(first)
    used_text = ", ".join(f"{name} {value:.2f}" for name, value in closest.items())
    return Evidence(
        Verdict.SUPPORTED,
        f"largest rate over its bound: {used_text}",
        {"n": "2, 3, 5", "d": "2, 3", "beta": "0.05 to 6", "masses": "1/n; 1e-9, 1/2, 1/2"},
        (),
        cases,
        worst,
    )


_CHORD = ByModel(chord_lipschitz(model="SA"), chord_lipschitz(model="USA"))
_GEODESIC = ByModel(
    geodesic_lipschitz(_HOT, model="SA").subs(_HOT, beta),
    geodesic_lipschitz(_HOT, model="USA").subs(_HOT, beta),
)
_GROWTH = GrowthRates(_CHORD, _GEODESIC)

LIPSCHITZ = Claim(
    "Lipschitz",
    "Chords grow at most at the rate 2(1+β), USA times e^β; geodesics at max (1-g)(1+2β(1+g)).",
    (SA, USA),
    _GROWTH,
    check_growth,
    (
        Control(
            "SA chord 2(1+β) -> (1+β)/5",
            prediction=replace(_GROWTH, chord=replace(_CHORD, softmax=(1 + beta) / 5)),
        ),
        Control(
            "USA chord 2(1+β)e^β -> (1+β)/5",
            prediction=replace(_GROWTH, chord=replace(_CHORD, plain=(1 + beta) / 5)),
        ),
        Control(
            "SA geodesic constant / 10",
            prediction=replace(
                _GROWTH, geodesic=replace(_GEODESIC, softmax=_GEODESIC.softmax / 10)
            ),
        ),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=10,
    origin="extension",
)

CLAIMS_SECTION_4_MORE = (EQUATION_4_2, EQUATION_4_4, THEOREM_4_2, THEOREM_4_3, LIPSCHITZ)
"""The claims of this file, in paper order."""

__all__ = [
    "CHORD",
    "CLAIMS_SECTION_4_MORE",
    "EQUATION_4_2",
    "EQUATION_4_4",
    "GRAM_TERM",
    "LIPSCHITZ",
    "MASS",
    "OPPOSED",
    "THEOREM_4_2",
    "THEOREM_4_3",
    "ByModel",
    "ClusteredInTime",
    "GrowthRates",
    "SmallBeta",
    "check_clustered",
    "check_deviation",
    "check_growth",
    "check_monotone_least",
    "check_small_beta",
    "chord_algebra",
    "force_bound",
    "growth",
    "opposed",
    "without_temperature",
]
