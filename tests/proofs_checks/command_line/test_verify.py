"""`attnflow verify`: tables, JSON, and broken models named."""

import dataclasses
import json
import re

import pytest

from proofs_checks import CLAIMS
from proofs_checks.command_line.entry import main
from theory import USA, Model
from theory.energy import ENERGY
from theory.symbols import m

LABELS = [claim.label for claim in CLAIMS]


def find(label):
    return CLAIMS[LABELS.index(label)]


@pytest.mark.full
def test_claims_are_as_expected_with_fewer_cases(capsys):
    assert main(["--json", "--cases", "5"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [claim["label"] for claim in data["claims"]] == LABELS
    for claim in data["claims"]:
        assert claim["ok"], claim["complaints"]
        assert all(control["verdict"] == "REFUTED" for control in claim["controls"])
        if claim["origin"] == "erratum":
            assert claim["printed"] is None or claim["printed"]["verdict"] != "PROVED"


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
    assert max(map(len, lines)) <= 80 and "formula -> PROVED" in "\n".join(lines)
    assert "All as expected." in lines[-1]


def test_verify_by_name(capsys, tmp_path):
    assert main(["verify", "(3.6)", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "statement:" in out and "control:" in out and max(map(len, out.splitlines())) <= 80
    assert json.loads((tmp_path / "claims.json").read_text())["ok"] is True
    assert main(["verify", "Theorem 99"]) == 2
    assert "nearest: " in " ".join(capsys.readouterr().err.split())


def test_a_label_prints_its_proof_sheets(capsys):
    assert main(["verify", "(3.6)"]) == 0
    out = capsys.readouterr().out
    assert "proof for SA:" in out and "proof for USA:" in out
    assert re.search(r"^ +1\. .*\[(derived|decided)\]$", out, flags=re.M)
    assert max(map(len, out.splitlines())) <= 80


def test_latex_of_a_label(capsys):
    assert main(["verify", "(3.6)", "--show", "latex"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(r"\documentclass") and r"\section*{(3.6): PROVED}" in out
    assert out.isascii() and "as expected" not in out


@pytest.mark.slow
def test_every_step_of_a_long_sheet_is_shown_if_asked(capsys):
    assert main(["verify", "Lemma 6.4"]) == 0
    short = capsys.readouterr().out
    assert main(["verify", "Lemma 6.4", "--show", "steps"]) == 0
    full = capsys.readouterr().out
    numbered = re.compile(r"^    (\d+)\.", flags=re.M)
    assert "routine steps are folded.)" in short and "folded" not in full
    counts = [int(k) for k in numbered.findall(full)]
    assert counts[: counts.index(1, 1)] == list(range(1, counts.index(1, 1) + 1))
    assert len(numbered.findall(short)) < len(counts)


@pytest.mark.parametrize("form", ["latex", "steps"])
@pytest.mark.parametrize("words", [[], ["(3.6)", "--json"]])
def test_a_form_of_sheets_needs_a_label(words, form, capsys):
    assert main(["verify", *words, "--show", form]) == 2
    assert f"Expected labels with --show {form}" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (["Remark", "2.2"], ["Remark 2.2"]),
        (["eq", "3.5"], ["(3.5)"]),
        (["Remark", "2.2", "eq", "(3.5)"], ["Remark 2.2", "(3.5)"]),
        (["Lipschitz", "bound"], ["Lipschitz"]),
    ],
)
def test_labels_without_quotes(words, labels, capsys):
    assert main(["verify", *words, "--json", "--cases", "1"]) == 0
    assert [row["label"] for row in json.loads(capsys.readouterr().out)["claims"]] == labels


@pytest.mark.parametrize("command", ["verify", "cite"])
def test_an_unknown_label_without_quotes_is_named_whole(command, capsys):
    assert main([command, "Theorem", "6.33"]) == 2
    error = " ".join(" ".join(capsys.readouterr().err.split()).split())
    assert "'Theorem 6.33'; nearest: " in error and "Theorem 6.3" in error.partition("nearest")[2]
