"""The mutations of every claim, generated once: 168 claims, about 16 CPU s."""

from __future__ import annotations

import pytest

from proofs_checks import CLAIMS
from proofs_checks.mutations import mutations
from proofs_checks.mutations.operations import Mutation


@pytest.fixture(scope="session")
def generated() -> dict[str, list[Mutation]]:
    """Return what makes the mutations of a label when they are first read."""

    class Generated(dict):
        def __missing__(self, label):
            claim = next(claim for claim in CLAIMS if claim.label == label)
            self[label] = mutations(claim)
            return self[label]

    return Generated()
