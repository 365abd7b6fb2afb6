"""(D.1), (D.4): how much two solutions part, at a rate that is at least the model's own."""

from __future__ import annotations

from typing import Any

from sympy import exp

from proofs_checks.propositions import All, Is, Proposition, Rel, Subject
from proofs_checks.theorems.attraction import GRONWALL
from proofs_checks.theorems.bounds import BOUNDED, UP_TO
from proofs_checks.theorems.chord_rates import by_outputs, names_of_pair
from proofs_checks.theorems.chords import APART, CHORD, EACH_CHORD, PAIR, PART
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import ONE_MASS, Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
from proofs_checks.theorems.kernel import Found, Refusal, Theorem, apply, assume, read, settle
from proofs_checks.theorems.logic import rename, together
from proofs_checks.theorems.order import CHAIN, REPLACE, SCALE, TOKEN_SUM
from proofs_checks.theorems.pulls import WARM
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.two_solutions import PAIR_STILL
from theory.symbols import m, t
from theory.terms import Elapsed, Item, at, total

WHOLE = total(Item(m, OTHER), OTHER)


def _one_mass(found: Found, subject: Subject) -> Found:
    """Put 1 for the sum of the masses, where that is in it."""
    if isinstance(found, Refusal) or not found.says.has(WHOLE):
        return found
    still = apply(rename, read(PAIR_STILL, subject), values={TOKEN: OTHER})
    whole = apply(CHAIN, apply(TOKEN_SUM, still, index=OTHER), assume(ONE_MASS))
    return apply(REPLACE, whole, found)


def _given(subject: Subject) -> tuple[Proposition, ...]:
    return Is(PAIR, subject), WARM, ONE_MASS


def _own(subject: Subject, rule: Any) -> Found:
    return _one_mass(by_outputs(rule, subject), subject)


def _wider(own: Any, rate: Any, size: Any) -> Found:
    """``own size <= rate size`` of a size that is at least 0."""
    enough = spared(COEFFICIENTS, Rel("<=", own, rate), assume(WARM))
    return apply(SCALE, settle(SIGNS, Rel("<=", 0, size)), enough)


def growing(subject: Subject, rate: Any) -> Conclusion:
    """``D <= D(0) e^(t rate)`` of two solutions, D = max_i |x_i - y_i|.

    Examples
    --------
    >>> from theory.models import SA
    >>> from proofs_checks.theorems.two_solutions import PAIR_STILL
    >>> from theory.symbols import beta
    >>> own = growing(Subject.of(SA), 2 + 3 * beta)
    >>> print(own.found.by.name)
    chain
    >>> isinstance(growing(Subject.of(SA), 2 + beta).found, Refusal)
    True
    """
    then = Rel("<=", APART, at(APART) * exp(t * rate))
    return claimed(_grown(subject, rate, then), then, _given(subject), names_of_pair(subject))


def _grown(subject: Subject, rate: Any, then: Rel) -> Found:
    slope = _own(subject, PART)
    if isinstance(slope, Refusal):
        return slope
    own = slope.says.right / APART
    says = Rel("<=", slope.says.left, rate * APART)
    grows = settle(ADDED, says, slope, _wider(own, rate, APART))
    carried = apply(GRONWALL, grows, settle(UP_TO, Is(BOUNDED, -rate)), rate=-rate)
    if isinstance(carried, Refusal):
        return carried
    return apply(CHAIN, carried, settle(EQUAL, Rel("=", carried.says.right, then.right)))


def moving_apart(subject: Subject, rate: Any) -> Conclusion:
    """``|x_i - y_i| <= |x_i - y_i|(0) + rate ∫_0^t D`` of two solutions, and by the least rate.

    Examples
    --------
    >>> from theory.models import SA
    >>> from proofs_checks.theorems.two_solutions import PAIR_STILL
    >>> from theory.symbols import beta
    >>> moving_apart(Subject.of(SA), 3 + 2 * beta).found.by.name
    'and'
    >>> isinstance(moving_apart(Subject.of(SA), 2 + 2 * beta).found, Refusal)
    True
    """
    then = Rel("<=", CHORD, at(CHORD) + rate * Elapsed(APART))
    found = _own(subject, EACH_CHORD)
    if isinstance(found, Theorem):
        (speed,) = (a.args[0] for a in found.says.right.atoms(Elapsed))
        wider = _wider(speed / APART, rate, Elapsed(APART))
        then = All(then, found.says)
        found = apply(together, settle(ADDED, then.args[0], found, wider), found)
    return claimed(found, then, _given(subject), names_of_pair(subject))
