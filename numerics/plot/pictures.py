"""The picture of a result: which function of this room draws it, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numerics.plot.coarsening import (
    plot_cluster_counts,
    plot_dendrogram,
    plot_space_time,
    plot_sphere_tracks,
    plot_staircase,
)
from numerics.plot.codes import plot_code
from numerics.plot.density import plot_density, plot_density_profiles
from numerics.plot.distances import plot_distances
from numerics.plot.hardmax import plot_hardmax
from numerics.plot.hierarchy import plot_pair_law
from numerics.plot.layers import (
    plot_layer_energies,
    plot_layer_histograms,
    plot_layer_means,
    plot_layer_shares,
)
from numerics.plot.limits import plot_hull, plot_shapes
from numerics.plot.noise import plot_bifurcation, plot_states
from numerics.plot.order import plot_order
from numerics.plot.phase import plot_bands, plot_cluster_histogram, plot_phase
from numerics.plot.style import Picture, new_figure
from numerics.plot.trajectories import (
    plot_angles,
    plot_disc,
    plot_energy,
    plot_inner_products,
    plot_sphere,
)

__all__ = ["draw"]


def _trajectory(run: Any, **options: Any) -> Any:
    """Draw angles on the circle, paths on S², inner products in more dimensions."""
    by_dimension: dict[int, Callable[..., Any]] = {2: plot_angles, 3: plot_sphere}
    return by_dimension.get(run.points.shape[-1], plot_inner_products)(run, **options)


def _coarsening(result: Any) -> Any:
    """Draw the merge tree, and the energy beneath it."""
    figure = new_figure((6.0, 7.0))
    upper, lower = figure.subplots(2)
    plot_dendrogram(result, upper)
    plot_staircase(result, lower)
    return upper


def _histograms(found: Any, time: float | None = None, **options: Any) -> Any:
    """Draw numbers of clusters at one time, the last by default."""
    return plot_cluster_histogram([found], found.times[-1] if time is None else time, **options)


_DRAWN: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "Trajectory": {
        "points": _trajectory,
        "energy": plot_energy,
        "angles": plot_angles,
        "disc": plot_disc,
        "sphere": plot_sphere,
        "products": plot_inner_products,
        "order": plot_order,
    },
    "StateTrajectory": {"order": plot_order},
    "Ensemble": {"order": plot_order},
    "NoisyRun": {"order": plot_order},
    "Oscillation": {"order": plot_order},
    "Coarsening": {
        "tree and energy": _coarsening,
        "tree": plot_dendrogram,
        "energy": plot_staircase,
        "space-time": plot_space_time,
        "tracks": plot_sphere_tracks,
    },
    "ClusterCounts": {"counts": plot_cluster_counts},
    "ClusterPersistence": {"histogram": _histograms},
    "PhaseDiagram": {"phase": plot_phase, "bands": plot_bands},
    "MeanField": {"density": plot_density, "profiles": plot_density_profiles},
    "Branch": {"bifurcation": plot_bifurcation},
    "StationaryState": {"state": lambda state, **options: plot_states((state,), **options)},
    "Codes": {"code": plot_code},
    "Hardmax": {"paths": plot_hardmax},
    "LimitShape": {"hull": plot_hull},
    "ShapeSweep": {"shapes": plot_shapes},
    "LayerReport": {
        "histograms": plot_layer_histograms,
        "energies": plot_layer_energies,
        "shares": plot_layer_shares,
    },
    "BatchReport": {
        "histograms": plot_layer_histograms,
        "means": plot_layer_means,
    },
    "PairLaw": {"law": lambda law, **options: plot_pair_law([law], **options)},
    "Convergence": {
        "distances": lambda found, **options: plot_distances({found.model.name: found}, **options)
    },
}
"""Class of the result, and what can be drawn of it: the first is the default."""


def draw(result: Any, kind: str | None = None, **options: Any) -> Any:
    """Draw a result: what `result.plot()` calls.

    Parameters
    ----------
    result : Result
        Of a class that has a picture.
    kind : str, optional
        What to draw of it, such as ``"energy"`` of a Trajectory; the first of its kinds by default.
    **options
        Of the function that draws it.

    Returns
    -------
    matplotlib.figure.Figure
        Axes or a figure, as the kind of result has it.

    Raises
    ------
    TypeError
        For a result that has no picture.
    ValueError
        For a kind that it hasn't got.

    Examples
    --------
    >>> from numerics import compile_model, integrate, sphere
    >>> from theory import SA
    >>> run = integrate(compile_model(SA, beta=4.0), sphere.random_points(8, 2, rng=0), 1.0)
    >>> draw(run, "energy").axes[0].get_xlabel()
    'time $t$'
    """
    name = type(result).__name__
    if name not in _DRAWN:
        raise TypeError(
            f"Expected a result that has a picture but got {name}; these have one: "
            f"{', '.join(_DRAWN)}."
        )
    kinds = _DRAWN[name]
    chosen = next(iter(kinds)) if kind is None else kind
    if chosen not in kinds:
        raise ValueError(f"Expected kind one of {', '.join(kinds)} but got kind={kind!r}.")
    drawn = kinds[chosen](result, **options)
    if isinstance(drawn, Picture):
        return drawn
    return np.asarray(drawn).reshape(-1)[0].get_figure()
