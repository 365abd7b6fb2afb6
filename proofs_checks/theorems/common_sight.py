"""T2 with its constants: tokens of an open hemisphere meet where each weight is bounded below.

For weights ``s(t) m_j e^(β<x_i,x_j>)/(c + Σ_k m_k e^(β<x_i,x_k>))``, β >= 0, such as those of SA
(c = 0, s = 1), of CoD (s = 1/√(1+t)) and of a sink (c = e^sink/n):
D <= D(0) e^(-h λ ∫s), λ = M e^-β/(c + M e^β), M = Σ_j m_j; e^(-2β) for c = 0.
"""

from __future__ import annotations

from typing import Any

from sympy import Mul, S, exp, integrate, oo

from proofs_checks.propositions import Proposition, Rel, Subject, Tends
from proofs_checks.theorems.attraction import LEAST_EXPONENTIAL, SEVERAL, UNIT_PRODUCT
from proofs_checks.theorems.engines import EQUAL, SIGNS, VANISHES, WEIGHED
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Refusal,
    apply,
    assume,
    part,
    read,
    rename,
    settle,
    together,
)
from proofs_checks.theorems.order import PRIMITIVE, SCALE, START
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WIDTH, H, Pull, gram
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    MASSES,
    OTHER,
    TOKEN,
    solving,
    weights_of,
)
from theory.symbols import beta, m, t
from theory.terms import Entry, Item, at, ddt, entry, moving, total, weight

WARM = Rel("<=", 0, beta)


def pull_of(subject: Subject) -> Pull | Refusal:
    """Return what is concluded of a model in pull form, or why it isn't one.

    Examples
    --------
    >>> from theory.models import SA
    >>> print(pull_of(Subject.of(SA)).unit)
    |x_i| = 1 (given: X solves SA for all t >= 0)
    """
    try:
        weights = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    says, masses = Rel("<=", 0, weights), read(MASSES, subject)
    positive = settle(SIGNS, says, masses)
    if isinstance(positive, Refusal):
        positive = settle(SIGNS, says, masses, assume(WARM))
    return Pull(subject, weights, positive)


def _parts(pull: Pull) -> tuple[Any, Entry]:
    """Split p_ij in a speed and an entry of a softmax."""
    factors = Mul.make_args(pull.weight)
    entries = [factor for factor in factors if isinstance(factor, Entry)]
    if len(entries) != 1:
        raise NotConcluded("the weights aren't a speed times an entry of a softmax")
    speed = Mul(*(factor for factor in factors if factor != entries[0]))
    if speed.free_symbols - {t}:
        raise NotConcluded(f"the speed {speed} is no function of t alone")
    return speed, entries[0]


def least_weight(pull: Pull) -> Found:
    """``s m_j e^(-β)/(c + e^β Σ_k m_k) <= p_ij``."""
    try:
        speed, share = _parts(pull)
        meant = weight(share)
    except (NotConcluded, ValueError) as short:
        return Refusal(str(short))
    score = entry(share.args[0].scores, TOKEN, OTHER)
    if score != beta * gram(TOKEN, OTHER):
        return Refusal(f"the scores are {score}, not β<x_i,x_j>")
    both = apply(UNIT_PRODUCT, pull.unit, apply(rename, pull.unit, values={TOKEN: OTHER}))
    low, high = (apply(SCALE, assume(WARM), apply(part, both, place=k)) for k in (0, 1))
    mass = apply(rename, read(MASSES, pull.subject), values={TOKEN: OTHER})
    above = Item(m, OTHER) * exp(score)
    other = above / meant - total(above, OTHER)
    extra = settle(SIGNS, Rel("<=", 0, other))
    weights = settle(WEIGHED, Rel("=", share, meant))
    least = apply(LEAST_EXPONENTIAL, weights, low, high, mass, extra, i=TOKEN, j=OTHER)
    if speed == 1:
        return least
    return apply(SCALE, settle(SIGNS, Rel("<=", 0, speed)), least)


def _clock(pull: Pull, least: Found) -> tuple[Any, list[Found]]:
    """Return ``F = λ ∫s``, and the equations that say so."""
    if isinstance(least, Refusal):
        raise NotConcluded(least.reason)
    speed, _ = _parts(pull)
    column = least.says.left / speed
    masses = total(Item(m, OTHER), OTHER)
    rate = masses * column / Item(m, OTHER)
    constant = rate.xreplace({masses: total(at(Item(m, OTHER)), OTHER)})
    if moving(constant):
        raise NotConcluded(f"{rate} isn't constant")
    equations: list[Found] = []
    if constant != rate:
        equations.append(read(CONSTANT_MASSES, pull.subject))
        equations.append(apply(START, read(MASSES, pull.subject)))
    if speed == 1:
        return constant * t, equations
    clock = integrate(speed, t)
    equations.append(apply(PRIMITIVE, settle(EQUAL, Rel("=", ddt(clock), speed))))
    return constant * (clock - clock.subs(t, 0)), equations


def says(subject: Subject) -> tuple[tuple[Proposition, ...], Proposition] | Refusal:
    """Return what T2 says of a model: what is given, and the bound with the limit."""
    found = proved(subject)
    return found if isinstance(found, Refusal) else (given(subject), found.says)


def given(subject: Subject) -> tuple[Proposition, ...]:
    """Return the hypotheses of T2."""
    return solving(subject), UNIT_AXIS, HIGH, SEVERAL, WARM


def bound(clock: Any) -> Proposition:
    """Say ``D <= D(0) e^(-h F)``."""
    return Rel("<=", WIDTH, at(WIDTH) * exp(-H * clock))


def proved(subject: Subject) -> Found:
    """Conclude ``D <= D(0) e^(-hF)``, and that all tokens tend to one point."""
    pull = pull_of(subject)
    if isinstance(pull, Refusal):
        return pull
    least = least_weight(pull)
    try:
        clock, equations = _clock(pull, least)
    except NotConcluded as short:
        return Refusal(str(short))
    fast = pull.at_rate(least, clock, *equations)
    if isinstance(fast, Refusal):
        return fast
    masses = apply(START, read(MASSES, subject))
    limit = settle(VANISHES, Tends(fast.says.right, S.Zero, oo), masses)
    return apply(together, fast, pull.meets(fast, limit))
