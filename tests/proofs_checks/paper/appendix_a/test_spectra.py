"""Consensus spectrum, Antipodal spectrum: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_a.spectra import ANTIPODAL, CONSENSUS
from theory.models import SA, USA
from theory.symbols import beta

HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "consensus rate of a hotter USA": replace(CONSENSUS, model=(HOTTER[1],)),
    "antipodal pair of hotter models": replace(ANTIPODAL, model=HOTTER),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
