"""What holds for a user's own model: invariants and theorems, each with its evidence.

``check_model`` is for a model what scikit-learn's ``check_estimator`` is for an estimator. A failed
hypothesis alone makes a theorem VACUOUS; REFUTED always comes with a counterexample.
"""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import combinations_with_replacement, product
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import pytest
import sympy as sp
from hypothesis import strategies as st
from mpmath import iv
from numpy.typing import NDArray
from sympy import Expr, HadamardProduct, MatMul, MatrixSymbol, OneMatrix

from numerics import sphere
from numerics.compile import VelocityField, compile_model
from proofs_checks.claim import Evidence, Verdict
from proofs_checks.decide import (
    Decision,
    NoEnclosureError,
    decide_positive,
    decide_positive_definite,
    enclose,
    exact,
    sign_changes,
)
from proofs_checks.strategies import falsify, masses
from proofs_checks.verification import seed_of
from theory.atoms import CausalSoftmax, Elementwise, RowNormalize, RowSoftmax, Tangent
from theory.dissipation import dissipation
from theory.energy import interaction_energy, pair_kernel, pole_free
from theory.equivariance import is_permutation_equivariant, is_rotation_equivariant
from theory.linearize import consensus
from theory.models import Model, attention_form, discrete_layer, gradient_flow
from theory.parse import parse_kernel
from theory.reductions import NotClosed, equiangular, gram_flow
from theory.symbols import X, d, k, m, z

Array = NDArray[np.float64]
Implementation = Callable[[Array], Any]

PROVED, CERTIFIED = Verdict.PROVED, Verdict.CERTIFIED
SUPPORTED, REFUTED = Verdict.SUPPORTED, Verdict.REFUTED
VACUOUS, UNDECIDED = Verdict.VACUOUS, Verdict.UNDECIDED

CASES = 30
"""Sampled cases of a row by default."""

_TOLERANCE = 1e-9
_STEP = 1e-5
_GENERIC = (0.375, 0.625, 1.375, 1.875, 2.25, 3.125)
_EVERY = {"n": "symbolic", "d": "symbolic", "m": "symbolic"}
_WIDTH = 80


class Row(NamedTuple):
    """One line of a report."""

    name: str
    evidence: Evidence
    statement: str


@dataclass(frozen=True)
class ModelReport:
    """What was found about a model.

    Attributes
    ----------
    model : str
        Name of the model.
    rows : tuple of Row
        ``(name, evidence, statement)`` in a fixed order.
    parameters : Mapping
        The numbers that samples were drawn at.
    seed : int
    seconds : float
    """

    model: str
    rows: tuple[Row, ...]
    parameters: Mapping[str, Any]
    seed: int
    seconds: float

    def __getitem__(self, name: str) -> Evidence:
        """Evidence of one row."""
        for row in self.rows:
            if row.name == name:
                return row.evidence
        raise KeyError(
            f"Expected a row among {[row.name for row in self.rows]} but got name={name!r}."
        )

    @property
    def refuted(self) -> tuple[str, ...]:
        """Names of the rows with a counterexample."""
        return tuple(row.name for row in self.rows if row.evidence.verdict is REFUTED)

    def holds(self, name: str) -> bool:
        """Whether a row is proved, certified, or supported by every sample."""
        return self[name].verdict in (PROVED, CERTIFIED, SUPPORTED)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "model": self.model,
            "parameters": {a: np.asarray(b).tolist() for a, b in self.parameters.items()},
            "seed": self.seed,
            "seconds": self.seconds,
            "rows": [
                {
                    "name": row.name,
                    "statement": row.statement,
                    "verdict": row.evidence.verdict.name,
                    "detail": row.evidence.detail,
                    "scope": dict(row.evidence.scope),
                    "assumptions": list(row.evidence.assumptions),
                    "cases": row.evidence.cases,
                    "margin": row.evidence.margin,
                }
                for row in self.rows
            ],
        }

    def __str__(self) -> str:
        """Table, at most 80 columns wide."""
        name_width = max(len(row.name) for row in self.rows)
        left = name_width + 12
        lines = textwrap.wrap(f"check_model: {self.model}", _WIDTH)
        for row in self.rows:
            words = row.evidence.detail
            if row.evidence.verdict in (PROVED, CERTIFIED) and row.evidence.scope:
                fixed = [f"{a}: {b}" for a, b in row.evidence.scope.items() if b != "symbolic"]
                words += f" ({', '.join(fixed)})" if fixed else ""
            wrapped = textwrap.wrap(words, _WIDTH - left) or [""]
            lines.append(f"{row.name:<{name_width}}  {row.evidence.verdict!s:<9} {wrapped[0]}")
            lines += [" " * left + line for line in wrapped[1:]]
        counts = {v: sum(r.evidence.verdict is v for r in self.rows) for v in Verdict}
        lines.append(", ".join(f"{c} {v.name}" for v, c in counts.items() if c))
        return "\n".join(lines)


# ---------------------------------------------------------------------------------------- subject


@dataclass(frozen=True)
class _Subject:
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
                drawn = float(rng.choice(_GENERIC))
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

    def velocity(self, case: _Case) -> Array:
        """Velocity of the user's implementation, or else of the compiled model."""
        if self.implementation is not None:
            return _call(self.implementation, case.points)
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


class _Case(NamedTuple):
    points: Array
    masses: Array | None


def _call(implementation: Implementation, at: Array) -> Array:
    """Value of an implementation; a wrong shape or type becomes NaN, which fails every check."""
    value = implementation(at.copy())
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return np.full(at.shape, np.nan)
    return array if array.shape == at.shape else np.full(at.shape, np.nan)


def _close(left: Any, right: Any, tolerance: float = _TOLERANCE, scale: float = 1.0) -> bool:
    size = scale + float(np.max(np.abs(right), initial=0.0))
    return bool(np.max(np.abs(np.asarray(left) - right), initial=0.0) <= tolerance * size)


def _shown(array: Any) -> str:
    rounded = np.round(np.asarray(array, dtype=float), 4) + 0.0
    if rounded.ndim == 1:
        return "[" + ", ".join(f"{v:.4g}" for v in rounded) + "]"
    return "[" + ", ".join(_shown(row) for row in rounded) + "]"


@lru_cache(maxsize=8)
def _lattice(dimension: int, spread: int = 3) -> Array:
    """Integer vectors without a common factor, shortest first: what a shrunk case is made of."""
    grid = product(range(-spread, spread + 1), repeat=dimension)
    primitive = [v for v in grid if np.gcd.reduce(v) == 1]
    return np.array(sorted(primitive, key=lambda v: (np.dot(v, v), [-a for a in v])), dtype=float)


@st.composite
def _draw_case(
    draw: st.DrawFn, dimensions: tuple[int, ...], least: int, hemisphere: bool, weighted: bool
) -> _Case:
    """Draw a system of lattice points; one number a point keeps drawing and shrinking cheap."""
    table = _lattice(draw(st.sampled_from(dimensions)))
    if hemisphere:
        table = table[table[:, -1] > 0]
    index = st.integers(0, len(table) - 1)
    chosen = table[draw(st.lists(index, min_size=least, max_size=5))]
    weights = None
    if weighted and draw(st.booleans()):
        weights = draw(masses(len(chosen)))
    return _Case(sphere.project(chosen), weights)


def _cases(subject: _Subject, least: int = 1, hemisphere: bool = False) -> Any:
    return _draw_case(subject.dimensions, least, hemisphere, subject.implementation is None)


def _with_vector(cases: Any, label: str) -> Any:
    """Pairs of a case and a named lattice vector."""

    @st.composite
    def pair(draw: st.DrawFn) -> Any:
        case = draw(cases)
        table = _lattice(case.points.shape[1])
        return case, (label, table[draw(st.integers(0, len(table) - 1))])

    return pair()


def _sampled(
    subject: _Subject, name: str, strategy: Any, holds: Callable[[Any], bool], what: str
) -> Evidence:
    """Search for a counterexample with the compiled field, and shrink it."""
    scope = _scope(subject)
    found = falsify(strategy, holds, subject.cases, subject.rng(name))
    if found is None:
        return Evidence(
            SUPPORTED, f"{what} in {subject.cases} cases", scope, cases=subject.cases, margin=0.0
        )
    case, *rest = found if type(found) is tuple else (found,)
    words = [f"x = {_shown(case.points)}"]
    if case.masses is not None:
        words.append(f"m = {_shown(case.masses)}")
    words += [f"{label} = {_shown(value)}" for label, value in rest]
    words += [
        f"{a} = {_shown(v) if np.ndim(v) else f'{float(v):.4g}'}"
        for a, v in _parameters(subject, case.points.shape[1]).items()
        if not callable(v)
    ]
    return Evidence(
        REFUTED, "fails at " + ", ".join(words), scope, cases=subject.cases, margin=-1.0
    )


def _parameters(subject: _Subject, dimension: int) -> Mapping[str, Any]:
    bound = subject.fields[dimension].parameters
    return {a: np.squeeze(v) if np.size(v) == 1 else v for a, v in bound.items()}


def _scope(subject: _Subject) -> dict[str, str]:
    dims = ", ".join(map(str, subject.dimensions))
    numbers = {a: "a function" if callable(v) else str(v) for a, v in subject.numbers.items()}
    return {"n": "1..5", "d": dims, **numbers}


# ------------------------------------------------------------------------------------- invariants


def _implementation(subject: _Subject) -> Evidence:
    if subject.implementation is None:
        return Evidence(VACUOUS, "no implementation was given")
    implementation = subject.implementation

    def holds(case: _Case) -> bool:
        wanted = subject.fields[case.points.shape[1]].unchecked(case.points)
        return _close(_call(implementation, case.points), wanted)

    return _sampled(subject, "implementation", _cases(subject), holds, "agrees with the model")


def _confinement(subject: _Subject) -> Evidence:
    model = subject.model
    if model.space != "sphere":
        return Evidence(VACUOUS, "hypothesis not met: the model lives in R^d")
    if subject.implementation is None:
        if isinstance(model.velocity, Tangent) and model.velocity.points == X:
            return Evidence(PROVED, "<x, F - <x,F>x> = (1 - |x|²)<x,F>", _EVERY)
        if isinstance(model.velocity, RowNormalize):
            return Evidence(PROVED, "the rows are normalised", _EVERY)

    def holds(case: _Case) -> bool:
        value = subject.velocity(case)
        if model.kind == "map":
            return _close(np.sum(value**2, axis=1), np.ones(len(value)))
        radial = np.sum(value * case.points, axis=1)
        return bool(np.max(np.abs(radial)) <= _TOLERANCE * (1 + np.max(np.abs(value))))

    return _sampled(subject, "confinement", _cases(subject), holds, "<x_i, x_i'> = 0")


def _permutations(subject: _Subject) -> Evidence:
    if subject.implementation is None:
        outcome = is_permutation_equivariant(subject.model)
        if outcome.proved:
            return Evidence(PROVED, "F(SX; Sm) - S F(X; m) reduces to 0", _EVERY)

    def holds(found: Any) -> bool:
        case, (_, order) = found
        order = np.asarray(order)
        moved = _Case(case.points[order], None if case.masses is None else case.masses[order])
        return _close(subject.velocity(moved), subject.velocity(case)[order])

    strategy = _cases(subject, 2).flatmap(
        lambda case: st.tuples(
            st.just(case),
            st.tuples(st.just("order"), st.permutations(list(range(len(case.points))))),
        )
    )
    return _sampled(subject, "permutations", strategy, holds, "F(SX) = S F(X)")


def _mirrored(subject: _Subject) -> Any:
    return _with_vector(_cases(subject), "mirror normal")


def _reflection(normal: Array) -> Array:
    return np.eye(len(normal)) - 2 * np.outer(normal, normal) / float(normal @ normal)


def _rotations(subject: _Subject) -> Evidence:
    if subject.implementation is None:
        outcome = is_rotation_equivariant(subject.model)
        if outcome.proved:
            return Evidence(PROVED, "F(XR) - F(X)R reduces to 0", _EVERY)

    def holds(found: Any) -> bool:
        case, (_, normal) = found
        mirror = _reflection(normal)
        moved = _Case(case.points @ mirror, case.masses)
        return _close(subject.velocity(moved), subject.velocity(case) @ mirror)

    # Reflections generate the orthogonal group.
    return _sampled(subject, "rotations", _mirrored(subject), holds, "F(XR) = F(X)R")


def _needs_energy(subject: _Subject, metric: bool) -> Evidence | None:
    model = subject.model
    if model.energy is None:
        return Evidence(VACUOUS, "hypothesis not met: the model states no energy")
    if metric and model.kind == "map":
        return Evidence(VACUOUS, "hypothesis not met: a map, not a flow")
    if metric and model.metric is None:
        return Evidence(VACUOUS, "hypothesis not met: the model states no metric")
    return None


def _metric_positive(subject: _Subject) -> Decision:
    """Whether Z_i > 0; the masses are positive by contract."""
    form = attention_form(subject.model)
    metric = subject.model.metric
    kernels = [] if metric is None else list(metric.atoms(Elementwise))
    exponential = len(kernels) == 1 and kernels[0].body.func == sp.exp
    if metric == m or (exponential and metric == HadamardProduct(m, kernels[0] * m)):
        return Decision(PROVED, "")
    if form is None or not form.normalised:
        return Decision(UNDECIDED, "")
    return decide_positive(subject.put(form.kernel))


def _energy_rate(subject: _Subject, case: _Case, direction: Array) -> float:
    """Central difference of the energy along a tangent direction."""
    field = replace(subject.fields[case.points.shape[1]], masses=case.masses)
    ahead, behind = (_moved(case.points, sign * _STEP * direction) for sign in (1, -1))
    return float(field.energy(ahead) - field.energy(behind)) / (2 * _STEP)


def _moved(at: Array, step: Array) -> Array:
    return sphere.project(at + step)


def _metric(subject: _Subject, case: _Case) -> Array:
    """Row weights g of the metric at a configuration."""
    field = subject.metrics[case.points.shape[1]]
    return np.asarray(replace(field, masses=case.masses).unchecked(case.points))[:, 0]


def _proved_gradient(subject: _Subject) -> Evidence | None:
    if subject.implementation is not None or not subject.matches_energy:
        return None
    positive = _metric_positive(subject)
    if not positive.holds:
        return None
    return Evidence(positive.verdict, subject.matches_energy, {**_EVERY, **positive.scope})


def _ascent(subject: _Subject) -> Evidence:
    missing = _needs_energy(subject, False)
    if missing is not None:
        return missing
    proved = _proved_gradient(subject)
    if proved is not None:
        return replace(proved, detail="dE/dt = Σ g_i |x_i'|² with weights g_i > 0")

    def holds(case: _Case) -> bool:
        value = subject.velocity(case)
        if not np.all(np.isfinite(value)):
            return False
        if subject.model.kind == "map":
            field = replace(subject.fields[case.points.shape[1]], masses=case.masses)
            before, after = field.energy(case.points), field.energy(value)
            return bool(after >= before - _TOLERANCE * (1 + abs(before)))
        return _energy_rate(subject, case, value) >= -1e-6 * (1 + float(np.sum(value**2)))

    return _sampled(subject, "ascent", _cases(subject), holds, "the energy rises")


def _dissipation(subject: _Subject) -> Evidence:
    settled = _needs_energy(subject, True) or _proved_gradient(subject)
    if settled is not None:
        return settled

    def holds(case: _Case) -> bool:
        value = subject.velocity(case)
        if not np.all(np.isfinite(value)):
            return False
        wanted = float(_metric(subject, case) @ np.sum(value**2, axis=1))
        return _close(_energy_rate(subject, case, value), wanted, 1e-6)

    return _sampled(subject, "dissipation", _cases(subject), holds, "dE/dt = Σ g_i |x_i'|²")


def _gradient(subject: _Subject) -> Evidence:
    settled = _needs_energy(subject, True) or _proved_gradient(subject)
    if settled is not None:
        return settled

    def holds(found: Any) -> bool:
        case, (_, vector) = found
        value = subject.velocity(case)
        radial = np.sum(case.points * vector, axis=1, keepdims=True)
        direction = (vector - radial * case.points) * np.arange(1, len(value) + 1)[:, None]
        wanted = float(_metric(subject, case) @ np.sum(value * direction, axis=1))
        return _close(_energy_rate(subject, case, direction), wanted, 1e-6)

    strategy = _with_vector(_cases(subject), "direction")
    return _sampled(subject, "gradient", strategy, holds, "dE[Y] = Σ g_i <x_i', Y_i>")


def _gram_rate(subject: _Subject, case: _Case) -> Array:
    value = subject.velocity(case)
    if subject.model.kind == "map":
        return np.asarray(value @ value.T)
    half = value @ case.points.T
    return np.asarray(half + half.T)


def _gram(subject: _Subject) -> Evidence:
    if subject.implementation is None and subject.model.kind == "flow":
        try:
            flow = gram_flow(subject.model)
        except (NotClosed, ValueError, NotImplementedError):
            flow = None
        if flow is not None and flow.proved:
            return Evidence(PROVED, "X enters G' through XX^T only", _EVERY)

    def holds(found: Any) -> bool:
        case, (_, normal) = found
        moved = _Case(case.points @ _reflection(normal), case.masses)
        return _close(_gram_rate(subject, moved), _gram_rate(subject, case))

    return _sampled(
        subject, "gram", _mirrored(subject), holds, "equal Gram matrices have equal rates"
    )


def _largest(expr: Expr) -> float:
    """Upper bound of |expr| on [-1, 1] by intervals."""
    boxes = 128
    bound = 0.0
    for index in range(boxes):
        ends = iv.mpf([2 * index - boxes, 2 * index + 2 - boxes]) / boxes
        bound = max(bound, float(abs(enclose(expr, {z: ends})).b))
    return bound * (1 + 1e-15)


def _lipschitz(subject: _Subject) -> Evidence:
    if subject.weight is None:
        return Evidence(UNDECIDED, "no bound is known here for this form of velocity")
    weight = subject.at_numbers(subject.weight)
    slope = weight.diff(z)
    try:
        if subject.normalised:
            bound = 2 * (1 + _largest(sp.simplify(slope / weight)))
            formula = "2(1 + max|h''/h'|)"
        else:
            bound = 2 * (_largest(weight) + _largest(slope))
            formula = "2M(max|h'| + max|h''|), M = 1"
    except NoEnclosureError:
        return Evidence(UNDECIDED, "h'' isn't bounded on [-1, 1] by intervals")
    numbers = {a: str(v) for a, v in subject.numbers.items()}
    return Evidence(
        CERTIFIED, f"one-sided constant {formula} <= {bound:.6g}", {**_EVERY, **numbers}
    )


def _consensus(subject: _Subject) -> Evidence:
    if subject.model.kind != "flow" or subject.model.space != "sphere":
        return Evidence(VACUOUS, "hypothesis not met: not a flow on the sphere")
    if subject.weight is None or subject.implementation is not None:
        return _numeric_consensus(subject)
    spectrum = consensus(subject.model)
    values = tuple((subject.put(value), count) for value, count in spectrum.eigenvalues)
    listed = ", ".join(f"{value} ({count} times)" for value, count in values)
    stable = decide_positive(subject.weight.subs(z, 1))
    if stable.holds:
        return Evidence(stable.verdict, f"eigenvalues {listed}", {**_EVERY, **stable.scope})
    if stable.refuted:
        rate = sp.simplify(subject.weight.subs(z, 1))
        if rate == 0:
            return Evidence(REFUTED, "h'(1) = 0: every eigenvalue is 0", _EVERY)
        values_at = _at(stable)
        return Evidence(
            REFUTED,
            f"unstable: eigenvalues {listed}{', ' + values_at if values_at else ''}",
            {**_EVERY, **stable.scope},
        )
    return Evidence(UNDECIDED, f"eigenvalues {listed}; sign of h'(1) not decided")


def _numeric_consensus(subject: _Subject) -> Evidence:
    dimension = subject.dimensions[-1]
    size = 3
    axis = sphere.random_points(1, dimension, rng=subject.rng("consensus"))
    at = np.repeat(axis, size, axis=0)
    value = subject.velocity(_Case(at, None))
    scope = {**_scope(subject), "n": str(size), "d": str(dimension)}
    if not np.max(np.abs(value)) <= 1e-8:
        return Evidence(
            VACUOUS, f"hypothesis not met: consensus at {_shown(axis[0])} isn't stationary", scope
        )
    basis = np.linalg.svd(axis)[2][1:]
    columns = []
    for row in range(size):
        for vector in basis:
            step = np.zeros_like(at)
            step[row] = _STEP * vector
            ahead, behind = (
                subject.velocity(_Case(_moved(at, sign * step), None)) for sign in (1, -1)
            )
            columns.append((((ahead - behind) / (2 * _STEP)) @ basis.T).ravel())
    values = np.sort(np.linalg.eigvals(np.array(columns).T).real)[::-1]
    shown = ", ".join(f"{v:.4g}" for v in np.round(values, 5) + 0.0)
    if not np.all(np.isfinite(values)) or values[0] > 1e-5:
        return Evidence(REFUTED, f"unstable: eigenvalues {shown}", scope, cases=1)
    if np.sum(np.abs(values) < 1e-5) > dimension - 1:
        return Evidence(UNDECIDED, f"zero eigenvalues beyond rotations: {shown}", scope)
    return Evidence(SUPPORTED, f"eigenvalues {shown}", scope, cases=1)


def _at(decision: Decision) -> str:
    named = {a: b for a, b in decision.witness.items() if a not in ("z", "degree", "d")}
    return ", ".join(f"{a} = {b}" for a, b in named.items())


def _pair_witness(subject: _Subject) -> str:
    """Two tokens that never meet, as a sentence; empty if every pair attracts."""
    pull = subject.pull
    if pull is None or not pull.refuted:
        return ""
    assert subject.weight is not None  # there is a pull
    where = pull.witness["z"]
    rate = subject.weight
    for symbol in rate.free_symbols - {z}:
        rate = rate.subs(symbol, pull.witness.get(str(symbol), symbol))
    stays = sp.simplify(rate.subs(z, where)) == 0
    values = _at(pull)
    return (
        f"two points with <x1,x2> = {where} {'are stationary' if stays else 'move apart'}"
        f" inside an open hemisphere{', ' + values if values else ''}"
    )


def _hemisphere(subject: _Subject) -> Evidence:
    model = subject.model
    if model.kind != "flow" or model.space != "sphere":
        return Evidence(VACUOUS, "hypothesis not met: not a flow on the sphere")
    if subject.implementation is None:
        if subject.pull is not None:
            return _scalar_hemisphere(subject)
        field = model.velocity.field if isinstance(model.velocity, Tangent) else None
        if isinstance(field, MatMul) and len(field.args) == 2 and field.args[1] == X:
            head = field.args[0]
            if isinstance(head, RowSoftmax) and not isinstance(head, CausalSoftmax):
                return Evidence(PROVED, "weights A_ij > 0, rate r0 min A_ij/m_j", _EVERY)

    def holds(case: _Case) -> bool:
        value = subject.velocity(case)
        heights = case.points[:, -1]
        lowest = heights <= heights.min() + 1e-12
        return bool(np.all(value[lowest, -1] >= -_TOLERANCE * (1 + np.max(np.abs(value)))))

    found = _sampled(
        subject,
        "hemisphere",
        _cases(subject, hemisphere=True),
        holds,
        "the lowest point of a hemisphere rises",
    )
    if found.verdict is REFUTED and subject.implementation is None:
        return replace(
            found,
            verdict=VACUOUS,
            detail=f"hypothesis not met: V = I; {found.detail}",
        )
    return found


def _scalar_hemisphere(subject: _Subject) -> Evidence:
    """Lemma 6.4 for scalar attention: two tokens decide it both ways."""
    pull = subject.pull
    assert pull is not None and subject.weight is not None  # asked before
    if pull.refuted:
        return Evidence(REFUTED, _pair_witness(subject), {**_EVERY, **pull.scope})
    at_one = decide_positive(subject.weight.subs(z, 1))
    if pull.holds and at_one.holds:
        rate = "r0 min h'/max h'" if subject.normalised else "r0 M min h'"
        verdict = CERTIFIED if CERTIFIED in (pull.verdict, at_one.verdict) else PROVED
        return Evidence(
            verdict,
            f"h' > 0 on (-1, 1]: consensus at rate {rate} or faster",
            {**_EVERY, **pull.scope},
        )
    if at_one.refuted:
        return Evidence(VACUOUS, "hypothesis not met: h'(1) > 0, so the rate isn't exponential")
    return Evidence(UNDECIDED, f"h' > 0 on (-1, 1]: {pull.detail}", pull.scope)


# --------------------------------------------------------------------------------------- theorems


def _no_kernel(subject: _Subject) -> Evidence | None:
    if subject.h is None:
        return Evidence(VACUOUS, "hypothesis not met: no isotropic pair energy")
    return None


def _no_form(subject: _Subject) -> Evidence | None:
    if subject.pull is None:
        return Evidence(VACUOUS, "hypothesis not met: not a flow with weights k(<x_i,x_j>), V = cI")
    return None


def _no_motion(subject: _Subject) -> Evidence | None:
    if subject.weight is not None and sp.simplify(subject.weight) == 0:
        return Evidence(VACUOUS, "hypothesis not met: h' ≠ 0; h is constant and nothing moves")
    return None


def _maximum(subject: _Subject) -> Evidence:
    missing = _no_kernel(subject)
    if missing is not None:
        return missing
    assert subject.h is not None  # just asked
    h = subject.h
    slope = decide_positive(h.diff(z), closed=(False, False))
    if slope.holds:
        return Evidence(
            slope.verdict, "h is increasing: Dirac masses alone", {**_EVERY, **slope.scope}
        )
    drop = h.subs(z, 1) - h
    strict = decide_positive(drop, closed=(True, False))
    if strict.holds:
        return Evidence(
            strict.verdict, "h(t) < h(1) for t < 1: Dirac masses alone", {**_EVERY, **strict.scope}
        )
    loose = decide_positive(drop, strict=False)
    values = _at(strict)
    at = f", {values}" if values else ""
    if loose.holds:
        if strict.refuted:
            where = strict.witness["z"]
            return Evidence(
                loose.verdict,
                f"h(t) <= h(1), but not unique: two atoms with <x,y> = {where}{at}",
                {**_EVERY, **loose.scope},
            )
        return Evidence(loose.verdict, "h(t) <= h(1)", {**_EVERY, **loose.scope})
    if loose.refuted:
        values = _at(loose)
        return Evidence(
            REFUTED,
            f"two atoms with <x,y> = {loose.witness['z']} have more energy than one"
            f"{', ' + values if values else ''}",
            {**_EVERY, **loose.scope},
        )
    return Evidence(UNDECIDED, f"h(t) <= h(1): {loose.detail}", loose.scope)


def _minimum(subject: _Subject) -> Evidence:
    missing = _no_kernel(subject)
    if missing is not None:
        return missing
    decision = subject.definite
    scope = dict(decision.scope)
    unique = scope.pop("unique", "no")
    detail = decision.detail
    if decision.holds:
        detail += ": the minimiser, and the only one" if unique == "yes" else ": a minimiser"
    elif decision.refuted:
        detail += ", so a perturbation of the uniform measure has less energy"
    return Evidence(decision.verdict, detail, scope)


def _equiangular(subject: _Subject) -> Evidence:
    if subject.model.kind != "flow":
        return Evidence(VACUOUS, "hypothesis not met: a map, not a flow")
    if subject.implementation is None:
        try:
            reduction = equiangular(subject.model)
        except (NotClosed, ValueError, NotImplementedError, TypeError, AssertionError):
            reduction = None
        if reduction is not None and reduction.proved:
            return Evidence(
                PROVED,
                f"gamma' = {subject.put(reduction.rate)}",
                {"n": "symbolic", "d": ">= n", "m": "1/n"},
            )
    dims = subject.dimensions[-1]

    def holds(found: Any) -> bool:
        case, _ = found
        rate = _gram_rate(subject, case)
        off = rate[~np.eye(len(rate), dtype=bool)]
        return _close(off, np.full(off.shape, off.mean()))

    def start(size: int, normal: Array) -> Any:
        return _Case(np.eye(dims)[:size] @ _reflection(normal), None), ("mirror normal", normal)

    entry = st.lists(st.integers(-3, 3), min_size=dims, max_size=dims).filter(any).map(np.array)
    if dims < 3:
        return Evidence(UNDECIDED, "orthonormal triples need d >= 3")
    strategy = st.builds(start, st.integers(3, dims), entry)
    return _sampled(subject, "equiangular", strategy, holds, "one rate for all pairs")


def _gamma_to_one(subject: _Subject) -> Evidence:
    missing = _no_form(subject)
    if missing is not None:
        return missing
    assert subject.weight is not None  # just asked
    decision = decide_positive(subject.weight, 0, 1, closed=(True, False))
    scope = {"n": "symbolic", "d": ">= n", "m": "1/n", **decision.scope}
    if decision.refuted:
        values = _at(decision)
        return Evidence(
            REFUTED,
            f"gamma never passes {decision.witness['z']}{', ' + values if values else ''}",
            scope,
        )
    return Evidence(decision.verdict, f"h' > 0 on [0, 1): {decision.detail}", scope)


def _almost_sure(subject: _Subject) -> Evidence:
    """Theorem 6.3, and the consequence of Theorem 6.7."""
    lemma = _hemisphere(replace(subject, implementation=None))
    if lemma.verdict in (PROVED, CERTIFIED):
        return replace(lemma, detail="d >= n points are in an open hemisphere almost surely")
    if subject.pull is not None and subject.pull.refuted:
        return replace(lemma, detail=_stuck(subject))
    if lemma.verdict is VACUOUS:
        return lemma
    return Evidence(UNDECIDED, "rests on Lemma 6.4, which isn't proved for this model")


def _stuck(subject: _Subject) -> str:
    assert subject.pull is not None  # asked before
    values = _at(subject.pull)
    where = subject.pull.witness["z"]
    return (
        f"n = 2 never meets from <x1,x2> < {where}, of positive probability"
        f"{', ' + values if values else ''}"
    )


def _strict_saddles(subject: _Subject) -> Evidence:
    missing = _no_form(subject) or _no_kernel(subject)
    if missing is not None:
        return missing
    if not subject.matches_energy:
        return Evidence(VACUOUS, "hypothesis not met: the flow isn't the gradient of its energy")
    assert subject.h is not None and subject.pull is not None  # just asked
    if subject.pull.refuted:
        return Evidence(REFUTED, _stuck(subject), {**_EVERY, **subject.pull.scope})
    slope, second = subject.h.diff(z), subject.h.diff(z, 2)
    condition = slope * (1 - z) + second * (1 - z**2)  # d = 3; larger d adds (d-3)h' >= 0
    decision = decide_positive(condition, closed=(True, False))
    scope = {**_EVERY, "d": ">= 3", **decision.scope}
    if decision.holds and subject.pull.holds:
        verdict = CERTIFIED if CERTIFIED in (decision.verdict, subject.pull.verdict) else PROVED
        return Evidence(
            verdict,
            "h'(d-2-t) + h''(1-t²) > 0 on [-1, 1)",
            scope,
            assumptions=("Łojasiewicz inequality", "centre-stable manifold theorem"),
        )
    if decision.refuted:
        return Evidence(
            VACUOUS, f"hypothesis not met for d = 3: h'(1-t) + h''(1-t²) {decision.detail}", scope
        )
    return Evidence(UNDECIDED, f"h'(d-2-t) + h''(1-t²) > 0: {decision.detail}", scope)


def _circle(subject: _Subject) -> Evidence:
    missing = _no_form(subject)
    if missing is not None:
        return missing
    assert subject.weight is not None and subject.pull is not None  # just asked
    if subject.pull.refuted:
        return Evidence(REFUTED, _stuck(subject), {**_EVERY, "d": "2", **subject.pull.scope})
    if subject.weight.diff(z) == 0 and subject.pull.holds:
        return Evidence(
            PROVED, "h is linear: Theorem 4.1", {**_EVERY, "d": "2", **subject.pull.scope}
        )
    return Evidence(UNDECIDED, "increasing and convex is not enough for d = 2")


def _one_sign_change(subject: _Subject) -> Evidence:
    missing = _no_form(subject) or _no_kernel(subject)
    if missing is not None:
        return missing
    assert subject.h is not None and subject.pull is not None  # just asked
    h = subject.at_numbers(subject.h)
    scope = {"d": "2", **{a: str(v) for a, v in subject.numbers.items()}}
    tangential = h.diff(z) * z - h.diff(z, 2) * (1 - z**2)
    roots = sign_changes(tangential)
    if roots is None:
        return Evidence(UNDECIDED, "sign changes of h' t - h''(1-t²) not isolated", scope)
    start = tangential.subs(z, 1)
    if len(roots) != 1 or not start.evalf() > 0:
        if subject.pull.refuted:
            return Evidence(REFUTED, _stuck(subject), {**scope, **subject.pull.scope})
        where = ", ".join(f"{float(r):.4g}" for r in roots) or "none"
        return Evidence(
            VACUOUS,
            f"hypothesis not met: h' t - h''(1-t²) changes sign once; it does at t = {where}",
            scope,
        )
    if not subject.pull.holds:
        return Evidence(VACUOUS, "hypothesis not met: h' > 0 on (-1, 1)", scope)
    angle = float(sp.acos(roots[0]).evalf(20))
    most = 1 + int(np.floor(np.pi / angle * (1 - 1e-12)))
    verdict = PROVED if not roots[0].has(sp.Float) else CERTIFIED
    return Evidence(
        verdict,
        f"τ* = {angle:.6g}, (n-1)τ* <= π for n <= {most}",
        {**scope, "n": f"<= {most}"},
        assumptions=("Łojasiewicz inequality", "centre-stable manifold theorem"),
    )


def _layer(subject: _Subject) -> Evidence:
    missing = _no_form(subject) or _no_kernel(subject) or _no_motion(subject)
    if missing is not None:
        return missing
    assert subject.h is not None  # just asked
    hypotheses = {
        "h convex": decide_positive(subject.h.diff(z, 2), strict=False),
        "h positive definite": subject.definite,
    }
    proportional = bool(subject.matches_energy)
    if proportional and all(decision.holds for decision in hypotheses.values()):
        verdicts = [decision.verdict for decision in hypotheses.values()]
        scope: dict[str, str] = dict(_EVERY)
        for decision in hypotheses.values():
            scope.update({a: b for a, b in decision.scope.items() if a != "unique"})
        return Evidence(
            CERTIFIED if CERTIFIED in verdicts else PROVED,
            "h convex and positive definite, weights along h', x_i + η y_i ≠ 0",
            scope,
        )
    layer = discrete_layer(subject.model)
    fields = {size: subject.compiled(layer, size, eta=1.0) for size in subject.dimensions}

    def holds(found: Any) -> bool:
        case, (_, step) = found
        parameters = {**fields[case.points.shape[1]].parameters, "eta": np.float64(step[0])}
        field = replace(fields[case.points.shape[1]], masses=case.masses, parameters=parameters)
        after = field.unchecked(case.points)
        if not np.all(np.isfinite(after)):
            return True  # x_i + η y_i = 0: outside the statement
        before, risen = field.energy(case.points), field.energy(after)
        return bool(risen >= before - _TOLERANCE * (1 + abs(before)))

    strategy = _cases(subject, 2).flatmap(
        lambda case: st.tuples(
            st.just(case),
            st.tuples(st.just("eta"), st.integers(1, 64).map(lambda a: np.array([a / 8]))),
        )
    )
    unmet = [name for name, decision in hypotheses.items() if not decision.holds]
    if not proportional:
        unmet.append("weights along h'")
    timed = any(callable(value) for value in subject.numbers.values())
    found = None if timed else _lattice_layer(subject, layer)
    if found is not None:
        return found
    more = replace(subject, cases=4 * subject.cases)
    found = _sampled(more, "layer", strategy, holds, "the energy rises")
    if found.verdict is REFUTED:
        return replace(found, detail=found.detail.replace("fails at", "the energy falls at"))
    return Evidence(
        VACUOUS,
        f"hypothesis not met: {', '.join(unmet)}; no counterexample in {more.cases} cases",
        found.scope,
        cases=more.cases,
    )


def _lattice_layer(subject: _Subject, layer: Model) -> Evidence | None:
    """Fall of the energy over all lattice configurations in the plane, fewest tokens first.

    Rotations are used up by the first token at (1, 0); more dimensions hold the same plane.
    """
    directions = sphere.project(_lattice(2))
    compiled = subject.compiled(layer, 2, eta=1.0)
    first: tuple[int, str] | None = None
    worst, size_of_worst = 0.0, 0
    for size in (2, 3, 4):
        chosen = np.array(list(combinations_with_replacement(range(len(directions)), size - 1)))
        start = np.broadcast_to(np.array([1.0, 0.0]), (len(chosen), 1, 2))
        tokens = np.concatenate([start, directions[chosen]], axis=1)
        for step in (1.0, 2.0, 4.0, 8.0, 32.0, 128.0):
            for values in _choices(subject):
                bound = {a: np.float64(v) for a, v in {**values, "eta": step}.items()}
                field = replace(compiled, parameters={**compiled.parameters, **bound})
                after = field.unchecked(tokens)
                usable = np.flatnonzero(np.all(np.isfinite(after), axis=(1, 2)))
                before = field.energy(tokens[usable])
                fall = (before - field.energy(after[usable])) / (1 + np.abs(before))
                index = int(np.argmax(fall))
                if fall[index] <= 1e-6:
                    continue
                amount = float(fall[index] * (1 + abs(before[index])))
                if amount > worst:
                    worst, size_of_worst = amount, size
                if first is None:
                    words = [f"x = {_shown(tokens[usable[index]])}", f"eta = {step:g}"]
                    words += [f"{a} = {float(v):.4g}" for a, v in values.items()]
                    first = size, f"the energy falls by {amount:.4g} at {', '.join(words)}"
    if first is None:
        return None
    size, words_of_first = first
    more = f"; by {worst:.4g} with n = {size_of_worst}" if size_of_worst > size else ""
    return Evidence(
        REFUTED,
        words_of_first + more,
        {"n": str(size), "d": "2", "m": "1/n"},
        margin=-worst,
    )


def _choices(subject: _Subject) -> list[dict[str, Any]]:
    """Scalar parameters as drawn, and once with all that aren't given small."""
    small = {a: v if a in subject.given else _GENERIC[0] for a, v in subject.numbers.items()}
    return [dict(subject.numbers)] + ([small] if small != subject.numbers else [])


def _kuramoto(subject: _Subject) -> Evidence:
    missing = _no_form(subject) or _no_motion(subject)
    if missing is not None:
        return missing
    assert subject.weight is not None  # just asked
    slope = sp.simplify(subject.weight.diff(z))
    if slope != 0:
        return Evidence(VACUOUS, f"hypothesis not met: h isn't linear, h'' = {slope}")
    return Evidence(
        PROVED,
        f"θ_i' = {subject.weight} Σ_j m_j sin(θ_j - θ_i)"
        + (" / Z, Z constant" if subject.normalised else ""),
        {**_EVERY, "d": "2"},
    )


_Check = Callable[[_Subject], Evidence]

_ROWS: tuple[tuple[str, str, _Check], ...] = (
    ("implementation", "the implementation is the model's velocity", _implementation),
    ("confinement", "tokens stay on the sphere", _confinement),
    ("permutation equivariance", "F(SX; Sm) = S F(X; m)", _permutations),
    ("rotation equivariance", "F(XR) = F(X)R", _rotations),
    ("energy ascent", "the energy never falls", _ascent),
    ("dissipation identity", "dE/dt = Σ g_i |x_i'|²", _dissipation),
    ("gradient structure", "dE(X)[Y] = Σ g_i <x_i', Y_i>, Y tangent", _gradient),
    ("Gram closure", "the Gram matrix obeys an equation of its own", _gram),
    ("Lipschitz bound", "one-sided Lipschitz in max_i |x_i - y_i|", _lipschitz),
    ("consensus spectrum", "consensus is linearly stable, rotations apart", _consensus),
    ("Lemma 6.4", "from an open hemisphere: consensus, exponentially", _hemisphere),
    ("Proposition 3.4 maximum", "Dirac masses maximise the energy", _maximum),
    ("Proposition 3.4 minimum", "the uniform measure minimises the energy", _minimum),
    ("equiangular ODE", "(6.9), (6.10): equal angles stay equal", _equiangular),
    ("Theorem 6.8", "from an orthonormal start gamma -> 1", _gamma_to_one),
    ("Theorems 6.3, 6.7", "d >= n: consensus almost surely", _almost_sure),
    ("Theorem 6.1", "d >= 3: consensus from almost every start", _strict_saddles),
    ("circle", "d = 2: consensus from almost every start", _circle),
    ("Theorem 5.1", "consensus for few enough tokens, d = 2", _one_sign_change),
    ("discrete layer", "N(x + η y) raises the energy for every η > 0", _layer),
    ("Kuramoto", "d = 2: the flow is the Kuramoto model", _kuramoto),
)

BASIC = (
    "confinement",
    "permutation equivariance",
    "rotation equivariance",
    "energy ascent",
    "dissipation identity",
    "gradient structure",
    "Gram closure",
)
"""The invariants that ``parametrize_with_invariants`` runs by default."""


def _as_model(model: Any, flow: str) -> Model:
    if isinstance(model, Model):
        return model
    if isinstance(model, str):
        return gradient_flow(
            interaction_energy(parse_kernel(model)), f"h(t) = {model}, {flow}", flow
        )
    raise ValueError(
        f"Expected a theory.Model or a kernel as text but got model={model!r}; "
        "write for instance check_model('exp(beta*t)/beta')."
    )


def _subject(
    model: Any,
    rng: Any,
    cases: int | None,
    flow: str,
    implementation: Implementation | None,
    parameters: Mapping[str, Any],
) -> _Subject:
    if cases is not None and cases < 1:
        raise ValueError(f"Expected cases >= 1 but got cases={cases}.")
    made = _as_model(model, flow)
    names = [str(p) for p in made.parameters]
    unknown = [name for name in parameters if name not in names]
    if unknown:
        raise ValueError(
            f"Expected parameters among {names} but got {', '.join(unknown)}; drop them."
        )
    missing = [name for name in names if name not in parameters]
    if implementation is not None and missing:
        raise ValueError(
            f"Expected a value of every parameter of {made.name} but got none of {missing}; "
            "give those that the implementation uses."
        )
    return _Subject(made, dict(parameters), implementation, cases or CASES, seed_of(rng))


def check_model(
    model: Model | str,
    rng: Any = 0,
    cases: int | None = None,
    *,
    flow: str = "wasserstein",
    implementation: Implementation | None = None,
    **parameters: Any,
) -> ModelReport:
    """Say which invariants and theorems hold for a model, with evidence or a counterexample.

    Parameters
    ----------
    model : Model or str
        A model, or the kernel h(t) of ``E = ½ΣΣ m_i m_j h(<x_i,x_j>)`` as text.
    rng : int, SeedSequence or Generator
        Randomness.
    cases : int, optional
        Sampled cases of a row that no proof decides; 30 by default.
    flow : {"wasserstein", "softmax"}
        The flow of a kernel given as text.
    implementation : callable, optional
        Your own code, ``f(points) -> velocity`` for points of shape (n, d) and masses 1/n. It is
        compared with the model and put through the numerical invariants.
    **parameters
        Values of parameters. A scalar without one is taken to be any positive number in proofs,
        and drawn where a number is needed; a matrix without one is drawn.

    Returns
    -------
    ModelReport

    Examples
    --------
    >>> report = check_model("t**3")
    >>> report["Lemma 6.4"].detail
    'two points with <x1,x2> = 0 are stationary inside an open hemisphere'
    """
    subject = _subject(model, rng, cases, flow, implementation, parameters)
    start = time.perf_counter()
    rows = [
        Row(name, check(subject), statement)
        for name, statement, check in _ROWS
        if name != "implementation" or implementation is not None
    ]
    seconds = time.perf_counter() - start
    return ModelReport(subject.model.name, tuple(rows), subject.numbers, subject.seed, seconds)


@dataclass(frozen=True)
class Invariant:
    """One row of ``check_model`` as a test: raises AssertionError with the counterexample."""

    name: str
    statement: str
    rng: Any = 0
    cases: int | None = None

    def __call__(self, model: Model | str, **options: Any) -> Evidence:
        """Check the invariant; options are those of ``check_model``."""
        flow = options.pop("flow", "wasserstein")
        implementation = options.pop("implementation", None)
        subject = _subject(model, self.rng, self.cases, flow, implementation, options)
        check = next(check for name, _, check in _ROWS if name == self.name)
        evidence = check(subject)
        if evidence.verdict is REFUTED:
            raise AssertionError(
                f"{subject.model.name}: {self.name} ({self.statement}): {evidence.detail}"
            )
        return evidence

    def __str__(self) -> str:
        """Name with hyphens."""
        return self.name.replace(" ", "-")


def parametrize_with_invariants(
    models: Iterable[Model | str],
    invariants: Iterable[str] = BASIC,
    rng: Any = 0,
    cases: int | None = None,
) -> pytest.MarkDecorator:
    """Pytest decorator: one test for each model and invariant, as arguments of those names.

    Parameters
    ----------
    models : iterable of Model or str
        What ``check_model`` takes.
    invariants : iterable of str
        Names of rows of ``check_model``; those that every gradient flow of pair energies obeys by
        default.
    rng : int, SeedSequence or Generator
        Randomness.
    cases : int, optional
        Sampled cases.

    Examples
    --------
    >>> from theory import SA
    >>> @parametrize_with_invariants([SA, "exp(2*t)"])
    ... def test_mine(model, invariant):
    ...     invariant(model)
    """
    known = {name: statement for name, statement, _ in _ROWS if name != "implementation"}
    chosen = list(invariants)
    for name in chosen:
        if name not in known:
            raise ValueError(f"Expected invariants among {list(known)} but got {name!r}.")
    tests = [Invariant(name, known[name], rng, cases) for name in chosen]
    pairs = [
        pytest.param(
            model,
            test,
            id=f"{(model.name if isinstance(model, Model) else model).replace(' ', '-')}-{test}",
        )
        for model in models
        for test in tests
    ]
    return pytest.mark.parametrize(("model", "invariant"), pairs)


__all__ = ["BASIC", "Invariant", "ModelReport", "Row", "check_model", "parametrize_with_invariants"]
