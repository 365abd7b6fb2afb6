"""Remark 3.1: along which field tokens move, and how fast it changes with the place.

Of ``F[μ](x) = P_x G``, G = ∫ w y dμ(y), ``D_v F = P_x D_v G - <v,G> x - <x,G> v`` is no longer
than |D_v G| + 2 |G|: for a softmax of scores b<x,y> |G| <= 1 and |D_v G| <= |b|, as G moves by a
covariance of unit vectors; for weights k(<x,y>) |G| <= max |k| and |D_v G| <= max |k'|.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Expr, Mul, factor_terms

from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.chords import SLOPED, SLOPES, bounds_of, kernel_in
from proofs_checks.theorems.conclusions import Conclusion, claimed, conjunction
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
from proofs_checks.theorems.existence import KEPT, TANGENT, lasting_of
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.measure_fields import FIELD, along_field, measure_field
from proofs_checks.theorems.order import ABSOLUTE, REPLACE, of_all, relation, wants
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import (
    LIVE_MOTION,
    LIVES,
    OTHER,
    TOKEN,
    pulled,
    values_of,
)
from theory.atoms import RowSoftmax
from theory.masks import Mask
from theory.symbols import X, beta, m, t, z
from theory.terms import Entry, Sort, entry, moving

SLOPE = Definition(
    "slope of the field",
    "|D_v F[μ](x)| <= {1} for the field F[μ] of {0}, every probability μ on the sphere, every x on "
    "it and every v with <x,v> = 0, |v| = 1",
    (Subject, Sort.NUMBER),
)
COLD = Rel("<=", 0, beta)


def _motion(field: Fact, motion: Fact, weight: Any) -> Subject:
    if not isinstance(field.says, Is) or field.says.definition is not FIELD:
        raise NotConcluded("it needs a field of the measure")
    subject: Subject = field.says.arguments[0]
    wants(motion, pulled(weight))
    if motion.given != {Is(LIVES, subject)}:
        raise NotConcluded("it needs how tokens of that model move")
    of_all(motion, TOKEN, t)
    if set(subject.velocities) != {X} or t in weight.free_symbols or weight.has(Mask):
        raise NotConcluded("more than tokens moves, or weights do, or not all tokens are seen")
    return subject


def _sloped(subject: Subject, rate: Any) -> Concluded:
    """Say it of the field, which no solution is needed for."""
    return Concluded(Is(SLOPE, subject, rate), spares=frozenset({Is(LIVES, subject)}))


def _constant(*numbers: Any) -> None:
    if any(moving(one) or {TOKEN, OTHER} & one.free_symbols for one in numbers):
        raise NotConcluded("scores and weights aren't multiples of <x_i,x_j> and of shares")


def shares_in(weight: Any) -> tuple[Any, Any]:
    """Return c and b of weights ``c A_ij``, A a softmax of b<x_i,x_j> over the masses.

    Raises
    ------
    NotConcluded
        For other weights.
    """
    found = [one for one in Mul.make_args(weight) if isinstance(one, Entry)]
    softmax = found[0].args[0] if len(found) == 1 else None
    if type(softmax) is not RowSoftmax or softmax.masses != m:
        raise NotConcluded("weights are no shares of a softmax over the masses")
    if found[0].args[1:] != (TOKEN, OTHER):
        raise NotConcluded("the shares are of other tokens")
    ahead = weight / found[0]
    heat = entry(softmax.scores, TOKEN, OTHER) / gram(TOKEN, OTHER)
    _constant(ahead, heat)
    return ahead, heat


def _of_shares(field: Fact, motion: Fact, weight: Any) -> Concluded:
    subject = _motion(field, motion, weight)
    ahead, heat = shares_in(weight)
    return _sloped(subject, Abs(ahead) * (Abs(heat) + 2))


def _of_kernel(field: Fact, motion: Fact, sloped: Fact, weight: Any) -> Concluded:
    subject, kernel = _motion(field, motion, weight), kernel_in(weight)
    if not isinstance(sloped.says, Is) or sloped.says.definition is not SLOPED:
        raise NotConcluded("it needs the size and the slope of the weights")
    place, function, size, slope = sloped.says.arguments
    if (place, function) != (gram(TOKEN, OTHER), kernel):
        raise NotConcluded("it is another function than that of the weights")
    of_all(sloped, TOKEN, OTHER, t)
    return _sloped(subject, slope + 2 * size)


def _wider(slope: Fact, more: Fact) -> Proposition:
    says = relation(more, "=", "<", "<=")
    if not isinstance(slope.says, Is) or slope.says.definition is not SLOPE:
        raise NotConcluded("it needs the slope of a field")
    subject, rate = slope.says.arguments
    if rate != says.left:
        raise NotConcluded(f"the slope isn't at most {says.left}")
    return Is(SLOPE, subject, says.right)


SLOPE_OF_SHARES = Rule(
    "slope of a mean",
    "tokens move along one field of their measure; x_i' = P_i Σ_j c A_ij x_j, A a softmax of the "
    "scores b<x_i,x_j> over the masses: |D_v F[μ](x)| <= |c| (|b| + 2)",
    "G = c E y under e^{b<x,y>} dμ/Z, |G| <= |c|; D_v G = c b Cov(y) v, |Cov(y)| <= E|y|² = 1; and "
    "D_v (P_x G) = P_x D_v G - <v,G> x - <x,G> v",
    _of_shares,
)
SLOPE_OF_KERNEL = Rule(
    "slope of a sum",
    "tokens move along one field of their measure; x_i' = P_i Σ_j m_j k(<x_i,x_j>) x_j; |k| <= a, "
    "of Lipschitz constant b on [-1, 1]: |D_v F[μ](x)| <= b + 2a",
    "G = ∫ k(<x,y>) y dμ, |G| <= a, |D_v G| <= b; and D_v (P_x G) = P_x D_v G - <v,G> x - <x,G> v; "
    "where k' jumps it is a Lipschitz constant",
    _of_kernel,
)
WIDER = Rule("a larger slope", "|D_v F| <= a; a <= b: |D_v F| <= b", "order of numbers", _wider)


def slope_of_field(subject: Subject) -> Found:
    """Conclude how fast the field of a model changes with the place.

    Examples
    --------
    >>> from theory.models import SA, USA
    >>> [str(slope_of_field(Subject.of(a)).says.arguments[1]) for a in (SA, USA)]
    ['Abs(beta) + 2', 'exp(Abs(beta))*Abs(beta) + 2*exp(Abs(beta))']
    """
    field, motion = measure_field(subject), read(LIVE_MOTION, subject)
    if field is None:
        return Refusal("tokens aren't seen to move along a field of their measure")
    try:
        weight, _ = values_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    found = apply(SLOPE_OF_SHARES, field.found, motion, weight=weight)
    if not isinstance(found, Refusal):
        return found
    try:
        kernel = kernel_in(weight)
    except NotConcluded:
        return found
    place = gram(TOKEN, OTHER)
    bounds = bounds_of(kernel.xreplace({place: z}))
    if bounds is None:
        return Refusal("size and slope of the weights aren't read off their form")
    sloped = settle(SLOPES, Is(SLOPED, place, kernel, *bounds))
    return apply(SLOPE_OF_KERNEL, field.found, motion, sloped, weight=weight)


def _at_most(found: Found, rate: Expr) -> Found:
    """Conclude a larger slope, of β >= 0 where its size stands in it."""
    if isinstance(found, Refusal) or found.says.arguments[1] == rate:
        return found
    cold = assume(COLD)
    if found.says.has(Abs(beta)):
        found = apply(REPLACE, apply(ABSOLUTE, cold, number=beta), found)
    if isinstance(found, Refusal) or (own := found.says.arguments[1]) == rate:
        return found
    same = settle(EQUAL, Rel("=", own, rate))
    if isinstance(same, Refusal):
        room = spared(SIGNS, Rel("<=", 0, factor_terms(rate - own)), cold)
        same = settle(ADDED, Rel("<=", own, rate), room)
    return apply(WIDER, found, same)


def existence_along(subject: Subject, field: Any, rate: Expr) -> Conclusion | Refusal:
    """Claim Remark 3.1: the field, that it is tangent, its slope, and solutions for all time.

    Parameters
    ----------
    subject : Subject
    field : MatrixExpr, shape (n, d)
        The field at the tokens.
    rate : Expr
        How fast it changes at most.

    Examples
    --------
    >>> from theory.models import SA
    >>> for rate in (beta + 3, beta + 2, beta + 1):
    ...     own = existence_along(Subject.of(SA), SA.velocity, rate)
    ...     print(own.found.says == own.says.then if own.found.__class__ != Refusal else None)
    True
    True
    None
    """
    along, lasting = along_field(measure_field(subject), subject, field), lasting_of(subject)
    if isinstance(along, Refusal) or lasting is None:
        return along if isinstance(along, Refusal) else Refusal("solutions aren't seen to last")
    tangent = claimed(read(TANGENT, subject), Is(KEPT, subject), ())
    slope = _at_most(slope_of_field(subject), rate)
    return conjunction(along, tangent, claimed(slope, Is(SLOPE, subject, rate), (COLD,)), lasting)


__all__ = ["existence_along", "slope_of_field"]
