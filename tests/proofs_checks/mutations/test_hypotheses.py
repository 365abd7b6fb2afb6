"""Each hypothesis of a statement keeps a model out, or the rest of the statement does."""

from __future__ import annotations

from collections import Counter

import pytest

from proofs_checks.discovery import questions
from proofs_checks.mutations import Fate, main, try_hypotheses, weakenings
from proofs_checks.mutations.gallery import gallery
from proofs_checks.proof import Statement
from theory.models import SA


def fates(row: str) -> dict[str, Fate]:
    statement = questions()[row]
    assert isinstance(statement, Statement)
    return {found.weakening.change: found.fate for found in try_hypotheses(statement, row)}


def test_the_gallery_has_models_and_not_twice():
    names = [(flow.model, str(flow.given)) for flow in gallery()]
    assert len(names) >= 50 and len(set(names)) == len(names)


@pytest.mark.slow
def test_a_statement_that_forgets_the_time_is_caught():
    assert fates("hemisphere under a mask")["without SCHEDULED"] is Fate.KILLED
    assert fates("hemisphere under a mask")["SCHEDULED undecided"] is Fate.KILLED
    assert fates("(7.1)")["without KNOWN"] is Fate.HARMLESS  # its theorem notices


@pytest.mark.slow
def test_a_statement_that_forgets_strict_cuts_is_caught():
    statement = questions()["Theorem 5.1"]
    assert isinstance(statement, Statement)
    names = [each.change for each in weakenings(statement, "Theorem 5.1")]
    assert names.count("without STRICT_CUTS") == 1 and "CLIMBS -> RISES" in names
    assert fates("Theorem 5.1")["without STRICT_CUTS"] is Fate.KILLED


def test_a_hypothesis_that_no_model_lacks_is_untried():
    statement = questions()["(7.1)"]
    assert isinstance(statement, Statement)
    paper = tuple(flow for flow in gallery() if flow.model == SA and not flow.given)
    found = try_hypotheses(statement, "(7.1)", paper)
    assert {each.fate for each in found if each.weakening.instead is None} == {Fate.UNTRIED}


def test_a_name_that_is_no_row_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--hypotheses", "Theorem 9.9"])
    assert "label of a row of check_model but got NAME='Theorem 9.9'" in capsys.readouterr().err


@pytest.mark.full
def test_no_hypothesis_is_untried(capsys):
    assert main(["--hypotheses"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    counts = Counter(word for word in printed.split(": ") if word in ("killed", "harmless"))
    assert counts["killed"] >= 50
