"""`attnflow mean-field`: table, files, kernels as text, what is refused."""

import json

import numpy as np
import pytest

from proofs_checks.command_line.entry import main


@pytest.mark.slow
def test_a_run_and_its_files(capsys, tmp_path):
    arguments = ["mean-field", "--density", "0.5 0.25", "--t-end", "6", "--modes", "128"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "max density" in out and "particles after it" in out
    assert max(map(len, out.splitlines())) <= 80
    names = {path.name for path in tmp_path.iterdir()}
    pictures = {f"{name}.{kind}" for name in ("density", "profiles") for kind in ("png", "svg")}
    assert names == {"mean_field.npz", "mean_field.json", "density.npz", *pictures}
    with np.load(tmp_path / "mean_field.npz", allow_pickle=False) as data:
        assert data["moments"][0, 1] == pytest.approx(0.25)
        assert data["quantiles"].shape == (data["times"].size, data["levels"].size)
    assert main([*arguments, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again == json.loads((tmp_path / "mean_field.json").read_text())
    assert again["rows"][-1]["largest_density"] is None
    assert again["spectral"]["difference"] < 1e-7


def test_kernels_models_and_zonal_measures(capsys):
    few = ["--t-end", "0.5", "--modes", "32", "--rows", "2"]
    assert main(["mean-field", "t**2/2 + t", "--d", "3", *few]) == 0
    assert "|<P_1>|" in capsys.readouterr().out
    assert main(["mean-field", "exp(t)", "--flow", "softmax", *few]) == 0
    assert main(["mean-field", "--model", "L2", "--density", "1 - t**3/3", *few]) == 0
    assert main(["mean-field", "--model", "USA", "--beta", "0", *few]) == 0


@pytest.mark.slow
def test_particles_approach_the_limit(capsys, tmp_path):
    few = ["--beta", "1", "--t-end", "0.5", "--modes", "64", "--rows", "2", "--runs", "3"]
    arguments = ["mean-field", *few, "--particles", "400,50,100"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:1] == ["slope"] for line in lines)
    assert (tmp_path / "distances.png").exists()
    data = json.loads((tmp_path / "mean_field.json").read_text())["particles"]
    assert data["sizes"] == [50, 100, 400]
    assert data["quantile"]["slope"] == pytest.approx(-1, abs=0.01)
    assert data["iid"]["slope"] == pytest.approx(-0.5, abs=4 * data["iid"]["slope_error"])
    with np.load(tmp_path / "mean_field.npz", allow_pickle=False) as arrays:
        assert arrays["distances_iid"].shape == (3, 3)
    # One system of one size has neither a slope nor an error.
    assert main(["mean-field", *few[:-1], "1", "--particles", "50", "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)["particles"]
    assert alone["iid"]["slope"] is None and alone["iid"]["error"] == [None]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["exp(t)", "--model", "SA"], "drop one"),
        (["--flow", "softmax"], "Expected a kernel"),
        (["--model", "sigmoid"], "only parameter is beta"),
        (["--model", "causal"], "integrate"),
        (["--density", "2 + t"], "divide it by 2"),
        (["--density", "0.5", "--d", "3"], "formula in t"),
        (["--density", "1 + s"], "density"),
        (["--rows", "1"], "rows"),
        (["--t-end", "-1"], "--t-end=-1.0"),
        (["--particles", "a lot"], "particles"),
        (["--particles", "0,5"], "particles"),
        (["--particles", "5", "--d", "3"], "--d=2"),
        (["--particles", "5", "--runs", "0"], "runs"),
    ],
)
def test_what_is_refused(arguments, words, capsys):
    assert main(["mean-field", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_an_early_stop_is_a_failure(capsys):
    stopped = ["mean-field", "--model", "USA", "--max-steps", "2", "--modes", "32"]
    assert main(stopped) == 1
    assert "raise max_steps" in capsys.readouterr().out.replace("\n", " ")
