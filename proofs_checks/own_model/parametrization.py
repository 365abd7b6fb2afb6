"""`parametrize_with_invariants`: a pytest test for each model and row of ``check_model``.

PROVED, CERTIFIED and SUPPORTED pass, VACUOUS and OPEN skip with the reason, UNDECIDED and REFUTED
fail, unless another verdict is expected. What doesn't apply to a model is no test of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

import theory
from proofs_checks.claim import Evidence, Verdict
from proofs_checks.labels import find_label
from proofs_checks.own_model.check import BASIC, rows, speaks_of, subject_of
from theory.models import Model

Words = Mapping[str, Verdict | str]
"""Verdicts by the names of rows."""

_PASS = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED)
_SKIP = (Verdict.VACUOUS, Verdict.OPEN)


def _verdict_of(word: Verdict | str) -> Verdict:
    if isinstance(word, str):
        if word not in Verdict.__members__:
            raise ValueError(
                f"Expected a verdict among {', '.join(Verdict.__members__)} but got {word!r}."
            )
        return Verdict[word]
    return word


def _checked_names(names: Iterable[str]) -> list[str]:
    known = [name for name, _, _ in rows()]
    chosen = [names] if isinstance(names, str) else list(names)
    return [find_label(name, known, "an invariant", "invariants") for name in chosen]


class Broken(AssertionError, pytest.fail.Exception):  # type: ignore[name-defined]
    """A row that doesn't hold: pytest shows the message alone, which says all in seven lines."""

    def __init__(self, message: str) -> None:
        pytest.fail.Exception.__init__(self, message, pytrace=False)


@dataclass(frozen=True)
class Invariant:
    """One row of ``check_model`` as a test.

    Attributes
    ----------
    name, statement : str
        The row.
    rng, cases
        As for ``check_model``.
    expected : Mapping
        Verdicts that rows must have, by name; without one, any that says that the row holds.
    """

    name: str
    statement: str
    rng: Any = 0
    cases: int | None = None
    expected: Words = field(default_factory=dict)

    def __call__(
        self, model: Model | str, *, expected: Words | None = None, **options: Any
    ) -> Evidence:
        """Ask the model: return what was found, skip, or fail with the counterexample.

        Parameters
        ----------
        model : Model or str
        expected : Mapping, optional
            Verdicts by the names of rows, for this model.
        **options
            Those of ``check_model``.
        """
        __tracebackhide__ = True
        wanted = {**self.expected, **(expected or {})}
        _checked_names(wanted)
        flow = options.pop("flow", "wasserstein")
        implementation = options.pop("implementation", None)
        if self.name == "implementation" and implementation is None:
            raise ValueError(
                "Expected your own code beside the invariant 'implementation' but got "
                "implementation=None; write invariant(model, implementation=f)."
            )
        subject = subject_of(model, self.rng, self.cases, flow, implementation, options)
        check = next(check for name, _, check in rows() if name == self.name)
        evidence = check(subject)
        if self.name in wanted:
            verdict = _verdict_of(wanted[self.name])
            if evidence.verdict is verdict:
                return evidence
            reason = f"expected {verdict} but got {evidence.word}"
        elif evidence.verdict in _PASS:
            return evidence
        elif evidence.verdict in _SKIP or not evidence.applies:
            pytest.skip(f"{self.name}: {evidence.word}: {evidence.detail}")
        else:
            reason = evidence.word
        shown = {"flow": flow, "implementation": implementation, **options}
        raise Broken(self._report(model, subject.model.name, reason, evidence, shown))

    def _report(
        self,
        model: Model | str,
        name: str,
        reason: str,
        evidence: Evidence,
        options: Mapping[str, Any],
    ) -> str:
        """Say what failed, by how much and where, and how to see it again."""
        known = [key for key in theory.__all__ if getattr(theory, key) is model]
        subject = repr(model) if isinstance(model, str) else known[0] if known else "model"
        imports = f"; from theory import {known[0]}" if known else ""
        defaults = {"flow": "wasserstein", "implementation": None}
        more = {"rng": self.rng, **({} if self.cases is None else {"cases": self.cases})}
        more |= {a: b for a, b in options.items() if a not in defaults or b != defaults[a]}
        given = "".join(f", {key}={_shown(value)}" for key, value in more.items())
        return "\n".join(
            [
                f"{name}: {self.name}: {reason}",
                f"  {self.statement}",
                f"  {evidence.detail}",
                "reproduce it with",
                f"  from proofs_checks import check_model{imports}",
                f"  report = check_model({subject}{given})",
                f"  print(report[{self.name!r}].detail)",
            ]
        )

    def __str__(self) -> str:
        """Name with hyphens."""
        return self.name.replace(" ", "-")


def _shown(value: Any) -> str:
    return getattr(value, "__name__", repr(value)) if callable(value) else repr(value)


def parametrize_with_invariants(
    models: Iterable[Model | str] | Model | str,
    invariants: Iterable[str] | str = BASIC,
    rng: Any = 0,
    cases: int | None = None,
    *,
    expected: Words | None = None,
) -> pytest.MarkDecorator:
    """Pytest decorator: one test for each model and invariant, as arguments of those names.

    Parameters
    ----------
    models : iterable of Model or str
        What ``check_model`` takes; one alone will do.
    invariants : iterable of str
        Names of rows of ``check_model``, or one; those that every gradient flow of pair energies
        obeys by default. With "implementation", give ``invariant(model, implementation=f)``.
    rng : int, SeedSequence or Generator
        Randomness; ``pytest --attnflow-seed`` goes before it.
    cases : int, optional
        Sampled cases; ``pytest --attnflow-cases`` goes before it.
    expected : Mapping, optional
        Verdicts by the names of rows, such as ``{"energy ascent": "REFUTED"}``: the test passes if
        and only if the row has it. ``invariant(model, expected=…)`` says so for one model.

    Returns
    -------
    pytest.MarkDecorator
        The decorator, with arguments ``model`` and ``invariant``. A row that doesn't apply to a
        model isn't collected, unless a verdict is expected of it.

    Examples
    --------
    >>> from theory import SA
    >>> @parametrize_with_invariants([SA, "exp(2*t)"])
    ... def test_mine(model, invariant):
    ...     invariant(model)
    """
    statements = {name: statement for name, statement, _ in rows()}
    wanted = {name: _verdict_of(word) for name, word in (expected or {}).items()}
    _checked_names(wanted)
    tests = [
        Invariant(name, statements[name], rng, cases, wanted) for name in _checked_names(invariants)
    ]
    asked = [models] if isinstance(models, Model | str) else list(models)
    pairs = [
        pytest.param(
            model,
            test,
            id=f"{(model.name if isinstance(model, Model) else model).replace(' ', '-')}-{test}",
        )
        for model in asked
        for test in tests
        if test.name in wanted or speaks_of(test.name, model)
    ]
    return pytest.mark.parametrize(("model", "invariant"), pairs)
