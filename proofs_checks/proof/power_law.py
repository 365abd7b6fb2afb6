"""Fit an exponent with its standard error: how experiments say that an error decays like d^{-1}."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

SIGMAS = 4.0
"""Standard errors that a fitted exponent may be off."""
BIAS = 0.1
"""Allowance for the next order, which bends the law at finite sizes."""


@dataclass(frozen=True)
class PowerLaw:
    """A fit ``y ~ factor x^exponent``.

    Attributes
    ----------
    exponent : float
    error : float
        Its standard error, from the scatter of the samples; that the law bends isn't part of it.
    """

    exponent: float
    error: float

    def margin(self, expected: float) -> float:
        """How far the exponent is from failing, in units of the tolerance; negative: it fails."""
        return 1 - abs(self.exponent - expected) / (SIGMAS * self.error + BIAS)

    def __str__(self) -> str:
        """Exponent with error."""
        return f"{self.exponent:.3f} ± {self.error:.3f}"


def fit_power_law(sizes: ArrayLike, samples: ArrayLike) -> PowerLaw:
    """Fit the exponent by weighted least squares on logarithms.

    Parameters
    ----------
    sizes : array_like, shape (k,)
        The positive x.
    samples : array_like, shape (k, runs)
        Independent positive y, several for each x; the mean of their logarithms is fitted.

    Returns
    -------
    PowerLaw

    Raises
    ------
    ValueError
        If there are fewer than 3 sizes or 2 runs, or a value isn't positive.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(4, 50))
    >>> x = np.array([10, 20, 40, 80])
    >>> fit = fit_power_law(x, np.exp(0.1 * noise) / x[:, None])
    >>> abs(fit.exponent + 1) < 4 * fit.error < 0.1
    True
    """
    x, y = np.asarray(sizes, dtype=float), np.asarray(samples, dtype=float)
    if y.ndim != 2 or len(x) != len(y) or len(x) < 3 or y.shape[1] < 2:
        raise ValueError(
            f"Expected samples of shape (at least 3 sizes, at least 2 runs) but got "
            f"samples.shape={y.shape} for {x.size} sizes; draw more."
        )
    if not (np.all(x > 0) and np.all(y > 0)):
        raise ValueError(
            "Expected positive sizes and samples but got others; a power law has none."
        )
    logs, x = np.log(y), np.log(x)
    means = logs.mean(axis=1)
    errors = np.maximum(logs.std(axis=1, ddof=1) / np.sqrt(y.shape[1]), 1e-12)
    weights = errors**-2
    centred = x - (weights @ x) / weights.sum()
    spread = float(weights @ centred**2)
    slope = float((weights * centred) @ means) / spread
    return PowerLaw(slope, spread**-0.5)


__all__ = ["BIAS", "SIGMAS", "PowerLaw", "fit_power_law"]
