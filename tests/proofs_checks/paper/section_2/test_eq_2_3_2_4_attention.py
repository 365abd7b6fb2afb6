"""(2.3), (2.4): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_2.eq_2_3_2_4_attention import EQUATION_2_3, EQUATION_2_4
from theory.symbols import K, Q, V, beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_total_holds_queries_and_keys():
    assert {Q, K} <= EQUATION_2_4.prediction.total.free_symbols


TWINS = {
    "(2.3) with values Q": changed(EQUATION_2_3, average=EQUATION_2_3.prediction.average * V.T),
    "(2.3) same after V -> 2V": changed(EQUATION_2_3, same=(((V, 2 * V),),)),
    "(2.4) of half the kernel": changed(EQUATION_2_4, total=EQUATION_2_4.prediction.total / 2),
    "(2.4) with 1/β²": changed(EQUATION_2_4, rate=1 / beta**2),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
