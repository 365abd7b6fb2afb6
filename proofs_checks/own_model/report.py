"""What was found about a model: rows and the report as text, with the numbers that checks go by."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from numerics.arguments import FloatArray
from proofs_checks.claim import Evidence, Verdict
from proofs_checks.discovery import place_of
from proofs_checks.labels import find_rows
from proofs_checks.own_model.row import Row
from proofs_checks.own_model.summary import counts_of, summary_of
from theory.summaries import Summarised, html_table

Array = FloatArray


Implementation = Callable[[Array], Any]


PROVED, CERTIFIED = Verdict.PROVED, Verdict.CERTIFIED


SUPPORTED, REFUTED = Verdict.SUPPORTED, Verdict.REFUTED


VACUOUS, UNDECIDED = Verdict.VACUOUS, Verdict.UNDECIDED


CASES = 30
"""Sampled cases of a row by default."""


SECONDS = 3.0
"""CPU seconds that the decisions of a row may take: ten times what most rows take in all."""


TOLERANCE = 1e-9


DIFFERENCE_STEP = 1e-5


GENERIC_BETAS = (0.375, 0.625, 1.375, 1.875, 2.25, 3.125)


EVERY_SIZE = {"n": "symbolic", "d": "symbolic", "m": "symbolic"}


_WIDTH, _NAME = 80, 28
"""Columns of a table, and where its verdicts stand."""


_LONGEST = 480
"""Characters of what was found in a table; the evidence has all of it."""


@dataclass(frozen=True)
class ModelReport(Summarised):
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

    _shown = ("model", "parameters", "verdicts", "seed")

    model: str
    rows: tuple[Row, ...]
    parameters: Mapping[str, Any]
    seed: int
    seconds: float

    def __getitem__(self, name: str) -> Evidence:
        """Evidence of one row, by its label: "Lemma 6.4" or "lemma 6.4", "(6.9)" or "eq 6.9"."""
        from proofs_checks import CLAIMS

        try:
            found = find_rows(name, [row.name for row in self.rows], CLAIMS, "name")[0]
        except ValueError as error:
            raise KeyError(str(error)) from None
        return next(row.evidence for row in self.rows if row.name == found)

    @property
    def verdicts(self) -> dict[str, int]:
        """How many rows have which verdict; what doesn't apply has none."""
        counts = {v.name: sum(r.evidence.verdict is v for r in self.rows) for v in Verdict}
        return {name: count for name, count in counts.items() if count}

    def _repr_html_(self) -> str:
        """Return the rows as a table: name, verdict, sentence, what was found."""
        rows = [
            (row.name, row.evidence.word, row.statement, _found(row.evidence))
            for _, rows in self.by_section()
            for row in rows
        ]
        numbers = f"numbers, where one is needed: {self.numbers}" if self.parameters else ""
        return html_table(
            f"check_model: {self.model}", rows, ("", "verdict", "statement", "found"), numbers
        )

    @property
    def numbers(self) -> str:
        """The numbers that samples were drawn at, in words; "" where none is needed."""
        return ", ".join(
            f"{name} = {'a function of t' if callable(value) else np.asarray(value).tolist()}"
            for name, value in self.parameters.items()
        )

    @property
    def counts(self) -> str:
        """How many rows have which verdict, and how many don't apply, in words."""
        return counts_of(self.rows)

    @property
    def summary(self) -> str:
        """What survives, what fails and why, and what isn't decided, in at most ten lines."""
        return summary_of(self.model, self.rows)

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
            "summary": self.summary,
            "verdicts": self.verdicts,
            "rows": [
                {
                    "name": row.name,
                    "statement": row.statement,
                    "applies": row.applies,
                    "reason": None if row.applies else row.evidence.detail,
                    "verdict": row.evidence.word if row.applies else None,
                    "detail": row.evidence.detail,
                    "scope": dict(row.evidence.scope),
                    "assumptions": list(row.evidence.assumptions),
                    "cases": row.evidence.cases,
                    "margin": row.evidence.margin,
                    "section": place_of(row.name).folder,
                    "sheet": _plain_steps(row.evidence),
                }
                for row in self.rows
            ],
        }

    def by_section(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """Rows under the titles of the paper's sections, those beyond the paper last."""
        ordered = sorted(self.rows, key=lambda row: place_of(row.name))
        groups = groupby(ordered, key=lambda row: place_of(row.name).folder)
        return tuple((_title(folder), tuple(rows)) for folder, rows in groups)

    def only(self, names: Sequence[str]) -> str:
        """Write some rows."""
        lines = [line for row in self.rows if row.name in names for line in _row_lines(row)]
        return "\n".join([*textwrap.wrap(f"check_model: {self.model}", _WIDTH), *lines])

    def __str__(self) -> str:
        """Summary, and the table of what applies, at most 80 columns wide."""
        return self.text()

    def text(self, every: bool = False) -> str:
        """Write the summary, and the table by sections of the paper.

        Parameters
        ----------
        every : bool
            Whether rows that don't apply are shown with their reasons, not by their labels alone.
        """
        lines = self.summary.splitlines()
        if self.parameters:
            lines += ["", *textwrap.wrap(f"numbers, where one is needed: {self.numbers}", _WIDTH)]
        for title, rows in self.by_section():
            lines += ["", title]
            for row in rows:
                lines += _row_lines(row) if row.applies or every else []
            outside = [row.name for row in rows if not row.applies]
            lines += [] if every or not outside else _outside(self.model, outside)
        return "\n".join(lines)


def _outside(model: str, names: list[str]) -> list[str]:
    """Name the rows of a section that don't apply."""
    words = f"don't speak of {model}: {', '.join(names)} (--all lists why)"
    return textwrap.wrap(words, _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _plain_steps(evidence: Evidence) -> list[dict[str, Any]]:
    """Write the steps of the proof as plain data, none where there is no sheet."""
    steps = evidence.sheet.steps if evidence.sheet is not None else ()
    return [
        {
            "text": s.text,
            "how": s.how.value,
            "outcome": s.outcome.value,
            "evidence": s.evidence,
            "sources": list(s.sources),
        }
        for s in steps
    ]


def _title(folder: str) -> str:
    kind, _, name = folder.partition("_")
    return f"{kind.capitalize()} {name.upper()}" if name else "Beyond the paper"


def _row_lines(row: Row) -> list[str]:
    """Name, verdict and sentence; below them what was found, and where it holds."""
    evidence = row.evidence
    head = f"  {row.name}"
    name = [head] if len(head) > _NAME - 2 else []
    start = f"{'' if name else head:<{_NAME}}{evidence.word:<10} "
    hang = " " * len(start)
    lines = name + textwrap.wrap(
        row.statement, _WIDTH, initial_indent=start, subsequent_indent=hang
    )
    indent = " " * 6
    words = _found(evidence)
    return lines + textwrap.wrap(words, _WIDTH, initial_indent=indent, subsequent_indent=indent)


def _found(evidence: Evidence) -> str:
    """Say what was found, and where it holds."""
    words = evidence.detail
    if evidence.verdict in (PROVED, CERTIFIED):
        scope = [_range(a, b) for a, b in evidence.scope.items() if b != "symbolic"]
        words += f" ({', '.join(scope)})" if scope else ""
    return textwrap.shorten(words, _LONGEST, placeholder=" …")


def _range(name: str, words: str) -> str:
    """Write one range of a scope: "beta >= 0" of "symbolic, >= 0"."""
    rest = words.removeprefix("symbolic, ").removeprefix(f"{name} ")
    return f"{name} {rest}" if rest.startswith((">", "<")) else f"{name}: {rest}"
