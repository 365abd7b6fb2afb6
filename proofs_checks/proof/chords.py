"""Distances of two systems of tokens: the identity of chords, and how fast distances grow.

The identity, row by row for every n and d, is behind the Lipschitz constants of (D.1) and (D.4);
the bound of the force against β = 0 is behind (4.4) and (C.3). Pairs of systems to draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Abs,
    DiagMatrix,
    Expr,
    HadamardProduct,
    Integer,
    Inverse,
    MatMul,
    MatrixSymbol,
    S,
    exp,
    sin,
)
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from proofs_checks.proof.alphabet import HOT, Array
from proofs_checks.proof.pairs import products
from proofs_checks.proof.row_algebra import RowAlgebra
from proofs_checks.proof.scores import NORM, Scores, scores_of
from theory.atoms import Elementwise, Tangent
from theory.bounded import simplified
from theory.derivations import circle_angles
from theory.derivations import phi as PHI
from theory.engines import residual
from theory.models import Model, attention_form
from theory.symbols import X, beta, d, m, n, t, z

OTHER_TOKENS, FIRST_MATRIX, SECOND_MATRIX = (MatrixSymbol(name, n, d) for name in ("Y", "M", "N"))


_APART = X - OTHER_TOKENS


CHORD = (
    products(_APART, Tangent(X, FIRST_MATRIX) - Tangent(OTHER_TOKENS, SECOND_MATRIX))
    - products(_APART, FIRST_MATRIX - SECOND_MATRIX)
    + HadamardProduct(
        products(X, FIRST_MATRIX) + products(OTHER_TOKENS, SECOND_MATRIX), products(_APART, _APART)
    )
    / 2
)
"""``<x-y, P_x m - P_y m'> - <x-y, m-m'> + ½(<x,m>+<y,m'>)|x-y|²``, row by row: zero.

With |m|, |m'| <= 1 it gives ``<x-y, P_x m - P_y m'> <= |x-y||m-m'| + |x-y|²``.
"""


@lru_cache(maxsize=1)
def chord_algebra() -> Expr:
    """Reduce ``CHORD`` for two systems of unit rows: zero when the identity holds."""
    return residual(RowAlgebra(units=(X, OTHER_TOKENS)).column(CHORD))


@dataclass(frozen=True)
class Force:
    """``F^0 = c Σ_j m_j x_j`` for total mass 1, and a bound of ``|F^β - F^0|``, of a token.

    Attributes
    ----------
    pace : Expr
        c, real and not 0.
    bound : Expr
    lacking : str
        Why there is none, or "".
    """

    pace: Expr = S.One
    bound: Expr = S.Zero
    lacking: str = ""

    @property
    def grown(self) -> Expr:
        """``e^{2|c|t} - 1``: ``D' <= 2|c| D + f`` and ``D(0) = 0`` bound D by f times it / 2|c|."""
        return exp(2 * Abs(self.pace) * t) - 1

    @property
    def apart(self) -> Expr:
        """Bound of the distance that tokens at β are from those at 0."""
        return self.bound * self.grown / (2 * Abs(self.pace))


def force_of(model: Model) -> Force:
    """Bound ``|F^β - F^0|``, where the flow at β = 0 is drawn to the mean.

    With softmax dF/dβ is the covariance of ∂_β log k(g_ij) and x_j, at most its supremum when it
    is c·g; without, |k - 1| is largest at g = 1 when k rises and k(1) + k(-1) >= 2. With query and
    key matrices the scores are at most |β| `NORM`, which takes the place of β. A constant in front
    multiplies both F^0 and the bound.
    """
    form, scores = attention_form(model), scores_of(model)
    if scores is not None:
        return _score_force(model.name, scores)
    if form is None:
        return Force(lacking=f"{model.name}: the weights are no function of the inner products")
    hot = form.kernel.subs(beta, HOT)
    start = simplified(hot.subs(HOT, 0))
    pace = form.scale if form.normalised else simplified(form.scale * start)
    if not _constant(start) or not _constant(pace):
        return Force(lacking=f"{model.name}: the weight at β = 0 is {form.scale * start}")
    kernel = hot / start
    if form.normalised:
        slope = simplified(kernel.diff(HOT) / kernel / z)
        if slope.free_symbols or not slope.is_positive:
            why = f"∂ log k/∂β over z is {slope}, not a positive constant"
            return Force(lacking=f"{model.name}: {why}")
        return Force(pace, Abs(pace) * slope * beta)
    rate = simplified(kernel.diff(z) / kernel)
    spread = simplified(kernel.subs(z, 1) * kernel.subs(z, -1))
    if not kernel.is_positive or not rate.is_nonnegative or spread != 1:
        return Force(lacking=f"{model.name}: the kernel {kernel} isn't e^(cβz)")
    # k(1) + k(-1) - 2 = (k(1) - 1)²/k(1) >= 0 when k(1) k(-1) = 1.
    return Force(pace, Abs(pace) * (kernel.subs(z, 1) - 1).subs(HOT, beta))


def _constant(pace: Expr) -> bool:
    """Whether a factor is a number, or a parameter, of known sign."""
    return pace.is_nonzero is True and pace.is_real is True and not pace.has(z, t, beta)


def _score_force(name: str, scores: Scores) -> Force:
    """Bound the force with query and key matrices, for scores a β <x_i, M x_j>."""
    share, pace = scores.heat / beta, scores.scale
    if not _constant(pace) or not share.is_number or share == 0:
        return Force(lacking=f"{name}: the weights aren't e^(cβ<x_i, {scores.named} x_j>)")
    reach = scores.reach(NORM)
    return Force(pace, Abs(pace) * (reach if scores.normalised else exp(reach) - 1))


def score_share(model: Model) -> Expr | None:
    """Return ``|a| |Q^T K|`` of scores ``a β <x_i, Q^T K x_j>``, or None."""
    scores = scores_of(model)
    if scores is None or _score_force(model.name, scores).lacking:
        return None
    return Abs(scores.heat / beta) * NORM


GROWN = Force().grown
"""Of a flow that at β = 0 is drawn to the mean at the pace 1."""


def crossed(count: int, tokens: int) -> tuple[Array, dict[str, Any], float]:
    """Tokens, query and key matrices that part at a rate near ``|β| |Q^T K|``, and the norm.

    Half of the tokens are at x and half at -x, of which the first one, across, attends to x alone:
    ``Q^T K = N y x^T``, N being small, so that a wrong power of β shows. The first tokens differ.
    """
    norm, angles = 0.02, np.linspace(-0.1, 0.1, count)
    points = np.zeros((count, tokens, 2))
    points[:, 1::2, 0], points[:, 2::2, 0] = 1.0, -1.0
    points[:, 0] = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
    return points, {"Q": np.array([[0.0, norm]]), "K": np.array([[1.0, 0.0]])}, norm


OPPOSED = np.array([1e-9, 0.5, 0.5])
"""Masses of the tokens of ``opposed``: the first feels the others alone."""


def opposed(count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Pairs of three tokens on the circle of which the first turns against the two others.

    Distances grow fastest there: the two are at π ± s of the first, which they flank for s near π,
    and every token of the second system has turned by the same small angle.
    """
    spread = rng.uniform(0, np.pi, (count, 1)) * (rng.random((count, 1)) < 0.8)
    angles = np.concatenate([np.zeros((count, 1)), np.pi + spread * [1.0, -1.0]], axis=1)
    # The others a little less, so that the distance of the first is the largest.
    turned = angles + np.array([1e-6, -0.999e-6, -0.999e-6])
    first, second = (np.stack([np.cos(a), np.sin(a)], axis=-1) for a in (angles, turned))
    return first, second


def growth(
    model: Model, first: Array, second: Array, hot: Array, masses: Any = None
) -> tuple[Array, Array]:
    """Rates of the logarithms of the largest chord and of the largest geodesic distance."""
    field = compile_model(model, beta=hot, masses=masses)
    f, s = field(first), field(second)
    apart = first - second
    square = np.einsum("bik,bik->bi", apart, apart)
    rows, chord = np.arange(len(first)), square.argmax(axis=1)
    top = square[rows, chord]
    rate = np.einsum("bik,bik->bi", apart, f - s)[rows, chord] / top
    # For unit vectors d<x,y>/dt = -½ d|x-y|²/dt, and dist = 2 arcsin(|x-y|/2) rises with it.
    half = np.sqrt(top) / 2
    return rate, rate * half / (np.arcsin(half) * np.sqrt(np.maximum(1 - half**2, 1e-30)))


@lru_cache(maxsize=64)
def at_value(model: Model, value: Expr) -> MatrixExpr | None:
    """Velocity of scalar attention at a value of β, None for other models."""
    form = attention_form(model)
    if form is None:
        return None
    kernel = Elementwise(form.kernel.subs(beta, value), X * X.T)
    weights: MatrixExpr = MatMul(kernel, DiagMatrix(m), X)
    if form.normalised:
        weights = MatMul(Inverse(DiagMatrix(MatMul(kernel, m))), weights)
    return Tangent(X, MatMul(form.scale.subs(beta, value), weights))


def half_angle_rate(model: Model) -> Expr | None:
    """Return r in ``tan(φ/2)' = -r tan(φ/2)`` for two tokens at β = 0, None if it isn't constant.

    Parameters
    ----------
    model : Model
        A flow by scalar attention; the tokens are on the circle, with equal masses.
    """
    reduced = circle_angles(model)
    rate = S.Zero
    for top, below in reduced.terms:
        one, other = top.subs(beta, 0).subs(PHI, PHI), top.subs(beta, 0).subs(PHI, -PHI)
        share = Integer(2)
        if below is not None:
            share = below.subs(beta, 0).subs(PHI, 0) + below.subs(beta, 0)
        rate += (one - other) / share
    # φ' = rate, (tan φ/2)' = φ'/(2 cos²(φ/2)) and tan(φ/2) = sin φ/(2 cos²(φ/2)).
    value = simplified(-rate / sin(PHI))
    return None if value.free_symbols else value
