"""Exact codes against NumPy: moments by Gegenbauer polynomials, Newton's form by quadrature."""

from itertools import islice

import numpy as np
import pytest
from scipy.special import eval_chebyt, eval_gegenbauer, roots_jacobi

from theory.codes import (
    code_named,
    cross_polytope,
    named_codes,
    raised,
    regular_polygon,
    simplex,
    zonal_step,
)
from theory.number_fields import RATIONALS

STRENGTHS = {
    "icosahedron": (3, 5),
    "half 5-cube": (2, 3),
    "Schläfli code": (2, 4),
    "equiangular code": (3, 5),
    "E8 roots": (4, 7),
    "600-cell": (8, 11),
    "cube": (3, 3),
    "dodecahedron": (5, 5),
    "24-cell": (4, 5),
    "triangular bipyramid": (3, 1),
}


def zonal(k, d, t):
    if d == 2:
        return eval_chebyt(k, t)
    return eval_gegenbauer(k, d / 2 - 1, t) / eval_gegenbauer(k, d / 2 - 1, 1.0)


@pytest.mark.parametrize("name", STRENGTHS)
def test_numbers_of_named_codes(name):
    code = code_named(name)
    assert (code.m, code.strength) == STRENGTHS[name]
    assert code.sharp == (STRENGTHS[name][1] >= 2 * STRENGTHS[name][0] - 1)
    assert sum(code.counts) == code.n * (code.n - 1)
    products = np.array([code.field.value(t) for t in code.products])
    assert np.all(np.diff(products) > 0)
    for k, moment in enumerate(islice(code.zonal_moments(), 13), start=1):
        direct = code.n + np.dot(code.counts, zonal(k, code.d, products))
        assert code.field.value(moment) == pytest.approx(direct, abs=1e-8 * code.n**2)


@pytest.mark.every(6)
@pytest.mark.parametrize("n", range(3, 25))
def test_polygons_are_sharp(n):
    code = regular_polygon(n)
    assert (code.m, code.strength, code.sharp) == (n // 2, n - 1, True)
    assert code.newton_positive


@pytest.mark.parametrize("d", [2, 3, 6])
def test_families(d):
    assert simplex(d + 1, d).strength == 2 and simplex(d + 1, d).sharp
    assert simplex(2, d).sharp and simplex(2, d).strength == 1
    assert cross_polytope(d).strength == 3 and cross_polytope(d).sharp
    assert cross_polytope(d).newton_positive and simplex(d + 1, d).newton_positive


@pytest.mark.parametrize("name", ["icosahedron", "equiangular code", "E8 roots", "cube"])
def test_newton_polynomials_by_quadrature(name):
    code = code_named(name)
    d, products = code.d, [code.field.value(t) for t in code.products]
    nodes, weights = roots_jacobi(30, (d - 3) / 2, (d - 3) / 2)
    values = np.ones_like(nodes)
    for j, row in enumerate(code.newton):
        for k, coefficient in enumerate(row):
            basis = zonal(k, d, nodes)
            direct = np.sum(weights * values * basis) / np.sum(weights * basis**2)
            assert code.field.value(coefficient) == pytest.approx(direct, abs=1e-11)
        values = values * (nodes - products[j // 2])


def test_newton_can_be_negative():
    """Of nodes in another order, so that the sign test isn't idle."""
    code = code_named("cube")
    turned = type(code)(code.n, code.d, code.field, code.products[::-1], code.counts[::-1])
    assert code.newton_positive and not turned.newton_positive


def test_zonal_recurrence():
    t = np.linspace(-1, 1, 7)
    for d in (2, 3, 8):
        for k in range(5):
            up, down = map(float, zonal_step(k, d))
            right = up * zonal(k + 1, d, t) + down * zonal(max(k - 1, 0), d, t)
            assert np.allclose(t * zonal(k, d, t), right)
    assert len(raised([RATIONALS.rational(1)], 4, RATIONALS)) == 2


def test_errors_name_the_argument():
    for call, name in (
        (lambda: simplex(5, 3), "n=5"),
        (lambda: cross_polytope(1), "d=1"),
        (lambda: regular_polygon(2), "n=2"),
        (lambda: code_named("teapot"), "name='teapot'"),
        (lambda: code_named("regular 2-gon"), "name='regular 2-gon'"),
    ):
        with pytest.raises(ValueError, match=name):
            call()
    assert len(named_codes()) == len(STRENGTHS)
