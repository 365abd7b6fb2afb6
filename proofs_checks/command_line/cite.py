"""``attnflow cite``: references of statements as BibTeX: the tool, the paper, and each source."""

from __future__ import annotations

import argparse
import json
from typing import Any

from proofs_checks.command_line.pictures import record_of


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from proofs_checks import CLAIMS
    from proofs_checks.bibliography import PAPER, WORKS, bibtex, cited_works, tool
    from proofs_checks.labels import typed_claims

    chosen: list[Any] = typed_claims(CLAIMS, args.labels, "LABEL") if args.labels else []
    named: dict[str, list[str]] = {}
    for claim in chosen:
        for work in cited_works(claim):
            named.setdefault(work.key, []).append(claim.label)
    own = tool()
    works = [own, PAPER, *(work for work in WORKS if work.key in named and work is not PAPER)]
    blocks = []
    for work in works:
        labels = ", ".join(named.get(work.key, ()))
        reason = "the tool" if work is own else f"for {labels}" if labels else "the paper"
        blocks.append(f"% {reason}\n{bibtex([work])}\n")
    text = "\n".join(blocks)
    if args.out is not None:
        (args.out / "references.bib").write_text(text, encoding="ascii")
    if args.json:
        rows = [
            {"key": work.key, "named_by": named.get(work.key, []), "bibtex": bibtex([work])}
            for work in works
        ]
        print(json.dumps({"works": rows, "provenance": record_of(args)}, indent=1))
    else:
        print(text, end="")
        if args.out is not None:
            print(f"% wrote references.bib to {args.out}")
    return 0
