"""How tokens under a causal mask approach the first one: e^{ρt} (x_i - x_1) -> w_i e, one e.

Where all tokens are at one point p_kj = c/k for j <= k, so that u_k = x_k - x_1 has u_k' = c
(Σ_(1<j<k) u_j/k - (1 - 1/k) u_k) to first order.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Mul, Symbol, summation

from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.almost_every import FIRST, FOLLOWING, FOLLOWS, MEETS_FIRST
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL, SIGNS
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Reader,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.late import Z
from proofs_checks.theorems.order import above, wants
from proofs_checks.theorems.readers import OTHER, TOKEN, Facts, flows, weights_of
from proofs_checks.theorems.saddles import ON_CIRCLES
from theory.atoms import MaskedSoftmax
from theory.masks import CAUSAL
from theory.symbols import X, m, t
from theory.terms import Entry, Index, Item, Row, Sort, moving, shares

FOLLOWER = Symbol("i", integer=True, positive=True)
"""Place of a token, from 1."""
_EARLIER = Symbol("j", integer=True, positive=True)
EVEN_SIGHT = Definition(
    "even sight",
    "masses 1/n: tokens of {0} move by x_k' = P_k Σ_(j<=k) p_kj x_j, and p_kj = {1}/k where all "
    "tokens are at one point",
    (Subject, Sort.NUMBER),
)
APPROACHES = Definition(
    "approach of followers",
    "masses 1/n: from almost every start of {0} e^({1} t) (x_{2} - x_1) tends to {3} times e for "
    "every {2}, one e for all tokens, which isn't 0 unless x_2 = x_1",
    (Subject, Sort.NUMBER, Sort.NUMBER, Sort.NUMBER),
)


def _even(subject: Subject) -> Facts:
    flows(subject)
    weights = weights_of(subject)
    entries = [a for a in Mul.make_args(weights) if isinstance(a, Entry)]
    softmax = entries[0].args[0] if len(entries) == 1 else None
    if type(softmax) is not MaskedSoftmax or softmax.masses != m or softmax.mask.kind != CAUSAL:
        raise NotConcluded(f"the weights of {subject.name} aren't one causal softmax")
    pace = Mul(*(a for a in Mul.make_args(weights) if a not in entries))
    if moving(pace) or t in pace.free_symbols or pace.has(Index):
        raise NotConcluded(f"the speeds of {subject.name} aren't alike and constant")
    above_line, _ = shares(entries[0])
    share = above_line / Item(m, OTHER) / Entry(softmax.mask, TOKEN, OTHER)
    together = share.xreplace({Row(X, TOKEN): Z, Row(X, OTHER): Z})
    if together.has(Index, Item):
        raise NotConcluded(f"the scores of {subject.name} go by places")
    return frozenset(), Is(EVEN_SIGHT, subject, pace), "scores of tokens at one point are equal"


def _mode(pace: Expr, rate: Expr, share: Expr) -> Rel:
    """Say ``-ρ w_i = c (Σ_(j<i) w_j/i - (1 - 1/i) w_i)``."""
    earlier = summation(share.subs(FOLLOWER, _EARLIER), (_EARLIER, 1, FOLLOWER - 1))
    return Rel("=", -rate * share, pace * (earlier / FOLLOWER - (1 - 1 / FOLLOWER) * share))


def _approaches(
    follows: Fact, even: Fact, meets: Fact, sign: Fact, mode: Fact, rate: Any, share: Any
) -> Proposition:
    if not isinstance(even.says, Is) or even.says.definition is not EVEN_SIGHT:
        raise NotConcluded("it needs the weights where tokens are at one point")
    subject, pace = even.says.arguments
    wants(follows, Is(FOLLOWS, subject, 1))
    wants(meets, Is(FIRST, subject, 1))
    above(sign, pace, strict=True)
    if moving(rate) or moving(share) or share.free_symbols - {FOLLOWER} or share.has(Index):
        raise NotConcluded("the share isn't of the place alone")
    if t in rate.free_symbols or FOLLOWER in rate.free_symbols:
        raise NotConcluded("the rate isn't constant")
    wants(mode, _mode(pace, rate, share))
    if any(FOLLOWER in one.free_symbols for one in mode.given):
        raise NotConcluded("it is known of some places alone")
    if share.subs(FOLLOWER, 1) != 0 or share.subs(FOLLOWER, 2) != 1:
        raise NotConcluded("w_1 = 0 and w_2 = 1")
    return Is(APPROACHES, subject, rate, FOLLOWER, share)


SIGHT_AT_ONE = Reader("weights at one point", _even)
FOLLOWERS_APPROACH = Rule(
    "approach of followers",
    "tokens move by themselves and earlier ones alone, by smooth weights, p_kj = c/k where all are "
    "at one point; from almost every start all tend to x_1(0); 0 < c; -ρ w_i = c (Σ_(j<i) w_j/i - "
    "(1 - 1/i) w_i) for every i; w_1 = 0, w_2 = 1: e^(ρt) (x_i - x_1) -> w_i e, one e, which isn't "
    "0 unless x_2 = x_1",
    "i = 2 has ρ = c/2. u_k = x_k - x_1 has u_k' = c (Σ_(1<j<k) u_j/k - (1 - 1/k) u_k) + O(max "
    "|u_j|²), j <= k, as P_k x_j = 0 at one point and d(P_k x_j) = u_j - u_k. u_2' = -(ρ + o(1)) "
    "u_2, so ∫|u_2| < ∞ and e^(ρt) u_2 -> e, not 0 unless u_2 = 0 (Levinson). For k >= 3 y = "
    "e^(ρt) u_k has y' = -(λ + o(1)) y + b, λ = c (1/2 - 1/k) > 0, b -> c Σ_(1<j<k) w_j e/k by "
    "induction, so y -> that over λ, which is w_k e: the equation of w determines w_k",
    _approaches,
    ("variation of constants; Coppel, Stability and Asymptotic Behavior, Chapter III",),
)


def approaching_first(subject: Subject, rate: Any, share: Any) -> Conclusion:
    """Claim at which rate, and along which mode, tokens tend to the first one.

    Parameters
    ----------
    subject : Subject
    rate : Expr
    share : Expr
        w_i, of `FOLLOWER`.

    Examples
    --------
    >>> from sympy import S
    >>> from theory.models import CAUSAL
    >>> approaching_first(Subject.of(CAUSAL), S.Half, FOLLOWER - 1).found.by.name
    'approach of followers'
    >>> isinstance(approaching_first(Subject.of(CAUSAL), S.One, FOLLOWER - 1).found, Theorem)
    False
    """
    then = Is(APPROACHES, subject, rate, FOLLOWER, share)
    follows, even = read(FOLLOWING, subject), read(SIGHT_AT_ONE, subject)
    meets = apply(MEETS_FIRST, follows, assume(ON_CIRCLES))
    found: Found = even
    if isinstance(even, Theorem):
        pace = even.says.arguments[1]
        mode = settle(EQUAL, _mode(pace, rate, share))
        sign = settle(SIGNS, Rel("<", 0, pace))
        facts = follows, even, meets, sign, mode
        found = apply(FOLLOWERS_APPROACH, *facts, rate=rate, share=share)
    return claimed(found, then, (ON_CIRCLES,))
