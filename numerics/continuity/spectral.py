"""The same equation for the moments alone, on fixed places: a check while the density is smooth.

``dM_k/dt = ∫ <∇Y_k, X[μ]> dμ`` with products on a grid, by FFT on the circle and by
Gauss-Gegenbauer quadrature above; it shares no nodes with the solver that it checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import DOP853

from numerics.arguments import FloatArray
from numerics.continuity.circle import Circle
from numerics.continuity.multipliers import Multipliers, gauss_nodes, zonal_table
from numerics.continuity.particles import Course
from numerics.continuity.zonal import Zonal
from theory.summaries import Tabled

TAIL = 1e-10
"""Size of the last moments at which a series is cut no longer to rounding."""

_MOST_STEPS = 2000


@dataclass(frozen=True)
class Agreement(Tabled):
    """How far two solvers are apart: the largest difference of a moment, up to a time.

    Parameters
    ----------
    until : float
        The last of the output times that was compared.
    difference : float
        Largest over these times and over the moments of degree up to 32.
    """

    until: float
    difference: float


def compare(geometry: Circle | Zonal, course: Course, rtol: float) -> Agreement | None:
    """Solve for the moments and compare; None where the density isn't smooth for a single time."""
    law = geometry.law
    flat = isinstance(geometry, Circle)
    top = max(85 if flat else 64, 2 * law.degree)
    start = geometry.moments(geometry.labels, top)
    rate = _circle_rate(law, top) if flat else _zonal_rate(law, top)
    state = np.ascontiguousarray(start).view(np.float64)
    # Particles have no density to compare with.
    times = course.times[course.times <= course.resolved_until]
    if times.size < 2 or _rough(start, law):
        return None
    solver = DOP853(rate, times[0], state, times[-1], rtol=rtol, atol=1e-3 * rtol)
    row, worst, until = 1, 0.0, -1.0
    for _ in range(_MOST_STEPS):
        solver.step()
        if solver.status == "failed" or _rough(solver.y.view(start.dtype), law):
            break
        between = solver.dense_output() if times[row] <= solver.t else None
        while row < times.size and times[row] <= solver.t:
            assert between is not None
            own = between(times[row]).view(start.dtype)[:33]
            other = geometry.moments(course.places[row], own.size - 1)
            worst, until = max(worst, float(np.max(np.abs(own - other)))), float(times[row])
            row += 1
        if solver.status != "running":
            break
    return Agreement(until, worst) if until >= 0 else None


def _rough(moments: NDArray[np.inexact], law: Multipliers) -> bool:
    """Whether the last eighth of the series isn't small."""
    last = moments[-(moments.size // 8) :]
    return bool(np.max(np.abs(last)) > TAIL)


def _circle_rate(law: Multipliers, top: int) -> Callable[[float, FloatArray], FloatArray]:
    size = 1 << int(np.ceil(np.log2(3 * top)))
    degrees = np.arange(top + 1)
    slope = np.zeros(top + 1)
    slope[: law.degree + 1] = np.arange(law.degree + 1) * law.potential
    total = np.zeros(top + 1)
    if law.weight is not None:
        total[: law.degree + 1] = law.weight

    def on_grid(series: NDArray[np.inexact]) -> FloatArray:
        return np.asarray(np.fft.irfft(size * series, size))

    def rate(_: float, state: FloatArray) -> FloatArray:
        series = np.conj(state.view(np.complex128))
        pace = law.clock * on_grid(1j * slope * series)
        if law.weight is not None:
            pace /= on_grid(total * series)
        flux = np.fft.rfft(on_grid(series) * pace)[: top + 1] / size
        return np.asarray((1j * degrees * np.conj(flux)).view(np.float64))

    return rate


def _zonal_rate(law: Multipliers, top: int) -> Callable[[float, FloatArray], FloatArray]:
    d, kept = law.d, law.degree + 1
    nodes, weights = gauss_nodes(2 * top, d)
    table = zonal_table(nodes, top + 2, d)
    degrees = np.arange(1, top + 1)
    factor = degrees * (degrees + d - 2) / (2 * degrees + d - 2)
    # (1 - u²) P_l'(u)
    flat = np.zeros((nodes.size, top + 1))
    flat[:, 1:] = factor * (table[:, :top] - table[:, 2:])
    table = table[:, : top + 1]
    numbers = np.ones(top + 1)
    size = 1 - nodes**2
    numbers[1:] = 1 / (weights @ table[:, 1:] ** 2)
    gradient = flat[:, :kept] * (law.harmonics * law.potential) / size[:, None]
    total = None if law.weight is None else table[:, :kept] * (law.harmonics * law.weight)

    def rate(_: float, moments: FloatArray) -> FloatArray:
        density = table @ (numbers * moments)
        pace = law.clock * (gradient @ moments[:kept])
        if total is not None:
            pace /= total @ moments[:kept]
        return np.asarray((weights * density * pace) @ flat)

    return rate


__all__ = ["Agreement", "compare"]
