"""(6.2): how fast velocities change along a solution of a pull, ``|x_i''| <= (S + L) S``.

For ``x_i' = P_i A_i``, A_i = Σ_j p_ij x_j of |A_i| <= S that moves by L max_k |x_k'| at most: no
token is faster than S.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems.analytic import analytic
from proofs_checks.theorems.chord_growth import WHOLE
from proofs_checks.theorems.chord_rates import Motions, names_of_pair
from proofs_checks.theorems.chords import APART, IN_BALL, steady_of
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import ONE_MASS, Conclusion, claimed, one_mass
from proofs_checks.theorems.engines import spared
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    read,
)
from proofs_checks.theorems.order import CHAIN, REPLACE, of_all, of_parameters, wants
from proofs_checks.theorems.pulls import WARM
from proofs_checks.theorems.readers import (
    MOTION,
    TOKEN,
    UNIT,
    pulled,
    solved_in,
    solving,
    weights_of,
)
from theory.symbols import X, t
from theory.terms import Norm, Row, ddt

CHANGE = Norm(ddt(ddt(Row(X, TOKEN))))
"""|x_i''|."""


def _turns(motion: Fact, unit: Fact, fact: Fact, weight: Any) -> Concluded:
    subject = solved_in(motion)
    wants(motion, pulled(weight))
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    of_all(motion, TOKEN, t)
    of_all(unit, TOKEN, t)
    if set(subject.velocities) != {X} or t in weight.free_symbols:
        raise NotConcluded("more than the tokens moves the outputs")
    if not analytic(weight):
        raise NotConcluded("the weights aren't smooth in the tokens, as they are written")
    size, pace = steady_of(fact, weight)
    own = Is(IN_BALL, subject)
    of_parameters(fact.given - {own})
    return Concluded(Rel("<=", CHANGE, (size + pace) * size), spares=frozenset({own}))


ACCELERATION = Rule(
    "change of a velocity",
    "x_i' = P_i A_i, A_i = Σ_j p_ij x_j without t; |x_i| = 1; |A_i| <= S and |A_i'| <= L max_k "
    "|x_k'| of every motion in the ball: |x_i''| <= (S + L) S",
    "a solution is such a motion, and |x_k'| <= S; x' = P A has x'' = P A' - <x',A> x - <x,A> x', "
    "where |x'|² = <x',A> = |A|² - <x,A>², so the last two are |x'| |A| long",
    _turns,
)


def accelerating(subject: Subject, bound: Expr) -> Conclusion | Refusal:
    """``|x_i''| <= bound`` along a solution.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> print(accelerating(Subject.of(SA), 3 + 2 * beta).found.by.name)
    chain
    >>> isinstance(accelerating(Subject.of(SA), 1 + 2 * beta).found, Refusal)
    True
    """
    try:
        weight = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    known = read(MOTION, subject), read(UNIT, subject), Motions(subject).steady(weight)
    found = apply(ACCELERATION, *known, weight=weight)
    if not isinstance(found, Refusal) and found.says.has(WHOLE):
        found = apply(REPLACE, one_mass(subject), found)
    if not isinstance(found, Refusal):
        enough = spared(COEFFICIENTS, Rel("<=", found.says.right, bound), assume(WARM))
        found = apply(CHAIN, found, enough)
    names = tuple(name for name in names_of_pair(subject) if name.term != APART)
    given = solving(subject), WARM, ONE_MASS
    return claimed(found, Rel("<=", CHANGE, bound), given, names)
