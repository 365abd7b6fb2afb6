"""``attnflow limits``: where attention on R^d ends for given Q, K, V, or over spectra of V.

Hypotheses of Table 1 first, then the run, the shape and the numbers it was told from.
"""

from __future__ import annotations

import argparse
import json
import math
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from numerics import sphere
from numerics.arguments import FloatArray, check_whole
from numerics.limits import (
    SCORES,
    VALUES,
    LimitShape,
    Shape,
    ShapeSweep,
    limit_shape,
    sweep_limit_shapes,
)
from numerics.sweeps import open_executor
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import on_terminal, progress
from proofs_checks.command_line.results import whole_files

_NAME = 12


def read_array(path: Path, name: str) -> FloatArray:
    """Read numbers from a file .npy or .csv."""
    if not path.is_file():
        raise ValueError(f"Expected a file that exists but got {name}={path}; check the path.")
    array = (
        np.load(path, allow_pickle=False)
        if path.suffix == ".npy"
        else np.loadtxt(path, delimiter=",", ndmin=2)
    )
    return np.asarray(array)


def _matrix(text: str, known: Any, name: str, d: int, rng: np.random.Generator) -> FloatArray:
    if text in known:
        return np.asarray(known[text](rng, d))
    if Path(text).suffix in (".npy", ".csv"):
        return read_array(Path(text), name)
    raise ValueError(
        f"Expected one of {', '.join(known)}, or a file .npy or .csv, but got {name}={text!r}."
    )


def _one(args: argparse.Namespace) -> tuple[LimitShape, FloatArray]:
    rng = sphere.generator(args.seed)
    if args.points is None:
        check_whole(args.n, "n", 2)
        check_whole(args.d, "d", 2)
        points = rng.standard_normal((args.n, args.d))
    else:
        points = read_array(args.points, "points")
    d = points.shape[-1]
    value = _matrix(args.values, VALUES, "values", d, rng)
    if (args.queries is None) != (args.keys is None):
        raise ValueError("Expected both or neither but got one of --queries and --keys; give both.")
    if args.queries is not None:
        query, key = read_array(args.queries, "queries"), read_array(args.keys, "keys")
    else:
        query, key = np.eye(d), _matrix(args.scores, SCORES, "scores", d, rng)
    return limit_shape(points, query, key, value, args.beta, args.t), points


def _plain(value: float) -> float | None:
    """Return a number that JSON has; None for infinities and NaN."""
    return float(value) if math.isfinite(value) else None


def _as_data(found: LimitShape, points: FloatArray, args: argparse.Namespace) -> dict[str, Any]:
    run = found.run
    return {
        "n": points.shape[0],
        "d": points.shape[1],
        "beta": args.beta,
        "seed": args.seed,
        "hypotheses": [
            {"row": row.row, "text": row.text, "holds": row.holds, "reason": row.reason}
            for row in found.hypotheses
        ],
        "shape": found.shape.value,
        "message": found.shape.message,
        "status": run.status.value,
        "status_message": run.status.message,
        "time": float(run.times[-1]),
        "steps": len(run.times),
        "growth": run.growth,
        "off_one_hot": run.off_one_hot,
        "leading_dimension": found.leading_dimension,
        "rank": found.rank,
        "levels": found.levels,
        "gap_ratio": _plain(found.gap_ratio),
        "vertices": found.vertices.tolist(),
        "to_vertices": found.to_vertices,
        "hull_growth": found.hull_growth,
        "slope": _plain(found.slope),
    }


def _lines(data: dict[str, Any]) -> list[str]:
    """Text of one run."""
    lines = [f"n = {data['n']}, d = {data['d']}, β = {data['beta']:g}, seed = {data['seed']}"]
    for row in data["hypotheses"]:
        word = "holds" if row["holds"] else "not met"
        text = f"Table 1, row {row['row']}: {word}: {row['text']} ({row['reason']})"
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ")
    lines += ["", f"shape: {data['shape']}"]
    text = f"{data['message']} {data['status_message']}"
    lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
    slope, ratio = data["slope"], data["gap_ratio"]
    numbers = {
        "end": f"t = {data['time']:.4g} in {data['steps']} steps",
        "weights": f"{data['off_one_hot']:.2g} beside the largest of a row",
        "leading parts": f"dimension {data['leading_dimension']}, their hull of rank "
        f"{data['rank']}",
        "places": f"{data['levels']}, {len(data['vertices'])} of them vertices",
        "gaps": "one place" if ratio is None else f"{ratio:.3g} spreads",
        "to vertices": f"{data['to_vertices']:.2g}",
        "hull growth": f"{data['hull_growth']:.2g} in 64 directions",
        "slope": "" if slope is None else f"{slope:.4f} of log max|x|",
    }
    return lines + [f"  {name:<14} {text}" for name, text in numbers.items() if text]


def _swept(found: ShapeSweep) -> dict[str, Any]:
    cells = []
    for i, value in enumerate(found.values):
        for j, score in enumerate(found.scores):
            rows = np.flatnonzero(found.rows[i, j].all(axis=0)) + 1
            counts = found.count(value, score)
            cells.append(
                {
                    "values": value,
                    "scores": score,
                    "rows": rows.tolist(),
                    "shapes": {shape.value: count for shape, count in counts.items()},
                    "rank": int(found.rank[i, j].max()),
                    "levels": found.levels[i, j].tolist(),
                    "vertices": found.vertices[i, j].tolist(),
                }
            )
    return {"n": found.n, "d": found.d, "beta": found.beta, "cells": cells}


def _table(data: dict[str, Any]) -> list[str]:
    lines = [f"{'V':<{_NAME}}{'Q^T K':<{_NAME}}{'Table 1':<9}shapes"]
    for cell in data["cells"]:
        rows = ", ".join(map(str, cell["rows"])) or "-"
        shapes = ", ".join(f"{name} {count}" for name, count in cell["shapes"].items())
        lines.append(f"{cell['values']:<{_NAME}}{cell['scores']:<{_NAME}}{rows:<9}{shapes}")
    return lines


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if args.sweep:
        with open_executor(args.jobs) as executor:
            swept = sweep_limit_shapes(
                n=args.n,
                d=args.d,
                beta=args.beta,
                runs=args.runs,
                rng=args.seed,
                out=None if args.out is None else args.out / "runs",
                executor=executor,
                progress=on_terminal(args),
            )
        data, unfinished = _swept(swept), False
        lines = _table(data)
    else:
        with progress(args, "following the tokens"):
            found, points = _one(args)
        data, unfinished = _as_data(found, points, args), found.shape is Shape.UNKNOWN
        lines = _lines(data)
    data["provenance"] = record_of(args)
    if args.out is not None:
        words = f"V: {args.values}", f"$Q^T K$: {args.scores}"
        facts: dict[str, Any] = {}
        if not args.sweep:
            facts = {"model": ", ".join(words), "d": points.shape[1], "beta": args.beta}
        with whole_files(args):
            written = save_pictures(
                args, swept if args.sweep else found, "limits.npz", seed=args.seed, **facts
            )
            text = json.dumps(data, indent=1) + "\n"
            (args.out / "limits.json").write_text(text, encoding="utf-8")
        lines += textwrap.wrap(f"wrote {', '.join(written)}, limits.json to {args.out}", WIDTH)
    print(json.dumps(data, indent=1) if args.json else "\n".join(lines))
    return 1 if unfinished else 0
