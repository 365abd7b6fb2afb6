"""T2 with its constants: tokens of an open hemisphere meet where each weight is bounded below.

For weights ``s(t) m_j e^(β<x_i,x_j>)/(c + Σ_k m_k e^(β<x_i,x_k>))``, β >= 0, such as those of SA
(c = 0, s = 1), of CoD (s = 1/√(1+t)) and of a sink (c = e^sink/n):
D <= D(0) e^(-h λ ∫s), λ = M e^-β/(c + M e^β), M = Σ_j m_j; e^(-2β) for c = 0. For the kernel
alone, as in USA, λ = M e^-β. For pre-LN, where r_i(0) <= R, s = 1/(R + t): D <= D(0)
(1 + t/R)^(-h e^(-2β)); at a pace s, as in LNS, ∫s stands for t. With queries and keys
b = β|QᵀK| stands for β.
"""

from __future__ import annotations

from typing import Any

from sympy import Mul, S, exp, expand, log, oo

from proofs_checks.propositions import Proposition, Rel, Subject, Tends
from proofs_checks.theorems.attraction import (
    LEAST_EXPONENTIAL,
    OPERATOR_NORM,
    SEVERAL,
    UNIT_PRODUCT,
)
from proofs_checks.theorems.engines import (
    EQUAL,
    POSITIVE,
    SIGNS,
    VANISHES,
    WEIGHED,
    known_sign,
)
from proofs_checks.theorems.kernel import Found, NotConcluded, Refusal, apply, assume, read, settle
from proofs_checks.theorems.lengths import LENGTH, SHORT, R, last, positive_length, reached
from proofs_checks.theorems.logic import part, rename, together
from proofs_checks.theorems.order import EXPONENTIAL, PRIMITIVE, SCALE, START
from proofs_checks.theorems.pulls import G0, HIGH, UNIT_AXIS, H, Pull
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    MASSES,
    OTHER,
    POSITIVE_LENGTHS,
    ROOTED,
    TOKEN,
    rooted,
    solving,
    weights_of,
)
from theory.symbols import beta, m, r, t
from theory.terms import (
    Entry,
    Image,
    Inner,
    Item,
    Number,
    at,
    ddt,
    denominators,
    entry,
    moving,
    total,
    weight,
)

WARM = Rel("<=", 0, beta)
OURS = (H, G0, R)
"""What hypotheses on starts name: of a parameter of the same name they would say it too."""


def pull_of(subject: Subject) -> Pull | Refusal:
    """Return what is concluded of a model in pull form, or why it isn't one.

    Examples
    --------
    >>> from theory.models import SA
    >>> print(pull_of(Subject.of(SA)).unit)
    |x_i| = 1 (given: X solves SA for all t >= 0)
    """
    if taken := {str(name) for name in subject.free_symbols} & set(map(str, OURS)):
        return Refusal(f"{', '.join(sorted(taken))} is a parameter of the model and a name of ours")
    try:
        weights = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    says, masses = Rel("<=", 0, weights), read(MASSES, subject)
    defined = (read(POSITIVE_LENGTHS, subject),) if weights.has(LENGTH) else ()
    if rooted(weights):
        defined = (*defined, read(ROOTED, subject))
    positive = settle(SIGNS, says, masses, *defined)
    if isinstance(positive, Refusal):
        positive = settle(SIGNS, says, masses, *defined, assume(WARM))
    return Pull(subject, weights, positive, defined)


def _parts(pull: Pull) -> tuple[Any, Any]:
    """Split p_ij in a speed and a weight: an entry of a softmax, or ``m_j e^(S_ij)``."""
    factors = Mul.make_args(pull.weight)
    entries = [factor for factor in factors if isinstance(factor, Entry)]
    powers = [factor for factor in factors if isinstance(factor, exp) and factor.has(Inner)]
    mass = Item(m, OTHER)
    if len(entries) + len(powers) != 1 or (powers and mass not in factors):
        raise NotConcluded("the weights aren't a speed times those of a softmax, or its kernel")
    share = Mul(*entries, *powers, *([mass] if powers else []))
    speed = pull.weight / share
    if _pace(speed).has(Number):
        raise NotConcluded(f"the speed {speed} is no function of t alone, over r_i or not")
    return speed, share


def _pace(speed: Any) -> Any:
    """Return s of a speed ``s`` or ``s/r_i``."""
    return speed * LENGTH if speed.has(LENGTH) else speed


def _scores(pull: Pull, score: Any) -> tuple[Found, Found]:
    """``-b <= S_ij`` and ``S_ij <= b`` for S_ij = β<x_i, x_j> or β<x_i, M x_j>."""
    inner = [factor for factor in Mul.make_args(score) if isinstance(factor, Inner)]
    if len(inner) != 1 or moving(score / inner[0]):
        raise NotConcluded("the scores aren't a constant times <x_i,x_j> or <x_i,M x_j>")
    other = apply(rename, pull.unit, values={TOKEN: OTHER})
    maps = [arm.args[0] for arm in inner[0].args if isinstance(arm, Image)]
    if maps:
        both = apply(OPERATOR_NORM, pull.unit, other, map=maps[0])
    else:
        both = apply(UNIT_PRODUCT, pull.unit, other)
    factor = settle(SIGNS, Rel("<=", 0, score / inner[0]), assume(WARM))
    low, high = (apply(SCALE, factor, apply(part, both, place=k)) for k in (0, 1))
    return low, high


def least_weight(pull: Pull) -> Found:
    """``s m_j e^(-b)/(c + e^b Σ_k m_k) <= p_ij``, or ``s m_j e^(-b) <= p_ij`` without a softmax."""
    try:
        speed, share = _parts(pull)
        mass = apply(rename, read(MASSES, pull.subject), values={TOKEN: OTHER})
        if isinstance(share, Entry):
            least = _least_share(pull, share, mass)
        else:
            low, _ = _scores(pull, (share / Item(m, OTHER)).args[0])
            sign = settle(SIGNS, Rel("<=", 0, Item(m, OTHER)), mass)
            least = apply(SCALE, sign, apply(EXPONENTIAL, low))
    except (NotConcluded, ValueError) as short:
        return Refusal(str(short))
    if speed == 1:
        return least
    if speed.has(LENGTH):
        return last(pull, share, least, _pace(speed))
    return apply(SCALE, settle(SIGNS, Rel("<=", 0, speed)), least)


def _least_share(pull: Pull, share: Entry, mass: Found) -> Found:
    """``m_j e^(-b)/(c + e^b Σ_k m_k) <= A_ij``."""
    meant = weight(share)
    score = entry(share.args[0].scores, TOKEN, OTHER)
    low, high = _scores(pull, score)
    above = Item(m, OTHER) * exp(score)
    extra = settle(SIGNS, Rel("<=", 0, above / meant - total(above, OTHER)))
    weights = settle(WEIGHED, Rel("=", share, meant))
    return apply(LEAST_EXPONENTIAL, weights, low, high, mass, extra, i=TOKEN, j=OTHER)


def _clock(pull: Pull, least: Found) -> tuple[Any, tuple[Found, ...], tuple[Found, ...]]:
    """Return ``F = λ ∫s``, the equations that say so, and the signs of its denominators."""
    if isinstance(least, Refusal):
        raise NotConcluded(least.reason)
    speed, share = _parts(pull)
    pace, lengths = _pace(speed), speed.has(LENGTH)
    way = reached(pace)
    longest = R + way if lengths else S.One
    column, speed = least.says.left * longest / pace, pace / longest
    masses = total(Item(m, OTHER), OTHER)
    rate = masses * column / Item(m, OTHER)
    constant = rate.xreplace({masses: total(at(Item(m, OTHER)), OTHER)})
    if moving(constant):
        raise NotConcluded(f"{rate} isn't constant")
    equations: tuple[Found, ...] = ()
    signs: tuple[Found, ...] = ()
    if constant != rate:
        equations = (read(CONSTANT_MASSES, pull.subject),)
        signs = (apply(START, read(MASSES, pull.subject)),)
    if not moving(speed):
        return constant * speed * t, equations, signs
    own, rest = speed.as_independent(t)
    clock, room = way, tuple[Found, ...]()
    if lengths:
        ratio = 1 + expand(way / R)
        if known_sign(ratio, ()) != POSITIVE:  # its terms don't show that it is
            ratio, room = longest / R, (positive_length(pull, share, pace),)
        clock = log(ratio)
    primitive = apply(PRIMITIVE, settle(EQUAL, Rel("=", ddt(clock / own), rest), *room))
    return constant * clock, (*equations, primitive), (*signs, *room)


def common_sight_given(subject: Subject) -> tuple[Proposition, ...]:
    """Return what `common_sight` takes as given."""
    lengths = (SHORT,) if r in subject.velocities else ()
    return solving(subject), UNIT_AXIS, HIGH, SEVERAL, WARM, *lengths


def common_sight(subject: Subject) -> Found:
    """Conclude ``D <= D(0) e^(-hF)``, and that all tokens tend to one point."""
    pull = pull_of(subject)
    if isinstance(pull, Refusal):
        return pull
    least = least_weight(pull)
    try:
        clock, equations, signs = _clock(pull, least)
    except NotConcluded as short:
        return Refusal(str(short))
    fast = pull.at_rate(least, clock, equations, signs if denominators(clock) else ())
    if isinstance(fast, Refusal):
        return fast
    limit = settle(VANISHES, Tends(fast.says.right, S.Zero, oo), *signs)
    return apply(together, fast, pull.meets(fast, limit))
