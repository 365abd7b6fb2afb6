"""What `verify --out` keeps when it is interrupted, and takes up again.

A file of the reports so far, beside what fixes them: the version, a digest of all sources, the seed
and the options. A run with other ones takes none of it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proofs_checks.claim import Report, report_of
from proofs_checks.command_line.given import given_files
from proofs_checks.command_line.parser import installed_version
from proofs_checks.command_line.results import whole_files

PARTIAL = "claims.partial.json"
"""The file, until a whole run has been saved."""

_ROOMS = ("theory", "numerics", "proofs_checks")


def _identity(args: argparse.Namespace) -> dict[str, Any]:
    """Say all that a report depends on besides its claim."""
    root, digest = Path(__file__).resolve().parents[2], hashlib.sha256()
    for path in sorted(path for room in _ROOMS for path in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return {
        "version": installed_version(),
        "sources": digest.hexdigest(),
        "seed": args.seed,
        "cases": args.cases,
        "full": args.full,
        "given": given_files(args),
    }


def kept_reports(args: argparse.Namespace) -> dict[str, Report]:
    """Return the reports that an interrupted run of the same kind has left, by label.

    Parameters
    ----------
    args : Namespace
        With the folder ``out``.
    """
    path = args.out / PARTIAL
    if not path.is_file():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["run"] != _identity(args):
            return {}
        return {row["label"]: report_of(row) for row in data["claims"]}
    except (ValueError, KeyError, TypeError):
        return {}


def keep_reports(args: argparse.Namespace, reports: Sequence[Report]) -> str:
    """Write the reports so far whole; say so.

    Parameters
    ----------
    args : Namespace
        With the folder ``out``.
    reports : sequence of Report
        Those that are finished.
    """
    rows = [report.as_dict() for report in reports]
    data = {"complete": False, "run": _identity(args), "claims": rows}
    with whole_files(args) as folder:
        (folder / PARTIAL).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return f"{len(rows)} finished claims are kept in {args.out / PARTIAL}"
