"""The scope of what is shown of a model that has no velocity at the first numbers of tokens."""

from __future__ import annotations

from dataclasses import replace

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.proof import Flow, first_size


def from_first_size(flow: Flow, evidence: Evidence) -> Evidence:
    """Say in the scope from which n on a model has a velocity, where that isn't 2.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import n
    >>> late = Flow.of(replace(SA, velocity=SA.velocity / (n - 2)))
    >>> from_first_size(late, Evidence(Verdict.PROVED, "", scope={"n": "symbolic"})).scope
    {'n': 'symbolic, >= 3'}
    """
    if evidence.verdict not in (Verdict.PROVED, Verdict.CERTIFIED):
        return evidence
    least = first_size(flow.model)
    if least == 2 or evidence.scope.get("n") != "symbolic":
        return evidence
    return replace(evidence, scope={**evidence.scope, "n": f"symbolic, >= {least}"})


__all__ = ["from_first_size"]
