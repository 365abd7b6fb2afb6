"""Positive features: the pull form of weights <φ(x_i), ψ(x_j)>, what follows, and broken twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, MatrixSymbol, exp, log

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import check_model
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, common_sight, pull_of, replayed
from proofs_checks.theorems.features import FEATURES
from theory.atoms import Elementwise, Tangent, row_normalised
from theory.models import Model, catalogue
from theory.symbols import X, beta, d, m, z
from theory.terms import Index, Inner, Norm, Row

W = MatrixSymbol("W", d, d)
EXP, NEGATIVE = Elementwise(exp(beta * z), X), Elementwise(1 + 2 * z, X)


def divided(first: Any, second: Any, *parameters: Any) -> Model:
    """Return the model of weights <φ(x_i), ψ(x_j)>, divided by their sums."""
    field = row_normalised(first * second.T, m) * X
    return Model("own", Tangent(X, field), parameters=parameters)


def words(model: Any, *rows: str) -> list[str]:
    report = check_model(catalogue(model) if isinstance(model, str) else model, only=list(rows))
    return [report[row].word for row in rows]


@pytest.mark.every(5)
@pytest.mark.parametrize(
    ("model", "rate"),
    [
        (catalogue("positive features"), "e^(-2 β)/(β + 1)^2"),
        (divided(EXP, EXP, beta), "e^(-4 β)"),
        (divided(*[Elementwise(exp(z), X * W)] * 2, W), "e^(-4 |W|)"),
        (divided(Elementwise(2 + z, X), Elementwise(1 + z**2, X)), "/6"),
        (divided(*[Elementwise(log(1 + exp(z)), X)] * 2), "log(e^(-1) + 1)^2/log(1 + E)^2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_tokens_of_a_hemisphere_meet_at_the_models_own_rate(model: Model, rate: str) -> None:
    found = common_sight(Subject.of(model))
    assert isinstance(found, Theorem) and isinstance(replayed(found), Theorem)
    assert rate in str(found)


def test_features_that_are_not_divided_have_their_number_in_the_rate() -> None:
    model = Model("own", Tangent(X, EXP * EXP.T * DiagMatrix(m) * X), parameters=(beta,))
    assert "d (Σ_j m_j(0)) e^(-2 β)" in str(common_sight(Subject.of(model)))


@pytest.mark.parametrize("model", [divided(NEGATIVE, NEGATIVE), divided(EXP, NEGATIVE, beta)])
def test_features_of_either_sign_are_refused(model: Model) -> None:
    pull = pull_of(Subject.of(model))
    assert not isinstance(pull, Refusal) and isinstance(pull.positive, Refusal)
    assert isinstance(common_sight(Subject.of(model)), Refusal)
    assert "PROVED" not in words(model, "(4.2)", "(6.2)", "(2.5)")


def test_features_of_either_sign_let_a_lowest_token_sink() -> None:
    """The twin is false: x_2 over the equator is pushed below where <φ_i, φ_j> < 0."""
    field = compile_model(divided(NEGATIVE, NEGATIVE))
    rng, sinks = np.random.default_rng(0), 0
    for _ in range(200):
        points = random_points(3, 2, rng)
        points[:, -1] = np.abs(points[:, -1])
        low = np.argmin(points[:, -1])
        sinks += field(points)[low, -1] < -1e-6
    assert sinks > 0


def test_the_rule_wants_tokens_on_the_sphere_and_positive_functions() -> None:
    i, j = Index("i"), Index("j")
    units = [assume(Rel("=", Norm(Row(X, one)), 1)) for one in (i, j)]
    product = Inner(Row(Elementwise(2 + z, X), i), Row(Elementwise(2 + z, X), j))
    assert isinstance(apply(FEATURES, *units, product=product), Theorem)
    assert isinstance(apply(FEATURES, units[0], units[0], product=product), Refusal)
    for body in (1 + 2 * z, z, exp(beta * z) - 1):
        other = Inner(*(Row(Elementwise(body, X), one) for one in (i, j)))
        assert isinstance(apply(FEATURES, *units, product=other), Refusal), body
    moved = Inner(*(Row(Elementwise(2 + z, 2 * X * X.T * X), one) for one in (i, j)))
    assert isinstance(apply(FEATURES, *units, product=moved), Refusal)


@pytest.mark.slow
def test_rows_that_follow() -> None:
    rows = ("(2.5)", "(4.2)", "(6.2)", "(6.3)", "(6.5)", "(6.7)", "(6.8)", "Theorem 6.3", "(7.1)")
    assert set(words("positive features", *rows)) == {"PROVED"}


@pytest.mark.slow
def test_more_rows_that_follow() -> None:
    rows = ("(6.4)", "Remark 6.5", "Theorem 6.7", "Theorem 4.2", "(4.4)", "(4.5)")
    assert set(words("positive features", *rows)) == {"PROVED"}


def test_a_kernel_divided_by_its_sums_is_in_pull_form_too() -> None:
    field = row_normalised(Elementwise(exp(beta * z) + 2, X * X.T), m) * X
    model = Model("own", Tangent(X, field), parameters=(beta,))
    assert "(2 + e^(-β))/(e^β + 2)" in str(common_sight(Subject.of(model)))
    assert words(model, "(2.5)") == ["PROVED"]


def test_the_diameter_along_runs_is_below_the_bound() -> None:
    """D(t) <= D(0) e^{-h λ t}, λ = e^{-2β}/(1+β)², by small steps of the compiled field."""
    rng = np.random.default_rng(1)
    for hot in (0.25, 1.0, 4.0):
        masses = rng.uniform(0.1, 1.0, 4)
        field = compile_model(catalogue("positive features"), beta=hot, masses=masses)
        points = random_points(4, 3, rng)
        points[:, -1] = np.abs(points[:, -1]) + 0.1
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        low, rate = points[:, -1].min(), np.exp(-2 * hot) / (1 + hot) ** 2

        def width(x: Any) -> float:
            flat = x / x[:, -1:]
            return float(max(np.linalg.norm(a - b) for a in flat for b in flat))

        start, step = width(points), 0.01
        for count in range(1, 300):
            points = points + step * field(points)
            points /= np.linalg.norm(points, axis=1, keepdims=True)
            assert width(points) <= start * np.exp(-low * rate * step * count) * (1 + 1e-2)
