"""Rows answered by typed theorems: pre-LN beside its twins, other models, values and runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, S, Symbol, exp, log, sqrt

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.discovery import questions
from proofs_checks.own_model.by_theorem import THEOREMS, asked
from proofs_checks.proof import Flow
from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.theorems import (
    KINDS,
    Pull,
    Says,
    Theorem,
    as_sheet,
    common_sight,
    meeting,
    pull_of,
)
from proofs_checks.theorems.lengths import R
from proofs_checks.theorems.pulls import WIDTH, H
from theory.atoms import RowSoftmax, Tangent
from theory.energy import ENERGY
from theory.models import SA, USA, Model, catalogue
from theory.symbols import V, X, beta, m, r, t
from theory.terms import at

PRE = catalogue("pre-LN")
assert isinstance(PRE, Model)
ROWS = (*THEOREMS, "Lemma 6.4", "(4.2)", "(6.2)", "(6.5)")


def words(model: Any, only: Any = ROWS, **given: Any) -> dict[str, str]:
    return {row.name: row.evidence.word for row in check_model(model, only=only, **given).rows}


CLOCK = "D <= D(0) e^(-h e^(-2 β) log(1 + t/R))"


@pytest.mark.slow
def test_pre_ln_is_answered_with_its_clock() -> None:
    found = check_model(PRE, only="Lemma 6.4")["Lemma 6.4"]
    assert found.verdict is Verdict.PROVED and found.sheet.holds
    assert found.sentence.endswith(f"consensus, {CLOCK}")
    assert "X solves pre-LN for all t >= 0" in found.scope["given"]
    assert found.scope["existence"].startswith("h (r_0 + t) <= r_i <= R + t as long as X lives")


@pytest.mark.slow
def test_every_row_of_pre_ln() -> None:
    report = check_model(PRE, only=ROWS)
    proved = {row.name for row in report.rows if row.evidence.verdict is Verdict.PROVED}
    false = {"Lipschitz bound", "Remark 3.1", "(4.4)"}  # small lengths fall to 0, directions leap
    false |= {"(3.7)"}  # speeds 1/r_i differ
    assert set(ROWS) - proved <= {"(4.1)", "circle", "Remark 6.5", *false}
    for row in ("Lemma 6.4", "Theorem 6.3", "Theorem 6.7"):
        assert CLOCK in report[row].sentence, row
    for row in report.rows:
        scope, sheet = row.evidence.scope, row.evidence.sheet
        curve = row.name in ("gradient structure", "(3.16)")
        brief = row.name in (
            "(3.1)",
            "(3.2)",
            "(3.3)",
            "(3.4)",
            "(7.1)",
        )  # said at each time by itself
        moves = "X is a smooth curve" if curve else "X solves pre-LN"
        moves = "X moves as pre-LN does" if brief else moves
        states = ("confinement", "Remark 6.2", "equiangular ODE", "consensus spectrum")
        if row.name in states or row.name not in proved:  # not of solutions
            continue
        assert sheet.holds
        if row.name in KINDS and row.name != "Theorem 4.1":  # of all solutions
            assert "existence" not in scope and "(Σ_j m_j(0) - m_j(0))" in scope["given"]
            continue
        assert moves in scope["given"], row.name
        told = scope.get("existence", "")
        if row.name == "(6.1)":  # of runs to a consensus, which are given
            assert not told
            continue
        assert bool(told) == ("solves" in scope["given"]), row.name
        tall = "h <=" in scope["given"] or row.name == "Theorem 6.8"  # orthonormal: h = 1/√n
        assert (told == "not shown") == ("solves" in scope["given"] and not tall), row.name
    scope = report["Lemma 6.4"].scope
    assert scope["beta"] == "symbolic, >= 0" and "r_j(0) <= R" in scope["given"]
    assert report["energy ascent"].scope["beta"] == "symbolic, nonzero"
    assert report["Theorem 6.3"].scope["d"] == "symbolic, d >= n"
    assert "m_j r_j" in report["dissipation identity"].sentence


def test_another_clock_is_refused() -> None:
    """T2's twin: pre-LN exponentially in t, or at twice the rate, isn't what is concluded."""
    pull, sight = pull_of(Subject.of(PRE)), common_sight(Subject.of(PRE))
    assert isinstance(pull, Pull) and isinstance(sight, Theorem)
    own = meeting(pull, sight)
    assert isinstance(own.says.then, All)
    rest = own.says.then.args[1:]
    for clock, right in ((log(1 + t / R), True), (t, False), (2 * log(1 + t / R), False)):
        bound = Rel("<=", WIDTH, at(WIDTH) * exp(-H * exp(-2 * beta) * clock))
        sheet = as_sheet(Says(own.says.given, All(bound, *rest)), sight, own.names)
        assert sheet.holds == right, clock


@pytest.mark.every(7)
@pytest.mark.parametrize(
    ("pace", "clock"),
    [
        (3, "log(1 + 3 t/R)"),
        (Symbol("c", positive=True), "log(1 + t c/R)"),
        pytest.param(1 / sqrt(1 + t), "log((R + 2 √(t + 1) - 2)/R)", marks=pytest.mark.slow),
        pytest.param(3 / sqrt(1 + t), "log((R + 6 √(t + 1) - 6)/R)", marks=pytest.mark.slow),
    ],
)
def test_a_pace_is_on_the_clock(pace: Any, clock: str) -> None:
    """Lengths grow at the pace s as well: r <= R + ∫s, and D <= D(0) (1 + ∫s/R)^(-h e^(-2β))."""
    moves = {X: Tangent(X, pace * PRE.velocities[X].field), r: pace * PRE.velocities[r]}
    own = tuple(s for s in moves[r].free_symbols if str(s) == "c")
    paced = replace(PRE, name="paced", velocity=moves, parameters=(*PRE.parameters, *own))
    found = check_model(paced, only="Lemma 6.4")["Lemma 6.4"]
    assert found.verdict is Verdict.PROVED and f"e^(-h e^(-2 β) {clock})" in found.sentence


@pytest.mark.slow
def test_lns_is_as_slow_as_the_square_root_of_time() -> None:
    """By a run of LNS written out here, next to its own bound and to that of pre-LN."""
    found = check_model(catalogue("LNS"), only="Lemma 6.4")["Lemma 6.4"]
    assert "log((R + 2 √(t + 1) - 2)/R)" in found.sentence
    rng, heat, step = np.random.default_rng(3), 0.25, 1e-2
    x = rng.normal(size=(4, 3)) * 0.5 + np.array([1.5, 0, 0])
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    length, axis = rng.uniform(0.5, 1, (4, 1)), np.eye(3)[0]
    least, most = (x @ axis).min(), length.max()

    def width(y: Any) -> float:
        points = y / (y @ axis)[:, None]
        return float(np.linalg.norm(points[:, None] - points, axis=-1).max())

    start, own, other = width(x), [], []
    for k in range(20000):
        time = k * step
        weights = np.exp(heat * x @ x.T)
        pull = weights / weights.sum(axis=1, keepdims=True) @ x / np.sqrt(1 + time)
        along = (pull * x).sum(axis=1, keepdims=True)
        x, length = x + step * (pull - along * x) / length, length + step * along
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        ways = 2 * np.sqrt(1 + time + step) - 2, (time + step) * 30
        for bounds, way in zip((own, other), ways, strict=True):
            bounds.append(start * (1 + way / most) ** (-least * np.exp(-2 * heat)) - width(x))
    assert min(own) > 0 > min(other)


@pytest.mark.parametrize("row", ["(6.2)", "(4.2)"])
def test_what_is_along_the_token_changes_nothing(row: str) -> None:
    moves = {X: Tangent(X, PRE.velocities[X].field + 2 * X), r: PRE.velocities[r]}
    with_own = replace(PRE, velocity=moves)
    assert check_model(with_own, only=row)[row].sentence == check_model(PRE, only=row)[row].sentence


@pytest.mark.slow
def test_a_sign_turned_proves_nothing_that_pulls() -> None:
    moves = dict(PRE.velocities)
    for pair in ({X: -moves[X], r: moves[r]}, {X: Tangent(X, -moves[X].field), r: moves[r]}):
        found = words(replace(PRE, name="turned", velocity=pair))
        proved = {row for row, word in found.items() if word == "PROVED"}
        assert proved <= {
            "confinement", "gradient structure", "dissipation identity",
            "dissipation identity with ∂E/∂t", "(7.1)", "equiangular ODE",
            "(3.1)", "(3.2)", "(3.3)", "(3.4)",
        }  # fmt: skip


@pytest.mark.slow
def test_lengths_of_another_law() -> None:
    """With r' = -r/2 T1 and T5a hold; T2 has no bound of r by R + t to be read, and is refused."""
    found = words(replace(PRE, name="shrinking", velocity={X: PRE.velocities[X], r: -r / 2}))
    assert found["(6.2)"] == found["(4.2)"] == found["energy ascent"] == "PROVED"
    assert found["Lemma 6.4"] == found["Theorem 6.3"] == "UNDECIDED"


@pytest.mark.slow
def test_values_of_beta() -> None:
    rows = ("Lemma 6.4", "(4.2)", "energy ascent")
    assert set(words(PRE, rows, beta=2).values()) == {"PROVED"}
    # Tokens of a hemisphere meet at every fixed β, as weights are positive; where β grows with t
    # they need not.
    for cold, meets in ((-1, "PROVED"), (lambda s: 1 + s, "UNDECIDED")):
        found = words(PRE, rows, beta=cold)
        climbs = "PROVED" if cold == -1 else "UNDECIDED"
        assert found == {"(4.2)": "PROVED", "Lemma 6.4": meets, "energy ascent": climbs}
    said = check_model(PRE, only="Lemma 6.4", beta=-1)["Lemma 6.4"].sentence
    assert said.endswith("D <= D(0) e^(-h e^(-2) log(1 + t/R))")
    found = check_model(PRE, only="energy ascent", beta=0)["energy ascent"]
    assert found.verdict is Verdict.PROVED and "E = Σ_j Σ_k <x_j,x_k> m_j m_k/2" in found.sentence


@pytest.mark.slow
def test_the_energy_of_sa_is_attached_where_none_is_stated() -> None:
    rows = ("dissipation identity", "energy ascent")
    bare = replace(SA, name="bare", energy=None, metric=None)
    other = replace(PRE, name="other", energy=2 * ENERGY)
    assert set(words(bare, rows).values()) == {"PROVED"}
    assert "PROVED" not in words(other, rows).values()  # E is another one there
    assert list(words(catalogue("causal"), rows).values()) == ["doesn't apply", "REFUTED"]
    said = check_model(catalogue("CoD"), only=rows)["dissipation identity"].sentence
    assert said.startswith("E' = Σ_j √(t + 1) <x_j',x_j'> m_j (Σ_k m_k e^(β <x_j,x_k>))")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "LNS with scores", "causal + pre-LN", "bipartite + pre-LN", "RoPE + pre-LN", "peri-LN",
        "nGPT",
    ],
)  # fmt: skip
def test_heights_and_angles_of_other_models(name: str) -> None:
    """T1 asks nothing of positions, masks, lengths or masses but that weights are >= 0."""
    report = check_model(catalogue(name), only=("(4.2)", "(6.2)", "Lemma 6.4"), cases=2)
    assert report["(4.2)"].verdict is report["(6.2)"].verdict is Verdict.PROVED
    assert report["Lemma 6.4"].verdict is Verdict.PROVED
    assert report["Lemma 6.4"].scope["existence"].endswith("so for all t")
    assert report["(6.2)"].scope.get("existence") == "not shown"  # A_i = 0, or lengths that end


@pytest.mark.slow
def test_weights_of_moving_masses_are_bounded() -> None:
    """The masses are positive and continuous in t, so sums of them bound the weights."""
    found = words(catalogue("moving masses"), ("(4.2)", "(6.2)"))
    assert found == {"(4.2)": "PROVED", "(6.2)": "PROVED"}


@pytest.mark.slow
def test_existence_is_known_where_a_state_cannot_leave() -> None:
    assert (
        "existence"
        not in check_model(catalogue("CoD"), only="energy ascent")["energy ascent"].scope
    )


def test_what_the_paper_proves_stays_as_it_is() -> None:
    for model in (SA, USA):
        flow = Flow.of(model)
        for name in ("(4.2)", "(6.2)", "energy ascent"):
            statement = questions()[name]
            assert asked(statement, flow) is statement.ask(flow)


def test_the_rates_at_drawn_states() -> None:
    """K_i s_i <= s_i' of the lowest token and K_ij g_ij <= g_ij' of a least pair, by numpy."""
    rng = np.random.default_rng(3)
    tight = 0
    for _ in range(200):
        size, dim, heat = rng.integers(2, 6), rng.integers(2, 5), rng.uniform(0, 5)
        x = rng.normal(size=(size, dim))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        masses, lengths = rng.uniform(0.01, 1, size), rng.uniform(0.01, 10, size)
        g = x @ x.T
        p = masses * np.exp(heat * g)
        p /= p.sum(axis=1, keepdims=True) * lengths[:, None]
        speed = p @ x
        speed -= (speed * x).sum(axis=1, keepdims=True) * x
        k = (p * (1 - g)).sum(axis=1)
        w = rng.normal(size=dim)
        i = np.argmin(x @ w)
        slack = speed[i] @ w - k[i] * (x[i] @ w)
        a, b = np.unravel_index(np.argmin(g), g.shape)
        pair = speed[a] @ x[b] + speed[b] @ x[a] - (k[a] + k[b]) * g[a, b]
        assert min(slack, pair) > -1e-10
        tight += slack < 0.1 * abs(k[i] * (x[i] @ w))
    assert tight  # the bound isn't far from what it bounds


def in_front(factor: Any) -> Model:
    """Return pre-LN with a factor in front of its projection."""
    moved = PRE.velocities
    blocks = tuple(PRE.blocks)
    own = (beta, factor) if isinstance(factor, Symbol) else (beta,)
    return Model("mine", {X: factor * moved[X], r: moved[r]}, parameters=own, blocks=blocks)


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("factor", "word"),
    [
        (S(2), "PROVED"),
        (1 / (1 + t), "PROVED"),
        (DiagMatrix(r), "PROVED"),
        (Symbol("c", positive=True), "PROVED"),
        (S.NegativeOne, "UNDECIDED"),
        (Symbol("c", real=True), "UNDECIDED"),
    ],
)
def test_what_stands_in_front_of_a_projection(factor: Any, word: str) -> None:
    assert words(in_front(factor), ("(6.2)",)) == {"(6.2)": word}


@pytest.mark.parametrize("name", ["h", "R", "g_0"])
def test_a_parameter_that_has_a_name_of_ours_is_no_height(name: str) -> None:
    found = check_model(in_front(Symbol(name, positive=True)), only=("(4.2)",))
    assert found["(4.2)"].verdict is Verdict.UNDECIDED


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("pre-LN", "(-A_ij sin(θ_i - θ_j)/r_i); A_ij = m_j"),
        ("moving masses", "(-m_j e^(β <x_i,x_j>) sin(θ_i - θ_j))"),
        ("causal", "A_ij = [Mask(causal)]_ij m_j"),
        ("RoPE", "<[Rotary(X, base)]_i,"),
        ("nGPT", "(-α A_ij sin(θ_i - θ_j)/√("),
    ],
)
def test_angles_on_the_circle(name: str, weight: str) -> None:
    found = check_model(catalogue(name), only="(7.1)")["(7.1)"]
    assert found.verdict is Verdict.PROVED and found.scope["d"] == "2" and found.sheet.holds
    assert found.sentence.startswith("on the circle θ_i' = Σ_j (-") and found.sheet.typed
    assert weight in found.sentence


def test_the_equation_of_angles_is_that_of_the_compiled_model() -> None:
    angles, lengths = np.array([0.3, 1.9, -2.2]), np.array([0.5, 1.0, 3.0])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    weights = np.exp(1.5 * points @ points.T)
    weights /= weights.sum(axis=1, keepdims=True) * lengths[:, None]
    said = -np.sum(weights * np.sin(angles[:, None] - angles), axis=1)
    moves = compile_model(PRE, beta=1.5).unchecked({"X": points, "r": lengths[:, None]})["X"]
    along = np.stack([-np.sin(angles), np.cos(angles)], axis=1)
    assert np.allclose(np.sum(moves * along, axis=1), said)


def test_values_that_are_turned_have_no_such_angles() -> None:
    turned = Tangent(X, RowSoftmax(beta * X * X.T, m) * X * V)
    found = check_model(Model("turned", turned, parameters=(beta, V)), only="(7.1)")["(7.1)"]
    assert found.verdict is not Verdict.PROVED


@pytest.mark.every(7)
@pytest.mark.parametrize(
    ("model", "value", "word"),
    [
        (SA, -0.25, "CERTIFIED"),
        (USA, -0.26, "CERTIFIED"),
        (SA, 40, "CERTIFIED"),
        (catalogue("L2"), -0.13, "CERTIFIED"),
        (catalogue("L2"), -0.14, "SUPPORTED"),
        (SA, -0.27, "SUPPORTED"),
        (USA, -0.66, "SUPPORTED"),
        (SA, -0.67, "REFUTED"),
        (catalogue("CoD"), -1, "REFUTED"),
        (catalogue("L2"), -0.4, "REFUTED"),
        ("exp(beta*t)/beta + t**3", 1, "REFUTED"),
        (catalogue("sigmoid"), 1, "SUPPORTED"),
    ],
)
def test_almost_every_start_on_the_circle(model: Any, value: float, word: str) -> None:
    """From weights e^{bg}, b >= -13/50, to below -2/3, where a triangle of three stays; L2: 2β."""
    found = check_model(model, only="circle", beta=value)["circle"]
    assert found.word == word
    if word == "CERTIFIED":
        assert found.scope["n"] == found.scope["masses"] == "symbolic" and found.scope["d"] == "2"


@pytest.mark.parametrize(
    ("model", "beta_of"),
    [(SA, ">= -13/50, nonzero"), (catalogue("L2"), ">= -13/100, nonzero"), (PRE, "> 0")],
)
def test_every_heat_on_the_circle(model: Any, beta_of: str) -> None:
    found = check_model(model, only="circle")["circle"]
    assert found.word == "CERTIFIED" and found.scope["beta"] == beta_of
    assert ("-13/50 <= " in found.sentence) != ("(N)" in found.sentence)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["window", "bipartite", "ALiBi"])
def test_other_pairs_than_all_alike_have_their_saddles_in_space(name):
    for row in check_model(catalogue(name), only=["Theorem 4.3", "Theorem 5.1"]).rows:
        assert row.evidence.verdict is Verdict.PROVED and ">= 3" in row.evidence.scope["d"]
        assert "d >= 3" in row.statement
    alike = check_model(catalogue("sink"), only=["Theorem 4.3"])["Theorem 4.3"]
    assert "β < -log(1 - min m)" in alike.sentence and "d >= 2" in alike.sentence
