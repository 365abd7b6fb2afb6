"""Cells and axes: what is refused, and what is exported."""

import warnings

import numpy as np
import pytest

from numerics.sweeps.grids import Grid, grid
from numerics.sweeps.run import sweep

pytestmark = pytest.mark.extras


def draw(cell, rng, scale=1.0):
    return {"end": scale * cell["x"] * rng.standard_normal(3), "count": rng.integers(1000)}


# ------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([], "at least one cell"),
        ([3], r"cells\[0\]=3"),
        ([{1: 2}], r"cells\[0\]"),
        ([{"x": object()}], "functools.partial"),
        ([{"x": np.zeros(3)}], "functools.partial"),
        ([{"x": np.complex128(1)}], "Expected a number"),
    ],
)
def test_bad_cells(cells, said):
    with pytest.raises(ValueError, match=said):
        sweep(draw, cells)


def test_bad_axes():
    with pytest.raises(ValueError, match="at least one axis"):
        grid()
    for bad in ([], "text", 3.0):
        with pytest.raises(ValueError, match="Expected a non-empty sequence"):
            grid(x=bad)
    assert grid(x=np.arange(2), y=[np.float32(0.5), None]).axes == (
        ("x", (0, 1)),
        ("y", (0.5, None)),
    )
    cells = grid(x=[1, 2], y=["a", (1, 2.0)])
    assert isinstance(cells, Grid) and cells.shape == (2, 2)
    assert list(cells) == [{"x": x, "y": y} for x in (1, 2) for y in ("a", (1, 2.0))]
    assert cells[1:3] == (cells[1], cells[2]) and cells[-1] == cells[3]
    with pytest.raises(IndexError):
        cells[4]
    assert Grid((("x", np.array([1.5])),)) == grid(x=[1.5])


# ---------------------------------------------------------------------------------------- exports


def test_to_xarray_and_netcdf(tmp_path):
    xarray = pytest.importorskip("xarray")
    cells = grid(x=[0.5, 1.5, 2.5], word=["a", "b"], pair=[(1, 2)])
    result = sweep(draw, cells, rng=6, out=tmp_path / "sweep")
    dataset = result.to_xarray()
    assert dict(dataset.sizes) == {"x": 3, "word": 2, "pair": 1, "end_0": 3}
    for i, cell in enumerate(cells):
        at = dataset.sel(x=cell["x"], word=cell["word"], pair="(1, 2)")
        assert np.array_equal(at["end"], result.values["end"][i])
        assert int(at["count"]) == result.values["count"][i]
    assert dataset.attrs["seed"] == "6" and dataset.attrs["function"].endswith("draw")
    with warnings.catch_warnings():  # netCDF4 was built against other NumPy headers
        warnings.filterwarnings("ignore", "numpy.ndarray size changed", RuntimeWarning)
        result.to_netcdf(tmp_path / "sweep.nc")
    with xarray.open_dataset(tmp_path / "sweep.nc") as stored:
        assert stored.load().identical(dataset)
    assert not list(tmp_path.glob("*.tmp"))


def test_to_xarray_of_a_list_of_cells(tmp_path):
    pytest.importorskip("xarray")
    result = sweep(draw, [{"x": 1.0, "k": 2**80}, {"x": 2, "k": 1, "more": True}])
    dataset = result.to_xarray()
    assert dataset["end"].dims == ("cell", "end_0") and set(dataset.coords) == {"x", "k"}
    assert dataset["x"].values.tolist() == [1.0, 2.0]
    assert dataset["k"].values.tolist() == [str(2**80), "1"]
    with pytest.raises(ValueError, match=r"\['x'\]"):
        sweep(lambda cell, rng: {"x": 1}, grid(x=[1])).to_xarray()
    with pytest.raises(ValueError, match="real and the imaginary"):
        sweep(lambda cell, rng: {"v": 1j}, grid(x=[1])).to_netcdf(tmp_path / "z.nc")
