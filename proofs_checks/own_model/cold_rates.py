"""Rates at β = 0 that are those of no ``k P_i Σ_j m_j x_j``: states that have two k.

Tokens at equal angles are looked at: the law of 1-γ has γ' = (2k/n)(1-γ)((n-1)γ+1), k one number.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from sympy import Integer, Rational, S, eye, ones

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import (
    COLD_ONLY,
    Counterexample,
    Flow,
    Statement,
    Witness,
    decimal,
    excludes_zero,
    row_dot,
)
from proofs_checks.proof.kinds import HEATED, SPHERE
from theory.masks import Mask
from theory.symbols import X, beta, m, t

_ROW = "Theorem 4.1 rates"
_SLOPES = Rational(1, 2), Rational(3, 8)
"""Of the rational points of a circle that give tokens at equal angles; three are near by the second
(γ = .999): a weight may be 0 up to there.
"""
_LATER = Integer(3), Rational(1, 7)
"""Times: one at which 1/√(1+t) is rational, and one off the zeros of common waves."""


def _points(flow: Flow, budget: Budget, velocity: Any) -> Iterator[Witness]:
    """Yield tokens of mass 1/n at equal angles: of three angles, two equal lengths, two times."""
    hidden = [mask.unseen[2] for mask in velocity.atoms(Mask) if mask.unseen]
    size = max([3, *hidden])
    first: Witness | None = None
    timed = t in velocity.free_symbols
    near = []
    for slope in _SLOPES:
        below = 1 + (size - 1) * slope**2
        own, other = 2 / below - 1, 2 * slope / below  # own² + (size-1) other² = 1
        near.append((own - other) * eye(size) + other * ones(size, size))
    for tokens in (eye(size), *near):
        for length, time in ((1, S.Zero), (2, S.Zero), *((1, later) for later in _LATER)):
            if (length > 1 and not lengths_of(flow)) or (time > 0 and not timed):
                continue
            point = Witness(budget.rng, [velocity], tokens=size, width=size)
            if point.own_tokens is not None:
                return
            first = first or point
            own_lengths = {a: [[Integer(length)]] * size for a in lengths_of(flow)}
            masses = {m: [[Rational(1, size)]] * size}
            put = {X: tokens.tolist(), **own_lengths, **masses}
            point.matrices = {**put, **{a: b for a, b in first.matrices.items() if a not in put}}
            point.scalars = {**first.scalars, **({t: time} if timed else {})}
            yield point


def other_paces(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    """Find two pairs of tokens at equal angles of which γ' gives another k.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import catalogue
    >>> budget = Budget(1, np.random.default_rng(0))
    >>> other_paces(Flow.of(catalogue("pre-LN")), None, budget).text[:53]
    'k = 1 of <x_1,x_2> at X = [1 0 0; 0 1 0; 0 0 1], r = '
    """
    model = flow.model
    known = {block.symbol for block in model.blocks} <= {X, *lengths_of(flow)}
    if not known or model.kind != "flow" or flow.code:
        return None
    velocity = model.velocities[X].xreplace({**flow.values, beta: S.Zero})
    seen: tuple[Any, str] | None = None
    for point in _points(flow, budget, velocity):
        rows = point.matrices[X]
        moves, size = point.evaluator()(velocity), len(rows)
        for i, j in combinations(range(size), 2):
            angle = row_dot(rows[i], rows[j])
            speed = row_dot(moves[i], rows[j]) + row_dot(moves[j], rows[i])
            found = speed * (size / (2 * (1 - angle) * ((size - 1) * angle + 1)))
            said = f"<x_{i + 1},x_{j + 1}> at {point}"
            if seen is None:
                seen = found, said
            elif excludes_zero(found - seen[0]):
                text = f"k = {decimal(seen[0])} of {seen[1]}, but {decimal(found)} of {said}"
                why = "γ' = (2k/n)(1-γ)((n-1)γ+1)"
                return Counterexample(f"{text}: {why}", {"n": str(size), "d": str(size)})
    return None


def _paper() -> Any:
    from proofs_checks.discovery import questions

    return questions()[_ROW]


ONE_PACE: Statement[Any] = Statement(
    _ROW,
    "β = 0: consensus -k, p against q k, and 1-γ = n/(e^{2kt}+n-1), one constant k",
    lambda flow, rates: _paper().decide(flow, rates),
    lambda flow: _paper().derive(flow),
    other_paces,
    domain=(HEATED, COLD_ONLY, SPHERE),
    several_blocks=True,
    typed=True,
)
"""Asked of pieces of a family of which some have one k, and others two."""


__all__ = ["ONE_PACE"]
