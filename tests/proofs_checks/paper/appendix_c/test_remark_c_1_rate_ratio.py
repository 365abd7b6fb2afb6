"""Remark C.1: twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.appendix_c.remark_c_1_rate_ratio import REMARK_C_1
from proofs_checks.proof import unprojected
from theory.models import SA, USA
from theory.symbols import beta

TWINS = {
    "C.1 with e^{β/2}": replace(REMARK_C_1, prediction=exp(beta / 2)),
    "C.1 of SA without P": replace(REMARK_C_1, model=(unprojected(SA), USA)),
    "C.1 with e^{β²}": replace(REMARK_C_1, prediction=exp(beta**2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
