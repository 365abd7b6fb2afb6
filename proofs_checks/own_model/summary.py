"""What opens a report: what survives, what fails and why, what isn't decided, in ten lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from proofs_checks.claim import Verdict
from proofs_checks.own_model.row import Row

WIDTH = 80
LINES = 10
"""What a reader takes in at one glance."""

_WORD, _NAMES, _MOST = 12, 36, 3
"""Columns of a head and of labels before a reason, and the lines that a head may take."""

_PREMISE = re.compile(r"the proof needs (.*?)(?:, not shown)?: ")

_GAP = re.compile(r"GAP; (.*?)\]")

_SURVIVE = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED)


def counts_of(rows: Iterable[Row]) -> str:
    """Say how many rows have which verdict, and how many have none.

    Examples
    --------
    >>> from proofs_checks.claim import Evidence, Verdict, not_applicable
    >>> found = (Evidence(Verdict.PROVED, ""), not_applicable("no mask"))
    >>> counts_of(Row(str(place), one, "") for place, one in enumerate(found))
    "1 PROVED; 1 doesn't apply"
    """
    said = [row.evidence.verdict for row in rows]
    counts = ", ".join(f"{said.count(v)} {v}" for v in Verdict if v in said)
    outside = said.count(None)
    verb = "doesn't" if outside == 1 else "don't"
    return "; ".join(filter(None, (counts, f"{outside} {verb} apply" if outside else "")))


def summary_of(model: str, rows: Sequence[Row]) -> str:
    """Say which rows survive, which fail, and which aren't decided, in at most ten lines."""
    asked = [row for row in rows if row.applies]
    lines = [_short(f"check_model: {model}", WIDTH), counts_of(rows)]
    survive = [row.name for row in asked if row.evidence.verdict in _SURVIVE]
    lines += _survivors(survive)
    heads = (
        ("fail", (Verdict.REFUTED,)),
        ("not decided", (Verdict.UNDECIDED, Verdict.OPEN)),
        ("empty", (Verdict.VACUOUS,)),
    )
    groups = [(head, _groups(model, asked, among)) for head, among in heads]
    for place, (head, found) in enumerate(groups):
        later = sum(bool(rest) for _, rest in groups[place + 1 :])
        room = max(1, min(_MOST if head != "empty" else 1, LINES - len(lines) - later))
        lines += _reasons(head, found, room)
    return "\n".join(lines)


def _survivors(names: list[str]) -> list[str]:
    """List labels on two lines at most."""
    if not names:
        return []
    room = 2 * (WIDTH - _WORD) - 16  # what breaking a line, and "and 12 more", may cost
    head = f"{'survive':<{_WORD}}"
    return textwrap.wrap(
        _listed(names, room), WIDTH, initial_indent=head, subsequent_indent=" " * _WORD
    )[:2]


def _listed(names: Sequence[str], room: int) -> str:
    """List labels as far as there is room, and how many more."""
    shown = list(names[:1])
    for place, name in enumerate(names[1:], start=1):
        rest = f", and {len(names) - place} more"
        if len(", ".join((*shown, name))) + len(rest) > room:
            return ", ".join(shown) + rest
        shown.append(name)
    return ", ".join(shown)


def _groups(
    model: str, rows: Iterable[Row], among: Sequence[Verdict]
) -> list[tuple[str, list[str]]]:
    """Collect labels by what was found of them, the largest group first."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.evidence.verdict in among:
            reason = _reason(row.evidence.detail.removeprefix(f"{model}: "))
            found.setdefault(reason, []).append(row.name)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _reason(words: str) -> str:
    """Name a premise alone, and why a step is a gap: the rest stands in the row."""
    if premise := _PREMISE.match(words):
        return f"the proof needs {premise[1]}"
    if gap := _GAP.search(words):
        return gap[1]
    return words.removeprefix("outside the domain ")


def _reasons(head: str, groups: list[tuple[str, list[str]]], room: int) -> list[str]:
    """Write a line a reason, and one line for all that have no room."""
    if not groups:
        return []
    shown = groups if len(groups) <= room else groups[: room - 1]
    parts = [f"{_listed(names, _NAMES)}: {reason}" for reason, names in shown]
    rest = [name for _, names in groups[len(shown) :] for name in names]
    if rest:
        parts.append(f"{_listed(rest, WIDTH - _WORD - 20)}: see below")
    return list(_lined(head, parts))


def _lined(head: str, parts: Iterable[str]) -> Iterator[str]:
    for place, part in enumerate(parts):
        yield _short(f"{'' if place else head:<{_WORD}}{part}", WIDTH)


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 2].rstrip() + " …"


__all__ = ["counts_of", "summary_of"]
