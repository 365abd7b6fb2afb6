"""Which theorem's hypotheses a trained layer meets, each with its residual.

`HYPOTHESES` is the table: what a theorem asks, and how far a layer is from it, 0 for a layer that
meets it exactly. A theorem whose hypotheses fail says nothing of the layer: it isn't refuted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from numerics.arguments import FloatArray
from numerics.trained.heads import HeadForm, head_form, unit_rows
from numerics.trained.network import TrainedNetwork

MET_WITHIN = 1e-6
"""Residuals up to this are told as met."""


@dataclass(frozen=True, eq=False)
class LayerView:
    """A layer with the state that goes into it, and what several residuals need of both.

    Attributes
    ----------
    network, layer, state
        As given.
    unit : ndarray, shape (n, d)
        Directions of the rows.
    span : ndarray, shape (r, d)
        Orthonormal rows that span them.
    """

    network: TrainedNetwork
    layer: int
    state: FloatArray
    unit: FloatArray
    span: FloatArray

    @cached_property
    def value(self) -> FloatArray:
        """The sum of the heads' maps as it acts within the span of the tokens."""
        total = self.network.layers[self.layer].head_maps.sum(axis=0)
        return np.asarray(self.span @ total @ self.span.T)

    @cached_property
    def head_values(self) -> FloatArray:
        """``min_c |V_h - cI|/|V_h|`` of each head's map as it acts within that span."""
        maps = self.network.layers[self.layer].head_maps
        return np.array([_from_identity(self.span @ one @ self.span.T) for one in maps])

    @cached_property
    def form(self) -> HeadForm:
        """The heads' scores beside those of SA."""
        return head_form(self.network, self.layer, self.state)

    @cached_property
    def branches(self) -> tuple[FloatArray, FloatArray]:
        """What attention and neurons add, without their constant rows."""
        network, number, x = self.network, self.layer, self.state
        weights = network.layers[number]
        attention = np.asarray(
            network.branch(number, "attention")(network.branch_input(number, 0, x))
        )
        y = network.branch_end(number, 0, x + attention)
        neurons = np.asarray(network.branch(number, "neurons")(network.branch_input(number, 1, y)))
        return attention - weights.attention_constant.T, neurons - weights.neurons_constant.T


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis of theorems, and how far a layer is from it.

    Attributes
    ----------
    name : str
        What is asked.
    theorems : tuple of str
        Labels of the statements that ask it.
    meaning : str
        What the residual is; 0 means met.
    residual : callable
        Of a `LayerView`.
    """

    name: str
    theorems: tuple[str, ...]
    meaning: str
    residual: Callable[[LayerView], float]


@dataclass(frozen=True, eq=False)
class LayerHypotheses:
    """Residuals of one layer.

    Attributes
    ----------
    residuals : dict
        Name of a hypothesis to its residual.
    head_values : ndarray, shape (heads,)
        ``min_c |V_h - cI|/|V_h|`` of each head on the tokens' span.
    """

    residuals: dict[str, float]
    head_values: FloatArray

    def met(self, name: str) -> bool:
        """Whether a hypothesis holds, to rounding."""
        return self.residuals[name] <= MET_WITHIN

    def failing(self, theorem: str) -> tuple[str, ...]:
        """Return the hypotheses of a theorem that fail, the worst first."""
        asked = [one.name for one in HYPOTHESES if theorem in one.theorems]
        bad = [name for name in asked if not self.met(name)]
        return tuple(sorted(bad, key=lambda name: -self.residuals[name]))


def layer_hypotheses(network: TrainedNetwork, layer: int, state: ArrayLike) -> LayerHypotheses:
    """Evaluate all of `HYPOTHESES` at one layer.

    Parameters
    ----------
    network : TrainedNetwork
        The network.
    layer : int
        Which layer, from 0.
    state : array_like, shape (n, d)
        Hidden state before it.

    Returns
    -------
    LayerHypotheses

    Raises
    ------
    ValueError
        For a state of another dimension, or a zero row.
    """
    network.check_layer(layer)
    x = network.check_state(state)
    unit = unit_rows(x)
    _, sizes, rows = np.linalg.svd(unit, full_matrices=False)
    span = rows[sizes > sizes[0] * 1e-10]
    view = LayerView(network, layer, x, unit, span)
    residuals = {one.name: float(one.residual(view)) for one in HYPOTHESES}
    return LayerHypotheses(residuals, view.head_values)


def _from_identity(matrix: FloatArray) -> float:
    """``min_c |M - cI|/|M|``, 0 for a multiple of the identity and 1 for one without trace."""
    size = float(np.linalg.norm(matrix))
    if size == 0:
        return 0.0
    c = float(np.trace(matrix)) / len(matrix)
    return float(np.linalg.norm(matrix - c * np.eye(len(matrix)))) / size


def _value(view: LayerView) -> float:
    """How far the sum of the heads' matrices is from a multiple of the identity."""
    return _from_identity(view.value)


def _head_value(view: LayerView) -> float:
    """How far the head that is nearest to one is from a multiple of the identity."""
    return float(view.head_values.min())


def _value_sign(view: LayerView) -> float:
    """0 where that multiple is positive, 1 where it is not."""
    return 0.0 if np.trace(view.value) > 0 else 1.0


def _scores(view: LayerView) -> float:
    """How far the heads are from SA's scores, the best of them: √(1 - R²)."""
    return float(np.sqrt(max(1 - view.form.r_squared.max(), 0.0)))


def _one_head(view: LayerView) -> float:
    """0 for one head, nearer to 1 the more there are."""
    return 1 - 1 / view.network.layers[view.layer].heads


def _neurons(view: LayerView) -> float:
    """Size of what the neurons add, relative to what the layer's branches add."""
    attention, neurons = view.branches
    total = np.linalg.norm(attention) + np.linalg.norm(neurons)
    return 0.0 if total == 0 else float(np.linalg.norm(neurons) / total)


def _constant(view: LayerView) -> float:
    """Size of the constant rows, relative to what the branches add."""
    weights = view.network.layers[view.layer]
    attention, neurons = view.branches
    rows = np.sqrt(len(view.state)) * (
        np.linalg.norm(weights.attention_constant) + np.linalg.norm(weights.neurons_constant)
    )
    total = rows + np.linalg.norm(attention) + np.linalg.norm(neurons)
    return 0.0 if total == 0 else float(rows / total)


def _lengths(view: LayerView) -> float:
    """Spread of the lengths |x_i| over their mean: 0 on a sphere."""
    lengths = np.linalg.norm(view.state, axis=1)
    return float(lengths.std() / lengths.mean())


def _gain(view: LayerView) -> float:
    """How far the gains are from one multiple of 1, and the shifts from 0."""
    weights = view.network.layers[view.layer]
    gains = weights.gains[..., 0]
    spread = (gains.std(axis=1) / np.abs(gains).mean(axis=1)).max()
    shift = np.linalg.norm(weights.shifts) / max(float(np.linalg.norm(weights.gains)), 1e-300)
    return float(max(spread, shift))


def hemisphere_margin(unit: FloatArray) -> float:
    """Return the largest ``min_i <x_i, w>`` over unit w, if positive; otherwise 0.

    It is the distance of 0 from the convex hull of the points, by nonnegative least squares.
    """
    weight = 1e3 * np.sqrt(len(unit))
    rows = np.vstack([unit.T, np.full((1, len(unit)), weight)])
    found, _ = nnls(rows, np.append(np.zeros(unit.shape[1]), weight))
    point = found @ unit / found.sum()
    size = float(np.linalg.norm(point))
    if size < 1e-12:
        return 0.0
    return max(float((unit @ (point / size)).min()), 0.0)


def _hemisphere(view: LayerView) -> float:
    return 0.0 if hemisphere_margin(view.unit) > 0 else 1.0


def _dimension(view: LayerView) -> float:
    n, d = view.unit.shape
    return max(0.0, (n - d) / n)


def _causal(view: LayerView) -> float:
    return view.form.upper


_CONSENSUS = ("Theorem 4.2", "Theorem 6.1", "Theorem 6.3", "Lemma 6.4")
_ALL = (*_CONSENSUS, "Theorem 4.1 (2411.04990)", "Theorem 4.3 (2510.22026)")
_EQUAL_SCORES = ("Theorem 6.1", "Theorem 4.3 (2510.22026)")

HYPOTHESES: tuple[Hypothesis, ...] = (
    Hypothesis("V = cI", _ALL, "min_c |ΣW_h - cI|/|ΣW_h| on the tokens' span", _value),
    Hypothesis("V_h = cI", _ALL, "min_c |W_h - cI|/|W_h| there, the best head", _head_value),
    Hypothesis("c > 0", _ALL, "0 if the trace of ΣW_h there is > 0, otherwise 1", _value_sign),
    Hypothesis("scores β<x_i, x_j>", _EQUAL_SCORES, "√(1 - R²) of the best head", _scores),
    Hypothesis("one head", _ALL, "1 - 1/heads", _one_head),
    Hypothesis("no neurons", _ALL, "their share of what the branches add", _neurons),
    Hypothesis("no constant rows", _ALL, "their share of what the branches add", _constant),
    Hypothesis("tokens on a sphere", _ALL, "spread of |x_i| over its mean", _lengths),
    Hypothesis("norms without gain and shift", _ALL, "spread of gains, size of shifts", _gain),
    Hypothesis("open hemisphere", ("Lemma 6.4",), "0 if some w has all <x_i, w> > 0", _hemisphere),
    Hypothesis("d >= n", ("Theorem 6.3",), "(n - d)/n", _dimension),
    Hypothesis("causal mask", ("Theorem 4.1 (2411.04990)",), "attention on tokens behind", _causal),
)
"""What the theorems ask of a layer, and how far a layer is from it."""
