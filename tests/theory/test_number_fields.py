"""Exact arithmetic in number fields against SymPy and high precision."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Poly, Symbol, cos, expand, minimal_polynomial, pi, sqrt

from theory.number_fields import (
    RATIONALS,
    NumberField,
    cosine_field,
    cosines,
    quadratic_field,
)

FIELDS = [RATIONALS, quadratic_field(2), quadratic_field(5), cosine_field(7), cosine_field(9)]
small = st.fractions(min_value=-4, max_value=4, max_denominator=9)


@st.composite
def two(draw):
    field = draw(st.sampled_from(FIELDS))
    element = st.tuples(*[small] * field.degree)
    return field, draw(element), draw(element)


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(two())
def test_arithmetic_is_that_of_real_numbers(drawn):
    field, a, b = drawn
    x, y = (field.expr(e).evalf(40) for e in (a, b))
    assert abs(field.expr(field.times(a, b)).evalf(40) - x * y) < 1e-30
    assert abs(field.expr(field.plus(a, b)).evalf(40) - x - y) < 1e-30
    assert field.sign(a) == (0 if not any(a) else (1 if x > 0 else -1))
    assert field.less(a, b) == (x < y)
    if any(a):
        assert field.times(a, field.inverse(a)) == field.rational(1)


def test_signs_next_to_zero():
    field = quadratic_field(2)
    close = (Fraction(-6625109, 4684659), Fraction(1))  # a convergent of √2
    assert field.sign(close) == (1 if sqrt(2) > Fraction(6625109, 4684659) else -1)


def test_quadratic_products_and_zero():
    field = quadratic_field(5)
    assert expand(field.expr((Fraction(1), Fraction(2))) - 1 - 2 * sqrt(5)) == 0
    with pytest.raises(ZeroDivisionError, match="no inverse"):
        field.inverse(field.rational(0))


@pytest.mark.parametrize("n", [3, 4, 5, 8, 11, 24])
def test_cosines(n):
    for b, c in enumerate(cosines(n)):
        difference = cosine_field(n).expr(c) - cos(2 * pi * b / n)
        assert abs(difference.evalf(50)) < 1e-45
    assert cosines(n)[1] == cosines(n)[n - 1]


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 12, 15])
def test_minimal_polynomials_of_cosines(n):
    x = Symbol("x")
    expected = Poly(minimal_polynomial(2 * cos(2 * pi / n), x), x).all_coeffs()
    assert list(cosine_field(n).minimal) == expected[::-1]
    low, high = cosine_field(n).enclosure(Fraction(1, 10**6))
    assert low <= 2 * cos(2 * pi / n) <= high and high - low < Fraction(1, 10**5)


def test_what_generates_no_field():
    with pytest.raises(ValueError, match="multiply it by 4"):
        NumberField.generated_by(sqrt(5) / 2)
    with pytest.raises(ValueError, match="real"):
        NumberField.generated_by(sqrt(Integer(-2)))
