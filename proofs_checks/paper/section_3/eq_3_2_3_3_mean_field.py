"""(3.2), (3.3): the field X[mu] and its weight Z[mu].

Main results
------------
- (3.2): X[mu] is tangent, at most 1 long, the same for c mu, and the velocity of SA.
- (3.3): Z[mu] takes SA to USA, and lies in [e^{-β}, e^β] for mass one.

How it is proved
----------------
The row algebra reduces to 0: the velocity minus X[mu], the derivative of X[mu] along the masses
(degree 0, by Euler), <x, X[mu](x)>, and Z x_i' of SA minus x_i' of USA. The length is at most 1
as X[mu] projects a mean of unit vectors with positive weights. The bounds of Z are the ends of a
kernel that rises, and are attained. Drawn rational points, enclosed by intervals, watch the
identities and the length.

References
----------
arXiv 2312.10794, (3.2) and (3.3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, OneMatrix, Rational, S, Symbol, ZeroMatrix, exp, simplify
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.decide import interval
from proofs_checks.proof import (
    KERNEL_MASS,
    MEAN_FIELD,
    PROBE_KERNEL,
    PROBES,
    SUM_FIELD,
    SYMBOLIC,
    TEMPERATURES,
    Identity,
    RowAlgebra,
    Witness,
    adding,
    at_tokens,
    compare,
    row_dot,
)
from theory.atoms import RowSoftmax
from theory.engines import differential, inner, residual
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import X, beta, d, m, n, z


@dataclass(frozen=True)
class MeanField:
    """``X[mu]`` at the rows of ``PROBES``, and the largest length it can have."""

    field: MatrixExpr
    speed: Expr = S.One


@lru_cache(maxsize=32)
def _scaling(field: MatrixExpr) -> MatrixExpr:
    """Differentiate along the masses: 0 for a field of degree 0 in them (Euler)."""
    return differential(field, m, m)


def check_mean_field(model: Model, prediction: MeanField, budget: Budget) -> Evidence:
    """Check that X[mu] is tangent, of degree 0 in mu, at most ``speed`` long, and the velocity.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : MeanField
        The field and its bound.
    budget : Budget
        Points to draw.
    """
    field = prediction.field
    same = Identity("x_i' - X[mu](x_i)", model.velocity, at_tokens(field))
    evidence = compare([same], budget)
    scaled = _scaling(field) if evidence.verdict is Verdict.PROVED else ZeroMatrix(n, d)
    if not isinstance(scaled, ZeroMatrix):
        evidence = compare([Identity("d/dc X[c mu]", scaled, ZeroMatrix(n, d))], budget)
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    algebra = RowAlgebra()
    radial = residual(inner(algebra.vector(PROBES), algebra.vector(field)))
    if radial != 0:
        return Evidence(Verdict.UNDECIDED, f"<x, X[mu](x)> = {radial}")
    longest = 0.0
    for case in range(budget.cases + 1):
        point = Witness(budget.rng, [at_tokens(field)], tokens=2)
        if case == 0:
            # A light token across from a heavy one moves almost at the speed 1.
            point.matrices |= {
                X: [[S.One, S.Zero], [S.Zero, S.One]],
                m: [[S.One], [Integer(10**6)]],
            }
            point.scalars[beta] = Rational(5, 4)
        for i, row in enumerate(point.evaluator()(at_tokens(field)), start=1):
            square = row_dot(row, row)
            longest = max(longest, float(square.mid) ** 0.5)
            if prediction.speed < 0 or (square - interval(prediction.speed**2)).a > 0:
                detail = f"|X[mu](x_{i})| = {longest:.6g} > {prediction.speed} at {point}"
                return Evidence(Verdict.REFUTED, detail, cases=case + 1)
    form = attention_form(model)
    if form is None or not form.kernel.is_positive or prediction.speed < 1:
        return Evidence(Verdict.UNDECIDED, "the weights aren't shown to be positive of sum one")
    return adding(
        evidence,
        "d/dc X[c mu] = 0 and <x, X[mu](x)> = 0; a mean of unit vectors with weights e^{βg}/Z > 0 "
        f"of sum 1 is at most 1 long, and so is its projection; longest seen {longest:.6f}",
        budget.cases + 1,
        float(prediction.speed) - longest,
    )


EQUATION_3_2 = Claim(
    "(3.2)",
    "X[mu] = P_x Z^{-1} ∫e^{β<x,y>} y dmu is tangent, at most 1 long, the same for c mu.",
    SA,
    MeanField(MEAN_FIELD),
    check_mean_field,
    (
        Control("no 1/Z", prediction=MeanField(SUM_FIELD)),
        Control("the flow USA", model=USA),
        Control(
            "no projection",
            prediction=MeanField(RowSoftmax(beta * PROBES * X.T, m) * X),
        ),
        Control("at most 1/2 long", prediction=MeanField(MEAN_FIELD, S.Half)),
    ),
    Verdict.PROVED,
    cases=3,
    equivalents=(Equivalent("a larger bound", ("prediction.speed: + 1",)),),
)


@dataclass(frozen=True)
class Weight:
    """``Z[mu]`` at the rows of ``PROBES``, and bounds of it for mass one, functions of β >= 0."""

    total: MatrixExpr
    low: Expr
    high: Expr


def check_weight(model: Any, prediction: Weight, budget: Budget) -> Evidence:
    """Check ``Z(x_i) x_i' = x_i'`` of the unnormalised flow, and the bounds of Z.

    Parameters
    ----------
    model : tuple of Model
        The normalised flow and the other.
    prediction : Weight
        Z and its bounds.
    budget : Budget
        Points to draw.
    """
    normalised, plain = model
    here = at_tokens(prediction.total)
    evidence = compare(
        [
            Identity(
                f"Z x_i' of {normalised.name} - x_i' of {plain.name}",
                normalised.velocity,
                plain.velocity,
                here,
            )
        ],
        budget,
        scope={**SYMBOLIC, "masses": "symbolic; sum 1 in the bounds"},
    )
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    form = attention_form(normalised)
    hot = Symbol("beta", nonnegative=True)
    if form is None:
        return Evidence(Verdict.UNDECIDED, f"{normalised.name} is no scalar attention")
    kernel = form.kernel.subs(beta, hot)
    ends = [kernel.subs(z, place) for place in (-1, 1)]
    gaps = [ends[0] - prediction.low.subs(beta, hot), prediction.high.subs(beta, hot) - ends[1]]
    for name, place, gap in zip(
        ("low", "high"), ("all mass at -x", "all mass at x"), gaps, strict=True
    ):
        for heat in TEMPERATURES:
            value = gap.subs(hot, heat).evalf(20)
            if value < -1e-15:
                detail = f"{place}, β = {heat}: Z is beyond the {name} bound by {(-value).n(6)}"
                return Evidence(Verdict.REFUTED, detail)
    if not kernel.diff(z).is_nonnegative or [simplify(gap) for gap in gaps] != [0, 0]:
        return Evidence(Verdict.UNDECIDED, f"the bounds leave {gaps}")
    return adding(evidence, f"{ends[0]} <= Z <= {ends[1]}: the kernel rises, ends attained")


_WEIGHT = Weight(KERNEL_MASS, exp(-beta), exp(beta))


_COUNTED = PROBE_KERNEL * OneMatrix(n, 1)


EQUATION_3_3 = Claim(
    "(3.3)",
    "Z[mu](x_i) = ∫e^{β<x_i,y>} dmu, Z_i/n for tokens, takes SA to USA; for mass one "
    "e^{-β} <= Z <= e^β.",
    (SA, USA),
    _WEIGHT,
    check_weight,
    (
        Control("Z_i, tokens counted", prediction=replace(_WEIGHT, total=_COUNTED)),
        Control(
            "β -> 2β in Z", prediction=replace(_WEIGHT, total=KERNEL_MASS.subs(beta, 2 * beta))
        ),
        Control("Z <= e^{β/2}", prediction=replace(_WEIGHT, high=exp(beta / 2))),
        Control("Z >= 1", prediction=replace(_WEIGHT, low=S.One)),
        Control("V = -I", model=(REPULSIVE, USA)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=3,
    equivalents=(
        Equivalent(
            "a smaller lower bound", ("prediction.low: sign", "prediction.low: e^u -> e^2u")
        ),
        Equivalent("a larger upper bound", ("prediction.high: e^u -> e^2u",)),
    ),
)


CLAIMS = (EQUATION_3_2, EQUATION_3_3)
