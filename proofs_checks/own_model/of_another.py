"""A row that is asked of another model, for what it says of that one is so of this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from proofs_checks.claim import Evidence, Question, Verdict
from proofs_checks.own_model.shape import CONSENSUS_SPECTRUM
from proofs_checks.proof import Flow


def question(name: str) -> Question:
    """Return the statement of a row."""
    from proofs_checks.discovery import questions

    return CONSENSUS_SPECTRUM if name == CONSENSUS_SPECTRUM.name else questions()[name]


@dataclass(frozen=True)
class OfAnother:
    """A row that is asked of another model.

    Attributes
    ----------
    name : str
        The row.
    other : callable
        Of a flow, why the row carries over, and the flow to ask; or why there is none.
    by_theorem : bool
        Whether theorems may answer for that flow too.
    """

    name: str
    other: Callable[[Flow], tuple[str, Flow] | str]
    by_theorem: bool = False

    @property
    def sentence(self) -> str:
        """What the row says."""
        return question(self.name).sentence

    def ask(self, flow: Flow) -> Evidence:
        """Evidence of the other model, with why it is this one's.

        Examples
        --------
        >>> from theory.models import SA, USA
        >>> row = OfAnother("(3.5)", lambda flow: ("both climb E", Flow.of(USA)))
        >>> row.ask(Flow.of(SA)).detail[:22]
        'both climb E: (Σ_j m_j'
        """
        found = self.other(flow)
        if isinstance(found, str):
            return Evidence(Verdict.UNDECIDED, found)
        said, other = found
        if self.by_theorem:
            from proofs_checks.own_model.by_theorem import asked

            evidence = asked(question(self.name), other)
        else:
            evidence = question(self.name).ask(other)
        return replace(evidence, detail=f"{said}: {evidence.detail}")


__all__ = ["OfAnother"]
