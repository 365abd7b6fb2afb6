"""(6.11) of tokens whose outputs are divided by their length, as nGPT's: how fast solutions part.

``x_i' = s P_i A_i/|A_i|``. Over an equator at heights >= h outputs are h long at least, so that
they turn by |A_i(x) - A_i(y)|/h at most.
"""

from __future__ import annotations

from typing import Any

from sympy import factor_terms, sqrt

from proofs_checks.audit import SECOND
from proofs_checks.propositions import Is, Rel, every
from proofs_checks.theorems.chord_rates import Motions
from proofs_checks.theorems.chords import APART, IN_BALL, MOMENT, PAIR, output, steady_of
from proofs_checks.theorems.engines import SIGNS, spared
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.logic import rename
from proofs_checks.theorems.order import above, of_all, of_parameters, relation, wants
from proofs_checks.theorems.places import WHOLE_ROWS
from proofs_checks.theorems.potentials import BALANCED_ROWS
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, H, Pull, height
from proofs_checks.theorems.readers import (
    MASSES,
    MOTION,
    OTHER,
    TOKEN,
    pulled,
    rooted,
    solved_in,
    solving,
)
from theory.atoms import Sinkhorn
from theory.symbols import X, t
from theory.terms import Entry, Inner, Norm, Row, Vec, at, ddt, moving, residual, total

AXIS = Vec("v")
BOTH_HIGH = (
    UNIT_AXIS,
    HIGH,
    Rel("=", Norm(AXIS), 1),
    every(TOKEN, Rel("<=", H, at(Inner(Row(SECOND, TOKEN), AXIS)))),
)
"""X and Y start each over an equator of its own, at heights >= h."""


def divisor(rows: tuple[Fact, ...], share: Any, moves: Any) -> Any:
    """Return ``1/|A_i|`` as it stands in a velocity, of shares >= 0 that add up to 1.

    Raises
    ------
    NotConcluded
        Where something else is divided by, or the output may be shorter than its height.
    """
    if len(rows) != 2:
        raise NotConcluded("it needs that rows are whole, and that shares are >= 0")
    whole, positive = rows
    wants(whole, Rel("=", total(share, OTHER), 1))
    above(positive, share)
    of_all(whole, TOKEN, t)
    of_all(positive, TOKEN, OTHER, t)
    pull, roots = output(share), rooted(moves)
    if len(roots) != 1 or residual(Inner(pull, pull), roots[0]) != 0:
        raise NotConcluded("what is divided by isn't the length of the output")
    return 1 / sqrt(roots[0])


def shares_of(mass: Found, share: Any) -> tuple[Found, Found]:
    """``Σ_j A_ij = 1`` and ``0 <= A_ij``, of masses m_j > 0."""
    rule = BALANCED_ROWS if isinstance(share.args[0], Sinkhorn) else WHOLE_ROWS
    whole = apply(rule, mass, share=share, index=OTHER)
    return whole, spared(SIGNS, Rel("<=", 0, share), mass)


def mean_of(weight: Any) -> tuple[Any, Any]:
    """Return A_ij and s_i of weights ``s_i A_ij`` or ``s_i A_ij/|A_i|``.

    Raises
    ------
    NotConcluded
        For weights of another form.
    """
    shares, roots = [a for a in weight.atoms(Entry) if a.args[1:] == (TOKEN, OTHER)], rooted(weight)
    if len(shares) != 1 or len(roots) > 1:
        raise NotConcluded("the weights are no multiples of the shares of a row")
    return shares[0], weight / shares[0] * (sqrt(roots[0]) if roots else 1)


def _parted(
    motion: Fact,
    steady: Fact,
    high: Fact,
    whole: Fact,
    positive: Fact,
    forward: Fact,
    *,
    share: Any,
    speed: Any,
) -> Concluded:
    subject = solved_in(motion)
    over = divisor((whole, positive), share, relation(motion, "=").right)
    wants(motion, pulled(speed * share * over))
    held = speed.xreplace({t: MOMENT})
    if set(subject.velocities) != {X} or MOMENT in subject.free_symbols:
        raise NotConcluded("more than the tokens moves")
    if moving(held) or {TOKEN, OTHER} & held.free_symbols:
        raise NotConcluded(f"{speed} isn't one speed for all tokens")
    above(forward, speed)
    wants(high, Rel("<=", H, height(TOKEN)))
    _, pace = steady_of(steady, share.xreplace({t: MOMENT}))
    for fact in (motion, high):
        of_all(fact, TOKEN, t, without=(HIGH,))
    of_all(forward, t)
    of_all(steady, MOMENT)
    given = steady.given.union(*(one.given for one in (high, whole, positive, forward)))
    own = frozenset({Is(IN_BALL, subject), solving(subject), HIGH})
    of_parameters(given - own)
    rate = factor_terms(speed * (1 + pace.xreplace({MOMENT: t}) / H))
    says = Rel("<=", ddt(APART), rate * APART)
    return Concluded(says, spares=own, more=frozenset({Is(PAIR, subject), *BOTH_HIGH}))


DIVIDED_PART = Rule(
    "growth of chords under divided outputs",
    "x_i' = s P_i A_i/|A_i|, A_i = Σ_j A_ij x_j; |A_i'| <= L max_k |x_k'| of every motion in the "
    "ball, at each time held; h <= <x_i,w> from heights h; Σ_j A_ij = 1; 0 <= A_ij; 0 <= s: D' <= "
    "s (1 + L/h) D of two solutions, D = max_i |x_i - y_i|, each over an equator at heights >= h",
    "|A_i| >= <A_i,w> >= h, and |a/|a| - b/|b|| <= |a - b|/h for |a|, |b| >= h; with a = A_i/|A_i|,"
    " b that of y, u = x_i - y_i: <u, P_x a - P_y b> = <P_x u, a - b> - ½ |u|² <x_i + y_i, b> <= "
    "|u| L D/h + |u|²; where D = 0 solutions are one",
    _parted,
)


def divided_chords(pull: Pull) -> Found:
    """``D' <= s (1 + L/h) D`` of two solutions, D = max_i |x_i - y_i|.

    Examples
    --------
    >>> from proofs_checks.propositions import Subject
    >>> from proofs_checks.theorems import pull_of
    >>> from theory.models import SA, catalogue
    >>> (divided_chords(pull_of(Subject.of(catalogue("nGPT")))).says.right / APART).expand()
    alpha + 2*alpha*Abs(beta)/h + alpha/h
    >>> type(divided_chords(pull_of(Subject.of(SA)))).__name__
    'Refusal'
    """
    subject, weight = pull.subject, pull.weight
    try:
        share, speed = mean_of(weight)
    except NotConcluded as short:
        return Refusal(str(short))
    if not rooted(weight):
        return Refusal("outputs aren't divided by their length")
    mass = apply(rename, read(MASSES, subject), values={TOKEN: OTHER})
    facts = (
        read(MOTION, subject),
        Motions(subject).steady(share.xreplace({t: MOMENT})),
        pull.heights,
        *shares_of(mass, share),
        settle(SIGNS, Rel("<=", 0, speed)),
    )
    return apply(DIVIDED_PART, *facts, share=share, speed=speed)
