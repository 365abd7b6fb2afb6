"""A row that raises is UNDECIDED, in words, and the rows after it are asked."""

from __future__ import annotations

import pytest

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.own_model import check, check_model
from proofs_checks.proof.verdict import ContradictionError
from theory import SA
from theory.bounded import BudgetSpentError, checkpoint, deciding, metered

ROWS = ("Lemma 6.4", "Theorem 6.3")


@pytest.fixture(autouse=True)
def errors_of_ours_fail() -> None:
    """Leave the answers as a user gets them."""


def asked_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> dict[str, Evidence]:
    """Rows of SA where the decision of Lemma 6.4 raises."""

    class Raising:
        name, sentence, also = "Lemma 6.4", "two tokens meet", ()

        def ask(self, flow: object) -> Evidence:
            raise error

    known = dict(check._questions())
    monkeypatch.setattr(check, "_questions", lambda: {**known, "Lemma 6.4": Raising()})
    return {row.name: row.evidence for row in check_model(SA, only=ROWS).rows}


@pytest.mark.parametrize(
    "error",
    [
        TypeError("Invalid NaN comparison"),
        ValueError(""),
        AssertionError(),
        RecursionError("maximum recursion depth exceeded"),
        ZeroDivisionError("division by zero"),
        ContradictionError("proved, and refuted"),
        OverflowError("too large\nfor a float"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_ours_is_a_row(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    rows = asked_with(monkeypatch, error)
    found = rows["Lemma 6.4"]
    assert found.verdict is Verdict.UNDECIDED
    assert found.detail.startswith(f"an error of ours: {type(error).__name__} in Lemma 6.4")
    assert "\n" not in found.detail and "(ask, line" in found.detail
    assert rows["Theorem 6.3"].verdict is Verdict.PROVED


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), SystemExit(2)])
def test_what_is_no_error_of_a_row_ends_the_report(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    with pytest.raises(type(error)):
        asked_with(monkeypatch, error)


@pytest.mark.parametrize("row", ["implementation", "confinement", "Lemma 6.4"])
def test_an_implementation_that_raises_is_no_error_of_ours(row: str) -> None:
    def broken(points: object) -> object:
        raise LookupError("no weights of that name")

    found = check_model(SA, beta=1, implementation=broken, only=row)[row]
    assert found.verdict is Verdict.UNDECIDED
    assert found.detail.startswith("the implementation raises LookupError: no weights of that name")
    assert "at x = [[" in found.detail


class Clock:
    """A clock that moves by a step each time it is read."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


HARD = "t*exp(t**2) + sin(t)/7 + log(3 + t)"


@pytest.mark.slow
@pytest.mark.parametrize("row", ["Proposition 3.4", "Theorem 6.3"])
def test_a_spent_budget_is_said_and_ends_no_report(
    monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    monkeypatch.setattr("theory.bounded.thread_time", Clock(1.0))
    report = check_model(HARD, only=[row, "rotation equivariance"], budget=0.5)
    assert report[row].verdict is Verdict.UNDECIDED
    assert report[row].detail.startswith("the budget ran out: 0.5 CPU seconds")
    assert report["rotation equivariance"].verdict is not None
    monkeypatch.setattr("theory.bounded.thread_time", Clock(0.0))
    again = check_model(HARD, only=row, budget=0.5)[row]  # nothing of it is kept
    assert "budget ran out" not in again.detail


def test_what_takes_no_decision_spends_no_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(0.0)
    monkeypatch.setattr("theory.bounded.thread_time", clock)
    with metered(1):
        clock.now = 1000.0  # compiling, say
        with deciding():
            clock.now += 0.6
            checkpoint()
        with deciding(), deciding():
            clock.now += 0.3
            checkpoint()
            clock.now += 0.3
            with pytest.raises(BudgetSpentError):
                checkpoint()
    checkpoint()


@pytest.mark.parametrize("budget", [0, -1.0, float("nan")])
def test_a_budget_is_positive(budget: float) -> None:
    with pytest.raises(ValueError, match="Expected a budget > 0"):
        check_model(SA, budget=budget)
