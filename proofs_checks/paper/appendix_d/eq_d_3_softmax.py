"""(D.3): Σ_k |A_ik(X) - A_ik(Y)| <= 2β max_j |x_j - y_j|.

How it is proved
----------------
A theorem on two solutions of a model whose weights are a softmax of multiples of <x_i,x_j>:
products differ by 2 max|x_j-y_j| at most, and rows of a softmax by no more than their scores; in
length by half of that, as a variance is at most a quarter of the square of the range. Drawn pairs
of systems, up to nine tokens and the extreme one among them, are compared with the bound.

References
----------
arXiv 2312.10794, Appendix D, (D.3); Jensen's and Popoviciu's inequalities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, Integer, Rational, lambdify

from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    SPEED,
    Array,
    Counterexample,
    Flow,
    Statement,
    Trial,
    leaves_sphere,
    short,
    softmax_heat,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, rows_of_softmax, subject_in
from theory.models import SA
from theory.symbols import beta


@dataclass(frozen=True)
class SoftmaxBounds:
    """Lipschitz constants, functions of ``beta``.

    Attributes
    ----------
    rows : Expr
        ``Σ_k |A_ik(X) - A_ik(Y)| <= rows · max_j |x_j - y_j|``.
    scores : Expr
        ``|softmax(β s) - softmax(β s')| <= scores |s - s'|``, Euclidean.
    """

    rows: Expr
    scores: Expr


def derive_bounds(flow: Flow) -> SoftmaxBounds | None:
    """Return both constants of a softmax of e^{cz}: 2c and c/2."""
    hot = softmax_heat(flow)
    return None if hot is None else SoftmaxBounds(2 * hot, hot / 2)


def refute_softmax(
    flow: Flow, prediction: SoftmaxBounds | None, budget: Budget
) -> Counterexample | None:
    """Move two equal scores apart: the extreme case, a = (1/2, 1/2), direction (1, -1)/√2."""
    hot = softmax_heat(flow)
    if hot is None or prediction is None:
        found = "" if flow.normalised else leaves_sphere(flow.model, budget.rng)
        return Counterexample(found) if found else None
    for value in (Rational(1, 3), Integer(2)):
        extreme, said = (expr.subs(beta, value) for expr in (hot / 2, prediction.scores))
        if said < extreme:
            return Counterexample(
                f"{flow.name}, β = {value}, two equal scores moved apart: rate {extreme} > {said}"
            )
    return None


def conclude_bounds(flow: Flow, prediction: SoftmaxBounds) -> Conclusion | Refusal:
    """Say by how much rows of two solutions differ."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    return rows_of_softmax(subject, prediction.rows, prediction.scores)


def _weights(points: Array, hot: Array) -> Array:
    scores = hot[:, None, None] * (points @ points.swapaxes(-1, -2))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def watch_rows(flow: Flow, prediction: SoftmaxBounds, budget: Budget) -> Trial:
    """Compare rows at drawn pairs of systems, the extreme one among them, with the bound."""
    heated = softmax_heat(flow)
    if heated is None:
        return Trial(silent="no softmax of e^(cz)")
    count, worst = 50 * budget.cases, np.inf
    for size, dimension in ((2, 2), (4, 3), (8, 2), (9, 2)):
        first = np.asarray(random_points(size, dimension, budget.rng, count))
        shifts = np.exp(budget.rng.uniform(-7, 0, (count, 1, 1)))
        move = budget.rng.standard_normal(first.shape)
        if size == 9:
            # The extreme case: a token at right angles to two groups, of which all turn: towards
            # the one and away from the other.
            first[:] = np.array([[0.0, 1.0], *[[1.0, 0.0]] * 4, *[[-1.0, 0.0]] * 4])
            move[:] = np.array([[1.0, 0.0], *[[0.0, 1.0]] * 4, *[[0.0, -1.0]] * 4])
        second = first + shifts * move
        second /= np.linalg.norm(second, axis=-1, keepdims=True)
        hot = budget.rng.uniform(0.02, 4.0, count)
        warm = np.broadcast_to(np.asarray(lambdify(beta, heated, "numpy")(hot)), hot.shape)
        change = np.abs(_weights(first, warm) - _weights(second, warm)).sum(axis=-1).max(axis=-1)
        moved = np.linalg.norm(first - second, axis=-1).max(axis=-1)
        bound = np.asarray(lambdify(beta, prediction.rows, "numpy")(hot))
        bound = np.broadcast_to(bound, hot.shape)
        # A bound below zero is exceeded by every change.
        failed = np.full_like(moved, np.inf)
        used = np.divide(change / moved, bound, out=failed, where=bound > 0)
        case = int(used.argmax())
        worst = min(worst, 1 - float(used[case]))
        if used[case] > 1 + 1e-6:
            detail = (
                f"{flow.name}, β = {hot[case]:.4g}, x = {short(first[case])}, "
                f"y = {short(second[case])}: a row changes by {change[case]:.4g}, bound "
                f"{bound[case] * moved[case]:.4g}"
            )
            return Trial(detail, worst, count)
    return Trial("", worst, 4 * count)


ROW_BOUNDS: Statement[SoftmaxBounds] = Statement(
    "",
    "rows of a softmax, and softmax itself, are Lipschitz without n",
    Concludes(conclude_bounds),
    derive_bounds,
    refute_softmax,
    watch_rows,
    typed=True,
)


_SOFTMAX = SoftmaxBounds(2 * beta, beta / 2)


EQUATION_D_3 = Claim(
    "(D.3)",
    "Σ_k |A_ik(X) - A_ik(Y)| <= 2β max_j |x_j - y_j|; softmax is β/2-Lipschitz in its scores.",
    SA,
    _SOFTMAX,
    ROW_BOUNDS,
    (
        Control("2β -> β/10", prediction=replace(_SOFTMAX, rows=beta / 10)),
        Control("β/2 -> 9β/20", prediction=replace(_SOFTMAX, scores=9 * beta / 20)),
        Control("β -> 3β in the model", model=SA.subs({beta: 3 * beta})),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=8,
    equivalents=(
        Equivalent(
            "it is about the matrix A, outside of which the factor stands",
            ("*.velocity: sign", "*.velocity: × β", *SPEED),
        ),
    ),
)


CLAIMS = (EQUATION_D_3,)
