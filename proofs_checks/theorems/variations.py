"""Lemmas 3.6 and 3.7: the first variation of an energy, and how fast it grows along its gradient.

Masses move at any speeds w_i, tokens are held: E' = Σ_i w_i φ_i is the first variation φ at the
tokens. In φ itself, a function of a place, tokens and masses are held, as (3.10) has it.
"""

from __future__ import annotations

from typing import Any

from sympy import Dummy, MatrixSymbol

from proofs_checks.proof import at_tokens
from proofs_checks.propositions import All, Definition, Implies, Is, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL, spared
from proofs_checks.theorems.kernel import (
    NotConcluded,
    Reader,
    Refusal,
    Theorem,
    apply,
    read,
)
from proofs_checks.theorems.logic import discharge, together
from proofs_checks.theorems.potentials import (
    ACROSS,
    PROBE,
    PROBE_UNIT,
    PROBES,
    held,
    held_convolution,
)
from proofs_checks.theorems.readers import MOTION, OTHER, TOKEN, UNIT, Facts, solving, weights_of
from proofs_checks.theorems.stated import dissipating
from theory.symbols import X, m, n
from theory.terms import (
    Inner,
    Item,
    Name,
    Projected,
    Row,
    TokenSum,
    at,
    ddt,
    item,
    scalar,
    total,
)

SPEEDS = MatrixSymbol("w", n, 1)
"""How fast masses move."""
VARIES = Definition(
    "masses vary", "masses move from any state of {0} by m_i' = w_i, of either sign", (Subject,)
)
_PLACE = Dummy("z", real=True)


def _varying(subject: Subject) -> Facts:
    weights_of(subject)  # refuses what is no flow of tokens
    says = Rel("=", ddt(Item(m, TOKEN)), Item(SPEEDS, TOKEN))
    return frozenset({Is(VARIES, subject)}), says, "as it is given"


VARYING = Reader("masses that vary", _varying)


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
    own, value = held_convolution(subject, potential), scalar(energy)
    if isinstance(own, Refusal) or value is None:
        return own if isinstance(own, Refusal) else Refusal("the energy isn't a sum over tokens")
    value, height = (_tokens_held(a) for a in (value, item(at_tokens(potential), TOKEN)))
    rate = Rel("=", ddt(value), total(Item(SPEEDS, TOKEN) * height, TOKEN))
    hot, varies = heated(value * height), Is(VARIES, subject)
    varied = apply(discharge, spared(EQUAL, rate, *hot, read(VARYING, subject)), hypothesis=varies)
    given = (*own.says.given, *(one.says for one in hot if isinstance(one, Theorem)))
    then = All(Implies(varies, rate), own.says.then)
    return claimed(apply(together, varied, own.found), then, given, (Name("E", value), *own.names))


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
    height = held(potential)
    try:
        slope = _slope(height)
    except NotConcluded as short:
        return Refusal(str(short))
    hot = heated(height)
    field = total(at(Row(X, OTHER)) * slope, OTHER)
    says = Rel("=", ddt(height), Inner(ddt(PROBE), field))
    along = apply(ACROSS, read(PROBE_UNIT, subject), spared(EQUAL, says, *hot))
    here = {PROBE: Row(X, TOKEN), **{at(one): one for one in (Row(X, OTHER), Item(m, OTHER))}}
    gradient = Projected(Row(X, TOKEN), total(Row(X, OTHER) * slope.xreplace(here), OTHER))
    rate = Rel("=", own.says.then.left, total(Item(m, TOKEN) * Inner(gradient, gradient), TOKEN))
    motion, unit = read(MOTION, subject), read(UNIT, subject)
    grows = spared(EQUAL, rate, own.found, motion, unit, *hot)
    then = All(Rel("=", ddt(height), Inner(ddt(PROBE), Projected(PROBE, field))), rate)
    still = (one.says for one in hot if isinstance(one, Theorem))
    given = Is(PROBES, subject), solving(subject), *own.says.given, *still
    names = Name("φ", height, (TOKEN,)), *own.names
    return claimed(apply(together, along, grows), then, given, names)


def _slope(height: Any) -> Any:
    """Return ``m_j(0) h'(<y_i,x_j(0)>)`` of ``Σ_j m_j(0) h(<y_i,x_j(0)>)``."""
    ahead, sums = height.as_independent(TokenSum, as_Add=False)
    if not isinstance(sums, TokenSum) or sums.but:
        raise NotConcluded("the potential is no sum over tokens")
    inside, product = ahead * sums.opened(OTHER), Inner(PROBE, at(Row(X, OTHER)))
    return inside.xreplace({product: _PLACE}).diff(_PLACE).xreplace({_PLACE: product})
