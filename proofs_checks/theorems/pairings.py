"""Skew matrices of blocks whose squares add up to a multiple of I: what B² = -I is for even d.

For odd d, B_j has a block on each pair of the d - 1 coordinates other than j, in order, and 0 at j.
For any d, B_kl has it on the coordinates k < l, and 0 elsewhere.
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
_IN_PLANES = "B_kl with the block [{0}, {1}; {2}, {3}] on coordinates k < l, and 0 elsewhere, "
PLANES = Definition(
    "turns of planes", f"{_IN_PLANES}is skew, and B_kl² = -e_k e_k^T - e_l e_l^T", _BLOCK
)
PLANES_UP = Definition(
    "sum of turns of planes",
    f"{_IN_PLANES}has Σ_(k<l) B_kl² = c I, c = {{4}}",
    (*_BLOCK, Sort.NUMBER),
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


def _in_planes(turns: Fact) -> Proposition:
    return Is(PLANES, *_block(turns.says, TURNS))


def _planes_added(planes: Fact) -> Proposition:
    return Is(PLANES_UP, *_block(planes.says, PLANES), 1 - d)


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

BLOCKS_OF_PLANES = Rule(
    "blocks of planes",
    "a block is skew with the square -I: B_kl is skew, B_kl² = -e_k e_k^T - e_l e_l^T",
    "multiplication by blocks",
    _in_planes,
)
PLANE_SUM = Rule(
    "sum over planes",
    "B_kl² = -e_k e_k^T - e_l e_l^T, k < l: Σ_(k<l) B_kl² = -(d-1) I",
    "each e_k e_k^T is in d - 1 of them, and Σ_k e_k e_k^T = I",
    _planes_added,
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


def squares_add_up(block: Any, planes: bool = False) -> Conclusion:
    """Claim that pairings, or turns of planes, are skew, and that their squares add up.

    Examples
    --------
    >>> squares_add_up(((0, -1), (1, 0))).found.by.name
    'and'
    >>> type(squares_add_up(((0, 1), (1, 0))).found).__name__
    'Refusal'
    """
    entries = tuple(Matrix(block))
    turns, sums = (BLOCKS_OF_PLANES, PLANE_SUM) if planes else (BLOCKS, PAIRING_SUM)
    each, whole = (PLANES, PLANES_UP) if planes else (PAIRED, ADDED_UP)
    skew = apply(turns, settle(BLOCK, Is(TURNS, *entries)))
    found = apply(together, skew, apply(sums, skew))
    return claimed(found, All(Is(each, *entries), Is(whole, *entries, 1 - d)), ())


__all__ = ["BLOCKS", "EVEN_BLOCKS", "PAIRING_SUM", "even_pairings", "squares_add_up"]
