"""(3.1), (3.4): fields of the measure of states, against runs of split tokens and broken twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardProduct, MatrixSymbol, OneMatrix, exp, log

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.propositions import Subject
from proofs_checks.theorems import measure_field
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.blocks import Block
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, d, m, n, r, z
from theory.weights import SinkSoftmax

ROWS = ["(3.1)", "(3.4)"]


def words(model):
    model = catalogue(model) if isinstance(model, str) else model
    rows = check_model(model, only=ROWS).rows
    return [row.evidence.verdict and row.evidence.verdict.name for row in rows]


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "mix-LN", "LNS with scores"])
def test_states_of_tokens_with_lengths_have_a_field(name):
    found = check_model(catalogue(name), only=ROWS)
    assert {row.evidence.verdict for row in found.rows} == {Verdict.PROVED}
    assert "S^{d-1} x (0,∞)" in found["(3.4)"].sentence and "r_i'" in found["(3.1)"].sentence


@pytest.mark.parametrize("name", ["nGPT", "positive features", "Sinkhorn", "sigmoid + pre-LN"])
def test_other_weights_have_one_too(name):
    assert words(name) == ["PROVED", "PROVED"]


@pytest.mark.parametrize("name", ["sink", "softmax-off-by-one", "sink + pre-LN"])
def test_a_sink_of_one_tokens_mass_counts_tokens(name):
    found = check_model(catalogue(name), only=ROWS)
    assert {row.evidence.verdict for row in found.rows} == {Verdict.REFUTED}
    assert "the same measure, another velocity" in found["(3.4)"].detail


def test_masses_that_move_are_a_source():
    found = check_model(catalogue("moving masses"), only=ROWS)
    assert found["(3.1)"].verdict is Verdict.PROVED
    assert found["(3.4)"].verdict is Verdict.REFUTED and found["(3.4)"].detail.startswith("m_1' = ")


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "nGPT", "positive features"])
def test_tokens_move_as_their_parts_do(name):
    rng, model = np.random.default_rng(3), catalogue(name)
    more = {str(p): 1.5 for p in model.parameters}
    x, r0 = random_points(3, 3, rng), rng.uniform(0.5, 2, (3, 1))
    twice, half = [0, 0, 1, 2], np.array([1 / 24, 3 / 24, 2 / 6, 3 / 6])
    run, parts = (
        compile_model(model, masses=masses, **more) for masses in (np.array([1, 2, 3]) / 6, half)
    )
    if len(model.blocks) > 1:
        first = run.unchecked({"X": x, "r": r0})
        second = parts.unchecked({"X": x[twice], "r": r0[twice]})
        assert second["r"] == pytest.approx(first["r"][twice])
        first, second = first["X"], second["X"]
    else:
        first, second = run.unchecked(x), parts.unchecked(x[twice])
    assert second == pytest.approx(first[twice])


def _own(weights, **more):
    free = sorted(weights.free_symbols - {X, m, n, d, beta, z}, key=str)
    return Model("own", Tangent(X, weights * X), parameters=(beta, *free), **more)


_SOFT = RowSoftmax(beta * X * X.T, m)
TWINS = [
    _own(RowSoftmax(beta * X * X.T, OneMatrix(n, 1))),  # tokens counted
    _own(DiagMatrix(m) * _SOFT),  # a heavy token runs faster
    _own(RowSoftmax(beta * log(n) * X * X.T, m)),
    _own(Elementwise(exp(beta * z), X * X.T)),  # no masses
    _own(Elementwise(z / n, X * X.T) * DiagMatrix(m)),
    _own(SinkSoftmax(beta * X * X.T, m, -log(n))),
]


@pytest.mark.parametrize("twin", TWINS)
def test_what_counts_tokens_or_goes_by_their_masses_has_none(twin):
    assert measure_field(Subject.of(twin)) is None
    assert words(twin) == ["REFUTED", "REFUTED"]


HONEST = [
    _own(SinkSoftmax(beta * X * X.T, m, beta)),  # a sink that doesn't count
    _own(HadamardProduct(Elementwise(exp(z), X * X.T), X * X.T) * DiagMatrix(m)),
    _own(DiagMatrix(Elementwise(exp, _SOFT * X * MatrixSymbol("u", d, 1))) * _SOFT),
    _own(X * X.T * DiagMatrix(m)),
    _own(OneMatrix(n, 1) * m.T),
]


@pytest.mark.parametrize("model", HONEST)
def test_what_reads_integrals_alone_has_one(model):
    assert words(model) == ["PROVED", "PROVED"]


def test_nothing_is_said_where_tokens_leave_the_sphere_or_a_label_stays():
    loose = replace(SA, velocity=_SOFT * X, energy=None, metric=None)
    assert words(loose)[1] != "PROVED"
    entry = MatrixSymbol("e", n, 1)
    labelled = replace(
        SA, velocity=Tangent(X, DiagMatrix(entry) * _SOFT * X), parameters=(beta, entry),
        energy=None, metric=None,
    )  # fmt: skip
    assert measure_field(Subject.of(labelled)) is None and "PROVED" not in words(labelled)


def test_a_length_that_goes_by_the_mass_has_none():
    blocks = (Block(X), Block(r, "positive"))
    rates = {X: Tangent(X, _SOFT * X), r: m}
    own = Model("own", rates, parameters=(beta,), blocks=blocks)
    assert measure_field(Subject.of(own)) is None
