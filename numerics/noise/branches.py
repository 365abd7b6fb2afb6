"""The ordered branch: stationary states followed from the uniform one through folds.

Pseudo-arclength continuation in the moments m_l and the noise: the state is the unknown (m, κ), a
predictor goes along the tangent and Newton's method back across it, so that a fold, where κ turns,
is a point like any other. Each state gets its stability and, where there is one, its free energy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from numerics.arguments import FloatArray, check_number
from numerics.noise.drives import Drive, drive_of
from numerics.noise.stationary import StationaryState, state_at
from numerics.records import Result
from theory.models import USA, Model

_FIRST, _LONGEST, _SHORTEST = 1e-3, 0.05, 1e-7
"""Steps of the arclength: the first one, and their bounds."""
_LEAST = 0.01
"""Noise, in units of the threshold, down to which states are computed."""
_FAR = 50.0
"""A step to a noise e^50 times the threshold, or as much below, is none of the branch."""
_NEWTON, _EXACT = 12, 1e-13
"""Iterations at most, and the residual at which they end."""


@dataclass(frozen=True, eq=False)
class Branch(Result):
    """The uniform state and the ordered branch that leaves it.

    Parameters
    ----------
    states : tuple of StationaryState
        Along the branch: the first next to the uniform state, the last at the least noise.
    kappa_uniform : float
        Noise below which the uniform state is unstable.
    degree : int
        Of the mode to which it is; 1 for SA and USA.
    """

    states: tuple[StationaryState, ...]
    kappa_uniform: float
    degree: int

    @property
    def kappas(self) -> FloatArray:
        """Noise along the branch, shape (states,)."""
        return np.array([state.kappa for state in self.states])

    @property
    def order(self) -> FloatArray:
        """``|m_l|`` of the degree to which the uniform state is unstable, shape (states,)."""
        return np.array([abs(float(state.moments[self.degree])) for state in self.states])

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Which states are stable, shape (states,)."""
        return np.array([state.stable for state in self.states])

    @property
    def free_energy(self) -> FloatArray | None:
        """Free energies above the uniform state's, shape (states,); None without one."""
        values = [state.free_energy for state in self.states]
        return None if None in values else np.array(values, dtype=float)


@dataclass(frozen=True, eq=False)
class Place:
    """A point of the branch, (m_1, …, m_L, log level), and the tangent there.

    The level is the noise in the drive's unit.
    """

    drive: Drive
    point: FloatArray
    tangent: FloatArray

    @property
    def level(self) -> float:
        """Noise in the unit."""
        return math.exp(self.point[-1])

    @property
    def moments(self) -> FloatArray:
        """All moments, degree 0 first."""
        return np.concatenate([[1.0], self.point[:-1]])

    @property
    def free_energy(self) -> float:
        """Free energy above the uniform state's, in the unit; NaN without one."""
        value = self.drive.free_energy(self.moments, self.level)
        return math.nan if value is None else value

    def moved(self, step: float) -> Place | None:
        """Return the point of the branch a step along the tangent, or None where Newton fails."""
        drive, point = self.drive, self.point + step * self.tangent
        while True:
            found = _corrected(drive, point, self.tangent)
            if found is None:
                return None
            point, jacobian = found
            moments = np.concatenate([[1.0], point[:-1]])
            if drive.is_resolved(moments, math.exp(point[-1])):
                break
            drive = drive.refined()
        return Place(drive, point, _tangent(jacobian, self.tangent))

    def state(self) -> StationaryState:
        """Return the state with what is told of it."""
        return state_at(self.drive, self.moments, self.level)


def _corrected(
    drive: Drive, start: FloatArray, normal: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """Newton's method to the branch, across the normal; the point and the Jacobian there."""
    point = start.copy()
    for _ in range(_NEWTON):
        if not (abs(point[-1]) < _FAR and np.all(np.abs(point[:-1]) <= 1)):
            return None
        level = math.exp(point[-1])
        left, jacobian = drive.residual(np.concatenate([[1.0], point[:-1]]), level)
        jacobian[:, -1] *= level
        rows = np.vstack([jacobian, normal])
        change = np.append(left, normal @ (point - start))
        if not np.all(np.isfinite(rows)):
            return None
        if np.abs(change).max() <= _EXACT:
            return point, jacobian
        try:
            point = point - np.linalg.solve(rows, change)
        except np.linalg.LinAlgError:
            return None
    return None


def _tangent(jacobian: FloatArray, before: FloatArray) -> FloatArray:
    """Return the unit vector that the Jacobian takes to 0, going on as before."""
    rows = np.vstack([jacobian, before])
    vector = np.linalg.solve(rows, np.append(np.zeros(jacobian.shape[0]), 1.0))
    return np.asarray(vector / np.linalg.norm(vector))


def walk(drive: Drive, least: float) -> Iterator[Place]:
    """Follow the branch from the uniform state until its noise falls below the least, in the unit.

    Raises
    ------
    ArithmeticError
        Where it can't be followed further; the message says where.
    """
    uniform = np.append(drive.uniform()[1:], 0.0)
    leave = np.zeros_like(uniform)
    leave[drive.lead - 1] = 1.0
    # A branch may leave the uniform state aslant, if its first degree is even; later a turn of the
    # tangent by more than this is a jump to another branch.
    place, step, turned = Place(drive, uniform, leave), _FIRST, 0.1
    while place.level >= least:
        ahead = place.moved(step)
        if ahead is None or ahead.tangent @ place.tangent < turned:
            step /= 2
            if step < _SHORTEST:
                raise ArithmeticError(
                    f"Expected a branch to κ={least * drive.unit:.6g} but got no state beyond "
                    f"κ={place.level * drive.unit:.6g} under {drive.name}; ask for more noise."
                )
            continue
        yield ahead
        place, step, turned = ahead, min(1.5 * step, _LONGEST), 0.9


def crossing(place: Place, ahead: Place, function: Callable[[Place], float]) -> Place:
    """Return the point between two neighbours where a function of the place changes sign."""
    length = float((ahead.point - place.point) @ place.tangent)
    reached = {0.0: place, length: ahead}

    def value(step: float) -> float:
        if step not in reached:
            found = place.moved(step)
            if found is None:
                raise ArithmeticError(
                    "Expected the branch between two of its states but got no convergence near "
                    f"κ={place.level * place.drive.unit:.6g}; report this model."
                )
            reached[step] = found
        return function(reached[step])

    root = brentq(value, 0.0, length, xtol=1e-14, rtol=8.9e-16)
    value(root)
    return reached[root]


def ordered_branch(
    model: Model = USA,
    beta: float | None = None,
    d: int = 2,
    kappa_least: float | None = None,
    **parameters: float,
) -> Branch:
    """Follow the ordered stationary states from where the uniform state loses stability.

    Parameters
    ----------
    model : Model
        A flow of scalar attention on the sphere, ``Σ_j m_j f(<x_i,x_j>) P_i x_j``, normalised or
        not, with smooth f: SA, USA, a gradient flow of a kernel of your own.
    beta : float, optional
        Inverse temperature, if the model has one.
    d : int
        Dimension; d = 2 is the circle, above it measures about an axis.
    kappa_least : float, optional
        Noise down to which the branch is followed; a quarter of `kappa_uniform` by default.
    **parameters : float
        Further parameters of the model.

    Returns
    -------
    Branch
        The uniform state and the branch.

    Raises
    ------
    ValueError
        For another model, a missing parameter, a kernel that isn't smooth, or one under which the
        uniform state never loses stability.
    ArithmeticError
        Where the branch can't be followed further.

    Examples
    --------
    Beyond its fold the branch of USA at β = 3 is stable:

    >>> branch = ordered_branch(USA, beta=3.0)
    >>> print(f"{branch.kappa_uniform:.6f} {branch.kappas.max():.4f}")
    1.317790 1.3328
    >>> bool(branch.stable[0]), bool(branch.stable[-1])
    (False, True)
    """
    drive = drive_of(model, d, with_beta(beta, parameters))
    least = 0.25
    if kappa_least is not None:
        remedy = "give a noise below the threshold, such as half of it"
        least = check_number(kappa_least, "kappa_least", remedy) / drive.unit
        if not _LEAST <= least < 1:
            raise ValueError(
                f"Expected {_LEAST * drive.unit:.6g} <= kappa_least < {drive.unit:.6g} but got "
                f"kappa_least={kappa_least!r}; {remedy}."
            )
    states = tuple(place.state() for place in walk(drive, least))
    return Branch(states, drive.unit, drive.lead)


def stationary_states(
    model: Model = USA,
    kappa: float = 1.0,
    beta: float | None = None,
    d: int = 2,
    **parameters: float,
) -> tuple[StationaryState, ...]:
    """Find the stationary states at one noise: the uniform one, and those of the ordered branch.

    Parameters
    ----------
    model : Model
        A flow of scalar attention on the sphere, normalised or not, with a smooth kernel.
    kappa : float
        Noise of ``dX = F dt + √(2κ) P∘dB``.
    beta : float, optional
        Inverse temperature, if the model has one.
    d : int
        Dimension.
    **parameters : float
        Further parameters of the model.

    Returns
    -------
    tuple of StationaryState
        The uniform state first, then the others with their order parameters rising. Branches that
        aren't joined to the uniform state by the one that leaves it first are not searched.

    Raises
    ------
    ValueError, ArithmeticError
        As `ordered_branch`.

    Examples
    --------
    Between its thresholds USA at β = 5 has two stable states and one between them:

    >>> for state in stationary_states(USA, kappa=5.1, beta=5.0):
    ...     print(f"{state.order_parameter:.4f}", state.stable)
    0.0000 True
    0.2748 False
    0.8282 True
    """
    drive = drive_of(model, d, with_beta(beta, parameters))
    level = check_number(kappa, "kappa", "give the strength of the noise") / drive.unit
    if not level > 0:
        raise ValueError(
            f"Expected a noise > 0 but got kappa={kappa!r}; without noise point masses stand still."
        )
    if level < _LEAST:
        raise ValueError(
            f"Expected a noise of at least {_LEAST * drive.unit:.6g} but got kappa={kappa!r}; "
            "below, clusters are too sharp for the polynomials used here."
        )
    found = [state_at(drive, drive.uniform(), level)]
    before: Place | None = None
    for place in walk(drive, min(level, 1 - 1e-9)):
        if before is not None and (before.level - level) * (place.level - level) <= 0:
            found.append(crossing(before, place, lambda at: at.level - level).state())
        before = place
        if place.level < min(level, 1.0):
            break
    return tuple(found)


def with_beta(beta: float | None, parameters: dict[str, float]) -> dict[str, float]:
    """Keywords of the model, with β among them if it is given."""
    return parameters if beta is None else {"beta": beta, **parameters}


__all__ = ["Branch", "Place", "crossing", "ordered_branch", "stationary_states", "walk"]
