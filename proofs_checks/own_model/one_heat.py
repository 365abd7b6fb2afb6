"""Rows of a softmax at one heat c = c(n, parameters) >= 0: the flow is SA's at β = c.

Or SA's at β = c and at a pace, which numbers and t alone are in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import Expr, MatMul, S, log

from proofs_checks.claim import Evidence
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow, heat, schedule_of
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA
from theory.symbols import X, beta, m, n, t


def derive_heat(flow: Flow) -> Expr | None:
    """Return c of a flow of SA at β = c, in which there is no β; it may be below 0.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> derive_heat(Flow.of(catalogue("long context")))
    exponent*log(n)
    """
    own = None if flow.code or beta in flow.model.parameters else heat(flow)
    if own is None or own.free_symbols & {X, m, t, beta} or len(flow.model.blocks) > 1:
        return None
    whole = _pace(flow)
    if whole.free_symbols - {t} or schedule_of(whole).sign != 1:
        return None
    known = Tangent(X, whole * RowSoftmax(own * X * X.T, m) * X)
    return own if flow.model.velocity.xreplace(flow.values) == known else None


def _pace(flow: Flow) -> Expr:
    """Return what stands in front of the velocity."""
    velocity = flow.model.velocity.xreplace(flow.values)
    field = velocity.field if isinstance(velocity, Tangent) else velocity
    found: Expr = field.as_coeff_mmul()[0] if isinstance(field, MatMul) else S.One
    return found


def _never(own: Expr) -> bool:
    """Whether a heat is below 0, log n apart, which isn't."""
    return bool(own.subs(log(n), 1).is_negative)


def _sa(flow: Flow) -> tuple[str, Flow] | str:
    own = derive_heat(flow)
    if own is None or _never(own):
        return "the flow isn't SA's at one β >= 0"
    pace = _pace(flow)
    known = SA if pace == 1 else replace(SA, velocity=Tangent(X, pace * SA.velocity.field))
    times = "" if pace == 1 else f", times {pace}"
    return f"the flow is SA's at β = {own}{times}, where this is >= 0", Flow.of(known)


@dataclass(frozen=True)
class AtHeat(OfAnother):
    """A row that is asked of SA, for every β >= 0."""

    def ask(self, flow: Flow) -> Evidence:
        """Evidence of SA, with β by its name in the flow."""
        found, own = super().ask(flow), derive_heat(flow)
        scope = {str(own) if key == "beta" else key: said for key, said in found.scope.items()}
        return replace(found, scope=scope)


AT_HEAT: Mapping[str, OfAnother] = {
    name: AtHeat(name, _sa, by_theorem=True) for name in ("circle", "Theorem 5.1", "Theorem 6.1")
}
"""Rows on almost every start, which say β >= 0 or hold from a β on."""


__all__ = ["AT_HEAT", "derive_heat"]
