"""Appendix B: how energies of pairs bend along curves of tokens, by the algebra of tokens, twice.

Tokens of the circle turn at constant speeds c_i. The tokens of a set S turn, and no others, where
c_i is 1 on S and 0 off it: then c_i (1 - c_j) is 1 for the pairs across the cut, and 0 for others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Add, Dummy, MatrixSymbol, cos

from proofs_checks.proof import Flow, How
from proofs_checks.propositions import All, Definition, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.asked import subject_in
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import ADDED, EQUAL, undefined
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import discharge, together
from proofs_checks.theorems.order import CHAIN, DIFFERENTIATED, of_all, relation, wants
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import OTHER, TOKEN, Facts, require_sphere
from proofs_checks.theorems.stated import pairs_of
from theory.symbols import m, n, t
from theory.terms import Item, Name, Sort, ddt, is_derivative, residual, sort_of, total

ANGLES = MatrixSymbol("theta", n, 1)
"""Angles of tokens of the circle."""
SPEEDS = MatrixSymbol("c", n, 1)
"""How fast each token is turned."""

_TURN = "tokens (cos θ_i, sin θ_i) turn from any state of {0}, d = 2, at speeds θ_i' = c_i:"
ON_LINES = Definition("turning tokens", f"{_TURN} they stay, as all else does", (Subject,))
ON_CUT = Definition("turning a subset", f"{_TURN} 1 on S, 0 off it, and all else stays", (Subject,))
_TURNS = ON_LINES, ON_CUT
PEAKS = Definition("peak", "at this time {0} is as large as at all times near it", (Sort.NUMBER,))
"""So it is where X is at a local maximum of it, along every curve."""

PHI = Dummy("phi", real=True)
APART = Item(ANGLES, TOKEN) - Item(ANGLES, OTHER)
BOTH = Item(m, TOKEN) * Item(m, OTHER)
OWN, OTHERS = Item(SPEEDS, TOKEN), Item(SPEEDS, OTHER)
ACROSS = OWN * (1 - OTHERS)
"""1 for the pairs of S and its complement, 0 for others."""


# -- rules -------------------------------------------------------------------------------------


def _at_a_peak(peak: Fact, bend: Fact) -> Proposition:
    says = relation(bend, "=")
    of_all(bend, t)
    if not is_derivative(says.left) or not is_derivative(says.left.args[0]):
        raise NotConcluded("it needs a second derivative")
    wants(peak, Is(PEAKS, says.left.args[0].args[0]))
    return Rel("<=", says.left, 0)


AT_A_PEAK = Rule(
    "second derivative at a peak",
    "a is as large as at all times near; a'' = b at every time: a'' <= 0",
    "a' = 0 there, and Taylor's theorem",
    _at_a_peak,
    rocq="Rules.rule_maximum",
)


def _equations_added(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``L = R`` if ``R - L`` is the sum of ``R_k - L_k`` over the equations given."""
    used = [f.says for f in facts if isinstance(f.says, Rel) and f.says.op == "="]
    if not isinstance(says, Rel) or says.op != "=" or says.left == says.right or not used:
        raise NotConcluded("it is no sum of equations")
    if any(sort_of(one.left) is not Sort.NUMBER for one in (says, *used)):
        raise NotConcluded("it is no equation of numbers")
    if lost := undefined((says.left, says.right), facts):
        raise NotConcluded(f"no fact says that {lost[0]} may be divided by, or rooted")
    gained = Add(*(one.right - one.left for one in used))
    if residual(says.right - says.left, gained) != 0:
        raise NotConcluded("the premises add up to something else")
    return "sum of the premises"


EQUATIONS = Engine("sum of equations", How.DERIVED, _equations_added)


# -- energies ----------------------------------------------------------------------------------


def over_pairs(term: Any, but: tuple[Any, ...] = ()) -> Any:
    """``Σ_i Σ_j`` of a term, but for some j."""
    return total(total(term, OTHER, but), TOKEN)


def stated_pairs(flow: Flow) -> tuple[Subject, Any] | Refusal:
    """Return of what a theorem speaks, and e_ij of the energy that a flow states.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> print(stated_pairs(Flow.of(CAUSAL)))
    the model states no energy
    """
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    if flow.model.energy is None:
        return Refusal("the model states no energy")
    try:
        return subject, pairs_of(flow.model.energy)
    except NotConcluded as short:
        return Refusal(str(short))


def hot(pairs: Any) -> tuple[Proposition, ...]:
    """Say that what is divided by isn't 0."""
    return tuple(one.says for one in heated(pairs) if isinstance(one, Theorem))


# -- tokens of the circle ----------------------------------------------------------------------


def _read_off(definition: Definition, name: str, says: Proposition) -> Reader:
    def so(subject: Subject) -> Facts:
        require_sphere(subject)
        return frozenset({Is(definition, subject)}), says, definition.name

    return Reader(f"{name} of {definition.name}", so)


COSINES, CUT_COSINES = (
    _read_off(one, "products", Rel("=", gram(TOKEN, OTHER), cos(APART))) for one in _TURNS
)
MOVING, CUT_MOVING = (
    _read_off(one, "speeds", Rel("=", ddt(Item(ANGLES, TOKEN)), OWN)) for one in _TURNS
)
STEADY, CUT_STEADY = (_read_off(one, "constant speeds", Rel("=", ddt(OWN), 0)) for one in _TURNS)
MASSIVE, CUT_MASSIVE = (
    _read_off(one, "constant masses", Rel("=", ddt(Item(m, TOKEN)), 0)) for one in _TURNS
)
CUT_SQUARES = _read_off(ON_CUT, "squares", Rel("=", OWN**2, OWN))
LINES = COSINES, MOVING, STEADY, MASSIVE
CUT = CUT_COSINES, CUT_MOVING, CUT_STEADY, CUT_MASSIVE, CUT_SQUARES


@dataclass(frozen=True)
class OnCircle:
    """An energy of pairs along tokens that turn.

    Attributes
    ----------
    subject : Subject
    pairs : Expr
        e_ij, a function of <x_i,x_j>.
    readers : tuple of Reader
        `LINES` or `CUT`.
    """

    subject: Subject
    pairs: Any
    readers: tuple[Reader, ...]

    @property
    def energy(self) -> Any:
        """E."""
        return over_pairs(self.pairs)

    @property
    def facts(self) -> tuple[Found, ...]:
        """What is so as they turn, cosines first, and that nothing is divided by 0."""
        return *(read(one, self.subject) for one in self.readers), *heated(self.pairs)

    def slope(self, claimed_slope: Any) -> Found:
        """``E' = F``, for F as it is claimed."""
        angles = over_pairs(self.pairs.xreplace({gram(TOKEN, OTHER): cos(APART)}))
        cosine, *facts = self.facts
        same = settle(EQUAL, Rel("=", self.energy, angles), cosine, *heated(self.pairs))
        turned = settle(EQUAL, Rel("=", ddt(angles), claimed_slope), *facts)
        return apply(CHAIN, apply(DIFFERENTIATED, same), turned)

    def own_slope(self) -> Found:
        """``E' = Σ_i Σ_j (c_i - c_j) e_ij'``."""
        pair = self.pairs.xreplace({gram(TOKEN, OTHER): cos(PHI)}).diff(PHI)
        return self.slope(over_pairs(pair.xreplace({PHI: APART}) * (OWN - OTHERS)))

    def bend(self, slope: Found, claimed_bend: Any) -> Found:
        """``E'' = G``, for G as it is claimed."""
        if isinstance(slope, Refusal):
            return slope
        turned = settle(EQUAL, Rel("=", ddt(slope.says.right), claimed_bend), *self.facts[1:])
        return apply(CHAIN, apply(DIFFERENTIATED, slope), turned)

    def claim(self, found: Found, then: Proposition) -> Conclusion:
        """Claim it of tokens that turn."""
        definition = ON_LINES if self.readers is LINES else ON_CUT
        given = Is(definition, self.subject), *hot(self.pairs)
        return claimed(found, then, given, (Name("E", self.energy),))


def hessian_in_angles(
    flow: Flow, slope: Any, bend: Any, sign: Any, phi: Any
) -> Conclusion | Refusal:
    """Claim ``∂E/∂θ_i = Σ_j m_i m_j s_ij``, ``∂²E/∂θ_i∂θ_j = m_i m_j g_ij``, ``± Σ_(j≠i)`` of it.

    They are the forms in the speeds, linear and quadratic, that E' and E'' are at every state.

    Parameters
    ----------
    flow : Flow
    slope, bend : Expr
        s and g, functions of phi = θ_i - θ_j.
    sign : int
        That of the diagonal entries.
    phi : Symbol

    Examples
    --------
    >>> from sympy import exp, sin
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> pull = -sin(PHI) * exp(beta * cos(PHI))
    >>> own = hessian_in_angles(Flow.of(SA), pull, pull.diff(PHI), 1, PHI)
    >>> type(own.found).__name__
    'Refusal'
    >>> own = hessian_in_angles(Flow.of(SA), pull, -pull.diff(PHI), -1, PHI)
    >>> own.found.says == own.says.then
    True
    """
    stated = stated_pairs(flow)
    if isinstance(stated, Refusal):
        return stated
    own = OnCircle(*stated, LINES)
    first = total(OWN * total(BOTH * slope.xreplace({phi: APART}), OTHER), TOKEN)
    entry = BOTH * bend.xreplace({phi: APART})
    diagonal = total(OWN**2 * total(entry, OTHER, (TOKEN,)), TOKEN)
    second = over_pairs(entry * OWN * OTHERS, (TOKEN,)) + sign * diagonal
    change, moved = own.slope(first), ddt(own.energy)
    found = apply(together, change, own.bend(change, second))
    return own.claim(found, All(Rel("=", moved, first), Rel("=", ddt(moved), second)))


def cut_bend(flow: Flow, profile: Any, phi: Any, inside: bool = False) -> Conclusion | Refusal:
    """Claim ``E'' = -Σ_(S×S^c) m_i m_j g_ij`` of `cut_in_angles` alone.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> bend = -(exp(beta * cos(PHI)) / beta).diff(PHI, 2)
    >>> [type(cut_bend(Flow.of(SA), c * bend, PHI).found).__name__ for c in (1, 2)]
    ['Theorem', 'Refusal']
    """
    stated = stated_pairs(flow)
    if isinstance(stated, Refusal):
        return stated
    own = OnCircle(*stated, CUT)
    counted = ACROSS + (OWN * OTHERS / 2 if inside else 0)
    cut = over_pairs(counted * BOTH * profile.xreplace({phi: APART}))
    return own.claim(own.bend(own.own_slope(), -cut), Rel("=", ddt(ddt(own.energy)), -cut))


def cut_in_angles(flow: Flow, profile: Any, phi: Any, inside: bool) -> Conclusion | Refusal:
    """Claim ``E'' = -Σ_(S×S^c) m_i m_j g_ij``, and that the sum is >= 0 at a peak.

    Parameters
    ----------
    flow : Flow
    profile : Expr
        g, a function of phi = θ_i - θ_j.
    phi : Symbol
    inside : bool
        Whether pairs within S are said to count too.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> bend = -(exp(beta * cos(PHI)) / beta).diff(PHI, 2)
    >>> [type(cut_in_angles(Flow.of(SA), bend, PHI, so).found).__name__ for so in (False, True)]
    ['Theorem', 'Refusal']
    """
    own = cut_bend(flow, profile, phi, inside)
    if isinstance(own, Refusal):
        return own
    bent = own.says.then
    assert isinstance(bent, Rel)  # as it was claimed
    peak, cut = Is(PEAKS, bent.left.args[0].args[0]), -bent.right
    most = apply(AT_A_PEAK, assume(peak), own.found)
    least = settle(ADDED, Rel("<=", 0, cut), most, own.found)
    found = apply(together, own.found, apply(discharge, least, hypothesis=peak))
    then = All(bent, Implies(peak, Rel("<=", 0, cut)))
    return claimed(found, then, own.says.given, own.names)


__all__ = ["AT_A_PEAK", "PHI", "cut_bend", "cut_in_angles", "hessian_in_angles"]
