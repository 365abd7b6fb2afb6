"""``attnflow verify LABEL --rocq`` and ``attnflow claims --rocq``: what Rocq says of our proofs.

Exit status: 1 where Rocq refuses a step of a claim that we call PROVED or CERTIFIED, 2 where there
is no coqc.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from proofs_checks.claim import Claim, Report, Verdict
from proofs_checks.command_line.options import WIDTH
from proofs_checks.proof import How, Statement
from proofs_checks.rocq import (
    ClaimExport,
    Compiled,
    Fate,
    RocqMissing,
    StepExport,
    axiom_words,
    compile_all,
    compile_export,
    export_claim,
    record_claim,
    rests_on,
    rocq_available,
    rocq_version,
)
from proofs_checks.verification import verify
from theory.recorded import recording

OURS = (Verdict.PROVED, Verdict.CERTIFIED)
COUNTED = (How.DERIVED, How.DECIDED)
"""Steps of which the share that is covered is told."""


def need_rocq() -> None:
    """Refuse to begin where there is no coqc."""
    if not rocq_available():
        raise RocqMissing


def checked(
    claims: Iterable[Claim[Any, Any]],
    reports: Iterable[Report] = (),
    folder: Path | None = None,
    *,
    together: bool = False,
) -> Iterator[ClaimExport]:
    """Export all claims, formulas recorded once, and compile them one after the other.

    Parameters
    ----------
    claims : iterable of Claim
    reports : iterable of Report
        Their reports, where their sheets are wanted.
    folder : Path, optional
        Where files are kept, one a claim.
    together : bool
        Whether every theorem is compiled once, however many claims have it; nothing is kept then.
    """
    sheets = {report.label: report.evidence.sheets for report in reports}
    listed = list(claims)
    with recording():
        kept = [record_claim(c) if isinstance(c.check, Statement) else None for c in listed]
    exports = [
        export_claim(claim, sheets.get(claim.label, ()), recorded)
        for claim, recorded in zip(listed, kept, strict=True)
    ]
    if together:
        yield from compile_all(exports)
        return
    for export in exports:
        yield compile_export(export, folder=folder)


def _step_lines(step: StepExport) -> list[str]:
    mark = {Fate.COVERED: "Qed", Fate.REFUSED: "REFUSED"}.get(step.fate or Fate.UNCOVERED, "")
    word = step.fate.value if step.fate else "not covered"
    said = mark or f"{word}: {step.reason}".removesuffix(": ")
    lines = textwrap.wrap(
        f"{step.flow}: {step.step.text} [{step.step.how.value}] {said}",
        WIDTH,
        initial_indent="    ",
        subsequent_indent="        ",
    )
    if step.message:
        lines += textwrap.wrap(
            step.message, WIDTH, initial_indent="        ", subsequent_indent="        "
        )
    return lines


def _whole_words(export: ClaimExport) -> str:
    """Say in words whether the whole theorem and the rules are accepted; "" without any."""
    words = []
    if export.whole_done is not None:
        fate = _fate(export.whole_done)
        words.append(f"whole theorem: {fate}, {export.whole_done.seconds:.1f} s")
    if export.rules_done is not None and not export.rules_done.accepted:
        words.append(f"the rules of inference: {_fate(export.rules_done)}")
    return "".join(f"; {word}" for word in words)


def _fate(done: Compiled) -> str:
    return "Qed" if done.accepted else done.message if done.late else "REFUSED"


def summary(export: ClaimExport) -> str:
    """Line about a claim: how many of its steps are covered, in what time, on what axioms."""
    return _steps_in_words(export) + _whole_words(export)


def _steps_in_words(export: ClaimExport) -> str:
    if export.reason:
        return f"rocq: no export: {export.reason}"
    covered, refused = export.count(Fate.COVERED), export.count(Fate.REFUSED)
    if not covered and not refused:
        return "rocq: no export: no step of it has a theorem"
    words = [f"{covered} of {len(export.steps)} steps covered"]
    words += [f"{refused} REFUSED"] if refused else []
    rules = export.count(Fate.RULE)
    words += [f"{rules} by a rule that is a theorem, its use here not checked"] if rules else []
    words += [f"{count} hypotheses"] if (count := export.count(Fate.HYPOTHESIS)) else []
    words += [f"{count} not covered"] if (count := export.count(Fate.UNCOVERED)) else []
    return (
        f"rocq: Qed, {export.seconds:.1f} s: {', '.join(words)}"
        if covered
        else (f"rocq: {', '.join(words)}, {export.seconds:.1f} s")
    )


def details(export: ClaimExport) -> str:
    """Everything about a claim: its theorems as Rocq prints them, each step, the axioms."""
    lines = [f"  {summary(export)}"]
    if export.statement:
        lines += ["", textwrap.indent(export.statement, "    "), ""]
        lines += textwrap.wrap(
            f"axioms: {axiom_words(export.axioms)} (Rocq {rocq_version()})",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="      ",
        )
    for step in export.steps:
        lines += _step_lines(step)
    return "\n".join([*lines, *_whole_lines(export)])


def _whole_lines(export: ClaimExport) -> list[str]:
    """Write the whole theorem as Rocq prints it, what it leaves out, and its axioms."""
    lines: list[str] = []
    for done in (export.whole_done, export.rules_done):
        if done is not None and not done.accepted:
            lines += ["", textwrap.indent(done.message, "    ")]
    if export.whole is None or export.whole_done is None or not export.whole_done.accepted:
        return lines
    leaves = "; ".join(export.whole.leaves)
    for words in (
        f"whole theorem: {export.whole.says}",
        f"not in it: {leaves}",
        f"its hypotheses are met by a solution that moves: {', '.join(export.whole.met)}",
    ):
        lines += textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="      ")
    lines += ["", textwrap.indent(export.whole_done.statement, "    "), ""]
    axioms = f"axioms: {axiom_words(export.whole_done.axioms)} (Rocq {rocq_version()})"
    lines += textwrap.wrap(axioms, WIDTH, initial_indent="  ", subsequent_indent="      ")
    return lines


def _whole_dict(export: ClaimExport) -> dict[str, Any] | None:
    if export.whole is None or export.whole_done is None:
        return None
    return {
        "accepted": export.whole_done.accepted,
        "says": export.whole.says,
        "leaves": list(export.whole.leaves),
        "theorems": list(export.whole.theorems),
        "met": list(export.whole.met),
        "statement": export.whole_done.statement,
        "axioms": list(export.whole_done.axioms),
        "seconds": export.whole_done.seconds,
        "message": export.whole_done.message,
    }


def as_dict(export: ClaimExport) -> dict[str, Any]:
    """Return what is printed, for JSON."""
    return {
        "label": export.label,
        "reason": export.reason,
        "seconds": export.seconds,
        "axioms": list(export.axioms),
        "statement": export.statement,
        "whole": _whole_dict(export),
        "steps": [
            {
                "flow": step.flow,
                "text": step.step.text,
                "how": step.step.how.value,
                "fate": step.fate.value if step.fate else "",
                "reason": step.reason or step.message,
                "theorems": [*step.names, *([step.certificate.name] if step.certificate else [])],
                "certificate": rests_on(step.step) is not None,
            }
            for step in export.steps
        ],
    }


class Coverage(NamedTuple):
    """Derived and decided steps, each theorem once, however many claims and models have it."""

    covered: int
    steps: int
    covered_premises: int
    premises: int

    def words(self) -> str:
        """Say it, and what is left without premises."""
        share = f", {100 * self.covered / self.steps:.0f} %" if self.steps else ""
        line = f"{self.covered} of {self.steps} derived and decided steps covered{share}."
        covered, steps = self.covered - self.covered_premises, self.steps - self.premises
        if self.premises and steps:
            line += (
                f" {self.premises} of them are premises; without these {covered} of {steps}, "
                f"{100 * covered / steps:.0f} %."
            )
        return line


def coverage(exports: Iterable[ClaimExport]) -> Coverage:
    """Count the derived and decided steps that are covered, and all of them.

    A theorem counts once, and so does a sentence that has none.
    """
    steps = [step for e in exports for step in e.steps if step.step.how in COUNTED]
    once = {step.theorems or (step.flow, step.step.text): step for step in reversed(steps)}
    done = [step for step in once.values() if step.fate is Fate.COVERED]
    return Coverage(
        len(done),
        len(once),
        sum(step.premise for step in done),
        sum(step.premise for step in once.values()),
    )


def certified(exports: Iterable[ClaimExport]) -> tuple[int, int]:
    """Count the certificates of steps that are theorems of Rocq, and all of them."""
    steps = [s for e in exports for s in e.steps if rests_on(s.step) is not None]
    return sum(step.fate is Fate.COVERED for step in steps), len(steps)


def refused(exports: Iterable[ClaimExport]) -> list[str]:
    """Labels of claims of which Rocq refuses a step, the whole theorem, or a rule."""
    return [export.label for export in exports if export.refuses]


def run_rocq(
    args: argparse.Namespace,
    claims: Sequence[Claim[Any, Any]],
    reports: Sequence[Report] = (),
    *,
    whole: bool = False,
    together: bool = False,
) -> tuple[list[ClaimExport], bool]:
    """Check claims with Rocq and print what it says, as it is said.

    Parameters
    ----------
    args : Namespace
    claims : sequence of Claim
    reports : sequence of Report
    whole : bool
        Whether the theorems and steps are printed, not one line a claim.
    together : bool
        Whether every theorem is compiled once, however many claims have it.

    Returns
    -------
    exports : list of ClaimExport
    good : bool
        Whether Rocq refuses nothing.
    """
    folder = None if args.out is None else args.out / "rocq"
    found = []
    for export in checked(claims, reports, folder, together=together):
        found.append(export)
        if args.json:
            continue
        if whole:
            print(f"{export.label}:\n{details(export)}", flush=True)
        else:
            print(f"  {export.label:<22.22} {summary(export)}", flush=True)
    bad = refused(found)
    if not args.json:
        print(textwrap.fill(coverage(found).words(), WIDTH))
        proved, held = certified(found)
        if held:
            print(f"{proved} of {held} certificates are theorems of Rocq.")
        if bad:
            print(f"REFUSED by Rocq: {'; '.join(bad)}")
    return found, not bad


def run_table(args: argparse.Namespace, claims: Sequence[Claim[Any, Any]]) -> int:
    """Run ``attnflow claims --rocq``: every proved or certified claim, step by step."""
    need_rocq()
    ours = [claim for claim in claims if claim.expected in OURS]
    # Certificates are found by a search, which a report holds.
    reports = verify([claim for claim in ours if claim.expected is Verdict.CERTIFIED])
    found, good = run_rocq(args, ours, reports, together=True)
    if args.json:
        counted = coverage(found)
        proved, held = certified(found)
        data = {
            "rocq": rocq_version(),
            "covered": counted.covered,
            "steps": counted.steps,
            "premises": {"covered": counted.covered_premises, "all": counted.premises},
            "certificates": {"proved": proved, "all": held},
            "claims": [as_dict(export) for export in found],
        }
        print(json.dumps(data, indent=1))
    else:
        for export in found:
            if export.steps:
                print(f"\n{export.label}")
                print("\n".join(line for step in export.steps for line in _step_lines(step)))
    return 0 if good else 1


__all__ = ["as_dict", "coverage", "need_rocq", "run_rocq", "run_table", "summary"]
