"""``attnflow hierarchy``: the law of two tokens, (8.1), by closures and by Monte Carlo."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from numerics.arguments import FloatArray
from numerics.hierarchy import PairLaw, PairStatus, pair_law, pair_samples, spread_starts
from numerics.records import Album
from proofs_checks.command_line.derive import model_of
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import on_terminal
from proofs_checks.command_line.results import whole_files
from theory.hierarchy import bbgky
from theory.models import USA, Model

RADIUS = 0.5
"""Mass of |x| <= 1/2 is shown: how much has clustered."""


def _checked(args: argparse.Namespace) -> tuple[Model, dict[str, float]]:
    for name, least in (("n", 2), ("rows", 2), ("copies", 64), ("cells", 8)):
        if getattr(args, name) < least:
            raise ValueError(f"Expected {name} >= {least} but got {name}={getattr(args, name)}.")
    if not 0 < args.t < float("inf"):
        raise ValueError(f"Expected a time t > 0 but got t={args.t}.")
    model = USA if args.kernel is None else model_of(args.kernel)
    return model, {"beta": args.beta} if model.parameters else {}


def _say(args: argparse.Namespace, words: str) -> None:
    if on_terminal(args):
        print(f"{words} …", file=sys.stderr, flush=True)


def _laws(
    args: argparse.Namespace, model: Model, times: FloatArray, parameters: dict[str, float]
) -> tuple[list[PairLaw], PairLaw, FloatArray]:
    """Closures, Monte Carlo, and its error: half of what two scramblings differ by."""
    laws = []
    for closure in ("exact",) if args.n == 2 else ("kirkwood", "chaos"):
        _say(args, f"closure {closure}")
        more: dict[str, Any] = {
            "t_eval": times,
            "cells": args.cells,
            "closure": closure,
            **parameters,
        }
        laws.append(pair_law(model, args.n, args.t, **more))
    streams = np.random.SeedSequence(args.seed).spawn(2)
    halves = []
    source: dict[str, Any] = {"start": spread_starts, "rtol": 1e-6, **parameters}
    for part, stream in enumerate(streams, start=1):
        _say(args, f"Monte Carlo, half {part} of {args.copies} copies")
        copies = pair_samples(model, args.n, times, copies=args.copies // 2, rng=stream, **source)
        halves.append(copies.law(args.cells))
    mean = (halves[0].masses + halves[1].masses) / 2
    sampled = PairLaw(times, halves[0].edges, mean, "none", PairStatus.FINISHED)
    return laws, sampled, halves[0].distance(halves[1]) / 2


def _write(
    args: argparse.Namespace,
    data: dict[str, Any],
    laws: list[PairLaw],
    sampled: PairLaw,
    error: FloatArray,
) -> list[str]:
    folder: Path = args.out
    arrays = {law.closure: law.masses for law in laws}
    np.savez(
        folder / "pair_law.npz",
        times=sampled.times,
        edges=sampled.edges,
        monte_carlo=sampled.masses,
        error=error,
        **arrays,  # type: ignore[arg-type]
    )
    (folder / "hierarchy.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    parts = {"sampled": sampled, "laws": laws, "error": error}
    facts = {name: data[name] for name in ("model", "n", "beta", "seed")}
    names = save_pictures(args, Album("hierarchy", parts), "hierarchy.npz", d=2, **facts)
    return ["pair_law.npz", "hierarchy.json", *names]


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    model, parameters = _checked(args)
    law = bbgky(model)
    times = np.linspace(0.0, args.t, args.rows)
    laws, sampled, error = _laws(args, model, times, parameters)
    near = sampled.near_zero(RADIUS)
    rows = [
        {
            "t": float(time),
            "monte_carlo": float(near[k]),
            "error": float(error[k]),
            **{one.closure: float(one.near_zero(RADIUS)[k]) for one in laws},
            **{f"distance_{one.closure}": float(one.distance(sampled)[k]) for one in laws},
        }
        for k, time in enumerate(times)
    ]
    data: dict[str, Any] = {
        "model": model.name,
        "velocity": str(law.velocity),
        "n": args.n,
        "beta": args.beta,
        "copies": args.copies,
        "cells": args.cells,
        "seed": args.seed,
        "radius": RADIUS,
        "status": {one.closure: one.status.value for one in laws},
        "rows": rows,
        "provenance": record_of(args),
    }
    written = []
    if args.out is not None:
        with whole_files(args):
            written = _write(args, data, laws, sampled, error)
    if args.json:
        print(json.dumps(data, indent=1))
        return 0
    print(f"{model.name}, n = {args.n}, β = {args.beta:g}, seed = {args.seed}")
    print(textwrap.fill(f"∂_t ψ + ∂_x(vψ) = 0, v = {law.velocity}", 80))
    print("g = E[-c(θ_3) | θ_1 = 0, θ_2 = x], θ_i' = (1/n) Σ_j c(θ_i - θ_j)")
    print(f"\nmass of |x| <= {RADIUS:g}, and W₁ to Monte Carlo ({args.copies} copies)")
    names = "".join(f"{one.closure:>10}{'W₁':>10}" for one in laws)
    print(f"{'t':>8}{'copies':>10}{'error W₁':>11}{names}")
    for row in rows:
        parts = "".join(
            f"{row[one.closure]:>10.4f}{row[f'distance_{one.closure}']:>10.5f}" for one in laws
        )
        print(f"{row['t']:>8.4g}{row['monte_carlo']:>10.4f}{row['error']:>11.5f}{parts}")
    for one in laws:
        if one.status is not PairStatus.FINISHED:
            print(textwrap.fill(f"{one.closure}: {one.status.message}", 80))
    if written:
        print(textwrap.fill(f"wrote {', '.join(written)} to {args.out}", 80))
    return 1 if any(one.status is PairStatus.MAX_STEPS for one in laws) else 0
