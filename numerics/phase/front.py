"""The curve Γ of (6.12), where 1 − γ_β(t) = δ, and its correction at a finite dimension d.

Γ is the front of Figure 3 at d = ∞, where tokens start orthonormal. Uniform tokens start with
inner products of variance 1/d, which shift the front: `finite_size_front`, to order 1/d.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import cumulative_simpson

from numerics.arguments import FloatArray, as_float, check_model, check_number, check_whole, shown
from numerics.compile import compile_model
from numerics.equiangular import LARGEST_BETA, MOST_TOKENS, equiangular_time
from theory.models import SA, USA, Model

__all__ = ["finite_size_front", "gamma_front"]

_NODES = 401
"""Nodes in w = log(((n-1)γ+1)/(1-γ)) between γ = 0 and γ = 1 − δ."""
_SMALLEST_GAP = 1e-300
_MOST_PROBED = 2000
"""Tokens whose Gram matrix is perturbed: 401 matrices n × n are in memory, 13 GB at this n."""
_PROBE = 2e-3
"""Size of a perturbation of the Gram matrix, relative to 1 − γ: differences lose 1e-6 or so."""


def _checked(betas: ArrayLike, n: int, delta: float, model: Any) -> tuple[FloatArray, float, str]:
    """Temperatures (k,), delta, and the name of the model for the equiangular curves."""
    check_model(model)
    if model not in (SA, USA):
        raise ValueError(
            f"Expected SA or USA but got model={model.name}; the equiangular curves (6.9) and "
            "(6.10) are theirs."
        )
    values = np.atleast_1d(as_float(betas, "betas"))
    if values.ndim != 1 or not ((values >= 0).all() and (values <= LARGEST_BETA).all()):
        raise ValueError(
            f"Expected a one-dimensional array of finite numbers from 0 to {LARGEST_BETA:g} but "
            f"got betas={shown(betas)}; the statement is made for attraction."
        )
    check_whole(n, "n", 2, MOST_TOKENS)
    if isinstance(delta, bool):
        raise ValueError(f"Expected 0 < delta < 1 but got delta={delta!r}; the paper's is 1e-3.")
    gap = check_number(delta, "delta", "the paper's is 1e-3")
    if not _SMALLEST_GAP <= gap < 1:
        raise ValueError(
            f"Expected {_SMALLEST_GAP:g} <= delta < 1 but got delta={delta!r}; the paper's is 1e-3."
        )
    return values, gap, SA.name if model == SA else USA.name


def gamma_front(betas: ArrayLike, n: int, delta: float = 1e-3, model: Model = SA) -> FloatArray:
    """Give the times at which orthonormal tokens reach the inner product 1 − δ: Γ of (6.12).

    The printed Figure 3 shows another curve, which starts late and ends almost half a unit of β
    low at n = 32, δ = 1e-3 (erratum); this is the level set itself.

    Parameters
    ----------
    betas : (k,) array_like
        Inverse temperatures ≥ 0.
    n : int
        Number of tokens.
    delta : float
        The number δ in (0, 1).
    model : Model
        `theory.SA` or `theory.USA`.

    Returns
    -------
    (k,) ndarray
        Times T(1 − δ), increasing in β for SA, as e^β/(2n): infinite where that is no double,
        beyond β ≈ 710. `numerics.equiangular.equiangular_time` gives logarithms.

    Raises
    ------
    TypeError, ValueError
        For another model, and for arguments out of range.

    Examples
    --------
    >>> float(gamma_front([0.0], n=32)[0].round(4))  # log(n/δ - n + 1)/2
    5.1863
    """
    values, gap, name = _checked(betas, n, delta, model)
    return np.array([float(equiangular_time(beta=b, n=n, model=name, gap=gap)) for b in values])


def finite_size_front(
    betas: ArrayLike, n: int, d: int, delta: float = 1e-3, model: Model = SA
) -> FloatArray:
    """Correct Γ for uniform tokens in d dimensions, to order 1/d.

    The mean γ̄ of the inner products serves as clock. Around an equiangular Gram matrix the flow
    splits its perturbations, by the symmetry under permutations of the tokens, into the mean, n − 1
    modes (u_i + u_j) and n(n−3)/2 modes without row sums. At the start all have variance 1/d; the
    last two grow at rates λ(γ) of their own and bend the mean,

        dγ̄/dt = f(γ̄) + ½ Σ_c dim_c Var_c(γ̄) q_c(γ̄),    d log Var_c / dγ̄ = 2 λ_c / f,

    q_c being the second derivative of the mean velocity along a unit mode. f, λ and q are
    differences of the model's compiled velocity.

    Parameters
    ----------
    betas : array_like, shape (k,)
        As in `gamma_front`.
    n : int
        As in `gamma_front`.
    d : int
        Dimension, ≥ n.
    delta : float
        As in `gamma_front`.
    model : Model
        As in `gamma_front`.

    Returns
    -------
    (k,) ndarray
        Times at which γ̄ reaches 1 − δ, for the median start (γ̄ = 0). The expansion needs
        β² ≪ d: NaN where the correction stops the mean, so that order 1/d says nothing, or where
        numbers end.

    Raises
    ------
    TypeError, ValueError
        As `gamma_front`, and if d < n, where the tokens are far from orthogonal.

    Notes
    -----
    The derivation is this toolkit's, an extension of the paper's (6.12). Measured at n = 32,
    δ = 1e-3 (48 starts, front at 1/2): β = 7, d = 1024: Γ 32.23, corrected 31.29, measured 31.28;
    β = 6, d = 128: 16.00, 14.41, 14.63. At d = n it overshoots for β > 4.

    Examples
    --------
    >>> shift = finite_size_front([1.0], 8, 800) - gamma_front([1.0], 8)
    >>> abs(float(shift[0])) < 0.05
    True
    """
    limit = gamma_front(betas, n, delta, model)
    check_whole(d, "d", 1, MOST_TOKENS)
    if d < n:
        raise ValueError(
            f"Expected d >= n but got d={d}, n={n}; below, tokens are not nearly orthogonal and "
            "Γ is no guide."
        )
    if n > _MOST_PROBED:
        raise ValueError(
            f"Expected n <= {_MOST_PROBED} for the correction but got n={n}, whose Gram matrices "
            "would fill the memory; gamma_front takes any n."
        )
    values, start, _ = _checked(betas, n, delta, model)
    top = np.log(n / start - (n - 1))
    w = np.linspace(0.0, top, _NODES)
    gap = n / (np.expm1(w) + n)
    shifts = np.empty_like(limit)
    with np.errstate(all="ignore"):  # what overflows becomes NaN
        for k, beta in enumerate(values):
            speed, rates, bends = _modes(model, float(beta), n, gap)
            # dγ = (1 − γ)((n−1)γ + 1)/n dw
            step = gap * ((n - 1) * (1 - gap) + 1) / n
            bend = np.zeros_like(gap)
            for dimension, rate, second in zip(
                (n - 1, n * (n - 3) // 2), rates, bends, strict=True
            ):
                if dimension > 0:
                    growth = cumulative_simpson(2 * rate * step / speed, x=w, initial=0.0)
                    bend += 0.5 * dimension * np.exp(growth) / d * second
            corrected = speed + bend
            difference = step * (1 / corrected - 1 / speed)
            total = cumulative_simpson(difference, x=w, initial=0.0)[-1]
            shifts[k] = total if np.all((corrected > 0) & (corrected < np.inf)) else np.nan
    return np.asarray(limit + shifts)


def _modes(
    model: Model, beta: float, n: int, gap: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean velocity (k,), and rates and second derivatives (2, k) of the two kinds of modes."""
    field = compile_model(model, beta=beta)
    off = ~np.eye(n, dtype=bool)
    u = np.zeros(n)
    u[:2] = 1.0, -1.0
    shapes = np.zeros((2, n, n))
    shapes[0] = np.add.outer(u, u) * off
    if n > 3:
        for i, j, sign in ((0, 1, 1), (2, 3, 1), (0, 2, -1), (1, 3, -1)):
            shapes[1, i, j] = shapes[1, j, i] = sign
    for shape in shapes:  # unit length over the pairs i < j
        length = np.sqrt(np.sum(shape**2) / 2)
        shape /= length if length > 0 else 1.0
    base = (1 - gap)[:, None, None] * np.ones((n, n)) + gap[:, None, None] * np.eye(n)

    def gram_velocity(gram: FloatArray) -> FloatArray:
        try:
            x = np.linalg.cholesky(gram)
        except np.linalg.LinAlgError:  # the gap is below rounding: no answer
            return np.full_like(gram, np.nan)
        v = field.unchecked(x) @ x.mT
        return np.asarray(v + v.mT)

    size = _PROBE * gap[:, None, None]
    middle = gram_velocity(base)
    rates, bends = np.zeros((2, 2, gap.size))
    for c, shape in enumerate(shapes):
        if not shape.any():
            continue
        above, below = gram_velocity(base + size * shape), gram_velocity(base - size * shape)
        slope = (above - below) / (2 * size)
        rates[c] = np.sum(slope * shape, axis=(-2, -1)) / 2
        second = (above - 2 * middle + below) / size**2
        bends[c] = np.mean(second[:, off], axis=-1)
    return np.mean(middle[:, off], axis=-1), rates, bends
