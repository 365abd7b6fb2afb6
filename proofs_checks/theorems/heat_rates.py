"""(4.4) and (4.5) of a model: its force and its chords put together, and what stays clustered."""

from __future__ import annotations

from typing import Any

from sympy import Mul, S, exp, simplify

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems.bounds import BOUNDED, UP_TO
from proofs_checks.theorems.chord_rates import Motions
from proofs_checks.theorems.chords import APART, MOMENT, within
from proofs_checks.theorems.clocks import clock_of
from proofs_checks.theorems.engines import ADDED, EQUAL, spared
from proofs_checks.theorems.features import features_in
from proofs_checks.theorems.heat_forces import (
    BALANCED_DIFFER,
    EXPONENTIAL_APART,
    KERNEL_DIFFERS,
    MULTIPLE_DIFFERS,
    PARTS_DIFFER,
    SHARES_DIFFER,
    SPREAD,
    STEEP,
    THIRD,
    kernels_apart,
    scores_apart,
)
from proofs_checks.theorems.heat_gap import (
    COMPARED,
    HEATED,
    HEATS,
    HEATS_MASSES,
    SAME_START,
    cooled,
)
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Refusal,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, rename
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import MOTION, OTHER, TOKEN, weights_of
from theory.atoms import Sinkhorn
from theory.symbols import beta, m, t
from theory.terms import Entry, Item, at, ddt, moving

_HELD = {TOKEN, OTHER, beta}
"""What isn't put in front of an output: at β = 0 it is another."""


def force_of(subject: Subject, weight: Any, cold: Any) -> Found:
    """``|A_i - B_i| <= f`` at a state, of weights at β and at 0."""
    known = Motions(subject)
    facts = apply(rename, known.mass, values={TOKEN: OTHER}), known.inside
    factors = Mul.make_args(weight)
    ahead = Mul(*(a for a in factors if not moving(a) and not _HELD & a.free_symbols))
    share, other, product = weight / ahead, cold / ahead, features_in(weight)
    if isinstance(share, Entry) and isinstance(other, Entry):
        rule = BALANCED_DIFFER if isinstance(share.args[0], Sinkhorn) else SHARES_DIFFER
        apart = scores_apart(share.args[0].scores, other.args[0].scores)
        found = apply(rule, *facts, known.sized(apart), share=share, cold=other)
    elif product is not None:
        found = _of_features(known, facts, product[0], features_in(cold))
    else:
        steep = _kernels(known, share, other)
        found = apply(KERNEL_DIFFERS, *facts, steep, weight=share, cold=other)
    return (
        found
        if ahead == 1
        else apply(MULTIPLE_DIFFERS, found, weight=share, cold=other, factor=ahead)
    )


def _kernels(known: Motions, share: Any, cold: Any) -> Found:
    """``|k_ij - l_ij| <= N`` of weights that aren't divided by their sum."""
    kernel = share / Item(m, OTHER)
    if isinstance(kernel, exp) and cold == Item(m, OTHER):
        score = kernel.args[0]
        return apply(EXPONENTIAL_APART, known.sized(score), score=score)
    try:
        apart, size = kernels_apart(share, cold)
    except NotConcluded as short:
        return Refusal(str(short))
    cosine = known.product(gram(TOKEN, OTHER))[0]
    return settle(STEEP, within(apart, size), cosine)


def _of_features(known: Motions, facts: tuple[Found, Found], product: Any, cold: Any) -> Found:
    if cold is None:
        return Refusal("at 0 the weights are of no features")
    both = known.features(product)
    own = next(row for row in product.args if row.args[1] != OTHER).args[1]
    tokens = (apply(rename, known.inside, values={TOKEN: one}) for one in (own, OTHER, THIRD))
    given = () if isinstance(both, Refusal) else sorted(both.given, key=str)
    warm = (assume(one) for one in given if isinstance(one, Rel))
    spread = apply(SPREAD, *tokens, *warm, product=product)
    positive = apply(part, both, place=0)
    return apply(PARTS_DIFFER, *facts, positive, spread, product=product, cold=cold[0])


def _grows(subject: Subject) -> Found:
    """``D' <= K D + f``."""
    cold, held = cooled(subject), {t: MOMENT}
    try:
        weight, rest = weights_of(subject), weights_of(cold)
    except NotConcluded as short:
        return Refusal(str(short))
    steady = Motions(cold).steady(rest.xreplace(held))
    apart = force_of(subject, weight.xreplace(held), rest.xreplace(held))
    motions = read(MOTION, subject), read(MOTION, cold)
    return apply(HEATED, *motions, steady, apart, weight=weight, cold=rest)


def at_first(a: Any) -> Any:
    """Return a number with masses as they are at the start."""
    return a.replace(lambda one: isinstance(one, Item) and one.args[0] == m, at)


def heat_gap(subject: Subject) -> Found:
    """``D <= v``, with v' = K v + f and v = 0 at first.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> from proofs_checks.propositions import written
    >>> written(heat_gap(Subject.of(catalogue("causal"))).says)
    'max_j |x_j - y_j| <= (e^(2 t) - 1) |β|/2'
    """
    grows, still = _grows(subject), read(HEATS_MASSES, subject)
    if isinstance(grows, Refusal):
        return grows
    moved = at_first(grows.says.right)
    if moved != grows.says.right:
        grows = settle(ADDED, Rel("<=", ddt(APART), moved), grows, still)
    force = moved.xreplace({APART: S.Zero})
    rate = simplify((moved - force) / APART)
    grows = settle(ADDED, Rel("<=", ddt(APART), rate * APART + force), grows)
    try:
        clock, more = clock_of(force if rate == 0 else rate)
    except NotConcluded as short:
        return Refusal(str(short))
    ratio = S.One if rate == 0 else simplify(force / rate)
    if moving(ratio):
        return Refusal("the force isn't a multiple of the rate")
    bound = clock if rate == 0 else ratio * (exp(clock) - 1)
    solves = spared(EQUAL, Rel("=", ddt(bound), rate * bound + force), *more)
    finite = spared(UP_TO, Is(BOUNDED, rate), assume(Is(HEATS, subject)))
    return apply(COMPARED, grows, solves, read(SAME_START, subject), finite)
