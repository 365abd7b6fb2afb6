"""T2 for softmax weights: every step of its sheet is looked at along runs, by code of its own.

Terms are evaluated here from their nodes with numpy, derivatives as differences and integrals as
sums over the steps of a run; nothing of the algebra, the engines or the models' code is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from sympy import Add, Mul, Pow, exp, log

from numerics import integrate
from proofs_checks.propositions import All, Bound, Rel, Subject, putting, written
from proofs_checks.theorems import (
    Pull,
    Refusal,
    Says,
    Theorem,
    as_sheet,
    ascent,
    common_sight,
    common_sight_given,
    dissipation,
    legend,
    pull_of,
    settle,
    solving,
    steps_of,
)
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.lengths import SHORT, R
from proofs_checks.theorems.pulls import G0, HIGH, NEAR, H, W
from theory.atoms import RowSoftmax, Tangent
from theory.models import QK_SA, QK_USA, REPULSIVE, SA, USA, Model, catalogue
from theory.symbols import X, beta, m, t
from theory.symbols import n as count
from theory.terms import (
    Binder,
    Diameter,
    Elapsed,
    Entry,
    Greatest,
    Index,
    Inner,
    Item,
    Least,
    Multiple,
    Norm,
    Projected,
    Row,
    Smaller,
    TokenSum,
    VectorSum,
    VectorTokenSum,
    is_derivative,
    is_value,
)

COD, SINK, PRE = map(catalogue, ("CoD", "sink", "pre-LN"))
(SINK_SCORE,) = {p for p in SINK.parameters if str(p) == "sink"}
STEP = 1e-3
"""Of a run; differences over two of them are right to 1e-6 here."""


@dataclass(frozen=True)
class Run:
    """A run of x_i' = P_i Σ_j p_ij x_j from tokens near an axis, and the values of symbols."""

    model: Model
    states: np.ndarray
    lengths: np.ndarray
    masses: np.ndarray
    values: dict[Any, float]
    step: float

    def weights(self, place: int) -> np.ndarray:
        """Return the softmax alone, at a step."""
        return softmax(self.model, self.states[place], self.masses, self.values)


def softmax(model: Model, x: np.ndarray, masses: np.ndarray, values: dict[Any, float]) -> Any:
    above = masses * np.exp(values[beta] * (x @ x.T))
    if model is USA:
        return above
    extra = np.exp(values[SINK_SCORE]) / len(x) if model is SINK else 0.0
    return above / (extra + above.sum(axis=1, keepdims=True))


def a_run(model: Model, seed: int, steps: int, acute: bool = False, step: float = STEP) -> Run:
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    axis = np.eye(d)[0]
    x = rng.normal(size=(n, d)) * 0.6
    x[:, 0] = np.abs(x[:, 0]) + 0.2
    x[:, 0] += 1.5 * acute  # then inner products are positive too
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    masses = rng.uniform(0.1, 1, n)
    values = {beta: float(rng.uniform(0, 3)), SINK_SCORE: 0.4, W: axis, count: n}
    values |= {H: float((x @ axis).min()), G0: float((x @ x.T).min())}
    assert not acute or values[G0] >= 0

    lengths = rng.uniform(0.5, 2, (n, 1)) if model is PRE else np.ones((n, 1))
    values[R] = float(lengths.max())

    def velocity(time: float, state: np.ndarray) -> np.ndarray:
        y, size = state[:, :-1], state[:, -1:]
        speed = 1 / np.sqrt(1 + time) if model is COD else 1.0
        field = speed * softmax(model, y, masses, values) @ y
        along = (field * y).sum(axis=1, keepdims=True)
        return np.hstack([(field - along * y) / size, along * (model is PRE)])

    states = [np.hstack([x, lengths])]
    for k in range(steps):
        y, time = states[-1], k * step
        a = velocity(time, y)
        b = velocity(time + step / 2, y + step / 2 * a)
        c = velocity(time + step / 2, y + step / 2 * b)
        e = velocity(time + step, y + step * c)
        states.append(y + step / 6 * (a + 2 * b + 2 * c + e))
    found = np.array(states)
    return Run(model, found[:, :, :-1], found[:, :, -1], masses, values, step)


class Reading:
    """Values of terms along a run, by their nodes alone."""

    def __init__(self, run: Run) -> None:
        self.run, self.kept = run, {}  # type: ignore[var-annotated]

    def __call__(self, term: Any, k: int, names: tuple[tuple[Any, int], ...] = ()) -> Any:
        key = term, k, names
        if key not in self.kept:
            self.kept[key] = self.value(term, k, dict(names))
        return self.kept[key]

    def value(self, a: Any, k: int, names: dict[Any, int]) -> Any:
        run = self.run

        def of(b: Any, place: int = k, more: dict[Any, int] | None = None) -> Any:
            return self(b, place, tuple({**names, **(more or {})}.items()))

        if isinstance(a, Row):
            return run.states[k][names[a.args[1]]]
        if isinstance(a, Item):
            return (run.masses if a.args[0] == m else run.lengths[k])[names[a.args[1]]]
        if isinstance(a, Entry):
            return run.weights(k)[names[a.args[1]], names[a.args[2]]]
        if isinstance(a, Inner):
            return float(of(a.args[0]) @ of(a.args[1]))
        if isinstance(a, Norm):
            return float(np.linalg.norm(of(a.args[0])))
        if isinstance(a, Multiple):
            return of(a.args[0]) * of(a.args[1])
        if isinstance(a, VectorSum):
            return sum(map(of, a.args))
        if isinstance(a, Projected):
            x, v = map(of, a.args)
            return v - (x @ v) * x
        if isinstance(a, Smaller):
            return min(map(of, a.args))
        if is_value(a):
            return of(a.args[0], 0)
        if isinstance(a, Elapsed):
            parts = [of(a.args[0], place) for place in range(k + 1)]
            return float(np.trapezoid(parts, dx=run.step))
        if is_derivative(a):
            return (of(a.args[0], k + 1) - of(a.args[0], k - 1)) / (2 * run.step)
        if isinstance(a, Binder):
            return self.over(a, names, of)
        if a in run.values:
            return run.values[a]
        if a == t:
            return k * run.step
        if isinstance(a, Add | Mul):
            return (np.sum if isinstance(a, Add) else np.prod)([of(b) for b in a.args])
        if isinstance(a, Pow):
            return of(a.args[0]) ** of(a.args[1])
        if isinstance(a, exp | log):
            return (np.exp if isinstance(a, exp) else np.log)(of(a.args[0]))
        return float(a)

    def over(self, a: Any, names: dict[Any, int], of: Any) -> Any:
        tokens = range(len(self.run.masses))
        left_out = {names[b] for b in getattr(a, "but", ())}
        chosen = permutations((c for c in tokens if c not in left_out), len(a.bound))
        parts = [of(a.body, more=dict(zip(a.bound, c, strict=True))) for c in chosen]
        if isinstance(a, TokenSum | VectorTokenSum):
            return sum(parts)
        if isinstance(a, Diameter):
            return max(float(np.linalg.norm(u - v)) for u in parts for v in parts)
        assert isinstance(a, Least | Greatest)
        return (min if isinstance(a, Least) else max)(parts)


def short(says: Any, read: Reading, k: int) -> float:
    """How much a relation fails by at a step of a run, over all tokens; 0 if it holds."""
    if isinstance(says, All):
        return max(short(part, read, k) for part in says.args)
    assert isinstance(says, Rel)
    indices = sorted(says.atoms(Index), key=str)
    indices = [one for one in indices if not str(one).startswith("#")]
    worst = 0.0
    tokens = range(len(read.run.masses))
    for place in np.ndindex(*(len(tokens),) * len(indices)):
        names = tuple(zip(indices, place, strict=True))
        left, right = (read(side, k, names) for side in (says.left, says.right))
        gap = np.max(np.abs(left - right)) if says.op == "=" else left - right
        size = 1 + float(np.max(np.abs(left))) + float(np.max(np.abs(right)))
        worst = max(worst, float(gap) / size)
    return worst


@cache
def proved(model: Model) -> Theorem:
    found = common_sight(Subject.of(model))
    assert isinstance(found, Theorem), found
    return found


@cache
def pull(model: Model) -> Pull:
    found = pull_of(Subject.of(model))
    assert isinstance(found, Pull)
    return found


@pytest.mark.parametrize(
    "model", [SA, *(pytest.param(model, marks=pytest.mark.slow) for model in (COD, PRE))]
)
def test_every_step_holds_along_runs(model: Model) -> None:
    """The bounds, their constants and each step on the way, none of them by our engines."""
    own = pull(model)
    theorems = [proved(model), own.angles, own.stays]
    said = {}
    for theorem in theorems:
        assert isinstance(theorem, Theorem)
        said |= {one.says: one for one in steps_of(theorem)}
    looked = 0
    for seed in range(1):
        read = Reading(a_run(model, seed, 12, True))
        for says, one in said.items():
            # Not under the hypothesis that a token is the lowest, and no limits.
            if one.given & {HIGH, NEAR, SHORT} < {g for g in one.given if isinstance(g, Bound)}:
                continue
            parts = says.args if isinstance(says, All) else (says,)
            if not all(isinstance(part, Rel) for part in parts):
                continue
            assert short(says, read, 6) < 1e-4, (str(one), seed)
            looked += 1
    assert looked > 60


@pytest.mark.parametrize(
    ("model", "runs"),
    [
        (SA, 4),
        (SINK, 4),
        *(pytest.param(one, 20, marks=pytest.mark.slow) for one in (SA, COD, SINK)),
    ],
)
def test_the_bound_along_longer_runs(model: Model, runs: int) -> None:
    bound = proved(model).says.args[0]
    fast, broken = putting(bound, {H: 20 * H}), 0
    for seed in range(10, 10 + runs):
        read = Reading(a_run(model, seed, 200))
        assert short(bound, read, 200) <= 1e-12
        broken += short(fast, read, 200) > 1e-6
    assert broken  # the bound says something: at 20 times the rate it fails


def test_the_sheet_of_sa() -> None:
    subject, found = Subject.of(SA), proved(SA)
    sheet = as_sheet(Says(common_sight_given(subject), found.says), found, legend(pull(SA)))
    assert sheet.holds and sheet.typed
    assert "D <= D(0) e^(-t h e^(-2 β))" in [step.text for step in sheet.steps]
    assert all(len(line) <= 80 for line in str(sheet).splitlines())
    assert sheet.heading["where"].startswith("D = diam_j y_j; η = min_(j≠k) (")
    # One claim of another constant; what is claimed is compared, whatever it is.
    twin = Says(common_sight_given(subject), putting(found.says, {H: 2 * H}))
    assert "the sheet concludes" in as_sheet(twin, found).missing[0].evidence


@pytest.mark.parametrize(
    ("model", "clock"),
    [
        pytest.param(COD, "e^(-h (2 √(t + 1) - 2) e^(-2 β))", marks=pytest.mark.slow),
        (SINK, "e^(-t h (Σ_j m_j(0)) e^(-β)/((Σ_j m_j(0)) e^β + e^sink/n))"),
        (PRE, "e^(-h e^(-2 β) log(1 + t/R))"),
        (USA, "e^(-t h (Σ_j m_j(0)) e^(-β))"),
        pytest.param(QK_SA, "e^(-t h e^(-2 |β| |Q^T K|))", marks=pytest.mark.slow),
        pytest.param(QK_USA, "e^(-t h (Σ_j m_j(0)) e^(-|β| |Q^T K|))", marks=pytest.mark.slow),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_constants_of_variants(model: Model, clock: str) -> None:
    bound = proved(model).says.args[0]
    assert written(bound, "text", legend(pull(model))) == f"D <= D(0) {clock}"


# -- broken twins ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_clock_that_ends() -> None:
    """x' = e^{-t} SA: D >= D(0) e^{-(2/h)∫C}, and nothing says that tokens meet."""
    ends = replace(
        SA, name="ends", velocity=Tangent(X, exp(-t) * RowSoftmax(beta * X * X.T, m) * X)
    )
    found = common_sight(Subject.of(ends))
    assert isinstance(found, Refusal) and "isn't seen to grow without bound" in str(found)
    assert isinstance(pull(ends).stays, Theorem) and isinstance(pull(ends).shrinks, Theorem)


@pytest.mark.slow
def test_lengths_that_grow_slow_tokens_down() -> None:
    """Pre-LN isn't exponential in t: (1 + t/R)^(-h e^(-2β)) is all that is concluded."""
    found, subject = proved(PRE), Subject.of(PRE)
    assert SHORT in found.given and solving(subject) in found.given
    without = tuple(one for one in common_sight_given(subject) if one != SHORT)
    sheet = as_sheet(Says(without, found.says), found, legend(pull(PRE)))
    assert "assumes what the claim doesn't: for every j: r_j(0) <= R" in sheet.missing[0].evidence
    run = a_run(PRE, 12, 300, step=0.2)  # to t = 60
    bound = found.says.args[0]
    exponential = Rel("<=", bound.left, proved(SA).says.args[0].right)
    read = Reading(run)
    assert short(bound, read, 300) <= 1e-6 and short(exponential, read, 300) > 1e-3


def test_weights_that_are_negative() -> None:
    """T1d, T2: two tokens at 60° go apart where V = -I."""
    subject = Subject.of(REPULSIVE)
    found = pull_of(subject)
    assert isinstance(found, Pull)
    for short_of in (found.positive, found.heights, found.angles, found.stays, found.shrinks):
        assert isinstance(short_of, Refusal)
    assert isinstance(common_sight(subject), Refusal)
    x = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    weights = softmax(SA, x, np.ones(2) / 2, {beta: 1.0, SINK_SCORE: 0.0})
    field = -weights @ x
    velocity = field - (field * x).sum(axis=1, keepdims=True) * x
    assert velocity[0] @ x[1] + velocity[1] @ x[0] < -0.1


@pytest.mark.parametrize("name", ["graph", "cross-attention", "linear"])
def test_others_are_refused_or_proved_in_part(name: str) -> None:
    """Without a constant read off, T2 still holds where weights are shown to be >= 0."""
    subject = Subject.of(catalogue(name))
    assert isinstance(common_sight(subject), Refusal)
    found = pull_of(subject)
    if name == "graph":
        assert isinstance(found, Pull) and isinstance(found.shrinks, Theorem)


IN_PULL_FORM = {
    "SA", "USA", "post-LN", "pre-LN", "CoD", "sink", "softmax-off-by-one", "peri-LN", "nGPT",
    "LNS", "LNS with scores", "causal", "strictly causal", "window", "graph", "bipartite", "ALiBi",
    "RoPE", "causal ALiBi", "sigmoid", "summed sigmoid", "L2", "long context", "moving masses",
    "Sinkhorn", "positive features", "ReLU",
    "mix-LN",  # what is divided by the length of A_i has A_i ≠ 0 as long as it moves
}  # fmt: skip
WITH_A_CONSTANT = IN_PULL_FORM - {"graph", "ReLU"}


@pytest.mark.full
def test_every_name_is_answered() -> None:
    """A theorem or a refusal in words, never an error; T1 and T2 where weights are >= 0."""
    for name in catalogue():
        subject = Subject.of(catalogue(name))
        whole, found = common_sight(subject), pull_of(subject)
        assert isinstance(whole, Theorem) == (name in WITH_A_CONSTANT), name
        parts = ()
        if isinstance(found, Pull):
            parts = found.heights, found.angles, found.shrinks, found.stays
        shown = [isinstance(one, Theorem) for one in parts]
        assert (all(shown) and bool(shown)) == (name in IN_PULL_FORM), name
        assert all(isinstance(one, Theorem) or one.reason for one in (whole, *parts))


# -- T5a: energies under any speeds ------------------------------------------------------------


@pytest.mark.parametrize(
    "model", [USA, *(pytest.param(model, marks=pytest.mark.slow) for model in (SA, PRE, COD))]
)
def test_the_energy_climbs_along_runs(model: Model) -> None:
    subject = Subject.of(model)
    equation, climbs = dissipation(subject), ascent(subject)
    assert isinstance(equation, Theorem) and isinstance(climbs, Theorem)
    assert climbs.given == equation.given == {solving(subject), Rel("!=", beta, 0)}
    for seed in range(2):
        read = Reading(a_run(model, seed, 4))
        assert short(equation.says, read, 2) < 1e-4 and short(climbs.says, read, 2) == 0


@pytest.mark.slow
def test_energies_that_need_not_climb() -> None:
    """One sign of σ turned: E' is still that sum, and nothing says that it is >= 0."""
    turned = Subject.of(REPULSIVE)
    assert isinstance(dissipation(turned), Theorem) and isinstance(ascent(turned), Refusal)
    for name, reason in (("causal", "the two sides differ"), ("moving masses", "move")):
        found = dissipation(Subject.of(catalogue(name)))
        assert isinstance(found, Refusal) and reason in str(found)


@pytest.mark.slow
def test_each_fact_of_the_energy_is_needed() -> None:
    equation = dissipation(Subject.of(USA))
    assert isinstance(equation, Theorem)
    for place, premise in enumerate(equation.premises):
        rest = equation.premises[:place] + equation.premises[place + 1 :]
        assert isinstance(settle(EQUAL, equation.says, *rest), Refusal), str(premise)


def test_heat_of_either_sign_along_a_run() -> None:
    """D <= D(0) e^(-h e^(-2|β|) t) at β = -1.5; e^(-2β) there would be 20 times as fast."""
    found = common_sight(Subject.of(SA), either=True)
    assert isinstance(found, Theorem) and Rel("<=", 0, beta) not in found.given
    rng = np.random.default_rng(5)
    x = rng.normal(size=(6, 4))
    x[:, 0] = 0.6 + np.abs(x[:, 0])
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    run = integrate(SA, x, 3.0, beta=-1.5, rtol=1e-10, t_eval=[0.0, 1.0, 3.0])
    height = x[:, 0].min()

    def wide(points: Any) -> float:
        y = points / points[:, :1]
        return float(np.max(np.linalg.norm(y[:, None] - y, axis=-1)))

    start, *later = map(wide, run.points)
    for time, width in zip((1.0, 3.0), later, strict=True):
        assert width <= start * np.exp(-height * np.exp(-3.0) * time)
        assert width > start * np.exp(-height * np.exp(3.0) * time)
