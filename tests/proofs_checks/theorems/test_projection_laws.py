"""Laws of squared projections: every premise is needed, and no other law is concluded."""

from __future__ import annotations

import pytest
from sympy import Expr, S, Symbol, sqrt

from proofs_checks.proof import ORDER
from proofs_checks.propositions import Is
from proofs_checks.theorems import Refusal, apply, as_sheet, assume, projected_tokens
from proofs_checks.theorems.projection_laws import ANGLE, SHARE, SPANS_APART, SQUARED_COSINE
from theory.symbols import beta, d

RADIUS = Symbol("r", positive=True)
CHORD = sqrt(2 - 2 * sqrt(1 - RADIUS**2))


@pytest.mark.parametrize(
    ("first", "second", "chord", "holds"),
    [
        (ORDER / 2, (d - ORDER) / 2, CHORD, True),
        (ORDER / 2, d / 2, CHORD, False),
        (ORDER, d - ORDER, CHORD, False),
        ((d - ORDER) / 2, ORDER / 2, CHORD, False),
        (ORDER / 2, (d - ORDER) / 2, RADIUS, False),
    ],
)
def test_this_law_alone(first: Expr, second: Expr, chord: Expr, holds: bool) -> None:
    own = projected_tokens(first, second, chord, RADIUS)
    assert as_sheet(own.says, own.found, own.names).holds is holds


def test_every_premise_is_needed() -> None:
    law = projected_tokens(ORDER / 2, (d - ORDER) / 2, CHORD, RADIUS).found.premises[0]
    spans, share = law.premises
    (angle,) = share.premises
    hot = assume(Is(SHARE, ORDER, beta, d))
    plane = assume(Is(SHARE, 2, d / 2, d / 2))
    for rule, facts in (
        (SQUARED_COSINE, (share,)),
        (SPANS_APART, (share, spans)),
        (SPANS_APART, (spans, angle)),
        (SPANS_APART, (spans, hot)),
        (SPANS_APART, (spans, plane)),
    ):
        assert isinstance(apply(rule, *facts), Refusal)


def test_a_square_has_the_exponents_of_its_angle() -> None:
    """At p = q = 0, of an angle that is uniform: the arcsine law, Beta(1/2, 1/2)."""
    arcsine = apply(SQUARED_COSINE, assume(Is(ANGLE, 1, 0, 0)))
    assert arcsine.says.arguments[1:] == (S.Half, S.Half)
