"""Kernels with folds max(u, 0)^p: zonal coefficients, and the sign of the slope."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from sympy import lambdify

from proofs_checks import check_model
from proofs_checks.decide import decide_positive_definite
from proofs_checks.proof import continuous
from theory.parse import parse_kernel
from theory.symbols import z

FOLDED = {  # kernel, degree of its first negative coefficient on the circle, by quadrature below
    "max(t,0)**2/2": 5,
    "max(t,0)**2 - t**3/100": 5,  # its third derivative, without the δ at 0, is negative
    "max(t,0)**2 + t**3": 5,
    "max(t-1/2,0)**2 + t": 6,
    "t*max(t,0) + t**2": 5,
}


def coefficient(kernel: str, degree: int) -> float:
    """Mean of h cos(degree a) on the circle, by quadrature."""
    h, points = lambdify(z, parse_kernel(kernel)), [np.pi / 3, np.pi / 2]
    value = quad(lambda a: h(np.cos(a)) * np.cos(degree * a), 0, np.pi, points=points, limit=200)
    return float(value[0]) / np.pi


@pytest.mark.parametrize("kernel", FOLDED)
def test_a_negative_coefficient_of_a_fold_is_the_first(kernel: str) -> None:
    found, degree = decide_positive_definite(parse_kernel(kernel)), FOLDED[kernel]
    assert found.refuted and found.witness == {"degree": degree, "d": 2}
    assert coefficient(kernel, degree) < -1e-5
    assert all(coefficient(kernel, k) > -1e-9 for k in range(1, degree))


def test_what_pieces_do_not_show_is_left_open() -> None:
    """t² + t, written with folds."""
    kernel = "max(t,0)**2 + max(-t,0)**2 + t"
    assert not decide_positive_definite(parse_kernel(kernel)).refuted


def test_a_root_has_a_negative_coefficient_on_the_circle() -> None:
    kernel = "abs(t-1/2)**(3/2) + 2*t"
    found = decide_positive_definite(parse_kernel(kernel))
    assert found.refuted and found.witness == {"degree": 5, "d": 2}
    h = lambdify(z, parse_kernel(kernel))
    value = quad(lambda a: h(np.cos(a)) * np.cos(5 * a), 0, np.pi, points=[np.pi / 3], limit=200)
    assert value[0] / np.pi == pytest.approx(-0.006485, abs=1e-5)


def test_the_counterexample_says_its_dimension() -> None:
    found = check_model("max(t,0)**2/2", only="Proposition 3.4 minimum")["Proposition 3.4 minimum"]
    assert found.word == "REFUTED" and found.scope["d"] == "2" and "d = 2" in found.detail


MONOTONE = {
    "max(t,0)**2/2": True,
    "-max(t,0)**2/2": True,
    "abs(t-1/2)**(3/2) + 2*t": True,
    "max(t,0)**2 - max(-t,0)**2": True,
    "max(t-1/2,0)**2 - t": True,
    "abs(t-1/2)**(3/2) + t": False,
    "abs(t)**(3/2)": False,
    "max(t**2-1/4,0)**2": False,
}


@pytest.mark.parametrize("kernel", MONOTONE)
def test_a_fold_is_monotone_where_its_slope_has_one_sign(kernel: str) -> None:
    found = check_model(kernel, only="(3.5)")["(3.5)"]
    assert (found.word in ("PROVED", "CERTIFIED")) == MONOTONE[kernel], found.detail
    values = [lambdify(z, parse_kernel(kernel))(u) for u in np.linspace(-1, 1, 2001)]
    steps = np.diff(values)
    assert ((steps >= -1e-12).all() or (steps <= 1e-12).all()) == MONOTONE[kernel]


def test_energies_are_between_the_printed_ends() -> None:
    """½ΣΣ m_i m_j h(<x_i,x_j>) of drawn tokens, h = |t-1/2|^{3/2} + 2t."""
    rng, h = np.random.default_rng(1), lambda g: np.abs(g - 0.5) ** 1.5 + 2 * g
    detail = check_model("abs(t-1/2)**(3/2) + 2*t", only="(3.5)")["(3.5)"].detail
    assert "3 √(6)/8 - 1 <= E and E <= √(2)/8 + 1" in detail
    for count in (1, 2, 3, 5, 9):
        x = rng.normal(size=(count, 3))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        energy = h(np.clip(x @ x.T, -1, 1)).mean() / 2
        assert -1 + 3 * np.sqrt(6) / 8 - 1e-12 <= energy <= np.sqrt(2) / 8 + 1 + 1e-12


def test_a_fold_is_continuous_where_its_power_is_above_0() -> None:
    assert continuous(parse_kernel("max(t,0)**2 + exp(t)*max(t-1/2,0)**2")).holds
    assert not continuous(parse_kernel("max(t,0)**2").diff(z, 2)).holds  # a step
