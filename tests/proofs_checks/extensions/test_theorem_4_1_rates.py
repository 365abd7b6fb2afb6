"""Theorem 4.1 rates: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Integer

from numerics.equiangular import equiangular_gamma
from proofs_checks.extensions.theorem_4_1_rates import RATES_4_1
from theory.symbols import n, t


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_gap_of_two_tokens_is_exact():
    # 1 - γ = 2/(e^{2t} + 1)
    gap = RATES_4_1.prediction.gap.subs({n: 2, t: 1}).evalf()
    assert float(gap) == pytest.approx(1 - float(equiangular_gamma(1.0, 0.0, 2)), abs=1e-14)


TWINS = {
    "relative rate squared": changed(RATES_4_1, relative=Integer(2)),
    "gap of n + 1 tokens": changed(RATES_4_1, gap=RATES_4_1.prediction.gap.subs(n, n + 1)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
