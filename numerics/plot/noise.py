"""Pictures of order under noise: the bifurcation diagram, with loops of particles on it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from numerics.noise import Branch, Hysteresis, StationaryState, Transition
from numerics.plot.style import (
    BLUE,
    COLOURS,
    GREY,
    ORANGE,
    RED,
    angle_ticks,
    heading,
    legend_beside,
    new_axes,
)

_ORDERED, _UNIFORM, _UP, _DOWN = BLUE, GREY, RED, ORANGE


def plot_bifurcation(
    branch: Branch,
    transition: Transition | None = None,
    loop: Hysteresis | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the order over the noise: stable states solid, unstable ones dashed.

    Parameters
    ----------
    branch : Branch
        The ordered branch.
    transition : Transition, optional
        Its thresholds, as vertical lines.
    loop : Hysteresis, optional
        Particles on the way up and down, as triangles.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes(size=(6.4, 4.2)) if ax is None else ax
    kappas, order = branch.kappas, branch.order
    high = 1.15 * max(float(kappas.max()), branch.kappa_uniform)
    low = float(kappas.min())
    if loop is not None:
        low = 0.9 * min(branch.kappa_uniform, float(loop.kappas.min()))
        high = 1.05 * max(float(kappas.max()), float(loop.kappas.max()))
    ax.plot([branch.kappa_uniform, high], [0, 0], color=_UNIFORM, linewidth=2, label="uniform")
    ax.plot([low, branch.kappa_uniform], [0, 0], color=_UNIFORM, linewidth=1.4, linestyle="--")
    # One line for each stretch of equal stability, joined at their ends.
    noise = np.concatenate([[branch.kappa_uniform], kappas])
    height = np.concatenate([[0.0], order])
    stable = np.concatenate([branch.stable[:1], branch.stable])
    turns = [0, *(np.flatnonzero(np.diff(stable.astype(int))) + 1), noise.size - 1]
    named = False
    for first, last in pairwise(turns):
        part = slice(first, last + 1)
        kept = bool(stable[first])
        ax.plot(
            noise[part],
            height[part],
            color=_ORDERED,
            linewidth=2 if kept else 1.4,
            linestyle="-" if kept else "--",
            label="ordered" if kept and not named else None,
        )
        named = named or kept
    if loop is not None:
        _draw_loop(ax, loop)
    ax.set(
        xlabel=r"noise $\kappa$",
        ylabel=rf"order $|m_{{{branch.degree}}}|$",
        xlim=(low, high),
        ylim=(-0.03, 1.03),
    )
    ax.plot([], [], color="0.5", linewidth=1.4, linestyle="--", label="unstable")
    if transition is not None:
        _mark(ax, transition)
    ax.legend(loc="center left", frameon=False, fontsize="small")
    heading(ax)
    return ax


def _mark(ax: Axes, transition: Transition) -> None:
    """Draw the thresholds, and name them in the legend; one line where they are the same."""
    places: list[tuple[float, str, Any]] = [(transition.kappa_uniform, "uniform", ":")]
    if not transition.continuous:
        if transition.kappa_transition is not None:
            places.append((transition.kappa_transition, "transition", "-."))
        places.append((transition.kappa_fold, "fold", (0, (5, 2))))
    for place, name, dashes in places:
        words = rf"$\kappa_{{\rm {name}}}$ = {place:.6g}"
        ax.axvline(place, color="0.6", linewidth=0.9, linestyle=dashes, zorder=0, label=words)


def _draw_loop(ax: Axes, loop: Hysteresis) -> None:
    words = f", n = {loop.n}"
    up = slice(0, loop.rising)
    down = slice(loop.rising - 1, None)
    for part, marker, colour, name in ((up, "^", _UP, "rising"), (down, "v", _DOWN, "falling")):
        ax.errorbar(
            loop.kappas[part],
            loop.order[part],
            yerr=loop.spread[part],
            fmt=marker,
            color=colour,
            markersize=4.5,
            linewidth=0.8,
            label=name + words,
        )


def plot_states(states: tuple[StationaryState, ...], ax: Axes | None = None) -> Axes:
    """Draw densities of stationary states: over the angle on the circle, else over u = <x, w>.

    Parameters
    ----------
    states : tuple of StationaryState
        Stable ones are solid, unstable ones dashed.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    circle = states[0].d == 2
    places = np.linspace(-np.pi, np.pi, 721) if circle else np.linspace(-1, 1, 801)
    for place, state in enumerate(states):
        style = "-" if state.stable else "--"
        ax.plot(
            places,
            state.density(places),
            style,
            color=COLOURS[(place - 1) % 7] if place else _UNIFORM,
            label=f"|m| = {state.order_parameter:.3f}, {'' if state.stable else 'un'}stable",
        )
    ax.set(
        xlabel=r"angle $\theta$" if circle else r"$u = \langle x, w\rangle$",
        ylabel="density (uniform = 1)",
        xlim=(places[0], places[-1]),
        ylim=(0, None),
    )
    if circle:
        ax.set_xticks(*angle_ticks(-np.pi, np.pi))
    heading(ax, d=states[0].d, more=rf"$\kappa$ = {states[0].kappa:.6g}")
    legend_beside(ax)
    return ax


__all__ = ["plot_bifurcation", "plot_states"]
