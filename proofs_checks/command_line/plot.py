"""``attnflow plot``: the same pictures again, from the data beside them, without a rerun.

A picture that attnflow wrote says which command made it, in which style, and from which file.
"""

from __future__ import annotations

import argparse
import json
import os
import textwrap
from pathlib import Path
from typing import Any

from numerics import load
from numerics.provenance import FILM, FORMATS, recorded
from numerics.records import read_header
from numerics.sources import source_digest, version
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import draw_pictures


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    path: Path = args.file
    if not path.is_file():
        raise ValueError(f"Expected a file that exists but got FILE={path}; check the path.")
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("npz", FILM, *FORMATS):
        raise ValueError(
            f"Expected a file .npz, .png, .svg, .pdf or .gif but got FILE={path}; give what a "
            "command with --out has written."
        )
    drawn = None if kind == "npz" else recorded(path)
    data = path if drawn is None else path.parent / str(drawn.get("data"))
    found: dict[str, Any] = {"file": str(path), "data": str(data), "pictures": []}
    if drawn is not None:
        found |= {name: drawn[name] for name in ("command", "seed", "style", "versions", "sources")}
        args.style = args.style or drawn["style"]
        if kind != FILM:
            args.format = args.format or (kind,)
    if data.is_file():
        metadata = read_header(data)["metadata"]
        found |= {name: metadata[name] for name in ("command", "seed", "versions", "sources")}
        args.out = path.parent if args.out is None else args.out
        only = None if drawn is None else drawn["picture"]
        record = {
            "command": metadata["command"],
            "seed": metadata["seed"],
            "versions": {**metadata["versions"], "matplotlib": version("matplotlib")},
            "sources": metadata["sources"],
        }
        name = Path(os.path.relpath(data, args.out)).as_posix()
        facts = metadata.get("facts", {})
        if kind == FILM and only is not None:
            found["pictures"] = _film(args, data, only, record)
        else:
            found["pictures"] = draw_pictures(args, load(data), name, record, facts, only)
    if args.json:
        print(json.dumps(found, indent=1))
    else:
        print("\n".join(_lines(found, args.out)))
    return 0 if found["pictures"] else 1


def _film(args: argparse.Namespace, data: Path, name: str, record: dict[str, Any]) -> list[str]:
    """Write a film again, as it was; its size is its own."""
    from numerics.plot import animate

    if args.format is not None or args.style not in (None, "default"):
        raise ValueError(
            "Expected no --format or --style for a film but got one; leave it out, or give its "
            f"data, {data}, for the pictures."
        )
    file = Path(args.out) / f"{name}.{FILM}"
    own = Path(os.path.relpath(data, args.out)).as_posix()
    animate(load(data), file, record={**record, "style": "default", "picture": name, "data": own})
    return [file.name]


def _lines(found: dict[str, Any], out: Path | None) -> list[str]:
    """Text: how it was made, and what was drawn."""
    lines = []
    if found.get("command"):
        lines += textwrap.wrap(
            f"made by: {found['command']}", WIDTH, subsequent_indent="  ", break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
    if "versions" in found:
        versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
        lines += textwrap.wrap(f"with {versions}", WIDTH, subsequent_indent="  ")
        same = found["sources"] == source_digest()
        words = "" if same else ", not those that draw it now"
        lines.append(f"sources {found['sources'][:16]}{words}")
    if found["pictures"]:
        return lines + textwrap.wrap(f"wrote {', '.join(found['pictures'])} to {out}", WIDTH)
    text = (
        f"Its data, {found['data']}, aren't there: run the command above with "
        "--out DIR to draw it again."
    )
    return lines + textwrap.wrap(text, WIDTH)
