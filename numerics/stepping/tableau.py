"""The pairs of Dormand and Prince as SciPy tabulates them, in the one form that both loops read.

Order 8(5,3) for single runs, 5(4) for ensembles, whose many output times its extension serves
without evaluations of its own. Neither does for both: with 32 tokens and 61 times 8(5,3) takes 1.1
to 1.9 times as long, and single runs at 1e-10 and 1e-12 take 5(4) 1.6 to 2.3 times as long.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.integrate import DOP853, RK45

from numerics.arguments import FloatArray


class Tableau(NamedTuple):
    """Numbers of an embedded pair with a continuous extension.

    Stage s is the velocity at x + h Σ_r a[s, r] k_r and the time t + c[s] h. Stage `stages` lies at
    the end of the step, the later ones serve the extension alone.

    Attributes
    ----------
    stages : int
        Evaluations of a step; the last is the first of the next step.
    a : ndarray
        Shape (all stages, all stages), strictly lower triangular.
    c : ndarray
        Shape (all stages,).
    five, three : ndarray
        Shape (stages + 1,): weights of the error estimates of the two lower orders. The second is
        0 where there is but one.
    exponent : float
        −1 over the order of the error of a step.
    dense : ndarray
        Shape (q, all stages): coefficients of the extension,
        x + h Σ_p b_p(θ) Σ_s dense[p, s] k_s with b = θ, θ(1−θ), θ²(1−θ), θ²(1−θ)², …
    checked : bool
        Whether the extension has to be measured by its defect: where steps are as long as
        stability allows, one of high order is off by a hundred tolerances.
    """

    stages: int
    a: FloatArray
    c: FloatArray
    five: FloatArray
    three: FloatArray
    exponent: float
    dense: FloatArray
    checked: bool


def _eight() -> Tableau:
    """DOP853; its extension is Hairer's, built from the two ends and four more rows."""
    stages, more = int(DOP853.n_stages), len(DOP853.C_EXTRA)
    total = stages + 1 + more
    a, c = np.zeros((total, total)), np.ones(total)
    a[:stages, :stages], a[stages, :stages] = DOP853.A, DOP853.B
    a[stages + 1 :] = DOP853.A_EXTRA
    c[:stages], c[stages + 1 :] = DOP853.C, DOP853.C_EXTRA
    dense = np.zeros((3 + len(DOP853.D), total))
    dense[0] = a[stages]
    dense[1] = np.eye(total)[0] - a[stages]
    dense[2] = 2 * a[stages] - np.eye(total)[0] - np.eye(total)[stages]
    dense[3:] = DOP853.D
    five, three = np.array(DOP853.E5), np.array(DOP853.E3)
    return Tableau(stages, a, c, five, three, -1.0 / 8.0, dense, True)


def _five() -> Tableau:
    """RK45; its extension in powers of θ is turned into the common basis."""
    stages = int(RK45.n_stages)
    a, c = np.zeros((stages + 1, stages + 1)), np.ones(stages + 1)
    a[:stages, : stages - 1], a[stages, :stages] = RK45.A, RK45.B
    c[:stages] = RK45.C
    powers = RK45.P.shape[1]
    basis = np.array(
        [_basis(p).coef[1:].tolist() + [0.0] * (powers - p - 1) for p in range(powers)]
    )
    dense = np.linalg.solve(basis.T, RK45.P.T)
    five = np.array(RK45.E)
    return Tableau(stages, a, c, five, np.zeros_like(five), -1.0 / 5.0, dense, False)


def _basis(p: int) -> np.polynomial.Polynomial:
    """b_p as a polynomial in θ."""
    theta = np.polynomial.Polynomial([0.0, 1.0])
    return theta ** (p // 2 + 1) * (1 - theta) ** ((p + 1) // 2)


EIGHT, FIVE = _eight(), _five()
