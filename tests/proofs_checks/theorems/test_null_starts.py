"""Null sets of starts: every premise is needed, and nothing is said of too many discs."""

from __future__ import annotations

import pytest
from sympy import Integer, symbols, sympify

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    RATES,
    Refusal,
    Theorem,
    apply,
    as_sheet,
    ascents_caught,
    assume,
    caught_at_two,
    modes_said,
)
from proofs_checks.theorems.null_starts import (
    CAUGHT,
    COVERED,
    CRITICAL_ORBITS,
    NULL_SETS,
    TWO_ORBITS,
)
from theory.models import REPULSIVE, SA, USA
from theory.symbols import d, n

SIZES = symbols("p q", integer=True, positive=True)


@pytest.mark.parametrize("codimension", [d, n * (d - 1), 2 * d - 2])
def test_no_larger_codimension_is_known(codimension):
    own = caught_at_two(Subject.of(SA), *SIZES, codimension)
    assert isinstance(own.found, Refusal)
    assert isinstance(caught_at_two(Subject.of(SA), *SIZES, Integer(1)).found, Theorem)
    assert isinstance(caught_at_two(Subject.of(REPULSIVE), *SIZES, Integer(1)).found, Refusal)


@pytest.mark.parametrize(
    ("least", "codimension", "holds"),
    [
        *((1, RATES, True), (2, RATES, True), (3, 1, True)),
        *((0, RATES, False), (1, RATES + 1, False), (1, 2, False), (1, 0, False)),
    ],
)
def test_strict_saddles_alone(least, codimension, holds):
    own = ascents_caught(least, sympify(codimension))
    assert as_sheet(own.says, own.found).holds is holds


def test_every_premise_is_needed():
    """Of the four steps: dropped, swapped, weakened, of other states."""
    null = caught_at_two(Subject.of(SA), *SIZES, d - 1).found
    caught, _ = null.premises
    orbits, cover = caught.premises
    modes, wide, sign = orbits.premises
    other = ascents_caught(1, RATES).found
    inertia, lasts, many = other.premises[0].premises[0].premises
    usa = caught_at_two(Subject.of(USA), *SIZES, d - 1).found.premises[0].premises[0]
    one = modes_said(Subject.of(SA), ((0, d - 1), (-1, (d - 1) * (n - 1)))).found
    weak = assume(Rel("<=", 0, sign.says.right))
    for rule, facts, more in (
        (TWO_ORBITS, (modes, wide), {"codimension": d - 1}),
        (TWO_ORBITS, (modes, sign), {"codimension": d - 1}),
        (TWO_ORBITS, (wide, modes, sign), {"codimension": d - 1}),
        (TWO_ORBITS, (modes, wide, weak), {"codimension": d - 1}),
        (TWO_ORBITS, (one, wide, sign), {"codimension": d - 1}),
        (COVERED, (cover,), {}),
        (COVERED, (modes,), {}),
        (CAUGHT, (orbits,), {}),
        (CAUGHT, (cover, orbits), {}),
        (CAUGHT, (usa, cover), {}),
        (NULL_SETS, (caught,), {}),
        (NULL_SETS, (caught, many), {}),
        (NULL_SETS, (orbits, wide), {}),
        (CRITICAL_ORBITS, (inertia, many, lasts), {"codimension": RATES}),
        (CRITICAL_ORBITS, (lasts, inertia, many), {"codimension": RATES}),
        (CRITICAL_ORBITS, (inertia, lasts), {"codimension": RATES}),
        (CRITICAL_ORBITS, (inertia, lasts, many), {"codimension": RATES + 1}),
        (CRITICAL_ORBITS, (inertia, lasts, inertia), {"codimension": RATES}),
    ):
        assert isinstance(apply(rule, *facts, **more), Refusal)
