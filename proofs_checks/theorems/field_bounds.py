"""(3.2), (4.4), (4.5) and the Lipschitz bound of sums of heads and layers of any matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Rational, S, exp

from proofs_checks.propositions import All, Is, Proposition, Rel, Subject, conjuncts
from proofs_checks.theorems.averages import MEAN_SIZE
from proofs_checks.theorems.chords import within
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, needed, spared
from proofs_checks.theorems.field_pairs import ALL_COMPARED, FIELDS_HEATED, FIELDS_PART
from proofs_checks.theorems.field_parts import (
    FASTEST_OF,
    FORMED,
    HEAD_SPEED,
    HEADS_DIFFER,
    IMAGE_LENGTH,
    LAYER_SIZE,
    LAYER_SPEED,
    MULTIPLE_LENGTH,
    PRODUCT_SIZE,
    PRODUCT_SPEED,
    PROJECTED_LENGTH,
    RESTING,
    SUM_LENGTH,
    SUMS_DIFFER,
    activation,
    sizes_there,
)
from proofs_checks.theorems.field_states import (
    BALLS,
    CONSTANTS,
    FIELDS,
    HEATED_UNITS,
    LIVE_FIELDS,
    LIVE_STATES,
    SAME_START,
    apart,
    blocks_of,
    field_row,
    head_of,
    heats_of,
    keys_within,
    moving_of,
    pair_of,
    second,
    terms_of,
)
from proofs_checks.theorems.heat_gap import cooled
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import discharge, part, rename, together
from proofs_checks.theorems.near_the_angle import PARTED
from proofs_checks.theorems.order import CHAIN, REPLACE, SCALE, SIZE
from proofs_checks.theorems.projected_means import SAME_SHARES
from proofs_checks.theorems.readers import LIVES, OTHER, TOKEN
from proofs_checks.theorems.row_sums import adding_up
from proofs_checks.theorems.species import places
from theory.atoms import RowSoftmax
from theory.symbols import X, beta, t
from theory.terms import (
    Image,
    Inner,
    Multiple,
    Name,
    Row,
    VectorSum,
    ddt,
    entry,
    moving,
)


class Parts:
    """What is known of heads and layers at states of a model: in the balls, or along a solution."""

    def __init__(self, subject: Subject, states: Reader = BALLS) -> None:
        self.subject, self.moves = subject, moving_of(subject)
        known = read(states, subject)
        rests = [one for one in blocks_of(subject) if one not in self.moves]
        own = [apply(part, known, place=place) for place in range(len(self.moves) + len(rests) + 1)]
        self.lengths = dict(zip(self.moves, own, strict=False))
        self.still = dict(zip(rests, own[len(self.moves) :], strict=False))
        self.lengths |= {
            block: apply(RESTING, still, assume(keys_within(block)))
            for block, still in self.still.items()
        }
        self.mass = own[-1]
        constants = read(CONSTANTS, subject) if states is BALLS else None
        self.constants = _split(constants)
        self.masses_rest = apply(part, known, place=len(own))  # said in the balls alone

    def _length(self, v: Row) -> Found:
        block, index = v.args
        return apply(rename, self.lengths[block], values={places(block)[0]: index})

    def _speed(self, v: Row) -> Found:
        """``|v'| <= max_k |v_k'|`` of a token, or ``v = v(0)`` of a key."""
        block, index = v.args
        if block in self.still:
            return apply(rename, self.still[block], values={places(block)[0]: index})
        return apply(FASTEST_OF, block=block, place=places(block).index(index))

    def _value(self, value: Any, speed: bool = False) -> Found:
        """``|V c_j|``, or how fast it moves."""
        if not isinstance(value, Image):
            return self._speed(value) if speed else self._length(value)
        through, v = value.args
        if speed and v.args[0] in self.still:
            return self._speed(v)
        inside = self._speed(v) if speed else self._length(v)
        return apply(IMAGE_LENGTH, inside, through=through)

    def _product(self, score: Any) -> tuple[Any, list[Any]]:
        """Return the product that a score is a multiple of, and the two vectors in it."""
        products = sorted(score.atoms(Inner), key=str)
        if len(products) != 1 or moving(score / products[0]):
            raise NotConcluded("scores aren't multiples of inner products")
        inside = (one.args[1] if isinstance(one, Image) else one for one in products[0].args)
        return products[0], list(inside)

    def _rests(self, product: Any) -> list[Found]:
        """Return that matrices stay, where their shape doesn't say so."""
        return [self.constants[a.args[0]] for a in product.args if a.args[0] in self.constants]

    def sized(self, score: Any) -> Found:
        """``|S_ij| <= N``."""
        product, rows = self._product(score)
        known = *map(self._length, rows), *self._rests(product)
        sized = apply(PRODUCT_SIZE, *known, product=product)
        sides = (apply(part, sized, place=place) for place in (0, 1))
        return apply(SIZE, *sides, factor=score / product)

    def _sloped(self, score: Any) -> Found:
        """``|S_ij'| <= r``, and ``S' = 0`` of a score that is 0."""
        if score == 0:
            return settle(EQUAL, Rel("=", ddt(score), 0))
        product, rows = self._product(score)
        known = *map(self._length, rows), *map(self._speed, rows), *self._rests(product)
        moves = apply(PRODUCT_SPEED, *known, product=product)
        sides = (apply(part, moves, place=place) for place in (0, 1))
        sized = apply(SIZE, *sides, factor=score / product)
        if isinstance(sized, Refusal):
            return sized
        says = within(ddt(score), sized.says.args[1].right)
        own = (apply(part, sized, place=place) for place in (0, 1))
        return apply(together, *map(lambda a, b: settle(ADDED, a, b), says.args, own))

    def _of_head(self, term: Any, speed: bool) -> Found:
        share, value, j = head_of(term)
        sign, whole = adding_up(share, 1, (self.mass,), j)
        if not speed:
            mean = apply(MEAN_SIZE, sign, self._value(value), weight=share, index=j)
            return apply(REPLACE, whole, mean)
        slope = self._sloped(entry(share.args[0].scores, *share.args[1:]))
        own = self._value(value), self._value(value, speed=True), slope
        return apply(HEAD_SPEED, self.mass, self.masses_rest, *own, head=term)

    def _of_layer(self, term: Any, speed: bool) -> Found:
        x, says = Row(X, term.args[1]), activation(term, *sizes_there(term))[speed]
        known = settle(FORMED, says)
        known = assume(says) if isinstance(known, Refusal) else known
        if speed:
            return apply(LAYER_SPEED, self._length(x), self._speed(x), known, layer=term)
        return apply(LAYER_SIZE, self._length(x), known, layer=term)

    def bound(self, field: Any, speed: bool = False) -> Found:
        """``|F_i| <= a``, or ``|F_i'| <= Σ_c L_c max_k |c_k'|``."""
        if isinstance(field, VectorSum):
            terms = [self.bound(one, speed) for one in field.args]
            return apply(SUM_LENGTH, *terms, whole=field)
        if isinstance(field, Multiple):
            return apply(MULTIPLE_LENGTH, self.bound(field.args[1], speed), factor=field.args[0])
        return (
            self._of_layer(field, speed) if isinstance(field, Row) else self._of_head(field, speed)
        )

    def gap(self, field: Any, cold: Any) -> Found:
        """``|F_i - G_i| <= f`` of a field and that at β = 0, at one state."""
        parts, others = (a.args if isinstance(a, VectorSum) else (a,) for a in (field, cold))
        left, pairs = list(others), []
        for one in parts:
            own = _cooled(one)
            if own not in left:
                return Refusal(f"{own} is no term at β = 0")
            left.remove(own)
            pairs.append((one, own))
        facts = [self._gap(*pair) for pair in pairs if pair[0] != pair[1]]
        return apply(SUMS_DIFFER, *facts, pairs=tuple(pairs), hot=field, cold=cold)

    def _gap(self, hot: Any, cold: Any) -> Found:
        if isinstance(hot, Multiple) and isinstance(cold, Multiple):
            return self._gap(hot.args[1], cold.args[1])
        (share, value, _), (other, *_) = head_of(hot), head_of(cold)
        one, two = (a.args[0].scores for a in (share, other))
        score = entry(one, *share.args[1:]) - entry(two, *share.args[1:])
        known = self.mass, self._value(value), self.sized(score)
        return apply(HEADS_DIFFER, *known, hot=hot, cold=cold)


def _split(constants: Found | None) -> dict[Any, Found]:
    """Return that each matrix stays, by the matrix."""
    if not isinstance(constants, Theorem):
        return {}
    each = zip(conjuncts(constants.says), _apart(constants), strict=True)
    return {one.arguments[0]: found for one, found in each}


def _apart(found: Theorem) -> list[Found]:
    """Return theorems of what one says beside one another."""
    if not isinstance(found.says, All):
        return [found]
    return [apply(part, found, place=place) for place in range(len(found.says.args))]


def _asked(ask: Callable[[], Conclusion | None]) -> Conclusion | None:
    """Return what is claimed; None of a model that isn't made of heads and layers."""
    try:
        return ask()
    except NotConcluded:
        return None


def _besides(found: Found) -> tuple[Proposition, ...]:
    """Return what is given of keys, of what layers apply, and of parameters."""
    given = () if isinstance(found, Refusal) else sorted(found.given, key=str)
    return tuple(one for one in given if not isinstance(one, Is))


def _names(subject: Subject) -> tuple[Name, ...]:
    shares: dict[Any, None] = {}
    for block in moving_of(subject):
        for field in terms_of(field_row(subject, block)):
            try:
                share, *_ = head_of(field)
            except NotConcluded:
                continue
            shares[share] = None
    letters = zip("ABCDEFGH", shares, strict=False)
    return tuple(Name(letter, share, share.args[1:]) for letter, share in letters)


def _cooled(term: Any) -> Any:
    """Return a term at β = 0, its scores multiplied out."""
    put = term.xreplace({beta: S.Zero})
    return put.xreplace({a: a.func(a.scores.doit(), *a.args[1:]) for a in put.atoms(RowSoftmax)})


def heats_over(subject: Subject) -> dict[Any, Any] | None:
    """Return h of scores h <x_i,c_j> of the heads of X, by the species c; None of other heads.

    Examples
    --------
    >>> from theory.models import ENCODER_DECODER, LOW_RANK_HEADS
    >>> {str(c): h for c, h in heats_over(Subject.of(ENCODER_DECODER)).items()}
    {'X': beta, 'Y': beta}
    >>> heats_over(Subject.of(LOW_RANK_HEADS)) is None
    True
    """
    found = {}
    try:
        blocks_of(subject)
        terms = terms_of(field_row(subject, X))
        for term in terms:
            share, value, _ = head_of(term)
            score = entry(share.args[0].scores, *share.args[1:])
            if not isinstance(value, Row) or moving(heat := score / Inner(Row(X, TOKEN), value)):
                return None
            found[value.args[0]] = heat
    except NotConcluded:
        return None
    return found if len(found) == len(terms) else None


# -- (3.2) ---------------------------------------------------------------------------------------


def length_of_field(subject: Subject) -> Conclusion | None:
    """Claim (3.2): tokens move along a projected sum, no faster than it is long; masses c m too.

    Examples
    --------
    >>> from proofs_checks.propositions import written
    >>> from theory.models import ENCODER_DECODER, USA
    >>> own = length_of_field(Subject.of(ENCODER_DECODER))
    >>> [written(one) for one in own.says.then.args if one.op == "<="]
    ["|x_i'| <= 2", "|y_a'| <= 1"]
    >>> length_of_field(Subject.of(USA)) is None
    True
    """
    return _asked(lambda: _length(subject))


def _length(subject: Subject) -> Conclusion | None:
    known, motion, facts = Parts(subject, LIVE_STATES), read(LIVE_FIELDS, subject), list[Found]()
    shares: dict[Any, Found] = {}
    for place, block in enumerate(known.moves):
        field = field_row(subject, block)
        own = apply(part, motion, place=place) if len(known.moves) > 1 else motion
        facts += [own, apply(PROJECTED_LENGTH, own, known.lengths[block], known.bound(field))]
        for term in terms_of(field):
            if not isinstance(term, Row):
                share, *_ = head_of(term)
                shares[share] = apply(SAME_SHARES, share=share)
    found = apply(together, *facts, *shares.values())
    if isinstance(found, Refusal):
        return None
    given = Is(LIVES, subject), *_besides(found)
    return claimed(found, found.says, given, _names(subject))


# -- two solutions -------------------------------------------------------------------------------


def fields_part(subject: Subject) -> Conclusion | None:
    """Claim how fast two solutions part: ``D_b' <= S_b D_b + Σ_c L_bc D_c`` of each species.

    Examples
    --------
    >>> from proofs_checks.propositions import written
    >>> from theory.models import LOW_RANK_HEADS
    >>> written(fields_part(Subject.of(LOW_RANK_HEADS)).says.then)[:28]
    "(max_j |x_j - y_j|)' <= (2 |"
    """
    return _asked(lambda: _parting_rate(subject))


def _parting_rate(subject: Subject) -> Conclusion | None:
    known, facts = Parts(subject), list[Found]()
    for block in known.moves:
        field = field_row(subject, block)
        facts += [known.bound(field), known.bound(field, speed=True)]
    found = apply(FIELDS_PART, read(FIELDS, subject), *facts)
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, (pair_of(subject), *_besides(found)))


def _grows(subject: Subject) -> Found:
    """``D_b' <= Σ_c K_bc D_c + f_b`` of two heats."""
    cold = cooled(subject)
    own, known, facts, gaps = Parts(subject), Parts(cold), list[Found](), list[Found]()
    for block in known.moves:
        field = field_row(cold, block)
        facts += [known.bound(field), known.bound(field, speed=True)]
        gaps.append(own.gap(field_row(subject, block), field))
    return apply(FIELDS_HEATED, read(FIELDS, subject), read(FIELDS, cold), *facts, *gaps)


def fields_gap(subject: Subject) -> Found:
    """``D_b <= f (e^(Kt) - 1)/K`` of two heats, of each species."""
    grows = _grows(subject)
    if isinstance(grows, Refusal):
        return grows
    families = [apart(subject, block) for block in moving_of(subject)]
    rates, forces, wanted = [], [], list[Any]()
    for own, says in zip(families, conjuncts(grows.says), strict=True):
        rest = says.right.expand()
        parts = {one: rest.coeff(one) for one in families}
        forces.append(rest.xreplace(dict.fromkeys(families, S.Zero)))
        rates.append(sum(parts.values()))
        wanted.append([parts[one] for one in families if one != own])
    rate, force = _largest(rates), _largest(forces)
    if force == 0:
        return Refusal("they are the same at every β")
    signs = [_sign(force)]
    for more, own_rate, own_force in zip(wanted, rates, forces, strict=True):
        signs += [_sign(one) for one in (*more, rate - own_rate, force - own_force)]
    bound = force * (exp(rate * t) - 1) / rate
    positive = spared(SIGNS, Rel("<", 0, rate), assume(Rel("<", 0, rate)))
    solves = settle(EQUAL, Rel("=", ddt(bound), rate * bound + force), positive)
    start = read(SAME_START, subject)
    return apply(ALL_COMPARED, grows, solves, start, *signs, rate=rate, force=force)


def _sign(number: Any) -> Found:
    return settle(SIGNS, Rel("<=", 0, number.expand()))


def _largest(numbers: list[Any]) -> Any:
    """Return the number that is seen to be the largest; the sum where none is."""
    for one in numbers:
        if all(isinstance(_sign(one - other), Theorem) for other in numbers):
            return one
    return sum(numbers)


def fields_parting(subject: Subject) -> Conclusion | None:
    """Claim (4.4) of heads and layers, as `fields_gap` concludes it.

    Examples
    --------
    >>> from proofs_checks.propositions import written
    >>> from theory.models import ENCODER_DECODER
    >>> written(fields_parting(Subject.of(ENCODER_DECODER)).says.then.args[0])
    'max_j |x_j - u_j| <= (e^(4 t) - 1) |β|/2'
    """
    return _asked(lambda: _parting(subject))


def _parting(subject: Subject) -> Conclusion | None:
    found = fields_gap(subject)
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, (heats_of(subject), *_besides(found)))


def fields_staying(subject: Subject) -> Conclusion | None:
    """Claim (4.5) of heads and layers: where the bound of (4.4) is 1/8 at most."""
    return _asked(lambda: _staying(subject))


def _staying(subject: Subject) -> Conclusion | None:
    gap, eighth = fields_gap(subject), Rational(1, 8)
    if isinstance(gap, Refusal):
        return None
    gaps, (first, *_) = _apart(gap), conjuncts(gap.says)
    bound = first.right
    mild = Rel("<=", 8 * bound, 1)
    less = apply(SCALE, settle(SIGNS, Rel("<=", 0, eighth)), assume(mild))
    says = Rel("<=", bound, eighth)
    signs = (assume(one) for one in _besides(gap) if isinstance(one, Rel))
    small = settle(ADDED, says, less, *needed(says, signs))
    near = [apply(CHAIN, one, small) for one in gaps]
    found = apply(together, *near, _clustered(subject, near[0]))
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, (heats_of(subject), mild, *_besides(found)))


def _clustered(subject: Subject, near: Found) -> Found:
    """``3/4 <= <y_i,y_j>`` implies ``1/2 <= <x_i,x_j>``."""
    other = second(subject, X)
    clustered = Rel("<=", Rational(3, 4), Inner(Row(other, TOKEN), Row(other, OTHER)))
    units = read(HEATED_UNITS, subject)
    both = apply(
        PARTED, apply(together, *(apply(part, units, place=k) for k in range(2))), other=other
    )
    twice = apply(SCALE, settle(SIGNS, Rel("<=", 0, S(2))), near)
    says = Rel("<=", S.Half, Inner(Row(X, TOKEN), Row(X, OTHER)))
    stays = settle(ADDED, says, apply(part, both, place=0), twice, assume(clustered))
    return apply(discharge, stays, hypothesis=clustered)
