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

from sympy import Expr, Poly, Rational, S, cos, exp, expand, pi, simplify, sin

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.decide import enclose, interval
from proofs_checks.proof import (
    ONLY_SPEED,
    TAU,
    PairAverage,
    doubt,
    each,
    energy_slope,
    rotated_pair,
)
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


def check_figure(model: Any, prediction: Profile, budget: Budget) -> Evidence:
    """Certify the zeros and minima of g by signs at both sides, and their uniqueness exactly."""
    for flow in each(model):
        slope, reason = energy_slope(flow)
        form = attention_form(flow)
        if reason and form is not None:
            # The flow may climb another energy: then it has a profile of its own.
            slope = form.scale * form.kernel
        elif reason:
            return doubt(flow, reason, budget.rng, (S.One,))
        derived = -rotated_pair(slope, PairAverage(S.One, S.NegativeOne)).subs(d, 2)
        gap = simplify(expand(derived.subs(z, cos(TAU)) - prediction.value))
        if gap != 0:
            value = gap.subs({TAU: pi / 3, beta: Rational(5, 2)}).evalf(5)
            detail = f"{flow.name}: derived minus drawn g is {value} at τ = π/3, β = 5/2"
            return Evidence(Verdict.REFUTED, detail)
    widest = 0.0
    # g' = -sin τ e^{β cos τ} (1 + 3β c - β²(1 - c²)), c = cos τ.
    inside = 1 + 3 * beta * z - beta**2 * (1 - z**2)
    slope_form = -sin(TAU) * exp(beta * cos(TAU)) * inside.subs(z, cos(TAU))
    if simplify(expand(prediction.value.diff(TAU) - slope_form)) != 0:
        return Evidence(Verdict.UNDECIDED, "the derivative isn't in the expected form")
    for drawn in prediction.features:
        value = prediction.value.subs(beta, drawn.hot)
        bracket = ((d - 1) * z - beta * (1 - z**2)).subs({d: 2, beta: drawn.hot})
        roots = (
            Poly(bracket, z).count_roots(-1, 1),
            Poly(inside.subs(beta, drawn.hot), z).count_roots(-1, 1),
        )
        if roots != (1, 1):
            return Evidence(Verdict.REFUTED, f"β = {drawn.hot}: g and g' have {roots} zeros")
        signs = [enclose(value, {TAU: side}) for side in _around(drawn.zero, _DIGIT)]
        if not (signs[0].a > 0 > signs[1].b):
            found = [float(s.mid) for s in signs]
            detail = f"β = {drawn.hot}: beside τ = {drawn.zero} g is {found[0]:.4g}, {found[1]:.4g}"
            return Evidence(Verdict.REFUTED, detail)
        slopes = [
            enclose(inside.subs({z: cos(TAU), beta: drawn.hot}), {TAU: side})
            for side in _around(drawn.place, _DIGIT)
        ]
        if not (slopes[0].a > 0 > slopes[1].b):
            detail = f"β = {drawn.hot}: g' keeps its sign beside τ = {drawn.place}"
            return Evidence(Verdict.REFUTED, detail)
        low, high = _around(drawn.place, _DIGIT)
        least = enclose(value, {TAU: interval(low, high)})
        allowed = interval(abs(drawn.least) / 1000)
        target = interval(drawn.least)
        if least.b < (target - allowed).a or least.a > (target + allowed).b:
            detail = f"β = {drawn.hot}: the minimum lies in {least}, not at {drawn.least}"
            return Evidence(Verdict.REFUTED, detail)
        if not (target - allowed).a < least.a <= least.b < (target + allowed).b:
            return Evidence(Verdict.UNDECIDED, f"β = {drawn.hot}: enclosure {least} too wide")
        widest = max(widest, abs(float(least.b) / float(least.a) - 1))
    return Evidence(
        Verdict.CERTIFIED,
        "one zero and one minimum in (0, π) each, by root counting in cos τ; places to 1e-5, "
        f"minima to a relative {widest:.1g}",
        {"d": "2", "beta": ", ".join(str(f.hot) for f in prediction.features)},
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
    check_figure,
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
