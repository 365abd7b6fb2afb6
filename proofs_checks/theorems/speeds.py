"""(2.6): how fast tokens move whose weights are a softmax of rising scores, far from each other.

x_i' = P_i Σ_j c A_ij x_j. As P_i x_i = 0 a token isn't moved by itself, and of masses 1/n
A_ij <= e^(b g_ij)/e^b, a share of a sum that holds the own weight: |x_i'| <= |c| (n-1) e^(-b(1-g)),
g the largest inner product of two tokens.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Expr, S, Symbol, exp, log, simplify
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.propositions import All, Implies, Proposition, Rel, Subject, every
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.consensus_runs import EQUAL_MASSES
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, WEIGHED, spared
from proofs_checks.theorems.kernel import (
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
from proofs_checks.theorems.logic import discharge, instantiate, together
from proofs_checks.theorems.order import (
    CHAIN,
    EXPONENTIAL,
    RECIPROCAL,
    SCALE,
    of_all,
    relation,
    wants,
)
from proofs_checks.theorems.pulls import WARM, gram
from proofs_checks.theorems.readers import (
    MASSES,
    MOTION,
    OTHER,
    TOKEN,
    UNIT,
    solving,
    weights_of,
)
from proofs_checks.theorems.row_sums import adding_up
from theory.symbols import X, m, n
from theory.terms import (
    Entry,
    Index,
    Item,
    Name,
    Norm,
    Projected,
    Row,
    ddt,
    row,
    shares,
    total,
    weight,
)
from theory.terms import Number as Term

GAP = Symbol("g", real=True)
"""Largest inner product of a token with another."""
EPSILON = Symbol("epsilon", positive=True)

APART = every((TOKEN, OTHER), Implies(Rel("!=", TOKEN, OTHER), Rel("<=", gram(TOKEN, OTHER), GAP)))
"""Inner products of two tokens are at most g."""


# -- rules ---------------------------------------------------------------------------------------


def _past_itself(
    motion: Fact, sign: Fact, unit: Fact, i: Index, j: Index, factor: Any
) -> Proposition:
    x, says = Row(X, i), relation(sign, "<", "<=")
    wants(unit, Rel("=", Norm(x), 1))
    of_all(unit, i)
    of_all(sign, j)
    if says.left != 0 or i == j or factor.has(Term):
        raise NotConcluded("it needs c and 0 <= a_ij of p_ij = c a_ij")
    field = total(Row(X, j) * (factor * says.right), j)
    wants(motion, Rel("=", ddt(x), Projected(x, field)))
    return Rel("<=", Norm(ddt(x)), total(Abs(factor) * says.right, j, but=(i,)))


def _own_term(sign: Fact, i: Index, j: Index) -> Proposition:
    says = relation(sign, "<", "<=")
    if says.left != 0 or i == j:
        raise NotConcluded("it isn't the sign of a term")
    of_all(sign, j)
    return Rel("<=", says.right.xreplace({j: i}), total(says.right, j))


def _others(apart: Fact, bound: Fact, i: Index, j: Index) -> Proposition:
    if not isinstance(bound.says, Implies) or bound.says.args[2] or i == j:
        raise NotConcluded("it needs that what two tokens are bounds a number")
    near, says = bound.says.args[:2]
    wants(apart, every((i, j), Implies(Rel("!=", i, j), near)))
    of_all(bound, i, j)
    if not isinstance(says, Rel) or says.op != "<=" or says.right.has(i, j):
        raise NotConcluded("it needs one bound for all tokens")
    return Rel("<=", total(says.left, j, but=(i,)), (n - 1) * says.right)


PAST_ITSELF = Rule(
    "speed of a pull",
    "x_i' = P_i Σ_j c a_ij x_j; 0 <= a_ij for every j; |x_i| = 1 for every i: "
    "|x_i'| <= Σ_(j≠i) |c| a_ij",
    "P_i x_i = 0 and |P_i u| <= |u|; triangle inequality",
    _past_itself,
)
OWN_TERM = Rule(
    "own term of a sum", "0 <= a_ij for every j: a_ii <= Σ_j a_ij", "order of numbers", _own_term
)
OTHERS = Rule(
    "sum over the others",
    "H_ij for i ≠ j; H_ij implies a_ij <= b, for every i and j: Σ_(j≠i) a_ij <= (n-1) b",
    "there are n - 1 of them",
    _others,
)


# -- what is concluded -----------------------------------------------------------------------------


def _as_written(
    subject: Subject, field: MatrixExpr, motion: Found, meant: Found
) -> tuple[Found, Proposition]:
    """``x_i' = P_i F_i``, the shares of F written out."""
    inside = row(field, TOKEN)
    out = inside.xreplace({one: weight(one) for one in inside.atoms(Entry)})
    said = Rel("=", ddt(Row(X, TOKEN)), Projected(Row(X, TOKEN), out))
    return settle(EQUAL, said, motion, meant, read(MASSES, subject)), said


def _share_bound(share: Any, heat: Any, mass: Found, meant: Found, unit: Found) -> Found:
    """``A_ij <= e^(b g_ij - b)`` of masses 1/n."""
    above, below = shares(share)
    own = above.xreplace({OTHER: TOKEN})
    grows = apply(OWN_TERM, settle(SIGNS, Rel("<", 0, above), mass), i=TOKEN, j=OTHER)
    if isinstance(grows, Refusal) or grows.says.right != below:
        return Refusal("a row is divided by more than the sum of its weights")
    inverse = apply(RECIPROCAL, settle(SIGNS, Rel("<", 0, own), mass), grows)
    scaled = apply(SCALE, settle(SIGNS, Rel("<=", 0, above), mass), inverse)
    even = apply(instantiate, assume(EQUAL_MASSES), values=(TOKEN,))
    wanted = Rel("<=", share, exp(heat * gram(TOKEN, OTHER) - heat))
    return settle(ADDED, wanted, scaled, meant, unit, even)


def attending(
    subject: Subject, field: MatrixExpr, speed: Expr, vanishing: bool = False
) -> Conclusion | Refusal:
    """``x_i' = P_i F_i``; ``0 < A_ij``, ``Σ_j A_ij = 1``; ``|x_i'| <= speed`` of masses 1/n.

    Parameters
    ----------
    subject : Subject
    field : MatrixExpr, shape (n, d)
        F, whose shares are written out.
    speed : Expr
        In n, g and whatever the model's own has: inner products of two tokens are at most g.
    vanishing : bool
        Whether it is said from where on the speed is at most ε, of a constant in front.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> own = attending(Subject.of(SA), SA.velocity.field, (n - 1) * exp(-beta * (1 - GAP)))
    >>> print(own.found.by.name)
    and
    """
    motion, unit, mass = read(MOTION, subject), read(UNIT, subject), read(MASSES, subject)
    if isinstance(motion, Refusal):
        return motion
    weights = weights_of(subject)
    entries = [one for one in weights.atoms(Entry) if one.args[1:] == (TOKEN, OTHER)]
    if len(entries) != 1 or (factor := weights / entries[0]).has(Term):
        return Refusal("the weights aren't a multiple of a softmax")
    (share,) = entries
    try:
        above, _ = shares(share)
    except ValueError as short:
        return Refusal(str(short))
    power = above / Item(m, OTHER)
    if not isinstance(power, exp) and power != 1:
        return Refusal("the weights aren't masses times exponentials")
    heat = (S.Zero if power == 1 else power.args[0]) / gram(TOKEN, OTHER)
    if heat.has(Term):
        return Refusal("the scores aren't a multiple of <x_i,x_j>")
    meant = settle(WEIGHED, Rel("=", share, weight(share)))
    written, wanted = _as_written(subject, field, motion, meant)
    sign, whole = adding_up(share, S.One, (mass,))
    past = apply(PAST_ITSELF, motion, sign, unit, i=TOKEN, j=OTHER, factor=factor)
    bound = apply(CHAIN, past, _of_others(share, factor, heat, mass, meant, unit))
    said, found = Rel("<=", Norm(ddt(Row(X, TOKEN))), speed), _at_most(bound, speed)
    if vanishing:
        near, small = _vanishing(bound, factor, heat)
        said, found = All(said, near), apply(together, found, small)
    for hypothesis in (APART, EQUAL_MASSES):
        said, found = Implies(hypothesis, said), apply(discharge, found, hypothesis=hypothesis)
    then = All(wanted, Rel("<", 0, share), Rel("=", total(share, OTHER), 1), said)
    given = solving(subject), WARM, SEVERAL
    found = apply(together, written, sign, whole, found)
    return claimed(found, then, given, (Name("A", share, (TOKEN, OTHER)),))


def _of_others(share: Any, factor: Any, heat: Any, mass: Found, meant: Found, unit: Found) -> Found:
    """``Σ_(j≠i) |c| A_ij <= (n-1) |c| e^(b g - b)``."""
    pair = assume(Rel("<=", gram(TOKEN, OTHER), GAP))
    warm = spared(SIGNS, Rel("<=", 0, heat), assume(WARM))
    hotter = apply(SCALE, warm, pair)
    power = Rel("<=", heat * gram(TOKEN, OTHER) - heat, heat * GAP - heat)
    rises = apply(EXPONENTIAL, settle(ADDED, power, hotter))
    one = apply(CHAIN, _share_bound(share, heat, mass, meant, unit), rises)
    if factor != 1:
        one = apply(SCALE, settle(SIGNS, Rel("<=", 0, Abs(factor))), one)
    if isinstance(pair, Refusal):
        return pair
    near = apply(discharge, one, hypothesis=pair.says)
    return apply(OTHERS, assume(APART), near, i=TOKEN, j=OTHER)


def _at_most(bound: Found, speed: Any) -> Found:
    """``|x_i'| <= speed``, from a bound that is equal to it or less."""
    if isinstance(bound, Refusal) or bound.says.right == speed:
        return bound
    own = bound.says.right
    same = settle(EQUAL, Rel("=", own, speed))
    if not isinstance(same, Refusal):
        return apply(CHAIN, bound, same)
    more = simplify(speed / own) - 1
    longer = settle(SIGNS, Rel("<=", 0, own * more))
    return settle(ADDED, Rel("<=", bound.says.left, speed), bound, longer)


def _vanishing(bound: Found, factor: Any, heat: Any) -> tuple[Proposition, Found]:
    """``log((n-1)|c|/ε) <= b (1-g) implies |x_i'| <= ε``."""
    ahead = Abs(factor) * (n - 1)
    far = Rel("<=", log(ahead / EPSILON), heat * (1 - GAP))
    small = Rel("<=", Norm(ddt(Row(X, TOKEN))), EPSILON)
    several = assume(SEVERAL)
    below = settle(SIGNS, Rel("<", 0, ahead / EPSILON), several)
    power = Rel("<=", heat * GAP - heat, -log(ahead / EPSILON))
    falls = apply(EXPONENTIAL, settle(ADDED, power, assume(far), below))
    scaled = apply(SCALE, settle(SIGNS, Rel("<", 0, ahead), several), falls)
    found = settle(ADDED, small, bound, scaled)
    return Implies(far, small), apply(discharge, found, hypothesis=far)
