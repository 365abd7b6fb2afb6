"""(4.1) of models in pull form: at β = 0 tokens go to their barycentre, which never comes nearer 0.

Where the weights are m_j k, k one constant, x_i' = k P_i Σ_j m_j x_j, and |Σ_j m_j x_j|² climbs.
"""

from __future__ import annotations

from typing import Any

from sympy import S

from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.theorems.conclusions import ONE_MASS, Conclusion, claimed, one_mass
from proofs_checks.theorems.energy import ascent, attached
from proofs_checks.theorems.engines import EQUAL, SIGNS, WEIGHED
from proofs_checks.theorems.kernel import Refusal, apply, read, settle
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import CHAIN, CONSTANT, TURNED
from proofs_checks.theorems.pulls import Pull
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    MASSES,
    OTHER,
    TOKEN,
    UNIT,
    moved_by,
    solving,
)
from theory.symbols import X, m
from theory.terms import Entry, Inner, Item, Name, Projected, Row, ddt, total, weight

CENTRE = total(Row(X, OTHER) * Item(m, OTHER), OTHER)
"""M, the barycentre."""


def drawn(pull: Pull, field: Any, growth: Any) -> Conclusion:
    """``x_i' = P_i F_i``; ``|M|²' = c Σ_i m_i |P_i M|²``, which is >= 0.

    Parameters
    ----------
    pull : Pull
    field : MatrixExpr, shape (n, d)
        F, where masses add up to 1.
    growth : Expr
        c.

    Examples
    --------
    >>> from proofs_checks.theorems import pull_of
    >>> from sympy import DiagMatrix, OneMatrix
    >>> from theory.models import SA
    >>> from theory.symbols import beta, n
    >>> mean = OneMatrix(n, n) * DiagMatrix(m) * X
    >>> drawn(pull_of(Subject.of(SA, {beta: 0})), mean, 2).found.by.name
    'and'
    >>> isinstance(drawn(pull_of(Subject.of(SA)), mean, 2).found, Refusal)
    True
    """
    subject, said = pull.subject, moved_by(field)
    meant = [settle(WEIGHED, Rel("=", a, weight(a))) for a in pull.weight.atoms(Entry)]
    masses = read(MASSES, subject)
    motion = pull.motion
    if isinstance(motion, Refusal) or motion.says != said:
        motion = settle(EQUAL, said, motion, *meant, one_mass(subject), masses)
    short = Projected(Row(X, TOKEN), CENTRE)
    rate = growth * total(Item(m, TOKEN) * Inner(short, short), TOKEN)
    grows = Rel("=", ddt(Inner(CENTRE, CENTRE)), rate)
    still = apply(CONSTANT, read(CONSTANT_MASSES, subject))
    change = settle(EQUAL, grows, motion, still, read(UNIT, subject))
    sign = settle(SIGNS, Rel("<=", 0, rate), masses)
    found = apply(together, motion, change, apply(CHAIN, sign, apply(TURNED, change)))
    then = All(said, grows, Rel("<=", 0, grows.left))
    return claimed(found, then, (solving(subject), ONE_MASS), (Name("M", CENTRE),))


def barycentre(subject: Subject) -> Conclusion | None:
    """``x_i' = k P_i Σ_j m_j x_j``, ``k' = 0``, ``E = |Σ_j m_j x_j|²/2`` and ``0 <= E'``.

    Examples
    --------
    >>> from theory.models import PRE_LN, SA
    >>> from theory.symbols import beta
    >>> own = barycentre(Subject.of(SA, {beta: 0}))
    >>> str(own.found.says.args[0].right.args[0])
    '1/TokenSum(Item(m, #1), (#1,), ())'
    >>> barycentre(Subject.of(PRE_LN, {beta: 0})) is None
    True
    """
    own = attached(subject)
    if isinstance(own, Refusal) or own.weight != Item(m, TOKEN) * Item(m, OTHER):
        return None
    rate = Item(m, TOKEN) / own.pace
    if TOKEN in rate.free_symbols:
        return None
    shares = [a for a in own.pull.weight.atoms(Entry) if a.args[1:] == (TOKEN, OTHER)]
    meant = [settle(WEIGHED, Rel("=", one, weight(one))) for one in shares]
    masses = read(MASSES, subject)
    still = apply(CONSTANT, read(CONSTANT_MASSES, subject))
    pulled = Projected(Row(X, TOKEN), CENTRE)  # of rate 1 a motion of its own already
    motion = Rel("=", ddt(Row(X, TOKEN)), pulled if rate == 1 else pulled * rate)
    constant = Rel("=", ddt(rate), S.Zero)
    length = Rel("=", own.energy, Inner(CENTRE, CENTRE) / 2)
    found = apply(
        together,
        settle(EQUAL, motion, own.pull.motion, *meant, masses),
        settle(EQUAL, constant, still, masses),
        settle(EQUAL, length),
        climbs := ascent(subject),
    )
    if isinstance(climbs, Refusal) or isinstance(found, Refusal):
        return None
    then = All(motion, constant, length, Rel("<=", 0, ddt(own.energy)))
    return claimed(found, then, (solving(subject),), (Name("E", own.energy),))
