"""`attnflow check`: any kernel or file, sections, failing hypotheses by name, proofs on demand."""

import json
import re

import pytest

from proofs_checks.command_line import main

KERNEL = "exp(beta*t)/beta"


@pytest.mark.slow
def test_a_kernel_that_is_the_papers(capsys):
    assert main(["check", KERNEL, "--beta", "2"]) == 1, "(6.12) is REFUTED as printed"
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    titles = re.findall(r"^(?:Section \d|Appendix [A-D]|Beyond the paper)$", out, flags=re.M)
    assert titles[:2] == ["Section 2", "Section 3"] and titles[-1] == "Beyond the paper"
    assert titles == sorted(titles, key=lambda title: (title[0] != "S", title)), "in paper order"
    assert re.search(r"Lemma 6\.4 +PROVED", out) and "e^(-t h (Σ_j m_j(0)) e^(-2))" in out, (
        "its own rate"
    )
    assert out.index("Theorem 6.1 ") < out.index("Lemma 6.4 ") < out.index("Theorem 6.7 ")


@pytest.mark.slow
def test_what_fails_is_named_and_exits_1(capsys):
    assert main(["check", "-exp(t)"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"Lemma 6\.4 +REFUTED", out)
    assert main(["check", "(1+t)**2", "--label", "Theorem 6.1"]) == 1
    assert "UNDECIDED" in (out := capsys.readouterr().out) and "the proof needs" in out
    assert ": FAILS]" in out, "the step that fails is the last of the sheet"


@pytest.mark.parametrize(
    ("kernel", "label", "verdict", "status"),
    [
        (KERNEL, "Lemma 6.4", "PROVED", 0),
        (KERNEL, "Kuramoto", "doesn't apply", 0),
        ("t**3", "Lemma 6.4", "REFUTED", 1),
        (KERNEL, "circle", "CERTIFIED", 0),
    ],
)
def test_the_exit_status_is_that_of_a_test(kernel, label, verdict, status, capsys):
    assert main(["check", kernel, "--label", label]) == status
    assert verdict in capsys.readouterr().out


def test_a_row_prints_its_proof(capsys):
    assert main(["check", KERNEL, "--label", "Lemma 6.4"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ +1\. +x_i' = P_\(x_i\) Σ_j .* \[derived\]", out, flags=re.M)
    assert "[by rule]" in out and "Theorem" not in out


@pytest.mark.slow
def test_json_holds_sections_and_steps(capsys):
    assert main(["check", KERNEL, "--json", "--seed", "3"]) == 1
    data = json.loads(capsys.readouterr().out)
    row = next(row for row in data["rows"] if row["name"] == "Lemma 6.4")
    assert row["section"] == "section_6" and row["verdict"] == "PROVED"
    assert {"text", "how", "outcome", "evidence", "sources"} == set(row["sheet"][0])
    assert row["sheet"][-1]["sources"], "of a typed sheet: the steps that one is from"
    assert data["seed"] == 3


def test_latex(capsys):
    assert main(["check", KERNEL, "--label", "Lemma 6.4", "--show", "latex"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(r"\documentclass") and r"\section*{Lemma 6.4" in out


def test_every_step_is_shown_if_asked(capsys):
    asked = ["check", KERNEL, "--label", "Lemma 6.4"]
    assert main(asked) == 0
    assert "routine steps are folded.)" in capsys.readouterr().out
    assert main([*asked, "--show", "steps"]) == 0
    assert "folded" not in capsys.readouterr().out
    assert main(["check", KERNEL, "--show", "steps"]) == 2
    assert "Expected --label with --show steps but got no label" in capsys.readouterr().err


def test_a_file_defines_the_model(tmp_path, capsys):
    path = tmp_path / "mine.py"
    path.write_text("from theory import SA\nmodel = SA\n")
    assert main(["check", str(path), "--label", "energy ascent"]) == 0
    assert "check_model: SA" in capsys.readouterr().out
    path.write_text('model = "t**2"\n')
    assert main(["check", str(path), "--flow", "wasserstein", "--label", "confinement"]) in (0, 1)
    assert "h(t) = t**2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("1/0", [], "raises ZeroDivisionError"),
        ("x = 3", [], "defines `model`"),
        ("model = 3", [], "whose `model` is 3"),
        ("from theory import SA as model", ["--flow", "softmax"], "--flow with a kernel"),
        ("from theory import SA as model", ["--label", "Lemma 6"], "Expected the label of a row"),
    ],
)
def test_bad_usage_exits_2(text, options, message, tmp_path, capsys):
    path = tmp_path / "mine.py"
    path.write_text(text + "\n")
    assert main(["check", str(path), *options]) == 2
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error


@pytest.mark.parametrize("label", [["Lemma 6.4"], ["Lemma", "6.4"], ["lem.", "6.4"], ["lemma6.4"]])
def test_a_label_without_quotes(label, capsys):
    for words in (["-t**3", "--label", *label], ["--label", *label, "--seed", "0", "-t**3"]):
        assert main(["check", *words]) == 1
        out = capsys.readouterr().out
        assert "h(t) = -t**3" in out and "REFUTED" in out
    assert main(["check", "--label", *label, "-t**3"]) == 1, "the kernel stands behind the label"
    assert "h(t) = -t**3" in capsys.readouterr().out


TWO = """
from theory import SA, USA
from theory.models import CAUSAL as third
from dataclasses import replace
first = replace(SA, name="the first")
second = replace(USA, name="the second")
_helper = replace(SA, name="not offered")
text = "t**3"
"""


def test_a_file_of_two_models_is_asked_which(tmp_path, capsys):
    path = tmp_path / "two.py"
    path.write_text(TWO)
    label = ["--label", "energy ascent"]
    assert main(["check", str(path), *label]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "which model of first, second but got" in error and f"write {path}:first" in error
    for name, shown in [("first", "the first"), ("second", "the second"), ("text", "t**3")]:
        main(["check", f"{path}:{name}", *label])
        assert f"{shown}" in capsys.readouterr().out
    for wrong in ("fourth", "replace"):
        assert main(["check", f"{path}:{wrong}", *label]) == 2
        error = " ".join(capsys.readouterr().err.split())
        assert f"first, second but got FILE={path}:{wrong}" in error
    path.write_text(TWO + "model = second\n")
    assert main(["check", str(path), *label]) == 0
    assert "the second" in capsys.readouterr().out
    path.write_text("from theory import SA, Model\nonly = SA.subs({'beta': 2})\n")
    path.write_text(
        "from theory import SA as base\nfrom dataclasses import replace\n"
        "only = replace(base, name='the only one')\n"
    )
    assert main(["check", str(path), *label]) == 0, "there is but one"
    assert "the only one" in capsys.readouterr().out


def test_a_file_that_is_not_there(capsys):
    assert main(["check", "nowhere.py"]) == 2
    assert "Expected a file that exists" in capsys.readouterr().err


def test_help_says_that_the_file_runs(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["check", "--help"]) == 0
    out = capsys.readouterr().out
    assert "its code runs" in " ".join(out.split())
    assert "exit status is 1 if a row is REFUTED or UNDECIDED" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
