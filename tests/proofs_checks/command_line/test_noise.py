"""``attnflow noise``."""

from __future__ import annotations

import json

import numpy as np
import pytest

from proofs_checks.command_line.entry import main


def test_thresholds_and_states(capsys):
    assert main(["noise", "--beta", "5", "--kappa", "5.1"]) == 0
    out = capsys.readouterr().out
    assert "4.86712843" in out and "5.31983297" in out and "5.42591587" in out
    assert out.count("unstable") == 2  # one in the thresholds, one state
    assert all(len(line) <= 80 for line in out.splitlines())


def test_json_of_a_continuous_one(capsys):
    assert main(["noise", "--model", "SA", "--beta", "3", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["transition"]["continuous"] and data["transition"]["kappa_transition"] is None
    assert all(data["branch"]["stable"])


def test_a_kernel_of_ones_own(capsys):
    assert main(["noise", "--kernel", "t**2/2", "--d", "3"]) == 0
    assert "0.0666666667" in capsys.readouterr().out


@pytest.mark.slow
def test_a_loop_is_kept_and_drawn(tmp_path, capsys):
    call = ["noise", "--beta", "2", "--particles", "50", "--loop", "0.5", "1.5", "2", "--t", "1",
            "--dt", "0.01", "--out", str(tmp_path)]  # fmt: skip
    assert main(call) == 0
    first = capsys.readouterr()
    assert first.err == "" and "rising" in first.out  # no progress where nobody watches
    assert {"branch.npz", "bifurcation.png", "noise.json", "loop"} <= {
        path.name for path in tmp_path.iterdir()
    }
    assert main(call) == 0
    assert capsys.readouterr().out == first.out
    assert np.load(tmp_path / "branch.npz")["kappas"].size > 10


@pytest.mark.parametrize(
    "wrong",
    [
        ["--beta", "nan"],
        ["--d", "1"],
        ["--loop", "1", "2", "3"],
        ["--particles", "10", "--loop", "2", "1", "3"],
        ["--particles", "1"],
        ["--kappa", "-1"],
        ["--kernel", "abs(t)"],
    ],
)
def test_bad_usage(wrong, capsys):
    assert main(["noise", *wrong]) == 2
    assert "Expected" in capsys.readouterr().err
