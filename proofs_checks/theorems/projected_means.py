"""(3.2) and (3.3) of softmaxes at speeds: ``x_i' = s_i P_i Σ_j A_ij x_j``, a mean of the tokens.

A mean is 1 long at most, and so is P_i A_i/|A_i|: a speed that divides by |A_i| leaves the rest of
itself as the bound. Z_i takes x_i' to that of the flow without 1/Z where no speed knows it.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Mul, OneMatrix, S, Symbol, Transpose, exp, sympify

from proofs_checks.proof import Flow
from proofs_checks.propositions import All, Is, Proposition, Rel, Subject
from proofs_checks.theorems.asked import values_in
from proofs_checks.theorems.conclusions import ONE_MASS, Conclusion, claimed
from proofs_checks.theorems.divided_pairs import divisor, mean_of, shares_of
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, WEIGHED, needed, spared
from proofs_checks.theorems.gradients import SHARES
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, rename, together
from proofs_checks.theorems.measure_fields import stated_field
from proofs_checks.theorems.order import (
    ABSOLUTE,
    CHAIN,
    EXPONENTIAL,
    REPLACE,
    SCALE,
    SIZE,
    TOKEN_SUM,
    above,
    of_all,
    wants,
)
from proofs_checks.theorems.pulls import WARM, cosines_of, gram
from proofs_checks.theorems.readers import (
    LIVE_LENGTHS,
    LIVE_MASSES,
    LIVE_MOTION,
    LIVE_STILL,
    LIVE_UNIT,
    LIVES,
    OTHER,
    TOKEN,
    moved_by,
    pulled,
    rooted,
    weights_of,
)
from theory.atoms import RowSoftmax, Sinkhorn, Tangent
from theory.models import Model
from theory.symbols import X, m, n, r, t
from theory.terms import (
    Entry,
    Index,
    Item,
    Name,
    Norm,
    Projected,
    Row,
    ddt,
    entry,
    item,
    moving,
    total,
)
from theory.terms import weight as weight_of

TIMES = Symbol("c", positive=True)
"""What all masses are multiplied by."""
_K = Index("k")
_PRODUCT = gram(TOKEN, OTHER)


def _long(
    motion: Fact,
    unit: Fact,
    whole: Fact,
    positive: Fact,
    sign: Fact | None = None,
    *,
    share: Any,
    speed: Any,
) -> Proposition:
    roots = rooted(motion.says)
    rows = whole, positive
    over = divisor(rows, share, motion.says) if roots else S.One
    if not roots:
        wants(whole, Rel("=", total(share, OTHER), 1))
        above(positive, share)
    wants(motion, pulled(speed * share * over))
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    if OTHER in speed.free_symbols:
        raise NotConcluded(f"{speed} is no speed of one token")
    for fact in (motion, unit, whole, positive):
        of_all(fact, TOKEN, OTHER, t)
    if sign is not None:
        above(sign, speed)
        of_all(sign, TOKEN, t)
    return Rel("<=", Norm(ddt(Row(X, TOKEN))), Abs(speed) if sign is None else speed)


def _same_shares(share: Any) -> Proposition:
    softmax: Any = share.args[0] if isinstance(share, Entry) else S.Zero
    if type(softmax) not in (RowSoftmax, Sinkhorn):
        raise NotConcluded(f"{share} is no share of all tokens")
    others = isinstance(softmax.masses, OneMatrix) and softmax.masses.shape[0] != n
    if softmax.masses != m and not others:
        raise NotConcluded(f"{share} is no share of all tokens by their masses")
    if softmax.scores.has(m):
        raise NotConcluded("masses enter the scores")
    if type(softmax) is Sinkhorn and Transpose(softmax.scores).doit() != softmax.scores:
        raise NotConcluded("the scores aren't symmetric")
    heavy = type(softmax)(softmax.scores, TIMES * softmax.masses)
    return Rel("=", Entry(heavy, *share.args[1:]), share)


LENGTH = Rule(
    "length of a projected mean",
    "x_i' = s_i P_i A_i, or s_i P_i A_i/|A_i|, A_i = Σ_j A_ij x_j; |x_i| = 1; Σ_j A_ij = 1; 0 <= "
    "A_ij: |x_i'| <= |s_i|, which is s_i where 0 <= s_i",
    "|A_i| <= Σ_j A_ij |x_j| = 1, and |P_i v| <= |v|",
    _long,
)
SAME_SHARES = Rule(
    "shares of multiples of the masses",
    "0 < c: A_ij of masses c m_j is A_ij, of a softmax of scores without masses, or of e^(p_i + "
    "S_ij + p_j) m_j of rows that sum to 1, S symmetric; so of another species, m_j = 1",
    "c is above and below the line; potentials are p_i - ½ log c",
    _same_shares,
)


def _live(subject: Subject) -> tuple[Found, Found, Found, tuple[Found, ...]]:
    """Return motion, lengths of tokens, masses of j, and lengths r_i where they move."""
    mass = apply(rename, read(LIVE_MASSES, subject), values={TOKEN: OTHER})
    lengths = (read(LIVE_LENGTHS, subject),) if r in subject.velocities else ()
    return read(LIVE_MOTION, subject), read(LIVE_UNIT, subject), mass, lengths


def _mean_of(weight: Any) -> tuple[Any, Any]:
    """Return A_ij, and s_i without |A_i|, which knows neither masses nor weights."""
    share, speed = mean_of(weight)
    if speed.has(Entry) or speed.has(m):
        raise NotConcluded("masses or weights enter the speed")
    return share, speed


def length_of_mean(subject: Subject) -> Conclusion | None:
    """Claim (3.2): tokens move along a projected mean, |x_i'| <= s_i, and masses c m move them so.

    Examples
    --------
    >>> from proofs_checks.propositions import written
    >>> from theory.models import PRE_LN, USA
    >>> written(length_of_mean(Subject.of(PRE_LN)).says.then.args[1])
    "|x_i'| <= 1/r_i"
    >>> length_of_mean(Subject.of(USA)) is None
    True
    """
    try:
        share, speed = _mean_of(weights_of(subject))
    except NotConcluded:
        return None
    motion, unit, mass, lengths = _live(subject)
    sign = spared(SIGNS, Rel("<=", 0, speed), *lengths)
    spare = isinstance(sign, Refusal) or Abs(speed) == speed
    facts = motion, unit, *shares_of(mass, share), *(() if spare else (sign,))
    long = apply(LENGTH, *facts, share=share, speed=speed)
    found = apply(together, motion, long, apply(SAME_SHARES, share=share))
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, (Is(LIVES, subject),), (Name("A", share, (TOKEN, OTHER)),))


def mean_field(flow: Flow, field: Any, bound: Any) -> Conclusion | Refusal:
    """Claim (3.2) of a field that is stated at ``PROBES``, and a bound of its length.

    Parameters
    ----------
    flow : Flow
    field : MatrixExpr, shape (n, d)
    bound : Expr

    Examples
    --------
    >>> from proofs_checks.proof import MEAN_FIELD
    >>> from theory.models import SA, USA
    >>> own = [mean_field(Flow.of(SA), MEAN_FIELD, bound) for bound in (1, 2, S.Half)]
    >>> [one.found.says == one.says.then for one in own]
    [True, True, False]
    >>> print(mean_field(Flow.of(USA), MEAN_FIELD, 1))
    the velocity is no projected mean of all tokens by their masses
    """
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    own = length_of_mean(Subject.of(flow.model, values))
    if own is None:
        return Refusal("the velocity is no projected mean of all tokens by their masses")
    field = stated_field(field, values)
    if not isinstance(field, Tangent) or field.points != X:
        return Refusal("the field isn't written as a projection")
    parts = [apply(part, own.found, place=place) for place in range(3)]
    claim = Rel("<=", own.says.then.args[1].left, sympify(bound).xreplace(values))
    then = All(moved_by(field.field), claim, own.says.then.args[2])
    wide = _wider(parts[1], claim.right)
    found = apply(together, parts[0], parts[1] if isinstance(wide, Refusal) else wide, parts[2])
    return claimed(found, then, own.says.given, own.names)


# -- (3.3) ---------------------------------------------------------------------------------------


def _taken(weight: Any) -> tuple[Any, Any, Any]:
    """Return the share of the flow with 1/Z, s_i, and b of weights ``m_j e^(b <x_i,x_j>)``."""
    own = [a for a in Mul.make_args(weight) if OTHER in a.free_symbols]
    speed = weight / Mul(*own)
    if speed.has(Entry) or speed.has(m):
        raise NotConcluded("the speed knows the weights")
    if len(own) == 1 and isinstance(own[0], Entry):
        softmax = own[0].args[0]
        if type(softmax) is not RowSoftmax or softmax.masses != m:
            raise NotConcluded("the weights are no shares of all tokens")
        return own[0], speed, _steady(entry(softmax.scores, TOKEN, OTHER))
    kernel = Mul(*own) / Item(m, OTHER)
    if kernel != 1 and not isinstance(kernel, exp):
        raise NotConcluded("the weights aren't exponentials")
    heat = _steady(kernel.args[0] if isinstance(kernel, exp) else S.Zero)
    return Entry(RowSoftmax(heat * X * X.T, m), TOKEN, OTHER), speed, heat


def _steady(score: Any) -> Any:
    """Return b of ``b <x_i,x_j>``."""
    heat = score / _PRODUCT
    if moving(heat.xreplace({t: S.Zero})):
        raise NotConcluded("the scores aren't b <x_i,x_j>")
    return heat


def _kernel(heat: Any, j: Index) -> Any:
    """``m_j e^(b <x_i,x_j>)``."""
    return Item(m, j) * exp(heat * gram(TOKEN, j))


def divisor_of_mean(subject: Subject) -> Conclusion | None:
    """Claim (3.3): Z_i takes x_i' with 1/Z to x_i' without, and e^-|b| M <= Z_i <= e^|b| M.

    Examples
    --------
    >>> from theory.models import SA, USA, catalogue
    >>> [divisor_of_mean(Subject.of(one)) is None for one in (SA, USA, catalogue("nGPT"))]
    [False, False, True]
    """
    try:
        share, speed, heat = _taken(weights_of(subject))
    except NotConcluded:
        return None
    motion, unit, mass, lengths = _live(subject)
    sums = total(_kernel(heat, _K), _K)
    says = Rel("=", sums * speed * share, speed * _kernel(heat, OTHER))
    taken = settle(SHARES, says, *needed(says, lengths))
    found = apply(together, motion, taken, _between(unit, mass, heat, sums))
    if isinstance(found, Refusal):
        return None
    names = (
        Name("Z", sums, (TOKEN,)),
        Name("A", share, (TOKEN, OTHER)),
        Name("M", total(Item(m, OTHER), OTHER)),
    )
    return claimed(found, found.says, (Is(LIVES, subject),), names)


def divided_field(
    flow: Flow, other: Model, divisor: Any, bounds: tuple[Any, Any]
) -> Conclusion | Refusal:
    """Claim (3.3) of a column Z at ``PROBES``: of a flow and another, Z divides one field.

    Parameters
    ----------
    flow : Flow
    other : Model
        Its field is written with the values of the flow.
    divisor : MatrixExpr, shape (n, 1)
    bounds : tuple of Expr
        Where Z lies for mass one, β >= 0.

    Examples
    --------
    >>> from proofs_checks.proof import KERNEL_MASS
    >>> from theory.models import SA, USA
    >>> from theory.symbols import beta
    >>> pairs = (SA, USA), (USA, SA), (SA, SA)
    >>> ends = exp(-beta), exp(beta)
    >>> own = [divided_field(Flow.of(one), other, KERNEL_MASS, ends) for one, other in pairs]
    >>> [one.found.says == one.says.then for one in own]
    [True, True, False]
    """
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    subject, sums = Subject.of(flow.model, values), item(stated_field(divisor, values), TOKEN)
    try:
        weight, beside = weights_of(subject), weights_of(Subject.of(other, values))
        share, _, heat = _taken(weight)
    except NotConcluded as short:
        return Refusal(str(short))
    motion, unit, mass, _ = _live(subject)
    x = Row(X, TOKEN)
    field = Projected(x, total(Row(X, OTHER) * beside, OTHER))
    divided = weight.has(Entry)
    moves = Rel("=", ddt(x) * sums, field) if divided else Rel("=", ddt(x), field * sums)
    meant = settle(WEIGHED, Rel("=", share, weight_of(share)))
    positive = settle(SIGNS, Rel("<", 0, total(_kernel(heat, _K), _K)), mass)
    low, high = (sympify(one).xreplace(values) for one in bounds)
    found = apply(
        together,
        motion,
        settle(EQUAL, moves, motion, meant, positive),
        *_for_one_mass(subject, _between(unit, mass, heat, sums), low, high),
    )
    then = All(pulled(weight), moves, Rel("<=", low, sums), Rel("<=", sums, high))
    names = Name("Z", sums, (TOKEN,)), Name("A", share, (TOKEN, OTHER))
    return claimed(found, then, (Is(LIVES, subject), ONE_MASS, WARM), names)


def _for_one_mass(subject: Subject, between: Found, low: Any, high: Any) -> tuple[Found, Found]:
    """Conclude ``low <= Z_i`` and ``Z_i <= high`` of masses that add up to 1, b >= 0."""
    still = apply(rename, read(LIVE_STILL, subject), values={TOKEN: OTHER})
    whole = apply(CHAIN, apply(TOKEN_SUM, still, index=OTHER), assume(ONE_MASS))
    sides = []
    for place in range(2):
        side = apply(REPLACE, whole, apply(part, between, place=place))
        for size in () if isinstance(side, Refusal) else sorted(side.says.atoms(Abs), key=str):
            sign = spared(SIGNS, Rel("<=", 0, size.args[0]), assume(WARM))
            side = apply(REPLACE, apply(ABSOLUTE, sign, number=size.args[0]), side)
        sides.append(side)
    return _from(low, sides[0]), _wider(sides[1], high)


def _from(low: Any, found: Found) -> Found:
    """Conclude ``c <= b`` from ``a <= b`` where ``c <= a`` is seen."""
    if isinstance(found, Refusal) or found.says.left == low:
        return found
    return apply(CHAIN, _ordered(low, found.says.left), found)


def _wider(found: Found, bound: Any) -> Found:
    """Conclude ``a <= c`` from ``a <= b`` where ``b <= c`` is seen."""
    if isinstance(found, Refusal) or found.says.right == bound:
        return found
    return apply(CHAIN, found, _ordered(found.says.right, bound))


def _ordered(low: Any, high: Any) -> Found:
    """Conclude ``a <= b`` of numbers, or of the exponents of two exponentials, for β >= 0."""
    if isinstance(low, exp) and isinstance(high, exp):
        return apply(EXPONENTIAL, _ordered(low.args[0], high.args[0]))
    room = spared(SIGNS, Rel("<=", 0, high - low), assume(WARM))
    return settle(ADDED, Rel("<=", low, high), room)


def _between(unit: Found, mass: Found, heat: Any, sums: Any) -> Found:
    """``e^-|b| M <= Z_i <= e^|b| M``."""
    sized = apply(SIZE, *cosines_of(unit)[:2], factor=heat)
    whole, size = total(Item(m, OTHER), OTHER), Abs(heat)
    low, high = Rel("<=", exp(-size) * whole, sums), Rel("<=", sums, exp(size) * whole)
    sides: list[Found] = []
    for k, says in enumerate((low, high)):
        power = apply(EXPONENTIAL, apply(part, sized, place=k))
        summed = apply(TOKEN_SUM, apply(SCALE, mass, power), index=OTHER)
        sides.append(settle(ADDED, says, summed))
    return apply(together, *sides)
