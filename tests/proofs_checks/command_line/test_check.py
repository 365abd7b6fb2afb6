"""`attnflow check`: any kernel or file, sections, failing hypotheses by name, proofs on demand."""

import json
import re

import pytest

from proofs_checks.command_line import main

KERNEL = "exp(beta*t)/beta"


@pytest.mark.slow
def test_a_kernel_that_is_the_papers(capsys):
    assert main(["check", KERNEL, "--beta", "2"]) == 1, "the circle at fixed β is UNDECIDED"
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    titles = re.findall(r"^(?:Section \d|Appendix [A-D]|Beyond the paper)$", out, flags=re.M)
    assert titles[:2] == ["Section 2", "Section 3"] and titles[-1] == "Beyond the paper"
    assert titles == sorted(titles, key=lambda title: (title[0] != "S", title)), "in paper order"
    assert re.search(r"Lemma 6\.4 +PROVED", out) and "λ = r_0*exp(-2)" in out, "its own rate"
    assert out.index("Theorem 6.1 ") < out.index("Lemma 6.4 ") < out.index("Theorem 6.7 ")


@pytest.mark.slow
def test_what_fails_is_named_and_exits_1(capsys):
    assert main(["check", "--", "-exp(t)"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"Lemma 6\.4 +REFUTED", out)
    assert main(["check", "exp(beta*t)/beta + t**3", "--label", "Theorem 6.1"]) == 0
    assert "VACUOUS" in (out := capsys.readouterr().out) and "hypothesis not met" in out
    assert ": FAILS]" in out, "the step that fails is the last of the sheet"


@pytest.mark.parametrize(
    ("kernel", "label", "verdict", "status"),
    [
        (KERNEL, "Lemma 6.4", "PROVED", 0),
        (KERNEL, "Kuramoto", "VACUOUS", 0),
        ("t**3", "Lemma 6.4", "REFUTED", 1),
        (KERNEL, "circle", "UNDECIDED", 1),
    ],
)
def test_the_exit_status_is_that_of_a_test(kernel, label, verdict, status, capsys):
    assert main(["check", kernel, "--label", label]) == status
    assert verdict in capsys.readouterr().out


def test_a_row_prints_its_proof(capsys):
    assert main(["check", KERNEL, "--label", "Lemma 6.4"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ +1\. +a flow on the sphere \[derived\]", out, flags=re.M)
    assert "[by rule]" in out and "Theorem" not in out


@pytest.mark.slow
def test_json_holds_sections_and_steps(capsys):
    assert main(["check", KERNEL, "--json", "--seed", "3"]) == 1
    data = json.loads(capsys.readouterr().out)
    row = next(row for row in data["rows"] if row["name"] == "Lemma 6.4")
    assert row["section"] == "section_6" and row["verdict"] == "PROVED"
    assert {"text", "how", "outcome", "evidence"} == set(row["sheet"][0])
    assert data["seed"] == 3


def test_latex(capsys):
    assert main(["check", KERNEL, "--label", "Lemma 6.4", "--show", "latex"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(r"\documentclass") and r"\section*{Lemma 6.4" in out


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
