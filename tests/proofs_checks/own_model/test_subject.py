"""Implementations of a model, right and wrong."""

import numpy as np
import pytest

from proofs_checks.own_model.check import BASIC, check_model
from theory.models import SA


def word(report, name):
    return report[name].verdict.name


def right(x):
    weights = np.exp(2 * x @ x.T)
    field = weights @ x / weights.sum(axis=1, keepdims=True)
    return field - np.sum(field * x, axis=1, keepdims=True) * x


def unprojected(x):
    weights = np.exp(2 * x @ x.T)
    return weights @ x / weights.sum(axis=1, keepdims=True)


def wrong_axis(x):
    weights = np.exp(2 * x @ x.T)
    field = weights / weights.sum(axis=0, keepdims=True) @ x
    return field - np.sum(field * x, axis=1, keepdims=True) * x


def first_axis_only(x):
    field = np.array(x)
    field[:, 1:] = 0
    return field - np.sum(field * x, axis=1, keepdims=True) * x


def index_dependent(x):
    return right(x) * (1 + np.arange(len(x)))[:, None]


def descending(x):
    return -right(x)


@pytest.mark.slow
def test_a_right_implementation_passes():
    report = check_model(SA, implementation=right, beta=2.0)
    assert report.refuted == ()
    for name in ("implementation", *BASIC):
        assert word(report, name) == "SUPPORTED", name


@pytest.mark.parametrize(
    ("wrong", "caught"),
    [
        (unprojected, ("implementation", "confinement")),
        (wrong_axis, ("implementation", "gradient structure")),
        (first_axis_only, ("implementation", "rotation equivariance", "Gram closure")),
        (index_dependent, ("implementation", "permutation equivariance", "gradient structure")),
        (descending, ("implementation", "energy ascent", "consensus spectrum")),
        (lambda x: x[:, :1], ("implementation", "confinement")),
    ],
    ids=["unprojected", "wrong axis", "one axis", "index", "descending", "wrong shape"],
)
def test_a_wrong_implementation_is_caught(wrong, caught):
    report = check_model(SA, implementation=wrong, beta=2.0, only=caught)
    for name in caught:
        assert word(report, name) == "REFUTED", name


THEOREMS = ("Theorem 6.3", "Theorem 6.1", "(3.4)", "(2.5)")
"""Rows on the model alone: no sample answers them."""


@pytest.mark.every(4)
@pytest.mark.parametrize("wrong", [unprojected, descending, index_dependent, lambda x: 0 * x])
def test_theorems_on_the_model_say_nothing_of_code_that_differs(wrong):
    report = check_model(SA, implementation=wrong, beta=2.0, only=THEOREMS)
    for row in report.rows:
        assert not row.applies and not report.holds(row.name), row.name
        assert "a theorem on the model, which the code isn't: fails by" in row.evidence.detail


def test_theorems_on_the_model_say_whose_they_are():
    report = check_model(SA, implementation=right, beta=2.0, only=THEOREMS)
    plain = check_model(SA, beta=2.0, only=THEOREMS)
    for row in report.rows:
        alone = plain[row.name]
        assert row.evidence.verdict is alone.verdict and report.holds(row.name)
        said = f"of the model, with which the code agrees in 30 cases: {alone.detail}"
        assert row.evidence.detail == said


def test_the_counterexample_is_small():
    report = check_model(SA, implementation=unprojected, beta=2.0, only=["confinement"])
    assert report["confinement"].detail == "fails by 1 at x = [[1, 0]], beta = 2"


def test_an_implementation_needs_its_parameters():
    with pytest.raises(ValueError, match="Expected a value of every parameter"):
        check_model(SA, implementation=right)
