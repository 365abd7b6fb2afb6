"""Normalisation schemes: the length of a token's vector sets the pace of its direction.

With ``y_i = r_i x_i`` and the attention output ``A_i = Σ_j A_ij x_j``, a layer that adds A_i to y_i
moves the direction by ``x_i' = P_i A_i / s_i`` with a speed s_i that the scheme decides
(arXiv 2510.22026): 1 where every layer normalises (SA), the length where none does, and so on.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, Expr, OneMatrix, Piecewise, S, sqrt
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.blocks import Block
from theory.models.model import Model
from theory.symbols import X, alpha, beta, m, n, r, t, tau, z

_OUTPUT: Any = RowSoftmax(beta * X * X.T, m) * X
_SIZE = Elementwise(sqrt(z), DiagonalMatrix(_OUTPUT * _OUTPUT.T) * OneMatrix(n, 1))
_ALONG = DiagonalMatrix(_OUTPUT * X.T) * OneMatrix(n, 1)
_REFERENCE = "arXiv 2510.22026"


def _over(column: MatrixExpr, power: Any = 1) -> DiagMatrix:
    return DiagMatrix(Elementwise(z**-power, column))


def _lengths(name: str, pace: MatrixExpr, growth: MatrixExpr, *more: Any) -> Model:
    """Make a scheme with lengths of its own: X' = P (pace) A, r' = growth."""
    return Model(
        name,
        {X: Tangent(X, pace * _OUTPUT), r: growth},
        parameters=(beta, *more),
        blocks=(Block(X), Block(r, "positive")),
        reference=_REFERENCE,
    )


def _directions(name: str, field: MatrixExpr, *more: Any) -> Model:
    return Model(name, Tangent(X, field), parameters=(beta, *more), reference=_REFERENCE)


def _from(time: Expr, before: Expr, after: Expr) -> Piecewise:
    return Piecewise((before, t < time), (after, True))


PRE_LN = _lengths("pre-LN", _over(r), _ALONG)
"""The input of a layer is normalised, the sum isn't: s = r, r' = <x, A>."""


PERI_LN = _lengths("peri-LN", _over(r) * _over(_SIZE), _over(_SIZE) * _ALONG)
"""Output normalised too: s = r|A|, r' = <x, A>/|A|."""


MIX_LN = _lengths(
    "mix-LN",
    DiagMatrix(Elementwise(_from(tau, S.One, 1 / z), r)),
    _from(tau, S.Zero, S.One) * _ALONG,
    tau,
)
"""post-LN until τ, pre-LN from then on."""


NGPT = _directions("nGPT", alpha * _over(_SIZE) * _OUTPUT, alpha)
"""The output is normalised and has a gain, and so is the sum: s = |A|/α."""


COD = _directions("CoD", _OUTPUT / sqrt(t + 1))
"""Outputs scaled down with the depth of the layer: s = √(t + 1)."""
