"""How far outputs of weights at two heats are apart at one state, |A_i - B_i| <= f.

Scores that differ by N at most move shares so that their mean of vectors in the unit ball moves
by N; weights m_j k(β <x_i,x_j>) that aren't divided by their sum move by the slope of k.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    Dummy,
    Expr,
    S,
    Symbol,
    Transpose,
    cancel,
    collect,
    exp,
    expand,
    fraction,
    limit,
    log,
    oo,
    simplify,
    solve,
    together,
)

from proofs_checks.proof import How
from proofs_checks.propositions import All, Proposition, Rel
from proofs_checks.theorems.chords import (
    output,
    plain,
    short,
    size_of,
    within,
)
from proofs_checks.theorems.features import is_featured, reach
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, Rule
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.places import softmax_of
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import (
    OTHER,
    TOKEN,
)
from theory.atoms import MaskedSoftmax, RowSoftmax, Sinkhorn
from theory.function_ranges import log_slope
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, t, z
from theory.terms import (
    Entry,
    Index,
    Inner,
    Item,
    Norm,
    Row,
    entry,
    moving,
    total,
)
from theory.terms import Number as Term
from theory.weights import SinkSoftmax

THIRD = Index("k")


def parted(weight: Any, cold: Any) -> Any:
    """Return ``|A_i - B_i|``, outputs of two weights at one state."""
    return Norm(output(weight) - output(cold))


def _known(mass: Fact, inside: Fact) -> None:
    wants(mass, Rel("<", 0, Item(m, OTHER)))
    short(inside, Row(X, TOKEN))
    of_all(mass, OTHER, t)
    of_all(inside, TOKEN, t)


def _apart_by(fact: Fact, number: Any) -> Any:
    """Return N of ``-N <= a`` and ``a <= N``, one for all tokens at a time that is held."""
    size = size_of(fact, number)
    plain(size)
    of_all(fact, TOKEN, OTHER, t)
    return size


def _held(*weights: Any) -> None:
    if any(t in weight.free_symbols for weight in weights):
        raise NotConcluded("the time runs")


def _shares_differ(mass: Fact, inside: Fact, sized: Fact, share: Any, cold: Any) -> Proposition:
    _known(mass, inside)
    _held(share, cold)
    hot, other = softmax_of(share, mass), softmax_of(cold, mass)
    kinds = (RowSoftmax, MaskedSoftmax, SinkSoftmax)
    if type(hot) is not type(other) or type(hot) not in kinds or hot.masses != m:
        raise NotConcluded("they are no shares of these masses alike")
    if share.args[1:] != (TOKEN, OTHER) or cold.args[1:] != (TOKEN, OTHER):
        raise NotConcluded("they are of other tokens")
    if hot.args[2:] != other.args[2:] or any(moving(part) for part in _sinks(hot)):
        raise NotConcluded("masks or sinks differ, or sinks move")
    apart = scores_apart(hot.scores, other.scores)
    return Rel("<=", parted(share, cold), _apart_by(sized, apart))


def _sinks(softmax: Any) -> tuple[Any, ...]:
    return (softmax.sink,) if isinstance(softmax, SinkSoftmax) else ()


def _balanced_differ(mass: Fact, inside: Fact, sized: Fact, share: Any, cold: Any) -> Proposition:
    _known(mass, inside)
    _held(share, cold)
    hot, other = (one.args[0] if isinstance(one, Entry) else None for one in (share, cold))
    if not isinstance(hot, Sinkhorn) or not isinstance(other, Sinkhorn):
        raise NotConcluded("they are no shares of rows and columns that both add up")
    if hot.masses != m or other.masses != m or Transpose(hot.scores).doit() != hot.scores:
        raise NotConcluded("masses are others, or the scores aren't symmetric")
    if share.args[1:] != (TOKEN, OTHER) or cold.args[1:] != (TOKEN, OTHER):
        raise NotConcluded("they are of other tokens")
    if entry(other.scores, TOKEN, OTHER) != 0:
        raise NotConcluded("the scores at 0 aren't 0")
    size = _apart_by(sized, entry(hot.scores, TOKEN, OTHER))
    return Rel("<=", parted(share, cold), size + (exp(4 * size) - 1) / 4)


def _parts(product: Any) -> Any:
    """Return ``f_ij m_j/Σ_k f_ik m_k``."""
    term = product * Item(m, OTHER)
    return term / total(term, OTHER)


def _spread(u: Fact, v: Fact, w: Fact, *signs: Fact, product: Any) -> Proposition:
    if not is_featured(product):
        raise NotConcluded(f"{product} is no product of rows of features")
    own, other = sorted(product.args, key=lambda v: v.args[1] == OTHER)
    for fact, token in zip((u, v, w), (own.args[1], OTHER, THIRD), strict=True):
        short(fact, Row(X, token))
    known = {relation(one, "<=").right for one in signs if relation(one, "<=").left == 0}
    names = {one: Dummy(str(one), nonnegative=True) for one in known if one.is_Symbol}
    rest, slope = (log_slope(r.args[0].body.xreplace(names), reach(r)) for r in (own, other))
    if rest is None or slope is None or product.has(t) or other.args[1] != OTHER:
        raise NotConcluded("the slope of the logarithms isn't read off their form")
    far = slope.xreplace({new: old for old, new in names.items()}) * reach(other)
    return within(log(product) - log(product.xreplace({OTHER: THIRD})), 2 * far)


def _parts_differ(
    mass: Fact, inside: Fact, positive: Fact, spread: Fact, product: Any, cold: Any
) -> Proposition:
    _known(mass, inside)
    _held(product, cold)
    above(positive, product, strict=True)
    of_all(positive, TOKEN, OTHER, t)
    size = _apart_by(spread, log(product) - log(product.xreplace({OTHER: THIRD})))
    of_all(spread, THIRD)
    bodies = [row.args[0].body for row in cold.args] if is_featured(cold) else [z]
    if not all(body.is_number and body.is_positive for body in bodies):
        raise NotConcluded("at 0 the features aren't positive numbers")
    return Rel("<=", parted(_parts(product), _parts(cold)), size / 2)


def _kernel_differs(mass: Fact, inside: Fact, apart: Fact, weight: Any, cold: Any) -> Proposition:
    _known(mass, inside)
    _held(weight, cold)
    size = _apart_by(apart, weight / Item(m, OTHER) - cold / Item(m, OTHER))
    return Rel("<=", parted(weight, cold), size * total(Item(m, OTHER), OTHER))


def _exponential_apart(sized: Fact, score: Any) -> Proposition:
    size = size_of(sized, score)
    return within(exp(score) - 1, exp(size) - 1)


def _multiple_differs(fact: Fact, weight: Any, cold: Any, factor: Any) -> Proposition:
    says = relation(fact, "<=")
    wants(fact, Rel("<=", parted(weight, cold), says.right))
    of_all(fact, TOKEN, t)
    if moving(factor) or {TOKEN, OTHER} & factor.free_symbols:
        raise NotConcluded(f"{factor} isn't one number")
    return Rel("<=", parted(factor * weight, factor * cold), Abs(factor) * says.right)


def scores_apart(hot: Any, cold: Any) -> Any:
    """Return ``S_ij - T_ij``, a multiple of each inner product."""
    apart = expand(entry(hot, TOKEN, OTHER) - entry(cold, TOKEN, OTHER))
    return collect(apart, list(apart.atoms(Inner)))


# -- what is decided -----------------------------------------------------------------------------


def steepest(kernel: Expr) -> Expr | None:
    """Return sup |k'| over all u of k = a u, a max(u, 0), or rational in e^u; None for others.

    Examples
    --------
    >>> steepest(1 / (1 + exp(-z))), steepest(3 * z), steepest(exp(z))
    (1/4, 3, None)
    """
    straight = kernel.replace(lambda e: isinstance(e, PositivePart), lambda e: e.args[0])
    if straight.is_polynomial(z):
        known = all(part.args[1] == 1 for part in kernel.atoms(PositivePart))
        slope = straight.diff(z)
        return Abs(slope) if known and z not in slope.free_symbols else None
    power = Symbol("w", positive=True)
    top = cancel(together(kernel.diff(z).subs(z, log(power))))
    if not top.is_rational_function(power):
        return None
    others = {one: Dummy(str(one), positive=True) for one in top.free_symbols - {power}}
    ends = [limit(top.subs(others), power, end) for end in (0, oo)]
    values = [
        simplify(top.subs(power, turn))
        for turn in solve(fraction(cancel(top.diff(power)))[0], power)
    ]
    if ends != [0, 0] or len(values) != 1 or not values[0].is_positive:
        return None
    return values[0]


def kernels_apart(weight: Any, cold: Any) -> tuple[Any, Any]:
    """Return ``k(β g) - k(0)`` of weights ``m_j k(β g)``, and its bound ``|β| sup |k'|``.

    Raises
    ------
    NotConcluded
        For other weights.
    """
    own = gram(TOKEN, OTHER)
    hot, rest = (one / Item(m, OTHER) for one in (weight, cold))
    kernel = hot.xreplace({own: z / beta})
    known = not kernel.has(Term, Index, beta, t) and (kernel.xreplace({z: S.Zero}) - rest) == 0
    slope = steepest(kernel) if known else None
    if slope is None:
        raise NotConcluded("the weights aren't m_j k(β <x_i,x_j>), k of a slope that is read")
    return hot - rest, Abs(beta) * slope


def _steep(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``|k(β g) - k(0)| <= |β| sup |k'|`` for |g| <= 1."""
    apart = says.args[1].left if isinstance(says, All) else S.Zero
    own = gram(TOKEN, OTHER)
    if says != within(*kernels_apart(apart * Item(m, OTHER), S.Zero)):
        raise NotConcluded("it isn't a difference of weights at β and at 0, with that bound")
    if not any(fact.says == within(own, S.One) and fact.general(TOKEN, OTHER, t) for fact in facts):
        raise NotConcluded("nothing says that |<x_i,x_j>| <= 1")
    return "the slope of k vanishes at both ends, and is largest where its derivative is 0"


STEEP = Engine("steepest slope", How.DECIDED, _steep)


# -- rules ---------------------------------------------------------------------------------------

SHARES_DIFFER = Rule(
    "shares of other scores",
    "0 < m_j; |x_i| <= 1; |S_ij - T_ij| <= N for every i, j: |Σ_j A_ij x_j - Σ_j B_ij x_j| <= N "
    "for shares of scores S and T under one mask, or beside one sink that rests",
    "along T + θ (S - T) the mean of x_j moves by a covariance of numbers in [-N, N] and of "
    "vectors in the unit ball, of a sink 0 and 0; where nobody is seen both are 0",
    _shares_differ,
)
BALANCED_DIFFER = Rule(
    "balanced shares of other scores",
    "0 < m_j; |x_i| <= 1; |S_ij| <= N for every i, j, S_ij = S_ji: |Σ_j A_ij x_j - Σ_j B_ij x_j| "
    "<= N + (e^(4N) - 1)/4 for A_ij = e^(p_i + S_ij + p_j) m_j of rows that add up to 1, B of "
    "scores 0",
    "along θ S, A_ij >= e^(-4Nθ) m_j/M, so A shrinks ranges by 1 - e^(-4Nθ); p' = -b - A p', b_i "
    "= Σ_k A_ik S_ik, has range(p') <= e^(4Nθ) 2N; A_ij' = A_ij (p_i' + S_ij + p_j') is 0 in a "
    "row, so the mean of x_j moves by N + N e^(4Nθ) at most, whose integral is the bound",
    _balanced_differ,
)
SPREAD = Rule(
    "spread of features",
    "|x_i|, |x_j|, |x_k| <= 1; 0 < φ, ψ, |ψ'| <= b ψ on [-|N|, |N|]: "
    "|log <φ(M x_i),ψ(N x_j)> - log <φ(M x_i),ψ(N x_k)>| <= 2 b |N|",
    "components of N x_j and N x_k differ by 2 |N| at most; a quotient of sums of positive numbers "
    "is at most the largest quotient",
    _spread,
)
PARTS_DIFFER = Rule(
    "parts of a sum, of other features",
    "0 < m_j; |x_i| <= 1; 0 < f_ij; |log f_ij - log f_ik| <= 2N for every i, j, k: "
    "|Σ_j f_ij m_j x_j/Σ_k f_ik m_k - Σ_j m_j x_j/Σ_k m_k| <= N",
    "shares of the scores log f_ij, which are N at most apart from a number of i, and of scores 0",
    _parts_differ,
)
KERNEL_DIFFERS = Rule(
    "weights that aren't divided, of other kernels",
    "0 < m_j; |x_i| <= 1; |k_ij - l_ij| <= N for every i, j: |Σ_j m_j k_ij x_j - Σ_j m_j l_ij x_j| "
    "<= N Σ_j m_j",
    "a sum of vectors in the unit ball",
    _kernel_differs,
)
EXPONENTIAL_APART = Rule(
    "exponentials of small scores",
    "|s| <= N: |e^s - 1| <= e^N - 1",
    "e^s increases, and 1 - e^-N <= e^N - 1",
    _exponential_apart,
)
MULTIPLE_DIFFERS = Rule(
    "multiples of two outputs", "|A_i - B_i| <= N: |c A_i - c B_i| <= |c| N", "c is a constant",
    _multiple_differs,
)  # fmt: skip
