"""What a model's attention does to a zonal measure, and its noisy mean field in moments.

With noise κ a density stands still without a flux where ``κ ∇ log ν = F[ν]``. On measures about an
axis F is a gradient, ``F = ∇φ``, of a potential that the model's kernel f determines: with H' = f

    φ = H*ν  (sums, as USA)      φ' = (H*ν)'/(f*ν)  (normalised, as SA: φ = log(f*ν)/β)

so that ``ν ∝ exp(φ[ν]/κ)``: one equation for each moment ``m_l = ∫ P_l(<x,w>) dν``, P_l(1) = 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import eigvals
from scipy.special import gammaln, ive

from numerics.arguments import FloatArray, check_model, check_number, check_whole, shown
from numerics.fastsum import ScaledKernel, scaled_kernel
from numerics.noise.zonal import ZonalBasis, zonal_basis, zonal_ends
from theory.models import Model, attention_form

_LEAST, _MOST = 64, 1024
"""Sizes of the basis: from the first on, doubled until a density is resolved."""
_TAIL = 1e-11
"""A density is resolved when the upper half of its moments is below this."""
_HIGH = 256
"""Highest dimension: polynomials of higher ones overflow at their ends."""
_RATE_TAIL = 1e-5
"""Degrees of perturbations go as far as the moments of the density are above this."""
_FLOOR = 1e-13


@dataclass(frozen=True, eq=False)
class Drive:
    """The pull of a measure on a token, by degrees, in units of the noise at the threshold.

    Attributes
    ----------
    name : str
        Of the model.
    basis : ZonalBasis
    normalised : bool
        Whether the sum of the weights divides.
    rate : float or None
        Of the potential ``log(f*ν)/rate`` of a normalised exponential kernel, times the unit;
        None for another.
    unit : float
        Noise ``kappa_uniform`` at which the uniform state loses stability; `level` below is κ in
        this unit.
    lead : int
        Degree to which it does.
    pulls : ndarray, shape (degrees + 1,)
        Multipliers of H, in the unit; entry `lead` is 1.
    sums : ndarray, shape (degrees + 1,)
        Multipliers of the kernel over that of degree 0, if normalised.
    """

    name: str
    basis: ZonalBasis
    normalised: bool
    rate: float | None
    unit: float
    lead: int
    pulls: FloatArray
    sums: FloatArray

    @property
    def d(self) -> int:
        """Dimension."""
        return self.basis.d

    @property
    def degrees(self) -> int:
        """Highest degree that pulls."""
        return self.pulls.size - 1

    def refined(self) -> Drive:
        """Return the same on twice as many nodes."""
        size = 2 * self.basis.nodes.size
        if size > _MOST:
            raise ValueError(
                f"Expected a density that {_MOST} degrees resolve but got a sharper one under "
                f"{self.name} in d={self.d}; ask for more noise."
            )
        return replace(self, basis=zonal_basis(self.d, size))

    def _rows(self) -> tuple[FloatArray, FloatArray]:
        """``P_l`` and its derivative at the nodes, for the degrees that pull, 0 first."""
        count = self.pulls.size
        ends = self.basis.ends[:count, None]
        return self.basis.values[:count] / ends, self.basis.slopes[:count] / ends

    def _pulled(self, moments: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give H*ν and its derivative at the nodes, and the sum of the weights f*ν (or 1)."""
        values, slopes = self._rows()
        shares = self.basis.ends[: moments.size] ** 2 * moments
        height, slope = (self.pulls * shares) @ values, (self.pulls * shares) @ slopes
        if not self.normalised:
            return height, slope, np.ones_like(height)
        total = (self.sums * shares) @ values
        if self.rate is None:
            return height, slope, total
        # Far from a cluster the sum is below the rounding of its terms; so is the density there.
        return height, slope, np.maximum(total, _FLOOR * total.max())

    def slope(self, moments: FloatArray) -> FloatArray:
        """Give φ', the derivative in u, at the nodes."""
        _, slope, total = self._pulled(moments)
        return slope / total

    def potential(self, moments: FloatArray) -> FloatArray:
        """φ at the nodes, up to a constant."""
        height, slope, total = self._pulled(moments)
        if not self.normalised:
            return height
        if self.rate is not None:
            return np.log(total) / self.rate
        return self.basis.primitive(slope / total)

    def variations(self, moments: FloatArray) -> FloatArray:
        """``∂φ/∂m_l`` at the nodes, up to constants, a degree from 1 on a row."""
        values, _ = self._rows()
        shares = (self.basis.ends[: moments.size] ** 2)[1:, None]
        if not self.normalised:
            return shares * self.pulls[1:, None] * values[1:]
        if self.rate is not None:
            _, _, total = self._pulled(moments)
            return shares * self.sums[1:, None] * values[1:] / (self.rate * total)
        return self.basis.primitive(self.varied_slopes(moments))

    def varied_slopes(self, moments: FloatArray) -> FloatArray:
        """``∂φ'/∂m_l`` at the nodes, a degree from 1 on a row."""
        values, slopes = self._rows()
        shares = (self.basis.ends[: moments.size] ** 2)[1:, None]
        if not self.normalised:
            return shares * self.pulls[1:, None] * slopes[1:]
        _, slope, total = self._pulled(moments)
        turned = (
            self.pulls[1:, None] * slopes[1:] - slope / total * self.sums[1:, None] * values[1:]
        )
        return np.asarray(shares * turned / total)

    def log_density(self, moments: FloatArray, level: float) -> FloatArray:
        """Coefficients of ``log ν``, of the density, in the orthonormal polynomials."""
        exponent = self.potential(moments) / level
        parts = self.basis.coefficients(exponent)
        if self.normalised:
            large = np.flatnonzero(np.abs(parts) > 1e-15 * np.abs(parts).max())
            parts = parts[: large[-1] + 1 if large.size else 1]
        else:
            parts = parts[: moments.size]
        log_mass = np.log(self.basis.weights @ np.exp(exponent - exponent.max())) + exponent.max()
        parts[0] -= log_mass
        return np.array(parts)

    def weights(self, moments: FloatArray, level: float) -> FloatArray:
        """Masses at the nodes of the density ``∝ exp(φ/κ)``."""
        exponent = self.potential(moments) / level
        masses = self.basis.weights * np.exp(exponent - exponent.max())
        return np.asarray(masses / masses.sum())

    def residual(self, moments: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """``m - E_ν P`` for ν ∝ exp(φ[m]/κ), degrees from 1 on, and its derivative in m, κ."""
        rows = self._rows()[0][1:]
        phi, masses = self.potential(moments), self.weights(moments, level)
        expected = rows @ masses
        centred = (rows - expected[:, None]) * masses
        by_moments = np.eye(rows.shape[0]) - centred @ self.variations(moments).T / level
        by_level = centred @ phi / level**2
        return moments[1:] - expected, np.column_stack([by_moments, by_level])

    def is_resolved(self, moments: FloatArray, level: float) -> bool:
        """Whether the basis holds the density of a state."""
        sizes = self._sizes(moments, level)
        return bool(sizes[sizes.size // 2 :].max() <= _TAIL)

    def _sizes(self, moments: FloatArray, level: float) -> FloatArray:
        """``|m_l|`` of the density at all degrees of the basis; 1 for degree 0."""
        parts = self.basis.values @ self.weights(moments, level)
        return np.asarray(np.abs(parts) / self.basis.ends)

    def free_energy(self, moments: FloatArray, level: float) -> float | None:
        """``κ ∫ν log ν - ½ ∬ H dν dν`` above the uniform state's, in the unit; None without one."""
        if self.normalised:
            return None
        phi = self.potential(moments) / level
        masses = self.weights(moments, level)
        log_mean = np.log(self.basis.weights @ np.exp(phi - phi.max())) + phi.max()
        entropy = float(masses @ phi) - float(log_mean)
        pull = (self.pulls * (self.basis.ends[: moments.size] * moments) ** 2)[1:]
        return level * entropy - float(pull.sum()) / 2

    def growth_rate(self, moments: FloatArray, level: float) -> float:
        """Largest real part of the rates of the linearised Fokker–Planck equation, in the unit.

        Perturbations about the same axis, in the coefficients of the density:
        ``n' = κΔn - ∇·(n ∇φ + ν ∇φ'[n])``.
        """
        basis = self.basis
        masses = self.weights(moments, level)
        large = np.flatnonzero(self._sizes(moments, level) > _RATE_TAIL)
        count = min(max(self.degrees, int(large[-1])) + 8, basis.nodes.size * 3 // 4)
        values, slopes = basis.values[1:count], basis.slopes[1:count]
        flat = (1 - basis.nodes**2) * basis.weights
        slope = self.slope(moments)
        operator = (slopes * (flat * slope)) @ values.T - np.diag(level * basis.laplacian[1:count])
        density = masses / basis.weights
        shifts = self.varied_slopes(moments) / basis.ends[1 : moments.size, None]
        operator[:, : self.degrees] += (slopes * (flat * density)) @ shifts.T
        return float(eigvals(operator, check_finite=False).real.max())

    def uniform(self) -> FloatArray:
        """Moments of the uniform state."""
        moments = np.zeros(self.pulls.size)
        moments[0] = 1.0
        return moments


def drive_of(model: Any, d: Any, parameters: Mapping[str, Any]) -> Drive:
    """Derive the drive of a model from its kernel.

    Raises
    ------
    ValueError
        When the model isn't scalar attention on the sphere, a parameter is missing, the kernel
        isn't smooth or finite, or nothing makes the uniform state unstable.
    """
    noise = model.noise if isinstance(model, Model) else None
    model = model if noise is None else model.drift
    check_model(model)
    check_whole(d, "d", 2, _HIGH)
    form = attention_form(model) if model.space == "sphere" and model.kind == "flow" else None
    if form is None or len(model.blocks) > 1:
        raise ValueError(
            "Expected a flow Σ_j m_j f(<x_i,x_j>) P_i x_j on the sphere, normalised or not, but "
            f"got model={model.name}; stationary states are computed for scalar attention."
        )
    if noise is not None and (noise.on is not None or noise.scope != "independent"):
        raise ValueError(
            f"Expected independent ambient noise but got noise={noise} in model={model.name}; the "
            "mean field has no diffusion of another kind here."
        )
    values = _parameter_values(model, parameters)
    numbers = dict(values)
    scale = form.scale.subs(numbers)
    if not scale.is_number:
        raise ValueError(
            f"Expected a number in front of the attention but got {scale} in model={model.name}; "
            "give a value to every parameter."
        )
    kernel = scaled_kernel(form.kernel, values)
    pulls, sums = _multipliers(kernel, int(d), model.name)
    if form.normalised and not kernel(np.linspace(-1, 1, 1025)).min() > 0:
        raise ValueError(
            f"Expected weights > 0 to divide by but got {form.kernel} in model={model.name}; "
            "stationary states need a positive row sum."
        )
    pulls = pulls * float(scale)
    pulls, sums = (pulls / sums[0], sums / sums[0]) if form.normalised else (pulls, sums)
    log_unit = 0.0 if form.normalised else kernel.log_scale
    lead = int(np.argmax(pulls[1:])) + 1
    size = math.exp(log_unit) * float(pulls[lead]) if log_unit < 700 else math.inf
    if not pulls[lead] > 0:
        raise ValueError(
            f"Expected a kernel that attracts but got {form.kernel} in model={model.name} with "
            f"{_said(values)}; the uniform state is stable at every noise."
        )
    if not math.isfinite(size):
        raise ValueError(
            f"Expected a noise that a float can hold but got {_said(values)} of model={model.name};"
            " its threshold grows like the kernel: use a smaller value, or the normalised model."
        )
    least = _LEAST
    while least < 2 * pulls.size:
        least *= 2
    exponential = form.normalised and bool(kernel.rate)
    return Drive(
        model.name,
        zonal_basis(int(d), least),
        form.normalised,
        size * kernel.rate / float(scale) if exponential and kernel.rate is not None else None,
        size,
        lead,
        pulls / pulls[lead],
        sums,
    )


def _said(values: tuple[tuple[Any, float], ...]) -> str:
    return ", ".join(f"{symbol}={value:g}" for symbol, value in values) or "no parameter"


def _parameter_values(model: Model, parameters: Mapping[str, Any]) -> tuple[tuple[Any, float], ...]:
    """Numbers of the model's parameters, from keywords."""
    named = {str(symbol): symbol for symbol in model.parameters}
    unknown = sorted(set(parameters) - set(named))
    if unknown:
        raise ValueError(
            f"Expected parameters among {sorted(named)} but got {unknown[0]}="
            f"{shown(parameters[unknown[0]])}; see model.parameters."
        )
    used = attention_form(model)
    assert used is not None
    needed = {str(s) for s in (used.kernel.free_symbols | used.scale.free_symbols)} & set(named)
    missing = sorted(needed - set(parameters))
    if missing:
        raise ValueError(
            f"Expected a value for every parameter but got {missing[0]}=None; "
            f"write {missing[0]}=3.0, for example."
        )
    return tuple(
        (named[name], check_number(value, name, "give one number"))
        for name, value in sorted(parameters.items())
    )


def _too_sharp(name: str) -> str:
    return (
        f"Expected a smooth kernel but got one of model={name} that needs more than {_MOST} "
        "degrees; its stationary states aren't resolved."
    )


def _multipliers(kernel: ScaledKernel, d: int, name: str) -> tuple[FloatArray, FloatArray]:
    """Funk–Hecke multipliers of H and of its derivative, the kernel, as far as they count.

    Of ``e^{r(u-1)}`` they are Bessel functions (`theory.predictions.gegenbauer_coefficient`). Of
    another kernel it is, by parts, ``l(l+d-2) E[H P_l] = E[f P_l' (1-u²)]``.
    """
    if kernel.rate:
        orders = np.arange(_MOST) + d / 2 - 1
        size = abs(kernel.rate)
        log_front = gammaln(d / 2) + (d / 2 - 1) * np.log(2 / size)
        sums = kernel.sign * np.exp(log_front) * ive(orders, size)
        if kernel.rate < 0:
            sums[1::2] *= -1
        shares = np.abs(sums) * np.sqrt(np.maximum(zonal_ends(d, _MOST), 1.0))
        counted = np.flatnonzero(shares > 1e-16 * shares.max())
        if not counted.size or counted[-1] + 1 == _MOST:
            raise ValueError(_too_sharp(name))
        count = max(int(counted[-1]) + 1, 3)
        return sums[:count] / kernel.rate, sums[:count]
    size = _LEAST
    while True:
        basis = zonal_basis(d, size)
        values = kernel(basis.nodes)
        plain = basis.coefficients(values)
        size *= 2
        if np.abs(plain[plain.size // 2 :]).max() <= 1e-13 * np.abs(plain).max():
            break
        if size > 2 * _MOST:
            raise ValueError(_too_sharp(name))
    pulled = (basis.slopes * (basis.weights * (1 - basis.nodes**2))) @ values
    pulled[1:] /= basis.laplacian[1:]
    pulled[0] = 0.0
    large = np.abs(np.stack([plain, pulled]))
    large /= large.max(axis=1, keepdims=True)
    rounding = max(1e-16, 2 * float(large[:, large.shape[1] // 2 :].max()))
    count = max(int(np.flatnonzero(large.max(axis=0) > rounding)[-1]) + 1, 2)
    return (pulled / basis.ends)[:count], (plain / basis.ends)[:count]


__all__ = ["Drive", "drive_of"]
