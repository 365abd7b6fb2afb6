"""(2.5), (2.6) as theorems: other rows, bounds that are less, and numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, Integer, OneMatrix, exp

from numerics import compile_model
from proofs_checks.propositions import Subject
from proofs_checks.theorems import GAP, Conclusion, Refusal, Theorem, attending, stochastic
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import REPULSIVE, SA, USA, Model, catalogue
from theory.symbols import X, beta, m, n, z

SPEED = (n - 1) * exp(-beta * (1 - GAP))
SHARES = RowSoftmax(beta * X * X.T, m)


def concludes(found: Conclusion | Refusal) -> bool:
    return isinstance(found, Conclusion) and isinstance(found.found, Theorem)


@pytest.mark.parametrize(
    ("matrix", "said", "so"),
    [
        (SHARES, 1, True),
        (SHARES, 2, False),
        (SHARES, n, False),
        (-SHARES, -1, False),
        (2 * SHARES - SHARES, 1, True),
        (3 * SHARES - 2 * RowSoftmax(2 * beta * X * X.T, m), 1, False),
        (RowSoftmax(beta * X * X.T, OneMatrix(n, 1)), 1, True),
        (Elementwise(exp(z), X * X.T) * DiagMatrix(m), 1, False),
        (DiagMatrix(Elementwise(1 + z, X * X.T) * m) ** -1 * Elementwise(1 + z, X * X.T), 1, False),
    ],
)
def test_rows_of_weights(matrix: Any, said: Any, so: bool) -> None:
    assert concludes(stochastic(Subject.of(SA), [matrix], Integer(1) * said)) is so


@pytest.mark.parametrize(
    ("model", "field", "speed", "so"),
    [
        (SA, SA.velocity.field, SPEED, True),
        (SA, SA.velocity.field, 2 * SPEED, True),
        (SA, SA.velocity.field, SPEED / 2, False),
        (SA, SA.velocity.field, SPEED - 1, False),
        (SA, SA.velocity.field, SPEED.subs(beta, 2 * beta), False),
        (SA, -SA.velocity.field, SPEED, False),
        (SA, USA.velocity.field, SPEED, False),
        (REPULSIVE, -SA.velocity.field, SPEED, True),
        (USA, USA.velocity.field, SPEED, False),
        (catalogue("sink"), SA.velocity.field, SPEED, False),
        (catalogue("causal"), catalogue("causal").velocity.field, SPEED, False),
        (SA.subs({beta: -beta}), SA.velocity.field.subs(beta, -beta), SPEED, False),
    ],
)
def test_speeds(model: Model, field: Any, speed: Any, so: bool) -> None:
    assert concludes(attending(Subject.of(model), field, speed, vanishing=True)) is so


def test_a_pace_is_in_front_of_the_bound() -> None:
    fast = Model("fast", Tangent(X, -3 * SHARES * X), parameters=(beta,))
    assert concludes(attending(Subject.of(fast), -3 * SHARES * X, 3 * SPEED))
    assert not concludes(attending(Subject.of(fast), -3 * SHARES * X, SPEED))


def test_the_bound_of_the_speed_in_numpy() -> None:
    """Masses 1/n: below the bound, and a bound of other masses isn't one."""
    rng = np.random.default_rng(2)
    for tokens in (2, 5):
        x = rng.normal(size=(200, tokens, 3))
        x /= np.linalg.norm(x, axis=-1, keepdims=True)
        gap = (x @ x.swapaxes(-1, -2) - 2 * np.eye(tokens)).max(axis=(-1, -2))
        speed = np.linalg.norm(compile_model(SA, beta=3.0)(x), axis=-1).max(axis=-1)
        bound = (tokens - 1) * np.exp(-3 * (1 - gap))
        assert np.all(speed <= bound)
        far = np.log((tokens - 1) / 0.05) <= 3 * (1 - gap)
        assert np.all(speed[far] <= 0.05)
    pair = np.array([[1.0, 0, 0], [0, 1, 0]])
    uneven = np.linalg.norm(compile_model(SA, beta=3.0, masses=np.array([0.01, 0.99]))(pair)[0])
    assert uneven > np.exp(-3)
