"""All claims verified once a session, with their controls, for whichever tests read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from proofs_checks.claim import Claim, Report, verify_claim


class Reports(Mapping[str, Report]):
    """Reports by label, at seed 0: each claim is verified when it is first asked for."""

    def __init__(self, claims: tuple[Claim, ...]) -> None:
        self._claims = {claim.label: claim for claim in claims}
        self._found: dict[str, Report] = {}

    def __getitem__(self, label: str) -> Report:
        if label not in self._found:  # as `verify((claim,), rng=0)` does
            self._found[label] = verify_claim(self._claims[label], None, 0)
        return self._found[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)


@pytest.fixture(scope="session")
def reports() -> Reports:
    """Return the reports of all claims.

    They are made in this process: two others would import and compile everything once more each,
    12 s of 70, and a test that reads one report waits for that one only.
    """
    from proofs_checks import CLAIMS

    return Reports(CLAIMS)
