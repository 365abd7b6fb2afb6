"""``attnflow verify``: check the claims named, or all; print a row a claim, or all evidence.

With ``--certificate`` saved certificates are checked instead. Exit status: 0 all as expected, 1
a verdict differs from the expected one or a certificate is rejected, 2 bad usage.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from numerics.sweeps import open_executor
from proofs_checks.certificates import check
from proofs_checks.claim import Claim, Report
from proofs_checks.command_line.claims_table import latex_table
from proofs_checks.command_line.given import with_given
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.parser import indented, installed_version
from proofs_checks.command_line.pictures import record_of
from proofs_checks.command_line.results import check_place, whole_file, whole_files
from proofs_checks.command_line.second_kernel import as_dict, need_rocq, run_rocq
from proofs_checks.command_line.unfinished import PARTIAL, keep_reports, kept_reports
from proofs_checks.labels import typed_claims
from proofs_checks.proof import latex_document, sheet_lines
from proofs_checks.verification import verify


def _verdict_text(report: Report) -> str:
    if report.error and report.evidence.word == "UNDECIDED":
        return "ERROR"
    if report.kind is not None:
        return f"{report.kind} -> {report.evidence.word}"
    return report.evidence.word


def _scope_text(report: Report) -> str:
    symbolic = [name for name, how in report.evidence.scope.items() if how.startswith("symbolic")]
    if symbolic:
        return "all " + ", ".join(symbolic)
    return f"{report.evidence.cases} cases" if report.evidence.cases else "fixed"


def _row(report: Report) -> str:
    controls = f"{report.controls_refuted}/{len(report.controls)}"
    mark = " " if report.ok else "!"
    scope = textwrap.shorten(_scope_text(report), 21, placeholder="…")
    return (
        f"{mark} {report.label:<22.22} {_verdict_text(report):<22.22} {scope:<21} "
        f"{controls:>4} {report.seconds:4.1f}s"
    )


def _summary(reports: Sequence[Report], seconds: float) -> str:
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.evidence.word] = counts.get(report.evidence.word, 0) + 1
    bad = [report.label for report in reports if not report.ok]
    controls = sum(len(report.controls) for report in reports)
    refuted = sum(report.controls_refuted for report in reports)
    words = ", ".join(f"{count} {name}" for name, count in counts.items())
    errata = sum(report.kind is not None for report in reports)
    line = f"{len(reports)} claim{'s' * (len(reports) != 1)}: {words}"
    if errata:
        line += f" ({errata} correct what is printed)"
    text = [
        *textwrap.wrap(
            f"{line}; {refuted} of {controls} controls refuted; {seconds:.1f} s.", WIDTH
        ),
        "All as expected." if not bad else "NOT AS EXPECTED: " + "; ".join(bad),
    ]
    return "\n".join(text)


def _details(report: Report) -> str:
    lines = [f"{report.label}:"]
    for complaint in report.complaints:
        lines += textwrap.wrap(complaint, WIDTH, initial_indent="  ", subsequent_indent="    ")
    if report.evidence.word == "REFUTED":
        lines += textwrap.wrap(
            f"counterexample: {report.evidence.detail}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
        )
    return "\n".join(lines)


def _report_text(report: Report, every: bool = False) -> str:
    """Everything about one claim, for a run that names it; every step of long sheets if asked."""

    def block(title: str, text: str) -> list[str]:
        return textwrap.wrap(
            f"{title}: {text}", WIDTH, initial_indent="  ", subsequent_indent="      "
        )

    lines = [f"{report.label}: {_verdict_text(report)}"]
    lines += block("statement", report.statement)
    for name, sheet in report.evidence.sheets:
        lines += ["", f"  {'proof' if sheet.holds else 'steps'} for {name}:"]
        lines += [f"    {line}" for line in sheet_lines(sheet, WIDTH - 4, every)]
    if report.evidence.sheets:
        lines.append("")
    # A proof needs no summary; what experiments saw is in no step.
    if not all(sheet.holds for _, sheet in report.evidence.sheets) or not report.evidence.sheets:
        lines += block("evidence", report.evidence.detail)
    if report.evidence.scope:
        scope = ", ".join(f"{name} {how}" for name, how in report.evidence.scope.items())
        lines += block("scope", scope)
    if report.evidence.assumptions:
        lines += block("assumes", "; ".join(report.evidence.assumptions))
    if report.evidence.cases:
        margin = report.evidence.margin
        worst = "" if margin is None else f", worst margin {margin:.3g}"
        lines += block("cases", f"{report.evidence.cases}{worst}")
    if report.printed is not None:
        lines += block("as printed", f"{report.printed.word}: {report.printed.detail}")
    for change, evidence in report.controls:
        lines += block("control", f"{change}: {evidence.word}: {evidence.detail}")
    for complaint in report.complaints:
        lines += block("NOT AS EXPECTED", complaint)
    return "\n".join(lines)


def _run_certificates(args: argparse.Namespace) -> int:
    """Check saved certificates; exit status 1 if one is rejected."""
    if args.names:
        raise ValueError(
            f"Expected labels or certificates but got NAME={args.names[0]!r} and --certificate; "
            "run them one after the other."
        )
    for path in args.certificate:
        if not path.is_file():
            raise ValueError(f"Expected the file of a certificate but got --certificate={path}.")
    if args.html is not None or args.out is not None:
        raise ValueError("Expected --json with --certificate but got --html or --out; drop it.")
    results = [(path, check(path)) for path in args.certificate]
    if args.json:
        checked = [{"file": str(path), **asdict(result)} for path, result in results]
        print(json.dumps({"certificates": checked, "provenance": record_of(args)}))
    for path, result in results if not args.json else ():
        print(f"{path}: {'CERTIFIED' if result.ok else 'REJECTED'} ({result.seconds:.1f} s)")
        if result.ok:
            print(indented(result.statement))
            for lemma in result.assumptions:
                print(indented(f"assumes: {lemma}"))
        else:
            print(indented(f"reason: {result.reason}"))
    return 0 if all(result.ok for _, result in results) else 1


def _save(
    args: argparse.Namespace,
    data: dict[str, Any],
    reports: Sequence[Report],
    claims: Sequence[Claim[Any, Any]],
) -> None:
    """Write the results where they were asked for."""
    if args.out is not None:
        text = json.dumps(data, indent=1) + "\n"
        with whole_files(args) as folder:
            (folder / "claims.json").write_text(text, encoding="utf-8")
        (args.out / PARTIAL).unlink(missing_ok=True)
    if args.html is not None:
        from proofs_checks.command_line.claim_pictures import pictures_of
        from proofs_checks.pages import claims_page

        page = claims_page(
            reports,
            claims,
            version=installed_version(),
            seconds=data["seconds"],
            command=data["provenance"]["command"] or "attnflow verify",
            options=f" --cases {args.cases}" * (args.cases is not None) + " --full" * args.full,
            pictures=pictures_of(claims),
        )
        with whole_file(args.html) as path:
            path.write_text(page, encoding="utf-8")


def _documents(args: argparse.Namespace, names: Sequence[str]) -> tuple[bool, bool, bool]:
    """Whether sheets or a table are LaTeX, and every step shown; refuse what clashes."""
    check_place(args.html)
    show = getattr(args, "show", None)
    if show is not None and (args.json or not names):
        what = "--json" if args.json else "no label"
        raise ValueError(f"Expected labels with --show {show} but got {what}; name the statements.")
    table = getattr(args, "latex", False)
    if table and (args.json or show is not None):
        other = "--json" if args.json else f"--show {show}"
        raise ValueError(f"Expected --latex alone but got {other}; drop one.")
    return show == "latex", table, show == "steps"


def _asks_rocq(args: argparse.Namespace, document: bool) -> bool:
    """Say whether Rocq is asked for, which must be there, and writes no document."""
    asked: bool = getattr(args, "rocq", False)
    if asked and document:
        raise ValueError("Expected --rocq without --latex or --show latex; drop one.")
    if asked:
        need_rocq()
    return asked


def run_verify(args: argparse.Namespace, claims: Sequence[Claim[Any, Any]]) -> int:
    """Verify the chosen claims, or saved certificates, and print verdicts; return the exit code."""
    names = getattr(args, "names", [])
    if getattr(args, "certificate", None):
        return _run_certificates(args)
    latex, table, every = _documents(args, names)
    rocq = _asks_rocq(args, latex or table)
    chosen = typed_claims(claims, names, "NAME") if names else list(claims)
    chosen = with_given(args, chosen)
    start = time.perf_counter()
    known: dict[str, Report] = {}
    # What is kept holds no proof sheets, which a page shows, and a run that names its claims.
    shows_sheets = latex or args.html is not None or (names and not args.json)
    if args.out is not None and not shows_sheets:
        known = kept_reports(args)
    kept = [known[claim.label] for claim in chosen if claim.label in known]
    quiet = args.json or latex or table
    live = not quiet and sys.stdout.isatty()
    found: list[Report] = []

    def show(report: Report) -> None:
        found.append(report)
        done = len(found)
        if quiet:
            return
        if live:
            print("\r\x1b[K", end="")
        print(_report_text(report, every) if names else _row(report), flush=True)
        if live and done < len(chosen):
            print(f"  {done}/{len(chosen)} … {chosen[done].label}", end="", flush=True)

    if not quiet and not names:
        print(f"  {'claim':<22} {'verdict':<22} {'scope':<21} {'ctrl':>4} {'time':>5}")
        print("-" * WIDTH)
        if live:
            print(f"  0/{len(chosen)} … {chosen[0].label}", end="", flush=True)
    for report in kept:
        show(report)
    left = [claim for claim in chosen if claim.label not in known]
    try:
        with open_executor(args.jobs, args.scheduler) as executor:
            fresh = verify(left, args.cases, args.seed, executor, show, args.full)
    except KeyboardInterrupt as stop:
        if live:
            print()
        if args.out is not None:
            stop.add_note(keep_reports(args, found))
        raise
    rest = iter(fresh)
    reports = [known[c.label] if c.label in known else next(rest) for c in chosen]
    seconds = time.perf_counter() - start
    good = all(report.ok for report in reports)
    data = {
        "version": installed_version(),
        "seed": args.seed,
        "ok": good,
        "seconds": seconds,
        "claims": [report.as_dict() for report in reports],
        "provenance": record_of(args),
    }
    if rocq:
        exports, accepted = run_rocq(args, chosen, reports, whole=bool(names))
        data |= {"rocq": [as_dict(export) for export in exports], "ok": good and accepted}
        good = good and accepted
    _save(args, data, reports, chosen)
    if args.json:
        print(json.dumps(data, indent=1))
    elif table:
        print(latex_table(reports, record_of(args)), end="")
    elif latex:
        print(latex_document((r.label, r.statement, r.evidence) for r in reports), end="")
    else:
        print("-" * WIDTH)
        for report in reports:
            if not report.ok:
                print(_details(report))
        print(_summary(reports, seconds))
    return 0 if good else 1
