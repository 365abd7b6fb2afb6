"""``attnflow coarsen``: run to one cluster, print the merges beside their forecast, draw pictures.

With ``--runs`` also the distribution of the number of clusters against log t over many starts.
"""

from __future__ import annotations

import argparse
import json
import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from numerics import sphere
from numerics.arguments import FloatArray
from numerics.coarsening import (
    ClusterCounts,
    Coarsening,
    CoarsenStatus,
    Comparison,
    cluster_counts,
    coarsen,
    compare_with_forecast,
    escape_log_rate,
    merge_tree,
    newick,
    stationary_verdict,
)
from numerics.sweeps import open_executor
from proofs_checks.command_line.derive import model_of
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import progress
from proofs_checks.command_line.results import kept, whole_files
from theory.models import SA, USA, Model
from theory.symbols import beta

MODELS: dict[str, Model] = {"SA": SA, "USA": USA}
"""Models by the name that the command line knows them by."""

PARTIAL = "merges.partial.json"
"""What an interrupted run leaves, until a whole one has been saved."""

ROWS = 30
"""Longest table that is printed whole."""


def _read(path: Path, least: Literal[1, 2]) -> FloatArray:
    if path.suffix == ".npy":
        return np.asarray(np.load(path, allow_pickle=False))
    return np.loadtxt(path, delimiter=",", ndmin=least)


def _start(args: argparse.Namespace) -> tuple[FloatArray, FloatArray | None]:
    if args.points is None:
        for name in ("n", "d"):
            if getattr(args, name) < 1:
                raise ValueError(
                    f"Expected {name} >= 1 but got {name}={getattr(args, name)}. Give more."
                )
        points = sphere.random_points(args.n, args.d, args.seed)
    else:
        points = sphere.check_points(_read(args.points, 2))
    masses = None if args.masses is None else _read(args.masses, 1).ravel()
    return points, masses


def _number(value: float) -> float | str:
    """JSON has no infinities: they become text."""
    return value if math.isfinite(value) else str(value)


def _verdict(result: Coarsening) -> tuple[str, dict[str, Any]]:
    """Verdict of the linearisation at an equilibrium, in words and as data."""
    if result.status is not CoarsenStatus.STATIONARY:
        return "", {}
    if result.d == 1:
        return "On two points (d = 1) nothing moves.", {"stability": "fixed"}
    try:
        spectrum = stationary_verdict(result)
    except ValueError as error:
        return f"No verdict on its stability: {error}", {"stability": "undecided"}
    stability = spectrum.stable
    text = f"Linearised: {stability.value}. {stability.message}"
    rate = escape_log_rate(spectrum)
    if rate > -math.inf:
        text += (
            f" A perturbation grows e-fold in a time of e^{-rate:.4g}: the lifetime of the state."
        )
    return text, {"stability": stability.value, "escape_log_rate": _number(rate)}


def _forecast(comparison: Comparison | None) -> dict[str, Any]:
    """Say what theory foretold of a merge; nothing for another kernel than an exponential."""
    names = ("predicted_log_time", "predicted_pair", "pair_right", "law_log_time", "gap")
    if comparison is None:
        return dict.fromkeys(names)
    values = (
        _number(comparison.predicted),
        None if comparison.pair is None else list(comparison.pair),
        comparison.right,
        _number(comparison.own),
        _number(comparison.gap),
    )
    return dict(zip(names, values, strict=True))


def _rows(result: Coarsening, found: tuple[Comparison, ...]) -> list[dict[str, Any]]:
    size = {k: 1 for k in range(result.n)}
    rows = []
    beside: Sequence[Comparison | None] = found or [None] * len(result.merges)
    for merge, comparison in zip(result.merges, beside, strict=True):
        sizes = [size[c] for c in merge.children]
        size[merge.cluster] = sum(sizes)
        rows.append(
            {
                "log_time": _number(merge.log_time),
                **_forecast(comparison),
                "cluster": merge.cluster,
                "children": list(merge.children),
                "sizes": sizes,
                "mass": merge.mass,
                "position": merge.position.tolist(),
                "energy_before": merge.energy_before,
                "energy_after": merge.energy_after,
                "plateau_before": None if comparison is None else comparison.plateau,
                "ill_conditioned": merge.ill_conditioned,
                "log_time_error": _number(merge.log_time_error),
            }
        )
    return rows


def _line(number: int, row: dict[str, Any]) -> str:
    wrong = row["pair_right"] is False
    marks = ("!" if row["ill_conditioned"] else "") + ("*" if wrong else "")
    foretold = row["predicted_log_time"]
    shown = f"{'-':>14}" if foretold is None else f"{float(foretold):>14.8f}"
    sizes = "+".join(str(s) for s in sorted(row["sizes"], reverse=True))
    sizes = textwrap.shorten(sizes.replace("+", " + "), 15, placeholder=" …").replace(" + ", "+")
    return (
        f"{number:>5} {float(row['log_time']):>14.8f} {shown} "
        f"{sizes:>15} {row['mass']:>9.4g} {row['energy_after']:>14.8g} {marks:<3}"
    ).rstrip()


def _table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"{'merge':>5} {'log t':>14} {'forecast':>14} {'sizes':>15} {'mass':>9} "
        f"{'energy after':>14}"
    ]
    lines.append("-" * WIDTH)
    body = [_line(k, row) for k, row in enumerate(rows, 1)]
    if len(body) > ROWS:
        head, tail = 8, ROWS - 9
        left = len(body) - head - tail
        body = [*body[:head], f"{'':>5} … {left} merges more …", *body[-tail:]]
    lines += body
    lines.append("-" * WIDTH)
    if any(row["pair_right"] is False for row in rows):
        lines.append("*: the forecast was for another pair")
    if any(row["ill_conditioned"] for row in rows):
        lines.append("!: ill-conditioned, not to be relied on")
    return lines


def _write_json(data: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _result(
    args: argparse.Namespace,
    points: FloatArray,
    masses: FloatArray | None,
    model: Model,
    hot: float | None,
) -> Coarsening:
    """Run; of a run that is interrupted, keep the merges so far in the folder of --out."""
    seen: dict[str, Any] = {"log_time": None, "joined": ()}

    with progress(args, "coarsening") as tell:

        def watch(log_time: float, joined: tuple[tuple[float, int, int], ...]) -> None:
            seen.update(log_time=log_time, joined=joined)
            tell(f"log t = {log_time:.6g}, {len(points) - len(joined)} clusters")

        try:
            return coarsen(
                points,
                model=model,
                beta=hot,
                masses=masses,
                rtol=args.rtol,
                log_t_end=args.log_t_end,
                check=args.check,
                watch=watch,
            )
        except KeyboardInterrupt as stop:
            if args.out is not None and seen["log_time"] is not None:
                stop.add_note(_keep(seen, len(points), args))
            raise


def _keep(seen: dict[str, Any], n: int, args: argparse.Namespace) -> str:
    """Write what an interrupted run has found, and say so."""
    names = ("log_time", "first", "second")
    joined = [
        dict(zip(names, (_number(time), first, second), strict=True))
        for time, first, second in seen["joined"]
    ]
    data = {
        "complete": False,
        "n": n,
        "log_time": _number(seen["log_time"]),
        "clusters_left": n - len(joined),
        "joined": joined,
    }
    with whole_files(args) as folder:
        _write_json(data, folder / PARTIAL)
    return (
        f"{len(joined)} merges up to log t = {seen['log_time']:.6g} are kept in "
        f"{args.out / PARTIAL}; the same command runs all of it again"
    )


def _save(
    args: argparse.Namespace,
    result: Coarsening,
    data: dict[str, Any],
) -> list[str]:
    """Write data and pictures, and return the names of the files."""
    folder: Path = args.out
    _write_json(data, folder / "merges.json")
    (folder / "tree.newick").write_text(newick(merge_tree(result)) + "\n", encoding="utf-8")
    names = ["merges.json", "tree.newick"]
    names += save_pictures(args, result, "coarsening.npz", seed=_seed(args))
    if args.gif and result.d in (2, 3):
        from numerics.plot import animate

        told = record_of(args, style="default", picture="coarsening", data="coarsening.npz")
        animate(result, folder / "coarsening.gif", record=told)
        names.append("coarsening.gif")
    return names


def _ensemble(args: argparse.Namespace, result: Coarsening) -> ClusterCounts:
    """Count clusters over many starts, over the times that the single run took."""
    merged = [m.log_time for m in result.merges if m.log_time > -math.inf] or [0.0]
    margin = 0.1 * (merged[-1] - merged[0]) + 1.0
    high = merged[-1] + margin if args.log_t_end is None else args.log_t_end
    times = np.linspace(min(merged[0], high) - 1.0, high, 161)
    hot = result.beta if math.isfinite(result.beta) else None
    arguments = (result.n, result.d, hot, args.runs, times, args.seed, result.model)
    rtol = max(args.rtol, 1e-6)
    with open_executor(args.jobs) as executor:
        return cluster_counts(*arguments, executor=executor, rtol=rtol)


def _seed(args: argparse.Namespace) -> int | None:
    """Seed of a random start."""
    return args.seed if args.points is None else None


def _ensemble_lines(counts: ClusterCounts) -> list[str]:
    chosen = np.linspace(0, len(counts.log_times) - 1, 9).round().astype(int)
    low, middle, high = counts.quantile([0.25, 0.5, 0.75])
    lines = [f"clusters over {counts.runs} starts", f"{'log t':>12} {'mean':>9} {'quartiles':>16}"]
    for k in chosen:
        spread = f"{low[k]:.0f} {middle[k]:.0f} {high[k]:.0f}"
        lines.append(f"{counts.log_times[k]:>12.4f} {counts.mean[k]:>9.3f} {spread:>16}")
    return lines


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if args.runs is not None and args.runs < 1:
        raise ValueError(f"Expected runs >= 1 but got runs={args.runs}. Leave it out for none.")
    points, masses = _start(args)
    model = MODELS.get(args.model) or model_of(args.model, args.flow or "wasserstein")
    if args.model in MODELS and args.flow is not None:
        raise ValueError(
            f"Expected --flow with a kernel but got --flow={args.flow} and {args.model}; drop it."
        )
    hot = 81.0 if args.beta is None and beta in model.parameters else args.beta
    result = _result(args, points, masses, model, hot)
    found = compare_with_forecast(result) if args.model in MODELS else ()
    rows = _rows(result, found)
    words, verdict = _verdict(result)
    data: dict[str, Any] = {
        "model": model.name,
        "n": result.n,
        "d": result.d,
        "beta": hot,
        "seed": args.seed,
        "rtol": result.rtol,
        "status": result.status.value,
        "message": result.status.message,
        "confirmed": result.confirmed,
        "conditioning": result.conditioning,
        "steps": result.steps,
        "clusters_left": len(result.final_masses),
        **verdict,
        "merges": rows,
        "provenance": record_of(args),
    }
    written: list[str] = []
    if args.out is not None:
        with whole_files(args), progress(args, "drawing"):
            written = _save(args, result, data)
        (args.out / PARTIAL).unlink(missing_ok=True)
    counts = None
    if args.runs is not None:
        left = "the run is kept, its starts are not" if args.out else "nothing is kept"
        with kept(left), progress(args, f"counting clusters over {args.runs} starts"):
            counts = _ensemble(args, result)
        data["ensemble"] = {
            "runs": counts.runs,
            "unfinished": counts.unfinished,
            "log_times": counts.log_times.tolist(),
            "mean": counts.mean.tolist(),
        }
        if args.out is not None:
            with whole_files(args) as folder:
                written += save_pictures(args, counts, "cluster_counts.npz", seed=args.seed)
                _write_json(data, folder / "merges.json")
    good = result.status is not CoarsenStatus.MAX_STEPS
    if args.json:
        print(json.dumps(data, indent=1))
        return 0 if good else 1
    numbers = "" if hot is None else f"beta={hot:g}, "
    print(f"{model.name}  n={result.n}, d={result.d}, {numbers}seed={args.seed}")
    print("\n".join(_table(rows)))
    message = f"{result.steps} steps. {result.status.message} {words}".strip()
    print(textwrap.fill(message, WIDTH))
    sharp = [abs(c.error) for c in found if c.gap > 5 and c.angle > 0.1]
    if sharp:
        text = (
            f"Forecast: {sum(c.right for c in found)} of {len(found)} pairs right; where the next "
            f"was e^5 slower ({len(sharp)} merges) log t is off by at most {max(sharp):.1e}."
        )
        print(textwrap.fill(text, WIDTH))
    if result.confirmed is not None:
        moved = sum(merge.ill_conditioned for merge in result.merges)
        print(f"Repeat, rotated and finer: {moved} of {len(result.merges)} merges moved.")
    if counts is not None:
        print("\n".join(_ensemble_lines(counts)))
    if written:
        print(textwrap.fill(f"wrote {', '.join(written)} to {args.out}", WIDTH))
    return 0 if good else 1
