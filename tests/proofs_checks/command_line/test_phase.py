"""`attnflow phase`: files, pictures, stopped systems, interruptions, refusals."""

import argparse
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from numerics.phase import phase_diagram
from proofs_checks.command_line import options
from proofs_checks.command_line import phase as command


def arguments(*words, out=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=out)
    options.phase(parser)
    return parser.parse_args(words)


QUICK = ("--n", "8", "--runs", "4", "--betas", "0.5", "9", "4", "--times", "0", "20", "11")


@pytest.mark.slow
def test_the_command_writes_data_and_pictures(tmp_path, capsys):
    words = ("--figure", "3", "--d", "2", "16", *QUICK)
    assert command.run(arguments(*words, out=tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "d2: SA, n=8, d=2, delta=0.001, 4 runs" in shown and "order 1/d" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    for name in ("phase_d2.npz", "phase_d16.png", "bands_d2.png", "figure3.png", "phase.json"):
        assert (tmp_path / name).stat().st_size > 1000
    assert (tmp_path / "phase_d2.nc").exists() == (find_spec("xarray") is not None)
    with np.load(tmp_path / "phase_d2.npz", allow_pickle=False) as data:
        expected = phase_diagram(d=2, n=8, betas=data["betas"], times=data["times"], runs=4)
        np.testing.assert_array_equal(data["probability"], expected.probability)
    chunks = {p: p.stat().st_mtime_ns for p in tmp_path.glob("runs_d2/chunk-*.npz")}
    assert len(chunks) == 4
    assert command.run(arguments(*words, out=tmp_path)) == 0
    assert all(p.stat().st_mtime_ns == when for p, when in chunks.items())


@pytest.mark.slow
@pytest.mark.parametrize("tokens", [8, command.ZOOM_TOKENS])
def test_the_command_counts_clusters(tokens, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "ZOOM_TOKENS", tokens)
    capsys.readouterr()
    assert command.run(arguments("--json", "--figure", "4", *QUICK, out=tmp_path)) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["beta"] for one in data["clusters"]] == [9.0, 4.0]
    assert abs(sum(data["clusters"][0]["fractions"][-1]) - 1) < 1e-9
    assert data["diagrams"][0]["rows"][0]["gamma"] > 0
    for name in ("clusters.png", "circle.png", "clusters.npz"):
        assert (tmp_path / name).exists()


@pytest.mark.slow
def test_the_command_draws_matrices(capsys):
    capsys.readouterr()
    words = ("--json", "--figure", "5", "--d", "8", "--matrices", "a", "d", *QUICK)
    assert command.run(arguments(*words)) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in data["diagrams"]] == ["matrices_a_d8", "matrices_d_d8"]
    assert data["diagrams"][0]["rows"][0]["gamma"] is None


@pytest.mark.slow
def test_the_command_marks_stopped_systems(tmp_path, capsys):
    """Nothing is printed, written or drawn of them but that they were stopped."""
    grid = ("--betas", "1", "800", "2", "--times", "0", "5", "6")
    words = ("--model", "USA", "--n", "6", "--d", "2", "--runs", "2", *grid)
    assert command.run(arguments(*words, out=tmp_path)) == 1
    shown = capsys.readouterr().out
    row = next(line for line in shown.splitlines() if line.strip().startswith("800"))
    assert row.split()[1:3] == ["-", "-"] and "0.000" not in row
    assert "coarsen" in shown and "--rtol" not in shown
    rows = json.loads((tmp_path / "phase.json").read_text())["diagrams"][0]["rows"]
    assert rows[0]["probability_at_end"] is not None and rows[0]["stopped"] == 0
    assert rows[1]["probability_at_end"] is rows[1]["error_at_end"] is None
    assert rows[1]["stopped"] == 2


@pytest.mark.slow
def test_the_command_shows_no_errors_of_one_run(capsys):
    grid = ("--betas", "0.5", "9", "3", "--times", "0", "20", "21")
    assert command.run(arguments("--n", "6", "--d", "2", "2", "--runs", "1", *grid)) == 0
    shown = capsys.readouterr().out
    assert shown.count("d2: ") == 1  # each dimension once
    assert "± -" in shown and "0.000" not in shown and "standard error -" in shown
    assert "95% band of the front needs 20 runs" in shown and " to " not in shown
    assert command.run(arguments("--n", "6", "--d", "2", "--runs", "20", *grid)) == 0
    shown = capsys.readouterr().out
    assert "95% band" in shown and "- to" not in shown and "to -" not in shown
    words = ("--figure", "5", "--d", "4", "--matrices", "a", "a", "--n", "4", "--runs", "1", *grid)
    command.run(arguments(*words))
    shown = capsys.readouterr().out
    assert "Gamma" not in shown and shown.count("matrices_a") == 1


def test_an_interrupted_command_says_how_to_go_on(tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "phase_diagram", interrupted)
    for out, expected in ((tmp_path, f"finished runs are kept in {tmp_path}"), (None, "--out DIR")):
        with pytest.raises(KeyboardInterrupt) as caught:
            command.run(arguments(*QUICK, out=out))
        assert expected in caught.value.__notes__[0]


def test_help_fits_the_width(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    parser = argparse.ArgumentParser(prog="attnflow phase")
    options.phase(parser)
    text = parser.format_help()
    assert max(map(len, text.splitlines())) <= 80
    assert "PANEL" in text and "identity" in text and "64 tokens" in text


def test_the_command_refuses_what_does_not_fit(capsys):
    for words, expected in (
        (("--matrices", "a"), "--figure 5"),
        (("--figure", "5", "--model", "USA"), "--figure 3"),
        (("--betas", "9", "0", "10"), "LOW < HIGH"),
        (("--jobs", "0"), "jobs=0"),
        (("--betas", "1", "inf", "3"), "finite"),
        (("--times", "0", "5", "1e12"), "at most 10000"),
        (("--betas", "1", "5", "1e9"), "at most 10000"),
        (("--times", "-1", "5", "3"), "times"),
        (("--runs", "0"), "runs=0"),
        (("--n", "1"), "n=1"),
        (("--d", "2", "0"), "d=0"),
        (("--delta", "2"), "delta=2"),
        (("--rtol", "1"), "rtol=1"),
    ):
        with pytest.raises(ValueError, match=expected):
            command.run(arguments(*words))
        assert capsys.readouterr().err == ""  # nothing was begun
