"""No statement on flows speaks of a model with noise: noise is another kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics import compile_model
from proofs_checks import CLAIMS, Verdict, check_model
from proofs_checks.certificates import certify_consensus
from proofs_checks.claim import Budget, run_check
from proofs_checks.proof import Flow, Statement, judge, of_no_flow
from theory import QKV, SA, USA, Model, Noise
from theory.symbols import V, kappa


def driven(model: Model) -> Model:
    return replace(model, noise=Noise(0.2))


@pytest.mark.parametrize("words", [{}, {"beta": 1.0, "implementation": lambda x: 0 * x}])
@pytest.mark.parametrize("model", [SA, USA])
def test_no_row_applies_and_says_why(model, words):
    report = check_model(driven(model), **words)
    rows = [row for row in report.rows if row.name != "implementation"]
    assert len(rows) > 50
    for row in rows:
        assert not row.applies, row.name
        assert "noise" in row.evidence.detail


def test_the_identity_for_v_does_not_hide_the_noise_on_it():
    model = replace(QKV, noise=Noise(0.2, on=V))
    report = check_model(model, V=np.eye(2), Q=np.eye(2), K=np.eye(2))
    assert not any(row.applies for row in report.rows)


def test_strength_0_is_noise_too():
    report = check_model(replace(SA, noise=Noise(0)), only=["Lemma 6.4"])
    assert not report["Lemma 6.4"].applies


def test_an_implementation_is_compared_with_the_drift():
    field = compile_model(SA, beta=1.0)
    report = check_model(driven(SA), beta=1.0, implementation=field, only=["implementation"])
    assert report["implementation"].verdict is Verdict.SUPPORTED


def test_claims_with_noise_put_in_prove_nothing():
    """Every claim of the paper with its models driven: none may say anything."""
    asked = 0
    for claim in CLAIMS:
        models = claim.model if isinstance(claim.model, tuple) else (claim.model,)
        if getattr(claim.check, "noisy", False):
            continue
        if isinstance(claim.check, Statement) and claim.check.cases is of_no_flow:
            continue  # the model is never looked at
        try:
            noisy = tuple(driven(m) if isinstance(m, Model) else m for m in models)
        except ValueError:  # maps, blocks, other spaces
            continue
        if noisy == models:
            continue
        twin = replace(claim, model=noisy if isinstance(claim.model, tuple) else noisy[0])
        evidence, error = run_check(twin, 1, 0)
        assert error is None
        assert not evidence.applies, claim.label
        assert "noise" in evidence.detail
        asked += 1
        if isinstance(claim.check, Statement):
            flow = Flow.of_paper(noisy[0])
            found = judge(claim.check, flow, None, Budget(1, np.random.default_rng(0)), tried=False)
            assert not found.applies, claim.label
            sheet = claim.check.sheet(flow)
            assert sheet is None or not sheet.holds
    assert asked > 60


def test_runs_with_noise_are_not_certified():
    with pytest.raises(ValueError, match="Expected a model without noise"):
        certify_consensus([[1.0, 0.0], [0.6, 0.8]], 1.0, model=driven(SA))


def test_statements_about_noise_are_asked_of_noise():
    named = {claim.label: claim for claim in CLAIMS}
    for label in ("Noise rates", "Weak orders", "Antipodal pair [2601.21942]"):
        assert getattr(named[label].check, "noisy", False)
    still = replace(named["Noise rates"], model=(SA, USA))
    evidence, _ = run_check(still, 1, 0)
    assert evidence.verdict not in (Verdict.PROVED, Verdict.CERTIFIED)
    common = replace(SA, noise=Noise(kappa, scope="common"), parameters=(*SA.parameters, kappa))
    evidence, _ = run_check(replace(still, model=common), 1, 0)
    assert evidence.verdict not in (Verdict.PROVED, Verdict.CERTIFIED)
