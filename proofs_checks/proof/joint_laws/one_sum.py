"""Premise of (8.1): every token is moved by one sum over the others, without a random divisor."""

from __future__ import annotations

from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import Premise
from proofs_checks.proof.kinds import PAPER_WEIGHTS
from proofs_checks.proof.parameters import valued
from proofs_checks.proof.sheet import How, Outcome, Step, gap
from theory.hierarchy import Hierarchy, bbgky


def _one_sum(flow: Flow) -> Step:
    text = "θ_i' = (1/n) Σ_j c(θ_i-θ_j), c odd"
    if not (plain := PAPER_WEIGHTS.test(flow)).holds:
        return Step(text, How.DERIVED, Outcome.FAILS, plain.evidence)
    try:
        found = bbgky(valued(flow))
    except (ValueError, NotImplementedError) as error:
        return Step(text, How.DERIVED, Outcome.FAILS, str(error))
    return Step(text, How.DERIVED) if found.proved else gap(text, "a residual is left")


ONE_SUM = Premise("ONE_SUM", _one_sum, kind=True)


def derived_hierarchy(flow: Flow) -> Hierarchy | None:
    """Hierarchy of a flow at its given numbers, if it has one that is proved."""
    try:
        found = bbgky(valued(flow))
    except (ValueError, NotImplementedError):
        return None
    return found if found.proved else None
