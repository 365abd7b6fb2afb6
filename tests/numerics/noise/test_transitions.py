"""Transitions against numbers of other computations, and against solutions found otherwise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.fft import irfft, rfft
from scipy.optimize import brentq
from scipy.special import i0, i1, iv, ive
from sympy import Expr, exp

from numerics import ordered_branch, transition
from numerics.noise.drives import drive_of
from theory import REPULSIVE, SA, USA, gradient_flow, interaction_energy
from theory.measures import continuity_equation
from theory.models import QKV
from theory.predictions import dichotomy_beta, noise_threshold
from theory.symbols import beta, z

FIGURES = {
    3.0: (1.317790, 1.329455, 1.332871, 0.481544),
    5.0: (4.867128, 5.319833, 5.425916, 0.748031),
    8.0: (49.98414, 61.38260, 63.80593, 0.843194),
}
"""USA on the circle: kappa_uniform, kappa_transition, kappa_fold, |m_1| at the second."""


@pytest.mark.every(3)
@pytest.mark.parametrize("hot", FIGURES)
def test_usa_on_the_circle(hot: float) -> None:
    found = transition(model=USA, beta=hot, d=2)
    values = (
        found.kappa_uniform,
        found.kappa_transition,
        found.kappa_fold,
        found.order_parameter,
    )
    assert values == pytest.approx(FIGURES[hot], rel=1e-6)
    assert not found.continuous


@pytest.mark.parametrize("hot", [1.0, 2.0])
def test_below_the_dichotomy_the_three_are_one(hot: float) -> None:
    found = transition(model=USA, beta=hot, d=2)
    assert found.continuous and found.order_parameter == 0
    assert found.kappa_uniform == found.kappa_transition == found.kappa_fold
    assert found.kappa_uniform == pytest.approx(i1(hot) / hot, rel=1e-14)


def equation(hot: float, order: float, noise: float, angles: int = 1024) -> float:
    """Order parameter that USA's equation on a grid of angles gives back, less the one given.

    Picard iteration of all other Fourier modes, with mode 1 held: no code of ours.
    """
    theta = 2 * np.pi * np.arange(angles) / angles
    kernel = rfft(np.exp(hot * np.cos(theta))).real / angles
    density = np.ones(angles)
    back = 0.0
    for _ in range(400):
        modes = rfft(density) / angles
        modes[1] = order
        log = irfft(modes * kernel, angles) * angles / (hot * noise)
        new = np.exp(log - log.max())
        new /= new.mean()
        back = float((new * np.cos(theta)).mean())
        if np.abs(new - density).max() < 1e-13:
            break
        density = new
    return back - order


def test_fold_and_transition_against_an_iteration_on_a_grid() -> None:
    """κ as a function of the order parameter: its maximum is the fold."""
    hot = 3.0

    def noise_of(order: float) -> float:
        return float(brentq(lambda noise: equation(hot, order, noise, 128), 1.2, 1.5, xtol=1e-13))

    found = transition(USA, hot)
    orders = np.linspace(0.30, 0.44, 8)
    noises = np.array([noise_of(order) for order in orders])
    fit = np.polynomial.Polynomial.fit(orders, noises, 7)
    tops = [r.real for r in fit.deriv().roots() if abs(r.imag) < 1e-9 and 0.3 < r.real < 0.44]
    assert found.kappa_fold == pytest.approx(fit(tops[0]), rel=1e-8)
    assert found.order_parameter is not None
    assert noise_of(found.order_parameter) == pytest.approx(found.kappa_transition, rel=1e-9)


def test_maier_saupe_on_the_sphere() -> None:
    """Degree 2 in d = 3: nematic order; the thresholds 6.7314863965 and 7.5 of the literature.

    ν ∝ exp(α ∫<x,y>² dν) with α = 1/(2κ) (Fatkullin and Slastikov, Nonlinearity 18, 2005).
    """
    found = transition(gradient_flow(interaction_energy(z**2 / 2), "Maier-Saupe"), d=3)
    assert found.degree == 2 and not found.continuous
    assert 1 / (2 * found.kappa_fold) == pytest.approx(6.7314863965, rel=1e-10)
    assert 1 / (2 * found.kappa_uniform) == pytest.approx(7.5, rel=1e-13)
    assert found.order_parameter == pytest.approx(0.4290, abs=1e-4)


@pytest.mark.every(4)
@pytest.mark.parametrize("d", [2, 3, 4, 8])
def test_dichotomy(d: int) -> None:
    """Continuous just below β_*, with a jump just above."""
    critical = float(dichotomy_beta(d, 15))
    below, above = (transition(USA, critical * share, d) for share in (0.995, 1.005))
    assert below.continuous and not above.continuous
    assert above.kappa_transition is not None
    assert above.kappa_uniform < above.kappa_transition < above.kappa_fold


@pytest.mark.every(5)
@pytest.mark.parametrize(("d", "hot"), [*itertools.product((2, 3, 4, 16), (0.5, 4.0, 25.0))])
def test_sa_is_continuous(d: int, hot: float) -> None:
    found = transition(SA, hot, d)
    assert found.continuous and found.kappa_transition is None and found.order_parameter == 0
    expected = float(noise_threshold(hot, d, "SA").evalf())
    assert found.kappa_uniform == pytest.approx(expected, rel=1e-13)


def test_high_dimension() -> None:
    found = transition(USA, 3.0, 16)
    expected = 5040 * (2 / 3) ** 7 * iv(16 / 2, 3.0) / 3
    assert found.kappa_uniform == pytest.approx(expected, rel=1e-13)
    assert found.kappa_transition is not None
    assert found.kappa_uniform < found.kappa_transition < found.kappa_fold


def test_cold() -> None:
    assert drive_of(USA, 2, {"beta": 300.0}).unit == pytest.approx(
        np.exp(300.0) * ive(1, 300.0) / 300, rel=1e-12
    )
    assert drive_of(SA, 2, {"beta": 300.0}).unit == pytest.approx(
        ive(1, 300.0) / ive(0, 300.0) / 300, rel=1e-12
    )
    cold = transition(USA, 30.0)
    assert cold.kappa_transition is not None
    assert 1.5 < cold.kappa_transition / cold.kappa_uniform < cold.kappa_fold / cold.kappa_uniform


def test_without_heat_it_is_kuramoto() -> None:
    """β = 0: κ_u = 1/2, continuous, and r = I_1(r/κ)/I_0(r/κ) on the branch."""
    assert transition(USA, 0.0).kappa_uniform == pytest.approx(0.5, rel=1e-14)
    branch = ordered_branch(USA, beta=0.0)
    pull = branch.order / branch.kappas
    assert np.abs(i1(pull) / i0(pull) - branch.order).max() < 1e-12
    assert branch.stable.all()


def test_a_normalised_kernel_of_ones_own() -> None:
    """A softmax flow that isn't exponential; its threshold by hand: H_1/f_0 = E[f u (1-u²)]/..."""
    model = gradient_flow(interaction_energy(z + z**3 / 5), "cubic", flow="softmax")
    found = transition(model)
    # f = 1 + 3u²/5: f_0 = 13/10, and H_1 = E[H u] = 1/2 + (1/5)(3/8)
    assert found.kappa_uniform == pytest.approx((0.5 + 0.075) / 1.3, rel=1e-14)
    assert found.continuous


KERNELS = {
    "odd": (interaction_energy(z + z**3 / 5), "wasserstein"),
    "even": (interaction_energy(z**2 / 2), "wasserstein"),
    "sum": (interaction_energy(exp(2 * z) + z**3), "wasserstein"),
    "divided": (interaction_energy(exp(z / 2) + z + z**3 / 5), "softmax"),
}


@pytest.mark.every(4)
@pytest.mark.parametrize("d", [2, 3, 8])
@pytest.mark.parametrize(("energy", "flow"), KERNELS.values(), ids=KERNELS)
def test_the_threshold_is_where_the_derived_rates_pass_0(energy: Expr, flow: str, d: int) -> None:
    """Rates of `theory.continuity_equation`, for kernels that nobody has a formula of."""
    model = gradient_flow(energy, "own", flow=flow)
    found, equation = transition(model, d=d), continuity_equation(model)
    rates = [float(equation.growth_rate(k, d, found.kappa_uniform).evalf()) for k in range(1, 9)]
    assert max(rates) == pytest.approx(0, abs=1e-12)
    assert int(np.argmax(rates)) + 1 == found.degree


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": QKV, "beta": 1.0}, "scalar attention"),
        ({"model": REPULSIVE, "beta": 1.0}, "uniform state is stable at every noise"),
        ({"model": USA}, "got beta=None"),
        ({"beta": float("nan")}, "finite number"),
        ({"beta": 1.0, "d": 1}, "whole number >= 2"),
        ({"beta": 900.0}, "a float can hold"),
        ({"beta": 1.0, "gamma": 2.0}, "got gamma=2.0"),
        ({"model": gradient_flow(interaction_energy(abs(z) ** 3), "kink")}, "smooth kernel"),
        ({"model": "USA", "beta": 1.0}, "theory.Model"),
    ],
)
def test_what_is_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        transition(**arguments)  # type: ignore[arg-type]


def test_parameters_by_another_name() -> None:
    """Half of USA's kernel and its double: thresholds scale."""
    half = gradient_flow(interaction_energy(beta * z / 2), "half")
    assert transition(half, 3.0).kappa_uniform == pytest.approx(0.75, rel=1e-14)
