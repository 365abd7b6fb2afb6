"""``attnflow codes``: codes of least energy H_β, recognised, with a picture (Section 9.1)."""

from __future__ import annotations

import argparse
import json
import textwrap
from contextlib import suppress
from typing import Any

from numerics import Codes, codes, open_executor
from proofs_checks.certificates import NotCertified, certify_code, check, save
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import on_terminal
from proofs_checks.command_line.results import whole_files


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    with open_executor(args.jobs) as executor:
        found = codes(
            args.n,
            args.d,
            args.beta,
            starts=args.starts,
            rng=args.seed,
            executor=executor,
            progress=on_terminal(args),
        )
    data, certificate = _data(found, args.seed), None
    data["provenance"] = record_of(args)
    known = found.recognised
    # A certificate names inner products by one letter each: polygons have more from 74 on.
    if known is not None and known.sharp:
        with suppress(NotCertified):
            certificate = certify_code(known)
            data["certified"] = check(certificate).statement
    written: list[str] = []
    if args.out is not None:
        with whole_files(args):
            text = json.dumps(data, indent=1) + "\n"
            (args.out / "codes.json").write_text(text, encoding="utf-8")
            pictures = save_pictures(args, found, "code.npz", seed=args.seed)
            written = ["codes.json", *pictures]
            if certificate is not None:
                save(certificate, args.out / "code.certificate.json")
                written.append("code.certificate.json")
    if args.json:
        print(json.dumps(data, indent=1))
    else:
        lines = _lines(found, data)
        if written:
            lines.append(f"wrote {', '.join(written)} to {args.out}")
        print("\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines))
    return 0 if data["status"] == "stationary" else 1


def _data(found: Codes, seed: int) -> dict[str, Any]:
    n, d = found.points.shape
    return {
        "n": n,
        "d": d,
        "beta": found.beta,
        "seed": seed,
        "starts": found.starts,
        "successes": found.successes,
        "log_energy": found.log_energy,
        "log_pairs": float(found.log_pairs.min()),
        "gradient": found.gradient,
        "status": found.status.value,
        "message": found.status.message,
        "recognised": None if found.recognised is None else found.recognised.as_dict(),
        "certified": "",
        "points": found.points.tolist(),
    }


def _lines(found: Codes, data: dict[str, Any]) -> list[str]:
    """Say what was found."""
    lines = [
        f"n = {data['n']}, d = {data['d']}, β = {found.beta:g}: log H_β = {found.log_energy:.12g}",
        f"{found.successes} of {found.starts} starts come to this energy. {data['message']}",
    ]
    known = found.recognised
    if known is None:
        return [*lines, "Not recognised: no exact code in Q, one Q(√k) or Q(2cos 2π/n) fits."]
    products = ", ".join(f"{t} ({c})" for t, c in known.code.inner_products.items())
    sharp = "sharp" if known.sharp else f"not sharp: that needs strength {2 * known.m - 1}"
    lines += [
        f"recognised: {known.name or 'a code without a name'}",
        f"inner products (ordered pairs): {products}",
        f"m = {known.m}, spherical design of strength {known.strength}: {sharp}",
        f"rank {known.rank}, {known.symmetries} symmetries",
    ]
    if data["certified"]:
        lines.append(
            f"certified: no {data['n']} points of S^{data['d'] - 1} have less energy, at any β > 0 "
            "(linear programming bound, replayed by the independent checker)"
        )
    return lines
