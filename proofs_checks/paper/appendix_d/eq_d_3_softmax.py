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
from functools import cache

import numpy as np
from sympy import Derivative, Expr, Integer, Rational, S, Symbol, exp, expand, lambdify, simplify

from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    CHAIN,
    MEAN_VALUE,
    SCOPE_WARM_EQUAL_MASSES_FROM_TWO,
    SPEED,
    TRIANGLE,
    Array,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cited,
    derived,
    gap,
    leaves_sphere,
    short,
    softmax_heat,
    subjects,
)
from proofs_checks.said import Said, say, saying
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


@cache
def _softmax_algebra() -> tuple[Expr, Expr]:
    """``d softmax(βs)/ds - β (diag(a) - a a^T)``, and Popoviciu's square, for three entries.

    Entries are alike, so that three (two different and a third) stand for all n.
    """
    s = [Symbol(f"s{k}", real=True) for k in range(3)]
    weights = [exp(beta * value) for value in s]
    a = [w / sum(weights) for w in weights]
    jacobian = S.Zero
    for i in range(2):
        for j in range(3):
            entry = a[i] * (1 if i == j else 0) - a[i] * a[j]
            jacobian += abs(expand(a[i].diff(s[j]) - beta * entry))
    p, q = Symbol("p", real=True), Symbol("q", real=True)
    return jacobian, expand(2 * (p**2 + q**2) - (p - q) ** 2 - (p + q) ** 2)


def _slopes() -> list[Said]:
    """Say the derivatives of the entries, those that stand for all."""
    s = [Symbol(f"s{k}", real=True) for k in range(3)]
    a = [exp(beta * value) / sum(exp(beta * other) for other in s) for value in s]
    return [
        say(Derivative(a[i], s[j]), "=", beta * ((a[i] if i == j else 0) - a[i] * a[j]))
        for i in range(2)
        for j in range(3)
    ]


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


def _no_less(said: Expr, least: Expr) -> Step:
    """Whether what is said is the derived constant times a number >= 1."""
    text, ratio = f"{least} <= {said}", simplify(said / least)
    if ratio.is_number and ratio >= 1:
        return Step(text, How.DERIVED)
    return gap(text, f"over the derived constant it is {ratio}")


def decide(flow: Flow, prediction: SoftmaxBounds) -> Sheet:
    """Bound the derivative of a row by a mean deviation, and that of softmax by a variance."""
    own = derive_bounds(flow)
    if own is None:
        return Sheet((gap("A_ik ∝ m_k e^(c<x_i,x_k>), c >= 0", "not of this form"),))
    jacobian, square = _softmax_algebra()
    form = Step("A_ik ∝ m_k e^(c<x_i,x_k>), c >= 0", How.DERIVED, evidence=f"c = {own.rows / 2}")
    slope = derived("d softmax(cs)/ds = c (diag(a) - a a^T), for three entries", jacobian)
    slope = saying(slope, *_slopes())
    jensen = cited("Jensen's inequality: E|w - E w| <= √Var w <= sup|w|", slope)
    text = "Σ_k |dA_ik| = c E|w - E w| <= c sup|w|, w_k = <dx_i,x_k> + <x_i,dx_k>"
    row = apply(CHAIN, text, form, slope, jensen)
    norm = apply(TRIANGLE, "sup|w| <= 2 max|dx_j| where |x_j| <= 1, as on segments", row)
    text = f"Σ_k |A_ik(X) - A_ik(Y)| <= {own.rows} max|x_j-y_j|, without n (printed: 2βn)"
    rows = apply(MEAN_VALUE, text, norm)
    # Var(v) <= E(v-c)², c the midpoint; |v-c| <= half the range.
    popoviciu = cited("Popoviciu's inequality: Var_a(v) <= (range)²/4", slope)
    p, q = Symbol("p", real=True), Symbol("q", real=True)
    spread = derived("2p² + 2q² = (p-q)² + (p+q)², so (range)² <= 2|v|²", square)
    spread = saying(spread, say(2 * p**2 + 2 * q**2, "=", (p - q) ** 2 + (p + q) ** 2))
    text = f"softmax moves by at most {own.scores} |s - s'|, attained by two equal scores"
    scores = apply(CHAIN, text, popoviciu, spread)
    return Sheet(
        (
            *(form, slope, jensen, row, norm, rows, popoviciu, spread, scores),
            _no_less(prediction.rows, own.rows),
            _no_less(prediction.scores, own.scores),
        ),
        {**SCOPE_WARM_EQUAL_MASSES_FROM_TWO, "masses": "symbolic"},
        subjects(flow.model, prediction.rows, prediction.scores),
        "Σ_k |dA_ik| = β E|w - E w| <= β sup|w| <= 2β max|dx_j|, w_k = <dx_i,x_k> + <x_i,dx_k>, "
        "without n (printed: 2βn); Var_a(v) <= (range)²/4 <= |v|²/2 gives β/2, attained",
    )


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
    decide,
    derive_bounds,
    refute_softmax,
    watch_rows,
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
