"""The command line as a user meets it: tables, JSON, exit status, refusals."""

import dataclasses
import json

import numpy as np
import pytest

from proofs_checks import CLAIMS
from proofs_checks.command_line import build_parser, main
from theory import USA, Model
from theory.energy import ENERGY
from theory.symbols import m

LABELS = [claim.label for claim in CLAIMS]


def find(label):
    return CLAIMS[LABELS.index(label)]


def test_claims_are_complete():
    assert len(CLAIMS) >= 23 and len(set(LABELS)) == len(LABELS)
    assert sum(claim.printed is not None for claim in CLAIMS) >= 3
    for claim in CLAIMS:
        assert claim.controls and len(claim.statement) <= 240


def test_claims_are_as_expected_with_fewer_cases(capsys):
    """Every fifth claim; tests/test_project.py runs them all."""
    some = CLAIMS[::5]
    assert main(["--json", "--cases", "5"], claims=some) == 0
    data = json.loads(capsys.readouterr().out)
    assert [claim["label"] for claim in data["claims"]] == [claim.label for claim in some]
    for claim in data["claims"]:
        assert claim["ok"], claim["complaints"]
        assert all(control["verdict"] == "REFUTED" for control in claim["controls"])
        if claim["origin"] == "erratum":
            assert claim["printed"]["verdict"] == "REFUTED"


def test_a_broken_model_is_named_and_exits_1(capsys):
    # The energy climbed is halved: (3.6) is then off by a factor 2.
    broken = Model("halved", USA.velocity, ENERGY / 2, m)
    claim = find("(3.6)")
    model = (broken, broken) if isinstance(claim.model, tuple) else broken
    claims = tuple(
        dataclasses.replace(c, model=model) if c.label == "(3.6)" else c
        for c in (find("Confinement"), claim)
    )
    assert main([], claims=claims) == 1
    out = capsys.readouterr().out
    assert "NOT AS EXPECTED: (3.6)" in out and "REFUTED" in out


def test_table_fits_80_columns(capsys):
    claims = (find("Confinement"), find("(3.6)"), find("E.(3.7)"))
    assert main([], claims=claims) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80 and "REFUTED -> PROVED" in "\n".join(lines)
    assert "All as expected." in lines[-1]


def test_verify_by_name(capsys, tmp_path):
    assert main(["verify", "(3.6)", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "statement:" in out and "control:" in out and max(map(len, out.splitlines())) <= 80
    assert json.loads((tmp_path / "claims.json").read_text())["ok"] is True
    assert main(["verify", "Theorem 99"]) == 2
    assert "Expected a label among" in capsys.readouterr().err


def test_listing(capsys):
    assert main(["claims"]) == 0
    out = capsys.readouterr().out
    assert all(label in out for label in LABELS) and max(map(len, out.splitlines())) <= 80
    assert main(["claims", "--errata", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["origin"] for row in rows} == {"erratum"}


@pytest.mark.parametrize("kernel", ["exp(beta*t)/beta", "t**3 + beta*t", "cosh(2*t)"])
def test_derive(capsys, kernel):
    assert main(["derive", kernel]) == 0
    text = capsys.readouterr().out
    for part in ("velocity", "energy", "dissipation", "gram", "equiangular", "spectrum"):
        assert part in text
    assert max(map(len, text.splitlines())) <= 80
    assert main(["derive", kernel, "--show", "latex"]) == 0
    assert r"\dot\gamma" in capsys.readouterr().out
    assert main(["derive", kernel, "--show", "code"]) == 0
    code = capsys.readouterr().out
    assert code.startswith("def velocity(")
    compile(code, "printed", "exec")
    assert main(["derive", kernel, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["derived"]) >= {"gram", "spectrum"}


def test_derive_says_which_theorems_survive(capsys):
    assert main(["derive", "t**3", "--check"]) == 0
    out = capsys.readouterr().out
    assert "Lemma 6.4" in out and "REFUTED" in out


@pytest.mark.parametrize(
    "kernel", ["__import__('os')", "t.real", "lambda t: t", "9**9**9", "log(1-t)", "q*t", ""]
)
def test_derive_refuses(capsys, kernel):
    assert main(["derive", kernel]) == 2
    assert "Expected" in capsys.readouterr().err


def test_derive_with_parameters_of_ones_own(capsys):
    assert main(["derive", "a*t**2 + t", "--parameters", "a", "--show", "equiangular"]) == 0
    assert "a*gamma" in capsys.readouterr().out
    assert main(["derive", "a*t**2"]) == 2
    assert "a" in capsys.readouterr().err


def test_softmax_needs_a_positive_slope(capsys):
    assert main(["derive", "t**3", "--flow", "softmax"]) == 2
    assert "h' > 0" in capsys.readouterr().err


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


def test_coarsen(capsys, tmp_path):
    arguments = ["coarsen", "--n", "12", "--beta", "40", "--seed", "3", "--out", str(tmp_path)]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "one cluster" in out and max(map(len, out.splitlines())) <= 80
    names = {path.name for path in tmp_path.iterdir()}
    assert {"merges.json", "tree.newick", "dendrogram.png", "staircase.png"} <= names
    assert main([*arguments[:-2], "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["merges"]) == 11


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
    assert len(json.loads((tmp_path / "claims.json").read_text())) == len(CLAIMS)


def test_out_must_be_a_folder(capsys, tmp_path):
    file = tmp_path / "taken"
    file.write_text("x")
    assert main(["verify", "Confinement", "--out", str(file)]) == 2
    assert "Expected a folder" in capsys.readouterr().err


def test_a_negative_weight_is_bracketed(capsys):
    assert main(["derive", "exp(-t)", "--show", "velocity"]) == 0
    assert "m_j (-exp(-g_ij)) x_j" in capsys.readouterr().out


def test_simulate_where_the_energy_overflows(capsys):
    arguments = ["simulate", "--model", "USA", "--beta", "750", "--n", "2", "--t", "1e-300"]
    assert main(arguments) == 0
    assert "log energy" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("attnflow ")
    assert build_parser().prog == "attnflow"
