"""Members of a family of flows with query and key matrices: those that break a bound, drawn ones.

At Q = I and K = c I such a flow is scalar attention with the kernel e^{cβg}, whose pairs of tokens
are known exactly. Beside them a value matrix other than I, at which two tokens stand still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Identity,
    Integer,
    Matrix,
    Rational,
    S,
    log,
    simplify,
    symbols,
)

from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import ByModel
from proofs_checks.proof.scores import NORM
from proofs_checks.proof.verdict import Counterexample
from theory.engines import Evaluator
from theory.models import Model
from theory.symbols import K, Q, V, X, beta, d, m, n

FAMILY = ((S.One, 1), (-S.One, 1), (S.One, -1), (Integer(16), 1), (Rational(1, 2**20), 1))
"""Factors c of K = c I, and the sign with which β > 0 enters."""


@lru_cache(maxsize=64)  # what is derived of a twin is derived once, not for each control
def twins(flow: Flow) -> tuple[tuple[str, Flow, Expr, int], ...]:
    """Flows at Q = I, K = c I, ±β where Q and K are free: in words, the flow, |c| and the sign.

    A value matrix that is free too is -I.

    Examples
    --------
    >>> from theory.models import QK_SA
    >>> [words for words, *_ in twins(Flow.of(QK_SA))][1]
    'Q = I, K = -I'
    """
    return tuple(_twins(flow))


def _twins(flow: Flow) -> Iterator[tuple[str, Flow, Expr, int]]:
    model = flow.model
    if not {Q, K} <= set(model.parameters) or {"Q", "K"} & set(flow.given):
        return
    for factor, sign in FAMILY:
        put: dict[Any, Any] = {Q: Identity(d), K: factor * Identity(d)}
        if sign < 0:
            put[beta] = -beta
        named = "-" if factor == -1 else "" if factor == 1 else f"{factor} "
        words = f"Q = I, K = {named}I{', -β for β' if sign < 0 else ''}"
        if V in model.parameters and "V" not in flow.given:
            put[V], words = -Identity(d), f"{words}, V = -I"
        velocity = model.velocity.xreplace(put).doit()
        left = tuple(p for p in model.parameters if p not in put or p == beta)
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
    return None


@lru_cache(maxsize=64)  # several statements ask it of one flow
def parting_values(flow: Flow) -> Counterexample | None:
    """Open set of pairs that never meet at V = diag(1, 2), exactly, where V is free.

    Two tokens at ±e_2 stand still for any weights; there the first coordinates a, b of the tokens
    have ``a' = A_11 a + A_12 b - 2 (A_11 - A_12) a`` and its mirror. To first order the tokens are
    (-a, 1) and (b, -1), and their angles grow by minus and plus the speed along e_1.
    """
    model = flow.model
    named = set(model.parameters)
    if V not in named or named - {beta, Q, K, V} or flow.given or not model.velocity.has(V):
        return None
    # Without assumptions, which every term of a derivative would be asked for.
    angles, hot = symbols("a b"), log(3)
    points = [[-angles[0], S.One], [angles[1], S.NegativeOne]]
    unit = [[S.One, S.Zero], [S.Zero, S.One]]
    values = {
        X: points,
        m: [[S.Half], [S.Half]],
        V: [[S.One, S.Zero], [S.Zero, Integer(2)]],
        Q: unit,
        K: unit,
    }
    sizes = {n: 2, d: 2, **{s: 2 for p in (Q, K) for s in p.shape}}
    at = Evaluator(values, sizes, lambda e: S(e).subs(beta, hot).subs(sizes))
    moved = at(model.velocity)
    turns = [
        sum(v * x.diff(a) for v, x in zip(speed, x_i, strict=True)).subs(beta, hot)
        for speed, x_i, a in zip(moved, points, angles, strict=True)
    ]
    rest = {a: 0 for a in angles}
    if any(simplify(speed.subs(rest).subs(beta, hot)) != 0 for row in moved for speed in row):
        return None
    slopes = Matrix([[simplify(turn.diff(a).subs(rest)) for a in angles] for turn in turns])
    rates = sorted(slopes.eigenvals(), key=float)
    if not all(rate.is_negative for rate in rates):
        return None
    words = "" if Q not in named else "Q = K = I, "
    return Counterexample(
        f"{model.name}, {words}V = diag(1, 2), β = log 3: two tokens of mass 1/2 at (0, 1) and "
        f"(0, -1) stand still and attract the pairs around them, at the rates {rates}; all but "
        "opposite ones lie in an open hemisphere, and never meet",
        {"n": "2", "d": "2", "masses": "1/2"},
        cites=("Lyapunov: an equilibrium whose linearisation has negative rates attracts",),
    )


def drawn_matrices(
    model: Model, dimension: int, rng: np.random.Generator, *, opposed: bool = False
) -> tuple[dict[str, Any], float]:
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


__all__ = ["drawn_matrices", "parting_values", "refute_in_family", "twins"]
