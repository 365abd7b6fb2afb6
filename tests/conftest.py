"""What all tests share: the reports of the claims, made once a session, and `every`.

`@pytest.mark.every(k)` keeps every k-th case of a parametrised test in the default run; the others
are slow. `@pytest.mark.every(k, kept="slow", rest="full")` does the same one stage later. Nothing
is checked less: `pytest -m slow` and `pytest -m full` have the others. Take a k without a common
factor with the lengths of the parametrisations, so that each of their values comes up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from proofs_checks.claim import Claim, Evidence, Report, verify_claim


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the cases that `every` leaves out of the default run."""
    before: Counter[str] = Counter()
    for item in items:
        thinned = item.get_closest_marker("every")
        if thinned is None:
            continue
        test = item.nodeid.partition("[")[0]
        kept, rest = thinned.kwargs.get("kept"), thinned.kwargs.get("rest", "slow")
        chosen = rest if before[test] % thinned.args[0] else kept
        if chosen is not None:
            item.add_marker(chosen)
        before[test] += 1


class Reports(Mapping[str, Report]):
    """Reports by label, at seed 0: each claim is verified when it is first asked for."""

    def __init__(self, claims: tuple[Claim, ...]) -> None:
        self._claims = {claim.label: claim for claim in claims}
        self._found: dict[str, Report] = {}

    def __getitem__(self, label: str) -> Report:
        if label not in self._found:  # as `verify((claim,), rng=0)` does
            self._found[label] = verify_claim(self._claims[label], None, 0)
        return self._found[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)


@pytest.fixture(scope="session")
def reports() -> Reports:
    """Return the reports of all claims.

    They are made in this process: two others would import and compile everything once more each,
    12 s of 70, and a test that reads one report waits for that one only.
    """
    from proofs_checks import CLAIMS

    return Reports(CLAIMS)


@pytest.fixture(autouse=True)
def errors_of_ours_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise what a row of `check_model` would answer for: in a test of ours it is a failure.

    The tests of that answer put a fixture of this name beside themselves.
    """

    def raised(label: str, error: Exception) -> Evidence:
        raise error

    monkeypatch.setattr("proofs_checks.own_model.answer.error_of_ours", raised)


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of budgets stand: what a test finds doesn't depend on the machine."""
    monkeypatch.setattr("theory.bounded.thread_time", lambda: 0.0)
