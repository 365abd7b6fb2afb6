"""Equilibria given by floats: Newton's method to the one nearby, and its spectrum.

Floats know an equilibrium to some digits, so what is linearised is the one next to them. Rates such
as ``e^{-2β}`` need more digits than a float has: they are taken until what is left of size zero are
the rotations. Exact points, with symbols, are for `theory.linearize`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, cast

import numpy as np
import sympy as sp
from mpmath import mp
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_float,
    check_masses,
    check_model,
    check_number,
    check_order,
    shown,
)
from theory.atoms import Tangent
from theory.engines import Evaluator
from theory.linearize import (
    Spectrum,
    assembled_spectrum,
    evaluator_at,
    rotation_count,
    tangent_axes,
    tangent_jacobian,
    token_masses,
)
from theory.models import Model, attention_form
from theory.symbols import X, z

Rows = list[list[Any]]

DIGITS = (60, 120, 240, 480, 960)
"""Digits tried, until what is small is told from rounding by the digits before."""

NEAR = 1e-8
"""How near to points of floats their equilibrium must be."""

_STEPS, _REFLECTIONS = 40, 8


def polish(
    model: Model,
    points: ArrayLike,
    masses: Sequence[float] | None = None,
    matrices: Mapping[Any, Any] | None = None,
    within: float = 0.1,
) -> FloatArray:
    """Move points to the equilibrium next to them, by Newton's method.

    Clusters found by a run stand near an equilibrium, not at one; this is where they would stay.

    Parameters
    ----------
    model : Model
        A flow on the sphere, with a number for every parameter (``model.subs({beta: 4})``).
    points : array_like, shape (n, d)
        Unit rows; one a token, or one a cluster with its mass.
    masses : sequence, optional
        One mass a row, 1/n by default.
    matrices : mapping, optional
        Values of the model's matrix parameters, such as ``{V: Matrix(...)}``.
    within : float
        How far a row may move.

    Returns
    -------
    ndarray, shape (n, d)
        The equilibrium, shape (n, d).

    Raises
    ------
    ValueError
        When Newton's method finds no equilibrium within that distance.

    Examples
    --------
    Three clusters, rough by a thousandth, and where they stand still under USA:

    >>> from theory import USA
    >>> from theory.symbols import beta
    >>> rough = sphere.project([[1, 0], [-0.501, 0.866], [-0.5, -0.867]])
    >>> still = polish(USA.subs({beta: 2}), rough)
    >>> print(f"{still[0] @ still[1]:.12f}")
    -0.500000000000
    """
    check_order("polish(model, points)", points, model)
    distance = check_number(within, "within", "give how far a row may move")
    system = _System.of(model, points, masses, matrices)
    for digits in DIGITS:
        with mp.workdps(digits):
            rows = system.equilibrium(distance)
            if rows is not None:
                return np.array([[float(a) for a in row] for row in rows])
    raise ValueError(system.none_near(distance, "raise within"))


def spectrum_at(
    model: Model,
    points: ArrayLike,
    masses: Sequence[float] | None = None,
    matrices: Mapping[Any, Any] | None = None,
    *,
    counts: Sequence[int] | None = None,
) -> Spectrum:
    """Spectrum of the linearisation at the equilibrium within 1e-8 of the points.

    Parameters
    ----------
    model : Model
        A flow on the sphere, with a number for every parameter (``model.subs({beta: 4})``).
    points : array_like, shape (n, d)
        Unit rows; one a token, or one a cluster.
    masses : sequence, optional
        One mass a row, 1/n by default.
    matrices : mapping, optional
        Values of the model's matrix parameters, such as ``{V: Matrix(...)}``.
    counts : sequence of int, optional
        Tokens in each cluster, for a model of inner products only; 1 by default. To first order
        the tokens of a cluster move like massless ones beside it.

    Returns
    -------
    Spectrum
        Its ``residual`` is the velocity at the points as they were given, ``unresolved`` how many
        eigenvalues beyond the rotations nine hundred digits don't tell from 0.

    Raises
    ------
    ValueError
        When there is no equilibrium so near (`polish` finds one further away).

    Examples
    --------
    An antipodal pair is a saddle, however small the rate ``2/(e^{2β} + 1)`` is:

    >>> from theory import SA
    >>> from theory.symbols import beta
    >>> spectrum = spectrum_at(SA.subs({beta: 40}), [[1.0, 0.0], [-1.0, 0.0]])
    >>> spectrum.stable.name, spectrum.eigenvalues[1]
    ('UNSTABLE', (3.60970277569083e-35, 1))
    """
    check_order("spectrum_at(model, points)", points, model)
    system = _System.of(model, points, masses, matrices)
    size, dimension = system.points.shape
    tokens = _checked_counts(model, counts, size)
    rank = int(np.linalg.matrix_rank(system.points, tol=NEAR))
    rotations = 0 if system.matrices else rotation_count(rank, dimension)
    with mp.workdps(DIGITS[0]):
        speed = system.speed(system.rows())

    found, unresolved = _told_from_zero(system, tokens, rotations)
    return assembled_spectrum(
        [(value, sp.Integer(count), ()) for value, count in found],
        f"{size} clusters" if counts is not None else f"{size} tokens",
        sp.Float(str(speed), 15),
        sp.Integer(sum(tokens)),
        sp.Integer(dimension),
        rank,
        isotropic=not system.matrices,
        unresolved=unresolved,
    )


def _checked_counts(model: Model, counts: Sequence[int] | None, size: int) -> list[int]:
    if counts is None:
        return [1] * size
    listed = list(counts) if isinstance(counts, Sequence | np.ndarray) else []
    kinds = (int, np.integer)
    whole = all(isinstance(c, kinds) and not isinstance(c, bool) and c >= 1 for c in listed)
    if len(listed) != size or not whole:
        raise ValueError(
            f"Expected {size} positive integers but got counts={shown(counts)}; one a cluster."
        )
    if attention_form(model) is None:
        raise ValueError(
            f"Expected a model of inner products only with counts but got model={model.name}; "
            "give one row a token."
        )
    return [int(c) for c in listed]


@dataclass(frozen=True)
class _System:
    """A model with numbers, masses and matrices; arithmetic has the digits of mpmath's context."""

    model: Model
    points: FloatArray
    masses: list[Any]
    matrices: dict[Any, Any]

    @classmethod
    def of(
        cls,
        model: Model,
        points: ArrayLike,
        masses: Sequence[float] | None,
        matrices: Mapping[Any, Any] | None,
    ) -> _System:
        """Check what a user gives."""
        check_model(model)
        rows = np.asarray(sphere.check_points(points))
        if rows.ndim != 2:
            raise ValueError(
                f"Expected one system of points but got points.shape={rows.shape}; pick one."
            )
        if not isinstance(matrices, Mapping | None):
            raise ValueError(
                f"Expected a mapping but got matrices={shown(matrices)}; write {{V: Matrix(...)}}."
            )
        given = {symbol: sp.Matrix(entries) for symbol, entries in (matrices or {}).items()}
        scalars = [p for p in model.parameters if not isinstance(p, sp.MatrixSymbol)]
        left = [str(p) for p in scalars if p in model.velocity.free_symbols]
        if left:
            raise ValueError(
                f"Expected a number for every parameter but got {left} with float points; "
                "use model.subs({beta: 4.0}), or theory.linearize at exact points."
            )
        weights = None if masses is None else check_masses(as_float(masses, "masses"), len(rows))
        if weights is not None and weights.ndim != 1:
            raise ValueError(
                f"Expected one mass a row but got masses of shape {weights.shape}; pick one system."
            )
        exact = None if weights is None else [sp.Float(float(w)) for w in weights]
        return cls(model, rows, token_masses(exact, len(rows)), given)

    def rows(self) -> Rows:
        """Points as given, of length one to all digits."""
        return _unit([[mp.mpf(float(a)) for a in row] for row in self.points])

    def evaluator(self, rows: Rows, masses: list[Any] | None = None) -> Evaluator:
        """Evaluate matrix expressions at some rows."""
        weights = self.masses if masses is None else masses
        shape = sp.zeros(len(rows), len(rows[0]))
        base = evaluator_at(self.model, shape, weights, self.matrices, _number, _value)
        return base.with_value(X, rows)

    def jacobian(self, rows: Rows, masses: list[Any] | None = None) -> Any:
        """Differential of the velocity, in the coordinates of `tangent_jacobian`."""
        base = self.evaluator(rows, masses)
        return mp.matrix(tangent_jacobian(base, self.model, rows, mp.mpf(0), mp.mpf(1)))

    def pull(self, rows: Rows) -> Any:
        """Largest entry of what the velocity is projected from."""
        velocity = self.model.velocity
        inner = velocity.field if isinstance(velocity, Tangent) else velocity
        return max(abs(a) for row in self.evaluator(rows)(inner) for a in row)

    def speed(self, rows: Rows) -> Any:
        """Largest entry of the velocity."""
        return max(abs(a) for row in self.evaluator(rows)(self.model.velocity) for a in row)

    def equilibrium(self, within: float) -> Rows | None:
        """Rows where the velocity is 0, or None where Newton's method finds none so near.

        The steps are the least ones, so rotations don't matter.
        """
        rows = start = self.rows()
        for _ in range(_STEPS):
            jacobian = self.jacobian(rows)
            normal = jacobian.T * jacobian
            size = max(abs(e) for e in normal)
            if size == 0:
                return rows if self.speed(rows) == 0 else None
            normal += mp.eye(normal.rows) * size * mp.mpf(10) ** -mp.dps
            velocity = self.evaluator(rows)(self.model.velocity)
            target = mp.matrix(
                [
                    moved[axis]
                    for row, moved in zip(rows, velocity, strict=True)
                    for axis in tangent_axes(row)[1]
                ]
            )
            step = list(mp.lu_solve(normal, -(jacobian.T * target)))
            rows = _moved(rows, step)
            pairs = zip(chain(*rows), chain(*start), strict=True)
            if not max(abs(a - b) for a, b in pairs) <= within:
                break
            if max(abs(e) for e in step) < mp.mpf(10) ** -(mp.dps // 3):
                return rows
        return None

    def none_near(self, within: float, remedy: str) -> str:
        """Say that there is no equilibrium so near."""
        with mp.workdps(DIGITS[-1]):
            speed = float(self.speed(self.rows()))
        return (
            f"Expected an equilibrium of {self.model.name} but got {len(self.points)} points with "
            f"velocity={speed:.3g}, and Newton's method finds none within {within:g} of them; "
            f"correct the points, or {remedy}."
        )


def _number(expr: Any) -> Any:
    return mp.mpf(str(sp.N(expr, mp.dps + 5)))


def _value(body: Any, value: Any) -> Any:
    return _printed(body)(value)


@lru_cache(maxsize=64)
def _printed(body: Any) -> Callable[[Any], Any]:
    return cast("Callable[[Any], Any]", sp.lambdify(z, body, modules="mpmath"))


def _unit(rows: Rows) -> Rows:
    lengths = [mp.sqrt(sum(a * a for a in row)) for row in rows]
    return [[a / length for a in row] for row, length in zip(rows, lengths, strict=True)]


def _moved(rows: Rows, step: list[Any]) -> Rows:
    """Rows after a step in the coordinates of `tangent_axes`."""
    left = iter(step)
    out = []
    for row in rows:
        pivot, free = tangent_axes(row)
        change = {axis: next(left) for axis in free}
        change[pivot] = -sum(row[axis] * change[axis] for axis in free) / row[pivot]
        out.append([a + change[axis] for axis, a in enumerate(row)])
    return _unit(out)


def _eigenvalues(matrix: Any, error: Any) -> list[Any]:
    """Eigenvalues; entries within the error of 0 are dropped.

    mpmath's QR iteration cycles on some matrices with many equal eigenvalues: a reflection, which
    keeps the eigenvalues, takes it off the cycle.
    """
    plain = matrix.apply(lambda e: e if abs(e) > 10 * error else mp.mpf(0))
    if plain.rows == 1:
        return [plain[0, 0]]
    for attempt in range(1, _REFLECTIONS + 1):
        with suppress(RuntimeError):
            return list(mp.eig(plain, left=False, right=False))
        normal = mp.matrix([mp.cos(attempt * (k + 1)) for k in range(plain.rows)])
        mirror = mp.eye(plain.rows) - normal * normal.T * (2 / mp.norm(normal) ** 2)
        plain = mirror * plain * mirror
    raise ArithmeticError(
        f"Expected convergence of mpmath's QR iteration but got none in {_REFLECTIONS} attempts; "
        "use theory.linearize at exact points."
    )


def _inside_clusters(
    system: _System, near: Rows, tokens: list[int], error: Any
) -> list[tuple[Any, int]]:
    """Rates of the motions inside clusters: those of a massless token beside each."""
    size, width = len(near), len(near[0]) - 1
    matrix = system.jacobian([*near, *near], [*system.masses, *[sp.S.Zero] * size])
    found = []
    for place, count in enumerate(tokens):
        if count > 1:
            start = (size + place) * width
            block = matrix[start : start + width, start : start + width]
            found += [(v, count - 1) for v in _eigenvalues(block, error)]
    return found


def _told_from_zero(
    system: _System, tokens: list[int], rotations: int
) -> tuple[list[tuple[sp.Expr, int]], int]:
    """Eigenvalues with multiplicities, from as many digits as it takes to tell them from zero.

    The differential at fewer digits, and the size of the pulls that cancel in it, show how far
    rounding goes; a square root allows for eigenvalues without a basis of eigenvectors. Beside
    them: how many more than the rotations stay below that.
    """
    before, told, small = None, [], 0
    for digits in DIGITS:
        with mp.workdps(digits):
            near = system.equilibrium(NEAR)
            if near is None:
                before = None
                continue
            matrix = system.jacobian(near)
            if before is not None:
                size = max(abs(e) for e in matrix)
                rounding = max(size, system.pull(near)) * mp.mpf(10) ** -digits
                error = max(rounding, *(abs(e) for e in matrix - before))
                noise = mp.sqrt(size * error)
                found = [(v, 1) for v in _eigenvalues(matrix, error)]
                small = sum(abs(value) <= noise for value, _ in found)
                if any(count > 1 for count in tokens):
                    found += _inside_clusters(system, near, tokens, error)
                told = [(_cleaned(value, noise), count) for value, count in found]
                if small <= rotations:
                    break
            before = matrix
    if not told:
        raise ValueError(system.none_near(NEAR, "polish(model, points) rough ones"))
    return told, max(small - rotations, 0)


def _cleaned(value: Any, noise: Any) -> sp.Expr:
    """Give an eigenvalue to fifteen digits, without what is noise."""
    if abs(value) <= noise:
        return sp.S.Zero
    real = sp.Float(str(mp.re(value)), 15)
    if abs(mp.im(value)) <= max(noise, abs(value) * mp.mpf(10) ** -15):
        return real
    return real + sp.Float(str(mp.im(value)), 15) * sp.I
