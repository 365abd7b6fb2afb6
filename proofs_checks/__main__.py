"""The command line: ``attnflow`` verifies the claims, or does what a subcommand says.

Exit status: 0 all as expected, 1 a verdict differs from the expected one, 2 bad usage.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from numerics.executors import open_executor
from proofs_checks import (
    CLAIMS,
    Claim,
    Report,
    checker,
    coarsening,
    derive,
    phase,
    regimes,
    simulate,
    verify,
)
from proofs_checks.report_page import html_page

WIDTH = 80
"""Columns that every table keeps to."""


def _version() -> str:
    try:
        return version("attnflow")
    except PackageNotFoundError:
        return "0.1.0 (not installed)"


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"Expected a whole number >= 1 but got {text}")
    return value


def _tokens(text: str) -> int:
    value = int(text)
    if value < 2:
        raise argparse.ArgumentTypeError(f"Expected at least 2 tokens but got {text}")
    return value


def _seed(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"Expected a whole number >= 0 but got {text}")
    return value


def _common(parser: argparse.ArgumentParser, inner: bool = False) -> None:
    """Options of every command; an inner parser keeps what was said before the command."""

    def default(value: Any) -> Any:
        return argparse.SUPPRESS if inner else value

    parser.add_argument(
        "--json", action="store_true", default=default(False), help="print JSON, not a table"
    )
    parser.add_argument("--seed", type=_seed, default=default(0), help="seed of all randomness (0)")
    parser.add_argument(
        "--out", type=Path, default=default(None), help="folder for results and pictures"
    )


def _verification(parser: argparse.ArgumentParser, inner: bool = False) -> None:
    def default(value: Any) -> Any:
        return argparse.SUPPRESS if inner else value

    parser.add_argument("--cases", type=_count, default=default(None), help="sampled cases a claim")
    parser.add_argument(
        "--full",
        action="store_true",
        default=default(False),
        help="strongest level of every claim",
    )
    parser.add_argument("--jobs", type=_count, default=default(1), help="processes to use (1)")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        default=default(None),
        help="dask scheduler (tcp://host:port), or mpi, in place of --jobs",
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", default=default(None), help="write a report page"
    )


def _subparser(commands: Any, name: str, text: str, example: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _common(parser, inner=True)
    return parser


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="attnflow",
        description="Self-attention as an interacting particle system: derive, compile,\n"
        "integrate, verify. Without a command: verify all claims, quick cases.",
        epilog="examples:\n"
        "  attnflow\n"
        '  attnflow verify "Theorem 6.3" --cases 100 --seed 7\n'
        "  attnflow claims --errata\n"
        '  attnflow derive "exp(beta*t)/beta" --show latex\n'
        "  attnflow simulate --n 32 --d 2 --beta 9 --t 30 --out pictures\n"
        "  attnflow coarsen --n 200 --d 2 --beta 81 --seed 1 --out pictures\n"
        "  attnflow phase --figure 3 --d 2 8 32 --runs 64 --out pictures",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"attnflow {_version()}")
    _common(parser)
    _verification(parser)
    commands = parser.add_subparsers(dest="command", metavar="command")

    check = _subparser(
        commands,
        "verify",
        "check claims and their controls",
        'attnflow verify "(3.6)" "Theorem 6.1" --full',
    )
    check.add_argument("names", nargs="*", metavar="NAME", help="labels; all claims by default")
    check.add_argument(
        "--certificate",
        type=Path,
        action="append",
        metavar="FILE",
        help="check a saved certificate instead, with the independent checker; may be repeated",
    )
    _verification(check, inner=True)

    listing = _subparser(
        commands,
        "claims",
        "list the claims and their expected verdicts",
        "attnflow claims --errata",
    )
    listing.add_argument("--errata", action="store_true", help="only corrections of printed forms")
    listing.add_argument(
        "--map",
        type=_tokens,
        metavar="N",
        help="Figure 2 for N tokens: which claim covers which (d, β); --out draws it",
    )

    derivation = _subparser(
        commands,
        "derive",
        "derive everything from a kernel h(t) given as text",
        'attnflow derive "t**3 + beta*t" --show equiangular',
    )
    derive.add_arguments(derivation)
    simulation = _subparser(
        commands,
        "simulate",
        "integrate a model from random or given points",
        "attnflow simulate --model USA --n 64 --d 3 --beta 4 --t 5 --out pictures",
    )
    simulate.add_arguments(simulation)
    merging = _subparser(
        commands,
        "coarsen",
        "follow the tokens through all merges, in log time",
        "attnflow coarsen --n 200 --d 2 --beta 81 --seed 1 --out pictures",
    )
    coarsening.add_arguments(merging)
    diagram = _subparser(
        commands,
        "phase",
        "phase diagrams of Figures 3, 4 and 5; with --out, resumable",
        "attnflow phase --figure 3 --d 2 8 32 128 512 1024 --runs 1024 --out DIR",
    )
    phase.add_arguments(diagram)
    return parser


# ------------------------------------------------------------------------------------------ verify


def _verdict_text(report: Report) -> str:
    if report.error and report.verdict.name == "UNDECIDED":
        return "ERROR"
    if report.printed is not None:
        return f"{report.printed.verdict} -> {report.verdict}"
    return str(report.verdict)


def _scope_text(report: Report) -> str:
    symbolic = [name for name, how in report.evidence.scope.items() if how.startswith("symbolic")]
    if symbolic:
        return "all " + ", ".join(symbolic)
    return f"{report.evidence.cases} cases" if report.evidence.cases else "fixed"


def _row(report: Report) -> str:
    controls = f"{report.controls_refuted}/{len(report.controls)}"
    mark = " " if report.ok else "!"
    scope = textwrap.shorten(_scope_text(report), 23, placeholder="…")
    return (
        f"{mark} {report.label:<22.22} {_verdict_text(report):<20.20} {scope:<23} "
        f"{controls:>4} {report.seconds:4.1f}s"
    )


def _summary(reports: Sequence[Report], seconds: float) -> str:
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.verdict.name] = counts.get(report.verdict.name, 0) + 1
    bad = [report.label for report in reports if not report.ok]
    controls = sum(len(report.controls) for report in reports)
    refuted = sum(report.controls_refuted for report in reports)
    words = ", ".join(f"{count} {name}" for name, count in counts.items())
    errata = sum(report.printed is not None for report in reports)
    line = f"{len(reports)} claims: {words}"
    if errata:
        line += f" ({errata} correct the printed form)"
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
    if report.verdict.name == "REFUTED":
        lines += textwrap.wrap(
            f"counterexample: {report.evidence.detail}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
        )
    return "\n".join(lines)


def _report_text(report: Report) -> str:
    """Everything about one claim, for a run that names it."""

    def block(title: str, text: str) -> list[str]:
        return textwrap.wrap(
            f"{title}: {text}", WIDTH, initial_indent="  ", subsequent_indent="      "
        )

    lines = [f"{report.label}: {_verdict_text(report)}"]
    lines += block("statement", report.statement)
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
        lines += block("as printed", f"{report.printed.verdict}: {report.printed.detail}")
    for change, evidence in report.controls:
        lines += block("control", f"{change}: {evidence.verdict}: {evidence.detail}")
    for complaint in report.complaints:
        lines += block("NOT AS EXPECTED", complaint)
    return "\n".join(lines)


def _select(claims: Sequence[Claim], names: Sequence[str]) -> list[Claim]:
    """Claims whose label is a name, or contains it where no label is equal."""
    chosen: list[Claim] = []
    for name in names:
        if not name.strip():
            raise ValueError(f"Expected the label of a claim but got NAME={name!r}.")
        exact = [claim for claim in claims if claim.label.lower() == name.lower()]
        found = exact or [claim for claim in claims if name.lower() in claim.label.lower()]
        if not found:
            labels = ", ".join(claim.label for claim in claims)
            raise ValueError(f"Expected a label among {labels} but got NAME={name!r}.")
        chosen += [claim for claim in found if claim not in chosen]
    return chosen


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
    results = [(path, checker.check(path)) for path in args.certificate]
    if args.json:
        print(json.dumps([{"file": str(path), **asdict(result)} for path, result in results]))
    for path, result in results if not args.json else ():
        print(f"{path}: {'CERTIFIED' if result.ok else 'REJECTED'} ({result.seconds:.1f} s)")
        if result.ok:
            print(_indented(result.statement))
            for lemma in result.assumptions:
                print(_indented(f"assumes: {lemma}"))
        else:
            print(_indented(f"reason: {result.reason}"))
    return 0 if all(result.ok for _, result in results) else 1


def _run_verify(args: argparse.Namespace, claims: Sequence[Claim]) -> int:
    names = getattr(args, "names", [])
    if getattr(args, "certificate", None):
        return _run_certificates(args)
    if args.html is not None and not args.html.absolute().parent.is_dir():
        raise ValueError(
            f"Expected a file in a folder that exists but got --html={args.html}; make the folder."
        )
    chosen = _select(claims, names) if names else list(claims)
    start = time.perf_counter()
    done = 0
    live = not args.json and sys.stdout.isatty()

    def show(report: Report) -> None:
        nonlocal done
        done += 1
        if args.json:
            return
        if live:
            print("\r\x1b[K", end="")
        print(_report_text(report) if names else _row(report), flush=True)
        if live and done < len(chosen):
            print(f"  {done}/{len(chosen)} … {chosen[done].label}", end="", flush=True)

    if not args.json and not names:
        print(f"  {'claim':<22} {'verdict':<20} {'scope':<23} {'ctrl':>4} {'time':>5}")
        print("-" * WIDTH)
        if live:
            print(f"  0/{len(chosen)} … {chosen[0].label}", end="", flush=True)
    with open_executor(args.jobs, args.scheduler) as executor:
        reports = verify(chosen, args.cases, args.seed, executor, show, args.full)
    seconds = time.perf_counter() - start
    good = all(report.ok for report in reports)
    data = {
        "version": _version(),
        "seed": args.seed,
        "ok": good,
        "seconds": seconds,
        "claims": [report.as_dict() for report in reports],
    }
    if args.out is not None:
        (args.out / "claims.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    if args.html is not None:
        args.html.write_text(html_page(reports, _version(), seconds), encoding="utf-8")
    if args.json:
        print(json.dumps(data, indent=1))
    else:
        print("-" * WIDTH)
        for report in reports:
            if not report.ok:
                print(_details(report))
        print(_summary(reports, seconds))
    return 0 if good else 1


def _indented(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="    ", subsequent_indent="      ")


def _run_map(args: argparse.Namespace, claims: Sequence[Claim]) -> int:
    """Print Figure 2, and draw it where there is a folder for it."""
    found = regimes.regime_map(args.map, claims=claims)
    if args.out is not None:
        from proofs_checks.plot_regimes import plot_regimes

        picture = args.out / f"regimes_n{args.map}.png"
        plot_regimes(found).figure.savefig(picture)
    if args.json:
        rows = [
            {"label": label, "d": d, "beta": found.betas[found.covered[k, :, column]].tolist()}
            for k, label in enumerate(found.labels)
            for column, d in enumerate(found.dimensions)
        ]
        print(json.dumps({"n": found.n, "betas": found.betas.tolist(), "covered": rows}))
        return 0
    print(found.text())
    if args.out is not None:
        print(f"picture: {picture}")
    return 0


def _run_claims(args: argparse.Namespace, claims: Sequence[Claim]) -> int:
    if args.map is not None:
        return _run_map(args, claims)
    chosen = [claim for claim in claims if not args.errata or claim.origin == "erratum"]
    if args.json or args.out is not None:
        rows = [
            {
                "label": claim.label,
                "statement": claim.statement,
                "origin": claim.origin,
                "expected": claim.expected.name,
                "printed": None if claim.printed is None else claim.printed.change,
                "controls": [control.change for control in claim.controls],
                "hypotheses": [hypothesis.text for hypothesis in claim.hypotheses],
            }
            for claim in chosen
        ]
        if args.out is not None:
            (args.out / "claims.json").write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
        if args.json:
            print(json.dumps(rows, indent=1))
            return 0
    for claim in chosen:
        origin = "" if claim.origin == "paper" else f"  [{claim.origin}]"
        print(f"{claim.label:<22} {claim.expected}{origin}")
        print(_indented(claim.statement))
        if claim.printed is not None:
            print(_indented(f"printed: {claim.printed.change}"))
        for control in claim.controls:
            print(_indented(f"control: {control.change}"))
    return 0


def main(argv: Sequence[str] | None = None, claims: Sequence[Claim] = CLAIMS) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.
    claims : sequence of Claim
        What ``verify`` and ``claims`` work on.
    """
    parser = build_parser()
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        if args.out is not None and not getattr(args, "certificate", None):
            if args.out.exists() and not args.out.is_dir():
                raise ValueError(
                    f"Expected a folder but got --out={args.out}, which is a file; name another."
                )
            args.out.mkdir(parents=True, exist_ok=True)
        if args.command == "claims":
            return _run_claims(args, claims)
        if args.command == "derive":
            return derive.run(args)
        if args.command == "simulate":
            return simulate.run(args)
        if args.command == "coarsen":
            return coarsening.run(args)
        if args.command == "phase":
            return phase.run(args)
        return _run_verify(args, claims)
    except BrokenPipeError:
        # The reader has seen enough (`attnflow | head`): nothing more to say, to anyone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, TypeError, ArithmeticError, OSError, ImportError) as error:
        print(f"attnflow: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nattnflow: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
