"""The report of check_model as text and as data."""

import json

import pytest

from proofs_checks.own_model.check import check_model


@pytest.mark.slow
def test_the_report():
    report = check_model("t**3")
    assert all(len(line) <= 80 for line in str(report).splitlines())
    data = json.loads(json.dumps(report.as_dict()))
    assert [row["name"] for row in data["rows"]] == [row.name for row in report.rows]
    with pytest.raises(KeyError, match="Expected the label of a row"):
        report["nothing"]
    with pytest.raises(AttributeError):
        report.rows = ()
