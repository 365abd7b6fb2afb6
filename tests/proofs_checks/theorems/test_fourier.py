"""Fourier coefficients of c e^{b cos θ}: no other term, no other kernel, no unknown sign."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Expr, besseli, cos, exp, factorial, lambdify, sin

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, coupled_by_series, settle
from proofs_checks.theorems.fourier import (
    ANGLE,
    COSINE_SERIES,
    HOT,
    ORDER,
    POSITIVE,
    POSITIVE_SERIES,
    PRODUCT_SERIES,
    SERIES,
    TERM,
    product_of,
)
from theory.models import SA, USA
from theory.symbols import beta

BESSEL = (beta / 2) ** (2 * TERM + ORDER) / (factorial(TERM) * factorial(TERM + ORDER))
WARM = exp(beta * cos(ANGLE))


@pytest.mark.parametrize(
    ("kernel", "term", "holds"),
    [
        (WARM, BESSEL, True),
        (3 * WARM, 3 * BESSEL, True),
        (exp(2 * beta * cos(ANGLE)), product_of(1, 2 * beta), True),
        (WARM, 2 * BESSEL, False),
        (WARM, (-1) ** TERM * BESSEL, False),
        (WARM, BESSEL.subs(ORDER, ORDER + 1), False),
        (exp(beta * sin(ANGLE)), BESSEL, False),
        (exp(beta * cos(ANGLE) ** 2), BESSEL, False),
        (cos(ANGLE), BESSEL, False),
    ],
)
def test_terms_are_those_of_the_product(kernel: Expr, term: Expr, holds: bool) -> None:
    found = settle(PRODUCT_SERIES, Is(SERIES, kernel, term), assume(HOT))
    assert isinstance(found, Theorem) is holds


def test_the_series_is_the_mean_of_the_kernel_times_a_wave() -> None:
    angles, heat = 2 * np.pi * np.arange(64) / 64, 1.25
    for order in range(4):
        mean = np.mean(np.exp(heat * np.cos(angles)) * np.cos(order * angles))
        term = lambdify(TERM, BESSEL.subs({ORDER: order, beta: heat}))
        assert sum(map(term, range(20))) == pytest.approx(mean, rel=1e-12)


def test_the_sign_is_that_of_each_term() -> None:
    series, sign = (
        settle(PRODUCT_SERIES, Is(SERIES, WARM, BESSEL), assume(HOT)),
        assume(Rel("<", 0, BESSEL)),
    )
    assert isinstance(apply(POSITIVE_SERIES, series, sign), Refusal)  # of one j and k alone
    for wrong in (assume(HOT), assume(Rel("<=", 0, BESSEL)), series):
        assert isinstance(apply(POSITIVE_SERIES, series, wrong), Refusal)
    assert isinstance(apply(POSITIVE_SERIES, assume(Is(POSITIVE, WARM)), sign), Refusal)


def test_cosines_have_the_bessel_functions_of_the_series_before_them() -> None:
    hot = {"ahead": 1, "heat": beta}
    series = settle(PRODUCT_SERIES, Is(SERIES, WARM, product_of(1, beta)), assume(HOT))
    found = apply(COSINE_SERIES, series, **hot)
    assert isinstance(found, Theorem)
    assert found.says.arguments[1:] == (
        besseli(0, beta),
        2 * besseli(ORDER, beta) * cos(ORDER * ANGLE),
    )
    for other in ({"ahead": 2, "heat": beta}, {"ahead": 1, "heat": 2 * beta}):
        assert isinstance(apply(COSINE_SERIES, series, **other), Refusal)
    wrong = assume(Is(SERIES, WARM, 2 * product_of(1, beta))), assume(Is(POSITIVE, WARM))
    for premise in wrong:
        assert isinstance(apply(COSINE_SERIES, premise, **hot), Refusal)
    local = assume(Is(SERIES, WARM, product_of(1, beta)))
    assert isinstance(apply(COSINE_SERIES, local, **hot), Refusal)  # at this angle alone


@pytest.mark.parametrize(
    ("model", "factor", "heat", "term", "holds"),
    [
        (USA, 1, beta, BESSEL, True),
        (SA, 1, beta, BESSEL, False),
        (USA, 2, beta, BESSEL, False),
        (USA, 1, 2 * beta, BESSEL, False),
    ],
)
def test_the_coupling_is_that_of_the_flow(
    model: Any, factor: int, heat: Any, term: Any, holds: bool
) -> None:
    def kernel(angle: Any) -> Any:
        return exp(heat * cos(angle))

    def coupling(angle: Any) -> Any:
        return factor * sin(angle) * exp(beta * cos(angle))

    own = coupled_by_series(Subject.of(model), coupling, kernel, term)
    assert not isinstance(own, Refusal) and isinstance(own.found, Theorem) is holds
