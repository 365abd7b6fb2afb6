"""Attention by distances: on the sphere softmax of -β|x_i - x_j|² is SA at 2β.

Main results
------------
- L2 attention, scores -β|x_i - x_j|²: on the sphere its velocity is that of SA at 2β, for every n,
  d, β and masses. So all that is proved of SA at every β holds for it.

How it is proved
----------------
|x - y|² = 2 - 2<x,y> for unit vectors, so e^{-β|x-y|²} = c e^{2β<x,y>}, c = e^{-2β}; c is in every
term of a row and in its sum, and the row algebra reduces the difference to 0 for any c.

References
----------
H. Kim, G. Papamakarios, A. Mnih, The Lipschitz constant of self-attention, arXiv 2006.04710.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import DiagMatrix, Expr, MatMul, Symbol, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    ON_SPHERE,
    SYMBOLIC,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    Witness,
    derived,
    gap,
    row_defect,
    row_residual,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.bounded import simplified
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, Model, catalogue
from theory.symbols import X, beta, m, z
from theory.weights import SquaredDistances


def distance_attention(name: str, scores: Expr) -> Model:
    """Attention of scores that are a multiple of the squared distances."""
    weights = RowSoftmax(scores * SquaredDistances(X, X), m)
    return Model(name, Tangent(X, weights * X), reference="arXiv 2006.04710")


L2: Any = catalogue("L2")


@dataclass(frozen=True)
class InnerProducts:
    """The scores ``rate <x_i,x_j>`` that have the same velocity."""

    rate: Expr


def _distance_rate(flow: Flow) -> Expr | None:
    """Return a of ``P_i Σ_j A_ij x_j`` with scores ``a |x_i - x_j|²``; None for others."""
    velocity = flow.model.velocity
    near = SquaredDistances(X, X)
    for head in velocity.atoms(RowSoftmax):
        factor, matrix = (
            head.scores.as_coeff_mmul() if isinstance(head.scores, MatMul) else (1, head.scores)
        )
        if matrix in (near, MatMul(near)) and velocity == Tangent(
            X, RowSoftmax(head.scores, m) * X
        ):
            return factor
    return None


def _inner_attention(rate: Expr) -> MatrixExpr:
    return Tangent(X, RowSoftmax(rate * X * X.T, m) * X)


def derive_rate(flow: Flow) -> InnerProducts | None:
    """Return -2a for the scores a|x_i - x_j|²."""
    rate = _distance_rate(flow)
    return None if rate is None else InnerProducts(-2 * rate)


_POINTS = 8  # tokens that are drawn alike or opposite don't tell


def refute_rate(
    flow: Flow, prediction: InnerProducts | None, budget: Budget
) -> Counterexample | None:
    """Find a point at which the two velocities differ."""
    if prediction is None:
        return None
    sides = [flow.model.velocity, _inner_attention(prediction.rate)]
    for _ in range(_POINTS):
        point = Witness(budget.rng, sides)
        left, right = map(point.evaluator(), sides)
        found = row_defect(left, right, "x_{i}' less that of the inner products", point)
        if found:
            return Counterexample(found)
    return None


def _distances(flow: Flow) -> Step:
    text = "a softmax of scores a |x_i - x_j|², V = I"
    rate = _distance_rate(flow)
    outcome = Outcome.FAILS if rate is None else Outcome.HOLDS
    return Step(text, How.DERIVED, outcome, f"{flow.name}: a = {rate}")


def decide(flow: Flow, prediction: InnerProducts) -> Sheet:
    """Write distances as inner products, and take the common factor out of every row."""
    own = _distance_rate(flow)
    if own is None:
        return Sheet((gap("scores that are distances", flow.name),))
    x, y = vectors("x y", unit="x y")
    square = residual(inner(x - y, x - y) - 2 + 2 * inner(x, y))
    unit = derived("|x - y|² = 2 - 2<x,y> for |x| = |y| = 1", square)
    factor = Symbol("c", positive=True)
    left = simplified(exp(own * (2 - 2 * z)) - exp(2 * own) * exp(-2 * own * z))
    split = derived(f"e^(a|x-y|²) = c e^({-2 * own} <x,y>), c = e^({2 * own}) > 0", left)
    kernel = factor * Elementwise(exp(-2 * own * z), X * X.T)
    row = DiagMatrix(kernel * m) ** -1 * kernel * DiagMatrix(m)
    plain = row_residual(Tangent(X, row * X), _inner_attention(-2 * own))
    same = derived("the factor c of all weights of a row is in their sum too", plain)
    rate = derived(f"-2a = {prediction.rate}", simplified(prediction.rate + 2 * own))
    return Sheet(
        (unit, split, same, rate),
        dict(SYMBOLIC),
        (flow.model.velocity, prediction.rate),
        f"{flow.name} is SA at {prediction.rate}: residual 0",
    )


DISTANCES: Statement[InnerProducts] = Statement(
    "",
    "softmax of distances is softmax of inner products",
    decide,
    derive_rate,
    refute_rate,
    premises=(ON_SPHERE, Premise("DISTANCES", _distances)),
)


SAME_AS_SA = Claim(
    "L2 attention",
    "On the sphere attention with scores -β|x_i - x_j|² is SA at 2β, for every n, d, β and masses.",
    (L2,),
    InnerProducts(2 * beta),
    DISTANCES,
    (
        Control("SA at β", prediction=InnerProducts(beta)),
        Control("the other sign", prediction=InnerProducts(-2 * beta)),
        Control("scores that fall twice as fast", model=(distance_attention("2L2", -2 * beta),)),
        Control("SA in its place", model=(SA,)),
        Control("tokens that repel", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    origin="extension",
)


CLAIMS = (SAME_AS_SA,)
