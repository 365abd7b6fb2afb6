"""Remark 3.5: Sinkhorn attention is doubly stochastic, and the gradient flow of its energy.

How it is proved
----------------
Theorems on the plan Π_ij = m_i A_ij = m_i m_j e^{p_i + S_ij + p_j}, for every n and all masses:
rows of A add up to 1, as the potential p is defined; Π is symmetric, as S is, so that columns of Π
add up to m_j; and along every curve of tokens E' = Σ_i m_i <x_i', v_i>, v the velocity, as the
equations of the rows, varied and summed, are 2 Σ m p' + β Σ Π_ij <x_i,x_j>' = 0. Watched in floats,
n = 3 and 5, drawn masses: rows and columns, symmetry, the gradient, the Jacobian. Cited: Sinkhorn,
that there is one potential; implicit function theorem, that it is smooth.

References
----------
arXiv 2312.10794, Remark 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import (
    Expr,
    Integer,
    MatMul,
    Piecewise,
    S,
    simplify,
)

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    KNOWN,
    ON_SPHERE,
    Array,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Statement,
    Step,
    Trial,
    leaves_sphere,
    on_sphere,
    short,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    plan_gradient,
    subject_in,
    values_in,
)
from theory.atoms import Sinkhorn, SinkhornPotential, Tangent
from theory.models import SA, SINKHORN, USA, Model
from theory.symbols import X, beta, m, n, t


@dataclass(frozen=True)
class EntropicGradient:
    """``Σ_j A_ij = marginal = Σ_i m_i A_ij / m_j``, and ``x_i' = factor P_i (1/m_i) dE/dx_i``.

    Attributes
    ----------
    factor : Expr
        In ``beta`` and n.
    marginal : Expr
        In n; with masses 1/n it is the sum of every row and column of A.
    """

    factor: Expr = S.One
    marginal: Expr = S.One


_TOLERANCE = 1e-6
_SIZES = (3, 5)
"""Numbers of tokens of the trials."""


def _unprojected(model: Model) -> Model | None:
    """Field ``A X`` before projection, or None when the flow isn't of this form."""
    field = model.velocity.field if isinstance(model.velocity, Tangent) else None
    factors = () if field is None else field.args
    if not factors or factors[-1] != X:
        return None
    return Model("A X", field, parameters=model.parameters, space="euclidean")


def _gradient_defects(
    model: Model, plain: Model, points: Array, masses: Array, hot: float, said: EntropicGradient
) -> list[tuple[str, float]]:
    """Defects of the marginals, of the symmetry, of the gradient and of its Jacobian."""
    size, dimension = points.shape
    # The rows of X are independent, so A X determines A.
    weights = compile_model(plain, beta=hot, masses=masses)(points) @ np.linalg.pinv(points)
    plan = masses[:, None] * weights
    field, step = compile_model(model, beta=hot, masses=masses), 1e-4
    target, factor = (
        float(value.subs({beta: hot, n: size})) for value in (said.marginal, said.factor)
    )
    shifts = np.eye(size * dimension).reshape(-1, size, dimension) * step
    forward, backward = on_sphere(points + shifts), on_sphere(points - shifts)
    slope = (field.energy(forward) - field.energy(backward)) / (2 * step)
    momentum = masses[:, None] * field(points)
    change = masses[:, None] * (field(forward) - field(backward))
    jacobian = change.reshape(-1, size * dimension) / (2 * step)
    # Directions tangent to the sphere at every token.
    blocks = np.eye(dimension) - points[:, :, None] * points[:, None, :]
    frame = np.zeros((size, dimension, size, dimension))
    frame[np.arange(size), :, np.arange(size), :] = blocks
    flat = frame.reshape(size * dimension, -1)
    form = flat @ jacobian @ flat
    columns = plan.sum(axis=0) / masses
    return [
        ("a row sum of A is off by", float(np.abs(weights.sum(axis=1) - target).max())),
        ("a column sum of m_i A_ij / m_j is off by", float(np.abs(columns - target).max())),
        ("m_i A_ij is asymmetric by", float(np.abs(plan - plan.T).max())),
        (
            "m_i x_i' and P_i dE/dx_i differ by",
            float(np.abs(momentum.ravel() - factor * slope).max()),
        ),
        ("the Jacobian of m_i x_i' is asymmetric by", float(np.abs(form - form.T).max())),
    ]


@dataclass(frozen=True)
class Entropic:
    """``x_i' = pace P_i (A X)_i``, A Sinkhorn's for ``share X X^T``; E is outer times ``Σ m p``."""

    share: Expr
    outer: Expr
    pace: Expr = S.One


def _entropic(flow: Flow) -> Entropic | None:
    """Read the scores and the energy off a flow, or return None."""
    velocity, energy = flow.model.velocity, flow.model.energy
    field = velocity.field if isinstance(velocity, Tangent) else None
    if not isinstance(field, MatMul) or energy is None:
        return None
    pace, field = field.as_coeff_mmul()
    if type(field.args[0]) is not Sinkhorn or t in pace.free_symbols:
        return None
    if len(field.args) != 2 or field.args[1] != X:
        return None
    scores = field.args[0].scores
    share, product = scores.as_coeff_mmul()
    outer, potential = energy.as_coeff_mmul()
    if product != X * X.T or field.args[0].masses != m:
        return None
    known = potential == m.T * SinkhornPotential(scores, m)
    return Entropic(share, outer, pace) if known else None


def _is_entropic(flow: Flow) -> Step:
    text = "A_ij = e^{p_i + S_ij + p_j} m_j, S = c X X^T, and E is a multiple of Σ m p"
    if _entropic(flow) is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "no weights e^{p_i + S_ij + p_j} m_j")
    return Step(text, How.DERIVED)


ENTROPIC = Premise("ENTROPIC", _is_entropic, kind=True)


def derive_gradient(flow: Flow) -> EntropicGradient | None:
    """Return the factor that the envelope gives, and the marginals 1."""
    form = _entropic(flow)
    if form is None:
        return None
    return EntropicGradient(simplify(-form.pace / (form.outer * form.share)))


def refute_gradient(
    flow: Flow, prediction: EntropicGradient | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that leave the sphere, or descend: ``dE/dt = Σ m_i |x_i'|²/c`` with c < 0."""
    found = leaves_sphere(flow.model, budget.rng)
    if not found and prediction is not None and prediction.factor.subs(flow.values).is_negative:
        found = (
            "E falls at any tokens that move: "
            f"x_i' = c P_i (1/m_i) dE/dx_i with c = {prediction.factor}"
        )
    return Counterexample(found) if found else None


def say_gradient(flow: Flow, prediction: EntropicGradient) -> str:
    """Say the factor, where the flow is that of a multiple of its energy."""
    factor = prediction.factor
    return _SAYS if factor == 1 or factor.is_negative else f"{_SAYS}, times {factor}"


_SAYS = "Sinkhorn attention is doubly stochastic, symmetric, and the gradient flow of its energy"


def conclude_gradient(flow: Flow, prediction: EntropicGradient) -> Conclusion | Refusal:
    """Say that rows and columns add up, plans are symmetric, and the velocity is a gradient."""
    subject, energy, values = subject_in(flow), flow.model.energy, values_in(flow)
    if isinstance(subject, Refusal) or isinstance(values, Refusal) or energy is None:
        return Refusal("code, or the model states no energy")
    factor, marginal = (a.xreplace(values) for a in (prediction.factor, prediction.marginal))
    return plan_gradient(subject, energy.xreplace(values), factor, marginal)


def watch_gradient(flow: Flow, prediction: EntropicGradient, budget: Budget) -> Trial:
    """Look at marginals, symmetry, gradient and Jacobian at drawn tokens, in floats."""
    plain = _unprojected(flow.model)
    if plain is None or flow.model.energy is None or flow.given:
        return Trial(silent=f"{flow.name}: no flow P_i (A X)_i with an energy, or given values")
    worst = 0.0
    for case in range(1, budget.cases + 1):
        size = _SIZES[case % len(_SIZES)]
        points = np.asarray(random_points(size, size + 1, budget.rng))
        masses = budget.rng.uniform(0.5, 2.0, size)
        hot = float(budget.rng.uniform(0.5, 2.5))
        for text, defect in _gradient_defects(flow.model, plain, points, masses, hot, prediction):
            if not defect <= _TOLERANCE:
                at = f"β = {hot:.4g}, m = {short(masses)}, X = {short(points)}"
                return Trial(f"{text} {defect:.4g} at {at}", 1 - defect / _TOLERANCE, case)
            worst = max(worst, defect)
    return Trial("", 1 - worst / _TOLERANCE, budget.cases)


OF_MODELS: Statement[EntropicGradient] = Statement(
    "Remark 3.5",
    _SAYS,
    Concludes(conclude_gradient, warm=True),
    derive_gradient,
    refute_gradient,
    premises=(KNOWN, ON_SPHERE, ENTROPIC),
    says=say_gradient,
    typed=True,
)
"""What is asked of a model; of others than Sinkhorn's it says nothing."""


STOCHASTIC: Statement[EntropicGradient] = replace(
    OF_MODELS, name="", premises=(), trial=watch_gradient, also=(OF_MODELS,)
)
"""The same of the paper's models, which runs refute where it isn't their form."""


DOUBLY_STOCHASTIC = Claim(
    "Remark 3.5",
    "Sinkhorn attention is doubly stochastic, symmetric, and the gradient flow of its energy, for "
    "every n and all masses.",
    SINKHORN,
    EntropicGradient(),
    STOCHASTIC,
    (
        Control("the softmax of SA", model=SA),
        Control("the unnormalised USA", model=USA),
        Control("twice the gradient", prediction=EntropicGradient(Integer(2))),
        Control("E without 1/β", prediction=EntropicGradient(1 / beta)),
        Control(
            "the gradient for n <= 4 only",
            prediction=EntropicGradient(Piecewise((S.One, n <= 4), (Integer(2), True))),
        ),
        Control(
            "doubly stochastic for n <= 4 only",
            prediction=EntropicGradient(marginal=1 + (n - 2) * (n - 3) * (n - 4)),
        ),
    ),
    Verdict.PROVED,
    cases=2,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (DOUBLY_STOCHASTIC,)
