"""Which pictures a report draws beside which claim, each in a second or two.

Figures of the paper are drawn again, smaller; a few statements get the curve that they speak of.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from sympy import lambdify

from numerics import coarsen, codes, integrate, plot, sphere
from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from numerics.phase import MATRICES, circle_tracks, phase_diagram
from numerics.trained import batch_report
from proofs_checks.claim import Claim
from proofs_checks.command_line.plot_regimes import plot_regimes
from proofs_checks.command_line.regimes import regime_map
from proofs_checks.proof.trained import HiddenStates
from theory.models import QKV, SA, USA
from theory.predictions import wendel_probability

_LARGE = 150_000
"""Bytes from which a drawing of lines becomes one of dots."""

Drawn = tuple[str, Any]
"""Words for a picture, and axes or a figure."""


def _layers(claim: Claim[Any, Any]) -> Drawn:
    given = claim.model
    if isinstance(given, HiddenStates):
        words = f"Histograms of <x_i,x_j>, i ≠ j, layer by layer, of {given.name}"
        return words, plot.plot_layer_histograms(batch_report(given.texts, name=given.name))
    times = np.array([0.0, 1.0, 2.0, 3.0])
    run = integrate(compile_model(SA, beta=1.0), sphere.random_points(64, 64, rng=0), 3.0, times)
    fractions, edges = plot.inner_product_histogram(run.points, 40)
    ax = plot.new_axes(size=(6.0, 3.2))
    for row, time in enumerate(times):
        ax.stairs(fractions[row], edges, color=plot.COLOURS[row], label=f"$t$ = {time:g}")
        at = float(equiangular_gamma(time, 1.0, 64))
        ax.axvline(at, color=plot.COLOURS[row], linestyle="--", linewidth=0.8)
    ax.set(xlabel=r"$\langle x_i, x_j\rangle$", ylabel="share of the pairs")
    ax.legend(frameon=False)
    return (
        "No trained network is at hand: the same histograms of (SA), 64 tokens, d = 64, β = 1; "
        "dashed γ(t) of (6.9). attnflow verify 'Figure 1' --hidden-states FILE draws yours",
        ax,
    )


def _matrices(claim: Claim[Any, Any]) -> Drawn:
    betas, times = np.linspace(0.5, 9, 12), np.linspace(0.0, 20.0, 21)
    draws = {f"({panel})": name for panel, name in asdict(claim.prediction).items()}
    diagrams = [
        phase_diagram(
            QKV, d=12, n=10, betas=betas, times=times, runs=4, matrices=MATRICES[name], rng=0
        )
        for name in draws.values()
    ]
    return (
        "Figure 5, coarsely: share of close pairs with random Q, K and V, n = 10, d = 12; "
        "4 starts a β",
        plot.draw_figure(diagrams, tuple(draws)),
    )


def _regimes(claim: Claim[Any, Any]) -> Drawn:
    return "Figure 2 for n = 8: which claim gives one cluster, by d and β", plot_regimes(
        regime_map(8)
    )


def _phase(claim: Claim[Any, Any]) -> Drawn:
    betas, times = np.linspace(0.25, 9, 18), np.linspace(0.0, 30.0, 16)
    diagrams = [
        phase_diagram(SA, d=d, n=32, betas=betas, times=times, runs=4, rng=0) for d in (2, 32)
    ]
    return (
        "Figure 3, coarsely: share of close pairs for d = 2 and 32, n = 32, with the curve of "
        "(6.12); 4 starts a β",
        plot.draw_figure(diagrams, ("d = 2", "d = 32")),
    )


def _circle(claim: Claim[Any, Any]) -> Drawn:
    tracks = circle_tracks((9.0, 4.0), (0.0, 18.0, 30.0), 64, rng=0)
    words = "64 tokens on the circle from one start, at β = 9 (above) and 4, at t = 0, 18 and 30"
    return words, plot.plot_tracks(tracks)


def _profile(claim: Claim[Any, Any]) -> Drawn:
    from theory.symbols import beta

    curve = claim.prediction.value
    (angle,) = curve.free_symbols - {beta}
    at = np.linspace(0.0, np.pi, 400)
    ax = plot.new_axes(size=(6.0, 3.2))
    for colour, warm in zip(plot.COLOURS, (2, 6), strict=False):
        values = lambdify(angle, curve.subs(beta, warm), "numpy")(at)
        ax.plot(at, values / np.abs(values).max(), color=colour, label=rf"$\beta$ = {warm}")
    ax.axhline(0.0, color="0.5", linewidth=0.8)
    ax.set(xlabel=r"$\tau$", ylabel=r"$g(\tau)\,/\,\max|g|$")
    ax.legend(frameon=False)
    return "The profile g of the claim, divided by its largest size, for β = 2 and 6", ax


def _equiangular(claim: Claim[Any, Any]) -> Drawn:
    times = np.linspace(0.0, 12.0, 240)
    ax = plot.new_axes(size=(6.0, 3.2))
    for colour, warm in zip(plot.COLOURS, (0.0, 1.0, 4.0, 9.0), strict=False):
        ax.plot(
            times, equiangular_gamma(times, warm, 32), color=colour, label=rf"$\beta$ = {warm:g}"
        )
    ax.set(xlabel="$t$", ylabel=r"$\gamma(t)$")
    ax.legend(frameon=False)
    return "γ(t) of (6.9), the inner product of 32 orthogonal tokens under SA", ax


def _wendel(claim: Claim[Any, Any]) -> Drawn:
    counts = np.arange(2, 65)
    ax = plot.new_axes(size=(6.0, 3.2))
    for colour, d in zip(plot.COLOURS, (2, 4, 8, 16), strict=False):
        ax.plot(
            counts,
            [float(wendel_probability(int(n), d)) for n in counts],
            color=colour,
            label=f"$d$ = {d}",
        )
    ax.set(xlabel="$n$", ylabel="probability")
    ax.legend(frameon=False)
    return "The probability of an open hemisphere, by the number of tokens, for d = 2 to 16", ax


def _energy(claim: Claim[Any, Any]) -> Drawn:
    ax = plot.new_axes(size=(6.0, 3.2))
    start = sphere.random_points(16, 3, rng=0)
    for colour, model in zip(plot.COLOURS, (SA, USA), strict=False):
        run = integrate(compile_model(model, beta=2.0), start, 8.0, t_eval=np.linspace(0, 8, 120))
        ax.plot(run.times, run.energy, color=colour, label=model.name)
    ax.set(xlabel="$t$", ylabel=r"$E_\beta$")
    ax.legend(frameon=False)
    return "The energy along SA and USA from one start: n = 16, d = 3, β = 2", ax


def _staircase(claim: Claim[Any, Any]) -> Drawn:
    found = coarsen(sphere.random_points(48, 2, rng=0), beta=40.0)
    words = "Energy and merges of 48 tokens on the circle at β = 40: times on a logarithmic scale"
    return words, plot.plot_staircase(found)


def _code(claim: Claim[Any, Any]) -> Drawn:
    found = codes(12, 3, 5.0, starts=8, rng=0)
    return "Twelve points of least energy on the sphere, β = 5: the icosahedron", plot.plot_code(
        found
    )


PICTURES: Mapping[str, Callable[[Claim[Any, Any]], Drawn]] = {
    "Figure 1": _layers,
    "(3.6)": _energy,
    "Figure 2": _regimes,
    "Theorem 6.7": _wendel,
    "(6.9)": _equiangular,
    "Figure 3": _phase,
    "Problem 1": _staircase,
    "Figure 4": _circle,
    "Figure 5": _matrices,
    "Figure 6": _profile,
    "Sharp codes": _code,
}
"""Label of a claim to what draws its picture."""


def picture_address(drawn: Any) -> str:
    """Write axes or a figure as the address of an image that needs no file.

    Parameters
    ----------
    drawn : Axes or Figure
    """
    figure = getattr(drawn, "figure", None) or drawn
    for kind in ("svg", "png"):
        stream = io.BytesIO()
        figure.savefig(stream, format=kind)
        if stream.tell() < _LARGE:
            break
    sort = {"svg": "svg+xml", "png": "png"}[kind]
    return f"data:image/{sort};base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"


def pictures_of(claims: Sequence[Claim[Any, Any]]) -> dict[str, tuple[str, str]]:
    """Draw the pictures of those claims that have one.

    Parameters
    ----------
    claims : sequence of Claim

    Returns
    -------
    dict of str to (str, str)
        By label: words for the picture, and its address as a ``data:`` URL.
    """
    found = {}
    for claim in claims:
        draw = PICTURES.get(claim.label)
        if draw is not None:
            with plot.styled("default"):
                words, drawn = draw(claim)
                found[claim.label] = (words, picture_address(drawn))
    return found


__all__ = ["PICTURES", "picture_address", "pictures_of"]
