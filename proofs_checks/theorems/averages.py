"""(D.2), (D.3), (D.7): means of differences of two solutions, and products that differ by as much.

A mean of vectors is no longer than the longest. Rows of a softmax move by no more than their
scores, in the sum of absolute values; with lengths, by half of what scores move by.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, sqrt

from proofs_checks.audit import SECOND
from proofs_checks.propositions import All, Is, Proposition, Rel, Subject
from proofs_checks.theorems.chord_rates import names_of_pair
from proofs_checks.theorems.chords import (
    ANGLE,
    APART,
    PAIR,
    size_of,
    within,
)
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared, undefined
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
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.near_the_angle import PAIR_UNIT, PARTED
from proofs_checks.theorems.order import CHAIN, REPLACE, SCALE, SIZE, above, of_all, relation
from proofs_checks.theorems.places import softmax_of
from proofs_checks.theorems.pulls import WARM, gram
from proofs_checks.theorems.readers import OTHER, TOKEN, weights_of
from proofs_checks.theorems.row_sums import adding_up
from proofs_checks.theorems.two_solutions import PAIR_MASSES
from theory.atoms import RowSoftmax
from theory.symbols import X
from theory.terms import (
    Entry,
    Greatest,
    Index,
    Name,
    Norm,
    Row,
    Vec,
    entry,
    moving,
    total,
)


def _longest(length: Any, index: Index) -> Proposition:
    if not isinstance(length, Norm) or undefined((length,), ()):
        raise NotConcluded(f"{length} is no length that is always defined")
    return Rel("<=", length, Greatest(length, (index,)))


def _mean_size(sign: Fact, size: Fact, weight: Any, index: Index) -> Proposition:
    says = relation(size, "=", "<=")
    above(sign, weight)
    of_all(sign, index)
    of_all(size, index)
    if not isinstance(says.left, Norm) or index in says.right.free_symbols:
        raise NotConcluded("it needs one bound for the lengths of all vectors")
    whole = total(weight, index)
    return Rel("<=", Norm(total(says.left.args[0] * weight, index)), whole * says.right)


def _scores(mass: Fact, share: Any, other: Any) -> tuple[Any, Any]:
    """Return the scores of two shares of one token that are of one kind and of the same masses."""
    one, two = softmax_of(share, mass), softmax_of(other, mass)
    if not type(one) is type(two) is RowSoftmax or share.args[1:] != other.args[1:]:
        raise NotConcluded(f"{share} and {other} are no shares of two softmaxes")
    pair = share.args[1:]
    if pair[0] == pair[1] or not all(isinstance(each, Index) for each in pair):
        raise NotConcluded("it needs shares of one token that any token may have")
    return entry(one.scores, *pair), entry(two.scores, *pair)


def _rows_apart(mass: Fact, bound: Fact, share: Any, other: Any) -> Proposition:
    first, second = _scores(mass, share, other)
    size, index = size_of(bound, first - second), share.args[2]
    of_all(bound, index)
    if index in size.free_symbols:
        raise NotConcluded("it needs one bound for all scores of a row")
    return Rel("<=", total(Abs(share - other), index), size)


def _rows_in_length(
    mass: Fact, share: Any, other: Any, factor: Any, scores: tuple[Any, Any]
) -> Proposition:
    index = share.args[2]
    if _scores(mass, share, other) != tuple(factor * one for one in scores):
        raise NotConcluded(f"the scores aren't {factor} times these")
    if index in factor.free_symbols or moving(factor):
        raise NotConcluded(f"{factor} isn't one factor")
    moved, own = scores[0] - scores[1], share - other
    return Rel("<=", sqrt(total(own**2, index)), Abs(factor) / 2 * sqrt(total(moved**2, index)))


LONGEST = Rule("the longest", "|v_i| <= max_k |v_k|", "order", _longest, routine=True)
MEAN_SIZE = Rule(
    "mean of vectors",
    "0 <= a_j; |v_j| <= b for every j: |Σ_j a_j v_j| <= b Σ_j a_j",
    "norms are convex",
    _mean_size,
)
ROWS_APART = Rule(
    "rows of other scores",
    "0 < m_j; |S_ij - T_ij| <= b for every j: Σ_j |A_ij - B_ij| <= b of shares of scores S and T",
    "along T + θ (S - T) a share moves by A_ij (w_j - Σ_k A_ik w_k), w = S - T: their sum is a "
    "mean distance from the mean, at most the root of the variance (Jensen), at most b",
    _rows_apart,
)
ROWS_IN_LENGTH = Rule(
    "rows of other scores, in length",
    "0 < m_j: |A_i - B_i| <= |c|/2 |s_i - s_i'| of shares of scores c s and c s'",
    "along c (s' + θ w), w = s - s', the row moves by c (diag(a) - a aᵀ) w, and <w,(diag(a) - a aᵀ)"
    " w> is a variance, at most a quarter of the square of the range (Popoviciu), which is at most "
    "2 |w|²: the symmetric matrix has norm 1/2 at most",
    _rows_in_length,
)


# -- two solutions ---------------------------------------------------------------------------------


def _beside(share: Any) -> Any:
    """Return what a share is of the second solution."""
    return share.xreplace({X: SECOND})


def mean_of_chords(subject: Subject, factor: Any) -> Conclusion | Refusal:
    """``|Σ_j A_ij (x_j - y_j)| <= c D``, and ``Σ_j A_ij u = c u`` of equal differences.

    Parameters
    ----------
    subject : Subject
        Of a pull by shares A_ij of a row, up to a factor.
    factor : Expr
        c.

    Examples
    --------
    >>> from theory.models import SA
    >>> print(mean_of_chords(Subject.of(SA), 1).found.by.name)
    and
    """
    share = _share(subject)
    if isinstance(share, Refusal):
        return share
    positive, whole = adding_up(share, 1, (read(PAIR_MASSES, subject),))
    apart, u = Row(X, OTHER) - Row(SECOND, OTHER), Vec("u")
    each = apply(LONGEST, length=Norm(apart), index=OTHER)
    mean = apply(MEAN_SIZE, positive, each, weight=share, index=OTHER)
    one = settle(EQUAL, Rel("=", total(u * share, OTHER), u), whole)
    found = apply(together, apply(REPLACE, whole, mean), one)
    then = All(
        Rel("<=", Norm(total(apart * share, OTHER)), factor * APART),
        Rel("=", total(u * share, OTHER), u * factor if factor != 1 else u),
    )
    return claimed(found, then, (Is(PAIR, subject),), names_of_pair(subject))


def _share(subject: Subject) -> Any:
    """Return A_ij of a pull by multiples of A_ij; the pull itself where it is no share."""
    try:
        weight = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    shares = [one for one in weight.atoms(Entry) if one.args[1:] == (TOKEN, OTHER)]
    return shares[0] if len(shares) == 1 else weight


def rows_of_softmax(subject: Subject, rows: Any, scores: Any) -> Conclusion | Refusal:
    """``Σ_k |A_ik(X) - A_ik(Y)| <= rows D``, and |A_i(X) - A_i(Y)| <= scores |s - s'| in length.

    Parameters
    ----------
    subject : Subject
        Of a softmax of multiples of <x_i,x_j>.
    rows, scores : Expr

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> print(rows_of_softmax(Subject.of(SA), 2 * beta, beta / 2).found.by.name)
    and
    """
    share, near = _share(subject), gram(TOKEN, OTHER)
    if not isinstance(share, Entry) or not isinstance(share.args[0], RowSoftmax):
        return Refusal("the weights are no shares of a softmax")
    factor = entry(share.args[0].scores, TOKEN, OTHER) / near
    if moving(factor):
        return Refusal("scores aren't multiples of inner products")
    mass, other = read(PAIR_MASSES, subject), _beside(share)
    products = apply(PARTED, read(PAIR_UNIT, subject))
    sides = (apply(part, products, place=place) for place in (0, 1))
    sized = apply(SIZE, *sides, factor=factor)
    differ = within(factor * near - factor * ANGLE, 2 * Abs(factor) * APART)
    scored = (
        settle(ADDED, says, apply(part, sized, place=k)) for k, says in enumerate(differ.args)
    )
    apart = apply(ROWS_APART, mass, apply(together, *scored), share=share, other=other)
    length = apply(
        ROWS_IN_LENGTH, mass, share=share, other=other, factor=factor, scores=(near, ANGLE)
    )
    moved = sqrt(total((near - ANGLE) ** 2, OTHER))
    then = All(
        Rel("<=", total(Abs(share - other), OTHER), rows * APART),
        Rel("<=", sqrt(total((share - other) ** 2, OTHER)), scores * moved),
    )
    found = apply(
        together,
        apply(CHAIN, apart, _enlarged(2 * Abs(factor), rows, APART)),
        apply(CHAIN, length, _enlarged(Abs(factor) / 2, scores, moved)),
    )
    names = Name("B", other, (TOKEN, OTHER)), *names_of_pair(subject)
    return claimed(found, then, (Is(PAIR, subject), WARM), names)


def _enlarged(own: Any, said: Any, size: Any) -> Found:
    """``own size <= said size`` of a size that is at least 0."""
    enough = spared(COEFFICIENTS, Rel("<=", own, said), assume(WARM))
    return apply(SCALE, settle(SIGNS, Rel("<=", 0, size)), enough)
