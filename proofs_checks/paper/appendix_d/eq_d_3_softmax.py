"""(D.3): Σ_k |A_ik(X) - A_ik(Y)| <= 2β max_j |x_j - y_j|.

How it is proved
----------------
The derivative of a row of softmax is a covariance: checked by SymPy for three entries, with
Popoviciu's square. Jensen's and Popoviciu's inequalities, cited, give 2β for rows, and β/2 for
the scores, which two equal scores attain. Drawn pairs of systems, up to nine tokens and the
extreme one among them, are compared with the bound.

References
----------
arXiv 2312.10794, Appendix D, (D.3); Jensen's and Popoviciu's inequalities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, Integer, Rational, Symbol, exp, expand, lambdify, simplify

from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    SCOPE_WARM_EQUAL_MASSES_FROM_TWO,
    SPEED,
    Array,
    short,
    subjects,
    unreached,
)
from theory.models import SA, Model, attention_form
from theory.symbols import beta, z


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


def _softmax_algebra() -> bool:
    """``d softmax(βs)/ds = β (diag(a) - a a^T)``, and Popoviciu's square, for three entries.

    Entries are alike, so that three (two different and a third) stand for all n.
    """
    s = [Symbol(f"s{k}", real=True) for k in range(3)]
    weights = [exp(beta * value) for value in s]
    a = [w / sum(weights) for w in weights]
    jacobian = all(
        simplify(a[i].diff(s[j]) - beta * (a[i] * (1 if i == j else 0) - a[i] * a[j])) == 0
        for i in range(2)
        for j in range(3)
    )
    # Var(v) <= E(v-c)², c the midpoint; |v-c| <= half the range; (range)² <= 2 |v|².
    p, q = Symbol("p", real=True), Symbol("q", real=True)
    return jacobian and expand(2 * (p**2 + q**2) - (p - q) ** 2 - (p + q) ** 2) == 0


def _weights(points: Array, hot: Array) -> Array:
    scores = hot[:, None, None] * (points @ points.swapaxes(-1, -2))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def check_softmax(model: Model, prediction: SoftmaxBounds, budget: Budget) -> Evidence:
    """Prove both constants by variances; compare with samples and with the extreme case."""
    form = attention_form(model)
    if form is None or not form.normalised:
        return unreached(model, f"{model.name} has no softmax", budget.rng)
    heat = simplify(form.kernel.diff(z) / form.kernel)
    if z in heat.free_symbols:
        return Evidence(Verdict.UNDECIDED, f"{model.name}: kernel {form.kernel} isn't e^(cz)")
    # Two equal scores are the extreme case: a = (1/2, 1/2), direction (1, -1)/√2, rate heat/2.
    extreme = heat / 2
    for value in (Rational(1, 3), Integer(2)):
        if prediction.scores.subs(beta, value) < extreme.subs(beta, value):
            return Evidence(
                Verdict.REFUTED,
                f"{model.name}, β = {value}, two equal scores moved apart: rate "
                f"{extreme.subs(beta, value)} > {prediction.scores.subs(beta, value)}",
            )
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
        warm = np.asarray(lambdify(beta, heat, "numpy")(hot))
        warm = np.broadcast_to(warm, hot.shape)
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
                f"{model.name}, β = {hot[case]:.4g}, x = {short(first[case])}, "
                f"y = {short(second[case])}: a row changes by {change[case]:.4g}, bound "
                f"{bound[case] * moved[case]:.4g}"
            )
            return Evidence(Verdict.REFUTED, detail, cases=count, margin=worst)
    ratios = simplify(prediction.rows / (2 * heat)), simplify(prediction.scores / extreme)
    enough = all(ratio.is_number and ratio >= 1 for ratio in ratios)
    if not enough or not _softmax_algebra():
        return Evidence(Verdict.UNDECIDED, f"over the derived constants: {ratios}", cases=count)
    return Evidence(
        Verdict.PROVED,
        "Σ_k |dA_ik| = β E|w - E w| <= β sup|w| <= 2β max|dx_j|, w_k = <dx_i,x_k> + <x_i,dx_k>, "
        "without n (printed: 2βn); Var_a(v) <= (range)²/4 <= |v|²/2 gives β/2, attained",
        {**SCOPE_WARM_EQUAL_MASSES_FROM_TWO, "masses": "symbolic"},
        ("Jensen's inequality; Popoviciu's inequality",),
        4 * count,
        worst,
        identity=subjects(model, prediction.rows, prediction.scores),
    )


_SOFTMAX = SoftmaxBounds(2 * beta, beta / 2)


EQUATION_D_3 = Claim(
    "(D.3)",
    "Σ_k |A_ik(X) - A_ik(Y)| <= 2β max_j |x_j - y_j|; softmax is β/2-Lipschitz in its scores.",
    SA,
    _SOFTMAX,
    check_softmax,
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
