"""How a twin is run: by its check alone, at seed 0, and an error is a failure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from proofs_checks.claim import Claim, Evidence, Verdict, run_check


@pytest.fixture(scope="session")
def found() -> Callable[..., Evidence]:
    """Return what runs a claim, or a twin of it, without its controls."""

    def run(claim: Claim) -> Evidence:
        evidence, error = run_check(claim, None, 0)
        assert error is None, evidence.detail
        return evidence

    return run


@pytest.fixture(scope="session")
def refuted(found: Callable[..., Evidence]) -> Callable[[Claim], Evidence]:
    """Return what asserts that a twin is refuted."""

    def run(twin: Claim) -> Evidence:
        evidence = found(twin)
        assert evidence.verdict is Verdict.REFUTED, evidence.detail
        return evidence

    return run
