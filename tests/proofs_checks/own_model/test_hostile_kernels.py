"""Kernels and schedules made to lead statements astray, with answers known by hand.

Each row: the model, the statement, what is true and why, and the verdicts that are right.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from sympy import Piecewise, Rational, Symbol, cos, exp, sin, sqrt

from proofs_checks.discovery import questions
from proofs_checks.own_model.check import rows, subject_of
from theory.atoms import RowNormalize, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.models import CAUSAL, QKV, SA, USA, Model, gradient_flow
from theory.symbols import V as VALUES
from theory.symbols import X, beta, d, eta, m, n, t, z

P, R, V, U = "PROVED", "REFUTED", "VACUOUS", "UNDECIDED"
UNMET, OTHER = "UNMET", "OTHER"
"""UNDECIDED, as the proof needs what is named; and no verdict, of another kind of model."""
SHOWN = "PROVED CERTIFIED"


class Row(NamedTuple):
    """One row of the table."""

    model: Model | str
    statement: str
    expected: str
    why: str
    given: dict[str, Any] = {}  # noqa: RUF012  never changed


def paced(model: Model, factor: Any) -> Model:
    return Model(
        f"{factor}·{model.name}",
        Tangent(X, factor * model.velocity.field),
        model.energy,
        model.metric,
        model.parameters,
    )


def timed(model: Model, hot: Any) -> Model:
    """The model at a temperature that depends on time, in velocity, energy and metric."""
    parts = (getattr(model, part).xreplace({beta: hot}) for part in ("velocity", "energy"))
    metric = model.metric.xreplace({beta: hot})
    return Model(f"{model.name} at {hot}", *parts, metric, model.parameters)


def climbing(kernel: Any) -> Model:
    return gradient_flow(interaction_energy(kernel), f"h = {kernel}")


def switch(time: float) -> float:
    return 1.0 if time < 3 else 2.0


def scored(warm: Any) -> Model:
    """SA at another temperature, without energy."""
    return Model(f"SA at {warm}", Tangent(X, RowSoftmax(warm * X * X.T, m) * X))


KAPPA = Symbol("kappa")
_SCORES = beta * X * X.T
DIFFERENCE = Model(
    "3A(β) - 2A(2β)",
    Tangent(X, (3 * RowSoftmax(_SCORES, m) - 2 * RowSoftmax(2 * _SCORES, m)) * X),
)
HOTTER = Model("softmax(XX^T/β)", Tangent(X, RowSoftmax(X * X.T / beta, m) * X), parameters=(beta,))
VALUED = Model(
    "SA with V", Tangent(X, RowSoftmax(_SCORES, m) * X * VALUES.T), parameters=(beta, VALUES)
)
STEPS_BACK = Model(
    "x <- N(x - ηy)",
    RowNormalize(X - eta * RowSoftmax(_SCORES, m) * X),
    SA.energy,
    parameters=(beta, eta),
    kind="map",
)
IN_SPACE = Model("SA - x in space", RowSoftmax(_SCORES, m) * X - X, space="euclidean")
TWO_HEADS = Model(
    "A(β) + A(2β)", Tangent(X, (RowSoftmax(_SCORES, m) + RowSoftmax(2 * _SCORES, m)) * X)
)
COLDER = paced(SA, 1 - beta)
CONE, SPACE, ANGLES, ROOM = "Lemma 6.4", "Theorem 6.1", "Theorem 6.8", "Theorem 6.3"
LEAST, MOST, ONLY = (f"Proposition 3.4 {part}" for part in ("minimum", "maximum", "uniqueness"))
LARGE, SMALL, ZERO = "Theorem 5.1", "Theorem 4.3", "Theorem 4.1"

TABLE = (
    # -- h' > 0, or not, and where
    Row("t + t**2/4", CONE, P, "h' = 1 + t/2 >= 1/2"),
    Row("t + t**2/4", SPACE, P, "(1-t)(3/2 + t) > 0"),
    Row("t - t**2/4", CONE, P, "h' = 1 - t/2 >= 1/2"),
    Row("t - t**2/4", SPACE, UNMET, "(1-t)(1/2 - t) < 0 beyond 1/2"),
    Row("t - t**2", CONE, R, "h'(1/2) = 0: a pair at 60° stands"),
    Row("t - t**2", ANGLES, R, "γ never passes 1/2"),
    Row("-t", CONE, R, "repulsion"),
    Row("-t", ZERO, R, "repulsion"),
    Row("t**2", CONE, R, "an orthogonal pair stands"),
    Row("t**2", ANGLES, R, "γ' = 0 at 0"),
    Row("t**4", ROOM, R, "orthonormal tokens stand"),
    Row("t**3 - t", ANGLES, R, "h'(0) = -1"),
    Row("(t + 1)**3", CONE, P, "h' > 0 on (-1, 1]"),
    Row("(t + 1)**3", LARGE, UNMET, "h'(-1) = 0: no strict saddle shown"),
    Row("exp(-2*t)", CONE, R, "repulsion"),
    Row("-exp(-2*t)", CONE, P, "h' = 2e^{-2t} > 0"),
    Row("-exp(-2*t)", SPACE, UNMET, "(1-t)(-1-2t) < 0 beyond -1/2"),
    Row("-exp(-2*t)", SMALL, V, "c = -2 < 0"),
    Row("sin(t)", CONE, SHOWN, "cos >= cos 1 > 0"),
    Row("sinh(t)", CONE, P, "cosh >= 1"),
    Row("cosh(t)", CONE, R, "sinh(0) = 0"),
    Row("t**5 + t", CONE, P, "5t⁴ + 1"),
    Row("t**5", CONE, R, "0 at 0"),
    Row("-exp(2*t)", ONLY, P, "the extremisers of exp(2t), with their places changed"),
    Row("-t**3", ONLY, R, "h is odd"),
    Row("log(2 + t)", ONLY, R, "degree 2 is negative, h(1) the most: a third measure is the least"),
    Row("log(2 + exp(8*t))", ONLY, R, "degree 4 is negative"),
    Row("log(3 + t)", CONE, P, "1/(3+t) > 0"),
    Row("1/(3 - 2*t)", CONE, P, "2/(3-2t)² > 0"),
    Row("1/(3 - 2*t)", SPACE, P, "h', h'' > 0"),
    Row("sqrt(2 + t)", CONE, SHOWN, "h' > 0"),
    Row("-sqrt(2 - t)", CONE, SHOWN, "h' > 0"),
    Row("t*exp(t)", CONE, P, "(1+t)e^t > 0 on (-1, 1]"),
    Row("t*exp(2*t)", CONE, R, "a pair at 120° stands"),
    Row("t*exp(2*t)", ANGLES, P, "(1+2t)e^{2t} > 0 on [0, 1]"),
    Row("2*t - t**3", ANGLES, R, "h' = 0 at sqrt(2/3)"),
    Row("2*t - t**3", "consensus spectrum", R, "h'(1) = -1"),
    Row("3*t - t**3", CONE, "UNMET UNDECIDED REFUTED", "h'(1) = 0: no exponential rate"),
    Row("3*t - t**3", "consensus spectrum", R, "h'(1) = 0"),
    Row("abs(t)**1.5", ANGLES, UNMET, "γ' = f(γ) isn't Lipschitz at γ = 0: two solutions"),
    # -- measures
    Row("t**2", LEAST, P, "positive coefficients"),
    Row("t**2", ONLY, R, "even"),
    Row("-t**2", MOST, R, "orthogonal atoms have more"),
    Row("-t**2", LEAST, R, "degree 2 is negative"),
    Row("sinh(t)", LEAST, P, "positive coefficients"),
    Row("sinh(t)", ONLY, R, "odd"),
    Row("exp(-t)", MOST, R, "decreasing"),
    Row("exp(-t)", LEAST, R, "degree 1 is negative"),
    Row("t", LEAST, P, "|M|²"),
    Row("t", ONLY, R, "any measure of barycentre 0"),
    Row("1 + t + t**2", ONLY, R, "degree 3 is 0"),
    Row("t**2 - t/2", MOST, R, "h(-1) > h(1)"),
    Row("exp(t) - 3*t", LEAST, R, "degree 1 is 2 I_1(1) - 3 < 0 at d = 2"),
    Row("t**4 - t**2", MOST, P, "t²(t²-1) <= 0"),
    Row("t**4 - t**2", ONLY, R, "h(0) = h(1)"),
    Row("t**4 - t**2", LEAST, R, "degree 2 is 4/7 - 2/3 at d = 3"),
    Row("log(3 + t)", LEAST, R, "degree 2 is negative"),
    Row("1/(3 - 2*t)", ONLY, P, "all coefficients positive"),
    Row("-sqrt(2 - t)", LEAST, "PROVED UNDECIDED", "all coefficients positive"),
    # -- temperatures
    Row("exp(t/2)", SMALL, P, "1/2 < log 2: two tokens"),
    Row("exp(69*t/100)", SMALL, P, "0.69 < log 2"),
    Row("exp(7*t/10)", SMALL, V, "0.7 > log 2: no two tokens"),
    Row("t", LARGE, SHOWN, "τ* = π/2: n <= 2"),
    Row("log(2 + t)", LARGE, SHOWN, "τ* = 2π/3: n <= 2"),
    Row(COLDER, CONE, R, "1 - β < 0 for β > 1"),
    Row(COLDER, ZERO, P, "SA at β = 0"),
    Row(paced(SA, beta), ZERO, R, "β = 0: nothing moves"),
    Row(paced(SA, beta), SMALL, P, "β > 0 changes the speed alone"),
    Row(paced(SA, beta), CONE, P, "β > 0"),
    # -- schedules
    Row(paced(USA, 1 / (1 + t)), ZERO, P, "log(1+t) -> ∞"),
    Row(paced(USA, 1 / (1 + t)), SMALL, P, "log(1+t) -> ∞"),
    Row(paced(USA, 1 / (1 + t)), LARGE, P, "log(1+t) -> ∞"),
    Row(paced(USA, 1 / (1 + t) ** 2), SMALL, R, "∫ = 1"),
    Row(paced(SA, t), CONE, P, "t²/2 -> ∞"),
    Row(paced(SA, t**2 * exp(-t)), CONE, R, "∫ = 2"),
    Row(paced(SA, 1 / (1 + t**2)), CONE, R, "∫ = π/2"),
    Row(paced(SA, t / (1 + t**2)), CONE, P, "∫ = log(1+t²)/2 -> ∞"),
    Row(paced(SA, sin(t)), CONE, R, "|∫| <= 2"),
    Row(paced(SA, cos(t) ** 2), CONE, "PROVED UNDECIDED", "∫ ~ t/2"),
    Row(paced(SA, 1 / sqrt(1 + t) + 1), CONE, "PROVED UNDECIDED", "s >= 1"),
    Row(timed(SA, beta * t), "(3.16)", R, "∂E/∂t is missing"),
    Row(timed(USA, beta * t), "Lemma 3.7", R, "∂E/∂t is missing"),
    Row(timed(SA, beta * t), "energy ascent", R, "E falls at consensus while βt < 1"),
    Row(timed(SA, beta * t), "dissipation identity with ∂E/∂t", P, "the chain rule"),
    Row(timed(USA, beta * t), "Lemma 3.6", P, "at each time"),
    Row(paced(SA, cos(t)), "(3.16)", R, "cos 3 < 0: no metric"),
    Row(paced(SA, cos(t)), "energy ascent", R, "cos 3 < 0"),
    # -- kernels of constant slope, with a parameter in it
    *(
        Row(kernel, name, P, "h' is constant")
        for kernel in ("beta*t", climbing(KAPPA * z), climbing((d - 1) * z))
        for name in ("(3.10)", "Lemma 3.6", "Lemma 3.7")
    ),
    Row("beta*t", "dissipation identity", P, "h' is constant"),
    Row(paced(climbing(KAPPA * z), 2), "(3.10)", R, "twice the gradient"),
    # -- masks
    *(Row(CAUSAL, name, P, "A_ij >= 0 is enough") for name in ("(4.2)", "(6.2)", "(6.5)")),
    Row(CAUSAL, CONE, P, "all see token 1"),
    *(Row(CAUSAL, name, UNMET, "A_12 = 0") for name in (ROOM, "(6.7)")),
    Row(paced(CAUSAL, 1 / (1 + t)), "(6.2)", P, "at each time"),
    Row(CAUSAL.subs({beta: 1 + t}), "(6.2)", P, "at each time"),
    Row(paced(CAUSAL, cos(t)), "(6.2)", "UNMET REFUTED", "cos 3 < 0"),
    Row(paced(CAUSAL, -exp(t)), "(6.2)", "UNMET REFUTED", "repulsion"),
    Row(paced(SA.subs({beta: 1 + t}), cos(t)), "(6.2)", "UNMET REFUTED", "cos 3 < 0"),
    Row(paced(CAUSAL, beta), "(6.2)", P, "β > 0"),
    Row(paced(CAUSAL, beta), "(6.2)", "UNMET REFUTED", "repulsion", {"beta": -1}),
    # -- a velocity that isn't the gradient of the stated energy
    *(
        Row(replace(model, name=f"{model.name}, another E", energy=energy), "energy ascent", R, why)
        for model, energy, why in (
            (USA.subs({beta: 2 * beta}), USA.energy, "e^{2βg} against e^{βg}"),
            (SA.subs({beta: 2 * beta}), USA.energy, "e^{2βg} against e^{βg}"),
            (climbing(exp(z)), climbing(z).energy, "e^g against 1"),
            (SA, climbing(z**3 + z).energy, "e^{βg} against 3g² + 1"),
        )
    ),
    Row(
        replace(USA.subs({beta: 2 * beta}), energy=USA.energy), LARGE, P, "at 2β, by its own energy"
    ),
    Row(STEPS_BACK, "energy ascent", R, "small steps go down"),
    Row(STEPS_BACK, "energy ascent", R, "a small step", {"eta": Rational(1, 10)}),
    Row(IN_SPACE, "equiangular ODE", OTHER, "tokens leave the sphere"),
    # -- no velocity at t = 0
    *(Row(paced(SA, 1 / t), name, V, "1/t") for name in (CONE, "(2.5)", "energy ascent", "(7.1)")),
    # -- two softmaxes
    *(Row(TWO_HEADS, name, P, "a sum of positive weights") for name in ("(4.2)", "(6.2)")),
    # -- schedules that are sums, and waves
    *(
        Row(paced(SA, pace), name, P, "s >= 0, ∫s = ∞")
        for pace in (1 + sin(t), 2 + sin(t), cos(t) ** 2, 1 + exp(-t))
        for name in (CONE, "energy ascent", "dissipation identity", "(6.7)")
    ),
    Row(paced(SA, sin(t) ** 3), CONE, R, "|∫s| <= 3/2"),
    Row(paced(USA, beta - 1), "energy ascent", R, "β = 1/2: repulsion"),
    Row(paced(USA, beta + 1), "energy ascent", P, "β + 1 > 0"),
    # -- sizes
    Row(climbing(z / n), CONE, P, "1/n > 0"),
    Row(climbing(z / (n - 1)), CONE, P, "1/(n-1) > 0"),
    Row(climbing((d - 2) * z), CONE, R, "d = 2: nothing moves"),
    Row(climbing(z**2 / 2 + (d - 3) * z), CONE, R, "d = 2: h' = z - 1 < 0"),
    Row(climbing((d - 2) * z), "(4.2)", "PROVED UNMET", "d - 2 >= 0; d = 1 is no case"),
    Row(climbing((d - 2) * z), "(4.1)", R, "d = 2: k = 0"),
    Row(climbing((d - 2) * z), "Theorem 4.1 rates", P, "whatever the sign of k"),
    Row(climbing((Rational(5, 2) - n) * z), "(4.1)", R, "n = 3: k < 0, |M| falls"),
    Row(
        climbing((d - 2) * exp(beta * z) / beta),
        "discrete layer",
        "PROVED SUPPORTED",
        "d = 2: nothing moves; d > 2: the layer of USA",
    ),
    Row(climbing(z**2 / 2 + (d - 3) * z), "(4.2)", R, "d = 2: h' = z - 1 < 0"),
    # -- parameters of other names
    Row(climbing(exp(KAPPA * z)), "discrete layer", R, "repulsion", {"kappa": -3}),
    Row(climbing(exp(KAPPA * z)), "discrete layer", P, "convex", {"kappa": 3}),
    Row(climbing((KAPPA - 1) * z), "Theorem 4.1 rates", P, "whatever the sign of k"),
    Row(climbing((KAPPA - 1) * z), "(4.1)", R, "κ < 1 repels"),
    # -- speeds below rounding
    Row(scored(beta * n), "(2.6)", "PROVED SUPPORTED", "c = nβ"),
    Row(scored(1000 * beta), "(2.6)", "PROVED SUPPORTED", "c = 1000β"),
    Row(paced(SA, Piecewise((1, t < 1), (0, True))), "(2.6)", "PROVED UNDECIDED UNMET", "s <= 1"),
    # -- weights
    Row(SA, "(2.5)", P, "a softmax"),
    Row(QKV, "(2.5)", P, "a softmax of any scores"),
    Row(CAUSAL, "(2.5)", R, "A_12 = 0"),
    Row(USA, "(2.5)", OTHER, "rows aren't divided"),
    Row(DIFFERENCE, "(2.5)", R, "3a - 2b < 0 where a is large"),
    *(
        Row(DIFFERENCE, name, UNMET, "some A_ij < 0 in a hemisphere")
        for name in (CONE, ROOM, "(6.2)")
    ),
    *(Row(HOTTER, name, V, "no scores at β = 0", {"beta": 0}) for name in ("(2.5)", CONE, "(3.4)")),
    Row(HOTTER, "(2.5)", P, "β > 0"),
    Row(HOTTER, "(2.5)", V, "no scores at t = 0", {"beta": lambda s: s}),
    Row(USA, "(3.4)", P, "the pole of the energy moves nothing", {"beta": 0}),
    *(Row(model, "(3.4)", P, "at each time", {"beta": switch}) for model in (SA, USA)),
    Row(VALUED, "rotation equivariance", R, "V is no multiple of I", {"beta": 2}),
    Row(VALUED, "rotation equivariance", R, "1, 2, 3", {"beta": 2, "V": np.diag([1, 2, 3])}),
    # -- the circle, and bounds
    Row("t", "Kuramoto", P, "θ_i' = Σ m_j sin"),
    Row("t + t**2", "Kuramoto", OTHER, "h'' = 2"),
    Row(USA, "Kuramoto", P, "β = 0", {"beta": 0}),
    Row(SA, "(7.1)", P, "any β"),
    Row("t**3", "discrete layer", R, "not convex"),
    # degree 1 is negative: large steps fall while β is small
    Row("beta*t**2 - t/2", "discrete layer", R, "-t/2 at β = 0"),
    Row("beta*t**2 - t/1000", "discrete layer", R, "-t/1000 at β = 0"),
    Row("beta*t**3/6 + t", "discrete layer", R, "concave on [-1, 0]"),
    Row(climbing(beta * z**2 - KAPPA * z), "discrete layer", R, "κ against β"),
    Row("beta*t**2 + t", "discrete layer", P, "convex, positive coefficients"),
    Row("exp(t)", "discrete layer", P, "convex and positive definite"),
    Row("exp(t)", "Lipschitz bound", SHOWN, "2(e + e)"),
    Row(paced(SA, exp(-t)), "Lipschitz bound", UNMET, "no constant"),
)


@pytest.mark.every(85)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{getattr(row.model, 'name', row.model)}")
def test_no_verdict_is_wrong(row: Row) -> None:
    subject = subject_of(row.model, 0, None, "wasserstein", None, row.given)
    on_sphere = (subject.model.kind, subject.model.space) == ("flow", "sphere")
    if on_sphere and row.statement in questions():
        evidence = questions()[row.statement].ask(subject.flow)
    else:
        evidence = next(check for name, _, check in rows() if name == row.statement)(subject)
    word = evidence.word if evidence.applies else OTHER
    word = UNMET if evidence.detail.startswith("the proof needs ") else word
    assert word in row.expected.split(), evidence.detail


def test_at_a_given_temperature_nothing_is_said_of_beta_zero() -> None:
    for given, words in (({"beta": 2}, False), ({}, True)):
        subject = subject_of("exp(beta*t)/beta", 0, None, "wasserstein", None, given)
        evidence = questions()["(3.5)"].ask(subject.flow)
        assert evidence.verdict.name == P and ("as t -> 0" in evidence.detail) is words
        assert ("as β -> 0" in evidence.sentence) is words


def test_a_counterexample_is_at_the_given_temperature() -> None:
    """At a drawn one, -5/4 for example, it would be one to another model."""
    for model, name in ((CAUSAL, "permutation equivariance"), (DIFFERENCE, "(2.5)")):
        subject = subject_of(model, 0, None, "wasserstein", None, {"beta": 2.0})
        evidence = questions()[name].ask(subject.flow)
        assert evidence.verdict.name == R and "beta = 2" in evidence.detail, evidence.detail


@pytest.mark.parametrize("size", [2, 3])
def test_a_value_matrix_that_is_given_is_the_one_that_is_asked(size: int) -> None:
    given = {"beta": 2, "V": np.eye(size)}
    subject = subject_of(VALUED, 0, None, "wasserstein", None, given)
    check = next(check for name, _, check in rows() if name == "rotation equivariance")
    assert check(subject).verdict.name == "PROVED"


def test_the_table_is_wide_and_undecided_is_rare() -> None:
    names = Counter(row.model if isinstance(row.model, str) else row.model.name for row in TABLE)
    assert len(names) >= 55 and len(TABLE) >= 90
    assert sum(U in row.expected.split() for row in TABLE) <= 6
