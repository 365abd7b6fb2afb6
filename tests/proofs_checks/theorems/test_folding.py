"""Long sheets fold what is routine: few steps are shown, each from what is shown."""

import pytest

from proofs_checks import check_model
from proofs_checks.proof import How, Outcome, Sheet, Step, sheet_lines
from proofs_checks.proof.sheet import MOST
from proofs_checks.propositions import Subject
from proofs_checks.theorems import as_sheet, common_sight, meeting, pull_of
from theory.models import catalogue


def made(count, routine, sources, outcome=Outcome.HOLDS):
    """A sheet of steps "s1", "s2", ..."""
    steps = [
        Step(
            f"s{k}",
            How.BY_RULE,
            outcome if k == 2 else Outcome.HOLDS,
            "why",
            sources=sources(k),
            routine=routine(k),
        )
        for k in range(1, count + 1)
    ]
    return Sheet(tuple(steps), typed=True)


def before(k):
    return (k - 1,) if k > 1 else ()


def test_a_short_sheet_shows_every_step():
    sheet = made(MOST, lambda k: 2, before)
    assert [k for k, *_ in sheet.shown()] == list(range(1, MOST + 1))
    assert sheet.shown() == sheet.shown(every=True)
    assert "folded" not in str(sheet)


def test_a_long_sheet_shows_what_is_not_routine_and_its_end():
    sheet = made(MOST + 11, lambda k: 0 if k % 10 == 0 else 2, before)
    shown = sheet.shown()
    assert [k for k, *_ in shown] == [10, 20, 30, 31]
    assert [found for *_, found in shown] == ["why", "why; 10", "why; 20", "why; 30"]
    assert sheet_lines(sheet)[-1] == "(27 routine steps are folded.)"
    full = sheet_lines(sheet, every=True)
    assert sum(line.endswith("[by rule]") for line in full) == MOST + 11
    assert "why; 29" in "\n".join(full)


def test_what_is_read_off_folds_only_where_it_must():
    few = made(MOST + 5, lambda k: 2 if k < 10 else 1, before)
    assert len(few.shown()) == MOST + 5 - 9
    many = made(2 * MOST + 5, lambda k: 2 if k < 10 else 1, before)
    assert [k for k, *_ in many.shown()] == [2 * MOST + 5]


def test_a_step_that_does_not_hold_is_never_folded():
    sheet = made(MOST + 5, lambda k: 2, before, Outcome.GAP)
    assert [k for k, *_ in sheet.shown()] == [2, MOST + 5]
    assert "s2 [by rule: GAP]" in str(sheet)


def test_the_diamond_of_what_folds_is_named_once():
    below = {1: (), 2: (), 3: (1, 2), 4: (1, 3), 5: (3, 4)}
    sheet = made(MOST + 5, lambda k: 0 if k in (1, 2, 5) else 2, lambda k: below.get(k, ()))
    found = {k: found for k, _, found in sheet.shown()}
    assert found[5] == "why; 1, 2"


@pytest.mark.parametrize("model", ["SA", "pre-LN"])
def test_what_is_shown_of_a_proof_rests_on_what_is_shown(model):
    """Against the theorem itself: its premises, followed down to those that are shown."""
    subject = Subject.of(catalogue(model))
    own = meeting(pull_of(subject), common_sight(subject))
    sheet = as_sheet(own.says, own.found, own.names)
    shown = {step.formal.fact: k for k, step, _ in sheet.shown()}
    assert len(shown) <= MOST < len(sheet.steps)

    def reached(theorem):
        for premise in theorem.premises:
            if premise.fact in shown:
                yield shown[premise.fact]
            else:
                yield from reached(premise)

    for _, step, found in sheet.shown():
        numbers = found.rpartition("; ")[2].split(", ")
        said = {int(number) for number in numbers if number.isdigit()}
        assert said == set(reached(step.formal))


@pytest.mark.full
@pytest.mark.parametrize("name", catalogue())
def test_no_sheet_of_a_report_shows_more(name):
    sheets = [row.evidence.sheet for row in check_model(catalogue(name)).rows]
    assert all(len(sheet.shown()) <= MOST for sheet in sheets if sheet is not None and sheet.typed)
