"""What statements speak of: objects that a model hasn't make a row no row, and nothing else does.

The tables are those of the theorems for models in pull form: what has no meaning for which model,
and what does have one, whatever its proof needs.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import DiagMatrix, exp

from proofs_checks import Verdict, check_model
from proofs_checks.discovery import questions
from proofs_checks.own_model.check import speaks_of
from proofs_checks.proof import Flow
from theory import CAUSAL, SA, SINKHORN, USA, Model, Noise, catalogue
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.masks import Mask
from theory.models import DISCRETE_SA, gradient_flow
from theory.parse import parse_kernel
from theory.symbols import V, X, beta, m, t, z

OF_A_FORM = ("(2.7)", "(2.8)", "Remark 3.5", "Gaussian closure", "time change", "moving masses")
OF_WEIGHTS = ("(2.6)", "Kuramoto", "(7.2)", "(7.3)", "(7.4)", "(7.5)", "(8.1)", "discrete layer")
OF_A_MASK = (
    "leader induction",
    "rate of followers",
    "consensus spectrum under a mask",
)
OF_MEASURES = ("(3.1)", "(3.2)", "(3.3)", "(3.4)", "(3.10)", "Lemma 3.7", "(3.16)")
OF_EXCHANGED = ("(6.11)", "(6.12)")
OF_PAIRS = (
    "(3.5)",
    "Proposition 3.4",
    "Proposition 3.4 maximum",
    "Proposition 3.4 minimum",
    "Proposition 3.4 uniqueness",
)
ALWAYS = (
    "permutation equivariance",
    "rotation equivariance",
    "Gram closure",
    "Lemma 6.4",
    "Theorem 4.1",
    "circle",
    "Theorem 6.1",
    "Theorem 6.3",
    "Theorem 6.8",
    "(4.2)",
    "(6.2)",
    "(6.4)",
    "(6.8)",
    "Lipschitz bound",
    "Remark 3.1",
)
"""What every model of tokens on the sphere is asked."""


BANDED = Model(
    "own window",
    Tangent(X, RowSoftmax(beta * X * X.T, m, mask=Mask.band(2)) * X),
    parameters=(beta,),
)
SQUARES = Model(
    "own kernel", Tangent(X, Elementwise(1 + z**2, X * X.T) * DiagMatrix(m) * X), parameters=()
)
EUCLIDEAN = replace(USA, name="USA in space", space="euclidean")

LACKING = {
    "pre-LN": (catalogue("pre-LN"), OF_A_FORM + OF_WEIGHTS + OF_A_MASK),
    "nGPT": (catalogue("nGPT"), OF_A_FORM + OF_WEIGHTS + OF_A_MASK),
    "causal": (CAUSAL, OF_A_FORM + OF_WEIGHTS + OF_MEASURES + OF_EXCHANGED + OF_PAIRS),
    "own window": (BANDED, OF_A_FORM + OF_WEIGHTS + OF_MEASURES + OF_EXCHANGED + OF_PAIRS),
    "RoPE": (catalogue("RoPE"), OF_A_FORM + OF_WEIGHTS + OF_MEASURES + OF_EXCHANGED + OF_A_MASK),
    "ALiBi": (catalogue("ALiBi"), OF_A_FORM + OF_WEIGHTS + OF_MEASURES + OF_EXCHANGED + OF_A_MASK),
    "encoder-decoder": (catalogue("encoder-decoder"), OF_A_FORM + OF_WEIGHTS + OF_PAIRS),
    "causal + pre-LN": (catalogue("causal + pre-LN"), OF_A_FORM + OF_WEIGHTS + OF_MEASURES),
    "SA": (SA, (*OF_A_FORM[2:], *OF_A_MASK, "Kuramoto", "(7.4)", "(7.5)", "(8.1)")),
    "USA": (USA, (*OF_A_FORM, *OF_A_MASK, "(2.5)", "(2.6)", "(3.2)", "Kuramoto")),
    "own kernel": (
        SQUARES,
        (*OF_A_FORM, *OF_A_MASK, "(2.5)", "(3.3)", "(7.5)", "Theorem 4.2", "(4.4)"),
    ),
    "moving masses": (catalogue("moving masses"), (*OF_A_FORM[:5], *OF_WEIGHTS, "(2.5)")),
}
SPOKEN = {
    "pre-LN": (*ALWAYS, *OF_MEASURES[::3], *OF_PAIRS, *OF_EXCHANGED, "(2.5)", "energy ascent"),
    "nGPT": (*ALWAYS, "(3.4)", *OF_EXCHANGED, "(2.5)"),
    "causal": (*ALWAYS, *OF_A_MASK, "(2.5)", "equiangular ODE"),
    "own window": (*ALWAYS, *OF_A_MASK[2:], "(2.5)", "equiangular ODE"),
    "RoPE": (*ALWAYS, "(2.5)", "equiangular ODE"),
    "ALiBi": (*ALWAYS, "(2.5)", "equiangular ODE"),
    "encoder-decoder": (*ALWAYS, "(2.5)", "(3.4)", "energy ascent"),
    "causal + pre-LN": (*ALWAYS, *OF_A_MASK, "(2.5)"),
    "SA": (*ALWAYS, *OF_MEASURES[:4], *OF_PAIRS, "(2.7)", "(2.6)", "(3.7)", "(7.2)", "(7.3)"),
    "USA": (*ALWAYS, "(3.1)", "(3.10)", *OF_PAIRS, "(7.4)", "(7.5)", "(8.1)"),
    "own kernel": (*ALWAYS[:4], *ALWAYS[5:], "(3.1)", "(6.11)"),
    "moving masses": (*ALWAYS, *OF_PAIRS, "moving masses", "(3.1)", "energy ascent"),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_names_an_object_that_the_model_lacks(name: str) -> None:
    model, labels = LACKING[name]
    spoken = [label for label in labels if speaks_of(label, model)]
    assert spoken == []


@pytest.mark.parametrize("name", SPOKEN)
def test_what_makes_sense_is_asked_whatever_its_proof_needs(name: str) -> None:
    model = LACKING[name][0]
    silent = [label for label in SPOKEN[name] if not speaks_of(label, model)]
    assert silent == []


def test_a_layer_and_tokens_on_space_are_other_kinds() -> None:
    """Derivatives in time have no meaning for a map; consensus has one."""
    for label in ("(3.1)", "(6.2)", "(4.2)", "Lipschitz bound", "Remark 6.5"):
        assert not speaks_of(label, DISCRETE_SA) and not speaks_of(label, EUCLIDEAN)
    for label in ("Lemma 6.4", "Theorem 6.1", "Theorem 6.3", "(6.4)", "Theorem 6.8", "circle"):
        assert speaks_of(label, DISCRETE_SA) and not speaks_of(label, EUCLIDEAN)
    for label in ("Gram closure", "permutation equivariance"):
        assert speaks_of(label, EUCLIDEAN)
    assert speaks_of("dissipation identity", EUCLIDEAN)
    assert not speaks_of("dissipation identity", DISCRETE_SA)


def test_noise_is_another_kind_for_every_statement_on_flows() -> None:
    noisy = replace(SA, noise=Noise(0.2))
    report = check_model(noisy, only=["Lemma 6.4", "(2.5)", "permutation equivariance"])
    assert all(not row.applies and "noise" in row.evidence.detail for row in report.rows)


@pytest.mark.parametrize(
    ("model", "label", "words"),
    [
        (catalogue("encoder-decoder"), "Theorem 4.3", "has the blocks X, Y"),
        (catalogue("moving masses"), "Theorem 4.3", "has the blocks X, m"),
        (SINKHORN, "Theorem 4.3", "weights k(<x_i,x_j>)"),
        ("exp(beta*t)/beta + t**3", "Theorem 6.1", "TRACE_POSITIVE"),
        (DISCRETE_SA, "Theorem 6.1", "a map, not a flow"),
        (SA.subs({beta: beta * exp(t)}), "Lemma 6.4", "SCHEDULED"),
    ],
)
def test_a_premise_of_the_proof_leaves_it_undecided_by_name(model, label, words) -> None:
    """What the paper's proof needs is no reason to be silent, and refutes nothing."""
    if isinstance(model, str):
        model = gradient_flow(interaction_energy(parse_kernel(model)))
    found = questions()[label].ask(Flow.of(model))
    assert found.verdict is Verdict.UNDECIDED, found.detail
    assert found.detail.startswith("the proof needs ") and words in found.detail


def test_vacuous_is_an_empty_domain_of_parameters_with_its_range() -> None:
    found = check_model(SA, only=["Theorem 6.1"], beta=-5.0)["Theorem 6.1"]
    assert found.verdict is Verdict.VACUOUS and "β >= 0: β = -5" in found.detail
    found = check_model(DISCRETE_SA, only=["discrete layer"], eta=-0.5)["discrete layer"]
    assert found.verdict is Verdict.VACUOUS and "η > 0: η = -1/2" in found.detail


@pytest.mark.parametrize("label", ["(3.7)", "Theorem 4.2", "(2.6)"])
def test_parameters_make_no_other_kind(label: str) -> None:
    """A number for β, of whatever sign, leaves the model of its kind."""
    for beta_ in (2.0, 0.0, -1.0):
        assert check_model(SA, only=[label], beta=beta_)[label].applies


def test_a_value_matrix_is_no_other_kind_for_the_hemisphere() -> None:
    own = Model("own", Tangent(X, RowSoftmax(beta * X * X.T, m) * X * V.T), parameters=(beta, V))
    for label in ("Lemma 6.4", "Theorem 6.3", "(4.2)", "(6.1)"):
        assert speaks_of(label, own)
