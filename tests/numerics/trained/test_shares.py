"""Shares add up to the change of the energy, whatever the order; broken twins don't."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.trained import energy_shares
from tests.numerics.trained.conftest import HEADS, as_network
from tests.numerics.trained.small_bert import bert, random_tensors

NUMBERS = [3, 7, 7, 1, 29, 0, 12]


def energy(x, beta):
    """E_β of the directions, by hand."""
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    return np.exp(beta * unit @ unit.T).mean() / (2 * beta)


def allowed(found):
    """The error that is asked for."""
    sizes = sum(abs(value) for value in found.parts().values())
    return 1e-10 * max(abs(found.change), 1e-3 * sizes)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1000),
    heads=st.sampled_from([1, 2, 4]),
    beta=st.sampled_from([-2.0, 0.1, 1.0, 8.0]),
    numbers=st.lists(st.integers(0, 29), min_size=2, max_size=12),
)
def test_shares_add_up(seed, heads, beta, numbers):
    """From weights alone, against the energies of the second implementation's states."""
    tensors = random_tensors(seed, layers=2, d=8, heads=heads)
    network = as_network(tensors, heads=heads)
    states = bert(tensors, numbers, heads)
    for layer in range(2):
        found = energy_shares(network, layer, states[layer], beta)
        change = energy(states[layer + 1], beta) - energy(states[layer], beta)
        assert abs(sum(found.parts().values()) - change) <= allowed(found) + 1e-15 * energy(
            states[layer], beta
        )
        assert abs(found.defect) <= allowed(found) + 1e-14
        assert sum(found.groups().values()) == pytest.approx(sum(found.parts().values()), abs=1e-12)


def test_heads_in_another_order(tensors, network):
    """Permuting heads permutes their shares, and nothing else."""
    state = network.embed(NUMBERS)
    order = [2, 0, 1]
    layer = network.layers[0]
    mixed = replace(
        layer,
        **{
            name: getattr(layer, name)[order]
            for name in ("query", "key", "value", "output", "query_bias", "key_bias")
        },
    )
    other = replace(network, layers=(mixed, network.layers[1]), _fields={})
    found, again = energy_shares(network, 0, state), energy_shares(other, 0, state)
    assert np.allclose(found.symmetric[order], again.symmetric, atol=1e-15)
    assert np.allclose(found.antisymmetric[order], again.antisymmetric, atol=1e-15)
    assert again.neurons == pytest.approx(found.neurons, abs=1e-15)


def _head_left_out(layer):
    return replace(layer, output=layer.output * (np.arange(HEADS) > 0)[:, None, None])


def _no_gain(layer):
    return replace(layer, gains=np.ones_like(layer.gains))


def _no_value_bias(layer):
    return replace(layer, attention_constant=0 * layer.attention_constant)


@pytest.mark.parametrize("twin", [_head_left_out, _no_gain, _no_value_bias])
def test_broken_twins(tensors, network, twin):
    """One head left out, the gain ignored, the value bias dropped: the sum misses the change."""
    states = bert(tensors, NUMBERS, HEADS)
    broken = replace(network, layers=(twin(network.layers[0]), network.layers[1]), _fields={})
    found = energy_shares(broken, 0, states[0], 8.0)
    change = energy(states[1], 8.0) - energy(states[0], 8.0)
    assert abs(sum(found.parts().values()) - change) > 1e4 * allowed(found)


def test_four_nodes_are_too_few(network, monkeypatch):
    """A quadrature that stops at 4 nodes misses by more than is allowed."""
    real = np.polynomial.legendre.leggauss
    monkeypatch.setattr(np.polynomial.legendre, "leggauss", lambda nodes: real(4))
    state = network.embed(NUMBERS)
    worst = max(
        abs(found.defect) / allowed(found)
        for found in (energy_shares(network, layer, state, 8.0) for layer in (0, 1))
    )
    assert worst > 1


def test_pre_ln(tensors):
    """Norms inside the branches: no share is theirs, and the sum is right."""
    network = as_network(tensors, scheme="pre-LN")
    x = network.embed(NUMBERS)
    for layer in (0, 1):
        found = energy_shares(network, layer, x, 2.0)
        after = np.asarray(network.layer(layer)(x))
        assert not found.norms.any()
        assert abs(sum(found.parts().values()) - (energy(after, 2.0) - energy(x, 2.0))) < 1e-14
        x = after


def test_symmetric_head_climbs():
    """One head of weights A and map cI, c > 0, small: its symmetric share is what climbs."""
    tensors = random_tensors(5, layers=1, d=6, heads=1)
    network = as_network(tensors, heads=1)
    layer = network.layers[0]
    eye = np.eye(6)[None]
    slow = replace(layer, query=eye, key=eye, value=eye, output=1e-3 * eye)
    found = energy_shares(replace(network, layers=(slow,), _fields={}), 0, network.embed([1, 2, 3]))
    assert found.symmetric[0] > 0
    assert found.antisymmetric[0] == 0
    back = replace(slow, output=-1e-3 * eye)
    found = energy_shares(replace(network, layers=(back,), _fields={}), 0, network.embed([1, 2, 3]))
    assert found.negative()
    assert "head 1 symmetric" in found.negative()


def test_bad_arguments(network):
    """β = 0, a zero row, another dimension."""
    state = network.embed(NUMBERS)
    with pytest.raises(ValueError, match="beta other than 0"):
        energy_shares(network, 0, state, 0.0)
    with pytest.raises(ValueError, match="zero row"):
        energy_shares(network, 0, 0 * state)
    with pytest.raises(ValueError, match="layer"):
        energy_shares(network, 5, state)
    with pytest.raises(TypeError, match="beta"):
        energy_shares(network, 0, state, "1")
