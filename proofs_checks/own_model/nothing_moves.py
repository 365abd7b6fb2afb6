"""Rows of a flow that stands still, as where V = 0 or each token pulls itself alone.

Flows at two β are one, nothing has a law that moves; each measure stays, and each state near
consensus.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofs_checks.claim import Budget
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.own_model.states import unproved
from proofs_checks.proof import Counterexample, Flow, Statement
from proofs_checks.theorems import Refusal, standing, subject_in, words_of
from theory.symbols import beta


def stands_still(flow: Flow) -> bool | None:
    """Return True where no token of a flow on the sphere moves, else None.

    Examples
    --------
    >>> from theory.atoms import Tangent
    >>> from theory.models import SA, Model
    >>> from theory.symbols import X
    >>> still = Model("still", Tangent(X, -3 * X))
    >>> stands_still(Flow.of(still)), stands_still(Flow.of(SA))
    (True, None)
    """
    alone = len(flow.model.blocks) == 1 and flow.model.kind == "flow" and not flow.code
    rests = alone and flow.model.noise is None and flow.on_sphere.holds and flow.weight == 0
    return True if rests else None


def of_rest(flow: Flow) -> Shown | None:
    """Each token stays where it is, whatever β: no flow parts from another, and no law moves."""
    if not stands_still(flow):
        return None
    subject = subject_in(flow)
    found = None if isinstance(subject, Refusal) else standing(subject)
    return None if found is None else Shown(f"nothing moves: {words_of(found)}", found)


def _fails(name: str, said: str) -> Statement[bool]:
    def refute(flow: Flow, still: bool | None, budget: Budget) -> Counterexample | None:
        found = Counterexample(f"nothing moves: {said}", {"n": ">= 1", "d": ">= 2"})
        return None if still is None else found

    return Statement(name, "", unproved, stands_still, refute)


OF_REST: Mapping[str, Statement[Any]] = {
    one.name: one
    for one in (
        stated("(4.4)", of_rest, varies=(beta,)),
        stated("(4.5)", of_rest, varies=(beta,)),
        stated("(7.1) continuity", of_rest),
        stated("(8.1)", of_rest),
        _fails("Remark 6.2", "each measure is invariant, those with smooth densities too"),
        _fails("Remark 6.5", "two tokens that aren't one stay at their distance"),
    )
}
"""Rows that are decided where nothing moves, as statements of their own."""


__all__ = ["OF_REST", "stands_still"]
