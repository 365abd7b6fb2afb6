"""Remark 3.3: distances of two measures grow exponentially at most, with explicit constants.

How it is proved
----------------
A plan of the two starts, joined by geodesics, splits their masses into tokens and is carried along;
its length in the mean of order p is bounded by the linearised flow. What a token gains by its own
move is at most (1+c)|u|, c = β (USA: e^{cg} q, q = c(1-g²)-g); what it gains by the others' is
bounded by Schur's test, the columns of a softmax over m_j being at most e^{2c}, or by symmetry
(USA). So any number of tokens, any masses of total 1, and measures are covered at once.
Beside it W_1 and W_2 of drawn systems of unequal sizes and masses are followed to t = 1.5, and
light tokens are turned beside heavy ones, where W_1 of USA on the circle grows at the very rate.

References
----------
arXiv 2312.10794, Remark 3.3; Dobrushin (1979), whose estimate it is. The constants are
`theory.predictions.transport_lipschitz`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product

import numpy as np
from sympy import Expr, S, lambdify

from numerics.compile import compile_model
from numerics.sphere import random_points
from numerics.transport import wasserstein
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    ATTENTION,
    AUTONOMOUS,
    ON_SPHERE,
    OPPOSED,
    Array,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    growth,
    heat,
    leaves_sphere,
    on_sphere,
    opposed,
    pairwise,
    short,
)
from proofs_checks.proof.transport import ORDER, least_growth, plan_growth
from proofs_checks.shared_runs import integrate
from theory.models import SA, USA, Model
from theory.symbols import beta

_TIMES = (0.05, 0.2, 0.6, 1.5)

_LIGHT, _TURN = 1e-4, 1e-4


def derive_stability(flow: Flow) -> Expr | None:
    """Return C in ``beta`` and ``ORDER`` for weights ``e^{βg}``, in a softmax or alone."""
    if heat(flow) != beta:
        return None
    return least_growth(flow.normalised)


def decide(flow: Flow, prediction: Expr) -> Sheet:
    """Bound the growth of the mean of order p along the linearised flow, and carry a plan."""
    return Sheet(
        plan_growth(flow, prediction),
        {
            "n": "symbolic, and measures",
            "d": "symbolic",
            "beta": "symbolic, >= 0",
            "masses": "symbolic, total 1",
            "p": ">= 1, oo included",
        },
        (flow.model.velocity, prediction),
        f"{flow.name}: W_p(μ(t), ν(t)) <= e^(Ct) W_p(μ(0), ν(0)), C = "
        + ("1+β + (1+2β)e^(2β/p)" if flow.normalised else "max_g e^(βg) max(1+q, 2q)"),
    )


def refute_stability(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Tokens that leave the sphere, or a light token that turns faster beside heavy ones."""
    found = leaves_sphere(flow.model, budget.rng)
    if not found and prediction is not None and beta in flow.model.parameters:
        found = _light_token(flow.model, prediction, budget.rng)
        found = found or _fast_pair(flow.model, prediction, budget.rng)
        found = found or _too_small(flow, prediction)
    return Counterexample(found) if found else None


def _constants(constant: Expr, order: int | Expr, hot: Array) -> Array:
    """Value of a constant at an order and several β."""
    value = _compiled(constant.subs(ORDER, order))
    return np.broadcast_to(np.asarray(value(hot), dtype=float), hot.shape)


@lru_cache(maxsize=16)
def _compiled(constant: Expr) -> Callable[[Array], Array]:
    return lambdify(beta, constant, "scipy")


def _light_token(model: Model, constant: Expr, rng: np.random.Generator) -> str:
    """Two near measures on the circle whose W_1 grows faster than said, or "".

    A token of mass 1e-4 at angle 0 is turned by 1e-4, beside one heavy token or two at ±a. Atoms
    so near are matched to one another: W_1 is the sum of their distances times the masses.
    """
    for heavy in (1, 2):
        count = 1000
        spread = rng.uniform(0, np.pi, (count, 1)) * np.array([1.0, -1.0])[:heavy]
        angles = np.concatenate([np.zeros((count, 1)), spread], axis=1)
        masses = np.array([_LIGHT, *[(1 - _LIGHT) / heavy] * heavy])
        turned = angles + np.array([_TURN, *[0.0] * heavy])
        first, second = (np.stack([np.cos(a), np.sin(a)], axis=-1) for a in (angles, turned))
        hot = np.exp(rng.uniform(np.log(0.02), np.log(6.0), count))
        field = compile_model(model, beta=hot, masses=masses)
        moved = field(second) - field(first)
        apart = second[:, 0] - first[:, 0]
        own = np.vecdot(apart, moved[:, 0]) / _TURN
        rates = (own + np.linalg.norm(moved[:, 1:], axis=-1) @ masses[1:] / _LIGHT) / _TURN
        bound = _constants(constant, 1, hot)
        # The finite turn and mass are off by their sizes, times slopes of e^{βg}.
        excess = rates - bound - 0.01 * np.abs(rates)
        case = int(np.argmax(excess))
        if excess[case] > 0:
            return (
                f"{model.name}, β = {hot[case]:.4g}: a token of mass {_LIGHT:g} at angle 0 is "
                f"turned by {_TURN:g} beside {heavy} at ±{abs(spread[case, 0]):.4g}: W_1 grows at "
                f"the rate {rates[case]:.5g} > {bound[case]:.5g}"
            )
    return ""


def _fast_pair(model: Model, constant: Expr, rng: np.random.Generator) -> str:
    """Two near measures whose W_∞, the largest distance, grows faster than said, or ""."""
    first, second = opposed(1000, rng)
    hot = np.exp(rng.uniform(np.log(0.02), np.log(6.0), len(first)))
    rates = growth(model, first, second, hot, OPPOSED)[1]
    bound = _constants(constant, S.Infinity, hot)
    case = int(np.argmax(rates - bound * (1 + 1e-5)))
    if rates[case] <= bound[case] * (1 + 1e-5):
        return ""
    angle = np.arctan2(first[case, 1, 1], first[case, 1, 0])
    return (
        f"{model.name}, β = {hot[case]:.4g}: a token of mass 1e-9 at angle 0 turns against two at "
        f"±{abs(angle):.4g}: W_∞ grows at the rate {rates[case]:.5g} > {bound[case]:.5g}"
    )


def _too_small(flow: Flow, constant: Expr) -> str:
    """Where a constant is less than what the steps bound, which then don't give it, or ""."""
    own = derive_stability(flow)
    if own is None:
        return ""
    hot = np.array([0.1, 0.6, 1.5, 4.0])
    for order in (1, 2, S.Infinity):
        follows, said = _constants(own, order, hot), _constants(constant, order, hot)
        case = int(np.argmin(said / follows))
        if said[case] < follows[case] * (1 - 1e-9):
            return (
                f"{flow.name}, β = {hot[case]:g}, p = {order}: rows and columns give "
                f"C = {follows[case]:.6g}, not {said[case]:.6g}"
            )
    return ""


def _drawn(sizes: tuple[int, int], d: int, count: int, rng: np.random.Generator) -> list[Array]:
    """Points and masses of two systems, the second near the first in half of the cases."""
    first, second = (np.asarray(random_points(size, d, rng, count)) for size in sizes)
    near = first[:, np.arange(sizes[1]) % sizes[0]] + 0.05 * rng.normal(size=second.shape)
    points = [first, on_sphere(np.where(rng.random((count, 1, 1)) < 0.5, near, second))]
    equal = sizes[0] == sizes[1]
    masses = [
        np.full((count, size), 1 / size) if equal else rng.dirichlet(np.ones(size), count)
        for size in sizes
    ]
    return [*points, *masses]


def watch_distances(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Compare W_1 and W_2 of drawn systems of unequal sizes and masses with their bounds."""
    if flow.given or beta not in flow.model.parameters:
        return Trial(silent="no systems are drawn")
    rng, count, worst, cases = budget.rng, budget.cases, np.inf, 0
    for sizes, d in (((3, 5), 2), ((4, 4), 3)):
        *points, masses, others = _drawn(sizes, d, count, rng)
        hot = rng.uniform(0.0, 1.5, count)
        runs = [
            integrate(compile_model(flow.model, beta=hot, masses=m), x, _TIMES[-1], _TIMES, 1e-9)
            for x, m in zip(points, (masses, others), strict=True)
        ]
        rates = {order: _constants(prediction, order, hot) for order in (1, 2)}
        for case, order in product(range(count), (1, 2)):
            weights = {"p": order, "masses_a": masses[case], "masses_b": others[case]}
            rate = float(rates[order][case])
            start = wasserstein(points[0][case], points[1][case], **weights)
            for place, time in enumerate(_TIMES):
                now = [run.points[place][case] for run in runs]
                last = wasserstein(now[0], now[1], **weights)
                bound = np.exp(min(rate * time, 700.0)) * start
                slack = (bound * (1 + 1e-6) + 1e-9 - last) / bound
                worst = min(worst, slack)
                if slack < 0:
                    return Trial(
                        f"{flow.name}, β = {hot[case]:.4g}, x(0) = {short(points[0][case])}, "
                        f"W_{order}(0) = {start:.4g}: at t = {time:.3g} it is {last:.6g} > "
                        f"{bound:.6g}",
                        worst,
                        count,
                    )
        cases += 2 * count
    return Trial("", worst, cases)


STABLE: Statement[Expr] = Statement(
    "",
    "Wasserstein distances of two measures grow exponentially at most",
    decide,
    derive_stability,
    refute_stability,
    watch_distances,
    premises=(ATTENTION, AUTONOMOUS, ON_SPHERE),
    cases=pairwise,
    bound=True,
)


_SOFTMAX, _PLAIN = (derive_stability(Flow.of_paper(model)) for model in (SA, USA))


DOBRUSHIN = Claim(
    "Remark 3.3",
    "W_p(μ(t), ν(t)) <= e^{Ct} W_p(μ(0), ν(0)), p >= 1: SA C = 1+β+(1+2β)e^{2β/p}; USA "
    "C = max_g e^{βg} max(1+q, 2q), q = β(1-g²)-g.",
    (SA, USA),
    (_SOFTMAX, _PLAIN),
    STABLE,
    (
        Control("C = 0", prediction=(S.Zero, S.Zero)),
        Control("C of USA -> 9/10 of it", prediction=(_SOFTMAX, _PLAIN * S(9) / 10)),
        Control("C of SA -> (1+β)/2", prediction=((1 + beta) / 2, _PLAIN)),
        Control("C of USA without e^{βg}", prediction=(_SOFTMAX, 2 + beta)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=3,
    equivalents=(
        Equivalent(
            "a larger bound",
            ("prediction.0: e^u*", "prediction.?: squared"),
        ),
        Equivalent("the bounds are of sizes, which a sign keeps", ("SA.velocity: sign",)),
    ),
)


CLAIMS = (DOBRUSHIN,)
