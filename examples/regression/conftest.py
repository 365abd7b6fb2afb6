"""What the tests share: tokens that are the same in every run."""

import numpy as np
import pytest


@pytest.fixture
def tokens() -> np.ndarray:
    """Return 24 tokens on the sphere in three dimensions."""
    points = np.random.default_rng(7).standard_normal((24, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)
