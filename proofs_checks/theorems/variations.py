"""Lemmas 3.6 and 3.7: the first variation of an energy, and how fast it grows along its gradient.

Masses move at any speeds c_i, tokens are held: E' = Σ_i c_i φ_i is the first variation φ at the
tokens. In φ itself, a function of a place, tokens and masses are held, as (3.10) has it.
"""

from __future__ import annotations

from typing import Any

from sympy import Dummy, MatrixSymbol

from proofs_checks.proof import at_tokens
from proofs_checks.propositions import All, Definition, Implies, Is, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL, SIGNS, WEIGHED, spared
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Theorem,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.logic import discharge, rename, together
from proofs_checks.theorems.order import START
from proofs_checks.theorems.potentials import (
    ACROSS,
    HELD_TIME,
    PROBE,
    PROBE_UNIT,
    PROBES,
    held,
    held_convolution,
    probed,
)
from proofs_checks.theorems.pulls import cosines_of
from proofs_checks.theorems.readers import (
    CURVE_UNIT,
    LIVE_MASSES,
    LIVE_MOTION,
    LIVE_UNIT,
    LIVES,
    MOTION,
    OTHER,
    TOKEN,
    UNIT,
    Facts,
    solving,
    weights_of,
)
from proofs_checks.theorems.stated import dissipating
from theory.symbols import X, m, n
from theory.terms import (
    Entry,
    Inner,
    Item,
    Name,
    Projected,
    Row,
    TokenSum,
    at,
    ddt,
    denominators,
    item,
    scalar,
    total,
)
from theory.terms import weight as weight_of

SPEEDS = MatrixSymbol("c", n, 1)
"""How fast masses move."""
VARIES = Definition(
    "masses vary", "masses move from any state of {0} by m_i' = c_i, of either sign", (Subject,)
)
_PLACE = Dummy("z", real=True)


def _varying(subject: Subject) -> Facts:
    weights_of(subject)  # refuses what is no flow of tokens
    says = Rel("=", ddt(Item(m, TOKEN)), Item(SPEEDS, TOKEN))
    return frozenset({Is(VARIES, subject)}), says, "as it is given"


VARYING = Reader("masses that vary", _varying)


def _on_sphere(subject: Subject) -> Facts:
    _, says, evidence = CURVE_UNIT.read(subject)
    return frozenset({Is(VARIES, subject)}), says, evidence


VARYING_UNIT = Reader("tokens on the sphere, while masses vary", _on_sphere)


def first_variation(subject: Subject, energy: Any, potential: Any) -> Conclusion | Refusal:
    """Claim that φ is the first variation of E, and that tokens move along its gradient.

    Parameters
    ----------
    subject : Subject
    energy : MatrixExpr, shape (1, 1)
    potential : MatrixExpr, shape (n, 1)
        φ at the rows of ``PROBES``.

    Examples
    --------
    >>> from sympy import exp
    >>> from proofs_checks.proof import convolution
    >>> from theory.models import USA
    >>> from theory.symbols import beta, z
    >>> subject, kernel = Subject.of(USA), exp(beta * z) / beta
    >>> powers = kernel, kernel / 2, beta * kernel
    >>> own = [first_variation(subject, USA.energy, convolution(a)) for a in powers]
    >>> [one.found.says == one.says.then for one in own]
    [True, False, False]
    """
    own, varied = held_convolution(subject, potential), varied_masses(subject, energy, potential)
    if isinstance(own, Refusal) or isinstance(varied, Refusal):
        return own if isinstance(own, Refusal) else varied
    found, then = apply(together, varied.found, own.found), All(varied.says.then, own.says.then)
    given = (*own.says.given, *varied.says.given)
    return claimed(found, then, given, (*varied.names, *own.names))


def varied_masses(subject: Subject, energy: Any, potential: Any) -> Conclusion | Refusal:
    """Claim that E' is Σ_i c_i φ_i where masses move at speeds c_i, and tokens are held."""
    value, height = scalar(energy), item(at_tokens(potential), TOKEN)
    if value is None:
        return Refusal("the energy isn't a sum over tokens")
    value, height = (_tokens_held(a.xreplace(HELD_TIME)) for a in (value, height))
    rate = Rel("=", ddt(value), total(Item(SPEEDS, TOKEN) * height, TOKEN))
    hot, varies = heated(value * height), Is(VARIES, subject)
    rooms = cosines_of(apply(START, read(VARYING_UNIT, subject)))[:2]
    found = spared(EQUAL, rate, *hot, read(VARYING, subject), *rooms)
    given = tuple(one.says for one in hot if isinstance(one, Theorem))
    implied = apply(discharge, found, hypothesis=varies)
    return claimed(implied, Implies(varies, rate), given, (Name("E", value),))


def _tokens_held(term: Any) -> Any:
    """Hold tokens in a term, and nothing else."""
    return term.replace(lambda one: isinstance(one, Row) and one.args[0] == X, at)


def growth_along(subject: Subject, energy: Any, potential: Any) -> Conclusion | Refusal:
    """Claim that E' is Σ_i m_i times the square of the gradient of φ at the tokens.

    Parameters
    ----------
    subject, energy, potential
        As `first_variation` has them.

    Examples
    --------
    >>> from sympy import exp
    >>> from proofs_checks.proof import convolution
    >>> from theory.models import USA
    >>> from theory.symbols import beta, z
    >>> subject, kernel = Subject.of(USA), exp(beta * z) / beta
    >>> powers = kernel, -kernel, beta * kernel
    >>> own = [growth_along(subject, USA.energy, convolution(a)) for a in powers]
    >>> [one.found.says == one.says.then for one in own]
    [True, True, False]
    """
    own = dissipating(subject, energy, m, frozenset())
    if isinstance(own, Refusal):
        return own
    try:
        along, gradient = _gradient(subject, potential, read(UNIT, subject))
    except NotConcluded as short:
        return Refusal(str(short))
    rate = Rel("=", own.says.then.left, total(Item(m, TOKEN) * Inner(gradient, gradient), TOKEN))
    motion, rooms = read(MOTION, subject), cosines_of(read(UNIT, subject))
    hot = heated(held(potential))
    grows = spared(EQUAL, rate, own.found, motion, *rooms, *hot)
    found, then = apply(together, along.found, grows), All(along.says.then, rate)
    given = *along.says.given, solving(subject), *own.says.given
    return claimed(found, then, given, (*along.names, *own.names))


def weighted_slope(
    subject: Subject, energy: Any, potential: Any, weight: Any
) -> Conclusion | Refusal:
    """Claim that φ is the first variation of E, and w_i x_i' its gradient at x_i.

    Parameters
    ----------
    subject, energy, potential
        As `first_variation` has them.
    weight : MatrixExpr, shape (n, 1)
        w at the rows of ``PROBES``.

    Examples
    --------
    >>> from sympy import exp
    >>> from proofs_checks.proof import convolution
    >>> from theory.models import SA
    >>> from theory.symbols import beta, z
    >>> subject, kernel = Subject.of(SA), exp(beta * z) / beta
    >>> columns = [convolution(a) for a in (kernel, beta * kernel)]
    >>> own = [weighted_slope(subject, SA.energy, columns[0], one) for one in columns]
    >>> [one.found.says == one.says.then for one in own]
    [False, True]
    """
    varied = varied_masses(subject, energy, potential)
    try:
        unit = read(LIVE_UNIT, subject)
        along, gradient = _gradient(subject, potential, unit)
        share = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    if isinstance(varied, Refusal):
        return varied
    heavy = item(at_tokens(weight), TOKEN)
    shares = [a for a in share.atoms(Entry) if a.args[1:] == (TOKEN, OTHER)]
    meant = [settle(WEIGHED, Rel("=", a, weight_of(a))) for a in shares]
    mass = apply(rename, read(LIVE_MASSES, subject), values={TOKEN: OTHER})
    bases = {b for a in shares for b in denominators(weight_of(a))}
    above = [settle(SIGNS, Rel("<", 0, b), mass) for b in sorted(bases, key=str)]
    moves = Rel("=", ddt(Row(X, TOKEN)) * heavy, gradient)
    known = *meant, *above, *cosines_of(unit)[:2], *heated(held(potential))
    moved = spared(EQUAL, moves, read(LIVE_MOTION, subject), *known)
    found = apply(together, varied.found, along.found, moved)
    then = All(varied.says.then, along.says.then, moves)
    given = *varied.says.given, *along.says.given, Is(LIVES, subject)
    return claimed(found, then, given, (*varied.names, *along.names, Name("w", heavy, (TOKEN,))))


def _gradient(subject: Subject, potential: Any, unit: Found) -> tuple[Conclusion, Any]:
    """Claim φ' along probes, and return its gradient at the tokens, nothing held."""
    height = held(potential)
    slope, hot = _slope(height), heated(height)
    field = total(at(Row(X, OTHER)) * slope, OTHER)
    says = Rel("=", ddt(height), Inner(ddt(PROBE), field))
    probe = read(PROBE_UNIT, subject)
    found = apply(ACROSS, probe, spared(EQUAL, says, *hot, *probed(probe, unit)))
    then = Rel("=", ddt(height), Inner(ddt(PROBE), Projected(PROBE, field)))
    still = (one.says for one in hot if isinstance(one, Theorem))
    given = Is(PROBES, subject), *still
    here = {PROBE: Row(X, TOKEN), **{at(one): one for one in (Row(X, OTHER), Item(m, OTHER))}}
    gradient = Projected(Row(X, TOKEN), total(Row(X, OTHER) * slope.xreplace(here), OTHER))
    return claimed(found, then, given, (Name("φ", height, (TOKEN,)),)), gradient


def _slope(height: Any) -> Any:
    """Return ``m_j(0) h'(<y_i,x_j(0)>)`` of ``Σ_j m_j(0) h(<y_i,x_j(0)>)``."""
    ahead, sums = height.as_independent(TokenSum, as_Add=False)
    if not isinstance(sums, TokenSum) or sums.but:
        raise NotConcluded("the potential is no sum over tokens")
    inside, product = ahead * sums.opened(OTHER), Inner(PROBE, at(Row(X, OTHER)))
    return inside.xreplace({product: _PLACE}).diff(_PLACE).xreplace({_PLACE: product})
