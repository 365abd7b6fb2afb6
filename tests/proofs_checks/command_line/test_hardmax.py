"""`attnflow hardmax`: Example 9.3, a unique start, files, JSON and picture, what is refused."""

import json

import numpy as np
import pytest

from proofs_checks.command_line import main


@pytest.mark.slow
def test_example_9_3(capsys, tmp_path):
    assert main(["hardmax", "--reading", "literal", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "3 branches" in text and text.count("a family") == 2
    assert "at any time from 0 to 2" in text
    data = json.loads((tmp_path / "hardmax.json").read_text())
    ends = [np.array(branch["end"]) for branch in data["branches"]]
    share = 1 - np.exp(-2.0)
    assert not data["unique"] and np.allclose(ends[0][2], [0, share], atol=1e-12)
    assert (tmp_path / "hardmax.png").stat().st_size > 1000


def test_a_unique_start_from_files(capsys, tmp_path):
    np.savetxt(tmp_path / "x.csv", [[1.0, 1.0], [-1.0, 1.0], [0.1, 0.2]], delimiter=",")
    np.save(tmp_path / "v.npy", 2 * np.eye(2))
    argv = ["hardmax", "--points", f"{tmp_path}/x.csv", "--values", f"{tmp_path}/v.npy"]
    assert main([*argv, "--t", "1", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["unique"] and len(data["branches"]) == 1
    # V = 2I: z_3 = z_1 + e^{-2t} (z_3(0) - z_1)
    expected = np.array([1, 1]) + np.exp(-2.0) * np.array([-0.9, -0.8])
    assert np.allclose(data["branches"][0]["end"][2], expected, atol=1e-12)


def test_a_random_start_in_three_dimensions(capsys):
    assert main(["hardmax", "--points", "random", "--n", "4", "--d", "3", "--t", "0.5"]) == 0
    assert "n = 4, d = 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["--points", "somewhere"], "points"),
        (["--points", "none.csv"], "points"),
        (["--points", "random", "--n", "1"], "n=1"),
        (["--points", "random", "--d", "1"], "d=1"),
        (["--t", "-1"], "--t"),
        (["--max-branches", "0"], "--max-branches=0"),
        (["--values", "none.npy"], "values"),
    ],
)
def test_what_is_refused(argv, word, capsys):
    assert main(["hardmax", *argv]) == 2
    said = capsys.readouterr().err
    assert "Expected" in said and word in said
