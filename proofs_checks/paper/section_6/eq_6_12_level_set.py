"""(6.12), E.(6.12): the curve Γ as a level set, and its definition at finite d.

Main results
------------
- (6.12): the level set γ(t) = 1-δ is the graph of t = T_SA(1-δ); T rises with β.
- E.(6.12): Γ_{d,δ} is inf{s : P(s) >= level}; the printed set can be empty.

How it is proved
----------------
(6.12): T' γ' - 1 and T(0) reduce to 0 in a normal form, and 1/γ' rises with β, for symbolic n
and β; interval sums place the crossing of t = 30 for n = 32. The erratum derives the law P for
two tokens on the circle at β = 0, which rises from P(0) to 1; shares of drawn pairs are watched
within 5σ. Cited: Theorem 6.8; Picard-Lindelöf.

References
----------
arXiv 2312.10794, (6.12); Theorem 6.8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Integer,
    Rational,
    S,
    Symbol,
    atan,
    exp,
    lambdify,
    limit,
    log,
    oo,
    pi,
    simplify,
    sqrt,
)

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.decide import Interval, interval
from proofs_checks.proof import (
    AT_BETA_ZERO,
    MORE_TOKENS,
    ROOM,
    each,
    half_angle_rate,
    leaves_sphere,
    rational_form,
    without_temperature,
)
from theory.derivations import equiangular
from theory.models import REPULSIVE, SA, USA, Model
from theory.predictions import equiangular_time
from theory.symbols import beta, gamma, n, t


@lru_cache(maxsize=8)
def _equiangular_rate(model: Model) -> Expr:
    return equiangular(model).rate


def _time_bounds(rate: Expr, hot: Any, size: int, pieces: int) -> Any:
    """Interval around ∫ dγ/γ' from 0 to 0.999, a sum over pieces equally long in log(...)."""
    low = lambdify((gamma, beta, n), 1 / rate, [{"exp": Interval.exp}, "math"])
    delta = interval("1/1000")
    top = (((size - 1) * (1 - delta) + 1) / delta).log()
    total, previous = interval(0), interval(0)
    for place in range(1, pieces + 1):
        growth = (top * place / pieces).exp() - 1
        level = 1 - delta if place == pieces else growth / (growth + size)
        total += (level - previous) * low(interval(previous, level), hot, size)
        previous = level
    return total


def check_level_set(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Check that T(1-δ) is the time of the level set, and that there is one β for each time.

    Parameters
    ----------
    model : Model
        The flow, whose equiangular equation gives γ'.
    prediction : Expr
        T(γ) in ``gamma``, ``beta`` and ``n``.
    budget : Budget
        Not used.
    """
    rate = _equiangular_rate(model)
    at = {gamma: Rational(1, 2), beta: Rational(5, 4), n: 4}
    value = (prediction.diff(gamma) * rate).subs(at).n(15)
    if abs(value - 1) > Rational(1, 10**6):
        return Evidence(
            Verdict.REFUTED, f"γ' dT/dγ = {value.n(6)}, not 1, at γ = 1/2, β = 5/4, n = 4"
        )
    gap = rational_form(prediction.diff(gamma) * rate - 1)
    if gap != 0:
        return Evidence(Verdict.UNDECIDED, f"γ' dT/dγ - 1 = {gap}")
    start = rational_form(prediction.subs(gamma, 0))
    if start != 0:
        return Evidence(
            Verdict.REFUTED, f"T(0) = {start}: {start.subs({beta: 1, MORE_TOKENS: 3}).n(6)}"
        )
    place = Symbol("s", positive=True)
    slower = simplify((1 / rate).diff(beta).subs(n, MORE_TOKENS + 1).subs(gamma, 1 / (1 + place)))
    if not slower.is_positive:
        return Evidence(Verdict.UNDECIDED, f"d/dβ of 1/γ' is {slower}, of unknown sign")
    ends = (interval("6.8"), interval("7.05"))
    low, high = (_time_bounds(rate, hot, 32, 250) for hot in ends)
    crossing = (
        f"for n = 32, δ = 0.001 it passes t = 30 at a β in [{float(ends[0].a):.4g}, "
        f"{float(ends[1].b):.4g}]: T <= {float(low.b):.4g}, then T >= {float(high.a):.4g}"
    )
    if not (low.b < 30 < high.a):
        return Evidence(Verdict.UNDECIDED, crossing)
    return Evidence(
        Verdict.PROVED,
        "γ' dT/dγ - 1, T(0): residual 0; 1/γ' increases with β, so the level set is the graph "
        f"t = T(1-δ), β increasing with t; {crossing}",
        {"n": "symbolic, >= 2", "beta": "symbolic, > 0", "delta": "symbolic", "d": ">= n"},
        ("Theorem 6.8", "Picard-Lindelöf uniqueness"),
        identity=(prediction,),
    )


LEVEL_SET = Claim(
    "(6.12)",
    "The level set γ(t) = 1-δ is the graph of t = T_SA(1-δ), and T increases with β.",
    SA,
    equiangular_time(model="SA"),
    check_level_set,
    (
        Control("T of USA", prediction=equiangular_time(model="USA")),
        Control("T of n + 1 tokens", prediction=equiangular_time(n=n + 1, model="SA")),
        Control("T(γ) -> T(γ) + 1/10", prediction=equiangular_time(model="SA") + Rational(1, 10)),
        Control("the flow USA", model=USA),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
)


DELTA = Symbol("delta", positive=True)
"""1 - δ is the inner product to be reached; 0 < δ < 1."""


@dataclass(frozen=True)
class FirstTime:
    """``inf {s : P(s) relation level}``, P the law of two tokens on the circle at β = 0.

    Attributes
    ----------
    law : Expr
        P, in ``t`` and ``DELTA``.
    relation : {">=", "=", "<="}
    """

    law: Expr
    relation: str = ">="


def check_first_time(model: Any, prediction: FirstTime, budget: Budget) -> Evidence:
    """Check the law, and that the time is well defined at every level below 1.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : FirstTime
        Law and relation.
    budget : Budget
        Pairs to draw, a hundred a case.
    """
    level = 1 - 8 * Integer(2) ** Rational(-1, 64)  # 1 - 2n² d^{-1/64} at n = d = 2
    start = prediction.law.subs({t: 0, DELTA: Rational(1, 10)})
    if prediction.relation == "=":
        detail = (
            f"n = d = 2, β = 0, δ = 1/10: {{s : P(s) = {level.evalf(4)}}} is empty, as P >= P(0) = "
            f"{start.evalf(4)}; arg inf of an equation has no value"
        )
        verdict = Verdict.REFUTED if level.evalf(20) < start.evalf(20) else Verdict.UNDECIDED
        return Evidence(verdict, detail)
    if prediction.relation == "<=" and start.evalf(20) < S.Half:
        detail = f"δ = 1/10, level 1/2: P(0) = {start.evalf(4)} <= 1/2 gives 0, not the first time"
        return Evidence(Verdict.REFUTED, detail)
    count, worst, cases = 100 * budget.cases, np.inf, 0
    law = lambdify((t, DELTA), prediction.law, "numpy")
    for flow in each(model):
        lost = leaves_sphere(flow, budget.rng)
        if lost or without_temperature(flow):
            verdict = Verdict.REFUTED if lost else Verdict.UNDECIDED
            return Evidence(verdict, lost or without_temperature(flow))
        points = np.asarray(random_points(2, 2, budget.rng, count))
        times = np.array([0.5, 1.5, 3.0])
        run = integrate(compile_model(flow, beta=0.0), points, 3.0, times, rtol=1e-7)
        product = (run.points[:, :, 0] * run.points[:, :, 1]).sum(axis=-1)
        for width in (0.1, 0.5):
            for time, row in zip(times, product, strict=True):
                exact, seen = float(law(time, width)), float((row >= 1 - width).mean())
                sigma = np.sqrt(max(exact * (1 - exact), 1 / count) / count)
                cases, worst = cases + count, min(worst, 1 - abs(seen - exact) / (5 * sigma))
                if worst < 0:
                    detail = (
                        f"{flow.name}, n = d = 2, δ = {width}, t = {time}: {seen:.4f} of {count} "
                        f"draws, the law says {exact:.4f}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        rate = half_angle_rate(flow)
        if rate is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: tan(φ/2) has no constant rate")
        derived = 2 / pi * atan(exp(rate * t) * sqrt(DELTA / (2 - DELTA)))
        if simplify(derived - prediction.law) != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: the derived law is {derived}")
    ratio = Symbol("r", positive=True)  # sqrt(δ/(2-δ))
    rising = (2 / pi * atan(exp(t) * ratio)).diff(t).is_positive
    median = log((2 - DELTA) / DELTA) / 2
    inside = simplify(exp(median) ** 2 * DELTA / (2 - DELTA))
    # T(γ) of two equiangular tokens at β = 0 is ½ log((γ+1)/(1-γ)): the median, γ = 1 - δ.
    if not rising or inside != 1 or limit(prediction.law.subs(DELTA, S.Half), t, oo) != 1:
        return Evidence(Verdict.UNDECIDED, f"rising {rising}, at the median {inside}")
    return Evidence(
        Verdict.PROVED,
        f"P = {prediction.law} rises from P(0) to 1: inf {{s : P >= level}} exists for every level "
        "< 1, is 0 up to P(0) (so at the printed level), and is ½ log((2-δ)/δ) = T(1-δ) at 1/2",
        {"n": "2", "d": "2", "beta": "0", "delta": "symbolic", "t": "symbolic"},
        (),
        cases,
        float(worst),
        identity=(derived, prediction.law),
    )


_FIRST_TIME = FirstTime(2 / pi * atan(exp(t) * sqrt(DELTA / (2 - DELTA))))


ERRATUM_6_12 = Claim(
    "E.(6.12)",
    "Γ_{d,δ} is t(β) = inf{s : P(s) >= level}; the printed set P(s) = level is empty if level < 0.",
    (SA, USA),
    _FIRST_TIME,
    check_first_time,
    (
        Control("inf{s : P(s) <= level}", prediction=replace(_FIRST_TIME, relation="<=")),
        Control(
            "e^t -> e^{t/2}", prediction=replace(_FIRST_TIME, law=_FIRST_TIME.law.subs(t, t / 2))
        ),
        Control("V = -I", model=(REPULSIVE,)),
        Control("the set P(s) = level", prediction=replace(_FIRST_TIME, relation="=")),
    ),
    Verdict.PROVED,
    cases=4,
    origin="erratum",
    kind="notation",
    equivalents=(AT_BETA_ZERO,),
)


CLAIMS = (LEVEL_SET, ERRATUM_6_12)
