"""One stationary state of the noisy mean field: its density, moments, stability, free energy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, as_float
from numerics.noise.drives import Drive
from numerics.noise.zonal import zonal_basis
from numerics.records import Result


@dataclass(frozen=True, eq=False)
class StationaryState(Result):
    """A density that noise and attention leave as it is, about an axis.

    Parameters
    ----------
    kappa : float
        Noise of ``dX = F dt + √(2κ) P∘dB``.
    d : int
        Dimension.
    moments : ndarray, shape (degrees + 1,)
        ``∫ P_l(<x,w>) dν`` with P_l(1) = 1; on the circle ``E cos lθ``.
    growth_rate : float
        Largest real part of the rates of the linearised Fokker–Planck equation, on measures about
        the same axis.
    free_energy : float or None
        ``κ ∫ν log ν - E``, minus that of the uniform state; None when the model has none (a
        normalised one, as SA).
    _log_density : ndarray, optional
        Logarithm of the density.
    """

    _variables = (("moments", ("degree",)),)

    kappa: float
    d: int
    moments: FloatArray
    growth_rate: float
    free_energy: float | None
    _log_density: FloatArray = field(repr=False)

    @property
    def stable(self) -> bool:
        """Whether every perturbation about the same axis decays."""
        return self.growth_rate < 0

    @property
    def order_parameter(self) -> float:
        """``|m_1|``, the length of the mean of ν."""
        return abs(float(self.moments[1]))

    def density(self, places: ArrayLike) -> FloatArray:
        """Density with respect to the uniform probability.

        Parameters
        ----------
        places : array_like, any shape
            Angles from the axis for d = 2, inner products u = <x, w> above.

        Returns
        -------
        ndarray, same shape
            The density, of the shape of the places.
        """
        asked = as_float(places, "places")
        heights = np.cos(asked) if self.d == 2 else asked
        if not np.all(np.abs(heights) <= 1):
            raise ValueError(
                "Expected inner products in [-1, 1] but got places beyond them; for d > 2 give "
                "u = <x, w>, not an angle."
            )
        basis = zonal_basis(self.d, self._log_density.size)
        return np.exp(basis.at(self._log_density, heights))


def state_at(drive: Drive, moments: FloatArray, level: float) -> StationaryState:
    """Make a state of its moments and its noise in the drive's unit."""
    energy = drive.free_energy(moments, level)
    return StationaryState(
        kappa=level * drive.unit,
        d=drive.d,
        moments=moments,
        growth_rate=drive.growth_rate(moments, level) * drive.unit,
        free_energy=None if energy is None else energy * drive.unit,
        _log_density=drive.log_density(moments, level),
    )


__all__ = ["StationaryState", "state_at"]
