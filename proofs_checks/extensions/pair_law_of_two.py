"""Pair law of two tokens: at n = 2 (8.1) closes, and ψ tends to δ_0.

How it is proved
----------------
The factor of g is 0 at n = 2, so that v is the derived force. It points to 0 on both sides: every
x but π tends to 0. That ψ is the push-forward of its start is cited.

References
----------
arXiv 2312.10794, Section 8, (8.1): there as a special case only.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational, S, cos, sin

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.decide import decide_positive
from proofs_checks.proof import (
    CIRCLE_KERNEL,
    ON_SPHERE,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    circle_normal_form,
    cited,
    decided,
    derived,
    gap,
    not_asked,
    refute_off_sphere,
    subjects,
)
from proofs_checks.proof.joint_laws import ONE_SUM, derived_hierarchy
from theory.derivations import phi as PHI
from theory.models import USA
from theory.symbols import beta, n, z

_AT = {PHI: S.One, beta: Rational(5, 4)}


@dataclass(frozen=True)
class TwoTokens:
    """``x' = speed(x)`` for the difference of two tokens.

    Attributes
    ----------
    speed : Expr
        In ``PHI`` and ``beta``.
    """

    speed: Expr


def derive_two(flow: Flow) -> TwoTokens | None:
    """Return the flow's own speed at n = 2."""
    found = derived_hierarchy(flow)
    return None if found is None else TwoTokens(found.force.subs(n, 2))


def refute_two(flow: Flow, prediction: TwoTokens | None, budget: Budget) -> Counterexample | None:
    """Give the speed at one angle, where it is another, or a speed that leads away from 0."""
    off = refute_off_sphere(flow, prediction, budget)
    own = derive_two(flow)
    if off is not None or prediction is None or own is None:
        return off
    left = circle_normal_form(prediction.speed - own.speed).subs(_AT).n(8)
    if left.is_number and abs(left) > Rational(1, 10**6):
        return Counterexample(
            f"{flow.name}: at x = 1, β = 5/4 the claimed speed less the derived one is {left.n(6)}"
        )
    speed = own.speed.subs(_AT).n(8)
    if speed.is_number and speed > 0:
        return Counterexample(f"{flow.name}: x' = {speed.n(6)} > 0 at x = 1, β = 5/4")
    return None


def decide_two(flow: Flow, prediction: TwoTokens) -> Sheet:
    """Read v at n = 2, and follow its sign."""
    found = derived_hierarchy(flow)
    if found is None:
        return Sheet((gap("x' = v(x)", "no single sum in the equation of the angles"),))
    closes = derived("n = 2: g has the factor 0", found.share.subs(n, 2))
    speed = derived(
        f"v = 2c(x)/2 = {prediction.speed}",
        circle_normal_form(prediction.speed - found.force.subs(n, 2)),
    )
    inward = circle_normal_form(-prediction.speed / sin(PHI)).subs(cos(PHI), z)
    sign = decided(f"-v/sin x = {inward} > 0", decide_positive(inward))
    carried = cited(
        "the continuity equation of a smooth field has one solution, the push-forward: "
        "ψ(t, X_t(x)) ∂_x X_t(x) = 1/2π; Villani, Topics in Optimal Transportation, Theorem 5.34",
        closes,
        speed,
    )
    ends = cited(
        "an autonomous equation on an interval: a bounded solution rises or falls to a zero of v",
        sign,
    )
    limit = cited("dominated convergence: x = π is one point, so that ψ(t, ·) -> δ_0", ends)
    return Sheet(
        (closes, speed, sign, carried, ends, limit),
        {"n": "2", "d": "2", "beta": "symbolic", "masses": "1/2", "t": "t -> oo"},
        subjects(flow.model, prediction.speed),
        f"{flow.name}, n = 2: x' = {prediction.speed}, of the sign of -sin x; ψ is the "
        "push-forward of the uniform law, and all of it but x = π goes to 0",
    )


TWO: Statement[TwoTokens] = Statement(
    "",
    "two tokens: ψ is the push-forward of the uniform law, and tends to δ_0",
    decide_two,
    not_asked,
    refute_two,
    premises=(ON_SPHERE, ONE_SUM),
)

_SPEED = -sin(PHI) * CIRCLE_KERNEL

PAIR_LAW_OF_TWO = Claim(
    "Pair law of two tokens",
    "n = 2: v = h'(x)/β = -sin x e^{β cos x}; ψ is the push-forward of the uniform law by x' = v, "
    "and ψ(t, ·) -> δ_0.",
    USA,
    TwoTokens(_SPEED),
    TWO,
    (
        Control("the factor 1/n dropped", prediction=TwoTokens(2 * _SPEED)),
        Control("e^{β cos x} -> e^{2β cos x}", prediction=TwoTokens(_SPEED * CIRCLE_KERNEL)),
        Control("v -> -v", prediction=TwoTokens(-_SPEED)),
        Control("β -> 2β in the flow", model=USA.subs({beta: 2 * beta})),
    ),
    Verdict.PROVED,
    origin="extension",
)


CLAIMS = (PAIR_LAW_OF_TWO,)
