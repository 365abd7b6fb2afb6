"""Figure 6: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_b.figure_6_profile import FIGURE_6
from theory.models import SA, USA
from theory.symbols import beta

HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "figure of hotter models": replace(FIGURE_6, model=HOTTER),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
