"""Confinement: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import MatAdd

from proofs_checks import check_model
from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_2.confinement import CONFINEMENT
from proofs_checks.proof import unprojected
from theory.models import CAUSAL, ENCODER_DECODER, PURE_ATTENTION, SA, SINKHORN, catalogue
from theory.models.species import Y


def run(claim, model):
    return claim.check(model, claim.prediction, Budget(20, np.random.default_rng(3)))


def test_attention_on_space_is_not_confined():
    assert run(CONFINEMENT, PURE_ATTENTION).verdict is Verdict.REFUTED


def test_what_has_no_intervals_is_refuted_in_floats():
    evidence = run(CONFINEMENT, unprojected(SINKHORN))
    assert evidence.verdict is Verdict.REFUTED
    assert "<x_i, x_i'> is off by up to" in evidence.detail


TWIN = replace(
    SA, velocity=MatAdd(2 * SA.velocity, -SA.velocity.field), name="projected twice as much"
)


def test_own_twin_is_refuted():
    evidence = run(CONFINEMENT, TWIN)
    assert evidence.verdict is Verdict.REFUTED and evidence.cases >= 1


def test_sizes_are_symbolic_and_controls_show_a_point(reports):
    report = reports["Confinement"]
    assert {report.evidence.scope[size] for size in ("n", "d", "masses")} == {"symbolic"}
    for _, evidence in report.controls:
        assert "X = [" in evidence.detail and "beta = 1 " not in evidence.detail


def test_one_broken_model_among_good_ones_is_found():
    evidence = run(CONFINEMENT, (*CONFINEMENT.model[:2], TWIN))
    assert evidence.verdict is Verdict.REFUTED and TWIN.name in evidence.detail


def test_causal_attention_is_confined():
    assert run(CONFINEMENT, CAUSAL).verdict is Verdict.PROVED


@pytest.mark.parametrize("name", ["pre-LN", "encoder-decoder", "moving masses"])
def test_each_block_on_the_sphere_stays_there(name):
    assert check_model(catalogue(name), only="confinement")["confinement"].word == "PROVED"


def test_a_second_species_that_leaves_the_sphere_is_seen():
    free = ENCODER_DECODER.velocities | {Y: Y}
    evidence = check_model(replace(ENCODER_DECODER, velocity=free), only="confinement")[
        "confinement"
    ]
    assert evidence.verdict is Verdict.REFUTED and "<y_1, y_1'> = 1 at" in evidence.detail
