"""What a page shows, an entry a statement, be it from `verify` or from `check_model`."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from proofs_checks.claim import Claim, Evidence, Report, Verdict
from proofs_checks.discovery import discover, module_of, place_of, where
from proofs_checks.own_model import ModelReport
from proofs_checks.paper.contents import CONTENTS, spoken_for

FAILS = (Verdict.REFUTED, Verdict.UNDECIDED)
"""Verdicts of rows of ``check_model`` that fail a test."""

_BEYOND = "extensions"


@dataclass(frozen=True)
class Found:
    """What one run of a check found, under a heading.

    Attributes
    ----------
    heading : str
    evidence : Evidence
    good : bool
        Whether it is what was to be found.
    """

    heading: str
    evidence: Evidence
    good: bool = True


@dataclass(frozen=True)
class Entry:
    """One statement of a page.

    Attributes
    ----------
    label, sentence : str
    section : str
        Key of the section, as folders of ``proofs_checks.paper`` are called.
    evidence : Evidence
    word : str
        The verdict, or ERROR.
    complaints : tuple of str
        What isn't as expected: where there is any, the entry is red and first.
    hypotheses : tuple of str
    printed : Found, optional
        What the paper prints, of an erratum.
    kind : str
        Of an erratum, what it is about.
    controls : tuple of Found
    seconds : float or None
    command : str
        What reproduces it.
    source : str
        File and line.
    picture : tuple of (str, str), optional
        Words for it, and the picture as the address of an ``img``.
    """

    label: str
    sentence: str
    section: str
    evidence: Evidence
    word: str
    complaints: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    printed: Found | None = None
    kind: str = ""
    controls: tuple[Found, ...] = ()
    seconds: float | None = None
    command: str = ""
    source: str = ""
    picture: tuple[str, str] | None = None
    anchor: str = field(default="", compare=False)

    @property
    def ok(self) -> bool:
        """Whether all is as expected."""
        return not self.complaints

    @property
    def applies(self) -> bool:
        """Whether the statement speaks of what it was asked of."""
        return self.evidence.applies


def section_title(section: str) -> str:
    """Write the key of a section as people say it.

    Examples
    --------
    >>> section_title("section_6"), section_title("appendix_b"), section_title("2510_22026")
    ('Section 6', 'Appendix B', 'arXiv 2510.22026')
    """
    kind, _, name = section.partition("_")
    if kind.isdigit():
        return f"arXiv {kind}.{name}"
    return f"{kind.capitalize()} {name.upper()}" if name else "Beyond the paper"


@cache
def _homes() -> dict[str, Claim[Any, Any]]:
    return {claim.label: claim for claim in discover()}


def _section(label: str) -> str:
    """Find the section of a claim by its label, which a changed copy of a claim keeps."""
    named = spoken_for(label)
    if named:
        return next(folder for folder, labels in CONTENTS.items() if named[0] in labels)
    if label not in _homes():
        return _BEYOND
    _, room, folder, *_ = module_of(_homes()[label]).__name__.split(".")
    if room == "paper":
        return folder
    return "_".join(folder.split("_")[-2:]) if room == "literature" else _BEYOND


def _source(label: str) -> str:
    if label not in _homes():
        return ""
    path, line = where(_homes()[label])
    root = Path(__file__).resolve().parents[2]
    return f"{path.resolve().relative_to(root).as_posix()}:{line}"


def anchors(entries: Iterable[Entry]) -> list[str]:
    """Name every entry for a link, each differently.

    Examples
    --------
    >>> one = Entry("E.(3.7)", "", "section_3", Evidence(Verdict.OPEN, ""), "OPEN")
    >>> anchors([one, one])
    ['E.-3.7', 'E.-3.7--2']
    """
    names, before = [], Counter[str]()
    for entry in entries:
        plain = "".join(c if c.isalnum() or c == "." else "-" for c in entry.label)
        name = "-".join(part for part in plain.split("-") if part) or "statement"
        before[name] += 1
        names.append(name if before[name] == 1 else f"{name}--{before[name]}")
    return names


def of_reports(
    reports: Sequence[Report],
    claims: Iterable[Claim[Any, Any]],
    options: str = "",
    pictures: Mapping[str, tuple[str, str]] | None = None,
) -> list[Entry]:
    """Return the entries of a run of ``verify``.

    Parameters
    ----------
    reports : sequence of Report
    claims : iterable of Claim
        Those that were verified, for their hypotheses.
    options : str
        Of the command, besides label and seed.
    pictures : Mapping, optional
        Words and address of the picture beside a claim, by its label.
    """
    known = {claim.label: claim for claim in claims}
    entries = []
    for report in reports:
        claim = known.get(report.label)
        printed = None
        if report.printed is not None and claim is not None and claim.printed is not None:
            good = not any(words.startswith("printed form") for words in report.complaints)
            printed = Found(claim.printed.change, report.printed, good)
        failed = report.error and report.verdict is Verdict.UNDECIDED
        entries.append(
            Entry(
                report.label,
                report.statement,
                _section(report.label),
                report.evidence,
                "ERROR" if failed else report.evidence.word,
                report.complaints,
                tuple(h.text for h in claim.hypotheses) if claim is not None else (),
                printed,
                report.kind or "",
                tuple(
                    Found(change, found, found.verdict is Verdict.REFUTED)
                    for change, found in report.controls
                ),
                report.seconds,
                f"attnflow verify {shlex.quote(report.label)} --seed {report.seed}{options}",
                _source(report.label),
                (pictures or {}).get(report.label),
            )
        )
    return entries


def of_model(report: ModelReport, command: Callable[[str], str]) -> list[Entry]:
    """Return the entries of a report of ``check_model``, as the paper's sections have them.

    Parameters
    ----------
    report : ModelReport
    command : callable
        Writes the command that asks one row, by its label.
    """
    return [
        Entry(
            row.name,
            row.statement,
            place_of(row.name).folder,
            row.evidence,
            row.evidence.word,
            (f"{row.evidence.word}: {row.evidence.detail}",)
            if row.evidence.verdict in FAILS
            else (),
            command=command(row.name),
        )
        for _, rows in report.by_section()
        for row in rows
    ]
