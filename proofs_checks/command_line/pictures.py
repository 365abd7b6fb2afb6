"""How commands save pictures: options ``--format`` and ``--style``, and the record in each file."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FORMATS = ("png", "pdf", "svg")
"""Those of `numerics.provenance`, which isn't imported until something is written."""

STYLES = ("default", "article", "column")
"""Names of the styles of `numerics.plot`, which isn't imported until something is drawn."""

DEFAULT_FORMATS = ("png", "svg")


def _formats(text: str) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",")))
    for kind in kinds:
        if kind not in FORMATS:
            raise argparse.ArgumentTypeError(
                f"Expected some of {','.join(FORMATS)}, joined by commas, but got {text!r}"
            )
    return kinds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of pictures."""
    group = parser.add_argument_group("pictures, with --out")
    group.add_argument(
        "--format",
        type=_formats,
        metavar="KINDS",
        help=f"some of {','.join(FORMATS)} ({','.join(DEFAULT_FORMATS)})",
    )
    group.add_argument(
        "--style",
        choices=STYLES,
        help="default for a screen, article for a page of 5.5 inches, column for one of 3.25",
    )


def as_typed(argv: Sequence[str]) -> str:
    """Write the command line that made a result, but for where it goes.

    Examples
    --------
    >>> as_typed(["coarsen", "--n", "8", "--out", "my pictures", "--json"])
    'attnflow coarsen --n 8'
    >>> as_typed(["verify", "(3.6)", "--html=report.html"])
    "attnflow verify '(3.6)'"
    """
    kept: list[str] = []
    words = iter(argv)
    for word in words:
        name, _, value = word.partition("=")
        if len(name) > 2 and ("--out".startswith(name) or "--html".startswith(name)):
            if not value:
                next(words, None)
        elif len(name) > 2 and "--json".startswith(name):
            continue
        else:
            kept.append(word)
    return shlex.join(["attnflow", *kept])


def record_of(args: argparse.Namespace, **more: Any) -> dict[str, Any]:
    """Say how a command makes what it writes: for ``provenance`` in JSON, and for pictures."""
    from numerics.provenance import provenance

    return provenance(getattr(args, "typed", None), getattr(args, "seed", None), **more)


def save_pictures(args: argparse.Namespace, result: Any, data: str, **facts: Any) -> list[str]:
    """Save a result, and its pictures in the style and the formats asked for.

    Parameters
    ----------
    args : Namespace
        With ``out``, ``format`` and ``style``.
    result : Result
        What is drawn.
    data : str
        Name of its file, from which ``attnflow plot`` draws the pictures again.
    **facts
        What titles say besides what the result knows: ``seed=1``, ``model=``, ``beta=``.

    Returns
    -------
    list of str
        Names of the files, the data first.
    """
    record = record_of(args)
    known = {name: value for name, value in facts.items() if value is not None}
    result.save(args.out / data, command=record["command"], seed=record["seed"], facts=known)
    return [data, *draw_pictures(args, result, data, record, known)]


def draw_pictures(
    args: argparse.Namespace,
    result: Any,
    data: str,
    record: Mapping[str, Any],
    facts: Mapping[str, Any],
    only: str | None = None,
) -> list[str]:
    """Draw the pictures of a result, or one of them, into ``args.out``; return their names.

    Raises
    ------
    ValueError
        If there is no picture of the name `only`.
    """
    from numerics.plot import styled
    from proofs_checks.command_line.drawings import drawings_of

    style = args.style or STYLES[0]
    drawings = drawings_of(result, Path(data).stem)
    if only is not None and only not in drawings:
        raise ValueError(
            f"Expected one of {', '.join(drawings)} but got the picture {only}, which isn't drawn "
            f"from {data}; draw them all with attnflow plot {data}."
        )
    names = []
    with styled(style, **facts):
        for name in drawings if only is None else (only,):
            drawn = drawings[name]()
            figure = getattr(drawn, "figure", None) or drawn
            figure.settle()
            figure.record = {**record, "style": style, "picture": name, "data": data}
            for kind in args.format or DEFAULT_FORMATS:
                figure.savefig(args.out / f"{name}.{kind}")
                names.append(f"{name}.{kind}")
    return names
