"""Remark 2.1: SA is the projection of Krause's model.

How it is proved
----------------
The Gram algebra reduces P_x(y-x) - P_x y and |x-y|² - (2-2<x,y>) to 0, the row algebra the sum
of a row minus 1, and SymPy shows that the kernel over φ is free of <x,y>. So SA is the
projection of Krause's field with φ(r) = e^{-βr/2}. That the weights aren't symmetric is shown at
a rational point, enclosed by intervals.

References
----------
arXiv 2312.10794, Remark 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import DiagMatrix, Expr, OneMatrix, Rational, Symbol, exp, simplify
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import RowAlgebra, Witness, decimal, excludes_zero, settle, unreached
from theory.atoms import Elementwise
from theory.engines import inner, project, residual, vectors
from theory.models import SA, USA, Model, attention_form
from theory.symbols import X, beta, m, n, z

DISTANCE = Symbol("r", nonnegative=True)
"""Squared distance ``|x_i - x_j|²``, which is 2 - 2<x_i, x_j> on the sphere."""


@dataclass(frozen=True)
class Krause:
    """Weights ``a_ij = φ(|x_i-x_j|²) / Σ_k φ(|x_i-x_k|²)`` of Krause's model.

    Attributes
    ----------
    influence : Expr
        φ in ``DISTANCE``.
    symmetric : bool
        Whether the weights are said to be symmetric.
    """

    influence: Expr
    symmetric: bool = False


def _row_weights(body: Expr) -> MatrixExpr:
    """Matrix of the weights ``m_j f(g_ij) / Σ_k m_k f(g_ik)``."""
    kernel = Elementwise(body, X * X.T)
    return DiagMatrix(kernel * m) ** -1 * kernel * DiagMatrix(m)


def check_krause(model: Model, prediction: Krause, budget: Budget) -> Evidence:
    """Check that the flow is the projection of Krause's field, and that its weights aren't even.

    Parameters
    ----------
    model : Model
        A flow by scalar attention.
    prediction : Krause
        The influence function φ.
    budget : Budget
        Points to draw for a counterexample.
    """
    x, y = vectors("x y", unit="x")
    own = residual(inner(project(x, y - x) - project(x, y), vectors("a")[0]))
    length = residual(inner(x - y, x - y) - inner(x, x) - inner(y, y) + 2 * inner(x, y))
    form = attention_form(model)
    if form is None:
        return unreached(model, f"{model.name} is no scalar attention", budget.rng)
    if not form.normalised:
        lone = (form.scale * form.kernel).subs({z: 1, beta: Rational(5, 4)})
        verdict = Verdict.UNDECIDED if lone == 1 else Verdict.REFUTED
        return Evidence(
            verdict, f"{model.name}: the weight of a lone token is {lone} at β = 5/4, Krause's is 1"
        )
    influence = prediction.influence.subs(DISTANCE, 2 - 2 * z)
    if influence.subs(beta, 0) == 0:
        detail = f"φ = {prediction.influence} is 0 at β = 0, where Σ_k φ_ik can't divide it"
        return Evidence(Verdict.REFUTED, detail)
    ratio = simplify(form.kernel / influence)
    weights = _row_weights(influence)
    attention = _row_weights(form.kernel)
    algebra = RowAlgebra()
    row = residual(algebra.column(weights * OneMatrix(n, 1)) - 1)

    def asymmetric(rng: np.random.Generator) -> str:
        point = Witness(rng, [weights])
        point.matrices[m] = [[Rational(1, 3)]] * 3
        found = point.evaluator()(weights)
        gap = found[0][1] - found[1][0]
        return f"a_12 - a_21 = {decimal(gap)} at {point}" if excludes_zero(gap) else ""

    residuals = [
        ("row sum - 1", row),
        ("P_x(y-x) - P_x y", own),
        ("|x-y|² - (|x|²+|y|²-2<x,y>)", length),
        ("d/dz of kernel over φ", simplify(ratio.diff(z))),
        ("scale - 1", form.scale - 1),
    ]
    seen = ""
    if all(value == 0 for _, value in residuals):
        seen = next((s for s in (asymmetric(budget.rng) for _ in range(40)) if s), "")
    if prediction.symmetric and seen:
        return Evidence(Verdict.REFUTED, f"the weights aren't symmetric: {seen}")

    def refute(rng: np.random.Generator) -> str:
        point = Witness(rng, [weights, attention, form.scale])
        at = point.evaluator()
        for left, right in zip(at(attention)[0], at(weights)[0], strict=True):
            if excludes_zero(at.scalar(form.scale) * left - right):
                return f"{form.scale} A_1j - a_1j, A_1j = {decimal(left)}, isn't 0 at {point}"
        return ""

    evidence = settle(
        residuals,
        refute,
        budget,
        f"row sum - 1; P_x(y-x) - P_x y; kernel over φ(2-2z) is {ratio}, free of z; not symmetric:"
        f" {seen}",
        identity=(weights * OneMatrix(n, 1), model.velocity),
    )
    if evidence.verdict is Verdict.PROVED and not seen:
        return Evidence(Verdict.UNDECIDED, "no point with weights a_12 != a_21 was found")
    return evidence


_INFLUENCE = exp(-beta * DISTANCE / 2)


KRAUSE = Claim(
    "Remark 2.1",
    "SA is the projection of Krause's model with φ(r) = e^{-βr/2}; its weights aren't symmetric.",
    SA,
    Krause(_INFLUENCE),
    check_krause,
    (
        Control("φ(r) = e^{-βr}", prediction=Krause(_INFLUENCE**2)),
        Control("the factor β dropped in φ", prediction=Krause(exp(-DISTANCE / 2))),
        Control("symmetric weights", prediction=Krause(_INFLUENCE, True)),
        Control("the unnormalised flow USA", model=USA),
    ),
    Verdict.PROVED,
    equivalents=(
        Equivalent("a sign of φ leaves φ_ij / Σ_k φ_ik as it is", ("prediction.influence: sign",)),
    ),
)


CLAIMS = (KRAUSE,)
