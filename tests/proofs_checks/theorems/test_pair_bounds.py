"""(3.5) as a theorem: what is claimed, what is broken, and what each engine refuses."""

import pytest
from sympy import Abs, Piecewise, S, exp, log, oo, sin

from proofs_checks.propositions import Rel, Subject, Tends
from proofs_checks.theorems import Refusal, assume, energy_between, read, settle
from proofs_checks.theorems.pair_bounds import AT_ZERO, BETWEEN_ENDS, HOT
from proofs_checks.theorems.pulls import cosines_of, gram
from proofs_checks.theorems.readers import OTHER, STATE_UNIT, TOKEN
from theory.energy import interaction_energy
from theory.models import SA, gradient_flow
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, t, z
from theory.terms import Inner, Item, Row, at, total

H = exp(beta * z) / beta
ENDS = exp(-beta) / (2 * beta), exp(beta) / (2 * beta)
G = gram(TOKEN, OTHER)
HELD = at(Inner(Row(X, TOKEN), Row(X, OTHER)))


def of(kernel, ends, cold=None, claimed=None):
    subject = Subject.of(SA)
    own = energy_between(subject, interaction_energy(kernel), claimed or kernel, ends, cold)
    return not isinstance(own.found, Refusal) and own.found.says == own.says.then


def test_what_is_claimed_and_what_is_broken():
    low, high = ENDS
    assert of(H, ENDS, z) and of(H, (low / 2, 2 * high), z) and of(-H, (-high, -low), -z)
    assert not of(H, (low, 1 / (2 * beta)), z) and not of(H, (1 / beta, high), z)
    assert not of(H, ENDS, 2 * z) and not of(H, ENDS, z + 1)
    assert not of(H, ENDS, z, claimed=2 * H) and not of(2 * H, ENDS, z, claimed=H)
    assert not of(z**2, (S.Half, S.Half)) and not of(z**2, (S.Zero, S.Half))


def bound(low, high, *facts):
    found = settle(BETWEEN_ENDS, Rel("<=", low, high), *facts)
    return not isinstance(found, Refusal)


def test_a_bound_needs_both_ends_the_sign_and_a_kernel_that_doesnt_turn():
    cosines, hot = cosines_of(read(STATE_UNIT, Subject.of(SA)))[:2], assume(HOT)
    warm = exp(beta * G)
    assert bound(exp(-beta), warm, hot, *cosines) and bound(warm, exp(beta), hot, *cosines)
    assert not bound(exp(-beta), warm, *cosines) and not bound(exp(-beta), warm, hot, cosines[0])
    assert not bound(exp(beta), warm, hot, *cosines) and not bound(warm, exp(-beta), hot, *cosines)
    assert bound(-exp(beta), -warm, hot, *cosines)
    for turning in (lambda g: g**2, lambda g: sin(4 * g), lambda g: 1 / (g - S.Half)):
        assert not bound(turning(-S.One), turning(G), *cosines)
    jump = Piecewise((z, z < 0), (z - 5, True))
    assert not bound(S(-1), jump.xreplace({z: G}), *cosines)


def pairs(kernel, both=None):
    masses = both or at(Item(m, TOKEN)) * at(Item(m, OTHER))
    return total(total(masses * kernel.xreplace({z: HELD}) / 2, OTHER), TOKEN)


@pytest.mark.parametrize(
    ("kernel", "limit"),
    [
        ((exp(t * z) - 1) / t, z),
        ((exp(t * z) - 1 - t * z) / t**2, z**2 / 2),
        ((log(1 + exp(t * z)) - log(2)) / t, z / 2),
        (PositivePart(t * z, 2) / t, S.Zero * z),
        (exp(t * z), S.One),
    ],
)
def test_limits_of_sums_over_pairs(kernel, limit):
    assert not isinstance(settle(AT_ZERO, Tends(pairs(kernel), pairs(limit), 0)), Refusal)
    for other in (limit + 1, limit + z / 7):
        assert isinstance(settle(AT_ZERO, Tends(pairs(kernel), pairs(other), 0)), Refusal)


def test_limits_that_arent_seen():
    """Infinite, of what isn't analytic, of tokens that move, and at another time."""
    moved = total(total(Item(m, TOKEN) * Item(m, OTHER) * exp(t * G) / 2, OTHER), TOKEN)
    for term, to in (
        (pairs(exp(t * z) / t), 0),
        (pairs(Abs(z) ** t), 0),
        (pairs(exp(t * z), Item(m, TOKEN) * Item(m, OTHER)), 0),
        (moved, 0),
        (pairs(exp(t * z)), oo),
    ):
        assert isinstance(settle(AT_ZERO, Tends(term, pairs(S.One), to)), Refusal)


def test_a_model_of_another_kernel():
    flow = gradient_flow(interaction_energy(1 + z), "")
    own = energy_between(Subject.of(flow), flow.energy, 1 + z, (S.Zero, S.One))
    assert own.found.says == own.says.then
