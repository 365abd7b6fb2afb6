"""What Section 7 says of the angles of tokens on the circle: sums over pairs, and their maxima."""

from __future__ import annotations

from typing import Any

from sympy import S, sin

from proofs_checks.propositions import All, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.angles import ANGLED, ANGLES, COSINES, TRIED, angle, between
from proofs_checks.theorems.conclusions import ONE_MASS, Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL, SIGNS, WEIGHED, spared
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
from proofs_checks.theorems.logic import discharge, rename, together
from proofs_checks.theorems.order import CHAIN, REPLACE, TOKEN_SUM
from proofs_checks.theorems.readers import (
    LIVE_MASSES,
    LIVE_MOTION,
    LIVE_STILL,
    LIVES,
    OTHER,
    TOKEN,
    weights_of,
)
from theory.symbols import X, beta, m
from theory.terms import Entry, Item, Row, ddt, denominators, loose, shares, total

APART = between(Row(X, TOKEN), Row(X, OTHER))
"""``θ_i - θ_j``."""

OWN = angle(Row(X, TOKEN))


def _given(subject: Subject) -> tuple[Proposition, ...]:
    return Is(LIVES, subject), Is(ANGLES, subject), ONE_MASS


def positive(subject: Subject, *terms: Any) -> list[Found]:
    """Return that what terms divide by is positive, wherever signs say so."""
    mass = apply(rename, read(LIVE_MASSES, subject), values={TOKEN: OTHER})
    divisors = sorted((one for one in denominators(*terms) if not loose(one)), key=str)
    found = (spared(SIGNS, Rel("<", 0, one), mass) for one in divisors)
    return [one for one in found if isinstance(one, Theorem)]


def defined(subject: Subject) -> list[Found]:
    """Return what shares in weights are, and that their denominators are positive."""
    found: list[Found] = []
    for share in weights_of(subject).atoms(Entry):
        try:
            above, below = shares(share)
        except ValueError:
            continue
        signs = positive(subject, above / below)
        found += [*signs, settle(WEIGHED, Rel("=", share, above / below), *signs)]
    return [one for one in found if isinstance(one, Theorem)]


def _over_all(of: Any) -> Any:
    return total(Item(m, OTHER) * of(APART), OTHER)


def turning(
    subject: Subject, summand: Any, weight: Any = None, factor: Any = S.One
) -> Conclusion | Refusal:
    """Claim ``θ_i' = k Σ_j m_j c(θ_i - θ_j)``, over ``Σ_j m_j w(θ_i - θ_j)`` where there is a w.

    Parameters
    ----------
    subject : Subject
    summand, weight : callable
        c and w.
    factor : Expr, optional
        k; no parameter by which it is divided is 0.

    Examples
    --------
    >>> from sympy import cos, exp
    >>> from theory.models import USA
    >>> own = turning(Subject.of(USA), lambda a: -exp(beta * cos(a)) * sin(a))
    >>> own.found.says == own.says.then
    True
    """
    try:
        shown = defined(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    value = factor * _over_all(summand) / (1 if weight is None else _over_all(weight))
    says, motion = Rel("=", ddt(OWN), value), apply(ANGLED, read(LIVE_MOTION, subject))
    hot = tuple(one for one in heated(factor) if isinstance(one, Theorem))
    facts = read(COSINES, subject), *shown, *positive(subject, value), *hot
    given = *_given(subject), *(one.says for one in hot)
    return claimed(settle(EQUAL, says, motion, *facts), says, given)


def convolving(
    subject: Subject, kernel: Any, slope: Any, factor: Any, normalised: bool
) -> Conclusion | Refusal:
    """Claim ``θ_i' = k Σ_j m_j h'(θ_i - θ_j)``, over ``Σ_j m_j h(θ_i - θ_j)`` where normalised.

    They are the convolutions of h' and h with the measure ``Σ_j m_j δ_(θ_j)``, at θ_i. That h' is
    the slope of h is said at an angle φ_i that moves, where algebra differentiates h.

    Parameters
    ----------
    subject : Subject
    kernel, slope : callable
        h and h'.
    factor : Expr
        k.
    normalised : bool
    """
    own = turning(subject, slope, kernel if normalised else None, factor)
    if isinstance(own, Refusal):
        return own
    hot = tuple(one for one in heated(kernel(TRIED)) if isinstance(one, Theorem))
    rises = Rel("=", ddt(kernel(TRIED)), ddt(TRIED) * slope(TRIED))
    found = spared(EQUAL, rises, *hot)
    if isinstance(found, Refusal):  # not smooth
        return own
    given = *own.says.given, *(one.says for one in hot)
    return claimed(apply(together, own.found, found), All(own.says.then, rises), given)


def coupled(subject: Subject, own: Conclusion, coupling: Any, heat: Any) -> Conclusion:
    """Claim besides that at one β ``θ_i' = -k Σ_j m_j sin(θ_i - θ_j)``, for masses of sum 1.

    Parameters
    ----------
    subject : Subject
    own : Conclusion
        What `turning` claims.
    coupling, heat : Expr
        k, and that β.
    """
    here = Rel("=", beta, heat)
    says = Rel("=", ddt(OWN), -coupling * _over_all(sin))
    still = apply(rename, read(LIVE_STILL, subject), values={TOKEN: OTHER})
    one = apply(CHAIN, apply(TOKEN_SUM, still, index=OTHER), assume(ONE_MASS))
    put = apply(REPLACE, assume(here), own.found)
    cold = apply(discharge, spared(EQUAL, says, put, one), hypothesis=here)
    then = All(own.says.then, Implies(here, says))
    return claimed(apply(together, own.found, cold), then, _given(subject))
