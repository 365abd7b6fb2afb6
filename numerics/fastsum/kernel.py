"""Pair kernels as series: ``f(cos φ) = e^s Σ_k a_k cos kφ`` and ``f(g) = e^s Σ_l c_l P_l(g)``.

For ``f = e^{βg}`` the coefficients are Bessel functions, scaled so that no β overflows; any other
smooth kernel is expanded from its printed values (a cosine transform, Gauss–Legendre quadrature).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from scipy.fft import dct
from scipy.special import ive

from numerics.arguments import FloatArray
from numerics.compile import XP, printed_function
from theory.bounded import exponential_parts
from theory.symbols import z

MAX_MODES = 1 << 14
"""A kernel that needs more modes than this isn't smooth enough for a fast sum."""
MAX_ORDERS = 1 << 20
"""An exponential that needs more Bessel functions is as good as a point: β = 10¹⁰."""
_LAST = 1e-16  # coefficients after the last one above this, for a kernel of size 1, are dropped


@dataclass(frozen=True)
class ScaledKernel:
    """``f = e^log_scale · g`` with |g| at most about 1 on [-1, 1]; a call gives g.

    Attributes
    ----------
    log_scale : float
        The largest log|f| on [-1, 1].
    rate : float or None
        The rate r of an exponential ``± e^{rg + constant}``; None for another kernel.
    sign : float
        Its sign; 1 for another kernel.
    function : callable
        f at an array of inner products.
    """

    log_scale: float
    rate: float | None
    sign: float
    function: Callable[[FloatArray], FloatArray]

    def __call__(self, gram: FloatArray) -> FloatArray:
        """Evaluate g at inner products."""
        if self.rate is not None:
            return np.asarray(self.sign * np.exp(self.rate * gram - abs(self.rate)))
        return np.asarray(self.function(gram) * math.exp(-self.log_scale))

    @cached_property
    def cosine(self) -> FloatArray:
        """Coefficients a_k of g(cos φ), shape (K + 1,).

        Raises
        ------
        ValueError
            When more than ``MAX_MODES`` are needed.
        """
        if self.rate is not None:
            self._check_rate()
            orders = np.arange(_bessel_orders(self.rate))
            values = np.asarray(ive(orders, abs(self.rate)), dtype=np.float64)
            values[1:] *= 2
            return self.sign * _trim(_alternate(values, self.rate))
        count = 64
        while count <= 2 * MAX_MODES:
            nodes = np.cos(math.pi * (np.arange(count) + 0.5) / count)
            values = dct(self(nodes), type=2) / count
            values[0] /= 2
            if np.max(np.abs(values[count // 2 :])) < 10 * _LAST:
                return _trim(values[: count // 2])
            count *= 2
        raise ValueError(
            f"Expected a kernel with at most {MAX_MODES} modes but got modes={count // 2}; "
            "it isn't smooth enough on [-1, 1] for a fast sum, use compile_model."
        )

    def _check_rate(self) -> None:
        """Refuse an exponential that needs more than `MAX_ORDERS` Bessel functions."""
        if self.rate is not None and _bessel_orders(self.rate) > MAX_ORDERS:
            raise ValueError(
                f"Expected an exponential kernel with at most {MAX_ORDERS} modes but got "
                f"rate={self.rate:g}; use compile_model, or coarsen at so large a beta."
            )

    @cached_property
    def legendre(self) -> FloatArray:
        """Coefficients c_l of g in Legendre polynomials, shape (L + 1,)."""
        if self.rate is not None:
            self._check_rate()
            size = abs(self.rate)
            orders = np.arange(_bessel_orders(self.rate))
            values = np.zeros(orders.size)
            values[0] = 1.0
            if size > 0:
                values = (2 * orders + 1) * (
                    math.sqrt(math.pi / 2 / size) * ive(orders + 0.5, size)
                )
            return self.sign * _trim(_alternate(values, self.rate))
        degree = self.cosine.size - 1
        nodes, weights = np.polynomial.legendre.leggauss(degree + 1)
        vander = np.polynomial.legendre.legvander(nodes, degree)
        values = (np.arange(degree + 1) + 0.5) * ((weights * self(nodes)) @ vander)
        return _trim(values)


def _bessel_orders(rate: float) -> int:
    """Enough orders: e^{-r} I_k(r) falls like e^{-k²/2r} up to k ~ r and faster beyond."""
    return 40 + int(9 * math.sqrt(abs(rate)))


def _alternate(values: FloatArray, rate: float) -> FloatArray:
    """Coefficients of g(−z) for a negative rate."""
    if rate < 0:
        values[1::2] *= -1
    return values


def _trim(values: FloatArray) -> FloatArray:
    large = np.flatnonzero(np.abs(values) > _LAST)
    return np.array(values[: large[-1] + 1 if large.size else 1])


@lru_cache(maxsize=256)
def _printed(expr: Any, symbols: tuple[Any, ...]) -> Callable[..., Any]:
    return printed_function((z, *symbols, XP), expr)


@lru_cache(maxsize=64)
def scaled_kernel(expr: Any, values: tuple[tuple[Any, float], ...]) -> ScaledKernel:
    """Bind the parameters of a kernel and split off its scale.

    Parameters
    ----------
    expr : Expr
        f in ``theory.symbols.z`` and the parameters.
    values : tuple of (Symbol, float)
        The parameters.

    Raises
    ------
    ValueError
        For a kernel that isn't finite on [-1, 1].

    Examples
    --------
    >>> from sympy import exp
    >>> kernel = scaled_kernel(exp(3 * z), ())
    >>> kernel.log_scale, kernel.rate, round(float(kernel.cosine.sum()), 14)
    (3.0, 3.0, 1.0)
    """
    symbols = tuple(symbol for symbol, _ in values)
    numbers = [number for _, number in values]
    printed = _printed(expr, symbols)

    def function(gram: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            return np.asarray(printed(gram, *numbers, np) + np.zeros_like(gram))

    exponential = exponential_parts(expr)
    if exponential is not None:
        coefficient, rate = (float(part.subs(values)) for part in exponential)
        if math.isfinite(coefficient) and coefficient != 0 and math.isfinite(rate):
            scale = math.log(abs(coefficient)) + abs(rate)
            return ScaledKernel(scale, rate, math.copysign(1.0, coefficient), function)
    largest = float(np.max(np.abs(function(np.cos(np.linspace(0.0, math.pi, 1025))))))
    if not math.isfinite(largest):
        raise ValueError(
            f"Expected a kernel that is finite on [-1, 1] but got {expr} at {dict(values)}; "
            "use smaller parameters."
        )
    return ScaledKernel(math.log(largest) if largest > 0 else 0.0, None, 1.0, function)


__all__ = ["MAX_MODES", "ScaledKernel", "scaled_kernel"]
