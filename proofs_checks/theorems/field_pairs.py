"""Two solutions driven by fields: chords grow by no more than F is long, and moves in the balls.

Of several species the largest chord of each has a rate of its own, and a system is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import S

from proofs_checks.propositions import Is, Rel, Subject, conjoined, conjuncts
from proofs_checks.theorems.field_parts import size_of_vector, vector_length
from proofs_checks.theorems.field_states import (
    IN_BALLS,
    apart,
    driven,
    fast,
    heats_of,
    moving_of,
    pair_of,
)
from proofs_checks.theorems.heat_gap import cooled
from proofs_checks.theorems.kernel import Concluded, Fact, NotConcluded, Rule
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.readers import solving
from proofs_checks.theorems.species import places
from theory.symbols import t
from theory.terms import Greatest, Index, Norm, Row, at, ddt, is_derivative, moving


def _paces(fact: Fact, field: Any, blocks: tuple[Any, ...]) -> dict[Any, Any]:
    """Return L_c of ``|F'| <= Σ_c L_c max_k |c_k'|``."""
    known, size, moved = vector_length(fact)
    if known != field or not moved:
        raise NotConcluded("it needs how fast the field moves")
    rest, found = size.expand(), {}
    for block in blocks:
        found[block] = rest.coeff(fast(block))
        rest = (rest - found[block] * fast(block)).expand()
    if rest != 0:
        raise NotConcluded("the field moves where nothing does")
    return found


def _constant(number: Any) -> None:
    if moving(number) or number.has(Row, Greatest, Index):
        raise NotConcluded(f"{number} isn't one bound for all")


def _known(fact: Fact, subject: Subject) -> None:
    """Refuse what is known of some states in the balls alone."""
    rest = fact.given - {Is(IN_BALLS, subject), Is(IN_BALLS, cooled(subject))}
    if any(one.has(*subject.velocities, Subject) for one in rest):
        raise NotConcluded("something is given of the tokens besides")
    indices = (i for block in subject.spaces for i in places(block))
    of_all(fact, *indices, t)


def _slopes(
    subject: Subject, motion: Fact, facts: Iterator[Fact], gaps: dict[Any, Any]
) -> list[Rel]:
    """Return ``D_b' <= S_b D_b + Σ_c L_bc D_c + f_b`` of each species."""
    blocks, found = moving_of(subject), []
    for block, one in zip(blocks, conjuncts(motion.says), strict=True):
        field = one.right.args[1]
        if one != driven(block, field):
            raise NotConcluded("it needs the velocities of the tokens")
        sized, moved = next(facts), next(facts)
        size, paces = size_of_vector(sized, field), _paces(moved, field, blocks)
        for fact in (sized, moved):
            _known(fact, subject)
        rates = {c: paces[c] + (size if c == block else 0) for c in blocks}
        for number in rates.values():
            _constant(number)
        bound = sum(rate * apart(subject, c) for c, rate in rates.items())
        found.append(Rel("<=", ddt(apart(subject, block)), bound + gaps.get(block, S.Zero)))
    return found


def _solved(motion: Fact) -> Subject:
    found: list[Subject] = [one.arguments[0] for one in motion.given if isinstance(one, Is)]
    if len(found) != 1 or motion.given != {solving(found[0])}:
        raise NotConcluded("it needs the velocities of a model, and nothing else given")
    return found[0]


def _part(motion: Fact, *facts: Fact) -> Concluded:
    subject = _solved(motion)
    if len(facts) != 2 * len(moving_of(subject)):
        raise NotConcluded("it needs two premises of each species")
    says = _slopes(subject, motion, iter(facts), {})
    own = frozenset({Is(IN_BALLS, subject), solving(subject)})
    return Concluded(conjoined(says), spares=own, more=frozenset({pair_of(subject)}))


def _heated(motion: Fact, rest: Fact, *facts: Fact) -> Concluded:
    subject = _solved(motion)
    cold, blocks = cooled(subject), moving_of(subject)
    if rest.given != {solving(cold)} or len(facts) != 3 * len(blocks):
        raise NotConcluded("it needs velocities at β = 0, and three premises of each species")
    gaps = {}
    hots, colds = (conjuncts(one.says) for one in (motion, rest))
    for block, hot, other, fact in zip(blocks, hots, colds, facts[-len(blocks) :], strict=True):
        bound = relation(fact, "<=").right
        wants(fact, Rel("<=", Norm(hot.right.args[1] - other.right.args[1]), bound))
        if hot != driven(block, hot.right.args[1]):
            raise NotConcluded("it needs the velocities of the tokens")
        _known(fact, subject)
        _constant(bound)
        gaps[block] = bound
    says = _slopes(cold, rest, iter(facts), gaps)
    balls = {Is(IN_BALLS, one) for one in (subject, cold)}
    own = frozenset({*balls, solving(subject), solving(cold)})
    return Concluded(conjoined(says), spares=own, more=frozenset({heats_of(subject)}))


FIELDS_PART = Rule(
    "growth of chords of all species",
    "b_i' = P_i F_i; |F_i| <= S and |F_i'| <= Σ_c L_c max_k |c_k'| of every motion in the balls, "
    "of each species b: D_b' <= S D_b + Σ_c L_c D_c of two solutions, D_b their largest chord",
    "u = b_i - b_i*: <u, P F - P* F*> = <P u, F - F*> - ½ |u|² <b_i + b_i*, F*> <= |u| |F - F*| + S"
    " |u|², and along the segment between the states, which is in the balls, F moves by Σ_c L_c D_c"
    " at most; a derivative of a maximum is at most the largest of those that attain it",
    _part,
)
FIELDS_HEATED = Rule(
    "chords of two heats of all species",
    "b_i' = P_i F_i; at β = 0 b_i' = P_i G_i; |G_i| <= S, |G_i'| <= Σ_c L_c max_k |c_k'|, |F_i - "
    "G_i| <= f in the balls, of each species b: D_b' <= S D_b + Σ_c L_c D_c + f",
    "<u, P F - P* G*> = <u, P (F - G)> + <u, P G - P* G*>, u = b_i - b_i*: the first is at most f "
    "|u|, the second is that of chords at β = 0; where D_b = 0, |u'| is at most the rest",
    _heated,
)


def _compared(fact: Fact, bound: Fact, start: Fact, *signs: Fact, rate: Any, force: Any) -> Any:
    slopes = conjuncts(fact.says)
    families = [one.left.args[0] for one in slopes if isinstance(one, Rel)]
    if len(set(families)) < len(slopes) or not all(is_derivative(one.left) for one in slopes):
        raise NotConcluded("it needs a derivative of each number")
    other = relation(bound, "=").left.args[0]
    wants(bound, Rel("=", ddt(other), rate * other + force))
    for one in (fact, bound):
        of_all(one, t)
    wants(start, conjoined([Rel("=", at(one), 0) for one in families]))
    if other.xreplace({t: S.Zero}) != 0 or moving(other.xreplace({t: S.One})):
        raise NotConcluded("the bound doesn't start at 0")
    wanted: list[Any] = [force]
    for own, says in zip(families, slopes, strict=True):
        rest, rates = says.right.expand(), {}
        for one in families:
            rates[one] = rest.coeff(one)
            rest = (rest - rates[one] * one).expand()
        wanted += [*(rates[one] for one in families if one != own)]
        wanted += [(rate - sum(rates.values())).expand(), (force - rest).expand()]
    for number in wanted:
        _constant(number)
    if len(signs) != len(wanted):
        raise NotConcluded("it needs the sign of each number")
    for sign, number in zip(signs, wanted, strict=True):
        above(sign, number)
    return conjoined([Rel("<=", one, other) for one in families])


ALL_COMPARED = Rule(
    "comparison of several numbers",
    "D_b' <= Σ_c K_bc D_c + f_b; v' = K v + f; D_b(0) = 0 = v(0); 0 <= f; 0 <= K_bc for c != b; "
    "Σ_c K_bc <= K; f_b <= f: D_b <= v for every b",
    "let w = v + ε e^(K't), K' > K: w' > K w + f, and where a D_b first reaches w, all D_c <= w, "
    "D_b' <= Σ_c K_bc w + f <= K w + f < w', as w >= 0",
    _compared,
)
