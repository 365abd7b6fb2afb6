"""The acceleration of tokens: its bound, and pairs that exceed a smaller one."""

from __future__ import annotations

import numpy as np
from sympy import S, cosh, exp

from proofs_checks.claim import Budget
from proofs_checks.proof import (
    HOT,
    R0,
    Flow,
    acceleration_bound,
    fast_pair,
    watch_speeds,
)
from theory.energy import interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.symbols import beta, z


def budget():
    return Budget(3, np.random.default_rng(0))


def test_the_bound_of_the_acceleration():
    assert acceleration_bound(Flow.of(SA)).equals(3 + 2 * HOT)
    assert acceleration_bound(Flow.of(USA)).equals((3 + 2 * HOT) * exp(2 * HOT))
    hyperbolic = gradient_flow(interaction_energy(cosh(z)), "no exponential")
    assert acceleration_bound(Flow.of(hyperbolic)) is None


def test_a_pair_exceeds_a_bound_that_is_too_small():
    assert fast_pair(SA, 3 + 2 * beta) == ""
    assert "> " in fast_pair(SA, (3 + 2 * beta) / 100)


def test_speeds_of_runs():
    flow = Flow.of_paper(SA)
    assert watch_speeds(flow, R0 * exp(-2 * beta), S.One, budget()).violation == ""
    assert "|x_i'|" in watch_speeds(flow, R0 * exp(-2 * beta), S.One / 50, budget()).violation
