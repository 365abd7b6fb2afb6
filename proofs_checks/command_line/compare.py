"""``attnflow compare``: what is derived of two or more models, and what survives, side by side.

A row that applies to none of them is left out.
"""

from __future__ import annotations

import argparse
import json
import textwrap

from proofs_checks.claim import Evidence
from proofs_checks.command_line.check import FILE, model_from
from proofs_checks.command_line.models import model_named
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of
from proofs_checks.command_line.progress import progress
from proofs_checks.command_line.results import whole_files
from proofs_checks.own_model import ModelReport, check_model
from proofs_checks.variants import PARTS, Part, part_of
from theory.models import Model
from theory.parse import parse_kernel

_NAME, _COLUMN = 29, 10
"""Columns of a row's name, and the least of each model: the longest verdict and a blank."""

MOST = (WIDTH - _NAME) // _COLUMN
"""Models that stand side by side."""

_TITLES = {"gram": "Gram flow", "equiangular": "equal angles", "spectrum": "consensus spectrum"}


def _subject(text: str) -> Model | str:
    """Return what a word names: a model of the catalogue, of a file, or a kernel."""
    try:
        return model_named(text)
    except ValueError as unknown:
        if FILE.fullmatch(text):
            return model_from(text)
        try:
            parse_kernel(text)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"{unknown} As a kernel h(t) it isn't understood either: {error}"
            ) from error
        return text


def _word(part: Part) -> str:
    return "derived" if part.derived else "none" if part.witness is not None else "open"


def _parts(subject: Model | str) -> dict[str, Part]:
    if isinstance(subject, str):
        from proofs_checks.command_line.derive import model_of

        subject = model_of(subject)
    return {name: part_of(subject, name) for name in PARTS}


def _row(name: str, words: list[str], width: int) -> list[str]:
    if len(name) < _NAME - 1:
        return [f"{name:<{_NAME}}" + "".join(f"{word:<{width}}" for word in words).rstrip()]
    return [name, " " * _NAME + "".join(f"{word:<{width}}" for word in words).rstrip()]


def _heads(names: list[str], width: int) -> list[str]:
    """Names of the models, broken to the width of their columns."""
    filled = [textwrap.wrap(name, width - 1) for name in names]
    height = max(map(len, filled))
    columns = [[""] * (height - len(lines)) + lines for lines in filled]
    return [
        " " * _NAME + "".join(f"{cell:<{width}}" for cell in cells).rstrip()
        for cells in zip(*columns, strict=True)
    ]


def _verdict(evidence: Evidence) -> str | None:
    return None if evidence.verdict is None else evidence.verdict.name


def _verdicts(reports: list[ModelReport]) -> dict[str, list[str | None]]:
    """Verdict of each model by row, in the order of the paper; None where it doesn't apply."""
    found: dict[str, list[str | None]] = {}
    for _, rows in reports[0].by_section():
        for row in rows:
            found[row.name] = [_verdict(report[row.name]) for report in reports]
    return found


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    names = list(args.names)
    if not 2 <= len(names) <= MOST:
        raise ValueError(
            f"Expected 2 to {MOST} models but got {len(names)}; see them with attnflow models."
        )
    subjects = [_subject(name) for name in names]
    reports, parts = [], []
    for name, subject in zip(names, subjects, strict=True):
        with progress(args, f"{name}: checking") as tell:
            reports.append(check_model(subject, rng=args.seed, watch=tell))
            tell("what is derived")
            parts.append(_parts(subject))
    verdicts = _verdicts(reports)
    shown = {
        name: words
        for name, words in verdicts.items()
        if (len(set(words)) > 1 if args.differ else set(words) != {None})
    }
    data = {
        "models": names,
        "derived": {
            part: [{"derived": found[part].derived, "text": found[part].text} for found in parts]
            for part in PARTS
        },
        "verdicts": verdicts,
        "reports": [report.as_dict() for report in reports],
        "provenance": record_of(args),
    }
    if args.out is not None:
        text = json.dumps(data, indent=1) + "\n"
        with whole_files(args) as folder:
            (folder / "compare.json").write_text(text, encoding="utf-8")
    if args.json:
        print(json.dumps(data, indent=1))
        return 0
    width = (WIDTH - _NAME) // len(names)
    lines = _heads(names, width)
    for part in PARTS:
        lines += _row(_TITLES.get(part, part), [_word(found[part]) for found in parts], width)
    lines += [""]
    for name, words in shown.items():
        lines += _row(name, ["–" if word is None else word.lower() for word in words], width)
    left = len(verdicts) - len(shown)
    why = "agree" if args.differ else "apply to none"
    lines += ["", f"{left} of {len(verdicts)} statements {why} and are left out" if left else ""]
    print("\n".join(lines).rstrip())
    return 0
