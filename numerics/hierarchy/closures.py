"""Closed forms for g in (8.1): characteristics for g = 0, finite volumes for Kirkwood's.

``∂_t ψ + ∂_x(vψ) = 0`` with ``v = 2c(x)/n - (2(n-2)/n) g(t, x)``, c the force that
`theory.hierarchy` derives from a model.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike
from scipy.integrate import DOP853

from numerics.arguments import (
    FloatArray,
    as_float,
    check_choice,
    check_model,
    check_number,
    check_whole,
)
from numerics.compile import RUNTIME, ArrayPrinter
from numerics.hierarchy.law import CORE, PairLaw, PairStatus, wrapped
from theory.derivations import phi
from theory.hierarchy import bbgky
from theory.models import Model
from theory.symbols import n as count
from theory.symbols import t as time

CLOSURES = ("kirkwood", "chaos", "exact")
"""Closed forms for g: Kirkwood's superposition, g = 0, and none at all, for two tokens."""

_COURANT = 0.4  # below 1/2 the cells stay positive: what leaves a cell is at most what it holds
_LEAST_SHARE = 1e-8  # of the largest value, below which a product of FFTs is mostly rounding


def pair_force(
    model: Model, tokens: int | None = None, **parameters: float
) -> Callable[[FloatArray, float], FloatArray]:
    """Compile c of ``theta_i' = (1/n) Σ_j c(theta_i - theta_j)``, as ``c(angles, t)``.

    Parameters
    ----------
    model : Model
        Without softmax; see `theory.hierarchy.bbgky`.
    tokens : int, optional
        Their number, for a model that depends on it.
    **parameters
        A number for every parameter of the model.

    Examples
    --------
    >>> from theory import USA
    >>> round(float(pair_force(USA, beta=4.0)(np.pi / 2, 0.0)), 12)
    -1.0
    """
    check_model(model, "pass theory.USA")
    names = [str(parameter) for parameter in model.parameters]
    if sorted(parameters) != sorted(names):
        raise ValueError(
            f"Expected the parameters {names} but got {sorted(parameters)}; give each a number."
        )
    values = [check_number(parameters[name], name, f"give {name} a number") for name in names]
    expression = bbgky(model).force
    if tokens is not None:
        expression = expression.subs(count, tokens)
    if expression.has(count):
        raise ValueError(
            f"Expected a number of tokens for {model.name} but got tokens=None, and its force is "
            f"{expression}; give tokens=3, for example."
        )
    xp = sp.Symbol("xp")
    printed = sp.lambdify(
        [phi, time, *model.parameters, xp], expression, modules=[RUNTIME], printer=ArrayPrinter()
    )

    def force(angles: FloatArray, at: float) -> FloatArray:
        found = printed(np.asarray(angles, dtype=float), at, *values, np)
        return np.asarray(np.broadcast_to(found, np.shape(angles)), dtype=float)

    with np.errstate(all="ignore"):
        probe = force(np.linspace(-math.pi, math.pi, 17), 0.0)
    if not np.all(np.isfinite(probe)):
        raise OverflowError(f"Expected a representable force but got {parameters}; lower them.")
    return force


def _times(t_end: float, t_eval: ArrayLike | None) -> FloatArray:
    end = check_number(t_end, "t_end", "give a time >= 0")
    if end < 0:
        raise ValueError(f"Expected t_end >= 0 but got t_end={t_end!r}; the start is at t = 0.")
    times = np.array([0.0, end]) if t_eval is None else as_float(t_eval, "t_eval")
    if times.ndim != 1 or not times.size:
        raise ValueError(
            f"Expected a list of times but got t_eval.shape={times.shape}; give at least one."
        )
    if np.any(np.diff(times) < 0) or not np.all((times >= 0) & (times <= end)):
        raise ValueError(
            f"Expected ascending times in [0, {end!r}] but got t_eval={times}; sort them."
        )
    return times


def pair_law(
    model: Model,
    n: int,
    t_end: float,
    *,
    closure: str = "kirkwood",
    t_eval: ArrayLike | None = None,
    cells: int = 512,
    max_steps: int = 1_000_000,
    **parameters: float,
) -> PairLaw:
    """Solve (8.1) for ψ from independent uniform tokens, with a closed form in place of g.

    *Kirkwood* (superposition): three tokens have the product of the laws of their pairs,
    ``g = ∫ -c(y) ψ(y) ψ(x-y) dy / ∫ ψ(y) ψ(x-y) dy``. It is right to first order in t. Finite
    volumes, upwind with limited slopes and two stages a step: order 2 while ψ is smooth; mass is
    kept to rounding and the cells stay positive.

    *Chaos*: g = 0. Cells are exact to 1e-11: their edges are followed back in time.

    *Exact*: two tokens, n = 2, where g has the factor 0.

    Parameters
    ----------
    model : Model
        A flow without softmax, such as `theory.USA`.
    n : int
        Number of tokens, 2 or more.
    t_end : float
        Last time.
    closure : {"kirkwood", "chaos", "exact"}
        "exact" needs n = 2; there the other two solve the same equation.
    t_eval : array_like, optional
        Ascending times in [0, t_end]; the ends by default.
    cells : int
        Cells of the circle: even.
    max_steps : int
        Most steps.
    **parameters : float
        A number for every parameter of the model.

    Returns
    -------
    PairLaw
        The law at each time.

    Raises
    ------
    ValueError
        For a model with softmax (1/Z is random), or arguments that are not as described.

    References
    ----------
    arXiv 2312.10794, Section 8, (8.1) and Problem 4. Kirkwood, J. Chem. Phys. 3 (1935).

    Examples
    --------
    >>> from theory import USA
    >>> law = pair_law(USA, 3, 0.25, beta=1.0, cells=64)
    >>> law.status.name, bool(abs(law.masses.sum(axis=1) - 1).max() < 1e-12)
    ('FINISHED', True)
    >>> [round(float(mass), 3) for mass in law.near_zero(1.0)]
    [0.318, 0.395]
    """
    check_whole(n, "n", 2, 1 << 53)
    check_whole(cells, "cells", 8, 1 << 16)
    check_whole(max_steps, "max_steps", 1)
    check_choice(closure, "closure", CLOSURES, "Kirkwood's is the better one")
    if cells % 2:
        raise ValueError(f"Expected an even number of cells but got cells={cells}; add one.")
    if closure == "exact" and n != 2:
        raise ValueError(
            f"Expected n = 2 for closure='exact' but got n={n}; with more tokens (8.1) isn't "
            "closed: take closure='kirkwood', or pair_samples."
        )
    force = pair_force(model, n, **parameters)
    times = _times(t_end, t_eval)
    edges = np.linspace(-math.pi, math.pi, cells + 1)
    edges[cells // 2] = 0.0
    if closure != "kirkwood":
        masses, steps, stopped = _along_characteristics(force, n, times, edges, max_steps)
    else:
        masses, steps, stopped = _finite_volumes(force, n, times, cells, max_steps)
    status = PairStatus.MAX_STEPS if stopped else PairStatus.FINISHED
    middle = slice((cells - CORE) // 2, (cells + CORE) // 2)
    if not stopped and masses[-1, middle].sum() > 0.5:
        status = PairStatus.CONCENTRATED
    return PairLaw(times, edges, masses, closure, status, steps)


def _along_characteristics(
    force: Callable[[FloatArray, float], FloatArray],
    n: int,
    times: FloatArray,
    edges: FloatArray,
    max_steps: int,
) -> tuple[FloatArray, int, bool]:
    """Masses of the cells under x' = 2c(x)/n: those of the uniform law between the edges' feet."""
    masses, steps = np.full((times.size, edges.size - 1), np.nan), 0
    for row, end in enumerate(times):
        feet = edges
        if end > 0:
            back = DOP853(
                lambda s, x, end=end: -2.0 / n * force(x, end - s),
                0.0,
                edges,
                end,
                rtol=1e-12,
                atol=1e-13,
            )
            while back.status == "running" and steps < max_steps:
                back.step()
                steps += 1
            if back.status != "finished":
                return masses, steps, True
            feet = np.maximum.accumulate(back.y)
        masses[row] = np.diff(feet) / (feet[-1] - feet[0])
    return masses, steps, False


class _Kirkwood:
    """Velocity at the right edge of each cell: the pair's own part and Kirkwood's g.

    Cells are counted from 0, so that the sum of two centres is an edge: a circular convolution of
    means over cells gives its values at edges, to second order.
    """

    def __init__(
        self, force: Callable[[FloatArray, float], FloatArray], n: int, cells: int
    ) -> None:
        self.force, self.n, self.cells = force, n, cells
        width = 2 * math.pi / cells
        self.centres = wrapped(np.asarray((np.arange(cells) + 0.5) * width, dtype=np.float64))
        self.edges = wrapped(np.asarray((np.arange(cells) + 1.0) * width, dtype=np.float64))

    def __call__(self, masses: FloatArray, at: float) -> FloatArray:
        velocity = 2.0 / self.n * self.force(self.edges, at)
        if self.n > 2:
            velocity = velocity - 2.0 * (self.n - 2) / self.n * self.mean_force(masses, at)
        return velocity

    def mean_force(self, masses: FloatArray, at: float) -> FloatArray:
        """G at the edges."""
        pulls = -self.force(self.centres, at) * masses
        moved = np.fft.rfft(masses)
        both = np.fft.irfft(np.stack([np.fft.rfft(pulls), moved]) * moved, self.cells)
        small = np.flatnonzero(both[1] < _LEAST_SHARE * both[1].max())
        if small.size:  # sums of products keep their digits
            other = masses[(small[:, None] - np.arange(self.cells)) % self.cells]
            both[:, small] = np.stack([other @ pulls, other @ masses])
        positive = both[1] > 0
        return np.asarray(np.where(positive, both[0], 0.0) / np.where(positive, both[1], 1.0))


def _outflow(masses: FloatArray, velocity: FloatArray) -> FloatArray:
    """Mass that crosses the right edges per width of a cell, upwind, slopes limited (van Leer)."""
    before, after = masses - np.roll(masses, 1), np.roll(masses, -1) - masses
    product = before * after
    total = before + after
    slope = np.where(product > 0, 2 * product / np.where(total == 0, 1.0, total), 0.0)
    right, left = masses + 0.5 * slope, np.roll(masses - 0.5 * slope, -1)
    return np.asarray(np.where(velocity > 0, velocity * right, velocity * left))


def _finite_volumes(
    force: Callable[[FloatArray, float], FloatArray],
    n: int,
    times: FloatArray,
    cells: int,
    max_steps: int,
) -> tuple[FloatArray, int, bool]:
    """Masses of cells from -π, by two-stage steps that keep mass and positivity."""
    width = 2 * math.pi / cells
    speed = _Kirkwood(force, n, cells)
    now, at, steps = np.full(cells, 1.0 / cells), 0.0, 0
    found = np.full((times.size, cells), np.nan)
    for row, end in enumerate(times):
        while at < end:
            if steps == max_steps:
                return np.roll(found, cells // 2, axis=1), steps, True
            velocity = speed(now, at)
            fastest = float(np.abs(velocity).max())
            # The second stage's velocity differs by O(step): a tenth is left for it.
            step = min(end - at, 0.9 * _COURANT * width / fastest if fastest > 0 else end - at)
            flux = _outflow(now, velocity) * (step / width)
            first = now - flux + np.roll(flux, 1)
            velocity = speed(first, at + step)
            flux = _outflow(first, velocity) * (step / width)
            now = 0.5 * (now + first - flux + np.roll(flux, 1))
            at, steps = (end if at + step >= end else at + step), steps + 1
        found[row] = now
    return np.roll(found, cells // 2, axis=1), steps, False
