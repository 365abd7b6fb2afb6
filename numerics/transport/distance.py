"""The public distance: what may be compared, read from points and from densities."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_float,
    as_number,
    check_choice,
    check_masses,
    check_whole,
    shown,
)
from numerics.sphere import Rng
from numerics.transport import sphere as plans
from numerics.transport.circle import TURN, Arcs, atoms, cells, distance

METHODS = ("exact", "sliced")

Density = Callable[[FloatArray], ArrayLike]

_CELLS = 1 << 14  # arcs of a density: moving its mass inside one costs 4e-8 of a slope at most
_MOST_CELLS = 1 << 19
_RESOLVED = 1e-9


def wasserstein(
    a: ArrayLike | Density | Arcs,
    b: ArrayLike | Density | Arcs,
    p: float = 2,
    masses_a: ArrayLike | None = None,
    masses_b: ArrayLike | None = None,
    method: str = "exact",
    *,
    slices: int = 256,
    rng: Rng = 0,
) -> float:
    r"""Wasserstein distance of two measures on the sphere; the cost is the geodesic distance.

    .. math:: W_p = \Big(\min_\pi \int \mathrm{dist}(x, y)^p\, d\pi(x, y)\Big)^{1/p}

    Parameters
    ----------
    a, b : array_like or callable
        Points, shape (n, d): unit rows. Or a density on the circle with respect to the uniform
        probability (uniform = 1): a function of the angle, or its values at the angles 2πk/N,
        shape (N,), read as linear in between; or ``numerics.transport.density_arcs`` of one that
        is compared many times. The two may be of different sorts.
    p : number
        1 or 2; other p >= 1 for points only.
    masses_a, masses_b : array_like, shape (n,), optional
        Positive masses of points, 1/n each by default. The totals must agree; a density has its
        own, the mean over the circle.
    method : {"exact", "sliced"}
        "exact": on the circle, for p = 1 and 2, by quantile functions in O((n+m) log(n+m)),
        minimised over the cut; otherwise by the best plan, an assignment for equal masses and
        numbers of points (cubic in n), else POT's network flow (extra ``transport``; without it a
        linear programme for up to 20 000 pairs). "sliced": of points, by random directions.
    slices : int
        Number of directions, for "sliced".
    rng : seed, SeedSequence, Generator or None
        Where they come from (SPEC 7).

    Returns
    -------
    float
        In radians times the total mass to the power 1/p.

    Raises
    ------
    TypeError, ValueError
        For arguments that are no measures, or of different dimension or total mass; for a density
        that is negative, or a function that isn't resolved by 524 288 values (one that jumps).
    ModuleNotFoundError
        Without POT, for many points of unequal masses or numbers.

    Notes
    -----
    Sliced: W_p on the line of the projections to a direction, averaged over directions and divided
    by the same of two points at distance 1. Projections and chords are shorter than geodesics, so
    it estimates a lower bound of W_p; it is below by up to a factor of π/2 for chords, and by more
    where different directions are matched differently, at any number of slices.

    A density is read as constant on arcs, 16 384 or more. Sources: Rabin, Delon and Gousseau, J.
    Math. Imaging Vision 41 (2011), for the circle; Bonneel et al., ibid. 51 (2015), for slices.

    Examples
    --------
    >>> import numpy as np
    >>> round(wasserstein([[1, 0]], [[0, 1]]) / np.pi, 12)
    0.5
    >>> left = lambda angle: 1 + np.cos(angle)
    >>> right = lambda angle: 1 - np.cos(angle)
    >>> round(wasserstein(left, right, p=1), 6)
    1.27324
    """
    check_choice(method, "method", METHODS, 'use "exact" where it is affordable')
    power = _power(p)
    first, second = _measure(a, masses_a, "a"), _measure(b, masses_b, "b")
    _check_totals(first.total, second.total)
    if isinstance(first, _Points) and isinstance(second, _Points):
        if first.points.shape[1] != second.points.shape[1]:
            raise ValueError(
                f"Expected points of one dimension but got a.shape={first.points.shape} and "
                f"b.shape={second.points.shape}; give both the same d."
            )
        both = (first.points, second.points, first.masses, second.masses)
        if method == "sliced":
            check_whole(slices, "slices", 1, 1_000_000)
            d = first.points.shape[1]
            return plans.sliced(*both, power, sphere.random_points(slices, d, rng))
        if first.points.shape[1] != 2 or power not in (1, 2):
            return plans.exact(*both, power)
    elif method == "sliced":
        raise ValueError(
            'Expected points on both sides but got a density with method="sliced"; '
            'on the circle method="exact" is fast.'
        )
    if power not in (1, 2):
        raise ValueError(
            f"Expected p = 1 or 2 for a density but got p={shown(p)}; "
            "give points for another power."
        )
    arcs = [m if isinstance(m, Arcs) else m.arcs() for m in (first, second)]
    return distance(arcs[0], arcs[1].of_mass(arcs[0].total), int(power))


@dataclass(frozen=True, eq=False)
class _Points:
    """Points of the sphere with their masses."""

    points: FloatArray
    masses: FloatArray

    @property
    def total(self) -> float:
        """Mass of all."""
        return math.fsum(self.masses)

    def arcs(self) -> Arcs:
        """Atoms on the circle.

        Raises
        ------
        ValueError
            In another dimension.
        """
        if self.points.shape[1] != 2:
            raise ValueError(
                f"Expected points on the circle beside a density but got {self.points.shape[1]} "
                "coordinates; densities are of the angle alone."
            )
        return atoms(np.arctan2(self.points[:, 1], self.points[:, 0]), self.masses)


def _power(p: Any) -> float:
    power = as_number(p, "p", "give p = 1 or 2")
    if not 1 <= power < math.inf:
        raise ValueError(f"Expected a finite power >= 1 but got p={shown(p)}; give p = 1 or 2.")
    return power


def _check_totals(first: float, second: float) -> None:
    if not math.isclose(first, second, rel_tol=1e-8):
        raise ValueError(
            f"Expected equal total masses but got {first:.12g} for a and {second:.12g} for b; "
            "scale one of them."
        )


def _measure(given: Any, masses: ArrayLike | None, name: str) -> _Points | Arcs:
    """Read points, or a density of the angle."""
    if isinstance(given, Arcs) and masses is None:
        return given
    values = None if callable(given) or isinstance(given, Arcs) else as_float(given, name)
    if values is not None and values.ndim == 2:
        points = sphere.check_points(values, name)
        n = points.shape[0]
        if n == 0:
            raise ValueError(f"Expected at least one point but got {name} without rows; give one.")
        if masses is None:
            return _Points(points, np.full(n, 1.0 / n))
        found = check_masses(masses, n)
        if found.ndim != 1:
            raise ValueError(
                f"Expected one mass a point but got masses_{name}.shape={found.shape}; "
                f"give shape ({n},)."
            )
        return _Points(points, found)
    if masses is not None:
        raise ValueError(
            f"Expected masses of points but got masses_{name} beside a density; leave them out."
        )
    if values is None:
        return density_arcs(given, name)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(
            "Expected points (n, d), a function of the angle or at least two values of a density "
            f"but got {name}.shape={values.shape}; give one measure."
        )
    ends = _nonnegative(values, name)
    split = max(1, -(-_CELLS // ends.size))
    places = (np.arange(split * ends.size) + 0.5) / split
    middle = np.interp(places, np.arange(ends.size + 1), np.append(ends, ends[0]))
    return _cells(middle / middle.size, name)


def _nonnegative(values: FloatArray, name: str) -> FloatArray:
    """Refuse what is no density; values below zero by rounding are zero."""
    if not np.all(np.isfinite(values)):
        raise ValueError(
            f"Expected a finite density but got values of {name} that aren't; cut it off."
        )
    if np.any(values < -1e-12 * np.max(np.abs(values))):
        raise ValueError(
            f"Expected a density >= 0 but got {name} with the value {np.min(values):.6g}; "
            "a measure has no negative mass."
        )
    return np.maximum(values, 0.0)


def _cells(masses: FloatArray, name: str) -> Arcs:
    if not np.any(masses > 0):
        raise ValueError(f"Expected a measure with mass but got {name} = 0; give a density.")
    return cells(masses)


def density_arcs(density: Density, name: str = "density") -> Arcs:
    """Masses of a density on arcs, by Simpson's rule, on as many arcs as it needs.

    Raises
    ------
    TypeError, ValueError
        For what is no density, or isn't resolved; the message says it of ``name``.
    """
    if not callable(density):
        raise TypeError(f"Expected a function of the angle but got {name}={shown(density)}.")
    count, coarse = _CELLS, _masses(density, _CELLS // 2, name)
    while count <= _MOST_CELLS:
        fine = _masses(density, count, name)
        # What W_1 would change by if every arc's own mass went to the coarser arc's.
        moved = np.abs(np.cumsum(fine.reshape(-1, 2).sum(axis=1) - coarse))
        if moved.mean() <= _RESOLVED * fine.sum():
            return _cells(fine, name)
        count, coarse = 2 * count, fine
    raise ValueError(
        f"Expected a density that {_MOST_CELLS} values resolve but got a rougher {name}; "
        "give points with masses."
    )


def _masses(density: Density, count: int, name: str) -> FloatArray:
    angles = np.linspace(0, TURN, 2 * count, endpoint=False)
    values = as_float(density(angles), name)
    if values.ndim == 0:
        values = np.full(angles.shape, float(values))
    if values.shape != angles.shape:
        raise ValueError(
            f"Expected a density that takes an array of angles {angles.shape} but got "
            f"{name}(angles).shape={values.shape}; write it with NumPy functions."
        )
    known = _nonnegative(values, name)
    ends = known[::2]
    return np.asarray((ends + 4 * known[1::2] + np.roll(ends, -1)) / (6 * count))
