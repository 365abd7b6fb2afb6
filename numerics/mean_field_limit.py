"""How far n particles on the circle are from the mean field, as n grows.

Starts are independent draws of the density, whose distance falls like n^{-1/2}, or its quantiles,
like n^{-1}; Dobrushin's estimate (Remark 3.3) carries either rate to later times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    IntArray,
    check_choice,
    check_model,
    check_number,
    check_watcher,
    check_whole,
    refuse_option_names,
    shown,
)
from numerics.continuity import MeanField, mean_field
from numerics.fastsum import fast_field
from numerics.integration import IntegrationStatus, integrate
from numerics.records import Result
from numerics.sphere import Rng
from numerics.transport import Arcs, Density, density_arcs, wasserstein
from theory.models import Model

STARTS = ("iid", "quantile")

_QUANTILES = 1 << 17  # that stand for a measure whose density isn't known any more


@dataclass(frozen=True, eq=False)
class Convergence(Result):
    """Distances of particle systems from the mean field.

    Parameters
    ----------
    sizes : (k,) int array
        Numbers of particles.
    start, end : (k, runs) array
        W_p at time 0 and at the end.
    starts : {"iid", "quantile"}
        How the tokens start.
    p : int
        Exponent of the Wasserstein distance.
    t_end : float
        Time at which distances are taken.
    model : Model
        The model.
    """

    sizes: IntArray
    start: FloatArray
    end: FloatArray
    starts: str
    p: int
    t_end: float
    model: Model

    @property
    def mean(self) -> FloatArray:
        """Mean distance at the end, shape (k,)."""
        return np.asarray(self.end.mean(axis=1))

    @property
    def error(self) -> FloatArray:
        """Standard error of the mean, shape (k,); NaN for a single run."""
        runs = self.end.shape[1]
        if runs == 1:
            return np.full(self.sizes.size, np.nan)
        return np.asarray(self.end.std(axis=1, ddof=1) / np.sqrt(runs))

    @property
    def growth(self) -> float:
        """Largest ratio of the distance at the end to that at time 0."""
        return float((self.end / self.start).max())

    def slope(self) -> tuple[float, float]:
        """Fit ``log mean = a + s log n``: s, and its standard error.

        Returns
        -------
        slope : float
            The exponent s.
        error : float
            The error of s is that of the means, or of the fit's residuals, whichever is larger.

        Raises
        ------
        ValueError
            For fewer than two sizes.
        """
        if self.sizes.size < 2:
            raise ValueError(
                f"Expected at least two sizes for a slope but got sizes={self.sizes}; give more."
            )
        x, y = np.log(self.sizes), np.log(self.mean)
        pull = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
        slope = float(pull @ y)
        errors = [0.0]
        if self.end.shape[1] > 1:
            errors.append(float(np.sqrt(np.sum((pull * self.error / self.mean) ** 2))))
        if x.size > 2:
            rest = y - y.mean() - slope * (x - x.mean())
            errors.append(float(np.sqrt(rest @ rest / (x.size - 2) * (pull @ pull))))
        return slope, max(errors)


def mean_field_distances(
    model: Model,
    density: Density,
    sizes: Sequence[int],
    t_end: float,
    runs: int = 20,
    starts: str = "iid",
    p: int = 2,
    rng: Rng = 0,
    limit: Any = None,
    rtol: float = 1e-8,
    progress: Callable[[int, int], None] | None = None,
    **parameters: Any,
) -> Convergence:
    """Measure distances of n particles from the solution of the continuity equation on the circle.

    Parameters
    ----------
    model : Model
        Attention that :func:`numerics.fast_field` sums.
    density : callable
        Of the angle, with respect to the uniform probability (uniform = 1); its mean is 1.
    sizes : sequence of int
        Numbers of particles, of equal masses.
    t_end : float
        Time at which they are compared, > 0.
    runs : int
        Systems of each size.
    starts : {"iid", "quantile"}
        Independent draws, or quantiles at the levels (i + u)/n with one random u a run.
    p : {1, 2}
        Which Wasserstein distance.
    rng : seed, SeedSequence, Generator or None
        One stream for each run (SPEC 7).
    limit : MeanField or measure, optional
        What to compare with at t_end: a run of :func:`numerics.mean_field` that reaches it, a
        density, values of one, or (points, masses); by default the mean field of the same model
        and parameters.
    rtol : float
        Tolerance of a step of the particles.
    progress : callable, optional
        Called with (finished runs, all runs).
    **parameters
        Of the model, such as ``beta``.

    Returns
    -------
    Convergence
        Distances for each number of tokens.

    Raises
    ------
    TypeError, ValueError
        For arguments out of range, a density of another mass, a model without fast sums.
    RuntimeError
        When a run doesn't reach t_end.

    Examples
    --------
    >>> import numpy as np
    >>> from theory import SA
    >>> found = mean_field_distances(
    ...     SA, lambda angle: 1 + np.cos(angle) / 2, (50, 200, 800), 0.5, 2, "quantile", beta=1.0
    ... )
    >>> round(found.slope()[0], 1)
    -1.0
    """
    check_model(model)
    refuse_option_names(mean_field_distances, model)
    check_choice(starts, "starts", STARTS, 'use "iid" or "quantile"')
    check_whole(runs, "runs", 1, 1_000_000)
    if p not in (1, 2):
        raise ValueError(f"Expected p = 1 or 2 but got p={shown(p)}; give one of them.")
    end = check_number(t_end, "t_end", "give a time >= 0")
    if end <= 0:
        raise ValueError(f"Expected a time > 0 but got t_end={t_end}; give a later one.")
    if not isinstance(sizes, Sequence | np.ndarray) or isinstance(sizes, str):
        raise TypeError(f"Expected whole numbers but got sizes={shown(sizes)}; give (100, 1000).")
    for size in sizes:
        check_whole(size, "sizes", 1, 10_000_000)
    check_watcher(progress, "progress")
    arcs = density_arcs(density, "density")
    if abs(arcs.total - 1) > 1e-8:
        raise ValueError(
            f"Expected a density of mean 1 but got {arcs.total:.9g}; divide it by its mean."
        )
    field = fast_field(model, tolerance=1e-11, threads=1, **parameters)
    after, masses = _limit(model, density, end, limit, parameters)
    streams = sphere.seed_sequence(rng).spawn(runs * len(sizes))
    found = np.empty((2, len(sizes), runs))
    for place, stream in enumerate(streams):
        cell = divmod(place, runs)
        points = _start(arcs, int(sizes[cell[0]]), starts, np.random.default_rng(stream))
        run = integrate(field, points, end, [end], rtol=rtol)
        if run.status is not IntegrationStatus.FINISHED:
            raise RuntimeError(
                f"Expected the particles to reach t_end but got {run.status.message}"
            )
        found[(0, *cell)] = wasserstein(points, arcs, p)
        found[(1, *cell)] = wasserstein(run.points[-1], after, p, masses_b=masses)
        if progress is not None:
            progress(place + 1, len(streams))
    return Convergence(np.asarray(sizes), found[0], found[1], starts, p, end, model)


def _start(arcs: Arcs, n: int, starts: str, rng: np.random.Generator) -> FloatArray:
    """Points of a density: independent, or its quantiles."""
    levels = rng.random(n) if starts == "iid" else (np.arange(n) + rng.random()) / n
    levels = levels * arcs.total
    angles = arcs.at(levels, levels)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _limit(
    model: Model, density: Density, end: float, limit: Any, parameters: dict[str, Any]
) -> tuple[Any, FloatArray | None]:
    """Measure at the end, with its masses if it is one of points."""
    if limit is not None and not isinstance(limit, MeanField):
        return limit if isinstance(limit, tuple) else (limit, None)
    run = mean_field(model, density, end, [end], **parameters) if limit is None else limit
    if run.d != 2 or not run.times[0] <= end <= run.times[-1]:
        raise ValueError(
            f"Expected a run on the circle that reaches t_end={end:g} but got limit with d={run.d} "
            f"and times up to {run.times[-1]:g}; solve to t_end, or leave it out."
        )
    if end <= run.resolved_until:
        return density_arcs(lambda angle: np.asarray(run.density(end, angle))), None
    angles = run.quantiles(end, (np.arange(_QUANTILES) + 0.5) / _QUANTILES)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1), None
