"""Many copies of n tokens on the circle: Monte Carlo for ψ of (8.1), and scores of its residual."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import FloatArray, as_float, check_whole, shown
from numerics.compile import VelocityField, compile_model
from numerics.ensembles import EnsembleStatus, ensemble
from numerics.hierarchy.closures import pair_force
from numerics.hierarchy.law import PairLaw, PairStatus, wrapped
from numerics.records import Result
from numerics.transport import cell_distance
from theory.models import Model

_MOST_ANGLES = 1 << 28  # 2 GiB of them at each time


@dataclass(frozen=True, eq=False)
class PairSamples(Result):
    """Angles of all tokens in many copies of n tokens, at some times, and what they tell of ψ.

    Parameters
    ----------
    times : (time,) array
        Times, ascending.
    angles : (time, copies, n) array
        Angles in radians.
    field : VelocityField
        The compiled model.
    force : callable
        The force c, as `pair_force` gives it.
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
        return wrapped(self.angles[:, :, 1] - self.angles[:, :, 0])

    def law(self, cells: int) -> PairLaw:
        """Histogram of the differences of all pairs of a copy, both signs: unbiased for ψ.

        Parameters
        ----------
        cells : int
            Number of cells of the circle, even.

        Returns
        -------
        PairLaw
            The law at each time.
        """
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

        Parameters
        ----------
        cells : int
            Number of cells of the circle, even.
        parts : int, optional
            Number of parts.

        Returns
        -------
        ndarray
            The error, shape (time,), in radians.
        """
        check_whole(parts, "parts", 2, self.angles.shape[1])
        each = self._histograms(cells, parts)
        whole = each.mean(axis=1, keepdims=True)
        return np.asarray(cell_distance(each - whole).mean(axis=1) / math.sqrt(parts - 1))

    def scatter(
        self, cells: int, draws: int = 200, parts: int = 32, rng: sphere.Rng = 0
    ) -> FloatArray:
        """Bootstrap of the Monte Carlo error of `law` in W₁, shape (time, draws).

        Distances to the whole of laws of as many copies, whose parts are drawn anew with
        replacement: how far `law` may be from ψ by chance, if the parts are independent.

        Parameters
        ----------
        cells : int
            Number of cells of the circle, even.
        draws : int
            Number of draws.
        parts : int
            Into which the copies are split, in order.
        rng : seed, SeedSequence, Generator or None
            Source of randomness (SPEC 7).

        Returns
        -------
        ndarray
            The distances, shape (time, draws), in radians.
        """
        check_whole(parts, "parts", 2, self.angles.shape[1])
        check_whole(draws, "draws", 1, 1 << 20)
        each = self._histograms(cells, parts)
        picked = sphere.generator(rng).multinomial(parts, np.full(parts, 1 / parts), size=draws)
        again = np.einsum("bp,tpc->tbc", picked / parts, each)
        return cell_distance(again - each.mean(axis=1, keepdims=True))

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
                apart = wrapped(np.roll(some, -shift, axis=1) - some) + math.pi
                index = np.minimum((apart * (cells / (2 * math.pi))).astype(np.int64), cells - 1)
                # Pairs half a turn of the index apart come twice.
                weight = 0.5 if 2 * shift == n else 1.0
                counts[row, part] += weight * np.bincount(index.ravel(), minlength=cells)
        counts += counts[:, :, ::-1].copy()
        return np.asarray(counts / counts.sum(axis=2, keepdims=True))

    def residual_scores(self, bins: int = 12, sign: float = 1.0) -> FloatArray:
        """Score (8.1): mean of its residual over its error, by bins of x, (time, bins).

        The residual is ``theta_2' - theta_1' - [2c(x)/n + (2(n-2)/n) c(theta_3 - theta_1)]``: its
        mean at given x is 0 if (8.1) holds. Scores are standard normal numbers then.

        Parameters
        ----------
        bins : int
            Number of bins.
        sign : float
            Factor of the term of g; -1 has its sign wrong.

        Returns
        -------
        ndarray
            The scores, shape (time, bins).
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
        """Test by Rayleigh of theta_1 against the uniform law.

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
    max_steps: int = 100_000,
    **parameters: Any,
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
        Source of randomness (SPEC 7).
    rtol : float
        Tolerance for a step.
    start : callable, optional
        ``start(rng, (copies, n))`` gives other starting angles, such as `spread_starts`.
    jobs : int
        Threads.
    max_steps : int
        Largest number of steps of a copy.
    **parameters : object
        A number for every parameter of the model.

    Returns
    -------
    PairSamples
        Angles of all copies.

    Examples
    --------
    >>> from theory import USA
    >>> samples = pair_samples(USA, 3, [0.25], copies=4000, beta=1.0)
    >>> bool(np.abs(samples.residual_scores()).max() < 5)
    True
    """
    check_whole(n, "n", 2, _MOST_ANGLES)
    check_whole(max_steps, "max_steps", 1, 1 << 53)
    check_whole(copies, "copies", 2, _MOST_ANGLES // int(n))
    force = pair_force(model, n, **parameters)
    generator = sphere.generator(rng)
    if start is not None and not callable(start):
        raise TypeError(
            f"Expected a function of (rng, shape) but got start={shown(start)}; leave it out."
        )
    if start is None:
        angles = generator.uniform(-math.pi, math.pi, (copies, n))
    else:
        try:
            drawn = start(generator, (copies, n))
        except Exception as error:  # the user's code may raise whatever it likes
            raise ValueError(
                f"Expected a function of (rng, shape) but got start={shown(start)}, which fails "
                f"({type(error).__name__}: {error}); try numerics.hierarchy.spread_starts."
            ) from error
        angles = as_float(drawn, "start")
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
        max_steps=max_steps,
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
    from scipy.stats import qmc  # a quarter of a second, only for those who ask for it

    copies, n = shape
    points = qmc.Sobol(n, rng=rng).random_base2(math.ceil(math.log2(max(copies, 2))))[:copies]
    return np.asarray(2 * math.pi * points - math.pi)


def _points_of(angles: FloatArray) -> FloatArray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _angles_of(points: FloatArray) -> FloatArray:
    return np.asarray(np.arctan2(points[..., 1], points[..., 0]))
