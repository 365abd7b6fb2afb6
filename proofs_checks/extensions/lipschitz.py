"""Lipschitz: chords grow at most at the rate 2(1+β), USA times e^β; geodesics too have a rate.

How it is proved
----------------
The identity of chords is reduced to 0 row by row; with bounds of the weight and of its slope it
gives the growth of chords, for any kernel. For geodesics the flow is linearised: with u_i the
longest, of direction v, <v, dF_i> is at most a mean over the weights of token i, of
(1-g)(1+2β(1+g)), as |<v,x_j>| and |<x_i,u_j>| are at most √(1-g²); its maximum over g, (4β+1)²/(8β)
for SA and β >= 1/4, holds without n. The path of geodesics between two starts is carried along.
Both are watched at drawn pairs of systems, two to five tokens, and at tokens that turn against
two others.

References
----------
(D.1) and Remark D.1 of arXiv 2312.10794, in appendix_d.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Derivative, Expr, Integer, Rational, S, Symbol, lambdify

from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import decide_positive
from proofs_checks.proof import (
    ATTENTION,
    AUTONOMOUS,
    EVEN_BOUND,
    HOT,
    MEAN_VALUE,
    ON_SPHERE,
    OPPOSED,
    SCOPE_WARM_ANY_MASSES,
    SUM,
    TRIANGLE,
    Array,
    ByModel,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    chord_algebra,
    decided,
    derived,
    gap,
    geodesic_growth,
    growth,
    heat_share,
    leaves_sphere,
    opposed,
    short,
    without_temperature,
)
from proofs_checks.said import Said, say, saying
from theory.bounded import simplified
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
    heat = simplified(kernel.diff(z) / kernel)
    rate = (1 - z) * (1 + 2 * heat * (1 + z)) * (1 if form.normalised else kernel)
    others = {s: Integer(2) for s in rate.free_symbols - {z, beta}}
    value = lambdify((z, beta), rate.subs(others), "scipy")
    places = np.linspace(-1, 1, 2001)
    for hot in (0.1, 0.6, 1.5, 4.0):
        most, said = float(value(places, hot).max()), float(constant.subs(beta, hot))
        if abs(said - most) > 1e-4 * most:
            return f"{model.name}, β = {hot}: the maximum over g is {most:.6g}, not {said:.6g}"
    return ""


@dataclass(frozen=True)
class ChordGrowth:
    """Bound of the growth of ``max_i |x_i - y_i|`` that is derived for a flow.

    Attributes
    ----------
    weight, slope : Expr
        Bounds of |k| and |k'| on [-1, 1]; of 1 and |k'/k|, times the scale, with softmax.
    """

    weight: Expr
    slope: Expr

    @property
    def rate(self) -> Expr:
        """``2 (max |k| + max |k'|)``, or ``2 c (1 + max |k'/k|)``."""
        return simplified(2 * (self.weight + self.slope))


_Prediction = GrowthRates | ChordGrowth


UNKNOWN = Symbol("K", positive=True), Symbol("L", positive=True)
"""Bounds of a weight and of its slope that no number is known of."""


def _parts(flow: Flow) -> tuple[Expr, Expr] | None:
    """Return what the two constants bound, for scalar attention without schedule."""
    form = flow.still_form
    if form is None:
        return None
    if form.normalised:
        return form.scale, form.scale * simplified(form.kernel.diff(z) / form.kernel)
    weight = form.scale * form.kernel
    return weight, weight.diff(z)


def _most(expr: Expr) -> Expr | None:
    """Return a number that |expr| doesn't exceed on [-1, 1] by much, None without one."""
    if expr.free_symbols - {z}:
        return None
    places = np.linspace(-1, 1, 2001)
    with np.errstate(all="ignore"):
        values = np.abs(lambdify(z, expr, "scipy")(places) + np.zeros_like(places))
    values = values[~np.isnan(values)]  # a slope that jumps has no value there
    if not np.all(np.isfinite(values)):
        return None
    return Rational(int(np.ceil(values.max() * 1.000001 * 10**6)), 10**6)


def derive_growth(flow: Flow) -> ChordGrowth | None:
    """Return bounds of the weight and of its slope: exact for exponentials, else numbers."""
    parts = _parts(flow)
    if parts is None:
        return None
    share = heat_share(flow)
    if share is not None and flow.form is not None:
        top = simplified((flow.form.scale * (S.One if flow.normalised else parts[0])).subs(z, 1))
        if not flow.normalised:
            top = simplified(parts[0].subs(z, 1))
        return ChordGrowth(abs(top), abs(top) * share * beta)
    weight, slope = map(_most, parts)
    if weight is None or slope is None:
        return ChordGrowth(*UNKNOWN)
    return ChordGrowth(weight, slope)


def refute_growth(
    flow: Flow, prediction: _Prediction | None, budget: Budget
) -> Counterexample | None:
    """Tokens that leave the sphere, or a geodesic constant that isn't the maximum."""
    found = leaves_sphere(flow.model, budget.rng)
    if not found and isinstance(prediction, GrowthRates) and not without_temperature(flow.model):
        found = _off_maximum(flow.model, prediction.geodesic.of(flow.model))
    return Counterexample(found) if found else None


def _bounded(flow: Flow, prediction: _Prediction) -> tuple[tuple[Step, ...], Expr]:
    """Bound the weight and its slope; return the steps and the rate that follows."""
    parts, own = _parts(flow), derive_growth(flow)
    if parts is None or own is None or own.weight in UNKNOWN:
        free = {s for part in parts or () for s in part.free_symbols - {z}}
        reason = "give numbers for the parameters" if free else "no bound on [-1, 1] is found"
        return (gap("|k| and |k'| are bounded", reason),), S.Zero
    names = ("A_ij, a softmax", "k'/k") if flow.normalised else ("k", "k'")
    if heat_share(flow) is not None:
        evidence = "an exponential: largest at 1"
        steps = [Step(f"{name} bounded", How.DECIDED, evidence=evidence) for name in names]
        assert flow.form is not None  # it has a heat
        if flow.normalised:
            slope = own.slope / flow.form.scale * flow.form.kernel
            steps[1] = saying(steps[1], say(Derivative(flow.form.kernel, z), "<=", slope))
        else:
            near = 1 - Symbol("s", nonnegative=True)
            weight, slope = (part.subs(beta, HOT).subs(z, near) for part in parts)
            most, steep = own.weight.subs(beta, HOT), own.slope.subs(beta, HOT)
            steps[0] = saying(steps[0], say(weight, "<=", most))
            steps[1] = saying(steps[1], say(slope, "<=", steep))
        return tuple(steps), own.rate
    said = prediction if isinstance(prediction, ChordGrowth) else own
    steps = []
    for name, part, most in zip(names, parts, (said.weight, said.slope), strict=True):
        for sign in (1, -1):
            text = f"{'-' if sign < 0 else ''}{name} <= {most.evalf(7)}"
            found = decide_positive(most - sign * part, strict=False)
            steps.append(decided(text, found) if found.holds else gap(text, found.detail))
    return tuple(steps), own.rate


def _at_most(flow: Flow, said: Expr) -> Said:
    """Say that the growth of chords, by the bounds of the weight and its slope, is at most that."""
    own = derive_growth(flow)
    assert own is not None  # asked before
    warm = say(0, "<=", beta)
    bounds = (say(UNKNOWN[0], "<=", own.weight), say(UNKNOWN[1], "<=", own.slope))
    return say(2 * (UNKNOWN[0] + UNKNOWN[1]), "<=", said, (warm, *bounds))


def decide(flow: Flow, prediction: _Prediction) -> Sheet:
    """Bound the growth of chords: ``<x-y, P_x m - P_y m'> <= |x-y||m-m'| + max(|m|,|m'|)|x-y|²``.

    Geodesics, and chords with them, grow at most as fast as the linearised flow.
    """
    identity = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    bounds, rate = _bounded(flow, prediction)
    norm = apply(TRIANGLE, "|m_i|, |m_i'| <= max |k|", *bounds)
    moved = apply(MEAN_VALUE, "|m_i - m_i'| <= (max |k| + 2 max |k'|) D", *bounds)
    grows = apply(SUM, f"D' <= {rate} D", identity, norm, moved, terms={"|x-y|²": ">= 0"})
    steps = [identity, *bounds, norm, moved, grows]
    if isinstance(prediction, GrowthRates):
        said = prediction.chord.of(flow.model)
        text = f"{rate} <= {said}"
        less = simplified((said - rate).subs(beta, HOT))
        enough = Step(text, How.DERIVED) if less.is_nonnegative else gap(text, f"{less}")
        steps.append(saying(enough, _at_most(flow, said)))
        steps += geodesic_growth(flow, prediction.geodesic.of(flow.model))
        return Sheet(
            tuple(steps),
            {**SCOPE_WARM_ANY_MASSES, "masses": "symbolic, total 1"},
            (flow.model.velocity, rate),
            "<v, D_u F_i> is at most the mean over A_ij of 1-g and 2c(1-g²), whatever n is; the "
            "path of geodesics between two starts grows at the largest of that",
        )
    formula = "2c(1 + max|h''/h'|)" if flow.normalised else "2M(max|h'| + max|h''|), M = 1"
    shown = rate if rate.free_symbols else f"{float(rate):.6g}"
    return Sheet(
        tuple(steps),
        {"n": "symbolic", "d": "symbolic", "m": "symbolic"},
        (),
        f"one-sided constant {formula} <= {shown}",
    )


def watch(flow: Flow, prediction: _Prediction, budget: Budget) -> Trial:
    """Compare instantaneous growth of the distance of two systems with the constants."""
    missing = without_temperature(flow.model)
    if missing or flow.given or isinstance(prediction, ChordGrowth):
        return Trial(silent=missing or "no pairs are drawn")
    worst, count, cases = np.inf, 200 * budget.cases, 0
    for (first, second), masses in (
        (pairs_of_systems(count, 2, 2, budget.rng), None),
        (pairs_of_systems(count, 3, 2, budget.rng), None),
        (pairs_of_systems(count, 5, 3, budget.rng), None),
        (opposed(count, budget.rng), OPPOSED),
    ):
        hot = np.exp(budget.rng.uniform(np.log(0.05), np.log(6.0), len(first)))
        rates = growth(flow.model, first, second, hot, masses)
        for name, rate in zip(("chord", "geodesic"), rates, strict=True):
            constant = getattr(prediction, name).of(flow.model)
            bound = np.asarray(lambdify(beta, constant, "scipy")(hot))
            bound = np.broadcast_to(bound, rate.shape)
            # Where the bound is below zero every faster rate exceeds it, by any measure.
            failed = np.where(rate > bound, np.inf, 0.0)
            used = np.divide(rate, bound, out=failed, where=bound > 0)
            case = int(np.argmax(used))
            worst = min(worst, 1 - float(used[case]))
            if used[case] > 1 + 1e-5:
                detail = (
                    f"{flow.name}, β = {hot[case]:.4g}, x = {short(first[case])}, "
                    f"y = {short(second[case])}: {name} rate {rate[case]:.4g} > "
                    f"{bound[case]:.4g}"
                )
                return Trial(detail, worst, len(first))
        cases += len(first)
    return Trial("", worst, cases)


GROWS: Statement[_Prediction] = Statement(
    "Lipschitz bound",
    "one-sided Lipschitz in max_i |x_i - y_i|",
    decide,
    derive_growth,
    refute_growth,
    watch,
    premises=(ATTENTION, AUTONOMOUS, ON_SPHERE),
    bound=True,
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
    GROWS,
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
        Control(
            "USA geodesic constant: e^β -> 1",
            prediction=replace(_GROWTH, geodesic=replace(_GEODESIC, plain=_GEODESIC.softmax)),
        ),
    ),
    Verdict.PROVED,
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
