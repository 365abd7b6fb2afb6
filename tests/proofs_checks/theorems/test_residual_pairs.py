"""(6.11) beside lengths: runs of residual vectors side by side, and every premise of the rule."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Symbol, lambdify

from proofs_checks import check_model
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    R0,
    H,
    Refusal,
    apply,
    as_sheet,
    assume,
    common_sight,
    near_angles,
    pull_of,
    read,
    steps_of,
)
from proofs_checks.theorems.chords import APART, MOMENT
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.readers import TOKEN, UNIT
from proofs_checks.theorems.residual_pairs import SIDE_BY_SIDE, side_by_side
from tests.proofs_checks.residual_vectors import run, unit
from theory.models import catalogue
from theory.symbols import X, beta, t
from theory.terms import Inner, Row, Vec, at

off_, high = Symbol("off", positive=True), Symbol("high", positive=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pre-LN", "peri-LN"])
def test_inner_products_stay_near_those_of_equal_angles(name):
    """|g_ij - γ| <= (2 ε_0/h)(1 + t/r_0)^(power - 1), three tokens, from 1e-3 to 0.3 away."""
    divided, subject = name == "peri-LN", Subject.of(catalogue(name))
    bound = side_by_side(pull_of(subject)).says.args[1].right.xreplace({at(APART): off_, H: high})
    bound = lambdify((beta, off_, high, R0, t), bound)
    rng, hot, long = np.random.default_rng(1), 0.7, 0.8
    for noise in (1e-3, 0.05, 0.3):
        frame = np.eye(3)
        start = unit(frame + noise * rng.standard_normal((3, 3)))
        off = np.linalg.norm(start - frame, axis=1).max()
        inverse = np.linalg.inv(start @ start.T)
        height = min(3**-0.5, inverse.sum() ** -0.5)
        both = zip(
            run(long * start, hot, divided=divided), run(long * frame, hot, divided=divided),
            strict=True,
        )  # fmt: skip
        for time, one, two in ((a, x, y) for (a, x), (_, y) in both):
            gap = np.abs(unit(one) @ unit(one).T - unit(two) @ unit(two).T).max()
            assert gap <= bound(hot, off, height, long, time) + 1e-6


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "LNS with scores"])
def test_what_is_concluded_is_claimed(name):
    subject = Subject.of(catalogue(name))
    own = near_angles(pull_of(subject), common_sight(subject))
    assert own is not None and as_sheet(own.says, own.found, own.names).holds


@pytest.mark.parametrize("name", ["mix-LN", "sink + peri-LN", "sink + pre-LN", "nGPT"])
def test_other_models_are_left(name):
    """Lengths that stay for a while, rows that don't add up to 1, and no lengths."""
    pull = pull_of(Subject.of(catalogue(name)))
    assert isinstance(side_by_side(pull), Refusal)


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN"])
def test_every_premise_is_needed(name):
    """Dropped, exchanged, of another model, or known of one token or time alone."""

    def step_of(model):
        found = side_by_side(pull_of(Subject.of(catalogue(model))))
        return next(one for one in steps_of(found) if one.by is SIDE_BY_SIDE)

    own, other = step_of(name), step_of("LNS with scores")
    assert apply(SIDE_BY_SIDE, *own.premises, **own.parameters).says == own.says
    for place, premise in enumerate(own.premises):
        rest = own.premises[:place], own.premises[place + 1 :]
        for facts in ((*rest[0], *rest[1]), (*rest[0], own, *rest[1])):
            assert isinstance(apply(SIDE_BY_SIDE, *facts, **own.parameters), Refusal), place
        if place < len(other.premises):
            swapped = (*rest[0], other.premises[place], *rest[1])
            mixed = apply(SIDE_BY_SIDE, *swapped, **own.parameters)
            assert isinstance(mixed, Refusal) or other.premises[place].says == premise.says
        for moment in (Rel("<=", 0, Inner(Row(X, TOKEN), Vec("v"))), Rel("<", MOMENT, 1)):
            local = apply(part, apply(together, premise, assume(moment)), place=0)
            found = apply(SIDE_BY_SIDE, *rest[0], local, *rest[1], **own.parameters)
            assert isinstance(found, Refusal) or moment in found.given, place
    unit = read(UNIT, Subject.of(catalogue("LNS")))
    assert isinstance(apply(SIDE_BY_SIDE, unit, *own.premises[1:], **own.parameters), Refusal)


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "LNS with scores"])
@pytest.mark.slow
def test_rows(name):
    report = check_model(catalogue(name), only=["(4.5)", "(6.11)"])
    assert report["(6.11)"].word == "PROVED" and report["(6.11)"].sheet.typed
    assert report["(4.5)"].word == ("REFUTED" if name == "peri-LN" else "PROVED")
    if name == "pre-LN":
        assert "ρ + t <= r_j(0)" in report["(4.5)"].sentence and report["(4.5)"].sheet.typed
        assert "(h (1 + t/r_0)^(1 - (2 |β| + 1)/h))" in report["(6.11)"].sentence


def test_other_lengths_part_the_angles_of_orthonormal_tokens():
    """Why the scope wants one length: at 1, 2, 4 there is a gap though ε_0 = 0."""
    (_, end), *_ = [*run(np.diag([1.0, 2.0, 4.0]), 1.5)][-1:]
    products = (unit(end) @ unit(end).T)[np.triu_indices(3, 1)]
    assert np.ptp(products) > 0.05
