"""Zonal measures on S^{d-1}: nodes at angles from the axis w, Gegenbauer series in u = <x,w>.

With ``ρ_l = ∫ P_l dμ`` the potential is ``Φ(u) = Σ_l N_l ĥ_l ρ_l P_l(u)`` and the angle φ from w
moves at ``-sin φ Φ'(u)/Z(u)``. Derivatives are series again: ``N_l P_l' = (2l+d-2) Σ N_j P_j``
over j = l-1, l-3, …
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from numerics.arguments import FloatArray
from numerics.continuity.multipliers import Multipliers, zonal_table

_PAD = 8


@dataclass(frozen=True)
class Zonal:
    """The equation for zonal measures, at nodes that start at those of Gauss-Gegenbauer.

    Attributes
    ----------
    law : Multipliers
        The kernels.
    labels : ndarray, shape (n,)
        Angles from w where the nodes start, ascending.
    masses : ndarray, shape (n,)
        ρ₀ times the quadrature's weights.
    """

    law: Multipliers
    labels: FloatArray
    masses: FloatArray

    @cached_property
    def _series(self) -> FloatArray:
        """Coefficients along P_j of Φ', Φ'', Z, Z' in u, from ρ_l: shape (4 or 2, L+1, L+1)."""
        law, degrees = self.law, np.arange(self.law.degree + 1)
        above = (degrees > degrees[:, None]) & ((degrees - degrees[:, None]) % 2 == 1)
        slope = above * (2 * degrees + law.d - 2.0)
        series = [slope * law.potential, slope @ (slope * law.potential)]
        if law.weight is not None:
            series += [np.diag(law.weight), slope * law.weight]
        return np.stack(series) * law.harmonics[:, None]

    def fields(self, places: FloatArray, masses: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``Φ', Φ''`` and ``Z, Z'`` by u at the nodes, each pair of shape (2, n)."""
        table = zonal_table(np.cos(places), self.law.degree + 1, self.law.d)
        values = (self._series @ (masses @ table)) @ table.T
        if self.law.weight is None:
            return values, np.stack([np.ones(places.size), np.zeros(places.size)])
        return values[:2], values[2:]

    def flow(self, places: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """Velocity of the angles, log-rate of volumes, and the rate of the scaled energy."""
        (slope, bend), (total, change) = self.fields(places, self.masses)
        u, height = np.cos(places), np.sin(places)
        clock = self.law.clock
        pace = clock * slope / total
        spread = (clock * bend - pace * change) / total
        return (
            -height * pace,
            height**2 * spread - (self.law.d - 1) * u * pace,
            float(self.masses @ (height**2 * slope * pace)),
        )

    def moments(self, places: FloatArray, degree: int) -> FloatArray:
        """``∫ P_l dμ`` for l = 0 ... degree."""
        return np.asarray(self.masses @ zonal_table(np.cos(places), degree + 1, self.law.d))

    def energy(self, places: FloatArray) -> float:
        """Return the energy, scaled."""
        squares = self.moments(places, self.law.degree) ** 2
        series = self.law.harmonics * self.law.potential
        return float(self.law.mean * squares[0] + series @ squares) / 2

    def extended(self, values: FloatArray, turn: float = 0.0) -> FloatArray:
        """Values at the nodes with more beyond the poles: odd for `turn` > 0, where 0 and π stay.

        An angle beyond a pole is mirrored, so that angles are smooth functions of labels there.
        """
        if turn:
            below, beyond = -values[_PAD - 1 :: -1], turn - values[: -_PAD - 1 : -1]
        else:
            below, beyond = values[_PAD - 1 :: -1], values[: -_PAD - 1 : -1]
        return np.concatenate([below, values, beyond])

    @property
    def turn(self) -> float:
        """An angle beyond the far pole and its mirror image add up to this."""
        return 2 * np.pi


__all__ = ["Zonal"]
