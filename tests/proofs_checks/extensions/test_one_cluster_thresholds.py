"""Theorem 4.3, largest β_0; Theorem 5.1, smallest β_1: numbers of our own, and twins."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Rational, log, oo, pi

from proofs_checks.claim import Claim, Evidence
from proofs_checks.extensions.one_cluster_thresholds import (
    HALF,
    LARGE_THRESHOLD,
    SMALL_THRESHOLD,
    LargestSmall,
    SmallestLarge,
)
from proofs_checks.proof import ONE_MASS, hemispherical
from theory.models import SA, USA
from theory.predictions import critical_angle, small_beta_threshold, threshold_table
from theory.symbols import beta, d, n


def pulls(products: np.ndarray, hot: float) -> np.ndarray:
    """Σ_{j≠i} e^{βg} g for rows of inner products."""
    return (products * np.exp(hot * products)).sum(axis=-1)


@pytest.mark.every(3)
@pytest.mark.parametrize("size", [3, 4, 5, 7, 8])
def test_no_drawn_products_beat_the_largest_threshold(size: int) -> None:
    rng, hot = np.random.default_rng(0), min(float(small_beta_threshold(size, form="largest")), 3)
    products = rng.beta(0.3, 0.3, (200_000, size - 1)) * 2 - 1
    held = products[pulls(products, 0.999 * hot) >= 0]
    assert len(held) > 1000
    assert held.sum(axis=1).min() > -1


@pytest.mark.parametrize("size", [4, 6, 10])
def test_half_against_half_stands_above_it(size: int) -> None:
    half, hot = size // 2, float(small_beta_threshold(size, form="largest"))
    products = np.repeat([1.0, -1.0], [half - 1, half])
    assert products.sum() == -1
    assert pulls(products, 1.001 * hot) > 0 > pulls(products, 0.999 * hot)


@pytest.mark.full
def test_the_table() -> None:
    rows = threshold_table(range(2, 20), (2, 3, 7))
    assert len(rows) == 18 * 3
    for row in rows:
        assert row.largest == oo or 1 / (row.n - 1) < row.largest.evalf(20)
        assert row.small.evalf(20) < row.largest and row.small.evalf(20) > 1 / row.n
        assert row.smallest.evalf(20) <= row.large.evalf(20)
        if row.n > 3:
            angle = critical_angle(row.smallest, row.d)
            assert abs((row.n - 1) * angle - pi).evalf(20) < 1e-12
    with pytest.raises(ValueError, match="simple, largest"):
        small_beta_threshold(4, form="exact")
    assert small_beta_threshold(least_mass=ONE_MASS, form="largest") == -log(1 - 2 * ONE_MASS) / 2


@pytest.mark.parametrize("size", [5, 7, 9])
def test_odd_numbers_of_tokens_go_as_far_as_one_fewer(size: int) -> None:
    half, hot = size // 2, float(small_beta_threshold(size, form="largest"))
    assert small_beta_threshold(size, form="largest") == small_beta_threshold(
        size - 1, form="largest"
    )
    products = np.repeat([1.0, 0.0, -1.0], [half - 1, 1, half])
    assert len(products) == size - 1 and products.sum() == -1
    assert pulls(products, 1.001 * hot) > 0 > pulls(products, 0.999 * hot)


@pytest.mark.parametrize("size", [4, 6])
def test_a_path_of_arcs_of_that_length_fills_half_a_circle(size: int) -> None:
    for angle, inside in ((np.pi / (size - 1) * 0.999, True), (np.pi / (size - 1) * 1.001, False)):
        turns = angle * np.arange(size)
        points = np.stack([np.cos(turns), np.sin(turns)], axis=-1)[None]
        assert hemispherical(points)[0] == inside


HOTTER = tuple(model.subs({beta: 2 * beta}) for model in (SA, USA))
TWINS = {
    "β_0 of the flows at 2β": replace(SMALL_THRESHOLD, model=HOTTER),
    "β_1 of the flows at 2β": replace(LARGE_THRESHOLD, model=HOTTER),
    "a little more than β_0": replace(
        SMALL_THRESHOLD,
        prediction=replace(
            SMALL_THRESHOLD.prediction, equal=log(HALF / (HALF - 1)) * Rational(51, 100)
        ),
    ),
    "a little more at unequal masses": replace(
        SMALL_THRESHOLD,
        prediction=LargestSmall(
            -log(1 - 2 * ONE_MASS) * Rational(51, 100), SMALL_THRESHOLD.prediction.equal
        ),
    ),
    "n²/π² as the smallest": replace(
        LARGE_THRESHOLD, prediction=SmallestLarge((d - 1) * n**2 / pi**2)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(
    twin: Claim[Any, Any], refuted: Callable[[Claim[Any, Any]], Evidence]
) -> None:
    refuted(twin)
