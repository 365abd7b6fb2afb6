"""Mutation test of the claims: small automatic errors in a model or a prediction must be refuted.

Every number and expression of a claim gets a wrong sign, a factor β or n, a wrong exponent, or
loses its projection; the check runs on each twin as it does on a control. A mutation that leaves
the statement true stands in the claim's ``equivalents`` with its reason and isn't counted.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import Any

from proofs_checks.claim import Claim
from proofs_checks.labels import find_label, named_claims
from proofs_checks.mutations.hypotheses import hypotheses_table
from proofs_checks.mutations.run import LEAST, MutationReport, Outcome, Trial, run_mutations

WIDTH = 80
"""Columns of the printed table."""


def _fold(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2)
    )


def table(label: str, trials: Sequence[Trial]) -> str:
    """Return one line of counts for a claim, and what survives in it."""
    of = {outcome: [t for t in trials if t.outcome is outcome] for outcome in Outcome}
    counts = "".join(f"{len(of[outcome]):>12}" for outcome in Outcome)
    lines = [f"{label:<24.24}{counts}"]
    for trial in of[Outcome.SURVIVED]:
        text = f"survives: {trial.mutation.name} ({trial.mutation.change}): "
        lines += _fold(f"{text}{trial.evidence.word}: {trial.evidence.detail}", 2)
    return "\n".join(lines)


def summary(report: MutationReport) -> str:
    """Return the equivalent mutations by reason, the totals and the survival rate."""
    lines = []
    groups: dict[tuple[str, str], list[str]] = {}
    for trial in report.of(Outcome.EQUIVALENT):
        key = (trial.mutation.twin.label, trial.reason)
        groups.setdefault(key, []).append(trial.mutation.name)
    if groups:
        lines.append("Equivalent, not counted:")
    for (label, reason), names in groups.items():
        lines += _fold(f"{label}: {reason}: {', '.join(names)}", 2)
    totals = ", ".join(f"{len(report.of(outcome))} {outcome.name.lower()}" for outcome in Outcome)
    lines += _fold(
        f"{len(report.trials)} mutations of {len(report.labels)} claims: {totals}; "
        f"{100 * report.rate:.1f} % of {report.counted()} survive; {report.seconds:.0f} s.",
        0,
    )
    if report.thin:
        lines += _fold(f"Fewer than {LEAST} counted: {', '.join(report.thin)}", 0)
    return "\n".join(lines)


def _hypotheses(parser: argparse.ArgumentParser, names: Sequence[str]) -> int:
    """Print what became of the hypotheses; 0 if each is lacked by a model."""
    from proofs_checks.discovery import questions

    rows = questions()
    try:
        names = [find_label(name, list(rows), "a row of check_model", "NAME") for name in names]
    except ValueError as error:
        parser.error(str(error))
    text = hypotheses_table({a: b for a, b in rows.items() if not names or a in names})
    print(text)
    return 0 if text.endswith(" 0 untried.") else 1


def main(argv: Sequence[str] | None = None, claims: Sequence[Claim[Any, Any]] | None = None) -> int:
    """Print the table; 0 if less than 2 % survive and each claim has two counted mutations."""
    parser = argparse.ArgumentParser(
        prog="python -m proofs_checks.mutations",
        description="Break every claim in small automatic ways; its check must refute each.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="labels; all claims by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, help="sampled cases a run")
    parser.add_argument(
        "--hypotheses",
        action="store_true",
        help="drop and weaken the hypotheses of statements instead; NAME is a row of check_model",
    )
    args = parser.parse_args(argv)
    if args.hypotheses:
        return _hypotheses(parser, args.names)
    if claims is None:
        from proofs_checks import CLAIMS

        claims = CLAIMS
    try:
        chosen = named_claims(claims, args.names, "NAME") if args.names else list(claims)
    except ValueError as error:
        parser.error(str(error))
    print(f"{'claim':<24}" + "".join(f"{outcome.name.lower():>12}" for outcome in Outcome))
    print("-" * WIDTH)
    report = run_mutations(
        chosen, args.seed, args.cases, lambda label, of: print(table(label, of), flush=True)
    )
    print("-" * WIDTH)
    print(summary(report))
    return 0 if report.ok else 1
