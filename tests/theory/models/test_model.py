"""Models: what is derived, and what is refused."""

import pickle
from dataclasses import replace

import pytest
import sympy as sp

from theory import (
    CAUSAL,
    DISCRETE_SA,
    HARDMAX,
    PURE_ATTENTION,
    QKV,
    REPULSIVE,
    RESCALED_ATTENTION,
    SA,
    SINKHORN,
    STEADY_ATTENTION,
    SYMMETRIC_QKV,
    USA,
    Model,
    anchor_energy,
    attention_form,
    discrete_layer,
    feed_forward,
    gradient_flow,
    interaction_energy,
    multi_head,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.blocks import Block
from theory.derivations import dissipation
from theory.energy import ENERGY, energy_gradient
from theory.symbols import Q, V, X, beta, d, k, m, n, r, t, z

W = sp.MatrixSymbol("W", k, d)
c = sp.MatrixSymbol("c", k, 1)
ALL = (
    SA, USA, REPULSIVE, QKV, SYMMETRIC_QKV, PURE_ATTENTION, RESCALED_ATTENTION, SINKHORN, CAUSAL,
    STEADY_ATTENTION, HARDMAX, DISCRETE_SA, multi_head(3), feed_forward(2),
)  # fmt: skip


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_models_pickle_and_compare(model):
    assert pickle.loads(pickle.dumps(model)) == model
    assert model.name in str(model)


def test_usa_is_the_gradient_flow_of_the_energy():
    assert gradient_flow(ENERGY).velocity == USA.velocity
    assert gradient_flow(ENERGY, flow="softmax").velocity == SA.velocity
    assert gradient_flow(ENERGY, flow="softmax").metric == SA.metric


def test_beta_cancels_in_a_derived_velocity():
    assert USA.velocity.subs(beta, 0).doit() == Tangent(
        X, Elementwise(sp.S.One, X * X.T) * sp.DiagMatrix(m) * X
    )


def test_attention_form():
    form = attention_form(REPULSIVE)
    assert (form.kernel, form.normalised, form.scale) == (sp.exp(beta * z), True, -1)
    both = attention_form(gradient_flow(ENERGY + interaction_energy(z**3)))
    assert both.kernel == sp.exp(beta * z) + 3 * z**2 and not both.normalised
    plain = attention_form(gradient_flow(interaction_energy(sp.log(2 + z)), flow="softmax"))
    assert plain.kernel == 1 / (z + 2) and plain.normalised
    for model in (QKV, CAUSAL, SINKHORN, DISCRETE_SA, PURE_ATTENTION):
        assert attention_form(model) is None


def test_substitution():
    timed = QKV.subs({Q: sp.cos(t) * Q})
    assert timed.velocity.has(sp.cos(t)) and Q in timed.parameters
    repulsive = SYMMETRIC_QKV.subs({V: -sp.Identity(d)})
    assert V not in repulsive.parameters and dissipation(repulsive).proved
    assert SA.subs({beta: beta * (1 + t**2)}).energy is None
    with pytest.raises(ValueError, match="Expected a parameter among"):
        SA.subs({V: V})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Model("a", X * X.T), "velocity of shape"),
        (lambda: Model("a", SA.velocity, space="torus"), "space"),
        (lambda: Model("a", SA.velocity, kind="jump"), "kind"),
        (lambda: Model("a", SA.velocity, parameters=()), r"\['beta'\]"),
        (lambda: Model("a", None), "velocity=None"),
        (lambda: Model("a", SA.velocity, energy=X), "energy of shape"),
        (lambda: Tangent(X, X * X.T), "points' shape"),
        (lambda: RowSoftmax(X * X.T, X), "masses of shape"),
        (
            lambda: gradient_flow(interaction_energy(-z), flow="softmax"),
            r"h' >= 0 .* h'\(t\)=-1 at",
        ),
        (lambda: gradient_flow(interaction_energy(z**2), flow="softmax"), r"h'\(t\)=-2 at t=-1"),
        (lambda: gradient_flow(interaction_energy(2 * z - z**2), flow="softmax"), r"h'\(1\) > 0"),
        (lambda: gradient_flow(interaction_energy(sp.sqrt(z)), flow="softmax"), r"h' >= 0"),
        (lambda: gradient_flow(ENERGY, flow="newton"), "flow"),
        (lambda: gradient_flow(anchor_energy(z, W, c), flow="softmax"), "isotropic pair energy"),
        (lambda: gradient_flow(sp.Integer(3)), "energy of shape"),
        (lambda: energy_gradient(m.T * m), "depends on the tokens|derivative is a matrix"),
        (lambda: energy_gradient(SINKHORN.energy), "closed form"),
        (lambda: interaction_energy("t"), "parse_kernel"),
        (lambda: interaction_energy(None), "parse_kernel"),
        (lambda: multi_head(0), "heads"),
        (lambda: discrete_layer(PURE_ATTENTION), "flow on the sphere"),
    ],
)
def test_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("model", [SA, USA, DISCRETE_SA], ids=lambda model: model.name)
def test_an_energy_at_a_pole_is_its_limit(model):
    """(e^{βz} - 1)/β -> z: a constant is no part of an energy."""
    put = model.subs({beta: 0})
    assert put.energy == interaction_energy(z)
    assert beta not in put.parameters and (put.metric is None) == (model.metric is None)
    assert model.subs({beta: 2}).energy == interaction_energy(sp.exp(2 * z) / 2)


def test_an_energy_without_a_value_is_not_stated():
    for kernel in (z / beta, sp.exp(beta * z) / beta**2, sp.log(beta) * z):
        put = replace(SA, energy=interaction_energy(kernel)).subs({"beta": 0})
        assert put.energy is None and put.metric is None


def test_a_parameter_that_is_named_twice_is_refused():
    with pytest.raises(ValueError, match="beta twice in parameters"):
        Model("twice", Tangent(X, X), parameters=(beta, beta))


KEYS = sp.MatrixSymbol("Y", 3, d)
PARTS = {r: Block(r, "positive"), KEYS: Block(KEYS, "constant")}
RESERVED = [(one, ()) for one in (n, d, t, z, X, m, r, KEYS)] + [(k, (Q,))]  # k: the rows of Q


@pytest.mark.parametrize(("symbol", "others"), RESERVED, ids=str)
def test_what_has_its_value_already_is_no_parameter(symbol, others):
    rates = {X: SA.velocity} | ({r: sp.OneMatrix(n, 1)} if symbol == r else {})
    blocks = (Block(X), *((PARTS[symbol],) if symbol in PARTS else ()))
    assert Model("own", rates, parameters=(beta, *others), blocks=blocks).blocks == blocks
    with pytest.raises(ValueError, match=f"but got {symbol} among the .*leave {symbol} out"):
        Model("own", rates, parameters=(beta, *others, symbol), blocks=blocks)


@pytest.mark.parametrize("symbol", [k, *map(sp.Symbol, ("N", "x", "i", "T"))], ids=str)
def test_a_letter_that_nothing_has_is_free(symbol):
    assert Model("own", Tangent(X, symbol * X), parameters=(symbol,)).parameters == (symbol,)
