"""Models that are driven, and what isn't."""

from __future__ import annotations

from dataclasses import replace

from sympy import S

from proofs_checks.claim import Verdict, run_check
from proofs_checks.extensions.noise_onset import PROBLEM_7_ONSET, PROBLEM_7_THRESHOLD
from proofs_checks.paper.section_9.problem_7_noise import PROBLEM_7
from proofs_checks.proof.stationary import with_noise
from theory import QKV, SA, USA


def test_without_noise_nothing_is_said() -> None:
    """κ = 0 is outside the domain: VACUOUS, for the problem and for what is proved of it."""
    silent = with_noise(USA, S.Zero)
    both = (silent, with_noise(SA, S.Zero))
    claims = [
        replace(PROBLEM_7, model=silent),
        replace(PROBLEM_7_THRESHOLD, model=both),
        replace(PROBLEM_7_ONSET, model=both),
    ]
    for claim in claims:
        evidence, raised = run_check(claim, None, 0)
        assert raised is None and evidence.verdict is Verdict.VACUOUS, evidence
        assert "κ = 0" in evidence.detail


def test_another_drift_is_not_judged() -> None:
    driven = with_noise(QKV)
    evidence, raised = run_check(replace(PROBLEM_7_THRESHOLD, model=(driven, driven)), None, 0)
    assert raised is None and evidence.verdict is Verdict.UNDECIDED
