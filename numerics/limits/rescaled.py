"""Attention on R^d to its limit: (9.1) in the coordinates y = e^{-σt} x, read as z of (9.3).

σ is the growth rate of e^{tV}, so that y stays bounded and no exponent overflows; e^{2σt} enters
the scores alone, whose softmax is stable. Where e^{tV} doesn't grow, σ = 0 and y = x.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import LSODA
from scipy.linalg import expm
from scipy.special import softmax

from numerics.arguments import (
    FloatArray,
    as_float,
    check_finite,
    check_model,
    check_number,
    check_order,
    shown,
)
from numerics.compile import compile_model
from numerics.limits.splitting import Splitting, splitting
from numerics.records import Result
from theory.models import PURE_ATTENTION, Model, scaled_down

ONE_HOT = 1e-12
"""Weight beside the largest of a row, below which the row counts as one-hot."""

STILL = 1e-9
"""Speed of a leading part, relative to |V| times the extent at the start, that counts as rest."""

GROWTHS = 40.0
"""Default horizon where e^{tV} grows: σt."""

LONG = 1e5
"""Default horizon where it doesn't: t times the norm of V."""

_RTOL, _ATOL = 1e-9, 1e-13
_MOST_EVALUATIONS = 60_000
_FAR = 1e12
_SHORT = 1e-12


class LimitStatus(Enum):
    """Why a run ended."""

    ONE_HOT = "one-hot"
    AT_REST = "at rest"
    HORIZON = "horizon"
    ESCAPED = "escaped"
    STOPPED = "stopped"

    @property
    def message(self) -> str:
        """What it means, and what may be done."""
        return {
            LimitStatus.ONE_HOT: "Every row of weights is one-hot to 1e-12, and the leading parts "
            "have come to rest.",
            LimitStatus.AT_REST: "The leading parts have come to rest before the weights are "
            "one-hot: tokens that coincide, or scores that don't grow.",
            LimitStatus.HORIZON: "The end time was reached before the leading parts came to rest; "
            "raise t_end.",
            LimitStatus.ESCAPED: "Tokens grow faster than e^(tV) does, beyond 1e12 times their "
            "size at the start: scores that favour opposite tokens turn -V into growth.",
            LimitStatus.STOPPED: "The solver evaluated the velocity too often or failed: scores "
            "change fast where tokens slide along a tie or switch at each turn; lower t_end.",
        }[self]

    @property
    def settled(self) -> bool:
        """Whether the leading parts have come to rest."""
        return self in (LimitStatus.ONE_HOT, LimitStatus.AT_REST)


@dataclass(frozen=True, eq=False)
class RescaledRun(Result):
    """A run of (9.1), in coordinates that stay bounded.

    Parameters
    ----------
    times : ndarray, shape (steps,)
        Times, ascending.
    scaled : ndarray, shape (steps, n, d)
        Positions y = e^{-σt} x in the coordinates of `parts`: F first, then G.
    growth : float
        The rate σ: the largest real part of an eigenvalue of V, or 0 if that is negative.
    parts : Splitting
        F and G.
    status : LimitStatus
        How it ended.
    off_one_hot : float
        Largest weight beside the largest of its row, at the end.
    motion : float
        Largest speed of a leading part at the end, relative to |V| times the extent at the start.
    """

    times: FloatArray
    scaled: FloatArray
    growth: float
    parts: Splitting
    status: LimitStatus
    off_one_hot: float
    motion: float

    @cached_property
    def leading(self) -> FloatArray:
        """Parts along F of z, shape (steps, n, dim F); without growth all of x, (steps, n, d)."""
        if self.growth == 0:
            return np.asarray(self.scaled @ self.parts.basis.T)
        heads = self.scaled[..., : self.parts.size]
        return self.parts.turned_back(heads, self.times, self.growth)

    @property
    def x(self) -> FloatArray:
        """Tokens of (9.1), shape (steps, n, d); infinite where they are no numbers."""
        with np.errstate(over="ignore", invalid="ignore"):
            size = np.exp(self.growth * self.times)[:, None, None]
            return np.asarray((self.scaled * size) @ self.parts.basis.T)

    def z_at(self, step: int) -> FloatArray:
        """Return the tokens of (9.3) at a step, shape (n, d).

        Along G the digits are those of y relative to the largest coordinate, times
        e^{-t(V - σ)}; late they are lost where V on G falls behind far.

        Parameters
        ----------
        step : int
            Which step, from 0.

        Returns
        -------
        ndarray
            The tokens, shape (n, d).
        """
        shift = self.parts.block - self.growth * np.eye(len(self.parts.block))
        with np.errstate(over="ignore", invalid="ignore"):
            turned = self.scaled[step] @ expm(-self.times[step] * shift).T
            return np.asarray(turned @ self.parts.basis.T)

    @property
    def z(self) -> FloatArray:
        """Tokens of (9.3) at all steps, shape (steps, n, d); see `z_at`."""
        return np.array([self.z_at(step) for step in range(len(self.times))])


def checked_matrices(
    points: ArrayLike, Q: ArrayLike, K: ArrayLike, V: ArrayLike, beta: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, float]:
    """Validate tokens of R^d, matrices and temperature; return them as floats.

    Raises
    ------
    TypeError, ValueError
        For n < 2, d < 2, shapes that don't fit, complex or infinite entries, β < 0.
    """
    start = as_float(points, "points")
    if start.ndim != 2 or start.shape[0] < 2 or start.shape[1] < 2:
        raise ValueError(
            f"Expected points of shape (n, d) with n >= 2 and d >= 2 but got points.shape="
            f"{start.shape}; give one token a row."
        )
    d = start.shape[1]
    given = {"Q": as_float(Q, "Q"), "K": as_float(K, "K"), "V": as_float(V, "V")}
    values = given["V"]
    if values.shape != (d, d):
        raise ValueError(
            f"Expected V of shape ({d}, {d}) but got V.shape={values.shape}; the tokens have d = "
            f"{d} coordinates, and V is square."
        )
    for name in "QK":
        if given[name].ndim != 2 or given[name].shape[1] != d or not len(given[name]):
            raise ValueError(
                f"Expected {name} of shape (k, {d}) but got {name}.shape={given[name].shape}; one "
                "column a coordinate of a token."
            )
    if len(given["Q"]) != len(given["K"]):
        raise ValueError(
            f"Expected Q and K with as many rows but got Q.shape={given['Q'].shape} and "
            f"K.shape={given['K'].shape}; give both shape (k, {d})."
        )
    for name, array in {"points": start, **given}.items():
        check_finite(array, name)
    heat = check_number(beta, "beta", "give a number >= 0")
    if heat < 0:
        raise ValueError(f"Expected beta >= 0 but got beta={shown(beta)}; put the sign into Q.")
    return start, given["Q"], given["K"], values, heat


def check_flow(model: Model) -> None:
    """Validate a model: a flow on R^d with the parameters beta, Q, K and V."""
    check_model(model, "leave it out for (9.1)")
    names = {str(parameter) for parameter in model.parameters}
    if model.space != "euclidean" or model.kind != "flow" or names != {"beta", "Q", "K", "V"}:
        raise ValueError(
            "Expected a flow on R^d with the parameters beta, Q, K, V but got "
            f"model={model.name}; leave it out for (9.1)."
        )


def rescaled_run(
    points: ArrayLike,
    Q: ArrayLike,
    K: ArrayLike,
    V: ArrayLike,
    beta: float = 1.0,
    t_end: float | None = None,
    *,
    to_rest: bool = True,
    model: Model = PURE_ATTENTION,
) -> RescaledRun:
    """Follow attention on R^d until its weights are one-hot and its leading parts at rest.

    Parameters
    ----------
    points : array_like, shape (n, d)
        Tokens at the start, anywhere in R^d; n >= 2 and d >= 2.
    Q, K : array_like, shape (k, d)
        Query and key matrices.
    V : array_like, shape (d, d)
        Value matrix; it may be singular.
    beta : float
        Inverse temperature, >= 0.
    t_end : float, optional
        Time at which the run ends at the latest; by default σt = 40, or t·|V| = 1e5 where e^{tV}
        doesn't grow.
    to_rest : bool
        Whether to stop at rest; otherwise the run goes on to t_end.
    model : Model
        A flow on R^d with the parameters beta, Q, K, V; (9.1) by default. One-hot is said of the
        weights of (9.1) in any case.

    Returns
    -------
    RescaledRun
        All accepted steps of LSODA, with a status that says why it ended.

    Raises
    ------
    TypeError, ValueError
        For arguments that are not as described.

    References
    ----------
    arXiv 2312.10794, (9.1)-(9.3).

    Examples
    --------
    >>> eye = np.eye(2)
    >>> run = rescaled_run([[1, 0], [-0.5, 0.8], [0.2, 0.1]], eye, eye, eye)
    >>> run.status.name, bool(run.off_one_hot < 1e-12)
    ('ONE_HOT', True)
    >>> np.round(run.z[-1], 6).tolist()
    [[0.804698, 0.06118], [-0.311486, 0.663643], [0.804698, 0.06118]]
    """
    check_order("rescaled_run(points, Q, K, V, model=...)", points, model)
    start, query, key, value, heat = checked_matrices(points, Q, K, V, beta)
    check_flow(model)
    if not isinstance(to_rest, bool | np.bool_):
        raise TypeError(f"Expected True or False but got to_rest={shown(to_rest)}; leave it out.")
    n, d = start.shape
    parts = splitting(value)
    growth = parts.rate if parts.rate > 1e-12 * max(parts.norm, 1e-300) else 0.0
    horizon = GROWTHS / growth if growth else LONG / max(parts.norm, 1e-300)
    if t_end is not None:
        horizon = check_number(t_end, "t_end", "give a finite end time")
        if horizon < _SHORT:
            raise ValueError(
                f"Expected t_end >= {_SHORT:g} but got t_end={shown(t_end)}; time runs forward."
            )
    y = start @ parts.inverse.T
    query, key = query @ parts.basis, key @ parts.basis
    field = compile_model(
        scaled_down(model), beta=heat, sigma=growth, Q=query, K=key, V=parts.block
    )
    head = parts.size if growth else d
    # the extent of what is to come to rest
    extent = float(np.linalg.norm(y[:, :head] - y[:, :head].mean(axis=0), axis=1).max())
    size = extent or float(np.abs(y).max()) or 1.0
    form = heat * query.T @ key
    # what moves y while z stands still
    turning = parts.head - growth * np.eye(head) if growth else np.zeros((d, d))

    def watched(time: float, state: FloatArray) -> tuple[float, float]:
        """Weight beside the largest of a row, and speed; the largest of each."""
        with np.errstate(over="ignore"):
            grown = np.exp(2 * growth * time)
        scores = grown * (state @ form @ state.T)
        weights = softmax(scores, axis=1)
        drawn = field.unchecked(state, time)[:, :head] - state[:, :head] @ turning.T
        away = float(np.linalg.norm(drawn, axis=1).max()) / (size * max(parts.norm, 1e-300))
        return float(np.sort(weights, axis=1)[:, :-1].sum(axis=1).max()), away

    def velocity(time: float, flat: FloatArray) -> FloatArray:
        return np.asarray(field.unchecked(flat.reshape(n, d), time)).ravel()

    times, states = [0.0], [y]
    off, motion = watched(0.0, y)
    status = LimitStatus.HORIZON
    if growth and 2 * growth * horizon > 700:
        raise ValueError(
            f"Expected an end time with 2σt <= 700 but got t_end={shown(t_end)}, σ={growth:g}; "
            f"give at most {350 / growth:g}."
        )
    solver = LSODA(velocity, 0.0, y.ravel(), horizon, rtol=_RTOL, atol=_ATOL * size)
    while np.abs(y).max() < _FAR * size:
        if to_rest and motion <= STILL:
            status = LimitStatus.ONE_HOT if off <= ONE_HOT else LimitStatus.AT_REST
            if status is LimitStatus.ONE_HOT or not growth or solver.t >= horizon / 2:
                break
        if solver.status != "running":
            break
        solver.step()
        if solver.status == "failed" or solver.nfev > _MOST_EVALUATIONS:
            status = LimitStatus.STOPPED
            break
        y = np.array(solver.y).reshape(n, d)
        times.append(float(solver.t))
        states.append(y)
        off, motion = watched(float(solver.t), y)
    else:
        status = LimitStatus.ESCAPED
    return RescaledRun(np.array(times), np.array(states), growth, parts, status, off, motion)
