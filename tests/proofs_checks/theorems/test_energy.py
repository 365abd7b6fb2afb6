"""T5: energies of pairs under any speeds, against numpy, and twins that have none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, Matrix, MatrixSymbol, Piecewise, cos, exp

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    ascent,
    dissipation,
    gradient,
    in_metric_of,
    replayed,
)
from proofs_checks.theorems.energy import ENERGY, attached
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.kernel import read, settle
from proofs_checks.theorems.readers import MASSES
from theory.atoms import RowSoftmax, Sinkhorn, Tangent
from theory.energy import ENERGY as STATED
from theory.masks import GRAPH, Mask
from theory.models import SA, Model, catalogue
from theory.models.masses import moving_masses
from theory.symbols import X, beta, d, m, n, t
from theory.terms import Entry, Index, ddt

State = dict[str, Any]


def _weights(mask: Any = None, bias: Any = 0.0, extra: float = 0.0) -> Callable[[State], Any]:
    """Return w_ij/m_i and Z_i of a softmax."""

    def of(s: State) -> Any:
        size = len(s["x"])
        seen = 1.0 if mask is None else mask(size)
        far = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
        w = seen * np.exp(s["beta"] * s["x"] @ s["x"].T - bias * far) * s["m"]
        return w, w.sum(axis=1) + extra

    return of


def _band(size: int) -> Any:
    return np.abs(np.subtract.outer(np.arange(size), np.arange(size))) <= 2


def _two(size: int) -> Any:
    first = np.arange(size) < 2
    return np.not_equal.outer(first, first)


def _pull(w: Any, z: Any, s: State) -> Any:
    return np.divide(w, z[:, None], out=np.zeros_like(w), where=z[:, None] > 0) @ s["x"]


def _length(pull: Any) -> Any:
    return np.linalg.norm(pull, axis=1)


PLAIN = _weights()
SPEEDS: dict[str, tuple[Callable[[State], Any], Callable[[State, Any], Any]]] = {
    "pre-LN": (PLAIN, lambda s, a: s["r"]),
    "peri-LN": (PLAIN, lambda s, a: s["r"] * _length(a)),
    "nGPT": (PLAIN, lambda s, a: _length(a) / 0.7),
    "CoD": (PLAIN, lambda s, a: np.sqrt(1 + 2.5)),
    "LNS": (PLAIN, lambda s, a: np.sqrt(1 + 2.5) * s["r"]),
    "window": (_weights(_band), lambda s, a: 1.0),
    "bipartite": (_weights(_two), lambda s, a: 1.0),
    "ALiBi": (_weights(bias=0.6), lambda s, a: 1.0),
    "ALiBi + peri-LN": (_weights(bias=0.6), lambda s, a: s["r"] * _length(a)),
    "window + nGPT": (_weights(_band), lambda s, a: _length(a) / 0.7),
}


@pytest.mark.parametrize("name", SPEEDS)
def test_the_rate_by_differences(name: str) -> None:
    """E of the pairs along the velocity, by central differences, is Σ τ_i |x_i'|² > 0."""
    weights, slow = SPEEDS[name]
    rng = np.random.default_rng(len(name))
    for _ in range(20):
        size, dim = rng.integers(3, 8), rng.integers(2, 5)
        x = rng.normal(size=(size, dim))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        s: State = {
            "x": x,
            "m": 10 ** rng.uniform(-3, 0, size),
            "r": 10 ** rng.uniform(-2, 2, size),
            "beta": rng.uniform(0.1, 4),
        }
        w, z = weights(s)
        pull = _pull(w, z, s)
        speed = slow(s, pull) * np.ones(size)
        move = (pull - (pull * x).sum(axis=1, keepdims=True) * x) / speed[:, None]
        claimed = (s["m"] * z * speed * (move**2).sum(axis=1)).sum()
        step = 1e-5 / np.abs(move).max()
        ends = []
        for sign in (1, -1):
            y = x + sign * step * move
            y /= np.linalg.norm(y, axis=1, keepdims=True)
            own, _ = weights({**s, "x": y})
            ends.append((own * s["m"][:, None]).sum() / (2 * s["beta"]))
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(claimed, rel=1e-5)


PACES = {
    "pre-LN": "m_j r_j (Σ_k m_k e^(β <x_j,x_k>))",
    "nGPT": "m_j (Σ_k m_k e^(β <x_j,x_k>))/α",
    "CoD": "√(t + 1) <x_j',x_j'> m_j (Σ_k m_k e^(β <x_j,x_k>))",
    "mix-LN": "m_j (1 if t < τ, else r_j) (Σ_k m_k e^(β <x_j,x_k>))",
    "sink": "(Σ_k m_k e^(β <x_j,x_k>) + e^sink/n) <x_j',x_j'> m_j",
    "sigmoid": "Σ_j <x_j',x_j'> m_j",
    "ALiBi": "m_j (Σ_k m_k e^(β <x_j,x_k> - slope [Distances(n)]_jk))",
    "window": "m_j (Σ_k [Mask(band 2)]_jk m_k e^(β <x_j,x_k>))",
}


FAST = ("mix-LN", "window")


@pytest.mark.parametrize(
    "name", [*FAST, *(pytest.param(k, marks=pytest.mark.slow) for k in PACES if k not in FAST)]
)
def test_what_is_concluded(name: str) -> None:
    subject = Subject.of(catalogue(name))
    rate, grows, slope = dissipation(subject), ascent(subject), gradient(subject)
    assert isinstance(rate, Theorem) and PACES[name] in str(rate)
    own = attached(subject)
    assert not isinstance(own, Refusal)
    assert isinstance(grows, Theorem) and grows.says == Rel("<=", 0, ddt(own.energy))
    assert isinstance(slope, Theorem) and "smooth curve" in str(slope)
    assert isinstance(replayed(rate), Theorem)
    assert (own.energy == ENERGY) == (name not in ("sigmoid", "ALiBi", "window"))


def _graph(*rows: tuple[int, ...]) -> Model:
    seen = RowSoftmax(beta * X * X.T, m, mask=Mask(GRAPH, Matrix(rows).as_immutable(), n))
    return Model("graph", Tangent(X, seen * X))


def test_a_graph_that_is_mutual_has_an_energy() -> None:
    ring, turned = _graph((1, 1, 0), (1, 1, 1), (0, 1, 1)), _graph((1, 1, 0), (0, 1, 1), (1, 0, 1))
    assert isinstance(dissipation(Subject.of(ring)), Theorem)
    short = dissipation(Subject.of(turned))  # T5b's twin: it turns rigidly
    assert isinstance(short, Refusal) and "the two sides differ" in str(short)


@pytest.mark.parametrize("name", ["causal", "strictly causal", "RoPE", "graph", "moving masses"])
def test_others_have_none_of_this_kind(name: str) -> None:
    assert isinstance(dissipation(Subject.of(catalogue(name))), Refusal)


def test_a_speed_of_the_other_sign_lets_it_fall() -> None:
    """T5a's twin: σ_i < 0, with the same identity."""
    velocity = SA.velocity
    assert isinstance(velocity, Tangent)
    turned = Subject.of(replace(SA, velocity=Tangent(X, -velocity.field)))
    found = dissipation(turned)
    assert isinstance(found, Theorem) and "Σ_j (-<x_j',x_j'> m_j" in str(found)
    assert isinstance(ascent(turned), Refusal)


@pytest.mark.parametrize("kept", [True, False])
def test_masses_that_move_by_their_worth(kept: bool) -> None:
    """E' = Σ m_i |x_i'|² + a Σ m_i f_i² by differences, f_i over the mean or not."""
    rng = np.random.default_rng(9)
    for _ in range(10):
        heat, rate, masses = rng.uniform(-2, 3), rng.uniform(0, 2), rng.uniform(0.1, 1, 5)
        x = rng.normal(size=(5, 3))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        worth = np.exp(heat * x @ x.T) @ masses / heat
        over = worth - kept * masses @ worth / masses.sum()
        pull = np.exp(heat * x @ x.T) * masses @ x
        v = pull - (pull * x).sum(axis=1, keepdims=True) * x
        ends = []
        for h in (1e-5, -1e-5):
            y, n_ = x + h * v, masses * (1 + h * rate * over)
            ends.append(n_ @ np.exp(heat * y @ y.T) @ n_ / (2 * heat))
        shown = masses @ (v**2).sum(axis=1) + rate * masses @ over**2
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(shown, rel=1e-5)
    found = ascent(Subject.of(moving_masses(STATED, "kept" if kept else "free", conserved=kept)))
    assert isinstance(found, Theorem) and isinstance(replayed(found), Theorem)


@pytest.mark.slow
def test_masses_that_move_otherwise() -> None:
    """A rate of the other sign, masses that go where they are worth less, and by another rule."""
    assert isinstance(ascent(Subject.of(moving_masses(STATED, rate=-1))), Refusal)
    plain = catalogue("moving masses")
    rates = plain.velocities
    for other in (-rates[m], rates[m] + rates[m].xreplace({m: 2 * m}), DiagMatrix(m) * m):
        twin = replace(plain, name="twin of masses", velocity={X: rates[X], m: other})
        assert isinstance(ascent(Subject.of(twin)), Refusal)
    away = replace(plain, name="away", velocity={X: Tangent(X, -rates[X].field), m: rates[m]})
    assert isinstance(ascent(Subject.of(away)), Refusal)
    assert isinstance(dissipation(Subject.of(plain)), Refusal)


def test_weights_of_sinkhorn_are_positive() -> None:
    """A_ij = e^(p_i + S_ij + p_j) m_j, where symmetric scores have a potential; others may not."""
    i, j, q = Index("i"), Index("j"), MatrixSymbol("Q", d, d)
    masses = read(MASSES, Subject.of(SA))
    for scores, right in ((beta * X * X.T, True), (X * q.T * X.T, False)):
        share = Entry(Sinkhorn(scores, m), i, j)
        found = settle(SIGNS, Rel("<", 0, share), masses)
        assert isinstance(found, Theorem) == right
        assert isinstance(settle(SIGNS, Rel("<", 0, share)), Refusal)


def test_a_constant_in_front_of_a_sum_is_multiplied_out() -> None:
    """3 (Z/3 + c/3) is Z + c: three times a softmax with a sink climbs as the softmax does."""
    sunk = catalogue("sink")
    tripled = replace(sunk, velocity=Tangent(X, 3 * sunk.velocity.field))
    found = dissipation(Subject.of(tripled))
    assert isinstance(found, Theorem) and "/3 + e^sink/(3 n)" in str(found)


STEP, LATE = Piecewise((0, t < 1), (1, True)), Piecewise((1, t > 5), (0, True))


def at_pace(model: Model, pace: Any) -> Subject:
    return Subject.of(replace(model, velocity=Tangent(X, pace * model.velocity.field)))


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("name", "pace"), [("SA", STEP), ("sink", STEP + LATE), ("window", t**2 * STEP * exp(-t))]
)
def test_what_stands_still_for_a_while_climbs(name: str, pace: Any) -> None:
    """E' = s Σ_i τ_i |v_i|², whatever s >= 0 is; there is no Σ_i (τ_i/s) |x_i'|² where s = 0."""
    model = catalogue(name)
    found = ascent(at_pace(model, pace))
    assert isinstance(found, Theorem) and found.says == ascent(Subject.of(model)).says


@pytest.mark.every(5)
@pytest.mark.parametrize("pace", [-STEP, STEP - 1, STEP - LATE, cos(t), -t], ids=str)
def test_no_climb_at_another_pace(pace: Any) -> None:
    assert isinstance(ascent(at_pace(SA, pace)), Refusal)


def test_no_climb_at_a_pace_of_another_field() -> None:
    turned = replace(SA, velocity=Tangent(X, -1 * SA.velocity.field))
    for model in (catalogue("causal"), turned):
        assert isinstance(ascent(at_pace(model, STEP)), Refusal)


def test_weights_of_a_metric_are_positive_at_all_states() -> None:
    for name in ("pre-LN", "mix-LN", "nGPT", "sink"):
        model: Any = catalogue(name)
        found = in_metric_of(gradient, Subject.of(model))
        assert found is not None and isinstance(found[0].found, Theorem)
        assert replayed(found[0].found).says == found[0].says.then
    turning = replace(SA, velocity=Tangent(X, (t - 1) * SA.velocity.field))
    assert in_metric_of(gradient, Subject.of(turning)) is None
