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
from proofs_checks.theorems.features import featured, features_in
from proofs_checks.theorems.hemisphere import warm
from proofs_checks.theorems.kernel import Found, Refusal, Theorem, apply, assume, read, settle
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.pulls import cosines_of
from proofs_checks.theorems.readers import OTHER, STATE, STATE_POSITIVE, STATE_UNIT, TOKEN
from theory.symbols import n
from theory.terms import Entry, Index, Name, denominators, entry, total, weight


def at_states(subject: Subject) -> tuple[Found, ...]:
    """``0 < m_i`` at the states of a model; on the sphere ``|x_i| = 1`` and ``-1 <= g_ij <= 1``."""
    known = cosines_of(read(STATE_UNIT, subject))
    return read(STATE_POSITIVE, subject), *(one for one in known if isinstance(one, Theorem))


def _meanings(share: Any) -> Iterator[Found]:
    """Yield what entries of softmaxes are by their definition."""
    for one in sorted(share.atoms(Entry), key=str):
        with suppress(ValueError):
            yield settle(WEIGHED, Rel("=", one, weight(one)))


def adding_up(
    share: Any, said: Any, facts: tuple[Found, ...], index: Index = OTHER
) -> tuple[Found, Found]:
    """``0 < A_ij`` and ``Σ_j A_ij = c``, of masses that are positive: no sum of a row is 0.

    Parameters
    ----------
    share : Expr
        A_ij.
    said : Expr
        c.
    facts : tuple of Theorem or Refusal
        What is known of states, that masses are positive first.
    index : Index
        j.
    """
    sign = spared(SIGNS, Rel("<", 0, share), *facts)
    alike = isinstance(share, Entry) and index == OTHER
    whole = shares_of(facts[0], share)[0] if alike else Refusal("it is no entry between tokens")
    if said == 1 and isinstance(whole, Theorem):
        return sign, whole
    below = (spared(SIGNS, Rel("<", 0, one), *facts) for one in denominators(share))
    says = Rel("=", total(share, index), said)
    return sign, settle(EQUAL, says, *_meanings(share), *below, facts[0])


def stochastic(subject: Subject, matrices: Iterable[MatrixExpr], said: Any) -> Conclusion | Refusal:
    """``0 < A_ij`` and ``Σ_j A_ij = c`` of weights of tokens of a model, at its states.

    Parameters
    ----------
    subject : Subject
    matrices : iterable of MatrixExpr
        Each an A, of tokens to those of their species or of another.
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
    facts, parts, then = at_states(subject), list[Found](), list[Rel]()
    names: list[Name] = []
    for matrix in matrices:
        i, j = _indices(matrix)
        share = entry(matrix, i, j)
        known = *facts, *_of_features(subject, share), *map(assume, warm(subject))
        parts += adding_up(share, said, known, j)
        then += [Rel("<", 0, share), Rel("=", total(share, j), said)]
        names += [Name("A", share, (i, j))] if isinstance(share, Entry) else []
    if not parts:
        return Refusal("there are no weights")
    found = apply(together, *parts)
    given = Is(STATE, subject), *warm(subject)
    return claimed(found, All(*then), given, tuple(names[:1]))


def _of_features(subject: Subject, share: Any) -> tuple[Found, ...]:
    """``0 < <φ(x_i), ψ(x_j)>``, of features that weights are made of."""
    if (features := features_in(share)) is None:
        return ()
    found = featured(subject, features[0], STATE_UNIT)
    return () if isinstance(found, Refusal) else (apply(part, found, place=0),)


def _indices(matrix: MatrixExpr) -> tuple[Index, Index]:
    """Return indices of the rows and of the columns of weights."""
    rows, columns = matrix.shape
    i = TOKEN if rows == n else Index("a", rows)
    return i, OTHER if columns == n else Index("b", columns)
