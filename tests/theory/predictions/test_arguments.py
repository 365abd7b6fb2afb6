"""Arguments that predictions refuse."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import sympy

from theory import predictions as p
from theory.models import QKV, REPULSIVE, SA, USA, Model
from theory.predictions.arguments import UNIT, within
from theory.predictions.codes import energy_maximum, energy_minimum, polygon_energy
from theory.predictions.cone import cone_rate
from theory.predictions.equiangular import equiangular_rate, equiangular_time
from theory.predictions.modes import fastest_mode, gegenbauer_coefficient, mode_growth_rate
from theory.predictions.spectra import polygon_mode_rate
from theory.predictions.thresholds import critical_angle
from theory.predictions.wendel import wendel_probability
from theory.symbols import beta, n


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: energy_minimum(-1, 3), "a number >= 0 but got beta=-1"),
        (lambda: energy_minimum(1, 1), "whole number >= 2 but got d=1"),
        (lambda: energy_minimum(1, 2.5), "whole number >= 2 but got d=2.5"),
        (lambda: energy_maximum(1, mass=0), "a number > 0 but got mass=0"),
        (lambda: energy_maximum(sympy.oo), "a number >= 0 but got beta="),
        (lambda: energy_maximum(math.nan), "a number >= 0 but got beta="),
        (lambda: gegenbauer_coefficient(-1, 1, 3), "whole number >= 0 but got k=-1"),
        (lambda: equiangular_time(1, 1, 3), r"in \[0, 1\) but got gamma=1"),
        (lambda: equiangular_time(0.5, 1, 1), "whole number >= 2 but got n=1"),
        (lambda: equiangular_rate(0, 1, 3, "QKV"), "one of SA, USA but got model='QKV'"),
        (lambda: wendel_probability(0, 2), "whole number >= 1 but got n=0"),
        (lambda: wendel_probability(n, 2), "Expected numbers but got n=n"),
        (lambda: mode_growth_rate(0, 1), "whole number >= 1 but got mode=0"),
        (lambda: fastest_mode(0), "a number > 0 but got beta=0"),
        (lambda: fastest_mode(beta), "Expected numbers but got beta=beta"),
        (lambda: polygon_energy(n, 1), "number of vertices but got n=n"),
        (lambda: polygon_mode_rate(1, 1, 1), "whole number >= 2 but got k=1"),
        (lambda: critical_angle(0), "a number > 0 but got beta=0"),
        (lambda: cone_rate(0), r"a number in \(0, 1\] but got opening=0"),
        (lambda: polygon_energy(10**40, 1), "<= 1000 but got n=10"),
        (lambda: polygon_mode_rate(1, 10**9, 1), "<= 1000 but got k=10"),
        (lambda: p.dichotomy_beta(10**40), "<= 1000 but got d=10"),
        (lambda: energy_minimum(1, 10**40), "a number <= 100000 but got d=10"),
        (lambda: gegenbauer_coefficient(10**6, 1, 3), "<= 100000 but got k=1000000"),
        (lambda: wendel_probability(10**30, 10**20), "<= 100000 but got n=10"),
        (lambda: p.orthonormal_radius(1, "?"), r"a number in \(0, 1\) but got late=\?"),
        (lambda: p.kuramoto_threshold(None), "a density in .* but got density=None"),
        (lambda: p.kuramoto_threshold("exp(-omega**2)"), "a density in .* but got density='exp"),
        (lambda: p.kuramoto_consistency([1], 1, 1), r"a density in .* but got density=\[1\]"),
    ],
)
def test_bad_input(call, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        call()


PI, BELOW = sympy.pi, sympy.Symbol("q", negative=True)
HALF, POSITIVE = sympy.S.Half, sympy.Symbol("p", positive=True)
INDEFINITE = [[1, 2], [2, 1]]

OF_A_MODEL = ("equiangular_modes", "noise_onset", "output_cosine", "output_limits")

OUTSIDE = [
    # values whose closed form was a complex number, a negative time, a pole, or no state at all
    ("cone_constant", (2,), r"in \(0, 1\] but got opening=2"),
    ("cone_constant", (BELOW,), "but got opening=q"),
    ("cone_constant", (1j,), "but got opening"),
    ("cone_rate", (1.5,), "but got opening=1.5"),
    ("cone_rate", (1, -1), "a number >= 0 but got beta=-1"),
    ("cone_rate", (1, sympy.I, "SA", 1, 2), "a finite real number but got beta=I"),
    ("cone_opening", (INDEFINITE,), "positive definite Gram matrix but got gram"),
    ("cone_opening", ([[1, 0, 0], [0, 1, 2], [0, 2, 1]],), "positive definite"),
    ("cone_opening", ([[2, 0], [0, 2]],), "of unit vectors but got gram"),
    ("cone_opening", ([[1, 0], [0.5, 1]],), "symmetric Gram matrix"),
    ("cone_opening", (2,), "a Gram matrix but got gram=2"),
    ("cone_opening", ("a",), "a Gram matrix but got gram=a"),
    ("antipodal_rates", (None, 2), "whole number >= 1 but got p=None"),
    ("brownian_multiplier", ([1, 2],), r"whole number >= 0 but got degree=\[1, 2\]"),
    ("consensus_rates", (True,), "whole number >= 1 but got n=True"),
    ("critical_angle", (1, None), "whole number >= 2 but got d=None"),
    ("curve_growth", (0.5, 1, [3]), "but got n="),
    ("simplex_energy", (None,), "but got"),
    *((name, (bad,), "a model but got model=") for bad in (None, "a", 2) for name in OF_A_MODEL),
    ("output_limit", ("SA", 1), "a model but got model='SA'"),
    ("two_cluster_rate", (PI,), "but got theta=pi"),
    ("two_cluster_rate", (0,), "but got theta=0"),
    ("two_cluster_rate", (4,), "but got theta=4"),
    ("two_cluster_rate", (1, math.inf), "a finite real number but got beta=inf"),
    ("two_cluster_time", (PI, 1), "theta1 <= theta0 < pi"),
    ("two_cluster_time", (1, 2), "theta1 <= theta0 < pi"),
    ("two_cluster_time_asymptotic", (PI, 9), "but got theta0=pi"),
    ("two_cluster_time_asymptotic", (7, 9), "but got theta0=7"),
    ("two_cluster_time_asymptotic", (3, 1), "where the next order exceeds the first"),
    ("two_cluster_time_asymptotic", (2, sympy.Rational(1, 2)), "pass a larger beta"),
    ("equiangular_rate", (2,), "but got gamma=2"),
    ("equiangular_rate", (-1, 1, 3), r"in \[-1/2, 1\] but got gamma=-1"),
    ("equiangular_rate", (0, math.nan), "but got beta=nan"),
    ("equiangular_time", (-0.5, 1, 3), "but got gamma=-0.5"),
    ("equiangular_inner_product", (-1,), "a number >= 0 but got t=-1"),
    ("mode_amplitude", ("mean", 2), "but got gamma=2"),
    ("mode_amplitude", ("rows", 0.5, 1, 1), "whole number >= 2 but got n=1"),
    ("pair_variance", (-1,), "but got gamma=-1"),
    ("crossing_deviation", (1,), r"in \[0, 1\) but got gamma=1"),
    ("escape_time", (-1, 0.1), "a number > 0 but got rate=-1"),
    ("escape_time", (1, 0), "a number > 0 but got distance=0"),
    ("escape_time", (1, 2), "reach >= distance"),
    ("brownian_multiplier", (1, -1, 3), "but got s=-1"),
    ("jump_law", (0, 3), "a number > 0 but got s=0"),
    ("common_noise_exponent", (1, 1, 3, "ito", -1), "but got strength=-1"),
    ("curve_growth", (2, 1, 3), "but got gamma=2"),
    ("nonlinear_loss", (2, 1), "but got tolerance=2"),
    ("orthonormal_radius", (0.1, 0.2), "late < tolerance"),
    ("sufficient_dimension", (0.1, 0.01, 1, 3, 1), r"in \[0, 1\) but got probability=1"),
    ("kuramoto_consistency", (1, -1, 1), "a number > 0 but got coupling=-1"),
    ("kuramoto_consistency", (1, 1, 2), "but got order=2"),
    ("twisted_state_rate", (6, 6), "a mode below n but got mode=6, n=6"),
    ("twisted_state_rate", (1, 6, 0.5), "whole winding number"),
    ("temperature_deviation", (-1,), "but got t=-1"),
    ("mode_growth_rate", (1, 1, 2, "SA", -1), "but got noise=-1"),
    ("consensus_rates", (3, 3, 1, "USA", -1), "a number > 0 but got mass=-1"),
    ("antipodal_rates", (1, 1, 3, sympy.oo), "but got beta=oo"),
    ("polygon_mode_rate", (-1, 3), "whole number >= 0 but got mode=-1"),
    ("polygon_splitting_rate", (n,), "number of clusters but got k=n"),
    ("saddle_bracket", (2,), "but got inner_product=2"),
    ("small_beta_threshold", (3, 1), "but got least_mass=1"),
    ("hessian_profile", (sympy.I,), "but got tau=I"),
    # no scalars, symbols that can't be what is asked for, values without an end
    ("cone_constant", (sympy.Matrix([1]),), "but got opening=Matrix"),
    ("cone_constant", (sympy.MatrixSymbol("M", 2, 2),), "but got opening=M"),
    ("cone_constant", (sympy.Symbol("A", commutative=False),), "but got opening=A"),
    ("cone_constant", (2 + POSITIVE,), r"in \(0, 1\] but got opening=p \+ 2"),
    ("geodesic_lipschitz", (sympy.I * POSITIVE,), "a number >= 0 but got beta=I"),
    ("chord_lipschitz", (-POSITIVE,), "a number >= 0 but got beta=-p"),
    ("consensus_rates", (BELOW,), "whole number >= 1 but got n=q"),
    ("large_beta_threshold", (sympy.Symbol("q", imaginary=True),), "whole number >= 2"),
    ("twisted_state_rate", (sympy.Matrix([1]), 6), "but got mode=Matrix"),
    ("mode_amplitude", ("rows", HALF, 10**20, 4), r"<= 100000 but got \|beta\|=1000"),
    ("crossing_deviation", (HALF, -(10**400), 4), r"<= 100000 but got \|beta\|=1000"),
    ("fastest_mode", (10**300,), r"a number <= 10+ but got beta=1000"),
    ("fastest_mode", (4, 10**400), "a number <= 100000 but got d=1000"),
    ("dichotomy_beta", (3, POSITIVE), "a number of digits but got digits=p"),
    ("threshold_table", (4, (2,)), r"a sequence of numbers but got tokens=4; write \(4,\)"),
    ("threshold_table", ((4,), None), "a sequence of numbers but got dimensions=None"),
    ("kuramoto_consistency", (sympy.nan, 1, 1), "a number >= 0 but got density=nan"),
    ("kuramoto_consistency", (sympy.I, 1, 1), "a number >= 0 but got density=I"),
    ("small_beta_threshold", (4, None, []), r"one of simple, largest but got form=\[\]"),
    ("common_noise_exponent", (2, 1, 3), "one of -1, 1 but got end=2"),
    ("chord_lipschitz", (1, ["SA"]), r"one of SA, USA but got model=\['SA'\]"),
]


@pytest.mark.parametrize(("name", "given", "problem"), OUTSIDE)
def test_what_lies_outside_the_stated_domain_is_refused(name, given, problem) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        getattr(p, name)(*given)
    assert "; " in str(caught.value), "and says what to do"


def test_symbols_and_the_ends_of_a_domain_are_taken() -> None:
    assert p.cone_constant(1) == 0
    assert sympy.simplify(p.curve_growth(1, 0, 3) - sympy.log(3) / 2) == 0
    assert p.equiangular_rate(-sympy.Rational(1, 2), 1, 3) == 0
    assert p.equiangular_inner_product(0, 3) == 0
    assert p.two_cluster_time_asymptotic(3, 1, corrected=False).is_positive
    free = sympy.Symbol("q")
    assert p.cone_constant(free).free_symbols == {free}
    assert within(free + 2, "x", UNIT, "") == free + 2


TAKING = {
    "cone_rate": (1, 2), "chord_lipschitz": (2,), "geodesic_lipschitz": (2,),
    "transport_lipschitz": (2,), "temperature_deviation": (1, 2), "consensus_rates": (3, 2, 2),
    "antipodal_rates": (1, 2, 2, 2), "polygon_mode_rate": (1, 3, 2),
    "polygon_splitting_rate": (3, 2), "equiangular_rate": (0, 2, 3),
    "equiangular_time": (HALF, 2, 3), "two_cluster_rate": (1, 2),
    "two_cluster_time": (2, 1, 2), "two_cluster_time_asymptotic": (1, 9),
    "noise_threshold": (2, 3), "landau_coefficient": (2, 3), "mode_growth_rate": (1, 2),
    "mode_amplitude": ("rows", HALF, 2, 4), "pair_variance": (HALF, 2, 4),
    "crossing_deviation": (HALF, 2, 4),
}  # fmt: skip
"""Every prediction that takes a model's name, with arguments."""


def test_no_prediction_that_takes_the_name_of_a_model_is_left_out() -> None:
    functions = [name for name in p.__all__ if inspect.isfunction(getattr(p, name))]
    given = {
        name: inspect.signature(getattr(p, name)).parameters.get("model") for name in functions
    }
    named = {name for name, model in given.items() if model and model.default in p.MODELS}
    assert named == set(TAKING)


@pytest.mark.every(2)
@pytest.mark.parametrize("name", TAKING)
def test_a_model_is_taken_where_its_name_is(name: str) -> None:
    call, given = getattr(p, name), TAKING[name]
    own = Model("mine", SA.velocity, parameters=SA.parameters)
    for model, word in ((SA, "SA"), (USA, "USA"), (own, "SA")):
        assert call(*given, model=model) == call(*given, model=word)
    for other in (REPULSIVE, QKV, "sa", None):
        with pytest.raises(ValueError, match="Expected one of SA, USA but got model="):
            call(*given, model=other)


def test_numbers_of_any_size_where_the_value_is_short() -> None:
    assert wendel_probability(3, 10**40) == 1
    assert energy_minimum(1, 1000).evalf(3) > 0


def test_many_digits_take_no_time() -> None:
    """β_* to 1000 digits, where USA's transition stops being continuous, and fewer of the same."""
    root = p.dichotomy_beta(3, 1000)
    assert abs(p.noise_dichotomy(root, 3).evalf(990)) < sympy.Float("1e-980")
    assert p.dichotomy_beta(3, 15) == sympy.Float(root, 15)


def test_a_number_may_be_given_as_text() -> None:
    assert p.orthonormal_radius("1/2", "1/4", 1, 2) == p.orthonormal_radius(
        sympy.Rational(1, 2), sympy.Rational(1, 4), 1, 2
    )


@pytest.mark.parametrize("end", [1, 1.0, sympy.S.One, np.int64(1)])
def test_a_number_of_a_choice_is_any_that_is_equal(end):
    assert p.common_noise_exponent(end) == p.common_noise_exponent(1)
