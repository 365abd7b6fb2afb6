"""Picture of the dimensions from which on uniform tokens follow γ(t) (Theorem 6.9)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from numerics.plot.style import new_axes, sequential

__all__ = ["plot_dimensions"]


def plot_dimensions(
    betas: ArrayLike,
    dimensions: Mapping[int, ArrayLike],
    at_rate: Mapping[int, ArrayLike] | None = None,
    seen: Mapping[int, tuple[ArrayLike, ArrayLike]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw d against β for each number of tokens, on a logarithmic scale.

    Parameters
    ----------
    betas : array-like
        Inverse temperatures.
    dimensions : Mapping
        From n to the proved d at each β.
    at_rate : Mapping, optional
        From n to log10 d by a constant rate of growth; dashed, as far as the picture goes.
    seen : Mapping, optional
        From n to (β, d) from which on drawn tokens do follow γ; dots.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    top = max(float(np.log10(np.asarray(values, float)).max()) for values in dimensions.values())
    for place, (n, values) in enumerate(dimensions.items()):
        colour = sequential(place / max(len(dimensions) - 1, 1))
        powers = np.log10(np.asarray(values, float))
        ax.plot(betas, powers, color=colour, linewidth=1.6, label=f"n = {n}")
        if at_rate is not None and n in at_rate:
            ax.plot(betas, at_rate[n], color=colour, linewidth=1, linestyle="--")
        if seen is not None and n in seen:
            where, found = seen[n]
            ax.plot(where, np.log10(np.asarray(found, float)), "o", color=colour, clip_on=False)
    ax.set(xlabel="β", ylabel="log₁₀ d", ylim=(0, 1.05 * top), xlim=(np.min(betas), np.max(betas)))
    ax.legend(loc="lower center", ncols=3, frameon=False, fontsize="small")
    return ax
