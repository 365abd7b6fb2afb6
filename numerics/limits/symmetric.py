"""Row 2's third level: tokens a, -a and 0, whose symmetry (9.1) keeps.

Tokens whose leading coordinate is 0 leave it at the least push, so that rounding destroys this
level. Here the symmetry is imposed: one token is followed, the others are its mirror image and 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from numerics.arguments import FloatArray, check_number, shown
from numerics.compile import compile_model
from numerics.limits.rescaled import check_flow, checked_matrices
from numerics.limits.splitting import splitting
from theory.models import PURE_ATTENTION, Model

GROWN = 4.0
"""Horizon: λt, at which scores have grown by e^{8}."""


@dataclass(frozen=True)
class SymmetricLevels:
    """Where tokens a, -a, 0 of (9.3) end along φ_1.

    Attributes
    ----------
    levels : ndarray, shape (3,)
        Dual coordinates at the end, relative to that of a at the start.
    motion : float
        How far the first has moved over the last tenth of the time, relative to the start.
    broken : float
        Largest distance of the velocity from the symmetry, relative to it: rounding, unless the
        flow hasn't got the symmetry.
    """

    levels: FloatArray
    motion: float
    broken: float


def symmetric_levels(
    Q: ArrayLike,
    K: ArrayLike,
    V: ArrayLike,
    beta: float = 1.0,
    *,
    score: float = 9.0,
    model: Model = PURE_ATTENTION,
) -> SymmetricLevels:
    """Follow the tokens a, -a, 0, a along φ_1, to λt = 4, and return their levels.

    Parameters
    ----------
    Q, K : array_like, shape (k, d)
    V : array_like, shape (d, d)
        With a simple eigenvalue λ > 0 of largest real part, of the unit eigenvector φ_1.
    beta : float
    score : float
        β <Qa, Ka> > 0 at the start, which sets the length of a; the level is kept where it is
        large.
    model : Model
        A flow on R^d with the parameters beta, Q, K, V; (9.1) by default.

    Raises
    ------
    TypeError, ValueError
        For matrices that are not as described, <Qφ_1, Kφ_1> <= 0, or a score <= 0.

    Examples
    --------
    >>> eye = np.eye(2)
    >>> found = symmetric_levels(eye, eye, np.diag([1.0, -1.0]))
    >>> np.round(found.levels, 3) + 0.0
    array([ 1., -1.,  0.])
    """
    size = np.asarray(V).shape[-1] if np.ndim(V) else 0
    _, query, key, value, heat = checked_matrices(np.zeros((3, size)), Q, K, V, beta)
    check_flow(model)
    parts = splitting(value)
    along, dual = parts.basis[:, 0], parts.inverse[0]
    own = heat * float((query @ along) @ (key @ along))
    if parts.size != 1 or parts.rate <= 0 or own <= 0:
        raise ValueError(
            "Expected V with a simple eigenvalue λ > 0 of largest real part, and β <Qφ_1, Kφ_1> > "
            f"0, but got λ={parts.rate:.4g} of multiplicity {parts.size}, β <Qφ_1, Kφ_1>="
            f"{own:.4g}; use limit_shape."
        )
    wanted = check_number(score, "score", "9 is usual")
    if wanted <= 0:
        raise ValueError(f"Expected score > 0 but got score={shown(score)}; 9 is usual.")
    row = np.sqrt(wanted / own) * along
    first = float(dual @ row)
    field = compile_model(model, beta=heat, Q=query, K=key, V=value)
    broken = 0.0

    def moved(time: float, state: FloatArray) -> FloatArray:
        nonlocal broken
        velocity = field.unchecked(np.stack([state, -state, 0 * state]), time)
        size = max(float(np.abs(velocity).max()), np.finfo(float).tiny)
        off = max(np.abs(velocity[0] + velocity[1]).max(), np.abs(velocity[2]).max())
        broken = max(broken, float(off) / size)
        return np.asarray(velocity[0])

    end = GROWN / parts.rate
    run = solve_ivp(
        moved,
        (0.0, end),
        row,
        rtol=1e-9,
        atol=1e-12 * float(np.abs(row).max()),
        t_eval=[0.9 * end, end],
    )
    ends = dual @ run.y * np.exp(-parts.rate * run.t) / first
    levels = np.array([ends[-1], -ends[-1], 0.0])
    return SymmetricLevels(levels, float(abs(ends[-1] - ends[0])), broken)
