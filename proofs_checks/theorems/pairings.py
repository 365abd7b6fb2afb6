"""Skew pairings of the coordinates of R^d, d odd: what takes the place of B² = -I.

B_j has a block on each pair of the d - 1 coordinates other than j, in order, and 0 at j.
"""

from __future__ import annotations

from typing import Any

from sympy import Matrix, eye

from proofs_checks.proof import How
from proofs_checks.propositions import All, Definition, Is, Proposition
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.kernel import Engine, Fact, Found, NotConcluded, Rule, apply, settle
from proofs_checks.theorems.logic import together
from theory.symbols import d
from theory.terms import Sort

_BLOCK = (Sort.NUMBER,) * 4
_PAIRED = (
    "d odd: B_j with the block [{0}, {1}; {2}, {3}] on each pair of the d - 1 coordinates but j, "
    "and 0 at j, "
)
TURNS = Definition("block", "the block [{0}, {1}; {2}, {3}] is skew, its square is -I", _BLOCK)
PAIRED = Definition("pairings", f"{_PAIRED}is skew, and B_j² = -I + e_j e_j^T", _BLOCK)
EVEN = Definition(
    "even pairing",
    "d even: B with the block [{0}, {1}; {2}, {3}] on each pair of coordinates is skew, and B² = "
    "-I",
    _BLOCK,
)
ADDED_UP = Definition(
    "sum of pairings", f"{_PAIRED}has Σ_j B_j² = c I, c = {{4}}", (*_BLOCK, Sort.NUMBER)
)


def _block(says: Proposition, definition: Definition) -> Any:
    if not isinstance(says, Is) or says.definition is not definition:
        raise NotConcluded(f"it isn't said of a {definition.name}")
    return Matrix(2, 2, says.arguments)


def _turns(says: Proposition, facts: tuple[Fact, ...]) -> str:
    block = _block(says, TURNS)
    if block.T != -block or block * block != -eye(2):
        raise NotConcluded(f"b + b^T = {(block + block.T).tolist()}, b² = {(block**2).tolist()}")
    return "b + b^T = 0 and b² + I = 0"


def _paired(turns: Fact) -> Proposition:
    return Is(PAIRED, *_block(turns.says, TURNS))


def _even(turns: Fact) -> Proposition:
    return Is(EVEN, *_block(turns.says, TURNS))


def _added(paired: Fact) -> Proposition:
    return Is(ADDED_UP, *_block(paired.says, PAIRED), 1 - d)


BLOCK = Engine("block", How.DERIVED, _turns)
BLOCKS = Rule(
    "blocks",
    "a block is skew with the square -I: B_j is skew, B_j² = -I + e_j e_j^T",
    "multiplication by blocks",
    _paired,
)
EVEN_BLOCKS = Rule(
    "blocks of an even number of coordinates",
    "a block is skew with the square -I: for even d so is B, of d/2 such blocks",
    "multiplication by blocks",
    _even,
    rocq="Forms.rule_blocks",
)
PAIRING_SUM = Rule(
    "sum over pairings",
    "B_j² = -I + e_j e_j^T, j = 1, ..., d: Σ_j B_j² = -(d-1) I",
    "Σ_j e_j e_j^T = I",
    _added,
)


def even_pairings(block: Any) -> tuple[Found, Proposition]:
    """Conclude that a matrix of such blocks is skew with the square -I, for even d.

    Examples
    --------
    >>> [type(even_pairings(((0, 1), (s, 0)))[0]).__name__ for s in (-1, 1)]
    ['Theorem', 'Refusal']
    """
    entries = tuple(Matrix(block))
    return apply(EVEN_BLOCKS, settle(BLOCK, Is(TURNS, *entries))), Is(EVEN, *entries)


def squares_add_up(block: Any) -> Conclusion:
    """Claim that pairings of a block are skew, and that their squares add up.

    Examples
    --------
    >>> squares_add_up(((0, -1), (1, 0))).found.by.name
    'and'
    >>> type(squares_add_up(((0, 1), (1, 0))).found).__name__
    'Refusal'
    """
    entries = tuple(Matrix(block))
    paired = apply(BLOCKS, settle(BLOCK, Is(TURNS, *entries)))
    found = apply(together, paired, apply(PAIRING_SUM, paired))
    return claimed(found, All(Is(PAIRED, *entries), Is(ADDED_UP, *entries, 1 - d)), ())


__all__ = ["BLOCKS", "EVEN_BLOCKS", "PAIRING_SUM", "even_pairings", "squares_add_up"]
