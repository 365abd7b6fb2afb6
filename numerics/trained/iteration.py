"""One block applied again and again, as in networks that share their weights over all layers.

What comes: consensus, another fixed point, or none. Near consensus the differences of tokens move
by one d × d matrix for all of them, from which attention drops out: a row's weights are equal
there and the differences sum to zero. The token that all have become moves on meanwhile, and with
it the matrix, so that a rate is that of differences followed for a long time.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, check_whole
from numerics.trained.heads import unit_rows
from numerics.trained.network import TrainedNetwork

STILL = 1e-12
"""Relative change of a step below which tokens rest."""

MET = 1e-12
"""Relative spread of the tokens below which they are one."""

FOLLOWED, FEW = 320, 8
"""Steps for which differences are followed from consensus on, and of how many tokens: all of them
move by the same matrix."""

_SMALL, _MAGNIFIED = 1e-9, 1e-7
"""Relative spread below which differences drown in rounding, and to which they are magnified: a
range in which a layer is linear."""


class IterationOutcome(enum.Enum):
    """What iterating a block comes to."""

    CONSENSUS = "consensus"
    FIXED_POINT = "fixed point"
    NONE = "not settled"

    @property
    def message(self) -> str:
        """One sentence for people."""
        return {
            IterationOutcome.CONSENSUS: "All tokens become one.",
            IterationOutcome.FIXED_POINT: "Tokens come to rest apart from each other.",
            IterationOutcome.NONE: "Tokens neither met nor came to rest; allow more steps.",
        }[self]


@dataclass(frozen=True, eq=False)
class Iteration:
    """A run of one block, applied ``steps`` times at most.

    Attributes
    ----------
    outcome : IterationOutcome
        What it came to, with a ``message``.
    steps : int
        How often the block was applied.
    spread : ndarray, shape (steps + 1,)
        ``√(Σ|x_i - mean|²/Σ|x_i|²)`` after each.
    mean_product : ndarray, shape (steps + 1,)
        Mean of ⟨x̂_i, x̂_j⟩ over i != j.
    state : ndarray, shape (n, d)
        The last state.
    measured_rate : float
        Rate a step at which differences fall, by `FOLLOWED` more steps of the layer; NaN away from
        consensus.
    predicted_rate : float
        ``-log ρ`` of `consensus_modes` where the tokens are after these; NaN away from consensus,
        and under a causal mask.
    """

    outcome: IterationOutcome
    steps: int
    spread: FloatArray
    mean_product: FloatArray
    state: FloatArray
    measured_rate: float
    predicted_rate: float


def iterate_block(
    network: TrainedNetwork,
    layer: int,
    state: ArrayLike,
    steps: int = 240,
    *,
    rates: bool = True,
) -> Iteration:
    """Apply one layer of a network until its tokens meet, rest, or the steps are used up.

    Parameters
    ----------
    network : TrainedNetwork
        The network.
    layer : int
        Which layer, from 0.
    state : array_like, shape (n, d)
        Hidden state to begin with.
    steps : int
        The most; 240 is ten times as deep as the 24 layers of the network in Figure 1.
    rates : bool
        Whether rates at consensus are asked for, which takes `FOLLOWED` steps of a few tokens.

    Returns
    -------
    Iteration

    Raises
    ------
    ValueError
        For a state of another dimension, or steps below 1.
    """
    x = network.check_state(state)
    check_whole(steps, "steps", 1)
    block = network.layer(layer)
    spread, products = [_spread(x)], [_mean_product(x)]
    outcome = IterationOutcome.NONE
    for _ in range(steps):
        after = np.asarray(block.unchecked(x))
        moved = float(np.linalg.norm(after - x) / np.linalg.norm(x))
        x = after
        spread.append(_spread(x))
        products.append(_mean_product(x))
        if spread[-1] < MET:
            outcome = IterationOutcome.CONSENSUS
            break
        if moved < STILL:
            outcome = IterationOutcome.FIXED_POINT
            break
    measured = predicted = float("nan")
    if rates and outcome is IterationOutcome.CONSENSUS:
        sizes, place = followed_differences(block.unchecked, x)
        measured = _late_rate(sizes)
        if not network.causal:
            modes = np.linalg.eigvals(consensus_modes(network, layer, place))
            predicted = -float(np.log(np.abs(modes).max()))
    return Iteration(
        outcome,
        len(spread) - 1,
        np.array(spread),
        np.array(products),
        x,
        measured,
        predicted,
    )


def _spread(x: FloatArray) -> float:
    return float(np.linalg.norm(x - x.mean(axis=0)) / np.linalg.norm(x))


def _mean_product(x: FloatArray) -> float:
    unit, n = unit_rows(x), len(x)
    total = float((unit.sum(axis=0) ** 2).sum())
    return (total - n) / (n * (n - 1)) if n > 1 else 1.0


def followed_differences(
    step: Callable[[FloatArray], ArrayLike], state: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Follow the differences of tokens that have met, magnified before rounding reaches them.

    Parameters
    ----------
    step : callable
        The layer, of states of any number of tokens.
    state : ndarray, shape (n, d)
        Tokens at consensus, up to small differences; the first `FEW` are followed.

    Returns
    -------
    logs : ndarray, shape (FOLLOWED + 1,)
        Logarithm of their relative spread after each step, as if nothing had been magnified.
    place : ndarray, shape (d,)
        Where the tokens are in the end.
    """
    x, magnified, logs = state[:FEW], 0.0, []
    for _ in range(FOLLOWED):
        logs.append(np.log(_spread(x)) - magnified)
        if _spread(x) < _SMALL:
            factor, mean = _MAGNIFIED / _spread(x), x.mean(axis=0)
            x, magnified = mean + factor * (x - mean), magnified + np.log(factor)
        x = np.asarray(step(x))
    return np.array([*logs, np.log(_spread(x)) - magnified]), x.mean(axis=0)


def _late_rate(logs: FloatArray) -> float:
    """Rate over the second half: the first is for modes that fall faster, and for the place.

    A complex pair turns, and a line through all steps averages that out.
    """
    late = np.arange(len(logs) // 2, len(logs))
    return -float(np.polyfit(late, logs[late], 1)[0])


def consensus_modes(network: TrainedNetwork, layer: int, token: ArrayLike) -> FloatArray:
    """Return what one layer does to small differences of tokens that are all at one place.

    Parameters
    ----------
    network : TrainedNetwork
        The network; without a causal mask, under which a token's weights see those before it only.
    layer : int
        Which layer, from 0.
    token : array_like, shape (d,)
        Where all tokens are.

    Returns
    -------
    ndarray, shape (d, d)
        Differences, as columns, are multiplied by it.

    Raises
    ------
    ValueError
        For another dimension, or a causal network.
    """
    if network.causal:
        raise ValueError(
            "Expected a network without a causal mask but got a causal one; rows of its attention "
            "differ at consensus, and no one matrix moves all differences."
        )
    network.check_layer(layer)
    x = network.check_state(np.asarray(token, dtype=float)[None])
    weights = network.layers[layer]
    identity = np.eye(x.shape[1])
    post = network.scheme == "post-LN"
    # attention at consensus: every head gives the row that it has, and its derivative cancels
    read = network.branch_input(layer, 0, x)
    middle = x + np.asarray(network.branch(layer, "attention")(read))
    first = identity
    if post:
        first = _norm_derivative(middle[0], weights.gains[0][:, 0], network.eps)
    middle = network.branch_end(layer, 0, middle)
    second = identity
    if not post:
        second = _norm_derivative(middle[0], weights.gains[1][:, 0], network.eps)
    read = network.branch_input(layer, 1, middle)
    inner = weights.up @ read.T + weights.up_bias
    slopes = network.activation_slope(inner)
    hidden = identity + weights.down @ (slopes * weights.up) @ second
    if not post:
        return np.asarray(hidden)
    end = middle + np.asarray(network.branch(layer, "neurons")(read))
    last = _norm_derivative(end[0], weights.gains[1][:, 0], network.eps)
    return np.asarray(last @ hidden @ first)


def _norm_derivative(row: FloatArray, gain: FloatArray, eps: float) -> FloatArray:
    """Return the derivative of ``gain (y - mean)/√(var + eps)`` at a row."""
    size = len(row)
    centred = row - row.mean()
    deviation = np.sqrt((centred**2).mean() + eps)
    unit = centred / deviation
    inner = np.eye(size) - 1.0 / size - np.outer(unit, unit) / size
    return np.asarray(gain[:, None] * inner / deviation)
