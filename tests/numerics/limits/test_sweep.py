"""Sweeps of limit shapes: resumable, the same bits, names that are refused."""

import numpy as np
import pytest

from numerics import limit_shape, sweep_limit_shapes
from numerics.limits import Shape
from numerics.limits.triples import SCORES, VALUES


def small(**more):
    given = {"n": 4, "d": 2, "runs": 2, "rng": 3}
    return sweep_limit_shapes(["identity", "minus"], ["identity", "minus"], **{**given, **more})


@pytest.mark.slow
def test_cells_are_single_shapes_and_a_sweep_resumes(tmp_path):
    found = small(out=tmp_path)
    again = small(out=tmp_path)
    assert again.result.resumed == 8
    np.testing.assert_array_equal(found.shapes, again.shapes)
    assert found.count("minus", "identity") == {Shape.ORIGIN: 2}
    assert found.count("minus", "minus") == {Shape.ESCAPE: 2}
    assert found.rows[0, 0, :, 0].all() and not found.rows[0, 1].any()
    assert found.outside_table[0, 1].all() and not found.outside_table[0, 0].any()
    seed = np.random.SeedSequence(3, spawn_key=(1,))
    rng = np.random.default_rng(seed)
    V, form = VALUES["identity"](rng, 2), SCORES["identity"](rng, 2)
    one = limit_shape(rng.standard_normal((4, 2)), np.eye(2), form, V)
    assert tuple(Shape)[found.shapes[0, 0, 1]] is one.shape
    assert found.levels[0, 0, 1] == one.levels


@pytest.mark.parametrize(
    "change",
    [{"n": 1}, {"d": 1}, {"runs": 0}, {"beta": -1.0}, {"beta": np.nan}],
    ids=str,
)
def test_what_is_refused(change):
    with pytest.raises(ValueError, match=r"Expected .* but got"):
        small(**change)


@pytest.mark.parametrize("names", ["identity", [], ["caos"], ["identity", "identity"], 3])
def test_names_that_are_refused(names):
    with pytest.raises(ValueError, match=r"Expected .* but got"):
        sweep_limit_shapes(names)
