"""(3.2): the field X[mu] is tangent, at most 1 long, the same for c mu, and the velocity of SA.

How it is proved
----------------
A theorem on means of tokens: the velocity is X[mu], a projection at each token; its length is at
most 1, as shares >= 0 of a row add up to 1; and shares of masses c m are those of m. Drawn rational
points, enclosed by intervals, watch the identities and the length.

References
----------
arXiv 2312.10794, (3.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
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
    Counterexample,
    Flow,
    Identity,
    Statement,
    Trial,
    Witness,
    at_tokens,
    field_of,
    identities,
    row_dot,
    vanishes,
)
from proofs_checks.proof.kinds import DIVIDED, UNLABELLED
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    length_of_mean,
    mean_field,
    values_in,
)
from theory.atoms import RowSoftmax
from theory.engines import differential
from theory.models import SA, USA
from theory.symbols import X, beta, d, m, n


@dataclass(frozen=True)
class MeanField:
    """``X[mu]`` at the rows of ``PROBES``, and the largest length it can have."""

    field: MatrixExpr
    speed: Expr = S.One


def _bound(flow: Flow) -> Any:
    """Return the bound of the length that a theorem gives, None where there is none."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return None
    own = length_of_mean(Subject.of(flow.model, values))
    return None if own is None else own.says.then.args[1].right


def derive_mean_field(flow: Flow) -> MeanField | None:
    """Return the field of a flow by means, at most as long as the scalar in front of them."""
    field, bound = field_of(flow), _bound(flow)
    return None if field is None or bound is None else MeanField(field, bound)


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
    bound = _bound(flow)
    return bound is not None and bool(simplify(prediction.speed - bound).is_nonnegative)


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


def conclude_mean_field(flow: Flow, prediction: MeanField) -> Conclusion | Refusal:
    """Say what the field is at the tokens, how long it is at most, and of masses c m."""
    return mean_field(flow, prediction.field, prediction.speed)


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
    Concludes(conclude_mean_field, words=(("beta", "symbolic"),)),
    derive_mean_field,
    refute_mean_field,
    watch_mean_field,
    domain=(UNLABELLED, DIVIDED),
    premises=(KNOWN, ON_SPHERE),
    says=say_length,
    typed=True,
)


EQUATION_3_2 = Claim(
    "(3.2)",
    "At the tokens X[mu] = P_x Z^{-1} ∫e^{β<x,y>} y dmu is tangent, at most 1 long, the same for "
    "c mu.",
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
