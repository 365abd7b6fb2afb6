"""``attnflow mean-field``: infinitely many tokens, the continuity equation (3.1) over time.

With ``--particles`` the distance of n tokens from it as well, W₂ against n.
Exit status: 0 the last time was reached, 1 the run stopped before, 2 bad usage.
"""

from __future__ import annotations

import argparse
import json
import math
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from numerics import sphere
from numerics.arguments import FloatArray
from numerics.continuity import MeanField, MeanFieldStatus, mean_field
from numerics.mean_field_limit import STARTS, Convergence, mean_field_distances
from numerics.records import Album
from proofs_checks.command_line.derive import model_of
from proofs_checks.command_line.models import model_named
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import progress
from proofs_checks.command_line.results import whole_files
from theory.models import Model
from theory.parse import parse_kernel
from theory.predictions import Value
from theory.symbols import z

MOST_ROWS = 10_000
MOST_TOKENS = 10_000_000
NAMES = {"iid": "independent draws", "quantile": "quantiles"}
"""Starts of tokens in words."""


def _model(args: argparse.Namespace) -> tuple[Model, dict[str, float]]:
    if args.kernel is not None and args.model is not None:
        raise ValueError(
            f"Expected a kernel or --model but got both, {args.kernel!r} and {args.model!r}; "
            "drop one of them."
        )
    if args.flow is not None and args.kernel is None:
        raise ValueError(f"Expected a kernel with --flow but got flow={args.flow}; drop it.")
    if args.kernel is not None:
        model = model_of(args.kernel, args.flow or "wasserstein")
    else:
        model = model_named(args.model or "SA")
    others = sorted(str(p) for p in model.parameters if str(p) != "beta")
    if others:
        raise ValueError(
            f"Expected a model whose only parameter is beta but got {model.name} with "
            f"{', '.join(others)}; call numerics.mean_field, which takes them by name."
        )
    return model, {str(parameter): args.beta for parameter in model.parameters}


def _start(text: str | None, d: int) -> Callable[[FloatArray], FloatArray]:
    """Read a density: amplitudes of modes on the circle, or a formula in t."""
    amplitudes = _amplitudes(text)
    if amplitudes is not None:
        if d != 2:
            raise ValueError(
                f"Expected a formula in t for d={d} but got density={text!r}; modes are the "
                'circle\'s, write "1 + t/2".'
            )
        return lambda angle: (
            1
            + sum(
                (a * np.cos(k * angle) for k, a in enumerate(amplitudes, start=1)),
                start=np.zeros_like(angle),
            )
        )
    formula: Value = parse_kernel(text or "1 + t/2", "density", parameters=())
    printed = sp.lambdify(z, formula, ["numpy", "scipy"])

    def density(place: FloatArray) -> FloatArray:
        height = np.cos(place) if d == 2 else place
        return np.broadcast_to(np.asarray(printed(height), dtype=float), height.shape).copy()

    return density


def _amplitudes(text: str | None) -> list[float] | None:
    try:
        return None if text is None else [float(word) for word in text.split()]
    except ValueError:
        return None


def _number(value: float) -> float | None:
    """JSON has no infinities."""
    return float(value) if math.isfinite(value) else None


def _summary(run: MeanField, args: argparse.Namespace) -> dict[str, Any]:
    rows = []
    for k in np.unique(np.linspace(0, run.times.size - 1, args.rows).round().astype(int)):
        time = float(run.times[k])
        moments = np.abs(run.moments(time, [1, 2, 3]))
        places = np.linspace(0, 2 * np.pi, 721) if run.d == 2 else np.linspace(-1, 1, 721)
        density = run.density(time, places)
        rows.append(
            {
                "t": time,
                "moments": moments.tolist(),
                "largest_density": None if density is None else float(density.max()),
                "energy": _number(run.energy[k]),
            }
        )
    agreement = run.agreement
    return {
        "model": run.model,
        "d": run.d,
        "beta": args.beta,
        "rtol": args.rtol,
        "status": run.status.name,
        "message": run.status.message,
        "resolved_until": _number(run.resolved_until),
        "mass": float(run.mass[0]),
        "energy_defect": _number(_defect(run)),
        "spectral": None
        if agreement is None
        else {"until": agreement.until, "difference": agreement.difference},
        "steps": run.n_steps,
        "rows": rows,
    }


def _defect(run: MeanField) -> float:
    """Largest difference of the energy and what its rate adds up to, relative to its size."""
    with np.errstate(invalid="ignore"):
        off = np.abs(run.energy - run.energy[0] - run.gain)
        return float(np.max(off) / max(float(np.max(np.abs(run.energy))), 1e-300))


def _table(data: dict[str, Any]) -> list[str]:
    name = "cos" if data["d"] == 2 else "P"
    head = "".join(f"{f'|<{name}_{k}>|':>11}" for k in (1, 2, 3))
    lines = [f"{'t':>10}{head} {'max density':>13} {'energy':>16}"]
    for row in data["rows"]:
        shown = "-" if row["largest_density"] is None else f"{row['largest_density']:.6g}"
        energy = "inf" if row["energy"] is None else f"{row['energy']:.9g}"
        moments = "".join(f"{value:>11.3e}" for value in row["moments"])
        lines.append(f"{row['t']:>10.4g}{moments} {shown:>13} {energy:>16}")
    return lines


def _words(data: dict[str, Any]) -> list[str]:
    words = [f"{data['steps']} steps. {data['message']}"]
    if data["resolved_until"] is not None:
        words.append(f"A density until t = {data['resolved_until']:.4g}, particles after it.")
    spectral = data["spectral"]
    if spectral is None:
        words.append("The start is too sharp for a spectral solver to compare with.")
    else:
        words.append(
            f"A spectral solver's moments differ by {spectral['difference']:.1e} until "
            f"t = {spectral['until']:.4g}."
        )
    if data["energy_defect"] is not None:
        words.append(f"The energy gained its rate's integral to {data['energy_defect']:.1e}.")
    return textwrap.wrap(" ".join(words), WIDTH)


def _sizes(args: argparse.Namespace) -> tuple[int, ...]:
    """Numbers of tokens, ascending; none without --particles."""
    if args.particles is None:
        return ()
    try:
        sizes = tuple(sorted({int(word) for word in args.particles.split(",")}))
    except ValueError:
        sizes = (0,)
    if not 1 <= sizes[0] <= sizes[-1] <= MOST_TOKENS:
        raise ValueError(
            f"Expected whole numbers from 1 to {MOST_TOKENS}, with commas between, but got "
            f"particles={args.particles!r}; write --particles 100,1000,10000, for example."
        )
    if args.d != 2:
        raise ValueError(
            f"Expected d=2 with --particles but got d={args.d}; distances are taken on the circle."
        )
    if args.runs < 1:
        raise ValueError(f"Expected runs >= 1 but got runs={args.runs}; give at least one.")
    return sizes


def _compared(
    run: MeanField, model: Model, sizes: tuple[int, ...], args: argparse.Namespace
) -> dict[str, Convergence]:
    """Distances of tokens that start at draws of the density, and at its quantiles."""
    end = float(run.times[-1])
    streams = sphere.seed_sequence(args.seed).spawn(len(STARTS))
    found = {}
    for starts, stream in zip(STARTS, streams, strict=True):
        with progress(args, f"{starts} starts") as tell:

            def show(done: int, of: int, tell: Callable[[str], None] = tell) -> None:
                tell(f"run {done} of {of}")

            found[starts] = mean_field_distances(
                model,
                _start(args.density, args.d),
                sizes,
                end,
                args.runs,
                starts,
                rng=stream,
                limit=run,
                progress=show,
                **{str(parameter): args.beta for parameter in model.parameters},
            )
    return found


def _distances(compared: dict[str, Convergence], args: argparse.Namespace) -> dict[str, Any]:
    """Return the distances as plain data."""
    data: dict[str, Any] = {"runs": args.runs, "seed": args.seed}
    for starts, found in compared.items():
        slope = found.slope() if found.sizes.size > 1 else (math.nan, math.nan)
        data |= {"p": found.p, "t": found.t_end, "sizes": found.sizes.tolist()}
        data[starts] = {
            "mean": found.mean.tolist(),
            "error": [_number(value) for value in found.error],
            "slope": _number(slope[0]),
            "slope_error": _number(slope[1]),
        }
    return data


def _distance_table(data: dict[str, Any]) -> list[str]:
    lines = [
        f"W2 of n tokens from the limit at t = {data['t']:g}, mean of {data['runs']} runs",
        f"{'n':>10}" + "".join(f"{NAMES[starts]:>26}" for starts in STARTS),
    ]
    for place, size in enumerate(data["sizes"]):
        cells = ""
        for starts in STARTS:
            error = data[starts]["error"][place]
            text = f"{data[starts]['mean'][place]:.4g}"
            cells += f"{text if error is None else f'{text} ± {error:.1g}':>26}"
        lines.append(f"{size:>10}{cells}")
    if len(data["sizes"]) > 1:
        cells = ""
        for starts in STARTS:
            text = f"{data[starts]['slope']:.3f} ± {data[starts]['slope_error']:.1g}"
            cells += f"{text:>26}"
        lines.append(f"{'slope':>10}{cells}")
    return lines


def _save(
    run: MeanField,
    compared: dict[str, Convergence],
    data: dict[str, Any],
    values: dict[str, float],
    args: argparse.Namespace,
) -> list[str]:
    """Write data and pictures, and return the names of the files."""
    levels = np.linspace(0, 1, 201)
    columns: dict[str, Any] = {
        "times": run.times,
        "energy": run.energy,
        "moments": np.array([run.moments(float(t), np.arange(17)) for t in run.times]),
        "levels": levels,
        "quantiles": np.array([run.quantiles(float(t), levels) for t in run.times]),
    }
    for starts, found in compared.items():
        columns |= {"sizes": found.sizes, f"distances_{starts}": found.end}
    np.savez(args.out / "mean_field.npz", **columns)
    text = json.dumps(data, indent=1) + "\n"
    (args.out / "mean_field.json").write_text(text, encoding="utf-8")
    names = ["mean_field.npz", "mean_field.json"]
    names += save_pictures(args, run, "density.npz", **values)
    if compared:
        named = {NAMES[starts]: found for starts, found in compared.items()}
        names += save_pictures(args, Album("distances", named), "distances.npz", **values)
    return names


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if not 2 <= args.rows <= MOST_ROWS:
        raise ValueError(f"Expected 2 <= rows <= {MOST_ROWS} but got rows={args.rows}.")
    model, parameters = _model(args)
    sizes = _sizes(args)
    start = _start(args.density, args.d)
    with progress(args, "integrating") as tell:
        found = mean_field(
            model,
            start,
            args.t_end,
            d=args.d,
            modes=args.modes,
            rtol=args.rtol,
            max_steps=args.max_steps,
            report=lambda time: tell(f"t = {time:.4g} of {args.t_end:g}"),
            **parameters,
        )
    data = {**_summary(found, args), "provenance": record_of(args)}
    ended = found.status in (MeanFieldStatus.SMOOTH, MeanFieldStatus.CONCENTRATED)
    if not args.json:
        values = "".join(f", {name}={value:g}" for name, value in parameters.items())
        print(f"{model.name}  n = infinity, d={args.d}{values}")
        print("\n".join([*_table(data), *_words(data)]), flush=True)
    compared = _compared(found, model, sizes, args) if sizes and ended else {}
    if compared:
        data["particles"] = _distances(compared, args)
    written = []
    if args.out is not None:
        with whole_files(args):
            written = _save(found, compared, data, parameters, args)
    if args.json:
        print(json.dumps(data, indent=1))
    else:
        if compared:
            print("\n".join(_distance_table(data["particles"])))
        if written:
            print(textwrap.fill(f"wrote {', '.join(written)} to {args.out}", WIDTH))
    return 0 if ended else 1
