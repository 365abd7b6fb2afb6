"""`attnflow claims` lists every claim."""

import json

from proofs_checks import CLAIMS
from proofs_checks.command_line.entry import main

LABELS = [claim.label for claim in CLAIMS]


def test_listing(capsys):
    assert main(["claims"]) == 0
    out = capsys.readouterr().out
    assert all(label in out for label in LABELS) and max(map(len, out.splitlines())) <= 80
    assert main(["claims", "--errata", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    rows = data["claims"]
    assert data["provenance"]["command"] == "attnflow claims --errata"
    assert {row["origin"] for row in rows} == {"erratum"}


def test_claims_of_a_paper(capsys):
    assert main(["claims", "--paper", "2411.04990", "--json"]) == 0
    labels = [row["label"] for row in json.loads(capsys.readouterr().out)["claims"]]
    assert "Theorem 4.1 [2411.04990]" in labels and "Theorem 4.1" not in labels
    assert main(["claims", "--paper", "2411.0499"]) == 2
    assert "2411.04990" in capsys.readouterr().err


def test_where_takes_a_label_without_quotes(capsys):
    assert main(["claims", "--where", "(6.5)"]) == 0
    capsys.readouterr()
    assert main(["claims", "--where", "Theorem", "6.3"]) == 0
    split = capsys.readouterr().out
    assert main(["claims", "--where", "Theorem 6.3"]) == 0
    assert split == capsys.readouterr().out != ""
