"""T6: critical points of energies of pairs, but for consensus, are strict saddles.

E = Σ_i Σ_j e_ij, e_ij' = w_ij <x_i,x_j>'/2, w_ij = w_ji >= 0: each lemma concludes that a critical
point on the sphere other than consensus has a direction of positive second derivative.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Dummy, MatrixBase, Mul, S, exp, expand_power_exp, factor, log, pi, simplify

from proofs_checks.proof import How
from proofs_checks.propositions import Definition, Is, Proposition, Rel
from proofs_checks.theorems.analytic import analytic
from proofs_checks.theorems.cosines import POSITIVE
from proofs_checks.theorems.engines import known_sign
from proofs_checks.theorems.gradients import pair_of
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, Rule
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory.masks import BAND, BIPARTITE, Mask
from theory.symbols import X, beta, d, m, n, t
from theory.terms import Entry, Index, Inner, Item, Row, Sort, TokenSum, moving, total
from theory.terms import Number as Term

STRICT = Definition(
    "strict saddles",
    "each critical point of {0} on the sphere but consensus has a direction of positive second "
    "derivative",
    (Sort.NUMBER,),
)
LINKED = Definition("linked", "the pairs that aren't 0 in {0} connect all tokens", (Sort.NUMBER,))
TREE = Definition(
    "tree", "the pairs that aren't 0 in {0} are the edges of a tree, and loops", (Sort.NUMBER,)
)
TRACED = Definition(
    "trace of turns",
    "on the sphere the second derivatives of {0} as all x_i turn by P_i z add up to {1}, over an "
    "orthonormal basis of z",
    (Sort.NUMBER, Sort.NUMBER),
)
ON_CIRCLES = Rel("<=", 2, d)
CIRCLE = Rel("=", d, 2)
IN_SPACE = Rel("<=", 3, d)
"""Three dimensions at least."""


def links(weight: Any) -> Proposition:
    """Say that the pairs with w_ij ≠ 0 connect all tokens."""
    return Is(LINKED, total(total(weight, OTHER), TOKEN))


def strict(pairs: Any) -> Proposition:
    """Say that the critical points of ``Σ_i Σ_j e_ij`` but consensus are strict saddles."""
    return Is(STRICT, total(total(pairs, OTHER), TOKEN))


# -- who is linked -----------------------------------------------------------------------------


def larger(mask: Mask) -> Proposition | None:
    """Return what the facts of a mask ask of n: that there are two groups."""
    return Rel("<", mask.parameter, n) if mask.kind == BIPARTITE else None


def forms_tree(weight: Any) -> Proposition:
    """Say that the pairs with w_ij ≠ 0 are the edges of a tree, and loops."""
    return Is(TREE, total(total(weight, OTHER), TOKEN))


def _mask(weight: Any, facts: tuple[Fact, ...]) -> Mask | None:
    """Return the mask that decides where w_ij isn't 0, None if it is so nowhere."""
    factors = Mul.make_args(weight)
    masks = [a for a in factors if isinstance(a, Entry) and isinstance(a.args[0], Mask)]
    if known_sign(Mul(*(a for a in factors if a not in masks)), facts) != POSITIVE:
        raise NotConcluded("no fact says that what is in front is positive")
    if len(masks) > 1:
        raise NotConcluded("two masks at once")
    return masks[0].args[0] if masks else None


def _trees(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide that the pairs of an explicit graph, or of neighbours in a row, are a tree."""
    if not isinstance(says, Is) or says.definition is not TREE:
        raise NotConcluded("it isn't that pairs are a tree")
    mask = _mask(says.arguments[0].opened(TOKEN).opened(OTHER), facts)
    if mask is None or not (mask.symmetric and mask.strongly_connected):
        raise NotConcluded("they aren't known to be mutual and connected")
    table, row = mask.parameter, mask.kind == BAND and mask.parameter == 1
    if isinstance(table, MatrixBase):
        edges = [(i, j) for i in range(table.rows) for j in range(i) if table[i, j] != 0]
        row = len(edges) == table.rows - 1
    if not row:
        raise NotConcluded("they have a cycle")
    return f"{mask} is mutual and connected, with one edge less than tokens"


def _links(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide that pairs connect: all of them, or those of a mutual mask that does."""
    if not isinstance(says, Is) or says.definition is not LINKED:
        raise NotConcluded("it isn't that pairs connect tokens")
    mask = _mask(says.arguments[0].opened(TOKEN).opened(OTHER), facts)
    if mask is None:
        return "every pair is linked"
    if not (mask.symmetric and mask.strongly_connected):
        raise NotConcluded(f"{mask} isn't known to be mutual and connected")
    _require_larger(mask, facts)
    return f"{mask} is mutual and connected"


def _seen(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide that a sum over the tokens that are seen is positive, as each token sees one."""
    sums = says.right if isinstance(says, Rel) and says.op == "<" and says.left == 0 else None
    if not isinstance(sums, TokenSum) or sums.but:
        raise NotConcluded("it isn't that a sum over tokens is positive")
    mask = _mask(sums.opened(OTHER), facts)
    if mask is None or not mask.everybody_sees:
        raise NotConcluded("it isn't known that each token sees one")
    _require_larger(mask, facts)
    return f"each token sees one under {mask}"


def _require_larger(mask: Mask, facts: tuple[Fact, ...]) -> None:
    wanted = larger(mask)
    if wanted is not None and all(fact.says != wanted for fact in facts):
        raise NotConcluded("it has two groups where n is larger than the first")


SEEN = Engine("sight", How.DECIDED, _seen)
LINKS = Engine("links", How.DECIDED, _links)
TREES = Engine("trees", How.DECIDED, _trees)


# -- lemmas ------------------------------------------------------------------------------------


@lru_cache(maxsize=64)  # five rows ask it of one model
def heat_of(weight: Any, inner: Any) -> Any:
    """Return b of ``w_ij = S_ij e^{b z}``, z for an inner product; what has z for other weights."""
    place = Dummy("z", real=True)
    kernel = weight.xreplace({inner: place})
    return simplify(kernel.diff(place) / kernel)


def mirrored(slope: Fact, mirror: Fact, sign: Fact) -> tuple[Any, Any, Any]:
    """Return e_ij, w_ij >= 0 and <x_i,x_j> of ``e_ij' = w_ij <x_i,x_j>'/2``, ``w_ij = w_ji``."""
    pairs, weight, inner = pair_of(slope)
    wants(mirror, Rel("=", weight, weight.xreplace({TOKEN: OTHER, OTHER: TOKEN})))
    above(sign, weight)
    of_all(slope, TOKEN, OTHER, t)
    of_all(mirror, TOKEN, OTHER)
    of_all(sign, TOKEN, OTHER)
    return pairs, weight, inner


def form_of(slope: Fact, mirror: Fact, sign: Fact) -> tuple[Any, Any, Any]:
    """Return e_ij, S_ij and b of ``w_ij = S_ij e^(b <x_i,x_j>)``, S_ij and b free of tokens."""
    pairs, weight, inner = mirrored(slope, mirror, sign)
    place = Dummy("z", real=True)
    kernel = weight.xreplace({inner: place})
    heat = heat_of(weight, inner)
    if heat.atoms(Dummy) or heat.has(Row, Index) or kernel.has(Row):
        raise NotConcluded("the weights aren't constants times e^(b<x_i,x_j>)")
    return pairs, kernel.xreplace({place: S.Zero}), heat


def turned_pair(weight: Any, inner: Any) -> Any:
    """Return ``(1-g) ((d-2-g) w + (1-g²) w')`` of ``w(g)``, g = <x_i,x_j>, as the rule has it."""
    place = Dummy("z", real=True)
    kernel = weight.xreplace({inner: place})
    if kernel.has(Row):
        raise NotConcluded("the weights depend on more than <x_i,x_j>")
    slope = kernel.diff(place).xreplace({place: inner})
    return (1 - inner) * ((d - 2 - inner) * weight + (1 - inner**2) * slope)


def traced(pairs: Any, share: Any) -> Proposition:
    """Say that the trace of ``Σ_i Σ_j e_ij`` is ``Σ_i Σ_j a_ij``."""
    return Is(TRACED, *(total(total(one, OTHER), TOKEN) for one in (pairs, share)))


def _trace(slope: Fact, same: Fact) -> Proposition:
    pairs, weight, inner = pair_of(slope)
    if inner != Inner(Row(X, TOKEN), Row(X, OTHER)):
        raise NotConcluded("the energies aren't of <x_i,x_j>")
    own = relation(same, "=")
    wants(same, Rel("=", turned_pair(weight, inner), own.right))
    for fact in (slope, same):
        of_all(fact, TOKEN, OTHER, t)
    return traced(pairs, own.right)


def _in_space(
    slope: Fact, mirror: Fact, sign: Fact, linked: Fact, warm: Fact, dimension: Fact
) -> Proposition:
    pairs, _, heat = form_of(slope, mirror, sign)
    wants(warm, Rel("<=", 0, heat))
    wants(linked, links(pair_of(slope)[1]))
    wants(dimension, IN_SPACE)
    return strict(pairs)


def _cold(slope: Fact, mirror: Fact, sign: Fact, mass: Fact, dimension: Fact) -> Proposition:
    pairs, weight, heat = form_of(slope, mirror, sign)
    one_product(weight, mass)
    if heat != 0:
        raise NotConcluded("the weights depend on <x_i,x_j>")
    wants(dimension, ON_CIRCLES)
    return strict(pairs)


ONE_MASS = Rel("=", total(Item(m, TOKEN), TOKEN), 1)


def small_heat(heat: Any = beta) -> Proposition:
    """Say ``b < -log(1 - min m)``, as ``1 - m_i < e^{-b}``."""
    return Rel("<", 1 - Item(m, TOKEN), exp(-heat))


def large_heat(heat: Any = beta) -> Proposition:
    """Say ``(d-1)(n-1)²/π² <= b``."""
    return Rel("<=", (d - 1) * (n - 1) ** 2 / pi**2, heat)


def one_product(weight: Any, mass: Fact) -> None:
    """Refuse pairs that aren't weighed by m_i m_j, 0 < m_i."""
    wants(mass, Rel("<", 0, Item(m, TOKEN)))
    of_all(mass, TOKEN)
    if weight != Item(m, TOKEN) * Item(m, OTHER):
        raise NotConcluded("the pairs aren't weighed by m_i m_j alone")


def steepness(weight: Any, inner: Any, heat: Any) -> tuple[Any, Any]:
    """Return k' and ``b k - k'`` of ``w_ij = m_i m_j k(<x_i,x_j>)``."""
    place, power = Dummy("z", real=True), Dummy("e", positive=True)
    kernel = (weight / (Item(m, TOKEN) * Item(m, OTHER))).xreplace({inner: place})
    slope = kernel.diff(place)
    rest = heat * kernel - slope
    if heat == 0:
        return slope.xreplace({place: inner}), rest.xreplace({place: inner})

    def shown(a: Any) -> Any:  # as a quotient of polynomials in e^(b z)
        whole = factor(expand_power_exp(a.subs(place, log(power) / heat)))
        return whole.xreplace({power: exp(heat * inner)})

    return shown(slope), shown(rest)


def _small(
    slope: Fact,
    mirror: Fact,
    sign: Fact,
    mass: Fact,
    rise: Fact,
    slow: Fact,
    warm: Fact,
    sums: Fact,
    bound: Fact,
    dimension: Fact,
) -> Proposition:
    pairs, weight, inner = mirrored(slope, mirror, sign)
    above(sign, weight, strict=True)
    own = weight / (Item(m, TOKEN) * Item(m, OTHER))
    if not analytic(weight) or own.xreplace({inner: S.Zero}).has(Term):
        raise NotConcluded("the pairs aren't weighed by m_i m_j k(<x_i,x_j>), k analytic")
    heat = relation(warm, "<=").right
    above(warm, heat)
    if moving(heat):
        raise NotConcluded("b isn't constant")
    wants(mass, Rel("<", 0, Item(m, TOKEN)))
    rises, rest = steepness(weight, inner, heat)
    above(rise, rises)
    above(slow, rest)
    for fact in (mass, rise, slow):
        of_all(fact, TOKEN, OTHER, t)
    wants(sums, ONE_MASS)
    wants(bound, small_heat(heat))
    of_all(bound, TOKEN)
    wants(dimension, ON_CIRCLES)
    return strict(pairs)


def _tree(slope: Fact, mirror: Fact, sign: Fact, tree: Fact, dimension: Fact) -> Proposition:
    pairs, _, _ = form_of(slope, mirror, sign)
    wants(tree, forms_tree(pair_of(slope)[1]))
    wants(dimension, ON_CIRCLES)
    return strict(pairs)


def _two(
    slope: Fact, mirror: Fact, sign: Fact, hot: Fact, larger_than: Fact, dimension: Fact
) -> Proposition:
    pairs, weight, heat = form_of(slope, mirror, sign)
    masks = [a for a in Mul.make_args(weight) if isinstance(a, Entry)]
    mask = masks[0].args[0] if len(masks) == 1 else None
    if not isinstance(mask, Mask) or mask.kind != BIPARTITE or mask.parameter != 2:
        raise NotConcluded("no class has two tokens")
    if weight != Item(m, TOKEN) * Item(m, OTHER) * masks[0]:
        raise NotConcluded("the pairs aren't weighed by m_i m_j alone")
    wants(hot, Rel("<", 0, heat))
    wants(larger_than, Rel("<", 2, n))
    wants(dimension, CIRCLE)
    return strict(pairs)


_CONCLUDED = "each critical point of Σ_i Σ_j e_ij but consensus has a direction of E'' > 0"
TRACE = Rule(
    "trace of the second variation",
    "e_ij' = w(g) g'/2, g = <x_i,x_j>; (1-g) ((d-2-g) w + (1-g²) w'(g)) = a_ij: turned by P_i z, "
    "over an orthonormal basis of z, Σ_z E'' = Σ_i Σ_j a_ij of E = Σ_i Σ_j e_ij",
    "along geodesics g' = (1-g) <z, x_i + x_j>, and g'' = 2 <P_i z, P_j z> - (|P_i z|² + |P_j z|²) "
    "g: Σ_z (g')² = 2 (1-g)² (1+g), and Σ_z g'' = 2 (1-g) (d-2-g)",
    _trace,
)
IN_SPACE_SADDLES = Rule(
    "strict saddles in space",
    "e_ij' = w_ij <x_i,x_j>'/2, w_ij = S_ij e^(b<x_i,x_j>); w_ij = w_ji; 0 <= w_ij; pairs that "
    f"aren't 0 connect all; 0 <= b; 3 <= d: {_CONCLUDED}",
    "turn all x_i by P_i z, and sum over an orthonormal basis of z: Σ_z Hess[Pz,Pz] = Σ_(i≠j) S_ij "
    "e^(b g_ij) (1 - g_ij) (d - 2 - g_ij + b (1 - g_ij²)), whose terms are >= 0, and > 0 where "
    "g_ij < 1, as it is for some pair that isn't 0",
    _in_space,
)
COLD_SADDLES = Rule(
    "strict saddles of a barycentre",
    f"e_ij' = m_i m_j <x_i,x_j>'/2; w_ij = w_ji; 0 <= w_ij; 0 < m_i; 2 <= d: {_CONCLUDED}",
    "it is |V|²/2, V = Σ_i m_i x_i, and a constant: at V = 0, its least value, moving one token "
    "raises it to second order; else x_i = ± V/|V|, and a token at -V/|V|, turned by φ, gives "
    "m_i (|V| + m_i)(1 - cos φ)",
    _cold,
)
SMALL_SADDLES = Rule(
    "strict saddles of kernels that rise slowly",
    "e_ij' = w_ij <x_i,x_j>'/2, w_ij = m_i m_j k(<x_i,x_j>), k analytic; w_ij = w_ji; 0 < w_ij; 0 "
    "< m_i; 0 <= k'; 0 <= b k - k' at all states; 0 <= b; Σ_i m_i = 1; 1 - m_i < e^(-b) for every "
    f"i; 2 <= d: {_CONCLUDED}",
    "where no token has a second variation > 0 the trace Σ_(j≠i) m_j (k' (1 - g²) - (d-1) k g) <= "
    "0, g = g_ij, so Σ_(j≠i) m_j k g >= 0; k(g)/k(0) is between 1 and e^(b g), so (k/k(0) - 1) g "
    "<= (e^(b g) - 1) g <= e^b - 1 and Σ_(j≠i) m_j g >= -(1 - m_i)(e^b - 1): <x_i, Σ_j m_j x_j> "
    ">= 1 - (1 - m_i) e^b > 0, all are in an open hemisphere, where the lowest token moves unless "
    "all are one",
    _small,
)
TREE_SADDLES = Rule(
    "strict saddles of a tree",
    "e_ij' = w_ij <x_i,x_j>'/2, w_ij = S_ij e^(b<x_i,x_j>); w_ij = w_ji; 0 <= w_ij; pairs that "
    f"aren't 0 are a tree, and loops; 2 <= d: {_CONCLUDED}",
    "a leaf has P x_parent = 0, hence by induction all edges have g = ±1; where g = -1 turn one "
    "side of the tree by φ: only this edge changes, by w_ij (1 - cos φ) to second order",
    _tree,
)
TWO_SADDLES = Rule(
    "strict saddles of two against the rest",
    "e_ij' = w_ij <x_i,x_j>'/2, w_ij = m_i m_j e^(b<x_i,x_j>) for pairs across two classes, one of "
    f"two tokens, else 0; w_ij = w_ji; 0 <= w_ij; 0 < b; 2 < n; d = 2: {_CONCLUDED}",
    "tokens 1, 2 at angles 0, Δ; f(x) = e^(b cos x) sin x, f'/f = cot x - b sin x. 0 < Δ < π: a "
    "token across is on the short arc, or at a + b' = 2π - Δ > π from both, where its own second "
    "derivative has the sign of -sin(a+b')/(sin a sin b') + b (sin a + sin b') > 0; all on the "
    "short arc pull token 1 one way. Δ = 0: a token at π. Δ = π: a token elsewhere, or turn all at "
    "0 against all at π",
    _two,
)
