"""(2.3), (2.4): attention with Q, K, V, and its partition function.

Main results
------------
- (2.3): the velocity is the printed one, and Q and K enter by Q^T K alone.
- (2.4): Z_i normalises row i, and its logarithm generates the mean key.

How it is proved
----------------
The row algebra reduces each difference to 0 for symbolic n, d, k, masses and matrices. For (2.3)
these are the velocity minus the formula, and minus itself after two changes of Q and K. For
(2.4) they are Z_i Σ_j A_ij x_j against the sum with m_j e^{S_ij}, and the differential of log
Z_i. Rational points, enclosed by intervals, watch what is proved and refute what is wrong.

References
----------
arXiv 2312.10794, (2.3) and (2.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    HadamardProduct,
    Inverse,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    S,
    Symbol,
    exp,
    log,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    MOVE,
    PROBE_MOVE,
    PROBES,
    SPEED,
    SYMBOLIC,
    Flow,
    How,
    Identity,
    Outcome,
    Premise,
    Statement,
    Step,
    at_tokens,
    identities,
    vanishes,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import differential
from theory.models import QKV
from theory.symbols import K, Q, V, X, beta, k, m, n, z

_MATRICES = {**SYMBOLIC, "k": "symbolic", "Q, K, V": "symbolic"}


_KERNEL = Elementwise(exp(beta * z), X * Q.T * K * X.T)


_TOTAL = _KERNEL * m


@dataclass(frozen=True)
class Attention:
    """The field ``P_i F_i``, and changes of the matrices that leave it as it is.

    Attributes
    ----------
    average : MatrixExpr, shape (n, d)
        F, before projection.
    same : tuple of tuple of (MatrixSymbol, MatrixExpr)
        Values of Q, K and V that give the same field.
    """

    average: MatrixExpr
    same: tuple[tuple[tuple[Any, Any], ...], ...]


def derive_attention(flow: Flow) -> None:
    """Return nothing: the formula is that of (2.3)."""


def attention_identities(flow: Flow, prediction: Attention) -> tuple[Identity, ...]:
    """Compare the velocity with the formula, and with itself after the changes."""
    velocity = flow.model.velocity
    found = [Identity("x_i' - P_i F_i", velocity, Tangent(X, prediction.average))]
    for change in prediction.same:
        moved = velocity.xreplace(dict(change)).doit()
        text = "x_i' after " + ", ".join(f"{a} -> {b}" for a, b in change)
        found.append(Identity(text, moved, velocity))
    return tuple(found)


FORMULA: Statement[Attention] = vanishes(
    "",
    "x_i' = P_i Z_i^{-1} Σ_j e^{β<Qx_i,Kx_j>} V x_j",
    identities(attention_identities, "x_i' - P_i F_i, and after the changes", words=_MATRICES),
    derive_attention,
)


_SCALE = Symbol("s", positive=True)


_MIX = MatrixSymbol("S", k, k)


_AVERAGE = MatMul(Inverse(DiagMatrix(_TOTAL)), _KERNEL, DiagMatrix(m), X, V.T)


_SCALED = ((Q, _SCALE * Q), (K, K / _SCALE))


_MIXED = ((Q, _MIX * Q), (K, (_MIX.T) ** -1 * K))


_FORMULA = Attention(_AVERAGE, (_SCALED, _MIXED))


EQUATION_2_3 = Claim(
    "(2.3)",
    "x_i' = P_i Z_i^{-1} Σ_j e^{β<Qx_i,Kx_j>} V x_j; Q and K enter by Q^T K alone.",
    QKV,
    _FORMULA,
    FORMULA,
    (
        Control("V^T in place of V", prediction=replace(_FORMULA, average=_AVERAGE.subs(V.T, V))),
        Control(
            "queries and keys exchanged",
            prediction=replace(_FORMULA, average=_AVERAGE.xreplace({Q: K, K: Q})),
        ),
        Control(
            "Q and K both times s",
            prediction=replace(_FORMULA, same=(((Q, _SCALE * Q), (K, _SCALE * K)),)),
        ),
        Control(
            "no division by Z_i",
            model=replace(QKV, velocity=Tangent(X, _KERNEL * DiagMatrix(m) * X * V.T)),
        ),
    ),
    Verdict.PROVED,
    cases=2,
)


@dataclass(frozen=True)
class Partition:
    """``Z_i`` at the rows of ``PROBES``, and the temperature of its logarithm.

    ``rate`` is c in ``c grad log Z_i = Q^T Σ_j A_ij K x_j``.
    """

    total: MatrixExpr
    rate: Expr


@lru_cache(maxsize=32)
def _mean_key(softmax: RowSoftmax, prediction: Partition) -> tuple[MatrixExpr, MatrixExpr]:
    """``<u, c grad log Z_i>`` and ``Σ_j A_ij <Qu, Kx_j>``, for tokens moved by u."""
    generator = Elementwise(prediction.rate * log(z), prediction.total)
    slope = differential(generator, PROBES, PROBE_MOVE)
    kernel, scores = softmax.kernel(), MatMul(MOVE, Q.T, K, X.T)
    mean = MatMul(Inverse(DiagMatrix(MatMul(kernel, m))), HadamardProduct(kernel, scores), m)
    return at_tokens(slope), mean


def _softmax(flow: Flow) -> Step:
    text = "a softmax"
    if flow.model.velocity.atoms(RowSoftmax):
        return Step(text, How.DERIVED)
    return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} has none")


def partition_identities(flow: Flow, prediction: Partition) -> tuple[Identity, ...]:
    """``Z_i A_ij = m_j e^{S_ij}``, and that log Z generates the mean key."""
    softmax = next(iter(flow.model.velocity.atoms(RowSoftmax)), None)
    if softmax is None:
        return ()
    here, kernel = at_tokens(prediction.total), softmax.kernel()
    pulled = MatMul(kernel, DiagMatrix(softmax.masses), X)
    slope, mean = _mean_key(softmax, prediction)
    return (
        Identity("Z_i Σ_j A_ij x_j - Σ_j m_j e^{S_ij} x_j", MatMul(softmax, X), pulled, here),
        Identity("<u, c grad log Z_i> - Σ_j A_ij <Qu, Kx_j>", slope, mean),
    )


GENERATES: Statement[Partition] = vanishes(
    "",
    "Z_i normalises row i, and log Z_i generates the mean key",
    identities(
        partition_identities,
        "Z_i Σ_j A_ij x_j - Σ_j m_j e^{S_ij} x_j; <u, c grad log Z_i> - Σ_j A_ij <Qu, Kx_j>",
        words=_MATRICES,
    ),
    derive_attention,
    premises=(Premise("SOFTMAX", _softmax),),
)


_AT_PROBES = Elementwise(exp(beta * z), PROBES * Q.T * K * X.T)


_PARTITION = Partition(_AT_PROBES * m, 1 / beta)


EQUATION_2_4 = Claim(
    "(2.4)",
    "Z_i = Σ_j e^{β<Qx_i,Kx_j>} normalises row i, and β^{-1} grad log Z_i = Q^T Σ_j A_ij K x_j.",
    QKV,
    _PARTITION,
    GENERATES,
    (
        Control(
            "Z_i = Σ_j e^{β<Kx_i,Qx_j>}",
            prediction=replace(_PARTITION, total=_PARTITION.total.xreplace({Q: K, K: Q})),
        ),
        Control(
            "tokens counted, not weighed",
            prediction=replace(_PARTITION, total=_AT_PROBES * OneMatrix(n, 1)),
        ),
        Control("log Z without 1/β", prediction=replace(_PARTITION, rate=S.One)),
        Control("β -> 2β in the model", model=QKV.subs({beta: 2 * beta})),
    ),
    Verdict.PROVED,
    cases=2,
    equivalents=(
        Equivalent(
            "it is about the matrix A, outside of which the factor stands, and the projection",
            ("*.velocity: sign", "*.velocity: × β", *SPEED, "*.velocity: no projection"),
        ),
    ),
)


CLAIMS = (EQUATION_2_3, EQUATION_2_4)
