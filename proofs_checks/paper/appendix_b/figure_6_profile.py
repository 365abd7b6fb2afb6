"""Figure 6: g(τ) = e^{β cos τ}(cos τ - β sin² τ) has one zero and one negative well.

How it is proved
----------------
A theorem on energies of pairs: g is minus what E'' is for two tokens an angle τ apart of which one
turns. For β = 2 and 6 the zeros of g and g' are counted as roots of polynomials in cos τ; interval
arithmetic gives the signs on both sides of the places drawn, to 1e-5, and encloses the minimum to a
relative 1e-3. No runs.

References
----------
arXiv 2312.10794, Appendix B, Figure 6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Integer, Poly, Rational, S, cos, exp, expand, pi, sin

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose, interval
from proofs_checks.proof import (
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    TAU,
    Counterexample,
    Flow,
    PairAverage,
    Statement,
    apart,
    energy_slope,
    rotated_pair,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, drawn_curve
from theory.bounded import remainder
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


def _ends(value: Expr, width: Expr) -> tuple[Expr, Expr]:
    return value - width, value + width


def _around(value: Expr, width: Expr) -> tuple[Any, Any]:
    low, high = _ends(value, width)
    return interval(low), interval(high)


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


def _least(drawn: Drawn) -> tuple[Expr, Expr]:
    return _ends(drawn.least, abs(drawn.least) / 1000)


def _allowed(drawn: Drawn) -> Any:
    return interval(*_least(drawn))


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


def conclude(flow: Flow, prediction: Profile) -> Conclusion | Refusal:
    """Claim E'' = -Σ m_i m_j g(θ_i-θ_j) where S turns on the circle, and what is drawn of g."""
    near = [
        (Integer(one.hot), _ends(one.zero, _DIGIT), _ends(one.place, _DIGIT), _least(one))
        for one in prediction.features
    ]
    return drawn_curve(flow, prediction.value, TAU, near)


CURVE: Statement[Profile] = Statement(
    "",
    "g has one zero and one negative well at the places drawn",
    Concludes(conclude, words=(("d", "2"), ("beta", "2, 6"))),
    derive_profile,
    refute_figure,
    premises=(PAIR_ENERGY,),
    typed=True,
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
