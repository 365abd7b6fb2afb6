"""(4.1) of models in pull form: at β = 0 tokens go to their barycentre, which never comes nearer 0.

Where the weights are m_j k, k one constant, x_i' = k P_i Σ_j m_j x_j, and |Σ_j m_j x_j|²/2 climbs.
"""

from __future__ import annotations

from sympy import S

from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import ascent, attached
from proofs_checks.theorems.engines import EQUAL, WEIGHED
from proofs_checks.theorems.kernel import Refusal, apply, read, settle
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import CONSTANT
from proofs_checks.theorems.readers import CONSTANT_MASSES, MASSES, OTHER, TOKEN, solving
from theory.symbols import X, m
from theory.terms import Entry, Inner, Item, Name, Projected, Row, ddt, total, weight


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
    centre = total(Row(X, OTHER) * Item(m, OTHER), OTHER)
    shares = [a for a in own.pull.weight.atoms(Entry) if a.args[1:] == (TOKEN, OTHER)]
    meant = [settle(WEIGHED, Rel("=", one, weight(one))) for one in shares]
    masses = read(MASSES, subject)
    still = apply(CONSTANT, read(CONSTANT_MASSES, subject))
    pulled = Projected(Row(X, TOKEN), centre)  # of rate 1 a motion of its own already
    motion = Rel("=", ddt(Row(X, TOKEN)), pulled if rate == 1 else pulled * rate)
    constant = Rel("=", ddt(rate), S.Zero)
    length = Rel("=", own.energy, Inner(centre, centre) / 2)
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
