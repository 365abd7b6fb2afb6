"""Remark 3.3: distances of two measures grow exponentially at most.

How it is proved
----------------
The verdict is SUPPORTED: pairs of near measures with 2 and 4 equal tokens are run to t = 1.5 for
drawn β, and W_∞ and W_1 (found by trying all matchings) are compared with e^{Ct} times the
start. W_1 is claimed for SA only. First a light token between two others is tried, whose
distance grows fast. Nothing is proved.

References
----------
arXiv 2312.10794, Remark 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np
from sympy import Expr, S, exp, lambdify

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    EVEN_BOUND,
    OPPOSED,
    Array,
    Flow,
    Sheet,
    Statement,
    Trial,
    gap,
    growth,
    leaves_sphere,
    models_of,
    on_sphere,
    opposed,
    short,
)
from theory.models import SA, USA, Model
from theory.symbols import beta

_TIMES = (0.05, 0.2, 0.6, 1.5)


@dataclass(frozen=True)
class Stability:
    """``W(mu(t), nu(t)) <= e^{Ct} W(mu(0), nu(0))``, with C in β, one a model.

    Attributes
    ----------
    largest : tuple of Expr
        C for W_∞.
    mean : tuple of (Expr or None)
        C for W_1, None where none is claimed.
    """

    largest: tuple[Expr, ...]
    mean: tuple[Expr | None, ...]


def _distances(left: Array, right: Array) -> tuple[Array, Array]:
    """``W_∞`` and ``W_1`` of two empirical measures with equally many atoms, by matching."""
    gaps = np.linalg.norm(left[..., :, None, :] - right[..., None, :, :], axis=-1)
    size = left.shape[-2]
    rows = np.arange(size)
    matched = np.stack([gaps[..., rows, list(order)] for order in permutations(range(size))])
    return matched.max(axis=-1).min(axis=0), matched.mean(axis=-1).min(axis=0)


def _near_pairs(size: int, dimension: int, count: int, rng: np.random.Generator) -> Array:
    """Points and neighbours, stacked; two points are antipodal, where distances grow."""
    points = np.asarray(random_points(size, dimension, rng, count))
    if size == 2:
        points[:, 1] = -points[:, 0]
    noise = rng.normal(size=points.shape) * 10 ** rng.uniform(-4, -1, (count, 1, 1))
    return np.concatenate([points, on_sphere(points + noise)])


def _fast_pair(flow: Model, constant: Expr, rng: np.random.Generator) -> str:
    """Two near measures whose distance W_∞ grows faster than ``constant`` at first, or "".

    Distinct tokens that are close are matched to one another: W_∞ is their largest distance.
    """
    first, second = opposed(2000, rng)
    hot = np.exp(rng.uniform(np.log(0.02), np.log(6.0), len(first)))
    rates = growth(flow, first, second, hot, OPPOSED)[0]
    bound = np.broadcast_to(lambdify(beta, constant, "numpy")(hot), rates.shape)
    case = int(np.argmax(rates - bound * (1 + 1e-5)))
    if rates[case] <= bound[case] * (1 + 1e-5):
        return ""
    angle = np.arctan2(first[case, 1, 1], first[case, 1, 0])
    return (
        f"{flow.name}, β = {hot[case]:.4g}: a token of mass 1e-9 at the angle 0 turns against two "
        f"at ±{abs(angle):.4g}: W_∞ grows at the rate {rates[case]:.5g} > {bound[case]:.5g}"
    )


def _each_part(model: Any, prediction: Stability) -> tuple[tuple[Model, Stability], ...]:
    """Pairs of the flows of a claim with their constants."""
    parts = zip(prediction.largest, prediction.mean, strict=True)
    return tuple(
        (flow, Stability((first,), (second,)))
        for flow, (first, second) in zip(models_of(model), parts, strict=True)
    )


def derive_stability(flow: Flow) -> Stability | None:
    """Nothing: no constant is derived."""
    return None


def decide(flow: Flow, prediction: Stability) -> Sheet:
    """Say what isn't proved."""
    constants = {"W_∞": prediction.largest[0], "W_1": prediction.mean[0]}
    steps = [
        gap(f"{name}(t) <= e^(Ct) {name}(0), C = {constant}", "no proof here: experiments")
        for name, constant in constants.items()
        if constant is not None
    ]
    return Sheet(
        tuple(steps),
        {"n": "2, 4", "d": "2, 3", "beta": "[0, 1.5]", "masses": "1/n", "t": "[0, 1.5]"},
    )


def _beyond(flow: Flow, prediction: Stability, budget: Budget, size: int, dimension: int) -> Trial:
    """Run near pairs of measures of some number of tokens and compare distances with bounds."""
    rng, count, worst = budget.rng, budget.cases, np.inf
    both = _near_pairs(size, dimension, count, rng)
    hot = rng.uniform(0.0, 1.5, count)
    field = compile_model(flow.model, beta=np.concatenate([hot, hot]))
    run = integrate(field, both, _TIMES[-1], t_eval=np.asarray(_TIMES), rtol=1e-9)
    starts = _distances(both[:count], both[count:])
    kinds = tuple(zip(("W_∞", "W_1"), (prediction.largest[0], prediction.mean[0]), strict=True))
    for time, state in zip(run.times, run.points, strict=True):
        now = _distances(state[:count], state[count:])
        for (name, constant), first, last in zip(kinds, starts, now, strict=True):
            if constant is None:
                continue
            bound = np.exp(np.asarray(lambdify(beta, constant, "numpy")(hot)) * time) * first
            slack = (bound * (1 + 1e-6) + 1e-9 - last) / bound
            case = int(np.argmin(slack))
            worst = min(worst, float(slack[case]))
            if slack[case] < 0:
                return Trial(
                    f"{flow.name}, β = {hot[case]:.4g}, x(0) = {short(both[case])}, {name}(0) = "
                    f"{first[case]:.4g}: at t = {time:.3g} {name} = {last[case]:.6g} > "
                    f"{bound[case]:.6g}",
                    worst,
                    count,
                )
    return Trial("", worst, count)


def watch_distances(flow: Flow, prediction: Stability, budget: Budget) -> Trial:
    """Compare the distances of two measures with their bounds along drawn pairs of runs."""
    found = leaves_sphere(flow.model, budget.rng)
    found = found or _fast_pair(flow.model, prediction.largest[0], budget.rng)
    if found:
        return Trial(found, -1.0, 1)
    seen = []
    for size, dimension in ((2, 2), (4, 3)):
        seen.append(_beyond(flow, prediction, budget, size, dimension))
        if seen[-1].violation:
            return seen[-1]
    margins = [trial.margin for trial in seen if trial.margin is not None]
    return Trial("", min(margins), sum(trial.cases for trial in seen))


STABLE: Statement[Stability] = Statement(
    "",
    "distances of two measures grow exponentially at most",
    decide,
    derive_stability,
    trial=watch_distances,
    cases=_each_part,
)


_LIPSCHITZ = (2 * (1 + beta), 2 * (1 + beta) * exp(beta))


_MEAN = 1 + beta + (1 + 2 * beta) * exp(2 * beta)


_STABLE = Stability(_LIPSCHITZ, (_MEAN, None))


DOBRUSHIN = Claim(
    "Remark 3.3",
    "W(mu(t), nu(t)) <= e^{Ct} W(mu(0), nu(0)): W_∞ with C = 2(1+β) (USA times e^β), and W_1.",
    (SA, USA),
    _STABLE,
    STABLE,
    (
        Control("C = 0", prediction=Stability((S.Zero, S.Zero), (S.Zero, S.Zero))),
        Control("C of W_1 -> 0", prediction=replace(_STABLE, mean=(S.Zero, None))),
        Control(
            "C of SA -> (1+β)/100",
            prediction=replace(_STABLE, largest=((1 + beta) / 100, _LIPSCHITZ[1])),
        ),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=10,
    equivalents=(
        EVEN_BOUND,
        Equivalent(
            "a larger bound",
            (
                "prediction.largest.?: e^u*",
                "prediction.largest.?: squared",
                "prediction.mean.0: e^u*",
                "prediction.mean.0: squared",
            ),
        ),
        Equivalent(
            "at least G = max_g (1-g)(1+2β(1+g)), of USA times e^{βg}, the constant for "
            "geodesics, at which chords, hence W_∞ and <x_i,x_j>, grow at most too",
            ("prediction.largest.?: β -> β²",),
        ),
        Equivalent(
            "β G <= (1+4β) e^{β-1} < 2(1+β) e^β: x e^{-x} <= 1/e at x = β(1-g)",
            ("USA.velocity: × β",),
        ),
    ),
)


CLAIMS = (DOBRUSHIN,)
