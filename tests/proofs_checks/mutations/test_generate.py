"""Mutations of the claims: deterministic, different, and equivalent ones have a reason."""

from dataclasses import replace

import pytest
import sympy as sp

from proofs_checks import CLAIMS
from proofs_checks.claim import Equivalent
from proofs_checks.mutations.generate import equivalence, mutations
from proofs_checks.mutations.run import LEAST

# A sixth of the claims by default, the others in `slow`: their mutations take 18 s.
SIXTH = pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=claim.label, marks=[pytest.mark.slow] if k % 6 else [])
        for k, claim in enumerate(CLAIMS)
    ],
)


@pytest.mark.every(13)
@SIXTH
def test_mutations_differ(claim, generated):
    found = generated[claim.label]
    assert len(found) >= LEAST
    assert len({m.name for m in found}) == len(found)
    for mutation in found:
        twin = mutation.twin
        assert (twin.model, twin.prediction) != (claim.model, claim.prediction)
        assert twin.check is claim.check and twin.label == claim.label


@pytest.mark.full
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_mutations_are_deterministic(claim, generated):
    again = mutations(claim)
    assert [(m.name, m.change) for m in generated[claim.label]] == [
        (m.name, m.change) for m in again
    ]


def test_the_first_equivalent_that_matches_gives_the_reason(toy):
    equivalents = (
        Equivalent("first", ("prediction: sign",)),
        Equivalent("second", ("prediction: *",)),
    )
    claim = replace(toy(None, sp.Integer(3)), equivalents=equivalents)
    found = {m.name: equivalence(m) for m in mutations(claim)}
    assert found.pop("prediction: sign") == "first"
    assert found and set(found.values()) == {"second"}


@pytest.mark.every(13)
@SIXTH
def test_every_equivalent_is_the_reason_of_a_mutation(claim, generated):
    reasons = [equivalence(mutation) for mutation in generated[claim.label]]
    for equivalent in claim.equivalents:
        assert equivalent.reason in reasons and "\n" not in equivalent.reason
    # No claim is emptied by its equivalent mutations.
    assert reasons.count("") >= LEAST
