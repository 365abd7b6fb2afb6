"""Labels as people write them, and what an unknown one is answered with."""

import pytest

from proofs_checks import CLAIMS, check_model, verify
from proofs_checks.labels import (
    NO_CLAIM,
    find_label,
    find_labels,
    find_rows,
    joined_words,
    named_claims,
    nearest,
    plain,
    typed_claims,
)
from proofs_checks.own_model import rows

LABELS = [claim.label for claim in CLAIMS]


@pytest.mark.slow
@pytest.mark.parametrize("names", [LABELS, [row[0] for row in rows()]], ids=["claims", "rows"])
def test_each_label_means_itself_alone(names):
    assert len({plain(name) for name in names}) == len(names)
    for name in names:
        for written in (name, name.upper(), f"  {name} ", name.replace(" ", "")):
            assert find_labels(written, names) == [name]


@pytest.mark.parametrize(
    ("written", "label"),
    [
        *[(form, "Theorem 6.3") for form in ("thm 6.3", "Thm. 6.3", "thm6.3", "THEOREM  6.3")],
        *[(form, "(3.6)") for form in ("eq 3.6", "3.6", "Eq. (3.6)", "equation 3.6", "( 3.6 )")],
        *[(form, "Lemma 6.4") for form in ("lemma 6.4", "lem. 6.4", "Lem 6.4")],
        *[("prop 3.4", "Proposition 3.4"), ("rmk 3.8", "Remark 3.8"), ("fig. 3", "Figure 3")],
        *[("erratum 6.8", "E.(6.8)"), ("e.thm 6.8", "E.Theorem 6.8"), ("E. (D.15)", "E.(D.15)")],
        *[("eq. d.15", "(D.15)"), ("lemma a.1", "Lemma A.1"), ("3.13", "(3.12)-(3.14)")],
        *[("(3.12)–(3.14)", "(3.12)-(3.14)"), ("(3.7)", "E.(3.7)"), ("def. 9.1", "Definition 9.1")],
        *[("merge_law", "Merge law"), ("theorem 4.3 [2510.22026]", "Theorem 4.3 [2510.22026]")],
    ],
)
def test_forms(written, label):
    assert find_labels(written, LABELS) == [label]


def test_what_several_bear_means_all():
    assert find_labels("table 1", LABELS) == [f"Table 1, row {k}" for k in (1, 2, 3, 4)]
    assert find_labels("five points", LABELS) == ["Five points"]
    assert "Theorem 6.3" in find_labels("theorem 6", LABELS)
    # a number is never cut: (3.1) isn't in (3.12)
    assert find_labels("3.1", ["(3.12)", "(3.1) continuity"]) == ["(3.1) continuity"]
    with pytest.raises(ValueError):
        find_labels("3.1", ["(3.12)", "(3.11)"])


@pytest.mark.parametrize("bad", ["thm 6.33", "nonsense", "(99)"])
def test_an_unknown_label_gets_the_nearest_three(bad):
    with pytest.raises(ValueError, match=r"Expected the label of a claim but got claims=") as found:
        verify(bad)
    offered = str(found.value).partition("nearest: ")[2].removesuffix(".")
    assert offered == ", ".join(nearest(bad, LABELS))
    assert len(str(found.value)) < 200


def test_nearest_is_near():
    assert "Theorem 6.3" in nearest("thm 6.33", LABELS)
    assert nearest("lema 6.4", LABELS)[0] == "Lemma 6.4"


@pytest.mark.parametrize("bad", ["", "  ", None, 3.6])
def test_what_is_no_label(bad):
    with pytest.raises(ValueError, match="Expected the label of a claim"):
        find_labels(bad, LABELS)
    with pytest.raises(ValueError, match="Expected the label of a row"):
        find_label(bad, ["Lemma 6.4"], "a row", "only")


@pytest.mark.slow
def test_verify_takes_labels():
    (one,) = verify("eq 3.6", cases=1)
    assert one.label == "(3.6)"
    claim = next(claim for claim in CLAIMS if claim.label == "Lemma 6.4")
    both = verify(["lemma 6.4", "3.6", claim], cases=1)
    assert [report.label for report in both] == ["Lemma 6.4", "(3.6)"]
    assert verify(claim, cases=1)[0].label == "Lemma 6.4"
    assert verify([]) == ()


def test_claims_that_are_not_of_the_paper_are_taken_as_they_are():
    made = CLAIMS[:2]
    assert named_claims((), made) == list(made)
    assert named_claims(made, made[0].label) == [made[0]]


def test_rows_by_label():
    report = check_model("t**3", only="lemma 6.4")
    assert report["lem. 6.4"] is report["Lemma 6.4"]
    assert not report.holds("LEMMA 6.4")
    with pytest.raises(KeyError, match=r"nearest: Lemma 6\.4"):
        report["lemma 6.5"]
    with pytest.raises(ValueError, match=r"Expected the label of a row but got only='Lemma 6'"):
        check_model("t**3", only=["Lemma 6"])


ROWS = [row[0] for row in rows()]


def _typed(*words):
    return [claim.label for claim in typed_claims(CLAIMS, words, "NAME")]


@pytest.mark.slow
def test_a_label_split_at_its_spaces_is_that_label():
    for label in LABELS:
        (text,) = joined_words(label.split(), LABELS)
        assert plain(text) == plain(label)


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ("Theorem 6.3", ["Theorem 6.3"]),
        ("thm 6.3 rate", ["Theorem 6.3 rate"]),
        ("Lemma 6.4 Theorem 4.1", ["Lemma 6.4", "Theorem 4.1"]),
        ("eq 3.6", ["(3.6)"]),
        ("eq (3.6) prop 3.4 3.1", ["(3.6)", "Proposition 3.4", "(3.1)"]),
        ("eq ( 3.6 )", ["(3.6)"]),
        ("3.12 3.4", ["(3.12)-(3.14)", "(3.4)"]),
        ("Merge law Five points Lipschitz", ["Merge law", "Five points", "Lipschitz"]),
        ("erratum to (6.8) (6.8)", ["E.(6.8)", "(6.8)"]),
        ("Theorem 4.3 [2510.22026] table 1, row 2", ["Theorem 4.3 [2510.22026]", "Table 1, row 2"]),
        ("two clusters", ["Two clusters: time", "Two clusters: series"]),
    ],
)
def test_words_that_a_shell_has_split(words, labels):
    assert _typed(*words.split()) == labels


def test_what_was_quoted_stands_for_itself():
    assert joined_words(["Theorem 6.3", "rate"], LABELS) == ["Theorem 6.3", "rate"]
    assert joined_words(["3.1", "2"], LABELS) == ["3.1", "2"], "two numbers aren't one"
    assert len(_typed("Theorem")) > 10, "a kind alone means all of it"


@pytest.mark.parametrize("words", ["Theorem 9.9", "Lemma 6.4 Lemma 9.9", "eq (99.9)", "Thm. 66.3"])
def test_an_unknown_label_in_two_words_is_named_whole(words):
    said = " ".join(words.split()[-2:])
    with pytest.raises(ValueError, match="Expected the label of a claim but got NAME=") as found:
        _typed(*words.split())
    assert repr(said) in str(found.value) and "nearest: " in str(found.value)


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in ROWS if row not in NO_CLAIM])
def test_a_row_of_a_report_is_known(row):
    (claim,) = typed_claims(CLAIMS, row.split(), "NAME")
    assert named_claims(CLAIMS, row) == [claim]
    if plain(claim.label) != plain(row) and row not in ("(3.7)", "Consensus spectrum"):
        asked = (claim.check, *claim.check.also)
        assert row in [question.name for question in asked], "what the claim decides"


@pytest.mark.parametrize("row", NO_CLAIM)
def test_a_row_on_a_users_model_alone_is_no_claim(row):
    with pytest.raises(ValueError, match="a row of attnflow check"):
        typed_claims(CLAIMS, [row], "NAME")


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        ("(6.9)", ["equiangular ODE"]),
        ("eq 6.10", ["equiangular ODE"]),
        ("equiangular ode", ["equiangular ODE"]),
        ("Remark 2.2", ["permutation equivariance"]),
        ("moving masses", ["moving masses"]),
        ("Lemma 6.4", ["Lemma 6.4"]),
        ("3.6", ["dissipation identity", "energy ascent", "gradient structure"]),
    ],
)
def test_a_row_is_found_by_the_label_of_what_it_decides(written, rows):
    found = find_rows(written, ROWS, CLAIMS, "only")
    assert [row for row in found if row in rows] == rows


@pytest.mark.parametrize("written", ["(6.99)", "nonsense", "", "Figure 3"])
def test_what_no_row_decides_is_no_row(written):
    with pytest.raises(ValueError, match="Expected the label of a row but got only="):
        find_rows(written, ROWS, CLAIMS, "only")
