"""Mutation test of the claims: small automatic errors in a model or a prediction must be refuted.

Every number and expression of a claim gets a wrong sign, a factor β or n, a wrong exponent, or
loses its projection; the check runs on each twin as it does on a control. A mutation that leaves
the statement true is listed in ``EQUIVALENT`` with its reason and isn't counted.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import operator
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import sympy as sp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Evidence, Verdict, run_check
from proofs_checks.equivalent_formulas import REVIEWED_FORMULAS
from proofs_checks.equivalent_mutations import REVIEWED
from proofs_checks.equivalent_sections_6_7 import REVIEWED_SECTIONS_6_7
from proofs_checks.verification import seed_of
from theory.atoms import RowSoftmax, Tangent
from theory.models import Model
from theory.symbols import beta, d, n

WIDTH = 80
"""Columns of the printed table."""

LIMIT = 0.02
"""Share of the counted mutations that may survive."""

LEAST = 2
"""Counted mutations that every claim must have."""


@dataclass(frozen=True)
class Mutation:
    """One automatic error: where it sits, what it does, and the claim that carries it.

    Attributes
    ----------
    name : str
        Place and operation, such as ``"SA.velocity: × β"``.
    change : str
        The value before and after.
    twin : Claim
        The claim with this one change.
    """

    name: str
    change: str
    twin: Claim


# -------------------------------------------------------------------------------------- operations


def _inside(expr: Any, change: Callable[[Any], Any]) -> Any:
    """Apply a change to the field below a projection, where a factor belongs."""
    if isinstance(expr, Tangent):
        return Tangent(expr.points, change(expr.field))
    return change(expr)


def _double_exponents(expr: Any) -> Any:
    """``e^u -> e^{2u}`` in exponentials and in the scores of a softmax."""
    if isinstance(expr, RowSoftmax):
        return expr.func(2 * _double_exponents(expr.scores), expr.masses)
    if isinstance(expr, sp.exp):
        return sp.exp(2 * expr.exp)
    if not getattr(expr, "args", ()):
        return expr
    return expr.func(*(_double_exponents(arg) for arg in expr.args))


def _without_projection(expr: Any) -> Any:
    return expr.replace(lambda e: isinstance(e, Tangent), lambda e: e.field)


_Changes = Iterator[tuple[str, Any]]


def _of_expression(expr: Any, alphabet: frozenset[Any]) -> _Changes:
    """Wrong signs, factors and exponents of an expression, scalar or matrix.

    A factor comes from the alphabet: where nothing depends on β, or on n, it has no meaning.
    """
    if expr.is_number:
        yield from _of_number(expr)
        return
    factors = (("sign", sp.S.NegativeOne), ("× β", beta), ("× n", n))
    for name, factor in factors:
        if factor.is_number or factor in alphabet:
            yield name, _inside(expr, partial(operator.mul, factor))
    yield "e^u -> e^2u", _double_exponents(expr)
    yield "β -> β²", expr.xreplace({beta: beta**2})
    if expr.has(Tangent):
        yield "no projection", _without_projection(expr)
    if not isinstance(expr, MatrixExpr):
        yield "squared", expr**2


def _of_number(value: Any) -> _Changes:
    """Wrong sign and size of a number; a count stays whole."""
    if isinstance(value, bool):
        yield "not", not value
        return
    yield "sign", -value
    yield "+ 1", value + 1
    if isinstance(value, int):
        yield "- 1", value - 1
    else:
        yield "× 2", 2 * value
        yield "÷ 2", value / 2


def _without_symmetry(model: Model) -> _Changes:
    """Yield a factor w_i that sees labels and a value matrix that singles out directions."""
    w, v = sp.MatrixSymbol("w", n, 1), sp.MatrixSymbol("V_0", d, d)
    for name, symbol, change in (
        ("velocity: × w_i", w, lambda e: sp.DiagMatrix(w) * e),
        ("velocity: × V", v, lambda e: e * v),
    ):
        yield (
            name,
            replace(
                model,
                velocity=_inside(model.velocity, change),
                parameters=(*model.parameters, symbol),
            ),
        )


def _of_model(model: Model, energetic: bool, bare: bool) -> _Changes:
    """Errors of the velocity and, where the claim is on the energy, of the energy."""
    if bare:
        yield from _without_symmetry(model)
    fields = ("velocity", "energy") if energetic and model.energy is not None else ("velocity",)
    alphabet = frozenset({n, *model.parameters})
    for name in fields:
        for change, value in _of_expression(getattr(model, name), alphabet):
            yield f"{name}: {change}", replace(model, **{name: value})


def _join(key: Any, change: str) -> str:
    """Put a place in front: ``"energy: sign"`` at ``"SA"`` is ``"SA.energy: sign"``."""
    return f"{key}.{change}" if ": " in change else f"{key}: {change}"


def _symbols(value: Any) -> frozenset[Any]:
    """Collect the symbols that a value depends on."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = tuple(getattr(value, field.name) for field in dataclasses.fields(value))
    if isinstance(value, tuple | list):
        return frozenset().union(*map(_symbols, value))
    return frozenset(getattr(value, "free_symbols", ()))


def _name(value: Any) -> str:
    return value.name if isinstance(value, Model) else ""


def _changes(value: Any, energetic: bool, alphabet: frozenset[Any], bare: bool = False) -> _Changes:
    """Every single error of a value, found by walking through it."""
    if isinstance(value, Model):
        for change, broken in _of_model(value, energetic, bare):
            yield _join(value.name, change), broken
    elif isinstance(value, bool | int | float):
        yield from _of_number(value)
    elif isinstance(value, sp.Lambda):
        for change, broken in _of_expression(value.expr, alphabet):
            yield change, sp.Lambda(value.signature, broken)
    elif isinstance(value, sp.Expr | MatrixExpr):
        yield from _of_expression(value, alphabet)
    elif isinstance(value, tuple | list):
        named = [_name(item) for item in value if isinstance(item, Model)]
        for index, item in enumerate(value):
            if index == 0 and len(value) == 2 and isinstance(item, sp.Symbol | sp.MatrixSymbol):
                continue  # a substitution (symbol, value): the symbol is a name, no prediction
            for change, broken in _changes(item, energetic, alphabet, bare):
                # A model's own name is its place, unless it comes twice.
                place = change if named.count(_name(item)) == 1 else _join(index, change)
                yield place, type(value)([*value[:index], broken, *value[index + 1 :]])
    elif isinstance(value, Mapping):
        for key, item in value.items():
            for change, broken in _changes(item, energetic, alphabet, bare):
                yield _join(key, change), {**value, key: broken}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            if field.init:
                for change, broken in _changes(getattr(value, field.name), energetic, alphabet):
                    yield _join(field.name, change), replace(value, **{field.name: broken})
    elif inspect.isfunction(value):
        yield from _of_function(value)


def _of_function(value: Callable[..., Any]) -> _Changes:
    """Errors of what a function returns, where that is an expression or a number."""

    def after(change: Callable[[Any], Any]) -> Callable[..., Any]:
        return lambda *args, **named: change(value(*args, **named))

    yield "sign", after(lambda e: -e)
    yield "× 2", after(lambda e: 2 * e)
    yield "+ 1", after(lambda e: e + 1)


# --------------------------------------------------------------------------------------- mutations


_ON_ENERGY = re.compile(r"\bE\b|E_0|E\'|energy|gradient|[Vv]ariation|Hessian|δE|\bmetric")


def on_energy(claim: Claim) -> bool:
    """Whether a claim is on the energy: its statement speaks of it or of its derivatives."""
    return _ON_ENERGY.search(claim.statement) is not None


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are the same; expressions also after expansion."""
    if isinstance(one, sp.Expr) and isinstance(other, sp.Expr):
        if isinstance(one, MatrixExpr) or isinstance(other, MatrixExpr):
            return bool(one == other)
        return one == other or sp.expand(one - other) == 0
    return bool(one == other)


def mutations(claim: Claim) -> tuple[Mutation, ...]:
    """All automatic mutations of a claim, in a fixed order and without repetition.

    Parameters
    ----------
    claim : Claim
        Its model and its prediction are walked through: models, expressions, numbers, and
        dataclasses, tuples and mappings of those. Text is left alone.

    Returns
    -------
    tuple of Mutation
        Each differs from the claim and from the others.

    Examples
    --------
    >>> from proofs_checks import CLAIMS
    >>> factor = next(claim for claim in CLAIMS if claim.label == "E.(D.15)")
    >>> [m.change for m in mutations(factor) if m.name.startswith("prediction")]
    ['4 -> -4', '4 -> 5', '4 -> 8', '4 -> 2']
    """
    energetic = on_energy(claim)
    # A prediction in words, such as a symmetry, can be broken through the model only.
    bare = isinstance(claim.prediction, str)
    found: list[Mutation] = []
    for side in ("model", "prediction"):
        original = getattr(claim, side)
        seen = [original]
        for name, value in _changes(original, energetic, _symbols(original), bare):
            if any(_equal(value, other) for other in seen):
                continue
            seen.append(value)
            twin = replace(claim, **{side: value})
            place = name if side == "model" and isinstance(original, Model) else _join(side, name)
            place = place.removeprefix("model.")
            found.append(Mutation(place, _difference(original, value), twin))
    return tuple(found)


def _difference(before: Any, after: Any) -> str:
    """Innermost parts that differ, as text."""
    if type(before) is type(after):
        pairs: Iterable[tuple[Any, Any]] = ()
        if isinstance(before, tuple | list):
            pairs = zip(before, after, strict=True)
        elif isinstance(before, Mapping):
            pairs = ((before[key], after[key]) for key in before)
        elif dataclasses.is_dataclass(before) and not isinstance(before, type):
            names = [field.name for field in dataclasses.fields(before)]
            pairs = ((getattr(before, name), getattr(after, name)) for name in names)
        for one, other in pairs:
            if not _equal(one, other):
                return _difference(one, other)
    if inspect.isfunction(before):
        return f"{before.__name__} -> another function"
    return f"{before} -> {after}"


EQUIVALENT: Mapping[tuple[str, str], str] = {
    (label, name): reason
    for reason, labels, names in (*REVIEWED, *REVIEWED_FORMULAS, *REVIEWED_SECTIONS_6_7)
    for label in labels
    for name in names
}
"""Mutations that leave the statement true, as patterns of (label, name), each with its reason."""


def equivalence(mutation: Mutation) -> str:
    """Reason why a mutation leaves the statement true, or ""."""
    for (label, name), reason in EQUIVALENT.items():
        if fnmatchcase(mutation.twin.label, label) and fnmatchcase(mutation.name, name):
            return reason
    return ""


# -------------------------------------------------------------------------------------------- runs


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
        return Trial(mutation, Outcome.EQUIVALENT, Evidence(mutation.twin.expected, ""), reason)
    evidence, error = run_check(mutation.twin, mutation.name, cases, seed)
    if isinstance(error, ValueError | NotImplementedError) and str(error).startswith("Expected"):
        return Trial(mutation, Outcome.INVALID, evidence, str(error))
    killed = error is None and evidence.verdict is Verdict.REFUTED
    return Trial(mutation, Outcome.KILLED if killed else Outcome.SURVIVED, evidence)


def run_mutations(
    claims: Sequence[Claim] | None = None,
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
        Randomness; each run of a check draws from its own stream.
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


# ----------------------------------------------------------------------------------- command line


def _fold(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2)
    )


def table(label: str, trials: Sequence[Trial]) -> str:
    """Return one line of counts for a claim, and what survives in it."""
    of = {outcome: [t for t in trials if t.outcome is outcome] for outcome in Outcome}
    counts = "".join(f"{len(of[outcome]):>12}" for outcome in Outcome)
    lines = [f"{label:<24.24}{counts}"]
    for trial in of[Outcome.SURVIVED]:
        text = f"survives: {trial.mutation.name} ({trial.mutation.change}): "
        lines += _fold(f"{text}{trial.evidence.verdict}: {trial.evidence.detail}", 2)
    return "\n".join(lines)


def summary(report: MutationReport) -> str:
    """Return the equivalent mutations by reason, the totals and the survival rate."""
    lines = []
    groups: dict[tuple[str, str], list[str]] = {}
    for trial in report.of(Outcome.EQUIVALENT):
        key = (trial.mutation.twin.label, trial.reason)
        groups.setdefault(key, []).append(trial.mutation.name)
    if groups:
        lines.append("Equivalent, not counted:")
    for (label, reason), names in groups.items():
        lines += _fold(f"{label}: {reason}: {', '.join(names)}", 2)
    totals = ", ".join(f"{len(report.of(outcome))} {outcome.name.lower()}" for outcome in Outcome)
    lines += _fold(
        f"{len(report.trials)} mutations of {len(report.labels)} claims: {totals}; "
        f"{100 * report.rate:.1f} % of {report.counted()} survive; {report.seconds:.0f} s.",
        0,
    )
    if report.thin:
        lines += _fold(f"Fewer than {LEAST} counted: {', '.join(report.thin)}", 0)
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None, claims: Sequence[Claim] | None = None) -> int:
    """Print the table; 0 if less than 2 % survive and each claim has two counted mutations."""
    parser = argparse.ArgumentParser(
        prog="python -m proofs_checks.mutations",
        description="Break every claim in small automatic ways; its check must refute each.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="labels; all claims by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, help="sampled cases a run")
    args = parser.parse_args(argv)
    if claims is None:
        from proofs_checks import CLAIMS

        claims = CLAIMS
    unknown = set(args.names) - {claim.label for claim in claims}
    if unknown:
        parser.error(f"Expected labels of claims but got NAME={sorted(unknown)}.")
    chosen = [claim for claim in claims if not args.names or claim.label in args.names]
    print(f"{'claim':<24}" + "".join(f"{outcome.name.lower():>12}" for outcome in Outcome))
    print("-" * WIDTH)
    report = run_mutations(
        chosen, args.seed, args.cases, lambda label, of: print(table(label, of), flush=True)
    )
    print("-" * WIDTH)
    print(summary(report))
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
