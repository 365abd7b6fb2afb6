"""(4.4) and (4.5) claimed: how far flows at β and at 0 part, and what stays clustered."""

from __future__ import annotations

from sympy import Abs, Expr, Rational, S

from proofs_checks.propositions import All, Bound, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.chords import ANGLE, APART
from proofs_checks.theorems.conclusions import ONE_MASS, Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS
from proofs_checks.theorems.heat_gap import HEATS, HEATS_UNIT
from proofs_checks.theorems.heat_rates import heat_gap
from proofs_checks.theorems.kernel import Found, Refusal, apply, assume, read, settle
from proofs_checks.theorems.logic import discharge, part, together
from proofs_checks.theorems.near_the_angle import PARTED
from proofs_checks.theorems.order import ABSOLUTE, CHAIN, REPLACE, SCALE
from proofs_checks.theorems.pulls import WARM, gram
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.residual_heats import residual_gap
from theory.symbols import beta, r


def parting(subject: Subject) -> Conclusion | None:
    """Claim (4.4), ``max_i |x_i - y_i| <= v``, as `heat_gap` concludes it."""
    found = heat_gap(subject)
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, _given(subject, found))


def parting_at(subject: Subject, bound: Expr) -> Conclusion | Refusal:
    """Claim (4.4) at a bound in t and β, for masses that add up to 1; |β| is β where it is so.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.models import USA
    >>> from theory.symbols import t
    >>> own = parting_at(Subject.of(USA), (exp(beta) - 1) * (exp(2 * t) - 1) / 2)
    >>> own.found.says == own.says.then
    True
    """
    found = heat_gap(subject)
    known = [assume(ONE_MASS)]
    if not bound.has(Abs):
        known.append(apply(ABSOLUTE, assume(WARM), number=beta))
    for one in known:
        put = apply(REPLACE, one, found)
        found = found if isinstance(put, Refusal) else put
    if isinstance(found, Refusal):
        return found
    then = Rel("<=", APART, bound)
    if found.says != then:
        found = apply(CHAIN, found, settle(EQUAL, Rel("=", found.says.right, bound)))
    return claimed(found, then, _given(subject, found))


def _given(subject: Subject, found: Found, *more: Proposition) -> tuple[Proposition, ...]:
    """Return the two heats, what is given besides, lengths, and signs of parameters."""
    known = () if isinstance(found, Refusal) else sorted(found.given, key=str)
    return Is(HEATS, subject), *more, *(one for one in known if isinstance(one, Rel | Bound))


def staying(subject: Subject) -> Conclusion | None:
    """Claim (4.5): where 8 v <= 1, ``max_i |x_i - y_i| <= 1/8`` and 3/4-clusters stay 1/2-clusters.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> from proofs_checks.propositions import written
    >>> written(staying(Subject.of(catalogue("causal"))).says.given[1])
    '4 (e^(2 t) - 1) |β| <= 1'
    """
    gap = residual_gap(subject) if r in subject.velocities else heat_gap(subject)
    if isinstance(gap, Refusal):
        return None
    mild, eighth = Rel("<=", 8 * gap.says.right, 1), Rational(1, 8)
    less = apply(SCALE, settle(SIGNS, Rel("<=", 0, eighth)), assume(mild))
    near = apply(CHAIN, gap, settle(ADDED, Rel("<=", gap.says.right, eighth), less))
    both = apply(PARTED, read(HEATS_UNIT, subject))
    twice = apply(SCALE, settle(SIGNS, Rel("<=", 0, S(2))), near)
    clustered = Rel("<=", Rational(3, 4), ANGLE)
    facts = apply(part, both, place=0), twice, assume(clustered)
    kept = settle(ADDED, Rel("<=", S.Half, gram(TOKEN, OTHER)), *facts)
    found = apply(together, near, apply(discharge, kept, hypothesis=clustered))
    then = All(near.says, Implies(clustered, Rel("<=", S.Half, gram(TOKEN, OTHER))))
    return claimed(found, then, _given(subject, found, mild))
