"""(2.7), (2.8): heads and neurons add up inside the projection, however many there are.

Main results
------------
- (2.7): x_i' = Σ_h P_i (head h) for every number H of heads, each of them (2.3) with matrices of
  its own; H equal heads with V/H each are (2.3).
- (2.8): neurons add up in the same way, w_q σ(<a_q,x_i> + b_q) with the columns w_q of w and the
  rows a_q of a, for every number of heads and neurons; with w = 0 it is (2.7).

How it is proved
----------------
Theorems on equations of matrices, by induction on the number of heads, and of neurons: one head, no
neuron, and one more beside a sum of which nothing is known, exact for symbolic n, d, k and
matrices. A sum of H equal heads is H times one. That a matrix a is its rows is read off an entry of
w σ(a x_i + b). Rational points with 1 to 5 heads, in intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, (2.7) and (2.8).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Integer,
    MatAdd,
    MatrixSymbol,
    Min,
    Piecewise,
    Rational,
    S,
    ZeroMatrix,
    tanh,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    NEURON,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Witness,
    by_neuron,
    neuron,
    parts_of,
    projected,
    row_defect,
    sum_of,
)
from proofs_checks.proof.kinds import HEADS, NEURONS
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    Theorem,
    summed_up,
    values_in,
)
from theory.atoms import Tangent
from theory.finite_sums import FiniteSum, written_out
from theory.layers import HEAD, feed_forward, head_matrices, multi_head
from theory.models import QKV, Model
from theory.symbols import K, Q, V, X, heads, width, z


@dataclass(frozen=True)
class Heads:
    """What the velocity is the sum of, and when equal heads are (2.3).

    Attributes
    ----------
    split : MatrixExpr
        Sum of the projected heads.
    share : Expr, optional
        H heads with Q, K and ``share V`` each are (2.3); left out for a user's model.
    """

    split: MatrixExpr
    share: Expr | None = None


@dataclass(frozen=True)
class Block:
    """What the velocity is the sum of, and what is left without a matrix.

    Attributes
    ----------
    split : MatrixExpr
        Sum of the projected heads and neurons.
    zero : MatrixSymbol, optional
        Without this matrix the flow is ``rest``; left out for a user's model.
    rest : MatrixExpr, optional
    """

    split: MatrixExpr
    zero: MatrixSymbol | None = None
    rest: MatrixExpr | None = None


# -- both statements -------------------------------------------------------------------------------


def _pairs(flow: Flow, split: MatrixExpr, rng: np.random.Generator) -> Iterator[str]:
    """Compare the velocity with the sum of its parts at drawn points, of 1 to 5 heads."""
    for count in (1, 2, 4, 5):
        left, right = (_with_heads(e, count) for e in (flow.model.velocity, split))
        point = Witness(rng, [left, right])
        for name, cut in (("a", _row), ("b", _row), ("w", _column)):
            whole = next((s for s in point.matrices if str(s) == name), None)
            for q in range(1, 4):
                part = next((s for s in point.matrices if str(s) == f"{name}_{q}"), None)
                if whole is not None and part is not None:
                    point.matrices[part] = cut(point.matrices[whole], q - 1)
        at = point.evaluator()
        text = f"{count} heads: x_{{i}}' minus the sum of its parts"
        yield row_defect(at(left), at(right), text, point)


@lru_cache(maxsize=64)  # the velocity stands against the sum of each control
def _with_heads(expr: MatrixExpr, count: int) -> MatrixExpr:
    return written_out(expr, {heads: Integer(count), width: Integer(3)})


def _row(matrix: Any, place: int) -> Any:
    return [matrix[place]]


def _column(matrix: Any, place: int) -> Any:
    return [[row[place]] for row in matrix]


def _first(found: Iterator[str]) -> Counterexample | None:
    return next((Counterexample(text, cases=1) for text in found if text), None)


@dataclass(frozen=True)
class _OfSums(Concludes[Any]):
    """A conclusion whose scope says how many heads and neurons there are."""

    def __call__(self, flow: Flow, prediction: Any) -> Sheet:
        """Return the sheet, with the numbers of terms of what is claimed in its scope."""
        sheet, counts = super().__call__(flow, prediction), prediction.split.free_symbols
        words = {**sheet.words, "matrices": "symbolic", "heads": "symbolic"}
        if heads not in counts:
            own = len(prediction.split.args) if isinstance(prediction.split, MatAdd) else 1
            words["heads"] = str(own) if isinstance(prediction, Heads) else "given"
        if isinstance(prediction, Block):
            words["neurons"] = "symbolic" if width in counts else "given"
            words["activation"] = "any"
        return replace(sheet, words=words)


def _holds(own: Conclusion | Refusal) -> bool:
    """Whether the theorem is what is claimed."""
    return not isinstance(own, Refusal) and isinstance(own.found, Theorem)


# -- heads -----------------------------------------------------------------------------------------


def _equal(velocity: MatrixExpr, share: Any) -> MatrixExpr:
    """Velocity of heads that all have Q, K and ``share V``."""
    query, key, value = head_matrices(HEAD)
    return velocity.xreplace({query: Q, key: K, value: share * V})


def read_heads(flow: Flow) -> Heads | None:
    """Return the projected heads that a velocity is the sum of; None where it holds more."""
    parts = parts_of(flow)
    return None if parts is None or parts[1] else Heads(sum_of(tuple(map(projected, parts[0]))))


@lru_cache(maxsize=8)  # refute_heads asks first
def conclude_heads(flow: Flow, prediction: Heads) -> Conclusion | Refusal:
    """Say that the velocity is the sum of its heads, and that H equal heads are (2.3)."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    velocity, share = flow.model.velocity, prediction.share
    sides = [tuple(one.xreplace(values) for one in (velocity, prediction.split))]
    if share is not None:
        alone = prediction.split.xreplace({heads: S.One}).doit().xreplace(_of_first())
        sides += [
            (_equal(alone, S.One), QKV.velocity),
            (_equal(velocity, share), QKV.velocity),
        ]
    return summed_up(*sides)


def _of_first() -> dict[Any, Any]:
    return dict(zip(head_matrices(1), head_matrices(HEAD), strict=True))


def refute_heads(flow: Flow, prediction: Heads | None, budget: Budget) -> Counterexample | None:
    """Draw a point where the velocity isn't the sum of its heads, or equal heads aren't (2.3)."""
    if prediction is None or _holds(conclude_heads(flow, prediction)):
        return None
    return _first(_pairs(flow, prediction.split, budget.rng)) or _first(
        _equal_pairs(flow, prediction.share, budget.rng)
    )


def _equal_pairs(flow: Flow, share: Expr | None, rng: np.random.Generator) -> Iterator[str]:
    """Compare 1 to 5 equal heads with (2.3) at drawn points."""
    for count in () if share is None else (1, 2, 4, 5):
        at_count = {heads: Integer(count)}
        left = _equal(flow.model.velocity, share).xreplace(at_count).doit()
        point = Witness(rng, [left, QKV.velocity])
        at = point.evaluator()
        text = f"{count} equal heads: x_{{i}}' minus that of (2.3)"
        yield row_defect(at(left), at(QKV.velocity), text, point)


OF_HEADS: Statement[Heads] = Statement(
    "(2.7)",
    "the velocity is the sum of its heads, each a projected softmax attention",
    _OfSums(conclude_heads),
    read_heads,
    refute_heads,
    domain=(HEADS,),
    typed=True,
)


_MANY = multi_head(heads)
_HEADS = _MANY.velocity.field
_HEAD = _HEADS.term
_SPLIT = FiniteSum(Tangent(X, _HEAD), heads, HEAD)
_LAST = (*_MANY.parameters, *head_matrices(heads))


def _with(velocity: MatrixExpr, name: str) -> Model:
    return Model(name, velocity, parameters=_LAST, reference="(2.7)")


MULTI_HEAD = Claim(
    "(2.7)",
    "For every number H of heads x_i' is the sum of P_i of the heads, each of them (2.3) with its "
    "own Q_h, K_h, V_h; H equal heads with V/H each are (2.3).",
    _MANY,
    Heads(_SPLIT, 1 / heads),
    OF_HEADS,
    (
        Control("H equal heads with V each", prediction=Heads(_SPLIT, S.One)),
        Control("V/H -> V/H²", prediction=Heads(_SPLIT, 1 / heads**2)),
        Control(
            "V/H for H <= 3 only",
            prediction=Heads(_SPLIT, Piecewise((1 / heads, heads <= 3), (Rational(1, 3), True))),
        ),
        Control("one head more", model=_with(Tangent(X, FiniteSum(_HEAD, heads + 1, HEAD)), "H+1")),
        Control(
            "the projection of the last head dropped",
            model=_with(
                Tangent(X, FiniteSum(_HEAD, heads - 1, HEAD)) + _HEADS.at(heads), "last head free"
            ),
        ),
        Control(
            "the projection dropped from the fourth head on",
            model=_with(
                Tangent(X, FiniteSum(_HEAD, Min(heads, 3), HEAD))
                + _HEADS
                - FiniteSum(_HEAD, Min(heads, 3), HEAD),
                "three heads projected",
            ),
        ),
    ),
    Verdict.PROVED,
)


# -- heads and neurons -----------------------------------------------------------------------------


def read_block(flow: Flow) -> Block | None:
    """Return the projected heads and neurons that a velocity is the sum of, or None."""
    parts = parts_of(flow)
    if parts is None:
        return None
    sums = (by_neuron(layer)[0] for layer in parts[1])
    return Block(sum_of(tuple(map(projected, (*parts[0], *sums)))))


@lru_cache(maxsize=8)  # refute_block asks first
def conclude_block(flow: Flow, prediction: Block) -> Conclusion | Refusal:
    """Say that the velocity is the sum of its heads and neurons, and what it is without w."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    sides = [tuple(one.xreplace(values) for one in (flow.model.velocity, prediction.split))]
    if prediction.zero is not None and prediction.rest is not None:
        zero = {prediction.zero: ZeroMatrix(*prediction.zero.shape)}
        sides.append((flow.model.velocity.xreplace(zero), prediction.rest))
    return summed_up(*sides)


def _without(flow: Flow, matrix: Any) -> MatrixExpr:
    """Velocity where a matrix is 0."""
    return flow.model.velocity.xreplace({matrix: ZeroMatrix(*matrix.shape)}).doit()


def refute_block(flow: Flow, prediction: Block | None, budget: Budget) -> Counterexample | None:
    """Draw a point where the velocity isn't the sum of its parts, or isn't (2.7) without w."""
    if prediction is None or _holds(conclude_block(flow, prediction)):
        return None
    found = _first(_pairs(flow, prediction.split, budget.rng))
    if found is not None or prediction.zero is None or prediction.rest is None:
        return found
    two = {heads: Integer(2)}
    left, right = (
        e.xreplace(two).doit() for e in (_without(flow, prediction.zero), prediction.rest)
    )
    point = Witness(budget.rng, [left, right])
    at = point.evaluator()
    text = f"{prediction.zero} = 0, two heads: x_{{i}}' minus that of (2.7)"
    return _first(iter([row_defect(at(left), at(right), text, point)]))


OF_BLOCKS: Statement[Block] = Statement(
    "(2.8)",
    "the velocity is the sum of its heads and neurons, each projected",
    _OfSums(conclude_block),
    read_block,
    refute_block,
    domain=(NEURONS,),
    typed=True,
)


_FULL = feed_forward(heads)
_W, _A, _B = _FULL.parameters[-3:]
_NEURONS = FiniteSum(Tangent(X, neuron(tanh(z), NEURON)), width, NEURON)
_BOTH = _SPLIT + _NEURONS


FEED_FORWARD = Claim(
    "(2.8)",
    "For every number of heads and neurons x_i' is the sum of P_i of the heads of (2.7) and of "
    "the neurons w_q σ(<a_q,x_i> + b_q); without the feed-forward part, w = 0, it is (2.7).",
    _FULL,
    Block(_BOTH, _W, _MANY.velocity),
    OF_BLOCKS,
    (
        Control("w = 0 -> a = 0", prediction=Block(_BOTH, _A, _MANY.velocity)),
        Control("w = 0 -> b = 0", prediction=Block(_BOTH, _B, _MANY.velocity)),
        Control(
            "the neurons aren't projected",
            model=replace(_FULL, velocity=_MANY.velocity + _FULL.velocity.field - _HEADS),
        ),
        Control(
            "two neurons at most",
            prediction=Block(
                _SPLIT + FiniteSum(_NEURONS.term, Min(width, 2), NEURON), _W, _MANY.velocity
            ),
        ),
        Control(
            "the fourth head is the last",
            prediction=Block(
                FiniteSum(_SPLIT.term, Min(heads, 4), HEAD) + _NEURONS, _W, _MANY.velocity
            ),
        ),
    ),
    Verdict.PROVED,
)


CLAIMS = (MULTI_HEAD, FEED_FORWARD)
