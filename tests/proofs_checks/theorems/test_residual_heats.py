"""(4.5) beside lengths: residual vectors of runs at two heats, and every premise of the rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import lambdify

from proofs_checks import check_model
from proofs_checks.propositions import Bound, Rel, Subject
from proofs_checks.theorems import Refusal, apply, as_sheet, assume, read, staying, steps_of
from proofs_checks.theorems.chords import MOMENT
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.readers import TOKEN, UNIT
from proofs_checks.theorems.residual_heats import FLOOR, RESIDUALS, residual_gap
from tests.proofs_checks.residual_vectors import outputs, run, unit
from theory.models import PRE_LN, catalogue
from theory.symbols import X, beta, r, t
from theory.terms import Inner, Row, Vec


def bounds_of(name):
    """The bound v in β, ρ and t, and the clock F."""
    found = residual_gap(Subject.of(catalogue(name)))
    (long,) = (one for one in found.given if isinstance(one, Bound))
    clock = long.opened(TOKEN).left - FLOOR
    return lambdify((beta, FLOOR, t), found.says.right), lambdify(t, clock)


@pytest.mark.parametrize(("name", "pace"), [
    ("pre-LN", lambda time: 1.0), ("LNS", lambda time: (1 + time) ** -0.5),
])  # fmt: skip
def test_runs_part_less_than_the_bound(name, pace):
    bound, clock = bounds_of(name)
    rng, floor, until = np.random.default_rng(0), 0.3, 1.0
    for hot in (0.2, 1.5):
        start = unit(rng.standard_normal((4, 2)))
        start = start * (floor + clock(until)) * rng.uniform(1, 2, (4, 1))
        pairs = zip(run(start, hot, pace), run(start, 0.0, pace), strict=True)
        for (time, one), (_, two) in pairs:
            apart = np.linalg.norm(unit(one) - unit(two), axis=1).max()
            assert apart <= bound(hot, floor, time) + 1e-6


@pytest.mark.slow
def test_shorter_lengths_are_outside_the_scope_for_a_reason():
    """±u, ±v, <u,v> = 3/5, rest at β = 0 and turn by more than 1/8 at β = 1 for short lengths."""
    u, v = np.array([1.0, 0.0]), np.array([0.6, 0.8])
    start = 1e-3 * np.array([u, -u, v, -v])
    (_, end), *_ = [*run(start, 1.0, steps=20000)][-1:]
    assert np.linalg.norm(unit(end) - unit(start), axis=1).max() > 1 / 8
    assert np.abs(outputs(start, 0.0)).max() < 1e-12


@pytest.mark.parametrize("name", ["pre-LN", "LNS with scores", "causal + pre-LN", "sink + pre-LN"])
def test_what_is_concluded_is_claimed(name):
    own = staying(Subject.of(catalogue(name)))
    assert own is not None and as_sheet(own.says, own.found, own.names).holds
    assert len(own.says.given) == 3


@pytest.mark.parametrize("name", ["peri-LN", "mix-LN"])
def test_other_outputs_are_left(name):
    """Outputs that are divided by their length, and lengths that stay for a while."""
    assert isinstance(residual_gap(Subject.of(catalogue(name))), Refusal)


def test_lengths_of_another_law_are_left():
    twice = replace(PRE_LN, velocity={**PRE_LN.velocities, r: 2 * PRE_LN.velocities[r]})
    assert isinstance(residual_gap(Subject.of(twice)), Refusal)


def test_every_premise_is_needed():
    """Dropped, exchanged, of another model, or known of one token or time alone."""

    def step_of(name):
        found = staying(Subject.of(catalogue(name))).found
        return next(one for one in steps_of(found) if one.by is RESIDUALS)

    own, other = step_of("pre-LN"), step_of("LNS with scores")
    assert apply(RESIDUALS, *own.premises, **own.parameters).says == own.says
    for place, premise in enumerate(own.premises):
        rest = own.premises[:place], own.premises[place + 1 :]
        for facts in ((*rest[0], *rest[1]), (*rest[0], own, *rest[1])):
            assert isinstance(apply(RESIDUALS, *facts, **own.parameters), Refusal), place
        mixed = apply(RESIDUALS, *rest[0], other.premises[place], *rest[1], **own.parameters)
        assert isinstance(mixed, Refusal) or other.premises[place].says == premise.says
        for moment in (Rel("<=", 0, Inner(Row(X, TOKEN), Vec("v"))), Rel("<", MOMENT, 1)):
            local = apply(part, apply(together, premise, assume(moment)), place=0)
            found = apply(RESIDUALS, *rest[0], local, *rest[1], **own.parameters)
            assert isinstance(found, Refusal) or moment in found.given, place
    unit = read(UNIT, Subject.of(catalogue("LNS")))
    assert isinstance(apply(RESIDUALS, unit, *own.premises[1:], **own.parameters), Refusal)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pre-LN", "causal + pre-LN"])
def test_the_row_says_how_long_lengths_are(name):
    found = check_model(catalogue(name), only="(4.5)")["(4.5)"]
    assert found.word == "PROVED" and found.sheet.typed
    assert "while 8 (e^(t/ρ) - 1) |β| <= 1 and for every j: ρ + t <= r_j(0): " in found.sentence
