"""(3.2), (3.3): means at speeds, at points, and twins that are longer or know the weights."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardProduct, sqrt

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import Model, catalogue
from theory.symbols import X, beta, m, t, z

ROWS = ["(3.2)", "(3.3)"]


def found(model, **given):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=ROWS, **given)


def words(model):
    return [row.evidence.verdict and row.evidence.verdict.name for row in found(model).rows]


@pytest.mark.parametrize(
    ("name", "bound", "second"),
    [
        ("pre-LN", "1/r_i", "PROVED"),
        ("LNS with scores", "1/(√(t + 1) r_i)", "PROVED"),
        ("peri-LN", "1/r_i", "REFUTED"),
        ("nGPT", "α", "REFUTED"),
        ("Sinkhorn", "1", None),
    ],
)
def test_a_mean_at_a_speed_is_at_most_as_long_as_it(name, bound, second):
    assert words(name) == ["PROVED", second]
    assert f"tangent, |x_i'| <= {bound};" in found(name)["(3.2)"].sentence
    assert all(
        row.evidence.sheet.typed for row in found(name).rows if row.evidence.word == "PROVED"
    )


@pytest.mark.parametrize("name", ["sink", "positive features", "moving masses", "sink + pre-LN"])
def test_rows_that_arent_divided_by_their_sums_are_no_means(name):
    assert words(name)[0] is None


@pytest.mark.parametrize("name", ["sink", "softmax-off-by-one", "positive features", "Sinkhorn"])
def test_z_is_spoken_of_where_rows_are_divided_by_it_or_by_nothing(name):
    assert words(name)[1] is None


def test_z_takes_moving_masses_and_long_context():
    assert words("moving masses")[1] == words("long context")[1] == "PROVED"


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "nGPT", "LNS with scores"])
def test_velocities_are_that_long_at_most_and_nearly(name):
    rng, model, hot, longest = np.random.default_rng(7), catalogue(name), 1.5, 0.0
    more = {str(p): hot for p in model.parameters}
    scaled = compile_model(model, masses=np.array([1e-6, 3.0]), **more)
    heavy = compile_model(model, masses=np.array([2e-6, 6.0]), **more)
    for _ in range(40):
        x, r = random_points(2, 2, rng), np.full((2, 1), 0.5)
        lengths = len(model.blocks) > 1
        state = {"X": x, "r": r} if lengths else x
        first, second = (run.unchecked(state, 0.0) for run in (scaled, heavy))
        first, second = (v["X"] if lengths else v for v in (first, second))
        assert first == pytest.approx(second)
        bound = hot if name == "nGPT" else 2.0
        longest = max(longest, np.linalg.norm(first, axis=1).max() / bound)
    assert 0.9 < longest <= 1 + 1e-9


_SOFT = RowSoftmax(beta * X * X.T, m)


def _own(field, *more):
    return Model("own", Tangent(X, field), parameters=(beta, *more))


TWINS = [
    _own(DiagMatrix(m) * _SOFT * X),  # a heavy token runs faster
    _own(RowSoftmax(beta * X * X.T, HadamardProduct(m, m)) * X),  # masses squared
    _own(DiagMatrix(Elementwise(sqrt(z), _SOFT * m)) * _SOFT * X),
    _own(RowSoftmax(beta * X * X.T, m) * RowSoftmax(beta * X * X.T, m) * X),
]


@pytest.mark.parametrize("twin", TWINS)
def test_what_isnt_the_same_for_c_mu_or_no_mean_isnt_proved(twin):
    assert words(twin)[0] != "PROVED"


def test_a_speed_that_knows_the_weights_isnt_taken():
    speed = DiagMatrix(Elementwise(1 + z, _SOFT * m))
    assert words(_own(speed * _SOFT * X))[1] != "PROVED"


def test_the_bounds_are_of_the_models_own_heat():
    row = found(_own(RowSoftmax(3 * beta * X * X.T / (1 + t), m) * X / (1 + t)))["(3.3)"]
    assert row.verdict is Verdict.PROVED
    cold = found("pre-LN", beta=0)["(3.3)"]
    assert cold.verdict is Verdict.PROVED


def test_a_potential_over_c_is_spoken_of_where_c_isnt_0():
    row = check_model(catalogue("long context"), only="(3.7)")["(3.7)"]
    assert row.verdict is Verdict.PROVED
    assert check_model(catalogue("SA"), only="(3.7)", beta=0)["(3.7)"].verdict is Verdict.VACUOUS
