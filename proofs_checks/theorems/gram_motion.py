"""Inner products of tokens obey equations of their own: ``G' = F X^T + X F^T``, closed in G.

That they are inner products, X X^T = G, is given; then an equation of matrices is decided as words,
in which each product of rows is its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sympy import Add, MatAdd, MatMul, MatrixSymbol, Transpose, ZeroMatrix
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof import How
from proofs_checks.propositions import All, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, rename, together
from proofs_checks.theorems.order import relation
from proofs_checks.theorems.readers import LIVE_UNIT, LIVES, TOKEN, flows
from theory.derivations import GramFlow, plain_rows
from theory.engines import Rewriter, Word
from theory.symbols import G, X, d
from theory.terms import Entry, Index, Inner, Item, Norm, Row, Sort, ddt, is_derivative, sort_of
from theory.weights import on_unit_rows

UNIT_TOKENS = Rel("=", Norm(Row(X, TOKEN)), 1)


def _of_rows(block: Any) -> bool:
    return bool(block.shape[1] == d)


def _token(block: Any, name: str) -> Index:
    return Index(name, block.shape[0])


def _velocities(subject: Subject) -> tuple[frozenset[Proposition], Proposition, str]:
    """Read the row, or the entry, of each block of a state; of one that stays it is 0."""
    flows(subject)
    parts: list[Proposition] = []
    for block in subject.spaces:
        velocity = subject.velocities.get(block, ZeroMatrix(*block.shape))
        node, i = (Row if _of_rows(block) else Item), _token(block, "i")
        parts.append(Rel("=", ddt(node(block, i)), node(velocity, i)))
    says = parts[0] if len(parts) == 1 else All(*parts)
    return frozenset({Is(LIVES, subject)}), says, "rows of the velocity"


VELOCITIES = Reader("velocities", _velocities)


# -- a rule and an engine ------------------------------------------------------------------------


def _product(first: Fact, second: Fact) -> Proposition:
    (a, u), (b, v) = (relation(one, "=").args[1:] for one in (first, second))
    if not all(is_derivative(one) and sort_of(one) is Sort.VECTOR for one in (a, b)):
        raise NotConcluded("it needs the derivatives of two vectors")
    (a,), (b,) = a.args, b.args
    return Rel("=", ddt(Inner(a, b)), Inner(u, b) + Inner(a, v))


PRODUCT = Rule("product rule", "a' = u; b' = v: <a,b>' = <u,b> + <a,v>", "calculus", _product)


def _names(facts: tuple[Fact, ...]) -> dict[tuple[Any, Any], Any]:
    """Return the names of products ``A B^T`` that are given, each way round."""
    found: dict[tuple[Any, Any], Any] = {}
    for fact in facts:
        says = fact.says
        if not isinstance(says, Rel) or says.op != "=" or not isinstance(says.right, MatrixSymbol):
            continue
        if isinstance(says.left, MatMul) and len(says.left.args) == 2:
            left, right = says.left.args
            if isinstance(right, Transpose):
                found[right.arg, left] = Transpose(says.right)
                found[left, right.arg] = says.right
    return found


def _matrix_of(side: Any, i: Index, j: Index | None) -> MatrixExpr:
    """Return the matrix of which a number is entry (i, j), or the column of its entry i."""
    if side == 0:
        return ZeroMatrix(i.count, 1 if j is None else j.count)
    if isinstance(side, Item) and j is None and side.args[1] == i:
        return side.args[0]
    if isinstance(side, Entry) and side.args[1:] == (i, j):
        return side.args[0]
    if isinstance(side, Inner) and all(isinstance(one, Row) for one in side.args):
        (a, own), (b, other) = (one.args for one in side.args)
        if (own, other) in ((i, j), (j, i)):
            return MatMul(*((a, Transpose(b)) if own == i else (b, Transpose(a))))
    if isinstance(side, Add):
        return MatAdd(*(_matrix_of(one, i, j) for one in side.args))
    raise NotConcluded(f"{side} is no entry ({i}, {j})")


def _tokens_of(says: Proposition) -> tuple[Index, Index | None]:
    own = sorted((one for one in says.free_symbols if isinstance(one, Index)), key=str)
    if not isinstance(says, Rel) or says.op != "=" or len(own) not in (1, 2):
        raise NotConcluded("it is no equation of entries")
    return own[0], own[1] if len(own) == 2 else None


def _in_products(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide that entries are those of a matrix in which the products stand, and no other row."""
    i, j = _tokens_of(says)
    assert isinstance(says, Rel)  # as it was asked
    known = [one.says for one in facts if isinstance(one.says, Rel) and one.says.op == "="]
    found = next((one.right for one in known if one.left == says.left), None)
    if found is None:
        raise NotConcluded("no fact says what it is")
    own, said = _matrix_of(found, i, j), _matrix_of(says.right, i, j)
    names = _names(facts)
    if left := [a for a in said.atoms(MatrixSymbol) if a.shape[1] == d and a.shape[0] != d]:
        raise NotConcluded(f"{left[0]} is left in it")
    on_sphere = any(one.says == UNIT_TOKENS and one.general(TOKEN) for one in facts)

    def pair(left: Any, right: Any) -> Word | None:
        found = names.get((left, right.arg)) if isinstance(right, Transpose) else None
        return None if found is None else (found,)

    even = frozenset(name for (a, b), name in names.items() if a == b)
    words = Rewriter(pair=pair, symmetric=even)
    own = plain_rows(on_unit_rows(own) if on_sphere else own)
    if rest := words.difference(own, said):
        raise NotConcluded(f"residual {words.assemble(rest, own.shape)}")
    return "products of rows by their names"


IN_PRODUCTS = Engine("products of rows", How.DERIVED, _in_products)


# -- what is claimed -----------------------------------------------------------------------------


def _entry(rate: MatrixExpr, *tokens: Index) -> Any:
    if isinstance(rate, ZeroMatrix):
        return 0
    return (Entry if len(tokens) == 2 else Item)(rate, *tokens)


def _velocity(subject: Subject, block: Any, i: Index) -> Found:
    """Return the velocity of one token, or entry, of a block."""
    whole, places = read(VELOCITIES, subject), list(subject.spaces)
    one = whole if len(places) == 1 else apply(part, whole, place=places.index(block))
    return apply(rename, one, values={_token(block, "i"): i})


def _product_moves(subject: Subject, left: Any, right: Any, rate: Any, given: list[Found]) -> Found:
    """``<a_i,b_j>'`` is an entry of a matrix in products."""
    i, j = _token(left, "i"), _token(right, "j")
    moved = apply(PRODUCT, _velocity(subject, left, i), _velocity(subject, right, j))
    says = Rel("=", ddt(Inner(Row(left, i), Row(right, j))), _entry(rate, i, j))
    return settle(IN_PRODUCTS, says, moved, *given)


def _column_moves(subject: Subject, block: Any, rate: MatrixExpr, given: list[Found]) -> Found:
    """``a_i'`` of a column is an entry of one in products."""
    i = _token(block, "i")
    says = Rel("=", ddt(Item(block, i)), _entry(rate, i))
    return settle(IN_PRODUCTS, says, _velocity(subject, block, i), *given)


def _products(flow: GramFlow) -> Iterator[tuple[Any, Any, Any, MatrixExpr]]:
    """Yield the two blocks of each product, its name and its rate."""
    yield X, X, G, flow.rate
    for one in flow.products:
        yield one.left, one.right, one.symbol, one.rate


def closed_motion(
    subject: Subject, flow: GramFlow, values: Mapping[Any, Any] | None = None
) -> Conclusion | Refusal:
    """``<x_i,x_j>' = R_ij``, and so on: R of products of rows, whose names are given, alone.

    Parameters
    ----------
    subject : Subject
    flow : GramFlow
        The rates that are claimed.
    values : Mapping, optional
        What is put for parameters in them.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory.derivations import gram_flow
    >>> from theory.models import SA
    >>> own = closed_motion(Subject.of(SA), gram_flow(SA))
    >>> own.found.says == own.says.then
    True
    >>> own = closed_motion(Subject.of(SA), replace(gram_flow(SA), rate=2 * gram_flow(SA).rate))
    >>> isinstance(own.found, Refusal)
    True
    """
    put = dict(values or {})
    parts = [(*one, rate.xreplace(put)) for *one, rate in _products(flow)]
    if fixed := [a for left, right, *_ in parts for a in (left, right) if a not in subject.spaces]:
        return Refusal(f"it needs the products with {fixed[0]} as well")
    named = [Rel("=", MatMul(a, Transpose(b)), name) for a, b, name, _ in parts]
    given = [assume(one) for one in named]
    far = any(on_unit_rows(one) != one for one in subject.velocities.values())
    given += [read(LIVE_UNIT, subject)] if far else []
    found, said = [], []
    for left, right, _, rate in parts:
        i, j = _token(left, "i"), _token(right, "j")
        found.append(_product_moves(subject, left, right, rate, given))
        said.append(Rel("=", ddt(Inner(Row(left, i), Row(right, j))), _entry(rate, i, j)))
    for block, own in flow.others:
        rate = own.xreplace(put)
        found.append(_column_moves(subject, block, rate, given))
        i = _token(block, "i")
        said.append(Rel("=", ddt(Item(block, i)), _entry(rate, i)))
    hypotheses = Is(LIVES, subject), *named
    if len(found) == 1:
        return claimed(found[0], said[0], hypotheses)
    return claimed(apply(together, *found), All(*said), hypotheses)
