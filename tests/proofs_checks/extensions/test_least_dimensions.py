"""(D.9) dimensions: a twin of our own."""

from dataclasses import replace

import pytest

from proofs_checks.extensions.least_dimensions import DIMENSIONS, Dimensions

pytestmark = pytest.mark.extras


def test_a_twin_is_refuted(refuted):
    refuted(replace(DIMENSIONS, prediction=Dimensions(((3, 0, "12.002"),))))
