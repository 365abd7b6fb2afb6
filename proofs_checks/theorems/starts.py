"""What T6 and T7 conclude of a model for almost every start, by the rows that it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import pi

from proofs_checks.propositions import (
    All,
    Any_,
    Is,
    Proposition,
    Rel,
    Subject,
    every,
    written,
)
from proofs_checks.theorems.almost_every import (
    ALL_BUT,
    EACH_FOLLOWS,
    FIRST,
    FOLLOWING,
    HOT,
    MEETS,
    MEETS_FIRST,
)
from proofs_checks.theorems.circle_saddles import BENDING, BENDS_LITTLE, LEAST_HEAT
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import attached, gradient_of
from proofs_checks.theorems.engines import EQUAL, SIGNS
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
from proofs_checks.theorems.layers import layered
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.one_pull import OFF_CENTRE, one_pull
from proofs_checks.theorems.own_weight import narrow
from proofs_checks.theorems.plans import plans_of
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import CURVE, CURVE_MASSES, OTHER, TO_ONE, TOKEN, solving
from proofs_checks.theorems.saddles import (
    CIRCLE,
    IN_SPACE,
    ON_CIRCLES,
    TRACE,
    small_heat,
    strict,
    traced,
    turned_pair,
)
from proofs_checks.theorems.states import States
from theory.symbols import X, beta, d, m, z
from theory.terms import Inner, Item, Name, Row, total


def _narrow_words(heat: str) -> str:
    """Write (N) with the heat of a model."""
    least = f"χ({heat}) = max(c e^(-c {heat}), 0 <= c <= 1)"
    if heat == "β":
        least = (
            "χ(β) = max(c e^(-βc), 0 <= c <= 1), at masses 1/n: n - 1 < e^(2β) for β <= 1, "
            "n - 1 < β e^(β+1) for β >= 1"
        )
    power = heat if heat.isalnum() else f"({heat})"
    return f"(M - m_i) χ({heat}) < m_i e^{power} for every i (N), M = Σ_j m_j, {least}"


def _name_of(heat: Any) -> str:
    """Write the heat of a model; a number that was put for β by its name."""
    named = heat == beta or heat.is_number
    return "β" if named else written(Rel("=", heat, heat)).partition(" = ")[0]


def _in_scope(heat: Any) -> bool:
    """Whether ``0 <= b`` is a range of β, which the scope of a row says."""
    return bool((heat / beta).is_positive)


def states_of(subject: Subject) -> States | None:
    """Return what is known of the states of a flow or a layer that has an energy of pairs.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> states_of(Subject.of(catalogue("long context"))).heat
    exponent*log(n)
    """
    if subject.kind == "map":
        return layered(subject)
    own = attached(subject)
    return None if isinstance(own, Refusal) else States(own)


def _from_saddles(states: States, *kinds: Callable[[States], Found]) -> Conclusion | None:
    subject = states.subject
    for kind in kinds:
        found = states.meets(kind(states))
        if isinstance(found, Theorem):
            then = All(Is(states.converges, subject), Is(MEETS, subject))
            return claimed(found, then, states.given)
    return None


def _follows(subject: Subject) -> Conclusion | None:
    found = apply(MEETS_FIRST, read(FOLLOWING, subject), assume(ON_CIRCLES))
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, (ON_CIRCLES, HOT))


def following(subject: Subject, count: Any) -> Conclusion | Refusal:
    """Claim that tokens follow the first one, each but from some of its starts: almost all.

    Examples
    --------
    >>> from sympy import Integer
    >>> from theory.models import CAUSAL, SA
    >>> following(Subject.of(CAUSAL), Integer(1)).found.by.name
    'and'
    >>> print(following(Subject.of(SA), Integer(1)).reason)
    earlier tokens: the weights of SA aren't of earlier tokens
    """
    follows = read(FOLLOWING, subject)
    if isinstance(follows, Refusal):
        return follows
    each = apply(EACH_FOLLOWS, follows, count=count)
    found = apply(together, each, apply(MEETS_FIRST, follows, assume(ON_CIRCLES)))
    known = follows.says.arguments
    return claimed(found, All(Is(ALL_BUT, *known, count), Is(FIRST, *known)), (ON_CIRCLES, HOT))


def _of_one_pull(subject: Subject) -> tuple[str, Conclusion] | None:
    """Conclude T7f: at β = 0 tokens meet, whatever their lengths, or under a speed of all."""
    own = attached(subject)
    if isinstance(own, Refusal):
        return None
    found = one_pull(own, States(own).cold())
    if isinstance(found, Refusal):
        return None
    given = (ON_CIRCLES, OFF_CENTRE, solving(subject))
    said = "β = 0, d >= 2: from almost every start all tokens tend to one point"
    if OFF_CENTRE in found.given:
        starts = "from every start with Σ_j m_j x_j ≠ 0, almost every one for d >= 2,"
        said = f"β = 0: {starts} all tokens tend to one point"
    return said, claimed(found, found.says, given)


def _of_plans(row: str, subject: Subject) -> tuple[str, Conclusion] | None:
    """Conclude it of doubly stochastic attention, whose energy is a maximum over plans."""
    own = plans_of(row, subject) if row in ("Theorem 4.3", "Theorem 5.1", "Theorem 6.1") else None
    if own is None:
        return None
    words: list[str] = []
    for one in own.says.given:
        if isinstance(one, Any_):
            words.append(f"d >= 3 or {written(one.args[1], 'text', own.names)}, M = Σ_j m_j")
        elif isinstance(one, Rel) and one.left == 0:
            words.append(f"{_name_of(one.right)} > 0")
        elif isinstance(one, Rel):
            words.append(f"{one.right} >= {one.left}")
    said = "every solution converges, from almost every start to consensus"
    return f"{', '.join(words)}: {said}", own


def saddles_on_circle(subject: Subject, factor: Any, low: Any) -> Conclusion | Refusal:
    """Claim strict saddles for d = 2 from a heat on, why they are, and consensus.

    Examples
    --------
    >>> from sympy import Integer
    >>> from theory.models import SA
    >>> own = saddles_on_circle(Subject.of(SA), Integer(8), LEAST_HEAT)
    >>> len(own.found.says.args)
    3
    """
    states = states_of(subject)
    if states is None:
        return Refusal(f"{subject.name}: no energy of pairs climbs")
    saddles, bends = states.on_circle(low), Is(BENDS_LITTLE, factor, low)
    found = apply(together, saddles, settle(BENDING, bends), states.meets(saddles))
    meets = All(Is(states.converges, subject), Is(MEETS, subject))
    then = All(strict(states.own.pairs), bends, meets)
    return claimed(found, then, (Is(CURVE, subject), Rel("<=", low, states.heat), *states.given))


def starts_in_space(subject: Subject, factor: Any, dimension: Any) -> Conclusion | Refusal:
    """Claim the trace of the second variation, strict saddles from a dimension on, and consensus.

    Parameters
    ----------
    subject : Subject
    factor : Expr
        What the trace of a pair is, over its weight: of ``z``, the inner product.
    dimension : Expr
        The least d.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import z
    >>> for share in ((1 - z) * (d - 2 - z + beta * (1 - z**2)), d - 2 - z):
    ...     own = starts_in_space(Subject.of(SA), share, 3)
    ...     print(own.found.by.name if isinstance(own.found, Theorem) else "refused")
    and
    refused
    """
    states = states_of(subject)
    if states is None:
        return Refusal(f"{subject.name}: no energy of pairs climbs")
    own, inner = states.own, gram(TOKEN, OTHER)
    share = own.weight * factor.xreplace({z: inner})
    try:
        same = settle(EQUAL, Rel("=", turned_pair(own.weight, inner), share))
    except NotConcluded as short:
        return Refusal(str(short))
    saddles = states.in_space(Rel("<=", dimension, d))
    found = apply(together, apply(TRACE, states.form[0], same), saddles, states.meets(saddles))
    meets = All(Is(states.converges, subject), Is(MEETS, subject))
    then = All(traced(own.pairs, share), strict(own.pairs), meets)
    return claimed(found, then, (Is(CURVE, subject), Rel("<=", dimension, d), *states.given))


def _is_from(given: Proposition) -> bool:
    """Whether a hypothesis is that b is at least `LEAST_HEAT`."""
    return isinstance(given, Rel) and given.op == "<=" and given.left == LEAST_HEAT


KINDS: Mapping[str, tuple[Callable[[States], Found], ...]] = {
    "Theorem 4.1": (States.cold, States.tree, States.in_space),
    "circle": (States.tree, States.two, States.cold, States.on_circle),
    "Theorem 4.3": (States.small, States.in_space, States.tree),
    "Theorem 5.1": (States.large, States.in_space, States.tree),
    "Theorem 6.1": (States.in_space, States.tree),
}
"""What is known of saddles in the range that a row is about."""


def almost_every_start(row: str, subject: Subject) -> tuple[str, Conclusion] | None:
    """Conclude consensus from almost every start in the range of a row, and say it.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> said, own = almost_every_start("Theorem 6.1", Subject.of(CAUSAL))
    >>> said
    'd >= 2: from almost every start all tokens tend to x_1(0)'
    """
    own = _follows(subject)
    if own is not None:
        first = own.says.then.arguments[1]
        return f"d >= 2: from almost every start all tokens tend to x_{first}(0)", own
    states, cold = states_of(subject), row == "Theorem 4.1"
    if states is not None and cold and states.heat != 0:
        states = None
    own = None if states is None else _from_saddles(states, *KINDS[row])
    if states is None or own is None:
        return _of_one_pull(subject) if cold else _of_plans(row, subject)
    heat, given = _name_of(states.heat), own.says.given
    warm = Rel("<=", 0, states.heat)
    ranges = [
        words
        for words, known in (
            ("β = 0", cold),
            ("d = 2", CIRCLE in given),
            (f"{heat} > 0", CIRCLE in given and Rel("<", 0, states.heat) in given),
            *((f"{written(one)}, {heat} != 0", True) for one in given if _is_from(one)),
            (written(warm), warm in given and not _in_scope(states.heat)),
            ("d >= 3", IN_SPACE in given),
            ("d >= 2", ON_CIRCLES in given),
            (f"{heat} < -log(1 - min m)", every(TOKEN, small_heat(states.heat)) in given),
            (f"{heat} >= (d-1)(n-1)²/π²", any(one.has(pi) for one in given)),
            *((written(one), True) for one in given if one in states.steps),
            *(
                (f"{written(one.args[0])} or {_narrow_words(heat)}", True)
                for one in given
                if isinstance(one, Any_)
            ),
            (_narrow_words(heat), narrow(states.heat) in given),
        )
        if known
    ]
    each = "orbit" if subject.kind == "map" else "solution"
    said = f"every {each} converges, from almost every start to consensus"
    return f"{', '.join(ranges)}: {said}", own


# -- at β = 0, as the paper says it ----------------------------------------------------------------


def cold_starts(subject: Subject, least: int, null: bool) -> Conclusion | Refusal:
    """Claim of the energy of the barycentre that solutions converge, and which starts meet.

    Parameters
    ----------
    subject : Subject
        At β = 0.
    least : int
        The least d.
    null : bool
        Whether a null set of starts is left out.

    Examples
    --------
    >>> from theory.models import SA
    >>> cold = Subject.of(SA, {beta: 0})
    >>> for null in (True, False):
    ...     own = cold_starts(cold, 2, null)
    ...     print(own.found.says == own.says.then)
    True
    False
    """
    states = states_of(subject)
    if states is None:
        return Refusal("no energy of pairs climbs")
    meets = Is(MEETS, subject) if null else TO_ONE
    then = All(Is(states.converges, subject), meets)
    found = states.meets(states.cold())
    return claimed(found, then, (Rel("<=", least, d),))


def cold_saddles(subject: Subject) -> Conclusion | Refusal:
    """Claim that all critical points but consensus are strict saddles, and consensus a maximum.

    The velocity is the gradient of that energy over factors > 0.

    Examples
    --------
    >>> from theory.models import SA
    >>> cold_saddles(Subject.of(SA, {beta: 0})).found.by.name
    'and'
    """
    states = states_of(subject)
    if states is None:
        return Refusal("no energy of pairs climbs")
    own, still = states.own, read(CURVE_MASSES, subject)
    slope = gradient_of(own, states.unit, still, ())
    if isinstance(slope, Refusal):
        return slope
    most, apart = total(Item(m, TOKEN), TOKEN) ** 2 / 2, Row(X, TOKEN) - Row(X, OTHER)
    rest = total(total(own.weight * Inner(apart, apart) / 4, OTHER), TOKEN)
    below, high = Rel("=", own.energy, most - rest), Rel("<=", 0, rest)
    climbs = Rel("<", 0, own.pace)
    found = apply(
        together,
        states.cold(),
        settle(EQUAL, below, states.unit),
        settle(SIGNS, high, states.mass),
        slope,
        settle(SIGNS, climbs, states.mass),
    )
    then = All(strict(own.pairs), below, high, slope.says, climbs)
    return claimed(found, then, (ON_CIRCLES, Is(CURVE, subject)), (Name("E", own.energy),))
