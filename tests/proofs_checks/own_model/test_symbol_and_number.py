"""What is PROVED for a symbol is PROVED for each number of its range.

What may differ, row by row, is the law of β = 2 among the metamorphic tests.
"""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational

from numerics import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from theory.atoms import RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.models import SA, USA, Model, catalogue
from theory.symbols import X, beta, m, z

VARIED = ("Theorem 4.2", "(6.12)")


def test_the_equation_of_a_pair_is_refuted_at_its_own_temperature():
    from proofs_checks.claim import Budget
    from proofs_checks.paper.section_8.eq_8_1_hierarchy import PAIR_EQUATION, PairEquation
    from proofs_checks.proof import Flow, judge

    flow = Flow.of(USA, beta=2)
    own = PAIR_EQUATION.derive(flow)
    half = PairEquation(own.kernel, own.pair / 2, own.share)
    budget = Budget(5, np.random.default_rng(0))
    found = judge(PAIR_EQUATION, flow, half, budget, tried=False)
    assert found.verdict is Verdict.REFUTED
    assert "β = 2" in found.detail


@pytest.mark.parametrize("row", VARIED)
def test_a_statement_that_varies_beta_says_that_it_is_left_free(row):
    found = check_model(SA, only=row, beta=2.0).rows[0].evidence
    assert found.verdict is Verdict.PROVED
    assert "beta left free" in found.detail
    assert found.scope["beta"] != "2"


@pytest.mark.parametrize("hot", [-0.5, Rational(-7, 3), 3])
def test_an_identity_is_proved_at_numbers_of_either_sign(hot):
    """(3.7) is of every β that isn't 0; at β < 0 it was UNDECIDED."""
    found = check_model(SA, only="(3.7)", beta=hot).rows[0]
    assert found.evidence.verdict is Verdict.PROVED
    field = compile_model(SA, beta=float(hot))
    x = random_points(4, 3, rng=1)

    def potential(y):
        return np.log(np.mean(np.exp(float(hot) * x @ y))) / float(hot)

    near, step = np.eye(3)[1] - x[0] * x[0, 1], 1e-6  # along the sphere at x_1
    slope = (potential(x[0] + step * near) - potential(x[0] - step * near)) / (2 * step)
    assert slope == pytest.approx(field(x)[0] @ near, rel=1e-7)


def test_a_witness_of_another_temperature_refutes_nothing():
    """At β = 1 + t the velocity of one time was compared with the gradient of another."""
    found = check_model(SA, only="(3.7)", beta=lambda s: 1 + s).rows[0].evidence
    assert found.verdict is not Verdict.REFUTED
    slowed = check_model(catalogue("pre-LN"), only="(3.7)", beta=lambda s: 1 + s).rows[0].evidence
    assert slowed.verdict is Verdict.REFUTED and "t = 1" in slowed.detail


def test_an_energy_that_time_changes_falls_by_its_own_derivative_too():
    """β = 1/(1+t): where ∂E/∂X·x' < 0 the energy of causal attention rises, by ∂E/∂t."""
    model = catalogue("causal")
    found = check_model(model, only="energy ascent", beta=lambda s: 1 / (1 + s)).rows[0].evidence
    assert found.verdict is not Verdict.REFUTED
    x = np.array([[0.0, 1], [1, 0], [0, -1], [0, -1], [0, -1], [0, -1]])

    def energy(points, at):
        return np.mean(np.exp(points @ points.T / (1 + at))) * (1 + at) / 2

    moved, step = compile_model(model, beta=0.5)(x), 1e-6
    along = (energy(x + step * moved, 1) - energy(x - step * moved, 1)) / (2 * step)
    whole = (energy(x + step * moved, 1 + step) - energy(x - step * moved, 1 - step)) / (2 * step)
    assert along < 0 < whole


def test_a_number_outside_what_is_shown_isnt_lifted():
    """At β = -2 nothing follows from β > 0; at β = 2 a bound of β < 1/2 doesn't hold."""
    assert check_model(SA, only="(8.1)", beta=-2).rows[0].evidence.verdict is not Verdict.PROVED
    small = check_model(SA, only="Theorem 4.3", beta=2).rows[0].evidence
    assert small.verdict is Verdict.VACUOUS and "outside the domain" in small.detail


@pytest.mark.every(3)
@pytest.mark.parametrize(
    "value", [2, 2.0, Fraction(2), Rational(2), np.float64(2), np.int64(2), np.array(2.0)]
)
def test_a_number_is_the_same_in_every_form(value):
    report = check_model("exp(beta*t)/beta", only=["(8.1)", "energy ascent"], beta=value)
    assert [row.evidence.verdict for row in report.rows] == [Verdict.PROVED] * 2
    assert all(row.evidence.scope["beta"] == "2" for row in report.rows)


def test_a_number_may_be_as_large_as_floats_are():
    found = check_model("exp(beta*t)/beta", only="(8.1)", beta=2.0**63).rows[0].evidence
    assert (found.verdict, found.scope["beta"]) == (Verdict.PROVED, str(2**63))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["causal", "RoPE", "bipartite"])
def test_a_counterexample_is_found_at_a_number_too(name):
    row = check_model(catalogue(name), only="Theorem 6.8", beta=2.0).rows[0]
    assert row.evidence.verdict is Verdict.REFUTED
    assert "beta = 3/2" not in row.evidence.detail


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sink", "softmax-off-by-one"])
def test_a_sink_at_zero_is_the_same_put_and_given(name):
    """Weights of scores 0 are a number, 1 over n and the sink's: every row is decided."""
    only = ["permutation equivariance", "rotation equivariance", "dissipation identity"]
    only += ["dissipation identity with ∂E/∂t", "energy ascent", "gradient structure", "(6.4)"]
    for report in (
        check_model(catalogue(name).subs({beta: 0}), only=only),
        check_model(catalogue(name), only=only, beta=0),
    ):
        assert {row.evidence.verdict for row in report.rows} == {Verdict.PROVED}


@pytest.mark.parametrize("model", [SA, USA, catalogue("discrete layer")], ids=lambda m: m.name)
def test_a_pole_of_the_energy_is_no_error(model):
    """At β = 0 the energy is that of h = z, put before or given after."""
    only = ["dissipation identity", "Proposition 3.4", "Proposition 3.4 uniqueness"]
    only += ["discrete layer"] if model.kind == "map" else ["energy ascent", "gradient structure"]
    put, given = (
        check_model(model.subs({"beta": 0}), only=only),
        check_model(model, only=only, beta=0),
    )
    assert [row.evidence.word for row in put.rows] == [row.evidence.word for row in given.rows]
    assert "UNDECIDED" not in {row.evidence.word for row in put.rows}


def test_rows_do_not_speak_of_an_energy_without_a_value():
    pole = replace(SA, energy=interaction_energy(z / beta)).subs({"beta": 0})
    only = ["dissipation identity", "energy ascent", "Proposition 3.4", "gradient structure"]
    for row in check_model(pole, only=only).rows:  # or they are of the energy that it climbs
        assert row.evidence.detail == "no energy is stated" or "E = " in row.statement


@pytest.mark.parametrize(("value", "words"), [(3, ("REFUTED", "UNDECIDED")), (-3, ("CERTIFIED",))])
def test_a_number_outside_of_the_range_of_a_theorem_is_not_of_it(value, words):
    """Softmax of -β<x_i,x_j>: on the circle β <= 13/50 was given, and β = 3 was CERTIFIED.

    The regular triangle attracts there: its angles come back, along a run by other code.
    """
    field = RowSoftmax(-beta * X * X.T, m) * X
    model = Model("turned", Tangent(X, field), parameters=(beta,))
    assert check_model(model, only="circle", beta=value)["circle"].word in words
    assert check_model(model, only="circle")["circle"].scope["beta"] == "-13/50 <= -β"
    ring = 2 * np.pi * np.arange(3) / 3
    angles = ring + np.array([0.0, 0.2, -0.1]) if value == 3 else ring / 2
    for _ in range(4000):
        turn = angles[None] - angles[:, None]
        weights = np.exp(-value * np.cos(turn))
        angles = angles + 0.02 * (weights * np.sin(turn)).sum(axis=1) / weights.sum(axis=1)
    apart = np.cos(angles[:, None] - angles[None]).min()
    assert abs(apart - (-0.5 if value == 3 else 1)) < 1e-3


@pytest.mark.parametrize("name", ["SA", "USA", "causal", "strictly causal"])
def test_a_domain_is_named_that_a_number_lies_outside_of(name):
    """b = 2 was "outside the domain b >= 0"."""
    small = check_model(catalogue(name), only="Theorem 4.3", beta=2).rows[0].evidence
    assert small.verdict is Verdict.VACUOUS
    assert re.search(r"outside the domain (b|β) < -log\(1 - min m\): (b|c) = 2,", small.detail)
    cold = check_model(catalogue(name), only="Theorem 4.3", beta=-1).rows[0].evidence
    assert cold.verdict is Verdict.VACUOUS
    assert re.search("(b >= 0|min m.*): (b|c) = -1", cold.detail)
