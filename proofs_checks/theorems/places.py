"""Rules on what places of tokens bring in: masks, position terms, turned rows, shares."""

from __future__ import annotations

from typing import Any

from sympy import Dummy, MatrixBase, Transpose, exp

from proofs_checks.propositions import All, Is, Proposition, Rel
from proofs_checks.theorems.attraction import SEVERAL, pair_sight
from proofs_checks.theorems.kernel import Concluded, Fact, NotConcluded, Rule
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.readers import SOLVES
from theory.atoms import MaskedSoftmax, RowNormalize, RowSoftmax, Sinkhorn
from theory.masks import BIPARTITE, CROSS, GRAPH, Mask
from theory.positions import Distances, Rotary
from theory.symbols import n
from theory.terms import FIRST, Entry, Index, Inner, Item, Norm, Row, entry, total, weight
from theory.weights import SinkSoftmax, SquaredDistances


def _unit_row(fact: Fact) -> Row:
    says = relation(fact, "=")
    if not isinstance(says.left, Norm) or says.right != 1 or not isinstance(says.left.args[0], Row):
        raise NotConcluded("it needs a row of length 1")
    return says.left.args[0]


def _kept_length(fact: Fact, turned: Any) -> Proposition:
    token = _unit_row(fact)
    if not isinstance(turned, Row) or not isinstance(turned.args[0], Rotary):
        raise NotConcluded(f"{turned} is no row that is turned by its place")
    if (turned.args[0].field, turned.args[1]) != token.args:
        raise NotConcluded(f"{turned} is another row than {token}")
    return Rel("=", Norm(turned), 1)


KEPT_LENGTH = Rule(
    "rows turned by their place",
    "|v_i| = 1: |R_i v_i| = 1, R_i the rotation of place i",
    "a rotation keeps lengths",
    _kept_length,
)


def _divided_row(solves: Fact, row: Any) -> Proposition:
    says = solves.says
    if not isinstance(says, Is) or says.definition is not SOLVES:
        raise NotConcluded("it needs a solution")
    if not isinstance(row, Row) or not isinstance(row.args[0], RowNormalize):
        raise NotConcluded(f"{row} is no row that is divided by its length")
    if not any(how.has(row.args[0]) for how in says.arguments[0].velocities.values()):
        raise NotConcluded(f"{row} isn't in the velocity")
    return Rel("=", Norm(row), 1)


DIVIDED_ROW = Rule(
    "rows divided by their length",
    "X solves a model: |v_i| = 1, v_i = u_i/|u_i| in its velocity",
    "the velocity along a solution has a value",
    _divided_row,
)


def _apart(first: Fact, second: Fact, entry: Any) -> Proposition:
    if not isinstance(entry, Entry) or not isinstance(entry.args[0], SquaredDistances):
        raise NotConcluded(f"{entry} is no squared distance of rows")
    rows = tuple(Row(one, k) for one, k in zip(entry.args[0].args, entry.args[1:], strict=True))
    if (_unit_row(first), _unit_row(second)) != rows:
        raise NotConcluded(f"{entry} is of other rows")
    return Rel("=", entry, 2 - 2 * Inner(*rows))


APART = Rule(
    "squared distance of unit vectors",
    "|u| = 1; |v| = 1: |u - v|^2 = 2 - 2<u,v>",
    "bilinearity",
    _apart,
)


def _seats(size: Any, i: Index, j: Index) -> Proposition:
    away = Entry(Distances(size), i, j)
    return All(Rel("<=", 0, away), Rel("<=", away, size - 1))


SEATS = Rule(
    "distance of two places", "0 <= |i - j| <= n - 1", "places are 1, ..., n", _seats, routine=True
)


def _seen(entry: Any) -> Proposition:
    if not isinstance(entry, Entry) or not isinstance(entry.args[0], Mask):
        raise NotConcluded(f"{entry} is no entry of a mask")
    return Rel("<=", entry, 1)


SEEN = Rule("entry of a mask", "W_ij <= 1", "a token is seen, 1, or isn't, 0", _seen, routine=True)


def softmax_of(share: Any, mass: Fact) -> Any:
    """Return the row's softmax, of masses that are positive."""
    if not isinstance(share, Entry) or not isinstance(share.args[0], RowSoftmax | SinkSoftmax):
        raise NotConcluded(f"{share} is no share of a softmax")
    softmax = share.args[0]
    masses = relation(mass, "<").right
    above(mass, masses, strict=True)
    if not isinstance(masses, Item) or masses.args[0] != softmax.masses:
        raise NotConcluded("its masses aren't known to be positive")
    of_all(mass, masses.args[1])
    return softmax


def _shares(mass: Fact, share: Any, index: Index) -> Proposition:
    softmax_of(share, mass)
    if share.args[2] != index or share.args[1] == index:
        raise NotConcluded(f"{share} isn't summed over {index}")
    return Rel("<=", total(share, index), 1)


SHARES = Rule(
    "shares of a row",
    "0 < m_j for every j: Σ_j A_ij <= 1, of a softmax with a mask or a sink",
    "each share is a part of the sum below; a row that sees nobody has none",
    _shares,
)


def _whole_rows(mass: Fact, size: Fact | None = None, *, share: Any, index: Index) -> Proposition:
    softmax = softmax_of(share, mass)
    if share.args[2] != index or share.args[1] == index:
        raise NotConcluded(f"{share} isn't summed over {index}")
    if type(softmax) not in (RowSoftmax, MaskedSoftmax):
        raise NotConcluded(f"the rows of {share} aren't known to be whole")
    mask = getattr(softmax, "mask", None)
    if mask is not None:
        if not somebody_is_seen(mask):
            raise NotConcluded("a row may see nobody")
        if size is None:
            raise NotConcluded("nothing says that there are as many tokens as the mask needs")
        wants(size, least_size(mask))
    return Rel("=", total(share, index), 1)


WHOLE_ROWS = Rule(
    "whole rows",
    "0 < m_j for every j; as many tokens as a mask needs: Σ_j A_ij = 1, of a softmax whose rows "
    "each see somebody",
    "the shares are of what they add up to",
    _whole_rows,
)


def somebody_is_seen(mask: Mask) -> bool:
    """Whether every token is known to see some token, of as many as `least_size` says.

    Examples
    --------
    >>> [somebody_is_seen(one) for one in (Mask.causal(), Mask.strictly_causal(), Mask.band(2))]
    [True, False, True]
    """
    if mask.kind == GRAPH:
        table = mask.parameter
        return isinstance(table, MatrixBase) and all(any(table.row(i)) for i in range(table.rows))
    return mask.everybody_sees


def least_size(mask: Mask) -> Proposition:
    """Say that there are as many tokens as the facts of a mask are of."""
    return Rel("<=", mask.parameter + 1 if mask.kind in (BIPARTITE, CROSS) else 2, n)


def all_see_first(mask: Mask, others: bool = False) -> bool:
    """Whether every token is known to see the first one; or every other token.

    Examples
    --------
    >>> [all_see_first(one) for one in (Mask.causal(), Mask.strictly_causal(), Mask.band(2))]
    [True, False, False]
    >>> all_see_first(Mask.strictly_causal(), others=True)
    True
    """
    skipped = int(others)
    if isinstance(mask.parameter, MatrixBase):
        column = mask.parameter[skipped:, 0]
        return all(value != 0 for value in column)
    place = Dummy("i", integer=True, nonnegative=True) + skipped
    try:
        return bool(mask.sees(place, 0) == True)  # noqa: E712 - SymPy's truth may be open
    except (IndexError, TypeError, ValueError):
        return False


def _unmasked(mass: Fact, other: Fact | None = None, share: Any = None) -> Proposition:
    softmax = softmax_of(share, mass)
    _, i, j = share.args
    mask = getattr(softmax, "mask", None)
    if isinstance(softmax, Sinkhorn) or mask is None:
        raise NotConcluded(f"{share} has no mask")
    if other is not None:
        wants(other, Rel("!=", i, FIRST))
    if j != FIRST or not isinstance(i, Index) or not all_see_first(mask, other is not None):
        raise NotConcluded(f"token {i} isn't known to see token {j}")
    return Rel("<=", weight(Entry(_bare(softmax), i, j)), share)


def _seen_share(mass: Fact, share: Any) -> Proposition:
    softmax = softmax_of(share, mass)
    _, i, j = share.args
    mask = getattr(softmax, "mask", None)
    if isinstance(softmax, Sinkhorn) or mask is None:
        raise NotConcluded(f"{share} has no mask")
    return Rel("<=", Entry(mask, i, j) * weight(Entry(_bare(softmax), i, j)), share)


def _bare(softmax: Any) -> Any:
    """Return the softmax without its mask."""
    if isinstance(softmax, SinkSoftmax):
        return SinkSoftmax(softmax.scores, softmax.masses, softmax.sink)
    return RowSoftmax(softmax.scores, softmax.masses)


UNMASKED = Rule(
    "share of a token that is seen",
    "0 < m_j for every j; all i, or all but 1, see 1: "
    "m_1 e^(S_i1)/(c_i + Σ_k m_k e^(S_ik)) <= A_i1, the sum over all k",
    "the sum over those seen is no larger than that over all, and 1 is among them",
    _unmasked,
)


SEEN_SHARE = Rule(
    "share along an edge",
    "0 < m_j for every j: W_ij m_j e^(S_ij)/(c_i + Σ_k m_k e^(S_ik)) <= A_ij, the sum over all k",
    "where W_ij = 1 the sum over those seen is no larger; elsewhere 0 <= A_ij",
    _seen_share,
)


def _doubly(mass: Fact, low: Fact, high: Fact, share: Any) -> Proposition:
    softmax = softmax_of(share, mass)
    _, i, j = share.args
    if not isinstance(softmax, Sinkhorn) or Transpose(softmax.scores).doit() != softmax.scores:
        raise NotConcluded(f"{share} has no potential of symmetric scores")
    score, under, over = entry(softmax.scores, i, j), relation(low, "<="), relation(high, "<=")
    if (under.right, over.left) != (score, score) or i == j:
        raise NotConcluded(f"it needs bounds of the scores {score} of two tokens")
    for fact, side in ((low, under.left), (high, over.right)):
        of_all(fact, i, j)
        if {i, j} & side.free_symbols:
            raise NotConcluded(f"{side} isn't one bound of all scores")
    part = Item(softmax.masses, j) / total(Item(softmax.masses, j), j)
    return Rel("<=", part * exp(2 * (under.left - over.right)), share)


DOUBLY = Rule(
    "share with potentials",
    "0 < m_j for every j; l <= S_ij <= u for every i, j: m_j e^(-2(u-l))/Σ_k m_k <= A_ij, "
    "A_ij = e^(p_i + S_ij + p_j) m_j of rows that sum to 1, S symmetric",
    "e^(-p_i) = Σ_k m_k e^(S_ik + p_k), so potentials differ by at most u - l, and A_ij/m_j in a "
    "row by a factor e^(2(u-l)) at most; their mean over m is 1/Σ_k m_k",
    _doubly,
)


def _first_column(fact: Fact, sign: Fact, several: Fact, weight: Any, i: Index, j: Index) -> Any:
    says = relation(fact, "<=", "<")
    wants(several, SEVERAL)
    above(sign, weight)
    of_all(sign, i, j)
    hypothesis = Rel("!=", i, FIRST)
    of_all(fact, i, without=(hypothesis,))
    if says.right != weight.xreplace({j: FIRST}) or i in says.left.free_symbols:
        raise NotConcluded(f"it needs one bound of the pull of token 1, for every {i}")
    return Concluded(Rel("<=", says.left, pair_sight(weight, i, j)), {0: (hypothesis,)})


FIRST_COLUMN = Rule(
    "sight of the first token",
    "[i ≠ 1] b <= p_i1; 0 <= p_ij for every i, j; 2 <= n: b <= η(p)",
    "of a pair with token 1 the other sees it, p_i1 >= b; of another pair both, min >= b",
    _first_column,
)

__all__ = [
    "APART",
    "DOUBLY",
    "FIRST_COLUMN",
    "KEPT_LENGTH",
    "SEATS",
    "SHARES",
    "UNMASKED",
    "WHOLE_ROWS",
    "all_see_first",
    "least_size",
    "softmax_of",
    "somebody_is_seen",
]
