"""Theorem 6.9 explicit: a dimension from which on uniform tokens follow γ(t), with proof.

Main results
------------
Theorem 6.9 explicit: d* = n(n-1)/(2(1-p) sin²θ) exists, θ of "Near the curve", and is enough.

How it is proved
----------------
Gram-Schmidt moves token i+1 by arcsin r_i, r_i² the squared projection on i independent tokens:
a Beta(i/2, (d-i)/2) variable of mean i/d, independent of the earlier ones. Either Markov's
inequality, or the product of the laws, bounds the probability that all r_i <= sin θ; from there
"Near the curve" holds for all t. Too low dimensions are refuted by the law of two tokens, whose
runs are all equiangular. Watched: tokens drawn in high dimensions by the coordinates that
Gram-Schmidt finds, n each.

References
----------
arXiv 2312.10794, Theorem 6.9; (D.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc
from sympy import Expr, Integer, Rational, Sum, Symbol, expand, simplify, sin, sqrt

from numerics.compile import compile_model
from numerics.equiangular import equiangular_time
from numerics.high_dimension import draw_frames, least_dimension
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.extensions.near_the_curve import NEAR_THE_CURVE
from proofs_checks.paper.appendix_d.eq_d_5_projection import EQUATION_D_5
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CHAIN,
    FALLING_RATIO,
    FLOWS_BY_NAME,
    LARGER_EVENT,
    LARGER_PARTS,
    LATE,
    MARKOV,
    ONLY_SPEED,
    ORDER,
    ROOM,
    SIGMAS,
    SMALLER,
    TOLERANCE,
    WARMTH,
    Counterexample,
    Flow,
    NearCurve,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    by_statement,
    derived,
    farthest_from_curve,
    not_asked,
    statement_of,
    without_temperature,
)
from proofs_checks.shared_runs import integrate
from theory.engines import inner, vectors
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import d, n

ANGLE, LEVEL = Symbol("theta", positive=True), Symbol("p", nonnegative=True)
"""θ, within which a start keeps to γ, and the probability that is asked for."""


@dataclass(frozen=True)
class EnoughDimensions:
    """From d* on, |g_ij - γ| <= ε for all pairs and times with probability p.

    Attributes
    ----------
    first, second : Expr
        Parameters of the Beta law of r_i², in ``ORDER`` and ``d``.
    dimension : Expr
        d*, in ``n``, ``ANGLE`` and ``LEVEL``.
    near : NearCurve
        What holds within the angle.
    """

    first: Expr
    second: Expr
    dimension: Expr
    near: NearCurve


def _law(flow: Flow, prediction: EnoughDimensions) -> tuple[Step, ...]:
    """Law of the squared projections, and how far Gram-Schmidt moves a token."""
    u, w = vectors("u w", unit="u w")
    r, s = Symbol("r", nonnegative=True), Symbol("s", positive=True)
    token = u * r + w * sqrt(1 - r**2)
    text = "x = r u + √(1-r²) w, u ⊥ w: <x,w> = √(1-r²), dist(x,w) = arcsin r"
    moved = derived(text, simplify(inner(token, w).subs(inner(u, w), 0) - sqrt(1 - r**2)))
    a, b = prediction.first, prediction.second
    text = f"(D.5): r_i² ~ Beta({a}, {b}), independent of r_1, …, r_{{i-1}}"
    said = replace(EQUATION_D_5.prediction, first=a, second=b)
    law = by_statement(statement_of(EQUATION_D_5), flow, said, text)
    mean = derived("E r_i² = i/d", simplify(a / (a + b) - ORDER / d))
    ratio = (1 - s) ** (b.subs(d, d + 1) - b)
    text = f"densities at d+1 over d: a multiple of {ratio}, which falls"
    falls = derived(text, simplify(ratio**2 - (1 - s)))
    rises = apply(FALLING_RATIO, "P(r_i² <= s) rises with d", law, falls)
    text = "P(max_i dist(x_i,y_i) <= θ) >= Π_i I_s(i/2, (d-i)/2), s = sin²θ, y of Gram-Schmidt"
    return moved, law, mean, falls, rises, apply(CHAIN, text, moved, law, rises)


def decide(flow: Flow, prediction: EnoughDimensions) -> Sheet:
    """Join the law of Gram-Schmidt and what holds near orthonormal tokens."""
    near = by_statement(
        statement_of(NEAR_THE_CURVE),
        flow,
        prediction.near,
        "Near the curve: all dist(x_i,y_i) <= θ: |g_ij - γ| <= ε for all pairs, t >= 0; θ > 0",
    )
    law = _law(flow, prediction)
    k = Symbol("k", integer=True, positive=True)
    total = Sum(ORDER, (ORDER, 1, k)).doit().subs(k, n - 1)
    count = derived("Σ_{i<n} i = n(n-1)/2", expand(total - n * (n - 1) / 2))
    text = "P(some r_i² > s) <= n(n-1)/(2ds)"
    few = apply(MARKOV, text, law[1], law[2], count)
    miss = n * (n - 1) / (2 * prediction.dimension * sin(ANGLE) ** 2)
    reached = derived("at d = d* this is 1-p, and it falls with d", simplify(miss - (1 - LEVEL)))
    text = "d >= d*: P(|g_ij - γ| <= ε for all pairs, t >= 0) >= p; d* is finite"
    joined = apply(LARGER_EVENT, text, near, law[-1], few, reached)
    return Sheet(
        (near, *law, count, few, reached, joined),
        {
            "n": "symbolic, >= 2",
            "d": "symbolic, >= d*(β, n, ε)",
            "beta": "symbolic, >= 0",
            "masses": "1/n",
            "start": "uniform",
        },
        (flow.model.velocity, prediction.dimension),
        "Gram-Schmidt moves no token by more than θ with probability 1 - n(n-1)/(2d sin²θ), or "
        "the product of the Beta laws, and then |g_ij - γ| <= ε for ever",
    )


def _wrong_moment(prediction: EnoughDimensions) -> str:
    """Compare mean and mean square of the law with those of a uniform point, exactly."""
    put = {ORDER: 3, d: 7}
    a, b = prediction.first.subs(put), prediction.second.subs(put)
    found = a / (a + b), a * (a + 1) / ((a + b) * (a + b + 1))
    for power, seen, right in zip((2, 4), found, (Rational(3, 7), Rational(5, 21)), strict=True):
        if seen != right:
            return f"d = 7, i = 3: E r^{power} is {right}, the law says {seen}"
    return ""


_CASES = ((0, "1/2"), (0, "999999/1000000"), (9, "9/10"))
"""β and the probability that is asked for, of two tokens."""


def refute(
    flow: Flow, prediction: EnoughDimensions | None, budget: Budget
) -> Counterexample | None:
    """Find two tokens that leave γ more often, by the law of their inner product."""
    if prediction is None:
        return None
    found = statement_of(NEAR_THE_CURVE).refute(flow, prediction.near, budget)
    if found is not None:
        return found
    if text := _wrong_moment(prediction):
        return Counterexample(text)
    kind, tolerance = "SA" if flow.normalised else "USA", 0.1
    for warm, level in _CASES:
        put = {TOLERANCE: Rational(1, 10), LATE: Rational(1, 50), WARMTH: warm, n: 2}
        angle = prediction.near.radius.subs(put)
        size = prediction.dimension.subs({n: 2, ANGLE: angle, LEVEL: Rational(level)}).evalf(20)
        if size <= 0:
            return Counterexample(f"n = 2, β = {warm}: d* = {size.n(4)} < 0")
        where = max(int(size) + 1, 2)

        def excess(half: float, warm: int = warm) -> float:
            return farthest_from_curve(half, 2, float(warm), kind) - tolerance

        # <x_1,x_2> above sin 2θ' leaves γ, and so do products below -ε at once.
        top = np.sin(2 * brentq(excess, 1e-12, 0.2))
        squares = np.asarray([top**2, tolerance**2])
        inside = betainc(0.5, (where - 1) / 2, squares).sum() / 2
        if inside < float(Rational(level)) * (1 - 1e-9):
            return Counterexample(
                f"{flow.name}, n = 2, β = {warm}, d = {where}: P(|<x_1,x_2> - γ| <= ε for all t) "
                f"is {inside:.6g} at most, less than {level}",
                {"n": "2", "d": str(where), "beta": str(warm)},
            )
    return None


def share_near_curve(
    model: Model,
    sizes: tuple[int, float, float],
    tolerance: float,
    runs: int,
    rng: np.random.Generator,
) -> float:
    """Share of drawn systems whose products all stay within a tolerance of γ, as watched.

    Parameters
    ----------
    model : Model
        SA or USA.
    sizes : tuple
        n, d and β.
    tolerance : float
    runs : int
    rng : Generator

    Notes
    -----
    Products that are at least 1 - ε stay there, (4.2): runs end with γ at 0.9999.
    """
    size, dimension, warm = sizes
    points = draw_frames(runs, size, dimension, rng)
    levels = np.concatenate([np.linspace(0, 0.9, 61), 1 - np.geomspace(0.09, 1e-4, 40)])
    times = np.asarray(equiangular_time(levels, warm, size, model.name))
    field = compile_model(model, beta=warm)
    run = integrate(field, points, float(times[-1]), times, rtol=1e-8)
    pairs = np.triu_indices(size, 1)
    off = np.zeros(runs)
    for level, state in zip(levels, run.points, strict=True):
        products = (state @ state.swapaxes(-1, -2))[:, pairs[0], pairs[1]]
        off = np.maximum(off, np.abs(products - level).max(axis=-1))
    return float(np.mean(off <= tolerance))


def watch(flow: Flow, prediction: EnoughDimensions, budget: Budget) -> Trial:
    """Draw tokens at dimensions that are said to be enough, and follow them."""
    if without_temperature(flow.model) or flow.name not in FLOWS_BY_NAME or flow.given:
        return Trial(silent=f"{flow.name}: no runs around a γ of no name")
    tolerance, runs, worst, shown = 0.1, 20 * budget.cases, np.inf, []
    for size, warm in ((2, 0.0), (4, 0.5)):
        where = least_dimension(size, warm, tolerance).dimension
        seen = share_near_curve(flow.model, (size, where, warm), tolerance, runs, budget.rng)
        slack = seen - 0.5 + SIGMAS * np.sqrt(0.25 / runs)
        shown.append(f"n = {size}, β = {warm}, d = {where}: {seen:.3g} of {runs}")
        if slack < 0:
            return Trial(f"{flow.name}, {shown[-1]}", float(slack), runs)
        worst = min(worst, float(slack))
    return Trial("", worst, 2 * runs, seen="; ".join(shown))


EXPLICIT: Statement[EnoughDimensions] = Statement(
    "",
    "uniform tokens follow γ for ever from a dimension on",
    decide,
    not_asked,
    refute,
    watch,
)


_NEAR = NEAR_THE_CURVE.prediction
_PLACES = n * (n - 1) / (2 * (1 - LEVEL))
_ENOUGH = EnoughDimensions(ORDER / 2, (d - ORDER) / 2, _PLACES / sin(ANGLE) ** 2, _NEAR)


THEOREM_6_9_EXPLICIT = Claim(
    "Theorem 6.9 explicit",
    'Uniform tokens in d >= d* = n(n-1)/(2(1-p) sin²θ), θ of "Near the curve": with probability '
    "p at least, |g_ij - γ| <= ε for all pairs and all t >= 0.",
    (SA, USA),
    _ENOUGH,
    EXPLICIT,
    (
        Control("sin²θ -> sin θ", prediction=replace(_ENOUGH, dimension=_PLACES / sin(ANGLE))),
        Control(
            "1/(1-p) -> 1",
            prediction=replace(_ENOUGH, dimension=_ENOUGH.dimension * (1 - LEVEL)),
        ),
        Control("Beta(i/2, d/2)", prediction=replace(_ENOUGH, second=d / 2)),
        Control(
            "Beta(i, d-i) (complex tokens)",
            prediction=replace(_ENOUGH, first=ORDER, second=d - ORDER),
        ),
        Control(
            "e^A -> 1",
            prediction=replace(_ENOUGH, near=replace(_NEAR, growth=Integer(1))),
        ),
        Control("the flow V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    cases=10,
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent(SMALLER, tuple(f"prediction.near.{part}" for part in LARGER_PARTS)),
        Equivalent(
            "a larger dimension", ("prediction.dimension: × n", "prediction.dimension: squared")
        ),
    ),
)


CLAIMS = (THEOREM_6_9_EXPLICIT,)
