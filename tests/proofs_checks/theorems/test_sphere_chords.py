"""T13 along geodesics: rates watched at pairs of states in numpy, and what isn't concluded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from sympy import DiagMatrix, Rational, log, sqrt

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.own_model import check_model
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, one_sided, replayed
from proofs_checks.theorems.chords import APART
from proofs_checks.theorems.sphere_chords import GEODESICS, growth
from theory.atoms import Elementwise, Tangent, row_normalised
from theory.models import Model
from theory.symbols import X, m, t, z
from theory.terms import Index, Item, total

HIDDEN = Index("j")
STEEP = (
    1 - 1 / log((1 - z) / 8),
    1 - 1 / log((1 - z) / 16),
    2 - sqrt(1 - z),
    3 + sqrt(1 - z**2),
    -2 + sqrt(1 - z),
)


def moved_by(weight: Any) -> Model:
    """``x_i' = P_i Σ_j m_j k(g_ij) x_j``."""
    field = Elementwise(weight, X * X.T) * DiagMatrix(m) * X
    return Model(f"k = {weight}", Tangent(X, field), parameters=())


def rate_of(model: Model) -> float:
    """K of a theorem that is concluded again, at masses that add up to 1."""
    own = one_sided(Subject.of(model))
    assert own is not None
    found = replayed(own.found)
    assert isinstance(found, Theorem) and found.given == set(own.says.given)
    (whole,) = (found.says.right / APART).atoms(total(Item(m, HIDDEN), HIDDEN).func)
    return float((found.says.right / APART).xreplace({whole: sp.S.One}))


@pytest.mark.every(3)
@pytest.mark.parametrize("kernel", STEEP[::-1], ids=str)
def test_no_pair_of_states_parts_faster(kernel: sp.Expr) -> None:
    """Tokens that nearly meet, or are nearly opposite, and pairs that are 1e-9 to 1 apart."""
    model, rng = moved_by(kernel), np.random.default_rng(0)
    most, field, count = rate_of(model), compile_model(moved_by(kernel)), 400
    first = np.asarray(random_points(4, 3, rng, count))
    near = np.exp(rng.uniform(-18, 0, (count, 1, 1)))
    first = first[:, :1] * np.array([[1.0], [1.0], [-1.0], [-1.0]]) + near * first
    second = first + np.exp(rng.uniform(-20, 0, (count, 1, 1))) * rng.standard_normal(first.shape)
    first, second = (one / np.linalg.norm(one, axis=-1, keepdims=True) for one in (first, second))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.linalg.norm(first - second, axis=-1)
        moves = np.sum((first - second) * (field(first) - field(second)), axis=-1) / apart**2
    widest = np.take_along_axis(moves, apart.argmax(axis=1)[:, None], 1)
    assert np.nanmax(widest) <= most + 1e-5 and np.nanmax(widest) > 0.05 * most


def test_slopes_bounds_and_states_are_asked_for() -> None:
    """A smaller bound, a premise along solutions alone, and one less: nothing is concluded."""
    found = growth(Subject.of(moved_by(2 - sqrt(1 - z))))
    assert isinstance(found, Theorem) and found.by is GEODESICS
    put = dict(found.parameters)
    assert isinstance(apply(GEODESICS, *found.premises, **put), Theorem)
    for name in ("size", "pace"):
        lower = {**put, name: put[name] - Rational(1, 1000)}
        assert isinstance(apply(GEODESICS, *found.premises, **lower), Refusal)
    assert isinstance(apply(GEODESICS, *found.premises[:-1], **put), Refusal)
    last = found.premises[-1].says
    assert isinstance(apply(GEODESICS, *found.premises[:-1], assume(last), **put), Refusal)


@pytest.mark.parametrize(
    "kernel", [log(1 - z), sp.Heaviside(z), 1 / (1 - z), t - sqrt(1 - z)], ids=str
)
def test_kernels_that_jump_or_are_infinite_have_none(kernel: sp.Expr) -> None:
    assert one_sided(Subject.of(moved_by(kernel))) is None


@pytest.mark.slow
def test_shares_of_such_weights_have_none() -> None:
    """n = 3, x_1 near x_2: a move by e changes the share of x_3 by far more than e."""
    kernel = Elementwise(2 - sqrt(1 - z), X * X.T)
    soft = replace(moved_by(z), velocity=Tangent(X, row_normalised(kernel, m) * X))
    assert one_sided(Subject.of(soft)) is None
    assert check_model(soft, only="Lipschitz bound")["Lipschitz bound"].word != "PROVED"


@pytest.mark.slow
@pytest.mark.parametrize("kernel", STEEP[:4], ids=str)
def test_the_rows_are_proved(kernel: sp.Expr) -> None:
    found = check_model(moved_by(kernel), only=("Remark 3.1", "Lipschitz bound", "(6.11)"))
    assert {row.evidence.word for row in found.rows} == {"PROVED"}


def test_a_constant_in_front_counts_in_the_rate() -> None:
    assert 1.9 < rate_of(moved_by(4 - 2 * sqrt(1 - z))) / rate_of(moved_by(2 - sqrt(1 - z))) < 2.1
    said = growth(Subject.of(moved_by(2 - sqrt(1 - z))))
    assert isinstance(said, Theorem) and isinstance(said.says, Rel)
