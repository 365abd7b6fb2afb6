"""Theorem 6.8 where orthonormal tokens part: beside a second species, or where labels enter."""

from __future__ import annotations

from itertools import combinations

from sympy import Rational, eye

from proofs_checks.claim import Budget
from proofs_checks.proof import Counterexample, Flow, decimal, excludes_zero, state_at
from theory.symbols import X, beta, d, m

_SIZE = 3
"""Tokens of a start: with two there is one angle."""


def angles_part(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Orthonormal tokens, equal lengths, and a second species at the first: angles that part."""
    model = flow.model
    numbers = set(flow.given) <= {str(p) for p in flow.values}
    if len(model.blocks) == 1 or not numbers or model.velocities[X].shape[1] != d:
        return None
    point = state_at(model, budget.rng, (_SIZE, _SIZE))
    first, one = eye(_SIZE).tolist(), Rational(1)
    for block in model.blocks[1:]:
        rows = len(point.matrices[block.symbol])
        vectors = block.symbol.shape[1] == d
        point.matrices[block.symbol] = [first[0]] * rows if vectors else [[one]] * rows
    point.matrices |= {X: first, m: [[Rational(1, _SIZE)]] * _SIZE}
    if beta in point.scalars:
        point.scalars[beta] = abs(point.scalars[beta])
    moves = point.evaluator()(model.velocities[X])
    rates = {(i, j): moves[i][j] + moves[j][i] for i, j in combinations(range(_SIZE), 2)}
    for before, after in combinations(rates, 2):
        if excludes_zero(rates[before] - rates[after]):
            said = ", ".join(
                f"<x_{i + 1},x_{j + 1}>' = {decimal(rates[i, j])}" for i, j in (before, after)
            )
            text = f"{model.name}, orthonormal tokens: at t = 0 {said} at {point}"
            return Counterexample(text, {"n": str(_SIZE), "d": str(_SIZE)})
    return None


__all__ = ["angles_part"]
