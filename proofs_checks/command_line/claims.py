"""``attnflow claims``: list the claims with controls and errata, as text or JSON; or Figure 2."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from numerics.records import Album
from proofs_checks.claim import Claim
from proofs_checks.command_line import regimes
from proofs_checks.command_line.parser import indented
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.results import whole_files


def _run_map(args: argparse.Namespace, claims: Sequence[Claim[Any, Any]]) -> int:
    """Print Figure 2, and draw it where there is a folder for it."""
    found = regimes.regime_map(args.map, claims=claims)
    written: list[str] = []
    if args.out is not None:
        parts = {field.name: getattr(found, field.name) for field in fields(found)}
        with whole_files(args):
            written = save_pictures(args, Album("regimes", parts), f"regimes_n{args.map}.npz")
    if args.json:
        rows = [
            {"label": label, "d": d, "beta": found.betas[found.covered[k, :, column]].tolist()}
            for k, label in enumerate(found.labels)
            for column, d in enumerate(found.dimensions)
        ]
        data = {"n": found.n, "betas": found.betas.tolist(), "covered": rows}
        print(json.dumps({**data, "provenance": record_of(args)}))
        return 0
    print(found.text())
    if written:
        print(f"wrote {', '.join(written)} to {args.out}")
    return 0


def _where(label: str, claims: Sequence[Claim[Any, Any]]) -> int:
    """Print file and line of every claim that speaks for a label."""
    from proofs_checks.discovery import where
    from proofs_checks.labels import nearest, plain
    from proofs_checks.paper.contents import LABELS, NOT_YET, spoken_for

    if label in NOT_YET:
        raise ValueError(
            f"Expected a label with a claim but got --where={label}: {NOT_YET[label]}."
        )
    said = {claim.label: (claim.label, *spoken_for(claim.label)) for claim in claims}
    found = [claim for claim in claims if plain(label) in map(plain, said[claim.label])]
    if not found:
        near = nearest(label, dict.fromkeys((*LABELS, *said)))
        raise ValueError(
            f"Expected a label of the paper or of a claim but got --where={label}; "
            f"nearest: {', '.join(near)}."
        )
    root = Path(__file__).resolve().parents[2]
    for claim in found:
        path, line = where(claim)
        print(f"{path.resolve().relative_to(root).as_posix()}:{line}: {claim.label}")
    return 0


def _of_paper(number: str, claims: Sequence[Claim[Any, Any]]) -> list[Claim[Any, Any]]:
    """Return the claims that are of a paper, by its arXiv number."""
    from proofs_checks.discovery import papers

    known = papers()
    if number.removeprefix("arXiv:") not in known:
        raise ValueError(
            f"Expected the arXiv number of a paper among {', '.join(sorted(known))} but got "
            f"--paper={number}."
        )
    labels = {claim.label for claim in known[number.removeprefix("arXiv:")]}
    return [claim for claim in claims if claim.label in labels]


def run_claims(args: argparse.Namespace, claims: Sequence[Claim[Any, Any]]) -> int:
    """Run ``attnflow claims``: the list, as text or JSON, Figure 2, or where a claim stands."""
    if args.where is not None:
        return _where(" ".join(args.where), claims)
    if args.map is not None:
        return _run_map(args, claims)
    chosen = [claim for claim in claims if not args.errata or claim.origin == "erratum"]
    if args.paper is not None:
        chosen = _of_paper(args.paper, chosen)
    if args.rocq:
        from proofs_checks.command_line.second_kernel import run_table

        return run_table(args, chosen)
    if args.json or args.out is not None:
        rows = [
            {
                "label": claim.label,
                "statement": claim.statement,
                "origin": claim.origin,
                "kind": claim.kind,
                "expected": claim.expected.name,
                "printed": None if claim.printed is None else claim.printed.change,
                "controls": [control.change for control in claim.controls],
                "hypotheses": [hypothesis.text for hypothesis in claim.hypotheses],
            }
            for claim in chosen
        ]
        text = json.dumps({"claims": rows, "provenance": record_of(args)}, indent=1)
        if args.out is not None:
            with whole_files(args) as folder:
                (folder / "claims.json").write_text(text + "\n", "utf-8")
        if args.json:
            print(text)
            return 0
    for claim in chosen:
        words = f"erratum: {claim.kind}" if claim.kind else claim.origin
        origin = "" if claim.origin == "paper" else f"  [{words}]"
        print(f"{claim.label:<22} {claim.expected}{origin}")
        print(indented(claim.statement))
        if claim.printed is not None:
            print(indented(f"printed: {claim.printed.change}"))
        for control in claim.controls:
            print(indented(f"control: {control.change}"))
    return 0
