"""Self-contained HTML pages in one style: no network, no script of others, mathematics as MathML.

A page of statements has filters; without scripts it shows all. `document` puts other bodies into
the same frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from proofs_checks.claim import Claim, Report, Verdict
from proofs_checks.own_model import ModelReport
from proofs_checks.pages.entries import Entry, anchors, of_model, of_reports, section_title
from proofs_checks.pages.mathml import mathematics
from proofs_checks.paper.contents import CONTENTS

_ORDER = {section: place for place, section in enumerate((*CONTENTS, "extensions"))}
"""Sections in the order of a page; other papers come last."""
_Numbered = tuple[int, Any, str]
FEW = 8
"""Labels that a line at the top of a page names."""
_PROMISES = {"ERROR": "the check raised an error", **{v.name: v.value for v in Verdict}}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("proofs_checks.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["maths"] = mathematics
    environment.filters["scope"] = _scope
    environment.filters["folded"] = _folded
    return environment


def _asset(name: str) -> str:
    """Text of a file beside the templates."""
    return (files("proofs_checks.pages") / "templates" / name).read_text("utf-8")


def _scope(scope: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {how}" for name, how in scope.items())


def _folded(sheet: Any) -> Iterator[tuple[list[_Numbered], _Numbered]]:
    """Yield each step that a sheet shows, after those before it that fold."""
    shown = {number: found for number, _, found in sheet.shown()}
    hidden: list[_Numbered] = []
    for number, step, found in sheet.shown(every=True):
        if number in shown:
            yield hidden, (number, step, shown[number])
            hidden = []
        else:
            hidden.append((number, step, found))


def document(title: str, body: str, version: str) -> str:
    """Put a body into the frame that all pages share.

    Parameters
    ----------
    title : str
    body : str
        HTML, escaped where it must be.
    version : str
        Version of attnflow.
    """
    template = _environment().get_template("document.html")
    parts = {"title": title, "body": body, "version": version}
    return template.render(parts, style=_asset("style.css"))


def _listed(entries: Sequence[Entry]) -> str:
    """Name the first entries, and how many more there are."""
    more = len(entries) - FEW
    named = "; ".join(entry.label for entry in entries[:FEW])
    return f"{named}; and {more} more" if more > 0 else named


def _page(entries: Sequence[Entry], failed_title: str, all_good: str, **words: Any) -> str:
    """Write statements by sections, what isn't as expected first."""
    every = [replace(e, anchor=a) for e, a in zip(entries, anchors(entries), strict=True)]
    named = [entry for entry in every if entry.applies]
    outside = [entry for entry in every if not entry.applies]
    good = [entry for entry in named if entry.ok]
    failed = [entry for entry in named if not entry.ok]
    groups: dict[str, list[Entry]] = {}
    for entry in sorted(good, key=lambda entry: _ORDER.get(entry.section, len(_ORDER))):
        groups.setdefault(entry.section, []).append(entry)
    counts = Counter(entry.word for entry in named)
    keys = sorted({e.section for e in named}, key=lambda key: (_ORDER.get(key, len(_ORDER)), key))
    return (
        _environment()
        .get_template("statements.html")
        .render(
            failed=failed,
            outside=[
                (section_title(key), list(members))
                for key, members in groupby(outside, key=lambda entry: entry.section)
            ],
            groups=[(key, section_title(key), group) for key, group in groups.items()],
            errata=[entry for entry in named if entry.kind],
            sections=[(key, section_title(key)) for key in keys],
            counts=[
                (k, counts[k], _PROMISES[k]) for k in ("ERROR", *Verdict.__members__) if counts[k]
            ],
            bad=bool(failed),
            state=f"{failed_title}: {_listed(failed)}" if failed else all_good,
            failed_title=failed_title,
            style=_asset("style.css"),
            script=_asset("filters.js"),
            **words,
        )
    )


def claims_page(
    reports: Sequence[Report],
    claims: Iterable[Claim[Any, Any]],
    *,
    version: str,
    seconds: float,
    command: str,
    options: str = "",
    pictures: Mapping[str, tuple[str, str]] | None = None,
) -> str:
    """Write a run of ``verify`` as one page.

    Parameters
    ----------
    reports : sequence of Report
        What ``verify`` returned.
    claims : iterable of Claim
        The claims, for hypotheses and the words of what is printed.
    version : str
        Version of attnflow.
    seconds : float
        How long the run took.
    command : str
        What made it.
    options : str
        Options that each statement's own command needs, such as ``" --cases 100"``.
    pictures : Mapping of str to (str, str), optional
        By label: words for the picture beside a claim, and its address as a ``data:`` URL.

    Returns
    -------
    str
    """
    entries = of_reports(reports, claims, options, pictures)
    controls = sum(len(report.controls) for report in reports)
    refuted = sum(report.controls_refuted for report in reports)
    seed = reports[0].seed if reports else 0
    plural = "" if len(reports) == 1 else "s"
    return _page(
        entries,
        "Not as expected",
        "All as expected.",
        complaint_words="Not as expected: ",
        title=f"attnflow: {len(reports)} claim{plural}",
        heading=f"{len(reports)} claim{plural} on self-attention as an interacting particle system",
        summary=f"{refuted} of {controls} controls refuted; seed {seed}; {seconds:.0f} s.",
        noun="claims",
        version=version,
        command=command,
    )


def check_page(
    report: ModelReport, *, version: str, command: str, command_of: Callable[[str], str]
) -> str:
    """Write what ``check_model`` found as one page.

    Parameters
    ----------
    report : ModelReport
    version : str
        Version of attnflow.
    command : str
        What made it.
    command_of : callable
        Writes the command that asks one row, by its label.
    """
    numbers = report.numbers
    given = f"Numbers, where one is needed: {numbers}. " if numbers else ""
    return _page(
        of_model(report, command_of),
        "Refuted or undecided",
        "Whatever applies holds.",
        complaint_words="",
        title=f"attnflow check: {report.model}",
        heading=f"What holds for {report.model}",
        summary=f"{report.counts}. {given}Seed {report.seed}; {report.seconds:.0f} s.",
        noun="rows",
        version=version,
        command=command,
    )


__all__ = ["check_page", "claims_page", "document"]
