"""The closed tail of a run: all tokens so close together that the flow is the linear one.

Tokens in an open hemisphere that pull on each other with positive weights stay in their convex hull
(Lemma 6.4). Within a distance r of each other SA and USA are ``x_i' = −λ (x_i − c)`` up to
``(1 + |β|) λ r³``, c their mean and λ the sum of the weights there: 1 for SA, ``e^β Σ m`` for USA.
So the rest of a run is known, which explicit steps would reach at the pace of λ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy as sp

from numerics.arguments import FloatArray, IntArray
from numerics.fused import FusedForm, recognise
from numerics.stepping.clock import Clock
from numerics.stepping.fields import Field, steepness, summed_directly
from theory.models import Model, attention_form
from theory.symbols import z

SHARE = 0.01
"""Part of the tolerance that what the linear flow leaves out may take."""

WIDEST = 0.1
"""Largest distance of tokens from the first that is taken for the linear flow."""

PIECE = 4.0
"""Length of the steps of the tail, in units of 1/λ."""

OVER = 44.0
"""So many 1/λ after its start nothing is left of a distance."""


def gathering(field: Field) -> FusedForm | None:
    """Give the fused form of a field whose tokens pull on each other, at constant parameters."""
    direct = summed_directly(field)
    form = None if direct is None else recognise(direct.model)
    if direct is None or form is None or form.scale < 0 or callable(direct.parameters[form.name]):
        return None
    return form


def attracting(field: Field) -> bool:
    """Whether tokens pull on each other with weights e^{β<x,y>}, at any real β and pace of time.

    Those that are one stay one then; the linear tail needs constants beside (`gathering`).
    """
    direct = summed_directly(field)
    return direct is not None and _attracting(direct.model)


@lru_cache(maxsize=256)
def _attracting(model: Model) -> bool:
    form = attention_form(model) if model.space == "sphere" else None
    if form is None:
        return False
    coefficient, kernel = sp.sympify(form.kernel).as_coeff_Mul()
    exponential = isinstance(kernel, sp.exp) and z not in sp.cancel(kernel.args[0] / z).free_symbols
    return bool(exponential and coefficient > 0 and sp.sympify(form.scale).is_positive)


def radius(field: Field, tolerance: float) -> float:
    """Distance from the first token within which the tail is within the tolerance; −1: never."""
    if gathering(field) is None:
        return -1.0
    steep = float(np.max(1.0 + steepness(field, 0.0)))
    return float(min(WIDEST, (SHARE * tolerance / steep) ** (1.0 / 3.0)))


def spread(points: FloatArray) -> float:
    """Largest distance of a token from the first one of its system."""
    gaps = points - points[..., :1, :]
    return float(np.sqrt(np.max(np.sum(gaps * gaps, axis=-1))))


@dataclass(frozen=True, eq=False)
class Tail:
    """The linear flow from a time of the clock on.

    Attributes
    ----------
    start : float
        The time.
    centre, offset : ndarray
        Means of the tokens, shape (..., 1, d), and where the tokens are from there.
    rate : ndarray
        λ in the clock of the run, shape (..., 1, 1).
    """

    start: float
    centre: FloatArray
    offset: FloatArray
    rate: FloatArray

    @classmethod
    def of(cls, field: Field, clock: Clock, start: float, points: FloatArray) -> Tail:
        """Take over from a run at a time of its clock."""
        form = gathering(field)
        direct = summed_directly(field)
        assert form is not None and direct is not None
        n = points.shape[-2]
        masses = np.full(n, 1.0 / n) if direct.masses is None else direct.masses
        total = np.sum(masses, axis=-1)[..., None, None]
        first = points[..., :1, :]
        mean = np.sum(masses[..., None] * (points - first), axis=-2, keepdims=True) / total
        centre = first + mean
        centre = centre / np.sqrt(np.sum(centre * centre, axis=-1, keepdims=True))
        log_rate = np.zeros((1, 1))
        if not form.normalised:
            log_rate = np.asarray(direct.parameters[form.name]) + np.log(total)
        rate = np.exp(np.minimum(log_rate - (clock.log_rate or 0.0), 700.0))
        return cls(start, centre, points - centre, rate)

    def over(self, end: float) -> bool:
        """Whether nothing is left of the distances at a time of the clock."""
        return bool(np.min(self.rate) * (end - self.start) >= OVER)

    def of_rows(self, label: IntArray | None) -> Tail:
        """Make it the tail of all tokens, from where each is among those that are left."""
        return self if label is None else replace(self, offset=self.offset[label])

    def at(self, times: FloatArray) -> FloatArray:
        """Points at times of the clock, shape (times, ..., n, d)."""
        passed = (np.asarray(times) - self.start).reshape(-1, *[1] * self.offset.ndim)
        with np.errstate(over="ignore", under="ignore"):
            x = self.centre + np.exp(-self.rate * passed) * self.offset
        return np.asarray(x / np.sqrt(np.sum(x * x, axis=-1, keepdims=True)))

    def nodes(self, end: float) -> FloatArray:
        """Give the times of the steps from the start to the end of a run."""
        pieces = np.arange(PIECE, OVER + PIECE / 2, PIECE) / float(np.min(self.rate))
        times = self.start + pieces
        times = times[(times > self.start) & (times < end)]
        return np.append(times[np.diff(times, prepend=self.start) > 0], end)
