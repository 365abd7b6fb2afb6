"""The command line as a user meets it: help, options, exit status, refusals."""

import json
import os
import sys

import pytest

from proofs_checks import CLAIMS
from proofs_checks.command_line.entry import main
from proofs_checks.command_line.parser import build_parser
from proofs_checks.command_line.process import ONE_THREAD, environment_of


@pytest.mark.parametrize(
    "arguments",
    [
        ["coarsen", "--beta", "-1"],
        ["coarsen", "--rtol", "1"],
        ["simulate", "--n", "0"],
        ["simulate", "--rtol", "5"],
        ["simulate", "--beta", "nan"],
        ["simulate", "--rows", "1"],
        ["simulate", "--kernel", "1/t"],
        ["simulate", "--points", "nowhere.npy"],
        ["verify", "--cases", "0"],
        ["verify", ""],
        ["--seed", "-1"],
        ["dance"],
    ],
)
def test_bad_usage_exits_2(capsys, arguments):
    assert main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [[], ["verify"], ["claims"], ["derive"], ["simulate"], ["coarsen"]]
)
def test_help_shows_an_example(capsys, command):
    assert main([*command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "example" in out and "attnflow" in out


def test_options_before_and_after_the_command(capsys, tmp_path):
    assert main(["--seed", "7", "--json", "verify", "Confinement"]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == 7
    assert main(["verify", "Confinement", "--seed", "7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == 7
    assert main(["claims", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    assert len(json.loads((tmp_path / "claims.json").read_text())["claims"]) == len(CLAIMS)


def test_out_must_be_a_folder(capsys, tmp_path):
    file = tmp_path / "taken"
    file.write_text("x")
    assert main(["verify", "Confinement", "--out", str(file)]) == 2
    assert "Expected a folder" in capsys.readouterr().err


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("attnflow ")
    assert build_parser().prog == "attnflow"


@pytest.mark.parametrize(
    "loaded, asked, threads", [(False, "", "1"), (False, "4", "4"), (True, "", "")]
)
def test_the_claims_multiply_by_one_thread(monkeypatch, loaded, asked, threads):
    monkeypatch.setattr(os, "environ", {"OPENBLAS_NUM_THREADS": asked} if asked else {})
    if not loaded:
        monkeypatch.delitem(sys.modules, "numpy")
    before = dict(os.environ)
    with environment_of("numpy", ONE_THREAD):
        assert os.environ.get("OPENBLAS_NUM_THREADS", "") == threads
    assert os.environ == before


@pytest.mark.parametrize("words", [["check", "t", "--label", "nonsense"], ["verify", "Theorem 99"]])
def test_errors_are_80_columns_wide(words, capsys):
    assert main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 1 and all(len(line) <= 80 for line in lines)
    assert lines[0].startswith("attnflow: Expected") and lines[1].startswith("  ")


def test_what_has_no_space_stays_whole(capsys):
    path = "/no/" + "x" * 100 + ".py"
    assert main(["check", path]) == 2
    assert path in capsys.readouterr().err
