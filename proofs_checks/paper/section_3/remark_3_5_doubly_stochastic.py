"""Remark 3.5: Sinkhorn attention is the gradient flow of its energy.

How it is proved
----------------
Exact for n = 2, 3, 4 with symbolic masses: the varied equations of the potential sum to 2 Σ m dp
+ 2β Σ <dx_i, (ΠX)_i>, so that dE = Σ <dx_i, m_i (AX)_i>. Watched in floats, n = 3, d = 4: rows
and columns of A sum to 1, A is symmetric, the flow is the gradient, its Jacobian is symmetric.
Cited: Sinkhorn's scaling exists and is unique; implicit function theorem.

References
----------
arXiv 2312.10794, Remark 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Add, Expr, Integer, S, Symbol, expand, simplify, symbols

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
    Sheet,
    Statement,
    Step,
    Trial,
    cited,
    derived,
    gap,
    leaves_sphere,
    on_sphere,
    short,
)
from theory.atoms import Sinkhorn, SinkhornPotential, Tangent
from theory.models import SA, SINKHORN, USA, Model
from theory.symbols import X, beta, m


@dataclass(frozen=True)
class EntropicGradient:
    """Rows and columns of A sum to ``marginal``, and ``x_i' = factor · P_i (1/m_i) dE/dx_i``.

    Attributes
    ----------
    factor : Expr
        In ``beta``.
    marginal : Expr
        For equal masses.
    """

    factor: Expr = S.One
    marginal: Expr = S.One


_TOLERANCE = 1e-6


def _unprojected(model: Model) -> Model | None:
    """Field ``A X`` before projection, or None when the flow isn't of this form."""
    field = model.velocity.field if isinstance(model.velocity, Tangent) else None
    factors = () if field is None else field.args
    if not factors or factors[-1] != X:
        return None
    return Model("A X", field, parameters=model.parameters, space="euclidean")


def _gradient_defects(
    model: Model, plain: Model, points: Array, hot: float, prediction: EntropicGradient
) -> list[tuple[str, float]]:
    """Defects of the marginals, of the symmetry, of the gradient and of its Jacobian."""
    size, dimension = points.shape
    # The rows of X are independent, so A X determines A.
    weights = compile_model(plain, beta=hot)(points) @ np.linalg.pinv(points)
    field, step = compile_model(model, beta=hot), 1e-4
    target = float(prediction.marginal.subs(beta, hot))
    factor = float(prediction.factor.subs(beta, hot))
    shifts = np.eye(size * dimension).reshape(-1, size, dimension) * step
    forward, backward = on_sphere(points + shifts), on_sphere(points - shifts)
    slope = (field.energy(forward) - field.energy(backward)) / (2 * step)
    momentum = field(points) / size
    jacobian = (field(forward) - field(backward)).reshape(-1, size * dimension) / (2 * step)
    # Directions tangent to the sphere at every token.
    blocks = np.eye(dimension) - points[:, :, None] * points[:, None, :]
    frame = np.zeros((size, dimension, size, dimension))
    frame[np.arange(size), :, np.arange(size), :] = blocks
    flat = frame.reshape(size * dimension, -1)
    form = flat @ jacobian @ flat
    return [
        ("a row sum of A is off by", float(np.abs(weights.sum(axis=1) - target).max())),
        ("a column sum of A is off by", float(np.abs(weights.sum(axis=0) - target).max())),
        ("A is asymmetric by", float(np.abs(weights - weights.T).max())),
        (
            "m_i x_i' and P_i dE/dx_i differ by",
            float(np.abs(momentum.ravel() - factor * slope).max()),
        ),
        ("the Jacobian of the flow is asymmetric by", float(np.abs(form - form.T).max())),
    ]


@dataclass(frozen=True)
class Entropic:
    """``x_i' = P_i (A X)_i``, A Sinkhorn's for ``share X X^T``; E is outer times its potential."""

    share: Expr
    outer: Expr


def _entropic(flow: Flow) -> Entropic | None:
    """Read the scores and the energy off a flow, or return None."""
    velocity, energy = flow.model.velocity, flow.model.energy
    field = velocity.field if isinstance(velocity, Tangent) else None
    if field is None or energy is None or type(field.args[0]) is not Sinkhorn:
        return None
    if len(field.args) != 2 or field.args[1] != X:
        return None
    scores = field.args[0].scores
    share, product = scores.as_coeff_mmul()
    outer, potential = energy.as_coeff_mmul()
    if product != X * X.T or field.args[0].masses != m:
        return None
    return Entropic(share, outer) if potential == m.T * SinkhornPotential(scores, m) else None


def _is_entropic(flow: Flow) -> Step:
    text = "A is Sinkhorn's scaling of e^S, S = c X X^T, and E its potential"
    if _entropic(flow) is None:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} isn't of this form")
    return Step(text, How.DERIVED)


ENTROPIC = Premise("ENTROPIC", _is_entropic)


def _envelope(share: Expr, size: int) -> Expr:
    """Sum of the varied equations of the potential, minus what they are said to give.

    The plan ``Π_ij = m_i A_ij`` is symmetric with marginals m. The potential's equation, varied:
    ``m_i dp_i + Σ_j Π_ij (dS_ij + dp_j) = 0``; its sum over i gives ``2 Σ m dp = -Σ Π dS``.
    """
    rows = range(size)
    weight, shift = symbols(f"m:{size}", positive=True), symbols(f"p:{size}", real=True)
    plan = [[Symbol(f"P{min(i, j)}{max(i, j)}") for j in rows] for i in rows]
    for i in rows:
        plan[i][i] = weight[i] - Add(*(plan[i][j] for j in rows if j != i))
    # <dx_i, x_j>, and dS_ij = share (<dx_i,x_j> + <x_i,dx_j>).
    move = [[Symbol(f"a{i}{j}") for j in rows] for i in rows]
    score = [[share * (move[i][j] + move[j][i]) for j in rows] for i in rows]
    varied = [
        weight[i] * shift[i] + Add(*(plan[i][j] * (score[i][j] + shift[j]) for j in rows))
        for i in rows
    ]
    pull = Add(*(plan[i][j] * move[i][j] for i in rows for j in rows))
    change = Add(*(weight[i] * shift[i] for i in rows))
    return expand(Add(*varied) - 2 * change - 2 * share * pull)


def derive_gradient(flow: Flow) -> EntropicGradient | None:
    """Return the factor that the envelope gives, and the marginals 1."""
    form = _entropic(flow)
    return None if form is None else EntropicGradient(simplify(-1 / (form.outer * form.share)))


def refute_gradient(
    flow: Flow, prediction: EntropicGradient | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that leave the sphere."""
    found = leaves_sphere(flow.model, budget.rng)
    return Counterexample(found) if found else None


def decide(flow: Flow, prediction: EntropicGradient) -> Sheet:
    """Vary the equations of the potential: their sum gives dE."""
    form, own = _entropic(flow), derive_gradient(flow)
    if form is None or own is None:
        missing = gap("x_i' = c P_i (1/m_i) dE/dx_i, rows and columns sum to 1", "no such form")
        return Sheet((missing,), {"n": "3", "d": "4", "beta": "[0.5, 2.5]", "masses": "1/n"})
    entropic = _is_entropic(flow)
    scaled = cited(SCALING, entropic)
    share = form.share
    steps = (
        entropic,
        scaled,
        derived("masses 1/n: rows and columns of A sum to 1", simplify(prediction.marginal - 1)),
        Step("A = A^T: S = S^T, and the scaling is unique", How.DERIVED),
        cited(SMOOTH, scaled),
        *(
            derived(
                f"n = {size}: Σ of the varied equations is 2 Σ m dp + 2 ({share}) Σ <dx_i,(ΠX)_i>",
                _envelope(share, size),
            )
            for size in (2, 3, 4)
        ),
        derived(
            f"dE = ({form.outer}) Σ m dp, so x_i' = ({prediction.factor}) P_i (1/m_i) dE/dx_i",
            simplify(own.factor - prediction.factor),
        ),
    )
    return Sheet(
        steps,
        {"n": "2, 3, 4", "d": "symbolic", "beta": "symbolic, nonzero", "masses": "symbolic"},
        (flow.model.velocity, flow.model.energy),
        f"the varied equations of the potential sum to 2 Σ m dp + 2 ({share}) Σ <dx_i,(ΠX)_i>: "
        "residual 0, so dE = Σ <dx_i, m_i (AX)_i>; watched: marginals, symmetry, gradient, "
        f"symmetric Jacobian, within {_TOLERANCE:g}",
    )


def watch_gradient(flow: Flow, prediction: EntropicGradient, budget: Budget) -> Trial:
    """Look at marginals, symmetry, gradient and Jacobian at drawn tokens, in floats."""
    plain = _unprojected(flow.model)
    if plain is None or flow.model.energy is None or flow.given:
        return Trial(silent=f"{flow.name}: no flow P_i (A X)_i with an energy, or given values")
    worst = 0.0
    for case in range(1, budget.cases + 1):
        points = np.asarray(random_points(3, 4, budget.rng))
        hot = float(budget.rng.uniform(0.5, 2.5))
        for text, defect in _gradient_defects(flow.model, plain, points, hot, prediction):
            if not defect <= _TOLERANCE:
                shown = f"{text} {defect:.4g} at β = {hot:.4g}, X = {short(points)}"
                return Trial(shown, 1 - defect / _TOLERANCE, case)
            worst = max(worst, defect)
    return Trial("", 1 - worst / _TOLERANCE, budget.cases)


SCALING = "Sinkhorn: the scaling to given marginals exists and is unique"
SMOOTH = "implicit function theorem: the potential is smooth"
OF_MODELS: Statement[EntropicGradient] = Statement(
    "Remark 3.5",
    "Sinkhorn attention is doubly stochastic, symmetric, and the gradient flow of its energy",
    decide,
    derive_gradient,
    refute_gradient,
    premises=(KNOWN, ON_SPHERE, ENTROPIC),
)
"""What is asked of a model; of others than Sinkhorn's it says nothing."""


STOCHASTIC: Statement[EntropicGradient] = replace(
    OF_MODELS, name="", premises=(), trial=watch_gradient, also=(OF_MODELS,)
)
"""The same of the paper's models, which runs refute where it isn't their form."""


DOUBLY_STOCHASTIC = Claim(
    "Remark 3.5",
    "Sinkhorn attention is doubly stochastic, symmetric, and the gradient flow of its energy.",
    SINKHORN,
    EntropicGradient(),
    STOCHASTIC,
    (
        Control("the softmax of SA", model=SA),
        Control("the unnormalised USA", model=USA),
        Control("twice the gradient", prediction=EntropicGradient(Integer(2))),
        Control("E without 1/β", prediction=EntropicGradient(1 / beta)),
    ),
    Verdict.PROVED,
    cases=2,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (DOUBLY_STOCHASTIC,)
