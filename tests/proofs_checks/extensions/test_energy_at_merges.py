"""Energy rises at merges: twins of our own and independent mathematics."""

from dataclasses import replace

from proofs_checks.claim import Verdict, run_check
from proofs_checks.extensions.energy_at_merges import ENERGY_RISES, Rise


def test_a_tenth_off_is_refuted():
    """The check is not merely able to see factors of two."""
    twin = replace(ENERGY_RISES, prediction=Rise(ENERGY_RISES.prediction.height * 11 / 10))
    evidence, error = run_check(twin, 1, 5)
    assert error is None and evidence.verdict is Verdict.REFUTED
