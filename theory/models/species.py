"""Two species of tokens: the first reads the second, which stays or moves by itself.

Rows of ``Y`` are the tokens of the second species, l of them: keys that never move
(cross-attention), or an encoder's tokens beside the decoder's ``X``.
"""

from __future__ import annotations

from sympy import MatrixSymbol, OneMatrix, Symbol, exp, log

from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.blocks import Block
from theory.models.model import Model
from theory.symbols import X, beta, d, m, z

others = Symbol("l", integer=True, positive=True)
"""Number of tokens of the second species."""
Y = MatrixSymbol("Y", others, d)
"""Tokens of the second species, one a row."""

_ALIKE = OneMatrix(others, 1)
_READ = RowSoftmax(beta * X * Y.T, _ALIKE) * Y

CROSS_ATTENTION = Model(
    "cross-attention",
    {X: Tangent(X, _READ)},
    m.T * Elementwise(log(z) / beta, Elementwise(exp(beta * z), X * Y.T) * _ALIKE),
    m,
    parameters=(beta,),
    blocks=(Block(X), Block(Y, "constant")),
    reference="arXiv 1706.03762",
)
"""Tokens that attend to keys Y which stay where they are, and not to each other.

They climb ``E = (1/β) Σ_i m_i log Σ_a e^{β<x_i, y_a>}``.
"""


ENCODER_DECODER = Model(
    "encoder-decoder",
    {
        X: Tangent(X, RowSoftmax(beta * X * X.T, m) * X + _READ),
        Y: Tangent(Y, RowSoftmax(beta * Y * Y.T, _ALIKE) * Y),
    },
    parameters=(beta,),
    blocks=(Block(X), Block(Y)),
    reference="arXiv 1706.03762",
)
"""A decoder's tokens X attend to each other and to an encoder's Y, which attend to each other."""
