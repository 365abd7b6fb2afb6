"""(4.1), E.Appendix A: the flow at β = 0.

Main results
------------
- (4.1): SA and USA are x_i' = P_i Σ_j m_j x_j, and |Σ m_j x_j| never falls.
- E.Appendix A: (4.1) is half the gradient of E_0 = Σ m_i m_j <x_i,x_j>; (4.1) itself is right, a
  sentence of Appendix A calls it the gradient flow.

How it is proved
----------------
β = 0 is put in the velocities; the row algebra reduces their difference from the formula to 0,
and the Gram algebra the growth of |M|² minus 2 Σ m_i |P_i M|², M the barycentre. The erratum
compares the weights of the flow and of the derived gradient. Exact for symbolic n, d and masses
of sum 1. Rational points, enclosed by intervals, watch (4.1).

References
----------
arXiv 2312.10794, (4.1) and Appendix A.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import DiagMatrix, Expr, Integer, OneMatrix, Rational, S, simplify
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    AT_BETA_ZERO,
    SCOPE_ANY_MASSES,
    SYMBOLIC,
    Identity,
    RowAlgebra,
    at_value,
    compare,
    each,
    pair_sum,
    unreached,
)
from theory.atoms import Tangent
from theory.energy import interaction_energy
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA, attention_form, gradient_flow
from theory.symbols import X, beta, m, n, z


@dataclass(frozen=True)
class Cold:
    """The flow at a value of β, and how fast the barycentre ``M = Σ m_j x_j`` grows.

    Attributes
    ----------
    average : MatrixExpr, shape (n, d)
        F in ``x_i' = P_i F_i``, for masses of sum one.
    growth : Expr
        c in ``d|M|²/dt = c Σ_i m_i |P_i M|²``.
    at : Expr
        β.
    """

    average: MatrixExpr
    growth: Expr
    at: Expr = S.Zero


def check_cold(model: Any, prediction: Cold, budget: Budget) -> Evidence:
    """Compare every model at the given β with the formula, and derive the growth of ``|M|²``.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows; a normalised one is compared after multiplication by the total mass.
    prediction : Cold
        The flow and the growth.
    budget : Budget
        Points to draw.
    """
    total = OneMatrix(n, n) * m
    cases, margins, identity = 0, list[float](), list[Any]()
    for flow in each(model):
        velocity, form = at_value(flow, prediction.at), attention_form(flow)
        if velocity is None or form is None:
            return unreached(flow, f"{flow.name} is no scalar attention", budget.rng)
        same = compare(
            [
                Identity(
                    f"x_i' of {flow.name} at β = {prediction.at} - P_i Σ m_j x_j",
                    velocity,
                    Tangent(X, prediction.average),
                    total if form.normalised else None,
                )
            ],
            budget,
        )
        if same.verdict is not Verdict.PROVED:
            return same
        cases, margins = cases + same.cases, [*margins, same.margin or 0.0]
        identity += same.identity
    # d|M|²/dt = 2<M, Σ m_i x_i'>, with x_i' = P_i M: one summand, for any x_i.
    x, centre = vectors("x M", unit="x")
    velocity_row = centre - x * inner(x, centre)
    mass = RowAlgebra().column(m)
    grown = 2 * mass * inner(centre, velocity_row)
    grown -= prediction.growth * mass * inner(velocity_row, velocity_row)
    left = residual(grown)
    if left != 0:
        value = 2 - prediction.growth
        return Evidence(
            Verdict.REFUTED,
            f"d|M|²/dt = 2 Σ m_i |P_i M|²: minus the predicted one it leaves {value} for one "
            f"token of mass 1 with |P M| = 1 (residual {left})",
        )
    return Evidence(
        Verdict.PROVED,
        "SA and USA at β = 0 are P_i Σ m_j x_j: residual 0; d|M|²/dt - 2 Σ m_i |P_i M|²: residual "
        "0, so |M| never falls",
        {**SYMBOLIC, "beta": str(prediction.at), "masses": "symbolic, sum 1"},
        (),
        cases,
        min(margins),
        identity=(*identity, grown),
    )


_COLD = Cold(OneMatrix(n, n) * DiagMatrix(m) * X, Integer(2))


EQUATION_4_1 = Claim(
    "(4.1)",
    "β = 0: SA and USA are x_i' = P_i Σ_j m_j x_j, and |Σ m_j x_j| never falls.",
    (SA, USA),
    _COLD,
    check_cold,
    (
        Control("β = 1/10", prediction=replace(_COLD, at=Rational(1, 10))),
        Control("d|M|²/dt = Σ m_i |P_i M|²", prediction=replace(_COLD, growth=S.One)),
        Control(
            "tokens counted, not weighed", prediction=replace(_COLD, average=OneMatrix(n, n) * X)
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    cases=3,
    equivalents=(AT_BETA_ZERO,),
)


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


CLAIMS = (EQUATION_4_1, ERRATUM_APPENDIX_A)
