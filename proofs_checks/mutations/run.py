"""Run the check on each mutation, as on a control, and keep what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from proofs_checks.claim import Claim, Evidence, Verdict, run_check
from proofs_checks.mutations.generate import equivalence, mutations
from proofs_checks.mutations.operations import Mutation
from proofs_checks.verification import seed_of

LIMIT = 0.02
"""Share of the counted mutations that may survive."""


LEAST = 2
"""Counted mutations that every claim must have."""


class Outcome(Enum):
    """What became of a mutation."""

    KILLED = "the check refuted it"
    SURVIVED = "the check did not refute it"
    EQUIVALENT = "the statement stays true; not counted"
    INVALID = "the check refused it as outside its class; not counted"


@dataclass(frozen=True)
class Trial:
    """One mutation with its outcome and the evidence, or the error, behind it."""

    mutation: Mutation
    outcome: Outcome
    evidence: Evidence
    reason: str = ""


@dataclass(frozen=True)
class MutationReport:
    """All trials of a run, in the order of the claims.

    Attributes
    ----------
    trials : tuple of Trial
    labels : tuple of str
        The claims that ran.
    seconds : float
    """

    trials: tuple[Trial, ...]
    labels: tuple[str, ...]
    seconds: float

    def of(self, outcome: Outcome, label: str | None = None) -> tuple[Trial, ...]:
        """Trials with an outcome, of all claims or of one."""
        return tuple(
            trial
            for trial in self.trials
            if trial.outcome is outcome and label in (None, trial.mutation.twin.label)
        )

    def counted(self, label: str | None = None) -> int:
        """Count the mutations that the survival rate is taken over."""
        return len(self.of(Outcome.KILLED, label)) + len(self.of(Outcome.SURVIVED, label))

    @property
    def rate(self) -> float:
        """Share of the counted mutations that survive, 0 if there are none."""
        return len(self.of(Outcome.SURVIVED)) / max(self.counted(), 1)

    @property
    def thin(self) -> tuple[str, ...]:
        """Labels of the claims with fewer than two counted mutations."""
        return tuple(label for label in self.labels if self.counted(label) < LEAST)

    @property
    def ok(self) -> bool:
        """Whether few enough survive and every claim has enough mutations."""
        return self.rate < LIMIT and not self.thin


def try_mutation(mutation: Mutation, cases: int | None, seed: int) -> Trial:
    """Run the check on one mutation.

    An error is not a refutation: a refusal (``Expected …``) makes the mutation invalid, and any
    other error counts as survival.
    """
    reason = equivalence(mutation)
    if reason:
        return Trial(mutation, Outcome.EQUIVALENT, Evidence(Verdict.UNDECIDED, "not run"), reason)
    evidence, error = run_check(mutation.twin, cases, seed)
    if isinstance(error, ValueError | NotImplementedError) and str(error).startswith("Expected"):
        return Trial(mutation, Outcome.INVALID, evidence, str(error))
    killed = error is None and evidence.verdict is Verdict.REFUTED
    return Trial(mutation, Outcome.KILLED if killed else Outcome.SURVIVED, evidence)


def run_mutations(
    claims: Sequence[Claim[Any, Any]] | None = None,
    rng: Any = 0,
    cases: int | None = None,
    progress: Callable[[str, tuple[Trial, ...]], None] | None = None,
) -> MutationReport:
    """Run every mutation of the claims.

    Parameters
    ----------
    claims : sequence of Claim, optional
        All of ``CLAIMS`` by default.
    rng : int, SeedSequence or Generator
        Randomness; all mutations of a claim meet the same cases.
    cases : int, optional
        Sampled cases a run; each claim's own number by default.
    progress : callable, optional
        Gets the label and the trials of each claim as it ends.

    Returns
    -------
    MutationReport
    """
    if claims is None:
        from proofs_checks import CLAIMS

        claims = CLAIMS
    if cases is not None and cases < 1:
        raise ValueError(f"Expected cases >= 1 but got cases={cases}.")
    seed = seed_of(rng)
    start = time.perf_counter()
    trials: list[Trial] = []
    for claim in claims:
        of_claim = tuple(try_mutation(mutation, cases, seed) for mutation in mutations(claim))
        trials += of_claim
        if progress is not None:
            progress(claim.label, of_claim)
    labels = tuple(claim.label for claim in claims)
    return MutationReport(tuple(trials), labels, time.perf_counter() - start)
