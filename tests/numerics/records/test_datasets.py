"""Results as labelled data: dimensions, coordinates, attributes, and a round through netCDF."""

import numpy as np
import pytest

from numerics import codes, ensemble, sphere
from tests.numerics.records.runs import made
from theory import USA

pytestmark = pytest.mark.extras

xarray = pytest.importorskip("xarray")


@pytest.mark.every(10)
@pytest.mark.parametrize(
    ("name", "sizes", "variables"),
    [
        ("Trajectory", {"token": 8, "component": 3}, {"points", "energy", "log_times"}),
        ("StateTrajectory", {"token": 4, "Y_row": 5, "Y_column": 3}, {"X", "Y"}),
        ("Ensemble", {"time": 2, "system": 3, "token": 6}, {"points", "status", "steps"}),
        ("Coarsening", {"merge": 11, "token": 12, "cluster": 1}, {"energies", "merge_log_time"}),
        ("PhaseDiagram", {"beta": 2, "time": 6, "run": 3}, {"probability", "error", "counts"}),
        ("MeanField", {"time": 2, "angle": 256}, {"energy", "mass", "density"}),
        ("NoisyRun", {"time": 2, "system": 2, "token": 6}, {"points"}),
        ("Hysteresis", {"leg": 3}, {"kappas", "order", "spread"}),
        ("PairLaw", {"time": 2, "angle": 64}, {"density", "masses"}),
        ("Oscillation", {"time": 2, "oscillator": 8}, {"mean", "angles"}),
    ],
)
def test_dimensions_and_variables(name, sizes, variables):
    result = made(name)
    data = result.to_xarray()
    assert variables <= set(data.data_vars)
    assert sizes.items() <= dict(data.sizes).items()
    assert data.attrs["class"] == name
    assert len(data.attrs["sources"]) == 64
    if hasattr(result, "times"):
        assert (data["time"].values == result.times).all()


def test_values_and_attributes():
    run = made("Trajectory")
    data = run.to_xarray()
    assert (data["points"].values == run.points).all()
    assert data["points"].dims == ("time", "token", "component")
    told = [data.attrs[name] for name in ("model", "beta", "status")]
    assert told == ["SA", 4.0, "FINISHED"]
    diagram = made("PhaseDiagram")
    data = diagram.to_xarray()
    assert (data["probability"].sel(beta=5.0).values == diagram.probability[1]).all()
    assert (data.attrs["n"], data.attrs["delta"], data.attrs["runs"]) == (6, 1e-3, 3)
    density = made("MeanField")
    at = density.to_xarray()["density"].sel(time=0.1)
    assert np.allclose(at.values, density.density(0.1, at["angle"].values))


def test_batches_of_two_axes_have_two_names():
    points = sphere.random_points(4, 2, rng=0, batch=6).reshape(2, 3, 4, 2)
    data = ensemble(USA, points, t_eval=[0.0, 1.0], beta=2.0).to_xarray()
    assert data["points"].dims == ("time", "system_0", "system_1", "token", "component")
    assert data["status"].dims == ("system_0", "system_1")


def test_a_result_without_dimensions_says_so():
    with pytest.raises(TypeError, match="Expected a result with arrays along named dimensions"):
        codes(4, 3, beta=2.0, starts=1).to_xarray()


@pytest.mark.parametrize("name", ["Trajectory", "Coarsening", "PhaseDiagram", "MeanField"])
def test_netcdf_takes_it(name, tmp_path):
    pytest.importorskip("scipy.io")
    data = made(name).to_xarray()
    kept = data.drop_vars([v for v in data.data_vars if data[v].dtype.kind in "biu"])
    path = tmp_path / "result.nc"
    kept.to_netcdf(path, engine="scipy")
    with xarray.open_dataset(path, engine="scipy") as again:
        for variable in kept.data_vars:
            assert np.array_equal(again[variable].values, kept[variable].values, equal_nan=True)
        assert again.attrs["class"] == name
