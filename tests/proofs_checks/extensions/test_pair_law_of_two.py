"""Pair law of two tokens: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.extensions.pair_law_of_two import PAIR_LAW_OF_TWO, TwoTokens
from theory.models import USA
from theory.symbols import beta

TWINS = {
    "hotter": replace(PAIR_LAW_OF_TWO, model=USA.subs({beta: 3 * beta})),
    "half as fast": replace(
        PAIR_LAW_OF_TWO, prediction=TwoTokens(PAIR_LAW_OF_TWO.prediction.speed / 2)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
