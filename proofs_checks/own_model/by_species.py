"""Rows that one state of tokens beside a second species refutes: keys, or an encoder's tokens.

Read of the tokens alone, whatever the second species is. Tokens x = (4/5, ±3/5) are pulled apart by
y = ±e_2; keys w, -w keep the tokens of two caps apart.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer, MatMul, MatrixSymbol, OneMatrix, Rational, S, Transpose

from proofs_checks.claim import Budget
from proofs_checks.proof import Counterexample, Flow, Witness, decimal, row_dot
from theory.atoms import RowSoftmax, Tangent
from theory.symbols import X, beta, d, m, t

_HEAT = Integer(2)
"""β where it is free: e-fold weights are enough for either state."""
_NEAR, _FAR = Rational(4, 5), Rational(3, 5)


def species(flow: Flow) -> MatrixSymbol | None:
    """Return the one block beside the tokens of a flow on the sphere, of vectors, if it has one."""
    model = flow.model
    others = [block for block in model.blocks if block.symbol != X]
    if model.kind != "flow" or model.space != "sphere" or flow.code or model.noise is not None:
        return None
    known = len(others) == 1 and others[0].space in ("sphere", "constant")
    return others[0].symbol if known and others[0].symbol.shape[1] == d else None


def _at(flow: Flow, budget: Budget, rows: Any, others: Any) -> tuple[Witness, Any]:
    """Return the start with two tokens and two of the other species, and the tokens' velocity."""
    velocity = flow.model.velocities[X].xreplace(flow.values)
    point = Witness(budget.rng, [velocity], tokens=2, width=2)
    point.matrices |= {X: rows, species(flow): others, m: [[S.Half], [S.Half]]}
    point.scalars |= {beta: _HEAT} if beta in point.scalars else {}
    point.scalars |= {t: S.Zero} if t in point.scalars else {}
    return point, point.evaluator()(velocity)


def pulled_apart(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two tokens at <x_1,x_2> > 0 that a second species pulls apart.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import catalogue
    >>> flow, budget = Flow.of(catalogue("cross-attention")), Budget(1, np.random.default_rng(0))
    >>> print(pulled_apart(flow, None, budget).text[:40])
    d<x_1,x_2>/dt = -1.28049, <x_1,x_2> = 7/
    """
    if species(flow) is None:
        return None
    rows = [[_NEAR, _FAR], [_NEAR, -_FAR]]
    point, (first, second) = _at(flow, budget, rows, [[S.Zero, S.One], [S.Zero, S.NegativeOne]])
    rate = row_dot(first, rows[1]) + row_dot(second, rows[0])
    if not rate.b < 0:
        return None
    inner = _NEAR**2 - _FAR**2
    said = f"d<x_1,x_2>/dt = {decimal(rate)}, <x_1,x_2> = {inner}, of the tokens alone, at {point}"
    return Counterexample(said, {"n": "2", "d": ">= 2"})


def _attends(flow: Flow) -> RowSoftmax | None:
    """Return the softmax of scores c <x_i,y_a> by which tokens see keys that stay, and them alone.

    Then <x_i,w>' is a function of <x_i,w> where the keys are w and -w.
    """
    keys, velocity = species(flow), flow.model.velocities[X]
    if keys is None or keys in flow.model.velocities or not isinstance(velocity, Tangent):
        return None
    scale, factors = MatMul(velocity.field).doit().as_coeff_matrices()
    softmax = factors[0]
    if velocity.points != X or len(factors) != 2 or factors[1] != keys or not scale.is_positive:
        return None
    if type(softmax) is not RowSoftmax or getattr(softmax, "mask", None) is not None:
        return None
    heat, score = MatMul(softmax.scores).doit().as_coeff_mmul()
    own = MatMul(X, Transpose(keys)).doit()
    return softmax if score == own and not heat.has(X, keys, t) else None


def kept_apart(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find keys w, -w about which two caps keep their tokens."""
    if _attends(flow) is None:
        return None
    rows = [[_FAR, _NEAR], [-_FAR, _NEAR]]
    point, (first, second) = _at(flow, budget, rows, [[S.One, S.Zero], [S.NegativeOne, S.Zero]])
    if not (first[0].a > 0 and second[0].b < 0):
        return None
    rates = f"{decimal(first[0])} and {decimal(second[0])} at {point}"
    caps = f"keys w, -w: <x_i,w>' depends on <x_i,w> alone, and at ±{_FAR} it is {rates}"
    rest = "so tokens stay in their caps, for keys near these too: an open set of starts"
    return Counterexample(f"{caps}, {rest}", {"n": ">= 2", "d": ">= 2"})


def rests(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find that at β = 0 keys w, -w of one weight move nobody."""
    softmax = _attends(flow)
    if softmax is None or not isinstance(softmax.masses, OneMatrix):
        return None
    if softmax.scores.xreplace({beta: S.Zero}).doit().has(X):
        return None
    said = "keys w, -w: x_i' = P_i (w - w)/2 = 0, so nobody moves; where Σ_a y_a ≠ 0 all meet"
    return Counterexample(said, {"n": ">= 2", "d": ">= 2", "beta": "0"})
