"""What a claim is: a statement, the model it speaks of, a prediction, a check, and its controls.

A check is a pure function of (model, prediction, budget). A control swaps one of the first two for
a broken twin and must be refuted by the same function with the same tolerance.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Generic, Literal, Protocol, TypeVar, runtime_checkable
from zlib import crc32

import numpy as np

from proofs_checks.evidence import Budget, Evidence, Verdict, not_applicable
from proofs_checks.shared_runs import runs_shared
from theory.summaries import Tabled, short_form


@dataclass(frozen=True)
class Hypothesis:
    """A hypothesis as an evaluator: ``margin(n=…, d=…, beta=…)`` is at least 0 where it is met.

    Parameters
    ----------
    text : str
        The hypothesis in words.
    margin : callable
        Distance to failing, >= 0 where it holds.
    """

    text: str
    margin: Callable[..., float]


def _beta(**parameters: float) -> float:
    return parameters["beta"]


WARM = Hypothesis("β >= 0", _beta)
"""The hypothesis of most statements on attention that attracts."""


def _in_the_plane(**parameters: float) -> float:
    return 2.0 - parameters["d"]


IN_THE_PLANE = Hypothesis("d = 2", _in_the_plane)
"""The hypothesis of statements on the circle."""


S = TypeVar("S")
P = TypeVar("P")
"""Classes of a claim's subject, its ``model``, and of its prediction."""

# A control that changes one of the two fits a claim whatever the other is: hence covariant.
S_co = TypeVar("S_co", covariant=True)
P_co = TypeVar("P_co", covariant=True)


@dataclass(frozen=True)
class Control(Generic[S_co, P_co]):
    """A deliberately broken twin: one named change of the model or of the prediction.

    Its model and its prediction are of the classes that the claim's check takes: mypy refuses
    another.

    Parameters
    ----------
    change : str
        The change, in words.
    model : S_co, optional
        The model.
    prediction : P_co, optional
        What is predicted, in the form that the check compares with.
    """

    change: str
    model: S_co | None = None
    prediction: P_co | None = None


Check = Callable[[S, P, Budget], Evidence]


@runtime_checkable
class Question(Protocol):
    """A check that is asked of any flow: the same decision for the claim and for a user's model.

    ``proof.Statement`` is one. A claim whose check isn't one speaks of the paper's models alone.
    """

    @property
    def name(self) -> str:
        """Row of ``check_model``."""

    @property
    def sentence(self) -> str:
        """What the row says."""

    @property
    def also(self) -> tuple[Any, ...]:
        """Questions that follow from it."""

    def ask(self, flow: Any) -> Evidence:
        """Evidence on a flow."""


class Part(Enum):
    """A part of a model that a statement is about; the value is its name in the model."""

    VELOCITY = "velocity"
    ENERGY = "energy"


class Conclusion(Enum):
    """What a statement ends in, where the map of Figure 2 or a table asks for it."""

    CONSENSUS = "almost every initial condition forms one cluster"


@dataclass(frozen=True)
class Equivalent:
    """Mutations that leave a statement true, reviewed one by one.

    Attributes
    ----------
    reason : str
        Why it stays true: one line.
    names : tuple of str
        The mutations, by the names that ``python -m proofs_checks.mutations`` prints; patterns
        of ``fnmatch``.
    """

    reason: str
    names: tuple[str, ...]


Kind = Literal["formula", "statement", "proof step", "gap", "vacuous", "notation"]

PRINTED: Mapping[str, Verdict | None] = {
    "formula": Verdict.REFUTED,
    "statement": Verdict.REFUTED,
    "proof step": Verdict.REFUTED,
    "gap": Verdict.UNDECIDED,
    "vacuous": Verdict.VACUOUS,
    "notation": None,
}
"""What an erratum is about, and the verdict of the printed form; none where only words differ.

Only the first three refute something printed. A gap is a step that isn't shown; a vacuous bound
says nothing.
"""


@dataclass(frozen=True)
class Claim(Generic[S, P]):
    """A statement of the literature that runs.

    Parameters
    ----------
    label : str
        The paper's number ("Theorem 6.3", "(3.6)"); ``E.`` in front marks an erratum.
    statement : str
        One sentence.
    model : Model or tuple of Model
        What it speaks of.
    prediction : object
        What it predicts, in the form the check compares with.
    check : callable
        ``check(model, prediction, budget) -> Evidence``; a `Question` where it decides any flow.
    controls : tuple of Control
        At least one broken twin.
    expected : Verdict
        The verdict that is expected.
    hypotheses : tuple of Hypothesis
        What has to hold, each an evaluator.
    printed : Control, optional
        For an erratum: the form that the paper prints; its verdict must be that of the kind.
    cases : int
        Sampled cases of a quick run.
    origin : {"paper", "extension", "erratum"}
        Paper, extension or erratum.
    about : frozenset of Part
        Which parts of the model the statement speaks of, so that an error in them makes it false;
        empty where no model enters.
    concludes : Conclusion, optional
        What it ends in.
    equivalents : tuple of Equivalent
        Mutations that leave it true; where several match one, the first gives the reason.
    kind : str, optional
        What an erratum is about: one of ``PRINTED``.
    """

    label: str
    statement: str
    model: S
    prediction: P
    check: Check[S, P]
    controls: tuple[Control[S, P], ...]
    expected: Verdict
    hypotheses: tuple[Hypothesis, ...] = ()
    printed: Control[S, P] | None = None
    cases: int = 20
    origin: str = "paper"
    about: frozenset[Part] = frozenset({Part.VELOCITY})
    concludes: Conclusion | None = None
    equivalents: tuple[Equivalent, ...] = ()
    kind: Kind | None = None

    def __repr__(self) -> str:
        """Return the short form."""
        return short_form(self, ("label", "expected", "statement", "model", "controls", "origin"))

    def __post_init__(self) -> None:
        """Refuse a claim without a control, which could not fail, and an erratum of no kind."""
        if (self.origin == "erratum") != (self.kind in PRINTED):
            raise ValueError(
                f"Expected an erratum to be of a kind among {', '.join(PRINTED)} but got "
                f"kind={self.kind!r} in claim {self.label}; say what it is about."
            )
        if self.kind == "notation" and self.printed is not None:
            raise ValueError(
                f"Expected no printed form where only notation differs but got "
                f"printed={self.printed!r} in claim {self.label}; nothing is refuted."
            )
        if not self.controls:
            raise ValueError(
                f"Expected at least one control but got controls=() in claim {self.label}; "
                "add a broken twin that the check must refute."
            )

    def twin(self, control: Control[S, P]) -> Claim[S, P]:
        """Return the claim with one change.

        Parameters
        ----------
        control : Control[S, P]
            The change.

        Returns
        -------
        Claim[S, P]
            The changed claim.
        """
        return replace(
            self,
            model=self.model if control.model is None else control.model,
            prediction=self.prediction if control.prediction is None else control.prediction,
        )

    def unmet(self, **parameters: float) -> tuple[str, ...]:
        """Name the hypotheses that fail at the given parameters: if any does, it is VACUOUS.

        Parameters
        ----------
        **parameters : float
            Values of the parameters, by name.

        Returns
        -------
        tuple of str
            A sentence each.
        """
        return tuple(h.text for h in self.hypotheses if not h.margin(**parameters) >= 0)


@dataclass(frozen=True)
class Report(Tabled):
    """Outcome of one claim and of its controls.

    Parameters
    ----------
    label, statement, origin : str
        Those of the claim.
    expected : Verdict
        The verdict that the claim names.
    evidence : Evidence
        What was found, with the verdict.
    controls : tuple of (str, Evidence)
        Change and outcome of each control.
    printed : Evidence or None
        What the same check says of the printed form of an erratum.
    error : str
        What the check raised; empty if nothing.
    seconds : float
        Seconds that claim and controls took.
    seed : int
        Seed that reproduces it.
    kind : str, optional
        What an erratum is about.
    """

    _shown = ("label", "verdict", "expected", "controls_refuted", "statement", "error", "seed")

    label: str
    statement: str
    origin: str
    expected: Verdict
    evidence: Evidence
    controls: tuple[tuple[str, Evidence], ...]
    printed: Evidence | None
    error: str
    seconds: float
    seed: int
    kind: Kind | None = None

    @property
    def verdict(self) -> Verdict | None:
        """Verdict of the claim itself (for an erratum: of the corrected form)."""
        return self.evidence.verdict

    @property
    def controls_refuted(self) -> int:
        """Number of controls that the check refuted."""
        return sum(evidence.verdict is Verdict.REFUTED for _, evidence in self.controls)

    @property
    def complaints(self) -> tuple[str, ...]:
        """What is wrong with this report, nothing if all is as expected."""
        found = []
        if self.error:
            found.append(f"error: {self.error}")
        elif self.verdict is not self.expected:
            found.append(f"expected {self.expected} but got {self.evidence.word}")
        for change, evidence in self.controls:
            if evidence.verdict is not Verdict.REFUTED:
                found.append(f"control survives: {change} ({evidence.word}: {evidence.detail})")
        wanted = PRINTED[self.kind or "formula"]
        if self.printed is not None and self.printed.verdict is not wanted:
            found.append(f"printed form: expected {wanted} but got {self.printed.word}")
        return tuple(found)

    @property
    def ok(self) -> bool:
        """Whether verdict, controls and printed form are all as expected."""
        return not self.complaints

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON.

        Returns
        -------
        Mapping
            Plain data.
        """

        def plain(evidence: Evidence) -> dict[str, Any]:
            return {
                "verdict": None if evidence.verdict is None else evidence.verdict.name,
                "detail": evidence.detail,
                "scope": dict(evidence.scope),
                "assumptions": list(evidence.assumptions),
                "cases": evidence.cases,
                "margin": evidence.margin,
            }

        return {
            "label": self.label,
            "statement": self.statement,
            "origin": self.origin,
            "kind": self.kind,
            "ok": self.ok,
            "expected": self.expected.name,
            **plain(self.evidence),
            "controls": [{"change": c, **plain(e)} for c, e in self.controls],
            "printed": None if self.printed is None else plain(self.printed),
            "complaints": list(self.complaints),
            "error": self.error,
            "seconds": self.seconds,
            "seed": self.seed,
        }


def report_of(data: Mapping[str, Any]) -> Report:
    """Return the report of plain data; identities and proof sheets aren't in them.

    Parameters
    ----------
    data : Mapping
        From `Report.as_dict`.

    Raises
    ------
    KeyError, TypeError
        If it isn't such.
    """

    def evidence(plain: Mapping[str, Any]) -> Evidence:
        return Evidence(
            None if plain["verdict"] is None else Verdict[plain["verdict"]],
            plain["detail"],
            dict(plain["scope"]),
            tuple(plain["assumptions"]),
            plain["cases"],
            plain["margin"],
        )

    return Report(
        data["label"],
        data["statement"],
        data["origin"],
        Verdict[data["expected"]],
        evidence(data),
        tuple((control["change"], evidence(control)) for control in data["controls"]),
        None if data["printed"] is None else evidence(data["printed"]),
        data["error"],
        data["seconds"],
        data["seed"],
        data["kind"],
    )


def run_check(
    claim: Claim[Any, Any], cases: int | None, seed: int, full: bool = False
) -> tuple[Evidence, Exception | None]:
    """Run the check of a claim or of a twin of it, without its controls.

    Parameters
    ----------
    claim : Claim
        The claim, or a twin of it: label and seed fix the cases that are drawn.
    cases : int or None
        Sampled cases, the claim's own number if None.
    seed : int
    full : bool
        Ask for the strongest level.

    Returns
    -------
    Evidence
        UNDECIDED, with the error in words, if the check raised.
    Exception or None
        What it raised.
    """
    stream = np.random.SeedSequence(seed, spawn_key=(crc32(f"{claim.label}|".encode()),))
    count = claim.cases if cases is None else cases
    try:
        budget = Budget(count, np.random.default_rng(stream), full)
        return claim.check(claim.model, claim.prediction, budget), None
    except Exception as exception:
        where = traceback.extract_tb(exception.__traceback__)[-1]
        reason = f"{type(exception).__name__}: {exception}"
        message = f"an error of ours: {reason} ({where.name}, line {where.lineno})"
        return Evidence(Verdict.UNDECIDED, message), exception


def verify_claim(
    claim: Claim[Any, Any], cases: int | None, seed: int, full: bool = False
) -> Report:
    """Run one claim, its printed form and its controls.

    The claim and its twins draw from one stream, fixed by the seed and the label: the outcome
    doesn't depend on order or on other claims, and what refutes a twin are cases that the claim
    passes. A check that raises on a control is not a refutation: it is an error, and the report
    says so. ``full`` is for the claim itself; its twins are refuted at the quick level.
    """
    start = time.perf_counter()
    error = ""

    def run(twin: Claim[Any, Any], change: str) -> Evidence:
        nonlocal error
        # A twin that the quick level refutes needs no stronger one.
        evidence, raised = run_check(twin, cases, seed, full and twin is claim)
        if raised is not None:
            error = error or (f"[{change}] {evidence.detail}" if change else evidence.detail)
        return evidence

    with nullcontext() if full else runs_shared():  # no twin makes the large runs of a full one
        evidence = run(claim, "")
        printed = None
        if claim.printed is not None:
            printed = run(claim.twin(claim.printed), claim.printed.change)
        controls = tuple(
            (control.change, run(claim.twin(control), control.change)) for control in claim.controls
        )
    return Report(
        claim.label,
        claim.statement,
        claim.origin,
        claim.expected,
        evidence,
        controls,
        printed,
        error,
        time.perf_counter() - start,
        seed,
        claim.kind,
    )


__all__ = [
    "IN_THE_PLANE",
    "PRINTED",
    "WARM",
    "Budget",
    "Check",
    "Claim",
    "Conclusion",
    "Control",
    "Equivalent",
    "Evidence",
    "Hypothesis",
    "Kind",
    "Part",
    "Question",
    "Report",
    "Verdict",
    "not_applicable",
    "report_of",
    "run_check",
    "verify_claim",
]
