"""Pictures of phase diagrams: the maps of Figures 3–5 with the curve Γ of (6.12), and Figure 4.

Functions draw on `ax`, or on a new figure, and return it; `draw_figure` arranges several diagrams.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from numerics.phase import (
    CircleTracks,
    ClusterPersistence,
    PhaseDiagram,
    circle_tracks,
    finite_size_front,
    gamma_front,
    has_band,
    wilson_error,
)
from numerics.plot.style import (
    BLUE,
    COLOURS,
    ORANGE,
    TWO_SIDED,
    drawn_in,
    heading,
    new_axes,
    new_figure,
)
from numerics.sphere import Rng
from theory.models import SA, USA, Model

__all__ = [
    "draw_figure",
    "draw_metastable",
    "plot_bands",
    "plot_cluster_histogram",
    "plot_phase",
    "plot_tracks",
]


def _edges(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Borders of cells about ascending centres."""
    if centres.size == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def plot_phase(
    diagram: PhaseDiagram,
    ax: Axes | None = None,
    *,
    curves: bool = True,
    colorbar: bool = True,
    title: str | None = None,
) -> Axes:
    """Draw the probability over (t, β); grey where a system was stopped before the last time.

    Parameters
    ----------
    diagram : PhaseDiagram
        What to draw.
    ax : Axes, optional
        Where to draw.
    curves : bool
        Whether to draw Γ (black; thin and dash-dotted for d < n, where it is no guide), for d ≥ n
        its finite-size correction (dashed), the measured front at probability 1/2 and, from 20 runs
        on, its 95% band (dots). Γ needs SA or USA.
    colorbar : bool
        Whether to draw the scale.
    title : str, optional
        In place of the model, n, d, δ and the number of runs.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    ax.set_facecolor("0.75")
    mesh = ax.pcolormesh(
        _edges(diagram.times),
        _edges(diagram.betas),
        np.where(diagram.complete[:, None], diagram.probability, np.nan),
        cmap=TWO_SIDED,
        vmin=0,
        vmax=1,
        rasterized=True,
    )
    if colorbar and ax.figure is not None:
        words = "fraction of close pairs" if diagram.statistic == "pairs" else "P(all are close)"
        ax.figure.colorbar(mesh, ax=ax, label=words)
    low, high = float(diagram.times[0]), float(diagram.times[-1])
    if curves:
        _draw_front(diagram, ax)
        if diagram.model in (SA, USA) and diagram.betas.min() >= 0:
            _draw_gamma(diagram, ax)
        if ax.get_legend_handles_labels()[0]:
            ax.legend(
                loc="lower right",
                fontsize="x-small",
                framealpha=0.85,
                facecolor="0.92",
                edgecolor="none",
            )
    bottom, top = float(diagram.betas[0]), float(diagram.betas[-1])
    if low < high and bottom < top:  # half cells at the borders are cut
        ax.set(xlim=(low, high), ylim=(bottom, top))
    ax.set(xlabel=r"$t$", ylabel=r"$\beta$")
    if title is None:
        _head(diagram, ax, rf"$\delta$ = {diagram.delta:g}", _runs(diagram.runs))
    else:
        ax.set_title(title, fontsize="medium")
    if not diagram.complete.all():
        ax.text(
            0.02, 0.97, "grey: stopped early", va="top", fontsize="small", transform=ax.transAxes
        )
    return ax


def _head(diagram: PhaseDiagram, ax: Any, *more: str) -> None:
    heading(ax, model=diagram.model.name, n=diagram.n, d=diagram.d, more=more)


def _runs(runs: int | str) -> str:
    return "1 run" if runs in (1, "1") else f"{runs} runs"


def _draw_front(diagram: PhaseDiagram, ax: Axes) -> None:
    """Draw the front at probability 1/2 with its band, where it lies inside the picture."""
    front = np.where(diagram.complete, diagram.front(), np.nan)
    if np.count_nonzero(np.isfinite(front)) < 2:
        return
    ax.plot(front, diagram.betas, color="white", linewidth=2.2)
    ax.plot(front, diagram.betas, color="0.35", linewidth=1.0, label="front at 1/2")
    if has_band(diagram.runs):
        band = np.where(diagram.complete, diagram.front_band(), np.nan)
        for edge, label in zip(band, ("95% band", None), strict=True):
            ax.plot(edge, diagram.betas, color="0.35", linestyle=":", linewidth=1.0, label=label)


def _draw_gamma(diagram: PhaseDiagram, ax: Axes) -> None:
    arguments = (diagram.n, diagram.delta, diagram.model)
    ax.plot(
        gamma_front(diagram.betas, *arguments),
        diagram.betas,
        color="black",
        linewidth=1.4 if diagram.d >= diagram.n else 0.8,
        linestyle="-" if diagram.d >= diagram.n else (0, (6, 2, 1, 2)),
        label=r"$\Gamma$ of (6.12)" + (r", $d \to \infty$" if diagram.d < diagram.n else ""),
    )
    if diagram.d >= diagram.n:
        corrected = finite_size_front(
            diagram.betas, diagram.n, diagram.d, diagram.delta, diagram.model
        )
        ax.plot(
            corrected,
            diagram.betas,
            color="black",
            linestyle=(0, (4, 2)),
            linewidth=1.0,
            label=r"$\Gamma$ to order $1/d$",
        )


def plot_bands(
    diagram: PhaseDiagram, ax: Axes | None = None, *, betas: Sequence[float] | None = None
) -> Axes:
    """Draw the probability against t at a few β, with 95% bands where there are runs enough.

    Parameters
    ----------
    diagram : PhaseDiagram
        What to draw.
    ax : Axes, optional
        Where to draw.
    betas : sequence of float, optional
        The nearest β of the diagram are drawn; four of them by default.

    Returns
    -------
    Axes
        The axes that were drawn into.
    """
    ax = new_axes() if ax is None else ax
    if betas is None:
        chosen = np.linspace(0, diagram.betas.size - 1, min(4, diagram.betas.size)).round()
        places = np.unique(chosen.astype(int))
    else:
        wanted = np.asarray(betas, dtype=np.float64)
        places = np.unique(np.argmin(np.abs(diagram.betas - wanted[:, None]), axis=1))
    low, high = diagram.band()
    banded = diagram.statistic == "all" or has_band(diagram.runs)
    for number, k in enumerate(places):
        colour = COLOURS[number % len(COLOURS)]
        label = rf"$\beta$ = {diagram.betas[k]:.3g}"
        if not diagram.complete[k]:
            ax.plot([], [], color=colour, label=f"{label}: stopped")
            continue
        if banded:
            ax.fill_between(diagram.times, low[k], high[k], color=colour, alpha=0.25, linewidth=0)
        ax.plot(diagram.times, diagram.probability[k], color=colour, linewidth=1.4, label=label)
    words = "fraction of close pairs" if diagram.statistic == "pairs" else "P(all are close)"
    ax.set(xlim=(diagram.times[0], diagram.times[-1]), ylim=(-0.02, 1.02))
    ax.set(xlabel=r"$t$", ylabel=words)
    _head(diagram, ax, _runs(diagram.runs), "95% bands" if banded else "too few for a band")
    ax.legend(loc="best", frameon=False, fontsize="small")
    return ax


def draw_figure(diagrams: Sequence[PhaseDiagram], titles: Sequence[str] | None = None) -> Figure:
    """Arrange several diagrams in rows of three, with one scale, as Figures 3 and 5 do.

    The heading names the models, n, δ and runs.

    Parameters
    ----------
    diagrams : sequence of PhaseDiagram
        At least one.
    titles : sequence of str, optional
        One each.

    Returns
    -------
    Figure
        The figure, outside pyplot.
    """
    if not diagrams:
        raise ValueError("Expected at least one diagram but got none; compute one.")
    narrow = drawn_in().width is not None and len(diagrams) > 1
    columns = 2 if len(diagrams) in (2, 4) or narrow else min(3, len(diagrams))
    rows = math.ceil(len(diagrams) / columns)
    figure = new_figure((4.0 * columns + 0.8, 3.2 * rows + 0.3))
    grid: Any = figure.subplots(rows, columns, squeeze=False)
    lines: dict[str, Any] = {}
    for place, ax in enumerate(grid.flat):
        if place >= len(diagrams):
            ax.set_visible(False)
            continue
        diagram = diagrams[place]
        title = rf"$d$ = {diagram.d}" if titles is None else titles[place]
        plot_phase(diagram, ax, colorbar=False, title=title)
        lines.update(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
        if ax.get_legend() is not None:
            ax.get_legend().remove()
    first = diagrams[0]
    words = "fraction of close pairs" if first.statistic == "pairs" else "P(all are close)"
    mesh = grid.flat[0].collections[0]
    if lines:
        width = 3 if figure.get_figwidth() > 4 else 2
        figure.legend(
            [*lines.values()], [*lines], loc="outside lower center", ncols=width,
            frameon=False, fontsize="small",
        )  # fmt: skip
    figure.colorbar(mesh, ax=grid, label=words, shrink=0.9)
    heading(
        figure,
        model=_each([one.model.name for one in diagrams]),
        n=_each([one.n for one in diagrams]),
        more=(
            rf"$\delta$ = {_each([f'{one.delta:g}' for one in diagrams])}",
            f"{_runs(_each([one.runs for one in diagrams]))} each",
        ),
    )
    return figure


def _each(values: Sequence[Any]) -> str:
    """Different values, in the order of the panels."""
    return " / ".join(str(value) for value in dict.fromkeys(values))


def plot_cluster_histogram(
    persistence: Sequence[ClusterPersistence], time: float, ax: Axes | None = None
) -> Axes:
    """Draw how often each number of clusters occurs at a time, for several β.

    Parameters
    ----------
    persistence : sequence of ClusterPersistence
        One a β.
    time : float
        The nearest time counted is drawn.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Bars end in lines of a standard error, half of Wilson's interval.
    """
    ax = new_axes(size=(5.0, 3.4)) if ax is None else ax
    width = 0.8 / len(persistence)
    bars = []
    for number, one in enumerate(persistence):
        place = int(np.argmin(np.abs(one.times - time)))
        shares = one.histogram()[place]
        bars.append(shares)
        runs = len(one.counts)
        error = wilson_error(shares, runs)
        at = np.arange(1, shares.size + 1) + (number - (len(persistence) - 1) / 2) * width
        label = rf"$\beta$ = {one.beta:g}"
        ax.bar(
            at, shares, width, yerr=error, color=COLOURS[number], label=label, error_kw={"lw": 0.8}
        )
    top = max(int(np.flatnonzero(bar)[-1]) + 1 for bar in bars)
    runs = len(persistence[0].counts)
    ax.set(xlim=(0.4, top + 0.6), xticks=np.arange(1, top + 1))
    ax.set_ylim(bottom=0)
    ax.set(xlabel=f"clusters at t = {time:g}", ylabel="fraction of runs")
    heading(ax, more=f"{runs} starts")
    ax.legend(frameon=False, fontsize="small")
    return ax


def draw_metastable(
    betas: Sequence[float] = (9.0, 4.0),
    times: Sequence[float] = (0.0, 18.0, 30.0),
    n: int = 64,
    rng: Rng = 0,
    model: Model = SA,
) -> Figure:
    """Draw one start on the circle at a few times, for several β: the right side of Figure 4.

    Parameters
    ----------
    betas, times : sequences of float
        Rows and columns of the picture.
    n : int
        Number of tokens: 64 in the printed panels.
    rng : seed, SeedSequence, Generator or None
        For the start (SPEC 7).
    model : Model
        A flow with the one parameter β.

    Returns
    -------
    Figure
        Lines are the tracks from t = 0, the radius being time.

    Raises
    ------
    ArithmeticError
        If a system is stopped before the last time.
    """
    return plot_tracks(circle_tracks(betas, times, n, rng, model))


def plot_tracks(tracks: CircleTracks) -> Figure:
    """Draw positions and tracks on the circle: a row a β, a column a time.

    Parameters
    ----------
    tracks : CircleTracks
        As `numerics.phase.circle_tracks` returns it.

    Returns
    -------
    Figure
        Lines are the tracks from t = 0, the radius being time.
    """
    betas, shown = tracks.betas, tracks.shown
    figure = new_figure((2.5 * len(shown), 2.6 * len(betas) + 0.5))
    words = "the" if len(shown) == 1 else "each"
    heading(
        figure,
        model=tracks.model,
        n=tracks.points.shape[-2],
        d=2,
        more=(
            "dots: positions",
            "lines: tracks, whose radius is time",
            f"{words} panel's time on the circle and earlier ones inside",
        ),
    )
    grid: Any = figure.subplots(len(betas), len(shown), squeeze=False)
    ring = np.linspace(0, 2 * np.pi, 257)
    for row, beta in enumerate(betas):
        for column, time in enumerate(shown):
            ax = grid[row, column]
            place = int(np.searchsorted(tracks.times, time))
            lines = tracks.points[: place + 1, row]
            ax.plot(np.cos(ring), np.sin(ring), color="0.8", linewidth=0.8, zorder=0)
            # the time runs inwards, so that tracks can be told apart
            ago = tracks.times[place] - tracks.times[: place + 1]
            radius = 1.0 - 0.45 * ago / max(tracks.times[-1], 1e-9)
            for i in range(lines.shape[1]):
                path = radius[:, None] * lines[:, i]
                ax.plot(*path.T, color=BLUE, linewidth=0.5, alpha=0.7)
            ax.plot(*lines[-1].T, "o", color=ORANGE, markersize=4)
            ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal")
            ax.set_axis_off()
            ax.set_title(rf"$\beta$ = {beta:g}, $t$ = {time:g}", fontsize="small")
    return figure
