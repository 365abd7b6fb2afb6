"""Second variations of the energy, pair by pair: geodesics, turned subsets (B.3), curves (B.5).

Exact for every n and d in the Gram algebra, with averages over skew matrices; for numbers there
are second differences along a curve and the covariant Jacobian of a compiled field.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Derivative, Expr, Integer, Poly, S, Subs, Symbol, exp, expand, symbols

from numerics.compile import compile_model
from proofs_checks.proof.alphabet import Array
from proofs_checks.proof.equilibria import field_energies
from proofs_checks.said import say
from theory.bounded import quotient, simplified
from theory.energy import pair_kernel
from theory.engines import Vector, inner, project, residual, vectors
from theory.models import Model, attention_form
from theory.symbols import beta, d, z


def geodesic(x: Vector, v: Vector, step: Symbol) -> Vector:
    """Return the geodesic from x with velocity v, up to the second order in the step."""
    return x + v * step - x * (inner(v, v) * step**2 / 2)


def energy_slope(model: Model) -> tuple[Expr, str]:
    """Return the slope h' of the energy's kernel, and why the model doesn't climb it, if so.

    A flow ``P_i Σ_j m_j f(g_ij) x_j``, divided by a positive row sum or not, climbs the energy of
    kernel h in a Riemannian metric when f = c h' with c > 0.
    """
    form = attention_form(model)
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if form is None or kernel is None:
        return z, f"{model.name}: the velocity or the energy is no isotropic pair sum"
    slope = simplified(kernel.diff(z))
    ratio = quotient(form.scale * form.kernel, slope)
    if z in ratio.free_symbols or not ratio.is_positive:
        return slope, f"{model.name}: velocity over gradient is {ratio}, not a positive constant"
    if form.normalised and not form.kernel.is_positive:
        return slope, f"{model.name}: softmax of the kernel {form.kernel}, which isn't positive"
    return slope, ""


@dataclass(frozen=True)
class PairAverage:
    """Averages over B with ``E[B_ij B_kl] = a δ_ik δ_jl + b δ_il δ_jk``, x and y unit vectors.

    Skew B has (a, b) = (1, -1), symmetric B has (1, 1).
    """

    a: Expr
    b: Expr

    @property
    def square(self) -> Expr:
        """Coefficient c of ``E[B²] = c I``: Σ_j E[B_ij B_jk] = (a + b d) δ_ik."""
        return self.a + self.b * d

    @property
    def bilinear(self) -> Expr:
        """``E<Bx,y>² = a |x|²|y|² + b <x,y>²``, z the inner product."""
        return self.a + self.b * z**2


def rotated_pair(slope: Expr, average: PairAverage) -> Expr:
    """Averaged second variation of h(<x,y>) along ``x -> e^{εB} x``, a function of z."""
    return average.bilinear * slope.diff(z) + average.square * z * slope


_PAIR = symbols("x_i x_j y_i y_j", real=True)


def _over_pairs(summand: Expr) -> Expr:
    """Sum a symmetric polynomial in ``x_i, x_j, y_i, y_j`` over i < j <= d, d symbolic.

    Half of Σ_ij - Σ_i; a double sum of a product is the product of the sums, Σ x_i² = Σ y_i² = 1,
    Σ x_i y_i = z. A sum of another power stays as a symbol.
    """
    known = {(0, 0): d, (2, 0): S.One, (0, 2): S.One, (1, 1): z}
    total = S.Zero
    for (a, b, c, e), factor in Poly(summand, *_PAIR).terms():
        both = [known.get(k, Symbol(f"S_{k[0]}{k[1]}")) for k in ((a, c), (b, e), (a + b, c + e))]
        total += factor * (both[0] * both[1] - both[2]) / 2
    return expand(total)


def basis_average(sign: int) -> str:
    """Compare the sums over the basis of so(d) with the formulas, for every d.

    The basis is B = E_ij + sign·E_ji, i < j; for a symmetric B the diagonal is left out, so that
    only sign = -1 is exact. The difference found, or "".
    """
    x_i, x_j, y_i, y_j = _PAIR
    # B x has x_j at i and sign x_i at j; B² = sign (E_ii + E_jj).
    bilinear = _over_pairs(expand((x_j * y_i + sign * x_i * y_j) ** 2))
    square = _over_pairs(sign * (x_i * y_i + x_j * y_j))
    average = PairAverage(S.One, Integer(sign))
    gaps = (expand(bilinear - average.bilinear), expand(square - average.square * z))
    return "" if gaps == (0, 0) else f"sums over the basis differ by {gaps}"


def bend_said(slope: Expr, value: Expr) -> tuple[Any, ...]:
    """Say what `pair_bend` derives: of curves in the Gram algebra, and of h along their product.

    Parameters
    ----------
    slope, value : Expr
        h', and what the second derivative is said to be, less h' times the acceleration.
    """
    x, y, v, w, a, b = vectors("x y v w a b", unit="x y")
    epsilon = Symbol("epsilon", real=True)
    product = inner(x + v * epsilon + a * (epsilon**2 / 2), y + w * epsilon + b * (epsilon**2 / 2))
    first, second = (product.diff(epsilon, k).subs(epsilon, 0) for k in (1, 2))
    along = z + FIRST * epsilon + (2 * CROSS - NORMS * z) * epsilon**2 / 2
    speed = slope.subs(z, along) * Derivative(along, epsilon)
    return (
        residual(first - inner(v, y) - inner(x, w)),
        residual(second - inner(a, y) - 2 * inner(v, w) - inner(x, b)),
        residual(inner(a - x * inner(v, v), y) - inner(a, y) + inner(v, v) * inner(x, y)),
        say(Subs(Derivative(speed, epsilon), epsilon, 0), "=", value),
    )


FIRST, CROSS, NORMS = Symbol("u", real=True), Symbol("w", real=True), Symbol("N", real=True)
"""``<v_i,x_j> + <x_i,v_j>``, ``<v_i,v_j>`` and ``|v_i|² + |v_j|²`` for a pair."""


@lru_cache(maxsize=64)
def pair_bend(slope: Expr) -> Expr:
    """Derive the second derivative of h(<x,y>) along two curves, less h' times the acceleration.

    Parameters
    ----------
    slope : Expr
        h' in ``z``.
    """
    x, y, u, r, a, b = vectors("x y u r a b", unit="x y")
    epsilon = Symbol("epsilon", real=True)
    moved = []
    for foot, move, push in ((x, u, a), (y, r, b)):
        v = project(foot, move)
        bend: Vector = project(foot, push) - foot * inner(v, v)
        moved.append(foot + v * epsilon + bend * (epsilon**2 / 2))
    product = expand(inner(*moved))
    first, second = product.coeff(epsilon, 1), 2 * product.coeff(epsilon, 2)
    v, w = project(x, u), project(y, r)
    names = {
        FIRST: inner(v, y) + inner(x, w),
        CROSS: inner(v, w),
        NORMS: inner(v, v) + inner(w, w),
        z: inner(x, y),
    }
    pushed = inner(project(x, a), y) + inner(x, project(y, b))
    gaps = (
        residual(first - names[FIRST]),
        residual(second - pushed - 2 * names[CROSS] + names[NORMS] * names[z]),
    )
    if gaps != (0, 0):
        return S.NaN
    return slope.diff(z) * FIRST**2 + slope * (2 * CROSS - NORMS * z)


def along_curve(
    flow: Model, points: Array, hot: float, v: Array, a: Array, pair: Any
) -> tuple[float, Array]:
    """Second difference of E along ``x + εv + ε²a/2``, and a pair's Hessian for every pair.

    Parameters
    ----------
    flow : Model
        The flow with its energy.
    points, v, a : ndarray, shape (n, d)
        Tokens, tangent velocities, and accelerations.
    hot : float
        β.
    pair : callable
        Of ``z``, ``beta``, ``FIRST``, ``CROSS``, ``NORMS``.
    """
    step = 1e-3
    systems = [points + e * v + e**2 / 2 * a for e in (-step, 0.0, step)]
    systems = [x / np.linalg.norm(x, axis=-1, keepdims=True) for x in systems]
    values = field_energies(compile_model(flow, beta=hot), np.asarray(systems))
    across, square = v @ points.T, (v * v).sum(axis=1)
    pairs = pair(points @ points.T, hot, across + across.T, v @ v.T, square[:, None] + square)
    return (values[0] - 2 * values[1] + values[2]) / step**2, pairs


HESSIAN = exp(beta * z) * (beta * FIRST**2 + 2 * CROSS - NORMS * z)
"""(A.5) for one pair of (SA) or (USA)."""


def covariant_jacobian(field: Any, points: Array, step: float = 1e-5) -> Array:
    """``P DF P`` by central differences along geodesics, shape (nd, nd).

    Parameters
    ----------
    field : VelocityField
    points : ndarray, shape (n, d)
    step : float
    """
    size = points.size
    moves = np.eye(size).reshape(size, *points.shape)
    moves -= (moves * points).sum(axis=-1, keepdims=True) * points
    ends = []
    for sign in (1, -1):
        moved = points + sign * step * moves
        ends.append(field(moved / np.linalg.norm(moved, axis=-1, keepdims=True)))
    slope = (ends[0] - ends[1]) / (2 * step)
    slope -= (slope * points).sum(axis=-1, keepdims=True) * points
    return np.asarray(slope.reshape(size, size).T)


U, V = symbols("u v", real=True)
"""Coordinates near a critical point at the origin."""


SKEW_AVERAGE = PairAverage(S.One, S.NegativeOne)


def average_doubt(average: Any) -> str:
    """Why the average over skew matrices can't be used, or nothing where it can."""
    if average != SKEW_AVERAGE:
        return "only rotations (skew B) keep the tokens' lengths"
    return basis_average(-1)
