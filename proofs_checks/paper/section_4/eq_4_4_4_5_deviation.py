"""(4.4), (4.5): the flows at β and at 0 stay close for a time.

Main results
------------
- (4.4): |x_i^β(t) - x_i^0(t)| <= β(e^{2t}-1)/2 (SA), (e^β-1)(e^{2t}-1)/2 (USA).
- (4.5): for β <= β_m the deviation is at most 1/8: 3/4-clustered becomes 1/2-clustered.

How it is proved
----------------
The row algebra proves the chord identity behind D' <= 2 D + f for the largest deviation D; f is
the derived bound of the force, β or e^β - 1. (4.5) puts β_m in (4.4) and splits the change of
<x,y> in the Gram algebra. Exact for symbolic n, d, masses and t. Watched: pairs of runs at β and
0, among them systems where the flows part fast. Cited: Grönwall's inequality.

References
----------
arXiv 2312.10794, (4.4) and (4.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Rational, S, exp, lambdify, log, simplify, sqrt

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    CHORD,
    EVEN_BOUND,
    SCOPE_WARM_ANY_MASSES,
    SMALL_CHANGE_IN_BETA,
    SYMBOLIC,
    Array,
    ByModel,
    at_value,
    chord_algebra,
    each,
    force_bound,
    leaves_sphere,
    short,
    without_temperature,
)
from theory.engines import inner, residual, vectors
from theory.models import SA, USA, Model
from theory.predictions import temperature_deviation
from theory.symbols import beta, t


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
            f"x(0) = {short(points[place[1]])}: deviation {apart[place]:.4g}, "
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
            Verdict.UNDECIDED,
            "; ".join(reasons),
            SCOPE_WARM_ANY_MASSES,
            cases=budget.cases,
            margin=worst,
        )
    return Evidence(
        Verdict.PROVED,
        "D = max_i |x_i^β - x_i^0| has D' <= 2 D + f, f = β (softmax: a covariance of g_ij and "
        "x_j) or e^β - 1, hence D <= f (e^{2t} - 1)/2",
        {**SCOPE_WARM_ANY_MASSES, "masses": "symbolic, sum 1", "t": "symbolic, >= 0"},
        ("Grönwall's inequality",),
        budget.cases,
        worst,
        identity=(CHORD, prediction.softmax, prediction.plain),
    )


_TEMPERATURE_DEVIATION = ByModel(
    temperature_deviation(model="SA"), temperature_deviation(model="USA")
)


EQUATION_4_4 = Claim(
    "(4.4)",
    "|x_i^β(t) - x_i^0(t)| <= β(e^{2t}-1)/2 (SA), (e^β-1)(e^{2t}-1)/2 (USA).",
    (SA, USA),
    _TEMPERATURE_DEVIATION,
    check_deviation,
    (
        Control(
            "SA bound / 1000",
            prediction=replace(
                _TEMPERATURE_DEVIATION, softmax=_TEMPERATURE_DEVIATION.softmax / 1000
            ),
        ),
        Control(
            "USA bound / 1000",
            prediction=replace(_TEMPERATURE_DEVIATION, plain=_TEMPERATURE_DEVIATION.plain / 1000),
        ),
        Control(
            "e^{2t} - 1 -> (e^{2t} - 1)^4 / 1000 (too small at first)",
            prediction=replace(_TEMPERATURE_DEVIATION, softmax=beta * (exp(2 * t) - 1) ** 4 / 1000),
        ),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=8,
    equivalents=(
        EVEN_BOUND,
        Equivalent("|β F| <= β, and the tokens of β = 0 rest", ("SA.velocity: × β",)),
        SMALL_CHANGE_IN_BETA,
        Equivalent("a larger bound", ("prediction.softmax: e^u*", "prediction.plain: e^u*")),
    ),
)


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
            identity += [flow.velocity, at_value(flow, S.Zero), moved - prediction.error]
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
                    f"{flow.name}, β = {value:.4g}, t = {time}, x(0) = {short(systems[case])}: "
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
    equivalents=(
        Equivalent(
            "the bound (4.4) is even in F: |F^β - F^0| and the Lipschitz constant of F^0 are",
            ("*.velocity: sign",),
        ),
        Equivalent(
            "the tokens of β = 0 rest, and β_m m <= m/(4(e^{2m}-1)) <= 1/8 as |F| <= 1",
            ("SA.velocity: × β",),
        ),
        SMALL_CHANGE_IN_BETA,
        Equivalent(
            "said of fewer β",
            ("prediction.hottest.softmax: e^u -> e^2u", "prediction.hottest.plain: e^u -> e^2u"),
        ),
        Equivalent(
            "with u = e^{2m}-1 and β_m = 1/(16u²) the error is at most u min(β_m/4, 1) <= 1/8: "
            "|F^β - F^0| <= min(β/2, 2)",
            ("prediction.hottest.softmax: squared",),
        ),
        Equivalent(
            "the force across x_i is at most half of (4.4)'s: |∂F/∂β| <= 1/2 for SA, and "
            "|e^{βg}-1| sqrt(1-g²) <= (e^β-1)|g| sqrt(1-g²) for USA",
            ("prediction.error: ÷ 2",),
        ),
        Equivalent("less is kept", ("prediction.kept: sign", "prediction.kept: ÷ 2")),
    ),
)


CLAIMS = (EQUATION_4_4, EQUATION_4_5)
