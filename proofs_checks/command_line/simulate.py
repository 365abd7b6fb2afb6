"""``attnflow simulate``: integrate a model, print a table of the run, write data and pictures."""

from __future__ import annotations

import argparse
import json
import textwrap
from typing import Any

import numpy as np

from numerics import sphere
from numerics.arguments import FloatArray
from numerics.clusters import find_clusters
from numerics.compile import compile_model
from numerics.integration import Event, Trajectory, integrate
from proofs_checks.command_line.derive import model_of
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import on_terminal, progress
from proofs_checks.command_line.results import whole_files
from theory.layers import DISCRETE_SA
from theory.models import CAUSAL, REPULSIVE, SA, SINKHORN, USA, Model

MOST_ROWS = 10_000

MODELS: dict[str, Model] = {
    "SA": SA,
    "USA": USA,
    "repulsive": REPULSIVE,
    "sinkhorn": SINKHORN,
    "causal": CAUSAL,
    "layer": DISCRETE_SA,
}
"""Models by the name that the command line knows them by."""


_DEFAULTS = {"n": 32, "d": 2, "beta": 4.0, "eta": 0.1, "rtol": 1e-8}
"""Values of options that weren't given, where they apply."""


def _refuse(args: argparse.Namespace, name: str, what: str) -> None:
    """Refuse an option that would be ignored."""
    value = getattr(args, name)
    if value is not None:
        raise ValueError(f"Expected {what} but got --{name}={value}; drop --{name}.")


def _value(args: argparse.Namespace, name: str) -> Any:
    """Return the value of an option, or its default."""
    value = getattr(args, name)
    return _DEFAULTS[name] if value is None else value


def _start(args: argparse.Namespace) -> FloatArray:
    if args.points is None:
        n, d = _value(args, "n"), _value(args, "d")
        for name, size in (("n", n), ("d", d)):
            if size < 1:
                raise ValueError(f"Expected {name} >= 1 but got {name}={size}.")
        return sphere.random_points(n, d, args.seed)
    for name in ("n", "d"):
        _refuse(args, name, "--points alone, whose shape gives n and d,")
    if args.points.suffix == ".npy":
        return sphere.check_points(np.load(args.points, allow_pickle=False))
    return sphere.check_points(np.loadtxt(args.points, delimiter=",", ndmin=2))


def _model(args: argparse.Namespace) -> tuple[Model, dict[str, Any]]:
    """Return the model and its parameters; refuse every option that has no place in it."""
    if args.kernel is not None:
        _refuse(args, "model", "one of --kernel and --model")
        model = model_of(args.kernel, args.flow or "wasserstein")
    else:
        _refuse(args, "flow", "--flow with --kernel")
        model = MODELS[args.model or "SA"]
    parameters = [str(parameter) for parameter in model.parameters]
    for name in ("beta", "eta"):
        if name not in parameters:
            _refuse(args, name, f"a model with the parameter {name}, which {model.name} has not,")
    if model.kind == "map":
        _refuse(args, "rtol", f"a flow with --rtol, which the layers of {model.name} are not,")
    return model, {name: _value(args, name) for name in parameters}


def _rows(trajectory: Trajectory) -> list[dict[str, Any]]:
    rows = []
    name, energies = "energy", None
    if trajectory.field.model.energy is not None:
        try:
            energies = trajectory.energy
        except OverflowError:
            name, energies = "log_energy", trajectory.log_energy
    for index, time in enumerate(trajectory.times):
        points = trajectory.points[index]
        found = find_clusters(points, eps=0.05)
        off = sphere.gram(points)[~np.eye(points.shape[-2], dtype=bool)]
        rows.append(
            {
                "t": float(time),
                "clusters": int(found.count),
                "ambiguous": bool(found.ambiguous),
                "min_inner_product": float(off.min()) if off.size else 1.0,
                "mean_inner_product": float(off.mean()) if off.size else 1.0,
                name: None if energies is None else float(energies[index]),
            }
        )
    return rows


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    points = _start(args)
    model, parameters = _model(args)
    if not 2 <= args.rows <= MOST_ROWS:
        raise ValueError(f"Expected 2 <= rows <= {MOST_ROWS} but got rows={args.rows}.")
    field = compile_model(model, **parameters)
    with np.errstate(invalid="ignore"):  # an end that is no number is refused below
        wanted = np.linspace(0.0, args.t, args.rows)
    if model.kind == "map":
        wanted = np.unique(np.round(wanted))
    rtol = _value(args, "rtol")
    with progress(args, "integrating") as tell:

        def seen(time: float, _: Any) -> float:
            tell(f"t = {time:.4g} of {args.t:g}")
            return 1.0  # never a zero: the run is watched, not stopped

        trajectory = integrate(
            field,
            points,
            args.t,
            t_eval=wanted,
            rtol=rtol,
            max_steps=args.max_steps,
            events=Event(seen, terminal=False) if on_terminal(args) else None,
        )
    rows = _rows(trajectory)
    data: dict[str, Any] = {
        "model": model.name,
        "velocity": str(model.velocity),
        "parameters": parameters,
        "n": points.shape[0],
        "d": points.shape[1],
        "seed": args.seed,
        "rtol": rtol,
        "status": trajectory.status.value,
        "message": trajectory.status.message,
        "steps": trajectory.n_steps,
        "rows": rows,
        "provenance": record_of(args),
    }
    written: list[str] = []
    if args.out is not None:
        seed = args.seed if args.points is None else None
        with whole_files(args) as folder:
            (folder / "simulation.json").write_text(
                json.dumps(data, indent=1) + "\n", encoding="utf-8"
            )
            pictures = save_pictures(args, trajectory, "trajectory.npz", seed=seed)
        written = ["simulation.json", *pictures]
    if args.json:
        print(json.dumps(data, indent=1))
        return 0 if trajectory.status.success else 1
    values = "".join(f"{name}={value:g}, " for name, value in parameters.items())
    print(f"{model.name}  n={points.shape[0]}, d={points.shape[1]}, {values}seed={args.seed}")
    last = "log_energy" if "log_energy" in rows[0] else "energy"
    title = last.replace("_", " ")
    print(f"{'t':>10} {'clusters':>9} {'min <x,y>':>11} {'mean <x,y>':>11} {title:>16}")
    for row in rows:
        energy = "-" if row[last] is None else f"{row[last]:.9g}"
        count = f"{row['clusters']}{'?' if row['ambiguous'] else ''}"
        print(
            f"{row['t']:>10.4g} {count:>9} {row['min_inner_product']:>11.6f} "
            f"{row['mean_inner_product']:>11.6f} {energy:>16}"
        )
    if any(row["ambiguous"] for row in rows):
        print("?: the gaps are less than 3 times the diameters, the count depends on 0.05 rad")
    print(textwrap.fill(f"{trajectory.n_steps} steps. {trajectory.status.message}", 80))
    if written:
        print(textwrap.fill(f"wrote {', '.join(written)} to {args.out}", 80))
    return 0 if trajectory.status.success else 1
