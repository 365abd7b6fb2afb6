"""Energies of pairs that climb while masses move by what they are worth, and keep their sum."""

from __future__ import annotations

from sympy.matrices.expressions import MatrixExpr

from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.theorems.clocks import TOTAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import climb, heated
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.hemisphere import pull_of
from proofs_checks.theorems.kernel import Refusal, Theorem, apply, read, settle
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import CHAIN, REPLACE, TOKEN_SUM
from proofs_checks.theorems.pulls import legend
from proofs_checks.theorems.readers import MASS_MOTION, MASSES, TOKEN, solving
from proofs_checks.theorems.readers import pulled as motion_of
from theory.symbols import X, m
from theory.terms import Inner, Item, Name, Row, ddt, item, scalar, total


def growing_with_masses(
    subject: Subject, energy: MatrixExpr, weights: MatrixExpr, more: MatrixExpr
) -> Conclusion | Refusal:
    """``E' = Σ_i g_i |x_i'|² + S``, ``0 <= E'`` and ``(Σ_i m_i)' = 0``, with both velocities.

    Parameters
    ----------
    subject : Subject
    energy : MatrixExpr, shape (1, 1)
    weights : MatrixExpr, shape (n, 1)
        g.
    more : MatrixExpr, shape (1, 1)
        S, what moving masses add.

    Examples
    --------
    >>> from theory.models import USA
    >>> print(growing_with_masses(Subject.of(USA), USA.energy, m, USA.energy))
    motion of masses: the masses of USA stay
    """
    pull, motion, masses = pull_of(subject), read(MASS_MOTION, subject), read(MASSES, subject)
    if isinstance(motion, Refusal):
        return motion
    if isinstance(pull, Refusal):
        return pull
    whole, added = scalar(energy), scalar(more)
    if whole is None or added is None:
        return Refusal("the energy, or what masses add to it, isn't a sum over tokens")
    moved, grown = ddt(Row(X, TOKEN)), climb(subject)
    known = apply(TOKEN_SUM, masses, index=TOKEN), *heated(whole)
    then = Rel("=", ddt(whole), total(item(weights, TOKEN) * Inner(moved, moved), TOKEN) + added)
    rate, rises = (apply(part, grown, place=place) for place in (0, 1))
    if isinstance(rate, Refusal):
        return rate
    same = settle(EQUAL, Rel("=", rate.says.left.args[0], whole), *heated(whole))
    rate, rises = (apply(REPLACE, same, one) for one in (rate, rises))
    if isinstance(rate, Refusal):
        return rate
    if rate.says != then:  # other weights and masses may come to the same
        other = Rel("=", rate.says.right, then.right)
        rate = apply(CHAIN, rate, settle(EQUAL, other, masses, *known))
    stays = settle(EQUAL, Rel("=", ddt(TOTAL), 0), motion, *known)
    found = apply(together, pull.motion, motion, rate, rises, stays)
    moves = (
        motion_of(pull.weight),
        Rel("=", ddt(Item(m, TOKEN)), item(subject.velocities[m], TOKEN)),
    )
    says = All(*moves, then, Rel("<=", 0, ddt(whole)), Rel("=", ddt(TOTAL), 0))
    given = solving(subject), *(one.says for one in heated(whole) if isinstance(one, Theorem))
    return claimed(found, says, given, (Name("E", whole), *legend(pull)))
