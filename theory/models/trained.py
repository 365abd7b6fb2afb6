"""Layers as they are trained: every head with its query, key, value and output, every bias.

The layers of ``theory.models.transformer`` have one matrix V_h a head and no bias in the scores;
networks that people train have both. Rows of the attention matrix sum to 1, so the bias of the
values is one constant row for all tokens: it joins the bias of the output, in ``o``.
"""

from __future__ import annotations

from typing import Any

from sympy import MatAdd, MatMul, MatrixSymbol, OneMatrix, Symbol, Transpose

from theory.activations import GELU
from theory.atoms import RowSoftmax
from theory.finite_sums import Member
from theory.masks import Mask
from theory.models.model import Model
from theory.models.transformer import compose, layer_norm, parallel, perceptron, residual
from theory.symbols import X, beta, d, k, m, n

TRAINED_SCHEMES = ("post-LN", "pre-LN")

EPS = Symbol("eps", positive=True)
"""What the norms of a trained layer add to the variance."""


def biased_attention(heads: int, mask: Mask | None = None) -> Model:
    """Sum over the heads of ``A_h X V_h^T O_h^T`` with ``A_h`` from biased queries and keys.

    Scores are ``β⟨Q_h x_i + p_h, K_h x_j + r_h⟩``.

    Parameters
    ----------
    heads : int
        Number of heads, >= 1; head h has ``Q_h``, ``K_h``, ``V_h`` (k, d), ``O_h`` (d, k) and the
        biases ``p_h``, ``r_h`` (k, 1).
    mask : Mask, optional
        Who sees whom.

    Raises
    ------
    ValueError
        For a number of heads below 1.

    Examples
    --------
    >>> print(biased_attention(1).velocity)
    RowSoftmax(beta*(X*Q_1.T + 1*p_1.T)*(K_1*X.T + r_1*1), m)*X*V_1.T*O_1.T
    """
    if isinstance(heads, bool) or not isinstance(heads, int) or heads < 1:
        raise ValueError(f"Expected a number of heads >= 1 but got heads={heads!r}.")
    terms: list[Any] = []
    parameters: list[Any] = [beta]
    ones = OneMatrix(n, 1)
    for h in range(1, heads + 1):
        query, key, value = (Member(name, k, d, h) for name in "QKV")
        output = Member("O", d, k, h)
        query_bias, key_bias = Member("p", k, 1, h), Member("r", k, 1, h)
        scores = beta * (X * query.T + ones * query_bias.T) * (X * key.T + ones * key_bias.T).T
        terms.append(MatMul(RowSoftmax(scores, m, mask), X, Transpose(value), Transpose(output)))
        parameters += [query, key, value, output, query_bias, key_bias]
    total = MatAdd(*terms) if len(terms) > 1 else terms[0]
    return Model("attention", total, parameters=tuple(parameters), space="euclidean", kind="map")


def constant(name: str) -> Model:
    """Return a part that gives every token the same row, the column ``name`` of shape (d, 1)."""
    column = MatrixSymbol(name, d, 1)
    return Model(
        f"constant {name}",
        MatMul(OneMatrix(n, 1), Transpose(column)),
        parameters=(column,),
        space="euclidean",
        kind="map",
    )


def attention_branch(heads: int, mask: Mask | None = None) -> Model:
    """Return what attention adds to the tokens: the heads and the constant row ``o``."""
    return parallel(biased_attention(heads, mask), constant("o"), name="attention branch")


def perceptron_branch(activation: Any = GELU) -> Model:
    """Return what the neurons add to the tokens: ``w σ(a x_i + b)`` and the constant row ``u``."""
    return parallel(perceptron(activation), constant("u"), name="perceptron branch")


def trained_norm(number: int) -> Model:
    """Layer norm number 1 or 2 of a layer, with gain ``g_1``, bias ``c_1`` and ``eps``."""
    return layer_norm(MatrixSymbol(f"g_{number}", d, 1), MatrixSymbol(f"c_{number}", d, 1), EPS)


def trained_layer(
    heads: int, scheme: str = "post-LN", activation: Any = GELU, mask: Mask | None = None
) -> Model:
    """One layer of a trained encoder or decoder, with every bias that it may have.

    Parameters
    ----------
    heads : int
        Number of heads, as in `biased_attention`.
    scheme : {"post-LN", "pre-LN"}
        ``N_2(y + neurons(y))`` with ``y = N_1(x + attention(x))``, as in BERT; or
        ``y + neurons(N_2 y)`` with ``y = x + attention(N_1 x)``, as in GPT-2.
    activation : FunctionClass or Lambda
        Activation of the neurons.
    mask : Mask, optional
        Who sees whom; ``Mask.causal()`` for a decoder.

    Raises
    ------
    ValueError
        For an unknown scheme, or no heads.

    Examples
    --------
    >>> layer = trained_layer(2)
    >>> layer.name, len(layer.parameters)
    ('trained post-LN layer', 23)
    """
    if scheme not in TRAINED_SCHEMES:
        raise ValueError(f"Expected scheme one of {TRAINED_SCHEMES} but got scheme={scheme!r}.")
    attend, think = attention_branch(heads, mask), perceptron_branch(activation)
    first, second = trained_norm(1), trained_norm(2)
    name = f"trained {scheme} layer"
    if scheme == "post-LN":
        return compose(residual(attend), first, residual(think), second, name=name)
    return compose(residual(compose(first, attend)), residual(compose(second, think)), name=name)
