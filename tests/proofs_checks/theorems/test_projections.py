"""A unit vector without a projection: exact lengths, and what is no length is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from sympy import Expr, Integer, Rational, S, Symbol, sqrt

from proofs_checks.audit import doubted, evaluate
from proofs_checks.propositions import Proposition, Rel
from proofs_checks.theorems import Refusal, Theorem, apply, as_sheet, dropped
from proofs_checks.theorems.projections import KEPT, LENGTH

RADIUS = Symbol("r", positive=True)
CHORD = sqrt(2 - 2 * sqrt(1 - RADIUS**2))


@pytest.mark.parametrize(
    ("chord", "shown"),
    [(CHORD, True), (-CHORD, False), (RADIUS, False), (2 * CHORD, False), (S.Zero, False)],
)
def test_what_is_claimed(chord: Expr, shown: bool) -> None:
    own = dropped(chord, RADIUS)
    assert as_sheet(own.says, own.found, own.names).holds is shown


@dataclass(frozen=True)
class Said:
    """What is said under what is given, and concluded by nobody."""

    says: Proposition
    given: frozenset[Proposition]


def test_it_is_evaluated_where_its_hypotheses_hold() -> None:
    found = dropped(CHORD, RADIUS).found
    assert isinstance(found, Theorem) and doubted(found) is None
    twice = Rel("=", found.says.args[0].left, 2 * found.says.args[0].right)
    assert doubted(Said(twice, found.given)) is not None


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_drawn_planes(kept: float) -> None:
    first, second = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 2)))[0].T
    here = {"u": first, "w": second, "s": kept}
    assert evaluate(dropped(CHORD, RADIUS).says.then, None, here)


def test_a_length_is_the_root_that_is_not_negative() -> None:
    found = dropped(CHORD, RADIUS).found
    assert isinstance(found, Theorem)
    step = found.premises[0]
    assert step.by is LENGTH
    for wrong in (-sqrt(2 - 2 * KEPT), Integer(1), Rational(3, 2) * KEPT):
        assert isinstance(apply(LENGTH, *step.premises, length=wrong), Refusal)
