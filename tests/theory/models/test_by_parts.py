"""Models by their parts: names, slots, facts that follow from the parts, and errors at the door."""

import itertools
import pickle
from dataclasses import replace

import pytest
from sympy import Identity, Integer, MatrixSymbol, Symbol, exp, log, simplify

from theory import SA, attention_form
from theory.atoms import MaskedSoftmax, RowSoftmax
from theory.derivations import (
    dissipation,
    equiangular,
    gram_flow,
    is_permutation_equivariant,
    is_rotation_equivariant,
)
from theory.linearize import masked_consensus
from theory.masks import Mask
from theory.models import (
    CAUSAL,
    CROSS_ATTENTION,
    ENCODER_DECODER,
    EXTRA_KEY,
    LOW_RANK_HEADS,
    MULTI_QUERY,
    PRE_LN,
    QK_SA,
    Model,
    attention_model,
    catalogue,
    in_scheme,
    pair_weights,
    ranked_heads,
)
from theory.models.by_parts import SLOTS, W, exponent, sink
from theory.positions import Distances, Rotary
from theory.symbols import K, Q, X, beta, d, gamma, k, m, n, z
from theory.weights import SinkSoftmax, SquaredDistances

NAMES = (
    "SA", "USA", "post-LN", "pre-LN", "peri-LN", "mix-LN", "nGPT", "CoD", "LNS",
    "LNS with scores", "causal", "causal ALiBi", "summed sigmoid", "positive features",
    "strictly causal", "window", "graph", "bipartite", "ALiBi", "RoPE", "sink",
    "softmax-off-by-one", "sigmoid", "linear", "ReLU", "L2", "long context", "low-rank heads",
    "multi-query", "MLP block", "parallel block", "pre-LN layer", "cross-attention",
    "encoder-decoder", "moving masses", "Sinkhorn", "repulsive", "discrete layer", "no projection",
)  # fmt: skip
PAIRS = [
    f"{one} + {other}"
    for first, second in itertools.combinations(SLOTS.values(), 2)
    for one, other in itertools.product(first, second)
]


def test_the_names_are_there():
    assert set(NAMES) <= set(catalogue())


@pytest.mark.parametrize("name", NAMES)
def test_models_are_values_with_one_name(name):
    model = catalogue(name)
    assert isinstance(model, Model) and catalogue(name.upper()) is model
    assert pickle.loads(pickle.dumps(model)) == model
    assert catalogue(f"  {name} ") is model


@pytest.mark.slow
def test_parts_of_different_slots_combine():
    for name in PAIRS:
        if "strictly causal" in name and name.endswith(("peri-LN", "nGPT")):
            continue
        model = catalogue(name)
        parts = name.split(" + ")
        assert catalogue(" + ".join(reversed(parts)).lower()) == model
        for slot, filling in (("positions", Rotary), ("mask", Mask)):
            if parts[0] in SLOTS[slot] and parts[0] != "ALiBi":
                assert any(expr.has(filling) for expr in model.velocities.values())
        assert len(model.blocks) == 1 + any(
            part in parts for part in ("pre-LN", "peri-LN", "mix-LN", "LNS", "LNS with scores")
        )


def test_parts_mean_what_they_are_called():
    scores = beta * X * X.T
    assert attention_model() is SA is catalogue("post-LN") and catalogue("causal") is CAUSAL
    assert catalogue("causal + post-LN").velocity == CAUSAL.velocity
    assert (
        attention_model(scheme="pre-LN")
        == PRE_LN
        == in_scheme("pre-LN", RowSoftmax(scores, m) * X, (beta,))
    )
    weights = pair_weights(catalogue("sink").velocity)
    assert weights == SinkSoftmax(scores, m, sink - log(n))
    weights = pair_weights(catalogue("window + sink").velocity)
    assert weights == SinkSoftmax(scores, m, sink - log(n), Mask.band(2))
    weights = pair_weights(catalogue("graph").velocity)
    assert weights == MaskedSoftmax(scores, m, Mask.graph(W))
    turned = pair_weights(catalogue("RoPE").velocity).scores
    assert len(turned.atoms(Rotary)) == 1 and not turned.has(Distances)
    assert catalogue("ALiBi + L2").velocity.has(Distances(n), SquaredDistances(X, X))
    assert attention_model(mask=Mask.cross(2)).velocity.has(Mask.cross(2))
    assert catalogue("discrete layer").kind == catalogue("pre-LN layer").kind == "map"
    assert catalogue("rope + CAUSAL + sink + peri-ln").name == "RoPE + causal + sink + peri-LN"


@pytest.mark.parametrize(
    ("name", "kernel", "normalised"),
    [
        ("L2", exp(2 * beta * z), True),
        ("long context", exp(exponent * z * log(n)), True),
        ("linear", beta * z, False),
    ],
)
def test_forms_that_are_scalar_attention_are_read_as_such(name, kernel, normalised):
    form = attention_form(catalogue(name))
    assert (simplify(form.kernel - kernel), form.normalised, form.scale) == (0, normalised, 1)


def test_others_are_not_taken_for_scalar_attention():
    for name in ("sink", "softmax-off-by-one", "RoPE", "ALiBi", "window", "causal + L2"):
        assert attention_form(catalogue(name)) is None
    assert attention_form(catalogue("positive features")) is None
    for name in ("sigmoid", "summed sigmoid", "ReLU"):
        assert not attention_form(catalogue(name)).normalised


@pytest.mark.slow
def test_names_cite_what_they_are():
    """A source is named for what it has, and what isn't in it says so."""
    cited = {
        "CoD": "2510.22026", "LNS": "2502.05795", "LNS with scores": "2502.05795",
        "linear": "2212.07677", "positive features": "2006.16236", "causal ALiBi": "2108.12409",
        "summed sigmoid": "2409.04431",
    }  # fmt: skip
    for name, number in cited.items():
        assert catalogue(name).reference == f"arXiv {number}", name
    assert catalogue("sigmoid").reference == "arXiv 2409.04431, by masses"
    assert catalogue("ALiBi").reference == "arXiv 2108.12409, symmetric"
    assert catalogue("causal ALiBi") == catalogue("ALiBi + causal")


@pytest.mark.slow
def test_what_climbs_an_energy_has_its_identity_derived():
    for name in SLOTS["weights"]:
        found = dissipation(catalogue(name))
        assert found.proved, (name, found.residual)
    assert catalogue("sink + causal").energy is None
    wrong = replace(catalogue("sink"), metric=SA.metric)
    assert not dissipation(wrong).proved


@pytest.mark.every(4, kept="slow", rest="full")
@pytest.mark.parametrize("name", SLOTS["weights"])
def test_weights_without_positions_treat_all_tokens_alike(name):
    model = catalogue(name)
    assert is_permutation_equivariant(model) and is_rotation_equivariant(model)
    assert gram_flow(model).proved and equiangular(model).proved
    assert not is_permutation_equivariant(catalogue(f"causal + {name}"))
    assert is_rotation_equivariant(catalogue(f"causal + {name}"))


@pytest.mark.slow
def test_equal_angles_under_a_sink_and_under_distances():
    share, base = exp(beta * gamma), 2 * (1 - gamma) * ((n - 1) * gamma + 1)
    total = exp(beta) + (n - 1) * share
    own = equiangular(catalogue("softmax-off-by-one")).rate
    assert simplify(own - base * share / (1 + total)) == 0
    own = equiangular(catalogue("sink")).rate
    assert simplify(own - base * share / (exp(sink) + total)) == 0
    at_two = equiangular(SA).rate.subs(beta, 2 * beta)
    assert simplify(equiangular(catalogue("L2")).rate - at_two) == 0


def test_masks_are_read_with_the_weights_that_they_restrict():
    own = masked_consensus(catalogue("causal + L2"), 3).eigenvalues
    assert own == masked_consensus(CAUSAL, 3).eigenvalues
    assert pair_weights(catalogue("causal + L2").velocity).mask == Mask.causal()


def test_queries_and_keys_enter_every_score():
    assert attention_model(matrices=True) is QK_SA
    for parts in ({"positions": "RoPE"}, {"mask": "causal"}, {"weights": "L2"}, {"scheme": "CoD"}):
        model = attention_model(**parts, matrices=True)
        assert model.parameters[-1 if "scheme" not in parts else 2] == K and model.energy is None
        plain = attention_model(**parts)
        same = model.subs({Q: Identity(d), K: Identity(d)}).velocity
        assert same == plain.velocity.doit(), parts
    turned = pair_weights(attention_model("RoPE", matrices=True).velocity).scores
    assert {rotary.field for rotary in turned.atoms(Rotary)} == {X * Q.T, X * K.T}


def test_heads_of_their_own_rank_and_heads_that_share_their_keys():
    shapes = [tuple(p.shape) for p in LOW_RANK_HEADS.parameters[1:]]
    assert shapes == [(1, d), (1, d), (d, d), (2, d), (2, d), (d, d)]
    assert [str(p) for p in MULTI_QUERY.parameters] == ["beta", "K", "Q_1", "V_1", "Q_2", "V_2"]
    rank = Symbol("k_1", integer=True, positive=True)
    assert ranked_heads([rank, k]).parameters[1] == MatrixSymbol("Q_1", rank, d)
    assert is_permutation_equivariant(LOW_RANK_HEADS) and is_permutation_equivariant(MULTI_QUERY)
    for ranks, shared, message in (
        ([], False, "a rank >= 1 for each head"),
        ([0], False, "a rank >= 1 for each head"),
        ([Integer(1), 2], True, "one rank for heads that share"),
    ):
        with pytest.raises(ValueError, match=message):
            ranked_heads(ranks, shared_key=shared)


def test_two_species_are_two_blocks():
    assert [b.space for b in CROSS_ATTENTION.blocks] == ["sphere", "constant"]
    assert [b.space for b in ENCODER_DECODER.blocks] == ["sphere", "sphere"]
    keys = CROSS_ATTENTION.blocks[1].symbol
    assert not ENCODER_DECODER.velocities[keys].has(X)
    assert len(EXTRA_KEY.parameters) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("per-LN", "Expected a name among post-LN, pre-LN, peri-LN but got name='per-LN'"),
        ("sinc", "Expected a name among .*sink.* but got name='sinc'"),
        ("ALiBi + rope", "one part for positions but got 'ALiBi' and 'RoPE'.*drop one"),
        ("causal + window", "one part for mask but got 'causal' and 'window'"),
        ("sink + sigmoid", "one part for weights"),
        ("pre-LN + CoD", "one part for scheme"),
        ("causal + causal", "one part for mask"),
        ("Sinkhorn + causal", "got 'Sinkhorn' in name='Sinkhorn . causal', a model of its own"),
        ("causl + sink", "Expected a name among .*causal.* part 'causl'"),
        ("causal + ", "Expected a name among"),
        ("", "Expected a name among SA"),
        ("strictly causal + nGPT", "output that isn't zero"),
    ],
)
def test_names_that_mean_nothing_are_refused(name, message):
    with pytest.raises(ValueError, match=message):
        catalogue(name)


def test_parts_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="Expected positions one of"):
        attention_model(positions="T5")
    with pytest.raises(ValueError, match="Expected scheme one of"):
        attention_model(scheme="sandwich")
    with pytest.raises(ValueError, match="Expected scheme one of"):
        in_scheme("sandwich", SA.velocity.field, (beta,))
