"""Short arcs: the profile by drawn numbers, and premises that are changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Integer, cos, exp, pi

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, settle
from proofs_checks.theorems.arcs import (
    ARC_SADDLES,
    COSINE_FALLS,
    DIPS,
    DIPS_ENCLOSED,
    SQUARE,
    at_threshold,
    dips,
    exponential_dips,
    few_dip,
    profile,
)
from proofs_checks.theorems.saddles import CIRCLE, IN_SPACE, ON_CIRCLES, large_heat
from proofs_checks.theorems.starts import states_of
from theory.models import SA
from theory.symbols import beta, d, n, z

A = beta


def test_the_square_of_an_angle() -> None:
    positive, most = Rel("<", 0, A), Rel("<=", A, pi)
    found = apply(SQUARE, assume(positive), assume(most))
    assert isinstance(found, Theorem)
    assert found.says == Rel("<", A**2 * cos(A), 1 - cos(A) ** 2)
    for a in np.linspace(1e-2, np.pi, 500):
        assert a**2 * np.cos(a) < np.sin(a) ** 2
    for less in ((Rel("<=", 0, A), most), (positive, Rel("<=", A, 4)), (positive, positive)):
        assert isinstance(apply(SQUARE, *map(assume, less)), Refusal)


def test_the_cosine_falls() -> None:
    facts = Rel("<=", 0, A), Rel("<=", A, d), Rel("<=", d, pi)
    found = apply(COSINE_FALLS, *map(assume, facts))
    assert isinstance(found, Theorem) and found.says == Rel("<=", cos(d), cos(A))
    for place, other in ((0, Rel("<=", -1, A)), (1, Rel("<=", d, A)), (2, Rel("<=", d, 2 * pi))):
        wrong = [other if k == place else fact for k, fact in enumerate(facts)]
        assert isinstance(apply(COSINE_FALLS, *map(assume, wrong)), Refusal)


@pytest.mark.parametrize(("count", "so"), [(2, True), (3, True), (4, True), (5, False)])
def test_a_kernel_at_a_number(count: int, so: bool) -> None:
    """(n-1) τ* < π up to n = 4 at b = 1: cos τ* = (√5 - 1)/2, π/τ* = 3.47."""
    kernel = exp(z)
    below = profile(kernel, Integer(1))
    for engine in (DIPS, DIPS_ENCLOSED):  # the root has a closed form
        assert isinstance(settle(engine, dips(below, pi / (count - 1))), Theorem) is so
    odd = dips(profile(exp(z) + exp(z / 2), Integer(1)), pi / 2)
    assert isinstance(settle(DIPS, odd), Refusal)
    assert isinstance(settle(DIPS_ENCLOSED, odd), Theorem)
    assert isinstance(few_dip(kernel, count)[1], Theorem) is so


def test_what_a_sign_from_afar_is_of() -> None:
    assert isinstance(settle(DIPS, dips(z - 1, pi / 3)), Theorem)
    for other in (dips(z, pi / 3), dips(z - beta, pi / 3), dips(z - 1, pi / (n - 1))):
        assert isinstance(settle(DIPS, other), Refusal)
    assert isinstance(settle(DIPS, Rel("<", z, 0)), Refusal)


def premises(dimension: Any = ON_CIRCLES) -> list[Any]:
    states = states_of(Subject.of(SA))
    assert states is not None
    own = states.large()
    assert isinstance(own, Theorem) and own.by is ARC_SADDLES
    return [*own.premises[:-1], assume(dimension)]


def test_the_rule_refuses_changed_premises() -> None:
    own = premises()
    assert isinstance(apply(ARC_SADDLES, *own), Theorem)
    for dimension in (CIRCLE, IN_SPACE):  # the dip is of d - 1, not of 1
        assert isinstance(apply(ARC_SADDLES, *premises(dimension)), Refusal)
    low = assume(large_heat(beta))
    hot, edge = at_threshold(beta, low)
    for changed in (
        exponential_dips(2 * beta, hot, edge),
        assume(dips(profile(exp(2 * beta * z), d - 1), pi / (n - 1))),
        assume(dips(profile(exp(beta * z), d - 1), pi / n)),
        assume(dips(profile(exp(beta * z), d - 1), pi / (2 * (n - 1)))),
        assume(dips(profile(exp(beta * z), d), pi / (n - 1))),
    ):
        wrong = [*own[:4], changed, own[5]]
        assert isinstance(apply(ARC_SADDLES, *wrong), Refusal)
    weak = assume(Rel("<=", 0, own[2].says.right))
    assert isinstance(apply(ARC_SADDLES, *own[:2], weak, *own[3:]), Refusal)


def test_half_of_the_threshold_isn_t_enough() -> None:
    low = Rel("<=", (d - 1) * (n - 1) ** 2 / (2 * pi**2), beta)
    assert isinstance(at_threshold(beta, assume(low))[1], Refusal)
    assert isinstance(at_threshold(beta, assume(large_heat(beta)))[1], Theorem)


def test_drawn_profiles() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        size, dim = rng.integers(2, 12), rng.integers(2, 8)
        heat = (dim - 1) * (size - 1) ** 2 / np.pi**2 * rng.uniform(1, 3)
        place = rng.uniform(-1, np.cos(np.pi / (size - 1)))
        assert (dim - 1) * place - heat * (1 - place**2) < 0
