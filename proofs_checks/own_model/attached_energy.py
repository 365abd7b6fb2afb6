"""Rows on an energy, (3.5) and Proposition 3.4, of models that state none and climb that of SA.

What they say is of E alone. That a model climbs E is a theorem, T5a: so E is the model's own.
"""

from __future__ import annotations

from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import ascent, is_of_attention, of_energy
from theory.energy import ENERGY as STATED
from theory.models import USA
from theory.symbols import beta


def of_attention(flow: Flow) -> tuple[str, Flow] | str:
    """Return USA at the model's own β, whose energy is that of SA, for a model that climbs it."""
    if flow.code or flow.model.energy not in (None, STATED):
        return "no energy is attached"
    climbs = of_energy(ascent, Subject.of(flow.model, flow.values))
    if climbs is None or not is_of_attention(climbs[1], flow.values):
        return "no energy of all tokens alike is attached"
    given = {str(p): value for p, value in flow.given.items() if str(p) == str(beta)}
    return f"of the energy of SA, which {flow.name} climbs (T5a)", Flow.of(USA, **given)


OF_ENERGY = tuple(
    OfAnother(name, of_attention)
    for name in (
        "(3.5)",
        "Proposition 3.4",
        "Proposition 3.4 maximum",
        "Proposition 3.4 minimum",
        "Proposition 3.4 uniqueness",
    )
)


__all__ = ["OF_ENERGY", "of_attention"]
