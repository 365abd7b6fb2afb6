"""``attnflow models``: the catalogue, a name a row, with its equation, blocks and parameters."""

from __future__ import annotations

import argparse
import json
import textwrap
from typing import Any

from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of
from proofs_checks.command_line.results import whole_files
from theory.models import Model, catalogue

LINES = 3
"""Lines that an equation may take in the table; --json has all of it."""


def model_named(name: str) -> Model:
    """Return the model of a name, or of several joined by " + ".

    Raises
    ------
    ValueError
        For an unknown name, with the nearest ones.
    """
    found = catalogue(name)
    assert isinstance(found, Model)  # a name was given
    return found


def _plain(name: str, model: Model) -> dict[str, Any]:
    return {
        "name": name,
        "kind": model.kind,
        "equations": {str(symbol): str(expr) for symbol, expr in model.velocities.items()},
        "blocks": {str(block.symbol): block.space for block in model.blocks},
        "parameters": [str(parameter) for parameter in model.parameters],
        "reference": model.reference,
        "energy": None if model.energy is None else str(model.energy),
    }


def _lines(data: dict[str, Any]) -> list[str]:
    """Name, blocks, parameters and reference; below them an equation a block."""
    blocks = ", ".join(f"{name} {space}" for name, space in data["blocks"].items())
    words = [f"{data['kind']}; {blocks}; {', '.join(data['parameters']) or 'no parameters'}"]
    words += [data["reference"]] if data["reference"] else []
    lines = textwrap.wrap(
        "; ".join(words),
        WIDTH,
        initial_indent=f"{data['name']:<22}",
        subsequent_indent=" " * 24,
    )
    sign = "' =" if data["kind"] == "flow" else " <-"
    for symbol, text in data["equations"].items():
        lines += textwrap.wrap(
            f"{symbol}{sign} {text}",
            WIDTH,
            initial_indent="    ",
            subsequent_indent="      ",
            max_lines=LINES,
            placeholder=" ...",
        )
    return lines


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    names = args.names or list(map(str, catalogue()))  # type: ignore[arg-type]
    found = [_plain(name, model_named(name)) for name in names]
    text = json.dumps({"models": found, "provenance": record_of(args)}, indent=1)
    if args.out is not None:
        with whole_files(args) as folder:
            (folder / "models.json").write_text(text + "\n", encoding="utf-8")
    lines = [line for data in found for line in _lines(data)]
    if not args.names:
        lines += ["", f"{len(found)} models; names combine: attnflow models --help"]
    print(text if args.json else "\n".join(lines))
    return 0
