"""Pictures of codes: edges, points, titles."""

import numpy as np
import pytest

from numerics import codes
from numerics.plot import plot_code
from numerics.plot.codes import nearest_pairs
from numerics.plot.style import new_axes
from numerics.point_codes import known_code


@pytest.mark.parametrize(
    ("name", "n", "edges"),
    [("icosahedron", 0, 30), ("cube", 0, 12), ("regular polygon", 7, 7), ("cross-polytope", 6, 12)],
)
def test_edges_are_those_of_the_solid(name, n, edges):
    assert len(nearest_pairs(known_code(name, n))) == edges


@pytest.mark.slow
def test_pictures():
    flat, solid = codes(5, 2, 3.0, starts=1), codes(6, 3, 3.0, starts=1)
    ax = plot_code(flat)
    assert len(ax.lines) == 1 + 5 + 1 and "regular 5-gon" in ax.get_title()
    ax = plot_code(solid)
    assert ax.name == "3d" and "cross-polytope" in ax.get_title()
    ax = plot_code(codes(16, 5, 5.0, starts=1))
    assert sorted(patch.get_height() for patch in ax.patches) == [40, 80]
    ax.figure.canvas.draw()
    with pytest.raises(ValueError, match="projection"):
        plot_code(solid, new_axes())


def test_many_inner_products_make_a_histogram():
    found = codes(13, 4, 2.0, starts=1)
    heights = [patch.get_height() for patch in plot_code(found).patches]
    assert np.sum(heights) == 13 * 12 / 2
