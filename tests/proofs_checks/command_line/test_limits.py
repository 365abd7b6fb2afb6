"""`attnflow limits`: one run, a sweep, files, JSON, what is refused."""

import json
import re

import numpy as np
import pytest

from proofs_checks.command_line import main


def test_a_run_in_words(capsys):
    assert main(["limits", "--scores", "definite", "--n", "6"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "row 1: holds" in text and "row 4: not met" in text
    assert re.search(r"^shape: (polytope|point)$", text, flags=re.M)


@pytest.mark.slow
def test_json_pictures_and_files(capsys, tmp_path):
    points = np.array([[1.0, 1.0], [-1.0, 1.0], [0.0, -1.0], [0.1, 0.1]])
    np.save(tmp_path / "x.npy", points)
    np.savetxt(tmp_path / "v.csv", np.eye(2), delimiter=",")
    np.savetxt(tmp_path / "q.csv", [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], delimiter=",")
    out = tmp_path / "out"
    argv = ["limits", "--points", f"{tmp_path}/x.npy", "--values", f"{tmp_path}/v.csv"]
    argv += ["--queries", f"{tmp_path}/q.csv", "--keys", f"{tmp_path}/q.csv"]
    assert main([*argv, "--json", "--out", str(out)]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data == json.loads((out / "limits.json").read_text())
    assert data["shape"] == "polytope" and data["d"] == 2 and data["n"] == 4
    assert data["levels"] == len(data["vertices"])
    assert (out / "hull.png").stat().st_size > 1000


def test_an_early_end_is_no_success(capsys):
    assert main(["limits", "--t", "0.5", "--n", "4"]) == 1
    assert "raise t_end" in " ".join(capsys.readouterr().out.split())


@pytest.mark.full
def test_a_sweep(capsys, tmp_path):
    argv = ["limits", "--sweep", "--n", "3", "--runs", "1", "--out", str(tmp_path)]
    assert main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    (end,) = (k for k, line in enumerate(lines) if line.startswith("wrote"))
    assert end == 46  # a row a pair of ensembles
    assert (tmp_path / "shapes.png").exists() and (tmp_path / "runs").is_dir()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--n", "1"], "n=1"),
        (["--d", "1"], "d=1"),
        (["--values", "caos"], "caos"),
        (["--values", "nowhere.csv"], "exists"),
        (["--queries", "q.csv"], "both"),
        (["--beta", "-1"], "beta >= 0"),
        (["--sweep", "--runs", "0"], "runs=0"),
    ],
)
def test_what_is_refused(capsys, argv, words):
    assert main(["limits", *argv]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert re.match(r"attnflow: Expected .* but got ", error, flags=re.S) and words in error
