"""Picture of cluster counts from near-uniform to independent starts, beside both predictions."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from numerics.plot.style import new_axes, sequential

__all__ = ["plot_count_regimes"]


def plot_count_regimes(
    spreads: ArrayLike,
    counts: ArrayLike,
    fastest: float,
    random: float,
    label: str = "",
    colour: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw mean counts against the spread ε of the start, with their standard errors.

    Parameters
    ----------
    spreads : array-like, shape (k,)
        Spreads ε of starts at equal spacing plus ε times a normal number; infinite for
        independent ones.
    counts : array-like, shape (k, runs)
        Number of clusters of each run.
    fastest : float
        The number k*, the count of near-uniform starts: a dashed line.
    random : float
        Mean count of independent starts: a dotted line.
    label : str
        Of these runs.
    colour : float
        In [0, 1], for several sets of runs on one picture.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    found = np.asarray(counts, float)
    places = np.asarray(spreads, float)
    known = places[np.isfinite(places)]
    # Independent starts stand to the right of all others.
    places = np.where(np.isfinite(places), places, 10 * known.max())
    shade = sequential(colour)
    error = found.std(axis=1, ddof=1) / np.sqrt(found.shape[1])
    ax.errorbar(
        places, found.mean(axis=1), 2 * error, fmt="o", color=shade, markersize=4, label=label
    )
    ax.axhline(fastest, color=shade, linestyle="--", linewidth=1)
    ax.axhline(random, color=shade, linestyle=":", linewidth=1.2)
    left = 4 * known.min()
    ax.text(left, fastest, "k*", va="bottom", fontsize="small", color=shade)
    ax.text(left, random, "Kac-Rice", va="bottom", fontsize="small", color=shade)
    ax.set(xscale="log", xlabel="spread ε of the start (last: independent)", ylabel="clusters")
    ax.legend(frameon=False, fontsize="small")
    return ax
