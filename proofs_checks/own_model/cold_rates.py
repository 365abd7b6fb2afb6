"""Rates at β = 0 of any model: those of ``k P_i Σ_j m_j x_j``, or a state that has another k.

Where (4.1) is proved with a constant k the flow is SA's at β = 0 in the time kt. Else tokens at
equal angles are looked at: the law of 1-γ has γ' = (2k/n)(1-γ)((n-1)γ+1), k one number.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from sympy import Expr, Integer, Rational, S, cancel, exp, eye, ones, simplify

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import lengths_of
from proofs_checks.own_model.uniform_weights import cold_pace
from proofs_checks.proof import (
    COLD_ONLY,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Witness,
    by_statement,
    decimal,
    derived,
    excludes_zero,
    row_dot,
)
from proofs_checks.proof.kinds import HEATED, SPHERE
from proofs_checks.propositions import Subject
from proofs_checks.theorems import barycentre
from theory.masks import Mask
from theory.models import SA
from theory.symbols import X, beta, m, n, t
from theory.terms import Multiple, TokenSum

_ROW = "Theorem 4.1 rates"
_SLOPES = Rational(1, 2), Rational(3, 8)
"""Of the rational points of a circle that give tokens at equal angles; three are near by the second
(γ = .999): a weight may be 0 up to there.
"""
_LATER = Integer(3), Rational(1, 7)
"""Times: one at which 1/√(1+t) is rational, and one off the zeros of common waves."""


def derive_pace(flow: Flow) -> Expr | None:
    """Return k of ``x_i' = k P_i Σ_j m_j x_j`` at β = 0 and masses 1/n, where (4.1) says so.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> derive_pace(Flow.of(catalogue("softmax-off-by-one")))
    n/(n + 1)
    >>> derive_pace(Flow.of(catalogue("nGPT"))) is None
    True
    """
    if (cold := cold_pace(flow)) is not None:
        return None if t in cold.free_symbols else cold
    own = None if flow.code else barycentre(_cold(flow))
    if own is None or own.found.says is None:
        return None
    moved = own.found.says.args[0].right
    pace = moved.args[0] if isinstance(moved, Multiple) else S.One
    if t in pace.free_symbols:
        return None
    return cancel(pace.replace(lambda e: isinstance(e, TokenSum), lambda e: S.One))


def _cold(flow: Flow) -> Subject:
    return Subject.of(flow.model, {**flow.values, beta: S.Zero})


def decide_rates(flow: Flow, pace: Expr) -> Sheet:
    """Read the rates of SA at β = 0 in the time kt."""
    from proofs_checks.discovery import questions

    paper = questions()[_ROW]
    assert isinstance(paper, Statement)  # as it is decided for any flow
    text = f"(4.1), β = 0: x_i' = k P_i Σ_j m_j x_j, at masses 1/n k = {pace}: x(t) = y(kt)"
    moved = Step(text, How.BY_STATEMENT)
    rates = by_statement(paper, Flow.of(SA), text="the rates of y, SA's at β = 0")
    law = n / (exp(2 * pace * t) + n - 1)
    left = law.diff(t) + 2 * pace / n * law * ((n - 1) * (1 - law) + 1)
    angle = derived(f"1-γ = {law}: (1-γ)' = -(2k/n)(1-γ)((n-1)γ+1)", simplify(left))
    words = {"n": "symbolic", "d": "symbolic", "masses": "1/n", "beta": "0"}
    return Sheet((moved, rates, angle), words, (), f"SA's at β = 0 in the time kt, k = {pace}")


def say_rates(flow: Flow, pace: Expr) -> str:
    """Say the rates."""
    return (
        f"β = 0, k = {pace}: consensus -k; p against q k, and ∓k(p-q)/(p+q) inside; "
        "1-γ = n/(e^{2kt} + n - 1)"
    )


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


def other_paces(flow: Flow, pace: Expr | None, budget: Budget) -> Counterexample | None:
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
    if pace is not None or not known or model.kind != "flow" or flow.code:
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


RATES: Statement[Expr] = Statement(
    _ROW,
    "β = 0: consensus -k, p against q k, and 1-γ = n/(e^{2kt}+n-1), one constant k",
    decide_rates,
    derive_pace,
    other_paces,
    domain=(HEATED, COLD_ONLY, SPHERE),
    several_blocks=True,
    says=say_rates,
)


__all__ = ["RATES"]
