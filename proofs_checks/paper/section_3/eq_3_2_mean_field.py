"""(3.2): the field X[mu] is tangent, at most 1 long, the same for c mu, and the velocity of SA.

How it is proved
----------------
The row algebra reduces to 0: the velocity minus X[mu], the derivative of X[mu] along the masses
(degree 0, by Euler; softmaxes show it), and <x, X[mu](x)>. The length is at most 1 as X[mu]
projects a mean of unit vectors with positive weights. Drawn rational points, enclosed by
intervals, watch the identities and the length.

References
----------
arXiv 2312.10794, (3.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import (
    Abs,
    Expr,
    Integer,
    MatrixSymbol,
    Rational,
    S,
    ZeroMatrix,
    simplify,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    KNOWN,
    MEAN_FIELD,
    ON_SPHERE,
    PROBES,
    SUM_FIELD,
    TRIANGLE,
    Counterexample,
    Flow,
    How,
    Identity,
    Outcome,
    Premise,
    RowAlgebra,
    Sheet,
    Statement,
    Step,
    Trial,
    Witness,
    apply,
    at_tokens,
    derived,
    field_of,
    gap,
    identities,
    row_dot,
    vanishes,
)
from proofs_checks.proof.kinds import DIVIDED, UNLABELLED
from theory.atoms import RowSoftmax
from theory.engines import differential, inner, project, residual, vectors
from theory.models import SA, USA, attention_form
from theory.symbols import X, beta, d, m, n


@dataclass(frozen=True)
class MeanField:
    """``X[mu]`` at the rows of ``PROBES``, and the largest length it can have."""

    field: MatrixExpr
    speed: Expr = S.One


def _is_mean(flow: Flow) -> Step:
    text = "weights of a row positive, divided by their sum"
    form = attention_form(flow.model)
    if form is None or not form.normalised:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} isn't of this form")
    if not form.kernel.is_positive:
        return Step(text, How.DERIVED, Outcome.GAP, f"the sign of {form.kernel}")
    return Step(text, How.DERIVED, evidence=f"{form.kernel} m_j/Z_i > 0, of sum Z_i/Z_i = 1")


MEAN = Premise("MEAN", _is_mean)


def _factor(flow: Flow) -> Expr:
    """Length of the scalar in front of the mean."""
    form = attention_form(flow.model)
    return S.One if form is None else Abs(form.scale)


def derive_mean_field(flow: Flow) -> MeanField | None:
    """Return the field of a flow by means, at most as long as the scalar in front of them."""
    field = field_of(flow)
    return MeanField(field, _factor(flow)) if field is not None and _is_mean(flow).holds else None


@lru_cache(maxsize=8)
def _same(flow: Flow, prediction: MeanField) -> tuple[Identity, ...]:
    """``x_i' = X[mu](x_i)``; ``d/dc X[c mu] = 0`` (Euler) where softmaxes don't show it at once."""
    field = prediction.field
    same = Identity("x_i' - X[mu](x_i)", flow.model.velocity, at_tokens(field))
    if _of_degree_zero(field):
        return (same,)
    return same, Identity("d/dc X[c mu]", differential(field, m, m), ZeroMatrix(n, d))


def _of_degree_zero(field: MatrixExpr) -> bool:
    """Whether masses enter as the m_j/Σ m_k e^{..} of softmaxes alone."""
    heads = {h: MatrixSymbol("A", *h.shape) for h in field.atoms(RowSoftmax)}
    return not any(e.has(m) for e in (field.xreplace(heads), *(h.scores for h in heads)))


MASSES = "X[c mu] = X[mu]: masses enter as m_j/Σ_k m_k e^{S_ik} alone"
FIELD = vanishes("", "", identities(_same, ""), derive_mean_field)


def _lengths(flow: Flow, prediction: MeanField, budget: Budget) -> Iterator[tuple[Any, Any, str]]:
    """Squares of lengths, and of the bound, at points; first a light token across a heavy one."""
    field = at_tokens(prediction.field)
    for case in range(budget.cases + 1):
        point = Witness(budget.rng, [field, prediction.speed], tokens=2)
        if case == 0:
            # It moves almost at the speed 1.
            point.matrices |= {
                X: [[S.One, S.Zero], [S.Zero, S.One]],
                m: [[S.One], [Integer(10**6)]],
            }
            point.scalars |= {beta: Rational(5, 4)}
        at = point.evaluator()
        bound = at.scalar(prediction.speed)
        for i, row in enumerate(at(field), start=1):
            square = row_dot(row, row)
            text = (
                f"|X[mu](x_{i})| = {float(square.mid) ** 0.5:.6g} > {prediction.speed} at {point}"
            )
            yield square, bound, text


def _shorter(flow: Flow, prediction: MeanField) -> bool:
    """Whether the bound is shown to be that of a mean, or a larger one."""
    return bool(simplify(prediction.speed - _factor(flow)).is_nonnegative)


def refute_mean_field(
    flow: Flow, prediction: MeanField | None, budget: Budget
) -> Counterexample | None:
    """Draw a point where the field isn't the velocity, depends on c mu, or is longer."""
    found = FIELD.refute(flow, prediction, budget)
    if found is not None or prediction is None or _shorter(flow, prediction):
        return found
    for square, bound, text in _lengths(flow, prediction, budget):
        if bound.b < 0 or (square - bound * bound).a > 0:
            return Counterexample(text, cases=budget.cases)
    return None


def decide_mean_field(flow: Flow, prediction: MeanField) -> Sheet:
    """Reduce the identities to 0, and bound a projected mean of unit vectors."""
    sheet, algebra, speed = FIELD.decide(flow, prediction), RowAlgebra(), prediction.speed
    x, v = vectors("x v", unit="x")
    short = inner(v, v) - inner(x, v) ** 2 - inner(project(x, v), project(x, v))
    radial = residual(inner(algebra.vector(PROBES), algebra.vector(prediction.field)))
    mean = _is_mean(flow)
    steps = (
        *sheet.steps,
        *([Step(MASSES, How.DERIVED)] if len(sheet.steps) == 1 else []),
        derived("<x, X[mu](x)> = 0", radial),
        mean,
        apply(TRIANGLE, "|Σ_j w_j x_j| <= Σ_j w_j |x_j| = 1 for weights w_j > 0 of sum 1", mean),
        derived("|P_x v|² = |v|² - <x,v>² <= |v|²", residual(short)),
        Step(f"|X[mu](x)| <= {speed}", How.DERIVED)
        if _shorter(flow, prediction)
        else gap(f"|X[mu](x)| <= {speed}", f"{_factor(flow)} is shown"),
    )
    return replace(
        sheet,
        steps=steps,
        summary="x_i' - X[mu](x_i), d/dc X[c mu] and <x, X[mu](x)>: residual 0; a mean of unit "
        "vectors with weights > 0 of sum 1 is at most 1 long, and so is its projection",
    )


def watch_mean_field(flow: Flow, prediction: MeanField, budget: Budget) -> Trial:
    """Look at the identities and at lengths, at drawn points."""
    assert FIELD.trial is not None  # `identities` makes one
    seen = FIELD.trial(flow, prediction, budget)
    if seen.silent or seen.violation or seen.margin is None:
        return seen
    room = seen.margin
    for square, bound, text in _lengths(flow, prediction, budget):
        if (square - bound * bound).a > 0:
            return Trial(text, -1.0, budget.cases)
        room = min(room, float(bound.mid) - float(square.mid) ** 0.5)
    return Trial("", room, seen.cases + budget.cases + 1)


def say_length(flow: Flow, prediction: MeanField) -> str:
    """Say the flow's own bound of the length."""
    length = prediction.speed
    return f"X[mu], a projected mean, is tangent, at most {length} long, the same for c mu"


TANGENT: Statement[MeanField] = Statement(
    "(3.2)",
    "X[mu], a projected mean, is tangent, at most as long as its factor says, the same for c mu",
    decide_mean_field,
    derive_mean_field,
    refute_mean_field,
    watch_mean_field,
    domain=(UNLABELLED, DIVIDED),
    premises=(KNOWN, ON_SPHERE, MEAN),
    says=say_length,
)


EQUATION_3_2 = Claim(
    "(3.2)",
    "X[mu] = P_x Z^{-1} ∫e^{β<x,y>} y dmu is tangent, at most 1 long, the same for c mu.",
    SA,
    MeanField(MEAN_FIELD),
    TANGENT,
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


CLAIMS = (EQUATION_3_2,)
