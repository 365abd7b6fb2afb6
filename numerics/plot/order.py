"""The length of the mean of the tokens over time, a curve a system."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from numerics.oscillators import Oscillation, order_parameter
from numerics.plot.style import BLUE, heading, new_axes

_MOST = 64


def plot_order(run: Any, ax: Axes | None = None) -> Axes:
    """Draw the order parameter of a run: 1 at consensus, 0 where the tokens balance.

    Parameters
    ----------
    run : NoisyRun, Ensemble, StateTrajectory, Trajectory or Oscillation
        With points; of more than 64 systems the first 64 are drawn.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.

    Raises
    ------
    ValueError
        For an ensemble that kept no points.
    """
    if isinstance(run, Oscillation):
        order = np.linalg.norm(run.mean, axis=-1)[:, None]
    elif run.points is None:
        raise ValueError(
            "Expected an ensemble with points but got run.points=None; leave out observe."
        )
    else:
        order = order_parameter(np.asarray(run.points)).reshape(len(run.times), -1)
    ax = new_axes() if ax is None else ax
    shown = order[:, :_MOST]
    width = 1.6 if shown.shape[1] == 1 else 0.8
    ax.plot(run.times, shown, color=BLUE, linewidth=width, alpha=max(0.25, shown.shape[1] ** -0.5))
    more = f"{_MOST} of {order.shape[1]} systems" if order.shape[1] > _MOST else ""
    ax.set(xlabel="time t", ylabel=r"order $|\frac{1}{n}\sum_i x_i|$", ylim=(0, 1.02))
    model = getattr(run, "model", None) or getattr(getattr(run, "field", None), "model", None)
    heading(ax, model=None if model is None else model.name, more=more)
    return ax
