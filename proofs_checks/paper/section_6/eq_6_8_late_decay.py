"""(6.8), E.(6.8): 1 - α decays exponentially once α is 1/2.

Main results
------------
- (6.8): 1-α <= ½ e^{-κ(t-t0)/2n} with κ = e^{-2β} (SA), e^{-β} (USA).
- E.(6.8): κ = e^{-2β} for SA; the paper prints e^β in place of e^{2β}.

How it is proved
----------------
A theorem on models in pull form, masses 1/n: of points in the tokens' cone, as (6.7) is, and of the
limit that tokens of an open hemisphere have. Groups of tokens at ±60° from x*, in interval
arithmetic, refute a faster rate, the printed one too. No run is drawn.

References
----------
arXiv 2312.10794, (6.8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from itertools import product as product_of
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from sympy import Expr, Integer, Rational, S, exp, lambdify, pi

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose, interval
from proofs_checks.proof import (
    AUTONOMOUS,
    CONTINUOUS,
    FASTER,
    ON_SPHERE,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    SCHEDULED,
    ByModel,
    Counterexample,
    Flow,
    Statement,
    excess_rate,
    in_own_time,
    least_weight,
    leaves_sphere,
    never_exceeds,
    pair_trap,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    decaying,
    in_its_time,
    sight_in,
)
from theory.derivations import two_clusters
from theory.models import SA, USA, AttentionForm, Model
from theory.symbols import beta, d, n, z


def _pair_speed(model: Model, hot: int) -> Expr:
    """-dθ/dt of two equal tokens at the angle θ, a function of ``Symbol('theta')``."""
    rate = two_clusters(model).angle_rate
    masses = {s: Rational(1, 2) for s in rate.free_symbols if str(s).startswith("m_")}
    return -rate.subs(masses).subs(beta, hot)


@lru_cache(maxsize=32)
def _still_apart(model: Model, hot: int, time: int) -> Any:
    """Interval value of 1-α at the time, from below, for two equal tokens that start at ±60°.

    None when the interval sum doesn't show that they take at least that time to get there.
    """
    speed = _pair_speed(model, hot)
    (angle,) = speed.free_symbols
    floating = lambdify(angle, 1 / speed, "math")
    top = 2 * np.pi / 3

    def elapsed(low: float) -> float:
        return float(quad(floating, low, top, limit=200)[0])

    if elapsed(1e-3) <= time:
        return None
    low = float(brentq(lambda a: elapsed(a) - time, 1e-3, top, xtol=1e-6)) - 2e-3
    # The time to get there is at least the sum of width / (largest speed) over the pieces.
    pieces, width = 100, interval(2 * pi / 3) - interval(low)
    edges = [low + width * k / pieces for k in range(pieces + 1)]
    passed = interval(0)
    for left, right in pairwise(edges):
        passed += width / pieces / enclose(speed, {angle: interval(left, right)})
    return 1 - (interval(low) / 2).cos() if passed.a > time else None


def _pair_counterexample(model: Model, rate: Expr) -> str:
    """Two tokens at ±60° that are further apart than the bound allows, in interval arithmetic."""
    for hot, time in ((6, 500), (4, 100), (8, 4000)):
        gap = _still_apart(model, hot, time)
        slope = enclose(rate.subs({n: 2, beta: hot}))
        bound = (-slope * time).exp() / 2
        if gap is not None and gap.a > bound.b:
            return (
                f"{model.name}, n = 2, tokens at ±60°, β = {hot}: at t = {time}, "
                f"1-α >= {float(gap.a):.4f} > {float(bound.b):.4g} = "
                f"½ e^(-{float(slope.mid):.3g} t)"
            )
    return ""


def derive_late_rate(flow: Flow) -> Expr | None:
    """Return κ/(2n), κ the least weight."""
    return least_weight(flow) / (2 * n) if flow.attracts.holds else None


def refute_late_rate(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Find tokens that never meet, or that are further from x* than the bound allows."""
    model = flow.model
    found = leaves_sphere(model, budget.rng)
    if found or prediction is None or flow.given:
        return Counterexample(found) if found else None
    trap = pair_trap(model, Rational(-1, 2))
    if trap and prediction.subs({n: 2, beta: 1}).is_positive:
        detail = f"{trap}; the bound has α -> 1 once α = ((1+<x_1,x_2>)/2)^(1/2) >= 1/2"
        return Counterexample(detail, PAIR)
    own = derive_late_rate(flow)
    if own is None:
        trap = pair_trap(model)
        return Counterexample(trap, PAIR) if trap else None
    if prediction == own or not excess_rate(prediction, own):
        return None
    found = _pair_counterexample(model, prediction)
    return Counterexample(found, {"n": "2", "d": "2", "beta": "fixed"}) if found else None


def conclude_late_rate(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that tokens of an open hemisphere meet, and how fast once they are near their limit."""
    found = sight_in(flow)
    return found if isinstance(found, Refusal) else decaying(*found, prediction)


_ATTRACTING = (ON_SPHERE, OWN_VALUES, CONTINUOUS, AUTONOMOUS, POSITIVE_WEIGHTS)


LATE_RATE: Statement[Expr] = Statement(
    "",
    "1-α <= ½ e^{-rate (t-t0)} once α >= 1/2",
    Concludes(conclude_late_rate),
    derive_late_rate,
    refute_late_rate,
    premises=_ATTRACTING,
    typed=True,
)


ERRATUM_6_8 = Claim(
    "E.(6.8)",
    "1-α(t) <= ½ e^{-(t-t0)/(2n e^{2β})} for SA once α >= ½; the paper prints e^β.",
    SA,
    exp(-2 * beta) / (2 * n),
    LATE_RATE,
    (
        Control("rate e^{-2β} -> e^{-β/2}", prediction=exp(-beta / 2) / (2 * n)),
        Control("rate e^{-2β}/(2n) -> 1/(2n)", prediction=1 / (2 * n)),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control("as printed, with e^β", prediction=exp(-beta) / (2 * n)),
    origin="erratum",
    kind="statement",
    equivalents=(
        FASTER,
        Equivalent(
            "a lower rate, for r0 <= 1",
            ("prediction: sign", "prediction: e^u*", "prediction: squared"),
        ),
        Equivalent(
            "α' >= min(1, 2α)(1-α²) min_j A_ij, g_ij >= 2α²-1: Σ_j θ_j (h_j - α g_ij) = 1 - α² "
            "for h_j = <x_j,x*> and x* = Σ θ_j x_j, where θ_j <= max(1, 1/(2α))",
            ("prediction: × β", "prediction: β -> β²"),
        ),
    ),
)


@dataclass(frozen=True)
class LateDecay:
    """``1 - α(t) <= prefactor e^{-rate (t-t0)}`` once α(t0) >= 1/2.

    Behind it stands ``α' >= rate (1-α)``, claimed of every x* in the cone of the tokens.
    """

    rate: ByModel
    prefactor: Expr = S.Half


@dataclass(frozen=True)
class TimedDecay(LateDecay):
    """The same in the time ``τ = ∫s`` of a flow with a schedule, in place of t."""


def _slow_tokens(flow: Model, form: AttentionForm, rate: Expr) -> str:
    """All tokens but one at +60° from x*, one at -60°: ``α' < rate (1-α)`` at once, or ""."""
    product = Rational(-1, 2)
    for count, hot in product_of((2, 64), (S.Zero, S.Half, S.One, Integer(4), Integer(12))):
        others = {s: S.One for s in (form.scale * form.kernel).free_symbols - {z}}
        at = {**others, beta: hot, n: count, d: 2}
        near, far = (form.kernel.subs({**at, z: g}) for g in (S.One, product))
        if not (near.is_finite and far.is_finite):
            continue
        total = ((count - 1) * near + far) / count if form.normalised else S.One
        weight = form.scale.subs(at) * far / total / count
        grown = enclose(weight * S.Half * (1 - product))
        wanted = enclose(rate.subs({n: count, beta: hot}) / 2)
        if grown.b < wanted.a:
            return (
                f"{flow.name}, n = {count}, β = {hot}, {count - 1} at 60° from x*, one at -60°: α' "
                f"= {float(grown.b):.4g} < {float(wanted.a):.4g}, so 1-α exceeds the bound at once"
            )
    return ""


def derive_decay(flow: Flow) -> LateDecay | None:
    """Return the rate κ/(2n) of the least weight κ."""
    rate = derive_late_rate(flow)
    if rate is None or flow.schedule is None:
        return None
    kind = LateDecay if flow.schedule.constant else TimedDecay
    return kind(ByModel(rate, rate))


def refute_decay(flow: Flow, prediction: LateDecay | None, budget: Budget) -> Counterexample | None:
    """Find tokens that never meet, or at ±60° of x* that fall behind at once."""
    found = leaves_sphere(flow.model, budget.rng)
    if found or prediction is None or prediction == derive_decay(flow):
        return Counterexample(found) if found else None
    if prediction.prefactor < S.Half:
        return Counterexample(
            f"tokens at ±60° from x*: at t = t0 1-α = 1/2 > {prediction.prefactor}"
        )
    rate, form, own = prediction.rate.of(flow.model), flow.still_form, derive_late_rate(flow)
    schedule = flow.schedule
    if form is not None and schedule is not None and rate.free_symbols <= {n, beta}:
        still = schedule.constant or isinstance(prediction, TimedDecay)
        for time, pace in ((S.Zero, S.One),) if still else schedule.paces:
            if not found and prediction.prefactor == S.Half:
                found = _slow_tokens(flow.model, replace(form, scale=form.scale * pace), rate)
                found = found if still or not found else f"t0 = {time}, s = {pace}: {found}"
    if found:
        return Counterexample(found, {"n": "2, 64", "d": "2"})
    if not flow.given and (own is None or not never_exceeds(rate, own)):
        found = pair_trap(flow.model)
    return Counterexample(found, PAIR) if found else None


def conclude_decay(flow: Flow, prediction: LateDecay) -> Conclusion | Refusal:
    """Say it at the rate of a flow, in its own time where that is asked."""
    found = sight_in(flow, still=False, timed=isinstance(prediction, TimedDecay))
    if isinstance(found, Refusal):
        return found
    own = decaying(*found, prediction.rate.of(flow.model), prediction.prefactor)
    return in_its_time(flow, own)


LATE_DECAY: Statement[LateDecay] = in_own_time(
    Statement(
        "(6.8)",
        "masses 1/n: 1-α <= ½ e^{-κ(t-t0)/2n} once α(t0) >= 1/2",
        Concludes(conclude_decay),
        derive_decay,
        refute_decay,
        premises=(ON_SPHERE, OWN_VALUES, CONTINUOUS, SCHEDULED, POSITIVE_WEIGHTS),
        bound=True,
        typed=True,
    )
)


_DECAY = LateDecay(ByModel(exp(-2 * beta) / (2 * n), exp(-beta) / (2 * n)))


INEQUALITY_6_8 = Claim(
    "(6.8)",
    "α' >= κ(1-α)/2n for α >= ½, x* in the cone: 1-α <= ½ e^{-κ(t-t0)/2n}; κ = e^{-2β}, e^{-β}.",
    (SA, USA),
    _DECAY,
    LATE_DECAY,
    (
        Control(
            "SA: κ = e^{-β}, as printed",
            prediction=LateDecay(ByModel(exp(-beta) / (2 * n), exp(-beta) / (2 * n))),
        ),
        Control("USA: κ = 1", prediction=LateDecay(ByModel(exp(-2 * beta) / (2 * n), 1 / (2 * n)))),
        Control("prefactor 1/2 -> 1/4", prediction=replace(_DECAY, prefactor=Rational(1, 4))),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        FASTER,
        Equivalent(
            "weights e^{2βg} are at least e^{-β} where α >= 1/2, as g >= 2α² - 1 >= -1/2",
            ("USA.velocity: e^u -> e^2u",),
        ),
        Equivalent(
            "a lower rate",
            ("prediction.rate.*: sign", "prediction.rate.*: e^u*", "prediction.rate.*: squared"),
        ),
        Equivalent(
            "Σ θ_k(<x_k,x*> - αg_ik) = 1-α², θ_k <= 2, g >= -1/2: 3/2 e^{-3β/2}/2n, e^{-β/2} is a "
            "rate",
            ("prediction.rate.*: × β", "prediction.rate.*: β -> β²"),
        ),
        Equivalent("a larger bound", ("prediction.prefactor: + 1", "prediction.prefactor: × 2")),
    ),
)


CLAIMS = (INEQUALITY_6_8, ERRATUM_6_8)
