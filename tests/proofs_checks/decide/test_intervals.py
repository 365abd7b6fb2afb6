"""Enclosures hold every sample, or say that there is none."""

import numpy as np
import pytest
import sympy as sp
from mpmath import iv
from sympy import Integer, Rational, binomial, exp, expand, sqrt

from proofs_checks.decide.intervals import NoEnclosureError, enclose, enclose_smooth
from proofs_checks.paper.section_6.theorem_6_7_wendel import COUNT
from theory.symbols import n, z

FUNCTIONS = (
    sp.exp(z), sp.log(2 + z), sp.sin(3 * z), sp.cos(z), sp.tan(z), sp.sinh(z), sp.cosh(2 * z),
    sp.tanh(z), sp.asin(z / 2), sp.acos(z / 2), sp.atan(3 * z), sp.asinh(z), sp.atanh(z / 2),
    sp.sqrt(2 + z), (2 + z) ** sp.Rational(-3, 2), 1 / (3 - z), z**3 - z / 3, sp.Abs(z),
    (2 + z) ** sp.pi, sp.Float(0.1) * z,
)  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_enclosures_hold_every_sample(function):
    numeric = sp.lambdify(z, function, "mpmath")
    for a, b in ((-1, 1), (-0.5, 0.25), (0, 0.125)):
        box = enclose(function, {z: iv.mpf([a, b])})
        for at in np.linspace(a, b, 21):
            assert float(box.a) - 1e-15 <= numeric(at) <= float(box.b) + 1e-15


@pytest.mark.parametrize("function", [1 / z, sp.log(z), sp.gamma(2 + z), sp.sqrt(z)], ids=str)
def test_no_enclosure_is_an_error(function):
    with pytest.raises(NoEnclosureError, match="Expected"):
        enclose(function, {z: iv.mpf([-1, 1])})


def test_enclose_holds_the_value():
    value = enclose_smooth(exp(Rational(-1, 3)) * sqrt(Integer(2)) / 7, {})
    assert float(value.a) <= np.exp(-1 / 3) * np.sqrt(2) / 7 <= float(value.b)
    with pytest.raises(ValueError, match="elementary"):
        enclose_smooth(expand(binomial(n, COUNT)), {})
