"""(D.13), (D.14), E.(D.10): how the lowest token rises over a limit, for weights of masses 1/n."""

from __future__ import annotations

from typing import Any

from sympy import Mul, Symbol, exp

from proofs_checks.proof import THETA
from proofs_checks.propositions import All, Implies, Proposition, Rel
from proofs_checks.theorems.attraction import SEVERAL, UNIT_PRODUCT
from proofs_checks.theorems.averages import MEAN_SIZE
from proofs_checks.theorems.conclusions import (
    LEAST_MASS,
    ONE_MASS,
    Conclusion,
    claimed,
    least_at_masses,
)
from proofs_checks.theorems.engines import ADDED, SIGNS, spared
from proofs_checks.theorems.hemisphere import warm
from proofs_checks.theorems.kernel import Fact, Refusal, Rule, apply, assume, settle
from proofs_checks.theorems.late import (
    LATE,
    Z,
    late_decay,
    late_rise,
    nearness,
    of_limits,
    rises_on,
)
from proofs_checks.theorems.logic import (
    detach,
    discharge,
    generalise,
    instantiate,
    part,
    rename,
    together,
)
from proofs_checks.theorems.order import (
    CHAIN,
    EXPONENTIAL,
    SCALE,
    TOKEN_SUM,
    TURNED,
    above,
    of_all,
    relation,
)
from proofs_checks.theorems.pulls import WARM, Pull, gram, legend
from proofs_checks.theorems.readers import OTHER, TOKEN, solving
from proofs_checks.theorems.unit_cones import HEIGHT, LENGTH, NAMES, SHARES
from theory.symbols import beta, n, t
from theory.terms import Index, Item, Name, at, total


def _one(sign: Fact, index: Index) -> Proposition:
    term = relation(sign, "<", "<=").right
    above(sign, term)
    of_all(sign, index)
    return Rel("<=", term, total(term, index))


ONE_OF_SUM = Rule("one of a sum", "0 <= a_j for every j: a_j <= Σ_k a_k", "order", _one)


def _given(pull: Pull) -> tuple[Proposition, ...]:
    """Return what is given of a solution whose masses are 1/n."""
    return solving(pull.subject), *warm(pull.subject), SEVERAL, ONE_MASS, LEAST_MASS


_SHARE, _UNIT, _UPRIGHT = Item(THETA, OTHER), Rel("=", LENGTH, 1), Rel("<=", 0, HEIGHT)


def cone_sum(pull: Pull, rate: Any) -> Conclusion:
    """``c (1 - <x_i,z>) <= Σ_j p_ij (1 - g_ij)`` for a unit z = Σ_k θ_k x_k with 0 <= <x_i,z>.

    c is a rate that no weight is below.
    """
    each = apply(rename, pull.unit, values={TOKEN: OTHER})
    product = apply(part, apply(UNIT_PRODUCT, pull.unit, each), place=1)
    room = settle(ADDED, Rel("<=", 0, 1 - gram(TOKEN, OTHER)), product)
    term = apply(ONE_OF_SUM, apply(SCALE, room, pull.positive), index=OTHER)
    kept = apply(CHAIN, apply(SCALE, room, least_at_masses(pull, rate)), term)
    whole = total(pull.weight * (1 - gram(TOKEN, OTHER)), OTHER)
    ahead = spared(SIGNS, Rel("<=", 0, rate), assume(WARM))
    share, shares = apply(instantiate, assume(SHARES), values=(OTHER,)), total(_SHARE, OTHER)
    mean = apply(MEAN_SIZE, share, each, weight=_SHARE, index=OTHER)
    one = apply(CHAIN, apply(TURNED, assume(_UNIT)), mean)
    summed = apply(TOKEN_SUM, apply(SCALE, share, kept), index=OTHER)
    more = apply(SCALE, ahead, apply(SCALE, assume(_UPRIGHT), one))
    low = shares * rate * (1 - HEIGHT)
    times = settle(ADDED, Rel("<=", low, shares * whole), summed, more)
    divisor = apply(CHAIN, settle(SIGNS, Rel("<", 0, 1)), one)
    found = apply(SCALE, settle(SIGNS, Rel("<=", 0, 1 / shares), divisor), times)
    given = *_given(pull), SHARES, _UNIT, _UPRIGHT
    return claimed(found, Rel("<=", rate * (1 - HEIGHT), whole), given, (*NAMES, *legend(pull)))


def rising_late(pull: Pull, level: Any, rate: Any) -> Conclusion:
    """``c rate (1 - α) <= α'`` from a time t_0 on at which α >= c, for each limit of all tokens."""
    found, then = late_rise(pull, least_at_masses(pull, rate), level), rises_on(level * rate, level)
    return claimed(found, then, _given(pull), (Name("alpha", nearness()), *legend(pull)))


def aligning(pull: Pull, first: Symbol, share: Any, early: Any, bound: Any) -> Conclusion:
    """``1 - α <= b`` where ``s γ_1 <= α`` at 1/n <= t, and where ``a <= α`` at t <= 1/n.

    Parameters
    ----------
    pull : Pull
    first : Symbol
        γ_1, taken to be at most 1.
    share, early : Expr
        s, which must be at least 1/2, and a, at least 0.
    bound : Expr
        b, which must be at least ``e^(κ(1-γ_1 t)/(2n))``, κ = e^(-2β).
    """
    rate, level, alpha = exp(-2 * beta) / n, share * first, nearness()
    ends, late = Rel("<=", 1 - alpha, bound), Rel("<=", 1 / n, t)
    soon = All(Rel("<=", early, alpha), Rel("<=", t, 1 / n))
    decay = late_decay(pull, least_at_masses(pull, rate), level)
    decay = apply(rename, decay, values={LATE: 1 / n})
    decay = apply(instantiate, decay, values=(Z,))
    if isinstance(decay, Refusal):
        return claimed(decay, ends, ())
    tends, then = decay.says.args[:2]
    began = then.args[0]
    decay = apply(detach, apply(detach, decay, assume(tends)), assume(began))
    falls = next(one for one in Mul.make_args(then.args[1].right) if one.has(t))
    less = settle(ADDED, Rel("<=", 1 - level, 1), settle(SIGNS, Rel("<=", 0, level)))
    less = apply(SCALE, settle(SIGNS, Rel("<=", 0, falls)), less)
    ahead = settle(SIGNS, Rel("<=", 0, rate / (2 * n)))
    facts = assume(Rel("<=", first, 1)), assume(SEVERAL), settle(SIGNS, Rel("<=", 0, 1))
    room = apply(SCALE, ahead, settle(ADDED, Rel("<=", 0, n - first), *facts))
    spares = [room]
    if 2 * share != 1:
        more = settle(SIGNS, Rel("<=", 0, (2 * share - 1) * first * rate / 2))
        spares.append(apply(SCALE, more, apply(part, assume(began), place=1)))
    spare = settle(ADDED, Rel("<=", falls.args[0], bound.args[0]), *spares)
    after = apply(CHAIN, apply(CHAIN, decay, less), apply(EXPONENTIAL, spare))
    low, brief = (apply(part, assume(soon), place=place) for place in (0, 1))
    if early != 0:
        low = apply(CHAIN, settle(SIGNS, Rel("<=", 0, early)), low)
    over = settle(ADDED, Rel("<=", 1 - alpha, 1), low)
    brief = apply(SCALE, settle(SIGNS, Rel("<=", 0, first * rate / 2)), brief)
    high = apply(EXPONENTIAL, settle(ADDED, Rel("<=", 0, bound.args[0]), room, brief))
    before = apply(CHAIN, over, high)
    parts = apply(discharge, after, hypothesis=began), apply(discharge, before, hypothesis=soon)
    found = apply(discharge, apply(together, *parts), hypothesis=tends)
    found = apply(generalise, found, variables=(Z,))
    start = All(Rel("<=", level, at(alpha, 1 / n)), late)
    then = of_limits(All(Implies(start, ends), Implies(soon, ends)))
    given = *_given(pull), Rel("<=", first, 1)
    return claimed(found, then, given, (Name("alpha", alpha), *legend(pull)))
