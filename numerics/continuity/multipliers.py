"""The kernels of a continuity equation in numbers: Funk-Hecke multipliers, scaled.

``f = e^s Σ_l N_l f̂_l P_l`` on [-1, 1]: Bessel functions for an exponential, cosine transforms
on the circle and Gauss-Gegenbauer quadrature above for any other smooth kernel. Those of h with
h' = f are differences of f's, and so is the equation linearised about the uniform state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import gammaln, ive, roots_gegenbauer
from sympy import Integral

from numerics.arguments import FloatArray
from numerics.compile import compile_model
from numerics.fastsum import ScaledKernel, scaled_kernel
from theory.energy import pole_free
from theory.measures import ContinuityEquation, continuity_equation
from theory.models import Model

MAX_DEGREE = 2048
"""Most degrees of a kernel: tables of as many values a node fit in memory."""

_LAST = 1e-17
"""Terms below this part of the largest one are dropped."""


@dataclass(frozen=True)
class Multipliers:
    """Multipliers of f, h and g of degrees 0 ... L in dimension d, and their scales.

    Attributes
    ----------
    d : int
        Dimension.
    harmonics : ndarray, shape (L + 1,)
        Numbers N_l of harmonics.
    potential : ndarray, shape (L + 1,)
        ``e^{-log_scale} ĥ_l`` for l >= 1; 0 at l = 0, where h has a free constant.
    weight : ndarray, shape (L + 1,), or None
        ``ĝ_l`` scaled to a kernel of size 1, where rows are normalised.
    mean : float
        ``e^{-log_scale} ĥ_0``.
    log_scale : float
        Scale of h and f.
    clock : float
        What a velocity in these multipliers is multiplied by.
    """

    d: int
    harmonics: FloatArray
    potential: FloatArray
    weight: FloatArray | None
    mean: float
    log_scale: float
    clock: float

    @property
    def degree(self) -> int:
        """L."""
        return self.harmonics.size - 1

    @cached_property
    def rates(self) -> FloatArray:
        """Growth rates of the degrees 0 ... L about the uniform state, shape (L + 1,)."""
        degrees = np.arange(self.degree + 1)
        rates = self.clock * degrees * (degrees + self.d - 2) * self.potential
        return rates if self.weight is None else rates / self.weight[0]


def multipliers(model: Model, d: int, parameters: Mapping[str, Any]) -> Multipliers:
    """Bind the parameters of a model and give its multipliers in dimension d.

    Raises
    ------
    ValueError
        For a model without a continuity equation, parameters that aren't numbers, weights that
        aren't positive, a kernel that isn't smooth or needs more than `MAX_DEGREE` degrees.
    OverflowError
        When the velocity can't be represented.
    """
    equation = continuity_equation(model)
    values = _values(model, parameters)
    pull = scaled_kernel(equation.pull, values)
    counted = _coefficients(pull, d, model)
    weight, log_weight = None, 0.0
    if equation.weight is not None:
        kernel = scaled_kernel(equation.weight, values)
        weight, log_weight = _coefficients(kernel, d, model), kernel.log_scale
    size = max(counted.size + 1, 0 if weight is None else weight.size)
    degrees = np.arange(size)
    padded = np.zeros(size + 1)
    padded[: counted.size] = counted
    potential = np.zeros(size)
    potential[1:] = (padded[:-2] - padded[2:]) / (2 * degrees[1:] + d - 2)
    numbers = harmonic_numbers(size, d)
    exponent = pull.log_scale - log_weight
    if exponent > 700:
        raise OverflowError(
            f"Expected a representable velocity but got one of size e^{exponent:.0f} in "
            f"{model.name}; use smaller parameters, or SA, whose rows are normalised."
        )
    return Multipliers(
        d,
        numbers,
        potential,
        None if weight is None else np.pad(weight, (0, size - weight.size)),
        _mean(equation, values, potential * numbers, d, pull.log_scale),
        pull.log_scale,
        math.exp(exponent),
    )


def _values(model: Model, parameters: Mapping[str, Any]) -> tuple[tuple[Any, float], ...]:
    field = compile_model(model, **parameters)
    numbers = field.values(0.0)
    for parameter, given, value in zip(
        model.parameters, field.parameters.values(), numbers, strict=True
    ):
        if callable(given) or np.ndim(value) > 0:
            raise ValueError(
                f"Expected a number for {parameter} but got {parameter}={given!r}; "
                "solve for one value at a time, and one that doesn't depend on time."
            )
    return tuple(
        (symbol, float(value)) for symbol, value in zip(model.parameters, numbers, strict=True)
    )


def harmonic_numbers(size: int, d: int) -> FloatArray:
    """Numbers N_l of harmonics on S^{d-1} of the degrees l < size."""
    degrees = np.arange(size)
    if d == 2:
        return np.where(degrees == 0, 1.0, 2.0)
    numbers = np.ones(size)
    if size > 1:
        # N_{l+1}/N_l for l >= 1; N_1 = d.
        steps = degrees[1:-1]
        ratio = (steps + d - 2) * (2 * steps + d) / ((steps + 1) * (2 * steps + d - 2))
        numbers[1:] = d * np.concatenate([[1.0], np.cumprod(ratio)])
    return np.rint(numbers)


def _coefficients(kernel: ScaledKernel, d: int, model: Model) -> FloatArray:
    """Multipliers of a kernel of size 1, as many as count."""
    if kernel.rate is not None and 40 + 9 * math.sqrt(abs(kernel.rate)) > MAX_DEGREE:
        raise _too_sharp(model)
    try:
        cosine = kernel.cosine
    except ValueError as error:
        raise _too_sharp(model) from error
    if cosine.size > MAX_DEGREE:
        raise _too_sharp(model)
    if d == 2:
        return cosine / np.where(np.arange(cosine.size) == 0, 1.0, 2.0)
    degrees = np.arange(cosine.size + 8.0)
    if kernel.rate is not None:
        found = kernel.sign * _exponential(abs(kernel.rate), degrees, d)
        if kernel.rate < 0:
            found[1::2] *= -1
    else:
        nodes, weights = gauss_nodes(2 * degrees.size + d, d)
        found = (weights * kernel(nodes)) @ zonal_table(nodes, degrees.size, d)
    counted = np.abs(found) * harmonic_numbers(found.size, d)
    large = np.flatnonzero(counted > _LAST * max(counted.max(), 1e-300))
    return found[: large[-1] + 1 if large.size else 1]


def _exponential(rate: float, degrees: FloatArray, d: int) -> FloatArray:
    """``e^{-a} Γ(d/2) (2/a)^{d/2-1} I_{l+d/2-1}(a)``."""
    order = d / 2 - 1
    if rate < 1e-8:  # its first terms: (a/2)^l Γ(d/2)/Γ(l+d/2)
        with np.errstate(divide="ignore"):
            power = np.where(degrees == 0, 0.0, degrees * np.log(rate / 2) if rate else -np.inf)
        return np.asarray(np.exp(power + gammaln(d / 2) - gammaln(degrees + d / 2)))
    factor = math.exp(math.lgamma(d / 2) + order * math.log(2 / rate))
    return np.asarray(factor * ive(degrees + order, rate))


def _too_sharp(model: Model) -> ValueError:
    return ValueError(
        f"Expected a kernel with at most {MAX_DEGREE} degrees but got model={model.name} with "
        "parameters that need more, or whose kernel isn't smooth on [-1, 1]; follow its tokens "
        "with numerics.integrate or coarsen."
    )


def _mean(
    equation: ContinuityEquation,
    values: tuple[tuple[Any, float], ...],
    series: FloatArray,
    d: int,
    log_scale: float,
) -> float:
    """``e^{-log_scale} ĥ_0``, with the model's own h, or with h(0) = 0 where it has no formula."""
    kernel = equation.potential
    if kernel.has(Integral):
        return -float(series @ zonal_table(np.zeros(1), series.size, d)[0])
    for symbol, value in values:
        if value == 0:
            kernel = pole_free(kernel, symbol, 0)
    left = tuple((symbol, value) for symbol, value in values if kernel.has(symbol))
    own = scaled_kernel(kernel, left)
    if own.rate is not None:
        mean = own.sign * float(_exponential(abs(own.rate), np.zeros(1), d)[0])
    else:
        nodes, weights = gauss_nodes(2 * series.size + d + 32, d)
        mean = float(weights @ own(nodes))
    return mean * math.exp(min(own.log_scale - log_scale, 700.0))


def gauss_nodes(count: int, d: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Gegenbauer nodes, ascending, and weights that sum to 1, of ``<x,w>`` on S^{d-1}."""
    if d == 2:
        nodes = np.cos(math.pi * (np.arange(count, 0, -1) - 0.5) / count)
        return nodes, np.full(count, 1 / count)
    if d == 3:
        nodes, weights = np.polynomial.legendre.leggauss(count)
    else:
        nodes, weights = roots_gegenbauer(count, d / 2 - 1)
    return nodes, weights / weights.sum()


def zonal_table(nodes: FloatArray, size: int, d: int) -> FloatArray:
    """``P_l(u)`` with P_l(1) = 1 for the degrees l < size, shape (len(nodes), size)."""
    table = np.empty((size, nodes.size))
    table[0] = 1.0
    if size > 1:
        table[1] = nodes
    for l in range(1, size - 1):  # noqa: E741 - the degree's usual letter
        table[l + 1] = ((2 * l + d - 2) * nodes * table[l] - l * table[l - 1]) / (l + d - 2)
    return np.ascontiguousarray(table.T)


__all__ = [
    "Multipliers",
    "gauss_nodes",
    "harmonic_numbers",
    "multipliers",
    "zonal_table",
]
