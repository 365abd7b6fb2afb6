"""Every label of the paper's Sections 2–7 and Appendices A–D has a claim."""

import json
import re

import pytest

from proofs_checks.command_line import main

# Equations by their number in a section, statements by their names.
EQUATIONS = {"2": 8, "3": 16, "4": 5, "6": 12, "7": 5, "A": 4, "B": 5, "C": 4, "D": 15}
STATEMENTS = (
    *("Figure 1", "Remark 2.1", "Remark 2.2"),
    *("Remark 3.1", "Remark 3.2", "Remark 3.3", "Proposition 3.4", "Remark 3.5"),
    *("Lemma 3.6", "Lemma 3.7", "Remark 3.8"),
    *("Figure 2", "Theorem 4.1", "Theorem 4.2", "Theorem 4.3", "Theorem 5.1"),
    *("Theorem 6.1", "Remark 6.2", "Theorem 6.3", "Lemma 6.4", "Remark 6.5", "Lemma 6.6"),
    *("Theorem 6.7", "Theorem 6.8", "Theorem 6.9", "Figure 3", "Problem 1", "Figure 4"),
    *("Problem 2", "Figure 5", "Problem 3"),
    *("Lemma A.1", "Lemma A.2", "Figure 6", "Remark B.1", "Remark C.1", "Remark D.1"),
)


# Errata: which label carries the correction. E11 and E17 are a caption and a pointer; E13 is the
# vacuity of Theorem 6.9, E22 the range of coordinates of Remark 3.2.
ERRATA = {
    **{
        "E1": ("(3.7)", "(3.15)"),
        "E2": ("(6.8)",),
        "E3": ("(A.4)",),
        "E4": ("Appendix A", "(C.1)"),
    },
    **{"E5": ("Theorem 5.1",), "E6": ("(D.8)",), "E7": ("(D.15)",), "E8": ("Remark D.1",)},
    **{"E9": ("(D.5)",), "E10": ("Figure 3",), "E12": ("(D.10)",), "E13": ("Theorem 6.9",)},
    **{"E14": ("(6.12)",), "E15": ("(6.2)",), "E16": ("Lemma 6.4 proof",)},
    **{"E18": ("Theorem 6.8",), "E19": ("Appendix C",), "E20": ("Theorem 4.3 proof",)},
    **{"E21": ("Proposition 3.4",), "E22": ("Remark 3.2",), "E23": ("(C.4)",)},
    **{"E24": ("Remark B.1",)},
}


def covered(labels):
    """Labels one by one: "(3.12)-(3.14)" is three; an erratum speaks of what it corrects.

    A label that says how far it is proved, "Problem 3, n = 3", is one.
    """
    found = set()
    for label in labels:
        span = re.fullmatch(r"\((\w)\.(\d+)\)-\(\1\.(\d+)\)", label)
        if span:
            first, last = int(span[2]), int(span[3])
            found |= {f"({span[1]}.{k})" for k in range(first, last + 1)}
        found |= {label.removeprefix("E."), label.split(", ")[0]}
    return found


@pytest.fixture(scope="module")
def listed():
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["claims", "--json"]) == 0
    return json.loads(out.getvalue())["claims"]


def test_every_label_of_the_paper_is_there(listed):
    found = covered([row["label"] for row in listed])
    equations = {f"({s}.{k})" for s, count in EQUATIONS.items() for k in range(1, count + 1)}
    assert not equations - found
    assert not set(STATEMENTS) - found


def test_every_erratum_is_a_pair(listed):
    errata = {row["label"] for row in listed if row["origin"] == "erratum"}
    for number, labels in ERRATA.items():
        for label in labels:
            assert f"E.{label}" in errata, number
    for row in listed:
        if row["origin"] == "erratum":
            assert (row["printed"] is None) == (row["kind"] == "notation"), row["label"]
