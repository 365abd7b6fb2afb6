"""When orthonormal tokens reach an angle: by runs and quadrature, and premises that are needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from sympy import Piecewise, Rational, cancel, exp, lambdify, sqrt

from numerics import integrate
from numerics.compile import compile_model
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Conclusion,
    Pull,
    Refusal,
    Theorem,
    aligns,
    apply,
    as_sheet,
    assume,
    common_sight,
    in_ratio,
    later,
    pull_of,
    read,
    settle,
    times,
)
from proofs_checks.theorems.angle_times import (
    AT_ANGLES,
    CLOCK,
    LATE,
    LATE_FROM_LENGTHS,
    LATE_IN_STAGES,
    LENGTHS,
    stages,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.kernel import NotConcluded
from theory.models import SA, USA, Model, catalogue
from theory.predictions import equiangular_rate, equiangular_time
from theory.symbols import beta, gamma, n, t

WARM, FROM_0, INSIDE, BELOW = (
    Rel("<", 0, beta),
    Rel("<=", 0, gamma),
    Rel("<", 0, gamma),
    Rel("<", 0, 1 - gamma),
)


def seen(model: Model) -> tuple[Pull, Any]:
    subject = Subject.of(model)
    pull = pull_of(subject)
    assert isinstance(pull, Pull)
    return pull, common_sight(subject)


def on_range(*more: Rel) -> list[Any]:
    return [assume(one) for one in (SEVERAL, WARM, BELOW, *more)]


def test_what_is_concluded_is_claimed() -> None:
    for model in (SA, USA):
        own = equiangular_rate(model=model.name), equiangular_time(model=model.name)
        found = times(*seen(model), *own)
        assert found is not None and as_sheet(found.says, found.found, found.names).holds


def test_other_rates_and_times_are_refused() -> None:
    rate, time = equiangular_rate(model="USA"), equiangular_time(model="USA")
    for twin in ((2 * rate, time), (rate, 2 * time), (rate, time + 1), (rate, time + gamma)):
        found = times(*seen(USA), *twin)
        assert found is None or isinstance(found.found, Refusal)


def test_a_run_reads_its_clock() -> None:
    """Tokens on the axes: the time at which numbers say that γ is 1/2, 9/10."""
    run = integrate(compile_model(SA, beta=2.0), np.eye(3), 12.0, rtol=1e-10)
    said = lambdify((gamma, beta, n), equiangular_time(), ["mpmath"])
    for level in (0.5, 0.9):
        points = run.at(float(said(level, 2.0, 3)))
        assert points[0] @ points[1] == pytest.approx(level, abs=1e-7)


@pytest.mark.parametrize("name", ["nGPT", "L2", "CoD"])
def test_the_integral_rises_with_beta(name: str) -> None:
    """∫ dγ/f by quadrature; of CoD in its own time."""
    model = catalogue(name)
    assert isinstance(model, Model)
    own = later(*seen(model))
    assert own is not None and isinstance(own.found, Theorem)
    aligned = aligns(*seen(model))
    assert aligned is not None
    said = aligned.found.says.arguments[1].subs(t, 0)
    others = dict.fromkeys(said.free_symbols - {gamma, beta, n}, 1)
    rate = lambdify((gamma, beta, n), said.subs(others))
    for size in (2, 5):
        found = [
            quad(lambda g, hot=hot, size=size: 1 / rate(g, hot, size), 0, level)[0]
            for level in (0.1, 0.99)
            for hot in (0.1, 1.0, 4.0)
        ]
        assert np.all(np.diff(found[:3]) > 0) and np.all(np.diff(found[3:]) > 0)


@pytest.mark.parametrize("name", ["USA", "sink", "softmax-off-by-one", "summed sigmoid", "linear"])
def test_times_that_fall_somewhere_are_refused(name: str) -> None:
    model = catalogue(name)
    assert isinstance(model, Model)
    own = later(*seen(model))
    assert own is None or isinstance(own.found, Refusal)


def test_every_premise_is_needed() -> None:
    own, other = (aligns(*seen(model)) for model in (SA, catalogue("L2")))
    assert own is not None and other is not None
    rate, time = own.found.says.arguments[1], equiangular_time()
    rises = settle(AT_ANGLES, Rel("<", 0, rate), *on_range(FROM_0))
    falls = Rel("<", 0, (2 * (1 - gamma) * ((n - 1) * gamma + 1) / n / rate).diff(beta))
    later_on = settle(AT_ANGLES, Rel("<", 0, (rate**-2 / 4).diff(beta) * 4), *on_range(INSIDE))
    assert isinstance(rises, Theorem) and isinstance(later_on, Theorem)
    slower = settle(AT_ANGLES, Rel("<", 0, (_own(rate) ** -2).diff(beta)), *on_range(INSIDE))
    assert isinstance(apply(LATE, own.found, rises, slower), Theorem)
    for facts in (
        (own.found, rises),
        (own.found, slower, rises),
        (rises, own.found, slower),
        (own.found, rises, settle(AT_ANGLES, falls, *on_range(INSIDE))),
        (other.found, rises, slower),
        (own.found, assume(Rel("<=", 0, rate)), slower),
    ):
        assert isinstance(apply(LATE, *facts), Refusal)
    hot = assume(Rel("<", 0, (_own(rate) ** -2).diff(beta)))
    assert isinstance(apply(LATE, own.found, rises, hot), Refusal)  # γ and β aren't of its range
    clock = assume(Rel("=", rate * time.diff(gamma), 1))
    assert isinstance(apply(CLOCK, own.found, clock, time=time), Refusal)


def test_lengths_have_the_same_clock() -> None:
    """Of lengths T is ∫ r dγ/f: their velocity is needed, and other lengths are refused."""
    own, other = (aligns(*seen(catalogue(name))) for name in ("pre-LN", "LNS"))
    assert own is not None and other is not None
    rate = own.found.says.arguments[1]
    lengths, theirs = (read(LENGTHS, one.found.says.arguments[0]) for one in (own, other))
    assert isinstance(lengths, Theorem)
    _, length, growth = lengths.says.arguments
    assert length in rate.free_symbols
    rises = settle(AT_ANGLES, Rel("<", 0, rate), *on_range(FROM_0))
    pace, over = _own(rate * length), cancel(growth / (rate * length))
    slower = settle(AT_ANGLES, Rel("<", 0, (pace**-2).diff(beta)), *on_range(INSIDE))
    longer = settle(AT_ANGLES, Rel("<=", 0, over.diff(beta)), *on_range(INSIDE))
    assert isinstance(apply(LATE_FROM_LENGTHS, own.found, lengths, rises, slower, longer), Theorem)
    for facts in (
        (own.found, lengths, rises, slower),
        (own.found, theirs, rises, slower, longer),
        (other.found, lengths, rises, slower, longer),
        (own.found, lengths, rises, slower, rises),
        (own.found, lengths, slower, slower, longer),
    ):
        assert isinstance(apply(LATE_FROM_LENGTHS, *facts), Refusal)
    assert isinstance(apply(LATE, own.found, rises, slower), Refusal)  # r moves with β too
    same = assume(Rel("=", rate * equiangular_time().diff(gamma), 1))
    assert isinstance(apply(CLOCK, own.found, same, time=equiangular_time()), Refusal)
    for name in ("SA", "moving masses", "cross-attention"):
        assert isinstance(read(LENGTHS, Subject.of(catalogue(name))), Refusal)


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "LNS"])
def test_lengths_of_the_catalogue(name: str) -> None:
    own = later(*seen(catalogue(name)))
    assert own is not None and as_sheet(own.says, own.found, own.names).holds


def test_two_clocks_are_refused() -> None:
    own = later(*seen(catalogue("LNS with scores")))
    assert own is not None and isinstance(own.found, Refusal)


def _own(rate: Any) -> Any:
    return rate.as_independent(beta, gamma, as_Add=False)[1]


def test_signs_at_equal_angles() -> None:
    ratio = exp(beta * (1 - gamma))
    for a in (ratio - 1, (n - 1) * gamma + 1 - gamma / 2, sqrt(ratio) - sqrt(ratio) / 2, n - 1):
        assert isinstance(settle(AT_ANGLES, Rel("<", 0, a), *on_range(FROM_0)), Theorem)
    for a in (
        gamma,  # 0 at a right angle
        Rational(1, 2) - gamma,
        exp(beta * gamma) - 1,
        ratio - 2,
        n - 2,
        1 - gamma - exp(-(beta**2)) * gamma,
    ):
        assert isinstance(settle(AT_ANGLES, Rel("<", 0, a), *on_range(FROM_0)), Refusal), a
    assert isinstance(settle(AT_ANGLES, Rel("<", 0, gamma), *on_range(INSIDE)), Theorem)
    for short in range(4):
        facts = [one for k, one in enumerate(on_range(FROM_0)) if k != short]
        assert isinstance(settle(AT_ANGLES, Rel("<", 0, ratio - 1), *facts), Refusal)


def test_what_is_no_power_of_one_ratio() -> None:
    assert in_ratio(exp(beta) * exp(beta * gamma) ** -1) is not None
    for a in (exp(beta**2) + exp(beta), exp(beta * gamma**2), exp(beta * sqrt(2)) + exp(beta)):
        assert in_ratio(a) is None


def test_what_is_claimed_of_a_conclusion() -> None:
    own = later(*seen(SA))
    assert isinstance(own, Conclusion) and WARM in own.says.given


def test_lengths_that_grow_from_a_time_on() -> None:
    """Each sign of mix-LN is needed, in its stage; a time that goes by β makes no stages."""
    found = later(*seen(catalogue("mix-LN"))).found
    assert isinstance(found, Theorem) and found.by is LATE_IN_STAGES
    facts = found.premises
    assert len(facts) == 8
    for place in range(8):
        assert isinstance(apply(LATE_IN_STAGES, *facts[:place], *facts[place + 1 :]), Refusal)
    for one, other in ((1, 0), (2, 4), (3, 4), (6, 7), (7, 6)):
        swapped = [facts[other] if place == one else fact for place, fact in enumerate(facts)]
        assert isinstance(apply(LATE_IN_STAGES, *swapped), Refusal)
    plain = later(*seen(catalogue("pre-LN"))).found
    assert isinstance(apply(LATE_IN_STAGES, *plain.premises[:2], *facts[2:]), Refusal)
    for cases in (
        (Piecewise((1, t < beta), (2, True)),),
        (Piecewise((1, t < 1), (2, t < 3), (3, True)),),
        (Piecewise((1, t < 1), (2, True)), Piecewise((1, t < 2), (2, True))),
        (beta,),
    ):
        with pytest.raises(NotConcluded):
            stages(*cases)


@pytest.mark.slow
def test_mix_ln_takes_longer_at_a_greater_beta_by_runs() -> None:
    """Of equal lengths, before τ and after."""
    ends = []
    for hot in (0.5, 1.0, 2.0):
        field = compile_model(catalogue("mix-LN"), beta=hot, tau=0.5)
        start = {"X": np.eye(4), "r": np.full((4, 1), 2.0)}
        run = integrate(field, start, 6.0, t_eval=[0.3, 0.5, 1.0, 6.0])
        ends.append([float(x[0] @ x[1]) for x in run.points])
    assert np.all(np.diff(np.array(ends), axis=0) < 0)
