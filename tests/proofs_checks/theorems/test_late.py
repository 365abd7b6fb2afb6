"""T9a: near their limit tokens come nearer, at the model's own rate; its twins are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Rational, Symbol, exp

from proofs_checks.propositions import Implies, Is, Rel, Subject, written
from proofs_checks.theorems import (
    Pull,
    Refusal,
    Theorem,
    aligning,
    apply,
    as_sheet,
    assume,
    common_sight,
    cone_sum,
    decaying,
    nearing,
    pull_of,
    rising_late,
)
from proofs_checks.theorems.late import (
    HALF,
    IN_CONE,
    LATE,
    LATE_DECAY,
    LATE_GROWTH,
    LIMIT_CONE,
    close,
    decays,
    grows,
    in_cone,
    late_decay,
    late_growth,
    least_pull,
    limit_cone,
)
from theory.energy import interaction_energy
from theory.models import catalogue, gradient_flow
from theory.symbols import X, beta, m, n, t, z
from theory.terms import Index, Item, Least, TokenSum, Vec


def pull(name: str) -> Pull:
    found = pull_of(Subject.of(catalogue(name)))
    assert isinstance(found, Pull)
    return found


@pytest.mark.parametrize("name", ["pre-LN", "moving masses"])
def test_what_is_concluded(name: str) -> None:
    growth, decay = late_growth(pull(name)), late_decay(pull(name))
    assert isinstance(growth, Theorem) and isinstance(decay, Theorem)
    low = least_pull(pull(name))
    assert isinstance(low, Theorem) and growth.says == grows(low.says.left / 2)
    assert low.says.left.has(Least)


@pytest.mark.parametrize("name", ["pre-LN", "causal", "moving masses", "repulsive"])
def test_a_limit_is_in_the_cone_where_nobody_is_repelled(name: str) -> None:
    found = limit_cone(pull(name))
    assert isinstance(found, Refusal) == (name == "repulsive")
    if isinstance(found, Theorem):
        assert found.says == in_cone()
        assert found.says not in (in_cone(-1 * Vec("z")), in_cone(least=2))
        weight = {"weight": pull(name).weight}
        for place in range(4):
            rest = found.premises[:place] + found.premises[place + 1 :]
            assert isinstance(apply(LIMIT_CONE, *rest, **weight), Refusal)
            swapped = (*found.premises[:place], found.premises[place - 1], *rest[place:])
            assert isinstance(apply(LIMIT_CONE, *swapped, **weight), Refusal)


def test_decay_asks_for_the_cone_at_every_time_and_of_every_limit() -> None:
    found = late_decay(pull("pre-LN"))
    assert isinstance(found, Theorem)
    weight = {"weight": pull("pre-LN").weight}
    for less in (in_cone(least=0), in_cone(2 * Vec("z")), Is(IN_CONE, Vec("z"), X, 1)):
        mutant = (*found.premises[:5], assume(less), *found.premises[6:])
        assert isinstance(apply(LATE_DECAY, *mutant, **weight), Refusal)


def test_growth_is_of_every_unit_vector_in_the_cone() -> None:
    """At random tokens, points of their cone and weights; α' is the least slope of a lowest one."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        size, dim = int(rng.integers(2, 6)), int(rng.integers(2, 4))
        x = rng.normal(size=(size, dim)) * rng.uniform(0.1, 0.6) + np.eye(dim)[0]
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        z = rng.exponential(size=size) ** 3 @ x
        z /= np.linalg.norm(z)
        heights = x @ z
        low = int(heights.argmin())
        if heights[low] < 0.5:
            continue
        p = rng.exponential(size=(size, size)) + 0.01
        slope = p[low] @ (heights - x @ x[low] * heights[low])
        assert slope >= p.min() * (1 - heights[low]) / 2 - 1e-12
    own = nearing(pull("SA"), exp(-2 * beta) / (2 * n))
    assert not isinstance(own, Refusal) and isinstance(own.found, Theorem)
    assert own.found.says == own.says.then
    for rate, least in ((exp(-beta) / (2 * n), HALF), (exp(-2 * beta) / (2 * n), 0)):
        more = nearing(pull("SA"), rate, least)
        assert isinstance(more, Refusal) or getattr(more.found, "says", None) != more.says.then


@pytest.mark.parametrize(
    ("name", "rate", "shown"),
    [
        ("SA", exp(-2 * beta) / (2 * n), True),
        ("SA", exp(-3 * beta) / (4 * n), True),
        ("USA", exp(-beta) / (2 * n), True),
        ("SA", exp(-beta) / (2 * n), False),
        ("SA", exp(-2 * beta) / n, False),
        ("SA", exp(-2 * beta) / 2, False),
        ("causal", exp(-2 * beta) / (2 * n), False),
    ],
)
def test_a_rate_at_masses_1_n_is_at_most_the_own(name: str, rate: Any, shown: bool) -> None:
    sight = common_sight(pull(name).subject)
    assert isinstance(sight, Theorem)
    own = decaying(pull(name), sight, rate)
    assert isinstance(own.found, Theorem) is shown
    if isinstance(own.found, Theorem):
        assert own.found.says == own.says.then and own.found.given == set(own.says.given)
        told = {str(one) for one in map(written, own.says.given)}
        assert "min_j m_j(0) = 1/n" in told


def test_weights_may_vanish_where_no_two_tokens_are() -> None:
    """k = 1 + z is 0 at -1; tokens at most 60° from z have <x_i,x_j> >= -1/2, so k >= 1/2."""
    own = pull_of(Subject.of(gradient_flow(interaction_energy(z + z**2 / 2), "1 + z")))
    assert isinstance(own, Pull)
    found, i = late_growth(own), Index("i")
    assert isinstance(found, Theorem) and found.says == grows(Least(Item(m, i), i) / 4)
    third = late_growth(own, level=Rational(1, 3))  # <x_i,x_j> >= -7/9: k >= 2/9
    assert isinstance(third, Theorem)
    assert third.says == grows(Least(Item(m, i), i) * Rational(2, 27), Rational(1, 3))
    low = found.premises[3].says
    assert isinstance(low, Implies) and low.args[0] == close(HALF)
    for far in (close(Rational(1, 3)), close(0)):
        other = (*found.premises[:3], assume(Implies(far, low.args[1])), *found.premises[4:])
        assert isinstance(apply(LATE_GROWTH, *other, weight=own.weight), Refusal)
    rng = np.random.default_rng(1)
    for _ in range(300):
        x = rng.normal(size=(4, 3)) * rng.uniform(0.1, 0.9) + np.eye(3)[0]
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        top = rng.exponential(size=4) @ x
        heights = x @ top / np.linalg.norm(top)
        level = heights.min()
        if level > 0:
            assert (x @ x.T).min() >= 2 * level**2 - 1 - 1e-12


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["peri-LN", "mix-LN", "nGPT", "CoD", "LNS", "sink", "RoPE", "ALiBi"]
)
def test_other_models(name: str) -> None:
    assert isinstance(late_growth(pull(name)), Theorem)
    assert isinstance(late_decay(pull(name)), Theorem)


@pytest.mark.parametrize("name", ["causal", "window", "repulsive"])
def test_a_token_that_is_not_seen(name: str) -> None:
    """Where some p_ij is 0, or negative, no rate of this kind is concluded."""
    assert isinstance(late_growth(pull(name)), Refusal)
    assert isinstance(late_decay(pull(name)), Refusal)


def test_each_premise_is_needed() -> None:
    for rule, found in (
        (LATE_GROWTH, late_growth(pull("pre-LN"))),
        (LATE_DECAY, late_decay(pull("pre-LN"))),
    ):
        assert isinstance(found, Theorem)
        weight = {"weight": pull("pre-LN").weight}
        for place in range(len(found.premises)):
            rest = found.premises[:place] + found.premises[place + 1 :]
            less = apply(rule, *rest, **weight)
            assert isinstance(less, Refusal) or less.says != found.says, place
        low = found.premises[3]
        more = assume(Rel("<=", 2 * low.says.left, low.says.right))
        swapped = (*found.premises[:3], more, *found.premises[4:])
        other = apply(rule, *swapped, **weight)
        assert isinstance(other, Refusal) or other.says != found.says


def test_a_level_is_a_positive_number_of_parameters() -> None:
    bad = (Rational(0), Rational(-1), n * LATE, Least(Item(m, Index("i")), Index("i")))
    for level in bad:  # t_0 may be 0
        assert isinstance(late_growth(pull("SA"), level=level), Refusal)
        assert isinstance(late_decay(pull("SA"), level=level), Refusal)
    low, first = least_pull(pull("SA")), Symbol("f", positive=True)
    assert isinstance(low, Theorem)
    found = late_growth(pull("SA"), level=first)
    assert isinstance(found, Theorem) and found.says == grows(first * low.says.left, first)


@pytest.mark.parametrize(
    ("name", "share", "early", "faster", "shown"),
    [
        ("SA", HALF, 0, 1, True),
        ("USA", HALF, 0, 1, True),
        ("SA", 1, 1, 1, True),
        ("SA", Rational(2, 5), 0, 1, False),
        ("SA", HALF, -HALF, 1, False),
        ("SA", HALF, 0, 2, False),
        ("repulsive", HALF, 0, 1, False),
        ("causal", HALF, 0, 1, False),
    ],
)
def test_tokens_align_with_their_limit(
    name: str, share: Any, early: Any, faster: int, shown: bool
) -> None:
    first = Symbol("f", positive=True)
    bound = exp((1 - faster * first * t) * exp(-2 * beta) / (2 * n))
    own = aligning(pull(name), first, Rational(share), Rational(early), bound)
    assert as_sheet(own.says, own.found, own.names).holds is shown


@pytest.mark.parametrize(
    ("name", "rate", "shown"),
    [
        ("SA", exp(-2 * beta) / n, True),
        ("USA", exp(-beta) / n, True),
        ("SA", exp(-beta) / n, False),
        ("SA", 2 * exp(-2 * beta) / n, False),
        ("causal", exp(-2 * beta) / n, False),
    ],
)
def test_the_sum_over_a_vector_in_the_cone(name: str, rate: Any, shown: bool) -> None:
    first = Symbol("f", positive=True)
    for own in (cone_sum(pull(name), rate), rising_late(pull(name), first, rate)):
        assert as_sheet(own.says, own.found, own.names).holds is shown


def spread_run(seed: int, steps: int) -> tuple[Any, ...]:
    """SA and pre-LN at random, from near a point: α over time, masses, β and lengths."""
    rng = np.random.default_rng(seed)
    size, dim, b = int(rng.integers(2, 8)), int(rng.integers(2, 5)), float(rng.uniform(0, 4))
    masses = 10 ** rng.uniform(-3, 0, size)
    r = 10 ** rng.uniform(-1, 1, (size, 1)) if seed % 2 else np.ones((size, 1))
    x = rng.normal(size=(size, dim)) * 0.4
    x[:, 0] = np.abs(x[:, 0]) + 0.5
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    kept, times, time, most = [x], [0.0], 0.0, float(r.max())
    for _ in range(steps):
        p = masses * np.exp(b * (x @ x.T - 1))
        a = p / p.sum(axis=1, keepdims=True) @ x
        field = a / r
        step = 0.02 / max(1.0, float(np.abs(field).max()))
        r = r + step * (a * x).sum(axis=1, keepdims=True) * (seed % 2)
        x = x + step * (field - (field * x).sum(axis=1, keepdims=True) * x)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        time += step
        kept.append(x)
        times.append(time)
    least = masses.min() / masses.sum() * np.exp(-2 * b)
    return kept, np.array(times), least, most, seed % 2


def watch(seed: int, steps: int) -> bool:
    kept, times, least, most, lengths = spread_run(seed, steps)
    end = kept[-1].mean(axis=0)
    end /= np.linalg.norm(end)
    alpha = np.array([float((x @ end).min()) for x in kept])
    near = alpha < 1 - 1e-6  # the mean isn't the limit, but near it
    late = np.flatnonzero((alpha >= 0.5) & near)
    if len(late) == 0:
        return False
    clock = least * (np.log1p(times / most) if lengths else times)
    start = late[0]
    bound = 0.5 * np.exp(-(clock - clock[start]) / 2)
    assert (1 - alpha[late] <= bound[late] + 1e-4).all(), seed
    return True


def test_decay_along_two_runs() -> None:
    assert watch(0, 200) and watch(1, 200)


@pytest.mark.slow
def test_decay_along_runs() -> None:
    assert sum(watch(seed, 1500) for seed in range(20)) > 15


def test_the_bound_is_of_the_least_mass() -> None:
    low = least_pull(pull("RoPE"))
    assert isinstance(low, Theorem)
    i = Index("i")
    wanted = Least(Item(m, i), i) / TokenSum(Item(m, i), i)
    assert (low.says.left / wanted).subs(beta, 0) == 1
    assert decays(low.says.left) != decays(low.says.left * Rational(1, 2))
