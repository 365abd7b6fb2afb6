"""Pictures of hardmax dynamics: the cells of the argmax, and tokens of every branch over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray
from numerics.limits import Hardmax
from numerics.plot.style import COLOURS, cyclic, heading, new_axes

__all__ = ["plot_hardmax"]

_GRID = 400
_STEPS = 200


def plot_hardmax(
    runs: Hardmax | Sequence[Hardmax],
    Q: ArrayLike | None = None,
    K: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the tokens of all branches in the plane, over the cells of the argmax at the start.

    A place z is in the cell of the token j with the greatest ``<Q z, K z_j>``. Each branch has a
    colour; tokens that move alike in all of them are grey.

    Parameters
    ----------
    runs : Hardmax or sequence of Hardmax
        Several runs from one start, with other times of leaving, show families as fans.
    Q, K : array_like, shape (k, 2), optional
        As in the runs; the identity by default.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.

    Raises
    ------
    ValueError
        For tokens that aren't in the plane.
    """
    several = (runs,) if isinstance(runs, Hardmax) else tuple(runs)
    start = several[0].branches[0].at(0.0)
    if start.shape[1] != 2:
        raise ValueError(f"Expected tokens in the plane but got d={start.shape[1]}; draw d = 2.")
    ax = new_axes() if ax is None else ax
    count = max(len(run.branches) for run in several)
    shades = [COLOURS[number % len(COLOURS)] for number in range(count)]
    paths = [
        [
            np.array([branch.at(time) for time in np.linspace(0.0, branch.t_end, _STEPS)])
            for branch in run.branches
        ]
        for run in several
    ]
    every = np.concatenate([path.reshape(-1, 2) for run in paths for path in run])
    low, high = every.min(axis=0), every.max(axis=0)
    margin = 0.15 * max(float((high - low).max()), 1e-9)
    low, high = low - margin, high + margin

    query = np.eye(2) if Q is None else np.asarray(Q, dtype=float)
    key = np.eye(2) if K is None else np.asarray(K, dtype=float)
    axes = [np.linspace(low[k], high[k], _GRID) for k in range(2)]
    places = np.stack(np.meshgrid(*axes), axis=-1)
    cells = ((places @ query.T) @ (start @ key.T).T).argmax(axis=-1)
    names = np.unique(cells)
    ax.contourf(
        *axes, np.searchsorted(names, cells), levels=np.arange(len(names) + 1) - 0.5,
        colors=_pale(len(names)), zorder=0,
    )  # fmt: skip
    for token in range(len(start)):
        reference = paths[0][0][:, token]
        alike = all(np.allclose(path[:, token], reference) for run in paths for path in run)
        for run in paths:
            for number, path in enumerate(run):
                colour = "0.45" if alike else shades[number]
                ax.plot(*path[:, token].T, color=colour, linewidth=1.2, zorder=2)
                ax.plot(*path[-1, token], "o", color=colour, ms=4, zorder=3)
        ax.annotate(str(token + 1), start[token], xytext=(5, 5), textcoords="offset points")
    ax.plot(*start.T, "o", color="white", markeredgecolor="black", ms=6, zorder=4)
    ax.set(xlabel="z₁", ylabel="z₂", xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.set_aspect("equal", adjustable="box")
    heading(ax, model="hardmax", n=len(start), d=2, more=several[0].reading)
    return ax


def _pale(count: int) -> list[FloatArray]:
    """Colours of cells, over which those of branches are seen."""
    full = cyclic(np.arange(count) / max(count, 1))
    return [0.25 * colour + 0.75 for colour in full]
