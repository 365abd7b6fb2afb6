"""Layers: residual (2.1), several heads (2.7), a feed-forward part (2.8), discrete (extension).

Those of transformers as they are built, with their norms, are in ``theory.models.transformer``.
"""

from __future__ import annotations

from typing import Any

from sympy import MatAdd, MatrixSymbol, OneMatrix, Symbol, tanh
from sympy.matrices.expressions import MatrixExpr

from theory.activations import GELU
from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Tangent
from theory.finite_sums import FiniteSum, Member
from theory.masks import Mask
from theory.models.model import Model
from theory.models.paper import SA
from theory.noise import require_noiseless
from theory.symbols import X, beta, d, eta, k, m, n, width

HEAD = Symbol("h", integer=True, positive=True)
"""Which head."""


def multi_head(heads: int | Symbol) -> Model:
    """Multi-head attention (2.7): the heads are summed inside the projection.

    Parameters
    ----------
    heads : int or Symbol
        Number H >= 1 of heads; head h has its own parameters ``Q_h``, ``K_h``, ``V_h``. With a
        symbol, such as ``theory.symbols.heads``, it is for proofs about every number of heads.

    Returns
    -------
    Model
        The new model.
    """
    total, parameters = attention_heads(heads)
    return Model(
        f"{heads}-head attention", Tangent(X, total), parameters=parameters, reference="(2.7)"
    )


def head_matrices(h: Any) -> tuple[Any, Any, Any]:
    """Matrices ``Q_h``, ``K_h``, ``V_h`` of head h, a number or a symbol."""
    return Member("Q", k, d, h), Member("K", k, d, h), Member("V", d, d, h)


def attention_heads(
    heads: int | Symbol, mask: Mask | None = None
) -> tuple[MatrixExpr, tuple[Any, ...]]:
    """Sum over the heads of softmax attention, and its parameters β, ``Q_h``, ``K_h``, ``V_h``."""
    symbolic = isinstance(heads, Symbol)
    if not symbolic and (not isinstance(heads, int) or heads < 1):
        shown = f"{heads.name}, a model" if isinstance(heads, Model) else repr(heads)
        raise ValueError(f"Expected a number of heads >= 1 but got heads={shown}; give 1 for one.")
    places = (HEAD,) if symbolic else range(1, int(heads) + 1)
    terms: list[MatrixExpr] = []
    parameters: list[Any] = [beta, heads] if symbolic else [beta]
    for h in places:
        query, key, value = head_matrices(h)
        terms.append(RowSoftmax(beta * X * query.T * key * X.T, m, mask) * X * value.T)
        parameters += [query, key, value]
    if symbolic:
        return FiniteSum(terms[0], heads, HEAD), tuple(parameters)
    return (MatAdd(*terms) if len(terms) > 1 else terms[0]), tuple(parameters)


def feed_forward(heads: int | Symbol = 1, activation: Any = tanh) -> Model:
    """Attention and a feed-forward layer together, (2.8).

    The second term is ``w σ(a x_i + b)`` with ``w`` (d, width), ``a`` (width, d), ``b`` (width, 1).

    Parameters
    ----------
    heads : int or Symbol
        Number of attention heads.
    activation : FunctionClass or Lambda
        The activation σ, applied to each component: ``tanh``, or one of ``theory.activations``.

    Returns
    -------
    Model
        The new model.
    """
    total, parameters = attention_heads(heads)
    hidden, matrices = neurons(width, activation)
    return Model(
        f"{heads}-head attention + feed-forward",
        Tangent(X, total + hidden),
        parameters=(*parameters, *matrices),
        reference="(2.8)",
    )


def neurons(rows: Any, activation: Any) -> tuple[MatrixExpr, tuple[Any, Any, Any]]:
    """``w σ(a x_i + b)`` in row i, and w, a, b."""
    w, a, b = MatrixSymbol("w", d, rows), MatrixSymbol("a", rows, d), MatrixSymbol("b", rows, 1)
    return Elementwise(activation, X * a.T + OneMatrix(n, 1) * b.T) * w.T, (w, a, b)


def residual_layer(rows: Any = width, activation: Any = tanh) -> Model:
    """Residual layer ``x_i <- x_i + η w σ(a x_i + b)``, (2.1) with a step η, which is 1 there.

    Parameters
    ----------
    rows : Expr
        Number of neurons: the matrices are ``w`` (d, rows), ``a`` (rows, d), ``b`` (rows, 1).
    activation : FunctionClass or Lambda
        The activation σ, applied to each component.
    """
    field, matrices = neurons(rows, activation)
    return Model(
        f"residual layer of {rows} neurons",
        X + eta * field,
        parameters=(eta, *matrices),
        space="euclidean",
        kind="map",
        reference="(2.1)",
    )


def discrete_layer(model: Model) -> Model:
    """Layer ``x_i <- N(x_i + η y_i)`` with y the model's field before projection. An extension.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    Model
        The new model.

    Raises
    ------
    ValueError
        When the model isn't a projected flow on the sphere.
    """
    require_noiseless(model)
    if not isinstance(model.velocity, Tangent) or model.kind != "flow":
        raise ValueError(
            "Expected a flow on the sphere whose velocity is Tangent(X, field) "
            f"but got model={model.name}."
        )
    return Model(
        f"{model.name} layer",
        RowNormalize(X + eta * model.velocity.field),
        model.energy,
        parameters=(*model.parameters, eta),
        kind="map",
        reference="extension",
    )


DISCRETE_SA = discrete_layer(SA)
"""The discrete layer of SA."""


_HIDDEN, _MATRICES = neurons(width, GELU)

MLP_BLOCK = Model(
    "MLP block",
    Tangent(X, SA.velocity.field + _HIDDEN),
    parameters=(beta, *_MATRICES),
    reference="(2.8), σ = GELU",
)
"""SA beside a feed-forward part of GELU neurons."""
