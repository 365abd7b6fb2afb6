"""Where the energy goes in a trained layer: an exact split of its change, part by part.

The energy is E_β of ``theory.USA`` at x̂ = x/|x|, masses 1/n. What a branch adds is walked along
the straight segment x + sΔ, Δ the sum of its parts; a part's share is ``∫ Σ_i <∂_i E, part_i> ds``,
so the shares add up to the change, in whatever order the heads come. What the norms do are
differences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, check_number
from numerics.compile import VelocityField, compile_model
from numerics.trained.heads import unit_rows
from numerics.trained.network import TrainedNetwork
from theory.models import USA

MOST_NODES = 512
"""Gauss-Legendre nodes at which the doubling gives up."""

AGREEMENT = 1e-12
"""Of two quadratures in a row, relative to the sum of the shares' sizes: the later one, of twice
the nodes, is then as good as its rounding."""

NORM_STEPS = ("centring", "scale", "gain", "shift")
"""What a layer norm does, in its order."""


@dataclass(frozen=True, eq=False)
class EnergyShares:
    """Change of the energy in one layer, and what each part of the layer did to it.

    Attributes
    ----------
    beta : float
        The β of the energy.
    before, after : float
        Energy of the hidden states before and after the layer.
    symmetric, antisymmetric : ndarray, shape (heads,)
        Shares of ``A_h x (W_h + W_h^T)/2`` and ``A_h x (W_h - W_h^T)/2``.
    attention_constant : float
        Share of the constant row ``O b_V + b_O``.
    neurons, neurons_constant : float
        Shares of the neurons and of their output bias.
    norms : ndarray, shape (2, 4)
        Differences made by centring, scale, gain and shift of the first and the second norm that
        follows a branch; zero in a pre-LN layer, whose norms stand inside.
    nodes : int
        Gauss-Legendre nodes that were enough.
    """

    beta: float
    before: float
    after: float
    symmetric: FloatArray
    antisymmetric: FloatArray
    attention_constant: float
    neurons: float
    neurons_constant: float
    norms: FloatArray
    nodes: int

    @property
    def change(self) -> float:
        """Energy after minus energy before."""
        return self.after - self.before

    @property
    def heads(self) -> FloatArray:
        """Shares of the heads, both parts together, shape (heads,)."""
        return self.symmetric + self.antisymmetric

    def parts(self) -> dict[str, float]:
        """Return every share by name; they add up to `change`."""
        found: dict[str, float] = {}
        for h, (even, odd) in enumerate(zip(self.symmetric, self.antisymmetric, strict=True), 1):
            found |= {f"head {h} symmetric": float(even), f"head {h} antisymmetric": float(odd)}
        found["attention constant"] = self.attention_constant
        found["neurons"] = self.neurons
        found["neurons constant"] = self.neurons_constant
        for place, row in enumerate(self.norms, 1):
            found |= {
                f"norm {place} {step}": float(value)
                for step, value in zip(NORM_STEPS, row, strict=True)
            }
        return found

    def groups(self) -> dict[str, float]:
        """Return the shares of kinds of parts, heads together; they add up to `change`, too."""
        return {
            "symmetric": float(self.symmetric.sum()),
            "antisymmetric": float(self.antisymmetric.sum()),
            "constant rows": self.attention_constant + self.neurons_constant,
            "neurons": self.neurons,
            "norms": float(self.norms.sum()),
        }

    @property
    def defect(self) -> float:
        """What the shares miss of the change."""
        return float(sum(self.parts().values()) - self.change)

    def negative(self) -> tuple[str, ...]:
        """Names of the parts that let the energy fall, the largest first."""
        falling = sorted((value, name) for name, value in self.parts().items() if value < 0)
        return tuple(name for _, name in falling)


def energy_shares(
    network: TrainedNetwork, layer: int, state: ArrayLike, beta: float = 1.0
) -> EnergyShares:
    """Split the change of the energy in one layer of a network.

    Parameters
    ----------
    network : TrainedNetwork
        The network.
    layer : int
        Which layer, from 0.
    state : array_like, shape (n, d)
        Hidden state before it.
    beta : float
        The β of the energy, not that of the scores; nonzero.

    Returns
    -------
    EnergyShares

    Raises
    ------
    ValueError
        For a state of another dimension, a zero row, β = 0, or a segment that comes so near to
        0 that the quadrature doesn't settle.
    """
    network.check_layer(layer)
    x = network.check_state(state)
    strength = check_number(beta, "beta", "the paper's energy needs a number other than 0")
    if strength == 0:
        raise ValueError("Expected beta other than 0 but got beta=0; give 1, or a small number.")
    energy = compile_model(USA, beta=strength)
    before = _energy(energy, x)
    weights = network.layers[layer]
    read = np.broadcast_to(network.branch_input(layer, 0, x), (weights.heads, *x.shape))
    mixed = network.heads(layer)(read)
    turned = network.heads(layer, transposed=True)(read)
    constant = np.broadcast_to(weights.attention_constant.T, x.shape)
    parts = np.concatenate([(mixed + turned) / 2, (mixed - turned) / 2, constant[None]])
    shares, nodes = _along(energy, x, parts)
    norms = np.zeros((2, len(NORM_STEPS)))
    y = x + parts.sum(axis=0)
    if network.scheme == "post-LN":
        y, norms[0] = _normed(energy, network, layer, 0, y)
    bias = np.broadcast_to(weights.neurons_constant.T, x.shape)
    read = network.branch_input(layer, 1, y)
    thought = np.asarray(network.branch(layer, "neurons")(read)) - bias
    more, nodes_neurons = _along(energy, y, np.stack([thought, bias]))
    end = y + thought + bias
    if network.scheme == "post-LN":
        end, norms[1] = _normed(energy, network, layer, 1, end)
    heads = weights.heads
    return EnergyShares(
        strength,
        before,
        _energy(energy, end),
        shares[:heads],
        shares[heads : 2 * heads],
        float(shares[-1]),
        float(more[0]),
        float(more[1]),
        norms,
        max(nodes, nodes_neurons),
    )


def _energy(field: VelocityField, x: FloatArray) -> float:
    return float(field.energy(unit_rows(x)))


def _along(field: VelocityField, x: FloatArray, parts: FloatArray) -> tuple[FloatArray, int]:
    """Integrate ``Σ_i <∂_i E(x + sΔ), part_i>`` over s in [0, 1], for each part.

    The Gauss-Legendre rule is doubled until two in a row agree.
    """
    step = parts.sum(axis=0)
    flat = parts.reshape(len(parts), -1)

    def rule(nodes: int) -> FloatArray:
        places, weights = np.polynomial.legendre.leggauss(nodes)
        total = np.zeros(len(parts))
        for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
            rows = x + place * step
            lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
            # the velocity is that of the gradient flow: ∂_i E is m_i = 1/n times it
            gradient = np.asarray(field.unchecked(unit_rows(rows))) / (len(x) * lengths)
            total += weight * (flat @ gradient.ravel())
        return total

    nodes = 8
    before = rule(nodes)
    while nodes < MOST_NODES:
        nodes *= 2
        after = rule(nodes)
        if np.abs(after - before).max() <= AGREEMENT * np.abs(after).sum():
            return after, nodes
        before = after
    raise ValueError(
        f"Expected a segment that {MOST_NODES} nodes resolve but got one that passes within "
        f"{min(np.linalg.norm(x + s * step, axis=-1).min() for s in np.linspace(0, 1, 101)):.2g} "
        "of 0, where directions jump; the shares of this layer aren't defined well."
    )


def _normed(
    field: VelocityField, network: TrainedNetwork, layer: int, place: int, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the normed rows, and what each step of the norm did to the energy."""
    weights = network.layers[layer]
    gain, shift = weights.gains[place].T, weights.shifts[place].T
    centred = y - y.mean(axis=-1, keepdims=True)
    normed = np.asarray(network.norm(layer, place)(y))
    # by the scale no direction changes: its difference is exactly 0
    levels = [_energy(field, z) for z in (y, centred, centred, centred * gain, normed)]
    if not shift.any():
        levels[-1] = levels[-2]
    return normed, np.diff(levels)
