"""``attnflow hierarchy``: its table, its files, its refusals."""

import json

import numpy as np
import pytest

from proofs_checks.command_line import main

FEW = ["--copies", "256", "--cells", "32", "--rows", "3", "--t", "0.4"]


def test_a_table_of_eighty_columns(capsys):
    assert main(["hierarchy", "--n", "3", *FEW]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80 and "kirkwood" in out and "chaos" in out


@pytest.mark.slow
def test_files_and_json(tmp_path, capsys):
    assert main(["hierarchy", "--n", "2", "--json", "--out", str(tmp_path), *FEW]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data == json.loads((tmp_path / "hierarchy.json").read_text(encoding="utf-8"))
    assert len(data["rows"]) == 3 and data["status"] == {"exact": "finished"}
    assert data["rows"][-1]["distance_exact"] < 0.05
    with np.load(tmp_path / "pair_law.npz") as saved:
        assert saved["exact"].shape == saved["monte_carlo"].shape == (3, 32)
    assert (tmp_path / "pair_law.png").stat().st_size > 1000
    assert (tmp_path / "closures.png").exists()


def test_a_kernel_as_text(capsys):
    assert main(["hierarchy", "--kernel", "t + t**3/5", "--json", *FEW]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][-1]["kirkwood"] > 0.16


@pytest.mark.parametrize(
    "wrong", [["--n", "1"], ["--t", "0"], ["--cells", "33"], ["--rows", "1"], ["--kernel", "1/t"]]
)
def test_wrong_arguments(wrong, capsys):
    assert main(["hierarchy", *FEW, *wrong]) == 2
    assert "Expected" in capsys.readouterr().err
