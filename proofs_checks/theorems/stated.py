"""Energies that models state: velocities that are their gradients, in a metric that is claimed.

Of E = Σ_i Σ_j e_ij and x_i' = P_i Σ_j p_ij v_j, v_j = x_j or M x_j for a symmetric M, it is enough
that g_i p_ij = w_ij = w_ji, where e_ij' = w_ij <x_i,v_j>'/2; no primitive is looked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, MatrixSymbol, Mul, exp

from proofs_checks.proof import Flow
from proofs_checks.propositions import All, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.asked import subject_in
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import PairEnergy, gradient_of, heated
from proofs_checks.theorems.engines import EQUAL, SIGNS, undefined
from proofs_checks.theorems.existence import (
    LASTS,
    REST_AT_LIMIT,
    RESTS,
    lasting_solutions,
    smooth_at_states,
)
from proofs_checks.theorems.gradients import MOVES, SYMMETRIC
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
from proofs_checks.theorems.key_energies import Keyed, keyed, with_keys
from proofs_checks.theorems.logic import discharge, together
from proofs_checks.theorems.order import CHAIN, TURNED
from proofs_checks.theorems.plan_gradients import plan_slope
from proofs_checks.theorems.plans import Plans
from proofs_checks.theorems.pulls import Pull
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    CURVE,
    CURVE_MASSES,
    CURVE_POSITIVE,
    CURVE_UNIT,
    MASSES,
    OTHER,
    STATE,
    STATE_UNIT,
    TOKEN,
    UNIT,
    VALUED,
    pulled,
    solving,
    values_of,
)
from theory.symbols import X, m
from theory.terms import (
    Entry,
    Image,
    Index,
    Inner,
    Item,
    Name,
    Row,
    TokenSum,
    ddt,
    item,
    scalar,
    total,
)

_PLACE = Dummy("z", real=True)
OfEnergy = Callable[[Subject, Any, Any, frozenset[MatrixSymbol]], Conclusion | Refusal]


def _opened(term: Any, index: Index) -> Any:
    """Return what is summed over tokens, of a number times one sum."""
    sums = [one for one in Mul.make_args(term) if isinstance(one, TokenSum) and not one.but]
    if len(sums) != 1:
        raise NotConcluded("the energy isn't a sum over pairs of tokens")
    return Mul(*(one for one in Mul.make_args(term) if one != sums[0])) * sums[0].opened(index)


def pairs_of(energy: Any) -> Any:
    """Return e_ij of an energy ``Σ_i Σ_j e_ij``, as it is stated.

    Raises
    ------
    NotConcluded
        For an energy of another form.

    Examples
    --------
    >>> from theory.energy import interaction_energy
    >>> from theory.symbols import z
    >>> pairs_of(interaction_energy(z)).has(Inner(Row(X, TOKEN), Row(X, OTHER)))
    True
    """
    value = scalar(energy)
    if value is None:
        raise NotConcluded("the energy isn't a sum over tokens")
    return pairs_in(value)


def pairs_in(value: Any) -> Any:
    """Return e_ij of a number ``Σ_i Σ_j e_ij``."""
    return _opened(_opened(value, TOKEN), OTHER)


def energy_in(subject: Subject, energy: Any, metric: Any) -> PairEnergy:
    """Hold the velocity of a model against an energy and a column g of a metric.

    Raises
    ------
    NotConcluded
        Where the velocity is no pull, the energy isn't one of pairs, or g may have no value.
    """
    pace = item(metric, TOKEN)
    if lost := undefined((pace,), ()):
        raise NotConcluded(f"the weights of the speeds are divided by {lost[0]}, which may be 0")
    weight, value = values_of(subject)
    product = Inner(Row(X, TOKEN), value)
    pairs = pairs_of(energy)
    slope = pairs.xreplace({product: _PLACE}).diff(_PLACE).xreplace({_PLACE: product})
    pull = Pull(subject, weight, Refusal("no sign is asked"))
    return PairEnergy(pull, pairs, 2 * slope, pace, product)


@dataclass(frozen=True)
class _Stated:
    """A stated energy held against a velocity: its value, the velocity, g_i, and E'.

    Attributes
    ----------
    energy, pace : Expr
    motion : Rel
        ``x_i' = v_i``.
    moves : Theorem or Refusal
        That it is so of solutions.
    slopes : tuple of Theorem or Refusal
        ``E' = Σ_i g_i <x_i', v_i>``, of curves and of solutions.
    given : tuple of Proposition
    names : tuple of Name
    """

    energy: Any
    pace: Any
    motion: Rel
    moves: Found
    slopes: tuple[Found, Found]
    given: tuple[Proposition, ...]
    names: tuple[Name, ...]


def _held(
    subject: Subject, energy: Any, metric: Any, symmetric: frozenset[MatrixSymbol]
) -> _Stated:
    """Hold a velocity against an energy of pairs, of plans, or of tokens that see keys."""
    try:
        plans = Plans(subject), Plans(subject, solved=True)
    except NotConcluded:
        if X in subject.spaces and len(subject.spaces) == 2:
            return _of_keys(keyed(subject, energy, item(metric, TOKEN)))
        return _of_pairs(energy_in(subject, energy, metric), symmetric)
    value, pace = scalar(energy), item(metric, TOKEN)
    if value is None:
        raise NotConcluded("the energy isn't a sum over tokens")
    curve, solution = (plan_slope(one, value, pace) for one in plans)
    share, warm = plans[0].share, Rel("<", 0, plans[0].heat)
    names = Name("E", value), Name("A", share, (TOKEN, OTHER))
    motion = pulled(plans[0].pace * share)
    moves = read(VALUED, subject)
    return _Stated(value, pace, motion, moves, (curve, solution), (warm,), names)


def _of_keys(own: Keyed) -> _Stated:
    slopes = own.slope(curve=True), own.slope(curve=False)
    names = Name("E", own.energy), Name("A", own.share, own.share.args[1:])
    hot = tuple(one.says for one in heated(own.energy) if isinstance(one, Theorem))
    return _Stated(own.energy, own.pace, own.says, own.motion, slopes, hot, names)


def _of_pairs(own: PairEnergy, symmetric: frozenset[MatrixSymbol]) -> _Stated:
    value = next(one for one in own.product.args if one != Row(X, TOKEN))
    even = (assume(Is(SYMMETRIC, value.args[0])),) if isinstance(value, Image) else ()
    known = (CURVE_UNIT, CURVE_MASSES), (UNIT, CONSTANT_MASSES)
    subject = own.pull.subject
    curve, solution = (
        gradient_of(own, read(unit, subject), read(still, subject), (), *even)
        for unit, still in known
    )
    hot = (one.says for one in heated(own.pairs) if isinstance(one, Theorem))
    given = *hot, *(Is(SYMMETRIC, one) for one in sorted(symmetric, key=str))
    entries = own.pull.weight.atoms(Entry)
    names = Name("E", own.energy), *(Name("A", one, (TOKEN, OTHER)) for one in entries)
    motion = pulled(own.pull.weight, value)
    moves = read(VALUED, subject)
    return _Stated(own.energy, own.pace, motion, moves, (curve, solution), given, names)


def in_metric(
    subject: Subject, energy: Any, metric: Any, symmetric: frozenset[MatrixSymbol]
) -> Conclusion | Refusal:
    """``x_i' = v_i`` of solutions; ``0 < g_i``, ``E' = Σ_i g_i <x_i',v_i>`` of curves: v is grad E.

    Parameters
    ----------
    subject : Subject
    energy : MatrixExpr, shape (1, 1)
    metric : MatrixExpr, shape (n, 1)
        g.
    symmetric : frozenset of MatrixSymbol
        Matrices that are taken to be symmetric.

    Examples
    --------
    >>> from theory.models import USA
    >>> from theory.symbols import m
    >>> own = in_metric(Subject.of(USA), USA.energy, m, frozenset())
    >>> print(own.found.by.name)
    and
    """
    try:
        own = _held(subject, energy, metric, symmetric)
    except NotConcluded as short:
        return Refusal(str(short))
    curve, (slope, _) = Is(CURVE, subject), own.slopes
    above = Rel("<", 0, own.pace)
    metric_of = settle(SIGNS, above, read(CURVE_POSITIVE, subject))
    found = apply(
        together,
        apply(discharge, own.moves, hypothesis=solving(subject)),
        apply(discharge, apply(together, metric_of, slope), hypothesis=curve),
    )
    change = Inner(ddt(Row(X, TOKEN)), own.motion.right)
    rate = Rel("=", ddt(own.energy), total(own.pace * change, TOKEN))
    then = All(Implies(solving(subject), own.motion), Implies(curve, All(above, rate)))
    return claimed(found, then, own.given, (Name("v", own.motion.right, (TOKEN,)), *own.names))


def dissipating(
    subject: Subject, energy: Any, metric: Any, symmetric: frozenset[MatrixSymbol]
) -> Conclusion | Refusal:
    """``E' = Σ_i g_i |x_i'|²`` along solutions, for g of any sign.

    Parameters
    ----------
    subject, energy, metric, symmetric
        As `in_metric` has them.

    Examples
    --------
    >>> from theory.models import USA
    >>> from theory.symbols import m
    >>> dissipating(Subject.of(USA), USA.energy, m, frozenset()).found.by.name
    'moving along a gradient'
    >>> dissipating(Subject.of(USA), USA.energy, -m, frozenset()).found.says is None
    True
    """
    try:
        own = _held(subject, energy, metric, symmetric)
    except NotConcluded as short:
        return Refusal(str(short))
    moved = ddt(Row(X, TOKEN))
    found = apply(MOVES, own.slopes[1], own.moves, i=TOKEN)
    rate = Rel("=", ddt(own.energy), total(own.pace * Inner(moved, moved), TOKEN))
    return claimed(found, rate, (solving(subject), *own.given), own.names)


def rising(
    subject: Subject, energy: Any, metric: Any, symmetric: frozenset[MatrixSymbol]
) -> Conclusion | Refusal:
    """``E' = Σ_i g_i |x_i'|²`` and ``0 <= E'`` along solutions.

    Parameters
    ----------
    subject, energy, metric, symmetric
        As `in_metric` has them.

    Examples
    --------
    >>> from theory.models import USA
    >>> from theory.symbols import m
    >>> rising(Subject.of(USA), USA.energy, m, frozenset()).found.by.name
    'and'
    """
    own = dissipating(subject, energy, metric, symmetric)
    if isinstance(own, Refusal):
        return own
    rate = own.says.then
    assert isinstance(rate, Rel)  # as it is claimed
    sign = settle(SIGNS, Rel("<=", 0, rate.right), read(MASSES, subject))
    found = apply(together, own.found, apply(CHAIN, sign, apply(TURNED, own.found)))
    return claimed(found, All(rate, Rel("<=", 0, rate.left)), own.says.given, own.names)


def in_metric_growing(
    subject: Subject, energy: Any, metric: Any, symmetric: frozenset[MatrixSymbol]
) -> Conclusion | Refusal:
    """`in_metric` and `dissipating`.

    Parameters
    ----------
    subject, energy, metric, symmetric
        As `in_metric` has them.

    Examples
    --------
    >>> from theory.models import USA
    >>> from theory.symbols import m
    >>> in_metric_growing(Subject.of(USA), USA.energy, m, frozenset()).found.by.name
    'and'
    """
    return _joined((in_metric, dissipating), (subject, energy, metric, symmetric))


def _joined(
    claims: tuple[OfEnergy, ...], what: Any, more: tuple[tuple[Found, Proposition], ...] = ()
) -> Conclusion | Refusal:
    """Claim several at once, and more that is found beside them."""
    parts = [claim(*what) for claim in claims]
    own = [one for one in parts if isinstance(one, Conclusion)]
    if len(own) < len(parts):
        return next(one for one in parts if isinstance(one, Refusal))
    found = apply(together, *(one.found for one in own), *(one for one, _ in more))
    then = All(*(one.says.then for one in own), *(says for _, says in more))
    given = [says for one in own for says in one.says.given]
    names = dict.fromkeys(name for one in own for name in one.names)
    return claimed(found, then, tuple(given), tuple(names))


def ascends(
    subject: Subject, energy: Any, metric: Any, symmetric: frozenset[MatrixSymbol]
) -> Conclusion | Refusal:
    """Gradient ascent: `in_metric` and `rising`; solutions last for ever, and limits are at rest.

    Parameters
    ----------
    subject, energy, metric, symmetric
        As `in_metric` has them.

    Examples
    --------
    >>> from theory.models import USA
    >>> from theory.symbols import m
    >>> ascends(Subject.of(USA), USA.energy, m, frozenset()).found.by.name
    'and'
    """
    more = (
        (lasting_solutions(subject), Is(LASTS, subject)),
        (apply(REST_AT_LIMIT, smooth_at_states(subject)), Is(RESTS, subject)),
    )
    return _joined((in_metric, rising), (subject, energy, metric, symmetric), more)


def of_stated(
    claim: OfEnergy, flow: Flow, metric: Any, symmetric: frozenset[MatrixSymbol]
) -> Conclusion | Refusal:
    """Say it of the energy that a flow states: `in_metric`, `dissipating`, `rising`, `ascends`.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> from theory.symbols import m
    >>> print(of_stated(rising, Flow.of(CAUSAL), m, frozenset()))
    the model states no energy
    """
    subject, energy = subject_in(flow), flow.model.energy
    if isinstance(subject, Refusal):
        return subject
    if energy is None:
        return Refusal("the model states no energy")
    found = claim(subject, energy, metric, symmetric)
    if isinstance(found, Conclusion) and isinstance(found.found, Theorem):
        return found
    beside = with_keys(flow)
    seen = Refusal("no keys") if beside is None else claim(beside, energy, metric, symmetric)
    return found if isinstance(seen, Refusal) else seen


@dataclass(frozen=True)
class OfStated:
    """Say of the stated energy what a theorem on energies of pairs says, for a column g.

    Attributes
    ----------
    claim : callable
        `dissipating`, `rising`, `in_metric` or `ascends`.
    """

    claim: OfEnergy

    def __call__(self, flow: Flow, metric: Any) -> Conclusion | Refusal:
        """Return what is concluded. A partial function would be no equal of its copy."""
        symmetric = frozenset(p for p in flow.model.parameters if flow.is_symmetric(p))
        return of_stated(self.claim, flow, metric, symmetric)


def by_distances(
    subject: Subject, energy: Any, factor: Any, exponent: Any, norm: Any
) -> Conclusion:
    """``E = Σ_i Σ_j m_i m_j f e^(c |ρ x_i - ρ x_j|²)`` at a state, as it is claimed.

    Parameters
    ----------
    subject : Subject
    energy : MatrixExpr, shape (1, 1)
        E, a sum over pairs.
    factor, exponent, norm : Expr
        f, c and ρ.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.energy import ENERGY
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> own = by_distances(Subject.of(SA), ENERGY, exp(beta) / (2 * beta), -beta / 2, 1)
    >>> own.found.by.name
    'algebra of tokens'
    """
    pairs = pairs_of(energy)
    apart = norm * (Row(X, TOKEN) - Row(X, OTHER))
    pair = Item(m, TOKEN) * Item(m, OTHER) * factor * exp(exponent * Inner(apart, apart))
    then = Rel("=", *(total(total(one, OTHER), TOKEN) for one in (pairs, pair)))
    hot = [one for one in heated(pairs) if isinstance(one, Theorem)]
    found = settle(EQUAL, then, read(STATE_UNIT, subject), *hot)
    return claimed(found, then, (Is(STATE, subject), *(one.says for one in hot)))
