"""Layers of transformers as maps: parts, ways to put them together, and what is built of them.

A part is a model of kind ``"map"``, ``x <- F(x)`` for tokens in R^d: `attention`, `perceptron`,
`layer_norm`, `rms_norm`. `compose` runs parts one after another, `parallel` adds them up, and
`residual` adds what a part gives to what went in. All of it is one matrix expression at the end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import (
    MatAdd,
    MatMul,
    MatrixSymbol,
    Rational,
    Symbol,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from theory.activations import GELU
from theory.masks import Mask
from theory.models.layers import attention_heads, neurons
from theory.models.model import Model
from theory.norms import LayerNorm
from theory.symbols import X, d, width

EPSILON = Rational(1, 10**5)
"""What is added to a variance before its root is taken, where nothing else is said."""

SCHEMES = ("post-LN", "pre-LN", "parallel")


def _map(name: str, output: MatrixExpr, parameters: tuple[Any, ...] = ()) -> Model:
    return Model(name, output, parameters=parameters, space="euclidean", kind="map")


def attention(heads: int | Symbol = 1, mask: Mask | None = None) -> Model:
    """Softmax attention ``Σ_h A_h X V_h^T``, each head with matrices of its own.

    Parameters
    ----------
    heads : int or Symbol
        Number of heads.
    mask : Mask, optional
        Who sees whom.
    """
    total, parameters = attention_heads(heads, mask)
    return _map("attention", total, parameters)


def perceptron(activation: Any = GELU, rows: Any = width) -> Model:
    """Feed-forward part ``w σ(a x_i + b)``.

    Parameters
    ----------
    activation : FunctionClass or Lambda
        The activation σ, applied to each component.
    rows : Expr
        Number of neurons.
    """
    hidden, matrices = neurons(rows, activation)
    return _map("perceptron", hidden, matrices)


def layer_norm(gain: Any = None, bias: Any = None, eps: Any = EPSILON) -> Model:
    """Layer normalisation ``gain ∘ (x_i - mean)/√(var + eps) + bias`` over the components of x_i.

    Parameters
    ----------
    gain, bias : MatrixSymbol, shape (d, 1), optional
        What each component is multiplied by, and what is added to it; 1 and 0 by default.
    eps : Expr
        A number, or a symbol for it.

    Examples
    --------
    >>> gain = MatrixSymbol("g", d, 1)
    >>> layer_norm(gain).parameters
    (g,)
    """
    return _norm("layer norm", gain, bias, eps, centred=True)


def rms_norm(gain: Any = None, eps: Any = EPSILON) -> Model:
    """Normalisation by the root mean square, ``gain ∘ x_i/√(|x_i|²/d + eps)``.

    Parameters
    ----------
    gain : MatrixSymbol, shape (d, 1), optional
        What each component is multiplied by.
    eps : Expr
        A number, or a symbol for it.
    """
    return _norm("RMS norm", gain, None, eps, centred=False)


def _norm(name: str, gain: Any, bias: Any, eps: Any, *, centred: bool) -> Model:
    free = (gain, bias, *sorted(sympify(eps).free_symbols, key=str))
    output = LayerNorm(X, gain, bias, eps, centred)
    return _map(name, output, tuple(p for p in free if p is not None))


def compose(*layers: Model, name: str | None = None) -> Model:
    """Layers one after another, the first given first.

    Parameters that have the same name are the same; `numbered` gives a layer its own.

    Parameters
    ----------
    *layers : Model
        Maps of the tokens alone, in one space.
    name : str, optional
        Name of what they make.

    Raises
    ------
    ValueError
        Without layers, for a flow, a state of several blocks, or layers of different spaces.

    Examples
    --------
    >>> from theory.symbols import eta
    >>> twice = Model("twice", 2 * X, parameters=(), space="euclidean", kind="map")
    >>> more = Model("more", X + eta * X, parameters=(eta,), space="euclidean", kind="map")
    >>> print(compose(twice, more))
    twice, more: X <- (eta + 1)*(2*X)
    """
    _check_layers(layers)
    output: MatrixExpr = X
    for layer in layers:
        output = layer.velocity.xreplace({X: output})
    return replace(
        _map(name or ", ".join(layer.name for layer in layers), output, _joined(layers)),
        space=layers[0].space,
        blocks=(),
    )


def parallel(*layers: Model, name: str | None = None) -> Model:
    """Sum of what the layers give, each reading the same tokens.

    Raises
    ------
    ValueError
        As `compose` does, and for layers on the sphere.
    """
    _check_layers(layers, sums=True)
    outputs = [layer.velocity for layer in layers]
    total = MatAdd(*outputs) if len(outputs) > 1 else outputs[0]
    return _map(name or " + ".join(layer.name for layer in layers), total, _joined(layers))


def residual(layer: Model, step: Any = 1, name: str | None = None) -> Model:
    """Layer ``x_i + step·F(x)_i``.

    Parameters
    ----------
    layer : Model
        The map F.
    step : Expr
        A number, or a symbol such as ``theory.symbols.eta``.
    name : str, optional
        Name of the layer.

    Raises
    ------
    ValueError
        As `parallel` does.
    """
    _check_layers((layer,), sums=True)
    step = sympify(step)
    free = tuple(s for s in sorted(step.free_symbols, key=str) if s not in layer.parameters)
    moved = layer.velocity if step == 1 else MatMul(step, layer.velocity)
    output = MatAdd(X, moved)  # not X + moved, which would evaluate all of it once more
    return _map(name or f"residual {layer.name}", output, (*layer.parameters, *free))


def numbered(layer: Model, number: int) -> Model:
    """Layer with matrices of its own: ``w`` is ``w_2`` in number 2, scalars stay shared.

    Examples
    --------
    >>> numbered(perceptron(), 2).parameters
    (w_2, a_2, b_2)
    """
    own = {
        p: MatrixSymbol(f"{p}_{number}", *p.shape)
        for p in layer.parameters
        if isinstance(p, MatrixSymbol)
    }
    return replace(
        layer,
        velocity=layer.velocity.xreplace(own),
        parameters=tuple(own.get(p, p) for p in layer.parameters),
    )


def transformer_layer(
    scheme: str = "pre-LN",
    heads: int = 1,
    activation: Any = GELU,
    mask: Mask | None = None,
    eps: Any = EPSILON,
) -> Model:
    """Attention and a feed-forward part with their norms and residuals, as transformers have them.

    Parameters
    ----------
    scheme : {"post-LN", "pre-LN", "parallel"}
        ``N(x + F(x))`` for attention, then for neurons; ``x + F(N(x))`` in the same order; or
        ``x + attention(N(x)) + neurons(N(x))`` at once. N is a layer norm with a gain ``g_1`` and
        a bias ``c_1``, the second one with ``g_2`` and ``c_2``.
    heads : int
        Number of attention heads.
    activation : FunctionClass or Lambda
        Activation of the neurons.
    mask : Mask, optional
        Who sees whom.
    eps : Expr
        What the norms add to the variance.

    Raises
    ------
    ValueError
        For an unknown scheme.

    Examples
    --------
    >>> transformer_layer("parallel").parameters
    (g_1, c_1, beta, Q_1, K_1, V_1, w, a, b)
    """
    if scheme not in SCHEMES:
        raise ValueError(f"Expected scheme one of {SCHEMES} but got scheme={scheme!r}.")
    norm = layer_norm(MatrixSymbol("g", d, 1), MatrixSymbol("c", d, 1), eps)
    first, second = numbered(norm, 1), numbered(norm, 2)
    heart, hidden = attention(heads, mask), perceptron(activation)
    name = f"{scheme} layer"
    if scheme == "parallel":
        return residual(compose(first, parallel(heart, hidden)), name=name)
    if scheme == "post-LN":
        return compose(residual(heart), first, residual(hidden), second, name=name)
    parts = (residual(compose(first, heart)), residual(compose(second, hidden)))
    return compose(*parts, name=name)


def _check_layers(layers: tuple[Model, ...], *, sums: bool = False) -> None:
    if not layers:
        raise ValueError("Expected layers but got none; give one map at least.")
    for layer in layers:
        if layer.kind != "map" or len(layer.blocks) > 1:
            raise ValueError(
                f"Expected maps of the tokens alone but got {layer.name}, a {layer.kind} of "
                f"{len(layer.blocks)} block(s); make one with discrete_layer or Model(kind='map')."
            )
    spaces = sorted({layer.space for layer in layers})
    if len(spaces) > 1 or (sums and spaces != ["euclidean"]):
        wanted = "euclidean layers, as sums leave the sphere," if sums else "layers of one space"
        raise ValueError(
            f"Expected {wanted} but got {', '.join(f'{a.name} ({a.space})' for a in layers)}."
        )


def _joined(layers: tuple[Model, ...]) -> tuple[Any, ...]:
    """Parameters of all layers, each once."""
    return tuple(dict.fromkeys(p for layer in layers for p in layer.parameters))


PRE_LN_LAYER = replace(transformer_layer("pre-LN"), reference="arXiv 2002.04745")
"""Norms inside the residuals: ``x + attention(N x)``, then ``x + neurons(N x)``."""

POST_LN_LAYER = replace(transformer_layer("post-LN"), reference="arXiv 1706.03762")
"""Norms outside: ``N(x + attention(x))``, then ``N(x + neurons(x))``."""

PARALLEL_BLOCK = replace(
    transformer_layer("parallel"), name="parallel block", reference="arXiv 2204.02311"
)
"""Attention and neurons side by side: ``x + attention(N x) + neurons(N x)``."""
