"""Models that lack a hypothesis each, for statements that have forgotten it.

A statement that says more of one of them once a hypothesis is dropped needed the hypothesis.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from sympy import Abs, DiagMatrix, MatrixSymbol, Rational, S, cos, exp, sqrt

from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import ENERGY, interaction_energy
from theory.layers import discrete_layer
from theory.models import CAUSAL, QKV, REPULSIVE, SA, SINKHORN, USA, Model, gradient_flow
from theory.symbols import X, beta, m, n, t, z


def _paced(model: Model, factor: Any) -> Model:
    """Change the speed of a model; energy and metric stay as they are."""
    velocity = Tangent(X, factor * model.velocity.field)
    return replace(model, name=f"{factor}·{model.name}", velocity=velocity)


def _climbing(kernel: Any) -> Model:
    return gradient_flow(interaction_energy(kernel), f"h = {kernel}")


def _step(time: float) -> float:
    """Give a temperature that only a program knows."""
    return 1.0 if time < 3 else 2.0


def _pass(time: float) -> float:
    """Give a temperature that a program never lets below 0."""
    return abs(time - 3.0)


_SCORES = beta * X * X.T
_SIGNED = MatrixSymbol("w", n, 1)
_MEANS = RowSoftmax(_SCORES, m) * X
_SUM = Elementwise(exp(beta * z), X * X.T) * DiagMatrix(m) * X

MODELS: tuple[tuple[Model, dict[str, Any]], ...] = (
    # What the paper speaks of, at a temperature that lies outside, or that nobody can read.
    *((model, given) for model in (SA, USA) for given in ({}, {"beta": -5}, {"beta": 2})),
    *((model, {"beta": code}) for model in (SA, USA) for code in (_step, _pass)),
    (SA, {"beta": 0}),
    (REPULSIVE, {}),
    # Speeds that end, turn, vary, or hold β.
    *(
        (_paced(model, factor), {})
        for model in (SA, USA)
        for factor in (exp(-t), cos(t), 1 / (1 + t), exp(t), beta, 1 - beta, -S.One)
    ),
    *((model.subs({beta: 1 + 10 * t}), {}) for model in (SA, USA)),
    (_climbing(exp(beta * z - t)), {}),
    (_climbing(exp(-5 * t) * z), {}),
    # Off the sphere; values or weights of another kind; no energy of pairs.
    (Model("off the sphere", _SUM, parameters=(beta,), space="euclidean"), {}),
    (Model("not projected", _SUM, USA.energy, m, (beta,)), {}),
    (Model("signed", Tangent(X, RowSoftmax(_SCORES, _SIGNED) * X), parameters=(beta, _SIGNED)), {}),
    (CAUSAL, {}),
    (QKV, {}),
    (SINKHORN, {}),
    (replace(SA, name="SA, no energy", energy=None, metric=None), {}),
    (replace(USA, name="USA, no energy", energy=None, metric=None), {}),
    (replace(SA, name="SA, metric m", metric=m), {}),
    (replace(USA, name="USA, -E", energy=-ENERGY), {}),
    # Kernels: h' that vanishes, changes its sign, or isn't smooth; h that is constant.
    *(
        (_climbing(kernel), {})
        for kernel in (
            z,
            -z,
            S.One,
            z**2,
            z**3,
            3 * z - z**3,
            z - z**2 / 4,
            z - z**2,
            (1 + z) ** 3,
            (1 + z) ** 2 / 2,
            (1 + z) ** Rational(5, 2),
            Abs(z) ** Rational(3, 2),
            exp(-2 * z),
            -exp(-2 * z) / 2,
            z * exp(2 * z),
            sqrt(2 + z),
        )
    ),
    (replace(_climbing(-exp(-2 * z) / 2), energy=interaction_energy(exp(4 * z) / 4)), {}),
    # Layers, one that steps back, and a map of R^d.
    (discrete_layer(SA), {"eta": -0.5}),
    (Model("averages", _MEANS, parameters=(beta,), space="euclidean", kind="map"), {}),
    *(
        (discrete_layer(model), {})
        for model in (SA, USA, REPULSIVE, _paced(SA, exp(-t)), _climbing(z**3))
    ),
)
"""Models, and the parameters that they are given."""


@cache
def gallery() -> tuple[Flow, ...]:
    """Return the models as statements see them."""
    return tuple(Flow.of(model, **given) for model, given in MODELS)
