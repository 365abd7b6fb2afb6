"""Networks to compare a trained one with: shuffled weights, random ones as large, untrained ones.

What they do as well is no doing of the training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from numerics.arguments import FloatArray, check_number, check_whole
from numerics.trained.network import Embedding, TrainedLayer, TrainedNetwork

_KEPT = ("gains", "shifts")


def shuffled(network: TrainedNetwork, rng: Any = 0) -> TrainedNetwork:
    """Return the network with the entries of each matrix and bias in random order.

    The embedding and the gains and shifts of the norms stay.

    Parameters
    ----------
    network : TrainedNetwork
        The network.
    rng : int, SeedSequence or Generator
        Randomness.

    Examples
    --------
    >>> network = untrained(0)
    >>> other = shuffled(network, 1)
    >>> bool((np.sort(other.layers[0].up, None) == np.sort(network.layers[0].up, None)).all())
    True
    """
    draw = np.random.default_rng(rng)
    return _changed(network, lambda a: draw.permutation(a.ravel()).reshape(a.shape), "shuffled")


def same_norms(network: TrainedNetwork, rng: Any = 0) -> TrainedNetwork:
    """Return the network with Gaussian matrices and biases of the same norms.

    The embedding and the gains and shifts of the norms stay.

    Parameters
    ----------
    network : TrainedNetwork
        The network.
    rng : int, SeedSequence or Generator
        Randomness.

    Examples
    --------
    >>> network = untrained(0)
    >>> other = same_norms(network, 1)
    >>> bool(np.isclose(np.linalg.norm(other.layers[0].up), np.linalg.norm(network.layers[0].up)))
    True
    """
    draw = np.random.default_rng(rng)

    def gaussian(array: FloatArray) -> FloatArray:
        found = draw.standard_normal(array.shape)
        return np.asarray(found * (np.linalg.norm(array) / np.linalg.norm(found)))

    return _changed(network, gaussian, "random, of the same norms")


def _changed(
    network: TrainedNetwork, change: Callable[[FloatArray], FloatArray], word: str
) -> TrainedNetwork:
    names = [one.name for one in fields(TrainedLayer) if one.name not in _KEPT]
    layers = tuple(
        replace(layer, **{name: change(getattr(layer, name)) for name in names})
        for layer in network.layers
    )
    return replace(network, name=f"{network.name}, {word}", layers=layers, _fields={})


def untrained(
    rng: Any = 0,
    *,
    layers: int = 6,
    heads: int = 3,
    d: int = 96,
    width: int = 384,
    words: int = 1000,
    places: int = 512,
    deviation: float = 0.02,
) -> TrainedNetwork:
    """Return a post-LN network as it is before training: Gaussian matrices, no biases.

    Parameters
    ----------
    rng : int, SeedSequence or Generator
        Randomness.
    layers, heads, d, width, words, places : int
        Sizes; `heads` divides d.
    deviation : float
        Standard deviation of the entries; BERT is trained from 0.02.

    Raises
    ------
    ValueError
        For sizes below 1, heads that don't divide d, or a deviation that isn't positive.

    Examples
    --------
    >>> untrained(0, layers=2)
    TrainedNetwork('untrained', 2 post-LN layers of 3 heads, d = 96)
    """
    sizes = {"layers": layers, "heads": heads, "d": d, "width": width, "words": words}
    for name, size in {**sizes, "places": places}.items():
        check_whole(size, name, 1)
    if d % heads:
        raise ValueError(f"Expected heads that divide d={d} but got heads={heads}; change one.")
    if not check_number(deviation, "deviation", "0.02 is BERT's") > 0:
        raise ValueError(f"Expected deviation > 0 but got deviation={deviation}; 0.02 is BERT's.")
    draw, rank = np.random.default_rng(rng), d // heads

    def matrix(*shape: int) -> FloatArray:
        return np.asarray(deviation * draw.standard_normal(shape))

    def layer() -> TrainedLayer:
        nothing = np.zeros((heads, rank, 1))
        return TrainedLayer(
            matrix(heads, rank, d),
            matrix(heads, rank, d),
            matrix(heads, rank, d),
            matrix(heads, d, rank),
            nothing,
            nothing,
            np.zeros((d, 1)),
            matrix(width, d),
            np.zeros((width, 1)),
            matrix(d, width),
            np.zeros((d, 1)),
            np.ones((2, d, 1)),
            np.zeros((2, d, 1)),
        )

    start = Embedding(
        matrix(words, d), matrix(places, d), np.zeros(d), np.ones((d, 1)), np.zeros((d, 1))
    )
    return TrainedNetwork(
        "untrained",
        tuple(layer() for _ in range(layers)),
        "post-LN",
        "gelu",
        1e-12,
        embedding=start,
    )
