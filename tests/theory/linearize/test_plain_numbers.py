"""Eigenvalues that are numbers come out as plain ones: no square roots below a line, exactly."""

import pytest
from sympy import Pow, Rational, fraction, log, simplify, sqrt, together

from theory.energy import interaction_energy
from theory.linearize import polygon
from theory.linearize.eigenvalues import without_roots_below
from theory.models import gradient_flow
from theory.symbols import beta, z

LOGARITHM = gradient_flow(interaction_energy(log(2 + z)), "log")


def test_the_pentagon_of_a_logarithm():
    assert polygon(LOGARITHM, 5).eigenvalues == (
        (0, 1),
        (Rational(28, 121), 2),
        (Rational(-12, 121), 2),
    )


@pytest.mark.every(5)
@pytest.mark.parametrize("kernel", [log(2 + z), 1 / (3 - z), (2 + z) ** -3])
@pytest.mark.parametrize("count", [5, 8, 10])
def test_no_roots_below_a_line(kernel, count):
    model = gradient_flow(interaction_energy(kernel), str(kernel))
    for value, _ in polygon(model, count).eigenvalues:
        below = fraction(together(value))[1]
        assert not [p for p in below.atoms(Pow) if not p.exp.is_Integer], value


@pytest.mark.parametrize(
    "expr",
    [
        *(1 / (1 + sqrt(2)), (beta + sqrt(5)) / (sqrt(5) - 1) ** 3, 1 / (sqrt(2) + sqrt(3))),
        *(Rational(3, 7), beta / 3, 1 / beta, 1 / (beta + sqrt(2)), sqrt(5) / 4),
    ],
)
def test_it_is_the_same_number(expr):
    found = without_roots_below(expr)
    assert simplify(found - expr) == 0
    below = fraction(together(found))[1]
    if not below.free_symbols:
        assert below.is_Integer
