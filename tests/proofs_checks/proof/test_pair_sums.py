"""Sums over pairs against numbers: a normal form is the sum, and what differs isn't 0."""

import numpy as np
import pytest
from sympy import IndexedBase, lambdify

from proofs_checks.proof import COLUMN, MASS, ROW, exchanged, over_pairs, over_tokens

F, G = IndexedBase("f"), IndexedBase("g")


def value(expr, masses, f, g, i, j):
    names = (MASS[ROW], MASS[COLUMN], F[ROW], F[COLUMN], G[ROW, COLUMN], G[COLUMN, ROW])
    numbers = (masses[i], masses[j], f[i], f[j], g[i, j], g[j, i])
    return float(lambdify(names, expr)(*numbers))


@pytest.mark.every(2)
@pytest.mark.parametrize(
    "summand",
    [
        F[ROW] + F[COLUMN],
        F[ROW] * F[COLUMN] + G[ROW, COLUMN],
        (F[ROW] - F[COLUMN]) ** 2,
        G[COLUMN, ROW] * F[ROW] - 3,
    ],
    ids=str,
)
def test_a_normal_form_is_the_sum(summand):
    rng = np.random.default_rng(1)
    n = 5
    plan = rng.uniform(size=(n, n))
    plan += plan.T
    masses, f, g = plan.sum(axis=1), rng.normal(size=n), rng.normal(size=(n, n))
    tokens, pairs = range(n), [(i, j) for i in range(n) for j in range(n)]
    found = over_pairs(summand)
    total = sum(value(found.single, masses, f, g, i, i) for i in tokens)
    total += sum(plan[i, j] * value(found.double, masses, f, g, i, j) for i, j in pairs)
    known = sum(plan[i, j] * value(summand, masses, f, g, i, j) for i, j in pairs)
    assert total == pytest.approx(known)


def test_what_differs_is_left():
    assert (over_pairs(F[ROW]) - over_pairs(F[COLUMN])).residual == 0
    assert (over_pairs(F[ROW]) - over_tokens(F[ROW])).residual != 0
    assert (over_pairs(G[ROW, COLUMN]) - over_pairs(G[COLUMN, ROW])).residual == 0
    assert (over_pairs(G[ROW, COLUMN]) - over_pairs(2 * G[ROW, COLUMN])).residual != 0
    assert exchanged(G[ROW, COLUMN]) == G[COLUMN, ROW]


def test_marginals_are_used_only_when_known():
    unknown = over_pairs(F[ROW], marginals=False)
    assert unknown.single == 0 and unknown.double != 0
