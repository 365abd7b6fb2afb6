"""E.Appendix A: at β = 0 the flow (4.1) is half the gradient of E_0, not the gradient.

(4.1) itself is right; a sentence of Appendix A calls it the gradient flow of E_0.

How it is proved
----------------
The weights of the flow at β = 0 and of the gradient that is derived from E_0 are compared: exact
for symbolic n, d and masses of sum 1.

References
----------
arXiv 2312.10794, Appendix A and (4.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Integer, Rational, S, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import AT_BETA_ZERO, SCOPE_ANY_MASSES, each, pair_sum, unreached
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, attention_form, gradient_flow
from theory.symbols import beta, z


@dataclass(frozen=True)
class ScaledGradient:
    """Velocity at β = 0 = ``factor`` · gradient of ``Σ m_i m_j kernel(<x_i,x_j>)``."""

    kernel: Expr
    factor: Expr


def check_scaled_gradient(model: Any, prediction: ScaledGradient, budget: Budget) -> Evidence:
    """Derive the gradient of the energy and compare it with the velocity at β = 0."""
    flow = gradient_flow(interaction_energy(2 * prediction.kernel), "E0")
    gradient = attention_form(flow)
    if gradient is None:
        return Evidence(Verdict.UNDECIDED, "the energy's gradient is no pair sum")
    slope, sides = simplify(gradient.scale * gradient.kernel), []
    for one in each(model):
        form = attention_form(one)
        if form is None:
            return unreached(one, f"{one.name} is no pair sum", budget.rng)
        weight, said = simplify((form.scale * form.kernel).subs(beta, 0)), prediction.factor * slope
        sides += [pair_sum(weight * z), pair_sum(said * z)]
        gap = simplify(weight - said)
        if gap != 0:
            detail = (
                f"{one.name}: velocity P_i Σ m_j ({weight}) x_j, gradient P_i Σ m_j ({slope}) x_j: "
                f"velocity minus {prediction.factor} gradient has weight {gap}"
            )
            return Evidence(Verdict.REFUTED, detail)
    return Evidence(
        Verdict.PROVED,
        f"the gradient of Σ m_i m_j g_ij is P_i Σ m_j ({slope}) x_j; (4.1) is {prediction.factor} "
        "of it",
        {**SCOPE_ANY_MASSES, "beta": "0", "masses": "symbolic, sum 1"},
        identity=tuple(sides),
    )


_HALF = ScaledGradient(z, Rational(1, 2))


ERRATUM_APPENDIX_A = Claim(
    "E.Appendix A",
    "At β = 0 the flow (4.1) is half the gradient of E_0 = Σ m_i m_j <x_i,x_j>; Appendix A says "
    "the gradient.",
    (SA, USA),
    _HALF,
    check_scaled_gradient,
    (
        Control("factor 1/2 -> 2", prediction=replace(_HALF, factor=Integer(2))),
        Control("E_0 with <x_i,x_j>²", prediction=replace(_HALF, kernel=z**2)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    printed=Control("as printed: factor 1", prediction=replace(_HALF, factor=S.One)),
    origin="erratum",
    kind="formula",
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        Equivalent(
            "E_0 is the prediction's kernel; the energy (3.5) does not enter", ("*.energy: *",)
        ),
        AT_BETA_ZERO,
    ),
)


CLAIMS = (ERRATUM_APPENDIX_A,)
