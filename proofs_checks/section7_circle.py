"""Section 7: the equation (7.1) of the angles on the circle, and Kuramoto's model at β = 0.

Each token is x = (cos θ, sin θ); the velocity is dotted with the tangent (-sin θ, cos θ), pair by
pair, so that the identity holds for every n and all masses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, S, Symbol, cancel, cos, diff, exp, expand, sin, together

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.row_algebra import unreached
from proofs_checks.section4_small_beta import subjects
from theory.models import REPULSIVE, SA, USA, Model
from theory.reductions import circle_angles
from theory.reductions import phi as PHI
from theory.symbols import beta


@dataclass(frozen=True)
class AngleRates:
    """``θ_i' = Σ_j m_j summand(θ_i-θ_j)``, and the division by ``Σ_j m_j weight`` for SA.

    Attributes
    ----------
    summand, weight : Expr
        Functions of ``PHI``, the difference θ_i - θ_j, and ``beta``.
    coupling : Expr
        Kuramoto's ``θ_i' = -Σ_j m_j coupling sin(θ_i-θ_j)``.
    kuramoto_beta : Expr
        The β at which the flow is said to be Kuramoto's.
    """

    summand: Expr
    weight: Expr
    coupling: Expr = S.One
    kuramoto_beta: Expr = S.Zero


def _models(model: Any) -> tuple[Model, ...]:
    return model if isinstance(model, tuple) else (model,)


def _residual(expr: Expr) -> Expr:
    """Return the normal form of a function of sin, cos and exponentials of PHI."""
    c, s = Symbol("c", real=True), Symbol("s", real=True)
    plain = expand(expr).subs({cos(PHI): c, sin(PHI): s})
    return cancel(together(plain)).subs({c: cos(PHI), s: sin(PHI)})


def check_circle(model: Any, prediction: AngleRates, budget: Budget) -> Evidence:
    """Derive the equation of the angles and compare it with (7.1), and with Kuramoto's."""
    for flow in _models(model):
        reduced = circle_angles(flow)
        if not reduced.proved:
            return unreached(flow, "the reduction to angles failed", budget.rng)
        if len(reduced.terms) != 1:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: several sums {reduced.terms}")
        summand, divided = reduced.terms[0]
        weight = S.One if divided is None else divided
        expected = S.One if divided is None else prediction.weight
        # Numerators and denominators may share a factor, but it is a constant: they are two sums.
        gap = _residual(diff(weight, PHI) * expected - weight * diff(expected, PHI))
        if gap == 0:
            gap = _residual(summand * expected - prediction.summand * weight)
        if gap != 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: with φ = θ_i-θ_j, derived minus predicted summand is {gap}",
            )
        at = {beta: prediction.kuramoto_beta}
        # At β = 0 the division must be by Σ_j m_j = 1: its weight is the constant 1.
        for name, value, target in (
            ("summand", summand.subs(at), -prediction.coupling * sin(PHI)),
            ("weight", weight.subs(at), S.One),
        ):
            gap = _residual(value - target)
            if gap != 0:
                detail = f"{flow.name} at β = {prediction.kuramoto_beta}, Kuramoto {name}: {gap}"
                return Evidence(Verdict.REFUTED, detail)
    return Evidence(
        Verdict.PROVED,
        "derived summand -e^{β cos φ} sin φ (and weight e^{β cos φ} for SA); -sin φ at β = 0",
        {"n": "symbolic", "d": "2", "beta": "symbolic", "masses": "symbolic, sum 1 for Kuramoto"},
        identity=subjects(model, prediction.summand),
    )


_KERNEL = exp(beta * cos(PHI))
_RATES = AngleRates(-_KERNEL * sin(PHI), _KERNEL)

EQUATION_7_1 = Claim(
    "(7.1)",
    "d = 2: θ_i' = -(1/n) Σ_j e^{β cos(θ_i-θ_j)} sin(θ_i-θ_j) (USA); at β = 0, Kuramoto.",
    (USA, SA),
    _RATES,
    check_circle,
    (
        Control(
            "sin(θ_i-θ_j) -> sin(θ_j-θ_i)",
            prediction=AngleRates(_KERNEL * sin(PHI), _KERNEL),
        ),
        Control(
            "the factor 1/n dropped (n = 5)",
            prediction=AngleRates(-5 * _KERNEL * sin(PHI), 5 * _KERNEL, S(5)),
        ),
        Control(
            "Kuramoto at β = 1/10 in place of 0",
            prediction=AngleRates(-_KERNEL * sin(PHI), _KERNEL, S.One, S.One / 10),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
)

CLAIMS_SECTION_7 = (EQUATION_7_1,)
"""The claims of this chapter, in paper order."""

__all__ = ["CLAIMS_SECTION_7", "EQUATION_7_1", "PHI", "AngleRates", "check_circle"]
