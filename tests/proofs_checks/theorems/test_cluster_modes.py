"""Modes at one point and at two: against theory's linearisation, and each premise is needed."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational, Tuple, exp, symbols

from proofs_checks.audit.modes import counted, is_counted
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    ONE_MASS,
    TOTAL,
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    divergence_said,
    modes_said,
    rates_said,
    read,
    replayed,
    run_exponent,
)
from proofs_checks.theorems.cluster_modes import (
    AT_ONE,
    DENSITIES,
    MODES_AT_ONE,
    MODES_AT_TWO,
    ONE_EXPONENT,
    TRACE,
    listed_modes,
    modes_of,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.one_solution import ONE_SOLUTION
from proofs_checks.theorems.orthonormal_law import SOLVED
from proofs_checks.theorems.readers import MOTION, UNIT, weights_of
from theory.energy import interaction_energy
from theory.linearize import antipodal
from theory.models import CAUSAL, QK_USA, REPULSIVE, SA, USA, catalogue, gradient_flow
from theory.symbols import beta, d, n, t, z

P, Q = symbols("p q", integer=True, positive=True)
ONE = ((0, d - 1), (-1, (d - 1) * (n - 1)))


@pytest.mark.parametrize("model", [SA, USA, REPULSIVE], ids=str)
def test_modes_at_two_points_are_those_of_the_linearisation(model):
    weight = weights_of(Subject.of(model))
    found = apply(MODES_AT_TWO, read(MOTION, Subject.of(model)), weight=weight, sizes=Tuple(P, Q))
    at = {P: 2, Q: 3, beta: Rational(3, 4), d: 5}
    own = {
        (one.arguments[-2].subs(at).n(12), one.arguments[-1].subs(at)) for one in found.says.args
    }
    others = antipodal(model, P, Q).eigenvalues
    assert own == {(value.subs(at).n(12), count.subs(at)) for value, count in others}


@pytest.mark.parametrize("model", [SA, USA], ids=str)
def test_differences_know_no_more_and_no_less(model):
    """At one point -Σ m k with unequal masses; another value is none, another count is too many."""
    masses, axis = np.array([0.1, 0.7, 0.4]), np.array([0.6, 0.0, 0.8])
    found = counted(model, {beta: 0.5}, masses, axis, 0)
    rate = -1.0 if model is SA else -1.2 * np.exp(0.5)
    assert is_counted(found, rate, 4) and is_counted(found, 0.0, 2)
    assert not is_counted(found, rate, 5) and not is_counted(found, rate / 2, 1)


def test_a_sink_counts_where_tokens_are_one():
    """-Σ m e^b over Σ m e^b and the sink, against differences of unequal masses."""
    for name, rest in (("softmax-off-by-one", 1.0), ("sink", np.exp(0.5))):
        model, values = catalogue(name), {beta: 0.5}
        values |= {a: 0.5 for a in model.parameters if a != beta}
        masses, axis = np.array([0.1, 0.7, 0.4]), np.array([0.6, 0.0, 0.8])
        (_, still), (rate, _) = listed_modes(modes_of(Subject.of(model)).fact, AT_ONE)[1]
        at = {**values, TOTAL: masses.sum(), n: 3}
        value = float(rate.xreplace(at).subs(at))
        assert np.isclose(value, -1.2 * np.exp(0.5) / (1.2 * np.exp(0.5) + rest / 3))
        found = counted(model, values, masses, axis, 0)
        assert is_counted(found, value, 4) and is_counted(found, 0.0, 2) and still == d - 1


@pytest.mark.parametrize(
    "pairs",
    [
        ((0, d - 1), (-2, (d - 1) * (n - 1))),
        ((0, d), (-1, (d - 1) * (n - 1))),
        ((0, d - 1), (-1, (d - 1) * n)),
        ((-1, (d - 1) * (n - 1)),),
        (*ONE, (0, d - 1)),
    ],
)
def test_another_spectrum_is_refused(pairs):
    assert isinstance(modes_said(Subject.of(SA), ONE).found, Theorem)
    own = modes_said(Subject.of(SA), pairs)
    assert isinstance(own.found, Refusal) and not as_sheet(own.says, own.found).holds


def test_what_isnt_alike_is_refused():
    """Another motion, masks, speeds with a time, two clusters of no token."""
    subject = Subject.of(SA)
    motion, weight = read(MOTION, subject), weights_of(subject)
    assert isinstance(apply(MODES_AT_ONE, motion, weight=weight), Theorem)
    for facts, own in (
        ((read(UNIT, subject),), weight),
        ((read(MOTION, Subject.of(USA)),), weight),
        ((assume(motion.says),), weight),
        ((motion,), 2 * weight),
        ((motion, motion), weight),
        ((), weight),
        ((read(MOTION, Subject.of(CAUSAL)),), weights_of(Subject.of(CAUSAL))),
        ((read(MOTION, Subject.of(catalogue("pre-LN"))),), weights_of(subject)),
    ):
        assert isinstance(apply(MODES_AT_ONE, *facts, weight=own), Refusal)
        assert isinstance(apply(MODES_AT_TWO, *facts, weight=own, sizes=Tuple(P, Q)), Refusal)
    assert isinstance(apply(MODES_AT_TWO, motion, weight=weight, sizes=Tuple(0, Q)), Refusal)


def test_every_premise_of_an_exponent_is_needed():
    own = run_exponent(Subject.of(USA)).found
    assert own.by is ONE_EXPONENT and own.says.args[1] == exp(beta)
    runs, mass, sign = own.premises
    other = run_exponent(Subject.of(catalogue("Sinkhorn"))).found.premises[0]
    for facts in (
        (runs, mass),
        (runs, sign),
        (mass, runs, sign),
        (runs, sign, mass),
        (runs, assume(Rel("=", TOTAL, 2)), sign),
        (runs, assume(Rel("<=", TOTAL, 1)), sign),
        (runs, mass, assume(Rel("<=", 0, exp(beta)))),
        (runs, mass, assume(Rel("<", 0, 2 * exp(beta)))),
        (other, mass, sign),
        (runs, mass, sign, sign),
    ):
        assert isinstance(apply(ONE_EXPONENT, *facts), Refusal)
    assert ONE_MASS in own.given


def test_the_exponent_of_scores_is_a_term_of_the_limit():
    own = run_exponent(Subject.of(QK_USA))
    assert "e^(β <Q^T K z,z>)" in str(as_sheet(own.says, own.found, own.names))


def test_every_premise_of_a_trace_is_needed():
    modes = modes_of(Subject.of(SA), P, Q)
    trace, falls, *_ = divergence_said(Subject.of(SA), -(n - 1) * (d - 1)).found.premises
    found = trace.premises[-1] if trace.by is not TRACE else trace
    listed, whole = found.premises
    more = assume(Rel("=", whole.says.left, n * d))
    two = apply(together, listed.premises[0], listed)
    for facts in ((listed,), (whole, listed), (listed, more), (modes, whole), (two, whole)):
        assert isinstance(apply(TRACE, *facts), Refusal)
    weak = assume(Rel("<=", falls.says.left, 0))
    for facts in ((trace,), (falls, trace), (trace, weak), (listed, falls)):
        assert isinstance(apply(DENSITIES, *facts), Refusal)


def test_a_divergence_with_beta_is_said_of_beta_from_0_on():
    """k = β + 2z: (d - 1)(n - 1)(β + 2) is > 0 for β > -2 alone."""
    subject = Subject.of(gradient_flow(interaction_energy(beta * z + z**2)))
    value = -((n - 1) * (d - 1) * (beta + 2))
    own = divergence_said(subject, value)
    assert isinstance(own.found, Theorem) and Rel("<=", 0, beta) in own.found.given
    assert replayed(own.found).says == own.says.then
    assert isinstance(divergence_said(subject, value.subs(beta, beta - 3)).found, Refusal)
    cold = Subject.of(gradient_flow(interaction_energy(z**2 - beta * z)))
    assert isinstance(divergence_said(cold, (n - 1) * (d - 1) * (beta - 2)).found, Refusal)


def test_another_law_of_orthonormal_tokens_is_refused():
    subject, law = Subject.of(SA, {beta: 0}), n / (exp(2 * t) + n - 1)
    own = rates_said(subject, ((0, d - 1), (-1, (n - 1) * (d - 1))), (), (P, Q), law)
    solved = own.found  # the modes at two points aren't all claimed
    assert isinstance(solved, Refusal)
    pairs = [one.arguments[-2:] for one in modes_of(subject, P, Q).says.args]
    found = rates_said(subject, ((0, d - 1), (-1, (n - 1) * (d - 1))), pairs, (P, Q), law).found
    angles, unique, change = found.premises[-1].premises
    other = assume(Rel("=", change.says.left, 2 * change.says.right))
    twice = 2 * n / (exp(2 * t) + n - 1)
    for facts, said in (
        ((angles, unique, change), twice),
        ((angles, unique, other), law),
        ((angles, change, unique), law),
        ((angles, unique), law),
        ((unique, angles, change), law),
        ((angles, read(ONE_SOLUTION, Subject.of(USA)), change), law),
    ):
        assert isinstance(apply(SOLVED, *facts, law=said), Refusal)
