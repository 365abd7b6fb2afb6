"""Two time scales: twins of our own and independent mathematics."""

from dataclasses import replace

from proofs_checks.claim import Verdict, run_check
from proofs_checks.extensions.two_time_scales import TWO_TIME_SCALES, Scales


def test_no_growth_where_there_are_no_scales():
    cold = replace(TWO_TIME_SCALES, prediction=Scales((0.01, 0.5)))
    evidence, error = run_check(cold, None, 1)
    assert error is None and evidence.verdict is Verdict.REFUTED
