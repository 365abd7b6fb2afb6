"""``attnflow phase``: the phase diagrams of Figures 3, 4 and 5, resumable, as data and pictures."""

from __future__ import annotations

import argparse
import json
import math
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from numerics.arguments import FloatArray, check_whole
from numerics.ensembles import EnsembleStatus
from numerics.phase import (
    MATRICES,
    ClusterPersistence,
    PhaseDiagram,
    circle_tracks,
    cluster_persistence,
    finite_size_front,
    gamma_front,
    has_band,
    phase_diagram,
    run_function,
)
from numerics.records import Album
from numerics.sweeps import open_executor
from proofs_checks.command_line.options import PANELS, WIDTH
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import on_terminal, progress
from proofs_checks.command_line.results import kept, whole_files
from theory.models import SA, USA, Model

MODELS: dict[str, Model] = {"SA": SA, "USA": USA}
"""Models by the name that the command line knows them by."""

ZOOM = (9.0, 4.0)
"""The inverse temperatures of Figure 4's trajectories."""
ZOOM_TOKENS, ZOOM_RUNS = 64, 200
"""Their tokens, and the fewest starts whose clusters are counted."""
MOST = 10_000
"""Values on an axis of a grid."""


def _grid(values: Any, name: str) -> FloatArray:
    low, high, number = values
    if not all(map(math.isfinite, values)) or number > MOST:
        raise ValueError(
            f"Expected finite numbers, NUMBER at most {MOST}, but got {name}={low:g} {high:g} "
            f"{number:g}; give --{name} 0.1 9 90, for example."
        )
    if number != int(number) or number < 2 or not low < high:
        raise ValueError(
            f"Expected LOW < HIGH and a whole NUMBER >= 2 but got {name}={low:g} {high:g} "
            f"{number:g}; give --{name} 0.1 9 90, for example."
        )
    return np.linspace(low, high, int(number))


def _plans(args: argparse.Namespace) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, title and arguments of each diagram."""
    if args.matrices is not None and args.figure != 5:
        raise ValueError(
            f"Expected --matrices with --figure 5 but got figure={args.figure}; drop one of them."
        )
    if args.model != "SA" and args.figure != 3:
        raise ValueError(
            f"Expected --model with --figure 3 but got figure={args.figure}; drop one of them."
        )
    plans = []
    if args.figure == 5:
        for d in dict.fromkeys(args.d or [128]):  # each once, in the order given
            for name in dict.fromkeys(args.matrices or PANELS):
                shared = {"d": d, "matrices": MATRICES[name]}
                plans.append((f"matrices_{name}_d{d}", rf"({name}), $d$ = {d}", shared))
        return plans
    for d in dict.fromkeys(args.d or ([2] if args.figure == 4 else [2, 8, 32, 128])):
        plans.append((f"d{d}", rf"$d$ = {d}", {"d": d, "model": MODELS[args.model]}))
    return plans


def _number(value: float) -> float | None:
    """JSON has no NaN: a front that isn't reached is null."""
    return float(value) if math.isfinite(value) else None


def _largest(errors: FloatArray) -> float | None:
    return _number(errors.max()) if errors.size else None


def _summary(name: str, diagram: PhaseDiagram) -> dict[str, Any]:
    places = np.unique(np.linspace(0, diagram.betas.size - 1, 7).round().astype(int))
    front = diagram.front()
    early, late = diagram.front_band()
    stopped, complete = diagram.unfinished.sum(axis=0), diagram.complete
    rows: list[dict[str, Any]] = []
    comparable = diagram.model in (SA, USA) and diagram.betas.min() >= 0
    chosen = diagram.betas[places]
    limit = corrected = np.full(places.size, np.nan)
    if comparable:
        limit = gamma_front(chosen, diagram.n, diagram.delta, diagram.model)
        if diagram.d >= diagram.n:
            corrected = finite_size_front(
                chosen, diagram.n, diagram.d, diagram.delta, diagram.model
            )
    for row, k in enumerate(places):
        # of a stopped system the later counts aren't known
        known = 1.0 if complete[k] else math.nan
        rows.append(
            {
                "beta": float(diagram.betas[k]),
                "stopped": int(stopped[k]),
                "probability_at_end": _number(known * diagram.probability[k, -1]),
                "error_at_end": _number(known * diagram.error[k, -1]),
                "front": _number(known * front[k]),
                "front_low": _number(known * early[k]),
                "front_high": _number(known * late[k]),
                "gamma": _number(limit[row]),
                "gamma_order_1_over_d": _number(corrected[row]),
            }
        )
    return {
        "name": name,
        "model": diagram.model.name,
        "n": diagram.n,
        "d": diagram.d,
        "delta": diagram.delta,
        "runs": diagram.runs,
        "statistic": diagram.statistic,
        "end": float(diagram.times[-1]),
        "unfinished": int(stopped.sum()),
        "reasons": [
            status.message
            for status in (EnsembleStatus.MAX_STEPS, EnsembleStatus.OVERFLOW)
            if diagram.status is not None and status in diagram.status
        ],
        "largest_error": _largest(diagram.error[complete]),
        "rows": rows,
    }


def _shown(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _band(row: dict[str, Any], end: float) -> str:
    """From early to late; an end that lies beyond the last time is said to."""
    low, high = row["front_low"], row["front_high"]
    if low is None:
        return "-"
    return f"{low:.2f} to " + (f">{end:g}" if high is None else f"{high:.2f}")


def _table(summary: dict[str, Any]) -> list[str]:
    rows = summary["rows"]
    lines = textwrap.wrap(
        f"{summary['name']}: {summary['model']}, n={summary['n']}, d={summary['d']}, "
        f"delta={summary['delta']:g}, {summary['runs']} run{'s' * (summary['runs'] > 1)}, "
        f"largest standard error {_shown(summary['largest_error'], 3)}",
        WIDTH,
    )
    columns: list[tuple[str, int, list[str]]] = [
        ("beta", 8, [f"{row['beta']:.3g}" for row in rows]),
        (
            "P at end",
            16,
            [
                f"{_shown(row['probability_at_end'], 3)} ± {_shown(row['error_at_end'], 3)}"
                if row["probability_at_end"] is not None
                else "-"
                for row in rows
            ],
        ),
        ("front", 8, [_shown(row["front"]) for row in rows]),
    ]
    if has_band(summary["runs"]):
        columns.append(("95% band", 15, [_band(row, summary["end"]) for row in rows]))
    for title, width, key in (("Gamma", 8, "gamma"), ("order 1/d", 10, "gamma_order_1_over_d")):
        if any(row[key] is not None for row in rows):
            columns.append((title, width, [_shown(row[key]) for row in rows]))
    lines.append(" ".join(f"{title:>{width}}" for title, width, _ in columns))
    for place in range(len(rows)):
        lines.append(" ".join(f"{cells[place]:>{width}}" for _, width, cells in columns))
    if not has_band(summary["runs"]):
        lines.append("  a 95% band of the front needs 20 runs: --runs 20")
    if summary["unfinished"]:
        lines += textwrap.wrap(
            f"! {summary['unfinished']} systems were stopped before the end; - stands where one "
            f"was. {' '.join(summary['reasons'])}",
            WIDTH,
        )
    return lines


def _save(diagram: PhaseDiagram, name: str, title: str, args: argparse.Namespace) -> list[str]:
    """Write data and pictures of one diagram, and return the names of the files."""
    panel = title.partition(",")[0] if args.figure == 5 else None
    facts = {"words": panel, "seed": args.seed}
    names = save_pictures(args, diagram, f"phase_{name}.npz", **facts)
    if find_spec("xarray") is not None:
        diagram.to_xarray().to_netcdf(args.out / f"phase_{name}.nc")
        names.append(f"phase_{name}.nc")
    return names


def _persistence(args: argparse.Namespace, runs: int) -> list[ClusterPersistence]:
    """Count clusters for Figure 4, at the times printed: 18 and 30."""
    end = float(args.times[1])
    times = (0.0, 0.6 * end, end)
    return [
        cluster_persistence(
            beta, n=ZOOM_TOKENS, times=times, runs=runs, rng=args.seed, rtol=1e-8, jobs=args.jobs
        )
        for beta in ZOOM
    ]


def _zoom(
    args: argparse.Namespace, found: list[ClusterPersistence]
) -> tuple[dict[str, Any], list[str], list[str]]:
    """Say what was counted for Figure 4: data, lines and files."""
    runs, times = len(found[0].counts), tuple(map(float, found[0].times))
    data = []
    lines = textwrap.wrap(
        f"clusters of {ZOOM_TOKENS} tokens on the circle, {runs} starts, linked at 0.05 rad, as "
        "the paper draws them (--n, --d, --betas, --delta and --rtol are the diagram's)",
        WIDTH,
    )
    lines.append(f"{'beta':>8} {'t':>6} {'mean':>6}  fraction with 1, 2, 3, ... clusters")
    for one in found:
        shares = one.histogram()
        for place, time in enumerate(times[1:], start=1):
            kept = shares[place][: int(one.counts[:, place].max())]
            words = " ".join(f"{share:.2f}" for share in kept)
            mean = one.counts[:, place].mean()
            lines.append(f"{one.beta:>8g} {time:>6g} {mean:>6.2f}  {words}")
        same = one.constant(times[1], times[2])
        lines.append(f"{'':>8} same number from t={times[1]:g} to {times[2]:g}: {same:.2f} of runs")
        data.append(
            {
                "beta": one.beta,
                "times": list(times),
                "fractions": shares.tolist(),
                "constant": same,
                "ambiguous": one.ambiguous.mean(axis=0).tolist(),
            }
        )
    names: list[str] = []
    if args.out is not None:
        tracks = circle_tracks(ZOOM, times, ZOOM_TOKENS, rng=args.seed)
        album = Album("circle", {"counts": found, "tracks": tracks})
        facts = {"model": SA.name, "n": ZOOM_TOKENS, "d": 2, "seed": args.seed}
        with whole_files(args):
            np.savez(
                args.out / "clusters.npz",
                betas=ZOOM,
                times=times,
                counts=np.array([one.counts for one in found]),
            )
            names = ["clusters.npz", *save_pictures(args, album, "circle.npz", **facts)]
    return {"clusters": data, "cluster_starts": runs}, lines, names


def _left(out: Path | None) -> str:
    """Say what Ctrl-C leaves."""
    if out is None:
        return "nothing is kept: with --out DIR, finished runs would be"
    return f"finished runs are kept in {out}"


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    plans = _plans(args)
    betas = _grid(args.betas or ((0.3, 9.0, 30) if args.figure == 5 else (0.1, 9.0, 90)), "betas")
    times = _grid(args.times, "times")
    runs = args.runs if args.runs is not None else 4 if args.figure == 5 else 64
    check_whole(runs, "runs", 1)
    for _, _, chosen in plans:  # all is refused before anything is computed
        model, matrices = chosen.get("model"), chosen.get("matrices")
        sizes = (chosen["d"], args.n, betas, times, args.delta, model, args.statistic)
        run_function(*sizes, matrices, args.rtol, None)
    diagrams, summaries, written = [], [], []
    with kept(_left(args.out)), open_executor(args.jobs, args.scheduler) as executor:
        for name, title, chosen in plans:
            if on_terminal(args):
                print(f"{name} …", file=sys.stderr, flush=True)
            diagram = phase_diagram(
                n=args.n,
                betas=betas,
                times=times,
                runs=runs,
                delta=args.delta,
                rng=args.seed,
                statistic=args.statistic,
                executor=executor,
                rtol=args.rtol,
                out=None if args.out is None else args.out / f"runs_{name}",
                progress=on_terminal(args),
                accept_changes=args.accept_changes,
                **chosen,
            )
            diagrams.append(diagram)
            summaries.append(_summary(name, diagram))
            if args.out is not None:
                with whole_files(args):
                    written += _save(diagram, name, title, args)
            if not args.json:
                print("\n".join(_table(summaries[-1])), flush=True)
    data: dict[str, Any] = {"figure": args.figure, "seed": args.seed, "diagrams": summaries}
    data["provenance"] = record_of(args)
    if args.out is not None and len(diagrams) > 1:
        titles = [title for _, title, _ in plans]
        album = Album("figure", {"diagrams": diagrams, "titles": titles})
        with whole_files(args):
            written += save_pictures(args, album, f"figure{args.figure}.npz", seed=args.seed)
    if args.figure == 4:
        with progress(args, "counting clusters"):
            found = _persistence(args, max(runs, ZOOM_RUNS))
        more, lines, names = _zoom(args, found)
        data.update(more)
        written += names
        if not args.json:
            print("\n".join(lines))
    if args.out is not None:
        text = json.dumps(data, indent=1) + "\n"
        with whole_files(args):
            (args.out / "phase.json").write_text(text, encoding="utf-8")
        written.append("phase.json")
    if args.json:
        print(json.dumps(data, indent=1))
    elif written:
        print(textwrap.fill(f"wrote {', '.join(written)} to {args.out}", WIDTH))
    return 1 if any(summary["unfinished"] for summary in summaries) else 0
