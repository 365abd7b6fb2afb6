"""Energies of pairs on the circle: gradients and maxima that are others are refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from sympy import Rational, S, Symbol, cos, cosh, exp, log, sin, sqrt

from proofs_checks.audit import ANY_ANGLE, audit, doubted, in_angles, solution_of
from proofs_checks.propositions import Implies, Proposition, Rel, Subject
from proofs_checks.theorems import (
    PairSum,
    Refusal,
    Theorem,
    apply,
    assume,
    settle,
    steps_of,
    uphill,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.circle import APART, OWN
from proofs_checks.theorems.circle_energies import (
    BOTH_WAYS,
    BOXED_PEAK,
    HOT,
    PEAK,
    SINGLE_ANGLES,
    driven,
    turning_frame,
)
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.positive_part import PositivePart
from theory.symbols import beta, m, n, z
from theory.terms import Item, ddt, total

G = gram(TOKEN, OTHER)
COLD = PairSum(
    lambda a: cos(a) / (2 * n**2),
    lambda a: -sin(a) / n**2,
    lambda c: c / (2 * n**2),
    S.Half,
)
WARM = PairSum(
    lambda a: exp(beta * cos(a)) / (2 * beta * n**2),
    lambda a: -sin(a) * exp(beta * cos(a)) / n**2,
    lambda c: exp(beta * c) / (2 * beta * n**2),
    exp(beta) / (2 * beta),
)
CASES = [(USA.subs({beta: 0}), COLD), (SA.subs({beta: 0}), COLD), (USA, WARM)]


def concluded(model: Any, own: PairSum) -> bool:
    found = uphill(Subject.of(model), own)
    return not isinstance(found, Refusal) and isinstance(found.found, Theorem)


@pytest.mark.parametrize(("model", "own"), CASES)
def test_steps_hold_along_a_solution_of_equal_masses(model: Any, own: PairSum) -> None:
    found = uphill(Subject.of(model), own)
    assert not isinstance(found, Refusal) and isinstance(found.found, Theorem)
    assert found.found.says == found.says.then
    on = in_angles(solution_of(model, 0, 3, 2, masses=np.full(3, 1 / 3)))
    told = audit(steps_of(found.found), on)
    assert told.doubts == () and told.held > 10


@pytest.mark.parametrize(("model", "own"), CASES)
def test_other_sums_are_refused(model: Any, own: PairSum) -> None:
    for other in (
        replace(own, largest=2 * own.largest),
        replace(own, largest=own.largest / 2),
        replace(own, pull=lambda a: -own.pull(a)),
        replace(own, pull=lambda a: own.pull(a) / n),
        replace(own, pair=lambda a: 2 * own.pair(a)),
        replace(own, pair=lambda a: -own.pair(a)),
        replace(own, level=lambda c: own.level(c) + 1),
    ):
        assert not concluded(model, other)


def test_other_models_are_refused() -> None:
    assert not concluded(SA, WARM)
    assert not concluded(REPULSIVE, WARM)
    assert not concluded(USA, COLD)
    assert not concluded(USA.subs({beta: 2 * beta}), WARM)


def energy_of(kernel: Any) -> tuple[Any, PairSum]:
    """A kernel's flow, and its energy of pairs on the circle."""
    slope = kernel.diff(z)
    parts = (
        lambda a: kernel.subs(z, cos(a)) / (2 * n**2),
        lambda a: -sin(a) * slope.subs(z, cos(a)) / n**2,
        lambda c: kernel.subs(z, c) / (2 * n**2),
    )
    return gradient_flow(interaction_energy(kernel)), PairSum(*parts, kernel.subs(z, 1) / 2)


@pytest.mark.parametrize(
    "kernel",
    [log(2 + z), log(Rational(3, 2) + z), -1 / (3 + z), 1 / (2 - z), -1 / (z - 2), sqrt(2 + z)],
    ids=str,
)
def test_kernels_that_divide_have_a_value_on_the_circle(kernel: Any) -> None:
    model, own = energy_of(kernel)
    assert concluded(model, own)
    assert not concluded(model, replace(own, largest=2 * own.largest))
    assert not concluded(model, replace(own, level=lambda c: own.level(c) + 1))


@pytest.mark.parametrize(
    "kernel", [log(1 + z), 1 / (z - Rational(1, 2)), 1 / (3 + z), -log(2 + z)], ids=str
)
def test_kernels_without_a_value_or_with_another_maximum_are_refused(kernel: Any) -> None:
    assert not concluded(*energy_of(kernel))


@pytest.mark.parametrize("kernel", [(n - 1) * z, (n - 1) * exp(z)], ids=str)
def test_what_is_0_for_one_token_is_said_of_two_or_more(kernel: Any) -> None:
    model, own = energy_of(kernel)
    found = uphill(Subject.of(model), own)
    assert not isinstance(found, Refusal) and found.found.says == found.says.then
    assert SEVERAL in found.says.given
    for other in (n * z, (n - 2) * z, (1 - n) * z):
        found = uphill(Subject.of(energy_of(other)[0]), energy_of(other)[1])
        assert not isinstance(found, Refusal) and SEVERAL not in found.says.given
        assert isinstance(found.found, Theorem) is (other == n * z)


@pytest.mark.parametrize("foot", [0, Rational(1, 2), Rational(1, 3)], ids=str)
def test_kinks_are_no_doubt(foot: Any) -> None:
    """Two angles of the solution are π/3 apart within a step of a difference, at t = 0.15."""
    model, own = energy_of(PositivePart(z - foot, 2))
    found = uphill(Subject.of(model), own)
    assert not isinstance(found, Refusal) and isinstance(found.found, Theorem)
    assert doubted(found.found) is None
    rate = found.says.then.args[0]
    assert doubted(Said(Rel("=", rate.left, 2 * rate.right), found.found.given)) is not None


def bounds() -> tuple[Any, Any]:
    return assume(Rel("<=", -1, G)), assume(Rel("<=", G, 1))


def test_one_maximum_is_that_of_a_function_that_is_0_at_1_alone() -> None:
    for room in (1 - G, exp(beta) - exp(beta * G), 1 - G**3, 2 - G - G**2):
        for says in (Rel("<=", 0, room), Implies(Rel("=", room, 0), Rel("=", G, 1))):
            assert isinstance(settle(PEAK, says, *bounds(), assume(HOT)), Theorem), says
            assert isinstance(settle(PEAK, says, assume(HOT)), Refusal)
            for one in bounds():
                assert isinstance(settle(PEAK, says, one, assume(HOT)), Refusal)
    # Even functions have their maximum at -1 too.
    for room in (1 - G**2, cosh(beta) - cosh(beta * G)):
        assert isinstance(settle(PEAK, Rel("<=", 0, room), *bounds(), assume(HOT)), Theorem)
        twice = Implies(Rel("=", room, 0), Rel("=", G, 1))
        assert isinstance(settle(PEAK, twice, *bounds(), assume(HOT)), Refusal)
    for room in (G - 1, 2 - G, 1 - G - (1 - G) ** 2, exp(-beta) - exp(-beta * G), cosh(beta * G)):
        for says in (Rel("<=", 0, room), Implies(Rel("=", room, 0), Rel("=", G, 1))):
            assert isinstance(settle(PEAK, says, *bounds(), assume(HOT)), Refusal), says


def test_one_maximum_needs_signs_and_says_no_more() -> None:
    room = exp(beta) - exp(beta * G)
    assert isinstance(settle(PEAK, Rel("<=", 0, room), *bounds()), Refusal)  # β may be 0
    for says in (
        Rel("<", 0, room),
        Implies(Rel("=", room, 0), Rel("=", G, -1)),
        Implies(Rel("=", room, 0), Rel("=", G, 1), both=True),
        Implies(Rel("<=", room, 0), Rel("=", G, 1)),
        Rel("<=", 0, Item(m, TOKEN) * (1 - G)),
        Rel("<=", 0, 1 - G * gram(TOKEN, TOKEN)),
    ):
        assert isinstance(settle(PEAK, says, *bounds(), assume(HOT)), Refusal), says


def test_a_number_that_is_bounded_both_ways_is_equal() -> None:
    low, high = assume(Rel("<=", beta, n)), assume(Rel("<=", n, beta))
    found = apply(BOTH_WAYS, low, high)
    assert isinstance(found, Theorem) and found.says == Rel("=", beta, n)
    for others in ((low, low), (low, assume(Rel("<", n, beta))), (low, assume(Rel("<=", 0, beta)))):
        assert isinstance(apply(BOTH_WAYS, *others), Refusal)


def test_boxes_are_of_functions_without_parameters() -> None:
    for power in (2, 3):
        room = 1 - PositivePart(G, power)
        for says in (Rel("<=", 0, room), Implies(Rel("=", room, 0), Rel("=", G, 1))):
            assert isinstance(settle(BOXED_PEAK, says, *bounds()), Theorem)
            assert isinstance(settle(PEAK, says, *bounds()), Refusal)
        scaled = PositivePart(beta, power) / beta - PositivePart(beta * G, power) / beta
        assert isinstance(settle(BOXED_PEAK, Rel("<=", 0, scaled), *bounds()), Refusal)
        assert isinstance(settle(BOXED_PEAK, Rel("<=", 0, scaled), *bounds(), assume(HOT)), Theorem)
    two = exp(beta) - exp(beta * G) + 1 - PositivePart(G, 2)
    assert isinstance(settle(BOXED_PEAK, Rel("<=", 0, two), *bounds(), assume(HOT)), Refusal)


def test_what_is_said_of_masses_1_over_n_is_evaluated_at_such() -> None:
    found = uphill(Subject.of(USA), WARM)
    assert not isinstance(found, Refusal) and isinstance(found.found, Theorem)
    assert doubted(found.found) is None
    says = Rel("=", ddt(OWN), total(-WARM.pull(APART), OTHER))
    assert doubted(Said(says, found.found.given)) is not None


def test_cosines_of_differences_are_written_out() -> None:
    one, other = Item(ANY_ANGLE, TOKEN), Item(ANY_ANGLE, OTHER)
    pairs = total(total(cos(one - other), OTHER), TOKEN)
    waves = [total(wave(one), TOKEN) ** 2 for wave in (cos, sin)]
    for right, holds in ((sum(waves), True), (waves[0] - waves[1], False), (waves[0], False)):
        found = settle(SINGLE_ANGLES, Rel("=", pairs, right))
        assert isinstance(found, Theorem) is holds
    assert isinstance(settle(SINGLE_ANGLES, Rel("<=", pairs, sum(waves))), Refusal)
    assert isinstance(settle(SINGLE_ANGLES, Rel("=", pairs / beta, sum(waves) / beta)), Refusal)


def test_driven_angles_climb_in_the_frame_of_their_frequency_alone() -> None:
    subject, still = Subject.of(USA, {beta: 0}), Symbol("omega", real=True)
    pair = (lambda a: cos(a) / (2 * n**2)), (lambda a: -sin(a) / n**2), (lambda c: c / (2 * n**2))
    own = PairSum(*pair, S.Half)

    def said(frequency: Any = still, coupling: Any = 1, frame: Any = still, **other: Any) -> bool:
        law = driven(frequency, coupling, lambda a: -sin(a))
        found = turning_frame(subject, law, lambda a: -sin(a), replace(own, **other), frame)
        return not isinstance(found, Refusal) and isinstance(found.found, Theorem)

    assert said() and said(2 * still, frame=2 * still)
    assert not any((said(frame=-still), said(frequency=still + 1), said(coupling=2)))
    assert not any((said(largest=S.One), said(pair=lambda a: cos(a)), said(pull=lambda a: sin(a))))


@dataclass(frozen=True)
class Said:
    """What no kernel concluded."""

    says: Proposition
    given: frozenset[Proposition]
