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

from dataclasses import dataclass

import numpy as np
from sympy import Add, Expr, Integer, S, Symbol, expand, simplify, symbols

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.proof import Array, on_sphere, unreached
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


def _envelope_factor(model: Model, size: int) -> Expr | None:
    """Derive c in ``x_i' = c P_i (1/m_i) dE/dx_i`` by the envelope argument, or return None.

    The plan ``Π_ij = m_i A_ij`` is symmetric with marginals m. The potential's equation, varied:
    ``m_i dp_i + Σ_j Π_ij (dS_ij + dp_j) = 0``; its sum over i gives ``2 Σ m dp = -Σ Π dS``.
    """
    field = model.velocity.field if isinstance(model.velocity, Tangent) else None
    if field is None or model.energy is None or type(field.args[0]) is not Sinkhorn:
        return None
    scores = field.args[0].scores
    share, product = scores.as_coeff_mmul()
    outer, potential = model.energy.as_coeff_mmul()
    if product != X * X.T or field.args[0].masses != m:
        return None
    if potential != m.T * SinkhornPotential(scores, m):
        return None
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
    # Σ_i of the varied equations is 2 dp-part + 2 share Σ <dx_i, (Π X)_i>, so dE = outer·change.
    if expand(Add(*varied) - 2 * change - 2 * share * pull) != 0:
        return None
    return simplify(-1 / (outer * share))


def check_doubly_stochastic(model: Model, prediction: EntropicGradient, budget: Budget) -> Evidence:
    """Check the marginals, and that the flow is the gradient of the entropic transport value.

    Parameters
    ----------
    model : Model
        The flow ``P_i (A X)_i`` with its energy.
    prediction : EntropicGradient
        Factor of the gradient and the marginals.
    budget : Budget
        Configurations to draw.
    """
    plain = _unprojected(model)
    if plain is None or model.energy is None:
        return unreached(model, f"{model.name}: no flow P_i (A X)_i with an energy", budget.rng)
    worst = 0.0
    for case in range(1, budget.cases + 1):
        points = np.asarray(random_points(3, 4, budget.rng))
        hot = float(budget.rng.uniform(0.5, 2.5))
        for text, defect in _gradient_defects(model, plain, points, hot, prediction):
            if not defect <= _TOLERANCE:
                shown = np.array2string(points, precision=3).replace("\n", "")
                return Evidence(
                    Verdict.REFUTED,
                    f"{text} {defect:.4g} at β = {hot:.4g}, X = {shown}",
                    cases=case,
                    margin=1 - defect / _TOLERANCE,
                )
            worst = max(worst, defect)
    factors = [_envelope_factor(model, size) for size in (2, 3, 4)]
    derived = [f is not None and simplify(f - prediction.factor) == 0 for f in factors]
    if all(derived) and prediction.marginal == 1:
        return Evidence(
            Verdict.PROVED,
            "the varied equations of the potential sum to 2 Σ m dp + 2β Σ <dx_i,(ΠX)_i>: residual "
            "0, so dE = Σ <dx_i, m_i (AX)_i>; watched: marginals, symmetry, gradient, symmetric "
            f"Jacobian, largest defect {worst:.3g} against {_TOLERANCE:g}",
            {"n": "2, 3, 4", "d": "symbolic", "beta": "symbolic, nonzero", "masses": "symbolic"},
            (
                "Sinkhorn: the scaling to given marginals exists and is unique",
                "implicit function theorem: the potential is smooth",
            ),
            budget.cases,
            1 - worst / _TOLERANCE,
            identity=(model.velocity, model.energy),
        )
    return Evidence(
        Verdict.SUPPORTED,
        "A is symmetric with rows and columns that sum to 1, m_i x_i' = P_i dE/dx_i, symmetric "
        f"Jacobian: largest defect {worst:.3g} against {_TOLERANCE:g}",
        {"n": "3", "d": "4", "beta": "[0.5, 2.5]", "masses": "1/n"},
        ("Sinkhorn: the scaling to given marginals exists and is unique",),
        budget.cases,
        1 - worst / _TOLERANCE,
    )


DOUBLY_STOCHASTIC = Claim(
    "Remark 3.5",
    "Sinkhorn attention is doubly stochastic, symmetric, and the gradient flow of its energy.",
    SINKHORN,
    EntropicGradient(),
    check_doubly_stochastic,
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
