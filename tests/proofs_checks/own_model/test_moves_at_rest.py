"""Energies that move at rest, and rows at a time that is held, against differences in numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, sqrt

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.attached_energy import of_attention
from proofs_checks.own_model.moves_at_rest import at_each_time, moves_by_masses, moves_by_time
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import Model, catalogue
from theory.symbols import X, beta, m, t, z


def asked(model, *rows):
    model = catalogue(model) if isinstance(model, str) else model
    found = check_model(model, only=list(rows))
    return [found[row].verdict and found[row].verdict.name for row in rows]


@pytest.mark.slow
def test_scores_with_time_leave_what_is_said_at_each_time():
    kept = ("(3.5)", "Proposition 3.4", "gradient structure", "dissipation identity with ∂E/∂t")
    assert asked("LNS with scores", *kept) == ["PROVED"] * 4
    lost = ("dissipation identity", "energy ascent", "(3.16)", "(3.7)")
    assert asked("LNS with scores", *lost) == ["REFUTED"] * 4
    said = check_model(catalogue("LNS with scores"), only="energy ascent")["energy ascent"]
    assert "E = " in said.sentence and "(t + 1)" in said.sentence


def test_the_energy_of_consensus_moves_as_is_said():
    found = moves_by_time(Flow.of(catalogue("LNS with scores")))
    energy = lambda time: np.exp(2 / (time + 1)) * (time + 1) / 4  # noqa: E731
    slope = (energy(1e-6) - energy(0)) / 1e-6
    assert slope == pytest.approx(-np.exp(2) / 4, rel=1e-4) and "-exp(2)/4" in found.text


def test_the_identity_holds_at_a_time_that_is_held():
    rng, model, hot, time = np.random.default_rng(6), catalogue("LNS with scores"), 1.5, 0.7
    x, r, masses = random_points(4, 3, rng), rng.uniform(0.5, 2, (4, 1)), rng.uniform(0.2, 1, 4)
    run = compile_model(model, masses=masses, beta=hot)
    v, heat = run.unchecked({"X": x, "r": r}, time)["X"], hot / (1 + time)

    def energy(tokens):
        pairs = np.exp(heat * tokens @ tokens.T) / (2 * heat)
        return masses @ pairs @ masses

    step = 1e-6
    slope = (energy(x + step * v) - energy(x - step * v)) / (2 * step)
    sums = np.exp(heat * x @ x.T) @ masses
    weights = np.sqrt(1 + time) * masses * r[:, 0] * sums
    assert slope == pytest.approx((weights * (v**2).sum(1)).sum(), rel=1e-6)


@pytest.mark.slow
def test_masses_that_move_move_the_energy_of_opposite_tokens():
    rows = ("dissipation identity", "dissipation identity with ∂E/∂t", "Lemma 3.7", "(3.10)")
    assert asked("moving masses", *rows) == ["REFUTED"] * 4
    assert asked("moving masses", "Lemma 3.6", "energy ascent", "(3.7)") == [
        "PROVED",
        "PROVED",
        None,
    ]
    text = moves_by_masses(Flow.of(catalogue("moving masses"))).text
    mass, far = np.array([0.75, 0.25]), np.exp(np.array([[1, -1], [-1, 1]]))
    worth = far @ mass
    rate = mass * (worth - mass @ worth)
    assert f"{worth @ rate:.6g}" in text


def test_masses_and_scores_that_stay_move_nothing():
    for name in ("SA", "pre-LN", "LNS", "CoD"):
        flow = Flow.of(catalogue(name))
        assert moves_by_masses(flow) is None and moves_by_time(flow) is None
        assert isinstance(at_each_time(flow), str)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1 / (2 + t), 1 / sqrt(1 + t)])
def test_other_clocks_of_the_scores(scale):
    field = RowSoftmax(scale * beta * X * X.T, m) * X
    speed = DiagMatrix(Elementwise(1 / z, RowSoftmax(beta * X * X.T, m).kernel() * m))
    model = Model("own", Tangent(X, speed * field), parameters=(beta,))
    assert asked(model, "dissipation identity with ∂E/∂t", "(3.5)") == ["PROVED", "PROVED"]
    assert asked(model, "dissipation identity") == ["REFUTED"]
    text = check_model(model, only="energy ascent")["energy ascent"]
    assert text.verdict is Verdict.REFUTED or scale.subs(t, 0) < 1  # e^b/b rises above b = 1


@pytest.mark.slow
def test_scores_that_turn_cold_and_repel_arent_of_an_energy_of_sa():
    field = RowSoftmax((1 - t) * beta * X * X.T, m) * X / (1 + t)
    model = Model("own", Tangent(X, field), parameters=(beta,))
    assert isinstance(of_attention(Flow.of(replace(model))), str)
    assert asked(model, "Proposition 3.4") != ["PROVED"]


def test_a_negative_speed_isnt_climbing():
    field = -RowSoftmax(beta * X * X.T / (1 + t), m) * X
    model = Model("own", Tangent(X, field), parameters=(beta,))
    assert asked(model, "energy ascent") != ["PROVED"]
    assert Verdict.PROVED.name not in asked(model, "dissipation identity")


def test_masses_stay_to_first_order_at_consensus():
    """So the modes of the tokens at held masses are those of the whole state, masses apart."""
    row = "consensus spectrum"
    evidence = check_model(catalogue("moving masses"), only=row)[row]
    assert evidence.verdict is Verdict.PROVED and "of the masses at each time" in evidence.detail
    field = compile_model(catalogue("moving masses"), beta=1.0, alpha=2.0)
    masses = np.array([0.5, 0.3, 0.2])
    for small in (1e-3, 1e-4):
        angle = small * np.array([1.0, -2.0, 0.5])
        points = np.array([np.cos(angle), np.sin(angle)]).T
        rates = field({"X": points, "m": masses[:, None]})
        assert abs(rates["m"]).max() < 20 * small**2
        pulled = np.e * (masses @ angle - angle)
        assert rates["X"][:, 1] == pytest.approx(pulled, abs=20 * small**2)


def test_masses_that_no_energy_is_stated_of_are_not_held():
    model = catalogue("moving masses")
    bare = replace(model, name="bare", energy=None, metric=None)
    assert asked(bare, "consensus spectrum") != ["PROVED"]
