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
    found = _as(found, bound)
    return claimed(found, Rel("<=", APART, bound), _given(subject, found))


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
    found, then = _kept(subject, near, Rational(3, 4), S.Half)
    return claimed(found, All(near.says, then), _given(subject, found, mild))


def _kept(subject: Subject, less: Found, near: Expr, kept: Expr) -> tuple[Found, Proposition]:
    """Add to ``D <= e`` that what is a-clustered at β = 0 is c-clustered."""
    clustered, then = Rel("<=", near, ANGLE), Rel("<=", kept, gram(TOKEN, OTHER))
    both = apply(PARTED, read(HEATS_UNIT, subject))
    twice = apply(SCALE, settle(SIGNS, Rel("<=", 0, S(2))), less)
    stays = settle(ADDED, then, apply(part, both, place=0), twice, assume(clustered))
    found = apply(together, less, apply(discharge, stays, hypothesis=clustered))
    return found, Implies(clustered, then)


def _divided(a: Expr) -> list[Found]:
    """Return that what a number is divided by is positive, for t > 0 and maps that aren't 0."""
    norms = sorted(a.atoms(OperatorNorm), key=str)
    known = [assume(one) for one in (LATER, *(Rel("<", 0, norm) for norm in norms))]
    return [spared(SIGNS, Rel("<", 0, one), *known) for one in denominators(a)]


def _grown(gap: Found, mild: Rel, power: Expr | None) -> Found:
    """``D <= v'`` from D <= v and s <= b, of v = c s, or of c (e^(p s) - 1) where p is given."""
    if isinstance(gap, Refusal):
        return gap
    bound, less = gap.says.right, assume(mild)
    if power is not None:
        less = apply(EXPONENTIAL, apply(SCALE, settle(SIGNS, Rel("<=", 0, power)), less))
        if isinstance(less, Refusal):
            return less
        left, right = less.says.left - 1, less.says.right - 1
        less = settle(ADDED, Rel("<=", left, right), less, *_divided(right))
    if isinstance(less, Refusal):
        return less
    factor = simplify(bound / less.says.left)
    grown = apply(SCALE, settle(SIGNS, Rel("<=", 0, factor)), less)
    return grown if isinstance(grown, Refusal) else apply(CHAIN, _as(gap, grown.says.left), grown)


def _as(less: Found, bound: Expr, *known: Found) -> Found:
    """Write the bound of an inequality otherwise."""
    if isinstance(less, Refusal) or less.says.right == bound:
        return less
    return apply(CHAIN, less, settle(EQUAL, Rel("=", less.says.right, bound), *known))


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
    less = _of_one_mass(subject, size.has(Abs))
    for most in norms:
        inside = not isinstance(less, Refusal) and (less.says.right / most.left).has(most.left)
        less = _grown(less, most, size if inside else None)
    logs = sorted(hottest.atoms(log), key=str)
    power = simplify(logs[0] / hottest) if logs else None
    less = _grown(less, Rel("<=", size, hottest), power)
    if isinstance(less, Refusal):
        return less
    less = _as(less, error, *_divided(less.says.right))
    found, then = _kept(subject, less, near, kept)
    return claimed(found, All(Rel("<=", APART, error), then), _given(subject, found))
