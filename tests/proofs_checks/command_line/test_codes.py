"""`attnflow codes`: the code, its certificate and its picture; bad sizes."""

import json

import pytest

from proofs_checks.certificates import check
from proofs_checks.command_line.entry import main


@pytest.mark.slow
def test_codes(capsys, tmp_path):
    arguments = ["codes", "12", "3", "--starts", "3", "--beta", "5"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    for words in ("icosahedron", "120 symmetries", "strength 5: sharp", "3 of 3 starts"):
        assert words in out
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        *("code.npz", "codes.json", "code.png", "code.svg", "code.certificate.json"),
    }
    assert check(tmp_path / "code.certificate.json").ok
    assert main([*arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert json.loads(captured.out) == json.loads((tmp_path / "codes.json").read_text())


def test_a_code_that_depends_on_beta(capsys):
    assert main(["codes", "5", "3", "--beta", "9", "--starts", "6"]) == 0
    assert "Not recognised" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["1", "3"], "N=1"),
        (["3", "1"], "D=1"),
        (["3", "2", "--beta", "0"], "beta=0.0"),
        (["3", "2", "--starts", "0"], "starts=0"),
        (["3", "2", "--jobs", "0"], "jobs=0"),
    ],
)
def test_bad_sizes(capsys, arguments, text):
    assert main(["codes", *arguments]) == 2
    assert text in capsys.readouterr().err
