"""`attnflow coarsen`: table, files, verdicts on equilibria."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from proofs_checks.command_line import coarsen as coarsening
from proofs_checks.command_line import options
from proofs_checks.command_line.entry import main


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def command(*argv):
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options.coarsen(parser)
    return coarsening.run(parser.parse_args([str(a) for a in argv]))


@pytest.mark.slow
def test_command_prints_a_table_and_writes_files(tmp_path, capsys):
    assert command("--n", 12, "--beta", 60, "--seed", 1, "--runs", 2, "--out", tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert sum(line.lstrip()[:2].strip().isdigit() and "+" in line for line in lines) == 11
    assert any("All points are in one cluster" in line for line in lines)
    names = {path.name for path in tmp_path.iterdir()}
    drawn = ("dendrogram", "staircase", "space_time", "cluster_counts")
    assert names == {
        "merges.json", "tree.newick", "coarsening.npz", "cluster_counts.npz",
        *(f"{name}.{kind}" for name in drawn for kind in ("png", "svg")),
    }  # fmt: skip
    data = json.loads((tmp_path / "merges.json").read_text())
    assert len(data["merges"]) == 11
    assert data["ensemble"]["mean"][-1] >= 1
    with np.load(tmp_path / "coarsening.npz") as arrays:
        assert arrays["points"].shape == (12, 2)


@pytest.mark.slow
def test_long_tables_are_shortened(capsys):
    assert command("--n", 40, "--beta", 20, "--rtol", 1e-6) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("10 merges more" in line for line in lines)
    assert len(lines) < 45


def test_equilibria_get_a_verdict(tmp_path, capsys):
    np.save(tmp_path / "triangle.npy", circle(2 * np.pi * np.arange(3) / 3))
    assert command("--points", tmp_path / "triangle.npy", "--beta", 81) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Linearised: unstable" in text
    assert "e^116.3" in text
    np.savetxt(tmp_path / "line.csv", [[1.0], [-1.0]], delimiter=",")
    assert command("--points", tmp_path / "line.csv") == 0
    assert "nothing moves" in capsys.readouterr().out


@pytest.mark.slow
def test_json_masses_model_and_check(tmp_path, capsys):
    np.savetxt(tmp_path / "masses.csv", [0.2, 0.5, 0.3])
    assert (
        command(
            "--n", 3, "--d", 3, "--model", "USA", "--masses", tmp_path / "masses.csv",
            "--check", "--json", "--beta", 9,
        )
        == 0
    )  # fmt: skip
    data = json.loads(capsys.readouterr().out)
    assert (data["model"], data["confirmed"], data["status"]) == ("USA", True, "consensus")
    assert data["merges"][-1]["mass"] == pytest.approx(1)


def test_horizon_and_bad_arguments(capsys):
    assert command("--n", 6, "--beta", 40, "--log-t-end", 2) == 0
    assert "raise log_t_end" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(ValueError, match="n=0"):
        command("--n", 0)
    with pytest.raises(ValueError, match="runs=0"):
        command("--runs", 0)


@pytest.mark.slow
def test_coarsen(capsys, tmp_path):
    arguments = ["coarsen", "--n", "12", "--beta", "40", "--seed", "3", "--out", str(tmp_path)]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "one cluster" in out and max(map(len, out.splitlines())) <= 80
    names = {path.name for path in tmp_path.iterdir()}
    assert {"merges.json", "tree.newick", "dendrogram.png", "staircase.png"} <= names
    assert main([*arguments[:-2], "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["merges"]) == 11


@pytest.mark.slow
def test_a_kernel_in_place_of_a_model(tmp_path, capsys):
    arguments = ("--model", "t + t**3/3", "--n", 6, "--flow", "softmax")
    assert command(*arguments, "--runs", 2, "--out", tmp_path) == 0
    text = capsys.readouterr().out
    assert "t + t**3/3  n=6, d=2, seed=0" in text and "All points are in one cluster" in text
    assert json.loads((tmp_path / "merges.json").read_text())["beta"] is None
    with pytest.raises(ValueError, match="--flow=softmax and SA"):
        command("--flow", "softmax")
    with pytest.raises(ValueError, match="increasing kernel"):
        command("--model", "t**2/2", "--n", 3)
