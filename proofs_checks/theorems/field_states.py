"""Tokens of one species or two, driven by fields: b_i' = P_i F_i; what is read of their states.

Keys that rest may be of any length. What is said of states in the unit balls holds of the segments
between two states too.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sympy import MatrixSymbol, Symbol

from proofs_checks.audit import PROBED, SECOND, SECOND_KEYS, SPECIES_HEATS, SPECIES_PAIR
from proofs_checks.propositions import (
    All,
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
    conjoined,
    every,
)
from proofs_checks.theorems.chords import PAIR
from proofs_checks.theorems.heat_gap import HEATS
from proofs_checks.theorems.kernel import NotConcluded, Reader
from proofs_checks.theorems.readers import LIVES, Facts, field_of, flows, solving
from proofs_checks.theorems.species import places
from theory.atoms import RowSoftmax
from theory.symbols import X, d, m, t
from theory.terms import (
    Entry,
    Greatest,
    Image,
    Index,
    Item,
    Multiple,
    Norm,
    Projected,
    Row,
    Sort,
    VectorSum,
    VectorTokenSum,
    at,
    ddt,
    entry,
    moving,
    row,
)

IN_BALLS = Definition(
    "in the balls",
    "the tokens of {0} that have a velocity move smoothly, of length 1 at most, and all else rests",
    (Subject,),
)
"""Whatever they do there: segments between states are such motions, and no state need be one."""
PAIRS = Definition(
    SPECIES_PAIR,
    "X and U solve {0}, Y and W with them where Y moves, for all {t} >= 0, with all else the same",
    (Subject,),
)
HEATED_PAIRS = Definition(
    SPECIES_HEATS,
    "X solves {0}, and U solves it at β = 0, Y and W with them where Y moves, for all {t} >= 0, "
    "from one start, all else the same",
    (Subject,),
)
CONSTANT = Definition("constant", "{0} stays as it is", (Sort.MAP,))
LONGEST_KEY = Symbol("R", nonnegative=True)
"""What keys that rest are no longer than."""


# -- species -------------------------------------------------------------------------------------


def blocks_of(subject: Subject) -> tuple[Any, ...]:
    """Return the species of a model: those that move on the sphere, and keys that rest.

    Raises
    ------
    NotConcluded
        Of other blocks, or of more than two.

    Examples
    --------
    >>> from theory.models import CROSS_ATTENTION, SA
    >>> [len(blocks_of(Subject.of(one))) for one in (SA, CROSS_ATTENTION)]
    [1, 2]
    """
    flows(subject)
    spaces = subject.spaces
    blocks = tuple(sorted(spaces, key=lambda block: (block != X, str(block))))
    if len(blocks) > 2 or blocks[0] != X or any(block.shape[1] != d for block in blocks):
        raise NotConcluded(f"{subject.name} isn't of tokens, or of two species of them")
    for block in blocks:
        if spaces[block] != ("sphere" if block in subject.velocities else "constant"):
            raise NotConcluded(f"{block} of {subject.name} neither moves on the sphere nor rests")
    if LONGEST_KEY in subject.free_symbols:
        raise NotConcluded("a parameter has a name of ours")
    return blocks


def moving_of(subject: Subject) -> tuple[Any, ...]:
    """Return the species that move."""
    return tuple(block for block in blocks_of(subject) if block in subject.velocities)


def token(block: Any, place: int = 0) -> Row:
    """Return b_i, or b_j."""
    return Row(block, places(block)[place])


def second(subject: Subject, block: Any) -> Any:
    """Return what the tokens of a species are called in the second solution."""
    if len(subject.spaces) == 1:
        return SECOND
    return PROBED if block == X else MatrixSymbol(SECOND_KEYS, *block.shape)


def pair_of(subject: Subject) -> Proposition:
    """Say that there are two solutions of a model."""
    return Is(PAIR if len(subject.spaces) == 1 else PAIRS, subject)


def heats_of(subject: Subject) -> Proposition:
    """Say that there is a solution of a model, and one at β = 0 from the same start."""
    return Is(HEATS if len(subject.spaces) == 1 else HEATED_PAIRS, subject)


def _largest(block: Any, length: Any) -> Greatest:
    each = Index("k", block.shape[0])
    return Greatest(length(each), (each,))


def apart(subject: Subject, block: Any) -> Greatest:
    """Return the largest chord between two solutions, of a species."""
    other = second(subject, block)
    return _largest(block, lambda k: Norm(Row(block, k) - Row(other, k)))


def fast(block: Any) -> Greatest:
    """Return how fast the fastest token of a species is."""
    return _largest(block, lambda k: Norm(ddt(Row(block, k))))


def field_row(subject: Subject, block: Any) -> Any:
    """Return F_i of a species; a velocity that knows the time is refused."""
    field = field_of(subject, block)
    if t in field.free_symbols:
        raise NotConcluded(f"the velocity of {subject.name} knows the time")
    return row(field, places(block)[0])


def driven(block: Any, field: Any) -> Rel:
    """Say ``b_i' = P_i F_i``."""
    return Rel("=", ddt(token(block)), Projected(token(block), field))


def terms_of(field: Any) -> tuple[Any, ...]:
    """Return the heads and layers of a field, without numbers in front of them."""
    terms = field.args if isinstance(field, VectorSum) else (field,)
    return tuple(one.args[1] if isinstance(one, Multiple) else one for one in terms)


def head_of(term: Any) -> tuple[Any, Any, Index]:
    """Return A_ij, V c_j and j of ``Σ_j A_ij V c_j``, shares of a softmax of all c_j.

    Raises
    ------
    NotConcluded
        For another vector.
    """
    if not isinstance(term, VectorTokenSum) or not isinstance(term.body, Multiple):
        raise NotConcluded("it is no head")
    inside = term.body.args[1]
    source = inside.args[1] if isinstance(inside, Image) else inside
    if not isinstance(source, Row):
        raise NotConcluded("its values aren't of tokens")
    j = places(source.args[0])[1]
    share, value = term.opened(j).args
    softmax = share.args[0] if isinstance(share, Entry) else None
    if type(softmax) is not RowSoftmax or share.args[2] != j or share.args[1] == j:
        raise NotConcluded(f"{share} is no share of a softmax")
    if t in softmax.free_symbols:
        raise NotConcluded("the shares know the time")
    return share, value, j


# -- what is read --------------------------------------------------------------------------------


def _motion(subject: Subject) -> Facts:
    says = [driven(block, field_row(subject, block)) for block in moving_of(subject)]
    return frozenset({solving(subject)}), conjoined(says), "rows of the velocities"


def _live_motion(subject: Subject) -> Facts:
    _, says, evidence = _motion(subject)
    return frozenset({Is(LIVES, subject)}), says, evidence


def _states(subject: Subject, moves: list[Any]) -> list[Any]:
    """Say what is so of keys that rest, and of masses, beside the lengths of tokens."""
    rests = [token(block) for block in blocks_of(subject) if block not in subject.velocities]
    says = [*moves, *(Rel("=", one, at(one)) for one in rests)]
    return [*says, Rel("<", 0, Item(m, places(X)[1]))]


def _in_balls(subject: Subject) -> Facts:
    lengths = [Rel("<=", Norm(token(block)), 1) for block in moving_of(subject)]
    says = [*_states(subject, lengths), Rel("=", ddt(Item(m, places(X)[1])), 0)]
    return frozenset({Is(IN_BALLS, subject)}), All(*says), "they move in the balls, all else rests"


def _live_states(subject: Subject) -> Facts:
    lengths = [Rel("=", Norm(token(block)), 1) for block in moving_of(subject)]
    for block in moving_of(subject):
        field_of(subject, block)  # refuses what isn't kept on the sphere
    says = _states(subject, lengths)
    return frozenset({Is(LIVES, subject)}), All(*says), "<b_i, P_i F_i> = 0; what has no velocity"


def _free_maps(subject: Subject) -> list[Any]:
    """Return matrices in scores that stay though, by their shape, rows might be tokens."""
    found: dict[Any, None] = {}
    for block in moving_of(subject):
        for one in terms_of(field_row(subject, block)):
            with suppress(NotConcluded):
                share, *_ = head_of(one)
                score = entry(share.args[0].scores, *share.args[1:])
                found |= dict.fromkeys(a.args[0] for a in score.atoms(Image))
    own = {*subject.spaces, m, t}
    return sorted((a for a in found if moving(a) and not a.free_symbols & own), key=str)


def _constants(subject: Subject) -> Facts:
    if not (maps := _free_maps(subject)):
        raise NotConcluded("no matrix might be taken for tokens")
    says = conjoined([Is(CONSTANT, one) for one in maps])
    return frozenset({Is(IN_BALLS, subject)}), says, "parameters"


def _both_units(subject: Subject, given: Proposition) -> Facts:
    says = []
    for block in moving_of(subject):
        field_of(subject, block)
        one, two = token(block), Row(second(subject, block), places(block)[0])
        says += [Rel("=", Norm(one), 1), Rel("=", Norm(two), 1)]
    return frozenset({given}), All(*says), "<b_i, P_i F_i> = 0"


def _heated_units(subject: Subject) -> Facts:
    return _both_units(subject, heats_of(subject))


def _same_start(subject: Subject) -> Facts:
    says = [Rel("=", at(apart(subject, block)), 0) for block in moving_of(subject)]
    return frozenset({heats_of(subject)}), conjoined(says), "they start at one state"


FIELDS = Reader("rows of velocities", _motion)
LIVE_FIELDS = Reader("rows of velocities, while it lives", _live_motion)
BALLS = Reader("states in the balls", _in_balls)
LIVE_STATES = Reader("tokens, keys and masses, while it lives", _live_states)
CONSTANTS = Reader("matrices that stay", _constants)
HEATED_UNITS = Reader("both heats on the spheres", _heated_units)
SAME_START = Reader("one start of all species", _same_start)


def keys_within(block: Any) -> Proposition:
    """Say that keys that rest are at most R long."""
    i, _ = places(block)
    return every(i, Rel("<=", at(Norm(Row(block, i))), LONGEST_KEY))
