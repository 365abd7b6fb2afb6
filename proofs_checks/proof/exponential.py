"""Weights e^{cg} and their like: the heat c, and kernels whose curvature changes sign once.

Theorem 4.3 asks for a small c; Theorem 5.1 for one sign change of ``h' z - h''(1-z²)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Float, Function, S, acos, expand, pi

from proofs_checks.decide import sign_changes, zeros
from proofs_checks.proof.alphabet import HOT
from proofs_checks.proof.curvature import PairAverage, rotated_pair
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import Premise
from proofs_checks.proof.sheet import How, Outcome, Step
from theory.bounded import simplified
from theory.symbols import beta, d, t, z


def heat(flow: Flow) -> Expr | None:
    """Return c of a weight ``s(t) e^{cg}``, or None; it may hold t."""
    weight = flow.weight_in_time
    if weight is None or weight == 0:
        return None
    found = simplified(weight.diff(z) / weight)
    return None if z in found.free_symbols else found


def softmax_heat(flow: Flow) -> Expr | None:
    """Return c of a softmax with weights ``e^{cz}``, c >= 0 for every β >= 0; None for others."""
    found = heat(flow) if flow.normalised else None
    return found if found is not None and found.subs(beta, HOT).is_nonnegative else None


def heat_share(flow: Flow) -> Expr | None:
    """Return a of ``c = a β``, a > 0; None for other heats."""
    found = heat(flow)
    if found is None or beta not in found.free_symbols:
        return None
    ratio = simplified(found / beta)
    return ratio if ratio.is_number and ratio.is_positive else None


def circle_profile(flow: Flow) -> Expr | None:
    """Return ``h' z - h'' (1-z²)``, or None."""
    if flow.kernel is None or t in flow.kernel.free_symbols:
        return None
    slope = flow.kernel.diff(z)
    return slope * z - slope.diff(z) * (1 - z**2)


@cache
def _averaged() -> Expr:
    """Averaged second variation on the circle plus ``h' z - h'' (1-z²)``, for any h': 0."""
    slope = Function("f")(z)
    bend = rotated_pair(slope, PairAverage(S.One, S.NegativeOne)).subs(d, 2)
    return expand(bend + slope * z - slope.diff(z) * (1 - z**2))


@dataclass(frozen=True)
class FewTokens:
    """For how many tokens the arcs are short enough, at one temperature on the circle.

    Attributes
    ----------
    profile : Expr
        ``h' z - h'' (1-z²)``, of ``z``.
    critical : Expr
        cos τ*, where it changes sign.
    most : int
        The largest n with (n-1) τ* < π.
    """

    profile: Expr
    critical: Expr
    most: int


def few_tokens(flow: Flow) -> FewTokens | None:
    """Return how many tokens a flow's own profile allows, if it changes sign once."""
    profile = circle_profile(flow)
    roots = None if profile is None else sign_changes(profile)
    if profile is None or roots is None or len(roots) != 1:
        return None
    angle = float(acos(roots[0]).evalf(20))
    return FewTokens(profile, roots[0], 1 + int(pi.evalf(20) / angle * (1 - 1e-12)))


def _one_change(flow: Flow) -> Step:
    """Whether the averaged second variation changes sign once, from ascent to descent."""
    text = "h' z - h''(1-z²) is < 0 on (-1, cos τ*) and > 0 on (cos τ*, 1]"
    if heat_share(flow) is not None:
        return Step(text, How.DERIVED, evidence="h''/h' is a constant c > 0")
    profile = circle_profile(flow)
    if profile is None:
        return Step(text, How.DECIDED, Outcome.FAILS, "no isotropic pair energy free of t")
    if profile.free_symbols - {z}:
        reason = f"give numbers for {', '.join(map(str, profile.free_symbols - {z}))}"
        return Step(text, How.DECIDED, Outcome.GAP, reason)
    found = zeros(profile)
    if found is None:
        return Step(text, How.DECIDED, Outcome.GAP, "its zeros aren't isolated")
    roots = [root for root, changes in found if changes]
    touched = [root for root, changes in found if not changes]
    if len(roots) == 1 and touched:  # tokens at this distance are bent neither apart nor together
        return Step(text, How.DECIDED, Outcome.GAP, f"it touches 0 at t = {touched[0]}")
    if len(roots) == 1 and profile.subs(z, 1).evalf().is_positive:
        rounded = roots[0].has(Float)
        how = How.ENCLOSED if rounded else How.DECIDED
        return Step(text, how, evidence=f"at {roots[0]}", enclosed=rounded)
    where = ", ".join(f"{float(r):.4g}" for r in roots) or "none"
    return Step(text, How.DECIDED, Outcome.FAILS, f"it changes sign at t = {where}")


def _strict_cuts(flow: Flow) -> Step:
    """Whether two antipodal clusters have a cut of negative curvature: h'(-1) > 0."""
    text = "h'(-1) > 0, so that every cut across more than τ* is a strict saddle"
    if flow.kernel is None:
        return Step(text, How.DECIDED, Outcome.FAILS, "no isotropic pair energy")
    return flow.sign(text, simplified(flow.kernel.diff(z)).subs(z, -1))


ONE_CHANGE = Premise("ONE_CHANGE", _one_change)
STRICT_CUTS = Premise("STRICT_CUTS", _strict_cuts)
