"""(4.4) and (4.5) claimed: how far flows at β and at 0 part, and what stays clustered."""

from __future__ import annotations

from sympy import Abs, Expr, Rational, S, log, simplify

from proofs_checks.propositions import All, Bound, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.chords import ANGLE, APART
from proofs_checks.theorems.conclusions import ONE_MASS, Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
from proofs_checks.theorems.heat_gap import HEATS, HEATS_UNIT
from proofs_checks.theorems.heat_rates import heat_gap
from proofs_checks.theorems.kernel import Found, Refusal, apply, assume, read, settle
from proofs_checks.theorems.logic import discharge, part, together
from proofs_checks.theorems.near_the_angle import PARTED
from proofs_checks.theorems.order import ABSOLUTE, CHAIN, EXPONENTIAL, REPLACE, SCALE
from proofs_checks.theorems.pulls import WARM, gram
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.residual_heats import residual_gap
from theory.symbols import beta, r, t
from theory.terms import OperatorNorm, denominators

LATER = Rel("<", 0, t)


def parting(subject: Subject) -> Conclusion | None:
    """Claim (4.4), ``max_i |x_i - y_i| <= v``, as `heat_gap` concludes it."""
    found = heat_gap(subject)
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, _given(subject, found))


def _of_one_mass(subject: Subject, sized: bool) -> Found:
    """``D <= v`` for masses that add up to 1, of 0 <= β unless |β| is asked for."""
    found = heat_gap(subject)
    known = [assume(ONE_MASS)]
    if not sized:
        known.append(apply(ABSOLUTE, assume(WARM), number=beta))
    for one in known:
        put = apply(REPLACE, one, found)
        found = found if isinstance(put, Refusal) else put
    return found


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
    found = _of_one_mass(subject, bound.has(Abs))
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


def _divided(a: Expr) -> list[Found]:
    """Return that what a number is divided by is positive, for t > 0 and maps that aren't 0."""
    norms = sorted(a.atoms(OperatorNorm), key=str)
    known = [assume(one) for one in (LATER, *(Rel("<", 0, norm) for norm in norms))]
    return [spared(SIGNS, Rel("<", 0, one), *known) for one in denominators(a)]


def _of_norm(gap: Found, size: Expr, most: Rel) -> Found:
    """``D <= v`` with a bound of a norm put in it, of v = c N, or c (e^(N s) - 1)."""
    if isinstance(gap, Refusal):
        return gap
    bound, norm, sized = gap.says.right, most.left, assume(most)
    if (bound / norm).has(norm):
        power = apply(EXPONENTIAL, apply(SCALE, settle(SIGNS, Rel("<=", 0, size)), sized))
        if isinstance(power, Refusal):
            return power
        norm = power.says.left - 1
        sized = settle(ADDED, Rel("<=", norm, power.says.right - 1), power)
    factor = simplify(bound / norm)
    grown = apply(SCALE, settle(SIGNS, Rel("<=", 0, factor)), sized)
    if isinstance(grown, Refusal):
        return grown
    if grown.says.left != bound:
        gap = apply(CHAIN, gap, settle(EQUAL, Rel("=", bound, grown.says.left)))
    return apply(CHAIN, gap, grown)


def _at_heat(bound: Expr, size: Expr, hottest: Expr) -> Found:
    """``v <= v at b`` from s <= b, of v = c s, or c (e^(N s) - 1) where b has a logarithm."""
    mild = assume(Rel("<=", size, hottest))
    if logs := sorted(hottest.atoms(log), key=str):
        norm = simplify(logs[0] / hottest)
        power = apply(EXPONENTIAL, apply(SCALE, settle(SIGNS, Rel("<=", 0, norm)), mild))
        if isinstance(power, Refusal):
            return power
        left, right = power.says.left - 1, power.says.right - 1
        mild = settle(ADDED, Rel("<=", left, right), power, *_divided(right))
        size = left
    factor = simplify(bound / size)
    return apply(SCALE, settle(SIGNS, Rel("<=", 0, factor)), mild)


def staying_at(
    subject: Subject,
    size: Expr,
    hottest: Expr,
    error: Expr,
    near: Expr,
    kept: Expr,
    norms: tuple[Rel, ...] = (),
) -> Conclusion | Refusal:
    """Claim (4.5) at t > 0 for s <= b(t), s = β >= 0 or |β|: D <= e, and a-clusters stay c-ones.

    Parameters
    ----------
    subject : Subject
    size, hottest : Expr
        s and b.
    error, near, kept : Expr
        e, a and c.
    norms : tuple of Rel, optional
        Bounds of the norms of given matrices.
    """
    gap = _of_one_mass(subject, size.has(Abs))
    for most in norms:
        gap = _of_norm(gap, size, most)
    if isinstance(gap, Refusal):
        return gap
    found = _at_heat(gap.says.right, size, hottest)
    if isinstance(found, Refusal):
        return found
    if gap.says.right != found.says.left:
        gap = apply(CHAIN, gap, settle(EQUAL, Rel("=", gap.says.right, found.says.left)))
    top = found.says.right
    less = apply(CHAIN, gap, found)
    if top != error:
        less = apply(CHAIN, less, settle(EQUAL, Rel("=", top, error), *_divided(top)))
    clustered, then = Rel("<=", near, ANGLE), Rel("<=", kept, gram(TOKEN, OTHER))
    both = apply(PARTED, read(HEATS_UNIT, subject))
    twice = apply(SCALE, settle(SIGNS, Rel("<=", 0, S(2))), less)
    stays = settle(ADDED, then, apply(part, both, place=0), twice, assume(clustered))
    both = apply(together, less, apply(discharge, stays, hypothesis=clustered))
    says = All(Rel("<=", APART, error), Implies(clustered, then))
    return claimed(both, says, _given(subject, both))
