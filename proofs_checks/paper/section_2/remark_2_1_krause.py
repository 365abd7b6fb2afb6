"""Remark 2.1: SA is the projection of Krause's model.

How it is proved
----------------
The Gram algebra reduces P_x(y-x) - P_x y and |x-y|² - (2-2<x,y>) to 0, the row algebra the sum
of a row minus 1, and SymPy shows that the kernel over φ is free of <x,y>. So SA is the
projection of Krause's field with φ(r) = e^{-βr/2}. That the weights aren't symmetric is shown,
exactly for every β > 0, by three tokens on a line. Rational points are drawn only to refute.

References
----------
arXiv 2312.10794, Remark 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, OneMatrix, Rational, Symbol, exp, log, simplify
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    SYMBOLIC,
    Counterexample,
    Flow,
    How,
    RowAlgebra,
    Sheet,
    Statement,
    Step,
    Witness,
    decimal,
    derived,
    excludes_zero,
    gap,
    leaves_sphere,
)
from proofs_checks.said import say, saying
from theory.atoms import Elementwise, row_normalised
from theory.bounded import remainder
from theory.engines import inner, project, residual, vectors
from theory.models import SA, USA
from theory.symbols import X, beta, m, n, z

_HOT = Symbol("beta", positive=True)
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
    return row_normalised(Elementwise(body, X * X.T), m)


def _residuals(flow: Flow, prediction: Krause) -> list[tuple[str, Expr]]:
    """Return what has to vanish for the flow to be the projection of Krause's field."""
    form = flow.form
    assert form is not None  # asked before
    x, y = vectors("x y", unit="x y")
    (probe,) = vectors("a")
    influence = _of_products(prediction)
    row = RowAlgebra().column(_row_weights(influence) * OneMatrix(n, 1))
    return [
        ("Σ_j a_ij - 1", residual(row - 1)),
        ("P_x(y-x) - P_x y", residual(inner(project(x, y - x) - project(x, y), probe))),
        ("|x-y|² - (2 - 2<x,y>)", residual(inner(x - y, x - y) - 2 + 2 * inner(x, y))),
        ("d/dz k(z)/φ(2-2z)", remainder((form.kernel / influence).diff(z))),
        ("scale - 1", form.scale - 1),
    ]


def _of_products(prediction: Krause) -> Expr:
    """φ as a function of the inner product."""
    return prediction.influence.subs(DISTANCE, 2 - 2 * z)


def _difference(influence: Expr) -> Expr:
    """Return a_12 - a_21 for x_1 = x_3 = -x_2 of masses 1/3."""
    near, far = influence.subs(z, 1), influence.subs(z, -1)
    return far / (2 * near + far) - far / (near + 2 * far)


def refute_krause(flow: Flow, prediction: Krause | None, budget: Budget) -> Counterexample | None:
    """Weights that don't sum to 1, that are no multiple of φ, or that aren't symmetric."""
    off = leaves_sphere(flow.model, budget.rng)
    form = flow.form
    if off or form is None or prediction is None:
        return Counterexample(off) if off else None
    lone = (form.scale * form.kernel).subs({z: 1, beta: Rational(5, 4)})
    if not form.normalised and lone != 1:
        text = f"the weight of a lone token is {lone} at β = 5/4, Krause's is 1"
        return Counterexample(f"{flow.name}: {text}")
    influence = _of_products(prediction)
    if influence.subs(beta, 0) == 0:
        text = f"φ = {prediction.influence} is 0 at β = 0, where Σ_k φ_ik can't divide it"
        return Counterexample(text)
    apart = _difference(influence)
    if prediction.symmetric and excludes_zero(enclose(apart, {beta: Integer(1)})):
        text = "the weights aren't symmetric: x_1 = x_3 = -x_2, masses 1/3"
        return Counterexample(f"{text}: a_12 - a_21 = {apart}, {apart.subs(beta, 1).n(6)} at β = 1")
    if all(value == 0 for _, value in _residuals(flow, prediction)):
        return None
    weights, attention = _row_weights(influence), _row_weights(form.kernel)
    for case in range(1, budget.cases + 1):
        point = Witness(budget.rng, [weights, attention, form.scale])
        at = point.evaluator()
        for left, right in zip(at(attention)[0], at(weights)[0], strict=True):
            if excludes_zero(at.scalar(form.scale) * left - right):
                text = f"{form.scale} A_1j - a_1j, A_1j = {decimal(left)}, isn't 0 at {point}"
                return Counterexample(text, cases=case)
    return None


def decide(flow: Flow, prediction: Krause) -> Sheet:
    """Compare the kernel with φ, and find two weights that differ."""
    form = flow.form
    if form is None or not form.normalised:
        return Sheet((gap("a_ij = φ_ij / Σ_k φ_ik", "no softmax of inner products"),))
    influence = _of_products(prediction)
    ratio = simplify(log(influence.subs(z, 1) / influence.subs(z, -1)).subs(beta, _HOT))
    text = f"x_1 = x_3 = -x_2, masses 1/3: a_12 - a_21 = {_difference(influence)}"
    unequal = gap(text, f"sign of log φ(0)/φ(4) = {ratio}")
    if ratio.is_positive and not prediction.symmetric:
        evidence = f"not 0 for β > 0, as log φ(0)/φ(4) = {ratio} > 0: not symmetric"
        unequal = Step(text, How.DECIDED, evidence=evidence)
        given = (say(0, "<", beta),)
        unequal = saying(unequal, say(_difference(influence), "<", 0, given))
    text = "φ isn't 0, so that Σ_k φ_ik can divide it"
    divides = Step(text, How.DECIDED) if influence.is_nonzero else gap(text, str(influence))
    equal = (derived(f"{a} = 0", left) for a, left in _residuals(flow, prediction))
    steps = (*equal, divides, unequal)
    return Sheet(
        steps,
        SYMBOLIC,
        (_row_weights(influence) * OneMatrix(n, 1), flow.model.velocity),
        f"row sum - 1; P_x(y-x) - P_x y; kernel over φ(2-2z) is free of z; {unequal.evidence}",
    )


def derive_krause(flow: Flow) -> Krause | None:
    """Return the influence that the flow's own kernel is: φ(r) = k(1 - r/2)."""
    form = flow.form
    return None if form is None else Krause(form.kernel.subs(z, 1 - DISTANCE / 2))


PROJECTED: Statement[Krause] = Statement(
    "", "the projection of Krause's model", decide, derive_krause, refute_krause
)


_INFLUENCE = exp(-beta * DISTANCE / 2)


KRAUSE = Claim(
    "Remark 2.1",
    "SA is the projection of Krause's model with φ(r) = e^{-βr/2}; its weights aren't symmetric.",
    SA,
    Krause(_INFLUENCE),
    PROJECTED,
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
