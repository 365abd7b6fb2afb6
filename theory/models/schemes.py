"""Normalisation schemes: the length of a token's vector sets the pace of its direction.

With ``y_i = r_i x_i`` and the attention output ``A_i = Σ_j A_ij x_j``, a layer that adds A_i to y_i
moves the direction by ``x_i' = P_i A_i / s_i`` with a speed s_i that the scheme decides
(arXiv 2510.22026): 1 where every layer normalises (SA), the length where none does, and so on.

Two schemes divide by √(t + 1), and they are two things. CoD is post-LN whose outputs are scaled
down: lengths stay 1, and tokens meet like e^{-4√t}, faster than under pre-LN. LNS (LayerNorm
Scaling, arXiv 2502.05795) scales what each pre-LN layer reads, so the lengths grow, like 2√t, and
tokens meet like 1/(4t), slower than under pre-LN. Values alone are scaled by "LNS"; scores too, by
1/(t + 1), by "LNS with scores".
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

SCHEMES = ("post-LN", "pre-LN", "peri-LN", "mix-LN", "nGPT", "CoD", "LNS", "LNS with scores")

_REFERENCE = "arXiv 2510.22026"
_LNS_REFERENCE = "arXiv 2502.05795"


def _size(output: MatrixExpr) -> MatrixExpr:
    return Elementwise(sqrt(z), DiagonalMatrix(output * output.T) * OneMatrix(n, 1))


def _along(output: MatrixExpr) -> MatrixExpr:
    return DiagonalMatrix(output * X.T) * OneMatrix(n, 1)


def _over(column: MatrixExpr) -> DiagMatrix:
    return DiagMatrix(Elementwise(1 / z, column))


def _from(time: Expr, before: Expr, after: Expr) -> Piecewise:
    return Piecewise((before, t < time), (after, True))


def in_scheme(
    scheme: str,
    output: MatrixExpr,
    parameters: tuple[Any, ...],
    name: str = "",
    rate: Any = beta,
) -> Model:
    """Model of an attention output A under a normalisation scheme.

    Parameters
    ----------
    scheme : str
        One of ``SCHEMES``.
    output : MatrixExpr, shape (n, d)
        What a layer adds, ``A = Σ_j A_ij x_j``.
    parameters : tuple
        Those of the output; a scheme with one of its own adds it.
    name : str
        Name of the model, by default the scheme's.
    rate : Symbol
        The factor of the scores in the output, which "LNS with scores" divides by t + 1.

    Examples
    --------
    >>> in_scheme("pre-LN", RowSoftmax(beta * X * X.T, m) * X, (beta,)) == PRE_LN
    True
    """
    if scheme not in SCHEMES:
        raise ValueError(f"Expected scheme one of {SCHEMES} but got scheme={scheme!r}.")
    pace: Any = None
    growth: Any = None
    more: tuple[Any, ...] = ()
    field = output
    if scheme == "pre-LN":
        pace, growth = _over(r), _along(output)
    elif scheme == "peri-LN":
        pace, growth = _over(r) * _over(_size(output)), _over(_size(output)) * _along(output)
    elif scheme == "mix-LN":
        pace = DiagMatrix(Elementwise(_from(tau, S.One, 1 / z), r))
        growth, more = _from(tau, S.Zero, S.One) * _along(output), (tau,)
    elif scheme == "nGPT":
        field, more = alpha * _over(_size(output)) * output, (alpha,)
    elif scheme == "CoD":
        field = output / sqrt(t + 1)
    elif scheme in ("LNS", "LNS with scores"):
        if scheme == "LNS with scores":
            output = output.xreplace({rate: rate / (t + 1)})
        clock = 1 / sqrt(t + 1)
        pace, growth = clock * _over(r), clock * _along(output)
    plain = pace is None
    return Model(
        name or scheme,
        Tangent(X, field) if plain else {X: Tangent(X, pace * output), r: growth},
        parameters=(*parameters, *more),
        blocks=() if plain else (Block(X), Block(r, "positive")),
        reference=_LNS_REFERENCE if scheme.startswith("LNS") else _REFERENCE,
    )


_OUTPUT: Any = RowSoftmax(beta * X * X.T, m) * X

PRE_LN = in_scheme("pre-LN", _OUTPUT, (beta,))
"""The input of a layer is normalised, the sum isn't: s = r, r' = <x, A>."""


PERI_LN = in_scheme("peri-LN", _OUTPUT, (beta,))
"""Output normalised too: s = r|A|, r' = <x, A>/|A|."""


MIX_LN = in_scheme("mix-LN", _OUTPUT, (beta,))
"""post-LN until τ, pre-LN from then on."""


NGPT = in_scheme("nGPT", _OUTPUT, (beta,))
"""The output is normalised and has a gain, and so is the sum: s = |A|/α."""


COD = in_scheme("CoD", _OUTPUT, (beta,))
"""post-LN, outputs scaled down with the depth of the layer: s = √(t + 1). It isn't LNS."""


LNS = in_scheme("LNS", _OUTPUT, (beta,))
"""pre-LN whose values are scaled down: s = r√(t + 1), r' = <x, A>/√(t + 1). It isn't CoD."""


LNS_WITH_SCORES = in_scheme("LNS with scores", _OUTPUT, (beta,))
"""The same with scores of the scaled input: β/(t + 1) in place of β."""
