"""Section 2, the formulas: attention (2.3), its partition function (2.4), and (2.6) with Q=K=V=I.

Each is derived from the velocity of the models for every n, d and k, masses and matrices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    DiagMatrix,
    Expr,
    HadamardProduct,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    S,
    Symbol,
    exp,
    expand,
    lambdify,
    log,
    simplify,
)
from sympy import Identity as Unit
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.identity import MOVE, PROBE_MOVE, Identity, adding, at_tokens, compare
from proofs_checks.row_algebra import PROBES, SYMBOLIC
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.differential import differential
from theory.models import QKV, SA, USA, Model, attention_form
from theory.symbols import K, Q, V, X, beta, d, k, m, n, z

_MATRICES = {**SYMBOLIC, "k": "symbolic", "Q, K, V": "symbolic"}
_KERNEL = Elementwise(exp(beta * z), X * Q.T * K * X.T)
_TOTAL = _KERNEL * m


# -- (2.3) -----------------------------------------------------------------------------------


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


def check_attention(model: Model, prediction: Attention, budget: Budget) -> Evidence:
    """Compare the velocity with the formula, and with itself after the changes."""
    found = [Identity("x_i' - P_i F_i", model.velocity, Tangent(X, prediction.average))]
    for change in prediction.same:
        moved = model.velocity.xreplace(dict(change)).doit()
        text = "x_i' after " + ", ".join(f"{a} -> {b}" for a, b in change)
        found.append(Identity(text, moved, model.velocity))
    return compare(found, budget, scope=_MATRICES)


_SCALE = Symbol("s", positive=True)
_MIX = MatrixSymbol("S", k, k)
_AVERAGE = DiagMatrix(_TOTAL) ** -1 * _KERNEL * DiagMatrix(m) * X * V.T
_SCALED = ((Q, _SCALE * Q), (K, K / _SCALE))
_MIXED = ((Q, _MIX * Q), (K, (_MIX.T) ** -1 * K))
_FORMULA = Attention(_AVERAGE, (_SCALED, _MIXED))

EQUATION_2_3 = Claim(
    "(2.3)",
    "x_i' = P_i Z_i^{-1} Σ_j e^{β<Qx_i,Kx_j>} V x_j; Q and K enter by Q^T K alone.",
    QKV,
    _FORMULA,
    check_attention,
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


# -- (2.4) -----------------------------------------------------------------------------------


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
    mean = MatMul(DiagMatrix(MatMul(kernel, m)) ** -1, HadamardProduct(kernel, scores), m)
    return at_tokens(slope), mean


def check_partition(model: Model, prediction: Partition, budget: Budget) -> Evidence:
    """Check ``Z_i A_ij = m_j e^{S_ij}``, and that log Z generates the mean key."""
    softmax = next(iter(model.velocity.atoms(RowSoftmax)), None)
    if softmax is None:
        return Evidence(Verdict.UNDECIDED, f"{model.name} has no softmax")
    here, kernel = at_tokens(prediction.total), softmax.kernel()
    pulled = MatMul(kernel, DiagMatrix(softmax.masses), X)
    slope, mean = _mean_key(softmax, prediction)
    found = [
        Identity("Z_i Σ_j A_ij x_j - Σ_j m_j e^{S_ij} x_j", MatMul(softmax, X), pulled, here),
        Identity("<u, c grad log Z_i> - Σ_j A_ij <Qu, Kx_j>", slope, mean),
    ]
    return compare(found, budget, scope=_MATRICES)


_AT_PROBES = Elementwise(exp(beta * z), PROBES * Q.T * K * X.T)
_PARTITION = Partition(_AT_PROBES * m, 1 / beta)

EQUATION_2_4 = Claim(
    "(2.4)",
    "Z_i = Σ_j e^{β<Qx_i,Kx_j>} normalises row i, and β^{-1} grad log Z_i = Q^T Σ_j A_ij K x_j.",
    QKV,
    _PARTITION,
    check_partition,
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
)


# -- (2.6) and (SA) --------------------------------------------------------------------------

GAP = Symbol("g", real=True)
"""Largest inner product of a token with another."""


@dataclass(frozen=True)
class SelfAttention:
    """(SA) as a case of (2.3), with weights that sum to one and a bound of its speed.

    Attributes
    ----------
    values : tuple of (MatrixSymbol, MatrixExpr)
        Values of Q, K and V.
    speed : Expr
        ``|x_i'| <= speed`` for equal masses, a function of ``n``, ``beta`` and ``GAP``.
    """

    values: tuple[tuple[Any, Any], ...]
    speed: Expr


def check_self_attention(model: Any, prediction: SelfAttention, budget: Budget) -> Evidence:
    """Substitute in (2.3), add up a row of weights, and bound the speed by Σ_{j≠i} A_ij.

    Parameters
    ----------
    model : tuple of Model
        (2.3) and (SA).
    prediction : SelfAttention
        Values and bound.
    budget : Budget
        Points for the identities; hundred times as many for the speed.
    """
    general, special = model
    form = attention_form(special)
    put = general.velocity.xreplace(dict(prediction.values)).doit()
    found = [Identity(f"{general.name} - {special.name}", put, special.velocity)]
    if form is not None:
        weights = DiagMatrix(Elementwise(form.kernel, X * X.T) * m) ** -1
        weights = weights * Elementwise(form.kernel, X * X.T) * DiagMatrix(m)
        found.append(Identity("Σ_j A_ij - 1", weights * OneMatrix(n, 1), OneMatrix(n, 1)))
    scope = {**SYMBOLIC, "masses": "symbolic; 1/n in the bound of the speed"}
    evidence = compare(found, budget, scope=scope)
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    if form is None:
        return Evidence(Verdict.UNDECIDED, f"{special.name} is no scalar attention")
    count, worst = 100 * budget.cases, np.inf
    for size, dimension in ((2, 2), (4, 3)):
        points = np.asarray(random_points(size, dimension, budget.rng, count))
        hot = budget.rng.uniform(0.2, 6.0, count)
        speed = np.linalg.norm(compile_model(special, beta=hot)(points), axis=-1)
        gram = points @ points.swapaxes(-1, -2) - 2 * np.eye(size)
        bound = lambdify((n, beta, GAP), prediction.speed, "numpy")(
            size, hot[:, None], gram.max(axis=-1)
        )
        slack = (bound - speed) / np.abs(bound) + 1e-12
        case = np.unravel_index(int(slack.argmin()), slack.shape)
        worst = min(worst, float(slack[case]))
        if worst < 0:
            shown = np.array2string(points[case[0]], precision=3).replace("\n", "")
            detail = (
                f"{special.name}, β = {hot[case[0]]:.4g}, X = {shown}: |x_{case[1] + 1}'| = "
                f"{speed[case]:.4g} > {bound[case]:.4g}"
            )
            return Evidence(Verdict.REFUTED, detail, cases=2 * count, margin=worst)
    # |P_i Σ_j A_ij x_j| = |P_i Σ_{j≠i} A_ij x_j| <= Σ_{j≠i} A_ij <= (n-1) k(g)/k(1), k rising.
    hottest = Symbol("beta", positive=True)
    kernel = form.kernel.subs(beta, hottest)
    derived = (n - 1) * (kernel.subs(z, GAP) / kernel.subs(z, 1))
    ratio = simplify(expand(prediction.speed.subs(beta, hottest) / derived))
    if not (kernel.is_positive and kernel.diff(z).is_positive and ratio.is_number and ratio >= 1):
        return Evidence(Verdict.UNDECIDED, f"the bound over the derived one is {ratio}")
    return adding(
        evidence,
        f"weights e^{{βg}} > 0; |x_i'| <= Σ_{{j≠i}} A_ij <= {derived}, smallest slack {worst:.3g}",
        2 * count,
        worst,
    )


_CASE = ((Q, Unit(d)), (K, Unit(d)), (V, Unit(d)))
_SPEED = (n - 1) * exp(-beta * (1 - GAP))
_SELF = SelfAttention(_CASE, _SPEED)

EQUATION_2_6 = Claim(
    "(2.6)",
    "(SA) is (2.3) with Q=K=V=I: weights > 0 of sum 1; with masses 1/n |x_i'| <= "
    "(n-1)e^{-β(1-max g)}, which vanishes as β -> ∞ where no two tokens coincide.",
    (QKV, SA),
    _SELF,
    check_self_attention,
    (
        Control(
            "V = -I", prediction=replace(_SELF, values=((Q, Unit(d)), (K, Unit(d)), (V, -Unit(d))))
        ),
        Control(
            "Q = 2I",
            prediction=replace(_SELF, values=((Q, 2 * Unit(d)), (K, Unit(d)), (V, Unit(d)))),
        ),
        Control("the unnormalised flow USA", model=(QKV, USA)),
        Control("speed e^{-2β(1-g)}", prediction=replace(_SELF, speed=_SPEED.subs(beta, 2 * beta))),
        Control("speed without n - 1, halved", prediction=replace(_SELF, speed=_SPEED / (2 * n))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=2,
)

CLAIMS_SECTION_2_FORMULAS = (EQUATION_2_3, EQUATION_2_4, EQUATION_2_6)
"""The claims of this file, in paper order."""

__all__ = [
    "CLAIMS_SECTION_2_FORMULAS",
    "EQUATION_2_3",
    "EQUATION_2_4",
    "EQUATION_2_6",
    "GAP",
    "Attention",
    "Partition",
    "SelfAttention",
    "check_attention",
    "check_partition",
    "check_self_attention",
]
