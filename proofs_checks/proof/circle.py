"""The circle, d = 2: the equation of the angles as (7.1) has it, the symbols of (7.2), g of (B.1).

Normal forms of functions of the angle difference, a point at which they are shown in numbers,
and whether a model climbs or descends the energy that the certificates on saddles speak of.
"""

from __future__ import annotations

from sympy import (
    Expr,
    Integer,
    Rational,
    S,
    Symbol,
    cancel,
    cos,
    diff,
    exp,
    expand,
    powsimp,
    sin,
    together,
)

from proofs_checks.proof.flow import Flow
from theory.bounded import generic_values, remainder
from theory.derivations import circle_angles
from theory.derivations import phi as PHI
from theory.models import Model
from theory.symbols import beta, n, t, z


def circle_normal_form(expr: Expr) -> Expr:
    """Return the normal form of a function of sin, cos and exponentials of PHI."""
    c, s = Symbol("c", real=True), Symbol("s", real=True)
    plain = powsimp(expand(expr)).subs({cos(PHI): c, sin(PHI): s})
    return cancel(together(plain)).subs({c: cos(PHI), s: sin(PHI)})


def circle_terms(flow: Model) -> tuple[Expr, Expr | None, str]:
    """Summand and weight of the equation of the angles, and what fails, if anything."""
    try:
        reduced = circle_angles(flow)
    except (ValueError, NotImplementedError) as error:
        return S.Zero, None, str(error)
    if not reduced.proved or len(reduced.terms) > 1:
        return S.Zero, None, f"{flow.name}: no single sum in the equation of the angles"
    summand, weight = reduced.terms[0] if reduced.terms else (S.Zero, None)
    return summand, weight, ""


WARM_BETA = Rational(5, 4)


_POINT = {PHI: Integer(1), beta: WARM_BETA, n: Integer(3), t: Integer(1)}


def _on_circle(expr: Expr) -> tuple[Expr, str]:
    """Value at φ = 1, β = 5/4, n = 3, other parameters being generic, and where in words."""
    here = expr.subs(_POINT)
    others = generic_values(here)
    named = "".join(f", {symbol} = {value}" for symbol, value in others.items())
    return here.xreplace(others), f"φ = 1, β = 5/4, n = 3{named}"


def shown_on_circle(expr: Expr) -> str:
    """Value at φ = 1, β = 5/4, n = 3, as digits."""
    value, where = _on_circle(expr)
    return f"{value.n(6)} at {where}"


def not_zero_on_circle(expr: Expr) -> bool:
    """Whether an expression is a number there, and not 0."""
    value = _on_circle(expr)[0].evalf(20)
    return bool(value.is_number and abs(value) > Rational(1, 10**12))


CIRCLE_KERNEL = exp(beta * cos(PHI))


CURVATURE = (cos(PHI) - beta * sin(PHI) ** 2) * exp(beta * cos(PHI))
"""g, the mixed second derivative of the energy of a pair: the certificates are about it."""


def _bend(flow: Flow) -> Expr | None:
    """Mixed second derivative of the energy of a pair on the circle, derived."""
    return None if flow.kernel is None else -diff(flow.kernel.subs(z, cos(PHI)), PHI, 2)


def climbs_curvature(flow: Flow) -> int | None:
    """Whether a flow's own energy bends as the certificates' one, 1, or as minus it, -1."""
    own = _bend(flow)
    if own is None:
        return None
    return next((sign for sign in (1, -1) if remainder(own - sign * CURVATURE) == 0), None)


def off_curvature(flow: Flow, claimed: Expr) -> str:
    """Point at which the energy of a pair bends otherwise than claimed, or ""."""
    own = CURVATURE if climbs_curvature(flow) else _bend(flow)
    if own is None:
        return ""
    at = {PHI: Rational(13, 10), beta: Rational(17, 10), n: 3}
    ours, theirs = own.subs(at).evalf(30), claimed.subs(at).evalf(30)
    if not (ours.is_Float and theirs.is_Float and abs(ours - theirs) > Rational(1, 10**9)):
        return ""
    return (
        f"{flow.name}: at φ = 1.3, β = 1.7 the mixed second derivative of the energy of a pair is "
        f"{ours.n(6)}, claimed {theirs.n(6)}"
    )


DROPPED = cos(PHI) * exp(beta * cos(PHI))
