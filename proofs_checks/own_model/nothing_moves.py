"""Rows of a flow that stands still, as where V = 0 or each token pulls itself alone.

Flows at two β are one, nothing has a law that moves; each measure stays, and each state near
consensus.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import unproved
from proofs_checks.proof import SYMBOLIC, Counterexample, Flow, Sheet, Statement, derived
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


def _proof(said: str, flow: Flow, still: bool) -> Sheet:
    step = derived("x_i' = P_i Σ_j k(g_ij) x_j = 0, k = 0", flow.weight)
    return Sheet((step,), SYMBOLIC, (), said)


def _holds(name: str, said: str, **more: Any) -> Statement[bool]:
    def decide(flow: Flow, still: bool) -> Sheet:
        return _proof(said, flow, still)

    return Statement(name, said, decide, stands_still, **more)


def _fails(name: str, said: str) -> Statement[bool]:
    def refute(flow: Flow, still: bool | None, budget: Budget) -> Counterexample | None:
        found = Counterexample(f"nothing moves: {said}", {"n": ">= 1", "d": ">= 2"})
        return None if still is None else found

    return Statement(name, "", unproved, stands_still, refute)


OF_REST: Mapping[str, Statement[bool]] = {
    one.name: one
    for one in (
        _holds("(4.4)", "nothing moves: flows at β and at 0 are one, f = 0", varies=(beta,)),
        _holds("(4.5)", "nothing moves: there is no deviation, at any β and m", varies=(beta,)),
        _holds("(7.1) continuity", "nothing moves: the velocity is 0 (h'*ν)"),
        _holds("(8.1)", "nothing moves: the law of the difference of two tokens stays, v = 0"),
        _fails("Remark 6.2", "each measure is invariant, those with smooth densities too"),
        _fails("Remark 6.5", "two tokens that aren't one stay at their distance"),
    )
}
"""Rows that are decided where nothing moves, as statements of their own."""


__all__ = ["OF_REST", "stands_still"]
