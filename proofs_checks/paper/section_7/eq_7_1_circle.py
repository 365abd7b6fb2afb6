"""(7.1), (7.1) continuity: the flow on the circle, in angles and for measures.

Main results
------------
(7.1): θ_i' = -(1/n) Σ_j e^{β cos(θ_i-θ_j)} sin(θ_i-θ_j) for USA; at β = 0, Kuramoto.
(7.1) continuity: X[nu] = β^{-1} h'*nu (USA), over h*nu (SA), h = e^{β cos θ}.

How it is proved
----------------
The equation of the angles is derived from the velocity and compared with (7.1) summand by
summand, exactly: for every n, all masses and symbolic β. SA's weights and the Kuramoto model at
β = 0 (masses of sum 1) are compared with it too. For measures the same summands are those of the
convolutions, β not 0; that finite measures are dense is cited. No runs.

References
----------
arXiv 2312.10794, Section 7, (7.1) and the continuity equation on the circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, S, Symbol, cancel, cos, diff, exp, expand, sin, together

from proofs_checks.claim import Budget, Claim, Control, Evidence, Hypothesis, Verdict
from proofs_checks.proof import (
    CIRCLE_KERNEL,
    circle_normal_form,
    circle_terms,
    each,
    shown_on_circle,
    subjects,
    unreached,
)
from theory.derivations import circle_angles
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta


def _nonzero_beta(beta: float = 1.0, **_: float) -> float:
    return abs(beta) if beta else -1.0


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


def _residual(expr: Expr) -> Expr:
    """Return the normal form of a function of sin, cos and exponentials of PHI."""
    c, s = Symbol("c", real=True), Symbol("s", real=True)
    plain = expand(expr).subs({cos(PHI): c, sin(PHI): s})
    return cancel(together(plain)).subs({c: cos(PHI), s: sin(PHI)})


def check_circle(model: Any, prediction: AngleRates, budget: Budget) -> Evidence:
    """Derive the equation of the angles and compare it with (7.1), and with Kuramoto's."""
    for flow in each(model):
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


@dataclass(frozen=True)
class Convolution:
    """``X[nu] = factor (h' * nu)``, divided by ``h * nu`` for SA.

    Attributes
    ----------
    kernel : Expr
        h, a function of ``PHI``.
    factor : Expr
        In ``beta``.
    """

    kernel: Expr
    factor: Expr


def check_continuity(model: Any, prediction: Convolution, budget: Budget) -> Evidence:
    """Compare the equation of the angles with the convolutions, pair by pair.

    For an empirical measure ``f * nu`` is ``Σ_j m_j f(θ_i - θ_j)``; by linearity one summand
    decides for every n and all masses.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Convolution
        Kernel and factor.
    budget : Budget
        Not used.
    """
    slope = prediction.factor * diff(prediction.kernel, PHI)
    for flow in each(model):
        summand, weight, reason = circle_terms(flow)
        if reason:
            return unreached(flow, reason, budget.rng)
        claimed = S.One if weight is None else prediction.kernel
        divisor = S.One if weight is None else weight
        # The factor that numerator and denominator share is a constant: they are two sums.
        gap = circle_normal_form(diff(divisor, PHI) * claimed - divisor * diff(claimed, PHI))
        if gap == 0:
            gap = circle_normal_form(summand * claimed - slope * divisor)
        if gap != 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: the summand of θ_i' minus that of X[nu](θ_i) is {gap}, "
                f"{shown_on_circle(gap)}",
            )
        if weight is not None:
            ratio = circle_normal_form(prediction.kernel / weight)
            if PHI in ratio.free_symbols:
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}: kernel over weight is {ratio}, {shown_on_circle(ratio)}",
                )
    return Evidence(
        Verdict.PROVED,
        "θ_i' - X[nu](θ_i), summand by summand: residual 0; so d/dt ∫f dnu = ∫f' X[nu] dnu for "
        "every test function f",
        {"n": "symbolic", "d": "2", "beta": "symbolic, nonzero", "masses": "symbolic"},
        ("finite measures are dense: both sides are weakly continuous in nu",),
        identity=subjects(model, prediction.kernel),
    )


CONTINUITY = Claim(
    "(7.1) continuity",
    "On the circle X[nu] = β^{-1} h'*nu (USA), divided by h*nu (SA), with h = e^{β cos θ}.",
    (USA, SA),
    Convolution(CIRCLE_KERNEL, 1 / beta),
    check_continuity,
    (
        Control("1/β dropped", prediction=Convolution(CIRCLE_KERNEL, S.One)),
        Control("e^{β cos θ} -> e^{2β cos θ}", prediction=Convolution(CIRCLE_KERNEL**2, 1 / beta)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (Hypothesis("β != 0", _nonzero_beta),),
)


CLAIMS = (EQUATION_7_1, CONTINUITY)
