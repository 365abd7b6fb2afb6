"""Lipschitz: chords grow at most at the rate 2(1+β), USA times e^β; geodesics too have a rate.

How it is proved
----------------
Geodesics grow at most at max (1-g)(1+2β(1+g)). The identity of chords is reduced to 0 row by
row, and the geodesic constant is compared with that maximum. The growth of both distances is
watched at drawn pairs of systems, two to five tokens, and at tokens that turn against two
others: SUPPORTED. The growth of chords is proved with (D.1) and E.Remark D.1.

References
----------
(D.1) and Remark D.1 of arXiv 2312.10794, in appendix_d.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Integer, lambdify, simplify

from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    EVEN_BOUND,
    HOT,
    OPPOSED,
    Array,
    ByModel,
    chord_algebra,
    each,
    growth,
    leaves_sphere,
    opposed,
    short,
    without_temperature,
)
from theory.models import SA, USA, Model, attention_form
from theory.predictions import chord_lipschitz, geodesic_lipschitz
from theory.symbols import beta, z


def pairs_of_systems(
    count: int, size: int, dimension: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Pairs of systems from nearly equal to far apart, some of them near antipodal ones."""
    first = np.asarray(random_points(size, dimension, rng, count))
    poles = np.where(rng.random((count, size, 1)) < 0.5, 1.0, -1.0) * np.eye(dimension)[0]
    tight = rng.random((count, 1, 1)) < 0.5
    first = np.where(tight, poles + 0.05 * first, first)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    size_of = np.exp(rng.uniform(-9, 0, (count, 1, 1)))
    second = first + size_of * rng.standard_normal(first.shape)
    return first, second / np.linalg.norm(second, axis=-1, keepdims=True)


@dataclass(frozen=True)
class GrowthRates:
    """Bounds of the growth of ``max_i |x_i - y_i|`` and of the largest geodesic distance."""

    chord: ByModel
    geodesic: ByModel


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
            (pairs_of_systems(count, 2, 2, budget.rng), None),
            (pairs_of_systems(count, 3, 2, budget.rng), None),
            (pairs_of_systems(count, 5, 3, budget.rng), None),
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
                        f"{flow.name}, β = {hot[case]:.4g}, x = {short(first[case])}, "
                        f"y = {short(second[case])}: {name} rate {rate[case]:.4g} > "
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
    geodesic_lipschitz(HOT, model="SA").subs(HOT, beta),
    geodesic_lipschitz(HOT, model="USA").subs(HOT, beta),
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
    equivalents=(
        EVEN_BOUND,
        Equivalent("a larger bound", ("prediction.chord.*: e^u*", "prediction.chord.*: squared")),
        Equivalent(
            "at least G = max_g (1-g)(1+2β(1+g)), of USA times e^{βg}, the constant for "
            "geodesics, at which chords, hence W_∞ and <x_i,x_j>, grow at most too",
            ("prediction.chord.*: β -> β²",),
        ),
    ),
)


CLAIMS = (LIPSCHITZ,)
