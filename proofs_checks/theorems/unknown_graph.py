"""A graph that isn't given: tokens meet where some token is reached from all, T3, and else not, T4.

Where none is, two sets of tokens see nobody else. The cone of each never grows, T1b, so starts at
which the two cones are apart don't meet.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from proofs_checks.propositions import All, Definition, Implies, Is, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.hemisphere import common_sight_given, pull_of
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
)
from proofs_checks.theorems.lengths import bounded
from proofs_checks.theorems.logic import discharge, together
from proofs_checks.theorems.order import above, of_all, wants
from proofs_checks.theorems.order import bounded as bounded_up_to
from proofs_checks.theorems.pulls import legend
from proofs_checks.theorems.readers import OTHER, TOKEN, pulled, solved_in, solving
from proofs_checks.theorems.sight import LED, hiding, rooted_sight, seen_through
from theory.symbols import t

KEPT_APART = Definition(
    "kept apart",
    "unless by the graph of {0} some token is reached from all: from an open set of starts in an "
    "open hemisphere, d >= 2, its tokens don't tend to one point",
    (Subject,),
)


def _kept_apart(motion: Fact, sign: Fact, finite: Fact, weight: Any) -> Concluded:
    subject, mask = solved_in(motion), hiding(weight)
    wants(motion, pulled(weight))
    above(sign, weight)
    of_all(motion, TOKEN, t)
    of_all(sign, TOKEN, OTHER, t)
    bounded_up_to(finite, weight, TOKEN, OTHER)
    if mask is None or mask.leader is not None:
        raise NotConcluded("no graph that isn't given hides tokens")
    if (sign.given | finite.given) - {solving(subject)}:
        raise NotConcluded("more is given than a solution")
    return Concluded(Is(KEPT_APART, subject), spares=frozenset({solving(subject)}))


TWO_CLASSES = Rule(
    "two classes that see nobody else",
    "x_i' = P_i Σ_j p_ij x_j; 0 <= p_ij, bounded up to t, 0 where W_ij = 0: unless by W some token "
    "is reached from all, an open set of starts in an open hemisphere doesn't meet",
    "a finite graph has classes that see themselves alone, and one that is the only one is reached "
    "from all; tokens of a class stay in the cone of its start, as x_i' is linear in them with "
    "coefficients >= 0 off the diagonal; starts near u for one class and near v for another, u and "
    "v apart, have cones that share no point",
    _kept_apart,
)


def open_graph(subject: Subject) -> Conclusion | None:
    """Conclude that tokens of a hemisphere meet where some token is reached from all, and its twin.

    Examples
    --------
    >>> from theory.models import CAUSAL, catalogue
    >>> open_graph(Subject.of(catalogue("graph"))).found.by.name, open_graph(Subject.of(CAUSAL))
    ('and', None)
    """
    pull = pull_of(subject)
    mask = None if isinstance(pull, Refusal) else seen_through(pull)
    if isinstance(pull, Refusal) or mask is None or mask.leader is not None:
        return None
    led = Is(LED, subject)
    given = assume(led)
    assert isinstance(given, Theorem)
    bounds = replace(bounded(pull, in_step=True), either=True)
    sight = rooted_sight(pull, bounds, given)
    finite = pull.bounded(pull.weight)
    apart = apply(TWO_CLASSES, pull.motion, pull.positive, finite, weight=pull.weight)
    if isinstance(sight, Refusal) or isinstance(apart, Refusal):
        return None
    found = apply(together, apply(discharge, sight, hypothesis=led), apart)
    then = All(Implies(led, sight.says), apart.says)
    return claimed(found, then, common_sight_given(subject), legend(pull))


__all__ = ["KEPT_APART", "TWO_CLASSES", "open_graph"]
