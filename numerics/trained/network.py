"""A trained network as our own model: each layer is the compiled `theory.layers.trained_layer`.

``hidden_states`` runs them; `branches` splits what a layer adds to the tokens into its heads, its
neurons and its constant rows, from the same expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sympy import lambdify

from numerics.arguments import FloatArray, IntArray, as_float, check_whole, shown
from numerics.compile import VelocityField, compile_model
from theory.activations import GELU, GELU_TANH, SILU
from theory.layers import (
    attention_branch,
    biased_attention,
    perceptron_branch,
    trained_layer,
    trained_norm,
)
from theory.masks import Mask
from theory.models import Model
from theory.symbols import z

ACTIVATIONS = {"gelu": GELU, "gelu_tanh": GELU_TANH, "silu": SILU}
"""Activations by the names that configurations give them."""


@dataclass(frozen=True, eq=False)
class TrainedLayer:
    """Weights of one layer, heads apart.

    Attributes
    ----------
    query, key, value : ndarray, shape (heads, k, d)
        Matrices of every head.
    output : ndarray, shape (heads, d, k)
        What brings a head's values back to R^d.
    query_bias, key_bias : ndarray, shape (heads, k, 1)
        Biases in the scores.
    attention_constant : ndarray, shape (d, 1)
        ``Σ_h O_h b_h`` of the value biases b_h, and the bias of the output: rows of an attention
        matrix sum to 1.
    up, up_bias, down, neurons_constant : ndarray, shapes (width, d), (width, 1), (d, width), (d, 1)
        Neurons, and what they give to every token.
    gains, shifts : ndarray, shape (2, d, 1)
        Of the two norms.
    """

    query: FloatArray
    key: FloatArray
    value: FloatArray
    output: FloatArray
    query_bias: FloatArray
    key_bias: FloatArray
    attention_constant: FloatArray
    up: FloatArray
    up_bias: FloatArray
    down: FloatArray
    neurons_constant: FloatArray
    gains: FloatArray
    shifts: FloatArray

    @property
    def heads(self) -> int:
        """Number of heads."""
        return len(self.query)

    @property
    def head_maps(self) -> FloatArray:
        """``V_h^T O_h^T``, what a head does to the rows that it averages: shape (heads, d, d)."""
        return np.swapaxes(self.value, -1, -2) @ np.swapaxes(self.output, -1, -2)


@dataclass(frozen=True, eq=False)
class Embedding:
    """What makes the first hidden state of token numbers.

    Attributes
    ----------
    words, positions : ndarray, shapes (vocabulary, d), (places, d)
        A row a token number, and a row a place.
    constant : ndarray, shape (d,)
        What every token gets, as the embedding of the first token type.
    gain, shift : ndarray, shape (d, 1), or None
        Of the norm that follows; None without one.
    """

    words: Any
    positions: Any
    constant: FloatArray
    gain: FloatArray | None = None
    shift: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """Layers of a trained network, with what is needed to run them.

    Attributes
    ----------
    name : str
        Where the weights come from.
    layers : tuple of TrainedLayer
        In their order.
    scheme : {"post-LN", "pre-LN"}
        Where the norms stand; see `theory.layers.trained_layer`.
    activation : {"gelu", "gelu_tanh", "silu"}
        Of the neurons.
    eps : float
        What the norms add to the variance.
    causal : bool
        Whether a token sees only itself and those before it.
    embedding : Embedding or None
        None where hidden states of layer 0 must be given.
    """

    name: str
    layers: tuple[TrainedLayer, ...]
    scheme: str
    activation: str
    eps: float
    causal: bool = False
    embedding: Embedding | None = None
    _fields: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """Name and sizes."""
        return (
            f"TrainedNetwork({self.name!r}, {len(self.layers)} {self.scheme} layers of "
            f"{self.layers[0].heads} heads, d = {self.dimension})"
        )

    @property
    def dimension(self) -> int:
        """Dimension d of the hidden states."""
        return int(self.layers[0].query.shape[-1])

    @cached_property
    def temperature(self) -> float:
        """Factor ``1/√k`` of the scores."""
        return float(self.layers[0].query.shape[-2] ** -0.5)

    @property
    def mask(self) -> Mask | None:
        """Who sees whom."""
        return Mask.causal() if self.causal else None

    def _compiled(
        self, key: Any, build: Callable[[], Model], values: dict[str, Any]
    ) -> VelocityField:
        """Compile once; the same expression with other weights is another key."""
        if key not in self._fields:
            model = build()
            names = {str(p) for p in model.parameters}
            chosen = {name: value for name, value in values.items() if name in names}
            self._fields[key] = compile_model(model, backend="plain", **chosen)
        found: VelocityField = self._fields[key]
        return found

    def _values(self, number: int) -> dict[str, Any]:
        """Every parameter of a layer by the name it has in the expression."""
        layer = self.layers[number]
        values: dict[str, Any] = {"beta": self.temperature, "eps": self.eps}
        heads = {
            "Q": layer.query,
            "K": layer.key,
            "V": layer.value,
            "O": layer.output,
            "p": layer.query_bias,
            "r": layer.key_bias,
        }
        for name, family in heads.items():
            values |= {f"{name}_{h}": matrix for h, matrix in enumerate(family, start=1)}
        for place in (0, 1):
            values |= {f"g_{place + 1}": layer.gains[place], f"c_{place + 1}": layer.shifts[place]}
        values |= {"o": layer.attention_constant, "u": layer.neurons_constant}
        return values | {"w": layer.down, "a": layer.up, "b": layer.up_bias}

    def layer(self, number: int) -> VelocityField:
        """Return layer `number`, from 0, as a compiled map of hidden states (..., n, d)."""
        self.check_layer(number)
        build = partial(
            trained_layer,
            self.layers[number].heads,
            self.scheme,
            ACTIVATIONS[self.activation],
            self.mask,
        )
        return self._compiled(("layer", number), build, self._values(number))

    def branch(self, number: int, part: str) -> VelocityField:
        """Return what ``"attention"`` or ``"neurons"`` of a layer add to the tokens, compiled.

        The rows that it reads are those of `branch_input`.
        """
        self.check_layer(number)
        build = (
            partial(attention_branch, self.layers[number].heads, self.mask)
            if part == "attention"
            else partial(perceptron_branch, ACTIVATIONS[self.activation])
        )
        return self._compiled((part, number), build, self._values(number))

    def heads(self, number: int, *, transposed: bool = False) -> VelocityField:
        """Return ``A_h X M_h`` for all heads of a layer at once, M_h or its transpose, compiled.

        It takes rows of shape (heads, n, d), and the constant row is left out.
        """
        self.check_layer(number)
        layer, turn = self.layers[number], (0, 2, 1)
        value, output = layer.value, layer.output
        if transposed:  # (V^T O^T)^T = O V
            value, output = output.transpose(turn), value.transpose(turn)
        values = {"beta": self.temperature, "Q_1": layer.query, "K_1": layer.key}
        values |= {"V_1": value, "O_1": output, "p_1": layer.query_bias, "r_1": layer.key_bias}
        build = partial(biased_attention, 1, self.mask)
        return self._compiled(("heads", number, transposed), build, values)

    def activation_slope(self, values: FloatArray) -> FloatArray:
        """Return the derivative of the activation, derived from its expression."""
        if "slope" not in self._fields:
            slope = ACTIVATIONS[self.activation](z).diff(z)
            self._fields["slope"] = lambdify(z, slope, modules=["scipy", "numpy"])
        return np.asarray(self._fields["slope"](values))

    def norm(self, number: int, place: int) -> VelocityField:
        """Return norm `place`, 0 or 1, of a layer, compiled."""
        self.check_layer(number)
        build = partial(trained_norm, place + 1)
        return self._compiled(("norm", number, place), build, self._values(number))

    def branch_input(self, number: int, place: int, rows: FloatArray) -> FloatArray:
        """Return what branch `place` of a layer reads: normed rows in a pre-LN layer."""
        return rows if self.scheme == "post-LN" else np.asarray(self.norm(number, place)(rows))

    def branch_end(self, number: int, place: int, rows: FloatArray) -> FloatArray:
        """Return what becomes of the rows after branch `place`: they are normed if post-LN."""
        return rows if self.scheme == "pre-LN" else np.asarray(self.norm(number, place)(rows))

    def check_layer(self, number: Any) -> None:
        """Validate the number of a layer, from 0."""
        check_whole(number, "layer", 0, len(self.layers) - 1)

    def embed(self, numbers: Sequence[int] | IntArray) -> FloatArray:
        """Return the hidden state before the first layer, shape (n, d), of token numbers.

        Raises
        ------
        ValueError
            Without an embedding, for more tokens than places, or a number out of the vocabulary.
        """
        if self.embedding is None:
            raise ValueError(
                "Expected a network with an embedding but got none in its mapping; give hidden "
                "states of layer 0 instead of token numbers."
            )
        found = np.asarray(numbers)
        rows, places = len(self.embedding.words), len(self.embedding.positions)
        if found.ndim != 1 or not 1 <= len(found) <= places or found.dtype.kind not in "iu":
            raise ValueError(
                f"Expected 1 to {places} token numbers but got numbers={shown(numbers)}; "
                "split the text."
            )
        if found.min() < 0 or found.max() >= rows:
            raise ValueError(
                f"Expected token numbers from 0 to {rows - 1} but got {found.min()} to "
                f"{found.max()}; use the tokeniser of this network."
            )
        total = np.asarray(self.embedding.words[found], dtype=np.float64)
        total = total + np.asarray(self.embedding.positions[: len(found)], dtype=np.float64)
        total = total + self.embedding.constant
        if self.embedding.gain is None:
            return total
        values = {"g_1": self.embedding.gain, "c_1": self.embedding.shift, "eps": self.eps}
        return np.asarray(self._compiled("embedding", partial(trained_norm, 1), values)(total))

    def hidden_states(self, start: ArrayLike) -> FloatArray:
        """Run all layers.

        Parameters
        ----------
        start : array_like, shape (n, d)
            Hidden state before the first layer, such as `embed` gives.

        Returns
        -------
        ndarray, shape (layers + 1, n, d)
            `start`, then the state after each layer.

        Raises
        ------
        ValueError
            For another dimension, or NaN.
        """
        states = [self.check_state(start)]
        for number in range(len(self.layers)):
            states.append(np.asarray(self.layer(number)(states[-1])))
        return np.stack(states)

    def check_state(self, state: ArrayLike) -> FloatArray:
        """Validate one hidden state, (n, d) with this network's d."""
        x = as_float(state, "state")
        if x.ndim != 2 or x.shape[0] < 1 or x.shape[1] != self.dimension:
            raise ValueError(
                f"Expected a hidden state of shape (n, {self.dimension}) but got state.shape="
                f"{x.shape}; give one text, and the states of this network."
            )
        return x
