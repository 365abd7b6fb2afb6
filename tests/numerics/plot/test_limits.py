"""Pictures of limits: drawn for every dimension of the leading parts, with names of the axes."""

import numpy as np
import pytest

from numerics import limit_shape, sweep_limit_shapes
from numerics.limits.triples import VALUES
from numerics.plot import plot_hull, plot_shapes


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("name", "d", "label"),
    [("identity", 2, "z₁"), ("identity", 3, "principal"), ("simple", 2, "t"), ("minus", 2, "x₁")],
)
def test_hulls(name, d, label):
    rng = np.random.default_rng(0)
    eye = np.eye(d)
    found = limit_shape(rng.standard_normal((6, d)), eye, eye, VALUES[name](rng, d))
    ax = plot_hull(found)
    assert label in ax.get_xlabel()
    ax.figure.canvas.draw()


def test_shapes():
    found = sweep_limit_shapes(["identity"], ["identity", "minus"], n=3, d=2, runs=2)
    ax = plot_shapes(found)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["identity", "minus"]
    framed = [bar for bar in ax.patches if not bar.get_fill()]
    assert len(framed) == 1
