"""Maxima of the density of tokens on the circle, smoothed by the kernel that they attract with.

``(h*μ)(θ) = Σ_j m_j e^{β(cos(θ-θ_j) - 1)}``: tokens of SA and USA climb it, so that each maximum
gathers those between its two minima. Counting maxima needs no distance to be chosen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ive

from numerics import sphere
from numerics.arguments import as_number, shown

_PER_MODE = 16  # places to look at a wave of the highest frequency
_RUNS = 1 << 22  # numbers of the powers that are held at once


def density_maxima(points: ArrayLike, beta: float) -> NDArray[np.int64]:
    """Count the local maxima of the smoothed density of equal tokens on the circle.

    Parameters
    ----------
    points : array_like, shape (..., n, 2)
        Unit rows.
    beta : float
        Inverse temperature of the kernel, > 0.

    Returns
    -------
    int array, shape (...)
        Number of maxima, shape (...).

    Raises
    ------
    TypeError, ValueError
        For points off the circle, or β out of range.

    Notes
    -----
    The density is summed by Fourier modes to rounding and looked at in 16 places a wave of the
    highest mode: two maxima nearer than that count as one.

    Examples
    --------
    >>> import numpy as np
    >>> turns = 2 * np.pi * np.arange(5) / 5
    >>> int(density_maxima(np.stack([np.cos(turns), np.sin(turns)], axis=1), 25.0))
    5
    """
    x = sphere.check_points(points)
    if x.shape[-1] != 2:
        raise ValueError(
            f"Expected points on the circle but got points.shape={x.shape}; the density is of one "
            "angle."
        )
    hot = as_number(beta, "beta", "give β > 0")
    if not 0 < hot <= 1e6:
        raise ValueError(f"Expected 0 < β <= 1e6 but got beta={shown(beta)}; give such a number.")
    modes = np.arange(int(8 + 9 * np.sqrt(hot) + 20 / np.sqrt(hot)))
    weights = ive(modes, hot)
    modes = modes[weights > 1e-17 * weights[0]][1:]
    flat = np.arctan2(x[..., 1], x[..., 0]).reshape(-1, x.shape[-2])
    counts = np.empty(flat.shape[0], dtype=np.int64)
    size = 1 << int(np.ceil(np.log2(_PER_MODE * (modes.size + 1))))
    together = max(1, _RUNS // (flat.shape[1] * modes.size))
    for start in range(0, flat.shape[0], together):
        angles = flat[start : start + together]
        series = np.zeros((angles.shape[0], size // 2 + 1), dtype=complex)
        power = np.exp(1j * angles[..., None] * modes)
        series[:, modes] = weights[modes] * power.sum(axis=1).conj()
        density = np.fft.irfft(series, n=size, axis=-1)
        # A constant density has none; ties along a flat top count once.
        rises = np.roll(density, 1, axis=-1) < density
        falls = density >= np.roll(density, -1, axis=-1)
        counts[start : start + together] = np.sum(rises & falls, axis=-1)
    return counts.reshape(x.shape[:-2])
