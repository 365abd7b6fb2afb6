"""What was found about a model: rows and the report as text, with the numbers that checks go by."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from numerics.arguments import FloatArray
from proofs_checks.claim import Evidence, Verdict

Array = FloatArray


Implementation = Callable[[Array], Any]


PROVED, CERTIFIED = Verdict.PROVED, Verdict.CERTIFIED


SUPPORTED, REFUTED = Verdict.SUPPORTED, Verdict.REFUTED


VACUOUS, UNDECIDED = Verdict.VACUOUS, Verdict.UNDECIDED


CASES = 30
"""Sampled cases of a row by default."""


TOLERANCE = 1e-9


DIFFERENCE_STEP = 1e-5


GENERIC_BETAS = (0.375, 0.625, 1.375, 1.875, 2.25, 3.125)


EVERY_SIZE = {"n": "symbolic", "d": "symbolic", "m": "symbolic"}


_WIDTH = 80


class Row(NamedTuple):
    """One line of a report."""

    name: str
    evidence: Evidence
    statement: str


@dataclass(frozen=True)
class ModelReport:
    """What was found about a model.

    Attributes
    ----------
    model : str
        Name of the model.
    rows : tuple of Row
        ``(name, evidence, statement)`` in a fixed order.
    parameters : Mapping
        The numbers that samples were drawn at.
    seed : int
    seconds : float
    """

    model: str
    rows: tuple[Row, ...]
    parameters: Mapping[str, Any]
    seed: int
    seconds: float

    def __getitem__(self, name: str) -> Evidence:
        """Evidence of one row."""
        for row in self.rows:
            if row.name == name:
                return row.evidence
        raise KeyError(
            f"Expected a row among {[row.name for row in self.rows]} but got name={name!r}."
        )

    @property
    def refuted(self) -> tuple[str, ...]:
        """Names of the rows with a counterexample."""
        return tuple(row.name for row in self.rows if row.evidence.verdict is REFUTED)

    def holds(self, name: str) -> bool:
        """Whether a row is proved, certified, or supported by every sample."""
        return self[name].verdict in (PROVED, CERTIFIED, SUPPORTED)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "model": self.model,
            "parameters": {a: np.asarray(b).tolist() for a, b in self.parameters.items()},
            "seed": self.seed,
            "seconds": self.seconds,
            "rows": [
                {
                    "name": row.name,
                    "statement": row.statement,
                    "verdict": row.evidence.verdict.name,
                    "detail": row.evidence.detail,
                    "scope": dict(row.evidence.scope),
                    "assumptions": list(row.evidence.assumptions),
                    "cases": row.evidence.cases,
                    "margin": row.evidence.margin,
                }
                for row in self.rows
            ],
        }

    def __str__(self) -> str:
        """Table, at most 80 columns wide."""
        name_width = max(len(row.name) for row in self.rows)
        left = name_width + 12
        lines = textwrap.wrap(f"check_model: {self.model}", _WIDTH)
        for row in self.rows:
            words = row.evidence.detail
            if row.evidence.verdict in (PROVED, CERTIFIED) and row.evidence.scope:
                fixed = [f"{a}: {b}" for a, b in row.evidence.scope.items() if b != "symbolic"]
                words += f" ({', '.join(fixed)})" if fixed else ""
            wrapped = textwrap.wrap(words, _WIDTH - left) or [""]
            lines.append(f"{row.name:<{name_width}}  {row.evidence.verdict!s:<9} {wrapped[0]}")
            lines += [" " * left + line for line in wrapped[1:]]
        counts = {v: sum(r.evidence.verdict is v for r in self.rows) for v in Verdict}
        lines.append(", ".join(f"{c} {v.name}" for v, c in counts.items() if c))
        return "\n".join(lines)
