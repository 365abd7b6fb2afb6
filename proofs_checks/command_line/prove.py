"""``attnflow prove``: have Rocq prove what saved certificates state, from their own evidence.

Exit status: 0 every certificate is a theorem, 1 Rocq refuses one or has no theorem for it, 2 bad
usage, or no Rocq on this machine.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from proofs_checks.certificates import Rejected, check, load
from proofs_checks.command_line.parser import indented
from proofs_checks.rocq import INSTALL, Proved, axiom_words, prove, rocq_available, rocq_version


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if not args.rocq:
        raise ValueError("Expected a prover but got none; add --rocq.")
    for path in args.certificate:
        if not path.is_file():
            raise ValueError(f"Expected the file of a certificate but got CERTIFICATE={path}.")
    if not rocq_available():
        raise ValueError(f"Expected Rocq's compiler but got no coqc; install it: {INSTALL}.")
    rows = []
    for path in args.certificate:
        folder = None if args.out is None else args.out / path.name.split(".")[0]
        rows.append((path, *_prove(path, folder)))
        if not args.json:
            print("\n".join(_lines(*rows[-1])), flush=True)
    if args.json:
        print(
            json.dumps(
                [
                    {"file": str(path), "statement": said, "rocq": rocq_version(), **asdict(found)}
                    for path, said, found in rows
                ]
            )
        )
    return 0 if all(found.accepted for _, _, found in rows) else 1


def _prove(path: Path, folder: Path | None) -> tuple[str, Proved]:
    """Return what a certificate states once its seal and its balls hold, and what Rocq says."""
    try:
        certificate = load(path)
    except Rejected as reason:
        return "", Proved(False, reason=f"rejected: {reason}")
    result = check(certificate)
    if not result.ok:
        return "", Proved(False, reason=f"rejected: {result.reason}")
    return result.statement, prove(certificate, folder=folder)


def _lines(path: Path, statement: str, found: Proved) -> list[str]:
    """Print one certificate."""
    verdict = f"Qed ({found.seconds:.1f} s)" if found.accepted else "not proved"
    lines = [f"{path}: Rocq {rocq_version()}: {verdict}"]
    if statement:
        lines.append(indented(f"certificate: {statement}"))
    if found.reason:
        lines += [indented(f"reason: {line}") for line in found.reason.splitlines()[:12]]
    if found.theorem:
        lines += ["", *(f"  {line}" for line in found.theorem.splitlines()), ""]
        lines.append(indented(f"read: {found.reading}"))
        lines += [indented(f"NOT in the theorem: {part}") for part in found.missing]
        if not found.missing:
            lines.append(indented("the theorem says all that the certificate states"))
        lines.append(indented(f"axioms: {axiom_words(found.axioms)}"))
    return lines
