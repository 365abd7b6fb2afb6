"""Confinement: what moves along projections, ``x_i' = P_i F_i``, stays on the sphere.

F is any field: what a row of it is made of is no matter. Of several species each is asked.
"""

from __future__ import annotations

from typing import Any

from sympy import MatrixSymbol, S

from proofs_checks.propositions import All, Is, Rel, Subject, conjoined
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.kernel import Found, NotConcluded, Reader, Refusal, apply, read, settle
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import REPLACE, TURNED
from proofs_checks.theorems.readers import LIVES, OTHER, TOKEN, Facts, field_of
from proofs_checks.theorems.species import places
from theory.symbols import X
from theory.terms import Entry, Inner, Name, Norm, Projected, Row, ddt, row


def _tokens(subject: Subject) -> list[Any]:
    """Return a token of each species on the sphere that moves."""
    spheres = (b for b, space in subject.spaces.items() if space == "sphere")
    blocks = sorted((b for b in spheres if b in subject.velocities), key=lambda b: (b != X, str(b)))
    if not blocks:
        raise NotConcluded(f"no tokens of {subject.name} move on the sphere")
    return [Row(block, places(block)[0]) for block in blocks]


def _field(subject: Subject, token: Any) -> Any:
    return row(field_of(subject, token.args[0]), token.args[1])


def _along_projections(subject: Subject) -> Facts:
    says = [
        Rel("=", ddt(token), Projected(token, _field(subject, token))) for token in _tokens(subject)
    ]
    return frozenset({Is(LIVES, subject)}), conjoined(says), "rows of the velocities"


def _lengths(subject: Subject) -> Facts:
    tokens = _tokens(subject)
    for token in tokens:
        field_of(subject, token.args[0])
    says = [Rel("=", Norm(token), 1) for token in tokens]
    given = frozenset({Is(LIVES, subject)})
    return given, conjoined(says), "they are at first, and <x_i, P_i F_i> = 0"


ALONG_PROJECTIONS = Reader("velocities along projections", _along_projections)
SPHERICAL = Reader("tokens that stay on the sphere", _lengths)


def confined(subject: Subject, value: Any = S.Zero) -> Conclusion | Refusal:
    """``<x_i, x_i'> = 0`` and ``|x_i| = 1``, of each species on the sphere.

    Parameters
    ----------
    subject : Subject
    value : Expr
        What is claimed for that 0.

    Examples
    --------
    >>> from theory.models import SA
    >>> own = confined(Subject.of(SA))
    >>> print(own.found.by.name)
    and
    """
    try:
        tokens = _tokens(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    motion, lengths = read(ALONG_PROJECTIONS, subject), read(SPHERICAL, subject)
    found: list[Found] = []
    said = []
    for place, token in enumerate(tokens):
        moves, long = motion, lengths
        if len(tokens) > 1:
            moves, long = (apply(part, one, place=place) for one in (moves, long))
        if isinstance(moves, Refusal):
            return moves
        across = settle(EQUAL, Rel("=", Inner(token, moves.says.right), 0), long)
        moved = apply(REPLACE, apply(TURNED, moves), across)
        if isinstance(moved, Refusal):  # of a field that may have no value, but where it is x_i'
            moved = settle(EQUAL, Rel("=", Inner(token, ddt(token)), 0), moves, long)
        found += [moved, long]
        said += [Rel("=", Inner(token, ddt(token)), value), Rel("=", Norm(token), 1)]
    given = (Is(LIVES, subject),)
    return claimed(apply(together, *found), All(*said), given, _names(motion))


def _names(motion: Found) -> tuple[Name, ...]:
    """Return names for weights, and for a row of a field that isn't made of tokens."""
    if isinstance(motion, Refusal):
        return ()
    shares = {a for a in motion.says.atoms(Entry) if a.args[1:] == (TOKEN, OTHER)}
    rows = {a for a in motion.says.atoms(Row) if not isinstance(a.args[0], MatrixSymbol)}
    return (
        *(Name("A", one, (TOKEN, OTHER)) for one in shares if len(shares) == 1),
        *(Name("F", one, (TOKEN,)) for one in rows if len(rows) == 1 and one.args[1] == TOKEN),
    )
