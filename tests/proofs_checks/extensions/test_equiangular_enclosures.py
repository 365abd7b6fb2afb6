"""γ enclosure: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.extensions.equiangular_enclosures import GAMMA_ENCLOSURE, _gamma

pytestmark = pytest.mark.extras


def _shifted(time, hot, size, name):
    return _gamma(time, hot, size, name) + 3e-12


TWINS = {
    "another γ enclosure": replace(GAMMA_ENCLOSURE, prediction=_shifted),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
