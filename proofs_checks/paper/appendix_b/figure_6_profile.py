"""Figure 6: g(τ) = e^{β cos τ}(cos τ - β sin² τ) has one zero and one negative well.

How it is proved
----------------
g is derived from the flows' energy, exactly. For β = 2 and 6 the zeros of g and g' are counted
as roots of polynomials in cos τ; interval arithmetic gives the signs on both sides of the places
drawn, to 1e-5, and encloses the minimum to a relative 1e-3. No runs.

References
----------
arXiv 2312.10794, Appendix B, Figure 6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Derivative, Expr, Poly, Rational, S, cos, exp, expand, pi, sin

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose, interval
from proofs_checks.proof import (
    ONLY_SPEED,
    PAIR,
    TAU,
    Counterexample,
    Flow,
    How,
    Outcome,
    PairAverage,
    Sheet,
    Statement,
    Step,
    apart,
    derived,
    energy_slope,
    gap,
    rotated_pair,
)
from proofs_checks.said import say, saying
from theory.bounded import remainder, simplified
from theory.models import SA, USA, attention_form
from theory.symbols import beta, d, z


@dataclass(frozen=True)
class Drawn:
    """What Figure 6 shows for one β: the zero, the minimum and its place, to the digits given."""

    hot: int
    zero: Expr
    place: Expr
    least: Expr


@dataclass(frozen=True)
class Profile:
    """The curve ``value`` of ``TAU`` and ``beta`` for d = 2, and its features."""

    value: Expr
    features: tuple[Drawn, ...]


_DIGIT = Rational(1, 10**5)


def _around(value: Expr, width: Expr) -> tuple[Any, Any]:
    return interval(value - width), interval(value + width)


INSIDE = 1 + 3 * beta * z - beta**2 * (1 - z**2)
"""``g' = -sin τ e^{β cos τ} INSIDE``, z = cos τ."""


def _slope(flow: Flow) -> tuple[Expr | None, str]:
    """Slope h' of the energy that the flow climbs, or of the one that it would; and why not."""
    slope, reason = energy_slope(flow.model)
    if not reason:
        return slope, ""
    form = attention_form(flow.model)
    # The flow may climb another energy: then it has a profile of its own.
    return (None, reason) if form is None else (form.scale * form.kernel, "")


def _off_profile(slope: Expr, prediction: Profile) -> Expr:
    """Profile of a flow for d = 2, minus the drawn one."""
    own = -rotated_pair(slope, PairAverage(S.One, S.NegativeOne)).subs(d, 2)
    return remainder(expand(own.subs(z, cos(TAU)) - prediction.value))


def _slope_form() -> Expr:
    """Form of the derivative of the drawn curve, whose sign is read off."""
    return -sin(TAU) * exp(beta * cos(TAU)) * INSIDE.subs(z, cos(TAU))


def _off_slope(prediction: Profile) -> Expr:
    """Return the derivative of the drawn curve, minus its form."""
    return simplified(expand(prediction.value.diff(TAU) - _slope_form()))


@dataclass(frozen=True)
class Seen:
    """What is enclosed of the curve at one β: counts of zeros, signs, the minimum."""

    counts: tuple[int, int]
    zero: tuple[Any, Any]
    slopes: tuple[Any, Any]
    least: Any


def _see(value: Expr, drawn: Drawn) -> Seen:
    """Count zeros of g and g' in cos τ, and enclose both beside the drawn places."""
    curve, inside = value.subs(beta, drawn.hot), INSIDE.subs(beta, drawn.hot)
    bracket = ((d - 1) * z - beta * (1 - z**2)).subs({d: 2, beta: drawn.hot})
    sides, places = _around(drawn.zero, _DIGIT), _around(drawn.place, _DIGIT)
    return Seen(
        (Poly(bracket, z).count_roots(-1, 1), Poly(inside, z).count_roots(-1, 1)),
        (enclose(curve, {TAU: sides[0]}), enclose(curve, {TAU: sides[1]})),
        (
            enclose(inside.subs(z, cos(TAU)), {TAU: places[0]}),
            enclose(inside.subs(z, cos(TAU)), {TAU: places[1]}),
        ),
        enclose(curve, {TAU: interval(*places)}),
    )


def _allowed(drawn: Drawn) -> Any:
    return interval(drawn.least - abs(drawn.least) / 1000, drawn.least + abs(drawn.least) / 1000)


def derive_profile(flow: Flow) -> Profile | None:
    """Return the flow's own curve, of which nothing is drawn."""
    slope, _ = _slope(flow)
    if slope is None:
        return None
    own = -rotated_pair(slope, PairAverage(S.One, S.NegativeOne)).subs(d, 2)
    return Profile(own.subs(z, cos(TAU)), ())


def refute_figure(flow: Flow, prediction: Profile | None, budget: Budget) -> Counterexample | None:
    """Find another curve, or a feature that the enclosures exclude."""
    slope, _ = _slope(flow)
    if slope is None:
        found = apart(flow, budget.rng, (S.One,))
        return Counterexample(found, PAIR) if found else None
    if prediction is None:
        return None
    left = _off_profile(slope, prediction)
    if left != 0:
        value = left.subs({TAU: pi / 3, beta: Rational(5, 2)}).evalf(5)
        return Counterexample(f"{flow.name}: derived minus drawn g is {value} at τ = π/3, β = 5/2")
    for drawn in prediction.features:
        seen, hot = _see(prediction.value, drawn), f"β = {drawn.hot}"
        if seen.counts != (1, 1):
            return Counterexample(f"{hot}: g and g' have {seen.counts} zeros")
        if seen.zero[0].b < 0 or seen.zero[1].a > 0:
            values = [float(side.mid) for side in seen.zero]
            return Counterexample(
                f"{hot}: beside τ = {drawn.zero} g is {values[0]:.4g}, {values[1]:.4g}"
            )
        if seen.slopes[0].b < 0 or seen.slopes[1].a > 0:
            return Counterexample(f"{hot}: g' keeps its sign beside τ = {drawn.place}")
        if seen.least.b < _allowed(drawn).a or seen.least.a > _allowed(drawn).b:
            return Counterexample(f"{hot}: the minimum lies in {seen.least}, not at {drawn.least}")
    return None


def _enclosed(text: str, holds: bool, evidence: str) -> Step:
    outcome = Outcome.HOLDS if holds else Outcome.GAP
    return Step(text, How.ENCLOSED, outcome, evidence, enclosed=holds)


def _drawn_steps(value: Expr, drawn: Drawn) -> tuple[Step, ...]:
    """Certify the zero and the minimum of g at one β."""
    seen, hot = _see(value, drawn), f"β = {drawn.hot}"
    text = f"{hot}: g and g'/sin τ have one zero each in [0, π]"
    one = Step(text, How.DECIDED, evidence="roots of polynomials in cos τ, counted")
    if seen.counts != (1, 1):
        one = gap(text, f"{seen.counts} zeros")
    zero = _enclosed(
        f"{hot}: g > 0 > g at {float(drawn.zero):.9g} -+ 1e-5",
        bool(seen.zero[0].a > 0 > seen.zero[1].b),
        f"{float(seen.zero[0].mid):.3g}, {float(seen.zero[1].mid):.3g}",
    )
    place = _enclosed(
        f"{hot}: g' < 0 < g' at {float(drawn.place):.9g} -+ 1e-5",
        bool(seen.slopes[0].a > 0 > seen.slopes[1].b),
        f"-g'e^{{-β cos τ}}/sin τ: {float(seen.slopes[0].mid):.3g}, "
        f"{float(seen.slopes[1].mid):.3g}",
    )
    least = _enclosed(
        f"{hot}: the minimum is {float(drawn.least):.9g}, to a relative 1e-3",
        bool(_allowed(drawn).a < seen.least.a <= seen.least.b < _allowed(drawn).b),
        f"in {seen.least}",
    )
    return one, zero, place, least


def decide(flow: Flow, prediction: Profile) -> Sheet:
    """Certify the zeros and minima of g by signs at both sides, and their uniqueness exactly."""
    slope, reason = _slope(flow)
    if slope is None:
        return Sheet((gap("g is the profile of the flow", reason),))
    # Minus h'' (1 - z²) + h' (1 - d) z, for d = 2.
    own = -((1 - z**2) * Derivative(slope, z) - z * slope)
    steps = [
        saying(
            derived("g(τ) is the flow's (B.3) for d = 2", _off_profile(slope, prediction)),
            say(own.subs(z, cos(TAU)), "=", prediction.value),
        ),
        saying(
            derived(
                "g' = -sin τ e^{β cos τ}(1 + 3β c - β²(1-c²)), c = cos τ", _off_slope(prediction)
            ),
            say(Derivative(prediction.value, TAU), "=", _slope_form()),
        ),
    ]
    for drawn in prediction.features:
        steps += _drawn_steps(prediction.value, drawn)
    return Sheet(
        tuple(steps),
        {"d": "2", "beta": ", ".join(str(f.hot) for f in prediction.features)},
        (),
        "one zero and one minimum in (0, π) each, by root counting in cos τ; places to 1e-5, "
        "minima to a relative 1e-3",
    )


CURVE: Statement[Profile] = Statement(
    "",
    "g has one zero and one negative well at the places drawn",
    decide,
    derive_profile,
    refute_figure,
)


_DRAWN = (
    Drawn(2, Rational("0.674889"), Rational("1.16403"), Rational("-2.84889")),
    Drawn(6, Rational("0.402377"), Rational("0.696311"), Rational("-169.788")),
)


_CURVE = exp(beta * cos(TAU)) * (cos(TAU) - beta * sin(TAU) ** 2)


FIGURE_6 = Claim(
    "Figure 6",
    "g(τ) = e^{β cos τ}(cos τ - β sin² τ): one zero τ*, one negative well, for β = 2 and 6.",
    (SA, USA),
    Profile(_CURVE, _DRAWN),
    CURVE,
    (
        Control(
            "sign of β sin²",
            prediction=Profile(
                exp(beta * cos(TAU)) * (cos(TAU) + beta * sin(TAU) ** 2),
                _DRAWN,
            ),
        ),
        Control(
            "zero 0.674889 -> 0.675",
            prediction=Profile(_CURVE, (replace(_DRAWN[0], zero=Rational("0.675")),)),
        ),
        Control(
            "minimum of β = 6 at that of β = 2",
            prediction=Profile(_CURVE, (replace(_DRAWN[1], place=_DRAWN[0].place),)),
        ),
    ),
    Verdict.CERTIFIED,
    equivalents=(
        ONLY_SPEED,
        Equivalent("β = 2 and 6 are drawn: only the speed changes", ("*.velocity: × β",)),
    ),
)


CLAIMS = (FIGURE_6,)
