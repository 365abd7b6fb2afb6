"""Validated trajectory, Validated run: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.extensions.validated_runs import VALIDATED, VALIDATED_RUN, RunError, Start
from theory.models import REPULSIVE

pytestmark = pytest.mark.extras


def test_a_start_in_a_half_circle_shows_nothing(found):
    start = Start(("3", "2", "1"), "1")
    assert found(replace(VALIDATED, prediction=start)).verdict is Verdict.UNDECIDED


TWINS = {
    "another Validated trajectory": replace(
        VALIDATED, prediction=Start(("3", "-1/3", "1/4", "-4", "1", "-1"), "1/2")
    ),
    "another Validated run": replace(VALIDATED_RUN, prediction=RunError(1e-5, flow=REPULSIVE)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
