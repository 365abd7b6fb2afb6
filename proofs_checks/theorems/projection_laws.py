"""(D.5): squared projections of uniform tokens on the spans of earlier ones, and the moves."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Symbol

from proofs_checks.proof import ALMOST_ALL_INDEPENDENT, ORDER, POLAR
from proofs_checks.propositions import All, Definition, Is, Proposition
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.kernel import Fact, NotConcluded, Rule, apply
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import wants
from proofs_checks.theorems.projections import GIVEN, dropped
from theory.symbols import d
from theory.terms import Sort

_LAW = (Sort.NUMBER,) * 3
SPANS = Definition(
    "independent tokens", "n <= d uniform tokens are linearly independent with probability 1", ()
)
ANGLE = Definition(
    "density of an angle",
    "the angle φ of a uniform point with a subspace of dimension {0} < d, whichever it is, has the "
    "density c cos^p φ sin^q φ, p = {1}, q = {2}",
    _LAW,
)
SHARE = Definition(
    "law of a projection",
    "the squared projection of a uniform point on a subspace of dimension {0} < d, whichever it "
    "is, is a Beta(a, b) variable, a = {1}, b = {2}",
    _LAW,
)
PROJECTED = Definition(
    "laws of projections",
    "squared projections of n <= d uniform tokens on the span of the {0} earlier ones, {0} = 1, "
    "..., n - 1, are independent Beta(a, b) variables, a = {1}, b = {2}",
    _LAW,
)


def _of(fact: Fact, definition: Definition) -> tuple[Any, ...]:
    if not isinstance(fact.says, Is) or fact.says.definition is not definition:
        raise NotConcluded(f"it needs the {definition.name}")
    return fact.says.arguments


def _spans() -> Proposition:
    return Is(SPANS)


def _angle() -> Proposition:
    return Is(ANGLE, ORDER, ORDER - 1, d - ORDER - 1)


def _squared(angle: Fact) -> Proposition:
    size, cosine, sine = _of(angle, ANGLE)
    return Is(SHARE, size, (cosine + 1) / 2, (sine + 1) / 2)


def _independent(spans: Fact, share: Fact) -> Proposition:
    wants(spans, Is(SPANS))
    size, *law = _of(share, SHARE)
    if size != ORDER or any(one.free_symbols - {ORDER, d} for one in law):
        raise NotConcluded(f"it needs a law of every dimension, that {ORDER} and d alone decide")
    return Is(PROJECTED, size, *law)


GENERIC_SPANS = Rule(
    "spans of tokens", "n <= d: they are", "cited", _spans, (ALMOST_ALL_INDEPENDENT,)
)
ANGLE_DENSITY = Rule("joint polar coordinates", "of any subspace", "cited", _angle, (POLAR,))
SQUARED_COSINE = Rule(
    "square of a cosine",
    "φ has the density c cos^p φ sin^q φ: cos²φ is a Beta((p+1)/2, (q+1)/2) variable",
    "s = cos²φ, ds = -2 cos φ sin φ dφ",
    _squared,
)
SPANS_APART = Rule(
    "law without its condition",
    "i earlier tokens span a subspace of dimension i, almost surely; the squared projection on any "
    "has the law L_i: these are independent of each other, and of the laws L_1, L_2, ...",
    "given the earlier tokens the next one is uniform; Kallenberg, Foundations of Modern "
    "Probability, Proposition 6.6; induction",
    _independent,
)


def projected_tokens(first: Expr, second: Expr, chord: Expr, radius: Symbol) -> Conclusion:
    """Claim that squared projections are independent Beta variables, and what `dropped` says.

    Parameters
    ----------
    first, second : Expr
        a and b, functions of ``ORDER`` and d.
    chord : Expr
        c, a function of r.
    radius : Symbol
        r.

    Examples
    --------
    >>> from sympy import sqrt
    >>> r = Symbol("r", positive=True)
    >>> chord = sqrt(2 - 2 * sqrt(1 - r**2))
    >>> print(projected_tokens(ORDER / 2, (d - ORDER) / 2, chord, r).found.by.name)
    and
    """
    share = apply(SQUARED_COSINE, apply(ANGLE_DENSITY))
    law = apply(SPANS_APART, apply(GENERIC_SPANS), share)
    moved = dropped(chord, radius)
    then = All(Is(PROJECTED, ORDER, first, second), moved.says.then)
    return claimed(apply(together, law, moved.found), then, GIVEN)


__all__ = ["SPANS_APART", "SQUARED_COSINE", "projected_tokens"]
