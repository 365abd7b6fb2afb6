"""T3: rooted sight. What is concluded, its bound along runs, and graphs without a root."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Matrix, MatrixSymbol, Symbol

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Pull,
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    common_sight,
    meeting,
    pull_of,
)
from proofs_checks.theorems.sight import ROOTED_SIGHT, least_size
from theory.atoms import RowSoftmax, Tangent
from theory.masks import GRAPH, Mask
from theory.models import Model, catalogue
from theory.symbols import X, beta, m, n


def on_graph(rows: list[str]) -> Model:
    """Softmax attention along the edges of a graph."""
    table = Matrix([list(map(int, row)) for row in rows])
    mask = Mask(GRAPH, Mask.graph(table).parameter, n)
    field = RowSoftmax(beta * X * X.T, m, mask=mask) * X
    return Model("graph", Tangent(X, field), parameters=(beta,))


ROOTED = {
    "directed triangle": ["110", "011", "101"],
    "ring 5": ["11001", "11100", "01110", "00111", "10011"],
    "a chain to the last": ["110", "011", "001"],
}
APART = {
    "two pairs": ["1100", "1100", "0011", "0011"],
    "two leaders": ["100", "010", "111"],
    "nobody but oneself": ["10", "01"],
}


@pytest.mark.every(2)
@pytest.mark.parametrize("name", ["window", "bipartite"])
def test_masks_with_a_root(name: str) -> None:
    subject = Subject.of(catalogue(name))
    pull, found = pull_of(subject), common_sight(subject)
    assert isinstance(pull, Pull) and isinstance(found, Theorem)
    own = meeting(pull, found)
    assert as_sheet(own.says, own.found, own.names).holds
    # Two groups of two and more: of two tokens alone none sees the other.
    assert (Rel("<=", 3, n) in found.given) == (name == "bipartite")


@pytest.mark.parametrize("name", ROOTED)
def test_graphs_with_a_root(name: str) -> None:
    assert isinstance(common_sight(Subject.of(on_graph(ROOTED[name]))), Theorem)


@pytest.mark.parametrize("name", APART)
def test_closed_classes(name: str) -> None:
    """T4: of two classes that see nobody else, each may stay where it is."""
    assert isinstance(common_sight(Subject.of(on_graph(APART[name]))), Refusal)


def test_a_graph_that_is_not_given() -> None:
    assert isinstance(common_sight(Subject.of(catalogue("graph"))), Refusal)
    field = RowSoftmax(beta * X * X.T, m, mask=Mask.band(0)) * X
    alone = Model("alone", Tangent(X, field), parameters=(beta,))
    assert isinstance(common_sight(Subject.of(alone)), Refusal)


def steps_of_t3(found: Theorem) -> Theorem:
    """Return the step of rooted sight."""
    stack = [found]
    while stack:
        one = stack.pop()
        if one.by is ROOTED_SIGHT:
            return one
        stack += one.premises
    raise AssertionError("T3 wasn't used")


def test_each_premise_of_rooted_sight_is_needed() -> None:
    found = common_sight(Subject.of(catalogue("bipartite")))
    assert isinstance(found, Theorem)
    step = steps_of_t3(found)
    names = dict(step.parameters)
    for place in range(len(step.premises)):
        rest = step.premises[:place] + step.premises[place + 1 :]
        assert isinstance(apply(ROOTED_SIGHT, *rest, **names), Refusal)
    for mask in (Mask.band(0), Mask.graph(MatrixSymbol("W", n, n)), Mask.band(1)):
        assert isinstance(apply(ROOTED_SIGHT, *step.premises, **{**names, "mask": mask}), Refusal)
    two = assume(Rel("<=", 2, n))
    fewer = tuple(two if one.says == least_size(names["mask"]) else one for one in step.premises)
    assert isinstance(apply(ROOTED_SIGHT, *fewer, **names), Refusal)
    slow = Rel("<=", step.premises[3].says.left, Symbol("a", positive=True))
    other = (*step.premises[:3], assume(slow), *step.premises[4:])
    assert isinstance(apply(ROOTED_SIGHT, *other, **names), Refusal)


def watch(seen: Any, seed: int, steps: int) -> float:
    """Run masked softmax attention; return how far D falls below its bound, as a logarithm."""
    rng, size = np.random.default_rng(seed), len(seen)
    dim, b = int(rng.integers(2, 5)), float(rng.choice([0.0, rng.uniform(0, 3)]))
    masses = 10 ** rng.uniform(-3, 0, size) if seed % 2 else np.ones(size)
    x = rng.normal(size=(size, dim))
    x[:, 0] = np.abs(x[:, 0]) + rng.uniform(0.05, 2)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    h, time = float(x[:, 0].min()), 0.0

    def width(x: Any) -> float:
        y = x / x[:, :1]
        return float(np.linalg.norm(y[:, None] - y[None], axis=2).max())

    first, worst = width(x), np.inf
    share = (h**2 * np.exp(-2 * b - 1) * masses.min() / masses.sum()) ** (size - 1)
    for _ in range(steps):
        p = seen * masses * np.exp(b * (x @ x.T - 1))
        field = p / p.sum(axis=1, keepdims=True) @ x
        x = x + 0.02 * (field - (field * x).sum(axis=1, keepdims=True) * x)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        time += 0.02
        said = share - share * time / (h * (size - 1))
        worst = min(worst, said - np.log(max(width(x), 1e-300) / first))
    return worst


def table(rows: list[str]) -> Any:
    return np.array([list(map(int, row)) for row in rows])


def test_the_bound_along_two_runs() -> None:
    for seed in range(2):
        assert watch(table(ROOTED["directed triangle"]), seed, 200) > -1e-9


@pytest.mark.slow
@pytest.mark.parametrize("name", ROOTED)
def test_the_bound_along_runs(name: str) -> None:
    assert min(watch(table(ROOTED[name]), seed, 1000) for seed in range(20)) > -1e-9
    # Where nobody is seen by all, tokens stay apart: no such bound holds.
    assert watch(table(APART["nobody but oneself"]), 0, 4000) < 0
