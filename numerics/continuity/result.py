"""What a mean-field run gives: density, quantiles, moments and energy at any time of the run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as field_
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.arguments import FloatArray, as_float, check_number, check_whole
from numerics.continuity.circle import Circle
from numerics.continuity.particles import Course, MeanFieldStatus, march, spline
from numerics.continuity.spectral import Agreement
from numerics.continuity.zonal import Zonal
from numerics.records import Result

_NEWTON = 12
_PLACES = 256  # of the densities of a data set


@dataclass(frozen=True, eq=False)
class MeanField(Result):
    """A solution of the continuity equation; made by :func:`mean_field`.

    Parameters
    ----------
    model : str
        Name of the model.
    d : int
        Dimension: 2 for the circle.
    times : ndarray, shape (time,)
        `t_eval`; after an early stop those before it, and the time of the stop.
    energy : ndarray, shape (time,)
        ``½∬ h dμ dμ`` with h' = f, the model's energy where it has one. Infinite where it can't be
        represented.
    gain : ndarray, shape (time,)
        Integral over time of the energy's rate ``∫ |X|² Z dμ``; ``energy[0] + gain`` is the energy,
        but for the error of the run.
    mass : ndarray, shape (time,)
        Sum of the nodes' masses; nothing changes it.
    status : MeanFieldStatus
        How the run ended; `status.message` names the remedy.
    resolved_until : float
        From there on the nodes are particles with masses; infinite for a density that is resolved
        throughout.
    agreement : Agreement or None
        How far a spectral solver of the same equation is from this one, and until when it was
        smooth enough to be asked. None where it never was.
    n_steps, n_evaluations : int
        Accepted steps, evaluations of the velocity.
    _geometry : Circle | Zonal, optional
        Circle or sphere.
    _start : ndarray, optional
        The start.
    _course : Course, optional
        Steps of the run.
    _rtol : float, optional
        Tolerance.
    """

    _shown = (
        "model",
        "d",
        "status",
        "times",
        "energy",
        "resolved_until",
        "agreement",
        "n_steps",
        "n_evaluations",
    )
    _coordinates = (("time", "times"),)
    _variables = (
        ("energy", ("time",)),
        ("gain", ("time",)),
        ("mass", ("time",)),
    )

    model: str
    d: int
    times: FloatArray
    energy: FloatArray
    gain: FloatArray
    mass: FloatArray
    status: MeanFieldStatus
    resolved_until: float
    agreement: Agreement | None
    n_steps: int
    n_evaluations: int
    _geometry: Circle | Zonal = field_(repr=False)
    _start: FloatArray = field_(repr=False)
    _course: Course = field_(repr=False)
    _rtol: float = field_(repr=False)

    def _further_variables(self) -> Iterable[tuple[str, tuple[Any, ...], Any]]:
        """Densities at all times on a grid of places, NaN once concentrated."""
        places = self._further_coordinates()[self._place_name]
        rows = [self.density(float(t), places) for t in self.times]
        empty = np.full(places.size, np.nan)
        yield "density", ("time", self._place_name), [empty if r is None else r for r in rows]

    @property
    def _place_name(self) -> str:
        return "angle" if self.d == 2 else "u"

    def _further_coordinates(self) -> dict[str, Any]:
        if self.d == 2:
            return {"angle": np.linspace(-math.pi, math.pi, _PLACES, endpoint=False)}
        return {"u": np.linspace(-1.0, 1.0, _PLACES)}

    def density(self, t: float, angle: ArrayLike) -> FloatArray | None:
        """Density at a time with respect to the uniform probability measure (uniform = 1).

        Parameters
        ----------
        t : float
            In ``[times[0], times[-1]]``.
        angle : array_like
            Angles for d = 2; ``u = <x,w>`` in [-1, 1] above.

        Returns
        -------
        ndarray or None
            Of angle's shape; None once concentrated, for t > ``resolved_until``: `quantiles` then
            says where the mass is.
        """
        places, log_volumes = self._state(t)
        where = self._place(angle)
        if t > self.resolved_until:
            return None
        labels = self._labels_at(places, where.ravel())
        geometry = self._geometry
        start: Any = spline(geometry, self._start)
        volume: Any = spline(geometry, log_volumes)
        found = np.maximum(start(labels), 0.0) * np.exp(-volume(labels))
        return np.asarray(found.reshape(where.shape))

    def quantiles(self, t: float, levels: ArrayLike) -> FloatArray:
        """Find the places below which the given parts of the mass lie.

        Parameters
        ----------
        t : float
            In ``[times[0], times[-1]]``.
        levels : array_like
            In [0, 1].

        Returns
        -------
        ndarray
            Of levels' shape. For d = 2 angles, ascending with the levels, counted from the place
            where what began at angle 0 is now, so that level 1 is once around; above, u = <x,w>.
        """
        parts = as_float(levels, "levels")
        if np.any(~((parts >= 0) & (parts <= 1))):
            raise ValueError(
                f"Expected levels in [0, 1] but got levels={parts.tolist()}; give parts of the "
                "mass."
            )
        places, _ = self._state(t)
        wanted = parts if self.d == 2 else 1 - parts
        labels = np.interp(wanted, *self._shares)
        geometry = self._geometry
        if t <= self.resolved_until:
            curve: Any = spline(geometry, places, geometry.turn)
            found = curve(labels)
        else:
            known = geometry.extended(geometry.labels, geometry.turn)
            found = np.interp(labels, known, geometry.extended(places, geometry.turn))
        return np.asarray(found if self.d == 2 else np.cos(found))

    def moments(self, t: float, k: ArrayLike) -> NDArray[Any]:
        """``∫ e^{ikθ} dμ`` for d = 2; above ``∫ P_k(<x,w>) dμ`` with P_k(1) = 1.

        Parameters
        ----------
        t : float
            In ``[times[0], times[-1]]``.
        k : int or array_like of int
            Degrees >= 0.

        Returns
        -------
        ndarray
            Of k's shape, complex for d = 2.
        """
        degrees = np.asarray(k)
        if degrees.dtype.kind not in "iu" or np.any(degrees < 0):
            raise ValueError(f"Expected whole degrees >= 0 but got k={k!r}; give such numbers.")
        top = int(degrees.max(initial=0))
        check_whole(top, "k", 0, 1 << 14)
        return np.asarray(self._geometry.moments(self._state(t)[0], top)[degrees])

    def _state(self, t: float) -> tuple[FloatArray, FloatArray]:
        """Places and log-volumes at a time: a row, or integrated on from the row before."""
        time = check_number(t, "t", "give a time of the run")
        first, last = float(self.times[0]), float(self.times[-1])
        if not first <= time <= last:
            raise ValueError(
                f"Expected a time in [{first:g}, {last:g}] but got t={t}; solve to a later t_end."
            )
        course = self._course
        row = int(np.searchsorted(self.times, time, side="right")) - 1
        if self.times[row] == time:
            return course.places[row], course.log_volumes[row]
        geometry = self._geometry
        displaced = course.places[row] - geometry.labels
        state = np.concatenate([displaced, course.log_volumes[row], [course.gains[row]]])
        on = march(geometry, (self.times[row], state), np.array([time]), self._rtol, 100_000)
        return on.places[-1], on.log_volumes[-1]

    def _place(self, angle: ArrayLike) -> FloatArray:
        """Angles, from angles or from u."""
        given = as_float(angle, "angle")
        if not np.all(np.isfinite(given)):
            raise ValueError(f"Expected finite angles but got angle={given.tolist()}; repair them.")
        if self.d == 2:
            return given
        if np.any(np.abs(given) > 1):
            raise ValueError(
                f"Expected u = <x,w> in [-1, 1] but got angle={given.tolist()}; give cosines."
            )
        return np.arccos(given)

    def _labels_at(self, places: FloatArray, where: FloatArray) -> FloatArray:
        """Invert the flow: where what is there now has started. Newton inside brackets."""
        geometry = self._geometry
        known = geometry.extended(places, geometry.turn)
        labels = geometry.extended(geometry.labels, geometry.turn)
        curve: Any = spline(geometry, places, geometry.turn)
        slope = curve.derivative()
        if self.d == 2:
            where = places[0] + np.mod(where - places[0], 2 * math.pi)
        cell = np.clip(np.searchsorted(known, where, side="right"), 1, known.size - 1)
        low, high = labels[cell - 1], labels[cell]
        below, above = known[cell - 1], known[cell]
        width = np.maximum(above - below, np.finfo(float).tiny)
        found = low + (where - below) / width * (high - low)
        for _ in range(_NEWTON):
            found = np.clip(found - (curve(found) - where) / slope(found), low, high)
        return np.asarray(found)

    @property
    def _shares(self) -> tuple[FloatArray, FloatArray]:
        """Part of the mass below a label, and the label, on a fine grid."""
        geometry = self._geometry
        if self.d == 2:
            ends = np.append(geometry.labels, 2 * math.pi)
            weight: Any = spline(geometry, self._start)
        else:
            ends = np.concatenate([[0.0], geometry.labels, [math.pi]])
            weight = spline(geometry, self._start * np.sin(geometry.labels) ** (self.d - 2))
        fine = np.interp(np.arange(8 * (ends.size - 1) + 1) / 8, np.arange(ends.size), ends)
        total = weight.antiderivative()(fine)
        total = np.maximum.accumulate(total - total[0])
        return total / total[-1], fine


__all__ = ["MeanField"]
