"""``attnflow hardmax``: every solution of attention at temperature zero, (9.5)-(9.6).

The branches with their events, families with the interval in which they may leave a tie; a picture
of the cells of the argmax with all branches.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from numerics import sphere
from numerics.arguments import FloatArray, check_whole
from numerics.limits import Hardmax, HardmaxEvent, HardmaxStatus, hardmax
from numerics.records import Album
from proofs_checks.command_line.limits import read_array
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import on_terminal, progress
from proofs_checks.command_line.results import whole_files

_FAN = (0.02, 0.25, 0.5, 0.75)
"""Shares of a free interval at which the picture lets a family leave."""
EXAMPLE = ((1.0, 1.0), (-1.0, 1.0), (0.0, 0.0))
"""The tokens of Example 9.3."""


def _start(args: argparse.Namespace) -> FloatArray:
    if args.points == "example-9.3":
        return np.array(EXAMPLE)
    if args.points == "random":
        check_whole(args.n, "n", 2)
        check_whole(args.d, "d", 2)
        return sphere.generator(args.seed).standard_normal((args.n, args.d))
    if Path(args.points).suffix not in (".npy", ".csv"):
        raise ValueError(
            f"Expected example-9.3, random, or a file .npy or .csv, but got points={args.points!r}."
        )
    return read_array(Path(args.points), "points")


def _event(event: HardmaxEvent) -> dict[str, Any]:
    return {
        "time": event.time,
        "token": event.token + 1,
        "kind": event.kind.value,
        "before": [j + 1 for j in event.before],
        "after": [j + 1 for j in event.after],
        "leave": None if event.leave is None else list(event.leave),
    }


def _as_data(found: Hardmax, start: FloatArray, args: argparse.Namespace) -> dict[str, Any]:
    return {
        "n": start.shape[0],
        "d": start.shape[1],
        "t_end": args.t,
        "reading": found.reading,
        "status": found.status.value,
        "message": found.status.message,
        "unique": found.unique,
        "branches": [
            {
                "status": branch.status.value,
                "leaves": [list(interval) for interval in branch.leaves],
                "events": [_event(event) for event in branch.events],
                "end": branch.at(branch.t_end).tolist(),
            }
            for branch in found.branches
        ],
    }


def _set(tokens: list[int]) -> str:
    return "{" + ", ".join(map(str, tokens)) + "}"


def _lines(data: dict[str, Any]) -> list[str]:
    """Text of a run; tokens are counted from 1, as the paper does."""
    count = len(data["branches"])
    solutions = "one solution" if data["unique"] else f"{count} branches"
    lines = [f"n = {data['n']}, d = {data['d']}, t <= {data['t_end']:g}, {data['reading']}"]
    lines += textwrap.wrap(f"{solutions}: {data['message']}", WIDTH)
    for number, branch in enumerate(data["branches"], 1):
        kind = "a family" if branch["leaves"] else "a solution"
        lines += ["", f"branch {number}: {kind}, {branch['status']}"]
        for event in branch["events"]:
            text = (
                f"t = {event['time']:.12g}: token {event['token']} {event['kind']}, "
                f"{_set(event['before'])} -> {_set(event['after'])}"
            )
            if event["leave"] is not None:
                low, high = event["leave"]
                text += f", at any time from {low:.6g} to {high:.6g}"
            lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
        rounded = np.round(branch["end"], 12) + 0.0  # no -0
        places = "; ".join(f"({', '.join(f'{x:.4g}' for x in token)})" for token in rounded)
        lines += textwrap.wrap(
            f"ends at {places}", WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    return lines


def _after(share: float) -> Callable[[float, float], float]:
    """Leave when a share of the free interval is over."""
    return lambda low, high: low + share * (high - low)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    start = _start(args)
    matrices = {
        name: None if path is None else read_array(path, text)
        for name, text, path in (
            ("Q", "queries", args.queries),
            ("K", "keys", args.keys),
            ("V", "values", args.values),
        )
    }
    options = {**matrices, "reading": args.reading, "max_branches": args.max_branches}
    with progress(args, "following the branches"):
        found = hardmax(start, args.t, **options)
    data = {**_as_data(found, start, args), "provenance": record_of(args)}
    lines = _lines(data)
    if args.out is not None:
        runs = [found]
        if start.shape[1] == 2 and any(branch.leaves for branch in found.branches):
            for share in _FAN:
                if on_terminal(args):
                    print(f"leaving at {share:.0%} of each interval", file=sys.stderr)
                runs.append(hardmax(start, args.t, leave=_after(share), **options))
        wrote = ["hardmax.json"]
        with whole_files(args):
            if start.shape[1] == 2:
                album = Album("hardmax", {"runs": runs, "Q": matrices["Q"], "K": matrices["K"]})
                seed = args.seed if args.points == "random" else None
                wrote = [*save_pictures(args, album, "hardmax.npz", seed=seed), *wrote]
            text = json.dumps(data, indent=1) + "\n"
            (args.out / "hardmax.json").write_text(text, encoding="utf-8")
        lines += ["", *textwrap.wrap(f"wrote {', '.join(wrote)} to {args.out}", WIDTH)]
    print(json.dumps(data, indent=1) if args.json else "\n".join(lines))
    return 0 if found.status is HardmaxStatus.FINISHED else 1
