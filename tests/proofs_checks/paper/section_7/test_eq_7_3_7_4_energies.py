"""(7.3), (7.4): twins of our own."""

from dataclasses import replace

import pytest
from sympy import cos

from proofs_checks.paper.section_7.eq_7_3_7_4_energies import CIRCLE_ENERGY, KURAMOTO_ENERGY
from theory.derivations import phi as PHI
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "energy of a hotter USA": replace(CIRCLE_ENERGY, model=HOTTER[1]),
    "Kuramoto's energy squared": changed(
        KURAMOTO_ENERGY, pair=KURAMOTO_ENERGY.prediction.pair * cos(PHI)
    ),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
