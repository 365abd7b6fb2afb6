"""The picture of W₂ against n."""

import numpy as np
import pytest

from numerics import Convergence
from numerics.plot import plot_distances
from theory import SA


def test_dots_fits_and_slopes():
    sizes = np.array([10, 100, 1000])
    apart = sizes[:, None] ** -0.5 * np.ones((3, 4))
    found = Convergence(sizes, apart, apart, "iid", 2, 1.0, SA)
    ax = plot_distances({"draws": found, "again": found})
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "draws: slope -0.500",
        "again: slope -0.500",
    ]
    assert ax.lines[1].get_ydata() == pytest.approx(apart[:, 0])
