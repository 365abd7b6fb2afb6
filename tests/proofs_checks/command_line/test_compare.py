"""`attnflow compare`: the verdicts of `check`, side by side, and what is derived of each."""

import json
import re

import pytest

from proofs_checks import check_model
from proofs_checks.command_line import main
from theory import CAUSAL, SA


@pytest.mark.slow
def test_two_models_side_by_side(capsys):
    assert main(["compare", "sa", "Causal"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["sa", "Causal"]
    text = "\n".join(lines)
    assert re.search(r"^equal angles +derived +none$", text, flags=re.M)
    assert re.search(r"^permutation equivariance +proved +refuted$", text, flags=re.M)
    assert "Kuramoto" not in text, "applies to neither"
    assert re.search(r"^leader induction +– +proved$", text, flags=re.M)
    assert "are left out" in lines[-1]


@pytest.mark.slow
def test_the_verdicts_are_those_of_check(capsys, tmp_path):
    assert main(["compare", "SA", "causal", "--json", "--out", str(tmp_path)]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data == json.loads((tmp_path / "compare.json").read_text())
    for place, model in enumerate((SA, CAUSAL)):
        rows = check_model(model).rows
        wanted = {row.name: row.evidence.word if row.applies else None for row in rows}
        assert {name: words[place] for name, words in data["verdicts"].items()} == wanted
    assert [part["derived"] for part in data["derived"]["equiangular"]] == [True, False]


@pytest.mark.slow
def test_only_what_differs_and_kernels(capsys):
    assert main(["compare", "USA", "exp(beta*t)/beta", "--differ"]) == 0
    text = capsys.readouterr().out
    assert "agree and are left out" in text
    assert not re.search(r"proved +proved", text)


@pytest.mark.slow
def test_five_models_and_long_names_fit(capsys, tmp_path):
    own = tmp_path / "mine.py"
    own.write_text("from theory import SA\nmodel = SA\n", encoding="utf-8")
    names = ["SA", "no projection", "t**3", "causal", str(own)]
    assert main(["compare", *names]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["SA"], "2 to 5 models"),
        (["SA"] * 6, "2 to 5 models"),
        (["SA", "caussal"], "causal"),
        (["SA", "nowhere.py"], "a file that exists"),
    ],
)
def test_what_is_refused(capsys, names, words):
    assert main(["compare", *names]) == 2
    error = capsys.readouterr().err
    assert re.match(r"attnflow: Expected .* but got ", error, flags=re.S) and words in error
