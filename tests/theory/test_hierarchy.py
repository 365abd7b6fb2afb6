"""The hierarchy (8.1): against explicit tokens, between its levels, and where it is refused."""

import pytest
from sympy import Function, Rational, cos, exp, sin

from theory import CAUSAL, SA, USA, bbgky, gradient_flow, interaction_energy
from theory.derivations import circle_angles, phi
from theory.hierarchy import mean_force, x, y
from theory.symbols import beta, n, t, z

CUBIC = gradient_flow(interaction_energy(z + z**3 / 5), "cubic")
AT = {beta: Rational(7, 5)}


@pytest.mark.parametrize("model", [USA, CUBIC])
def test_the_rates_of_explicit_tokens(model):
    # Four tokens at 0, x, y, w: the difference of the first two, written out by the equation of
    # the angles, is the pair's own term and those of two others.
    law, w = bbgky(model), Rational(9, 4)
    place = {x: Rational(1, 3), y: Rational(-6, 5)}
    angles = [0, place[x], place[y], w]
    rates = circle_angles(model).rates(angles)
    own = law.pair.subs({n: 4, **place})
    others = [law.force.subs(phi, place[x] - a) + law.force.subs(phi, a) for a in (place[y], w)]
    left = rates[1] - rates[0] - own - sum(others) / 4
    assert abs(left.subs(AT).evalf(30)) < 1e-25
    assert law.proved and law.share.subs(n, 4) == -1


def test_the_velocity_is_that_of_the_paper():
    law = bbgky(USA)
    slope = exp(beta * cos(x)).diff(x)
    g = beta * mean_force(t, x)
    assert (law.velocity - 2 * slope / beta / n + 2 * (n - 2) * g / beta / n).simplify() == 0


def test_the_top_of_the_hierarchy_is_liouvilles_equation():
    law = bbgky(USA)
    for count in (2, 3):
        assert law.flux(1, count)[1].subs(n, count) == 0
        angles = law.angles(count)
        own = [law.flux(i, count)[0].subs(n, count) for i in range(1, count + 1)]
        rates = circle_angles(USA).rates(angles)
        assert all((a - b).simplify() == 0 for a, b in zip(own, rates, strict=True))


def test_a_level_marginalises_to_the_one_below():
    # Seen from r = 2, the third token is one of n - 2; integrated out, it joins the others.
    law = bbgky(USA)
    at = law.angles(3)
    above, below = law.flux(1, 2), law.flux(1, 1)
    assert (above[0].subs({n: 5}) - law.force.subs(phi, at[0] - at[1]) / 5).simplify() == 0
    # (n-1)/n of one other token is 1/n of it and (n-2)/n of the next.
    unit = law.force.subs(phi, at[0] - at[1])
    next_ = above[1].subs(at[2], at[1])
    assert (below[1] - unit / n - next_).simplify() == 0


def test_equations_hold_derivatives_of_their_laws():
    equation = bbgky(USA).equation(2)
    assert equation.has(Function("rho_3")) and equation.has(Function("rho_2"))
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match=">= 1"):
            bbgky(USA).equation(wrong)


def test_the_early_rates_are_divergences():
    law = bbgky(USA)
    a, b = law.angles(2)
    bend = law.force.diff(phi).subs(phi, b - a)
    assert law.early_rate(1) == 0
    assert (law.early_rate(2) - 2 * bend / n).simplify() == 0


@pytest.mark.parametrize("model", [SA, CAUSAL])
def test_softmax_is_refused_with_the_reason(model):
    with pytest.raises(ValueError) as error:
        bbgky(model)
    if model is SA:
        assert "1/Z_i is random" in str(error.value)


def test_a_kernel_of_two_terms_is_one_force():
    assert (bbgky(CUBIC).force + sin(phi) * (1 + 3 * cos(phi) ** 2 / 5)).simplify() == 0
