"""T2 with its constants: tokens of an open hemisphere meet where each weight is bounded below.

For weights ``s(t) m_j e^(β<x_i,x_j>)/(c + Σ_k m_k e^(β<x_i,x_k>))``, β >= 0, such as those of SA
(c = 0, s = 1), of CoD (s = 1/√(1+t)) and of a sink (c = e^sink/n):
D <= D(0) e^(-h λ ∫s), λ = M e^-β/(c + M e^β), M = Σ_j m_j; e^(-2β) for c = 0. For the kernel
alone, as in USA, λ = M e^-β. For pre-LN, where r_i(0) <= R, s = 1/(R + t): D <= D(0)
(1 + t/R)^(-h e^(-2β)); at a pace s, as in LNS, ∫s stands for t. With queries and keys
b = β|QᵀK| stands for β.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sympy import Pow, S, log, oo

from proofs_checks.proof import first_size
from proofs_checks.propositions import Is, Proposition, Rel, Subject, Tends
from proofs_checks.theorems.attraction import COLUMN, SEVERAL
from proofs_checks.theorems.clocks import at_start, clock_of, masses
from proofs_checks.theorems.engines import (
    ADDED,
    FINITE,
    LIMITS,
    SIGNS,
    VANISHES,
    limits_in,
    spared,
)
from proofs_checks.theorems.features import featured, features_in
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Refusal,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.lengths import LENGTH, LONG, R0, SHORT, R, bounded
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.places import FIRST_COLUMN, least_size
from proofs_checks.theorems.pulls import G0, HIGH, UNIT_AXIS, WARM, H, Pull, cosines
from proofs_checks.theorems.ranges import Bounds, in_front
from proofs_checks.theorems.readers import (
    MASSES,
    OTHER,
    POSITIVE_LENGTHS,
    ROOTED,
    TOKEN,
    rooted,
    solving,
    weights_of,
)
from proofs_checks.theorems.sight import mask_of, rooted_sight
from theory.masks import Mask
from theory.symbols import d, n, r, t
from theory.terms import FIRST, Inner, TokenSum, denominators, loose

OURS = (H, G0, R, R0)
"""What hypotheses on starts name: of a parameter of the same name they would say it too."""


def warm(subject: Subject) -> tuple[Proposition, ...]:
    """Return what may be taken of a model's parameters: those that are free are >= 0, or > 0."""
    free = {WARM.args[2], *subject.free_symbols}
    scalars = {s for s in free if s.is_real and s.is_nonnegative is None and s != t}
    signs = (Rel(op, 0, s) for s in sorted(scalars, key=str) for op in ("<=", "<"))
    return *signs, *first_sizes(subject)


def first_sizes(subject: Subject) -> tuple[Rel, ...]:
    """Say that n and d are at least 2, or the first number at which a model has a velocity.

    Examples
    --------
    >>> from theory.models import SA
    >>> late = replace(SA, velocity=SA.velocity / (n - 2))
    >>> [str(one.left) for one in first_sizes(Subject.of(late))]
    ['3']
    """
    counts = (s for s in (n, d) if s in subject.free_symbols)
    return tuple(Rel("<=", first_size(subject, s), s) for s in counts)


@lru_cache(maxsize=16)
def _named_pull(subject: Subject, name: str) -> Pull | Refusal:
    """Keep the pulls of a model for all that rests on them; equal ones differ in name."""
    return _pull(subject)


def pull_of(subject: Subject) -> Pull | Refusal:
    """Return what is concluded of a model in pull form, or why it isn't one.

    Examples
    --------
    >>> from theory.models import SA
    >>> print(pull_of(Subject.of(SA)).unit)
    |x_i| = 1 (given: X solves SA for all t >= 0)
    """
    return _named_pull(subject, subject.name)


def _pull(subject: Subject) -> Pull | Refusal:
    if taken := {str(name) for name in subject.free_symbols} & set(map(str, OURS)):
        return Refusal(f"{', '.join(sorted(taken))} is a parameter of the model and a name of ours")
    try:
        weights = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    says, masses = Rel("<=", 0, weights), read(MASSES, subject)
    defined = (read(POSITIVE_LENGTHS, subject),) if weights.has(LENGTH) else ()
    if rooted(weights):
        defined = (*defined, read(ROOTED, subject))
    defined = (*defined, *_divided(subject, weights, masses))
    positive = settle(SIGNS, says, masses, *defined)
    units, counts = cosines(subject), _counted(subject)
    for more in ((assume(WARM),), units, (assume(WARM), *units, *counts)):
        if isinstance(positive, Refusal):
            positive = spared(SIGNS, says, masses, *defined, *more)
    return Pull(subject, weights, positive, defined)


def _counted(subject: Subject) -> tuple[Found, ...]:
    """Take numbers of tokens and of dimensions that a model knows to be at least 2."""
    return tuple(
        assume(one) for one in warm(subject) if isinstance(one, Rel) and one.right in (n, d)
    )


def _divided(subject: Subject, weights: Any, masses: Found) -> tuple[Found, ...]:
    """Say that features' products are positive, and what weights divide by; roots, logarithms."""
    found = features_in(weights)
    known = () if found is None else (apply(part, featured(subject, found[0]), place=0),)
    below = denominators(weights) | {a.args[0] for a in weights.atoms(log)}
    roots = {a.base for a in weights.atoms(Pow) if a.exp.is_integer is not True} - below
    facts = masses, *known, *cosines(subject), *_counted(subject)
    signs = [
        spared(SIGNS, Rel(op, 0, one), *facts)
        for op, bases in (("<", below), ("<=", roots))
        for one in sorted(bases, key=str)
        if not loose(one) and (one.has(TokenSum) or one.has(Inner) or one.has(n, d))
    ]
    ends = (one for one in limits_in(weights) if not loose(one))
    finite = (settle(LIMITS, Is(FINITE, one), *cosines(subject)) for one in ends)
    return *known, *(one for one in (*signs, *finite) if isinstance(one, Theorem) and one.given)


def least_weight(pull: Pull, bounds: Bounds) -> Found:
    """``b_j <= p_ij`` for every i, or ``b <= p_i1`` for a token that all others see."""
    column = bounds.below(pull.weight)
    if not isinstance(column, Refusal) and TOKEN not in column.says.left.free_symbols:
        return column
    seen = pull.weight.xreplace({OTHER: FIRST})
    for other in ((), (assume(Rel("!=", TOKEN, FIRST)),)):
        first = replace(bounds, others=other).below(seen)
        if not isinstance(first, Refusal):
            return first
    return first if getattr(pull, "masked", False) else column


def pulls_all(pull: Pull) -> Found:
    """``0 < p_ij``: everybody pulls everybody."""
    says, masses = Rel("<", 0, pull.weight), read(MASSES, pull.subject)
    return spared(SIGNS, says, masses, *cosines(pull.subject))


def _sight(pull: Pull, least: Found) -> Found:
    """``λ <= η`` of the sum of a column, or of the first token."""
    if isinstance(least, Refusal) or least.says.right == pull.weight:
        return apply(COLUMN, least, assume(SEVERAL), i=TOKEN, j=OTHER)
    several = assume(SEVERAL)
    names = {"weight": pull.weight, "i": TOKEN, "j": OTHER}
    return apply(FIRST_COLUMN, least, pull.positive, several, **names)


def _clock(
    pull: Pull, sees: Found, *facts: Found
) -> tuple[Any, tuple[Found, ...], tuple[Found, ...]]:
    """Return ``F = λ ∫s``, the equations that say so, and signs that it needs."""
    if isinstance(sees, Refusal):
        raise NotConcluded(sees.reason)
    _, equations, signs = masses(pull.subject)
    rate = in_front(sees.says.left)
    speed = at_start(rate, pull.subject)
    signs = (*(signs if speed != rate else ()), *facts)
    clock, primitives = clock_of(speed, *signs)
    return clock, (*(equations if speed != rate else ()), *primitives), signs


def common_sight_given(subject: Subject) -> tuple[Proposition, ...]:
    """Return what `common_sight` takes as given."""
    lengths = (SHORT, LONG) if r in subject.velocities else ()
    sizes = (least_size(mask) for _, _, how in subject.args[0] for mask in how.atoms(Mask))
    return solving(subject), UNIT_AXIS, HIGH, SEVERAL, *warm(subject), *lengths, *sizes


@lru_cache(maxsize=16)
def _named_sight(subject: Subject, name: str, either: bool) -> Found:
    return _sees(subject, either)


def common_sight(subject: Subject, either: bool = False) -> Found:
    """Conclude ``D <= D(0) e^(-hF)``, and that all tokens tend to one point.

    Parameters
    ----------
    subject : Subject
    either : bool
        Whether β may have either sign, its size for it.

    Examples
    --------
    >>> from theory.models import SA
    >>> [str(common_sight(Subject.of(SA), either).says.args[0].right.args[1]) for either in (0, 1)]
    ['exp(-h*t*exp(-2*beta))', 'exp(-h*t*exp(-2*Abs(beta)))']
    """
    return _named_sight(subject, subject.name, bool(either))


def _sees(subject: Subject, either: bool) -> Found:
    pull = pull_of(subject)
    if isinstance(pull, Refusal):
        return pull
    bounds = replace(bounded(pull), either=either)
    common = _common(pull, bounds)
    if isinstance(common, Refusal):
        close = _common(pull, replace(bounds, near=pull.apart))
        common = common if isinstance(close, Refusal) else close
    if isinstance(common, Refusal) and mask_of(pull) is not None:
        return rooted_sight(pull, replace(bounded(pull, in_step=True), either=either))
    return common


def _common(pull: Pull, bounds: Bounds) -> Found:
    """T2 with the constant that weights are bounded by."""
    sees = _sight(pull, least_weight(pull, bounds))
    more = () if isinstance(sees, Refusal) else bounds.divisors(sees.says.left)
    try:
        clock, equations, signs = _clock(pull, sees, *bounds.more, *more)
    except NotConcluded as short:
        return Refusal(str(short))
    fast = pull.at_rate(sees, clock, equations, signs)
    if isinstance(fast, Refusal):
        return fast
    ends = Tends(fast.says.right, S.Zero, oo)
    limit = spared(VANISHES, ends, *signs)
    if isinstance(limit, Refusal):  # a parameter in front, which is 0 in what is >= 0
        others = settle(ADDED, Rel("<", 0, n - 1), assume(SEVERAL), settle(SIGNS, Rel("<", 0, 1)))
        limit = spared(VANISHES, ends, *signs, others, *map(assume, warm(pull.subject)))
    return apply(together, fast, pull.meets(fast, limit))
