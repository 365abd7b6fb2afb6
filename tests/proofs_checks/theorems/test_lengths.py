"""T8a, T2 from below, T3 with lengths: bounds along runs, and what their rules must refuse.

Runs are those of `test_ranges`: weights and speeds written down by hand, and numpy's.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from sympy import Matrix, MatrixSymbol, Symbol, exp, log, sqrt

from proofs_checks.propositions import All, Is, Rel, Subject, written
from proofs_checks.theorems import (
    HIGH,
    LONG,
    Pull,
    Refusal,
    Theorem,
    apply,
    assume,
    at_least,
    at_most,
    common_sight,
    exponential,
    pull_of,
    read,
    stays_apart,
    steps_of,
)
from proofs_checks.theorems.bounds import BOUNDED
from proofs_checks.theorems.kernel import replayed
from proofs_checks.theorems.lengths import LENGTH, at_least_in_step
from proofs_checks.theorems.lingering import PULL_OF_ROWS, stays_at_rate
from proofs_checks.theorems.order import FALL, VALUE
from proofs_checks.theorems.places import WHOLE_ROWS, least_size
from proofs_checks.theorems.pulls import H
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN
from tests.proofs_checks.theorems.test_ranges import GAIN, KNOWN, start, width
from theory.atoms import RowSoftmax, Sinkhorn, Tangent
from theory.masks import Mask
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, n, r, t
from theory.terms import Entry, Item, at, ddt, total
from theory.weights import SinkSoftmax

SCORES = beta * X * X.T


@cache
def pull(name: str) -> Pull:
    found = pull_of(Subject.of(catalogue(name)))
    assert isinstance(found, Pull)
    return found


# -- what is concluded --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("pre-LN", "h (r_0 + t) <= r_i"),
        pytest.param("peri-LN", "h (r_0 + t) <= r_i", marks=pytest.mark.slow),
        ("causal + pre-LN", "h (r_0 + t) <= r_i"),
        ("LNS", "h (r_0 + 2 √(t + 1) - 2) <= r_i"),
        ("sigmoid + pre-LN", "h (r_0 + t (Σ_j m_j(0))/(e^(β - bias) + 1)) <= r_i"),
    ],
)
def test_lengths_stay_away_from_0(name: str, least: str) -> None:
    found, forward, positive = at_least(pull(name))
    assert isinstance(found, Theorem) and written(found.says) == least
    assert {HIGH, LONG} < found.given
    assert isinstance(forward, Theorem) and isinstance(positive, Theorem)


@pytest.mark.parametrize(
    ("name", "slow"),
    [
        ("CoD", "e^(-2 (2 √(t + 1) - 2)/h)"),
        pytest.param("peri-LN", "e^(-2 log(1 + t/r_0)/h^3)", marks=pytest.mark.slow),
    ],
)
def test_bounds_of_the_diameter_from_below(name: str, slow: str) -> None:
    found = stays_apart(Subject.of(catalogue(name)))
    assert isinstance(found, Theorem) and isinstance(found.says, All)
    assert isinstance(replayed(found), Theorem)
    assert f" {slow} <= diam_j" in written(found.says.args[0])


@pytest.mark.parametrize("name", ["SA", "USA", "mix-LN", "repulsive", "linear"])
def test_what_is_not_shown_to_linger(name: str) -> None:
    """Clocks that run as t does, lengths that stay for a while, and no pull form."""
    assert isinstance(stays_apart(Subject.of(catalogue(name))), Refusal)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bipartite + pre-LN", "window + nGPT"])
def test_rooted_sight_with_speeds(name: str) -> None:
    found = common_sight(Subject.of(catalogue(name)))
    assert isinstance(found, Theorem) and isinstance(found.says, All)
    lengths = "pre-LN" in name
    assert (LONG in found.given) == lengths
    bound = written(found.says.args[0])
    assert (" log(1 + t/R)/(h^2 r_0 (n - 1))" in bound) == lengths
    assert exponential(found.says.args[0].right) != lengths


def test_exponents_that_run_as_t_does() -> None:
    """e^(-ct) with c free of the time, times constants; nothing faster, nothing slower."""
    width_at = at(Item(r, TOKEN))
    for clock, right in ((t, True), (3 * t + 2, True), (t**2, False), (log(1 + t), False),
                         (sqrt(t), False), (H, False), (t + log(1 + t), False)):  # fmt: skip
        assert exponential(width_at * exp(-H * clock)) == right, clock


# -- along runs ---------------------------------------------------------------------------------


def run(name: str, seed: int, steps: int) -> tuple[float, float]:
    """Run a model by hand; return the least margins of D from below, and of lengths."""
    known, rng = KNOWN[name], np.random.default_rng(seed)
    size, dim = int(rng.integers(2, 7)), int(rng.integers(2, 5))
    x, masses = start(rng, size, dim), 10 ** rng.uniform(-3, 0, size)
    lengths = name in ("peri-LN", "LNS", "causal + pre-LN", "ALiBi + peri-LN")
    sizes = 10 ** rng.uniform(-3, 3, (size, 1)) if lengths else np.ones((size, 1))
    b = float(rng.choice([0.0, rng.uniform(0, 3), rng.uniform(3, 30)]))
    h, first, least = float(x[:, 0].min()), width(x), float(sizes.min())
    time, margins = 0.0, [np.inf, np.inf]

    def velocity(y: Any, own: Any) -> tuple[Any, Any]:
        field, growth = known.speed(y, own, known.weights(y, masses, b) @ y, time)
        return field - (field * y).sum(axis=1, keepdims=True) * y, growth

    for _ in range(steps):
        field, growth = velocity(x, sizes)
        step = min(
            0.02 / max(np.abs(field).max(), np.abs(growth / sizes).max(), 1e-3) / (1 + b), 0.5
        )
        half, grown = velocity(x + step / 2 * field, sizes + step / 2 * growth)
        x, sizes, time = x + step * half, sizes + step * grown, time + step
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        way = 2 * np.sqrt(1 + time) - 2 if name == "LNS" else time
        height = h**3 if "peri-LN" in name else h**2
        fast = {"nGPT": 2 * GAIN * time / h**2, "post-LN": 2 * time / h}
        own = fast.get(known.scheme, 2 * np.log1p(way / least) / height)
        margins[0] = min(margins[0], np.log(width(x) / first) + own)
        margins[1] = min(margins[1], float(sizes.min()) / (h * (least + lengths * way)) - 1)
        if width(x) < 1e-8:
            break
    return margins[0], margins[1]


@pytest.mark.parametrize("name", ["peri-LN", "causal + pre-LN"])
def test_bounds_from_below_along_two_runs(name: str) -> None:
    assert all(min(run(name, seed, 30)) > -1e-9 for seed in range(2))


@pytest.mark.full
@pytest.mark.parametrize(
    "name",
    ["peri-LN", "LNS", "causal + pre-LN", "ALiBi + peri-LN", "nGPT", "causal", "RoPE", "ALiBi"],
)
def test_bounds_from_below_along_runs(name: str) -> None:
    """D and lengths, 20 runs of masses, lengths and β of any size."""
    assert all(min(run(name, seed, 400)) > -1e-6 for seed in range(20))


def test_lengths_without_the_height_fall_below() -> None:
    """Twins: r_0 + t <= r_i, without h, and h (r_0 + 2 t); tokens that look apart grow slower."""
    x = np.array([[0.28, 0.96], [0.28, -0.96]])
    sizes, h, time = np.ones(2), 0.28, 0.0
    for _ in range(200):
        along = ((x @ x.T) @ np.ones(2)) / 2  # β = 0
        pulls = x.mean(axis=0) - along[:, None] * x
        x, sizes, time = x + 1e-3 * pulls / sizes[:, None], sizes + 1e-3 * along, time + 1e-3
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    assert sizes.min() > h * (1 + time)
    assert sizes.min() < 1 + time
    assert 1e-3 * 0.28**2 < 1e-3 * 2 * 0.28  # and at the start r' = 0.0784 < 2 h


# -- hostile models and facts -------------------------------------------------------------------


def test_lengths_that_may_end() -> None:
    """V = -I, one head against another, and lengths that stay or are moved by something else."""
    field, along = RowSoftmax(SCORES, m) * X, catalogue("pre-LN")
    assert isinstance(along, Model)
    moves = {X: Tangent(X, -along.velocities[X].field), r: -along.velocities[r]}
    found = pull_of(Subject.of(replace(along, velocity=moves)))
    assert isinstance(found, Pull)
    least, *signs = at_least(found)
    assert isinstance(least, Theorem) and " - t e^(2 β)/h) <= r_i" in written(least.says)
    assert all(isinstance(one, Refusal) for one in signs)  # so that bound may be below 0
    other = replace(along, velocity={X: along.velocities[X], r: 2 * along.velocities[r]})
    found = pull_of(Subject.of(other))
    assert isinstance(found, Pull) and isinstance(at_least(found)[0], Refusal)
    falls = replace(along, velocity={X: Tangent(X, field), r: along.velocities[r]})
    found = pull_of(Subject.of(falls))  # r x isn't moved by a sum of tokens
    assert isinstance(found, Pull) and isinstance(at_least(found)[0], Refusal)


def test_growth_that_differs_is_in_no_step() -> None:
    """sigmoid + pre-LN: rows of any sum, so that the least growth isn't the largest."""
    found = pull("sigmoid + pre-LN")
    assert isinstance(at_most(found), Theorem) and isinstance(at_least_in_step(found), Refusal)
    own = at_least_in_step(pull("pre-LN"))
    assert isinstance(own, Theorem) and written(own.says) == "h r_0 (R + t)/R <= r_i"


def test_slopes_that_are_not_integrated() -> None:
    """f = -t^2 against a = 2/t, which has no integral; of one time alone; no derivative."""
    found, f = at_least(pull("pre-LN"))[0], LENGTH
    assert isinstance(found, Theorem)
    (own,) = (one for one in steps_of(found) if one.by is FALL)
    slope, finite = own.premises
    assert isinstance(apply(FALL, slope, finite), Theorem)
    assert isinstance(apply(FALL, assume(slope.says), finite), Refusal)  # at one time
    fast = assume(Rel("<=", 2 / t, ddt(f)))
    for more in (finite, assume(Is(BOUNDED, 2 / t))):  # another number, or at one time
        assert isinstance(apply(FALL, fast, more), Refusal)
    assert isinstance(apply(FALL, assume(Rel("<=", ddt(f), H)), finite), Refusal)
    assert isinstance(apply(VALUE, number=sqrt(f)), Refusal)
    both = apply(VALUE, number=f * Item(m, TOKEN))
    assert isinstance(both, Theorem)
    assert both.says.right == at(f) * at(Item(m, TOKEN))


def test_rows_that_are_not_whole() -> None:
    masses = read(MASSES, Subject.of(SA))

    def rows(softmax: Any, *sizes: Any, index: Any = OTHER) -> Any:
        entry = Entry(softmax, TOKEN, OTHER)
        return apply(WHOLE_ROWS, masses, *map(assume, sizes), share=entry, index=index)

    table = Mask.graph(Matrix([[1, 1, 0], [0, 1, 1], [1, 0, 1]])).parameter
    causal, groups = Mask.causal(), Mask.bipartite(2)
    nobody = Mask("graph", Matrix([[0, 0], [1, 1]]).as_immutable(), n)
    unknown = Mask.graph(MatrixSymbol("W", n, n))
    assert isinstance(rows(RowSoftmax(SCORES, m)), Theorem)
    assert isinstance(rows(RowSoftmax(SCORES, m, mask=causal), least_size(causal)), Theorem)
    assert isinstance(rows(RowSoftmax(SCORES, m, mask=groups), Rel("<=", 3, n)), Theorem)
    own = Mask("graph", table, n)
    assert isinstance(rows(RowSoftmax(SCORES, m, mask=own), least_size(own)), Theorem)
    for softmax, *sizes in (
        (RowSoftmax(SCORES, m, mask=groups),),  # of two tokens nobody sees anybody
        (RowSoftmax(SCORES, m, mask=groups), Rel("<=", 2, n)),
        (RowSoftmax(SCORES, m, mask=Mask.strictly_causal()), Rel("<=", 2, n)),
        (RowSoftmax(SCORES, m, mask=nobody), Rel("<=", 2, n)),
        (RowSoftmax(SCORES, m, mask=unknown), Rel("<=", 2, n)),
        (SinkSoftmax(SCORES, m, Symbol("sink", real=True)),),
        (Sinkhorn(SCORES, m),),
    ):
        assert isinstance(rows(softmax, *sizes), Refusal), (softmax, sizes)
    assert isinstance(rows(RowSoftmax(SCORES, m), index=TOKEN), Refusal)  # a column
    lone = assume(Rel("<", 0, Item(m, OTHER)))  # the mass of one token
    entry = Entry(RowSoftmax(SCORES, m), TOKEN, OTHER)
    assert isinstance(apply(WHOLE_ROWS, lone, share=entry, index=OTHER), Refusal)


def test_pulls_that_one_number_does_not_bound() -> None:
    weight = Entry(RowSoftmax(SCORES, m), TOKEN, OTHER)
    names = {"weight": weight, "i": TOKEN, "j": OTHER}
    sign = pull("SA").positive
    row = total(weight, OTHER)

    def found(says: Rel, positive: Any = sign) -> Any:
        return apply(PULL_OF_ROWS, assume(says), positive, **names)

    own = read(MASSES, Subject.of(SA))
    whole = apply(WHOLE_ROWS, own, share=weight, index=OTHER)
    assert isinstance(whole, Theorem)
    assert isinstance(found(Rel("<=", row, 1)), Refusal)  # of one token, as it is assumed of
    for bound in (Item(m, TOKEN), 1):
        assert isinstance(found(Rel("<=", weight, bound)), Refusal)
    assert isinstance(stays_at_rate(pull("CoD")), Theorem)
    assert isinstance(found(Rel("<=", row, 1), assume(Rel("<=", 0, row))), Refusal)
