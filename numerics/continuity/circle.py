"""The circle: nodes at angles, sums over all of them in O(nK), and (7.1)'s field at each.

With ``M_k = ∫ e^{ikθ} dμ`` the potential is ``Φ = Σ_k ĥ_k M_k e^{-ikθ}`` over all whole k, the
velocity ``Φ'/Z``, and its slope is the rate of the log of an arc.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray
from numerics.continuity.multipliers import Multipliers

_PAD = 8
"""Nodes repeated beyond each end, for polynomials through neighbours."""


@dataclass(frozen=True)
class Circle:
    """The equation on the circle, at nodes that start at equally spaced angles from 0.

    Attributes
    ----------
    law : Multipliers
        The kernels.
    labels : ndarray, shape (n,)
        Angles where the nodes start.
    masses : ndarray, shape (n,)
        ``ρ₀/n``: the trapezoidal rule, exact to all orders for smooth densities.
    """

    law: Multipliers
    labels: FloatArray
    masses: FloatArray

    def fields(self, places: FloatArray, masses: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``Φ', Φ''`` and ``Z, Z'`` at the nodes, each pair of shape (2, n); linear in masses.

        Without weights Z = 1, for any masses.
        """
        law, turn = self.law, 1j * np.arange(self.law.degree + 1)
        table = powers(places, law.degree + 1)
        opposite = (table @ masses).conj()
        pull = law.harmonics * law.potential * opposite
        series = [turn * pull, turn**2 * pull]
        if law.weight is not None:
            weight = law.harmonics * law.weight * opposite
            series += [weight, turn * weight]
        values = (np.array(series) @ table).real
        if law.weight is not None:
            return values[:2], values[2:]
        return values, np.stack([np.ones(places.size), np.zeros(places.size)])

    def flow(self, places: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """Velocity and log-rate of arcs at the nodes, and the rate of the scaled energy."""
        (slope, bend), (total, change) = self.fields(places, self.masses)
        clock = self.law.clock
        velocity = clock * slope / total
        return (
            velocity,
            (clock * bend - velocity * change) / total,
            float(self.masses @ (slope * velocity)),
        )

    def moments(self, places: FloatArray, degree: int) -> NDArray[np.complex128]:
        """``∫ e^{ikθ} dμ`` for k = 0 ... degree."""
        return np.asarray(powers(places, degree + 1) @ self.masses)

    def energy(self, places: FloatArray) -> float:
        """Return the energy, scaled."""
        squares = np.abs(self.moments(places, self.law.degree)) ** 2
        series = self.law.harmonics * self.law.potential
        return float(self.law.mean * squares[0] + series @ squares) / 2

    def extended(self, values: FloatArray, turn: float = 0.0) -> FloatArray:
        """Values at the nodes with `_PAD` more at each end; a turn adds `turn`."""
        return np.concatenate([values[-_PAD:] - turn, values, values[:_PAD] + turn])

    @property
    def turn(self) -> float:
        """What is added to a place, and to a label, by once around."""
        return 2 * math.pi


def powers(places: FloatArray, count: int) -> NDArray[np.complex128]:
    """``e^{ikθ}`` for k < count, shape (count, n), by doubling."""
    table = np.empty((count, places.size), dtype=complex)
    table[0] = 1.0
    done, power = 1, np.exp(1j * places)
    while done < count:
        take = min(done, count - done)
        np.multiply(table[:take], power, out=table[done : done + take])
        done += take
        power = power * power
    return table


__all__ = ["Circle"]
