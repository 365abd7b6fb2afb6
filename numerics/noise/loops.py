"""Hysteresis with particles: the noise is raised step by step, then lowered, and order is read.

Where order sets in with a jump, tokens that start ordered stay so up to `kappa_fold`, and tokens
without order stay without down to `kappa_uniform`: between the two the order depends on the past.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_float,
    as_number,
    check_model,
    check_watcher,
    check_whole,
    shown,
)
from numerics.noise.branches import with_beta
from numerics.noise.run import NoisyRun, NoisyStatus, noisy
from numerics.records import Result
from numerics.sphere import Rng
from numerics.sweeps import SweepError, grid, sweep
from theory.models import USA, Model
from theory.noise import Noise
from theory.symbols import kappa

_READINGS = 41
"""Times in the second half of a dwell at which the order is read."""


_MOST = 10_000_000
"""Tokens, or dimensions, that anyone has the time for."""


@dataclass(frozen=True, eq=False)
class Hysteresis(Result):
    """Order of tokens along a loop of the noise.

    Parameters
    ----------
    kappas : ndarray, shape (legs,)
        Noise, rising and then falling.
    order : ndarray, shape (legs,)
        ``|Σ x_i|/n``, its mean over the second half of each dwell.
    spread : ndarray, shape (legs,)
        Its standard deviation over that time.
    rising : int
        How many of the legs belong to the rising half, its top included.
    n, d : int
        Number of tokens. Dimension: points lie on the sphere of R^d.
    status : NoisyStatus
        Of the worst leg.
    """

    _variables = (
        ("kappas", ("leg",)),
        ("order", ("leg",)),
        ("spread", ("leg",)),
    )

    kappas: FloatArray
    order: FloatArray
    spread: FloatArray
    rising: int
    n: int
    d: int
    status: NoisyStatus

    def at(self, noise: float) -> tuple[float, float]:
        """Return the orders at one noise of the loop, on the way up and on the way down.

        Parameters
        ----------
        noise : float
            One of the strengths of the loop.

        Returns
        -------
        tuple[float, float]
            The order on the way up, and on the way down.
        """
        near = np.isclose(self.kappas, noise, rtol=1e-9)
        up, down = near[: self.rising], near[self.rising - 1 :]
        if not (up.any() and down.any()):
            raise ValueError(
                f"Expected a noise of the loop but got noise={noise!r}; it has {self.kappas}."
            )
        return (
            float(self.order[: self.rising][up][0]),
            float(self.order[self.rising - 1 :][down][-1]),
        )


def _dwell(
    cell: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    model: Model,
    points: FloatArray,
    time: float,
    dt: float,
    scheme: str,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """Run tokens on at one noise."""
    times = np.linspace(time / 2, time, _READINGS)
    run: NoisyRun = noisy(
        model, points, time, dt, scheme, rng, t_eval=times, kappa=cell["kappa"], **parameters
    )
    order = np.linalg.norm(run.points.mean(axis=-2), axis=-1)
    return {
        "points": run.points[-1],
        "order": order.mean(),
        "spread": order.std(),
        "status": list(NoisyStatus).index(run.status),
    }


def hysteresis(
    model: Model = USA,
    beta: float | None = None,
    kappas: ArrayLike = (4.7, 4.9, 5.1, 5.3, 5.5),
    n: int = 10_000,
    d: int = 2,
    *,
    time: float = 10.0,
    dt: float = 2e-3,
    scheme: str = "weak2",
    rng: Rng = 0,
    out: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    **parameters: float,
) -> Hysteresis:
    """Raise the noise on ordered tokens, then lower it again, and read their order.

    Parameters
    ----------
    model : Model
        A flow on the sphere without noise of its own.
    beta : float, optional
        Inverse temperature, if the model has one.
    kappas : array_like, shape (steps,)
        Ascending noise; the way back takes the same steps.
    n, d : int
        Tokens, and dimension. Few tokens leave a metastable state by their fluctuations: at
        β = 5 on the circle a thousand do, ten thousand don't within tens of time units.
    time : float
        How long tokens stay at each noise; order is read over the second half.
    dt, scheme : float and str, optional
        Step and scheme, as of `noisy`.
    rng : seed, SeedSequence or int
        Source of randomness (SPEC 7); leg k draws from a stream of its own.
    out : path, optional
        Folder in which finished legs are kept: the same call goes on where it stopped.
    progress : callable, optional
        Called with (finished legs, all legs).
    **parameters : float
        Further parameters of the model.

    Returns
    -------
    Hysteresis
        Order along the loop.

    Raises
    ------
    TypeError, ValueError
        For arguments out of range, or a folder of another loop.

    Examples
    --------
    >>> loop = hysteresis(beta=5.0, kappas=[4.0, 6.0], n=200, time=1.0, dt=0.01)
    >>> loop.kappas.tolist(), loop.order.round(1).tolist()[0]
    ([4.0, 6.0, 4.0], 1.0)
    """
    check_model(model)  # without noise: the loop adds its own
    check_whole(n, "n", 2, _MOST)
    check_whole(d, "d", 2, _MOST)
    steps = as_float(kappas, "kappas")
    rising = steps.ndim == 1 and steps.size >= 2 and bool(np.all(np.diff(steps) > 0))
    if not (rising and np.all(np.isfinite(steps)) and steps[0] > 0):
        raise ValueError(
            f"Expected at least two ascending values > 0 but got kappas={shown(kappas)}; "
            "give 4.7, 5.1, 5.5, for example."
        )
    for name, value in (("time", time), ("dt", dt)):
        if not 0 < as_number(value, name, "give a number > 0") < np.inf:
            raise ValueError(f"Expected a number > 0 but got {name}={shown(value)}; give one.")
    check_watcher(progress, "progress")
    if out is not None and not isinstance(out, str | os.PathLike):
        raise TypeError(f"Expected a folder or None but got out={shown(out)}; name one.")
    root = sphere.seed_sequence(rng)
    first = np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, steps.size * 2))
    path = np.concatenate([steps, steps[-2::-1]])
    axis = np.zeros(d)
    axis[0] = 1.0
    spread = 0.2 * np.random.default_rng(first).standard_normal((n, d))
    points = sphere.project(axis + spread)
    driven = replace(model, noise=Noise(kappa), parameters=(*model.parameters, kappa))
    given = with_beta(beta, parameters)
    rows = []
    for leg, noise in enumerate(path):
        step = partial(
            _dwell, model=driven, points=points, time=float(time), dt=float(dt), scheme=scheme,
            parameters=given,
        )  # fmt: skip
        stream = np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, leg))
        folder = None if out is None else Path(out) / f"leg_{leg:02d}"
        try:
            found = sweep(step, grid(kappa=[float(noise)]), rng=stream, out=folder)
        except SweepError as error:
            if isinstance(error.__cause__, ValueError | TypeError):
                raise error.__cause__ from None
            raise
        values = {name: found.values[name][0] for name in ("points", "order", "spread", "status")}
        points = np.asarray(values["points"])
        rows.append([float(values["order"]), float(values["spread"]), int(values["status"])])
        if progress is not None:
            progress(leg + 1, path.size)
    worst = list(NoisyStatus)[max(int(row[2]) for row in rows)]
    order, spreads = np.array([row[:2] for row in rows]).T
    return Hysteresis(path, order, spreads, steps.size, int(n), int(d), worst)


__all__ = ["Hysteresis", "hysteresis"]
