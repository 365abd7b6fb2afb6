"""(2.7), H <= 3, (2.8), H <= 2: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_2.eq_2_7_2_8_heads_and_layers import MULTI_HEAD
from theory.layers import multi_head

TWINS = {
    "four heads for two": replace(MULTI_HEAD, model=(multi_head(1), multi_head(4), multi_head(3))),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
