"""Transport between points of S^{d−1}: exact plans, and projections onto directions.

Equal masses and numbers of points are an assignment (SciPy). Other masses are a network flow: POT
where it is installed, else SciPy's linear programme (HiGHS) for few points.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import eye_array, kron, vstack
from scipy.special import gammaln

from numerics import sphere
from numerics.arguments import FloatArray

MOST_PAIRS = 30_000_000
"""Pairs of points whose distances an exact plan holds in memory: 240 MB."""

MOST_IN_PROGRAMME = 20_000
"""Pairs of points that the linear programme is asked for without POT."""


def distances(a: FloatArray, b: FloatArray) -> FloatArray:
    """Geodesic distances of all pairs, shape (n, m)."""
    if a.shape[0] * b.shape[0] > MOST_PAIRS:
        raise ValueError(
            f"Expected at most {MOST_PAIRS} pairs of points but got {a.shape[0]} times "
            f'{b.shape[0]}; use fewer points, or method="sliced".'
        )
    return np.stack([sphere.geodesic_distance(row[None, :], b) for row in a])


def exact(
    a: FloatArray, b: FloatArray, masses_a: FloatArray, masses_b: FloatArray, p: float
) -> float:
    """W_p of two sets of weighted points, by the best plan."""
    apart = distances(a, b)
    # Powers of distances up to 1 keep their digits at every p.
    scale = float(apart.max()) or 1.0
    cost = (apart / scale) ** p
    alike = a.shape == b.shape and np.all(masses_a == masses_a[0])
    if alike and np.all(masses_b == masses_b[0]):
        total = float(masses_a[0] * cost[linear_sum_assignment(cost)].sum())
    else:
        total = _flow(cost, masses_a, masses_b)
    return float(scale * max(total, 0.0) ** (1 / p))


def _flow(cost: FloatArray, masses_a: FloatArray, masses_b: FloatArray) -> float:
    """Least cost of a plan between unequal masses."""
    mass = float(masses_a.sum())
    first, second = masses_a / mass, masses_b / mass
    try:
        ot: Any = importlib.import_module("ot")
    except ImportError:
        if cost.size > MOST_IN_PROGRAMME:
            raise ModuleNotFoundError(
                "Expected POT to be importable for unequal masses or sizes of this many points; "
                "install it with pip install 'attnflow[transport]', use fewer points, or "
                'method="sliced".'
            ) from None
        return mass * _programme(cost, first, second)
    second *= first.sum() / second.sum()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is in its log
        value, log = ot.emd2(first, second, cost, numItermax=100_000_000, log=True)
    if log["warning"] is not None:
        raise RuntimeError(
            f"Expected an optimal plan but got from POT: {log['warning']} "
            'Use fewer points, or method="sliced".'
        )
    return mass * float(value)


def _programme(cost: FloatArray, first: FloatArray, second: FloatArray) -> float:
    """Solve the transport problem as a linear programme; one constraint of it is redundant."""
    n, m = cost.shape
    rows = kron(eye_array(n), np.ones((1, m)))
    columns = kron(np.ones((1, n)), eye_array(m))
    constraints = vstack([rows, columns]).tocsr()[:-1]
    sums = np.concatenate([first, second])[:-1]
    # The simplex, not interior points: its vertices are exact to rounding.
    found = linprog(cost.ravel(), A_eq=constraints, b_eq=sums, method="highs-ds")
    if not found.success:
        raise RuntimeError(
            f"Expected an optimal plan but got from SciPy: {found.message} "
            "Install POT: pip install 'attnflow[transport]'."
        )
    return float(found.fun)


def sliced(
    a: FloatArray,
    b: FloatArray,
    masses_a: FloatArray,
    masses_b: FloatArray,
    p: float,
    directions: FloatArray,
) -> float:
    """Mean over directions of W_p of the projections onto them, over that of a unit chord."""
    d = a.shape[1]
    sums = [
        _on_a_line(a @ direction, b @ direction, masses_a, masses_b, p) for direction in directions
    ]
    # E |<e, θ>|^p for θ uniform on the sphere.
    share = np.exp(gammaln(d / 2) + gammaln((p + 1) / 2) - gammaln((d + p) / 2) - gammaln(0.5))
    return float((np.mean(sums) / share) ** (1 / p))


def _on_a_line(
    x: FloatArray, y: FloatArray, masses_x: FloatArray, masses_y: FloatArray, p: float
) -> float:
    """W_p^p on the line, by quantile functions."""
    by_x, by_y = np.argsort(x), np.argsort(y)
    levels_x, levels_y = np.cumsum(masses_x[by_x]), np.cumsum(masses_y[by_y])
    breaks = np.sort(np.concatenate([levels_x, levels_y * (levels_x[-1] / levels_y[-1])]))
    middle = breaks - np.diff(breaks, prepend=0.0) / 2
    at_x = np.minimum(np.searchsorted(levels_x, middle), x.size - 1)
    at_y = np.minimum(np.searchsorted(levels_y, middle), y.size - 1)
    gaps = np.abs(x[by_x][at_x] - y[by_y][at_y])
    return float(np.diff(breaks, prepend=0.0) @ gaps**p)
