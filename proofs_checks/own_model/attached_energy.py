"""Rows on an energy, (3.5) and Proposition 3.4, of models that state none and climb that of SA.

What they say is of E alone. That a model climbs E is a theorem, T5a: so E is the model's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import ascent, is_of_attention, of_energy
from theory.energy import ENERGY as STATED
from theory.models import USA
from theory.symbols import beta


@dataclass(frozen=True)
class OfAttached:
    """A row on an energy, asked of the energy of SA for a model that climbs it.

    Attributes
    ----------
    name : str
        The row.
    """

    name: str

    @property
    def sentence(self) -> str:
        """What the row says."""
        from proofs_checks.discovery import questions

        return questions()[self.name].sentence

    def ask(self, flow: Flow) -> Evidence:
        """Evidence for the energy that is attached, at the model's own β."""
        from proofs_checks.discovery import questions

        if flow.code or flow.model.energy not in (None, STATED):
            return Evidence(Verdict.UNDECIDED, "no energy is attached")
        climbs = of_energy(ascent, Subject.of(flow.model, flow.values))
        if climbs is None or not is_of_attention(climbs[1], flow.values):
            return Evidence(Verdict.UNDECIDED, "no energy of all tokens alike is attached")
        given = {str(p): value for p, value in flow.given.items() if str(p) == str(beta)}
        found = questions()[self.name].ask(Flow.of(USA, **given))
        said = f"of the energy of SA, which {flow.name} climbs (T5a)"
        return replace(found, detail=f"{said}: {found.detail}")


OF_ENERGY = tuple(
    OfAttached(name)
    for name in (
        "(3.5)",
        "Proposition 3.4",
        "Proposition 3.4 maximum",
        "Proposition 3.4 minimum",
        "Proposition 3.4 uniqueness",
    )
)


__all__ = ["OF_ENERGY", "OfAttached"]
