"""Picture of the distance of n particles from the mean field against n, with its slopes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from numerics.mean_field_limit import Convergence
from numerics.plot.style import new_axes, sequential

__all__ = ["plot_distances"]


def plot_distances(results: Mapping[str, Convergence], ax: Axes | None = None) -> Axes:
    """Draw the mean distance at the end against n, on logarithmic scales.

    Parameters
    ----------
    results : Mapping
        Label to what ``mean_field_distances`` found.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Dots are runs, lines fits; slopes with their standard errors are in the legend,
        where there are two sizes.
    """
    ax = new_axes() if ax is None else ax
    for place, (label, found) in enumerate(results.items()):
        colour = sequential(place / max(len(results) - 1, 1))
        marker = "o" if found.starts == "iid" else "s"
        sizes = np.repeat(found.sizes, found.end.shape[1])
        ax.plot(sizes, found.end.ravel(), ".", color=colour, markersize=3, alpha=0.35)
        text = label
        if found.sizes.size > 1:
            slope, error = found.slope()
            x, y = np.log(found.sizes), np.log(found.mean)
            fit = np.exp(y.mean() + slope * (x - x.mean()))
            text += f": slope {slope:.3f}" + (f" ± {error:.3f}" if error >= 5e-4 else "")
            ax.plot(found.sizes, fit, color=colour, linewidth=1)
        ax.plot(found.sizes, found.mean, marker, color=colour, markersize=5, label=text)
    first = next(iter(results.values()))
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="number of particles n",
        ylabel=f"$W_{first.p}$ from the mean field at t = {first.t_end:g}",
    )
    ax.legend(frameon=False, fontsize="small")
    return ax
