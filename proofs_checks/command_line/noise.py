"""``attnflow noise``: where order sets in under noise, states there, loops of particles.

The noise is κ of dX = F dt + sqrt(2κ) P∘dB; for many tokens, about an axis.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import textwrap
from dataclasses import asdict
from typing import Any

import numpy as np

from numerics.arguments import check_whole
from numerics.noise import (
    Branch,
    Hysteresis,
    StationaryState,
    Transition,
    hysteresis,
    ordered_branch,
    stationary_states,
    transition,
)
from numerics.records import Album
from proofs_checks.command_line.derive import model_of
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import on_terminal, progress
from proofs_checks.command_line.results import kept, whole_files
from theory.models import SA, USA, Model

MODELS: dict[str, Model] = {"SA": SA, "USA": USA}
"""Models by the name that the command line knows them by."""

MOST_LEGS = 1000


def _loop_of(args: argparse.Namespace, found: Transition) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Values of the noise on the way up."""
    if args.loop is None:
        return np.linspace(0.9 * found.kappa_uniform, 1.05 * found.kappa_fold, 7)
    low, high, number = args.loop
    whole = math.isfinite(number) and number == int(number) and 2 <= number <= MOST_LEGS
    if not (0 < low < high < math.inf and whole):
        raise ValueError(
            f"Expected 0 < LOW < HIGH and a whole NUMBER from 2 to {MOST_LEGS} but got "
            f"loop={low:g} {high:g} {number:g}; give --loop 4.7 5.5 5, for example."
        )
    return np.linspace(low, high, int(number))


def _progress(done: int, legs: int) -> None:
    print(f"\rleg {done} of {legs}", end="\n" if done == legs else "", file=sys.stderr, flush=True)


def _threshold_lines(name: str, args: argparse.Namespace, found: Transition) -> list[str]:
    """Say where order sets in."""
    lines = [f"{name}, d = {args.d}: dX = F dt + sqrt(2κ) P∘dB, many tokens"]
    if found.continuous:
        lines.append(f"  continuous at κ = {found.kappa_uniform:.9g}")
        return lines
    meet = found.kappa_transition
    lines += [
        f"  {'uniform state unstable below':<32} {found.kappa_uniform:.9g}",
        f"  {'free energies meet at':<32} {'none' if meet is None else f'{meet:.9g}'}",
        f"  {'ordered branch ends at':<32} {found.kappa_fold:.9g}",
    ]
    if found.order_parameter is not None:
        lines.append(f"  {'jump of the order there':<32} {found.order_parameter:.9g}")
    return lines


def _state_lines(states: tuple[StationaryState, ...]) -> list[str]:
    lines = [
        f"stationary states at κ = {states[0].kappa:.6g}",
        f"{'order':>10} {'rate':>12} {'free energy':>14}  stability",
    ]
    for state in states:
        energy = "-" if state.free_energy is None else f"{state.free_energy:.6g}"
        word = "stable" if state.stable else "unstable"
        lines.append(
            f"{state.order_parameter:>10.6f} {state.growth_rate:>12.5g} {energy:>14}  {word}"
        )
    return lines


def _loop_lines(loop: Hysteresis) -> list[str]:
    lines = [f"{loop.n} tokens", f"{'κ':>10} {'rising':>10} {'falling':>10}"]
    for noise in loop.kappas[: loop.rising]:
        up, down = loop.at(float(noise))
        lines.append(f"{noise:>10.5g} {up:>10.4f} {down:>10.4f}")
    if not loop.status.success:
        lines += textwrap.wrap(f"! {loop.status.message}", WIDTH)
    return lines


def _save(
    args: argparse.Namespace,
    found: Transition,
    branch: Branch,
    states: tuple[StationaryState, ...],
    loop: Hysteresis | None,
    given: dict[str, Any],
) -> list[str]:
    """Write data and pictures, and return the names of the files."""
    columns: dict[str, Any] = {
        "kappas": branch.kappas,
        "order": branch.order,
        "stable": branch.stable,
    }
    if branch.free_energy is not None:
        columns["free_energy"] = branch.free_energy
    np.savez(args.out / "branch.npz", **columns)
    parts = {"branch": branch, "transition": found, "loop": loop, "states": states}
    facts = {"n": args.particles, "d": args.d, "seed": None if loop is None else args.seed}
    pictures = save_pictures(args, Album("noise", parts), "noise.npz", **facts, **given)
    return ["branch.npz", *pictures]


def _data(
    model: Model,
    given: dict[str, float],
    args: argparse.Namespace,
    found: Transition,
    states: tuple[StationaryState, ...],
    branch: Branch,
    loop: Hysteresis | None,
) -> dict[str, Any]:
    """Return all that was found, as plain data."""
    data: dict[str, Any] = {
        "model": model.name,
        **given,
        "d": args.d,
        "seed": args.seed,
        "provenance": record_of(args),
        "transition": asdict(found),
        "states": [
            {
                "kappa": state.kappa,
                "order": state.order_parameter,
                "growth_rate": state.growth_rate,
                "free_energy": state.free_energy,
                "stable": state.stable,
            }
            for state in states
        ],
        "branch": {
            "kappas": branch.kappas.tolist(),
            "order": branch.order.tolist(),
            "stable": branch.stable.tolist(),
        },
    }
    if loop is not None:
        data["loop"] = {
            "n": loop.n,
            "kappas": loop.kappas.tolist(),
            "order": loop.order.tolist(),
            "spread": loop.spread.tolist(),
            "rising": loop.rising,
            "status": loop.status.name,
        }
    return data


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    model = MODELS[args.model] if args.kernel is None else model_of(args.kernel, args.flow)
    given = {"beta": args.beta} if "beta" in map(str, model.parameters) else {}
    if args.particles is not None:
        check_whole(args.particles, "particles", 2)
    elif args.loop is not None:
        raise ValueError(
            f"Expected --particles with --loop but got loop={args.loop}; give --particles 10000."
        )
    with progress(args, "looking for the transition"):
        found = transition(model, d=args.d, **given)
    path = _loop_of(args, found) if args.particles is not None else None
    states: tuple[StationaryState, ...] = ()
    if args.kappa is not None:
        with progress(args, "looking for stationary states"):
            states = stationary_states(model, args.kappa, d=args.d, **given)
    name = model.name + (f" at β = {args.beta:g}" if given else "")
    if not args.json:
        print("\n".join(_threshold_lines(name, args, found)), flush=True)
        if states:
            print("\n".join(_state_lines(states)), flush=True)
    with progress(args, "following the branch"):
        branch = ordered_branch(model, d=args.d, **given)
    loop = None
    if path is not None:
        words = "nothing is kept: with --out DIR, finished legs would be"
        if args.out is not None:
            words = f"finished legs are kept in {args.out}"
        with kept(words):
            loop = hysteresis(
                model,
                kappas=path,
                n=args.particles,
                d=args.d,
                time=args.t,
                dt=0.01 / found.kappa_fold if args.dt is None else args.dt,
                scheme=args.scheme,
                rng=args.seed,
                out=None if args.out is None else args.out / "loop",
                progress=_progress if on_terminal(args) else None,
                **given,
            )
        if not args.json:
            print("\n".join(_loop_lines(loop)))
    data = _data(model, given, args, found, states, branch, loop)
    written = []
    if args.out is not None:
        with whole_files(args):
            written = _save(args, found, branch, states, loop, {"model": model.name, **given})
            text = json.dumps(data, indent=1) + "\n"
            (args.out / "noise.json").write_text(text, encoding="utf-8")
            written.append("noise.json")
    if args.json:
        print(json.dumps(data, indent=1))
    elif written:
        print(textwrap.fill(f"wrote {', '.join(written)} to {args.out}", WIDTH))
    return 0 if loop is None or loop.status.success else 1
