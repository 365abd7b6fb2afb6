"""Section 2's claims: proved for all n and d, their controls refuted, and so are our own twins."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, MatAdd, MatrixSymbol, Rational, S, Symbol, exp

from proofs_checks.claim import Budget, Verdict, verify_claim
from proofs_checks.paper.section_2.confinement import CONFINEMENT
from proofs_checks.paper.section_2.remark_2_2_equivariance import PERMUTATIONS, ROTATIONS
from proofs_checks.proof import RowAlgebra, Witness, excludes_zero, random_unit, settle, unprojected
from proofs_checks.section2_model import CLAIMS_SECTION_2
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import inner, vectors
from theory.engines import evaluate
from theory.layers import feed_forward
from theory.models import CAUSAL, PURE_ATTENTION, REPULSIVE, SA, SINKHORN, USA, Model
from theory.symbols import V, X, beta, d, m, n, z

SCORES = beta * X * X.T
PLACES = MatrixSymbol("P", n, d)
TWINS = {
    "Confinement": replace(
        SA, velocity=MatAdd(2 * SA.velocity, -SA.velocity.field), name="projected twice as much"
    ),
    "Remark 2.2": Model(
        "positions in the dynamics",
        Tangent(X, RowSoftmax(SCORES, m) * X + PLACES),
        parameters=(beta, PLACES),
    ),
    "Rotation equivariance": Model(
        "bilinear scores", Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X), parameters=(beta, V)
    ),
}


def run(claim, model):
    return claim.check(model, claim.prediction, Budget(20, np.random.default_rng(3)))


def test_labels():
    assert [c.label for c in CLAIMS_SECTION_2] == list(TWINS)
    assert all(len(c.statement) <= 240 for c in CLAIMS_SECTION_2)


@pytest.mark.parametrize("claim", CLAIMS_SECTION_2, ids=lambda c: c.label)
def test_proved_and_controls_refuted_for_every_seed(claim):
    for seed in range(5):
        report = verify_claim(claim, None, seed)
        assert report.ok, report.complaints
        assert report.verdict is Verdict.PROVED
        for size in ("n", "d", "beta", "masses"):
            assert report.evidence.scope[size] == "symbolic"
        for _, evidence in report.controls:
            assert "X = [" in evidence.detail
            assert "beta = 1 " not in evidence.detail


@pytest.mark.parametrize("claim", CLAIMS_SECTION_2, ids=lambda c: c.label)
def test_own_twin_is_refuted(claim):
    evidence = run(claim, TWINS[claim.label])
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.cases >= 1


@pytest.mark.parametrize("claim", CLAIMS_SECTION_2, ids=lambda c: c.label)
def test_one_broken_model_among_good_ones_is_found(claim):
    evidence = run(claim, (*claim.model[:2], TWINS[claim.label]))
    assert evidence.verdict is Verdict.REFUTED
    assert TWINS[claim.label].name in evidence.detail


def test_attention_on_space_is_not_confined():
    assert run(CONFINEMENT, PURE_ATTENTION).verdict is Verdict.REFUTED


def test_causal_attention_is_confined_and_rotates_but_sees_labels():
    assert run(CONFINEMENT, CAUSAL).verdict is Verdict.PROVED
    assert run(ROTATIONS, CAUSAL).verdict is Verdict.PROVED
    assert run(PERMUTATIONS, CAUSAL).verdict is Verdict.REFUTED


def test_what_has_no_intervals_is_refuted_in_floats():
    evidence = run(CONFINEMENT, unprojected(SINKHORN))
    assert evidence.verdict is Verdict.REFUTED
    assert "<x_i, x_i'> is off by up to" in evidence.detail


def test_unprojected_needs_a_projection():
    with pytest.raises(ValueError, match="Expected a model whose velocity is Tangent"):
        unprojected(PURE_ATTENTION)


@pytest.mark.parametrize(
    "model", [SA, USA, REPULSIVE, feed_forward(1)], ids=lambda model: model.name
)
def test_row_algebra_reads_the_numbers_of_the_matrix_expression(model):
    expr = model.velocity
    if model.name.endswith("feed-forward"):
        expr = Tangent(X, RowSoftmax(SCORES, m) * X + DiagMatrix(m) * PLACES)
    algebra = RowAlgebra()
    (a,) = vectors("a")
    read = inner(a, algebra.vector(expr))
    point = Witness(np.random.default_rng(1), [expr])
    at = point.evaluator()
    for i in range(3):
        table, scalars = {"a": (1, 0)}, {}
        for key, name in algebra.names.items():
            row = [S(str(float(c.mid))) for c in at(key)[i]]
            if len(row) == 2:
                table[name] = row
            else:
                scalars[name] = row[0]
        value = evaluate(read, table)
        value = value.subs({s: scalars[str(s)] for s in value.free_symbols})
        assert float(value) == pytest.approx(float(at(expr)[i][0].mid), abs=1e-12)


def test_row_algebra_gives_equal_sums_equal_names_and_others_their_own():
    algebra = RowAlgebra()
    kernel = Elementwise(exp(beta * z), X * X.T)
    softmax = algebra.vector(RowSoftmax(SCORES, m) * X)
    weights = algebra.column(kernel * m)
    assert not (softmax * weights - algebra.vector(kernel * DiagMatrix(m) * X)).simplify()
    assert not algebra.vector(3 * X) - 3 * algebra.vector(X)
    other = algebra.vector(Elementwise(exp(2 * beta * z), X * X.T) * DiagMatrix(m) * X)
    assert softmax * weights - other


def test_row_algebra_applies_maps_and_uses_symmetry_only_when_told():
    general, symmetric = RowAlgebra(), RowAlgebra(frozenset({V}))
    assert general.vector(X * V) - general.vector(X * V.T)
    assert not symmetric.vector(X * V) - symmetric.vector(X * V.T)


def test_witness_is_rational_reproducible_and_on_the_sphere():
    first, second = (Witness(np.random.default_rng(4), [SA.velocity]) for _ in range(2))
    assert str(first) == str(second)
    for row in first.matrices[X]:
        assert sum(c * c for c in row) == 1
    assert first.scalars[beta] not in (0, 1)
    assert sum(c * c for c in random_unit(np.random.default_rng(0), 4)) == 1


def test_witness_encloses():
    at = Witness(np.random.default_rng(4), [SA.velocity]).evaluator()
    third = at.scalar(Rational(1, 3))
    assert third.a <= 1 / 3 + 1e-16 and third.b >= 1 / 3 - 1e-16
    assert excludes_zero(third) and not excludes_zero(third - third)


def test_settle_is_undecided_without_a_counterexample():
    budget = Budget(2, np.random.default_rng(0))
    evidence = settle([("left", Symbol("q"))], lambda rng: "", budget, "nothing")
    assert evidence.verdict is Verdict.UNDECIDED
    assert "left: residual q" in evidence.detail
