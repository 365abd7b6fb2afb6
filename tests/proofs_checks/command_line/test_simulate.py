"""`attnflow simulate`: files, the same run again, energies beyond doubles."""

import json

import numpy as np
import pytest

from proofs_checks.command_line.entry import main


@pytest.mark.slow
def test_simulate(capsys, tmp_path):
    arguments = ["simulate", "--n", "8", "--t", "3", "--beta", "2", "--seed", "4"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "clusters" in out and max(map(len, out.splitlines())) <= 80
    names = {path.name for path in tmp_path.iterdir()}
    assert {"trajectory.npz", "simulation.json", "angles.png", "energy.png"} <= names
    with np.load(tmp_path / "trajectory.npz", allow_pickle=False) as data:
        start = data["points"][0]
    np.save(tmp_path / "start.npy", start)
    assert (
        main(
            [
                "simulate",
                "--points",
                str(tmp_path / "start.npy"),
                "--t",
                "3",
                "--beta",
                "2",
                "--json",
            ]
        )
        == 0
    )
    again = json.loads(capsys.readouterr().out)
    saved = json.loads((tmp_path / "simulation.json").read_text())
    assert again["rows"] == saved["rows"]


def test_simulate_where_the_energy_overflows(capsys):
    arguments = ["simulate", "--model", "USA", "--beta", "750", "--n", "2", "--t", "1e-300"]
    assert main(arguments) == 0
    assert "log energy" in capsys.readouterr().out
