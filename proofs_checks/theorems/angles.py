"""(7.1): motion of tokens on the circle, in their angles, and sums that are slopes of one function.

With x_i = (cos θ_i, sin θ_i) and τ_i = (-sin θ_i, cos θ_i), <P_i x_j, τ_i> = sin(θ_j - θ_i).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Mul, S, cos, exp, sin

from proofs_checks.audit import ANY_ANGLE, ON_CIRCLE, angles_of
from proofs_checks.propositions import (
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
    conjoined,
    subjects_of,
)
from proofs_checks.theorems.chords import MOMENT
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import attached, heated
from proofs_checks.theorems.engines import EQUAL, SIGNS, spared, undefined
from proofs_checks.theorems.gradients import SHARES
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    Theorem,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import CHAIN, TOKEN_SUM, of_all, relation, wants
from proofs_checks.theorems.potentials import DIVIDED, attention_in
from proofs_checks.theorems.pulls import cosines_of, gram
from proofs_checks.theorems.readers import (
    LIVE_LENGTHS,
    LIVE_MASSES,
    LIVE_MOTION,
    LIVE_UNIT,
    LIVES,
    OTHER,
    SOLVES,
    TOKEN,
    Facts,
    flows,
)
from proofs_checks.theorems.species import added, cosine, places, pulled_by, pulls_in
from proofs_checks.theorems.species_softmaxes import parts_of, written_out
from proofs_checks.theorems.two_species import Species
from theory.symbols import X, d, m, t, z
from theory.terms import (
    Entry,
    Item,
    Name,
    Projected,
    Row,
    TokenSum,
    at,
    ddt,
    denominators,
    free,
    is_derivative,
    total,
)
from theory.terms import Number as Term

ANGLES = Definition(
    ON_CIRCLE,
    "d = 2, and tokens of {0} are (cos θ, sin θ), those of another species (cos ψ, sin ψ); angles "
    "move smoothly, φ too, which is any",
    (Subject,),
)
TRIED = Item(ANY_ANGLE, TOKEN)
"""An angle that moves smoothly, whatever the tokens do."""


def angle(token: Any) -> Any:
    """Return the angle of a token.

    Examples
    --------
    >>> angle(Row(X, TOKEN))
    Item(theta, i)
    """
    block, index = token.args
    return Item(angles_of(block), index)


def between(one: Any, other: Any) -> Any:
    """Return the difference of the angles of two tokens."""
    return angle(one) - angle(other)


def _spheres(subject: Subject) -> list[Any]:
    """Return the blocks of vectors, all of length 1: their angles are spoken of."""
    flows(subject)
    blocks = [block for block in subject.spaces if block.shape[1] == d]
    known = {subject.spaces[block] for block in blocks} <= {"sphere", "constant"}
    if subject.spaces.get(X) != "sphere" or not known or len(blocks) > 2:
        raise NotConcluded(f"tokens of {subject.name} aren't on the circle")
    return sorted(blocks, key=lambda block: (block != X, str(block)))


def _cosines(subject: Subject) -> Facts:
    blocks = _spheres(subject)
    pairs = [(b, c) for b in blocks for c in blocks]
    says = []
    for b, c in pairs:
        product = cosine(b, c)
        one, other = Row(b, places(b)[0]), Row(c, places(c)[1])
        says.append(Rel("=", product, cos(between(one, other))))
    given = frozenset({Is(ANGLES, subject)})
    return given, conjoined(says), "cos a cos b + sin a sin b = cos(a - b)"


COSINES = Reader("products of tokens on the circle", _cosines)


def _model(motion: Fact) -> Subject:
    own = {one for given in motion.given for one in subjects_of(given)}
    if len(own) != 1 or not any(
        isinstance(one, Is) and one.definition in (SOLVES, LIVES) for one in motion.given
    ):
        raise NotConcluded("it needs the velocity of a model")
    return own.pop()


def _turned(motion: Fact) -> Concluded:
    says = relation(motion, "=")
    token = says.left.args[0] if is_derivative(says.left) else None
    if not isinstance(token, Row) or not isinstance(says.right, Projected):
        raise NotConcluded("it needs the pulls on a token")
    subject = _model(motion)
    if token.args[0] not in _spheres(subject):
        raise NotConcluded(f"{token.args[0]} has no angles")
    weights = pulls_in(says.right.args[1], token)
    wants(motion, pulled_by(token.args[0], weights))
    pulls = []
    for block, weight in weights.items():
        other = places(block)[1]
        pulls.append(total(weight * sin(between(Row(block, other), token)), other))
    found = Rel("=", ddt(angle(token)), added(pulls) if pulls else S.Zero)
    return Concluded(found, more=frozenset({Is(ANGLES, subject)}))


ANGLED = Rule(
    "motion of angles",
    "b_i' = P_i Σ_C Σ_j p_ij c_j; d = 2, b_i = (cos θ_i, sin θ_i): θ_i' = Σ_C Σ_j p_ij "
    "sin(θ_j - θ_i)",
    "τ_i = (-sin θ_i, cos θ_i): <b_i', τ_i> = θ_i', and <P_i c_j, τ_i> = <c_j, τ_i> = "
    "sin(θ_j - θ_i), as <b_i, τ_i> = 0",
    _turned,
)


def _weighed(
    sums: Fact, share: Fact, *hot: Fact, pace: Any, weight: Any, factor: Any
) -> Proposition:
    says, own = relation(sums, "="), relation(share, "=")
    if lost := [b for b in denominators(pace) if undefined((1 / b,), hot)]:
        raise NotConcluded(f"nothing says that {lost[0]} isn't 0")
    wants(sums, Rel("=", says.left, total(weight * factor, OTHER)))
    wants(share, Rel("=", pace * weight, own.right))
    of_all(share, OTHER)
    if OTHER in free(pace):
        raise NotConcluded(f"{pace} is of the token j")
    return Rel("=", pace * says.left, total(own.right * factor, OTHER))


WEIGHED_SUM = Rule(
    "a sum of weights, multiplied",
    "a = Σ_j p_j s_j; c p_j = w_j for every j; what c divides by isn't 0: c a = Σ_j w_j s_j",
    "c is no number of j",
    _weighed,
    routine=True,
)


# -- what is claimed -----------------------------------------------------------------------------


def angles_move(subject: Subject) -> Conclusion | None:
    """Claim ``θ_i' = Σ_j p_ij sin(θ_j - θ_i)`` of a model in pull form.

    Examples
    --------
    >>> from theory.models import QKV, SA
    >>> angles_move(Subject.of(SA)) is None, angles_move(Subject.of(QKV)) is None
    (False, True)
    """
    found = apply(ANGLED, read(LIVE_MOTION, subject))
    return None if isinstance(found, Refusal) else _claimed(found, subject, _shares(found.says))


def _shares(a: Any) -> tuple[Name, ...]:
    """Name the shares of the tokens j of a token i that stand in a term."""
    inside = a.replace(lambda one: isinstance(one, TokenSum), lambda one: one.opened(OTHER))
    shares = {one for one in inside.atoms(Entry) if one.args[1:] == (TOKEN, OTHER)}
    return tuple(Name("A", one, (TOKEN, OTHER)) for one in shares if len(shares) == 1)


def _claimed(
    found: Found, subject: Subject, names: tuple[Name, ...] = (), hot: tuple[Found, ...] = ()
) -> Conclusion | None:
    if isinstance(found, Refusal):
        return None
    needed = tuple(one.says for one in hot if not isinstance(one, Refusal))
    return claimed(found, found.says, (Is(LIVES, subject), Is(ANGLES, subject), *needed), names)


@dataclass(frozen=True)
class Sum:
    """``Σ_j f_j h(cos(θ_i - θ_j))`` over the tokens of a species, and what its slope is made of.

    Attributes
    ----------
    block : MatrixSymbol
    factor : Expr
        f_j.
    slope : Expr
        k = h', of the inner product ``z``.
    height : Expr
        h.
    """

    block: Any
    factor: Any
    slope: Any
    height: Any

    @property
    def kernel(self) -> Any:
        """``f_j k(<x_i,x_j>)``, of tokens of one species."""
        return self.factor * self.slope.xreplace({z: gram(TOKEN, OTHER)})

    def quotient(self, at_angle: Any) -> Any:
        """``Σ_j f_j k(cos(a - θ_j)) sin(θ_j - a)`` over the sum without sines."""
        j = places(self.block)[1]
        weight = self.slope.xreplace({z: cos(at_angle - angle(Row(self.block, j)))})
        return total(self.pull(at_angle), j) / total(self.factor * weight, j)

    def pull(self, at_angle: Any) -> Any:
        """``f_j k(cos(a - θ_j)) sin(θ_j - a)``."""
        apart = at_angle - angle(Row(self.block, places(self.block)[1]))
        return self.factor * self.slope.xreplace({z: cos(apart)}) * sin(-apart)

    @property
    def held(self) -> Found:
        """The slope of the sum at an angle that moves, in which all else is held."""
        j = places(self.block)[1]
        token, still = angle(Row(self.block, j)), {one: at(one) for one in self.factor.atoms(Item)}
        factor = self.factor.xreplace(still)
        height = factor * self.height.xreplace({z: cos(TRIED - at(token))})
        pull = replace(self, factor=factor).pull(TRIED).xreplace({token: at(token)})
        height, pull = (one.xreplace({t: MOMENT}) for one in (height, ddt(TRIED) * pull))
        hot = heated(self.height)
        each = apply(TOKEN_SUM, spared(EQUAL, Rel("=", ddt(height), pull), *hot), index=j)
        whole = Rel("=", ddt(total(height, j)), total(ddt(height), j))
        return apply(CHAIN, spared(EQUAL, whole, *hot), each)


def pairs_convolve(subject: Subject) -> Conclusion | None:
    """Claim ``w_i θ_i' = Σ_j m_j k(cos(θ_i - θ_j)) sin(θ_j - θ_i)``, and of what this is the slope.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> names = "nGPT", "causal"
    >>> [pairs_convolve(Subject.of(catalogue(name))) is None for name in names]
    [False, True]
    """
    own = attached(subject)
    if isinstance(own, Refusal):
        return None
    i, j = Item(m, TOKEN), Item(m, OTHER)
    alone = {gram(TOKEN, OTHER): z, i: S.One, j: S.One}
    slope, height = (one.xreplace(alone) for one in (own.weight, 2 * own.pairs))
    if any(one.has(Term) for one in (slope, height)):
        return None  # of more than masses and inner products
    lengths = read(LIVE_LENGTHS, subject)
    known = [*cosines_of(read(LIVE_UNIT, subject))[:2]]  # of what is rooted
    known += [] if isinstance(lengths, Refusal) else [lengths]
    pace, weight = own.pace / i, own.pull.weight
    for one in Mul.make_args(pace):  # such as 1/cos t or t^-2: it stays in front of the kernel
        facts = tuple(known.fact for known in _divisors(subject, one) if isinstance(known, Theorem))
        if denominators(one) and undefined((one,), facts):
            pace, slope, height = pace / one, slope / one, height / one
    sums = Sum(X, j, slope, height)
    share = spared(SHARES, Rel("=", pace * weight, sums.kernel), *known)
    return _convolves(subject, pace, weight, sums, share)


def potentials_convolve(subject: Subject) -> Conclusion | None:
    """Claim what `pairs_convolve` does of shares of rows and columns that add up, f_j = m_j e^p_j.

    Examples
    --------
    >>> from theory.models import SA, SINKHORN
    >>> [potentials_convolve(Subject.of(one)) is None for one in (SINKHORN, SA)]
    [False, True]
    """
    try:
        own = attention_in(subject)
    except NotConcluded:
        return None
    if not own.plan:
        return None
    kernel = own.factor * exp(own.heat * z)
    sums = Sum(X, Item(m, OTHER) * exp(own.potential), kernel, kernel / own.heat)
    weight, pace = own.factor * own.share, total(own.part(OTHER), OTHER)
    positive = settle(SIGNS, Rel("<", 0, pace), own.mass)
    divided = apply(DIVIDED, own.mass, share=own.share)
    share = settle(EQUAL, Rel("=", pace * weight, sums.kernel), divided, positive)
    return _convolves(subject, pace, weight, sums, share, Name("p", own.potential, (OTHER,)))


def _convolves(
    subject: Subject, pace: Any, weight: Any, sums: Sum, share: Found, *names: Name
) -> Conclusion | None:
    turn = sin(between(Row(X, OTHER), Row(X, TOKEN)))
    own = {"pace": pace, "weight": weight, "factor": turn}
    hot = _divisors(subject, pace)
    angled = apply(ANGLED, read(LIVE_MOTION, subject))
    moved = apply(WEIGHED_SUM, angled, share, *hot, **own)
    pull = Rel("=", sums.kernel * turn, sums.pull(angle(Row(X, TOKEN))))
    if pull.left != pull.right:
        between_ones = cosines_of(read(LIVE_UNIT, subject))[:2]  # of what is rooted
        put = spared(EQUAL, pull, read(COSINES, subject), *between_ones)
        put = apply(TOKEN_SUM, put, index=OTHER)
        moved = apply(CHAIN, moved, put)
    found = apply(together, moved, sums.held)
    legend = [*([Name("w", pace, (TOKEN,))] if pace.has(Term) else []), *_shares(pace)]
    return _claimed(found, subject, (*legend, *names), (*hot, *heated(sums.height)))


def _divisors(subject: Subject, pace: Any) -> tuple[Found, ...]:
    """Return that what a number divides by isn't 0, where that isn't known by itself."""
    below = [1 / b for b in denominators(pace)]
    if not undefined(below, ()):
        return ()
    read_off = (read(one, subject) for one in (LIVE_MASSES, LIVE_LENGTHS))
    known = tuple(one for one in read_off if not isinstance(one, Refusal))
    enough = not undefined(below, tuple(one.fact for one in known))
    return known if enough else (*known, *heated(pace))


def species_angles(own: Species) -> Conclusion | None:
    """Claim how angles of both species move, weights as exponentials over their sums."""
    moved = [apply(ANGLED, written_out(own, block)) for block in own.weights]
    return _claimed(moved[0] if len(moved) == 1 else apply(together, *moved), own.subject)


def species_convolve(own: Species) -> Conclusion | None:
    """Claim that with angles in the weights, and of what each sum of sines is the slope.

    Examples
    --------
    >>> from proofs_checks.theorems import species_in
    >>> from theory.models import CROSS_ATTENTION
    >>> species_convolve(species_in(Subject.of(CROSS_ATTENTION))) is None
    False
    """
    facts, slopes, hot = [], dict[Any, Found](), list[Found]()
    products, mass = read(COSINES, own.subject), read(LIVE_MASSES, own.subject)
    cosines = [apply(part, products, place=k) for k in range(len(own.blocks) ** 2)]
    for block, weights in own.weights.items():
        token, pulls = Row(block, places(block)[0]), []
        for c, weighed in weights.items():
            j = places(c)[1]
            try:
                listed = parts_of(weighed, block, c)
            except NotConcluded:
                return None
            for pace, share, heat in listed:
                if heat == 0:
                    return None  # it is no sum of slopes
                factor = Item(m, j) if share.args[0].masses == m else S.One
                sums = Sum(c, factor, exp(heat * z), exp(heat * z) / heat)
                pulls.append(pace * sums.quotient(angle(token)))
                slopes[sums] = sums.held
                hot += heated(sums.height)
        says = Rel("=", ddt(angle(token)), added(pulls))
        moved = apply(ANGLED, written_out(own, block))
        facts.append(spared(EQUAL, says, moved, *cosines, mass))
    return _claimed(apply(together, *facts, *slopes.values()), own.subject, (), tuple(hot))
