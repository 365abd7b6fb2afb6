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
import sympy as sp
from sympy import Expr, HadamardProduct, MatMul, MatrixSymbol, OneMatrix

from numerics.compile import VelocityField, compile_model
from proofs_checks.claim import Evidence
from proofs_checks.decide import Decision, decide_positive, decide_positive_definite, exact
from proofs_checks.own_model.report import (
    GENERIC_BETAS,
    REFUTED,
    SUPPORTED,
    TOLERANCE,
    Array,
    Implementation,
)
from proofs_checks.proof import Flow
from proofs_checks.strategies import falsify
from theory.atoms import Elementwise
from theory.derivations import dissipation
from theory.energy import pair_kernel, pole_free
from theory.models import Model, attention_form
from theory.symbols import X, d, k, m, z


@dataclass(frozen=True)
class Subject:
    """A model with the numbers and the random source its checks use."""

    model: Model
    given: Mapping[str, Any]
    implementation: Implementation | None
    cases: int
    seed: int

    def rng(self, name: str) -> np.random.Generator:
        key = (crc32(name.encode()),)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    @cached_property
    def flow(self) -> Flow:
        """The model at the given parameters, as statements see it."""
        return Flow.of(self.model, **self.given)

    @cached_property
    def exact_values(self) -> dict[Any, Expr]:
        return {
            p: exact(sp.sympify(self.given[str(p)]))
            for p in self.model.parameters
            if str(p) in self.given
            and not isinstance(p, MatrixSymbol)
            and not callable(self.given[str(p)])
        }

    def put(self, expr: Expr) -> Expr:
        """Expression in z at the given parameters, without a constant that is infinite there."""
        for parameter, value in self.exact_values.items():
            expr = pole_free(expr, parameter, value)
        return expr

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """Scalar parameters: the given ones, the others drawn, never 0 or 1."""
        rng = self.rng("parameters")
        values: dict[str, Any] = {}
        for parameter in self.model.parameters:
            if not isinstance(parameter, MatrixSymbol):
                drawn = float(rng.choice(GENERIC_BETAS))
                values[str(parameter)] = self.given.get(str(parameter), drawn)
        return values

    def at_numbers(self, expr: Expr) -> Expr:
        """Expression in z with every scalar parameter a rational number."""
        values = {
            p: exact(sp.sympify(self.numbers[str(p)]))
            for p in self.model.parameters
            if str(p) in self.numbers and not callable(self.numbers[str(p)])
        }
        return expr.xreplace(values)

    @cached_property
    def dimensions(self) -> tuple[int, ...]:
        for parameter in self.model.parameters:
            value = self.given.get(str(parameter))
            if isinstance(parameter, MatrixSymbol) and value is not None and not callable(value):
                for axis in (0, 1):
                    if parameter.shape[axis] == d:
                        return (int(np.shape(value)[axis - 2]),)
        return (2, 3)

    @cached_property
    def fields(self) -> dict[int, VelocityField]:
        return {size: self.compiled(self.model, size) for size in self.dimensions}

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

    def compiled(self, model: Model, dimension: int, **more: Any) -> VelocityField:
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
        field = self.fields[case.points.shape[1]]
        return np.asarray(replace(field, masses=case.masses).unchecked(case.points))

    @cached_property
    def h(self) -> Expr | None:
        """Kernel of the energy, if it is one isotropic pair term."""
        if self.model.energy is None:
            return None
        try:
            kernel = pair_kernel(self.model.energy)
        except ValueError:
            return None
        return None if kernel is None else self.put(kernel)

    @cached_property
    def definite(self) -> Decision:
        """Whether the kernel of the energy is positive definite."""
        return decide_positive_definite(self.h)

    @cached_property
    def weight(self) -> Expr | None:
        """Signed kernel of the velocity, ``x_i' = P_i Σ_j m_j k(<x_i,x_j>) x_j`` (over Z_i)."""
        form = attention_form(self.model)
        return None if form is None else self.put(form.scale * form.kernel)

    @property
    def normalised(self) -> bool:
        form = attention_form(self.model)
        return form is not None and form.normalised

    @cached_property
    def pull(self) -> Decision | None:
        """Whether two tokens attract at every inner product in (-1, 1)."""
        if self.weight is None or self.model.kind != "flow" or self.model.space != "sphere":
            return None
        return decide_positive(self.weight, closed=(False, False))

    @cached_property
    def matches_energy(self) -> str:
        """Proof that the velocity is the gradient in the metric, or an empty string."""
        model = self.model
        if model.energy is None or model.metric is None or model.kind != "flow":
            return ""
        form = attention_form(model)
        try:
            kernel = pair_kernel(model.energy)
        except ValueError:
            return ""
        if form is not None and kernel is not None:
            weights = HadamardProduct(m, Elementwise(form.kernel, X * X.T) * m)
            if model.metric == (weights if form.normalised else m):
                if sp.simplify(form.scale * form.kernel - kernel.diff(z)) == 0:
                    return f"{'Z_i x_i' if form.normalised else 'x_i'}' = P_i Σ_j m_j h'(g_ij) x_j"
        symmetric = tuple(p for p in model.parameters if self.is_symmetric(p))
        try:
            proved = dissipation(model, symmetric).proved
        except (ValueError, NotImplementedError, RecursionError):  # no derivative is known
            return ""
        if not proved:
            return ""
        extra = f", {', '.join(map(str, symmetric))} symmetric" if symmetric else ""
        return f"diag(g) F - dE/dX reduces to 0{extra}"

    def is_symmetric(self, parameter: Any) -> bool:
        """Whether a matrix was given and is symmetric."""
        value = self.given.get(str(parameter))
        if not isinstance(parameter, MatrixSymbol) or value is None or callable(value):
            return False
        matrix = np.asarray(value)
        return matrix.shape[-1] == matrix.shape[-2] and bool(
            np.all(matrix == np.swapaxes(matrix, -1, -2))
        )


class Case(NamedTuple):
    points: Array
    masses: Array | None


def call_implementation(implementation: Implementation, at: Array) -> Array:
    """Value of an implementation; a wrong shape or type becomes NaN, which fails every check."""
    value = implementation(at.copy())
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return np.full(at.shape, np.nan)
    return array if array.shape == at.shape else np.full(at.shape, np.nan)


def is_close(left: Any, right: Any, tolerance: float = TOLERANCE, scale: float = 1.0) -> bool:
    size = scale + float(np.max(np.abs(right), initial=0.0))
    return bool(np.max(np.abs(np.asarray(left) - right), initial=0.0) <= tolerance * size)


def shown_array(array: Any) -> str:
    rounded = np.round(np.asarray(array, dtype=float), 4) + 0.0
    if rounded.ndim == 1:
        return "[" + ", ".join(f"{v:.4g}" for v in rounded) + "]"
    return "[" + ", ".join(shown_array(row) for row in rounded) + "]"


def sampled_evidence(
    subject: Subject, name: str, strategy: Any, holds: Callable[[Any], bool], what: str
) -> Evidence:
    """Search for a counterexample with the compiled field, and shrink it."""
    scope = scope_of(subject)
    found = falsify(strategy, holds, subject.cases, subject.rng(name))
    if found is None:
        return Evidence(
            SUPPORTED, f"{what} in {subject.cases} cases", scope, cases=subject.cases, margin=0.0
        )
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
    return Evidence(
        REFUTED, "fails at " + ", ".join(words), scope, cases=subject.cases, margin=-1.0
    )


def _parameters(subject: Subject, dimension: int) -> Mapping[str, Any]:
    bound = subject.fields[dimension].parameters
    return {a: np.squeeze(v) if np.size(v) == 1 else v for a, v in bound.items()}


def scope_of(subject: Subject) -> dict[str, str]:
    dims = ", ".join(map(str, subject.dimensions))
    numbers = {a: "a function" if callable(v) else str(v) for a, v in subject.numbers.items()}
    return {"n": "1..5", "d": dims, **numbers}
