"""Noise as part of a model: what is refused, and that nothing reads a model without its noise."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from sympy import Float, I, Identity, Rational, Symbol, oo

from theory import QKV, SA, USA, Block, Model, Noise, catalogue, discrete_layer
from theory.atoms import RowSoftmax, Tangent
from theory.derivations import (
    circle_angles,
    dissipation,
    equiangular,
    gnomonic,
    gram_flow,
    is_permutation_equivariant,
    is_rotation_equivariant,
    two_clusters,
)
from theory.linearize import antipodal, consensus, polygon
from theory.models import PURE_ATTENTION
from theory.noise import carried_rows
from theory.predictions import equiangular_modes
from theory.symbols import K, Q, V, X, beta, d, eta, kappa, m, t

NOISY = replace(SA, noise=Noise(Rational(1, 10)))


@pytest.mark.parametrize("strength", [-1, "1", None, True, oo, float("nan"), I, X, -kappa - 1])
def test_a_strength_is_a_number_at_least_0_or_an_expression(strength):
    with pytest.raises(ValueError, match="Expected a strength κ >= 0 but got strength="):
        Noise(strength)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ({"on": "V"}, "Expected a matrix parameter or None but got on='V'"),
        ({"scope": "all"}, "Expected scope one of"),
        ({"convention": "Ito"}, "Expected convention one of"),
    ],
)
def test_other_words_are_refused(words, match):
    with pytest.raises(ValueError, match=match):
        Noise(1, **words)


def test_noise_is_carried_by_subs_by_pickle_and_by_the_name():
    model = replace(SA, noise=Noise(kappa * (1 + t**2)), parameters=(beta, kappa))
    put = model.subs({kappa: Rational(1, 4), beta: 2})
    assert put.noise == Noise((1 + t**2) / 4)
    assert put.parameters == ()
    assert pickle.loads(pickle.dumps(put)) == put
    assert "with sqrt(2κ) P_i∘dB_i" in str(put)
    assert put != put.drift
    assert put.drift.noise is None
    assert SA.drift is SA
    assert model.subs({kappa: eta}).parameters == (beta, eta)


def test_what_a_model_cannot_have():
    with pytest.raises(ValueError, match="add them to parameters"):
        replace(SA, noise=Noise(kappa))
    with pytest.raises(ValueError, match=r"Expected a theory\.Noise or None"):
        replace(SA, noise=0.1)
    with pytest.raises(ValueError, match="Expected a flow of tokens alone on the sphere"):
        replace(PURE_ATTENTION, noise=Noise(1))
    with pytest.raises(ValueError, match="Expected a flow of tokens alone on the sphere"):
        replace(discrete_layer(SA), noise=Noise(1))
    with pytest.raises(ValueError, match="Expected a flow of tokens alone on the sphere"):
        replace(catalogue("pre-LN"), noise=Noise(1))
    with pytest.raises(ValueError, match="Expected a noisy matrix among the parameters"):
        replace(SA, noise=Noise(1, on=V))
    with pytest.raises(ValueError, match="Expected other parameters than the noisy one"):
        replace(QKV, noise=Noise(1, on=V)).subs({V: Identity(d)})


def test_noise_is_on_the_matrix_that_values_are_multiplied_by_last():
    twice = QKV.subs({V: 2 * V})
    assert (carried_rows(twice.velocity, V) * V.T).doit() == twice.velocity.field
    for other in (Q, K):
        with pytest.raises(ValueError, match="multiplied by last"):
            replace(QKV, noise=Noise(1, on=other))
    scores = Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X * V.T)
    with pytest.raises(ValueError, match="multiplied by last"):
        Model("both", scores, parameters=(beta, V), noise=Noise(1, on=V))
    beside = Tangent(X, RowSoftmax(beta * X * X.T, m) * X * V.T + X * Q.T * K)
    model = Model("beside", beside, parameters=(beta, V, Q, K), noise=Noise(1, on=V))
    assert model.noise is not None


@pytest.mark.every(4)
@pytest.mark.parametrize(
    "reader",
    [
        gram_flow, equiangular, circle_angles, two_clusters, gnomonic, dissipation, consensus,
        antipodal, is_rotation_equivariant, is_permutation_equivariant, discrete_layer,
        equiangular_modes, lambda model: polygon(model, 3),
    ],
)  # fmt: skip
def test_derivations_of_flows_refuse_noise(reader):
    reader(SA)
    with pytest.raises(ValueError, match="Expected a model without noise but got model=SA"):
        reader(NOISY)
    reader(NOISY.drift)


def test_blocks_and_noise_exclude_one_another():
    r = Symbol("r")
    with pytest.raises(ValueError, match=r"Expected"):
        Model("two", {X: USA.velocity}, blocks=(Block(X), Block(m, "constant")), noise=Noise(r))


def test_floats_and_rationals_are_strengths():
    assert Noise(0.1).strength == Float(0.1)
    assert Noise(0).strength == 0
