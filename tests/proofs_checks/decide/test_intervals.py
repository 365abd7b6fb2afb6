"""Enclosures hold the values that 50 digits give, everywhere, or say that there is none."""

from collections.abc import Iterator
from fractions import Fraction
from math import inf, nextafter

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from sympy import Integer, Rational, binomial, exp, expand, sqrt

from proofs_checks.decide.intervals import (
    NoEnclosureError,
    enclose,
    enclose_ball,
    enclosed_sign,
    interval,
)
from proofs_checks.paper.section_6.theorem_6_7_wendel import COUNT
from theory.positive_part import PositivePart
from theory.symbols import beta, n, z

FUNCTIONS = (
    sp.exp(z), sp.log(2 + z), sp.sin(3 * z), sp.cos(z), sp.tan(z), sp.sinh(z), sp.cosh(2 * z),
    sp.tanh(z), sp.asin(z / 2), sp.acos(z / 2), sp.atan(3 * z), sp.asinh(z), sp.atanh(z / 2),
    sp.erf(3 * z),
    sp.sqrt(2 + z), (2 + z) ** sp.Rational(-3, 2), 1 / (3 - z), z**3 - z / 3, sp.Abs(z),
    (2 + z) ** sp.pi, sp.Float(0.1) * z,
    PositivePart(z, 1), PositivePart(z, Rational(3, 2)), PositivePart(-z, 2),
    PositivePart(2 + z, -1), sp.Max(z, 1 - z, z**2), sp.Min(z, sp.exp(-z)) + z,
)  # fmt: skip

DOMAINS = {
    sp.exp(z): (-700, 700), sp.log(z): (0, 1e300), sp.sin(z): (-1e6, 1e6), sp.cos(z): (-1e6, 1e6),
    sp.tan(z): (-1e3, 1e3), sp.sinh(z): (-700, 700), sp.cosh(z): (-700, 700),
    sp.tanh(z): (-400, 400), sp.asin(z): (-1, 1), sp.acos(z): (-1, 1), sp.atan(z): (-1e300, 1e300),
    sp.asinh(z): (-1e300, 1e300), sp.atanh(z): (-1, 1), sp.sqrt(z): (0, 1e300),
    z ** Rational(3, 2): (0, 1e200), z ** Rational(-1, 3): (0, 1e300), 1 / z: (-1e300, 1e300),
    z**3: (-1e100, 1e100), z**-2: (-1e100, 1e100), sp.Abs(z): (-1e300, 1e300),
    z**sp.pi: (1e-300, 1e90), sp.Ei(z): (0, 600), sp.besseli(2, z): (0, 600),
}  # fmt: skip
"""Every function of the walk, and the doubles at which it is compared."""

SPECIAL = {
    sp.sin(z): [k * np.pi / 2 for k in range(-8, 9)],
    sp.cos(z): [k * np.pi / 2 for k in range(-8, 9)],
    sp.tan(z): [k * np.pi / 4 for k in range(-8, 9)],
}
"""Places besides 0 and ±1 near which doubles are drawn: poles, tops, ties."""

STEEP = {sp.tan(z), sp.atanh(z)}
"""Near a pole the bits of a double are used up."""


def places(function: sp.Expr, count: int, rng: np.random.Generator) -> Iterator[float]:
    """Doubles all over the domain, and neighbours of 0, ±1, of its ends, poles and ties."""
    low, high = DOMAINS[function]
    for near in [0.0, 1.0, -1.0, low, high, *SPECIAL.get(function, [])]:
        below = above = float(near)
        yield from (near + s * 2.0**-k for k in range(1, 60) for s in (-1, 1))
        yield float(near)
        for _ in range(3):
            below, above = nextafter(below, -inf), nextafter(above, inf)
            yield from (below, above)
    for _ in range(count):
        if rng.integers(2):
            yield float(rng.uniform(max(low, -10), min(high, 10)))
        else:
            yield float(rng.choice([-1, 1]) * 10 ** rng.uniform(-300, np.log10(high)))


def hostile(function: sp.Expr, count: int) -> Iterator[tuple[float, mpmath.mpf]]:
    """Doubles and the value of the function there, to 50 digits."""
    low, high = DOMAINS[function]
    at_its_best = sp.lambdify(z, function, "mpmath")
    for place in places(function, count, np.random.default_rng(0)):
        if low <= place <= high:
            try:
                # The digits of a double near a pole or a tie are lost: they are put on top.
                with mpmath.workdps(120):
                    value = at_its_best(mpmath.mpf(place))
            except (ZeroDivisionError, ValueError):
                continue
            if isinstance(value, mpmath.mpf) and mpmath.isfinite(value):
                yield place, value


def assert_holds_everywhere(function: sp.Expr, count: int, least: int) -> None:
    compared = 0
    for place, value in hostile(function, count):
        found = enclose(function, {z: place})
        sign, mantissa, exponent, _ = value._mpf_
        with ctx.workprec(600):
            exact = arb(((-1) ** sign * int(mantissa), exponent))
            # The value itself is rounded, far below the last bit of the enclosure.
            slack = abs(exact) * arb("1e-50").upper()
            assert found.a <= exact + slack and exact - slack <= found.b, (function, place)
            wide = (found.b - found.a) * 2**50 > max(abs(exact), arb(1))
            assert not wide or function in STEEP, (function, place)
        compared += 1
    assert compared >= least


@pytest.mark.every(4)
@pytest.mark.parametrize("function", DOMAINS, ids=str)
def test_enclosures_hold_values_of_many_digits(function):
    assert_holds_everywhere(function, 100, least=100)


@pytest.mark.full
@pytest.mark.parametrize("function", DOMAINS, ids=str)
def test_enclosures_hold_a_hundred_thousand_values(function):
    assert_holds_everywhere(function, 140_000, least=100_000)


@pytest.mark.every(4)
@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_enclosures_hold_every_sample(function):
    numeric = sp.lambdify(z, function, "mpmath")
    for a, b in ((-1, 1), (-0.5, 0.25), (0, 0.125)):
        box = enclose(function, {z: interval(a, b)})
        for at in np.linspace(a, b, 21):
            assert float(box.a) - 1e-15 <= numeric(at) <= float(box.b) + 1e-15


@pytest.mark.parametrize(
    ("function", "box", "image"),
    [
        (sp.cos(z), (-1, 1), (0.5403023058681397, 1)),
        (sp.cos(z), (0, 4), (-1, 1)),
        (sp.sin(z), (1, 2), (0.8414709848078965, 1)),
        (z**2, (-1, 2), (0, 4)),
        (z**3, (-1, 2), (-1, 8)),
        (sp.cosh(z), (-1, 2), (1, 3.7621956910836314)),
        ((1 + z) ** Rational(3, 2), (-1, 0), (0, 1)),
        (sp.Abs(z), (-2, 1), (0, 2)),
        (sp.asin(z), (-1, 1), (-1.5707963267948966, 1.5707963267948966)),
    ],
    ids=str,
)
def test_images_of_wide_boxes_are_sharp(function, box, image):
    found = enclose(function, {z: interval(*box)})
    assert (float(found.a), float(found.b)) == pytest.approx(image, abs=1e-15)
    whole = [bound for bound in image if float(bound).is_integer()]
    assert all(found.a == bound or found.b == bound for bound in whole), "exact at ties"


@pytest.mark.parametrize(
    "function",
    [1 / z, sp.log(z), sp.gamma(2 + z), sp.sqrt(z), sp.tan(2 * z), sp.atanh(z)],
    ids=str,
)
def test_no_enclosure_is_an_error(function):
    with pytest.raises(NoEnclosureError, match="Expected"):
        enclose(function, {z: interval(-1, 1)})


def test_enclose_holds_the_value():
    value = enclose(exp(Rational(-1, 3)) * sqrt(Integer(2)) / 7)
    assert float(value.a) <= np.exp(-1 / 3) * np.sqrt(2) / 7 <= float(value.b)
    with pytest.raises(NoEnclosureError, match="elementary"):
        enclose(expand(binomial(n, COUNT)))


def test_an_exponent_may_be_a_symbol():
    power = sp.Symbol("p")
    assert -8 in enclose(z**power, {z: -2, power: 3})
    with pytest.raises(NoEnclosureError, match="Expected"):
        enclose(z**power, {z: -2, power: interval(2, 3)})


def test_both_arithmetics_agree():
    for function in FUNCTIONS:
        with ctx.workprec(100):
            ball = enclose_ball(function, {z: arb("0.3")})
            found = enclose(function, {z: interval("0.3")})
            assert ball.overlaps(found.a.union(found.b)), function
            assert ball.rel_accuracy_bits() > 80


def test_the_working_precision_of_others_is_left_alone():
    with ctx.workprec(33):
        enclose(sp.exp(z), {z: 1})
        assert ctx.prec == 33


@pytest.mark.parametrize("second", [Fraction(7, 2), Fraction(499), Fraction(10**20 + 1)])
def test_the_law_of_beta_against_many_digits(second):
    for first in (Fraction(1, 2), Fraction(1), Fraction(5, 2)):
        at = Fraction(3) / (3 + second)
        found = interval(at).beta_law(first, second)
        with mpmath.workdps(60):
            digits = mpmath.betainc(
                mpmath.mpf(first.numerator) / first.denominator,
                mpmath.mpf(second.numerator) / second.denominator,
                0,
                mpmath.mpf(at.numerator) / at.denominator,
                regularized=True,
            )
        assert float(found.b - found.a) < 1e-12
        assert abs(found.mid - float(digits)) < 1e-12


def test_the_law_of_beta_is_of_probabilities():
    with pytest.raises(NoEnclosureError):
        interval(2).beta_law(Fraction(1, 2), Fraction(1))


def test_signs_by_enclosures():
    half = sp.Rational(1, 2)
    assert enclosed_sign(sp.exp(-500 * z) - sp.exp(-501 * z), {z: sp.S.One}) == 1
    assert enclosed_sign(beta * z - 1, {z: half, beta: sp.S.One}) == -1
    assert enclosed_sign(2 * z - 1, {z: half}) == 0 == enclosed_sign(1 / z, {z: sp.S.Zero})


def test_ends_may_be_infinite():
    """Of parts: what is infinite itself is no enclosure, and neither are 0·∞ and ∞ - ∞."""
    low = interval(0, 1).log()
    assert not low.is_finite and low.b == 0
    assert (1 / (low - 1)).a == -1 and (1 / (low - 1)).b == 0
    assert low.exp().a == 0 and low.exp().b == 1
    assert low.tanh().a == -1 and low.power(Fraction(3)).b == 0
    for refused in (
        lambda: low - low, lambda: low * interval(0, 1), lambda: low * low, low.sin, low.sqrt,
        lambda: enclose(sp.log(z), {z: interval(0, 1)}), lambda: interval(-1, 1).log(),
    ):  # fmt: skip
        with pytest.raises(NoEnclosureError):
            refused()
