"""Atoms keep their factors and stay atoms."""

import sympy as sp

from theory import SA, USA, attention_form, gradient_flow, interaction_energy
from theory.atoms import Elementwise, RowSoftmax
from theory.symbols import V, X, beta, m, n, z


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


def test_a_function_of_a_function_is_one_function():
    gram = X * X.T
    inner = Elementwise(sp.tanh(z), gram)
    assert Elementwise(sp.exp, inner) == Elementwise(sp.exp(sp.tanh(z)), gram)
    assert Elementwise(sp.exp, 3 * inner) == Elementwise(sp.exp(3 * sp.tanh(z)), gram)
    assert Elementwise(z**2 + z, inner) == Elementwise(sp.tanh(z) ** 2 + sp.tanh(z), gram)


def test_scores_that_are_zero_weigh_all_alike():
    cold = SA.subs({beta: 0})
    assert RowSoftmax(sp.ZeroMatrix(n, n), m).kernel() == sp.OneMatrix(n, n)
    assert attention_form(cold).kernel == attention_form(USA.subs({beta: 0})).kernel == 1
    assert attention_form(cold).normalised
