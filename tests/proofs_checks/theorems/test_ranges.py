"""T2 with each model's own constants: clocks as they are known by hand, and along runs.

Runs are numpy's, with weights, speeds and clocks written down here once more; nothing of the
algebra, the engines or the models' code is used in them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from sympy import (
    Add,
    DiagMatrix,
    Matrix,
    MatrixSymbol,
    Mul,
    OneMatrix,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    exp,
    log,
    oo,
    sqrt,
)
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.propositions import All, Rel, Subject, Tends, written
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
    read,
    settle,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.clocks import clock_of
from proofs_checks.theorems.engines import SIGNS, VANISHES
from proofs_checks.theorems.kernel import NotConcluded
from proofs_checks.theorems.logic import rename
from proofs_checks.theorems.order import ABSOLUTE, CASES, JOINED, KEPT, ROOT, SAME
from proofs_checks.theorems.places import (
    APART,
    DOUBLY,
    FIRST_COLUMN,
    KEPT_LENGTH,
    SHARES,
    UNMASKED,
    all_see_first,
)
from proofs_checks.theorems.ranges import Bounds
from proofs_checks.theorems.readers import MASSES, ROOTED, UNIT, rooted
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent
from theory.energy import ENERGY
from theory.masks import Mask
from theory.models import SA, SINKHORN, Model, catalogue, moving_masses
from theory.positions import Rotary
from theory.symbols import K, Q, X, beta, m, n, t, tau, z
from theory.terms import (
    FIRST,
    Entry,
    Index,
    Inner,
    Item,
    Row,
    TokenSum,
    ddt,
    is_value,
    total,
)
from theory.weights import SquaredDistances

i, j = map(Index, "ij")


def share(x: Any, masses: Any, scores: Any, seen: Any = None, extra: float = 0.0) -> Any:
    """Return a softmax of scores, over the tokens seen, with a key more."""
    top = scores.max(axis=1, keepdims=True)
    above = masses * np.exp(scores - top) * (1 if seen is None else seen)
    below = extra * np.exp(-top) + above.sum(axis=1, keepdims=True)
    return above / np.where(below == 0, 1, below)


def turned(x: Any) -> Any:
    """Rows turned by their place, base 10000, as RoPE does."""
    out = x.copy()
    n, d = x.shape
    for c in range(d // 2):
        angle = np.arange(n) * 10000 ** (-2 * c / d)
        a, b = x[:, 2 * c], x[:, 2 * c + 1]
        out[:, 2 * c] = np.cos(angle) * a - np.sin(angle) * b
        out[:, 2 * c + 1] = np.sin(angle) * a + np.cos(angle) * b
    return out


def apart(n: int) -> Any:
    return np.abs(np.subtract.outer(np.arange(n), np.arange(n)))


def before(n: int, strict: bool = False) -> Any:
    return np.tril(np.ones((n, n)), -1 if strict else 0)


SLOPE, SINK, BIAS, TAU, GAIN = 0.3, 0.7, -0.4, 0.5, 1.7


@dataclass(frozen=True)
class Known:
    """A model by hand: weights, what becomes of their output, and h times its clock.

    Attributes
    ----------
    weights : callable
        ``A(x, masses, beta)``.
    rate : callable
        λ of masses, beta, n.
    scheme : str
    """

    weights: Callable[..., Any]
    rate: Callable[..., float]
    scheme: str = "post-LN"

    def clock(self, time: float, most: float) -> float:
        """∫s for lengths of at most R at the start, and rows of sum at most 1."""
        if self.scheme in ("pre-LN", "peri-LN"):
            return float(np.log1p(time / most))
        if self.scheme == "mix-LN":
            return time if time < TAU else TAU + float(np.log1p((time - TAU) / most))
        if self.scheme == "LNS":
            return float(np.log1p((2 * np.sqrt(1 + time) - 2) / most))
        return GAIN * time if self.scheme == "nGPT" else time

    def speed(self, x: Any, r: Any, a: Any, time: float) -> tuple[Any, Any]:
        """Velocities before the projection, and of lengths."""
        along = (a * x).sum(axis=1, keepdims=True)
        size = np.linalg.norm(a, axis=1, keepdims=True)
        if self.scheme == "pre-LN":
            return a / r, along
        if self.scheme == "peri-LN":
            return a / (r * size), along / size
        if self.scheme == "mix-LN":
            return (a, 0 * along) if time < TAU else (a / r, along)
        if self.scheme == "LNS":
            return a / (r * np.sqrt(1 + time)), along / np.sqrt(1 + time)
        return (GAIN * a / size if self.scheme == "nGPT" else a), 0 * along


def plainly(x: Any, masses: Any, b: float) -> Any:
    return share(x, masses, b * x @ x.T)


def whole(masses: Any, b: float, n: int) -> float:
    return float(np.exp(-2 * b))


def first(masses: Any, b: float, n: int) -> float:
    return float(np.exp(-2 * b) * masses[0] / masses.sum())


def sunk(masses: Any, b: float, n: int) -> float:
    """λ of a sink: M e^-β/(e^sink/n + M e^β)."""
    return float(masses.sum() * np.exp(-b) / (np.exp(SINK) / n + masses.sum() * np.exp(b)))


KNOWN: dict[str, Known] = {
    "peri-LN": Known(plainly, whole, "peri-LN"),
    "mix-LN": Known(plainly, whole, "mix-LN"),
    "LNS": Known(plainly, whole, "LNS"),
    "nGPT": Known(plainly, whole, "nGPT"),
    "causal": Known(lambda x, m, b: share(x, m, b * x @ x.T, before(len(x))), first),
    "strictly causal": Known(lambda x, m, b: share(x, m, b * x @ x.T, before(len(x), True)), first),
    "ALiBi": Known(
        lambda x, m, b: share(x, m, b * x @ x.T - SLOPE * apart(len(x))),
        lambda m, b, n: float(np.exp(-2 * b - SLOPE * (n - 1))),
    ),
    "RoPE": Known(lambda x, m, b: share(x, m, b * turned(x) @ turned(x).T), whole),
    "L2": Known(
        lambda x, m, b: share(x, m, 2 * b * x @ x.T), lambda m, b, n: float(np.exp(-4 * b))
    ),
    "sigmoid": Known(
        lambda x, m, b: m / (1 + np.exp(-b * x @ x.T - BIAS)),
        lambda m, b, n: float(m.sum() / (1 + np.exp(b - BIAS))),
    ),
    "RoPE + sink": Known(
        lambda x, m, b: share(
            x, m, b * turned(x) @ turned(x).T, None, float(np.exp(SINK)) / len(x)
        ),
        sunk,
    ),
    "causal + pre-LN": Known(
        lambda x, m, b: share(x, m, b * x @ x.T, before(len(x))), first, "pre-LN"
    ),
    "RoPE + causal + nGPT": Known(
        lambda x, m, b: share(x, m, b * turned(x) @ turned(x).T, before(len(x))), first, "nGPT"
    ),
    "ALiBi + peri-LN": Known(
        lambda x, m, b: share(x, m, b * x @ x.T - SLOPE * apart(len(x))),
        lambda m, b, n: float(np.exp(-2 * b - SLOPE * (n - 1))),
        "peri-LN",
    ),
    "sink + pre-LN": Known(
        lambda x, m, b: share(x, m, b * x @ x.T, None, float(np.exp(SINK)) / len(x)),
        sunk,
        "pre-LN",
    ),
}
"""What variants.md has under T2, and combinations."""


@cache
def proved(name: str) -> Theorem:
    found = common_sight(Subject.of(catalogue(name)))
    assert isinstance(found, Theorem), found
    return found


def value(a: Any, own: dict[str, float], masses: np.ndarray) -> float:
    """Return a number of masses at the start, the time and symbols, by its nodes."""

    def of(b: Any) -> float:
        return value(b, own, masses)

    if isinstance(a, TokenSum):
        index = Index("o")
        return sum(value(a.opened(index), {**own, "o": k}, masses) for k in range(len(masses)))
    if is_value(a):
        return of(a.args[0])
    if isinstance(a, Item):
        return float(masses[0 if a.args[1] == FIRST else int(own[str(a.args[1])])])
    if isinstance(a, Piecewise):
        before, after = a.args
        return of(before.expr if own["t"] < own[str(before.cond.rhs)] else after.expr)
    if isinstance(a, Symbol):
        return own[str(a)]
    if isinstance(a, Add | Mul | Pow):
        done = {Add: np.sum, Mul: np.prod, Pow: lambda two: two[0] ** two[1]}[a.func]
        return float(done([of(b) for b in a.args]))
    if isinstance(a, exp | log):
        return float((np.exp if isinstance(a, exp) else np.log)(of(a.args[0])))
    return float(a)


def exponent_said(found: Theorem, own: dict[str, float], masses: np.ndarray) -> float:
    """Return h times the clock that is said, at numbers."""
    assert isinstance(found.says, All) and isinstance(found.says.args[0], Rel)
    (power,) = (one.args[0] for one in found.says.args[0].right.args if isinstance(one, exp))
    return -value(power, own, masses)


def start(rng: np.random.Generator, size: int, dim: int) -> Any:
    x = rng.normal(size=(size, dim))
    x[:, 0] = np.abs(x[:, 0]) + rng.uniform(0.05, 1)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def width(x: Any) -> float:
    y = x / x[:, :1]
    return float(np.linalg.norm(y[:, None] - y[None], axis=2).max())


def check_run(name: str, seed: int, steps: int) -> float:
    """Run a model, compare D with its bound, and return the margin at the end."""
    known, rng = KNOWN[name], np.random.default_rng(seed)
    size, dim = int(rng.integers(2, 9)), int(rng.integers(2, 5))
    x = start(rng, size, dim)
    masses = 10 ** rng.uniform(-3, 0, size)
    masses = masses / masses.sum() if seed % 2 else masses
    r = 10 ** rng.uniform(-3, 3, (size, 1)) if known.scheme != "post-LN" else np.ones((size, 1))
    b = float(rng.choice([0.0, rng.uniform(0, 3), rng.uniform(3, 30)]))
    h, first_width, most = float(x[:, 0].min()), width(x), float(r.max())
    own = {"beta": b, "h": h, "R": most, "slope": SLOPE, "sink": SINK, "bias": BIAS}
    own |= {"tau": TAU, "alpha": GAIN, "n": size}
    time, margin = 0.0, 0.0

    def velocity(at: float, y: Any, lengths: Any) -> tuple[Any, Any]:
        field, growth = known.speed(y, lengths, known.weights(y, masses, b) @ y, at)
        return field - (field * y).sum(axis=1, keepdims=True) * y, growth

    for _ in range(steps):
        field, growth = velocity(time, x, r)
        fast = max(np.abs(field).max(), np.abs(growth / r).max(), 1e-3)
        step = min(0.02 / fast / (1 + b), 0.5)
        step = TAU - time if time < TAU < time + step else step  # cases change there
        half, grown = velocity(time + step / 2, x + step / 2 * field, r + step / 2 * growth)
        x, r, time = x + step * half, r + step * grown, time + step
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        margin = np.log(first_width / max(width(x), 1e-300))
        margin -= h * known.rate(masses, b, size) * known.clock(time, most)
        assert margin > -1e-6, (name, seed, time)
        if width(x) < 1e-9:  # what is left is rounding
            break
    exponent = h * known.rate(masses, b, size) * known.clock(time, most)
    said = exponent_said(proved(name), {**own, "t": time}, masses)
    assert said == pytest.approx(exponent, rel=1e-9, abs=1e-12), (name, seed)
    return float(margin)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["peri-LN", "causal + pre-LN", "sigmoid"])
def test_bounds_along_two_runs(name: str) -> None:
    for seed in range(2):
        check_run(name, seed, 20)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(KNOWN))
def test_clocks_known_by_hand(name: str) -> None:
    check_run(name, 1, 20)


@pytest.mark.full
@pytest.mark.parametrize("name", list(KNOWN))
def test_bounds_along_runs(name: str) -> None:
    margins = [check_run(name, seed, 400) for seed in range(20)]
    assert max(margins) > 0  # they move


@pytest.mark.slow
def test_lengths_that_rows_of_another_sum_move() -> None:
    """sigmoid + pre-LN: r_i' <= M σ(β + bias) = c, so the clock is log(1 + c t/R)/c."""
    own = {"beta": 0.7, "bias": -0.4, "t": 3.0, "R": 2.0, "h": 1.0}
    masses = np.array([0.2, 0.5, 0.9])
    low, c = (masses.sum() / (1 + np.exp(-s * 0.7 + 0.4)) for s in (-1, 1))
    found = common_sight(Subject.of(catalogue("sigmoid + pre-LN")))
    assert isinstance(found, Theorem)
    said = exponent_said(found, own, masses)
    assert said == pytest.approx(low * np.log1p(c * 3 / 2) / c)


def test_masses_that_move_keep_their_sum() -> None:
    found = common_sight(Subject.of(catalogue("moving masses")))
    assert isinstance(found, Theorem)
    said = exponent_said(found, {"beta": 0.7, "t": 2.0, "h": 0.5}, np.array([0.2, 0.3]))
    assert said == pytest.approx(0.5 * 2 * 0.5 * np.exp(-0.7))
    # Without the mean taken off their sum moves, and no constant is read off.
    loose = moving_masses(ENERGY, conserved=False)
    assert isinstance(common_sight(Subject.of(loose)), Refusal)


# -- broken twins ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["repulsive", "linear", "graph"])
def test_no_common_sight(name: str) -> None:
    assert isinstance(common_sight(Subject.of(catalogue(name))), Refusal)


@pytest.mark.parametrize(
    ("mask", "all_of_them", "others"),
    [
        (Mask.causal(), True, True),
        (Mask.strictly_causal(), False, True),
        (Mask.band(2), False, False),
        (Mask.bipartite(2), False, False),
        (Mask.cross(2), True, True),
        (Mask.graph(Matrix([[1, 1, 0], [1, 0, 1], [1, 1, 0]])), True, True),
        (Mask.graph(Matrix([[0, 1, 0], [1, 0, 1], [1, 1, 0]])), False, True),
        (Mask.graph(Matrix([[1, 1, 0], [0, 0, 1], [1, 1, 0]])), False, False),
        (Mask.graph(MatrixSymbol("W", n, n)), False, False),
    ],
)
def test_who_sees_the_first(mask: Mask, all_of_them: bool, others: bool) -> None:
    assert (all_see_first(mask), all_see_first(mask, others=True)) == (all_of_them, others)


def test_a_strictly_causal_first_token_sees_nobody() -> None:
    """p_11 = 0 there, so the bound of the column is of the others alone."""
    pull = pull_of(Subject.of(catalogue("strictly causal")))
    assert isinstance(pull, Pull)
    seen = pull.weight.xreplace({j: FIRST})
    assert isinstance(Bounds(pull).below(seen), Refusal)
    other = assume(Rel("!=", i, FIRST))
    found = Bounds(pull, others=(other,)).below(seen)
    assert isinstance(found, Theorem) and Rel("!=", i, FIRST) in found.given
    names = {"weight": pull.weight, "i": i, "j": j}
    sees = apply(FIRST_COLUMN, found, pull.positive, assume(SEVERAL), **names)
    assert isinstance(sees, Theorem) and Rel("!=", i, FIRST) not in sees.given
    # Of a token by name, or where a bound differs from token to token, nothing is concluded.
    k = Index("k")
    own = apply(rename, found, values={i: k})
    assert isinstance(apply(FIRST_COLUMN, own, pull.positive, assume(SEVERAL), **names), Refusal)


def test_unsound_uses_of_the_rules_are_refused() -> None:
    masses = read(MASSES, Subject.of(SA))
    plain_share = Entry(RowSoftmax(beta * X * X.T, m), i, FIRST)
    masked = Entry(RowSoftmax(beta * X * X.T, m, mask=Mask.causal()), i, FIRST)
    doubly = Entry(Sinkhorn(beta * X * X.T, m), i, FIRST)
    nobody = Entry(RowSoftmax(beta * X * X.T, m, mask=Mask.strictly_causal()), i, FIRST)
    assert isinstance(apply(UNMASKED, masses, share=masked), Theorem)
    for one in (plain_share, doubly, nobody, masked.xreplace({FIRST: j})):
        assert isinstance(apply(UNMASKED, masses, share=one), Refusal)
    assert isinstance(apply(UNMASKED, assume(Rel("<", 0, Item(m, i))), share=masked), Refusal)
    unit = read(UNIT, Subject.of(SA))
    turned_row = Row(Rotary(X, 3), j)
    assert isinstance(apply(KEPT_LENGTH, unit, turned=turned_row), Refusal)  # of another token
    away = Entry(SquaredDistances(X, X), i, j)
    assert isinstance(apply(APART, unit, unit, entry=away), Refusal)
    weights = Entry(RowSoftmax(beta * X * X.T, m), i, j)
    assert isinstance(apply(SHARES, masses, share=weights, index=i), Refusal)  # a column
    a = Symbol("a", real=True)
    assert isinstance(apply(ROOT, *map(assume, (Rel("<=", 0, a), Rel("<=", a, 4))),
                            settle(SIGNS, Rel("<=", 0, 2)), root=2), Theorem)  # fmt: skip
    for root in (-2, 3):
        facts = Rel("<=", 0, a), Rel("<=", a, 4), Rel("<=", 0, root)
        assert isinstance(apply(ROOT, *map(assume, facts), root=root), Refusal) or root == -2
    assert isinstance(apply(SAME, assume(Rel("<=", 0, a)), number=a + 1), Refusal)
    one_case = Piecewise((a, t < 1))
    assert isinstance(apply(CASES, assume(Rel("<=", 0, a)), cases=one_case, up=False), Refusal)
    slope = assume(Rel("=", ddt(Item(m, i)), 0))
    assert isinstance(apply(KEPT, slope), Refusal)  # it isn't said of every time


def test_an_absolute_value_is_that_of_a_number_known_to_be_0_or_more() -> None:
    assert str(apply(ABSOLUTE, assume(Rel("<=", 0, beta)), number=beta)).startswith("|β| = β")
    for other in (Rel("<=", beta, 0), Rel("<=", -1, beta), Rel("<=", 0, -beta)):
        assert isinstance(apply(ABSOLUTE, assume(other), number=beta), Refusal)


def test_clocks_in_cases() -> None:
    speed = Piecewise((1, t < tau), (1 / (2 + t - tau), True))
    clock, (found,) = clock_of(speed)
    assert isinstance(found, Theorem) and found.by is JOINED
    for time, end in ((0.3, 0.5), (2.0, 0.5)):
        steps = np.linspace(0, time, 200001)
        own = np.where(steps < end, 1, 1 / (2 + steps - end))
        said = float(clock.subs({tau: end}).subs(t, time))
        assert said == pytest.approx(np.trapezoid(own, steps), rel=1e-5)
    other = Piecewise((1, t < tau), (1 / (3 + t - tau), True))
    assert isinstance(apply(JOINED, *found.premises, speed=other), Refusal)
    with pytest.raises(NotConcluded):
        clock_of(exp(-(t**2)))


def test_what_ends_vanishes_for_nobody() -> None:
    for clock in (Piecewise((t, t < tau), (tau, True)), 1 - exp(-t)):
        says = Tends(exp(-clock), 0, oo)
        assert isinstance(settle(VANISHES, says), Refusal)


# -- what is divided by the root of ------------------------------------------------------------


def test_roots_in_one_case_of_several_are_not_read() -> None:
    """Of a case that isn't on, a velocity asks for nothing."""
    base = Inner(Row(X, i), Row(X, j))
    assert rooted(1 / sqrt(base)) == [base]
    assert rooted(Piecewise((1, t < tau), (1 / sqrt(base), True))) == []
    assert rooted(base ** Rational(1, 2)) == []  # it may be 0
    assert rooted(total(1 / sqrt(base), j)) == []  # of no one token
    field = RowSoftmax(beta * X * X.T, m) * X
    late = Elementwise(
        Piecewise((1, t < tau), (1 / sqrt(z), True)), DiagonalMatrix(X * X.T) * OneMatrix(n, 1)
    )
    odd = Model("late", Tangent(X, DiagMatrix(late) * field), parameters=(beta, tau))
    assert isinstance(read(ROOTED, Subject.of(odd)), Refusal)


@pytest.mark.slow
def test_a_sheet_with_lengths_holds() -> None:
    pull, found = pull_of(Subject.of(catalogue("mix-LN"))), proved("mix-LN")
    assert isinstance(pull, Pull)
    own = meeting(pull, found)
    assert as_sheet(own.says, own.found, own.names).holds
    assert written(own.says.then.args[0], "text", own.names) == (
        "D <= D(0) e^(-h (t if t < τ, else τ + log(1 + (t - τ)/R)) e^(-2 β))"
    )


def test_the_share_with_potentials_wants_bounds_of_symmetric_scores() -> None:
    pull, masses = pull_of(Subject.of(SINKHORN)), read(MASSES, Subject.of(SINKHORN))
    assert isinstance(pull, Pull)
    a, score = Entry(Sinkhorn(beta * X * X.T, m), i, j), beta * Inner(Row(X, i), Row(X, j))
    known = Bounds(pull).below(score), Bounds(pull).above(score)
    found = apply(DOUBLY, masses, *known, share=a)
    assert isinstance(found, Theorem) and exp(-4 * beta) in found.says.left.atoms(exp)
    one = assume(Rel("<=", -1, score)), assume(Rel("<=", score, 1))  # of these two tokens
    assert isinstance(apply(DOUBLY, masses, *one, share=a), Refusal)
    assert isinstance(apply(DOUBLY, masses, *known[::-1], share=a), Refusal)
    uneven = Entry(Sinkhorn(X * Q.T * K * X.T, m), i, j)
    assert isinstance(apply(DOUBLY, masses, *known, share=uneven), Refusal)
