"""Continuity equations: multipliers and rates against integrals, predictions, and refusals."""

import math

import pytest
from scipy.integrate import quad
from scipy.special import eval_chebyt, eval_gegenbauer, eval_legendre
from sympy import Integral, Rational, Symbol, cosh, exp, lambdify, log, simplify, sin

from theory.energy import interaction_energy
from theory.measures import (
    continuity_equation,
    funk_hecke,
    harmonics,
    uniform_density,
    zonal_harmonic,
)
from theory.models import CAUSAL, PURE_ATTENTION, QKV, REPULSIVE, SA, USA, catalogue, gradient_flow
from theory.predictions import mode_growth_rate
from theory.symbols import beta, d, t, z

K = Symbol("k", integer=True, positive=True)


def zonal(degree, size, u):
    if size == 2:
        return eval_chebyt(degree, u)
    order = size / 2 - 1
    return eval_gegenbauer(degree, order, u) / eval_gegenbauer(degree, order, 1.0)


def multiplier(f, degree, size):
    """Integrate over the angle, where no weight is singular."""
    weight = math.gamma(size / 2) / (math.sqrt(math.pi) * math.gamma((size - 1) / 2))
    return (
        quad(
            lambda a: f(math.cos(a)) * zonal(degree, size, math.cos(a)) * math.sin(a) ** (size - 2),
            0,
            math.pi,
            epsabs=1e-13,
        )[0]
        * weight
    )


@pytest.mark.parametrize("model", [SA, USA], ids=str)
def test_rates_of_the_papers_models_are_the_predicted_ones(model):
    own = continuity_equation(model).growth_rate(K, d)
    assert simplify(own - mode_growth_rate(K, beta, d, model.name)) == 0


@pytest.mark.every(15)
@pytest.mark.parametrize("size", [2, 3, 5, 8])
@pytest.mark.parametrize(
    "kernel",
    [exp(-2 * z), z**4 - z, z * exp(3 * z / 2), z**2 * exp(-z), cosh(z) + z**3, log(2 + z), sin(z)],
    ids=str,
)
def test_multipliers_are_integrals(kernel, size):
    f = lambdify(z, kernel, "math")
    for degree in range(4):
        found = funk_hecke(kernel, degree, size)
        value = float(found.evalf(20)) if not found.has(Integral) else float(found.evalf(15))
        assert value == pytest.approx(multiplier(f, degree, size), abs=1e-10)


@pytest.mark.slow
def test_the_rate_of_any_kernel_is_that_of_its_multipliers():
    h = log(3 + 2 * z) + z**2 / 5
    equation = continuity_equation(gradient_flow(interaction_energy(h), "log"))
    for degree, size in ((1, 2), (3, 2), (2, 3), (2, 6)):
        said = degree * (degree + size - 2) * multiplier(lambdify(z, h, "math"), degree, size)
        assert float(equation.growth_rate(degree, size).evalf(15)) == pytest.approx(said, abs=1e-10)


def test_a_softmax_is_divided_by_the_mean_of_its_weights():
    h = exp(z) + z / 2
    equation = continuity_equation(gradient_flow(interaction_energy(h), "two", "softmax"))
    f = lambdify(z, h.diff(z), "math")
    said = 4 * multiplier(lambdify(z, h, "math"), 2, 2) / multiplier(f, 0, 2)
    assert float(equation.growth_rate(2).evalf(15)) == pytest.approx(said, rel=1e-12)


def test_repulsion_is_attraction_with_the_other_sign():
    own = continuity_equation(REPULSIVE).growth_rate(3, 4)
    assert simplify(own + mode_growth_rate(3, beta, 4)) == 0


def test_beta_zero_is_the_limit():
    cold = continuity_equation(USA.subs({beta: 0}))
    assert [cold.growth_rate(k, 3) for k in (1, 2)] == [Rational(2, 3), 0]


def test_harmonics_and_the_uniform_density():
    assert [harmonics(degree, 4) for degree in range(5)] == [
        (degree + 1) ** 2 for degree in range(5)
    ]
    assert [harmonics(degree, 2) for degree in range(4)] == [1, 2, 2, 2]
    assert zonal_harmonic(4, 3).subs(z, Rational(1, 3)).evalf() == pytest.approx(
        eval_legendre(4, 1 / 3)
    )
    for size in (3, 4, 7):
        density = lambdify(z, uniform_density(size))
        assert quad(density, -1, 1)[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (QKV, "value matrix"),
        (CAUSAL, "function of <x_i,x_j>"),
        (PURE_ATTENTION, "euclidean"),
        (catalogue("pre-LN"), "blocks"),
        (catalogue("long context"), "depends on n"),
        (SA.subs({beta: beta * t}), "time"),
    ],
    ids=lambda part: part if isinstance(part, str) else part.name,
)
def test_what_has_no_such_equation_is_refused(model, word):
    with pytest.raises(ValueError, match=r"(?s)Expected .*integrate") as caught:
        continuity_equation(model)
    assert word in str(caught.value)


def test_a_model_is_expected():
    with pytest.raises(ValueError, match=r"theory\.Model"):
        continuity_equation("SA")
