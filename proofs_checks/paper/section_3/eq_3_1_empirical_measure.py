"""(3.1): tokens move along the field of their measure.

How it is proved
----------------
The row algebra reduces x_i' - X[mu](x_i) to 0 for every n and d, with symbolic masses. A token
of mass 0, put at a drawn place, is only watched: at rational points, enclosed by intervals, it
moves along X[mu] and changes no other token.

References
----------
arXiv 2312.10794, (3.1).
"""

from __future__ import annotations

from dataclasses import replace

from sympy import OneMatrix, S
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import (
    MEAN_FIELD,
    ONE_PROBE,
    PROBES,
    SUM_FIELD,
    Identity,
    Witness,
    adding,
    at_tokens,
    compare,
    decimal,
    excludes_zero,
    random_unit,
)
from theory.atoms import RowSoftmax, Tangent
from theory.models import CAUSAL, SA, Model
from theory.symbols import X, beta, d, m, n


def check_empirical(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``x_i' = X[mu](x_i)``, and that a token without mass moves along X[mu] too.

    Parameters
    ----------
    model : Model
        The flow of the tokens.
    prediction : MatrixExpr
        X[mu] at the rows of ``PROBES``.
    budget : Budget
        Points to draw.
    """
    evidence = compare(
        [Identity("x_i' - X[mu](x_i)", model.velocity, at_tokens(prediction))], budget
    )
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    for _ in range(budget.cases):
        point = Witness(budget.rng, [model.velocity, at_tokens(prediction)])
        point.sizes[ONE_PROBE] = 1
        place = [list(random_unit(budget.rng, point.sizes[d]))]
        more = {X: [*point.matrices[X], *place], m: [*point.matrices[m], [S.Zero]]}
        moved = point.evaluator(more)(model.velocity)
        field = point.evaluator({PROBES: place})(prediction)
        expected = [*point.evaluator()(model.velocity), *field]
        for i, (left, right) in enumerate(zip(moved, expected, strict=True), start=1):
            for a, b in zip(left, right, strict=True):
                if excludes_zero(a - b):
                    detail = (
                        f"a token without mass at {place[0]} changes x_{i}', or moves off X[mu], "
                        f"by {decimal(a - b)} at {point}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=budget.cases)
    return adding(evidence, "tokens without mass follow X[mu] and change nothing", budget.cases)


EQUATION_3_1 = Claim(
    "(3.1)",
    "x_i' = X[mu](x_i): tokens, and points without mass, move along the field of their measure.",
    SA,
    MEAN_FIELD,
    check_empirical,
    (
        Control("a causal mask, which sees labels", model=CAUSAL),
        Control(
            "tokens counted, not weighed",
            model=replace(SA, velocity=Tangent(X, RowSoftmax(beta * X * X.T, OneMatrix(n, 1)) * X)),
        ),
        Control("the field without 1/Z", prediction=SUM_FIELD),
    ),
    Verdict.PROVED,
    cases=3,
)


CLAIMS = (EQUATION_3_1,)
