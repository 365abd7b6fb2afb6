"""(4.2), Theorem 4.2: clustered tokens stay clustered.

Main results
------------
- (4.2): min_ij <x_i,x_j> never decreases once it is >= 0.
- Theorem 4.2: P(S_β) -> 1 as β -> 0, with explicit β for P(S_β) >= P(S_0^k).

How it is proved
----------------
(4.2): the row algebra splits the rate of a least pair in terms that are >= 0 once its product
is; the rate is watched at drawn points. Theorem 4.2 joins (4.2), the bound (4.4) put at the
threshold (exactly 1/8 in SymPy), and the check of Theorem 4.1; Clopper-Pearson bounds of
P(S_0^k) from drawn runs with n = 4, d = 2 are shown. Cited: Danskin, (4.4), Lemma 6.4, and what
Theorem 4.1 cites.

References
----------
arXiv 2312.10794, (4.2) and Theorem 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import betaincinv
from sympy import Expr, HadamardProduct, Integer, OneMatrix, Rational, S, exp, log, simplify

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    AT_EVERY_BETA,
    FIRST_MATRIX,
    ONLY_SPEED,
    OTHER_TOKENS,
    SCOPE_WARM_ANY_MASSES,
    SMALL_CHANGE_IN_BETA,
    Array,
    RowAlgebra,
    each,
    force_bound,
    has_softmax,
    leaves_sphere,
    pair_trap,
    products,
    short,
    subjects,
    without_temperature,
)
from theory.atoms import Tangent
from theory.engines import residual
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import X, beta, n, t


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


_LEAST = products(X, OTHER_TOKENS)


GRAM_TERM = (
    products(Tangent(X, FIRST_MATRIX), OTHER_TOKENS)
    - products(FIRST_MATRIX, OTHER_TOKENS)
    + _LEAST
    - HadamardProduct(_LEAST, OneMatrix(n, 1) - products(X, FIRST_MATRIX))
)
"""``<P_x w, y> - (<w,y> - <x,y>) - <x,y> (1 - <x,w>)``, row by row: zero."""


def check_monotone_least(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Prove that min g_ij doesn't decrease once it is >= the predicted threshold."""
    left = residual(RowAlgebra(units=(X, OTHER_TOKENS, FIRST_MATRIX)).column(GRAM_TERM))
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
                    f"{flow.name}, β = {hot[case]:.4g}, x = {short(points[case])}: "
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
        SCOPE_WARM_ANY_MASSES,
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
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("only A_ij >= 0 is used, and β A_ij >= 0", ("*.velocity: × β",)),
        Equivalent("said of consensus only, where nothing moves", ("prediction: + 1",)),
    ),
)


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
                f"{flow.name}, n = 12, angles ±{short(half[case])}, each twice: at t = 2 min g = "
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
    limit = THEOREM_4_1.check(model, THEOREM_4_1.prediction, budget)
    if limit.verdict is not Verdict.PROVED:
        # Two tokens that never meet at a small β refute more than the argument.
        traps = (pair_trap(flow, hot=(Rational(1, 100),)) for flow in each(model))
        found = [*filter(None, traps), f"at β = 0: {limit.detail}"]
        return Evidence(limit.verdict, "; ".join(found))
    count = 50 * budget.cases
    reasons, bounds, worst, total = [], [], np.inf, 0
    for flow in each(model):
        hottest = prediction.beta_softmax if has_softmax(flow) else prediction.beta_plain
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
                    f"{flow.name}, β = {value:.3g}, x(0) = {short(some[case])}: in S_0^{time}, "
                    f"but min g = {least[case]:.4g} at t = {time}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=count, margin=worst)
    if reasons:
        return Evidence(Verdict.UNDECIDED, "; ".join(reasons), cases=total, margin=worst)
    return Evidence(
        Verdict.PROVED,
        "P(S_β) >= P(S_0^k) for β <= β_k, and P(S_0^k) -> 1 by Theorem 4.1; at n = 4, d = 2, "
        f"99.5 % Clopper-Pearson bounds from {count} draws: " + "; ".join(bounds),
        {**SCOPE_WARM_ANY_MASSES, "beta": "-> 0", "masses": "symbolic, sum 1"},
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
    equivalents=(
        SMALL_CHANGE_IN_BETA,
        Equivalent("β_m < 1, where β² < β", ("USA.velocity: β -> β²",)),
        Equivalent(
            "|P_i x_j| |e^{2βg}-1| <= (e^{2β}-1)/2, so tokens move 0.128 at most for m >= 1, and "
            "cos(arccos(3/4) + 4 arcsin(0.064)) > 1/2",
            ("USA.velocity: e^u -> e^2u",),
        ),
        Equivalent(
            "|P_i x_j| <= (1-g²)^{1/2} halves the force: β/2 and (e^β-1)/2 in (4.4), so error 1/16",
            ("prediction.error: ÷ 2",),
        ),
        Equivalent(
            "said of fewer β, for m >= 1", ("prediction.beta_*: e^u*", "prediction.beta_*: squared")
        ),
        Equivalent("less is kept", ("prediction.kept: sign", "prediction.kept: ÷ 2")),
    ),
)


CLAIMS = (EQUATION_4_2, THEOREM_4_2)
