"""(9.1), (9.2), (9.3): attention on R^d, and the same flow in the coordinates z = e^{-tV} x.

Main results
------------
- (9.1): x = e^{tV} z of a solution z of (9.3) solves x_i' = Σ_j A_ij V x_j.
- (9.2): at each t the map is one to one, the identity at t = 0, and the attention weights of x are
  softmax of β <Q e^{tV} z_i, K e^{tV} z_j>.
- (9.3): z of a solution x of (9.1) solves z_i' = Σ_j A_ij V (z_j - z_i). The term -V z_i is there
  as rows of A sum to 1: with weights e^{β<Qx_i,Kx_j>}/n it fails.

How it is proved
----------------
Theorems: the substitution is read off the model by the product rule, for every n, d, k, Q, K, V,
and equations of matrices are decided as words: e^{tV} commutes with V, e^{tV} e^{-tV} = I, rows of
a softmax sum to 1. Wrong forms are shown at rational tokens and a nilpotent V, where e^{tV} = I +
tV is exact.

References
----------
arXiv 2312.10794, Section 9.2, (9.1)-(9.3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    DiagMatrix,
    ImmutableMatrix,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    exp,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    HEAT,
    SCALAR,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Statement,
    Step,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    in_coordinates,
    rescaled_motion,
    rescaled_weights,
    subject_in,
    weights_on_space,
    words_left,
)
from theory.atoms import Elementwise, MatrixExponential, RowSoftmax
from theory.engines import Evaluator
from theory.models import PURE_ATTENTION, RESCALED_ATTENTION, rescaled
from theory.symbols import K, Q, V, X, beta, d, k, m, n, t, z

WEIGHTS = MatrixSymbol("A", n, n)
"""Attention weights of a flow, at the tokens it is seen from."""

_ONES = OneMatrix(n, 1)


@dataclass(frozen=True)
class Rescaling:
    """What becomes of a flow for ``z = e^{-tW} x``.

    Attributes
    ----------
    matrix : MatrixExpr
        W.
    velocity : MatrixExpr
        z', in X for the rows of z and `WEIGHTS` for the weights at x = e^{tW} z.
    """

    matrix: MatrixExpr
    velocity: MatrixExpr


@dataclass(frozen=True)
class Seen:
    """Scores of which the weights are the softmax, in X for the rows of z = e^{-tW} x."""

    matrix: MatrixExpr
    scores: MatrixExpr


def _attention(flow: Flow) -> Step:
    text = "a flow A X V^T on R^d, or A X V^T - X V^T"
    if flow.model.space != "euclidean" or flow.model.kind != "flow":
        return Step(text, How.DERIVED, Outcome.FAILS, "not a flow on R^d")
    if weights_on_space(flow.model) is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "no weights are read off it")
    return Step(text, How.DERIVED)


ON_SPACE = Premise("ATTENTION_ON_SPACE", _attention)


def _sides(flow: Flow, said: Rescaling | Seen) -> tuple[str, MatrixExpr, MatrixExpr] | None:
    """Name of what is compared, what the substitution gives, and what is said."""
    weights = weights_on_space(flow.model)
    if weights is None:
        return None
    here = in_coordinates(weights, said.matrix)
    if isinstance(said, Seen):
        return "A(e^{tW} z) - softmax", here, RowSoftmax(said.scores, m)
    form = said.velocity.xreplace({WEIGHTS: here})
    return "z_i' derived - z_i' said", rescaled(flow.model, said.matrix).velocity, form


def derive_rescaling(flow: Flow) -> Rescaling | None:
    """Return nothing: which coordinates are meant is the claim's to say."""
    return None


_NUMBERS: dict[Any, list[list[Any]]] = {
    X: [[1, Rational(1, 2)], [Rational(-1, 3), 1], [Rational(1, 4), Rational(-1, 2)]],
    m: [[Rational(1, 3)]] * 3,
    Q: [[S.Half, 1], [0, Rational(3, 2)]],
    K: [[1, Rational(-1, 4)], [Rational(2, 3), 1]],
    V: [[0, Rational(3, 2)], [0, 0]],
}
_SIZES = {n: 3, d: 2, k: 2}
_SCALARS = {beta: Rational(5, 4), t: Rational(1, 2), **_SIZES}
_PLACE = (
    "β = 5/4, t = 1/2, z = [1 1/2; -1/3 1; 1/4 -1/2], masses 1/3, Q = [1/2 1; 0 3/2], "
    "K = [1 -1/4; 2/3 1], V = [0 3/2; 0 0]"
)
_DIGITS = 30


def _numbers(expr: MatrixExpr) -> list[list[Any]]:
    """Value of an expression at the numbers, e^{±tV} of the nilpotent V being I ± tV."""

    def number(value: Any) -> Any:
        return sympify(value).subs(_SCALARS)

    def at(body: Any, place: Any) -> Any:
        return number(body.subs(z, place))

    def exact(node: Any) -> Any:
        return ImmutableMatrix(Evaluator(_NUMBERS, _SIZES, number, at)(node.args[0])).exp()

    nodes = {node: exact(node) for node in expr.atoms(MatrixExponential)}
    names = {node: MatrixSymbol(f"E_{i}", d, d) for i, node in enumerate(sorted(nodes, key=str))}
    values = {**_NUMBERS, **{names[node]: nodes[node].tolist() for node in nodes}}
    return Evaluator(values, _SIZES, number, at)(expr.xreplace(names))


def refute(flow: Flow, said: Rescaling | Seen | None, budget: Budget) -> Counterexample | None:
    """Show both sides at rational tokens, where something is left of their difference."""
    sides = None if said is None else _sides(flow, said)
    if sides is None or words_left(sides[1], sides[2]) == 0:
        return None
    try:
        one, other = _numbers(sides[1]), _numbers(sides[2])
    except (NotImplementedError, KeyError, IndexError):
        return None
    for i, (left, right) in enumerate(zip(one, other, strict=True), start=1):
        for a, b in zip(left, right, strict=True):
            off = sympify(a - b).evalf(_DIGITS)
            if abs(off) > Rational(1, 10**20):
                text = f"{flow.name}: {sides[0]} is {off.n(6)} in row {i}, at {_PLACE}"
                return Counterexample(text)
    return None


def conclude_coordinates(flow: Flow, said: Rescaling | Seen) -> Conclusion | Refusal:
    """Say that coordinates are one to one, and how they move, or what weights they see."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    if isinstance(said, Seen):
        return rescaled_weights(subject, said.matrix, RowSoftmax(said.scores, m))
    return rescaled_motion(subject, said.matrix, said.velocity, WEIGHTS)


COORDINATES: Statement[Any] = Statement(
    "",
    "attention on R^d in the coordinates z = e^{-tW} x",
    Concludes(conclude_coordinates),
    derive_rescaling,
    refute,
    premises=(ON_SPACE,),
    typed=True,
)


_FORTH = X * MatrixExponential(t * V.T)
_BACKWARD = X * MatrixExponential(-t * V.T)
_DRAWN = WEIGHTS * X * V.T
_PRINTED = Rescaling(V, _DRAWN - DiagMatrix(WEIGHTS * _ONES) * X * V.T)
_SEEN = Seen(V, beta * _FORTH * Q.T * K * _FORTH.T)
_BACK = Rescaling(-V, _DRAWN)

_SCORES = beta * X * Q.T * K * X.T
UNNORMALISED = replace(
    PURE_ATTENTION,
    name="attention with weights e^{β<Qx,Ky>} m_j",
    velocity=Elementwise(exp, _SCORES) * DiagMatrix(m) * X * V.T,
)

_FACTOR = Equivalent("weights at another temperature, on both sides", HEAT)


EQUATION_9_1 = Claim(
    "(9.1)",
    "If z solves (9.3), then x = e^{tV} z solves (9.1): x_i' = Σ_j A_ij V x_j, A_ij = softmax of "
    "β<Q x_i, K x_j>; n, d, Q, K, V any.",
    RESCALED_ATTENTION,
    _BACK,
    COORDINATES,
    (
        Control("x = e^{-tV} z", prediction=replace(_BACK, matrix=V)),
        Control("x = e^{2tV} z", prediction=replace(_BACK, matrix=-2 * V)),
        Control("A with V^T", prediction=replace(_BACK, velocity=WEIGHTS * X * V)),
        Control("(9.3) without -V z_i", model=PURE_ATTENTION),
    ),
    Verdict.PROVED,
    equivalents=(_FACTOR,),
)


EQUATION_9_2 = Claim(
    "(9.2)",
    "z = e^{-tV} x is one to one at each t, z(0) = x(0), and the weights of x in (9.1) are those "
    "of (9.3), softmax of β<Q e^{tV} z_i, K e^{tV} z_j>.",
    PURE_ATTENTION,
    _SEEN,
    COORDINATES,
    (
        Control(
            "e^{-tV} in the scores",
            prediction=replace(_SEEN, scores=beta * _BACKWARD * Q.T * K * _BACKWARD.T),
        ),
        Control(
            "e^{tV} beside Q alone", prediction=replace(_SEEN, scores=beta * _FORTH * Q.T * K * X.T)
        ),
        Control("z = e^{tV} x", prediction=replace(_SEEN, matrix=-V)),
        Control("scores without β", prediction=replace(_SEEN, scores=_SEEN.scores / beta)),
    ),
    Verdict.PROVED,
    equivalents=(Equivalent("the weights of the field, whatever its speed", SCALAR[:3]),),
)


EQUATION_9_3 = Claim(
    "(9.3)",
    "If x solves (9.1), then z = e^{-tV} x solves z_i' = Σ_j A_ij V (z_j - z_i), A_ij = softmax "
    "of β<Q e^{tV} z_i, K e^{tV} z_j>: rows of A sum to 1.",
    PURE_ATTENTION,
    _PRINTED,
    COORDINATES,
    (
        Control("weights e^{β<Qx_i,Kx_j>}/n, not divided by Z_i", model=UNNORMALISED),
        Control("z = e^{tV} x", prediction=replace(_PRINTED, matrix=-V)),
        Control("z = e^{-2tV} x", prediction=replace(_PRINTED, matrix=2 * V)),
        Control("without -V z_i", prediction=replace(_PRINTED, velocity=_DRAWN)),
        Control(
            "V^T in place of V",
            prediction=replace(_PRINTED, velocity=_PRINTED.velocity.subs(V, V.T)),
        ),
    ),
    Verdict.PROVED,
    equivalents=(_FACTOR,),
)


CLAIMS = (EQUATION_9_1, EQUATION_9_2, EQUATION_9_3)
