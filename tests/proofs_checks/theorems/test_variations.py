"""Lemmas 3.6 and 3.7 as theorems: what is claimed, what is broken, and numbers."""

import numpy as np
import pytest
from sympy import Rational, cosh, exp, log, sqrt

from proofs_checks.proof import convolution
from proofs_checks.propositions import All, Implies, Is, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    apply,
    as_sheet,
    first_variation,
    growth_along,
    read,
    weighted_slope,
)
from proofs_checks.theorems.order import START
from proofs_checks.theorems.sheets import Says
from proofs_checks.theorems.variations import VARIES, VARYING, VARYING_UNIT
from theory.blocks import Block
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, Model, catalogue, gradient_flow
from theory.positive_part import PositivePart
from theory.symbols import X, beta, z
from theory.terms import Index, Inner, Norm, Row, at, ddt, residual

H = exp(beta * z) / beta
KERNELS = H, cosh(beta * z), z**3 + beta * z, PositivePart(z, 2)


def of(kernel):
    flow = gradient_flow(interaction_energy(kernel), "", parameters=(beta,))
    return Subject.of(flow), flow.energy


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize("claim", [first_variation, growth_along])
def test_potentials_that_are_claimed_and_broken_ones(claim, kernel):
    subject, energy = of(kernel)
    own = claim(subject, energy, convolution(kernel))
    assert own.found.says == own.says.then
    for other in (kernel / 2, Rational(101, 100) * kernel, kernel + z, kernel * beta):
        found = claim(subject, energy, convolution(other))
        assert isinstance(found, Refusal) or isinstance(found.found, Refusal)


def test_a_constant_is_no_part_of_a_gradient_and_one_of_a_variation():
    subject, energy = of(H)
    more, turned = convolution(H + 1), convolution(-H)
    assert not isinstance(growth_along(subject, energy, more).found, Refusal)
    assert isinstance(first_variation(subject, energy, more).found, Refusal)
    assert not isinstance(growth_along(subject, energy, turned).found, Refusal)
    assert isinstance(first_variation(subject, energy, turned).found, Refusal)


def test_energies_and_flows_of_others():
    subject, _ = of(H)
    other = interaction_energy(H + z)
    assert isinstance(first_variation(subject, other, convolution(H)).found, Refusal)
    assert isinstance(first_variation(Subject.of(SA), SA.energy, convolution(H)), Refusal)
    found = growth_along(Subject.of(SA), SA.energy, convolution(H))
    assert isinstance(found, Refusal) or isinstance(found.found, Refusal)
    assert isinstance(read(VARYING, Subject.of(catalogue("discrete layer"))), Refusal)


def test_masses_that_vary_are_no_hypothesis_of_the_flow():
    """Under it masses move, and those of USA stay: it is told in the first part alone."""
    own = first_variation(Subject.of(USA), USA.energy, convolution(H))
    varied, along = own.says.then.args
    assert isinstance(varied, Implies) and varied.args[0] not in own.found.given
    for then in (All(varied.args[1], along), All(Implies(*varied.args[:2][::-1]), along)):
        assert not as_sheet(Says(own.says.given, then), own.found).holds


def test_slopes_of_positive_parts_are_those_of_powers_above_one():
    i, j = Index("i"), Index("j")
    g = Inner(Row(X, i), Row(X, j))
    moved = ddt(g)
    assert residual(ddt(PositivePart(g, 2)), 2 * PositivePart(g, 1) * moved) == 0
    for power in (Rational(1, 2), 1):
        slope = power * PositivePart(g, power - 1)
        assert residual(ddt(PositivePart(g, power)), slope * moved) != 0


def test_values_of_both():
    """Differences of E in masses and along the flow, of drawn tokens, β = 2."""
    rng, hot = np.random.default_rng(0), 2.0
    x = rng.normal(size=(5, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    masses, speeds = rng.uniform(0.1, 1, 5), rng.normal(size=5)

    def energy(points, weights):
        return weights @ np.exp(hot * points @ points.T) @ weights / (2 * hot)

    step = 1e-6
    rate = (energy(x, masses + step * speeds) - energy(x, masses - step * speeds)) / (2 * step)
    assert np.isclose(rate, speeds @ np.exp(hot * x @ x.T) @ masses / hot, rtol=1e-7)
    pull = (np.exp(hot * x @ x.T) * masses) @ x
    field = pull - np.sum(pull * x, axis=1, keepdims=True) * x
    later, before = (x + s * step * field for s in (1, -1))
    later, before = (a / np.linalg.norm(a, axis=1, keepdims=True) for a in (later, before))
    rate = (energy(later, masses) - energy(before, masses)) / (2 * step)
    assert np.isclose(rate, masses @ np.sum(field**2, axis=1), rtol=1e-6)


def test_weights_that_are_claimed_and_broken_ones():
    own, mass = convolution(H), convolution(beta * H)
    subject = Subject.of(SA)
    found = weighted_slope(subject, SA.energy, own, mass)
    assert found.found.says == found.says.then
    for potential, weight in ((own, own), (mass, mass), (own, 2 * mass), (2 * own, 2 * mass)):
        assert isinstance(weighted_slope(subject, SA.energy, potential, weight).found, Refusal)
    for model in (USA, REPULSIVE):
        assert isinstance(weighted_slope(Subject.of(model), SA.energy, own, mass).found, Refusal)


DIVIDED = (
    log(2 + z),
    log(Rational(3, 2) + z),
    1 / (3 + z),
    1 / (z - 2),
    sqrt(2 + z),
    (1 + z) ** Rational(3, 2),
    (2 + z) ** 3 / (4 + z),
)
"""Each has a value for <x_i,x_j> in [-1, 1], as unit vectors have it, and not for all numbers."""


@pytest.mark.parametrize("kernel", DIVIDED, ids=str)
@pytest.mark.parametrize("claim", [first_variation, growth_along])
def test_kernels_that_divide_have_a_value_on_the_sphere(claim, kernel):
    subject, energy = of(kernel)
    own = claim(subject, energy, convolution(kernel))
    assert own.found.says == own.says.then
    assert as_sheet(own.says, own.found).holds
    for other in (kernel / 2, kernel + z):
        found = claim(subject, energy, convolution(other))
        assert isinstance(found, Refusal) or isinstance(found.found, Refusal)


@pytest.mark.parametrize("kernel", [log(1 + z), 1 / (z - Rational(1, 2)), sqrt(z)], ids=str)
@pytest.mark.parametrize("claim", [first_variation, growth_along])
def test_kernels_without_a_value_on_all_of_the_sphere_are_refused(claim, kernel):
    subject, energy = of(kernel)
    found = claim(subject, energy, convolution(kernel))
    assert isinstance(found, Refusal) or isinstance(found.found, Refusal)


def test_masses_vary_on_the_sphere_and_the_length_is_known_at_the_start_too():
    unit = read(VARYING_UNIT, Subject.of(USA))
    x = Row(X, Index("i"))
    assert apply(START, unit).says == Rel("=", Norm(at(x)), 1)
    assert Is(VARIES, Subject.of(USA)) in unit.given
    free = Model("free", X, blocks=(Block(X, "euclidean"),))
    assert isinstance(read(VARYING_UNIT, Subject.of(free)), Refusal)
