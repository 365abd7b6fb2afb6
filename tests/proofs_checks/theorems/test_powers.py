"""Order of powers, and where 1 - c d^(-1/r) is positive."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, S

from proofs_checks.propositions import Rel
from proofs_checks.theorems import Refusal, Theorem, apply, assume, positive_beyond, silent_up_to
from proofs_checks.theorems.powers import POWERS
from theory.symbols import beta, n


def test_it_is_positive_beyond_the_power_alone() -> None:
    for prefactor, root, largest in ((n, 3, n**3), (2 * n**2, 64, (2 * n**2) ** 64), (n, 1, n)):
        assert isinstance(positive_beyond(prefactor, root, largest).found, Theorem)
    for prefactor, root, largest in ((n, 3, n**2), (2 * n, 2, 2 * n**2), (-n, 2, n**2)):
        assert isinstance(positive_beyond(prefactor, root, largest).found, Refusal)
    for count, beyond in ((2, 9), (2, 8), (3, 28)):  # what is said, in numbers
        assert (beyond > count**3) == (1 - count * beyond ** (-1 / 3) > 1e-12)


def test_it_says_nothing_of_what_is_not_beyond() -> None:
    """The largest dimension of n = 2 is that of a bound: one more isn't below it."""
    most = silent_up_to(2 * n**2, 64, (2 * n**2) ** 64, Integer(2) ** 192 - 1)
    assert most.vacuous and isinstance(most.found, Theorem)
    assert most.found.given == {Rel("<=", 2, n)}
    for largest, reach in (((2 * n**2) ** 64, 2**192), ((2 * n) ** 64, 2**128), (n**3, 7)):
        assert isinstance(silent_up_to(2 * n**2, 64, largest, Integer(reach)).found, Refusal)


@pytest.mark.parametrize("power", [Integer(2), Rational(1, 3)])
def test_a_mutated_premise_is_refused(power: Rational) -> None:
    low, high = Rel("<=", 0, n), Rel("<=", 0, beta)
    found = apply(POWERS, assume(low), assume(high), power=power)
    assert isinstance(found, Theorem) and found.says.args[0].args[1] == Rel(
        "<", n**power, beta**power
    )
    for wrong in (Rel("<=", n, 0), Rel("<=", -1, n), Rel("=", 0, n)):
        assert isinstance(apply(POWERS, assume(wrong), assume(high), power=power), Refusal)
        assert isinstance(apply(POWERS, assume(low), assume(wrong), power=power), Refusal)
    for bad in (S.Zero, -power, beta):
        assert isinstance(apply(POWERS, assume(low), assume(high), power=bad), Refusal)
