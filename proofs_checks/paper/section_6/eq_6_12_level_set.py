"""(6.12), E.(6.12): the curve Γ as a level set, and its definition at finite d.

Main results
------------
- (6.12): the level set γ(t) = 1-δ is the graph of t = T_SA(1-δ); T rises with β.
- E.(6.12): Γ_{d,δ} is inf{s : P(s) >= level}; the printed set can be empty.

How it is proved
----------------
(6.12): T' γ' = 1 and T(0) = 0, so T reads the time of orthonormal tokens, and 1/γ'² rises with β,
for symbolic n and β: its coefficients are positive. The erratum derives the law P for two tokens
on the circle at β = 0, which rises from P(0) to 1; shares of drawn pairs are watched within 5σ.
Cited: Picard-Lindelöf.

References
----------
arXiv 2312.10794, (6.12); Theorem 6.8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import (
    Derivative,
    Expr,
    Integer,
    Mul,
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
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    AUTONOMOUS,
    MONOTONE,
    ON_SPHERE,
    ROOM,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    derived,
    gap,
    half_angle_rate,
    leaves_sphere,
    without_temperature,
)
from proofs_checks.proof.kinds import ALIKE, IN_TIME, SPHERE, VARIED
from proofs_checks.said import say, saying
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import Concludes, Conclusion, Refusal, later, sight_in
from theory.bounded import remainder
from theory.models import REPULSIVE, SA, USA
from theory.predictions import equiangular_time
from theory.symbols import beta, gamma, n, t


@dataclass(frozen=True)
class OwnTime:
    """T of a flow, with no closed form."""


def derive_time(flow: Flow) -> OwnTime | None:
    """Return T of a flow whose γ' depends on β."""
    rate = flow.angle_rate
    return OwnTime() if rate is not None and beta in rate.free_symbols else None


def refute_level_set(
    flow: Flow, prediction: Expr | OwnTime | None, budget: Budget
) -> Counterexample | None:
    """Find a point at which T isn't the time that γ takes."""
    rate = flow.angle_rate
    if off := leaves_sphere(flow.model, budget.rng):
        return Counterexample(off)
    if rate is None or not isinstance(prediction, Expr):
        return None
    at = {gamma: Rational(1, 2), beta: Rational(5, 4), n: 4}
    value = (prediction.diff(gamma) * rate).subs(at).n(15)
    if abs(value - 1) > Rational(1, 10**6):
        return Counterexample(f"γ' dT/dγ = {value.n(6)}, not 1, at γ = 1/2, β = 5/4, n = 4")
    start = prediction.subs({gamma: 0, beta: 1, n: 4}).evalf(20)
    return Counterexample(f"T(0) = {start.n(6)} at β = 1, n = 4") if start.is_nonzero else None


def conclude_level_set(flow: Flow, prediction: Expr | OwnTime) -> Conclusion | Refusal:
    """Say that T is the time of the level set, one at each height, and rises with β."""
    found, time = sight_in(flow, still=False), None
    if isinstance(prediction, Expr):
        time = prediction
    own = found if isinstance(found, Refusal) else later(*found, time)
    return Refusal("orthonormal tokens don't stay at equal angles") if own is None else own


GRAPH: Statement[Expr | OwnTime] = Statement(
    "(6.12)",
    "the level set γ(t) = 1-δ is the graph of t = T(1-δ), T rises with β",
    Concludes(conclude_level_set, words=(("d", "symbolic, >= n"), ("masses", "1/n")), warm=True),
    derive_time,
    refute_level_set,
    domain=(IN_TIME, SPHERE, ALIKE, VARIED),
    varies=(beta,),
    typed=True,
)


LEVEL_SET = Claim(
    "(6.12)",
    "The level set γ(t) = 1-δ is the graph of t = T_SA(1-δ), and T increases with β.",
    SA,
    equiangular_time(model="SA"),
    GRAPH,
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


def refute_first_time(
    flow: Flow, prediction: FirstTime | None, budget: Budget
) -> Counterexample | None:
    """Find a level at which the set is empty or its infimum isn't the first time."""
    if off := leaves_sphere(flow.model, budget.rng):
        return Counterexample(off)
    if prediction is None:
        return None
    level = 1 - 8 * Integer(2) ** Rational(-1, 64)  # 1 - 2n² d^{-1/64} at n = d = 2
    start = prediction.law.subs({t: 0, DELTA: Rational(1, 10)})
    if prediction.relation == "=" and level.evalf(20) < start.evalf(20):
        return Counterexample(
            f"n = d = 2, β = 0, δ = 1/10: {{s : P(s) = {level.evalf(4)}}} is empty, as P >= P(0) = "
            f"{start.evalf(4)}; arg inf of an equation has no value"
        )
    if prediction.relation == "<=" and start.evalf(20) < S.Half:
        return Counterexample(
            f"δ = 1/10, level 1/2: P(0) = {start.evalf(4)} <= 1/2 gives 0, not the first time"
        )
    return None


def derive_first_time(flow: Flow) -> FirstTime | None:
    """Return the law of two tokens at β = 0."""
    rate = half_angle_rate(flow.model)
    if rate is None:
        return None
    return FirstTime(2 / pi * atan(exp(rate * t) * sqrt(DELTA / (2 - DELTA))))


def decide_first_time(flow: Flow, prediction: FirstTime) -> Sheet:
    """Derive the law, and that the time is well defined at every level below 1."""
    own, law = derive_first_time(flow), prediction.law
    text = "tan(φ/2)' = -tan(φ/2): P(s) = (2/π) atan(e^s (δ/(2-δ))^(1/2))"
    value = (
        gap(text, "no constant rate") if own is None else derived(text, remainder(own.law - law))
    )
    ratio = Symbol("r", positive=True)  # sqrt(δ/(2-δ))
    slope = (2 / pi * atan(exp(t) * ratio)).diff(t).is_positive
    rises = Step("P rises with s", How.DECIDED) if slope else gap("P rises with s", "no sign")
    rises = saying(rises, say(0, "<", Derivative(2 / pi * atan(exp(t) * ratio), t)))
    end = derived("P -> 1 as s -> ∞", limit(law.subs(DELTA, S.Half), t, oo) - 1)
    # T(γ) of two equiangular tokens at β = 0 is ½ log((γ+1)/(1-γ)): the median, γ = 1 - δ.
    median = log((2 - DELTA) / DELTA) / 2
    text = "e^{2s} δ/(2-δ) = 1 at s = ½ log((2-δ)/δ) = T(1-δ), where P = (2/π) atan 1 = 1/2"
    half = derived(text, simplify(exp(median) ** 2 * DELTA / (2 - DELTA)) - 1)
    twice = exp(Mul(2, median, evaluate=False), evaluate=False)
    half = saying(half, say(twice * DELTA / (2 - DELTA), "=", 1, (say(DELTA, "<", 2),)))
    text = f"inf {{s : P(s) {prediction.relation} level}} exists for every level < 1"
    first = apply(MONOTONE, text, value, rises, end)
    if prediction.relation != ">=":
        first = gap(text, "it is shown of P >= level")
    return Sheet(
        (value, rises, end, half, first),
        {"n": "2", "d": "2", "beta": "0", "delta": "symbolic", "t": "symbolic"},
        (S.NaN if own is None else own.law, law),
        f"P = {law} rises from P(0) to 1: inf {{s : P >= level}} exists for every level "
        "< 1, is 0 up to P(0) (so at the printed level), and is ½ log((2-δ)/δ) = T(1-δ) at 1/2",
    )


def draw(flow: Flow, prediction: FirstTime, budget: Budget) -> Trial:
    """Compare the law with shares of drawn pairs, a hundred a case, within 5σ."""
    missing = without_temperature(flow.model)
    if missing or flow.given:
        return Trial(silent=missing or "no runs at given parameters")
    count, worst, cases = 100 * budget.cases, np.inf, 0
    law = lambdify((t, DELTA), prediction.law, "numpy")
    points = np.asarray(random_points(2, 2, budget.rng, count))
    times = np.array([0.5, 1.5, 3.0])
    run = integrate(compile_model(flow.model, beta=0.0), points, 3.0, times, rtol=1e-7)
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
                return Trial(detail, worst, cases)
    return Trial("", worst, cases)


FIRST_TIME: Statement[FirstTime] = Statement(
    "",
    "n = d = 2, β = 0: the first time at which P is at least a level",
    decide_first_time,
    derive_first_time,
    refute_first_time,
    draw,
    premises=(ON_SPHERE, ATTENTION, AUTONOMOUS),
)


_FIRST_TIME = FirstTime(2 / pi * atan(exp(t) * sqrt(DELTA / (2 - DELTA))))


ERRATUM_6_12 = Claim(
    "E.(6.12)",
    "Γ_{d,δ} is t(β) = inf{s : P(s) >= level}; the printed set P(s) = level is empty if level < 0.",
    (SA, USA),
    _FIRST_TIME,
    FIRST_TIME,
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
