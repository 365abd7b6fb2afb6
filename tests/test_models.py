"""Models, energies and dissipation identities: what is derived, and what is refused."""

import pickle

import mpmath
import pytest
import sympy as sp

from theory import (
    CAUSAL,
    DISCRETE_SA,
    PURE_ATTENTION,
    QKV,
    REPULSIVE,
    RESCALED_ATTENTION,
    SA,
    SINKHORN,
    SYMMETRIC_QKV,
    USA,
    Model,
    anchor_energy,
    attention_form,
    discrete_layer,
    energy_bounds,
    feed_forward,
    gradient_flow,
    interaction_energy,
    multi_head,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.derivations import dissipation
from theory.energy import ENERGY, energy_gradient, pair_kernel, pole_free
from theory.symbols import Q, V, X, beta, d, k, m, n, t, z

W = sp.MatrixSymbol("W", k, d)
c = sp.MatrixSymbol("c", k, 1)
h = sp.Function("h")
ALL = (
    SA, USA, REPULSIVE, QKV, SYMMETRIC_QKV, PURE_ATTENTION, RESCALED_ATTENTION, SINKHORN, CAUSAL,
    DISCRETE_SA, multi_head(3), feed_forward(2),
)  # fmt: skip


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_models_pickle_and_compare(model):
    assert pickle.loads(pickle.dumps(model)) == model
    assert model.name in str(model)


def test_the_elementwise_derivative_keeps_its_inner_factor():
    atom = Elementwise(sp.exp(beta * z) / beta, X * X.T)
    assert atom.derivative().body == sp.exp(beta * z)
    assert (m.T * atom * m).diff(X).has(sp.exp(beta * z))


def test_a_scalar_moves_inside_the_function():
    assert Elementwise(sp.exp, beta * X * X.T) == Elementwise(sp.exp(beta * z), X * X.T)


def test_evaluating_keeps_the_atom():
    nested = Elementwise(sp.exp, Elementwise(z**2, X * X.T)).doit()
    assert isinstance(nested, Elementwise) and nested.body == sp.exp(z**2)
    # The identity stays an atom: opened, it would lose itself in the product around it.
    assert interaction_energy(z).has(Elementwise)
    plain = sp.Rational(1, 2) * m.T * X * X.T * m
    assert attention_form(gradient_flow(plain)) == attention_form(
        gradient_flow(interaction_energy(z))
    )
    turned = gradient_flow(m.T * X * V * X.T * m)
    assert turned.velocity == gradient_flow(interaction_energy(2 * z, V)).velocity
    explicit = Elementwise(z**2 + 1, sp.Matrix([[1, 2]])).doit()
    assert explicit == sp.Matrix([[2, 5]])


def test_usa_is_the_gradient_flow_of_the_energy():
    assert gradient_flow(ENERGY).velocity == USA.velocity
    assert gradient_flow(ENERGY, flow="softmax").velocity == SA.velocity
    assert gradient_flow(ENERGY, flow="softmax").metric == SA.metric


def test_beta_cancels_in_a_derived_velocity():
    assert USA.velocity.subs(beta, 0).doit() == Tangent(
        X, Elementwise(sp.S.One, X * X.T) * sp.DiagMatrix(m) * X
    )


@pytest.mark.parametrize(
    ("model", "proved"),
    [
        (SA, True),
        (USA, True),
        (REPULSIVE, True),
        (SYMMETRIC_QKV, False),  # needs V symmetric, see below
        (gradient_flow(interaction_energy(h(z))), True),
        (gradient_flow(interaction_energy(h(z), Q.T * sp.MatrixSymbol("K", k, d))), True),
        (gradient_flow(ENERGY + anchor_energy(h(z), W, c)), True),
        (gradient_flow(ENERGY + m.T * X * W.T * c), True),
        (gradient_flow(interaction_energy(sp.log(2 + z)), flow="softmax"), True),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_dissipation(model, proved):
    assert dissipation(model).proved is proved


def test_dissipation_under_a_hypothesis_and_its_broken_twins():
    assert dissipation(SYMMETRIC_QKV, symmetric=(V,)).proved
    swapped = Model("twin", SA.velocity, SA.energy, m)  # the metric of USA
    assert not dissipation(swapped).proved
    halved = Model("twin", USA.velocity, ENERGY / 2, m)
    assert dissipation(halved).residual != sp.ZeroMatrix(n, d)
    with pytest.raises(ValueError, match="Expected a flow with an energy"):
        dissipation(CAUSAL)


def test_attention_form():
    form = attention_form(REPULSIVE)
    assert (form.kernel, form.normalised, form.scale) == (sp.exp(beta * z), True, -1)
    both = attention_form(gradient_flow(ENERGY + interaction_energy(z**3)))
    assert both.kernel == sp.exp(beta * z) + 3 * z**2 and not both.normalised
    plain = attention_form(gradient_flow(interaction_energy(sp.log(2 + z)), flow="softmax"))
    assert plain.kernel == 1 / (z + 2) and plain.normalised
    for model in (QKV, CAUSAL, SINKHORN, DISCRETE_SA, PURE_ATTENTION):
        assert attention_form(model) is None


def test_pair_kernel_sums_and_refuses():
    assert pair_kernel(ENERGY + interaction_energy(z**2)) == sp.exp(beta * z) / beta + z**2
    assert pair_kernel(ENERGY + anchor_energy(z, W, c)) is None


def test_pole_free():
    assert pole_free(sp.exp(beta * z) / beta, beta, 0) == z
    assert pole_free(z**3, beta, 0) == z**3


@pytest.mark.parametrize(("dimension", "b"), [(2, 0.7), (3, 2.0), (7, 5.0)])
def test_energy_bounds_against_quadrature(dimension, b):
    bounds = energy_bounds()
    weight = lambda u: (1 - u**2) ** (mpmath.mpf(dimension - 3) / 2)  # noqa: E731
    total = mpmath.quad(weight, [-1, 0, 1])
    mean = mpmath.quad(lambda u: mpmath.exp(b * u) * weight(u), [-1, 0, 1]) / total
    assert float(bounds.minimum.subs({d: dimension, beta: b}).evalf()) == pytest.approx(
        float(mean / (2 * b)), rel=1e-6
    )
    assert float(bounds.maximum.subs(beta, b)) == pytest.approx(float(mpmath.exp(b) / (2 * b)))


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
        (lambda: gradient_flow(interaction_energy(z**3), flow="softmax"), "h' > 0"),
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
