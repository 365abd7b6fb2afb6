"""(6.1) of any smooth flow: exponents of solutions that tend to a consensus, by Perron's theorem.

Such a state is at rest, and near it the flow is its linearisation but for o(1): the exponent is one
of those of the modes, whatever they are.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix as Diagonal
from sympy import (
    Expr,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    OneMatrix,
    S,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions import MatrixExpr, MatrixSymbol
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.proof import analytic, entire
from proofs_checks.propositions import Definition, Is, Proposition, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.consensus_modes import ALL_MODES
from proofs_checks.theorems.kernel import Fact, NotConcluded, Reader, Refusal, Rule, apply, read
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.readers import Facts, along, flows
from proofs_checks.theorems.regular import NO_KERNEL, normalised
from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, Sinkhorn, Tangent
from theory.masks import Mask
from theory.positions import Distances, Rotary
from theory.symbols import X, m, t
from theory.weights import SinkSoftmax

LINEARISED = (
    "Coppel, Stability and Asymptotic Behavior of Differential Equations, Theorem IV.5 (Perron): "
    "of u' = (L + o(1)) u, u not 0, log |u| / t tends to the real part of an eigenvalue of L"
)
SMOOTH = Definition(
    "smooth",
    "the velocity of {0} is constant in t, C^1 at all states, and along the spheres of its blocks",
    (Subject,),
)
SMOOTH_IN_STATE = Definition(
    "smooth in the state",
    "at each time the velocity of {0} is C^1 at all states, and along the spheres of its blocks",
    (Subject,),
)
EXPONENTS = Definition(
    "exponents",
    "along each solution of {0} whose state X tends to a consensus X* and isn't X*, log |X - X*| / "
    "t tends to the real part of an eigenvalue of the linearisation at X*, a state at rest",
    (Subject,),
)

_STILL = (MatrixSymbol, OneMatrix, ZeroMatrix, Identity, Mask, Distances)
_JOINED = (
    MatAdd, MatMul, HadamardProduct, Transpose, Diagonal, DiagonalMatrix, Tangent, Rotary,
)  # fmt: skip
"""Matrix expressions that are smooth in the matrices that stand in them; no subclass is."""
_ROWS = (RowSoftmax, MaskedSoftmax, Sinkhorn, SinkSoftmax)
"""Weights that divide by sums of exponentials, smooth in their scores where masses are positive."""


def smooth(node: Any) -> bool:
    """Whether a velocity, or a part of it, is C^1 in the state at all states, by its form.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.atoms import Elementwise
    >>> from theory.symbols import z
    >>> smooth(SA.velocity), smooth(Elementwise(abs(z), X))
    (True, False)
    """
    if isinstance(node, _STILL):
        return True
    if isinstance(node, Elementwise):
        inner = node.expr == X * X.T
        fine = analytic(node.body).holds if inner else entire(node.body)
        return fine and smooth(node.expr)
    if type(node) in _ROWS:
        positive = node.masses == m or isinstance(node.masses, OneMatrix)
        return positive and _fixed(getattr(node, "sink", S.Zero)) and smooth(node.scores)
    if isinstance(node, Expr) and not isinstance(node, MatrixExpr):
        return _fixed(node)
    return type(node) in _JOINED and all(map(smooth, node.args))


def _fixed(a: Any) -> bool:
    """Whether a number is no matter of the state."""
    return not isinstance(a, MatrixExpr) and not a.atoms(MatrixSymbol)


def _smooth_in_state(subject: Subject) -> Facts:
    """Say it by the form of its parts; x^T M over its length is smooth where M has no kernel."""
    flows(subject)
    rows = normalised(subject)
    for block, velocity in subject.velocities.items():
        if subject.spaces[block] != "sphere" or not along(velocity, block):
            raise NotConcluded(f"the block {block} of {subject.name} isn't kept on spheres")
        if not smooth(velocity.xreplace(rows)):
            raise NotConcluded(f"the velocity of {block} isn't seen to be smooth")
    if X not in subject.velocities:
        raise NotConcluded(f"the tokens of {subject.name} stay")
    evidence = "sums, products, softmax and functions that are smooth"
    given = frozenset({Is(NO_KERNEL, subject)} if rows else ())
    return given, Is(SMOOTH_IN_STATE, subject), evidence


def _smooth(subject: Subject) -> Facts:
    given, _, evidence = _smooth_in_state(subject)
    if any(t in velocity.free_symbols for velocity in subject.velocities.values()):
        raise NotConcluded(f"time enters the velocity of {subject.name}")
    if given:
        raise NotConcluded(f"matrices of {subject.name} may have a kernel")
    return given, Is(SMOOTH, subject), evidence


SMOOTHNESS_IN_STATE = Reader("smooth at each time", _smooth_in_state)
SMOOTHNESS = Reader("smooth velocity", _smooth)


def _exponents(fact: Fact) -> Proposition:
    if not isinstance(fact.says, Is) or fact.says.definition is not SMOOTH:
        raise NotConcluded("it needs a smooth velocity, constant in t")
    return Is(EXPONENTS, *fact.says.arguments)


PERRON = Rule(
    "exponents of a smooth flow",
    "the velocity is C^1 at all states and constant in t: along a solution that tends to a "
    "consensus X* and isn't X*, log |X - X*| / t tends to the real part of an eigenvalue of the "
    "linearisation at X*, a state at rest",
    "spheres are closed, so X* is a state, and X' -> F(X*), which is 0 as X converges; u = X - X* "
    "has u' = F(X* + u) - F(X*) = (L + o(1)) u in a chart, and is never 0, as solutions of a "
    "Lipschitz field that differ don't meet",
    _exponents,
    (LINEARISED,),
)


def exponents(subject: Subject) -> Conclusion | None:
    """Conclude (6.1) of a flow that is smooth at all states.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> exponents(Subject.of(catalogue("MLP block"))) is None
    False
    >>> exponents(Subject.of(catalogue("pre-LN"))) is None
    True
    """
    found = apply(PERRON, read(SMOOTHNESS, subject))
    if len(subject.velocities) > 1:  # species, whose modes may be listed
        both = apply(together, found, read(ALL_MODES, subject))
        found = found if isinstance(both, Refusal) else both
    return None if isinstance(found, Refusal) else claimed(found, found.says, ())
