"""A user's model with its numbers, its implementation and its random source, as the rows see it.

Kernel, weights and decisions are derived once. `sampled_evidence` looks for a counterexample
with the compiled field, or with the user's implementation, and shrinks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from sympy import MatMul, MatrixBase, MatrixSymbol, OneMatrix, Set, exp

from numerics.compile import VelocityField, compile_model
from proofs_checks.claim import Evidence
from proofs_checks.decide import without_value
from proofs_checks.own_model.report import (
    GENERIC_BETAS,
    REFUTED,
    SECONDS,
    SUPPORTED,
    TOLERANCE,
    UNDECIDED,
    Array,
    Implementation,
)
from proofs_checks.own_model.search import Make, failing_case
from proofs_checks.proof import Flow, parameters_of
from theory.atoms import Elementwise, RowWeights
from theory.masks import Mask
from theory.models import Model
from theory.symbols import X, d, k, n


@dataclass(frozen=True)
class Subject:
    """A model with the numbers and the random source its checks use."""

    model: Model
    given: Mapping[str, Any]
    implementation: Implementation | None
    cases: int
    seed: int
    budget: float = SECONDS

    def rng(self, name: str) -> np.random.Generator:
        """Random source of one row: the same for a seed, whatever other rows are asked."""
        key = (crc32(name.encode()),)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    @cached_property
    def _kept(self) -> dict[str, Evidence]:
        """What several rows ask of the user's code."""
        return {}

    def once(self, name: str, check: Callable[[Subject], Evidence]) -> Evidence:
        """Evidence of a row that others ask for too, found once."""
        if name not in self._kept:
            self._kept[name] = check(self)
        return self._kept[name]

    @cached_property
    def flow(self) -> Flow:
        """The model at the given parameters, as statements see it."""
        return Flow.of(self.model, **self.given)

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """Scalar parameters: the given ones, the others drawn of their ranges, never 0 or 1."""
        rng = self.rng("parameters")
        values: dict[str, Any] = {}
        for parameter in parameters_of(self.flow):
            name, drawn = str(parameter.symbol), parameter.draw(rng, GENERIC_BETAS)
            value = self.given.get(name, drawn)
            values[name] = drawn if isinstance(value, Set) else value
        return values

    @cached_property
    def dimensions(self) -> tuple[int, ...]:
        """Dimensions to draw tokens in: that of a given matrix, or else 2 and 3."""
        for parameter in self.model.parameters:
            value = self.given.get(str(parameter))
            if isinstance(parameter, MatrixSymbol) and value is not None and not callable(value):
                for axis in (0, 1):
                    if parameter.shape[axis] == d:
                        return (int(np.shape(value)[axis - 2]),)
        return (2, 3)

    @cached_property
    def fields(self) -> dict[int, VelocityField]:
        """Compiled velocity, of a model with noise the drift, for each of the dimensions."""
        return {size: self.compiled(self.model.drift, size) for size in self.dimensions}

    @cached_property
    def metrics(self) -> dict[int, VelocityField]:
        """Metric column, repeated d times so that it compiles like a velocity."""
        assert self.model.metric is not None  # asked before
        model = Model(
            "metric",
            MatMul(self.model.metric, OneMatrix(1, d)),
            parameters=self.model.parameters,
            space="euclidean",
        )
        return {size: self.compiled(model, size) for size in self.dimensions}

    @cached_property
    def tokens(self) -> int | None:
        """Number of tokens that a graph, or a parameter with an entry for each of them, is for."""
        for parameter in self.model.parameters:
            value = self.given.get(str(parameter))
            if n in getattr(parameter, "shape", ()) and value is not None and not callable(value):
                return int(np.shape(value)[-2])
        masks = {mask for rate in self.model.velocities.values() for mask in rate.atoms(Mask)}
        sizes = {g.rows for mask in masks if isinstance(g := mask.parameter, MatrixBase)}
        return sizes.pop() if len(sizes) == 1 else None

    @property
    def undrawn(self) -> str:
        """Parameters with an entry for each token, which samples of several n can't draw."""
        free = (p for p in self.model.parameters if str(p) not in self.given)
        names = [str(p) for p in free if n in getattr(p, "shape", ())]
        return f"{', '.join(names)} has an entry for each token: not sampled" if names else ""

    def compiled(self, model: Model, dimension: int, **more: Any) -> VelocityField:
        """Compile a model in a dimension; matrices that aren't given are drawn, always the same."""
        rng = self.rng(f"matrices {dimension}")
        values = {**self.numbers, **more}
        for parameter in self.model.parameters:
            if isinstance(parameter, MatrixSymbol):
                shape = [
                    int(s) if s.is_Integer else dimension if s in (d, k) else 2
                    for s in parameter.shape
                ]
                drawn = rng.integers(-3, 4, size=shape) / 2
                values[str(parameter)] = self.given.get(str(parameter), drawn)
        names = {str(p) for p in model.parameters}
        return compile_model(model, **{a: b for a, b in values.items() if a in names})

    def velocity(self, case: Case) -> Array:
        """Velocity of the user's implementation, or else of the compiled model."""
        if self.implementation is not None:
            return call_implementation(self.implementation, case.points)
        field = replace(self.fields[case.points.shape[1]], masses=case.masses)
        try:
            return np.asarray(field.unchecked(case.points))
        except ZeroDivisionError:  # a factor such as 1/(n-2): these tokens have none
            return np.full(case.points.shape, np.nan)

    def moves(self, case: Case) -> bool:
        """Whether tokens have a velocity. Code is to have one everywhere, a model may not."""
        return self.implementation is not None or bool(np.all(np.isfinite(self.velocity(case))))


class Case(NamedTuple):
    """Tokens and masses to evaluate both sides at; without masses all weigh 1/n."""

    points: Array
    masses: Array | None


class ImplementationError(Exception):
    """A user's implementation raised: no error of ours."""


def singular(flow: Flow) -> str:
    """Name a kernel of a model, and the inner product at which it has no value, or ""."""
    if flow.model.space != "sphere":
        return ""
    scores = {head.scores for head in flow.model.velocity.atoms(RowWeights)}
    named = [
        ("weight", (exp(atom.body) if atom in scores else atom.body).subs(flow.values))
        for atom in sorted(flow.model.velocity.atoms(Elementwise), key=str)
        if atom.expr == X * X.T
    ]
    for word, body in [*named, *([("energy", flow.kernel)] if flow.kernel is not None else [])]:
        place = without_value(body)
        if place is not None:
            return f"{word} {body} has none at z = <x_i,x_j> = {place}"
    return ""


def call_implementation(implementation: Implementation, at: Array) -> Array:
    """Value of an implementation; a wrong shape or type becomes NaN, which fails every check."""
    try:
        value = implementation(at.copy())
    except Exception as error:  # anything may happen in a user's code
        words = f"the implementation raises {type(error).__name__}: {error}"
        raise ImplementationError(f"{words}, at x = {shown_array(at)}") from error
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return np.full(at.shape, np.nan)
    return array if array.shape == at.shape else np.full(at.shape, np.nan)


@dataclass(frozen=True)
class Agreement:
    """Whether two arrays agree, and how far apart they are."""

    apart: float
    allowed: float

    def __bool__(self) -> bool:
        """Whether they agree."""
        return self.apart <= self.allowed


def is_close(left: Any, right: Any, tolerance: float = TOLERANCE, scale: float = 1.0) -> Agreement:
    """Compare two arrays, relative to scale plus the right one's largest entry."""
    size = scale + float(np.max(np.abs(right), initial=0.0))
    return Agreement(float(np.max(np.abs(np.asarray(left) - right), initial=0.0)), tolerance * size)


def shown_array(array: Any) -> str:
    """Write an array in four digits, as nested lists for a report."""
    rounded = np.round(np.asarray(array, dtype=float), 4) + 0.0
    if rounded.ndim == 1:
        return "[" + ", ".join(f"{v:.4g}" for v in rounded) + "]"
    return "[" + ", ".join(shown_array(row) for row in rounded) + "]"


def sampled_evidence(
    subject: Subject, name: str, make: Make, holds: Callable[[Any], Any], what: str
) -> Evidence:
    """Search for a counterexample with the compiled field, and shrink it."""
    scope = scope_of(subject)
    if subject.undrawn:
        return Evidence(UNDECIDED, subject.undrawn, scope)
    defined = 0

    def holds_where_defined(found: Any) -> Any:
        nonlocal defined
        case = found[0] if type(found) is tuple else found
        if not subject.moves(case):
            return True
        try:
            held = holds(found)
        except OverflowError:  # an energy such as one over log n, of one token
            return True
        defined += 1
        return held

    found = failing_case(make, holds_where_defined, subject.cases, subject.rng(name))
    if found is None and not defined:
        return Evidence(UNDECIDED, "the velocity has no value at any of the cases", scope)
    if found is None:
        said = f"{what} in {defined} cases"
        return Evidence(SUPPORTED, said, scope, cases=defined, margin=0.0)
    case, *rest = found if type(found) is tuple else (found,)
    words = [f"x = {shown_array(case.points)}"]
    if case.masses is not None:
        words.append(f"m = {shown_array(case.masses)}")
    words += [f"{label} = {shown_array(value)}" for label, value in rest]
    words += [
        f"{a} = {shown_array(v) if np.ndim(v) else f'{float(v):.4g}'}"
        for a, v in _parameters(subject, case.points.shape[1]).items()
        if not callable(v)
    ]
    result = holds(found)
    size = f"fails by {result.apart:.3g}" if isinstance(result, Agreement) else "fails"
    return Evidence(
        REFUTED, f"{size} at " + ", ".join(words), scope, cases=subject.cases, margin=-1.0
    )


def _parameters(subject: Subject, dimension: int) -> Mapping[str, Any]:
    bound = subject.fields[dimension].parameters
    return {a: np.squeeze(v) if np.size(v) == 1 else v for a, v in bound.items()}


def scope_of(subject: Subject) -> dict[str, str]:
    """Scope of a sampled row: sizes, dimensions and the scalar parameters."""
    dims = ", ".join(map(str, subject.dimensions))
    numbers = {a: "a function" if callable(v) else str(v) for a, v in subject.numbers.items()}
    return {"n": str(subject.tokens or "1..5"), "d": dims, **numbers}
