"""(3.1): tokens move along the field of their measure.

How it is proved
----------------
A theorem on fields that read the measure of the tokens through integrals: a point of mass 0 adds 0
to each, and moves along the field; what it is at the tokens is the velocity as it is written, with
symbolic n, d and masses. Rational points, enclosed by intervals, watch both.

References
----------
arXiv 2312.10794, (3.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import OneMatrix, S
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Control, Verdict
from proofs_checks.decide import interval
from proofs_checks.proof import (
    KNOWN,
    MEAN_FIELD,
    ON_SPHERE,
    ONE_PROBE,
    PROBES,
    SUM_FIELD,
    Flow,
    Identity,
    Statement,
    Vanishing,
    Witness,
    at_tokens,
    beyond_integrals,
    decimal,
    excludes_zero,
    field_of,
    random_unit,
    vanishes,
)
from proofs_checks.proof.kinds import UNLABELLED
from proofs_checks.theorems import AlongField, Concludes, measure_field
from theory.atoms import RowSoftmax, Tangent
from theory.models import CAUSAL, SA
from theory.symbols import X, beta, d, m, n


def empirical_left(flow: Flow, prediction: MatrixExpr) -> Any:
    """``x_i' - X[mu](x_i)``; what isn't an integral against mu.

    Parameters
    ----------
    flow : Flow
    prediction : MatrixExpr
        X[mu] at the rows of ``PROBES``.
    """
    same = Identity("x_i' - X[mu](x_i)", flow.model.velocity, at_tokens(prediction))
    parts = (
        (same.text, same.residual(frozenset())[0]),
        (
            "what isn't an integral against mu",
            ", ".join(map(str, beyond_integrals(prediction))) or 0,
        ),
    )
    return parts, (same.left, same.right)


def _gaps(
    flow: Flow, prediction: MatrixExpr, rng: np.random.Generator
) -> Iterator[tuple[str, Any]]:
    """Differences at a drawn point: of the velocity and the field, also of a token of mass 0."""
    velocity, here = flow.model.velocity, at_tokens(prediction)
    point = Witness(rng, [velocity, here])
    for place, left in Identity("", velocity, here).gaps(point):
        yield f"x_i' - X[mu](x_i): {place} is off by {decimal(left)} at {point}", left
    point.sizes[ONE_PROBE] = 1
    probe = [list(random_unit(rng, point.sizes[d]))]
    more = {X: [*point.matrices[X], *probe], m: [*point.matrices[m], [S.Zero]]}
    moved = point.evaluator(more)(velocity)
    expected = [*point.evaluator()(velocity), *point.evaluator({PROBES: probe})(prediction)]
    for i, (left, right) in enumerate(zip(moved, expected, strict=True), start=1):
        for a, b in zip(left, right, strict=True):
            where = f"a token without mass at {probe[0]} changes x_{i}', or moves off X[mu], by"
            yield f"{where} {decimal(a - b)} at {point}", a - b


def empirical_at_a_point(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> str:
    """Draw a point and say where tokens, or one without mass, move off the field, or ""."""
    gaps = _gaps(flow, prediction, rng)
    return next((text for text, left in gaps if excludes_zero(left)), "")


def empirical_sides(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> Any:
    """Return the largest difference at a drawn point, to compare with 0."""
    gaps = [left for _, left in _gaps(flow, prediction, rng)]
    return max(gaps, key=lambda left: abs(float(left.mid))), interval(0)


_MOVES = "x_i' = X[mu](x_i): tokens, and points without mass, move along the field of their measure"
_WATCHED: Statement[MatrixExpr] = vanishes(
    "",
    _MOVES,
    Vanishing(
        empirical_left,
        empirical_at_a_point,
        _MOVES,
        draws=10,
        confined=False,
        sides=empirical_sides,
    ),
    field_of,
)
EMPIRICAL: Statement[MatrixExpr] = Statement(
    "(3.1)",
    _MOVES,
    Concludes(AlongField(measure_field), words=(("beta", "symbolic"),)),
    field_of,
    _WATCHED.refute,
    _WATCHED.trial,
    domain=(UNLABELLED,),
    premises=(KNOWN, ON_SPHERE),
    typed=True,
)


EQUATION_3_1 = Claim(
    "(3.1)",
    "x_i' = X[mu](x_i): tokens, and points without mass, move along the field of their measure.",
    SA,
    MEAN_FIELD,
    EMPIRICAL,
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
