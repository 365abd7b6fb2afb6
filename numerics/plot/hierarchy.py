"""Pictures of the law of two tokens, ψ(t, x) of (8.1): by Monte Carlo and by closures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from numerics.hierarchy import PairLaw
from numerics.plot.style import BLUE, MAGENTA, ORANGE, angle_ticks, heading, legend_beside, new_axes

__all__ = ["plot_pair_distance", "plot_pair_law"]

_COLOURS = {"none": "black", "kirkwood": BLUE, "chaos": ORANGE, "exact": MAGENTA}
_NAMES = {
    "none": "Monte Carlo",
    "kirkwood": "Kirkwood's closure",
    "chaos": "chaos, g = 0",
    "exact": "exact, n = 2",
}
_BINS = 64
"""Cells of Monte Carlo that are drawn, where they divide those there are: less noise."""
_LINES = ("-", "--", "-.", ":")


def plot_pair_law(laws: Sequence[PairLaw], ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw ψ at each time of several laws: a colour for who closed it, a dash for the time.

    Parameters
    ----------
    laws : sequence of PairLaw
        At the same times; four of them at most are drawn, evenly chosen.
    ax : Axes, optional
        Where to draw.
    title : str
        Put in front of the heading.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    if not laws:
        raise ValueError(
            f"Expected at least one PairLaw but got laws={laws!r}; give pair_law(...)."
        )
    ax = new_axes(size=(7.0, 4.2)) if ax is None else ax
    times = laws[0].times
    rows = np.unique(np.linspace(0, times.size - 1, min(times.size, len(_LINES))).astype(int))
    for given in laws:
        law = given
        if given.closure == "none" and given.masses.shape[1] % _BINS == 0:
            law = given.coarse(_BINS)
        # Monte Carlo lies under the closures, broad and pale.
        wide: dict[str, Any] = (
            {"linewidth": 3.0, "alpha": 0.35} if law.closure == "none" else {"linewidth": 1.2}
        )
        for line, row in zip(_LINES, rows, strict=False):
            ax.plot(
                law.angles,
                law.density[row],
                line if law.closure != "none" else "-",
                color=_COLOURS[law.closure],
                label=_NAMES[law.closure] if row == rows[0] else None,
                **wide,
            )
    for line, row in zip(_LINES, rows, strict=False):
        ax.plot([], [], line, color="0.4", label=f"t = {times[row]:g}")
    ax.set_yscale("log")
    ax.set_xlim(-math.pi, math.pi)
    ax.set_xticks(*angle_ticks(-math.pi, math.pi))
    ax.set(xlabel="x = θ₂ − θ₁", ylabel="ψ(t, x)")
    heading(ax, more=title)
    legend_beside(ax, "upper right")
    return ax


def plot_pair_distance(
    sampled: PairLaw,
    laws: Sequence[PairLaw],
    error: Sequence[float] | np.ndarray,
    ax: Axes | None = None,
    *,
    title: str = "",
) -> Axes:
    """Draw W₁ of closures to Monte Carlo over time, and the Monte Carlo error in grey.

    Parameters
    ----------
    sampled : PairLaw
        The law by Monte Carlo.
    laws : sequence of PairLaw
        At the same times.
    error : (time,) array
        Monte Carlo error of `sampled`.
    ax : Axes, optional
        Where to draw.
    title : str
        Put in front of the heading.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    ax.fill_between(sampled.times, np.asarray(error), color="0.85", label="Monte Carlo error")
    for law in laws:
        ax.plot(
            sampled.times,
            law.distance(sampled),
            "o-",
            markersize=3,
            color=_COLOURS[law.closure],
            label=_NAMES[law.closure],
        )
    ax.set(xlabel="t", ylabel="W₁ to Monte Carlo", ylim=(0, None))
    heading(ax, more=title)
    legend_beside(ax)
    return ax
