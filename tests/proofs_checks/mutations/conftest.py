"""The mutations of every claim, generated once (about 16 CPU s), and a claim about nothing."""

from __future__ import annotations

import pytest

from proofs_checks import CLAIMS
from proofs_checks.claim import Claim, Control, Evidence, Verdict
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


def _toy(model, prediction, check=None, label="Toy"):
    """Make a claim that is about nothing."""

    def proved(model, prediction, budget):
        return Evidence(Verdict.PROVED, "")

    control = Control("none", prediction=0)
    return Claim(label, "statement", model, prediction, check or proved, (control,), Verdict.PROVED)


@pytest.fixture(scope="session")
def toy():
    return _toy
