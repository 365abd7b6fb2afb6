"""(2.5): weights that are divided by the sum of their row are positive, and add up to 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from sympy.matrices.expressions import MatrixExpr

from proofs_checks.propositions import All, Is, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.divided_pairs import shares_of
from proofs_checks.theorems.engines import EQUAL, SIGNS, WEIGHED, spared
from proofs_checks.theorems.kernel import Found, Refusal, Theorem, apply, read, settle
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.pulls import cosines_of
from proofs_checks.theorems.readers import OTHER, STATE, STATE_POSITIVE, STATE_UNIT, TOKEN
from theory.symbols import n
from theory.terms import Entry, Name, denominators, entry, total, weight


def at_states(subject: Subject) -> tuple[Found, ...]:
    """``0 < m_i`` at the states of a model; on the sphere ``|x_i| = 1`` and ``-1 <= g_ij <= 1``."""
    known = cosines_of(read(STATE_UNIT, subject))
    return read(STATE_POSITIVE, subject), *(one for one in known if isinstance(one, Theorem))


def _meanings(share: Any) -> Iterator[Found]:
    """Yield what entries of softmaxes are by their definition."""
    for one in sorted(share.atoms(Entry), key=str):
        with suppress(ValueError):
            yield settle(WEIGHED, Rel("=", one, weight(one)))


def adding_up(share: Any, said: Any, facts: tuple[Found, ...]) -> tuple[Found, Found]:
    """``0 < A_ij`` and ``Σ_j A_ij = c``, of masses that are positive: no sum of a row is 0.

    Parameters
    ----------
    share : Expr
        A_ij.
    said : Expr
        c.
    facts : tuple of Theorem or Refusal
        What is known of states, that masses are positive first.
    """
    sign = spared(SIGNS, Rel("<", 0, share), *facts)
    whole = shares_of(facts[0], share)[0] if isinstance(share, Entry) else Refusal("it is no entry")
    if said == 1 and isinstance(whole, Theorem):
        return sign, whole
    below = (spared(SIGNS, Rel("<", 0, one), *facts) for one in denominators(share))
    says = Rel("=", total(share, OTHER), said)
    return sign, settle(EQUAL, says, *_meanings(share), *below, facts[0])


def stochastic(subject: Subject, matrices: Iterable[MatrixExpr], said: Any) -> Conclusion | Refusal:
    """``0 < A_ij`` and ``Σ_j A_ij = c`` of weights between the tokens of a model, at its states.

    Parameters
    ----------
    subject : Subject
    matrices : iterable of MatrixExpr, shape (n, n)
        Each an A.
    said : Expr
        c.

    Examples
    --------
    >>> from theory.atoms import RowSoftmax
    >>> from theory.models import SA
    >>> from theory.symbols import X, beta, m
    >>> own = stochastic(Subject.of(SA), [RowSoftmax(beta * X * X.T, m)], 1)
    >>> print(own.found.by.name)
    and
    >>> isinstance(stochastic(Subject.of(SA), [RowSoftmax(beta * X * X.T, m)], 2).found, Refusal)
    True
    """
    matrices = tuple(matrices)
    if not matrices or any(one.shape != (n, n) for one in matrices):
        return Refusal("the weights aren't between the tokens")
    facts, entries = at_states(subject), [entry(one, TOKEN, OTHER) for one in matrices]
    parts = [one for share in entries for one in adding_up(share, said, facts)]
    then = [
        one
        for share in entries
        for one in (Rel("<", 0, share), Rel("=", total(share, OTHER), said))
    ]
    names = [Name("A", one, (TOKEN, OTHER)) for one in entries if isinstance(one, Entry)]
    found = apply(together, *parts)
    return claimed(found, All(*then), (Is(STATE, subject),), tuple(names[:1]))
