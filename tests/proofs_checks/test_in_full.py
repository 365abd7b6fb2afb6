"""Claims that have a stronger level, at that level."""

import pytest

from proofs_checks import CLAIMS
from proofs_checks.claim import verify_claim

FIGURES = ("Figure 3", "Figure 4", "Figure 5")
STRONGER = (
    *FIGURES,
    *("Problem 1", "Merge law", "Energy rises at merges", "Pairwise merging", "Two time scales"),
    *("Finite d: pairs", "Finite d: mean", "Finite d: first order", "Finite d: crossing"),
    *("Crossing, first order", "Spread of the pairs", "Transition width", "Antipodal lifetime"),
    *("Two clusters: time", "Two clusters: series", "C11"),
    "E.Figure 3",
)
BY_LABEL = {claim.label: claim for claim in CLAIMS}


@pytest.mark.full
@pytest.mark.parametrize("label", STRONGER)
def test_claim_in_full(label):
    report = verify_claim(BY_LABEL[label], None, 0, full=True)
    assert report.complaints == ()
    if label in FIGURES:
        assert "--full" not in report.evidence.detail
