"""Models of the paper: SA, USA, (2.3), (3.12)-(3.14), (9.1), (9.3)-(9.6), Remark 3.5; causal SA.

Each is one matrix expression for the velocity, with the energy it climbs and the metric it has.
"""

from __future__ import annotations

from sympy import DiagMatrix, exp

from theory.atoms import (
    Elementwise,
    MatrixExponential,
    RowSoftmax,
    Sinkhorn,
    SinkhornPotential,
    Tangent,
)
from theory.energy import ENERGY, interaction_energy
from theory.hardmax import Hardmax
from theory.masks import Mask
from theory.models.model import Model, gradient_flow, softmax_metric
from theory.symbols import K, Q, V, X, beta, m, t, z

SA = Model(
    "SA",
    Tangent(X, RowSoftmax(beta * X * X.T, m) * X),
    ENERGY,
    softmax_metric(beta * X * X.T),
    reference="(SA)",
)
"""Self-attention with Q = K = V = I: gradient flow of (3.5) in the metric (3.13)."""


USA = gradient_flow(ENERGY, "USA", reference="(USA)")
"""Unnormalised self-attention: the Wasserstein gradient flow of (3.5)."""


REPULSIVE = Model(
    "repulsive SA",
    Tangent(X, -RowSoftmax(beta * X * X.T, m) * X),
    -ENERGY,
    softmax_metric(beta * X * X.T),
    reference="Section 9.1, V = -I",
)
"""SA with V = -I: descends the energy."""


QKV = Model(
    "QKV",
    Tangent(X, RowSoftmax(beta * X * Q.T * K * X.T, m) * X * V.T),
    parameters=(beta, Q, K, V),
    reference="(2.3)",
)
"""Attention with query, key and value matrices; ``subs`` makes them depend on time."""


_MATRIX_SCORES = beta * X * Q.T * K * X.T


QK_SA = Model(
    "QK-SA",
    Tangent(X, RowSoftmax(_MATRIX_SCORES, m) * X),
    parameters=(beta, Q, K),
    reference="(2.3), V = I",
)
"""Self-attention with arbitrary queries and keys, and V = I."""


QK_USA = Model(
    "QK-USA",
    Tangent(X, Elementwise(exp, _MATRIX_SCORES) * DiagMatrix(m) * X),
    parameters=(beta, Q, K),
    reference="(2.3), V = I, unnormalised",
)
"""Unnormalised self-attention with arbitrary queries and keys, and V = I."""


_VALUE_SCORES = beta * X * V * X.T


SYMMETRIC_QKV = Model(
    "symmetric QKV",
    Tangent(X, RowSoftmax(_VALUE_SCORES, m) * X * V.T),
    interaction_energy(exp(beta * z) / beta, V),
    softmax_metric(_VALUE_SCORES),
    parameters=(beta, V),
    reference="(3.12)-(3.14)",
)
"""Attention with Q^T K = V. For symmetric V it is the gradient flow of Section 3.4.1."""


PURE_ATTENTION = Model(
    "pure self-attention",
    RowSoftmax(beta * X * Q.T * K * X.T, m) * X * V.T,
    parameters=(beta, Q, K, V),
    space="euclidean",
    reference="(9.1)",
)
"""Attention on R^d, without projection."""


_MOVING = X * MatrixExponential(t * V.T)


RESCALED_ATTENTION = Model(
    "rescaled self-attention",
    RowSoftmax(beta * _MOVING * Q.T * K * _MOVING.T, m) * X * V.T - X * V.T,
    parameters=(beta, Q, K, V),
    space="euclidean",
    reference="(9.3)",
)
"""(9.1) in the coordinates ``z = e^{-tV} x`` of (9.2)."""


STEADY_ATTENTION = Model(
    "steady self-attention",
    RowSoftmax(_MATRIX_SCORES, m) * X * V.T - X * V.T,
    parameters=(beta, Q, K, V),
    space="euclidean",
    reference="(9.4)",
)
"""(9.3) with matrices that don't depend on time: ``z_i' = Σ_j A_ij V(z_j - z_i)``."""


HARDMAX = Model(
    "hardmax attention",
    Hardmax(X * Q.T * K * X.T, m) * X * V.T - X * V.T,
    parameters=(Q, K, V),
    space="euclidean",
    reference="(9.5)-(9.6)",
)
"""(9.4) as β -> ∞, with one velocity at each place; its solutions are `numerics.hardmax`."""


SINKHORN = Model(
    "Sinkhorn attention",
    Tangent(X, Sinkhorn(beta * X * X.T, m) * X),
    -(1 / beta) * m.T * SinkhornPotential(beta * X * X.T, m),
    m,
    reference="Remark 3.5",
)
"""Doubly stochastic attention: the Wasserstein gradient flow of an entropic transport value."""


CAUSAL = Model(
    "causal SA",
    Tangent(X, RowSoftmax(beta * X * X.T, m, mask=Mask.causal()) * X),
    reference="extension",
)
"""Token i attends the tokens j <= i only. Not in the paper."""
