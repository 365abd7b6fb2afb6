"""Which pictures the commands draw of a result, at once or again from its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from numerics import plot
from numerics.records import Album
from proofs_checks.command_line.plot_regimes import plot_regimes
from proofs_checks.command_line.regimes import RegimeMap
from theory.models import SA, USA

Drawings: TypeAlias = dict[str, Callable[[], Any]]
"""Name of a picture to a function that returns axes or a figure."""


def _trajectory(run: Any, stem: str) -> Drawings:
    """Draw what suits the dimension."""
    n, d = run.points.shape[-2:]
    found: dict[str, Any] = {}
    if d == 2:
        found |= {"angles": plot.plot_angles, "disc": plot.plot_disc}
    if d == 3:
        found["sphere"] = plot.plot_sphere
    if n > 1:
        found["inner_products"] = plot.plot_inner_products
    if run.field.model.energy is not None:
        found["energy"] = plot.plot_energy
    return {name: partial(draw, run) for name, draw in found.items()}


def _coarsening(result: Any, stem: str) -> Drawings:
    # The forecast is that of an exponential kernel.
    beside: dict[str, Any] = {} if result.model in (SA, USA) else {"comparison": ()}
    found: dict[str, Any] = {
        "dendrogram": plot.plot_dendrogram,
        "staircase": partial(plot.plot_staircase, **beside),
    }
    by_dimension: dict[int, tuple[str, Any]] = {
        2: ("space_time", plot.plot_space_time),
        3: ("sphere", plot.plot_sphere_tracks),
    }
    if result.d in by_dimension:
        name, draw = by_dimension[result.d]
        found[name] = draw
    return {name: partial(draw, result) for name, draw in found.items()}


def _diagram(diagram: Any, stem: str) -> Drawings:
    tail = stem.removeprefix("phase")
    return {
        f"phase{tail}": partial(plot.plot_phase, diagram),
        f"bands{tail}": partial(plot.plot_bands, diagram),
    }


def _mean_field(run: Any, stem: str) -> Drawings:
    return {
        "density": partial(plot.plot_density, run),
        "profiles": partial(plot.plot_density_profiles, run),
    }


def _layers(found: Any, stem: str) -> Drawings:
    drawings: Drawings = {
        "histograms": partial(plot.plot_layer_histograms, found),
        "energies": partial(plot.plot_layer_energies, found),
    }
    for k, beta in enumerate(found.statistics.betas if found.shares else ()):
        drawings[f"shares_beta_{beta:g}"] = partial(plot.plot_layer_shares, found, k)
    return drawings


def _batch(found: Any, stem: str) -> Drawings:
    return {
        "histograms": partial(plot.plot_layer_histograms, found),
        "means": partial(plot.plot_layer_means, found),
    }


_OF_RESULTS: Mapping[str, Callable[[Any, str], Drawings]] = {
    "Trajectory": _trajectory,
    "Coarsening": _coarsening,
    "ClusterCounts": lambda counts, stem: {stem: partial(plot.plot_cluster_counts, counts)},
    "PhaseDiagram": _diagram,
    "MeanField": _mean_field,
    "Codes": lambda found, stem: {"code": partial(plot.plot_code, found)},
    "LayerReport": _layers,
    "BatchReport": _batch,
    "LimitShape": lambda found, stem: {"hull": partial(plot.plot_hull, found)},
    "ShapeSweep": lambda found, stem: {"shapes": partial(plot.plot_shapes, found)},
}
"""Class of a result to its pictures; the second argument is the name of its file."""


def _noise(parts: Mapping[str, Any], stem: str) -> Drawings:
    three = (parts["branch"], parts["transition"], parts["loop"])
    found: Drawings = {"bifurcation": partial(plot.plot_bifurcation, *three)}
    if parts["states"]:
        found["states"] = partial(plot.plot_states, parts["states"])
    return found


def _hierarchy(parts: Mapping[str, Any], stem: str) -> Drawings:
    sampled, laws = parts["sampled"], parts["laws"]
    return {
        "pair_law": partial(plot.plot_pair_law, [sampled, *laws]),
        "closures": partial(plot.plot_pair_distance, sampled, laws, parts["error"]),
    }


def _figure(parts: Mapping[str, Any], stem: str) -> Drawings:
    return {stem: partial(plot.draw_figure, parts["diagrams"], parts["titles"])}


def _circle(parts: Mapping[str, Any], stem: str) -> Drawings:
    tracks = parts["tracks"]
    counts = partial(plot.plot_cluster_histogram, parts["counts"], tracks.shown[-1])
    return {"clusters": counts, "circle": partial(plot.plot_tracks, tracks)}


def _hardmax(parts: Mapping[str, Any], stem: str) -> Drawings:
    return {"hardmax": partial(plot.plot_hardmax, parts["runs"], parts["Q"], parts["K"])}


_OF_ALBUMS: Mapping[str, Callable[[Mapping[str, Any], str], Drawings]] = {
    "noise": _noise,
    "hierarchy": _hierarchy,
    "figure": _figure,
    "circle": _circle,
    "hardmax": _hardmax,
    "distances": lambda parts, stem: {stem: partial(plot.plot_distances, parts)},
    "regimes": lambda parts, stem: {stem: lambda: plot_regimes(RegimeMap(**parts))},
}
"""What is drawn of several results together."""


def drawings_of(result: Any, stem: str) -> Drawings:
    """Say which pictures a command draws of a result.

    Parameters
    ----------
    result : Result
        As `numerics.load` gives it back.
    stem : str
        Name of its file without ``.npz``.

    Returns
    -------
    dict
        Name of each picture to what draws it, within `numerics.plot.styled`.
    """
    if isinstance(result, Album) and result.kind in _OF_ALBUMS:
        return _OF_ALBUMS[result.kind](result.parts, stem)
    known = _OF_RESULTS.get(type(result).__name__)
    if known is not None:
        return known(result, stem)
    return {stem: partial(plot.draw, result)}  # a result that was saved in Python
