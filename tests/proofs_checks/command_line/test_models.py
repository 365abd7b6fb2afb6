"""`attnflow models`, and models by name in `derive` and `check`: names, capitals, errors."""

import json
import re

import numpy as np
import pytest

from proofs_checks.command_line import main
from theory import catalogue


def lines_of(capsys, *arguments, status=0):
    assert main(arguments) == status, arguments
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80, max(lines, key=len)
    return lines


@pytest.mark.slow
def test_the_catalogue_is_listed(capsys):
    lines = lines_of(capsys, "models")
    heads = [line[:22].rstrip() for line in lines if line and not line.startswith(" ")]
    assert heads[:-1] == list(catalogue())
    assert lines[-1].startswith(f"{len(catalogue())} models")
    assert any("r positive" in line and "2510.22026" in line for line in lines)


def test_models_as_data_and_by_name(capsys, tmp_path):
    assert main(["models", "no projection", "PRE-ln", "--json", "--out", str(tmp_path)]) == 0
    whole = json.loads(capsys.readouterr().out)
    data = whole["models"]
    assert len(whole["provenance"]["sources"]) == 64
    assert [row["name"] for row in data] == ["no projection", "PRE-ln"]
    assert data[1]["blocks"] == {"X": "sphere", "r": "positive"} and set(data[1]["equations"]) == {
        "X",
        "r",
    }
    assert json.loads((tmp_path / "models.json").read_text()) == whole


def test_derive_by_name(capsys):
    text = "\n".join(lines_of(capsys, "derive", "--model", "pre-LN"))
    for part in ("velocity", "energy", "dissipation", "gram", "equiangular", "spectrum"):
        assert re.search(rf"^{part}\b", text, flags=re.M), part
    assert "r' = " in text and "near consensus 1 - gamma ~ r**2/(r + t)**2" in text
    sections = "\n".join(lines_of(capsys, "derive", "--model", "repulsive", "--show", "velocity"))
    assert "x_i' = -P_i sum_j" in sections and "gamma" not in sections


def test_what_is_not_derived_says_where(capsys):
    text = " ".join(
        line.strip()
        for line in lines_of(capsys, "derive", "--model", "Causal", "--show", "equiangular")
    )
    assert "equiangular: not derived." in text and "all <x_i,x_j> = 40/49, yet" in text
    assert main(["derive", "--model", "causal", "--show", "equiangular", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["derived"]["equiangular"]
    assert not found["derived"] and found["latex"] == ""
    values = found["witness"]["values"]
    points = np.array(values["X"])
    gram = points @ points.T
    assert np.allclose(gram[np.triu_indices(4, 1)], 40 / 49)
    weights = np.tril(np.exp(values["beta"] * gram))
    velocity = weights / weights.sum(axis=1, keepdims=True) @ points
    velocity -= np.sum(velocity * points, axis=1, keepdims=True) * points
    rates = (velocity @ points.T + points @ velocity.T)[np.triu_indices(4, 1)]
    assert np.ptp(rates) == pytest.approx(found["witness"]["number"], rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SA", "pre-LN", "no projection"])
def test_code_and_latex_of_a_name(capsys, name):
    assert main(["derive", "--model", name, "--show", "code"]) == 0
    code = capsys.readouterr().out
    assert code.startswith("def velocity(")
    compile(code, "printed", "exec")
    assert main(["derive", "--model", name, "--show", "latex"]) == 0
    assert r"\[" in capsys.readouterr().out


def test_check_by_name(capsys):
    lines = lines_of(capsys, "check", "--model", "SINKHORN", "--label", "confinement")
    assert re.search(r"confinement +PROVED", "\n".join(lines))
    lines_of(capsys, "check", "--model", "no projection", "--label", "confinement", status=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["derive", "--model", "caussal"], "causal"),
        (["check", "--model", "pre LN"], "pre-LN"),
        (["models", "sinkhorm"], "Sinkhorn"),
        (["derive"], "neither"),
        (["derive", "t", "--model", "SA"], "both"),
        (["derive", "--model", "SA", "--flow", "softmax"], "drop it"),
        (["derive", "--model", "SA", "--parameters", "a"], "drop it"),
        (["check"], "neither"),
        (["check", "t", "--model", "SA"], "both"),
        (["check", "--model", "SA", "--flow", "softmax"], "--flow with a kernel"),
    ],
)
def test_what_is_refused(capsys, arguments, words):
    assert main(arguments) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert re.match(r"attnflow: Expected .* but got ", error) and words in error
