"""What T1, T2 and T5a say of a model, claimed in full: hypotheses, conclusion, names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sympy import Pow, S, exp, expand_log, factor_terms, log, simplify

from proofs_checks.propositions import All, Implies, Is, Proposition, Rel, Subject, putting
from proofs_checks.theorems.energy import PairEnergy, attached, heated
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
from proofs_checks.theorems.hemisphere import common_sight_given, least_weight, warm
from proofs_checks.theorems.kernel import (
    Found,
    Refusal,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.late import (
    HALF,
    Z,
    decays,
    grows,
    in_cone,
    late_decay,
    late_growth,
    least_pull,
    limit_cone,
    nearness,
)
from proofs_checks.theorems.lengths import bounded
from proofs_checks.theorems.logic import discharge, part, rename, together
from proofs_checks.theorems.order import (
    CHAIN,
    EXPONENTIAL,
    KEPT,
    LEAST_EQUAL,
    REPLACE,
    SCALE,
    TOKEN_SUM,
    TURNED,
)
from proofs_checks.theorems.pulls import (
    G0,
    LEAST_PAIR,
    LOWEST,
    NEAR,
    THIRD,
    WARM,
    WIDTH,
    H,
    Pull,
    gram,
    height,
    legend,
)
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    CURVE,
    CURVE_LENGTHS,
    CURVE_POSITIVE,
    CURVE_ROOTED,
    MOTION,
    OTHER,
    TOKEN,
    moved_by,
    rooted,
    solving,
)
from proofs_checks.theorems.readers import pulled as motion_of
from proofs_checks.theorems.sheets import Says
from theory.symbols import X, m, n, t
from theory.terms import (
    Entry,
    Index,
    Inner,
    Item,
    Least,
    Name,
    Projected,
    Row,
    at,
    ddt,
    total,
)


@dataclass(frozen=True)
class Conclusion:
    """What is claimed of a model, and the theorem that it is to be.

    Attributes
    ----------
    says : Says
        A sheet has a gap where something else was concluded.
    found : Theorem or Refusal
    names : tuple of Name
        Names of long terms.
    vacuous : bool
        Whether what is claimed is that the paper's statement says nothing where it is asked.
    """

    says: Says
    found: Found
    names: tuple[Name, ...] = ()
    vacuous: bool = False


def claimed(
    found: Found, then: Proposition, given: tuple[Proposition, ...], names: tuple[Name, ...] = ()
) -> Conclusion:
    """Claim a conclusion under those of the hypotheses that are used."""
    used = frozenset[Proposition]() if isinstance(found, Refusal) else found.given
    return Conclusion(
        Says(tuple(dict.fromkeys(one for one in given if one in used)), then), found, names
    )


def conjunction(*own: Conclusion) -> Conclusion:
    """Claim all of several conclusions, under the hypotheses of any.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> one, two = (claimed(assume(a), a, (a,)) for a in (Rel("<", 0, beta), Rel("<", beta, 1)))
    >>> len(conjunction(one, two).says.given)
    2
    """
    if len(own) == 1:
        return own[0]
    given = tuple(dict.fromkeys(one for each in own for one in each.says.given))
    names = tuple(dict.fromkeys(name for each in own for name in each.names))
    found = apply(together, *(each.found for each in own))
    return claimed(found, All(*(each.says.then for each in own)), given, names)


def _short(pull: Pull, i: Index, j: Index) -> Any:
    """``Σ_j p_ij (1 - g_ij)``."""
    return total(pull.p(i, j) * (1 - gram(i, j)), j)


def _rate(factor: Any, least: Any) -> Proposition:
    return All(Rel("<=", factor * least, ddt(least)), Rel("<=", 0, factor))


def lowest(pull: Pull) -> Conclusion:
    """``s_i Σ_j p_ij (1 - g_ij) <= s_i'`` for a lowest token, and that sum is >= 0.

    Examples
    --------
    >>> from proofs_checks.theorems import as_sheet, pull_of
    >>> from theory.models import CAUSAL
    >>> own = lowest(pull_of(Subject.of(CAUSAL)))
    >>> as_sheet(own.says, own.found, own.names).holds
    True
    """
    then = _rate(_short(pull, TOKEN, OTHER), height(TOKEN))
    return claimed(pull.height_rate, then, (solving(pull.subject), LOWEST, WARM), legend(pull))


NOT_BELOW = Rel("<=", 0, height(TOKEN))
"""Token i isn't below the equator of w."""


def lifted(pull: Pull, bound: Any, sign: int = 1) -> Conclusion:
    """``Σ_j p_ij b_ij <= s_i'`` for a lowest token, and that sum is >= 0.

    Parameters
    ----------
    pull : Pull
    bound : Expr
        b_ij; what is concluded has ``s_i (1 - g_ij)``.
    sign : int
        1 if s_i >= 0 is given, as the conclusion needs it; -1 if s_i <= 0 is.
    """
    i, j = TOKEN, OTHER
    field = total(pull.p(i, j) * (1 - gram(i, j)) * height(i), j)
    rate, below = pull.height_rate, assume(NOT_BELOW)
    same = settle(EQUAL, Rel("=", field, _short(pull, i, j) * height(i)), *pull.defined)
    grows = apply(SCALE, below, apply(part, rate, place=1))
    found = apply(
        together,
        apply(CHAIN, same, apply(part, rate, place=0)),
        apply(CHAIN, grows, apply(TURNED, same)),
    )
    claim = total(pull.p(i, j) * bound, j)
    then = All(Rel("<=", claim, ddt(height(i))), Rel("<=", 0, claim))
    side = NOT_BELOW if sign == 1 else Rel("<=", height(i), 0)
    return claimed(
        found, then, (solving(pull.subject), LOWEST, side, *warm(pull.subject)), legend(pull)
    )


def least_pair(pull: Pull) -> Conclusion:
    """``g_0 <= g_ij`` if so at the start; ``K_ij g_ij <= g_ij'``, 0 <= K_ij, at a least pair."""
    return claim_least_pair(pull, apply(together, pull.angles, pull.angle_rate))


def claim_least_pair(pull: Pull, found: Found) -> Conclusion:
    """Say of the least pair what `least_pair` says, as it was found."""
    pair, factor = gram(TOKEN, OTHER), _short(pull, TOKEN, THIRD) + _short(pull, OTHER, THIRD)
    then = All(Rel("<=", G0, pair), _rate(factor, pair))
    names = (Name("K", factor, (TOKEN, OTHER)), *legend(pull))
    given = solving(pull.subject), NEAR, LEAST_PAIR, *warm(pull.subject)
    return claimed(found, then, given, names)


def meeting(pull: Pull, sight: Theorem) -> Conclusion:
    """``D <= D(0) e^(-hF)`` and ``x_i -> z``, as `common_sight` has it."""
    return claimed(sight, sight.says, common_sight_given(pull.subject), legend(pull))


ONE_MASS = Rel("=", total(at(Item(m, OTHER)), OTHER), 1)
"""Masses add up to 1."""


def meeting_at(pull: Pull, sight: Theorem, rate: Any) -> Conclusion:
    """``D <= D(0) e^(-t rate)`` and ``x_i -> z``, for masses that add up to 1.

    Parameters
    ----------
    pull : Pull
    sight : Theorem
        What `common_sight` concludes.
    rate : Expr
        In h, and whatever the model's own has.
    """
    fast, meets = (apply(part, sight, place=place) for place in (0, 1))
    whole = apply(REPLACE, assume(ONE_MASS), fast)
    fast = fast if isinstance(whole, Refusal) else whole
    slow = _slower(fast, t * rate)
    found = apply(together, fast if isinstance(slow, Refusal) else slow, meets)
    then = All(Rel("<=", WIDTH, at(WIDTH) * exp(-t * rate)), sight.says.args[1])
    given = *common_sight_given(pull.subject), ONE_MASS
    return claimed(found, then, given, legend(pull))


def _slower(fast: Found, said: Any) -> Found:
    """``D <= D(0) e^(-b)`` from ``D <= D(0) e^(-a)``, for b <= a or b = a e^(-c), 0 <= c."""
    if isinstance(fast, Refusal):
        return fast
    own = -log(fast.says.right / at(WIDTH))
    if said == own:
        return Refusal("it is that rate")
    warmth = assume(WARM)
    longer = spared(SIGNS, Rel("<=", 0, factor_terms(own - said)), warmth)
    less = expand_log(log(simplify(said / own)), force=True)
    if isinstance(longer, Refusal) and own * exp(less) == said:
        sign = settle(ADDED, Rel("<=", less, 0), spared(SIGNS, Rel("<=", 0, -less), warmth))
        longer = apply(SCALE, spared(SIGNS, Rel("<=", 0, own), warmth), apply(EXPONENTIAL, sign))
    bound = apply(EXPONENTIAL, settle(ADDED, Rel("<=", -own, -said), longer))
    return apply(CHAIN, fast, apply(SCALE, settle(SIGNS, Rel("<=", 0, at(WIDTH))), bound))


def held_in_cone(pull: Pull, sight: Theorem, sign: int = 1, least: Any = S.One) -> Conclusion:
    """``x_i -> z``, and z times a sign is ``Σ_j θ_j x_j``, 0 <= θ_j, of ``least <= Σ_j θ_j``."""
    found = apply(together, apply(part, sight, place=1), limit_cone(pull))
    then = All(sight.says.args[1], in_cone(Z if sign == 1 else Z * sign, least))
    return claimed(found, then, common_sight_given(pull.subject), legend(pull))


def pulled(pull: Pull, field: Any = None) -> Conclusion:
    """``x_i' = P_i Σ_j p_ij x_j``, or P_i F_i as a matrix F has it."""
    then = motion_of(pull.weight) if field is None else moved_by(field)
    return claimed(pull.motion, then, (solving(pull.subject),), legend(pull))


LEAST_MASS = Rel("=", Least(at(Item(m, TOKEN)), TOKEN), 1 / n)
"""The least mass is 1/n: where they add up to 1, all of n masses are."""


def one_mass(subject: Subject) -> Found:
    """``Σ_j m_j = 1`` at every time, of masses that stay."""
    still = apply(rename, read(CONSTANT_MASSES, subject), values={TOKEN: OTHER})
    return apply(CHAIN, apply(TOKEN_SUM, still, index=OTHER), assume(ONE_MASS))


def least_at_masses(pull: Pull, least: Any) -> Found:
    """``c <= p_ij`` for masses 1/n and a number c that is at most the model's own."""
    low, still = least_pull(pull), read(CONSTANT_MASSES, pull.subject)
    even = apply(CHAIN, apply(LEAST_EQUAL, still, index=TOKEN), assume(LEAST_MASS))
    for equation in (even, one_mass(pull.subject)):
        found = apply(REPLACE, equation, low)
        low = low if isinstance(found, Refusal) else found
    if isinstance(low, Refusal) or low.says.left == least:
        return low
    own, warmth = low.says.left, assume(WARM)
    less = expand_log(log(simplify(least / own)), force=True)
    sign = settle(ADDED, Rel("<=", less, 0), spared(SIGNS, Rel("<=", 0, -less), warmth))
    ahead = spared(SIGNS, Rel("<=", 0, own), warmth)
    return apply(CHAIN, apply(SCALE, ahead, apply(EXPONENTIAL, sign)), low)


def nearing(pull: Pull, rate: Any = None, low: Any = HALF) -> Conclusion | Refusal:
    """``rate (1 - α) <= α'`` where low <= α, for each unit z in the tokens' cone.

    Parameters
    ----------
    pull : Pull
    rate : Expr, optional
        At masses 1/n; the model's own, at any masses, if None.
    low : Expr
    """
    bound = least_pull(pull) if rate is None else least_at_masses(pull, 2 * rate)
    if isinstance(bound, Refusal):
        return bound
    then = grows(bound.says.left / 2 if rate is None else rate, low)
    names = (Name("alpha", nearness()), *legend(pull))
    given = *common_sight_given(pull.subject), ONE_MASS, LEAST_MASS
    return claimed(late_growth(pull, bound), then, given, names)


def decaying(pull: Pull, sight: Theorem, rate: Any, factor: Any = HALF) -> Conclusion:
    """`nearing`; ``x_i -> z``, ``1 - α <= c e^(-(t - t_0) rate)`` once α >= 1/2 at t_0."""
    low = least_at_masses(pull, 2 * rate)
    found = apply(part, sight, place=1), late_growth(pull, low), late_decay(pull, low)
    then = All(sight.says.args[1], grows(rate), decays(rate * t, factor=factor))
    names = (Name("alpha", nearness()), *legend(pull))
    given = *common_sight_given(pull.subject), ONE_MASS, LEAST_MASS
    return claimed(apply(together, *found), then, given, names)


def near_limit(pull: Pull, sight: Theorem) -> Conclusion | None:
    """``x_i -> z``, and what `late_decay` says of z."""
    late = late_decay(pull)
    if isinstance(late, Refusal):
        return None
    found = apply(together, apply(part, sight, place=1), late)
    names = (Name("alpha", nearness()), *legend(pull))
    then = All(sight.says.args[1], late.says)
    return claimed(found, then, common_sight_given(pull.subject), names)


def resting(pull: Pull, sight: Theorem, least: Any = H, gap: Any = S.Zero) -> Conclusion | Refusal:
    """``x_i -> z``, what `lowest` says, and ``Σ_j p_ij (1 - g_ij) = 0 implies 1 - g_ij = 0``.

    Parameters
    ----------
    pull : Pull
    sight : Theorem
    least : Expr
        What stands for h, the least height at the start.
    gap : Expr
        What is claimed for 0 in the last part.
    """
    strict = pull.strict
    if isinstance(strict, Refusal):  # positive over the equator alone
        bounds = replace(bounded(pull), near=pull.apart)
        low = least_weight(pull, bounds)
        if isinstance(low, Refusal):
            return strict
        strict = apply(CHAIN, bounds.signed(Rel("<", 0, low.says.left)), low)
    rests = pull.rests(strict)
    if isinstance(rests, Refusal):
        return rests
    over = apply(discharge, pull.height_rate, hypothesis=LOWEST)
    found = apply(together, apply(part, sight, place=1), over, rests)
    if least != H:
        found = apply(rename, found, values={H: least})
    short = _short(pull, TOKEN, OTHER)
    here = Implies(Rel("=", short, 0), Rel("=", 1 - gram(TOKEN, OTHER), gap))
    then = All(sight.says.args[1], Implies(LOWEST, _rate(short, height(TOKEN))), here)
    given = (putting(one, {H: least}) for one in common_sight_given(pull.subject))
    return claimed(found, putting(then, {H: least}), tuple(given), legend(pull))


def standing(subject: Subject) -> Conclusion | None:
    """Claim ``x_i = x_i(0)`` of tokens that no weight pulls.

    Examples
    --------
    >>> from theory.atoms import Tangent
    >>> from theory.models import SA, Model
    >>> still = Subject.of(Model("still", Tangent(X, -3 * X)))
    >>> standing(still) is None, standing(Subject.of(SA)) is None
    (False, True)
    """
    token = Row(X, TOKEN)
    speed = Rel("=", Inner(ddt(token), ddt(token)), 0)
    found = apply(KEPT, settle(EQUAL, speed, read(MOTION, subject)))
    if isinstance(found, Refusal):
        return None
    return claimed(found, Rel("=", token, at(token)), (solving(subject),))


def of_energy(
    ask: Callable[[Subject], Found], subject: Subject
) -> tuple[Conclusion, PairEnergy] | None:
    """``E' = Σ_i τ_i |x_i'|²``, ``0 <= E'`` or dE, as `dissipation`, `ascent`, `gradient` have it.

    Returns
    -------
    tuple or None
        With the energy that is attached.
    """
    found, own = ask(subject), attached(subject)
    if isinstance(found, Refusal) or isinstance(own, Refusal):
        return None
    hot = (one.says for one in heated(own.pairs) if isinstance(one, Theorem))
    given = solving(subject), Is(CURVE, subject), *hot
    pair, said = (TOKEN, OTHER), found.says
    seen = [a for a in own.weight.atoms(Entry) if a.args[1:] == pair]
    shares = [a for a in own.pull.weight.atoms(Entry) if a.args[1:] == pair and a not in seen]
    field = Projected(Row(X, TOKEN), total(Row(X, OTHER) * own.pull.weight, OTHER))
    roots = rooted(own.pull.weight) if any(not a.exp.is_integer for a in said.atoms(Pow)) else ()
    names = (
        Name("E", own.energy),
        *(Name("v", field, (TOKEN,)) for _ in [0] if said.has(Projected)),
        *(Name("Q", root, (TOKEN,)) for root in roots),
        *(Name("A", one, pair) for one in shares if len(shares) == 1 and said.has(one.args[0])),
        *(Name("W", one, pair) for one in seen if len(seen) == 1),
    )
    return claimed(found, said, given, names), own


def in_metric_of(
    ask: Callable[[Subject], Found], subject: Subject
) -> tuple[Conclusion, PairEnergy] | None:
    """`of_energy`, and that its weights are positive: ``0 < τ_i`` at all states.

    Examples
    --------
    >>> from proofs_checks.theorems.energy import gradient
    >>> from proofs_checks.propositions import written
    >>> from theory.models import PRE_LN
    >>> written(in_metric_of(gradient, Subject.of(PRE_LN))[0].says.then.args[1])
    '0 < m_i r_i (Σ_j m_j e^(β <x_i,x_j>))'
    """
    found = of_energy(ask, subject)
    if found is None:
        return None
    own, pairs = found
    known = (read(one, subject) for one in (CURVE_POSITIVE, CURVE_LENGTHS, CURVE_ROOTED))
    facts = [one for one in known if isinstance(one, Theorem)]
    sign = settle(SIGNS, Rel("<", S.Zero, pairs.pace), *facts)
    joined = apply(together, own.found, sign)
    if isinstance(joined, Refusal):
        return None
    return claimed(joined, joined.says, (Is(CURVE, subject), *own.says.given), own.names), pairs
