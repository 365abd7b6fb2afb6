"""Run claims: ``verify`` takes a tuple of them and returns a tuple of reports, in order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np

from proofs_checks.claim import Claim, Report, verify_claim
from proofs_checks.labels import named_claims


def seed_of(rng: Any) -> int:
    """Return one integer seed from a seed, a SeedSequence, a Generator or None (SPEC 7)."""
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool):
        if rng < 0:
            raise ValueError(f"Expected a seed >= 0 but got rng={rng}.")
        return int(rng)
    try:
        return int(np.random.default_rng(rng).integers(2**63))
    except (TypeError, ValueError):
        raise ValueError(
            "Expected a seed (an integer >= 0), a SeedSequence, a Generator or None but got "
            f"rng={rng!r}."
        ) from None


def verify(
    claims: str | Claim[Any, Any] | Iterable[str | Claim[Any, Any]] | None = None,
    cases: int | None = None,
    rng: Any = 0,
    executor: Executor | None = None,
    progress: bool | Callable[[Report], None] = False,
    full: bool = False,
) -> tuple[Report, ...]:
    """Check claims and their controls.

    Parameters
    ----------
    claims : str, Claim, or iterable of them, optional
        Labels are forgiving: "Theorem 6.3", "thm 6.3", "eq 3.6"; one that several claims bear, or
        hold, means all of them. All of ``CLAIMS`` by default.
    cases : int, optional
        Sampled cases a claim; each claim's own number by default.
    rng : int, SeedSequence or Generator
        Randomness; the same seed gives the same reports in any order and on any executor.
    executor : concurrent.futures.Executor, optional
        Where to run; in this process by default.
    progress : bool or callable
        True prints a line a claim to standard error; a callable gets each report as it comes.
    full : bool
        Ask each check for its strongest level.

    Returns
    -------
    tuple of Report
        In the order of ``claims``.

    Raises
    ------
    ValueError
        For a label that no claim has (the nearest three are named), cases below 1, or a seed that
        is none.

    Examples
    --------
    >>> [str(report.verdict) for report in verify("eq 3.6")]
    ['PROVED']
    """
    known: Any = ()
    if claims is None or isinstance(claims, str):
        from proofs_checks import CLAIMS

        known = CLAIMS
    elif not isinstance(claims, Claim):
        if not isinstance(claims, Iterable):
            name = getattr(claims, "name", claims)
            raise TypeError(
                f"Expected labels or claims but got claims={name!r}; give for instance "
                "'Theorem 6.3', and of a model of yours ask check_model(model)."
            )
        claims = list(claims)
        if any(isinstance(claim, str) for claim in claims):
            from proofs_checks import CLAIMS

            known = CLAIMS
    chosen = list(known) if claims is None else named_claims(known, claims)
    if cases is not None and cases < 1:
        raise ValueError(f"Expected cases >= 1 but got cases={cases}.")
    seed = seed_of(rng)
    results: Iterable[Report]
    futures: list[Future[Report]] = []
    if executor is None:
        results = (verify_claim(claim, cases, seed, full) for claim in chosen)
    else:
        futures = [executor.submit(verify_claim, claim, cases, seed, full) for claim in chosen]
        results = (future.result() for future in futures)
    reports = []
    try:
        for report in results:
            reports.append(report)
            if callable(progress):
                progress(report)
            elif progress:
                mark = "ok" if report.ok else "NOT AS EXPECTED"
                print(f"{report.label}: {report.verdict} ({mark})", file=sys.stderr)
    finally:
        for future in futures:  # after an interruption no further claim is begun
            future.cancel()
    return tuple(reports)
