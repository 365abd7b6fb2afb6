"""The law of the difference of two tokens on the circle, ψ of (8.1): closures, and Monte Carlo.

``∂_t ψ + ∂_x(vψ) = 0`` with ``v = 2c(x)/n - (2(n-2)/n) g(t, x)``, c the force that
`theory.hierarchy` derives from a model. Two tokens, and the closure g = 0, by characteristics;
Kirkwood's closure by conservative finite volumes; many copies of all n tokens for ψ itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from scipy.stats import qmc

from numerics.arguments import (
    FloatArray,
    as_float,
    check_choice,
    check_model,
    check_number,
    check_whole,
)
from numerics.compile import ArrayPrinter, VelocityField, compile_model
from numerics.compile.runtime import RUNTIME
from numerics.ensembles import EnsembleStatus, ensemble
from theory.derivations import phi
from theory.hierarchy import bbgky
from theory.models import Model
from theory.symbols import t as time

CLOSURES = ("kirkwood", "chaos", "exact")
"""Closed forms for g: Kirkwood's superposition, g = 0, and none at all, for two tokens."""

_COURANT = 0.4  # below 1/2 the cells stay positive: what leaves a cell is at most what it holds
_LEAST_SHARE = 1e-8  # of the largest value, below which a product of FFTs is mostly rounding
_CORE = 4  # cells at 0 that hold most of a law that is no longer resolved


class PairStatus(Enum):
    """How a run for the pair law ended."""

    FINISHED = "finished"
    CONCENTRATED = "concentrated"
    MAX_STEPS = "max_steps"

    @property
    def message(self) -> str:
        """What it means, and what to do."""
        return _MESSAGES[self]


_MESSAGES = {
    PairStatus.FINISHED: "The end time was reached, and the law is resolved by the cells.",
    PairStatus.CONCENTRATED: (
        f"The end time was reached, but most of the mass lies in the {_CORE} cells at 0, where the "
        "scheme is of first order and distances are known to a cell only: raise cells."
    ),
    PairStatus.MAX_STEPS: (
        "The steps ran out: rows of later times are NaN. Raise max_steps, or lower cells or t_end."
    ),
}


@dataclass(frozen=True, eq=False)
class PairLaw:
    """Law of ``theta_2 - theta_1`` over time, by the mass of cells of the circle.

    Attributes
    ----------
    times : (time,) array
    edges : (cells + 1,) array
        From -π to π; 0 is one of them.
    masses : (time, cells) array
        Probability of each cell.
    closure : str
        Who closed the hierarchy: one of `CLOSURES`, or "none" for Monte Carlo.
    status : PairStatus
    steps : int
        Steps that were taken; 0 by characteristics.
    """

    times: FloatArray
    edges: FloatArray
    masses: FloatArray
    closure: str
    status: PairStatus
    steps: int = 0

    @property
    def density(self) -> FloatArray:
        """Mean of ψ over each cell, shape (time, cells); 1/2π is uniform."""
        return np.asarray(self.masses / np.diff(self.edges))

    @property
    def angles(self) -> FloatArray:
        """Centres of the cells."""
        return np.asarray(0.5 * (self.edges[1:] + self.edges[:-1]))

    def near_zero(self, radius: float) -> FloatArray:
        """Mass of ``|x| <= radius``, shape (time,), cells being filled evenly.

        Parameters
        ----------
        radius : float
            In (0, π].
        """
        reach = check_number(radius, "radius", "give an angle in (0, pi]")
        if not 0.0 < reach <= math.pi:
            raise ValueError(f"Expected a radius in (0, pi] but got radius={radius!r}.")
        inside = np.clip(self.edges, -reach, reach)
        share = np.diff(inside) / np.diff(self.edges)
        return np.asarray(self.masses @ share)

    def coarse(self, cells: int) -> PairLaw:
        """Join neighbouring cells.

        Parameters
        ----------
        cells : int
            An even divisor of the number there is.
        """
        count = self.masses.shape[1]
        check_whole(cells, "cells", 2, count)
        if count % cells or cells % 2:
            raise ValueError(
                f"Expected an even divisor of {count} cells but got cells={cells}; halve them."
            )
        joined = self.masses.reshape(len(self.times), cells, -1).sum(axis=2)
        edges = self.edges[:: count // cells]
        return PairLaw(self.times, edges, joined, self.closure, self.status, self.steps)

    def distance(self, other: PairLaw) -> FloatArray:
        """Wasserstein distance W₁ to another law on the circle, at each common time.

        The cells of both are joined to the coarser ones, if one divides the other; the cut is the
        best one. Both laws being known by cells, an error of up to half of a cell's width times
        the mass that differs inside cells is not seen.

        Returns
        -------
        (time,) array
        """
        if not isinstance(other, PairLaw) or self.times.shape != other.times.shape:
            raise ValueError("Expected a PairLaw at the same times; pass the same t_eval to both.")
        cells = min(self.masses.shape[1], other.masses.shape[1])
        mine, theirs = self.coarse(cells), other.coarse(cells)
        return transport(mine.masses - theirs.masses)


def transport(excess: FloatArray) -> FloatArray:
    """Cost of moving masses along the circle: W₁ of cells of equal width, at the best cut.

    Parameters
    ----------
    excess : (..., cells) array
        Differences of masses, of sum 0. What crosses the edges is their running sum less a
        constant, the median of it for the best cut.
    """
    crossing = np.cumsum(excess, axis=-1)
    crossing = crossing - np.median(crossing, axis=-1, keepdims=True)
    return np.asarray(np.abs(crossing).sum(axis=-1) * (2 * math.pi / excess.shape[-1]))


def pair_force(model: Model, **parameters: float) -> Callable[[FloatArray, float], FloatArray]:
    """Compile c of ``theta_i' = (1/n) Σ_j c(theta_i - theta_j)``, as ``c(angles, t)``.

    Parameters
    ----------
    model : Model
        Without softmax; see `theory.hierarchy.bbgky`.
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
    xp = sp.Symbol("xp")
    printed = sp.lambdify(
        [phi, time, *model.parameters, xp], expression, modules=[RUNTIME], printer=ArrayPrinter()
    )

    def force(angles: FloatArray, at: float) -> FloatArray:
        found = printed(np.asarray(angles, dtype=float), at, *values, np)
        return np.asarray(np.broadcast_to(found, np.shape(angles)), dtype=float)

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
    closure : {"kirkwood", "chaos", "exact"}
        "exact" needs n = 2; there the other two solve the same equation.
    t_eval : array_like, optional
        Ascending times in [0, t_end]; the ends by default.
    cells : int
        Cells of the circle: even.
    max_steps : int
        Of the finite volumes.
    **parameters
        A number for every parameter of the model.

    Returns
    -------
    PairLaw

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
    [0.318, 0.401]
    """
    check_whole(n, "n", 2)
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
    force = pair_force(model, **parameters)
    times = _times(t_end, t_eval)
    edges = np.linspace(-math.pi, math.pi, cells + 1)
    edges[cells // 2] = 0.0
    if closure != "kirkwood":
        masses, steps, stopped = _along_characteristics(force, n, times, edges), 0, False
    else:
        masses, steps, stopped = _finite_volumes(force, n, times, cells, max_steps)
    status = PairStatus.MAX_STEPS if stopped else PairStatus.FINISHED
    middle = slice((cells - _CORE) // 2, (cells + _CORE) // 2)
    if not stopped and masses[-1, middle].sum() > 0.5:
        status = PairStatus.CONCENTRATED
    return PairLaw(times, edges, masses, closure, status, steps)


def _along_characteristics(
    force: Callable[[FloatArray, float], FloatArray], n: int, times: FloatArray, edges: FloatArray
) -> FloatArray:
    """Masses of the cells under x' = 2c(x)/n: those of the uniform law between the edges' feet."""
    masses = np.empty((times.size, edges.size - 1))
    for row, time_ in enumerate(times):
        feet = edges
        if time_ > 0:
            back = solve_ivp(
                lambda s, x, end=time_: -2.0 / n * force(x, end - s),
                (0.0, time_),
                edges,
                method="DOP853",
                rtol=1e-12,
                atol=1e-13,
            )
            feet = np.maximum.accumulate(back.y[:, -1])
        masses[row] = np.diff(feet) / (feet[-1] - feet[0])
    return masses


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
        self.centres = _wrapped((np.arange(cells) + 0.5) * width)
        self.edges = _wrapped((np.arange(cells) + 1.0) * width)

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


def _wrapped(angles: FloatArray) -> FloatArray:
    return np.asarray(np.mod(angles + math.pi, 2 * math.pi) - math.pi)


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


@dataclass(frozen=True, eq=False)
class PairSamples:
    """Angles of all tokens in many copies of n tokens, at some times, and what they tell of ψ.

    Attributes
    ----------
    times : (time,) array
    angles : (time, copies, n) array
    field : VelocityField
        The compiled model.
    force : callable
        c, as `pair_force` gives it.
    complete : bool
        Whether every copy reached every time to its tolerance; copies that didn't are left out.
    """

    times: FloatArray
    angles: FloatArray
    field: VelocityField
    force: Callable[[FloatArray, float], FloatArray]
    complete: bool

    @cached_property
    def differences(self) -> FloatArray:
        """``theta_2 - theta_1`` in [-π, π), shape (time, copies)."""
        return _wrapped(self.angles[:, :, 1] - self.angles[:, :, 0])

    def law(self, cells: int) -> PairLaw:
        """Histogram of the differences of all pairs of a copy, both signs: unbiased for ψ."""
        return PairLaw(
            self.times,
            np.linspace(-math.pi, math.pi, cells + 1),
            self._histograms(cells, 1)[:, 0],
            "none",
            PairStatus.FINISHED,
        )

    def error(self, cells: int, parts: int = 20) -> FloatArray:
        """Monte Carlo error of `law` in W₁, shape (time,), from parts of the copies.

        Parts hold independent copies: their mean distance to the whole, over √(parts - 1), is the
        mean distance of the whole to ψ.
        """
        check_whole(parts, "parts", 2, self.angles.shape[1])
        each = self._histograms(cells, parts)
        whole = each.mean(axis=1, keepdims=True)
        return np.asarray(transport(each - whole).mean(axis=1) / math.sqrt(parts - 1))

    def _histograms(self, cells: int, parts: int) -> FloatArray:
        """Shares of the cells in each part, shape (time, parts, cells)."""
        check_whole(cells, "cells", 8, 1 << 16)
        if cells % 2:
            raise ValueError(f"Expected an even number of cells but got cells={cells}; add one.")
        copies, n = self.angles.shape[1:]
        counts = np.zeros((self.times.size, parts, cells))
        size = copies // parts
        for row, part in np.ndindex(self.times.size, parts):
            some = self.angles[row, part * size : (part + 1) * size]
            for shift in range(1, n // 2 + 1):
                apart = _wrapped(np.roll(some, -shift, axis=1) - some) + math.pi
                index = np.minimum((apart * (cells / (2 * math.pi))).astype(np.int64), cells - 1)
                # Pairs half a turn of the index apart come twice.
                weight = 0.5 if 2 * shift == n else 1.0
                counts[row, part] += weight * np.bincount(index.ravel(), minlength=cells)
        counts += counts[:, :, ::-1].copy()
        return np.asarray(counts / counts.sum(axis=2, keepdims=True))

    def residual_scores(self, bins: int = 12, sign: float = 1.0) -> FloatArray:
        """Scores of (8.1): mean of its residual over its error, by bins of x, (time, bins).

        The residual is ``theta_2' - theta_1' - [2c(x)/n + (2(n-2)/n) c(theta_3 - theta_1)]``: its
        mean at given x is 0 if (8.1) holds. Scores are standard normal numbers then.

        Parameters
        ----------
        bins : int
        sign : float
            Factor of the term of g; -1 has its sign wrong.
        """
        check_whole(bins, "bins", 1)
        n = self.angles.shape[2]
        scores = np.full((self.times.size, bins), np.nan)
        for row, at in enumerate(self.times):
            angles = self.angles[row]
            rates = self._rates(angles, float(at))
            x = self.differences[row]
            claimed = 2.0 / n * self.force(x, float(at))
            if n > 2:
                third = self.force(angles[:, 2] - angles[:, 0], float(at))
                claimed = claimed + sign * 2.0 * (n - 2) / n * third
            left = rates[:, 1] - rates[:, 0] - claimed
            index = np.minimum(((x + math.pi) * (bins / (2 * math.pi))).astype(int), bins - 1)
            count = np.bincount(index, minlength=bins)
            mean = np.bincount(index, left, bins) / np.maximum(count, 1)
            spread = np.bincount(index, (left - mean[index]) ** 2, bins)
            error = np.sqrt(spread) / np.maximum(count, 1)
            # Two tokens obey it copy by copy: rounding alone is left.
            floor = 1e-12 * (1.0 + np.abs(rates).max(initial=0.0))
            scores[row] = np.where(count > 1, mean / np.maximum(error, floor), 0.0)
        return scores

    def _rates(self, angles: FloatArray, at: float) -> FloatArray:
        """Angular velocities of the tokens, from the compiled model."""
        turned = np.stack([-np.sin(angles), np.cos(angles)], axis=-1)
        velocity = self.field.unchecked(_points_of(angles), at)
        return np.asarray((velocity * turned).sum(axis=-1))

    def uniformity(self) -> tuple[FloatArray, FloatArray]:
        """Rayleigh's test of theta_1 against the uniform law.

        Returns
        -------
        resultant : (time,) array
            ``|mean e^{i theta_1}|``.
        p_value : (time,) array
            Probability of a larger one for a uniform law, ``e^{-copies resultant²}``.
        """
        angles = self.angles[:, :, 0]
        resultant = np.abs(np.exp(1j * angles).mean(axis=1))
        return np.asarray(resultant), np.exp(-angles.shape[1] * resultant**2)


def pair_samples(
    model: Model,
    n: int,
    t_eval: ArrayLike,
    *,
    copies: int = 100_000,
    rng: Any = 0,
    rtol: float = 1e-7,
    start: Callable[[np.random.Generator, tuple[int, int]], ArrayLike] | None = None,
    jobs: int = 1,
    **parameters: float,
) -> PairSamples:
    """Integrate many copies of n tokens on the circle from independent uniform starts.

    Parameters
    ----------
    model : Model
        A flow without softmax, such as `theory.USA`.
    n : int
        Number of tokens, 2 or more.
    t_eval : array_like
        Ascending times >= 0.
    copies : int
        Number of copies; errors fall like 1/√copies.
    rng : seed, SeedSequence or Generator
    rtol : float
        Tolerance for a step.
    start : callable, optional
        ``start(rng, (copies, n))`` gives other starting angles, such as `spread_starts`.
    jobs : int
        Threads.
    **parameters
        A number for every parameter of the model.

    Returns
    -------
    PairSamples

    Examples
    --------
    >>> from theory import USA
    >>> samples = pair_samples(USA, 3, [0.25], copies=4000, beta=1.0)
    >>> bool(np.abs(samples.residual_scores()).max() < 5)
    True
    """
    check_whole(n, "n", 2)
    check_whole(copies, "copies", 2)
    force = pair_force(model, **parameters)
    generator = np.random.default_rng(rng)
    if start is None:
        angles = generator.uniform(-math.pi, math.pi, (copies, n))
    else:
        angles = as_float(start(generator, (copies, n)), "start")
        if angles.shape != (copies, n):
            raise ValueError(
                f"Expected angles of shape {(copies, n)} but got start(...).shape={angles.shape}."
            )
    found = ensemble(
        model,
        _points_of(angles),
        t_eval=t_eval,
        rtol=rtol,
        observe=_angles_of,
        jobs=jobs,
        **parameters,
    )
    ended = (EnsembleStatus.FINISHED, EnsembleStatus.CONSENSUS)
    good = np.isin(found.status, [int(s.value) for s in ended])
    assert found.observed is not None
    field = compile_model(model, **parameters)
    return PairSamples(found.times, found.observed[:, good], field, force, bool(good.all()))


def spread_starts(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Start copies at scrambled Sobol points: uniform each, and spread evenly over the torus.

    Means over copies then err far less than with independent ones (not their scores, which assume
    independence); `PairSamples.error` is an upper estimate. For `start` of `pair_samples`.

    Parameters
    ----------
    rng : Generator
    shape : (copies, n)
        The number of copies is best a power of 2.
    """
    copies, n = shape
    points = qmc.Sobol(n, rng=rng).random_base2(math.ceil(math.log2(max(copies, 2))))[:copies]
    return np.asarray(2 * math.pi * points - math.pi)


def _points_of(angles: FloatArray) -> FloatArray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _angles_of(points: FloatArray) -> FloatArray:
    return np.asarray(np.arctan2(points[..., 1], points[..., 0]))
