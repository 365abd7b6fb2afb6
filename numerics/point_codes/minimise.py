"""Codes of least energy H_β (Section 9.1): the repulsive flow, then Newton's method on the sphere.

Many starts, each with a random stream of its own. What is found stands still up to rounding, by its
gradient; that it is the least is never shown by a search. Exact codes are recognised.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, cg

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    check_executor,
    check_number,
    check_whole,
    shown,
)
from numerics.compile import VelocityField, compile_model
from numerics.point_codes.energy import Chart, log_energy, log_pairs
from numerics.point_codes.recognition import Recognised, recognise
from numerics.records import Result
from numerics.sphere import Rng
from numerics.sweeps import check_progress, reporting
from theory.energy import ENERGY
from theory.models import Model, gradient_flow

STATIONARY = 1e-12
"""Gradient, of the mean log energy of a pair, up to which a code counts as a minimum's."""

MOST_BETA = 1e6
"""Largest β of a search."""

SAME = 1e-10
"""Difference of log pair sums up to which two starts have found the same energy."""

_TOGETHER = 10  # starts that one job takes
_FLOW_STEPS = 300
_STIFF = 32.0
_LEAST_ANGLE, _FIRST_ANGLE, _MOST_ANGLE = 1e-3, 0.1, 0.3
_NEWTON_STEPS = 8


class CodesStatus(Enum):
    """How a search for codes ended."""

    STATIONARY = "stationary"
    NOT_STATIONARY = "not stationary"

    @property
    def message(self) -> str:
        """What it means, and what to do."""
        return {
            CodesStatus.STATIONARY: "The best code stands still up to rounding; that no other has "
            "less energy is for theory to say.",
            CodesStatus.NOT_STATIONARY: "The best code still moves: its gradient is above "
            f"{STATIONARY:g}; the energy may be flat there: raise beta, or give more starts.",
        }[self]


@dataclass(frozen=True)
class Codes(Result):
    """The code of least energy among those that were found.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Unit rows.
    beta : float
        Inverse temperature β.
    log_energy : float
        Logarithm of the paper's H_β, which includes the diagonal: representable at every β.
    log_pairs : ndarray, shape (starts,)
        ``log Σ_{i≠j} e^{β<x_i,x_j>}`` that each start came to.
    gradient : float
        Largest entry of the gradient at the points.
    status : CodesStatus
        How it ended.
    recognised : Recognised or None
        The exact code next to the points, None where none was found.
    """

    points: FloatArray
    beta: float
    log_energy: float
    log_pairs: FloatArray
    gradient: float
    status: CodesStatus
    recognised: Recognised | None

    @property
    def energy(self) -> float:
        """The paper's ``H_β = (1/2βn²) Σ_{x,y} e^{β<x,y>}``.

        Raises
        ------
        OverflowError
            When no double holds it; use ``log_energy``.
        """
        with np.errstate(over="ignore"):
            value = float(np.exp(self.log_energy))
        if not np.isfinite(value):
            raise OverflowError(
                f"Expected a representable energy but got an overflow at beta={self.beta}; use "
                "log_energy."
            )
        return value

    @property
    def starts(self) -> int:
        """Number of starts."""
        return len(self.log_pairs)

    @property
    def successes(self) -> int:
        """Number of starts that came to this energy."""
        return int(np.sum(self.log_pairs <= self.log_pairs.min() + SAME * max(1.0, self.beta)))


def codes(
    n: int,
    d: int,
    beta: float,
    starts: int | ArrayLike = 60,
    rng: Rng = 0,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> Codes:
    """Search for the code of n points on S^{d-1} of least energy H_β.

    Parameters
    ----------
    n, d : int
        Number of points and dimension, both at least 2.
    beta : float
        Inverse temperature, > 0 and at most `MOST_BETA`.
    starts : int or array_like of shape (starts, n, d)
        Number of independent uniform starts, or the starts themselves.
    rng : seed, SeedSequence, Generator or None
        Start k draws with the seed sequence of spawn key (…, k): more starts keep those before,
        and no executor changes a bit.
    executor : concurrent.futures.Executor, optional
        Takes the starts in groups; this process by default.
    progress : bool or callable
        True shows a bar; a function is called with (finished starts, all).

    Returns
    -------
    Codes
        The code of least energy that was found.

    Raises
    ------
    ValueError
        For fewer than two points or dimensions, beta out of range, starts of a wrong shape.

    Notes
    -----
    Section 9.1: with V = -I the flow descends H_β, and minimisers over n points are point codes.
    ``progress`` and ``executor`` don't enter the result.

    Examples
    --------
    >>> found = codes(12, 3, beta=5.0, starts=4)
    >>> found.recognised.name, found.successes, found.status.name
    ('icosahedron', 4, 'STATIONARY')
    >>> f"{found.energy:.12f}"
    '1.631138598007'
    """
    check_whole(n, "n", 2)
    check_whole(d, "d", 2)
    hot = check_number(beta, "beta", "give a number > 0")
    if not hot > 0:
        raise ValueError(
            f"Expected beta > 0 but got beta={shown(beta)}; the energy of a code needs β > 0, "
            "points repel for V = -I then."
        )
    if hot > MOST_BETA:
        raise ValueError(
            f"Expected beta <= {MOST_BETA:g} but got beta={shown(beta)}; beyond it the largest "
            "inner product alone decides, a packing problem."
        )
    check_executor(executor)
    check_progress(progress)
    begun = _starts(int(n), int(d), starts, rng)
    jobs = [(begun[k : k + _TOGETHER], hot) for k in range(0, len(begun), _TOGETHER)]
    found: list[tuple[FloatArray, FloatArray]] = []
    with reporting(progress, len(begun), "start") as report:
        report(0)
        for part in map(_minimised, jobs) if executor is None else executor.map(_minimised, jobs):
            found.append(part)
            report(sum(len(sums) for _, sums in found))
    points = np.concatenate([part for part, _ in found])
    sums = np.concatenate([part for _, part in found])
    if not np.isfinite(sums).any():
        raise OverflowError(
            f"Expected energies that doubles tell apart but got none at beta={hot}; give a "
            "moderate beta."
        )
    sums = np.where(np.isfinite(sums), sums, np.inf)
    # Of those of one energy, the most stationary: its inner products are the cleanest.
    best = np.flatnonzero(sums <= sums.min() + SAME * max(1.0, hot))
    gradients = [_steepness(points[k], hot) for k in best]
    chosen = points[best[int(np.argmin(gradients))]]
    gradient = min(gradients)
    status = CodesStatus.STATIONARY if gradient <= STATIONARY else CodesStatus.NOT_STATIONARY
    try:
        exact = recognise(chosen)
    except ValueError:  # not exact, or points that coincide
        exact = None
    total = float(log_energy(float(sums.min()), int(n), hot))
    return Codes(chosen, hot, total, sums, gradient, status, exact)


def _starts(n: int, d: int, starts: int | ArrayLike, rng: Rng) -> FloatArray:
    """Draw or check the starting points, shape (starts, n, d)."""
    if not isinstance(starts, np.ndarray | list | tuple):
        check_whole(starts, "starts", 1)
        root = sphere.seed_sequence(rng)
        _room(int(starts), n, d)  # type: ignore[arg-type]
        streams = (
            np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, k))
            for k in range(int(starts))  # type: ignore[arg-type]
        )
        return np.stack([sphere.random_points(n, d, stream) for stream in streams])
    given = np.asarray(sphere.check_points(starts, "starts"))
    if given.ndim != 3 or given.shape[1:] != (n, d) or not len(given):
        raise ValueError(
            f"Expected starts of shape (starts, {n}, {d}) but got starts.shape={given.shape}; give "
            "n unit rows a start, or a number of starts."
        )
    return sphere.project(given)


def _room(starts: int, n: int, d: int) -> None:
    """Refuse more starts than memory holds, before any is drawn."""
    try:
        np.empty((starts, n, d))
    except (ValueError, MemoryError, OverflowError) as error:
        raise ValueError(
            f"Expected as many starts as memory holds but got starts={shown(starts)}, n={shown(n)}"
            f" and d={shown(d)}; give fewer."
        ) from error


@lru_cache(maxsize=1)
def repulsive_usa() -> Model:
    """Return USA with V = -I, the flow that descends (3.5)."""
    return gradient_flow(-ENERGY, "repulsive USA")


@lru_cache(maxsize=8)
def _field(beta: float) -> VelocityField:
    return compile_model(repulsive_usa(), beta=beta, precise=True)


def _minimised(job: tuple[FloatArray, float]) -> tuple[FloatArray, FloatArray]:
    """Points and log pair sums that a group of starts comes to."""
    group, beta = job
    # At large β only the nearest pairs are felt, of distances that a random start hasn't got: the
    # minima of a smaller β lead there.
    ladder = [beta]
    while ladder[-1] > _STIFF:
        ladder.append(ladder[-1] / 4)
    ended = flow_down(_field(ladder[-1]), group, ladder[-1])
    for hot in reversed(ladder):
        ended = np.stack([newton_down(points, hot) for points in ended])
    return ended, log_pairs(ended, beta)


def flow_down(field: VelocityField, starts: FloatArray, beta: float) -> FloatArray:
    """Follow the repulsive flow from a batch of starts, in steps that lower the energy.

    The clock of each start runs so that the fastest point moves by a set angle: at large β the
    speeds of pairs that are near and far differ by many powers of ten.
    """
    points = starts.copy()
    angles = np.full(len(points), _FIRST_ANGLE)
    sums = log_pairs(points, beta)
    for _ in range(_FLOW_STEPS):
        busy = angles > _LEAST_ANGLE
        if not busy.any():
            break
        velocity = field.scaled(points[busy])[0]
        speed = np.sqrt(np.sum(velocity**2, axis=-1)).max(axis=-1)
        moving = speed > 0
        steps = np.where(moving, angles[busy] / np.where(moving, speed, 1.0), 0.0)
        ahead = sphere.project(points[busy] + steps[:, None, None] * velocity)
        lower = log_pairs(ahead, beta)
        better = (lower < sums[busy]) & moving
        places = np.flatnonzero(busy)
        points[places[better]] = ahead[better]
        sums[places[better]] = lower[better]
        angles[places[better]] = np.minimum(1.5 * angles[places[better]], _MOST_ANGLE)
        angles[places[~better]] *= 0.4
        angles[places[~moving]] = 0.0
    return points


def newton_down(points: FloatArray, beta: float) -> FloatArray:
    """Go on to a minimum: trust regions as far as the energy has digits, then Newton's steps."""
    chart = Chart(points, beta)
    size = points.size - len(points)
    found = minimize(
        chart.value_and_gradient,
        np.zeros(size),
        jac=True,
        hessp=chart.hessian_product,
        method="trust-ncg",
        options={"gtol": 1e-9, "maxiter": 500, "max_trust_radius": 10.0},
    )
    points = chart.moved(found.x)
    steepness = _steepness(points, beta)
    for _ in range(_NEWTON_STEPS):
        chart = Chart(points, beta)
        zero = np.zeros(size)
        gradient = chart.value_and_gradient(zero)[1]
        operator = LinearOperator(
            (size, size),
            matvec=lambda v, c=chart, z=zero: c.hessian_product(z, v),
            dtype=np.float64,
        )
        # Rotations keep the energy: the equations are singular, but consistent.
        step, _ = cg(operator, -gradient, rtol=1e-6, atol=0.0, maxiter=400)
        ahead = chart.moved(step)
        after = _steepness(ahead, beta)
        if not after < 0.5 * steepness:
            break
        points, steepness = ahead, after
    return points


def _steepness(points: FloatArray, beta: float) -> float:
    """Largest entry of the gradient of ``n L/(2β)``."""
    zero = np.zeros(points.size - len(points))
    return float(np.abs(Chart(points, beta).value_and_gradient(zero)[1]).max())
