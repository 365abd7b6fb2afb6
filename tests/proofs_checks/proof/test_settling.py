"""Settling: no counterexample and a residual leave a claim undecided."""

import numpy as np
from sympy import Symbol

from proofs_checks.claim import Budget, Verdict
from proofs_checks.proof.settling import settle


def test_settle_is_undecided_without_a_counterexample():
    budget = Budget(2, np.random.default_rng(0))
    evidence = settle([("left", Symbol("q"))], lambda rng: "", budget, "nothing")
    assert evidence.verdict is Verdict.UNDECIDED
    assert "left: residual q" in evidence.detail
