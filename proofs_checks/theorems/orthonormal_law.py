"""1 - <x_i,x_j> of orthonormal tokens in closed form, where equal angles have an equation."""

from __future__ import annotations

from typing import Any

from sympy import Add, S, exp

from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.cluster_modes import modes_said
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, undefined
from proofs_checks.theorems.equal_angles import EQUAL_IN_FLOWS, FLOW_ANGLES
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.one_solution import ONE_SOLUTION, UNIQUE
from proofs_checks.theorems.order import wants
from proofs_checks.theorems.saddles import ONE_MASS
from theory.symbols import gamma, t
from theory.terms import Sort, ddt, moving

LAW = Definition(
    "law of orthonormal tokens",
    "masses 1/n: from orthonormal tokens of {0}, alike in all else, all 1 - <x_i,x_j>, i != j, are "
    "{1}",
    (Subject, Sort.NUMBER),
)


def _change(rate: Any, law: Any) -> Rel:
    """Say ``u' = -f(1 - u)``."""
    return Rel("=", ddt(law), -rate.xreplace({gamma: 1 - law}))


def _law(angles: Fact, unique: Fact, change: Fact, law: Any) -> Proposition:
    if not isinstance(angles.says, Is) or angles.says.definition is not FLOW_ANGLES:
        raise NotConcluded("it needs that equal angles stay equal")
    subject, rate = angles.says.arguments
    wants(unique, Is(UNIQUE, subject))
    wants(change, _change(rate, law))
    if t in rate.free_symbols or moving(rate) or moving(law.xreplace({t: S.One})):
        raise NotConcluded("the equation of the angles isn't in γ and constants alone")
    if law.subs(t, 0) != 1:
        raise NotConcluded("at first <x_i,x_j> = 0")
    return Is(LAW, subject, law)


SOLVED = Rule(
    "equation of equal angles, solved",
    "masses 1/n: equal angles are kept, γ' = f(γ); one solution from each start; u' = -f(1 - u); "
    "u(0) = 1: from orthonormal tokens all 1 - <x_i,x_j> are u",
    "states with equal angles are one curve up to rotations, along which 1 - u solves the equation "
    "from γ = 0, as tokens do",
    _law,
)


def _positive(base: Any) -> Found:
    """``0 < a`` for 2 <= n: of e^s + n - 1 as a sum of 0 < e^s, 2 <= n and 0 < 1."""
    parts = (*(one for one in Add.make_args(base) if isinstance(one, exp)), S.One)
    known = (settle(SIGNS, Rel("<", 0, one)) for one in parts)
    found = settle(ADDED, Rel("<", 0, base), *known, assume(SEVERAL))
    if isinstance(found, Refusal):
        found = settle(SIGNS, Rel("<", 0, base), assume(SEVERAL))
    return found


def rates_said(
    subject: Subject, at_one: Any, at_two: Any, sizes: tuple[Any, Any], law: Any
) -> Conclusion:
    """Claim modes at one point, Σ_j m_j = 1, and at two, and the law of orthonormal tokens.

    Parameters
    ----------
    subject : Subject
    at_one, at_two : iterable of pair
        Eigenvalues with their multiplicities.
    sizes : pair
        How many tokens are at each of two points.
    law : Expr
        1 - γ, in t and n.

    Examples
    --------
    >>> from sympy import exp, symbols
    >>> from theory.models import SA
    >>> from theory.symbols import beta, n
    >>> law, sizes = n / (exp(2 * t) + n - 1), symbols("p q", integer=True, positive=True)
    >>> print(rates_said(Subject.of(SA, {beta: 0}), (), (), sizes, law).found)
    and: and: 0 = n (d - 1): algebra of tokens: residual n - d n
    """
    parts = [modes_said(subject, at_one, one_mass=True), modes_said(subject, at_two, *sizes)]
    angles = read(EQUAL_IN_FLOWS, subject)
    found: Found = angles
    if isinstance(angles, Theorem):
        signs = [_positive(base) for base in undefined((law,), ())]
        change = settle(EQUAL, _change(angles.says.args[-1], law), *signs)
        found = apply(SOLVED, angles, read(ONE_SOLUTION, subject), change, law=law)
    whole = apply(together, *(one.found for one in parts), found)
    then = All(*(one.says.then for one in parts), Is(LAW, subject, law))
    return claimed(whole, then, (ONE_MASS, SEVERAL))
