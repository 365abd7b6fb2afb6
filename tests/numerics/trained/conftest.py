"""A small network with every bias, in place of one that must be fetched."""

import pytest

from numerics.trained.all_minilm import MAPPING
from numerics.trained.weights import Tensors, read_network
from tests.numerics.trained.small_bert import random_tensors

HEADS = 3


def as_network(tensors, **changes):
    """Read arrays under BERT's names."""
    shapes = {name: tuple(array.shape) for name, array in tensors.items()}
    return read_network(
        Tensors("small", shapes, tensors.__getitem__), {**MAPPING, "heads": HEADS, **changes}
    )


@pytest.fixture(scope="session")
def tensors():
    """Arrays of the small network."""
    return random_tensors()


@pytest.fixture(scope="session")
def network(tensors):
    """The small network."""
    return as_network(tensors)
