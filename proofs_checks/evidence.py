"""What a check found: a verdict with its evidence, and the budget that it may spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

from theory.summaries import Summarised


class Verdict(Enum):
    """How well a statement is known to hold; the value says what each word promises."""

    PROVED = "an exact symbolic or rational argument, in the stated scope"
    CERTIFIED = "interval arithmetic encloses it"
    SUPPORTED = "experiments agree, none is a proof"
    VACUOUS = "the hypotheses can't be met, or the bound says nothing, at these parameters"
    REFUTED = "an explicit, reproducible counterexample"
    UNDECIDED = "not decided: what is missing, or an error of ours, stands beside it"
    OPEN = "unknown to mathematics; evidence attached"

    def __str__(self) -> str:
        """Return the word alone."""
        return self.name


@dataclass(frozen=True)
class Budget:
    """What a check may spend: the number of sampled cases, the random source, and the depth.

    ``full`` asks for the strongest level the check has, however long it takes.

    Parameters
    ----------
    cases : int
        Number of sampled cases.
    rng : np.random.Generator
        Source of randomness (SPEC 7).
    full : bool, optional
        Whether to go as far as the check can.
    """

    cases: int
    rng: np.random.Generator
    full: bool = False


@dataclass(frozen=True)
class Evidence(Summarised):
    """What a check found.

    Parameters
    ----------
    verdict : Verdict or None
        The verdict; None where the statement doesn't speak of this kind of object.
    detail : str
        The residual that vanished, the counterexample, or the summary of the experiments.
    scope : Mapping
        Which of n, d, beta, masses, t are "symbolic", fixed, or a sampled range.
    assumptions : tuple of str
        Lemmas from the literature that the argument uses without proving them.
    cases : int
        Number of sampled cases, 0 for a pure proof.
    margin : float or None
        Worst distance to failing over the cases, in units of the tolerance: at least 0 if held.
    identity : tuple of SymPy expressions
        What a proof shows to vanish, or compares, before any reduction: its free symbols, sizes of
        matrices included, tell what is symbolic.
    sheets : tuple of (str, Sheet)
        The proof for each flow, by the name of its model; none of a claim that decides otherwise.
    prediction : object
        What was decided: for a user's model the one that is derived for it.
    sentence : str
        What was decided in words, where it holds more than the statement's own sentence: the
        derived constant, or the clock.
    """

    _shown = ("verdict", "detail", "scope", "cases", "margin")

    verdict: Verdict | None
    detail: str
    scope: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    cases: int = 0
    margin: float | None = None
    identity: tuple[Any, ...] = ()
    sheets: tuple[tuple[str, Any], ...] = field(default=(), compare=False, repr=False)
    prediction: Any = field(default=None, compare=False, repr=False)
    sentence: str = ""

    @property
    def applies(self) -> bool:
        """Whether the statement speaks of the kind of object that it was asked of."""
        return self.verdict is not None

    @property
    def word(self) -> str:
        """The verdict in a word, or "doesn't apply"."""
        return DOES_NOT_APPLY if self.verdict is None else self.verdict.name

    @property
    def sheet(self) -> Any:
        """Proof sheet of the only flow, or of the first; None where there is none."""
        return self.sheets[0][1] if self.sheets else None


DOES_NOT_APPLY = "doesn't apply"
"""What stands in place of a verdict where a statement speaks of another kind of object."""


def not_applicable(reason: str) -> Evidence:
    """Say that a statement doesn't speak of an object, and why: that is no verdict."""
    return Evidence(None, reason)


__all__ = ["DOES_NOT_APPLY", "Budget", "Evidence", "Verdict", "not_applicable"]
