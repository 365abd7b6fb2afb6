"""Bounds of every row against runs of every model: hard starts, and the least margins.

A row is taken for what it concludes: an inequality between numbers. Its theorem is evaluated along
solutions of the theorem's own model, with masses and lengths over decades, by the audit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sympy import MatrixSymbol, Rational, Symbol, exp, preorder_traversal

from numerics import compile_model
from proofs_checks import check_model
from proofs_checks.audit import (
    ON_CIRCLE,
    Solution,
    beside,
    ending,
    in_angles,
    model_of,
    pair_in,
    solved,
    subject_of,
)
from proofs_checks.audit.solution import ABREAST, SPECIES_HEATS, TWO_HEATS
from proofs_checks.claim import Verdict
from proofs_checks.propositions import (
    All,
    Bound,
    Implies,
    Is,
    Rel,
    Subject,
    every,
    some,
)
from proofs_checks.sample import Sample, sample_of
from proofs_checks.theorems import Theorem
from proofs_checks.theorems.readers import CURVE
from theory.models import USA, Model, catalogue
from theory.symbols import X, beta, d, m, r
from theory.terms import Index, Norm, Row, Vec, is_derivative

RUNS, DRAWS = 20, 40
"""Runs in a row's scope, and how many are drawn at most: masses and β leave some scopes rare."""

TIMES = (0.15, 0.6, 1.4, 6.0, 40.0)
"""In units of the quickest time of a run: its start, and when slower tokens have moved too."""

MORE = Rational(101, 100)
"""By how much rates of broken twins are larger."""

PROVED = (Verdict.PROVED, Verdict.CERTIFIED)


def inequalities(says: Any) -> Iterator[Rel]:
    """Yield the inequalities that a proposition concludes."""
    if isinstance(says, Rel) and says.op in ("<", "<="):
        yield says
    elif isinstance(says, All):
        for part in says.args:
            yield from inequalities(part)
    elif isinstance(says, Implies):
        if not _of_curves(says.args[0]):  # no run is all
            yield from inequalities(says.args[1])
    elif isinstance(says, Bound):
        if not any(isinstance(v, Symbol) for v in says.bound if not isinstance(v, Index)):
            yield from inequalities(says.body)  # "there is c" gives no c to evaluate
    elif isinstance(says, Is) and says.definition.unfold is not None:
        yield from inequalities(says.definition.unfold(*says.arguments))


def test_of_a_number_that_there_is_no_inequality_is_asked() -> None:
    """As c + 1 <= n of "there is c": a run has no c; of vectors and of all tokens there are."""
    c, z, i = Symbol("c", real=True), Vec("z"), Index("i")
    assert not [*inequalities(some(c, Rel("<=", c, 1)))]
    for bound in (some(z, Rel("<=", Norm(z), 1)), every(i, Rel("<=", Norm(Row(X, i)), 1))):
        assert len([*inequalities(bound)]) == 1


@dataclass
class Bounds:
    """Of a model the theorems with explicit bounds that rows of its report rest on.

    By row and piece of the parameters; `printed` are the rows proved whose sentence has an
    inequality, and no theorem.
    """

    theorems: dict[tuple[str, str], Theorem] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)


def bounds_of(model: Model) -> Bounds:
    """Find them by what the rows of a report conclude."""
    found = Bounds()
    for row in check_model(model).rows:
        if row.evidence.verdict not in PROVED:
            continue
        for piece, sheet in row.evidence.sheets:
            theorem = sheet.concludes
            if theorem is not None and any(map(_of_curves, theorem.given)):
                continue  # a run is one curve, and no other block rests in it
            if theorem is not None and any(inequalities(theorem.says)):
                found.theorems[row.name, piece] = theorem
            elif theorem is None and re.search("[<>]=", row.statement):
                found.printed.append(row.name)
    return found


def _of_curves(given: Any) -> bool:
    return isinstance(given, Is) and given.definition is CURVE


def drawn(model: Model, rng: np.random.Generator, pair: str = "") -> Solution:
    """Draw a start that is hard on bounds, of what a theorem is about, and integrate it."""
    tokens, dimension = round(2 * 20 ** rng.random()), int(rng.integers(2, 9))
    dimension = 2 if pair == ON_CIRCLE else dimension
    sample = _sample(model, tokens, dimension)
    values = {
        str(a): sample.values[str(a)] if isinstance(a, MatrixSymbol) else _scalar(a, rng)
        for a in model.parameters
    }
    start = {b.symbol: _block(b, sample.state[str(b.symbol)].shape, rng) for b in model.blocks}
    for still in (b.symbol for b in model.blocks if not b.moves and b.symbol.shape[1] == d):
        if rng.random() < 0.5:  # what tends to a point with keys that stay needs one key
            start[still] = np.tile(start[still][:1], (len(start[still]), 1))
    if pair == ABREAST:  # of even lengths
        start[r] = np.full_like(start[r], start[r][0])
    masses = np.ones(tokens) if rng.random() < 0.4 else 10 ** rng.uniform(-3, 0, tokens)
    if pair == ON_CIRCLE:  # where most that is said is of masses 1/n
        masses = np.ones(tokens)
    if rng.random() < 0.5:
        masses = masses / masses.sum()
    moving = {} if m in start else {"masses": masses}
    field = compile_model(model, **values, **moving)
    later = {b.symbol: _block(b, start[b.symbol].shape, rng) for b in model.blocks if b.moves}
    states = (start, {**start, X: later[X]})  # a start may rest nearly, and not for ever
    scale = 1 / max(_pace(field, state, rng) for state in states)
    return solved(model, values, start, masses, times=TIMES, scale=scale)


def paired(run: Solution, pair: str, rng: np.random.Generator) -> Solution:
    """Let a second solution start elsewhere, or at the same tokens at β = 0; or name angles."""
    assert run.model is not None
    if pair == ON_CIRCLE:
        return in_angles(run)
    block = run.model.blocks[0]
    heats = pair in (TWO_HEATS, SPECIES_HEATS)
    return beside(run, pair, None if heats else _block(block, run.states[0.0][X].shape, rng))


def _sample(model: Model, tokens: int, dimension: int) -> Sample:
    try:
        return sample_of(model, tokens, dimension)
    except ValueError:  # an odd dimension, where pairs of coordinates turn
        return sample_of(model, tokens, dimension + 1)


def _scalar(symbol: Any, rng: np.random.Generator) -> float:
    if symbol.is_integer:
        return int(rng.integers(1, 4))
    size = 30 * rng.random() ** 3 if symbol == beta else 10 ** rng.uniform(-1, 1)
    return float(-size if symbol.is_negative else size)


def _block(block: Any, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    if block.space == "positive":
        return 10 ** rng.uniform(-3, 3, shape)
    if block.space == "simplex":
        weights = 10 ** rng.uniform(-3, 0, shape)
        return weights / weights.sum()
    rows = rng.normal(size=shape)
    kind = rng.integers(3)
    if kind == 0:  # an orthant: all angles below 90°
        rows = np.abs(rows)
    elif kind == 1:  # a hemisphere, as near to its equator as comes
        rows[:, 0] = np.abs(rows[:, 0])
    else:  # a clump
        rows = rng.normal(size=shape[1]) + 10 ** rng.uniform(-2, 0) * rows
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _pace(field: Any, start: Any, rng: np.random.Generator) -> float:
    """Return how fast the quickest row changes, or a difference between two neighbours."""

    def velocity(state: Any) -> Any:
        if len(start) == 1:
            return {X: field(state[X], 0.0)}
        found = field({str(a): v for a, v in state.items()}, 0.0)
        return {a: found[str(a)] for a in start if str(a) in found}

    def sizes(rows: Any) -> Any:
        return np.linalg.norm(rows, axis=1)

    here, least = velocity(start), 1e-6
    paces = [np.max(sizes(v) / sizes(start[a])) for a, v in here.items()]
    for _ in range(3):
        near = {a: v * (1 + least * rng.normal(size=v.shape)) for a, v in start.items()}
        near[X] = near[X] / sizes(near[X])[:, None]
        moved = velocity(near).items()
        paces += [np.max(sizes(v - here[a]) / least / sizes(start[a])) for a, v in moved]
    return float(max(paces))


@dataclass
class Found:
    """What runs showed of a row: how many were in its scope, and the least margin."""

    runs: int = 0
    margin: float = 1.0
    doubts: list[str] = field(default_factory=list)


def tried(
    bounds: dict[tuple[str, str], Theorem], model: Model, runs: int = RUNS, draws: int = DRAWS
) -> dict[tuple[str, str], Found]:
    """Evaluate the conclusions along runs, until each had enough in its scope."""
    rng, found = np.random.default_rng(0), {name: Found() for name in bounds}
    groups: dict[Any, list[Any]] = {}
    for name, theorem in bounds.items():
        subject = subject_of(theorem) or Subject.of(model)
        groups.setdefault((subject, pair_in(theorem)), []).append(name)
    for (subject, pair), names in groups.items():
        own = model_of(subject)
        for _ in range(draws):
            waiting = [name for name in names if found[name].runs < runs]
            if not waiting:
                break
            try:
                run = drawn(own, rng, pair)
                run = paired(run, pair, rng) if pair else run
            except (ValueError, ArithmeticError):  # it ends: no solution for all t
                continue
            for name in waiting:
                try:
                    seen = ending(bounds[name], run)
                except ArithmeticError:  # tokens off the sphere: weights that no float holds
                    continue
                found[name].runs += bool(seen.margins)
                found[name].margin = min([found[name].margin, *seen.margins.values()])
                if seen.doubt is not None:
                    found[name].doubts.append(str(seen.doubt))
    return found


def counted(model: Model, bounds: Bounds, runs: int = RUNS, draws: int = DRAWS) -> str:
    """Refuse a row that fails, or that no run was in the scope of; write the margins."""
    found = tried(bounds.theorems, model, runs, draws)
    assert not [doubt for one in found.values() for doubt in one.doubts]
    assert not [name for name, one in found.items() if not one.runs]
    lines = [f"{a}, {b}: {one.runs} runs, {one.margin:.1e}" for (a, b), one in found.items()]
    return "; ".join([*lines, f"printed alone: {', '.join(bounds.printed)}"])


def is_flow(name: str) -> bool:
    model = catalogue(name)
    return isinstance(model, Model) and model.kind == "flow"


@pytest.mark.full
@pytest.mark.parametrize("name", [*filter(is_flow, catalogue())])
def test_no_bound_fails(name: str, record_property: Any) -> None:
    """Twenty runs in the scope of each row; the record has how many, and the worst margins."""
    model = catalogue(name)
    assert isinstance(model, Model)
    record_property("bounds", counted(model, bounds_of(model)))


@pytest.fixture(scope="module")
def usa() -> tuple[Model, Bounds]:
    """A report of two seconds, in which clocks and rates are bounded."""
    return USA, bounds_of(USA)


@pytest.mark.slow
def test_no_bound_of_usa_fails(usa: tuple[Model, Bounds]) -> None:
    assert usa[1].theorems
    counted(*usa, runs=3, draws=12)


@pytest.mark.slow
def test_a_bound_that_is_nearly_attained_allows_nothing_more(usa: tuple[Model, Bounds]) -> None:
    """Two tokens near each other: heights grow just as bounded, and D falls so to 1 part in 800."""
    model, bounds = usa
    near = np.array([[1.0, 0.05, 0.0], [1.0, -0.05, 0.0]])
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    run = solved(model, {"beta": 0.001}, {X: near}, np.array([0.5, 0.5]))
    failing = []
    for theorem in bounds.theorems.values():
        twin: Any = SimpleNamespace(says=faster(theorem.says), given=theorem.given)
        assert ending(theorem, run).doubt is None
        if ending(twin, run).doubt is not None:
            failing.append(twin.says)
    rates = [any(map(is_derivative, preorder_traversal(one))) for one in failing]
    assert set(rates) == {True, False}  # a rate, and a bound of all times


def faster(says: Any) -> Any:
    """Make every rate that is concluded larger by a hundredth."""
    if isinstance(says, Rel) and is_derivative(says.right):
        return Rel(says.op, MORE * says.left, says.right)
    if isinstance(says, Rel):
        return Rel(says.op, says.left, says.right.replace(exp, lambda power: exp(MORE * power)))
    if isinstance(says, All):
        return All(*map(faster, says.args))
    return says
