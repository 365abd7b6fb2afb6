"""(6.7), (6.6): twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_6.eq_6_6_6_7_late_growth import INEQUALITY_6_6, INEQUALITY_6_7
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "late rate of hotter models": replace(INEQUALITY_6_7, model=HOTTER),
    "(6.6) of the largest product": changed(INEQUALITY_6_6, largest=True, signed=True),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
