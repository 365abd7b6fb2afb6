"""Sharp codes: the bound against optimisation and floats; twins of our own."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, exp, sin

from numerics import sphere
from proofs_checks.claim import Verdict
from proofs_checks.extensions.sharp_codes import SHARP_CODES, Sharp
from proofs_checks.proof import How
from proofs_checks.proof.codes import bound_gap, sharp_step
from theory.codes import code_named
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.symbols import beta, z

KERNEL = exp(beta * z) / beta


@pytest.mark.every(3)
@pytest.mark.parametrize("name", ["icosahedron", "half 5-cube", "E8 roots", "regular 7-gon"])
@pytest.mark.parametrize("hot", [Rational(1, 10), Integer(5)])
def test_sharp_codes_attain_the_bound(name, hot):
    energy, left = bound_gap(KERNEL, code_named(name), hot)
    assert 0 in left and energy.a > 0


@pytest.mark.every(3)
@pytest.mark.parametrize(
    "name", ["cube", "dodecahedron", "24-cell", "triangular bipyramid", "600-cell"]
)
def test_others_stay_above_it(name):
    for hot in (Rational(1, 2), Integer(2), Integer(8)):
        _, left = bound_gap(KERNEL, code_named(name), hot)
        assert left.a > 0
    step = sharp_step(name, code_named(name))
    assert not step.holds and "design" in step.evidence


@pytest.mark.parametrize("name", ["icosahedron", "half 5-cube", "regular 7-gon"])
def test_random_codes_have_more_energy(name):
    code = code_named(name)
    for hot in (0.2, 3.0, 12.0):
        own = sum(c * np.exp(hot * float(t)) for t, c in code.inner_products.items())
        for points in sphere.random_points(code.n, code.d, 3, 50):
            pairs = (points @ points.T)[~np.eye(code.n, dtype=bool)]
            assert np.exp(hot * pairs).sum() > own


def test_the_step_is_decided():
    step = sharp_step("icosahedron", code_named("icosahedron"))
    assert step.holds and step.how is How.DECIDED and not step.enclosed


def attractive(kernel, name):
    return gradient_flow(-interaction_energy(kernel), name)


TWINS = {
    "a decreasing kernel": replace(SHARP_CODES, model=attractive(-z, "attraction")),
    "another m": replace(SHARP_CODES, prediction=Sharp((("icosahedron", 2),))),
    "sharp ones and a cube": replace(
        SHARP_CODES, prediction=Sharp((("icosahedron", 3), ("cube", 3)))
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


@pytest.mark.slow
def test_a_kernel_with_a_negative_derivative_is_not_proved(found):
    for kernel in (sin(z), z - z**4 / 100):
        evidence = found(replace(SHARP_CODES, model=attractive(kernel, "bent")))
        assert evidence.verdict is Verdict.UNDECIDED


def test_an_unknown_code_is_named(found):
    with pytest.raises(ValueError, match="name='teapot'"):
        Sharp((("teapot", 1),)).named()


@pytest.mark.parametrize("hot", [Integer(0), Rational(-1, 2)])
def test_the_bound_needs_a_positive_beta(hot):
    with pytest.raises(ValueError, match=f"Expected β > 0 but got hot={hot}"):
        bound_gap(KERNEL, code_named("icosahedron"), hot)
