"""Remark 3.3: twins of our own."""

from dataclasses import replace

import pytest
from sympy import S

from proofs_checks.paper.section_3.remark_3_3_dobrushin import DOBRUSHIN

SOFTMAX, PLAIN = DOBRUSHIN.prediction

TWINS = {
    "rate -1": replace(DOBRUSHIN, prediction=(S(-1), S(-1))),
    "constants exchanged at β = 6": replace(DOBRUSHIN, prediction=(SOFTMAX, SOFTMAX / 40)),
    "a sum without its factor": replace(DOBRUSHIN, prediction=(SOFTMAX, PLAIN * S(24) / 25)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
