"""Members of a family of flows with query and key matrices: those that break a bound, drawn ones.

At Q = I and K = c I such a flow is scalar attention with the kernel e^{cβg}, whose pairs of tokens
are known exactly. Beside them a value matrix other than I, at which two tokens stand still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Expr, Identity, Integer, Matrix, MatrixSymbol, Rational, S, log, simplify, sqrt

from proofs_checks.proof.alphabet import Array
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import ByModel
from proofs_checks.proof.scores import NORM
from proofs_checks.proof.verdict import Counterexample
from theory.engines import Evaluator
from theory.models import Model
from theory.symbols import K, Q, V, X, beta, d, m, n

FAMILY = ((S.One, 1), (-S.One, 1), (S.One, -1), (Integer(16), 1), (Rational(1, 64), 1))
"""Factors c of K = c I, and the sign with which β > 0 enters."""


def twins(flow: Flow) -> Iterator[tuple[str, Flow, Expr, int]]:
    """Flows at Q = I, K = c I and ±β where Q and K are free: in words, the flow, |c| and the sign.

    Examples
    --------
    >>> from theory.models import QK_SA
    >>> [words for words, *_ in twins(Flow.of(QK_SA))][1]
    'Q = I, K = -I'
    """
    model = flow.model
    if not {Q, K} <= set(model.parameters) or {"Q", "K"} & set(flow.given):
        return
    for factor, sign in FAMILY:
        put: dict[Any, Any] = {Q: Identity(d), K: factor * Identity(d)}
        if sign < 0:
            put[beta] = -beta
        velocity = model.velocity.xreplace(put).doit()
        left = tuple(p for p in model.parameters if p not in (Q, K))
        named = "-" if factor == -1 else "" if factor == 1 else f"{factor} "
        words = f"Q = I, K = {named}I{', -β for β' if sign < 0 else ''}"
        twin = replace(model, velocity=velocity, parameters=left, energy=None, metric=None)
        yield words, replace(flow, model=twin), abs(factor), sign


def refute_in_family(
    flow: Flow,
    prediction: ByModel | None,
    refute: Callable[[Flow, Expr | None], Counterexample | None],
) -> Counterexample | None:
    """Look for a member of the family that breaks a prediction, at its own norm and sign of β."""
    for words, twin, norm, sign in twins(flow):
        said = None
        if prediction is not None:
            said = prediction.of(flow.model).subs(NORM, norm).subs(beta, sign * beta)
        found = refute(twin, said)
        if found is not None:
            return replace(found, text=f"{words}: {found.text}")
    return standing_values(flow)


def standing_values(flow: Flow) -> Counterexample | None:
    """Two tokens that stand still at V = diag(1, 2), exactly, where V is free.

    They are at ±θ of the first axis. With V = diag(1, ν) they stand where (A_11 - A_12) ν = 1,
    A_11 + A_12 = 1: at Q = K = I for tanh(β sin²θ) = 1/ν.
    """
    model = flow.model
    if V not in model.parameters or flow.given or not model.velocity.has(V):
        return None
    others = [p for p in model.parameters if isinstance(p, MatrixSymbol) and p not in (Q, K, V)]
    if others or set(model.parameters) - {beta, Q, K, V}:
        return None
    unit = [[S.One, S.Zero], [S.Zero, S.One]]
    values = {
        X: [[sqrt(S.Half), sqrt(S.Half)], [sqrt(S.Half), -sqrt(S.Half)]],
        m: [[S.Half], [S.Half]],
        V: [[S.One, S.Zero], [S.Zero, Integer(2)]],
        Q: unit,
        K: unit,
    }
    hot = log(3)
    sizes = {n: 2, d: 2, **{s: 2 for p in (Q, K) for s in p.shape}}
    at = Evaluator(values, sizes, lambda e: S(e).subs(beta, hot).subs(sizes))
    moved = Matrix(at(model.velocity)).applyfunc(lambda e: simplify(e.subs(beta, hot)))
    if not moved.is_zero_matrix:
        return None
    words = "" if Q not in model.parameters else "Q = K = I, "
    return Counterexample(
        f"{model.name}, {words}V = diag(1, 2), β = log 3: (1, 1)/√2 and (1, -1)/√2, of mass 1/2 "
        "in the open hemisphere of (1, 0), stand still and never meet",
        {"n": "2", "d": "2", "masses": "1/2"},
    )


def drawn_matrices(
    model: Model, dimension: int, rng: np.random.Generator, *, opposed: bool = False
) -> tuple[dict[str, Array], float]:
    """Draw query and key matrices and return them with |Q^T K|; nothing and 1 for other models.

    Parameters
    ----------
    model : Model
    dimension : int
    rng : Generator
    opposed : bool
        Q = I and K = -I in place of drawn ones: tokens attend to those far away.
    """
    if not {Q, K} <= set(model.parameters):
        return {}, 1.0
    if opposed:
        return {"Q": np.eye(dimension), "K": -np.eye(dimension)}, 1.0
    found = {name: rng.standard_normal((2, dimension)) / 2 for name in "QK"}
    return found, float(np.linalg.norm(found["Q"].T @ found["K"], 2))


__all__ = ["drawn_matrices", "refute_in_family", "standing_values", "twins"]
