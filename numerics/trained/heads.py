"""Is a head, or a layer, that of self-attention (SA)? β by least squares, and how far from it.

A head of SA has scores β⟨x_i, x_j⟩; a constant added to a row of scores changes nothing, so rows
are compared after their means are taken off. A layer of SA moves directions along SA_β's velocity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from numerics.arguments import FloatArray
from numerics.compile import compile_model
from numerics.trained.network import TrainedNetwork
from theory.models import SA

NOT_OF_SA_FORM = 0.1
"""Below this R² no temperature is told."""

OF_SA_FORM = 0.9
"""From this R² up a head is of SA form: only a tenth of its scores isn't β⟨x_i, x_j⟩."""

BETAS = (-8.0, -2.0, -0.5, 0.5, 2.0, 8.0, 32.0)
"""Where the search for the nearest step of SA begins."""


@dataclass(frozen=True, eq=False)
class HeadForm:
    """Scores of each head of a layer beside those of SA.

    Attributes
    ----------
    beta : ndarray, shape (heads,)
        Least-squares β of any sign; NaN where ``r_squared`` is below 0.1, "not of SA form".
    r_squared : ndarray, shape (heads,)
        Share of the centred scores that β⟨x_i, x_j⟩ explains.
    upper : float
        Share of attention on tokens behind, j > i, mean over heads and rows; 0 for a causal mask,
        near 1/2 without any order.
    """

    beta: FloatArray
    r_squared: FloatArray
    upper: float


@dataclass(frozen=True, eq=False)
class NearestStep:
    """The step ``x̂ + η SA_β(x̂)``, brought back to the sphere, that is nearest to a layer's.

    Attributes
    ----------
    eta, beta : float
        Step and temperature found.
    distance : float
        ``Σ|x̂⁺ - step|² / Σ|x̂⁺ - x̂|²``: 0 for a layer of SA, 1 if nothing is better than to stay.
    """

    eta: float
    beta: float
    distance: float


def unit_rows(x: FloatArray) -> FloatArray:
    """Return the directions of the rows.

    Raises
    ------
    ValueError
        For a zero row.
    """
    lengths = np.linalg.norm(x, axis=-1, keepdims=True)
    if not (lengths > 0).all():
        raise ValueError("Expected nonzero rows but got a zero row; it has no direction.")
    return np.asarray(x / lengths)


def head_form(network: TrainedNetwork, layer: int, state: ArrayLike) -> HeadForm:
    """Compare the scores of each head with β⟨x_i, x_j⟩, rows centred, diagonal included.

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
    HeadForm

    Raises
    ------
    ValueError
        For a state of another dimension, or a zero row.
    """
    network.check_layer(layer)
    x = network.check_state(state)
    weights = network.layers[layer]
    read = network.branch_input(layer, 0, x)
    queries = read @ np.swapaxes(weights.query, 1, 2) + np.swapaxes(weights.query_bias, 1, 2)
    keys = read @ np.swapaxes(weights.key, 1, 2) + np.swapaxes(weights.key_bias, 1, 2)
    scores = network.temperature * queries @ np.swapaxes(keys, 1, 2)
    unit = unit_rows(x)
    gram = _centred(unit @ unit.T)
    centred = _centred(scores)
    products = np.einsum("hij,ij->h", centred, gram)
    size, sizes = float((gram**2).sum()), (centred**2).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        beta = products / size
        explained = np.nan_to_num(products**2 / (size * sizes))
    weight = np.exp(scores - scores.max(axis=-1, keepdims=True))
    if network.causal:
        weight = np.tril(weight)
    weight /= weight.sum(axis=-1, keepdims=True)
    upper = float(np.triu(weight, 1).sum(axis=-1).mean())
    return HeadForm(np.where(explained < NOT_OF_SA_FORM, np.nan, beta), explained, upper)


def _centred(rows: FloatArray) -> FloatArray:
    return np.asarray(rows - rows.mean(axis=-1, keepdims=True))


def nearest_step(before: ArrayLike, after: ArrayLike) -> NearestStep:
    """Find the step of SA, of any size and β, that comes nearest to a layer's.

    Parameters
    ----------
    before, after : array_like, shape (n, d)
        Hidden states before and after the layer; their directions are compared.

    Returns
    -------
    NearestStep
        With ``eta`` and ``beta`` 0 and distance NaN where the layer moves nothing.
    """
    x, y = unit_rows(np.asarray(before, dtype=float)), unit_rows(np.asarray(after, dtype=float))
    moved = float(((y - x) ** 2).sum())
    if moved == 0:
        return NearestStep(0.0, 0.0, float("nan"))

    def missed(values: FloatArray) -> float:
        eta, beta = map(float, values)
        velocity = compile_model(SA, beta=beta).unchecked(x)
        return float(((y - unit_rows(x + eta * np.asarray(velocity))) ** 2).sum()) / moved

    found = [
        minimize(missed, (0.5, beta), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
        for beta in BETAS
    ]
    best = min(found, key=lambda one: one.fun)
    if best.fun >= 1:
        return NearestStep(0.0, 0.0, 1.0)
    return NearestStep(float(best.x[0]), float(best.x[1]), float(best.fun))
