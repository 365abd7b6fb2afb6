"""What is bounded up to each time along a solution, as integrals and Grönwall's lemma ask for.

A state that solves a model for all t >= 0 is continuous. So is what continuous operations make of
it, quotients too where a fact says at every time that the denominator is positive; and what is
continuous is bounded up to each time. A share of a softmax is at most 1, whatever its scores do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    DiagMatrix,
    Expr,
    Heaviside,
    Identity,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Mul,
    OneMatrix,
    Piecewise,
    Pow,
    Transpose,
    ZeroMatrix,
    log,
)
from sympy.matrices.expressions import HadamardProduct, MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.decide import CONTINUOUS
from proofs_checks.proof import How
from proofs_checks.propositions import Definition, Is, Proposition
from proofs_checks.theorems.cosines import POSITIVE, UNKNOWN
from proofs_checks.theorems.engines import TIME, ends, known_sign, said_finite, undefined
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded
from proofs_checks.theorems.readers import SOLVES
from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, RowWeights, Sinkhorn
from theory.masks import Mask
from theory.positions import Distances, Rotary
from theory.positive_part import PositivePart
from theory.symbols import t
from theory.terms import (
    Binder,
    Diameter,
    Elapsed,
    Entry,
    Image,
    Index,
    Inner,
    Item,
    Multiple,
    Norm,
    Projected,
    Row,
    Smaller,
    Sort,
    VectorSum,
    VectorTokenSum,
    is_derivative,
    item,
    moving,
)
from theory.weights import SinkSoftmax, SquaredDistances

BOUNDED = Definition("bounded", "{0} is bounded up to {t}", (Sort.NUMBER,))
"""Of a number along a solution: its least upper and lower bounds on [0, t] are finite."""

OVER_TOKENS = (Binder, Smaller, Inner, Norm, Image, Multiple, Projected, VectorSum, VectorTokenSum)
"""Sums, minima, maxima and products of what stands in them, over finitely many tokens."""

JOINED = (
    MatAdd, MatMul, Transpose, DiagMatrix, DiagonalMatrix, HadamardProduct, OneMatrix, ZeroMatrix,
    Identity, Mask, Distances, Rotary, SquaredDistances, RowSoftmax, MaskedSoftmax, SinkSoftmax,
    Sinkhorn,
)  # fmt: skip
"""Matrix expressions that are continuous in the matrices that stand in them; no subclass is."""


@dataclass(frozen=True)
class _Along:
    """What is known: whether the state solves a flow, and signs at every time."""

    solves: bool
    facts: tuple[Fact, ...]

    def sign(self, a: Any) -> int:
        return known_sign(a, self.facts)

    def bounded(self, a: Any) -> bool:
        """Whether a number or vector is bounded up to each time."""
        if not moving(a) or self.continuous(a):
            return True
        if isinstance(a, Entry) and self._share(a.args[0]):
            return True
        if isinstance(a, Piecewise):
            return all(self.bounded(part) for part, _ in a.args)
        if isinstance(a, Heaviside):
            return True
        return self._made(a, self.bounded)

    def continuous(self, a: Any) -> bool:
        """Whether a number or vector is continuous in t."""
        if not moving(a) or a == t:
            return True
        if isinstance(a, Row | Entry | Item):
            return self._joined(a.args[0])
        if isinstance(a, Elapsed):
            return self.bounded(a.args[0])
        if isinstance(a, Piecewise):
            return self._glued(a)
        return self._made(a, self.continuous)

    def _glued(self, a: Piecewise) -> bool:
        """Whether both of two cases are continuous, and one at the time when they change."""
        if not (len(a.args) == 2 and ends(a.args[0].cond) and a.args[1].cond == True):  # noqa: E712
            return False
        (before, condition), (after, _) = a.args
        then = {t: condition.rhs}
        return before.subs(then) == after.subs(then) and all(map(self.continuous, (before, after)))

    def _made(self, a: Any, so: Callable[[Any], bool]) -> bool:
        """Whether a term is made of others that are so, by what keeps it so."""
        if is_derivative(a):
            return False
        if a in said_finite(a, self.facts):
            return all(map(self.continuous, a.atoms(Inner)))
        if isinstance(a, Pow):
            return self._power(a.base, a.exp, so)
        if isinstance(a, PositivePart) and a.args[1] > 0:
            return so(a.args[0])
        if isinstance(a, log):
            return self.continuous(a.args[0]) and self.sign(a.args[0]) == POSITIVE
        if isinstance(a, (Add, Mul, *CONTINUOUS, *OVER_TOKENS)):
            return all(map(so, _parts(a)))
        return False

    def _power(self, base: Any, power: Any, so: Callable[[Any], bool]) -> bool:
        if power.is_integer and power.is_nonnegative:
            return so(base)
        if not (self.continuous(base) and so(power)):
            return False
        if power.is_nonnegative and not moving(power):
            return self.sign(base) != UNKNOWN
        return self.sign(base) == POSITIVE or (
            bool(power.is_integer) and self.sign(-base) == POSITIVE
        )

    def _share(self, weights: Any) -> bool:
        """Whether entries are shares of a row, of positive masses."""
        known = isinstance(weights, RowWeights | SinkSoftmax)
        return (
            known
            and self.sign(item(weights.masses, Index("j", weights.masses.shape[0]))) == POSITIVE
        )

    def _joined(self, matrix: Any) -> bool:
        """Whether a matrix expression, or a number in one, is continuous in t."""
        if isinstance(matrix, MatrixSymbol):  # a block, or a constant
            return self.solves or not moving(matrix)
        if isinstance(matrix, Elementwise):
            return self._joined(matrix.expr) and _entire(matrix.body.xreplace({t: TIME}))
        if isinstance(matrix, RowWeights | SinkSoftmax) and not self._share(matrix):
            return False
        if isinstance(matrix, MatrixExpr):
            return type(matrix) in JOINED and all(map(self._joined, matrix.args))
        return not isinstance(matrix, Expr) or self.continuous(matrix)


def _parts(a: Any) -> tuple[Any, ...]:
    """Return numbers and vectors in a term: its body, without what it binds, and no matrices."""
    if isinstance(a, Diameter):
        return a.families
    if isinstance(a, Binder):
        return (a.body,)
    return a.args[1:] if isinstance(a, Image) else a.args


def _entire(body: Any) -> bool:
    """Whether a function is made of polynomials and continuous functions, without a pole."""
    if not body.args:
        return True
    if isinstance(body, Pow):
        inside, power = body.args
        whole = power.is_integer and power.is_nonnegative
        apart = inside.is_positive and power.is_number
        return bool(whole or apart) and _entire(inside)
    if isinstance(body, PositivePart):
        return bool(body.args[1] > 0) and _entire(body.args[0])
    if isinstance(body, log):
        return bool(body.args[0].is_positive) and _entire(body.args[0])
    return isinstance(body, (Add, Mul, *CONTINUOUS)) and all(map(_entire, body.args))


def _bounded(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Is) or says.definition is not BOUNDED:
        raise NotConcluded("it isn't that a number is bounded")
    if not all(fact.general(t) for fact in facts):
        raise NotConcluded("a fact isn't known at every time")
    solves = any(
        isinstance(fact.says, Is)
        and fact.says.definition is SOLVES
        and fact.says.arguments[0].kind == "flow"
        for fact in facts
    )
    (a,) = says.arguments
    if lost := undefined((a,), facts):
        raise NotConcluded(f"no fact says that {lost[0]} may be divided by, or rooted")
    if not _Along(solves, facts).bounded(a):
        raise NotConcluded("it isn't made of the state by continuous operations")
    return "made of a continuous state by continuous operations"


UP_TO = Engine("bounds up to each time", How.DERIVED, _bounded)
