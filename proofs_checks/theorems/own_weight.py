"""(N): a token's own weight outdoes the others', so that no pull turns against its token.

``(M - m_i) χ(b) < m_i e^b``, M = Σ_j m_j, χ(b) = max c e^(-bc) over 0 <= c <= 1, of a softmax of
scores b<x_i,x_j> whose tokens see themselves, perhaps with a sink or position terms.
"""

from __future__ import annotations

from typing import Any

from sympy import Piecewise, S, exp

from proofs_checks.propositions import Proposition, Rel, every
from proofs_checks.theorems.kernel import Fact, NotConcluded, Rule
from proofs_checks.theorems.order import of_all, relation, wants
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory.masks import GRAPH
from theory.positions import Distances
from theory.symbols import X, m, t
from theory.terms import (
    Entry,
    Index,
    Inner,
    Item,
    Norm,
    Row,
    TokenSum,
    at,
    shares,
    total,
)
from theory.terms import Number as Term


def least_slope(heat: Any) -> Any:
    """``χ(b) = max c e^{-bc}`` over 0 <= c <= 1."""
    return Piecewise((exp(-heat), heat <= 1), (exp(-1) / heat, True))


def narrow(heat: Any) -> Proposition:
    """(N): ``(M - m_i) χ(b) < m_i e^b``, M = Σ_j m_j, of the masses at the start."""
    own, every_one = at(Item(m, TOKEN)), total(at(Item(m, TOKEN)), TOKEN)
    return every(TOKEN, Rel("<", (every_one - own) * least_slope(heat), own * exp(heat)))


def score_of(share: Any) -> tuple[Any, Any] | None:
    """Return b and c of an entry ``W_ij m_j e^(b<x_i,x_j> - c|i - j|)/(sink + Z_i)`` of a softmax.

    None for other weights, and where a token may not see itself: W_ii = 1 >= W_ij >= 0.
    """
    try:
        above_line, _ = shares(share)
    except ValueError:
        return None
    mask = getattr(share.args[0], "mask", None)
    seen = Entry(mask, TOKEN, OTHER) if mask is not None else S.One
    if mask is not None and not (mask.everybody_sees_itself and of_ones(mask)):
        return None
    power = above_line / (Item(m, OTHER) * seen)
    if not isinstance(power, exp) and power != 1:
        return None
    inner = Inner(Row(X, TOKEN), Row(X, OTHER))
    score = (power.args[0] if power != 1 else S.Zero).expand()
    places = {a for a in score.atoms(Entry) if isinstance(a.args[0], Distances)}
    heat, slope = score.coeff(inner), -sum((score.coeff(a) for a in places), S.Zero)
    whole = heat * inner - slope * sum(places, S.Zero)
    if len(places) > 1 or (score - whole).expand() != 0 or heat.has(Term) or slope.has(Term):
        return None
    return None if t in (heat + slope).free_symbols else (heat, slope)


def of_ones(mask: Any) -> bool:
    """Whether a mask has no other entries than 0 and 1: a graph may be made without a check."""
    return mask.kind != GRAPH or all(value in (0, 1) for value in mask.parameter)


def _own(
    mass: Fact,
    still: Fact,
    unit: Fact,
    warm: Fact,
    own: Fact,
    far: Fact | None = None,
    share: Any = None,
) -> Proposition:
    known = score_of(share) if isinstance(share, Entry) else None
    if known is None or share.args[1:] != (TOKEN, OTHER) or share.args[0].masses != m:
        raise NotConcluded("the weights aren't those of a softmax whose tokens see themselves")
    heat, slope = known
    if heat == 0:
        raise NotConcluded("no masses of two tokens or more are in (N) at b = 0")
    wants(mass, Rel("<", 0, Item(m, TOKEN)))
    wants(still, Rel("=", Item(m, TOKEN), at(Item(m, TOKEN))))
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    wants(warm, Rel("<=", 0, heat))
    wants(own, narrow(heat))
    for fact in (mass, unit, still):
        of_all(fact, TOKEN)
    if (far is None) != (slope == 0):
        raise NotConcluded("it needs that farther tokens weigh no more, where places enter")
    if far is not None:
        wants(far, Rel("<=", 0, slope))
    return Rel("<", 0, total(share * Inner(Row(X, TOKEN), Row(X, OTHER)), OTHER))


def _pulled_length(own: Fact, unit: Fact) -> Proposition:
    says = relation(own, "<")
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    of_all(unit, TOKEN)
    one = Index("k")
    if not isinstance(says.right, TokenSum) or says.right.but:
        raise NotConcluded("it isn't 0 < Σ_j p_ij <x_i,x_j>")
    weight = says.right.opened(OTHER) / Inner(Row(X, TOKEN), Row(X, OTHER))
    if says.left != 0 or says.right != total(weight * Inner(Row(X, TOKEN), Row(X, OTHER)), OTHER):
        raise NotConcluded("it isn't 0 < Σ_j p_ij <x_i,x_j>")
    pull = total(Row(X, OTHER) * weight, OTHER)
    each = weight.xreplace({OTHER: one})
    return Rel("<", 0, total(each * Inner(Row(X, one), pull), one))


OWN_WEIGHT = Rule(
    "own weight",
    "0 < m_i; m_i = m_i(0); |x_i| = 1; 0 <= b; (M - m_i) χ(b) < m_i e^b for every i; 0 <= c where "
    "there is c: 0 < Σ_j A_ij <x_i,x_j>, A_ij = W_ij m_j e^(b<x_i,x_j> - c|i-j|)/(s + Z_i), Z_i "
    "the sum of what is above over j, s = 0 or a sink, W_ii = 1, W_ij = 0 or 1",
    "times the denominator it is m_i e^b + Σ_(j≠i) W_ij e^(-c|i-j|) m_j g e^(b g) >= m_i e^b - "
    "(M - m_i) χ(b), as g e^(b g) >= -χ(b) = -max(c e^(-bc), 0 <= c <= 1) for -1 <= g <= 1",
    _own,
)
PULLED_LENGTH = Rule(
    "length of a pull",
    "0 < <x_i,A_i>; |x_i| = 1: 0 < <A_i,A_i>, A_i = Σ_j p_ij x_j",
    "Cauchy and Schwarz",
    _pulled_length,
)
