"""C13, Remark D.1 threshold: a twin of our own, and another rounding."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.extensions.early_thresholds import C13, CONSTANT_D_1

pytestmark = pytest.mark.extras


def test_the_right_rounding_is_certified(found):
    # 0.0438 is the right rounding, so its own half digit must not be taken for the claim's.
    rounded = replace(CONSTANT_D_1.prediction, decimals="0.0438")
    assert found(replace(CONSTANT_D_1, prediction=rounded)).verdict is Verdict.CERTIFIED


def test_a_twin_is_refuted(refuted):
    refuted(replace(C13, prediction=replace(C13.prediction, never=(3, 2))))
