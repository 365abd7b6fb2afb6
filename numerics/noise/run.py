"""Runs of noisy models: many systems, equal steps, each system with a stream of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_float,
    as_number,
    check_choice,
    check_order,
    check_whole,
    refuse_option_names,
    shown,
)
from numerics.noise.brownian import SCHEMES
from numerics.noise.drift import Driven, flattened
from numerics.noise.schemes import STEPS
from numerics.records import Result
from numerics.rows import dots
from numerics.sphere import Rng
from theory.models import Model

_CHUNK = 1 << 15
"""Coordinates of as many systems as are stepped together: their arrays stay in the cache."""

_ROUGH = 1e-8
"""Error of sums over pairs that no step of a noisy run can tell from 0."""

COARSE = 0.5
"""Largest step of the drift, of the noise and of the linearised drift, see `NoisyStatus.COARSE`."""


class NoisyStatus(Enum):
    """How a noisy run ended; `.message` says it in words and names the remedy."""

    FINISHED = "finished"
    COARSE = "coarse"
    OVERFLOW = "overflow"

    @property
    def message(self) -> str:
        """What happened and what to do about it."""
        return _MESSAGES[self]

    @property
    def success(self) -> bool:
        """Whether the run is as asked."""
        return self is NoisyStatus.FINISHED


_MESSAGES = {
    NoisyStatus.FINISHED: "The end time was reached.",
    NoisyStatus.COARSE: (
        f"The end time was reached by steps that are too large: the drift moved a token by more "
        f"than {COARSE}, or changed by more than {COARSE} / dt for each unit by which the tokens "
        f"moved, or the noise moves a token by more than {COARSE}; lower dt."
    ),
    NoisyStatus.OVERFLOW: (
        "The drift left the range of floating-point numbers, and the points are NaN from there on; "
        "lower beta, or use SA, whose weights are normalised."
    ),
}


@dataclass(frozen=True, eq=False)
class NoisyRun(Result):
    """Paths of a noisy model.

    Parameters
    ----------
    times : ndarray, shape (time,)
        Times, ascending.
    points : ndarray, shape (time, ..., n, d)
        Tokens as unit rows.
    status : NoisyStatus
        How the run ended, of the worst system; `status.message` names the remedy.
    dt : float
        The largest step taken, at most the one asked for.
    steps : int
        Steps of each system.
    scheme : {"euler", "weak2"}
        Scheme of the steps.
    model : Model
        The model.
    """

    _shown = ("model", "status", "times", "points", "scheme", "dt", "steps")
    _coordinates = (("time", "times"),)
    _variables = (("points", ("time", ..., "token", "component")),)

    times: FloatArray
    points: FloatArray
    status: NoisyStatus
    dt: float
    steps: int
    scheme: str
    model: Model


def noisy(
    model: Model,
    points: ArrayLike,
    t_end: float,
    dt: float,
    scheme: str = "euler",
    rng: Rng = 0,
    *,
    t_eval: ArrayLike | None = None,
    masses: ArrayLike | None = None,
    backend: str = "numpy",
    max_steps: int = 1_000_000,
    **parameters: Any,
) -> NoisyRun:
    """Integrate a model with noise, ``Model(..., noise=Noise(...))``, from t = 0.

    The drift is the model's velocity; every step ends on the sphere. Expectations err by O(dt)
    ("euler": a step, then divided by its length) or O(dt²) ("weak2": half a step of Brownian motion
    before and after a step of the drift); single paths by O(sqrt(dt)).

    Parameters
    ----------
    model : Model
        With noise.
    points : array_like, shape (..., n, d)
        Unit rows, d >= 2. Leading axes are systems that know nothing of each other.
    t_end : float
        End time > 0.
    dt : float
        Largest step > 0. Steps between two times of `t_eval` are equal, so that these are met.
    scheme : {"euler", "weak2"}
        Weak order 1, for all noise; or 2, for independent ambient noise.
    rng : seed, SeedSequence, Generator or None
        Source of randomness (SPEC 7). System k of the batch draws from the stream of spawn key
        (..., k): its path doesn't depend on how many there are.
    t_eval : array_like, optional
        Ascending times in [0, t_end] to be returned; by default the start and the end.
    masses : array_like, optional
        Shape (n,) or (..., n); 1/n each by default.
    backend : {"plain", "numpy", "numba"}
        Who evaluates the drift, as for `compile_model`. On the circle and on S² many tokens are
        summed by Fourier modes or spherical harmonics, with errors below 1e-10.
    max_steps : int
        Most steps of a run; more are an error before the first.
    **parameters
        A value for every parameter of the model, as for `compile_model`.

    Returns
    -------
    NoisyRun
        The paths.

    Raises
    ------
    TypeError, ValueError
        For a model without noise, arguments that are not as described, or "weak2" with noise that
        it isn't for.

    References
    ----------
    Talay, *Second-order discretization schemes of stochastic differential systems*, Stochastics 29
    (1990): weak orders; Strang splitting.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory import SA, Noise
    >>> from theory.symbols import kappa
    >>> model = replace(SA, noise=Noise(kappa), parameters=(*SA.parameters, kappa))
    >>> starts = sphere.random_points(16, 3, rng=0, batch=4)
    >>> run = noisy(model, starts, 1.0, 0.01, "weak2", beta=2.0, kappa=0.1)
    >>> run.points.shape, run.status.name
    ((2, 4, 16, 3), 'FINISHED')
    """
    check_order("noisy(model, points, t_end, dt)", points, model)
    if not isinstance(model, Model) or model.noise is None:
        what = shown(model) if not isinstance(model, Model) else f"{model.name}, which has none"
        raise ValueError(
            f"Expected a model with noise but got model={what}; write replace(model, "
            "noise=Noise(0.1)), or integrate it with numerics.integrate."
        )
    refuse_option_names(noisy, model)
    check_choice(scheme, "scheme", SCHEMES, "leave it out for 'euler'")
    if scheme == "weak2" and (model.noise.on is not None or model.noise.scope != "independent"):
        raise ValueError(
            f"Expected independent ambient noise for scheme='weak2' but got noise={model.noise}; "
            "use scheme='euler'."
        )
    end = _positive(t_end, "t_end", "it is where the run ends")
    step = _positive(dt, "dt", "it is the largest step")
    times = _times(t_eval, end)
    driven = Driven.of(model, masses, backend, parameters)
    x = sphere.project(driven.bound.checked(points))
    n, d = x.shape[-2:]
    if d < 2:
        raise ValueError(f"Expected points in d >= 2 dimensions but got d={d}: nothing can move.")
    batch = _batch(driven, x)
    flat = np.broadcast_to(x, (*batch, n, d)).reshape(-1, n, d)
    driven = flattened(driven, batch)
    check_whole(max_steps, "max_steps", 1)
    legs = _legs(times, end, step)
    if not (count := sum(leg[0] for leg in legs)) <= max_steps:
        raise ValueError(
            f"Expected at most {max_steps} steps but got dt={shown(dt)} and t_end={shown(t_end)}, "
            f"which take {count:.3g}; raise dt, or max_steps."
        )
    root = sphere.seed_sequence(rng)
    size = max(1, _CHUNK // (n * d))
    out = np.empty((times.size, len(flat), n, d))
    worst = NoisyStatus.FINISHED
    for first in range(0, len(flat), size):
        systems = np.arange(first, min(first + size, len(flat)))
        part = driven.part(systems)
        status = _chunk(part, flat[systems], root, systems, scheme, legs, times, out)
        worst = max(worst, status, key=list(NoisyStatus).index)
    return NoisyRun(
        times,
        out.reshape(times.size, *batch, n, d),
        worst,
        max((leg[1] for leg in legs), default=0.0),
        count,
        scheme,
        model,
    )


def _positive(value: Any, name: str, remedy: str) -> float:
    number = as_number(value, name, f"{remedy}; give a number > 0")
    if not 0 < number < math.inf:
        raise ValueError(
            f"Expected a positive finite number but got {name}={shown(value)}; {remedy}."
        )
    return number


def _times(t_eval: ArrayLike | None, end: float) -> FloatArray:
    """Read the times to be returned."""
    if t_eval is None:
        return np.array([0.0, end])
    times = as_float(t_eval, "t_eval")
    inside = times.ndim == 1 and times.size > 0 and bool(np.all(np.isfinite(times)))
    if not (inside and times[0] >= 0 and times[-1] <= end and np.all(np.diff(times) >= 0)):
        raise ValueError(
            f"Expected ascending times in [0, t_end] but got t_eval={shown(t_eval)} and "
            f"t_end={end}; sort them, the start is at 0."
        )
    return times


def _legs(times: FloatArray, end: float, step: float) -> list[tuple[int, float, float]]:
    """Between two times that are met: how many steps, of what size, from where."""
    nodes = np.unique(np.concatenate([[0.0], times, [end]]))
    legs = []
    for low, high in pairwise(nodes):
        wanted = float(high - low) / step * (1 - 1e-12)
        count = max(1, math.ceil(min(wanted, 1e18)))
        legs.append((count, float(high - low) / count, float(low)))
    return legs


def _batch(driven: Driven, x: FloatArray) -> tuple[int, ...]:
    """Leading axes of points, parameters and masses together."""
    shapes = [x.shape[:-2]]
    for name, value in driven.bound.parameters.items():
        if callable(value):
            parameter = next(p for p in driven.bound.model.parameters if str(p) == name)
            extra = np.ndim(value(0.0)) - len(getattr(parameter, "shape", ()))
            if extra > 0:
                raise ValueError(
                    f"Expected one function of time for all systems but got {name}(0) of shape "
                    f"{np.shape(value(0.0))}; run the systems one by one."
                )
        elif np.ndim(value) > 2:
            shapes.append(np.shape(value)[:-2])
    if driven.drift.masses is not None:
        shapes.append(driven.drift.masses.shape[:-1])
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise ValueError(
            f"Expected batches that broadcast but got the leading axes {shapes} of points, "
            "parameters and masses; give points of shape (runs, 1, n, d) and beta of shape (k,), "
            "for example."
        ) from error


def _chunk(
    driven: Driven,
    x: FloatArray,
    root: np.random.SeedSequence,
    systems: Any,
    scheme: str,
    legs: list[tuple[int, float, float]],
    times: FloatArray,
    out: FloatArray,
) -> NoisyStatus:
    """Run some systems and write their points."""
    n, d = x.shape[1:]
    drift = driven.velocity(x, _ROUGH)
    step = STEPS[scheme](driven, drift, root, systems, (n, d))
    coarse = False
    place = int(np.searchsorted(times, 0.0, side="right"))
    out[:place, systems] = x
    before: FloatArray | None = None
    velocity: FloatArray | None = None
    with np.errstate(over="ignore", invalid="ignore"):
        for count, dt, start in legs:
            size = dt * 2 * float(np.max(driven.kappa(start)))
            coarse |= size * (d - 1) > COARSE**2 and driven.noise.on is None
            for k in range(count):
                x, at, found = step(x, start + k * dt, dt)
                coarse |= _coarse(found, velocity, at, before, dt)
                before, velocity = at, found
            end = start + count * dt
            then = int(np.searchsorted(times, end * (1 + 1e-12), side="right"))
            out[place:then, systems] = x
            place = then
    if not np.all(np.isfinite(x)):
        return NoisyStatus.OVERFLOW
    return NoisyStatus.COARSE if coarse else NoisyStatus.FINISHED


def _coarse(
    velocity: FloatArray,
    last: FloatArray | None,
    x: FloatArray,
    before: FloatArray | None,
    dt: float,
) -> bool:
    """Whether a step of the drift is long, or its derivative along the path is steep."""
    if dt**2 * float(np.max(dots(velocity, velocity))) > COARSE**2:
        return True
    if last is None or before is None:
        return False
    change, way = velocity - last, x - before
    steep = np.sum(change * change, axis=(-2, -1)) * dt**2
    return bool(np.any(steep > COARSE**2 * np.sum(way * way, axis=(-2, -1))))
