"""A row of a report: a statement and what was found of it for a model."""

from __future__ import annotations

from typing import NamedTuple

from proofs_checks.claim import Evidence


class Row(NamedTuple):
    """One line of a report."""

    name: str
    evidence: Evidence
    statement: str

    @property
    def applies(self) -> bool:
        """Whether the statement speaks of this kind of model."""
        return self.evidence.applies


__all__ = ["Row"]
