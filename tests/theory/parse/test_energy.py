"""Energies as text: sums of pair and anchor terms, and what is refused."""

from __future__ import annotations

import itertools

import pytest
import sympy
from sympy import Rational, exp

from theory.atoms import Elementwise
from theory.parse.energy import parse_energy
from theory.parse.reader import ParseError
from theory.symbols import X, beta, m, z


def test_a_bare_kernel_is_one_pair_term() -> None:
    expected = Rational(1, 2) * m.T * Elementwise(exp(beta * z) / beta, X * X.T) * m
    assert parse_energy("exp(beta*t)/beta") == expected
    assert parse_energy("pair(exp(beta*t)/beta)") == expected


def _value(
    energy: sympy.Expr,
    points: sympy.Matrix,
    masses: sympy.Matrix,
    anchors: sympy.Matrix,
    weights: sympy.Matrix,
) -> sympy.Expr:
    """Evaluate an energy entry by entry, away from any compiler."""
    total = sympy.S.Zero
    for term in energy.args:
        scale = sympy.Mul(*[f for f in term.args if not getattr(f, "is_Matrix", False)])
        (kernel,) = [f for f in term.args if isinstance(f, Elementwise)]
        pair = kernel.expr == X * X.T
        others, right = (points, masses) if pair else (anchors, weights)
        for i, j in itertools.product(range(points.shape[0]), range(others.shape[0])):
            inner = points[i, :].dot(others[j, :])
            total += scale * masses[i] * right[j] * kernel.body.subs(z, inner)
    return total


def test_sums_of_pair_and_anchor_terms() -> None:
    energy = parse_energy("2*pair(t**2) - anchor(exp(t), W, c)*3/4")
    points = sympy.Matrix([[1, 0], [0, 1], [Rational(3, 5), Rational(4, 5)]])
    masses = sympy.Matrix([1, 2, 3])
    anchors, weights = sympy.Matrix([[0, 1], [1, 0]]), sympy.Matrix([5, -7])
    pairs = sum(
        masses[i] * masses[j] * points[i, :].dot(points[j, :]) ** 2
        for i in range(3)
        for j in range(3)
    )
    pull = sum(
        masses[i] * weights[a] * exp(points[i, :].dot(anchors[a, :]))
        for i in range(3)
        for a in range(2)
    )
    got = _value(energy, points, masses, anchors, weights)
    assert sympy.simplify(got - (pairs - Rational(3, 4) * pull)) == 0


def test_an_energy_with_a_sign_and_a_parameter_in_its_factor() -> None:
    assert parse_energy("-(pair(t))") == -parse_energy("pair(t)")
    assert parse_energy("+pair(t)/beta") == parse_energy("pair(t)") / beta
    assert parse_energy("pair(t) + pair(t)") == parse_energy("2*pair(t)")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("pair(t) + t", "'t' is not such a term"),
        ("t*pair(t)", "depends on t"),
        ("pair(t)**2", "not such a term"),
        ("1/pair(t)", "unknown"),
        ("exp(pair(t))", "not such a term"),
        ("pair(pair(t))", "'pair' is unknown"),
        ("pair(t)*pair(t)", "'pair' is unknown"),
        ("pair(1/t)", "is 0 near t = 0"),
        ("pair(sqrt(cos(t)**2))", "not C² as written"),
        ("anchor(sqrt(cos(t)**2), W, c)", "not C² as written"),
        ("sqrt(cos(t)**2)", "not C² as written"),
        ("pair()", "pair\\(h\\) or anchor"),
        ("pair(t, t)", "pair\\(h\\) or anchor"),
        ("anchor(t)", "pair\\(h\\) or anchor"),
        ("anchor(t, 0.5, c)", "pair\\(h\\) or anchor"),
        ("anchor(t, W, W)", "two free names"),
        ("anchor(t, X, c)", "two free names"),
        ("anchor(t, beta, c)", "two free names"),
        ("pair(t)/0", "is 0"),
        ("pair(__import__('os'))", "'__import__' is unknown"),
    ],
)
def test_refuses_other_energies(text: str, problem: str) -> None:
    with pytest.raises(ParseError, match=problem):
        parse_energy(text)
