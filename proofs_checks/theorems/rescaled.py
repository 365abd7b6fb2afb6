"""(9.1)-(9.3): attention on R^d in the coordinates z = e^{-tW} x.

The substitution is read off the model, and equations of matrices are decided as words: e^A
commutes with A, e^A e^{-A} = I, rows of a softmax sum to 1.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    DiagMatrix,
    Identity,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    S,
    Symbol,
    Transpose,
    ZeroMatrix,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof import How
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.equal_angles import model_of
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    NotConcluded,
    Refusal,
    apply,
    settle,
)
from proofs_checks.theorems.logic import together
from theory.atoms import Elementwise, MaskedSoftmax, MatrixExponential, RowSoftmax
from theory.engines import Rewriter, Word
from theory.models import Model, rescaled
from theory.symbols import X, d, m, n, t
from theory.terms import Name, Sort, sort_of

_ONES = OneMatrix(n, 1)
POWER_SERIES = "e^A commutes with A, e^A e^-A = I, d/dt e^(-tA) = -A e^(-tA): the power series"
Z = MatrixSymbol("Z", n, d)
"""Rows z_i."""

MOVES = Definition(
    "equation of other coordinates",
    "for tokens x_i of {0}, with W = {1}, the rows z_i = e^(-tW) x_i of Z solve Z' = {2}",
    (Subject, Sort.MAP, Sort.MAP),
)
WEIGHS = Definition(
    "weights in other coordinates",
    "for tokens x_i of {0}, with W = {1}, at x_i = e^(tW) z_i, z_i the rows of Z, the weights are "
    "{2}",
    (Subject, Sort.MAP, Sort.MAP),
)


# -- words of matrices ---------------------------------------------------------------------------


def _adjacent(left: MatrixExpr, right: MatrixExpr) -> Word | None:
    """Rewrite two neighbours: e^A e^{-A} = I, e^{tV} V = V e^{tV}, A 1 = 1 of a softmax."""
    if isinstance(left, MatrixExponential):
        power = left.args[0]
        if isinstance(right, MatrixExponential):
            opposite = Rewriter().form(power + right.args[0])
            return () if isinstance(opposite, ZeroMatrix) else None
        _, core = power.as_coeff_mmul() if isinstance(power, MatMul) else (S.One, power)
        core = core.args[0] if isinstance(core, MatMul) and len(core.args) == 1 else core
        return (right, left) if right == core else None
    if isinstance(left, RowSoftmax) and left.masses == m and right == _ONES:
        return (_ONES,) if _sees_itself(left) else None
    return None


def _sees_itself(weights: RowSoftmax) -> bool:
    """Whether no row is empty: a token that sees nobody has weights 0."""
    if not isinstance(weights, MaskedSoftmax):
        return True
    token = Symbol("i", integer=True, positive=True)
    return sympify(weights.mask.sees(token, token)) == S.true


def _unit(rewriter: Rewriter, node: MatrixExpr) -> Word | None:
    """``diag(1) = I`` and ``e^0 = I``."""
    if isinstance(node, DiagMatrix) and node.args[0] == _ONES:
        return ()
    if isinstance(node, MatrixExponential) and isinstance(node.args[0], ZeroMatrix):
        return ()
    return None


_ALGEBRA = Rewriter(_adjacent, _unit)


def words_left(one: MatrixExpr, other: MatrixExpr) -> Any:
    """Return what the algebra leaves of a difference."""
    words = _ALGEBRA.difference(one, other)
    return _ALGEBRA.assemble(words, one.shape) if words else S.Zero


def weights_on_space(model: Model) -> MatrixExpr | None:
    """Return the matrix A of the terms A X … of a velocity on R^d, if it is one."""
    if model.space != "euclidean" or model.kind != "flow":
        return None
    for word in Rewriter().words(model.velocity):
        place = word.index(X) if X in word else 0
        if place and word[0].has(RowSoftmax, Elementwise):
            return MatMul(*word[:place]) if place > 1 else word[0]
    return None


def in_coordinates(expr: MatrixExpr, matrix: MatrixExpr) -> MatrixExpr:
    """Return an expression in x at x = e^{tW} z, X for the rows of z."""
    return expr.xreplace({X: X * MatrixExponential(t * Transpose(matrix))})


# -- what is concluded -----------------------------------------------------------------------------


def _sides(says: Proposition) -> tuple[MatrixExpr, MatrixExpr]:
    """Return what is compared: of a flow what the substitution gives, and what is said."""
    if isinstance(says, Rel) and says.op == "=" and sort_of(says.left) is Sort.MAP:
        return says.left, says.right
    if not isinstance(says, Is) or says.definition not in (MOVES, WEIGHS):
        raise NotConcluded("it is no equation of matrices")
    subject, matrix, said = says.arguments
    here = _weights_here(subject, matrix)
    if says.definition is WEIGHS:
        return here, said
    return rescaled(model_of(subject), matrix).velocity.xreplace({X: Z}), said


def _weights_here(subject: Subject, matrix: MatrixExpr) -> MatrixExpr:
    weights = weights_on_space(model_of(subject))
    if weights is None:
        raise NotConcluded("it isn't attention on R^d")
    return in_coordinates(weights, matrix).xreplace({X: Z})


def _same_words(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide an equation of words in matrices, their exponentials and softmaxes."""
    one, other = _sides(says)
    if one.shape != other.shape:
        raise NotConcluded("the matrices have two shapes")
    if (left := words_left(one, other)) != 0:
        raise NotConcluded(f"they differ by {left}")
    return "product rule, and the words of both sides" if isinstance(says, Is) else "same words"


SUBSTITUTED = Engine("words of exponentials", How.DERIVED, _same_words, (POWER_SERIES,))


def _concluded(said: Is, names: tuple[Name, ...]) -> Conclusion:
    """Say that the coordinates are one to one, and what is said of them."""
    matrix = said.arguments[1]
    forth, back, unit = (MatrixExponential(c * matrix) for c in (t, -t, S.Zero))
    both = Rel("=", MatMul(forth, back), Identity(d)), Rel("=", unit, Identity(d))
    parts = *both, said
    found = apply(together, *(settle(SUBSTITUTED, one) for one in parts))
    return claimed(found, All(*parts), (), names)


def rescaled_motion(
    subject: Subject, matrix: MatrixExpr, velocity: MatrixExpr, weights: MatrixExpr
) -> Conclusion | Refusal:
    """Claim ``Z' = velocity`` of z = e^{-tW} x.

    Parameters
    ----------
    subject : Subject
        A flow on R^d with attention weights.
    matrix : MatrixExpr, shape (d, d)
        W.
    velocity : MatrixExpr, shape (n, d)
        In X for the rows of z, and ``weights`` for the weights of x = e^{tW} z.
    weights : MatrixSymbol, shape (n, n)

    Examples
    --------
    >>> from sympy import MatrixSymbol
    >>> from theory.models import PURE_ATTENTION, RESCALED_ATTENTION
    >>> from theory.symbols import V
    >>> A = MatrixSymbol("A", n, n)
    >>> rescaled_motion(Subject.of(RESCALED_ATTENTION), -V, A * X * V.T, A).found.by.name
    'and'
    >>> isinstance(rescaled_motion(Subject.of(PURE_ATTENTION), V, A * X * V.T, A).found, Refusal)
    True
    """
    try:
        here = _weights_here(subject, matrix)
    except NotConcluded as short:
        return Refusal(str(short))
    said = Is(MOVES, subject, matrix, velocity.xreplace({weights: here}).xreplace({X: Z}))
    names = (Name("A", here),) if velocity.has(weights) else ()
    return _concluded(said, names)


def rescaled_weights(subject: Subject, matrix: MatrixExpr, weights: MatrixExpr) -> Conclusion:
    """Claim which weights x = e^{tW} z has, X for the rows of z.

    Examples
    --------
    >>> from theory.models import PURE_ATTENTION
    >>> from theory.symbols import K, Q, V, beta
    >>> subject, forth = Subject.of(PURE_ATTENTION), X * MatrixExponential(t * V.T)
    >>> seen = RowSoftmax(beta * forth * Q.T * K * forth.T, m)
    >>> [isinstance(rescaled_weights(subject, W, seen).found, Refusal) for W in (V, -V)]
    [False, True]
    """
    said = Is(WEIGHS, subject, matrix, weights.xreplace({X: Z}))
    return _concluded(said, ())


__all__ = [
    "in_coordinates",
    "rescaled_motion",
    "rescaled_weights",
    "weights_on_space",
    "words_left",
]
