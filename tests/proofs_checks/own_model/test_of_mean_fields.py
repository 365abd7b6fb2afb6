"""Rows of heads and layers of any matrices, of one species or two; and their twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Abs, MatrixSymbol, Max

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.of_mean_fields import OF_MEAN_FIELDS
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import SA, catalogue
from theory.symbols import X, beta, d, m, n, z

NAMES = ("low-rank heads", "multi-query", "MLP block", "encoder-decoder", "cross-attention")
RNG = np.random.default_rng(5)


def _matrices(dim):
    shapes = {
        "low-rank heads": {"Q_1": (1, dim), "K_1": (1, dim), "V_1": (dim, dim)}
        | {"Q_2": (2, dim), "K_2": (2, dim), "V_2": (dim, dim)},
        "MLP block": {"w": (dim, 3), "a": (3, dim), "b": (3, 1)},
    }
    return {name: {a: RNG.normal(size=s) for a, s in own.items()} for name, own in shapes.items()}


@pytest.mark.parametrize("name", ["low-rank heads", "MLP block"])
def test_tokens_without_mass_move_along_the_field(name):
    """A token of next to no mass changes nothing, and scaled masses neither: (3.1), (3.2)."""
    model, rng = catalogue(name), np.random.default_rng(4)
    put = _matrices(3)[name]
    x, masses = random_points(4, 3, rng), np.array([0.2, 0.3, 0.5, 1e-13])
    whole = compile_model(model, beta=1.5, masses=masses, **put).unchecked(x)
    fewer = compile_model(model, beta=1.5, masses=masses[:3] * 7, **put).unchecked(x[:3])
    assert whole[:3] == pytest.approx(fewer)
    probe = compile_model(model, beta=1.5, masses=masses[[3, 1, 2, 0]], **put)
    assert probe.unchecked(x[[3, 1, 2, 0]])[0] == pytest.approx(whole[3])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_rows(name):
    rows = ["(2.5)", *OF_MEAN_FIELDS]
    report = check_model(catalogue(name), only=rows)
    assert {row.evidence.verdict for row in report.rows} == {Verdict.PROVED}
    assert all(row.evidence.sheet.holds and row.evidence.sheet.typed for row in report.rows)


@pytest.mark.parametrize("row", OF_MEAN_FIELDS)
def test_twins(row):
    """Masses times n, and activations with a pole or a root."""
    counted = Tangent(X, RowSoftmax(beta * X * X.T, n * m) * X)
    pole = Tangent(X, Elementwise(1 / z, X * X.T) * X)
    rough = Tangent(X, Elementwise(Abs(z) ** (Max(1, 0) / 2), X * X.T) * X + SA.velocity.field)
    for velocity in (counted, pole, rough):
        twin = replace(SA, name="twin", velocity=velocity, energy=None)
        assert OF_MEAN_FIELDS[row].ask(Flow.of(twin)).verdict is not Verdict.PROVED


def test_keys_are_of_any_length():
    """Of keys that rest nothing is known: at length 10 tokens are ten times as fast."""
    model = catalogue("cross-attention")
    assert model.blocks[1].symbol == MatrixSymbol("Y", model.blocks[1].symbol.shape[0], d)
    evidence = OF_MEAN_FIELDS["(3.2)"].ask(Flow.of(model))
    assert "|x_i'| <= R" in evidence.sentence and "|y_b|(0) <= R" in evidence.sentence
    state = {"X": np.eye(2), "Y": np.array([[0.0, 10.0]])}
    moved = compile_model(model, beta=0.0).unchecked(state)["X"]
    assert np.linalg.norm(moved[0]) == pytest.approx(10)
