"""Critical points: twins of our own and independent mathematics."""

import numpy as np
import pytest

from proofs_checks.claim import Budget, Verdict
from proofs_checks.extensions.critical_points import CRITICAL_POINTS
from theory import USA
from theory.symbols import beta as BETA

pytestmark = pytest.mark.extras


def test_another_model_is_not_certified():
    budget = Budget(0, np.random.default_rng(0))
    hotter = USA.subs({BETA: 2 * BETA})
    evidence = CRITICAL_POINTS.check(hotter, CRITICAL_POINTS.prediction, budget)
    assert evidence.verdict is Verdict.REFUTED
