"""(3.2), (3.3) as theorems: what is claimed, what is broken, and every premise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Abs, Rational, Symbol, exp, lambdify

from proofs_checks.proof import KERNEL_MASS, Flow, field_of
from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    apply,
    as_sheet,
    assume,
    divided_field,
    divisor_of_mean,
    length_of_mean,
    mean_field,
    read,
    steps_of,
)
from proofs_checks.theorems.logic import part, rename, together
from proofs_checks.theorems.potentials import BALANCED_ROWS
from proofs_checks.theorems.projected_means import LENGTH, SAME_SHARES
from proofs_checks.theorems.readers import MASSES, MOTION, OTHER, TOKEN
from proofs_checks.theorems.sheets import Says
from theory.atoms import MaskedSoftmax, RowSoftmax, Sinkhorn, Tangent
from theory.masks import Mask
from theory.models import REPULSIVE, SA, SINKHORN, USA, Model, catalogue
from theory.symbols import K, Q, X, beta, m
from theory.terms import Entry, Index, Inner, Item, Row, Vec, total

SHARE = Entry(RowSoftmax(beta * X * X.T, m), TOKEN, OTHER)
SPED = ("pre-LN", "peri-LN", "mix-LN", "nGPT", "LNS with scores", "Sinkhorn")


def holds(own, then):
    return as_sheet(Says(own.says.given, then), own.found).holds


@pytest.mark.parametrize("name", SPED)
def test_lengths_that_are_claimed_and_broken_ones(name):
    """1 % less, the square, or the other sign of the bound; masses that are shares of others."""
    own = length_of_mean(Subject.of(catalogue(name)))
    assert holds(own, own.says.then)
    motion, long, same = own.says.then.args
    for other in (long.right * Rational(99, 100), -long.right, long.right / 2):
        assert not holds(own, All(motion, Rel("<=", long.left, other), same))
    assert not holds(own, All(motion, long, Rel("=", same.left, 2 * same.right)))
    assert not as_sheet(Says((), own.says.then), own.found).holds


@pytest.mark.parametrize("model", [SA, USA, REPULSIVE, catalogue("pre-LN")])
def test_divisors_that_are_claimed_and_broken_ones(model):
    """Another heat in Z_i, bounds 1 % nearer, without the total mass, and of another flow."""
    own = divisor_of_mean(Subject.of(model))
    assert holds(own, own.says.then)
    motion, taken, between = own.says.then.args
    low, high = between.args
    near = Rel("<=", low.left * Rational(101, 100), low.right)
    wide = Rel("<=", high.left, high.right * Rational(99, 100))
    bare = Rel("<=", exp(-Abs(beta)), low.right)
    cold = Rel("<=", high.left, high.right.xreplace({exp(Abs(beta)): exp(beta)}))
    for pair in ((near, high), (low, wide), (bare, high), (low, cold)):
        assert not holds(own, All(motion, taken, All(*pair)))
    assert not holds(own, All(motion, Rel("=", taken.left, 2 * taken.right), between))
    other = divisor_of_mean(Subject.of(catalogue("CoD")))
    assert not holds(other, own.says.then)


@pytest.mark.parametrize("hot", [-2.0, 0.0, 0.7])
def test_values_of_the_bounds(hot):
    """Z_i of drawn states, masses of any sum and β of any sign, attained by equal tokens."""
    own = divisor_of_mean(Subject.of(SA))
    whole = Symbol("whole", positive=True)
    sums = {total(Item(m, OTHER), OTHER): whole}
    low, high = own.says.then.args[2].args
    ends = [lambdify((beta, whole), a.xreplace(sums)) for a in (low.left, high.right)]
    rng = np.random.default_rng(3)
    for size in (1, 2, 5) * 5:
        x, masses = rng.standard_normal((size, 3)), rng.uniform(0.1, 5, size)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        z = np.exp(hot * x @ x.T) @ masses
        least, most = (end(hot, masses.sum()) for end in ends)
        assert np.all(least <= z + 1e-12) and np.all(z <= most + 1e-12)
        if size == 1:
            assert min(abs(z - least), abs(z - most)) < 1e-12


@pytest.mark.parametrize("name", ["SA", "CoD", "repulsive", "long context"])
def test_a_stated_field_is_the_velocity_and_no_longer_than_is_stated(name):
    """Twice the field, a field without a projection, and a shorter bound aren't concluded."""
    flow = Flow.of(catalogue(name))
    field = field_of(flow)
    bound = length_of_mean(Subject.of(flow.model)).says.then.args[1].right

    def said(field, bound):
        own = mean_field(flow, field, bound)
        return not isinstance(own, Refusal) and as_sheet(own.says, own.found).holds

    assert said(field, bound) and said(field, bound + 1)
    assert not any(said(field, short) for short in (bound / 2, -bound, bound - Rational(1, 100)))
    assert not said(Tangent(field.points, 2 * field.field), bound)
    assert not said(field.field, bound)


@pytest.mark.parametrize("pair", [(SA, USA), (USA, SA), (REPULSIVE, -USA.velocity)])
def test_a_stated_divisor_takes_one_field_to_the_other(pair):
    """Other divisors, fields and bounds that are nearer aren't concluded, wider ones are."""
    model, other = pair
    other = other if isinstance(other, Model) else replace(USA, velocity=other)
    ends = exp(-beta), exp(beta)

    def said(total=KERNEL_MASS, bounds=ends, beside=other):
        own = divided_field(Flow.of(model), beside, total, bounds)
        return not isinstance(own, Refusal) and as_sheet(own.says, own.found).holds

    assert said()
    for wide in ((-ends[0], ends[1]), (exp(-2 * beta), ends[1]), (ends[0], ends[1] + 1)):
        assert said(bounds=wide)
    for near in ((1, ends[1]), (ends[0], exp(beta / 2)), (ends[0], ends[1] - 1), (0, -ends[1])):
        assert not said(bounds=near)
    assert not any(said(total) for total in (2 * KERNEL_MASS, KERNEL_MASS.subs(beta, 2 * beta)))
    assert not said(beside=model)


@pytest.mark.parametrize("name", ["USA", "causal", "sink", "positive features"])
def test_what_is_no_mean_of_all_tokens_by_their_masses(name):
    assert length_of_mean(Subject.of(catalogue(name))) is None


@pytest.mark.parametrize("name", ["peri-LN", "nGPT", "L2", "RoPE", "sigmoid", "Sinkhorn", "sink"])
def test_speeds_and_weights_that_z_doesnt_take(name):
    assert divisor_of_mean(Subject.of(catalogue(name))) is None


@pytest.mark.parametrize("name", ["SA", "pre-LN", "peri-LN", "nGPT"])
def test_every_premise_of_the_length_is_needed(name):
    """Dropped, of another model, of one token alone, or of another speed or share."""
    own = length_of_mean(Subject.of(catalogue(name)))
    step = next(one for one in steps_of(own.found) if one.by is LENGTH)
    assert apply(LENGTH, *step.premises, **step.parameters).says == step.says
    for place, premise in enumerate(step.premises):
        before, after = step.premises[:place], step.premises[place + 1 :]
        short = apply(LENGTH, *before, *after, **step.parameters)
        assert isinstance(short, Refusal) or short.says != step.says, place
        moment = Rel("<=", 0, Inner(Row(X, TOKEN), Vec("u")))
        local = apply(part, apply(together, premise, assume(moment)), place=0)
        assert isinstance(apply(LENGTH, *before, local, *after, **step.parameters), Refusal)
    speed, share = step.parameters["speed"], step.parameters["share"]
    for wrong in (
        {"speed": 2 * speed, "share": share},
        {"speed": speed, "share": 2 * share},
        {"speed": speed * Item(m, OTHER), "share": share / Item(m, OTHER)},
    ):
        assert isinstance(apply(LENGTH, *step.premises, **wrong), Refusal)
    other = read(MOTION, Subject.of(catalogue("CoD")))
    assert isinstance(apply(LENGTH, other, *step.premises[1:], **step.parameters), Refusal)


def test_shares_of_multiples_of_the_masses():
    """Scores of the masses, masks, uneven scores, and what is no share aren't the same."""
    assert apply(SAME_SHARES, share=SHARE).says.right == SHARE
    heavy = Entry(RowSoftmax(beta * m * m.T, m), TOKEN, OTHER)
    seen = Entry(MaskedSoftmax(beta * X * X.T, m, Mask.causal()), TOKEN, OTHER)
    uneven = Entry(Sinkhorn(beta * X * Q.T * K * X.T, m), TOKEN, OTHER)
    for share in (heavy, seen, uneven, 2 * SHARE, beta):
        assert isinstance(apply(SAME_SHARES, share=share), Refusal)


def test_balanced_rows():
    """Of positive masses of every token, and symmetric scores, summed over the second token."""
    mass = apply(rename, read(MASSES, Subject.of(SINKHORN)), values={TOKEN: OTHER})
    share = Entry(Sinkhorn(beta * X * X.T, m), TOKEN, OTHER)
    assert apply(BALANCED_ROWS, mass, share=share, index=OTHER).says == Rel(
        "=", total(share, OTHER), 1
    )
    uneven = Entry(Sinkhorn(beta * X * Q.T * K * X.T, m), TOKEN, OTHER)
    for other, index in ((uneven, OTHER), (SHARE, OTHER), (share, TOKEN), (share, Index("k"))):
        assert isinstance(apply(BALANCED_ROWS, mass, share=other, index=index), Refusal)
    for fact in (Rel("<=", 0, Item(m, OTHER)), Rel("<", 0, Item(m, OTHER))):
        assert isinstance(apply(BALANCED_ROWS, assume(fact), share=share, index=OTHER), Refusal)
