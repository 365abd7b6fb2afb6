"""Pairings of coordinates for odd d: against matrices, and no other block passes."""

from __future__ import annotations

import pytest
from sympy import Matrix, Rational, eye, zeros

from proofs_checks.paper.appendix_a.eq_a_4_pairings import Pairings
from proofs_checks.theorems import Refusal, Theorem, apply, as_sheet, squares_add_up
from proofs_checks.theorems.pairings import BLOCKS, PAIRING_SUM
from theory.symbols import d

BLOCK = ((0, -1), (1, 0))


@pytest.mark.parametrize("dimension", [3, 7])
def test_what_is_concluded_is_so_of_matrices(dimension):
    """The factor that is concluded, at numbers, against matrices that are multiplied out."""
    own = squares_add_up(BLOCK)
    assert as_sheet(own.says, own.found).holds
    factor = own.found.says.args[1].arguments[-1].subs(d, dimension)
    found = Pairings(BLOCK, True).matrices(dimension)
    assert sum((b * b for b in found), zeros(dimension, dimension)) == factor * eye(dimension)
    assert all(b.T == -b for b in found)


@pytest.mark.parametrize(
    "block", [((0, 1), (1, 0)), ((0, -2), (2, 0)), ((1, 0), (0, -1)), ((0, 0), (0, 0))]
)
def test_another_block_is_refused(block):
    assert isinstance(squares_add_up(block).found, Refusal)


def test_a_block_that_turns_back_is_one_too():
    assert isinstance(squares_add_up(((0, 1), (-1, 0))).found, Theorem)
    half = Rational(1, 2) * Matrix([[-1, -1], [5, 1]])  # its square is -I, and it isn't skew
    assert half * half == -eye(2) and isinstance(squares_add_up(half).found, Refusal)


def test_every_premise_is_needed():
    paired, added = squares_add_up(BLOCK).found.premises
    (turns,) = paired.premises
    for rule, facts in (
        (BLOCKS, ()),
        (BLOCKS, (paired,)),
        (BLOCKS, (turns, turns)),
        (PAIRING_SUM, (turns,)),
        (PAIRING_SUM, (added,)),
        (PAIRING_SUM, ()),
    ):
        assert isinstance(apply(rule, *facts), Refusal)
