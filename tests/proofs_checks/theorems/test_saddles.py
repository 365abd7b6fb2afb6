"""T6: second variations by differences, and graphs whose energy has other maxima."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Integer, Matrix

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, settle, starts_in_space
from proofs_checks.theorems.energy import attached
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.saddles import TRACE, traced, turned_pair
from proofs_checks.theorems.starts import almost_every_start
from proofs_checks.theorems.states import States
from theory.atoms import RowSoftmax, Tangent
from theory.masks import GRAPH, Mask
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, d, m, n, z


def energy(x: Any, s: Any, heat: float) -> float:
    """``½ Σ S_ij e^{b g}/b``, up to a constant; linear at b = 0."""
    g = x @ x.T
    return float((s * (g if heat == 0 else np.exp(heat * g) / heat)).sum() / 2)


def bend(x: Any, move: Any, s: Any, heat: float) -> float:
    """Second derivative along great circles."""
    step = 1e-4
    speed = np.linalg.norm(move, axis=1, keepdims=True)
    unit = np.divide(move, speed, out=np.zeros_like(move), where=speed > 0)
    ends = [np.cos(h * speed) * x + np.sin(h * speed) * unit for h in (step, 0.0, -step)]
    up, here, down = (energy(y, s, heat) for y in ends)
    return (up - 2 * here + down) / step**2


def test_the_trace_in_space() -> None:
    """Σ_z Hess[Pz,Pz] = Σ_(i≠j) S_ij e^(b g) (1-g) (d-2-g + b (1-g²)), at drawn states.

    Away from critical points the geodesic second derivative is the Hessian all the same.
    """
    rng = np.random.default_rng(5)
    for _ in range(20):
        size, dim, heat = rng.integers(2, 6), rng.integers(2, 6), rng.uniform(0, 3)
        x = rng.normal(size=(size, dim))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        s = rng.uniform(0, 1, (size, size))
        s = s + s.T
        g = x @ x.T
        found = sum(bend(x, z - (x @ z)[:, None] * x, s, heat) for z in np.eye(dim))
        term = s * np.exp(heat * g) * (1 - g) * (dim - 2 - g + heat * (1 - g**2))
        assert found == pytest.approx(term.sum() - np.trace(term), abs=2e-5, rel=1e-4)
        if dim >= 3:
            assert (term - np.diag(np.diag(term))).min() >= 0


def test_the_trace_is_that_of_the_weights_alone() -> None:
    states = States(attached(Subject.of(SA)))
    slope, inner = states.form[0], gram(TOKEN, OTHER)
    right = states.own.weight * (1 - inner) * (d - 2 - inner + beta * (1 - inner**2))
    same = settle(EQUAL, Rel("=", turned_pair(states.own.weight, inner), right))
    assert apply(TRACE, slope, same).says == traced(states.own.pairs, right)
    for wrong in (
        settle(EQUAL, Rel("=", right, turned_pair(states.own.weight, inner))),
        assume(Rel("=", turned_pair(2 * states.own.weight, inner), right)),
        assume(Rel("<=", turned_pair(states.own.weight, inner), right)),
        slope,
    ):
        assert isinstance(apply(TRACE, slope, wrong), Refusal)
    assert isinstance(apply(TRACE, states.mass, same), Refusal)
    assert isinstance(settle(EQUAL, Rel("=", same.says.left, 2 * right)), Refusal)


def test_saddles_are_said_from_three_dimensions_on() -> None:
    share = (1 - z) * (d - 2 - z + beta * (1 - z**2))
    for least in (3, 4):
        assert isinstance(starts_in_space(Subject.of(SA), share, least).found, Theorem)
    for wrong, least in ((share, 2), (share, Integer(5) / 2), (share * 2, 3), (share + z, 3)):
        assert isinstance(starts_in_space(Subject.of(SA), wrong, least).found, Refusal)


def test_a_ring_on_the_circle_is_stable_and_a_tree_is_not() -> None:
    """The 5-gon at b = 0 and the 8-gon at b = 1 are maxima; a path with an edge at -1 isn't."""
    for size, heat in ((5, 0.0), (8, 1.0)):
        turn = 2 * np.pi * np.arange(size) / size
        ring = np.roll(np.eye(size), 1, axis=1)
        s = ring + ring.T
        phi = 2 * np.pi / size
        k = np.exp(heat * np.cos(phi)) * (np.cos(phi) - heat * np.sin(phi) ** 2)
        x = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        moves = np.random.default_rng(0).normal(size=(20, size, 1))
        normal = np.stack([-np.sin(turn), np.cos(turn)], axis=1)
        assert k > 0 and max(bend(x, a * normal, s, heat) for a in moves) < 0
    x = np.array([[1.0, 0], [1, 0], [-1, 0], [-1, 0]])
    s = np.eye(4, k=1) + np.eye(4, k=-1)
    turned = np.array([[0.0, 1], [0, 1], [0, 0], [0, 0]])
    assert bend(x, turned, s, 0.7) > 0


def graph(*rows: str) -> Model:
    table = Matrix([list(map(int, row)) for row in rows]).as_immutable()
    seen = RowSoftmax(beta * X * X.T, m, mask=Mask(GRAPH, table, n))
    return Model("graph", Tangent(X, seen * X), parameters=(beta,))


RING = graph("11001", "11100", "01110", "00111", "10011")
PAIRS = graph("1100", "1100", "0011", "0011")
PATH = graph("110", "111", "011")


@pytest.mark.slow
def test_two_against_the_rest_meet_on_the_circle() -> None:
    """T6d: gradient ascent from drawn starts, any masses, ends in consensus."""
    rng = np.random.default_rng(4)
    for _ in range(10):
        masses = 10 ** rng.uniform(-1, 0, 5)
        s = np.not_equal.outer(np.arange(5) < 2, np.arange(5) < 2) * np.outer(masses, masses)
        angle = rng.uniform(0, 2 * np.pi, 5)
        for _ in range(4000):
            apart = np.subtract.outer(angle, angle)
            force = -(s * np.exp(np.cos(apart)) * np.sin(apart)).sum(axis=1)
            angle = angle + 0.2 * force / masses / masses.sum()
        assert np.cos(np.subtract.outer(angle, angle)).min() > 0.99
    bipartite = catalogue("bipartite")
    assert isinstance(bipartite, Model)
    assert isinstance(_states(bipartite).two(), Theorem)
    assert isinstance(_states(bipartite, beta=0).two(), Refusal)  # a square, T6d's twin
    assert isinstance(_states(RING).two(), Refusal)


def _states(model: Model, **values: Any) -> States:
    own = attached(Subject.of(model, values and {beta: values["beta"]}))
    assert not isinstance(own, Refusal)
    return States(own)


@pytest.mark.slow
def test_graphs() -> None:
    assert isinstance(_states(PATH).tree(), Theorem)
    assert "cycle" in str(_states(RING).tree())
    assert isinstance(_states(RING).in_space(), Theorem)
    assert "connected" in str(_states(PAIRS).in_space())
    assert almost_every_start("circle", Subject.of(RING)) is None
    assert almost_every_start("Theorem 6.1", Subject.of(PAIRS)) is None


def test_heat_of_the_other_sign() -> None:
    model = catalogue("CoD")
    assert isinstance(model, Model)
    assert isinstance(_states(model, beta=2).in_space(), Theorem)
    assert isinstance(_states(model, beta=-1).in_space(), Refusal)
    assert isinstance(_states(model, beta=1).cold(), Refusal)
    assert isinstance(_states(model, beta=1).small(), Refusal)  # log 2 < 1


def test_what_small_and_large_heats_rest_on() -> None:
    """The bounds in the lemmas of Theorems 4.3 and 5.1, of any masses, against numpy."""
    rng = np.random.default_rng(6)
    g, heat = np.linspace(-1, 1, 2001), rng.uniform(0, 6, (30, 1))
    assert (g * np.expm1(heat * g) <= np.expm1(heat) + 1e-12).all()
    arc = np.linspace(1e-3, np.pi / 2 - 1e-3, 2000)
    assert (np.sin(arc) * np.tan(arc) > arc**2).all()
    for dim in (2, 3, 5):  # the planes of two axes: Σ <Bx,y>² = 1 - g², Σ <B²x,y> = -(d-1) g
        x, y = rng.normal(size=(2, dim))
        x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
        planes = [
            np.outer(e, f) - np.outer(f, e)
            for k, e in enumerate(np.eye(dim))
            for f in np.eye(dim)[:k]
        ]
        g = x @ y
        assert sum((plane @ x @ y) ** 2 for plane in planes) == pytest.approx(1 - g**2)
        assert sum(plane @ plane @ x @ y for plane in planes) == pytest.approx(-(dim - 1) * g)
