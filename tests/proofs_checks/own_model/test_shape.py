"""The row "consensus spectrum" for sums of attentions, masks and positions."""

import pytest

from proofs_checks import Verdict, check_model
from proofs_checks.own_model.shape import CONSENSUS_SPECTRUM
from proofs_checks.proof import Flow
from theory import Mask, Model, catalogue
from theory.atoms import RowSoftmax, Tangent
from theory.blocks import Block
from theory.symbols import V, X, beta, m, r

FULL = RowSoftmax(beta * X * X.T, m) * X
HOT = RowSoftmax(2 * beta * X * X.T, m) * X
CAUSAL = RowSoftmax(beta * X * X.T, m, mask=Mask.causal()) * X


def decided(model):
    flow = Flow.of(model)
    prediction = CONSENSUS_SPECTRUM.derive(flow)
    refuted = CONSENSUS_SPECTRUM.refute(flow, prediction, None)
    return refuted, CONSENSUS_SPECTRUM.decide(flow, prediction)


@pytest.mark.parametrize(
    "model",
    [
        Model("sum", Tangent(X, FULL + HOT)),
        Model("causal and full", Tangent(X, FULL + CAUSAL)),
        Model("less than it", Tangent(X, FULL - HOT / 2)),
        *map(catalogue, ("sink", "window", "RoPE", "ALiBi + causal", "nGPT", "pre-LN", "Sinkhorn")),
    ],
    ids=lambda model: model.name,
)
@pytest.mark.slow
def test_consensus_is_stable_for_every_number_of_tokens(model):
    refuted, sheet = decided(model)
    assert refuted is None
    assert all(step.holds for step in sheet.steps)
    assert "symbolic" in sheet.scope["n"]


@pytest.mark.slow
def test_consensus_that_repels():
    refuted, sheet = decided(Model("away", Tangent(X, -FULL - HOT)))
    assert "unstable" in refuted.text
    assert not all(step.holds for step in sheet.steps)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cross-attention", "low-rank heads"])
def test_consensus_that_moves_is_a_gap(name):
    refuted, sheet = decided(catalogue(name))
    assert refuted is None and "consensus moves" in sheet.steps[0].evidence
    assert not sheet.steps[0].holds


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("pre-LN", "G = XX^T and r"),
        ("moving masses", "G = XX^T and m"),
        ("encoder-decoder", "G = XX^T, G_XY and G_YY"),
    ],
)
def test_inner_products_close_with_the_other_blocks(name, names):
    evidence = check_model(catalogue(name), only="Gram closure")["Gram closure"]
    assert evidence.verdict is Verdict.PROVED
    assert evidence.sentence == f"{names} obey equations of their own"


def test_a_value_matrix_beside_lengths_leaves_the_gram_matrix_open():
    own = {X: Tangent(X, FULL * V), r: r}
    model = Model(
        "turned values", own, parameters=(beta, V), blocks=(Block(X), Block(r, "positive"))
    )
    evidence = check_model(model, only="Gram closure")["Gram closure"]
    assert evidence.verdict is not Verdict.PROVED
