"""Remark 2.2, Rotation equivariance: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, MatrixSymbol

from proofs_checks import check_model
from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_2.remark_2_2_equivariance import PERMUTATIONS, ROTATIONS
from theory.atoms import RowSoftmax, Tangent
from theory.blocks import Block
from theory.models import CAUSAL, ENCODER_DECODER, PRE_LN, Model, catalogue
from theory.models.species import Y, others
from theory.symbols import V, X, beta, d, m, n, r

SCORES = beta * X * X.T
PLACES = MatrixSymbol("P", n, d)


def run(claim, model):
    return claim.check(model, claim.prediction, Budget(20, np.random.default_rng(3)))


TWINS = {
    PERMUTATIONS.label: Model(
        "positions in the dynamics",
        Tangent(X, RowSoftmax(SCORES, m) * X + PLACES),
        parameters=(beta, PLACES),
    ),
    ROTATIONS.label: Model(
        "bilinear scores", Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X), parameters=(beta, V)
    ),
}
BOTH = pytest.mark.parametrize("claim", (PERMUTATIONS, ROTATIONS), ids=lambda c: c.label)


@BOTH
def test_own_twin_is_refuted(claim):
    evidence = run(claim, TWINS[claim.label])
    assert evidence.verdict is Verdict.REFUTED and evidence.cases >= 1


@BOTH
def test_sizes_are_symbolic_and_controls_show_a_point(claim, reports):
    report = reports[claim.label]
    assert {report.evidence.scope[size] for size in ("n", "d", "masses")} == {"symbolic"}
    for _, evidence in report.controls:
        assert "X = [" in evidence.detail and "beta = 1 " not in evidence.detail


@BOTH
def test_one_broken_model_among_good_ones_is_found(claim):
    evidence = run(claim, (*claim.model[:2], TWINS[claim.label]))
    assert evidence.verdict is Verdict.REFUTED and TWINS[claim.label].name in evidence.detail


def test_causal_attention_rotates_but_sees_labels():
    assert run(ROTATIONS, CAUSAL).verdict is Verdict.PROVED
    assert run(PERMUTATIONS, CAUSAL).verdict is Verdict.REFUTED


GROUPS = ("rotation equivariance", "permutation equivariance")


@pytest.mark.parametrize(
    "name",
    [
        *("pre-LN", "cross-attention", "encoder-decoder", "moving masses"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("peri-LN", "mix-LN")),
    ],
)
def test_blocks_of_vectors_turn_and_blocks_of_rows_are_relabelled(name):
    report = check_model(catalogue(name), only=GROUPS)
    assert all(report[row].verdict is Verdict.PROVED for row in GROUPS)
    symbols = [str(block.symbol) for block in catalogue(name).blocks]
    assert all(symbol in report[GROUPS[1]].sentence for symbol in symbols)
    assert ("X, Y turned together" in report[GROUPS[0]].sentence) is ("Y" in symbols)


def with_velocity(model, symbol, velocity, *parameters):
    own = {**model.velocities, symbol: velocity}
    return replace(
        model, name="twin", velocity=own, parameters=(*model.parameters, *parameters), energy=None
    )


LABELS, MASSES = MatrixSymbol("w", n, 1), MatrixSymbol("c", others, 1)
READ = RowSoftmax(beta * Y * Y.T, MASSES) * Y
BLOCKS = {
    "lengths that grow by label": (with_velocity(PRE_LN, r, LABELS, LABELS), GROUPS[1]),
    "speeds by label": (
        with_velocity(PRE_LN, X, DiagMatrix(LABELS) * PRE_LN.velocities[X], LABELS),
        GROUPS[1],
    ),
    "an encoder with masses of its own": (
        with_velocity(ENCODER_DECODER, Y, Tangent(Y, READ), MASSES),
        GROUPS[1],
    ),
    "an encoder that turns its values": (
        with_velocity(
            ENCODER_DECODER, Y, Tangent(Y, RowSoftmax(beta * Y * Y.T, MASSES) * Y * V), MASSES, V
        ),
        GROUPS[0],
    ),
    "keys on axes that stay": (
        Model(
            "axes",
            {X: Tangent(X, RowSoftmax(beta * X * PLACES.T, m) * X), r: r},
            parameters=(beta, PLACES),
            blocks=(Block(X), Block(r, "positive")),
        ),
        GROUPS[0],
    ),
}


@pytest.mark.parametrize("twin", BLOCKS)
def test_a_block_that_breaks_a_group_is_refuted_at_a_point(twin):
    model, row = BLOCKS[twin]
    evidence = check_model(model, only=row)[row]
    assert evidence.verdict is Verdict.REFUTED and "in coordinate" in evidence.detail
    other = GROUPS[1 - GROUPS.index(row)]
    if twin != "keys on axes that stay" and "turns" not in twin:
        assert check_model(model, only=other)[other].verdict is Verdict.PROVED


@pytest.mark.parametrize("mask", ["causal", "bipartite"])
def test_labels_of_a_mask_are_seen_beside_lengths(mask):
    report = check_model(catalogue(f"{mask} + pre-LN"), only=GROUPS)
    assert report[GROUPS[0]].verdict is Verdict.PROVED
    evidence = report[GROUPS[1]]
    assert evidence.verdict is Verdict.REFUTED and "r = [" in evidence.detail


def pre_ln(points, lengths, masses, hot=1.25):
    weights = np.exp(hot * points @ points.T) * masses
    pull = weights / weights.sum(axis=1, keepdims=True) @ points
    along = np.sum(points * pull, axis=1)
    return (pull - along[:, None] * points) / lengths[:, None], along


def species(points, keys, masses, hot=1.25):
    def read(rows, columns, weights):
        found = np.exp(hot * rows @ columns.T) * weights
        return found / found.sum(axis=1, keepdims=True) @ columns

    def tangent(rows, field):
        return field - np.sum(rows * field, axis=1, keepdims=True) * rows

    ones = np.ones(len(keys))
    moved = tangent(points, read(points, points, masses) + read(points, keys, ones))
    return moved, tangent(keys, read(keys, keys, ones))


def test_formulas_by_hand_have_both_groups():
    rng = np.random.default_rng(5)
    points, keys = (rng.normal(size=(size, 3)) for size in (4, 3))
    points, keys = (p / np.linalg.norm(p, axis=1, keepdims=True) for p in (points, keys))
    lengths, masses = rng.uniform(0.2, 3, 4), rng.uniform(0.2, 3, 4)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    order, swap = rng.permutation(4), rng.permutation(3)
    speed, growth = pre_ln(points, lengths, masses)
    turned = pre_ln(points[order] @ turn, lengths[order], masses[order])
    assert np.allclose(turned[0], speed[order] @ turn) and np.allclose(turned[1], growth[order])
    fast, slow = species(points, keys, masses)
    turned = species(points[order] @ turn, keys[swap] @ turn, masses[order])
    assert np.allclose(turned[0], fast[order] @ turn) and np.allclose(turned[1], slow[swap] @ turn)
