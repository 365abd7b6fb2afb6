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
        (descending, ("implementation", "energy ascent", "consensus spectrum", "Lemma 6.4")),
        (lambda x: x[:, :1], ("implementation", "confinement")),
    ],
    ids=["unprojected", "wrong axis", "one axis", "index", "descending", "wrong shape"],
)
def test_a_wrong_implementation_is_caught(wrong, caught):
    report = check_model(SA, implementation=wrong, beta=2.0, only=caught)
    for name in caught:
        assert word(report, name) == "REFUTED", name


def test_the_counterexample_is_small():
    report = check_model(SA, implementation=unprojected, beta=2.0, only=["confinement"])
    assert report["confinement"].detail == "fails by 1 at x = [[1, 0]], beta = 2"


def test_an_implementation_needs_its_parameters():
    with pytest.raises(ValueError, match="Expected a value of every parameter"):
        check_model(SA, implementation=right)
