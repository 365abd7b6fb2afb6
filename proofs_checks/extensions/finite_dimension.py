"""Finite d: how far uniform tokens are from the equiangular curve, in powers of d.

Main results
------------
Finite d: pairs: the worst |g_ij - γ| is of order d^{-1/2} at the time of γ = 0.6.
Finite d: mean: the mean of g_ij is γ from the empirical mean, up to order d^{-1}.
Finite d: first order: with the propagated deviation every g_ij is known to order d^{-1}.
Finite d: crossing: the worst pair reaches 1 - δ at T(1-δ) up to order d^{-1/2}.
Crossing, first order: with the correction the time is known to order d^{-1}.

How it is proved
----------------
Runs only, SA and USA at β = 3/2, n = 5 (32 in full), growing d: the exponent of d is fitted with
its standard error.

References
----------
arXiv 2312.10794, Theorem 6.8 and Figure 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numerics.compile import compile_model
from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    DRAWN_BETA,
    FLOWS_BY_NAME,
    ROOM,
    SETTING,
    WRONG_CURVE,
    Flow,
    Sheet,
    Statement,
    Statistic,
    Trial,
    draw_runs,
    fit_power_law,
    moment_in_words,
    not_asked,
    number_of_runs,
    refute_off_sphere,
    sizes_of,
    unproved,
    without_temperature,
)
from theory.models import SA, USA


@dataclass(frozen=True)
class Decay:
    """How an error against the equiangular curve decays with the dimension.

    Attributes
    ----------
    statistic : str
        "worst pair": largest |g_ij - γ|. "mean": mean of g_ij minus γ from the empirical mean
        γ_0. "first order": largest |g_ij - γ - H_ij|, H propagated. "crossing": largest error of
        a pair's time to 1 - δ; with ", first order" H_ij/γ' is subtracted.
    exponent : float
    curve : {"", "SA", "USA"}
        Whose γ and amplitudes; those of the flow by default.
    """

    statistic: Statistic
    exponent: float
    curve: str = ""


def watch(flow: Flow, prediction: Decay, budget: Budget) -> Trial:
    """Run uniform tokens in growing dimension, and fit the exponent of the error.

    A full run has n = 32 and d up to 1024.
    """
    if without_temperature(flow.model) or flow.name not in FLOWS_BY_NAME:
        return Trial(silent=f"{flow.name}: no equiangular curve in closed form")
    size, dimensions, least = sizes_of(budget)
    scope = {"n": str(size), "d": ", ".join(map(str, dimensions)), "beta": f"{DRAWN_BETA:g}"}
    scope["t"] = moment_in_words(prediction.statistic.startswith("crossing"))
    runs = number_of_runs(budget)
    cases = len(dimensions) * runs
    curve = prediction.curve or flow.name
    field = compile_model(flow.model, beta=DRAWN_BETA)
    errors = np.asarray(
        [
            draw_runs(field, curve, (runs, size, dimension), budget).error(prediction.statistic)
            for dimension in dimensions
        ]
    )
    if np.isnan(errors).any():
        late = f"{flow.name}: a pair is not at 1 - δ at 2.5 times the time of {curve}'s curve"
        return Trial(late, cases=cases, scope=scope)
    used = np.asarray(dimensions) >= least
    fit = fit_power_law(np.asarray(dimensions)[used], errors[used])
    margin = fit.margin(prediction.exponent)
    ends = ", ".join(f"{errors[k].mean():.2g} at d = {dimensions[k]}" for k in (0, -1))
    violation = (
        ""
        if margin >= 0
        else f"{flow.name}: the error decays like d^({fit}), not d^({prediction.exponent:g}); "
        f"{ends}"
    )
    found = f"it is of order d^({fit}), {ends}"
    return Trial(violation, margin, cases, seen=found, scope=scope)


def decide(flow: Flow, prediction: Decay) -> Sheet:
    """Say what is left to experiments: all of it."""
    text = f"error of the {prediction.statistic} is of order d^({prediction.exponent:g})"
    return Sheet((unproved(text),))


DECAYS: Statement[Decay] = Statement(
    "",
    "the error against the equiangular curve decays like a power of d",
    decide,
    not_asked,
    refute_off_sphere,
    watch,
)


def _decay_claim(
    label: str, statement: str, right: Decay, *controls: Control[Any, Decay]
) -> Claim[Any, Decay]:
    flat = Control[Any, Decay]("no decay: exponent 0", prediction=replace(right, exponent=0.0))
    return Claim(
        label,
        statement,
        (SA, USA),
        right,
        DECAYS,
        (*controls, flat),
        Verdict.SUPPORTED,
        (ROOM, WARM),
        cases=20,
        origin="extension",
    )


WORST_PAIR = _decay_claim(
    "Finite d: pairs",
    f"{SETTING}: the worst |g_ij - γ| is of order d^{{-1/2}} at the time of γ = 0.6.",
    Decay("worst pair", -0.5),
    Control("d^{-1/2} -> d^{-1}", prediction=Decay("worst pair", -1.0)),
    Control(WRONG_CURVE, model=(SA,), prediction=Decay("worst pair", -0.5, "USA")),
)


MEAN = _decay_claim(
    "Finite d: mean",
    f"{SETTING}: at the time of γ = 0.6 the mean of g_ij is γ started at the empirical mean γ_0, "
    "with an error of order d^{-1}.",
    Decay("mean", -1.0),
    Control("d^{-1} -> d^{-1/2}", prediction=Decay("mean", -0.5)),
    Control("the worst pair in place of the mean", prediction=Decay("worst pair", -1.0)),
)


FIRST_ORDER = _decay_claim(
    "Finite d: first order",
    f"{SETTING}: every g_ij is γ plus its initial deviation, propagated part by part, with an "
    "error of order d^{-1}, at the time of γ = 0.6.",
    Decay("first order", -1.0),
    Control("the correction left out", prediction=Decay("worst pair", -1.0)),
    Control("amplitudes of USA for SA", model=(SA,), prediction=Decay("first order", -1.0, "USA")),
)


CROSSING = _decay_claim(
    "Finite d: crossing",
    f"{SETTING}: the worst pair reaches 1 - δ, δ = 1/1000, at T(1-δ) up to order d^{{-1/2}}.",
    Decay("crossing", -0.5),
    Control("d^{-1/2} -> d^{-1}", prediction=Decay("crossing", -1.0)),
    Control(WRONG_CURVE, model=(SA,), prediction=Decay("crossing", -0.5, "USA")),
)


CROSSING_FIRST_ORDER = _decay_claim(
    "Crossing, first order",
    f"{SETTING}: a pair reaches 1 - δ, δ = 1/1000, at T(1-δ) - H_ij/γ', H the propagated "
    "deviation, with an error of order d^{-1}.",
    Decay("crossing, first order", -1.0),
    Control("the correction left out", prediction=Decay("crossing", -1.0)),
    Control(
        "amplitudes of USA for SA",
        model=(SA,),
        prediction=Decay("crossing, first order", -1.0, "USA"),
    ),
)


CLAIMS = (WORST_PAIR, MEAN, FIRST_ORDER, CROSSING, CROSSING_FIRST_ORDER)
