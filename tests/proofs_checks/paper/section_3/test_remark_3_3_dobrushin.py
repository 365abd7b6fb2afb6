"""Remark 3.3: twins of our own."""

from dataclasses import replace

import pytest
from sympy import S

from proofs_checks.paper.section_3.remark_3_3_dobrushin import DOBRUSHIN


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "rate -1": changed(DOBRUSHIN, largest=(S(-1), S(-1))),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
