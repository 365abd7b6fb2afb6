"""Networks to compare with: what they keep, and what they don't."""

import numpy as np
import pytest

from numerics.trained import same_norms, shuffled, untrained

MATRICES = ("query", "key", "value", "output", "up", "down", "up_bias", "neurons_constant")


def test_shuffled_and_same_norms(network):
    """Entries, norms, gains and the embedding stay; the network doesn't."""
    start = network.embed([3, 7, 1])
    for make in (shuffled, same_norms):
        other = make(network, 0)
        for own, twin in zip(network.layers, other.layers, strict=True):
            for name in MATRICES:
                a, b = getattr(own, name), getattr(twin, name)
                assert a.shape == b.shape
                assert not np.array_equal(a, b)
                assert np.linalg.norm(b) == pytest.approx(np.linalg.norm(a), rel=1e-12)
                if make is shuffled:
                    assert np.array_equal(np.sort(a, axis=None), np.sort(b, axis=None))
            assert np.array_equal(own.gains, twin.gains)
            assert np.array_equal(own.shifts, twin.shifts)
        assert np.array_equal(other.embed([3, 7, 1]), start)
        assert np.abs(other.hidden_states(start)[-1] - network.hidden_states(start)[-1]).max() > 0.1
        again = make(network, 0).hidden_states(start)
        assert np.array_equal(again, other.hidden_states(start))
        assert not np.array_equal(again, make(network, 1).hidden_states(start))


def test_untrained():
    """Sizes as asked for; a large deviation brings tokens together, BERT's hardly moves them."""
    small = untrained(0, layers=2, heads=2, d=8, width=16, words=20, places=9)
    assert small.hidden_states(small.embed(range(9))).shape == (3, 9, 8)
    ends = {}
    for deviation in (0.02, 0.3):
        network = untrained(0, d=24, width=48, deviation=deviation)
        x = network.hidden_states(network.embed(range(12)))
        unit = x / np.linalg.norm(x, axis=2, keepdims=True)
        means = [(np.linalg.norm(one.sum(axis=0)) ** 2 - 12) / 132 for one in unit]
        ends[deviation] = means[-1] - means[0]
    assert abs(ends[0.02]) < 0.02
    assert ends[0.3] > 0.5


@pytest.mark.parametrize("bad", [{"heads": 5}, {"deviation": 0.0}, {"d": 0}, {"layers": 1.5}])
def test_bad_sizes(bad):
    """Named, with the value."""
    with pytest.raises((ValueError, TypeError), match=f"Expected.*{next(iter(bad))}"):
        untrained(0, **bad)
