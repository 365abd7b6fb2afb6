"""(3.3), (3.7), Remark 6.2 and the spectrum at consensus of two species that attend by softmax.

Weights are ``p_ij = c A_ij``, A_ij = f_j e^(h <b_i,c_j>)/Σ_k f_k e^(h <b_i,c_k>), f_j a mass, or 1
of tokens that are weighed alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Abs, Add, Mul, S, exp, log

from proofs_checks.audit import PROBED, PROBES_BESIDE
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, WEIGHED, spared
from proofs_checks.theorems.gradients import SHARES
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, rename, together
from proofs_checks.theorems.order import (
    EXPONENTIAL,
    SIZE,
    START,
    TOKEN_SUM,
    above,
    of_all,
    relation,
    wants,
)
from proofs_checks.theorems.potentials import ACROSS
from proofs_checks.theorems.readers import (
    LIVE_MASSES,
    LIVES,
    OTHER,
    TOKEN,
    Facts,
    solved_in,
    solving,
)
from proofs_checks.theorems.saddles import ON_CIRCLES
from proofs_checks.theorems.species import (
    LIVE_SPECIES,
    added,
    cosine,
    places,
    pulled_by,
    pulls_in,
    species_of,
)
from proofs_checks.theorems.two_species import Species, unit_keys
from theory.atoms import RowSoftmax
from theory.symbols import X, d, m, t
from theory.terms import (
    Entry,
    Index,
    Inner,
    Item,
    Name,
    Norm,
    Projected,
    Row,
    Sort,
    at,
    ddt,
    entry,
    item,
    moving,
    total,
    weight,
)

PROBE = Row(PROBED, TOKEN)
PROBES = Definition(
    PROBES_BESIDE, "U moves smoothly on the sphere, whatever the tokens of {0} do", (Subject,)
)
MODE = Definition(
    "mode of species",
    "at consensus of all tokens of {0}, of any masses, the eigenvalue {1} is counted {2} times",
    (Subject, Sort.NUMBER, Sort.NUMBER),
)
STABLE = Definition(
    "stable species",
    "consensus of all tokens of {0} is linearly stable, rotations apart",
    (Subject,),
)
NO_DENSITY = Definition(
    "no invariant density beside keys",
    "for all keys of length 1 no finite measure with a density on the tokens of {0} is invariant",
    (Subject,),
)
NULL_ZEROS = (
    "Mityagin, Math. Notes 107 (2020): the zeros of a real analytic function that isn't 0 are null"
)


def parts_of(weight: Any, block: Any, other: Any) -> list[tuple[Any, Any, Any]]:
    """Return c, A_ij and h of ``p_ij = Σ c A_ij``, of softmaxes of scores h <b_i,c_j>.

    Raises
    ------
    NotConcluded
        For other weights.
    """
    i, j, found = places(block)[0], places(other)[1], []
    for term in Add.make_args(weight):
        shares = [one for one in Mul.make_args(term) if isinstance(one, Entry)]
        if len(shares) != 1 or type(shares[0].args[0]) is not RowSoftmax:
            raise NotConcluded(f"{term} is no multiple of a share of a softmax")
        (share,) = shares
        heat = entry(share.args[0].scores, i, j) / cosine(block, other)
        if share.args[1:] != (i, j) or moving(heat) or moving(term / share):
            raise NotConcluded(f"{term} isn't c times a softmax of scores h <b_i,c_j>")
        if share.args[0].masses != m and item(share.args[0].masses, j) != 1:
            raise NotConcluded(f"{term} is weighed by more than masses")
        found.append((term / share, share, heat))
    return found


def _read(motion: Fact) -> tuple[Any, dict[Any, Any]]:
    """Return the species that moves, and its weights, as `pulled_by` says it."""
    says = relation(motion, "=")
    if not isinstance(says.right, Projected) or not isinstance(says.right.args[0], Row):
        raise NotConcluded("it needs the pulls of the tokens of a species")
    token = says.right.args[0]
    weights = pulls_in(says.right.args[1], token)
    wants(motion, pulled_by(token.args[0], weights))
    return token.args[0], weights


# -- the spectrum at consensus -------------------------------------------------------------------


def rates_at_consensus(paces: dict[Any, dict[Any, Any]], sizes: dict[Any, Any]) -> dict[Any, Any]:
    """Return eigenvalues and how often each occurs: inside each species, and between their means.

    Parameters
    ----------
    paces : dict
        c of each species towards each.
    sizes : dict
        How many tokens a species has.

    Examples
    --------
    >>> from theory.symbols import n
    >>> one = {"x": {"x": 1, "y": 1}, "y": {"y": 1}}
    >>> rates_at_consensus(one, {"x": n, "y": 5})
    {-2: (d - 1)*(n - 1), -1: 5*(d - 1), 0: d - 1}
    """
    (a, b) = paces
    found: dict[Any, Any] = {}
    between = paces[a].get(b, S.Zero) + paces[b].get(a, S.Zero)
    listed = [(-Add(*paces[one].values()), sizes[one] - 1) for one in (a, b)]
    for value, many in (*listed, (-between, S.One), (S.Zero, S.One)):
        found[value] = found.get(value, S.Zero) + many
    return {value: (many * (d - 1)).factor() for value, many in found.items()}


def _stable(*facts: Fact) -> Concluded:
    motions, signs = facts[:2], facts[2:]
    if len(facts) != 5:
        raise NotConcluded("it needs the motion of two species, and three signs")
    subject, paces = solved_in(motions[0]), {}
    for motion in motions:
        if solved_in(motion) != subject:
            raise NotConcluded("it needs one model")
        block, weights = _read(motion)
        paces[block] = {
            c: Add(*(pace for pace, _, _ in parts_of(weight, block, c)))
            for c, weight in weights.items()
        }
    blocks = species_of(subject)
    if tuple(paces) != blocks:
        raise NotConcluded("it needs the motion of each species")
    if any(not set(own) <= set(blocks) for own in paces.values()):
        raise NotConcluded("a third species pulls")
    x, y = blocks
    between = paces[x].get(y, S.Zero) + paces[y].get(x, S.Zero)
    for sign, rate in zip(
        signs, (*(Add(*own.values()) for own in paces.values()), between), strict=True
    ):
        above(sign, rate, strict=True)
        if sign.given:
            raise NotConcluded("a sign is under a hypothesis")
    found = rates_at_consensus(paces, {b: b.shape[0] for b in blocks})
    modes = (Is(MODE, subject, value, many) for value, many in found.items())
    says = All(*modes, Is(STABLE, subject))
    return Concluded(says, spares=frozenset({solving(subject)}))


SPECTRUM = Rule(
    "modes of two species",
    "b_i' = P_i Σ_C Σ_j c_BC A_ij c_j of both species, A_ij softmaxes of scores h <b_i,c_j>; 0 < "
    "R_B = Σ_C c_BC; 0 < c_XY + c_YX: at consensus the eigenvalues are -R_X, (n-1)(d-1) times, "
    "-R_Y, (l-1)(d-1) times, -(c_XY + c_YX) and 0, d-1 times each",
    "at consensus A_ij is a_j, which adds up to 1, and what moves A_ij has P_i c_j = 0: δ_i' = Σ_C "
    "c_BC (Σ_j a_j δ_j - δ_i). Differences inside a species have -R_B, weighted means follow a "
    "matrix of rows that add up to 0; rotations are those with 0",
    _stable,
)


def species_spectrum(own: Species) -> Conclusion | None:
    """Claim the eigenvalues at consensus of both species, and that it is stable.

    Examples
    --------
    >>> from proofs_checks.theorems import species_in
    >>> from theory.models import ENCODER_DECODER
    >>> found = species_spectrum(species_in(Subject.of(ENCODER_DECODER)))
    >>> [one.arguments[1] for one in found.says.then.args[:-1]]
    [-2, -1, 0]
    """
    if not own.all_move:
        return None
    try:
        paces = {
            b: {c: Add(*(p for p, _, _ in parts_of(w, b, c))) for c, w in weights.items()}
            for b, weights in own.weights.items()
        }
    except NotConcluded:
        return None
    x, y = own.blocks
    sums = [Add(*paces[b].values()) for b in own.blocks]
    sums.append(paces[x].get(y, S.Zero) + paces[y].get(x, S.Zero))
    signs = (settle(SIGNS, Rel("<", 0, one)) for one in sums)
    found = apply(SPECTRUM, *map(own.motion, own.blocks), *signs)
    return None if isinstance(found, Refusal) else claimed(found, found.says, ())


def cold_species(own: Species) -> Conclusion | None:
    """Claim eigenvalues at consensus, and that the species all see moves as SA's tokens at b = 0.

    Examples
    --------
    >>> from proofs_checks.theorems import species_in
    >>> from theory.models import ENCODER_DECODER
    >>> from theory.symbols import beta
    >>> cold = species_in(Subject.of(ENCODER_DECODER, {beta: 0}))
    >>> cold_species(cold) is None, cold_species(species_in(Subject.of(ENCODER_DECODER))) is None
    (False, True)
    """
    spectrum = species_spectrum(own)
    if spectrum is None or not own.closed:
        return None
    block = own.common
    _, j = places(block)
    listed = parts_of(own.weights[block][block], block, block)
    if any(heat != 0 for _, _, heat in listed):
        return None
    pace = Add(*(one for one, _, _ in listed))
    shares = (share for _, share, _ in listed)
    meant = (settle(WEIGHED, Rel("=", share, weight(share))) for share in shares)
    says = pulled_by(block, {block: pace / j.count})
    motion = spared(EQUAL, says, own.motion(block), *meant)
    found = apply(together, motion, spectrum.found)
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, (solving(own.subject),))


# -- gradients -----------------------------------------------------------------------------------


def _on_sphere(subject: Subject) -> Facts:
    species_of(subject)
    return frozenset({Is(PROBES, subject)}), Rel("=", Norm(PROBE), 1), "their space"


PROBE_UNIT = Reader("probes beside species", _on_sphere)


def written_out(own: Species, block: Any) -> Found:
    """``b_i' = P_i Σ_C Σ_j p_ij c_j``, p_ij as exponentials over their sums."""
    mass = apply(rename, read(LIVE_MASSES, own.subject), values={TOKEN: OTHER})
    motion = apply(part, read(LIVE_SPECIES, own.subject), place=own.blocks.index(block))
    shares = {one for weighed in own.weights[block].values() for one in weighed.atoms(Entry)}
    meant = {one: weight(one) for one in sorted(shares, key=str)}
    facts = [settle(WEIGHED, Rel("=", one, quotient)) for one, quotient in meant.items()]
    weights = {c: weighed.xreplace(meant) for c, weighed in own.weights[block].items()}
    return spared(EQUAL, pulled_by(block, weights), motion, *facts, mass)


def _held(share: Any, heat: Any, other: Any, j: Index) -> Any:
    """``f_j(0) e^(h <u_i,c_j(0)>)``."""
    masses = share.args[0].masses
    factor = at(Item(m, j)) if masses == m else S.One
    return factor * exp(heat * Inner(PROBE, at(Row(other, j))))


def _slope(own: Species, block: Any) -> tuple[Any, Found, tuple[Any, ...]]:
    """``φ_i``, its slope along a probe, and what mustn't be 0."""
    subject, height, pulls, heats = own.subject, S.Zero, [], []
    mass = apply(rename, read(LIVE_MASSES, subject), values={TOKEN: OTHER})
    for c, weighed in own.weights[block].items():
        j = places(c)[1]
        for pace, share, heat in parts_of(weighed, block, c):
            if heat == 0:
                raise NotConcluded("scores are 0")
            sums = total(_held(share, heat, c, j), j)
            height += pace / heat * log(sums)
            pulls.append(total(at(Row(c, j)) * (pace * _held(share, heat, c, j) / sums), j))
            heats.append(heat)
    hot = heated(Mul(*(1 / one for one in heats)))
    says = Rel("=", ddt(height), Inner(ddt(PROBE), added(pulls)))
    slope = spared(EQUAL, says, apply(START, mass), *hot)
    given = tuple(one.says for one in hot if not isinstance(one, Refusal))
    return height, apply(ACROSS, read(PROBE_UNIT, subject), slope), given


def species_slopes(own: Species) -> Conclusion | None:
    """Claim that tokens move along the gradient of φ at their place, in which all is held.

    Examples
    --------
    >>> from proofs_checks.theorems import species_in
    >>> from theory.models import CROSS_ATTENTION
    >>> species_slopes(species_in(Subject.of(CROSS_ATTENTION))) is None
    False
    """
    names: list[Name] = []
    facts: list[Found] = []
    given: list[Proposition] = []
    for block in own.weights:
        try:
            height, slope, hot = _slope(own, block)
        except NotConcluded:
            return None
        facts += [slope, written_out(own, block)]
        given += hot
        names.append(Name("φψ"[len(names)], height, (TOKEN,)))
    found = apply(together, *facts)
    if isinstance(found, Refusal):
        return None
    lives = Is(PROBES, own.subject), Is(LIVES, own.subject)
    return claimed(found, found.says, (*lives, *given), tuple(names))


# -- what divides --------------------------------------------------------------------------------


def species_divisor(own: Species) -> Conclusion | None:
    """Claim (3.3): Z_i takes the share of a flow with 1/Z to that without, and is e^±h times l.

    Examples
    --------
    >>> from proofs_checks.theorems import species_in
    >>> from theory.models import CROSS_ATTENTION, ENCODER_DECODER
    >>> models = CROSS_ATTENTION, ENCODER_DECODER
    >>> [species_divisor(species_in(Subject.of(one))) is None for one in models]
    [False, True]
    """
    facts, names = [], []
    for block, weights in own.weights.items():
        try:
            listed = [(c, *one) for c, w in weights.items() for one in parts_of(w, block, c)]
        except NotConcluded:
            return None
        if len(listed) != 1:
            return None  # two sums, and no factor that takes out both
        ((c, pace, share, heat),) = listed
        j = places(c)[1]
        kernel = (Item(m, j) if share.args[0].masses == m else S.One) * exp(heat * cosine(block, c))
        if share.args[0].masses == m:
            return None
        sums = total(kernel, j)
        facts.append(own.motion(block))
        facts.append(settle(SHARES, Rel("=", sums * pace * share, pace * kernel)))
        facts += _between(own, block, c, heat, sums)
        names += [Name("Z", sums, places(block)[:1]), Name("A", share, (places(block)[0], j))]
    found = apply(together, *facts)
    return (
        None if isinstance(found, Refusal) else claimed(found, found.says, own.given, tuple(names))
    )


def _between(own: Species, block: Any, other: Any, heat: Any, sums: Any) -> Iterator[Found]:
    """``l e^-|h| <= Z_i <= l e^|h|``."""
    sized, j, size = (
        apply(SIZE, *own.cosines(block, other), factor=heat),
        places(other)[1],
        Abs(heat),
    )
    low, high = Rel("<=", exp(-size) * j.count, sums), Rel("<=", sums, exp(size) * j.count)
    for k, says in enumerate((low, high)):
        power = apply(EXPONENTIAL, apply(part, sized, place=k))
        yield settle(ADDED, says, apply(TOKEN_SUM, power, index=j))


# -- no measure with a density -------------------------------------------------------------------


def _nowhere(
    motion: Fact, still: Fact, keys: Fact, sign: Fact, warm: Fact, dimension: Fact
) -> Concluded:
    block, weights = _read(motion)
    subject = solved_in(motion)
    if block != X or len(weights) != 1 or X in weights or set(subject.velocities) != {X}:
        raise NotConcluded("tokens don't see one species alone that stays")
    ((other, weighed),) = weights.items()
    listed = parts_of(weighed, block, other)
    if len(listed) != 1 or item(listed[0][1].args[0].masses, places(other)[1]) != 1:
        raise NotConcluded("it needs one softmax over keys that are weighed alike")
    ((pace, _, heat),) = listed
    a, _ = places(other)
    wants(still, Rel("=", Row(other, a), at(Row(other, a))))
    wants(keys, Rel("=", Norm(Row(other, a)), 1))
    for fact in (still, keys):
        of_all(fact, a, t)
    above(sign, pace, strict=True)
    above(warm, heat, strict=True)
    wants(dimension, ON_CIRCLES)
    facts = motion, still, keys, sign, warm, dimension
    given = frozenset[Proposition]().union(*(fact.given for fact in facts))
    own = frozenset({solving(subject), unit_keys(other)})
    if any(one.has(Row) for one in given - own):
        raise NotConcluded("something is given of the tokens besides")
    return Concluded(Is(NO_DENSITY, subject), spares=own)


NOWHERE = Rule(
    "no invariant density beside keys",
    "x_i' = c P_i Σ_b A_ib y_b, A_ib = e^(h <x_i,y_b>)/Σ_k e^(h <x_i,y_k>); y_b = y_b(0); |y_b| = "
    "1; 0 < c; 0 < h; 2 <= d: no finite measure with a density on the tokens is invariant",
    "each x_i climbs φ(x) = log Σ_b e^(h <x,y_b>), whose mean under an invariant measure stays, so "
    "from almost every start it rests and is critical. φ isn't constant: on a circle through y_1, "
    "at the angle iτ, the terms of y_1 are e^(h cosh τ), and no other is as large with another "
    "phase; critical points of an analytic function that isn't constant are null",
    _nowhere,
    (NULL_ZEROS,),
)


def species_no_density(own: Species) -> Conclusion | None:
    """Claim Remark 6.2 of tokens that see keys which stay, and not each other.

    Examples
    --------
    >>> from proofs_checks.theorems import species_in
    >>> from theory.models import CROSS_ATTENTION, ENCODER_DECODER
    >>> models = CROSS_ATTENTION, ENCODER_DECODER
    >>> [species_no_density(species_in(Subject.of(one))) is None for one in models]
    [False, True]
    """
    weights = own.weights.get(X, {})
    if set(own.weights) != {X} or len(weights) != 1 or X in weights:
        return None
    ((other, weighed),) = weights.items()
    try:
        ((pace, _, heat),) = parts_of(weighed, X, other)
    except (NotConcluded, ValueError):
        return None
    warm = settle(SIGNS, Rel("<", 0, heat))
    warm = assume(Rel("<", 0, heat)) if isinstance(warm, Refusal) and heat.free_symbols else warm
    found = apply(
        NOWHERE,
        own.motion(X),
        own.motion(other),
        own.unit(other),
        settle(SIGNS, Rel("<", 0, pace)),
        warm,
        assume(ON_CIRCLES),
    )
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, tuple(sorted(found.given, key=str)))
