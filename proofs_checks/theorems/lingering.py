"""Attraction that is no faster than a clock: ``D(0) e^(-(2/h) U) <= D``, U explicit, T2 from below.

Σ_j p_ij <= u, U = ∫u. Where ``e^(-ε t)`` is less than any share of that for each ε > 0 consensus
doesn't attract exponentially, as in CoD (U = 2√(1+t) - 2) and where lengths grow as t does.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, S, Symbol, exp, oo

from proofs_checks.propositions import Proposition, Rel, Subject, Tends
from proofs_checks.theorems.attraction import pair_pull
from proofs_checks.theorems.clocks import at_start, clock_of, masses
from proofs_checks.theorems.engines import ADDED, SIGNS, VANISHES, needed, spared
from proofs_checks.theorems.hemisphere import pull_of
from proofs_checks.theorems.kernel import Fact, Found, NotConcluded, Refusal, Rule, apply, settle
from proofs_checks.theorems.lengths import bounded
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import (
    ELAPSED,
    EXPONENTIAL,
    SCALE,
    above,
    of_all,
    relation,
)
from proofs_checks.theorems.pulls import WIDTH, H, Pull
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory.symbols import t
from theory.terms import Index, at, moving, total

EPSILON = Symbol("epsilon", positive=True)
"""Any rate of an exponential."""


def _pull_of_rows(rows: Fact, sign: Fact, weight: Any, i: Index, j: Index) -> Proposition:
    says = relation(rows, "<=", "<")
    above(sign, weight)
    for fact in (rows, sign):
        of_all(fact, i, j)
    if says.left != total(weight, j) or {i, j} & says.right.free_symbols:
        raise NotConcluded(f"it needs one bound of the sum of a row, for every {i}")
    return Rel("<=", pair_pull(weight, i, j), says.right)


PULL_OF_ROWS = Rule(
    "pull of rows",
    "Σ_j p_ij <= u for every i; 0 <= p_ij for every i, j: C(p) <= u",
    "C = max_i Σ_{j≠i} p_ij leaves out a term >= 0 of each row",
    _pull_of_rows,
)


def stays_at_rate(pull: Pull) -> Found:
    """``D(0) e^(-(2/h) U) <= D``."""
    bounds = bounded(pull)
    rows = bounds.above(total(pull.weight, OTHER))
    names = {"weight": pull.weight, "i": TOKEN, "j": OTHER}
    most = apply(PULL_OF_ROWS, rows, pull.positive, **names)
    if isinstance(most, Refusal):
        return most
    _, equations, signs = masses(pull.subject)
    speed = at_start(most.says.right, pull.subject)
    try:
        clock, primitives = clock_of(speed, *signs, *bounds.more)
    except NotConcluded as short:
        return Refusal(str(short))
    equations = *(equations if speed != most.says.right else ()), *primitives
    signs = *signs, *bounds.more, *pull.defined
    finite = (pull.bounded(side, *signs) for side in most.says.args[1:])
    slow = apply(SCALE, settle(SIGNS, Rel("<=", 0, 2 / H)), apply(ELAPSED, most, *finite))
    if isinstance(slow, Refusal):
        return slow
    says = Rel("<=", -2 / H * clock, -slow.says.left)
    powers = apply(EXPONENTIAL, settle(ADDED, says, slow, *equations, *needed(says, signs)))
    start = apply(SCALE, settle(SIGNS, Rel("<=", 0, at(WIDTH))), powers)
    says = Rel("<=", at(WIDTH) * exp(-2 / H * clock), WIDTH)
    return settle(ADDED, says, pull.stays, start, pull.upright, *needed(says, signs))


def stays_apart(subject: Subject) -> Found:
    """Conclude ``D(0) e^(-(2/h) U) <= D`` and ``e^(-εt)/e^(-(2/h) U) -> 0`` for each ε > 0.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> [type(stays_apart(Subject.of(one))).__name__ for one in (catalogue("CoD"), SA)]
    ['Theorem', 'Refusal']
    """
    pull = pull_of(subject)
    if isinstance(pull, Refusal):
        return pull
    if str(EPSILON) in map(str, subject.free_symbols):
        return Refusal(f"{EPSILON} is a parameter of the model and a name of ours")
    slow = stays_at_rate(pull)
    if isinstance(slow, Refusal):
        return slow
    clock = -_exponent(slow.says.left)
    signs = (*masses(subject)[2], *bounded(pull).more)
    says = Tends(exp(-EPSILON * t + clock), S.Zero, oo)
    return apply(together, slow, spared(VANISHES, says, *signs))


def _exponent(bound: Any) -> Any:
    """Return the sum of the exponents of a product of D(0) and exponentials."""
    powers = [one.args[0] for one in bound.as_ordered_factors() if isinstance(one, exp)]
    return Add(*powers)


def exponential(bound: Any) -> bool:
    """Whether a bound of D is D(0) times constants and ``e^(-ct)``, c free of the time.

    Examples
    --------
    >>> from sympy import log
    >>> [exponential(at(WIDTH) * exp(-one * H)) for one in (t, log(1 + t), 2 * t**2)]
    [True, False, False]
    """
    moves = [one for one in _exponent(bound).expand().as_ordered_terms() if moving(one)]
    return bool(moves) and not any(moving(one / t) for one in moves)
