"""Extreme energies of measures: signs of Gegenbauer coefficients, means, and what tokens have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import eval_gegenbauer
from sympy import Symbol, besseli, cosh, exp, lambdify, log

from proofs_checks.audit import evaluate
from proofs_checks.propositions import Implies, Is, Rel, Subject
from proofs_checks.theorems import Extremes, Refusal, Theorem, apply, assume, settle
from proofs_checks.theorems.extreme_measures import (
    ALL_POSITIVE,
    COSINE,
    DEFINITE,
    DIRAC_ALONE,
    DIRAC_MOST,
    LEAST,
    LOW,
    MEAN,
    NONNEGATIVE,
    ON_SPHERE,
    OVER_TOKENS,
    UNIFORM_ALONE,
    UNIFORM_LEAST,
    UNIFORM_MEAN,
)
from proofs_checks.theorems.pair_bounds import HOT
from proofs_checks.theorems.saddles import ON_CIRCLES
from theory.energy import interaction_energy
from theory.models import USA, gradient_flow
from theory.predictions import energy_maximum, energy_minimum
from theory.symbols import beta, d, z

WARM = exp(beta * COSINE) / (2 * beta)
GROUND = assume(ON_CIRCLES), assume(HOT)


def extremes(kernel: Any) -> Extremes:
    model = gradient_flow(interaction_energy(2 * kernel), parameters=(beta,))
    return Extremes(Subject.of(model), model.energy, kernel)


@pytest.mark.parametrize(
    ("kernel", "least", "all_positive"),
    [
        (exp(beta * COSINE), True, True),
        (cosh(COSINE), True, False),
        (COSINE**3 + COSINE, True, False),
        (1 / (2 - COSINE), True, True),
        (-COSINE, False, False),
        (log(3 + COSINE), False, False),
        (-exp(beta * COSINE), False, False),
        (COSINE**4 - COSINE**2 / 2 + 3 * COSINE, "low", False),
    ],
)
def test_signs_of_coefficients(kernel: Any, least: Any, all_positive: bool) -> None:
    found = settle(DEFINITE, Is(NONNEGATIVE, kernel), *GROUND)
    assert isinstance(found, Theorem) is (least is True)
    low = settle(DEFINITE, Is(NONNEGATIVE, kernel), *GROUND, assume(LOW))
    assert isinstance(low, Theorem) is bool(least)
    assert isinstance(settle(DEFINITE, Is(ALL_POSITIVE, kernel), *GROUND), Theorem) is all_positive


def test_coefficients_of_an_exponential_by_quadrature() -> None:
    for degree in range(1, 6):  # d = 5
        value = quad(
            lambda c, k=degree: np.exp(1.25 * c) * eval_gegenbauer(k, 1.5, c) * (1 - c * c), -1, 1
        )
        assert value[0] > 0


def test_parameters_and_dimensions_are_given() -> None:
    for facts in ((), GROUND[:1], GROUND[1:]):
        assert isinstance(settle(DEFINITE, Is(NONNEGATIVE, WARM), *facts), Refusal)
    other = exp(Symbol("a", real=True) * COSINE)
    assert isinstance(settle(DEFINITE, Is(NONNEGATIVE, other), *GROUND), Refusal)
    pole = -log(1 - COSINE)
    assert isinstance(settle(DEFINITE, Is(NONNEGATIVE, pole), *GROUND), Refusal)


def test_the_mean_is_that_of_the_series() -> None:
    assert isinstance(settle(UNIFORM_MEAN, Is(MEAN, WARM, energy_minimum()), *GROUND), Theorem)
    for wrong in (2 * energy_minimum(), besseli(0, beta) / (2 * beta), exp(-beta) / (2 * beta)):
        assert isinstance(settle(UNIFORM_MEAN, Is(MEAN, WARM, wrong), *GROUND), Refusal)
    angles = 2 * np.pi * np.arange(64) / 64
    circle = lambdify(beta, energy_minimum().subs(d, 2), "scipy")(1.25)
    assert circle == pytest.approx(np.mean(np.exp(1.25 * np.cos(angles))) / 2.5, rel=1e-12)


def test_rules_need_what_they_say() -> None:
    some, all_ = (settle(DEFINITE, Is(one, WARM), *GROUND) for one in (NONNEGATIVE, ALL_POSITIVE))
    assert isinstance(apply(UNIFORM_LEAST, some), Theorem)
    assert isinstance(apply(UNIFORM_ALONE, some), Refusal)
    local = assume(Rel("<=", 0, COSINE))
    below = Rel("<=", 0, WARM.xreplace({COSINE: 1}) - WARM)
    bound, near = assume(below), Rel("=", COSINE, 1)
    strict = assume(Implies(Rel("=", below.right, 0), near))
    for rule, facts in ((DIRAC_MOST, (bound,)), (DIRAC_ALONE, (bound, strict))):
        assert isinstance(apply(rule, *facts, kernel=WARM), Refusal)  # of these two points alone
    assert isinstance(apply(DIRAC_MOST, local, kernel=WARM), Refusal)
    assert isinstance(apply(DIRAC_ALONE, all_, bound, kernel=WARM), Refusal)
    assert len(ON_SPHERE) == 2


def test_a_mean_of_another_function_bounds_nothing() -> None:
    own = extremes(exp(beta * z) / (2 * beta))
    whole = own.least(energy_minimum()).found
    assert isinstance(whole, Theorem)
    least = apply(UNIFORM_LEAST, settle(DEFINITE, Is(NONNEGATIVE, WARM), *GROUND))
    mean = assume(Is(MEAN, 2 * WARM, energy_minimum()))
    assert isinstance(least, Theorem) and least.says == Is(LEAST, WARM)
    over = next(one for one in whole.premises if one.by is OVER_TOKENS)
    assert isinstance(apply(OVER_TOKENS, *over.premises), Theorem)
    assert isinstance(apply(OVER_TOKENS, least, mean, *over.premises[2:]), Refusal)


def test_what_is_said_of_tokens_is_so() -> None:
    own = extremes(exp(beta * z) / (2 * beta))
    says = own.both(energy_minimum(), energy_maximum()).says.then
    here = {"X": [[1, 0, 0], [0, 1, 0], [0, 0.6, 0.8]], "beta": 2}
    bounds = [one for one in says.args if isinstance(one, Rel) and one.op == "<="]
    assert len(bounds) == 2 and all(evaluate(one, USA, here) for one in bounds)
    low, high = bounds
    assert not evaluate(Rel("<=", 4 * low.left, low.right), USA, here)
    assert not evaluate(Rel("<=", high.left, high.right / 4), USA, here)


def test_kernels_change_their_places() -> None:
    assert isinstance(extremes(-exp(beta * z)).alone().found, Theorem)
    assert isinstance(extremes(-exp(beta * z)).least(None).found, Refusal)
    for kernel in (z**3, z**2, cosh(z)):
        assert isinstance(extremes(kernel).alone().found, Refusal)
        assert isinstance(extremes(kernel).most(kernel.subs(z, 1)).found, Theorem)
