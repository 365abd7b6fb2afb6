"""Without python-flint what is certified is supported, and says why."""

from dataclasses import replace

import pytest

from proofs_checks import CLAIMS
from proofs_checks.claim import Verdict, verify_claim

pytestmark = pytest.mark.extras

LABELS = {
    *("C11", "(D.9) dimensions", "C13", "Remark D.1 threshold", "γ enclosure", "Mode switches"),
    *("Validated trajectory", "Validated run", "E.Figure 3"),
}
CERTIFIED = [claim for claim in CLAIMS if claim.label in LABELS]


@pytest.mark.parametrize("claim", CERTIFIED, ids=lambda claim: claim.label)
def test_claim_without_flint_is_supported(claim, without_flint):
    report = verify_claim(replace(claim, expected=Verdict.SUPPORTED), None, seed=3)
    assert report.ok, report.complaints
    assert "python-flint is missing" in report.evidence.detail
