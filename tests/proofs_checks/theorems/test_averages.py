"""Means, rows and chords of two solutions: what is too much is refused, and the rest evaluated."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from sympy import Expr, Max, Rational, S, exp, lambdify

from proofs_checks.audit import doubted
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Conclusion,
    Fact,
    Theorem,
    growing,
    mean_of_chords,
    moving_apart,
    rows_of_softmax,
)
from proofs_checks.theorems.coefficients import never_less
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, gamma, n

ON_SA, ON_USA = map(Subject.of, (SA, USA))
WARM_FACT, TWO = Fact(Rel("<=", 0, beta)), Fact(Rel("<=", 2, n))


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        (growing(ON_SA, 2 + 2 * beta), True),
        (growing(ON_SA, 2 + Rational(19, 10) * beta), False),
        (growing(ON_USA, 2 * (1 + beta) * exp(beta)), True),
        (growing(ON_USA, 2 * (1 + beta)), False),
        (moving_apart(ON_SA, 3 + 2 * beta), True),
        (moving_apart(ON_SA, 2 + 2 * beta), False),
        (moving_apart(Subject.of(REPULSIVE), 3 + 2 * beta), True),
        (mean_of_chords(ON_SA, S.One), True),
        (mean_of_chords(ON_SA, Rational(11, 10)), False),
        (rows_of_softmax(ON_SA, 2 * beta, beta / 2), True),
        (rows_of_softmax(ON_SA, beta, beta / 2), False),
        (rows_of_softmax(ON_SA, 2 * beta, -beta / 2), False),
    ],
)
def test_what_is_concluded(own: Any, shown: bool) -> None:
    assert isinstance(own, Conclusion)
    found = own.found
    assert (isinstance(found, Theorem) and found.says == own.says.then) is shown
    if shown:
        assert isinstance(found, Theorem) and found.given <= set(own.says.given)
        assert doubted(found) is None


PAIRS: tuple[tuple[Expr, Expr], ...] = (
    (10 * n * Max(1, beta), 2 + 2 * beta),
    (10 * n * beta, 2 + 2 * beta),
    (n * exp(beta), n + beta),
    (n / (n + exp(beta / 2)), exp(-beta) / n),
    (exp(-2 * beta), exp(-beta)),
    (gamma + 1, 2 * gamma),
    (gamma + Rational(1, 2), 2 * gamma),
)


@pytest.mark.parametrize(("large", "small"), PAIRS)
def test_an_order_that_is_decided_is_one(large: Expr, small: Expr) -> None:
    """At a grid of the parameters that are spoken of, 0 <= gamma <= 1."""
    unit = Fact(Rel("<=", 0, gamma)), Fact(Rel("<=", gamma, 1))
    found = never_less(large, small, (WARM_FACT, TWO, *unit))
    less = lambdify((n, beta, gamma), large - small, "numpy")
    grid = product((2, 3, 9), np.linspace(0, 6, 13), np.linspace(0, 1, 9))
    worst = min(float(less(*place)) for place in grid)
    assert worst >= -1e-12 if found else worst < 0 or large.has(exp)


def test_without_its_facts_nothing_is_decided() -> None:
    assert not never_less(2 + 2 * beta, S.One)
    assert not never_less(n, Rational(3, 2), (WARM_FACT,))
    assert never_less(n, Rational(3, 2), (TWO,))
